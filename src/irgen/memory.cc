// Loads, stores, copies and where objects live.
#include "irgen/builder.h"

namespace vole::irgen {
Value* Builder::ptr(const Addr& a) {
  if (a.off == 0) return a.base;
  if (a.base->op == Op::SymAddr) return sym_addr(a.base->sym, a.base->imm + a.off);
  Value* v = emit(Op::PtrAdd, Ty::Ptr, {a.base, c64(a.off)});
  v->flags |= ssa::NonNil;
  return v;
}

Value* Builder::ptr_add(Value* p, Value* delta) {
  if (delta->op == Op::Const) return ptr({p, delta->imm});
  return emit(Op::PtrAdd, Ty::Ptr, {p, delta});
}

Value* Builder::load(Ty t, const Addr& a) { return emit(Op::Load, t, {a.base}, a.off); }

static bool is_stack(Value* p) { return p->op == Op::Alloca || p->op == Op::OutArg || p->op == Op::InArg; }

void Builder::store(const Addr& a, Value* v, bool no_barrier) {
  Value* s = emit(Op::Store, Ty::None, {a.base, v}, a.off);
  if (no_barrier || is_fresh(a) || is_stack(a.base)) s->flags |= ssa::NoBarrier;
}

Val Builder::load(const TypeInfo* t, const Addr& a) {
  if (!t->ssa_able) return mem_val(t, a);
  Val v;
  v.t = t;
  for (int i = 0; i < t->n; i++) v.w[v.n++] = load(t->leaf[i].ty, a.at(t->leaf[i].off));
  return v;
}

void Builder::store(const Addr& a, const Val& v) {
  if (v.mem) return move(a, v.addr(), v.t);
  for (int i = 0; i < v.n; i++) store(a.at(v.t->leaf[i].off), v.w[i], v.t->leaf[i].tab);
}

void Builder::move(const Addr& dst, const Addr& src, const TypeInfo* t) {
  if (t->size == 0) return;
  if (dst.base == src.base && dst.off == src.off) return;
  if (t->ssa_able) return store(dst, load(t, src));
  if (src.base->op == Op::SymAddr && src.base->sym == u.zero_value(0)) return zero_mem(dst, t);
  Value* m = emit(Op::Move, Ty::None, {ptr(dst), ptr(src)});
  m->imm2 = t->size;
  m->layout = u.layout(t);
  if (is_fresh(dst) || is_stack(dst.base)) m->flags |= ssa::NoBarrier;
}

void Builder::zero_mem(const Addr& a, const TypeInfo* t) {
  if (t->size == 0) return;
  if (t->ssa_able) {
    for (int i = 0; i < t->n; i++) store(a.at(t->leaf[i].off), c(t->leaf[i].ty, 0), t->leaf[i].tab);
    return;
  }
  Value* z = emit(Op::Zero, Ty::None, {ptr(a)});
  z->imm2 = t->size;
  z->layout = u.layout(t);
  if (is_fresh(a) || is_stack(a.base)) z->flags |= ssa::NoBarrier;
}

Addr Builder::alloca_layout(const ssa::Layout* l, bool pinned) {
  Value* v = entry_value(Op::Alloca, Ty::Ptr);
  v->layout = l;
  v->flags |= ssa::NonNil;
  if (pinned) v->flags |= ssa::Pinned;
  return {v, 0, 1};
}

Addr Builder::alloca_for(const TypeInfo* t, bool pinned) {
  constexpr i64 MaxTemporary = 16 << 20, TooLarge = 1 << 30;
  return t->size > MaxTemporary && t->size < TooLarge && !pinned ? new_object(t)
                                                                 : alloca_layout(u.layout(t), pinned);
}

Addr Builder::new_layout(const ssa::Layout* l) {
  Value* v = emit(Op::New, Ty::Ptr);
  v->layout = l;
  v->flags |= ssa::NonNil;
  calls_++;
  return {v, 0, fresh_stamp()};
}

Addr Builder::new_object(const TypeInfo* t) {
  if (t->size == 0) return {sym_addr(u.sym(abi::rt_data::zerobase)), 0, 1};
  u.descriptor(t);
  return new_layout(u.layout(t));
}

Addr Builder::to_memory(const Val& v) {
  if (v.mem) return v.addr();
  Addr a = alloca_for(v.t);
  store(a, v);
  return a;
}

Val Builder::copy_to_temp(const Val& v) {
  if (!v.mem) return v;
  Addr a = alloca_for(v.t);
  move(a, v.addr(), v.t);
  return mem_val(v.t, a);
}

Value* Builder::nil_check(Value* p) {
  if (!p->has(ssa::NonNil)) emit(Op::NilCheck, Ty::None, {p});
  return p;
}

void Builder::bounds(ssa::BoundsKind k, Value* index, Value* limit) {
  if (index->op == Op::Const && limit->op == Op::Const) {
    bool ok = k <= ssa::BoundsKind::IndexU    ? static_cast<u64>(index->imm) < static_cast<u64>(limit->imm)
              : k == ssa::BoundsKind::Convert ? limit->imm <= index->imm
                                              : static_cast<u64>(index->imm) <= static_cast<u64>(limit->imm);
    if (ok) return;
  }
  Value* v = emit(Op::Bounds, Ty::None, {index, limit});
  v->bounds_kind = k;
}

// base + index * size. The base address is materialised.
Value* Builder::scaled(Addr base, Value* index, i64 size) {
  if (index->op == Op::Const) return ptr(base.at(index->imm * size));
  return ptr_add(ptr(base), mul(index, size));
}
}  // namespace vole::irgen
