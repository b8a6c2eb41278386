// CPU profiles: the kernel's profiling timer sends SIGPROF to whatever thread is using the CPU, whose handler
// writes the goroutine's stack into a ring of samples; the profile's writer empties the ring ten times a
// second.
#include "trace/profile.h"

#include "mem/meta.h"
#include "os/os.h"
#include "os/signals.h"
#include "stack/unwind.h"
#include "trace/sample_ring.h"

namespace vole::runtime {
namespace {
constinit SampleRing ring = {};
constinit u64 rate = 0;
constinit bool header_due = false;

// Return addresses of logical frames, as runtime.Callers gives them.
void walk(Unwinder u, Sample* s) {
  for (; u.valid() && s->depth < kSampleDepth; u.next()) {
    if (!u.func()) continue;
    for (InlineWalk w(u.func(), u.lookup_pc()); w.valid(); w.next()) s->add(w.pc() + 1);
  }
}

void set_timer(u64 hz) {
  i64 us = hz ? i64(1000000 / hz) : 0;
  i64 interval[4] = {0, us, 0, us};
  os::syscall(os::SysSetitimer, 2, long(interval), 0);
}
}  // namespace

void profile_sample(G* g, u64 pc, u64 sp, u64 bp) {
  if (!rate) return;
  Sample* s = ring.claim();
  if (!s) return;
  s->labels = g ? g->labels : nullptr;
  bool on_goroutine = g && sp > g->stack_lo && sp <= g->stack_hi;
  if (on_goroutine && (in_leaf(pc) || find_func(pc))) {
    if (in_leaf(pc)) s->add(pc + 1);
    Unwinder u(g, sp, pc, bp, true);
    walk(u, s);
  } else {
    // The runtime's own code, for the goroutine that called it last.
    s->add(pc + 1);
    if (g && g->m && g->m->curg == g && !on_goroutine) walk(Unwinder(g), s);
  }
  SampleRing::publish(s);
}

extern "C" {
void rt_cpuprofileop(u64* hz, G*) {
  if (*hz && !rate) {
    if (!ring.slots) ring.slots = static_cast<Sample*>(meta_alloc(SampleRing::kSlots * sizeof(Sample)));
    header_due = true;
    rate = *hz;
    set_timer(rate);
  } else if (!*hz && rate) {
    set_timer(0);
    rate = 0;
  }
}

void rt_profileread(ProfileReadArgs* a, G*) {
  a->words = a->ntags = 0;
  auto begin = [&](u64 length, u64 count, void* tag) {
    u64* d = a->data + a->words;
    d[0] = length, d[1] = u64(os::nanotime()), d[2] = count;
    a->tags[a->ntags++] = tag;
    a->words += i64(length);
    return d + 3;
  };
  if (header_due) {
    header_due = false;
    begin(3, a->hz, nullptr);
  }
  if (u64 lost = a->words + 4 <= a->room ? ring.lost.exchange(0) : 0) *begin(4, 0, nullptr) = lost;
  while (Sample* s = a->words + 3 + i64(kSampleDepth) <= a->room ? ring.first() : nullptr) {
    u64* stack = begin(3 + s->depth, 1, s->labels);
    for (u32 i = 0; i < s->depth; ++i) stack[i] = s->pcs[i];
    ring.drop(s);
  }
  a->eof = !rate && ring.empty();
}
}
}  // namespace vole::runtime
