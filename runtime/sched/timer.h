// Timers: a four-ary heap by due time, owned by the holder of the P. Native timers (sleep, deadlines) run on the scheduler; timers with a Go
// function are handed to the timer goroutine, one after the other.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
enum TimerState : u8 { TimerIdle, TimerQueued, TimerFired };
void timer_add(Timer* t, i64 when);
bool timer_remove(Timer* t);        // true if it had not run
i64 timer_next();                   // due time of the earliest, or 0
void timers_run(i64 now);
bool timers_exist();
void timer_service_goroutine(G* g); // where fired Go timers are handed out
}  // namespace vole::runtime
