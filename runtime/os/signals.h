// Signals: faults of Go code become panics, a few end the program with tracebacks, those os/signal asked for are queued.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void signals_init();
void signals_init_thread(M* m);   // alternate stack, mask cleared
void signals_deliver();           // hands a queued signal to the goroutine in signal_recv
bool signals_wanted();            // some are queued
[[noreturn]] void die_from(int sig);  // ends the process as the signal does by default
void signals_profile();           // SIGPROF comes here from now on
void signal_preempt(M* m);        // makes the goroutine on m yield where it is, if it is asked to and the place is good
inline G* tls_g() {
  G* g;
  asm volatile("movq %%fs:-8, %0" : "=r"(g));
  return g;
}
}  // namespace vole::runtime
