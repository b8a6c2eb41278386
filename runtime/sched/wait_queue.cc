// Queues and pool of wait_queue.h. Sudogs in the pool are linked through `more`.
#include "sched/wait_queue.h"

#include "mem/meta.h"

namespace vole::runtime {
namespace {
constinit Sudog* spare = nullptr;
}

void queue_push(WaitQueue& q, Sudog* s) {
  s->next = nullptr;
  s->prev = q.last;
  (q.last ? q.last->next : q.first) = s;
  q.last = s;
}
void queue_push_front(WaitQueue& q, Sudog* s) {
  s->prev = nullptr;
  s->next = q.first;
  (q.first ? q.first->prev : q.last) = s;
  q.first = s;
}
void queue_remove(WaitQueue& q, Sudog* s) {
  (s->prev ? s->prev->next : q.first) = s->next;
  (s->next ? s->next->prev : q.last) = s->prev;
  s->next = s->prev = nullptr;
}
Sudog* sudog_new(G* g) {
  Sudog* s = spare;
  if (s) spare = s->more;
  else s = meta_new<Sudog>();
  *s = Sudog{};
  s->g = g;
  return s;
}
void sudog_free(Sudog* s) {
  s->more = spare;
  spare = s;
}
}  // namespace vole::runtime
