// XXH3-128 over pieces: for noticing change, not for trust.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/base.h"

namespace vole {
struct Hash128 {
  u64 hi = 0, lo = 0;
  std::string hex() const;
  friend bool operator==(Hash128, Hash128) = default;
};
Hash128 hash_bytes(std::span<const u8> bytes);
// The same for bytes in pieces.
Hash128 hash_pieces(std::initializer_list<std::span<const u8>> pieces);

// Collects length-prefixed pieces, so that ("ab","c") and ("a","bc") differ.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void add(std::string_view text);
  void add(u64 v);
  void add(Hash128 h);
  Hash128 finish() const;

 private:
  void* state_;
};
}  // namespace vole
