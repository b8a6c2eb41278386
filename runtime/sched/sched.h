// Goroutines on threads. One P exists and whoever holds it runs Go code and owns every structure here, so the
// scheduler has no locks: the P is the lock. A thread that enters a system call leaves the P claimable; the
// monitor hands it to another thread when the call takes long, and the returning thread queues its goroutine
// in `injected` and waits for its own turn.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
extern P the_p;
extern M first_m;
extern G* all_goroutines;
extern u64 goroutine_count;  // without system ones
extern G* main_goroutine;

G* new_goroutine(FuncVal* fn, u64 gopc, G* parent, bool system);
void ready(G* g);  // make a waiting goroutine runnable
[[noreturn]] void schedule(M* m);
[[noreturn]] void park(G* g, Wait why);   // the bridge's caller continues after ready()
[[noreturn]] void yield_goroutine(G* g);  // to the end of the queue
[[noreturn]] void switch_to(M* m, G* g);  // run g now on m
void request_preempt(G* g);
void sched_init(M* m);
void start_monitor();  // the thread that takes back the P; started with the second goroutine
M* running_thread();   // the thread that runs Go code now; safe in signal handlers
void wake_holder();    // interrupts the idle wait of whoever holds the P; safe in signal handlers

extern "C" [[noreturn]] void rt_gogo(G* g);
u64 random64();
u32 random_below(u32 n);
extern bool sched_stress;      // GODEBUG=schedstress=1
extern i64 preempt_after;      // nanoseconds a goroutine may run before it is asked to yield;
                               // GODEBUG=preemptstress=1 makes it 0
extern bool external_wakeups;  // signals are routed to a channel: an empty queue is no deadlock
const char* wait_text(Wait w);

// Coroutines (iter.Pull).
struct Coro {
  G* g;  // the side that is not running
  FuncVal* f;
};
struct CoroInitArgs {  // func coroinit(c *coro, start func(), pc uintptr)
  Coro* c;
  FuncVal* start;
  u64 pc;
};
struct CoroSwapArgs {  // func coroswap(c *coro) (ok bool)
  Coro* c;
  bool ok;
};
extern "C" {
void rt_goschedop(void*, G* g);
[[noreturn]] void rt_goexit_g0(G* g);  // the end of g
void rt_coroinit(CoroInitArgs* a, G* g);
void rt_coroswap(CoroSwapArgs* a, G* g);
void rt_coroexit(Coro** c, G* g);
}
}  // namespace vole::runtime
