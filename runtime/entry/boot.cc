// From the kernel's first instruction to the main goroutine: what the stack holds, TLS, heap, scheduler,
// signals; then runtime.main in the overlay takes over on a goroutine. Also the small entries that hand
// process facts to Go.
#include "mem/heap.h"
#include "os/os.h"
#include "os/signals.h"
#include "sched/sched.h"
#include "stack/stack.h"
#include "trace/traceback.h"

namespace vole::runtime {
extern "C" {
void runtime_main() asm("runtime.main");

static constinit Mcache hidden = {};  // stack stress: runs that Go code does not see
static constinit FuncVal main_func = {0};

// The system stack is the one the kernel gave us; a deep traceback or heap walk has room there.
[[noreturn]] void rt_start(u64* sp) {
  os::read_start_stack(sp);
  M* m = &first_m;
  m->g0_sp = (u64(sp) - 1024) & ~u64(15);
  sched_init(m);
  os::syscall(os::SysArchPrctl, 0x1002, long(m->fs_base));
  m->tid = u64(os::syscall(os::SysGettid));
  heap_init();
  traceback_init();
  stack_stress = os::debug_flag("stackstress");
  escape_check = os::debug_flag("escapecheck");
  sched_stress = os::debug_flag("schedstress");
  if (os::debug_flag("preemptstress")) preempt_after = 0;
  signals_init();
  signals_init_thread(m);
  main_func.code = u64(&runtime_main);
  main_goroutine = new_goroutine(&main_func, 0, nullptr, false);
  ready(main_goroutine);
  if (!preempt_after) start_monitor();
  schedule(m);
}

[[noreturn]] void rt_exitop(i64* code, G*) { os::exit(int(*code)); }

// ---- memory -------------------------------------------------------------------------------------
// func mallocslow(size uintptr, typ *abi.Type) unsafe.Pointer
void rt_mallocslow(void* args, G* g) {
  struct A {
    u64 size;
    Type* type;
    void* result;
  }* a = static_cast<A*>(args);
  if (!stack_stress) {
    a->result = heap_alloc(g->m->mcache, a->size, a->type);
    return;
  }
  // Go code's fast path never finds room under stress, so that every allocation comes here and makes the next
  // check move the stack.
  a->result = heap_alloc(&hidden, a->size, a->type);
  bool deep = g->stack_size > (64 << 10) &&
              random_below(u32(g->stack_size >> 14)) != 0;  // large stacks move less often
  if (g->stackguard0 != abi::StackPreempt && !deep) g->stackguard0 = kStressGuard;
}
// func heapobject(p unsafe.Pointer) (base, size uintptr)
void rt_heapobject(void* args, G*) {
  struct A {
    u64 p, base, size;
  }* a = static_cast<A*>(args);
  if (!heap_object_of(a->p, a->base, a->size)) a->base = a->size = 0;
}
// func inheap(p uintptr) bool
void rt_inheap(void* args, G*) {
  struct A {
    u64 p;
    bool result;
  }* a = static_cast<A*>(args);
  a->result = page_heap.span_of(a->p) != nullptr;
}
// func metaalloc(n uintptr) unsafe.Pointer: memory outside the heap that lives for ever.
void rt_metaalloc(void* args, G*) {
  struct A {
    u64 n;
    void* result;
  }* a = static_cast<A*>(args);
  a->result = meta_alloc(a->n);
}
// func heapstats(s *[16]uint64, classes *[136]uint64): classes counts the slots of each run that have been
// used
void rt_heapstats(void* args, G* g) {
  struct A {
    u64 (*s)[16];
    u64 (*classes)[kNumClasses * 2];
  }* a = static_cast<A*>(args);
  auto& s = *a->s;
  s[0] = page_heap.hi - page_heap.lo;
  s[1] = page_heap.in_use_pages * kPageSize;
  s[2] = heap_stats.stack_bytes;
  s[3] = heap_stats.large_count;
  s[4] = heap_stats.large_bytes;
  s[5] = meta_bytes;
  s[6] = g->m->mcache->tiny_allocs;
  s[7] = page_heap.used - page_heap.lo;
  for (int i = 0; i < kNumClasses * 2; ++i) {
    const Run& r = (stack_stress ? &hidden : g->m->mcache)->runs[i];
    (*a->classes)[i] = heap_stats.small_taken[i] - (r.size ? (r.end - r.next) / r.size : 0);
  }
}

// ---- process facts ------------------------------------------------------------------------------
// func moddata() *moduledata
void rt_moddata(void** result, G*) { *result = const_cast<abi::ModuleData*>(&rt_module); }
// func startinfo(info *[8]uintptr)
void rt_startinfo(u64 (**a)[8], G*) {
  auto& s = **a;
  s[0] = u64(os::start.argc);
  s[1] = u64(os::start.argv);
  s[2] = u64(os::start.envp);
  s[3] = u64(os::start.auxv);
  s[4] = os::start.page_size;
  s[5] = u64(os::start.ncpu);
  s[6] = os::vdso_gettimeofday();
  s[7] = stack_stress || sched_stress;
}
// func rawsyscall(n, a, b, c, d, e, f uintptr) (r int)
void rt_rawsyscall(i64* a, G*) { a[7] = os::syscall6(a[0], a[1], a[2], a[3], a[4], a[5], a[6]); }
// func bootrand() uint64
void rt_bootrand(u64* result, G*) { *result = random64(); }
// func randseed(p *[4]uint64)
void rt_randseed(u64 (**a)[4], G*) {
  if (os::getenv("VOLE_SEED") || os::syscall(os::SysGetrandom, long(*a), 32, 0) != 32)
    for (u64& w : **a) w = random64();
}
// func setmaxstackop(n uintptr) (old uintptr)
void rt_setmaxstackop(u64* a, G*) {
  a[1] = stack_max;
  stack_max = a[0];
}
// func checklayout(gsize, timersize, chansize uintptr)
void rt_checklayout(u64* a, G*) {
  check(a[0] == offsetof(G, wait_since) && a[1] == sizeof(Timer) && a[2] == sizeof(Chan) &&
            a[3] == sizeof(Panic),
        "golib/runtime disagrees with the archive about layouts");
}
}
}  // namespace vole::runtime
