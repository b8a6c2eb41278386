// Signals: faults of Go code become panics, a few end the program with tracebacks, those os/signal asked for
// are queued.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void signals_init();
void signals_init_thread(M* m);       // alternate stack, mask cleared
void signals_deliver();               // hands a queued signal to the goroutine in signal_recv
bool signals_wanted();                // some are queued
[[noreturn]] void die_from(int sig);  // ends the process as the signal does by default
void signal_preempt(
    M* m);  // makes the goroutine on m yield where it is, if it is asked to and the place is good

// What os/signal asks for.
struct SignalSetArgs {  // func signalSet(sig uint32, what uint32)
  u32 signal;
  u32 what;  // 0 to default, 1 to the queue, 2 ignored
};
struct SignalIgnoredArgs {  // func signalIgnored(sig uint32) bool
  u32 signal;
  alignas(8) bool result;
};
extern "C" {
void rt_signalRecv(u32* result, G* g);  // func signalRecv() uint32
void rt_signalSet(SignalSetArgs* a, G*);
void rt_signalIgnored(SignalIgnoredArgs* a, G*);
void rt_signalIdle(bool* idle, G*);  // whether none is queued
}

inline G* tls_g() {
  G* g;
  asm volatile("movq %%fs:-8, %0" : "=r"(g));
  return g;
}
}  // namespace vole::runtime
