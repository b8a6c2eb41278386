// Printing where goroutines stand, in gc's form.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void traceback_goroutine(G* g);                     // header and frames
void traceback_from(G* g, u64 sp, u64 pc, u64 bp);  // as running, stopped there by a signal
void traceback_all(G* except);
void traceback_init();  // reads GOTRACEBACK
void set_traceback(Str level);
extern i32 traceback_level;  // 0 none, 1 user frames, 2 all frames
extern bool traceback_show_all, traceback_crash;
Str signal_text(u32 sig);
[[noreturn]] void die(G* g);  // exit status 2, or abort with GOTRACEBACK=crash

// func callersop(gp *g, skip int, pcs *uintptr, n int) int: program counters of logical frames, as
// runtime.Callers gives them. gp nil: the caller itself, whose bridge frame does not count.
struct CallersArgs {
  G* g;
  i64 skip;
  u64* pcs;
  i64 n, result;
};
struct StackArgs {  // func stackop(buf *byte, n int, all bool) int
  char* buf;
  i64 n;
  bool all;
  alignas(8) i64 result;
};
extern "C" {
void rt_callersop(CallersArgs* a, G* self);
void rt_stackop(StackArgs* a, G* g);
}
}  // namespace vole::runtime
