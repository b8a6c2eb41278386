// Bubbles of testing/synctest: a group of goroutines with a clock of its own that advances when all of them
// are durably blocked.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
struct Bubble {
  i64 now;
  u64 total;   // goroutines in it
  u64 active;  // those not durably blocked
  G *root, *waiter;
  Timer* timers;  // by due time
  u64 id;
  bool done, root_done;
};
void bubble_add(Bubble* b, G* g);
void bubble_remove(G* g);
void bubble_blocked(G* g, Wait why);
void bubble_unblocked(G* g);
void bubble_timer_add(Timer* t);
void bubble_timer_remove(Timer* t);

struct JoinArgs {  // func synctestJoin(b unsafe.Pointer) (old unsafe.Pointer)
  Bubble *b, *old;
};
extern "C" {
void rt_synctestBegin(bool* ok, G* g);
void rt_synctestEnd(i64* blocked, G* g);
void rt_synctestLeave(void*, G* g);
void rt_synctestRootDone(void*, G* g);
void rt_synctestWait(i64* result, G* g);
void rt_synctestNow(i64* now, G* g);
void rt_synctestJoin(JoinArgs* a, G* g);
}

void timer_fire(Timer* t, i64 now);
}  // namespace vole::runtime
