// The walks of panic.h.
#include "lang/panic.h"

#include "sched/sched.h"
#include "stack/unwind.h"

namespace vole::runtime {
extern "C" {
void runtime_gopanic() asm("runtime.gopanic");

// Frames from the inside, wrappers (of which deferreturn is one) skipped: this entry, gorecover, the function
// that says recover(), gopanic.
void rt_recoverable(RecoverableArgs* a, G* g) {
  a->result = false;
  Unwinder u(g);
  bool seen_gorecover = false, seen_caller = false;
  for (; u.valid(); u.next()) {
    if (!u.func()) continue;  // reflectcall counts as a wrapper
    if (u.func()->func_id == abi::FuncGopanic || u.func()->entry() == u64(&runtime_gopanic)) {
      a->result = seen_caller && u.fp() == a->p->sp;
      return;
    }
    for (InlineWalk w(u.func(), u.lookup_pc()); w.valid(); w.next()) {
      Source s = w.source();
      if (!seen_gorecover) {
        seen_gorecover = s.func == Str("runtime.gorecover");
      } else if (s.func_id == abi::FuncWrapper) {
        continue;
      } else if (!seen_caller) {
        seen_caller = true;
      } else {
        return;
      }
    }
  }
}

// func recoveryop(sp, pc uintptr): the frame with this SP returns from its call of deferreturn, as if nothing
// had happened.
[[noreturn]] void rt_recoveryop(u64* a, G* g) {
  u64 sp = a[0], pc = a[1];
  const FuncRecord* f = find_func(pc);
  check(f && f->deferreturn, "recovery in a function without deferred calls");
  u64 at = f->entry() + f->deferreturn;
  i32 delta = pc_value(f, f->pcsp, at);
  g->sched.sp = sp;
  g->sched.pc = at;
  g->sched.bp = sp + u64(delta) - 8;
  g->sched.ctxt = 0;
  rt_gogo(g);
}
[[noreturn]] void rt_goexitop(void*, G* g) { rt_goexit_g0(g); }
[[noreturn]] void rt_throwop(GoString* text, G* g) {
  g->throwing = 1;
  fatal(*text);
}
[[noreturn]] void rt_fatalop(GoString* text, G*) { fatal_misuse(*text); }
}
}  // namespace vole::runtime
