// Bubbles of testing/synctest: a group of goroutines with a clock of its own that advances when all of them are durably blocked.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
struct Bubble {
  i64 now;
  u64 total;            // goroutines in it
  u64 active;           // those not durably blocked
  G *root, *waiter;
  Timer* timers;        // by due time
  u64 id;
  bool done, root_done;
};
void bubble_add(Bubble* b, G* g);
void bubble_remove(G* g);
void bubble_blocked(G* g, Wait why);
void bubble_unblocked(G* g);
void bubble_timer_add(Timer* t);
void bubble_timer_remove(Timer* t);
void timer_fire(Timer* t, i64 now);
}  // namespace vole::runtime
