// Block copies and comparisons that clang emits calls to. The rep forms are what the machine does best for
// long blocks; short ones go by words.
#include "core/core.h"

namespace vole::runtime {
extern "C" {
__attribute__((no_builtin("memcpy"))) void* memcpy(void* to, const void* from, size_t n) noexcept {
  return memmove(to, from, n);
}

__attribute__((no_builtin("memmove"))) void* memmove(void* to, const void* from, size_t n) noexcept {
  u8* t = static_cast<u8*>(to);
  const u8* f = static_cast<const u8*>(from);
  if (t == f || n == 0) return to;
  if (u64(t) - u64(f) >= n) {
    if (n >= 256) {
      u64 count = n;
      asm volatile("rep movsb" : "+D"(t), "+S"(f), "+c"(count) : : "memory");
      return to;
    }
    while (n >= 8) {
      __builtin_memcpy_inline(t, f, 8);
      t += 8, f += 8, n -= 8;
    }
    while (n--) {
      *t++ = *f++;
      asm volatile("" ::: "memory");
    }
    return to;
  }
  while (n >= 8) {
    n -= 8;
    __builtin_memcpy_inline(t + n, f + n, 8);
  }
  while (n--) {
    t[n] = f[n];
    asm volatile("" ::: "memory");
  }
  return to;
}

__attribute__((no_builtin("memset"))) void* memset(void* to, int value, size_t n) noexcept {
  void* t = to;
  asm volatile("rep stosb" : "+D"(t), "+c"(n) : "a"(value) : "memory");
  return to;
}

__attribute__((no_builtin("memcmp"))) int memcmp(const void* a, const void* b, size_t n) noexcept {
  const u8 *x = static_cast<const u8*>(a), *y = static_cast<const u8*>(b);
  for (size_t i = 0; i < n; ++i)
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  return 0;
}
}
}  // namespace vole::runtime
