// Pool and copier of stack.h.
#include "stack/stack.h"

#include "mem/heap.h"
#include "stack/unwind.h"

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

struct Move {
  G* g;
  u64 lo, hi, delta;
  const FuncRecord* func = nullptr;
  void adjust(u64* slot) const {
    u64 v = *slot;
    if (v >= lo && v < hi) *slot = v + delta;
    else if (v != 0 && v < 4096) bad(slot, v);
  }
  // Without the check for small values: for records and saved stack pointers. Nothing of a goroutine's points
  // at the end of its stack, where a heap object may begin.
  void adjust_record(u64* slot) const {
    if (*slot >= lo && *slot < hi) *slot += delta;
  }
  template <class T>
  void adjust_record(T** slot) const {
    adjust_record(reinterpret_cast<u64*>(slot));
  }
  [[noreturn]] void bad(u64* slot, u64 v) const {
    print("runtime: bad pointer in frame ", func_name(func), " at ", static_cast<void*>(slot), ": ", Hex{v},
          "\n");
    fatal("invalid pointer found on stack");
  }
  template <class T>
  void adjust(T** slot) const {
    adjust(reinterpret_cast<u64*>(slot));
  }
};

void adjust_bitmap(const Move& m, const u8* bits, u64 count, u64 base) {
  for (u64 i = 0; i < count; i += 8) {
    u8 b = bits[i / 8];
    while (b) {
      u64 k = i + u64(__builtin_ctz(b));
      b &= u8(b - 1);
      if (k < count) m.adjust(reinterpret_cast<u64*>(base + k * 8));
    }
  }
}

struct Maps {
  i32 n, nbit;
  const u8* bits(i32 index) const {
    return reinterpret_cast<const u8*>(this + 1) + u64(index) * u64((nbit + 7) / 8);
  }
};

// reflect's two stubs keep pointers in frames that assembly cannot describe: the argument registers, and the
// stack arguments that the signature held by the context word describes.
struct MakeFuncContext {
  u64 fn;
  struct {
    i32 n;
    const u8* data;
  }* stack;
  u64 arg_len;
  u16 reg_ptrs;
};
bool is_reflect_stub(const FuncRecord* f) {
  Str name = func_name(f);
  return name.starts_with("reflect.makeFuncStub") || name.starts_with("reflect.methodValueCall");
}
void adjust_reflect_stub(const Move& m, u64 new_sp, u64 new_fp) {
  constexpr u64 kRetValid = 32, kRegArgs = 40, kPtrs = 192;
  // The context is in the first outgoing word at the first call and in the fourth word at the second, until
  // RegArgs takes over there.
  u64* words = reinterpret_cast<u64*>(new_sp);
  for (int i = 0; i < 4; ++i) m.adjust(&words[i]);
  auto* ctxt = reinterpret_cast<MakeFuncContext*>(words[0]);
  bool ret_valid = *reinterpret_cast<u8*>(new_sp + kRetValid);
  for (int i = 0; i < 9; ++i) {
    m.adjust(reinterpret_cast<u64*>(new_sp + kRegArgs + kPtrs + u64(i) * 8));
    if (ctxt && ctxt->reg_ptrs >> i & 1) m.adjust(reinterpret_cast<u64*>(new_sp + kRegArgs + u64(i) * 8));
  }
  if (!ctxt || !ctxt->stack) return;
  u64 count = u64(ctxt->stack->n);
  if (!ret_valid) count = min(count, ctxt->arg_len / 8);
  adjust_bitmap(m, ctxt->stack->data, count, new_fp);
}

void adjust_frame(Move& m, Unwinder& u) {
  u64 sp = u.sp() + m.delta, fp = u.fp() + m.delta;
  m.func = u.func();
  if (u.saves_bp()) m.adjust_record(reinterpret_cast<u64*>(fp - 16));
  const FuncRecord* f = u.func();
  if (!f) return;
  auto* locals = reinterpret_cast<const Maps*>(funcdata(f, abi::FuncdataLocalsPointerMaps));
  auto* args = reinterpret_cast<const Maps*>(funcdata(f, abi::FuncdataArgsPointerMaps));
  if ((!locals || locals->nbit == 0) && is_reflect_stub(f)) {
    adjust_reflect_stub(m, sp, fp);
    return;
  }
  if (!locals && !args) return;
  i32 index = u.stack_map();
  if (index < 0) {
    // A goroutine that has not started: only the context register lives, and that is in g.sched.
    return;
  }
  if (locals && locals->n > 0) {
    check(index < locals->n, "stack map index out of range");
    adjust_bitmap(m, locals->bits(index), min<u64>(u64(locals->nbit), u.delta() / 8), sp);
  }
  if (args && args->n > 0) {
    check(index < args->n, "argument map index out of range");
    u64 room = (m.g->stack_hi - u.fp()) / 8;  // stack_hi is still the old one here
    adjust_bitmap(m, args->bits(index), min<u64>(u64(args->nbit), room), fp);
  }
}
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

void stack_copy(G* g, u64 new_size) {
  if (escape_check) heap_find(g->sched.sp, g->stack_hi, check_holder);
  u64 old_lo = g->stack_lo, old_hi = g->stack_hi, old_size = g->stack_size;
  u64 base = allocate(new_size);
  u64 used = old_hi - g->sched.sp;
  Move m = {g, old_lo, old_hi, base + new_size - old_hi};
  memcpy(reinterpret_cast<void*>(base + new_size - used), reinterpret_cast<void*>(g->sched.sp), used);

  // The walk reads the old stack, which stays as it was; the copy is what changes.
  for (Unwinder u(g); u.valid(); u.next()) adjust_frame(m, u);
  m.func = nullptr;
  m.adjust_record(&g->sched.ctxt);
  m.adjust_record(&g->sched.bp);

  m.adjust_record(&g->defer);
  for (Defer* d = g->defer; d; d = d->link) {
    m.adjust_record(&d->sp);
    m.adjust_record(&d->fn);
    m.adjust_record(&d->link);
    m.adjust_record(reinterpret_cast<u64*>(&d->head));
  }
  m.adjust_record(&g->panic);
  for (Panic* p = g->panic; p; p = p->link) {
    m.adjust_record(&p->sp);
    m.adjust_record(&p->defer_sp);
    m.adjust_record(&p->link);
    m.adjust_record(reinterpret_cast<u64*>(&p->arg.data));
  }
  m.adjust_record(reinterpret_cast<u64*>(&g->param));

  g->sched.sp += m.delta;
  g->stack_lo = base;
  g->stack_hi = base + new_size;
  g->stack_size = new_size;
  stack_reset_guard(g);
  if (stack_stress) memset(reinterpret_cast<void*>(old_lo), 0xfb, old_size);
  release(old_lo, old_size);
}
}  // namespace vole::runtime
