// The heap of timer.h and what time.Timer needs of it.
#include "sched/timer.h"

#include "os/os.h"
#include "sched/chan.h"
#include "sched/sched.h"
#include "sched/synctest.h"
#include "sched/timer_heap.h"

namespace vole::runtime {
namespace {
constinit TimerHeap heap = {};
constinit Timer *fired_first = nullptr, *fired_last = nullptr;
constinit G* server = nullptr;  // the timer goroutine; its param is the call it waits for, when it waits

// The call that a timer which came due is for.
void take_call(Timer* t, TimerCall* a) {
  *a = {t->fn, t->arg, t->seq, t->delta};
  t->state = TimerIdle;
  if (t->period > 0) {
    // Late firings are skipped, the rhythm stays.
    i64 behind = t->delta > 0 ? t->delta : 0;
    timer_add(t, t->when + t->period * (1 + behind / t->period));
  }
}

bool hand_out(TimerCall* a) {
  Timer* t = fired_first;
  if (!t) return false;
  fired_first = t->next;
  if (!fired_first) fired_last = nullptr;
  t->next = nullptr;
  server->bubble = t->bubble;  // counted in when it fired
  take_call(t, a);
  return true;
}
}  // namespace

void timer_add(Timer* t, i64 when) {
  if (when < 0) when = INT64_MAX;
  t->when = when;
  t->state = TimerQueued;
  if (!t->bubble) heap.push(t);
  else if (when > t->bubble->now) bubble_timer_add(t);
  else timer_fire(t, t->bubble->now);  // the bubble's clock stands while its goroutines run
}

bool timer_remove(Timer* t) {
  if (t->state == TimerQueued) {
    if (t->bubble) bubble_timer_remove(t);
    else heap.erase(t);
    t->state = TimerIdle;
    return true;
  }
  if (t->state == TimerFired) {
    Timer** link = &fired_first;
    Timer* before = nullptr;
    while (*link != t) {
      before = *link;
      link = &before->next;
    }
    *link = t->next;
    if (fired_last == t) fired_last = before;
    t->next = nullptr;
    t->state = TimerIdle;
    if (t->bubble) t->bubble->total--, t->bubble->active--;
    return true;
  }
  return false;
}

i64 timer_next() { return heap.size ? heap.next_due() : 0; }
bool timers_exist() { return heap.size > 0 || fired_first; }

void timer_fire(Timer* t, i64 now) {
  if (t->native) {
    t->state = TimerIdle;
    t->native_fn(t);
    return;
  }
  t->state = TimerFired;
  if (t->bubble) t->bubble->total++, t->bubble->active++;
  t->delta = now - t->when;
  t->next = nullptr;
  (fired_last ? fired_last->next : fired_first) = t;
  fired_last = t;
  if (server && server->param) {
    // The server asks again when it runs: until then Stop and Reset can still take the timer back.
    static_cast<TimerCall*>(server->param)->fn = nullptr;
    server->param = nullptr;
    ready(server);
  }
}

void timers_run(i64 now) {
  while (heap.size && heap.next_due() <= now) {
    Timer* t = heap.first();
    heap.erase(t);
    timer_fire(t, now);
  }
}

extern "C" {
void rt_timerNext(TimerCall* a, G* g) {
  server = g;
  if (g->bubble) bubble_remove(g);
  if (hand_out(a)) return;
  g->param = a;
  park(g, Wait::TimerIdle);
}

// Whoever looks at a timer's channel runs a timer
// that is due instead of waiting for the server.
void rt_timerClaim(TimerClaimArgs* a, G*) {
  Timer* t = a->t;
  a->call.fn = nullptr;
  if (t->state == TimerQueued) {
    i64 now = t->bubble ? t->bubble->now : os::nanotime();
    if (t->when > now) return;
    t->delta = now - t->when;
  }
  if (timer_remove(t)) take_call(t, &a->call);
}

// A timer's channel never shows a value sent before the last Stop or Reset.
static bool drain(Timer* t) {
  if (!t->is_chan || !t->chan) return false;
  return chan_discard(t->chan);
}

void rt_timerStop(TimerStopArgs* a, G*) {
  bool active = timer_remove(a->t);
  if (drain(a->t)) active = true;
  a->active = active;
}

void rt_timerReset(TimerResetArgs* a, G*) {
  bool active = timer_remove(a->t);
  if (drain(a->t)) active = true;
  a->t->period = a->period;
  timer_add(a->t, a->when);
  a->active = active;
}

void rt_sleepUntil(i64* when, G* g) {
  Timer* t = &g->sleep_timer;
  *t = Timer{};
  t->native = true;
  t->arg.data = g;
  t->bubble = g->bubble;
  t->native_fn = [](Timer* timer) { ready(static_cast<G*>(timer->arg.data)); };
  timer_add(t, *when);
  park(g, Wait::Sleep);
}

void rt_nanotime(i64* result, G*) { *result = os::nanotime(); }
void rt_walltime(void* args, G*) {
  struct A {
    i64 sec;
    i32 nsec;
  }* a = static_cast<A*>(args);
  os::walltime(a->sec, a->nsec);
}
}
}  // namespace vole::runtime
