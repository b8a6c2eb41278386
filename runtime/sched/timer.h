// Timers: a four-ary heap by due time, owned by the holder of the P. Native timers (sleep, deadlines) run on
// the scheduler; timers with a Go function are handed to the timer goroutine, one after the other.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
enum TimerState : u8 { TimerIdle, TimerQueued, TimerFired };

struct TimerCall {  // func timerNext() (f func(any, uintptr, int64), arg any, seq uintptr, delta int64); nil
                    // f: ask again
  FuncVal* fn;
  Eface arg;
  u64 seq;
  i64 delta;  // how late it is
};
struct TimerClaimArgs {  // func timerClaim(t *timer) (f func(any, uintptr, int64), arg any, seq uintptr,
                         // delta int64)
  Timer* t;
  TimerCall call;
};
struct TimerStopArgs {  // func timerStop(t *timer) (active bool)
  Timer* t;
  bool active;
};
struct TimerResetArgs {  // func timerReset(t *timer, when, period int64) (active bool)
  Timer* t;
  i64 when, period;
  bool active;
};
extern "C" {
void rt_timerNext(TimerCall* a, G* g);
void rt_timerClaim(TimerClaimArgs* a, G*);
void rt_timerStop(TimerStopArgs* a, G*);
void rt_timerReset(TimerResetArgs* a, G*);
void rt_sleepUntil(i64* when, G* g);
}

void timer_add(Timer* t, i64 when);
bool timer_remove(Timer* t);  // true if it had not run
i64 timer_next();             // due time of the earliest, or 0
void timers_run(i64 now);
bool timers_exist();
}  // namespace vole::runtime
