// Sifting in the heap of timer_heap.h: the hole moves, the entry is written once.
#include "sched/timer_heap.h"

#include "mem/meta.h"

namespace vole::runtime {
void TimerHeap::place(u64 i, Entry e) {
  entries[i] = e;
  e.timer->index = i;
}
void TimerHeap::up(u64 i, Entry e) {
  while (i > 0) {
    u64 parent = (i - 1) / 4;
    if (entries[parent].when <= e.when) break;
    place(i, entries[parent]);
    i = parent;
  }
  place(i, e);
}
void TimerHeap::down(u64 i, Entry e) {
  for (;;) {
    u64 first = i * 4 + 1;
    if (first >= size) break;
    u64 best = first;
    for (u64 c = first + 1; c < min(first + 4, size); ++c)
      if (entries[c].when < entries[best].when) best = c;
    if (entries[best].when >= e.when) break;
    place(i, entries[best]);
    i = best;
  }
  place(i, e);
}
void TimerHeap::push(Timer* t) {
  if (size == room) {
    u64 more = room ? room * 2 : 256;
    entries = static_cast<Entry*>(meta_grow(entries, room * sizeof(Entry), more * sizeof(Entry)));
    room = more;
  }
  size++;
  up(size - 1, {t->when, t});
}
void TimerHeap::erase(Timer* t) {
  u64 i = t->index;
  Entry last = entries[--size];
  if (i == size) return;
  if (i > 0 && last.when < entries[(i - 1) / 4].when) up(i, last);
  else down(i, last);
}
}  // namespace vole::runtime
