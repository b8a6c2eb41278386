// The printer under fatal errors and tracebacks: a small buffer on the way to standard error, no allocation,
// usable in a signal handler.
#include "core/core.h"
#include "os/os.h"

namespace vole::runtime {
namespace {
constinit char* sink = nullptr;
constinit i64 sink_size = 0, sink_used = 0;
}  // namespace

PrintTo::PrintTo(char* buffer, i64 size) : saved_(sink), saved_size_(sink_size), saved_used_(sink_used) {
  sink = buffer;
  sink_size = size;
  sink_used = 0;
}
PrintTo::~PrintTo() {
  sink = saved_;
  sink_size = saved_size_;
  sink_used = saved_used_;
}
i64 PrintTo::written() const { return sink_used; }

void print(Str s) {
  if (sink) {
    i64 n = min(s.len, sink_size - sink_used);
    for (i64 i = 0; i < n; ++i) sink[sink_used + i] = s.ptr[i];
    sink_used += n;
    return;
  }
  os::write_stderr(s.ptr, s.len);
}
void print(char c) { print(Str(&c, 1)); }

void print(u64 v) {
  char buf[20];
  int at = 20;
  do {
    buf[--at] = char('0' + v % 10);
    v /= 10;
  } while (v);
  print(Str(buf + at, 20 - at));
}
void print(i64 v) {
  if (v < 0) {
    print('-');
    print(u64(0) - u64(v));
  } else {
    print(u64(v));
  }
}
void print(Hex h) {
  char buf[18];
  int at = 18;
  u64 v = h.value;
  do {
    buf[--at] = "0123456789abcdef"[v & 15];
    v >>= 4;
  } while (v);
  buf[--at] = 'x';
  buf[--at] = '0';
  print(Str(buf + at, 18 - at));
}

namespace {
// Decodes the rune at s.ptr[i]; its length, or 0 when the bytes are no UTF-8.
i64 decode(Str s, i64 i, u32& rune) {
  u8 lead = u8(s.ptr[i]);
  i64 len = lead < 0x80                   ? 1
            : lead >= 0xc2 && lead < 0xe0 ? 2
            : (lead & 0xf0) == 0xe0       ? 3
            : lead >= 0xf0 && lead < 0xf5 ? 4
                                          : 0;
  if (len == 0 || i + len > s.len) return 0;
  constexpr u32 kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  rune = len == 1 ? lead : lead & (0xffu >> (len + 1));
  for (i64 k = 1; k < len; ++k) {
    u8 c = u8(s.ptr[i + k]);
    if ((c & 0xc0) != 0x80) return 0;
    rune = rune << 6 | (c & 0x3f);
  }
  bool surrogate = rune >= 0xd800 && rune < 0xe000;
  return rune < kLeast[len] || rune > 0x10ffff || surrogate ? 0 : len;
}
void print_escape(char kind, u32 v, int digits) {
  char buf[10] = {'\\', kind};
  for (int k = digits; k-- > 0; v >>= 4) buf[2 + k] = "0123456789abcdef"[v & 15];
  print(Str(buf, 2 + digits));
}
}  // namespace

void print_quoted(Str s) {
  print('"');
  for (i64 i = 0; i < s.len;) {
    u32 r;
    i64 len = decode(s, i, r);
    if (len == 0) {
      print_escape('x', u8(s.ptr[i++]), 2);
      continue;
    }
    i += len;
    if (r == '\n') print("\\n");
    else if (r == '\r') print("\\r");
    else if (r == '\t') print("\\t");
    else if (r == '\\' || r == '"') print('\\'), print(char(r));
    else if (r >= ' ' && r <= '~') print(char(r));
    else if (r < 0x7f) print_escape('x', r, 2);
    else if (r < 0x10000) print_escape('u', r, 4);
    else print_escape('U', r, 8);
  }
  print('"');
}
}  // namespace vole::runtime
