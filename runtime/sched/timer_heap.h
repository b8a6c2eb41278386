// Timers by due time: a four-ary heap whose entries know their timers and the other way round, so that any
// timer can be taken out.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
struct TimerHeap {
  struct Entry {
    i64 when;
    Timer* timer;
  };
  Entry* entries;
  u64 size, room;

  Timer* first() const { return size ? entries[0].timer : nullptr; }
  i64 next_due() const { return entries[0].when; }
  void push(Timer* t);  // due at t->when, which stays while it is here
  void erase(Timer* t);

 private:
  void place(u64 i, Entry e);
  void up(u64 i, Entry e);
  void down(u64 i, Entry e);
};
}  // namespace vole::runtime
