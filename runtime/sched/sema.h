// Sleep and wake for package sync: counting semaphores keyed by address, and the ticket lists of sync.Cond. A
// release with somebody waiting passes the count on directly.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
struct SemaAcquireArgs {  // func semacquireop(addr *uint32, lifo bool, reason uint8)
  u32* address;
  bool lifo;  // to the front of the queue
  u8 reason;  // a Wait
};
struct SemaReleaseArgs {  // func semreleaseop(addr *uint32, handoff bool)
  u32* address;
  bool handoff;  // the goroutine woken runs at once
};
struct NotifyList {  // sync.notifyList
  Atomic<u32> wait;  // next ticket
  u32 notify;        // next ticket to be notified
  u64 lock;
  Sudog *head, *tail;
};
struct NotifyWaitArgs {  // func notifyListWaitop(l *notifyList, t uint32)
  NotifyList* l;
  u32 ticket;
};
extern "C" {
void rt_semacquireop(SemaAcquireArgs* a, G* g);
void rt_semreleaseop(SemaReleaseArgs* a, G* g);
void rt_notifyListWaitop(NotifyWaitArgs* a, G* g);
void rt_notifyListNotifyAllop(NotifyList** a, G*);
void rt_notifyListNotifyOneop(NotifyList** a, G*);
}
}  // namespace vole::runtime
