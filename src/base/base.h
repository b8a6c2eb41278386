// The few names every part of vole uses: integer types, checks, unreachable.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vole {
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Reports a failed internal invariant and aborts. The note names what the thread was working on (see
// CrashNote).
[[noreturn]] void check_failed(const char* file, int line, const char* what);

// Names what this thread is doing (phase, package, function) for check_failed's message. Nests; the text must
// outlive the note.
class CrashNote {
 public:
  explicit CrashNote(const char* phase, const char* data, size_t len);
  ~CrashNote();
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;

 private:
  friend void check_failed(const char*, int, const char*);
  const char* phase_;
  const char* data_;
  size_t len_;
  CrashNote* outer_;
};
}  // namespace vole

#define VOLE_CHECK(cond) \
  (__builtin_expect(!!(cond), 1) ? (void)0 : ::vole::check_failed(__FILE__, __LINE__, #cond))
#ifdef NDEBUG
#define VOLE_DCHECK(cond) ((void)0)
#else
#define VOLE_DCHECK(cond) VOLE_CHECK(cond)
#endif
#define VOLE_UNREACHABLE(what) ::vole::check_failed(__FILE__, __LINE__, "unreachable: " what)
