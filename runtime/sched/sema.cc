// The semaphores of sema.h stand in a table of queues by address, each shared by several; a condition's list
// hangs at itself.
#include "sched/sema.h"

#include "sched/sched.h"
#include "sched/wait_queue.h"

namespace vole::runtime {
namespace {
constexpr u64 kBuckets = 256;
constinit WaitQueue table[kBuckets] = {};
WaitQueue& bucket(u32* address) { return table[(u64(address) >> 3) * 0x9e3779b97f4a7c15 >> 56]; }

bool before(u32 a, u32 b) { return i32(a - b) < 0; }
}  // namespace

extern "C" {
void rt_semacquireop(SemaAcquireArgs* a, G* g) {
  u32 v = __atomic_load_n(a->address, __ATOMIC_ACQUIRE);
  while (v > 0)
    if (__atomic_compare_exchange_n(a->address, &v, v - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return;
  Sudog* s = sudog_new(g);
  s->sema = a->address;
  WaitQueue& q = bucket(a->address);
  if (a->lifo) queue_push_front(q, s);
  else queue_push(q, s);
  park(g, Wait(a->reason));
}

void rt_semreleaseop(SemaReleaseArgs* a, G* g) {
  WaitQueue& q = bucket(a->address);
  for (Sudog* s = q.first; s; s = s->next) {
    if (s->sema != a->address) continue;
    queue_remove(q, s);
    G* waiter = s->g;
    sudog_free(s);
    ready(waiter);
    if (a->handoff && g->locks == 0) yield_goroutine(g);
    return;
  }
  __atomic_add_fetch(a->address, 1, __ATOMIC_ACQ_REL);
}

void rt_notifyListWaitop(NotifyWaitArgs* a, G* g) {
  if (before(a->ticket, a->l->notify)) return;
  Sudog* s = sudog_new(g);
  s->ticket = a->ticket;
  (a->l->tail ? a->l->tail->next : a->l->head) = s;
  a->l->tail = s;
  park(g, Wait::CondWait);
}
void rt_notifyListNotifyAllop(NotifyList** a, G*) {
  NotifyList* l = *a;
  Sudog* s = l->head;
  l->head = l->tail = nullptr;
  l->notify = l->wait.load();
  while (s) {
    Sudog* next = s->next;
    G* waiter = s->g;
    sudog_free(s);
    ready(waiter);
    s = next;
  }
}
void rt_notifyListNotifyOneop(NotifyList** a, G*) {
  NotifyList* l = *a;
  u32 t = l->notify;
  if (t == l->wait.load()) return;
  l->notify = t + 1;
  Sudog* last = nullptr;
  for (Sudog* s = l->head; s; last = s, s = s->next) {
    if (s->ticket != t) continue;
    (last ? last->next : l->head) = s->next;
    if (l->tail == s) l->tail = last;
    G* waiter = s->g;
    sudog_free(s);
    ready(waiter);
    return;
  }
}
}
}  // namespace vole::runtime
