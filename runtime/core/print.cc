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
}  // namespace vole::runtime
