// Bump allocation. An arena owns everything made in it and frees it at once; nothing in it has a destructor
// that matters. Not thread safe: one thread allocates from an arena at a time.
#pragma once
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/base.h"

namespace vole {
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&& o) noexcept { swap(o); }
  Arena& operator=(Arena&& o) noexcept {
    swap(o);
    return *this;
  }
  ~Arena() { free_slabs(); }

  // Returns `size` uninitialised bytes aligned to `align` (a power of two).
  void* allocate(size_t size, size_t align) {
    size_t p = (cur_ + align - 1) & ~(align - 1);
    if (__builtin_expect(p + size > end_, 0)) return allocate_slow(size, align);
    cur_ = p + size;
    return reinterpret_cast<void*>(p);
  }

  template <class T, class... Args>
  T* make(Args&&... args) {
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // Returns n value-initialised elements.
  template <class T>
  std::span<T> make_span(size_t n) {
    if (n == 0) return {};
    T* p = static_cast<T*>(allocate(n * sizeof(T), alignof(T)));
    for (size_t i = 0; i < n; i++) new (p + i) T();
    return {p, n};
  }

  template <class Range>
  auto copy(const Range& r) -> std::span<std::remove_cv_t<std::remove_reference_t<decltype(*std::data(r))>>> {
    using T = std::remove_cv_t<std::remove_reference_t<decltype(*std::data(r))>>;
    size_t n = std::size(r);
    if (n == 0) return {};
    T* p = static_cast<T*>(allocate(n * sizeof(T), alignof(T)));
    const T* from = std::data(r);
    for (size_t i = 0; i < n; i++) new (p + i) T(from[i]);
    return {p, n};
  }

  std::string_view copy_string(std::string_view s) {
    if (s.empty()) return {};
    char* p = static_cast<char*>(allocate(s.size(), 1));
    std::memcpy(p, s.data(), s.size());
    return {p, s.size()};
  }

  // Forgets everything allocated; keeps the first slab for reuse.
  void reset();
  // Bytes obtained from the system.
  size_t bytes_reserved() const { return reserved_; }

 private:
  void* allocate_slow(size_t size, size_t align);
  void free_slabs();
  void swap(Arena& o) noexcept {
    std::swap(cur_, o.cur_);
    std::swap(end_, o.end_);
    std::swap(reserved_, o.reserved_);
    slabs_.swap(o.slabs_);
  }
  struct Slab {
    char* data;
    size_t size;
  };
  size_t cur_ = 0, end_ = 0, reserved_ = 0;
  std::vector<Slab> slabs_;
};
}  // namespace vole
