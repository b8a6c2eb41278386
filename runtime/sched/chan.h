// Channels: a ring buffer and two queues of waiting goroutines. A woken goroutine finds its result already written into its argument block
// by whoever woke it.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
bool chan_discard(Chan* c);  // empties a timer channel's buffer; true if there was a value
void queue_push(WaitQueue& q, Sudog* s);
void queue_remove(WaitQueue& q, Sudog* s);
Sudog* sudog_new(G* g);
void sudog_free(Sudog* s);
}  // namespace vole::runtime
