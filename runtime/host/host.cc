// How host.h keeps control. The scheduler runs a goroutine by loading its sched; those of tests start at
// rt_host_land, which returns from rt_host_call as if that had been an ordinary call. A goroutine that parks
// would let the scheduler choose another: M::next_g, which goes before all others, makes that the driver, a
// goroutine that stands for the test itself.
//
// Stubs find g in the word below FS. Here that word must be the last of the program's thread-local block,
// which start() checks: this file's library stands behind all others when the test is linked.
#include "host/host.h"

#include <sys/resource.h>

#include "mem/heap.h"
#include "sched/sched.h"

namespace vole::runtime {
alignas(64) thread_local u64 thread_slots[8] = {};

extern "C" {
// What the archive refers to and compiled Go code has.
constinit abi::ModuleData host_module asm("runtime.firstmoduledata") = {};
[[noreturn]] void host_main() asm("runtime.main");
void host_main() { fatal("no Go code here"); }
[[noreturn]] void host_gopanic() asm("runtime.gopanic");
void host_gopanic() { fatal("gopanic"); }
[[noreturn]] void host_sigpanic() asm("runtime.sigpanic");
void host_sigpanic() { fatal("sigpanic"); }
[[noreturn]] void host_sigpanic0() asm("runtime.sigpanic0");
void host_sigpanic0() { fatal("sigpanic0"); }

G* rt_host_call(void (*fn)(void*, G*), void* args,
                G* g);  // null when fn returned, else the goroutine that would run
void rt_host_land();
}
asm(R"(
  .text
  .globl rt_host_call
rt_host_call:
  pushq %rbp
  movq %rsp, %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  movq %rsp, rt_host_sp(%rip)
  movq %rdi, %rax
  movq %rsi, %rdi
  movq %rdx, %rsi
  call *%rax
  xorl %eax, %eax
  jmp 1f
  .globl rt_host_land
rt_host_land:
  movq rt_host_sp(%rip), %rsp
  movq %r14, %rax
1:
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .local rt_host_sp
  .comm rt_host_sp, 8, 8
)");

namespace host {
FuncVal function = {u64(&rt_host_land)};

namespace {
constinit G driver = {};
constinit G* switched = nullptr;

void land_here(G* g) { g->sched.pc = function.code; }
void run_scheduler(void*, G*) { schedule(&first_m); }

G* call(void (*fn)(void*, G*), void* args, G* g) {
  thread_slots[7] = u64(g);
  G* resumed = rt_host_call(fn, args, g);
  thread_slots[7] = 0;
  first_m.curg = nullptr;
  first_m.next_g = nullptr;
  return resumed;
}
}  // namespace

void start() {
  if (page_heap.lo) return;
  u64 fs;
  asm("movq %%fs:0, %0" : "=r"(fs));
  check(u64(&thread_slots[7]) == fs - 8, "the word of g is not where stubs look for it");
  sched_init(&first_m);
  heap_init();
  land_here(&driver);
}

G* new_goroutine() {
  start();
  G* g = runtime::new_goroutine(&function, 0, nullptr, true);
  g->m = &first_m;
  g->status = Status::Running;
  return g;
}

Outcome enter_untyped(void (*entry)(void*, G*), void* args, G* g) {
  first_m.next_g = &driver;
  first_m.curg = g;
  G* resumed = call(entry, args, g);
  switched = resumed != &driver ? resumed : nullptr;
  return resumed ? Outcome::Waits : Outcome::Returned;
}

G* switched_to() { return switched; }

G* next_ready(u32 tick) {
  if (!the_p.run_next && !the_p.runq.head) return nullptr;
  the_p.sched_tick = tick;
  return call(run_scheduler, nullptr, nullptr);
}

void no_more_memory() {
  rlimit none = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_AS, &none);
}

G* wait_ready() {
  the_p.sched_tick = 1;
  return call(run_scheduler, nullptr, nullptr);
}
}  // namespace host
}  // namespace vole::runtime
