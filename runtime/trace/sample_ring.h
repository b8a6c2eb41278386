// Samples of stacks on their way from signal handlers, which may run on several threads and interrupt each
// other and must not wait, to one reader. A handler claims a slot by one compare-and-swap; what finds the
// ring full is counted as lost.
#pragma once
#include "core/core.h"

namespace vole::runtime {
constexpr u64 kSampleDepth = 64;
struct Sample {
  Atomic<u32> full;
  u32 depth;
  void* labels;
  u64 pcs[kSampleDepth];
  void add(u64 pc) {
    if (depth < kSampleDepth) pcs[depth++] = pc;
  }
};

struct SampleRing {
  static constexpr u64 kSlots = 512;
  Sample* slots;
  Atomic<u64> written, taken, lost;

  // An empty sample to be filled and published; null when there is no room.
  Sample* claim() {
    for (;;) {
      u64 at = written.load();
      if (at - taken.load() >= kSlots) {
        lost.add(1);
        return nullptr;
      }
      if (!written.cas(at, at + 1)) continue;
      Sample* s = &slots[at % kSlots];
      s->depth = 0;
      return s;
    }
  }
  static void publish(Sample* s) { s->full.store(1); }

  // The oldest sample; null while it is not published.
  Sample* first() {
    u64 at = taken.load();
    if (at == written.load()) return nullptr;
    Sample* s = &slots[at % kSlots];
    return s->full.load() ? s : nullptr;
  }
  void drop(Sample* s) {
    s->full.store(0);
    taken.store(taken.load() + 1);
  }
  bool empty() const { return taken.load() == written.load(); }
};
}  // namespace vole::runtime
