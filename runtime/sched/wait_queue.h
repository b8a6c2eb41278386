// Who waits for something: a queue of sudogs, each one wait of a goroutine, and the pool they come from.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void queue_push(WaitQueue& q, Sudog* s);
void queue_push_front(WaitQueue& q, Sudog* s);
void queue_remove(WaitQueue& q, Sudog* s);
Sudog* sudog_new(G* g);
void sudog_free(Sudog* s);
}  // namespace vole::runtime
