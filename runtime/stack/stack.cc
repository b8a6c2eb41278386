// Pool and copier of stack.h.
#include "stack/stack.h"

#include "mem/heap.h"
#include "stack/visit.h"

namespace vole::runtime {
constinit u64 stack_max = 1000000000;
constinit bool stack_stress = false;
constinit bool escape_check = false;

namespace {
constinit u64 free_stacks[4] = {};  // below a page: linked through their first word

int order_of(u64 size) {
  int o = 0;
  while (u64(abi::StackMin) << o < size) ++o;
  return o;
}

u64 allocate(u64 size) {
  heap_stats.stack_bytes += size;
  if (size >= kPageSize) return page_heap.allocate(size >> kPageShift, SpanState::Stack)->base;
  int o = order_of(size);
  if (!free_stacks[o]) {
    Span* s = page_heap.allocate(4, SpanState::Stack);
    for (u64 p = s->base; p < s->limit(); p += size) {
      *reinterpret_cast<u64*>(p) = free_stacks[o];
      free_stacks[o] = p;
    }
  }
  u64 p = free_stacks[o];
  free_stacks[o] = *reinterpret_cast<u64*>(p);
  return p;
}

void release(u64 base, u64 size) {
  heap_stats.stack_bytes -= size;
  if (size >= kPageSize) {
    page_heap.free(page_heap.span_of(base));
    return;
  }
  int o = order_of(size);
  *reinterpret_cast<u64*>(base) = free_stacks[o];
  free_stacks[o] = base;
}

// Adds `delta` to every pointer into [lo, hi).
struct Move {
  u64 lo, hi, delta;
  const FuncRecord* func = nullptr;
  void frame(const FuncRecord* f) { func = f; }
  void slot(u64* p) const {
    u64 v = *p;
    if (v >= lo && v < hi) *p = v + delta;
    else if (v != 0 && v < 4096) bad(p, v);
  }
  // Nothing of a goroutine's points at the end of its stack, where a heap object may begin.
  void record(u64* p) const {
    if (*p >= lo && *p < hi) *p += delta;
  }
  [[noreturn]] void bad(u64* p, u64 v) const {
    print("runtime: bad pointer in frame ", func_name(func), " at ", static_cast<void*>(p), ": ", Hex{v},
          "\n");
    fatal("invalid pointer found on stack");
  }
};

// Nothing in the heap may point to what is about to move, but records of deferred calls, which the copier
// knows: whatever does was taken for an object that stays in its frame.
void check_holder(u64 object, u64 size) {
  auto* d = reinterpret_cast<Defer*>(object);
  if (size == sizeof(Defer) && d->heap == 1 && find_func(d->pc)) return;
  print("runtime: heap object ", Hex{object}, " of ", size, " bytes points into a stack:");
  for (u64 i = 0; i < min<u64>(size / 8, 16); ++i) print(" ", Hex{reinterpret_cast<u64*>(object)[i]});
  print("\n");
  fatal("pointer from heap to stack");
}
}  // namespace

void stack_init(G* g, u64 size) {
  u64 base = allocate(size);
  g->stack_lo = base;
  g->stack_hi = base + size;
  g->stack_size = size;
  stack_reset_guard(g);
}

void stack_free(G* g) {
  release(g->stack_lo, g->stack_size);
  g->stack_lo = g->stack_hi = 0;
}

void stack_reset_guard(G* g) {
  g->stackguard0 = stack_stress ? kStressGuard : g->stack_lo + abi::StackGuard;
  g->stackguard1 = g->stack_lo + abi::StackGuard;
}

bool stack_movable(G* g) {
  // Frames of system calls in progress belong to a thread that may come back at any time.
  return g->stack_size && !g->syscall_sp && !in_async(g->sched.pc);
}

void stack_copy(G* g, u64 new_size) {
  if (escape_check) heap_find(g->sched.sp, g->stack_hi, check_holder);
  u64 old_lo = g->stack_lo, old_hi = g->stack_hi, old_size = g->stack_size;
  u64 base = allocate(new_size);
  u64 used = old_hi - g->sched.sp;
  Move m = {old_lo, old_hi, base + new_size - old_hi};
  memcpy(reinterpret_cast<void*>(base + new_size - used), reinterpret_cast<void*>(g->sched.sp), used);

  // The walk reads the old stack, which stays as it was; the copy is what changes.
  visit_frames(m, g, m.delta);
  visit_records(m, g);

  g->sched.sp += m.delta;
  g->stack_lo = base;
  g->stack_hi = base + new_size;
  g->stack_size = new_size;
  stack_reset_guard(g);
  if (stack_stress) memset(reinterpret_cast<void*>(old_lo), 0xfb, old_size);
  release(old_lo, old_size);
}
}  // namespace vole::runtime
