// The runtime's own base: fixed-width names, atomics over compiler builtins, strings without a library, the
// allocation-free printer and the one way to die. Nothing here needs a header beyond <stdint.h>.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace vole::runtime {
using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i8 = int8_t;
using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;

template <class T>
constexpr T min(T a, T b) {
  return a < b ? a : b;
}
template <class T>
constexpr T max(T a, T b) {
  return a > b ? a : b;
}
constexpr u64 align_up(u64 n, u64 a) { return (n + a - 1) & ~(a - 1); }

// An atomic marks a race that is meant; everything else is protected by holding the P.
template <class T>
struct Atomic {
  T value;
  T load() const { return __atomic_load_n(&value, __ATOMIC_ACQUIRE); }
  void store(T v) { __atomic_store_n(&value, v, __ATOMIC_RELEASE); }
  T exchange(T v) { return __atomic_exchange_n(&value, v, __ATOMIC_ACQ_REL); }
  bool cas(T old, T desired) {
    return __atomic_compare_exchange_n(&value, &old, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }
  T add(T n) { return __atomic_add_fetch(&value, n, __ATOMIC_ACQ_REL); }
  T fetch_or(T n) { return __atomic_fetch_or(&value, n, __ATOMIC_ACQ_REL); }
};

// Text that somebody else owns.
struct Str {
  const char* ptr = nullptr;
  i64 len = 0;
  constexpr Str() = default;
  constexpr Str(const char* p, i64 n) : ptr(p), len(n) {}
  constexpr Str(const char* z) : ptr(z) {
    while (z[len]) ++len;
  }
  bool operator==(Str o) const {
    if (len != o.len) return false;
    for (i64 i = 0; i < len; ++i)
      if (ptr[i] != o.ptr[i]) return false;
    return true;
  }
  bool starts_with(Str o) const { return len >= o.len && Str(ptr, o.len) == o; }
  bool contains(char c) const {
    for (i64 i = 0; i < len; ++i)
      if (ptr[i] == c) return true;
    return false;
  }
};

extern "C" {
void* memcpy(void* to, const void* from, size_t n) noexcept;
void* memmove(void* to, const void* from, size_t n) noexcept;
void* memset(void* to, int value, size_t n) noexcept;
int memcmp(const void* a, const void* b, size_t n) noexcept;
}

// ---- printing to standard error (or into a buffer, see PrintTo), never allocating ---------------
struct Hex {
  u64 value;
};
void print(Str s);
void print(char c);
void print(u64 v);
void print(i64 v);
void print(Hex v);
void print_quoted(Str s);  // in double quotes, with escapes for all but printable ASCII
inline void print(u32 v) { print(u64(v)); }
inline void print(i32 v) { print(i64(v)); }
inline void print(const char* s) { print(Str(s)); }
inline void print(const void* p) { print(Hex{u64(p)}); }
template <class A, class B, class... Rest>
void print(A a, B b, Rest... rest) {
  print(a);
  print(b);
  if constexpr (sizeof...(rest) > 0) print(rest...);
}

// While one lives, print() fills the buffer and drops what does not fit.
class PrintTo {
 public:
  PrintTo(char* buffer, i64 size);
  ~PrintTo();
  i64 written() const;

 private:
  char* saved_;
  i64 saved_size_, saved_used_;
};

// "fatal error: TEXT", the tracebacks, exit status 2. For faults of the runtime itself, and what it cannot go
// on after: its own frames and goroutines are shown as well, with addresses.
[[noreturn]] void fatal(Str text);
// The same when all of the program's goroutines together did wrong: theirs are shown.
[[noreturn]] void fatal_program(Str text);
// The same for what one goroutine did wrong: it alone is shown.
[[noreturn]] void fatal_misuse(Str text);
inline void check(bool ok, const char* text) {
  if (!ok) [[unlikely]]
    fatal(text);
}
}  // namespace vole::runtime
