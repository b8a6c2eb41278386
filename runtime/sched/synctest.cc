// The life of a bubble: who counts as blocked, when its clock moves.
#include "sched/synctest.h"

#include "mem/meta.h"
#include "sched/sched.h"
#include "sched/timer.h"

namespace vole::runtime {
namespace {
constinit u64 last_bubble = 0;

bool durable(G* g, Wait why) {
  switch (why) {
    case Wait::ChanReceive:
    case Wait::ChanSend:
    case Wait::Select:
      for (Sudog* s = g->waiting; s; s = s->more)
        if (s->chan->bubble != g->bubble) return false;
      return true;
    case Wait::ChanReceiveNil:
    case Wait::ChanSendNil:
    case Wait::SelectNoCases:
    case Wait::Sleep:
    case Wait::CondWait:
    case Wait::WaitGroupWait:
    case Wait::Coroutine:
    case Wait::SynctestRun:
    case Wait::SynctestWait: return true;
    default: return false;
  }
}

// Nobody in the bubble can go on by itself: the waiter is told, or time passes to the next timer, or the run
// is over.
void settle(Bubble* b) {
  if (b->active > 0) return;
  if (b->waiter) {
    G* w = b->waiter;
    b->waiter = nullptr;
    ready(w);
    return;
  }
  if (b->timers && !b->root_done) {
    // All timers of that instant fire. The goroutine that a timer starts or wakes joins the active ones; a Go
    // function runs on the timer goroutine outside, so the bubble is held open until it returns.
    b->now = max(b->now, b->timers->when);
    while (b->timers && b->timers->when <= b->now) {
      Timer* t = b->timers;
      b->timers = t->next;
      t->next = nullptr;
      timer_fire(t, b->now);
    }
    settle(b);
    return;
  }
  if (b->root && b->root->status == Status::Waiting && b->root->wait == Wait::SynctestRun) {
    b->done = true;
    ready(b->root);
  }
}
}  // namespace

void bubble_add(Bubble* b, G* g) {
  g->bubble = b;
  b->total++;
  // Counted as active when ready() takes it out of its first wait.
}
void bubble_remove(G* g) {
  Bubble* b = g->bubble;
  g->bubble = nullptr;
  b->total--;
  b->active--;
  settle(b);
}
void bubble_blocked(G* g, Wait why) {
  g->leaked = durable(g, why);  // remembered until unblocked: whether it stopped counting
  if (!g->leaked) return;
  g->bubble->active--;
  settle(g->bubble);
}
void bubble_unblocked(G* g) {
  if (g->leaked || g->wait == Wait::None) g->bubble->active++;
  g->leaked = 0;
}

// Sorted by time; those of one instant stand in any order.
void bubble_timer_add(Timer* t) {
  Timer** at = &t->bubble->timers;
  while (*at && (*at)->when < t->when) at = &(*at)->next;
  while (*at && (*at)->when == t->when && random_below(2)) at = &(*at)->next;
  t->next = *at;
  *at = t;
}
void bubble_timer_remove(Timer* t) {
  Timer** at = &t->bubble->timers;
  while (*at != t) at = &(*at)->next;
  *at = t->next;
  t->next = nullptr;
}

extern "C" {
// func synctestBegin() (ok bool): the calling goroutine becomes the root of a new bubble.
void rt_synctestBegin(bool* ok, G* g) {
  *ok = !g->bubble;
  if (g->bubble) return;
  Bubble* b = meta_new<Bubble>();
  b->now = 946684800000000000;  // midnight UTC 2000-01-01
  b->id = ++last_bubble;
  b->total = b->active = 1;
  b->root = g;
  g->bubble = b;
}
// func synctestEnd() (blocked int): waits until nothing in the bubble can go on; returns twice the number of
// goroutines left, plus one when the bubble's function is among them.
void rt_synctestEnd(i64* blocked, G* g) {
  Bubble* b = g->bubble;
  if (b->total == 1 && !b->timers) {
    *blocked = 0;
    return;
  }
  if (b->done) {
    *blocked = i64(b->total - 1) * 2 + !b->root_done;
    return;
  }
  *blocked = -1;  // ask again after waking
  park(g, Wait::SynctestRun);
}
void rt_synctestLeave(void*, G* g) { g->bubble = nullptr; }
void rt_synctestRootDone(void*, G* g) { g->bubble->root_done = true; }
// func synctestWait() (result int): 1 not in a bubble, 2 somebody else waits already
void rt_synctestWait(i64* result, G* g) {
  Bubble* b = g->bubble;
  *result = 0;
  if (!b) {
    *result = 1;
    return;
  }
  if (b->waiter) {
    *result = 2;
    return;
  }
  if (b->active == 1) return;
  b->waiter = g;
  park(g, Wait::SynctestWait);
}
void rt_synctestNow(i64* now, G* g) { *now = g->bubble ? g->bubble->now : 0; }
void rt_synctestJoin(JoinArgs* a, G* g) {
  a->old = g->bubble;
  if (g->bubble) {
    g->bubble->total--;
    g->bubble->active--;
    Bubble* left = g->bubble;
    g->bubble = nullptr;
    settle(left);
  }
  if (a->b) {
    g->bubble = a->b;
    a->b->total++;
    a->b->active++;
  }
}
}
}  // namespace vole::runtime
