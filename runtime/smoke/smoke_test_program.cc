// A program made of clang's code alone that stands in for compiled Go: it starts through the archive's entry,
// runs goroutines, channels, select, timers, semaphores and the poller through the bridges, and ends with
// status 0 or says what was wrong. No stack may grow here.
#include "core/layout.h"
#include "os/os.h"
#include "sched/sched.h"

namespace vole::runtime {
extern "C" {
constinit abi::ModuleData smoke_module asm("runtime.firstmoduledata") = {};
void smoke_gopanic() asm("runtime.gopanic");
void smoke_gopanic() { fatal("gopanic"); }
void smoke_sigpanic() asm("runtime.sigpanic");
void smoke_sigpanic() { fatal("sigpanic"); }
void smoke_sigpanic0() asm("runtime.sigpanic0");
void smoke_sigpanic0() { fatal("sigpanic0"); }
void invoke(void (*bridge)(), u64* args, u64 words);
}
asm(R"(
  .text
  .globl invoke
invoke:
  pushq %rbp
  movq %rsp, %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  pushq %rsi
  pushq %rdx
  movq %rdx, %rcx
  leaq (,%rdx,8), %rax
  subq %rax, %rsp
  movq %rdi, %rax
  movq %rsp, %rdi
  cld
  rep movsq
  call *%rax
  movq -56(%rbp), %rcx
  movq -48(%rbp), %rdi
  movq %rsp, %rsi
  rep movsq
  movq -8(%rbp), %rbx
  movq -16(%rbp), %r12
  movq -24(%rbp), %r13
  movq -32(%rbp), %r14
  movq -40(%rbp), %r15
  movq %rbp, %rsp
  popq %rbp
  ret

  .globl bracketed
bracketed:
  pushq %rbp
  movq %rsp, %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  movq %rdi, %rbx
  movq %fs:-8, %r14
  call "runtime.entersyscall"
  call *%rbx
  movq %fs:-8, %r14
  call "runtime.exitsyscall"
  movq -8(%rbp), %rbx
  movq -16(%rbp), %r12
  movq -24(%rbp), %r13
  movq -32(%rbp), %r14
  movq -40(%rbp), %r15
  movq %rbp, %rsp
  popq %rbp
  ret
)");
extern "C" void bracketed(void (*fn)());

#define BRIDGE(name) extern "C" void bridge_##name() asm("runtime." #name ".abi0")
BRIDGE(newproc1);
BRIDGE(goschedop);
BRIDGE(chansendop);
BRIDGE(chanrecvop);
BRIDGE(chancloseop);
BRIDGE(selectop);
BRIDGE(sleepUntil);
BRIDGE(nanotime);
BRIDGE(semacquireop);
BRIDGE(semreleaseop);
BRIDGE(mallocslow);
BRIDGE(exitop);
BRIDGE(pollOpen);
BRIDGE(pollWait);
BRIDGE(pollReset);
BRIDGE(rawsyscall);
BRIDGE(numGoroutine);

namespace {
template <class... A>
u64 call(void (*bridge)(), int result, A... a) {
  u64 args[] = {u64(a)..., 0, 0, 0};
  invoke(bridge, args, sizeof args / 8);
  return args[result];
}
constinit Type word_type = {8, 0, 0, 0, 8, 8, abi::KInt, nullptr, nullptr, 0, 0};
constinit u64 buffer[4] = {};
constinit Chan unbuffered = {0, 0, nullptr, 8, &word_type, 0, 0, {}, {}, nullptr, 0, nullptr};
constinit Chan buffered = {0, 4, nullptr, 8, &word_type, 0, 0, {}, {}, nullptr, 0, nullptr};
constinit Chan done = {0, 0, nullptr, 8, &word_type, 0, 0, {}, {}, nullptr, 0, nullptr};
constinit u32 sema = 0;
constinit u64 pipe_ctx = 0;
constinit i32 pipe_fds[2] = {}, blocking_fds[2] = {};

void expect(bool ok, const char* what) {
  if (ok) return;
  call(bridge_rawsyscall, 7, 1, 2, what, Str(what).len, 0, 0, 0);
  call(bridge_rawsyscall, 7, 1, 2, "\n", 1, 0, 0, 0);
  call(bridge_exitop, 0, 3);
}
void producer() {
  for (u64 i = 1; i <= 1000; ++i) {
    u64 v = i;
    expect(call(bridge_chansendop, 3, &unbuffered, &v, 1) == 1, "send");
  }
  expect(call(bridge_chancloseop, 1, &unbuffered) == 0, "close");
}
void buffered_producer() {
  for (u64 i = 1; i <= 100; ++i) {
    u64 v = i;
    call(bridge_chansendop, 3, &buffered, &v, 1);
  }
  u64 v = 7;
  call(bridge_chansendop, 3, &done, &v, 1);
}
void sema_waiter() {
  call(bridge_semacquireop, 0, &sema, u64(7) << 8);
  u64 v = 9;
  call(bridge_chansendop, 3, &done, &v, 1);
}
void pipe_reader() {
  u64 ctx = pipe_ctx;
  expect(call(bridge_pollWait, 2, ctx, 'r') == 0, "pollWait");
  u64 v = 11;
  call(bridge_chansendop, 3, &done, &v, 1);
}
void blocking_read() {
  char c;
  os::syscall(os::SysRead, blocking_fds[0], long(&c), 1);
}
void blocking_reader() {
  bracketed(blocking_read);
  u64 v = 13;
  call(bridge_chansendop, 3, &done, &v, 1);
}
void spawn(void (*fn)()) {
  u64* closure = reinterpret_cast<u64*>(call(bridge_mallocslow, 2, 8, 0));
  *closure = u64(fn);
  call(bridge_newproc1, 0, closure, 0, 0);
}
void thunk_producer() { producer(); }
}  // namespace

extern "C" void smoke_main() asm("runtime.main");
extern "C" void smoke_main() {
  buffered.buf = reinterpret_cast<u8*>(buffer);
  spawn(thunk_producer);
  u64 sum = 0, v = 0, r;
  while ((r = call(bridge_chanrecvop, 3, &unbuffered, &v, 1)) == 1) sum += v;
  expect(r == 2 && sum == 500500, "unbuffered channel");

  spawn(buffered_producer);
  sum = 0;
  struct {
    Chan* c;
    void* elem;
  } cases[2] = {{&buffered, &v}, {&done, &v}};
  u16 order[4];
  for (bool more = true; more;) {
    u64 args[8] = {u64(&cases), u64(&order), 0, 2, 1, 0, 0};
    invoke(bridge_selectop, args, 7);
    if (args[5] == 0) sum += v;
    if (args[5] == 1) more = false;
  }
  // The producer is ahead of us by at most the buffer.
  while (call(bridge_chanrecvop, 3, &buffered, &v, 0) == 1) sum += v;
  expect(sum == 5050, "buffered channel and select");

  spawn(sema_waiter);
  call(bridge_goschedop, 0, 0);
  call(bridge_semreleaseop, 0, &sema, 0);
  call(bridge_chanrecvop, 3, &done, &v, 1);
  expect(v == 9, "semaphore");

  i64 start = i64(call(bridge_nanotime, 0, 0));
  call(bridge_sleepUntil, 0, start + 3000000);
  i64 slept = i64(call(bridge_nanotime, 0, 0)) - start;
  expect(slept >= 3000000, "sleep");

  expect(call(bridge_rawsyscall, 7, 293, &pipe_fds, 0x800, 0, 0, 0, 0) == 0, "pipe2");
  pipe_ctx = call(bridge_pollOpen, 1, pipe_fds[0]);
  expect(pipe_ctx != 0, "pollOpen");
  spawn(pipe_reader);
  call(bridge_goschedop, 0, 0);
  call(bridge_rawsyscall, 7, 1, pipe_fds[1], "x", 1, 0, 0, 0);
  call(bridge_chanrecvop, 3, &done, &v, 1);
  expect(v == 11, "poller");

  // A system call that blocks must not keep the others: while one thread sits in read, this goroutine goes on
  // on another.
  for (int round = 0; round < 3; ++round) {
    expect(call(bridge_rawsyscall, 7, 293, &blocking_fds, 0, 0, 0, 0, 0) == 0, "pipe2");
    spawn(blocking_reader);
    call(bridge_sleepUntil, 0, i64(call(bridge_nanotime, 0, 0)) + 1000000);
    call(bridge_rawsyscall, 7, 1, blocking_fds[1], "x", 1, 0, 0, 0);
    call(bridge_chanrecvop, 3, &done, &v, 1);
    expect(v == 13, "blocking system call");
  }

  // Objects of all sizes are apart, aligned and zero.
  u64 last = 0;
  for (u64 size = 8; size < 200000; size = size * 3 / 2 + 8) {
    u64 p = call(bridge_mallocslow, 2, size, 0);
    expect(p != last && p % 8 == 0 && *reinterpret_cast<u64*>(p) == 0, "allocation");
    u8* b = reinterpret_cast<u8*>(p);
    b[0] = b[size - 1] = 1;
    last = p;
  }
  expect(call(bridge_numGoroutine, 0, 0) == 1, "goroutine count");
  call(bridge_exitop, 0, 0);
}
}  // namespace vole::runtime
