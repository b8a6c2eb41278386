// Where a stopped goroutine keeps pointers: the one place that knows. The copier adjusts what it is shown; a
// marker reads it.
//
// A goroutine's pointers stand in
//   frames      the words that the locals and argument maps of the call site name (contract.md, "Frames, maps
//               and tables"); reflect's two stubs keep argument registers, which the signature in their
//               context word describes
//   frame chain the saved frame pointers, and the context register in g.sched
//   records     the chains of deferred calls and panics
//   waits       the argument block that whoever wakes the goroutine writes its result to (G::param), and the
//               place each sudog's value goes to or comes from
// All of these may point into the goroutine's own stack; C++ keeps no other pointer to it while the goroutine
// is parked, so a parked stack may move. A goroutine stopped between two instructions (rt_async_preempt) has
// one frame more, whose registers no map describes: such a stack must not move.
//
// A visitor has
//   void frame(const FuncRecord*)  the frame that the next slots belong to; null: records
//   void slot(u64*)                a word that a map says is a live pointer: null, or the address of something
//   void record(u64*)              a word of a record, which may be anything
#pragma once
#include "stack/unwind.h"

namespace vole::runtime {
// A frame to visit. `sp` and `fp` are where its words are read now, which differs from where the unwinder saw
// them while a stack is being copied; `room` is how many bytes stand above fp.
struct Frame {
  const FuncRecord* func;
  u64 sp, fp, delta, room;
  bool saves_bp;
  i32 map;  // of the call site; < 0: none
};

// A function's pointer maps as FUNCDATA has them.
struct PointerMaps {
  i32 n, nbit;
  const u8* bits(i32 index) const {
    return reinterpret_cast<const u8*>(this + 1) + u64(index) * u64((nbit + 7) / 8);
  }
};

template <class Visitor>
void visit_bitmap(Visitor& v, const u8* bits, u64 count, u64 base) {
  for (u64 i = 0; i < count; i += 8) {
    u8 b = bits[i / 8];
    while (b) {
      u64 k = i + u64(__builtin_ctz(b));
      b &= u8(b - 1);
      if (k < count) v.slot(reinterpret_cast<u64*>(base + k * 8));
    }
  }
}

// reflect.makeFuncStub and methodValueCall keep pointers in frames that assembly cannot describe: the
// argument registers, and the stack arguments that the signature held by the context word describes.
inline bool is_reflect_stub(const FuncRecord* f) {
  Str name = func_name(f);
  return name.starts_with("reflect.makeFuncStub") || name.starts_with("reflect.methodValueCall");
}
template <class Visitor>
void visit_reflect_stub(Visitor& v, const Frame& f) {
  struct Context {
    u64 fn;
    struct {
      i32 n;
      const u8* data;
    }* stack;
    u64 arg_len;
    u16 reg_ptrs;
  };
  constexpr u64 kRetValid = 32, kRegArgs = 40, kPtrs = 192;
  // The context is in the first outgoing word at the first call and in the fourth word at the second, until
  // RegArgs takes over there.
  u64* words = reinterpret_cast<u64*>(f.sp);
  for (int i = 0; i < 4; ++i) v.slot(&words[i]);
  auto* ctxt = reinterpret_cast<Context*>(words[0]);
  bool ret_valid = *reinterpret_cast<u8*>(f.sp + kRetValid);
  for (int i = 0; i < 9; ++i) {
    v.slot(reinterpret_cast<u64*>(f.sp + kRegArgs + kPtrs + u64(i) * 8));
    if (ctxt && ctxt->reg_ptrs >> i & 1) v.slot(reinterpret_cast<u64*>(f.sp + kRegArgs + u64(i) * 8));
  }
  if (!ctxt || !ctxt->stack) return;
  u64 count = u64(ctxt->stack->n);
  if (!ret_valid) count = min(count, ctxt->arg_len / 8);
  visit_bitmap(v, ctxt->stack->data, count, f.fp);
}

template <class Visitor>
void visit_frame(Visitor& v, const Frame& f) {
  v.frame(f.func);
  if (f.saves_bp) v.record(reinterpret_cast<u64*>(f.fp - 16));
  if (!f.func) return;
  auto* locals = reinterpret_cast<const PointerMaps*>(funcdata(f.func, abi::FuncdataLocalsPointerMaps));
  auto* args = reinterpret_cast<const PointerMaps*>(funcdata(f.func, abi::FuncdataArgsPointerMaps));
  if ((!locals || locals->nbit == 0) && is_reflect_stub(f.func)) return visit_reflect_stub(v, f);
  if (f.map < 0) return;  // not started yet: only the context register lives, and that is in g.sched
  if (locals && locals->n > 0) {
    check(f.map < locals->n, "stack map index out of range");
    visit_bitmap(v, locals->bits(f.map), min<u64>(u64(locals->nbit), f.delta / 8), f.sp);
  }
  if (args && args->n > 0) {
    check(f.map < args->n, "argument map index out of range");
    visit_bitmap(v, args->bits(f.map), min<u64>(u64(args->nbit), f.room / 8), f.fp);
  }
}

// Every frame of g, innermost first, read at `shift` bytes from where it stands (the copy of a stack).
template <class Visitor>
void visit_frames(Visitor& v, G* g, u64 shift) {
  for (Unwinder u(g); u.valid(); u.next()) {
    const FuncRecord* func = u.func();
    visit_frame(v, {func, u.sp() + shift, u.fp() + shift, u.delta(), g->stack_hi - u.fp(), u.saves_bp(),
                    func ? u.stack_map() : -1});
  }
  v.frame(nullptr);
  v.record(&g->sched.ctxt);
  v.record(&g->sched.bp);
}

// What C++ keeps for g beside its frames. A visitor may change each word; the chains are followed through
// what it leaves there.
template <class Visitor>
void visit_records(Visitor& v, G* g) {
  auto word = [&](auto* place) { v.record(reinterpret_cast<u64*>(place)); };
  word(&g->defer);
  for (Defer* d = g->defer; d; d = d->link) {
    word(&d->sp);
    word(&d->fn);
    word(&d->link);
    word(&d->head);
  }
  word(&g->panic);
  for (Panic* p = g->panic; p; p = p->link) {
    word(&p->sp);
    word(&p->defer_sp);
    word(&p->link);
    word(&p->arg.data);
  }
  word(&g->param);
  for (Sudog* s = g->waiting; s; s = s->more) word(&s->elem);
}
}  // namespace vole::runtime
