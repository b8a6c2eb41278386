// CPU profiles: the kernel's profiling timer sends SIGPROF to whatever thread is using the CPU, whose handler writes the goroutine's stack into a
// ring of samples; the profile's writer empties the ring ten times a second. Handlers claim slots by one compare-and-swap and never wait: what
// finds the ring full is counted as lost.
#include "trace/profile.h"

#include "mem/meta.h"
#include "os/os.h"
#include "os/signals.h"
#include "stack/unwind.h"

namespace vole::runtime {
namespace {
constexpr u64 kSlots = 512, kDepth = 64;
struct Sample {
  Atomic<u32> full;
  u32 depth;
  void* labels;
  u64 pcs[kDepth];
};
constinit Sample* ring = nullptr;
constinit Atomic<u64> written = {0}, taken = {0}, lost = {0};
constinit u64 rate = 0;
constinit bool header_due = false;

Sample* claim() {
  for (;;) {
    u64 at = written.load();
    if (at - taken.load() >= kSlots) return nullptr;
    if (written.cas(at, at + 1)) return &ring[at % kSlots];
  }
}

// Return addresses of logical frames, as runtime.Callers gives them.
void walk(Unwinder u, Sample* s) {
  for (; u.valid() && s->depth < kDepth; u.next()) {
    if (!u.func()) continue;
    for (InlineWalk w(u.func(), u.lookup_pc()); w.valid() && s->depth < kDepth; w.next()) s->pcs[s->depth++] = w.pc() + 1;
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
  Sample* s = claim();
  if (!s) {
    lost.add(1);
    return;
  }
  s->depth = 0;
  s->labels = g ? g->labels : nullptr;
  bool on_goroutine = g && sp > g->stack_lo && sp <= g->stack_hi;
  if (on_goroutine && (in_leaf(pc) || find_func(pc))) {
    if (in_leaf(pc)) s->pcs[s->depth++] = pc + 1;
    Unwinder u(g, sp, pc, bp, true);
    walk(u, s);
  } else {
    // The runtime's own code, for the goroutine that called it last.
    s->pcs[s->depth++] = pc + 1;
    if (g && g->m && g->m->curg == g && !on_goroutine) walk(Unwinder(g), s);
  }
  s->full.store(1);
}

extern "C" {
// func cpuprofileop(hz int): 0 stops.
void rt_cpuprofileop(u64* hz, G*) {
  if (*hz && !rate) {
    if (!ring) ring = static_cast<Sample*>(meta_alloc(kSlots * sizeof(Sample)));
    header_due = true;
    rate = *hz;
    signals_profile();
    set_timer(rate);
  } else if (!*hz && rate) {
    set_timer(0);
    rate = 0;
  }
}

// func profileread(data *uint64, room int, tags *unsafe.Pointer, hz int) (words, ntags int, eof bool): records of pprof's form, {length, time,
// count, stack...}; the first says {3, time, hz}.
void rt_profileread(void* args, G*) {
  struct A {
    u64* data;
    i64 room;
    void** tags;
    u64 hz;
    i64 words, ntags;
    bool eof;
  }* a = static_cast<A*>(args);
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
  for (u64 at = taken.load(); at != written.load(); ++at) {
    Sample* s = &ring[at % kSlots];
    if (!s->full.load() || a->words + 3 + i64(kDepth) > a->room) break;
    u64* stack = begin(3 + s->depth, 1, s->labels);
    for (u32 i = 0; i < s->depth; ++i) stack[i] = s->pcs[i];
    s->full.store(0);
    taken.store(at + 1);
  }
  a->eof = !rate && taken.load() == written.load();
}
}
}  // namespace vole::runtime
