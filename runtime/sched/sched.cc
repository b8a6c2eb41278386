// The scheduler of sched.h: queues, switching, threads and the monitor.
#include "sched/sched.h"

#include "mem/meta.h"
#include "os/os.h"
#include "os/signals.h"
#include "sched/netpoll.h"
#include "sched/synctest.h"
#include "sched/timer.h"
#include "stack/stack.h"
#include "trace/traceback.h"

namespace vole::runtime {
constinit P the_p = {};
constinit M first_m = {};
constinit G* all_goroutines = nullptr;
constinit u64 goroutine_count = 0;
constinit G* main_goroutine = nullptr;
constinit bool sched_stress = false;
constinit i64 preempt_after = 10000000;
constinit bool external_wakeups = false;

namespace {
constinit G* dead_goroutines = nullptr;
constinit u64 last_goid = 0;
constinit M* all_threads = nullptr;
constinit Atomic<M*> idle_threads = {nullptr};
constinit u64 thread_count = 0;
constinit Atomic<G*> injected = {nullptr};  // goroutines back from system calls whose thread lost the P
constinit Atomic<u32> detached = {0};       // goroutines in system calls without the P
constinit Atomic<u32> monitor_started = {0};
constinit bool main_did_goexit = false;
constinit u64 rng_state[2] = {0x9e3779b97f4a7c15, 0xd1b54a32d192ed03};

G* pop_random(RunQueue& q) {
  if (!q.length) return nullptr;
  for (u32 skip = random_below(u32(q.length)); skip; --skip) q.push(q.pop());
  return q.pop();
}

void take_injected() {
  if (!injected.load()) return;
  for (G* g = injected.exchange(nullptr); g;) {
    G* next = g->sched_next;
    detached.add(~0u);
    g->syscall_sp = 0;
    the_p.runq.push(g);
    g = next;
  }
}

void poll_sources() {
  take_injected();
  if (timers_exist()) timers_run(os::nanotime());
  netpoll(0);
  signals_deliver();
}

[[noreturn]] void deadlock() {
  // Tracebacks of everybody; nobody is running.
  first_m.throwing = 1;
  if (main_did_goexit) fatal_program("no goroutines (main called runtime.Goexit) - deadlock!");
  fatal_program("all goroutines are asleep - deadlock!");
}

[[noreturn]] void wait_for_turn(M* m) {
  while (m->wake.load() == 0) os::futex_sleep(&m->wake, 0, -1);
  m->wake.store(0);
  schedule(m);
}

// A thread with a goroutine of its own waits for that one alone.
[[noreturn]] void thread_idle(M* m) {
  for (M* head = idle_threads.load(); !m->locked_g;) {
    m->idle_next = head;
    if (idle_threads.cas(head, m)) break;
    head = idle_threads.load();
  }
  wait_for_turn(m);
}

void note_lock(M* m, G* g) {
  bool locked = g->locked_ext > 0 && g->status != Status::Dead;
  m->locked_g = locked ? g : nullptr;
  g->locked_m = locked ? m : nullptr;
}

extern "C" long rt_clone(u64 flags, u64 stack, void (*fn)(void*), void* arg);

void thread_main(void* arg) {
  M* m = static_cast<M*>(arg);
  os::syscall(os::SysArchPrctl, 0x1002, long(m->fs_base));
  m->tid = u64(os::syscall(os::SysGettid));
  signals_init_thread(m);
  wait_for_turn(m);
}

constexpr u64 kThreadFlags =
    0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;  // VM FS FILES SIGHAND THREAD SYSVSEM

bool spawn(void (*fn)(void*), void* arg, u64 stack_top) {
  // The child starts with signals blocked until it has an alternate stack.
  u64 all = ~u64(0), old = 0;
  os::syscall(os::SysRtSigprocmask, 2, long(&all), long(&old), 8);
  long r = rt_clone(kThreadFlags, stack_top, fn, arg);
  os::syscall(os::SysRtSigprocmask, 2, long(&old), 0, 8);
  return r > 0;
}

void thread_setup(M* m) {
  m->id = thread_count++;
  m->syscall_mark = kPSyscall | u32(m->id << 8);
  m->fs_base = u64(&m->tls[15]);
  m->mcache = &the_p.cache;
  m->p = &the_p;
  m->all_next = all_threads;
  all_threads = m;
}

constexpr u64 kSystemStack = 256 << 10;

// A thread that runs nothing.
M* spare_thread() {
  M* m;
  for (m = idle_threads.load(); m; m = idle_threads.load())
    if (idle_threads.cas(m, m->idle_next))
      return m;  // only the holder of the P pops, so no thread comes back in between
  m = meta_new<M>();
  thread_setup(m);
  u64 stack = u64(os::map(kSystemStack));
  check(stack != 0, "cannot map a thread's stack");
  m->g0_lo = stack;
  m->g0_sp = stack + kSystemStack - 64;
  check(spawn(thread_main, m, m->g0_sp), "cannot start a thread");
  return m;
}

// Passes the P, which the caller holds, to thread m.
void give(M* m) {
  the_p.m = m;
  m->wake.store(1);
  os::futex_wake(&m->wake, 1);
}
void hand_off() {
  the_p.status.store(kPRunning);
  give(spare_thread());
}

bool work_waits() {
  return the_p.runq.head || the_p.run_next || timers_exist() || netpoll_waiters() || injected.load() ||
         signals_wanted();
}

// Wakes every so often: takes the P from a thread that sits in a system call while others could run, and asks
// a goroutine that has been running for preempt_after to yield.
void monitor(void*) {
  constexpr i64 kFirstNap = 20000;
  i64 nap = kFirstNap;
  u32 seen_syscall = 0, seen_tick = 0;
  i64 since = os::nanotime();
  for (;;) {
    os::sleep_ns(nap);
    nap = min<i64>(nap * 2, max<i64>(preempt_after, kFirstNap));
    u32 status = the_p.status.load();
    if ((status & 0xff) == kPSyscall) {
      u32 tick = *static_cast<volatile u32*>(&the_p.syscall_tick);
      if (tick == seen_syscall && work_waits() && the_p.status.cas(status, kPRunning)) {
        detached.add(1);
        hand_off();
        nap = kFirstNap;
      } else if (tick != seen_syscall) {
        nap = min<i64>(nap, 1000000);
      }
      seen_syscall = tick;
      continue;
    }
    u32 tick = *static_cast<volatile u32*>(&the_p.sched_tick);
    i64 now = os::nanotime();
    if (tick != seen_tick) {
      seen_tick = tick;
      since = now;
    } else if (now - since >= preempt_after) {
      M* m = the_p.m;
      G* g = m ? *const_cast<G* volatile*>(&m->curg) : nullptr;
      if (g && status == kPRunning) {
        request_preempt(g);
        signal_preempt(m);
      }
      since = now;
    }
  }
}
}  // namespace

u64 random64() {
  // xorshift128+, seeded from the kernel's random bytes: scheduling order and map seeds, nothing secret.
  u64 a = rng_state[0], b = rng_state[1];
  rng_state[0] = b;
  a ^= a << 23;
  rng_state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
  return rng_state[1] + b;
}
u32 random_below(u32 n) { return u32((u64(u32(random64())) * n) >> 32); }

void start_monitor() {
  if (!monitor_started.cas(0, 1)) return;
  netpoll_init();  // so that a thread without the P can always wake its holder
  u64 size = 64 << 10;
  u64 stack = u64(os::map(size));
  if (!stack || !spawn(monitor, nullptr, stack + size - 64)) monitor_started.store(0);
}

void sched_init(M* m) {
  if (const char* seed = os::getenv("VOLE_SEED")) {
    u64 v = 0;
    while (*seed >= '0' && *seed <= '9') v = v * 10 + u64(*seed++ - '0');
    rng_state[0] ^= v * 0x2545f4914f6cdd1d;
  } else if (os::start.random) {
    memcpy(rng_state, reinterpret_cast<void*>(os::start.random), 16);
    rng_state[0] |= 1;
  }
  for (int i = 0; i < 8; ++i) random64();
  thread_setup(m);
  the_p.status.store(kPRunning);
  the_p.m = m;
}

extern "C" void runtime_goexit() asm("runtime.goexit");

G* new_goroutine(FuncVal* fn, u64 gopc, G* parent, bool system) {
  G* g = dead_goroutines;
  if (g) {
    dead_goroutines = g->free_next;
    u64 lo = g->stack_lo, hi = g->stack_hi, size = g->stack_size;
    *g = G{};
    g->stack_lo = lo, g->stack_hi = hi, g->stack_size = size;
    if (!lo) stack_init(g, abi::StackMin);
    else stack_reset_guard(g);
  } else {
    g = meta_new<G>();
    stack_init(g, abi::StackMin);
  }
  g->goid = ++last_goid;
  g->gopc = gopc;
  g->entry = fn;
  g->startpc = fn->code;
  g->system = system;
  if (parent) {
    g->parent_goid = parent->goid;
    g->fips_bypass = parent->fips_bypass;
    g->labels = parent->labels;
    if (!system && parent->bubble) bubble_add(parent->bubble, g);
  }
  u64 sp = g->stack_hi - 24;  // 8 mod 16, as after a call
  *reinterpret_cast<u64*>(sp + 8) = 0;
  *reinterpret_cast<u64*>(sp) = u64(&runtime_goexit) + 1;
  g->sched.sp = sp;
  g->sched.pc = fn->code;
  g->sched.ctxt = u64(fn);
  g->sched.bp = 0;
  g->status = Status::Waiting;
  g->all_next = all_goroutines;
  if (all_goroutines) all_goroutines->all_prev = g;
  all_goroutines = g;
  if (!system) {
    goroutine_count++;
    if (goroutine_count == 2) start_monitor();
  }
  return g;
}

void ready(G* g) {
  if (g->bubble && g->status == Status::Waiting) bubble_unblocked(g);
  g->status = Status::Runnable;
  g->wait = Wait::None;
  if (sched_stress) {
    the_p.runq.push(g);
    return;
  }
  if (the_p.run_next) the_p.runq.push(the_p.run_next);
  the_p.run_next = g;
}

void switch_to(M* m, G* g) {
  m->curg = g;
  g->m = m;
  g->status = Status::Running;
  the_p.sched_tick++;
  if (g->stackguard0 == abi::StackPreempt) stack_reset_guard(g);
  g->preempt = 0;
  if (sched_stress && random_below(4) == 0) g->stackguard0 = abi::StackPreempt;
  rt_gogo(g);
}

void schedule(M* m) {
  if (m->curg) note_lock(m, m->curg);
  m->curg = nullptr;
  the_p.m = m;
  m->p = &the_p;
  if (G* g = m->next_g) {
    m->next_g = nullptr;
    switch_to(m, g);
  }
  for (;;) {
    u32 tick = the_p.sched_tick;
    if (tick % 64 == 0) {
      the_p.sched_tick++;
      poll_sources();
    } else {
      if (tick % 8 == 0 && timers_exist()) timers_run(os::nanotime());
      take_injected();
    }
    G* g;
    if (sched_stress) {
      g = pop_random(the_p.runq);
    } else if (tick % 61 == 0 && the_p.runq.head) {
      g = the_p.runq.pop();
    } else {
      g = the_p.run_next;
      the_p.run_next = nullptr;
      if (!g) g = the_p.runq.pop();
    }
    if (g) {
      M* on = g->locked_m ? g->locked_m : m->locked_g && m->locked_g != g ? spare_thread() : m;
      if (on == m) switch_to(m, g);
      on->next_g = g;
      give(on);
      thread_idle(m);
    }

    poll_sources();
    if (the_p.runq.head || the_p.run_next) continue;
    i64 next = timer_next();
    if (!next && !netpoll_waiters() && !detached.load() && !injected.load() && !external_wakeups) deadlock();
    netpoll_wait(next);
  }
}

// Stress: a parked stack moves too, so that whatever still points to where it was is found out.
static void stress_parked(G* g) {
  if (!stack_stress || !stack_movable(g) || (g->stack_size > (64 << 10) && random_below(16))) return;
  stack_copy(g, g->stack_size);
}

void park(G* g, Wait why) {
  g->status = Status::Waiting;
  g->wait = why;
  g->wait_since = 0;
  if (g->bubble) bubble_blocked(g, why);
  stress_parked(g);
  schedule(g->m);
}

void yield_goroutine(G* g) {
  g->status = Status::Runnable;
  the_p.runq.push(g);
  schedule(g->m);
}

void request_preempt(G* g) {
  g->preempt = 1;
  __atomic_store_n(&g->stackguard0, abi::StackPreempt, __ATOMIC_RELEASE);
}

M* running_thread() { return the_p.status.load() == kPRunning ? the_p.m : nullptr; }

void wake_holder() { netpoll_break(); }

const char* wait_text(Wait w) {
  switch (w) {
    case Wait::None: return "";
    case Wait::ChanReceiveNil: return "chan receive (nil chan)";
    case Wait::ChanSendNil: return "chan send (nil chan)";
    case Wait::Select: return "select";
    case Wait::SelectNoCases: return "select (no cases)";
    case Wait::ChanReceive: return "chan receive";
    case Wait::ChanSend: return "chan send";
    case Wait::Semacquire: return "semacquire";
    case Wait::Sleep: return "sleep";
    case Wait::CondWait: return "sync.Cond.Wait";
    case Wait::MutexLock: return "sync.Mutex.Lock";
    case Wait::RWMutexRLock: return "sync.RWMutex.RLock";
    case Wait::RWMutexLock: return "sync.RWMutex.Lock";
    case Wait::WaitGroupWait: return "sync.WaitGroup.Wait";
    case Wait::IO: return "IO wait";
    case Wait::Coroutine: return "coroutine";
    case Wait::FinalizerWait: return "finalizer wait";
    case Wait::TimerIdle: return "timer wait";
    case Wait::SignalIdle: return "syscall";
    case Wait::SynctestRun: return "synctest.Run";
    case Wait::SynctestWait: return "synctest.Wait";
    case Wait::Syscall: return "syscall";
    case Wait::Stopped: return "stopped";
    case Wait::Preempted: return "preempted";
  }
  return "";
}

extern "C" {
// The prologue of a function found too little room, or was asked to let others run.
[[noreturn]] void rt_newstack(G* g) {
  u64 guard = g->stackguard0;
  if (guard == abi::StackPreempt) {
    stack_reset_guard(g);
    if (stack_stress) g->stackguard0 = g->stack_lo + abi::StackGuard;
    if (g->locks == 0) yield_goroutine(g);
    g->stackguard0 = g->stack_lo + abi::StackGuard;
    if (g->sched.sp > g->stack_lo + abi::StackGuard) rt_gogo(g);
  }
  if (guard == kStressGuard) {
    // Stress: the stack moves although it is large enough; the retried check must pass.
    stack_copy(g, g->stack_size);
    g->stackguard0 = g->stack_lo + abi::StackGuard;
    rt_gogo(g);
  }
  u64 size = g->stack_size * 2;
  if (size > stack_max) {
    print("runtime: goroutine stack exceeds ", stack_max, "-byte limit\n");
    print("runtime: sp=", Hex{g->sched.sp}, " stack=[", Hex{g->stack_lo}, ", ", Hex{g->stack_hi}, "]\n");
    fatal("stack overflow");
  }
  stack_copy(g, size);
  if (stack_stress) g->stackguard0 = g->stack_lo + abi::StackGuard;
  rt_gogo(g);
}

// A goroutine was stopped between two instructions.
[[noreturn]] void rt_async_yield(G* g) { yield_goroutine(g); }

// A goroutine's function returned.
[[noreturn]] void rt_goexit_g0(G* g) {
  M* m = g->m;
  if (g->bubble) bubble_remove(g);
  g->status = Status::Dead;
  if (g == main_goroutine) main_did_goexit = true;
  (g->all_prev ? g->all_prev->all_next : all_goroutines) = g->all_next;
  if (g->all_next) g->all_next->all_prev = g->all_prev;
  if (!g->system) goroutine_count--;
  if (g->stack_size != u64(abi::StackMin)) stack_free(g);
  g->free_next = dead_goroutines;
  dead_goroutines = g;
  schedule(m);
}

[[noreturn]] void rt_exitsyscall_slow(G* g) {
  M* m = g->m;
  g->status = Status::Runnable;
  note_lock(m, g);
  m->curg = nullptr;
  for (G* head = injected.load();;) {
    g->sched_next = head;
    if (injected.cas(head, g)) break;
    head = injected.load();
  }
  wake_holder();
  thread_idle(m);
}

// func newproc1(fn *funcval, pc uintptr, system bool)
void rt_newproc1(void* args, G* g) {
  struct A {
    FuncVal* fn;
    u64 pc;
    bool system;
  }* a = static_cast<A*>(args);
  G* n = new_goroutine(a->fn, a->pc, g, a->system);
  ready(n);
}
void rt_goschedop(void*, G* g) { yield_goroutine(g); }
// For packages that stop and wake goroutines themselves (golib/runtime/linkname.go).
void rt_parkop(void*, G* g) { park(g, Wait::Semacquire); }
void rt_readyop(G** gp, G*) {
  if ((*gp)->status == Status::Waiting) ready(*gp);
}
void rt_numGoroutine(i64* result, G*) { *result = i64(goroutine_count); }

// ---- coroutines (iter.Pull) ---------------------------------------------------------------------
void rt_coroinit(CoroInitArgs* a, G* g) {
  G* n = new_goroutine(a->start, a->pc, g, false);
  n->coro = a->c;
  n->wait = Wait::Coroutine;
  a->c->g = n;
}
void rt_coroswap(CoroSwapArgs* a, G* g) {
  G* next = a->c->g;
  a->ok = next != nullptr;
  if (!next) return;
  a->c->g = g;
  if (next->bubble) next->bubble->active++;  // as many are active as before
  if (g->bubble) g->bubble->active--;
  M* m = g->m;
  g->status = Status::Waiting;
  g->wait = Wait::Coroutine;
  next->wait = Wait::None;
  stress_parked(g);
  switch_to(m, next);
}
// func coroexit(c *coro): the coroutine's function is done; its goroutine ends and the other side goes on.
void rt_coroexit(Coro** a, G* g) {
  G* next = (*a)->g;
  (*a)->g = nullptr;
  if (next) {
    if (next->bubble) next->bubble->active++;
    next->status = Status::Runnable;
    next->wait = Wait::None;
    g->m->next_g = next;
  }
  rt_goexit_g0(g);
}
}
}  // namespace vole::runtime
