// Interned strings. A Name is a pointer into a process-wide table: equal text means equal pointer, comparison
// and hashing are pointer operations, and the text lives until the process ends. Interning is thread safe
// (sharded locks); reading needs no lock.
#pragma once
#include <functional>
#include <string_view>

#include "base/base.h"

namespace vole {
struct NameEntry {
  const char* data;
  u32 len;
  u32 hash;  // of the text, the same in every run
};

class Name {
 public:
  constexpr Name() = default;
  explicit constexpr Name(const NameEntry* e) : entry_(e) {}
  // Returns the one Name for `text`; copies the text when it is new.
  static Name intern(std::string_view text);

  std::string_view text() const {
    return entry_ ? std::string_view(entry_->data, entry_->len) : std::string_view();
  }
  bool empty() const { return entry_ == nullptr || entry_->len == 0; }
  explicit operator bool() const { return !empty(); }
  u32 hash() const { return entry_ ? entry_->hash : 0; }
  const NameEntry* entry() const { return entry_; }
  friend bool operator==(Name a, Name b) { return a.entry_ == b.entry_; }
  friend bool operator==(Name a, std::string_view b) { return a.text() == b; }
  template <class H>
  friend H AbslHashValue(H h, Name n) {
    return H::combine(std::move(h), n.entry_);
  }

 private:
  const NameEntry* entry_ = nullptr;
};
}  // namespace vole

template <>
struct std::hash<vole::Name> {
  size_t operator()(vole::Name n) const noexcept { return reinterpret_cast<size_t>(n.entry()) >> 4; }
};
