// Sleep and wake for package sync: counting semaphores keyed by address, and the ticket lists of sync.Cond. A release with somebody
// waiting passes the count on directly.
#include "sched/chan.h"
#include "sched/sched.h"

namespace vole::runtime {
namespace {
constexpr u64 kBuckets = 256;
constinit WaitQueue table[kBuckets] = {};
WaitQueue& bucket(u32* address) { return table[(u64(address) >> 3) * 0x9e3779b97f4a7c15 >> 56]; }

struct NotifyList {
  Atomic<u32> wait;
  u32 notify;
  u64 lock;
  Sudog *head, *tail;
};
bool before(u32 a, u32 b) { return i32(a - b) < 0; }
}  // namespace

extern "C" {
// func semacquireop(addr *uint32, lifo bool, reason uint8)
void rt_semacquireop(void* args, G* g) {
  struct A {
    u32* address;
    bool lifo;
    u8 reason;
  }* a = static_cast<A*>(args);
  u32 v = __atomic_load_n(a->address, __ATOMIC_ACQUIRE);
  while (v > 0)
    if (__atomic_compare_exchange_n(a->address, &v, v - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return;
  Sudog* s = sudog_new(g);
  s->sema = a->address;
  WaitQueue& q = bucket(a->address);
  if (a->lifo) {
    s->next = q.first;
    (q.first ? q.first->prev : q.last) = s;
    q.first = s;
  } else {
    queue_push(q, s);
  }
  park(g, Wait(a->reason));
}

// func semreleaseop(addr *uint32, handoff bool)
void rt_semreleaseop(void* args, G* g) {
  struct A {
    u32* address;
    bool handoff;
  }* a = static_cast<A*>(args);
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

// func notifyListWait(l *notifyList, t uint32)
void rt_notifyListWaitop(void* args, G* g) {
  struct A {
    NotifyList* l;
    u32 ticket;
  }* a = static_cast<A*>(args);
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
