// Conversions, and everything about interfaces: making, asserting, taking apart.
#include "irgen/builder.h"

#include <fmt/format.h>

namespace vole::irgen {
using namespace syntax;
using namespace types;

Value* Builder::convert_number(Value* v, const TypeInfo* from, const TypeInfo* to) {
  Ty tt = to->ty();
  if (from->is_float()) {
    if (to->is_float()) return v->ty == tt ? v : emit(Op::FToF, tt, {v});
    if (to->size == 8 && !to->is_signed) return emit(Op::FToU, Ty::I64, {v});
    if (to->size == 4 && to->is_signed) return emit(Op::FToS, Ty::I32, {v});
    Value* wide = emit(Op::FToS, to->size < 4 ? Ty::I32 : Ty::I64, {v});
    return wide->ty == tt ? wide : emit(Op::Trunc, tt, {wide});
  }
  if (to->is_float()) {
    if (from->size == 8 && !from->is_signed) return emit(Op::UToF, tt, {v});
    if (from->size < 4 || (from->size == 4 && !from->is_signed))
      v = widen(v, from->is_signed, from->size < 4 ? Ty::I32 : Ty::I64);
    return emit(Op::SToF, tt, {v});
  }
  return widen(v, from->is_signed, tt);
}

Val Builder::convert(Expr* e, const TypeInfo* to) {
  Expr* x = unparen(e);
  const TypeInfo* from = ti(x);
  if (x->mode == Mode::Nil) return zero(to);
  if (x->cval && x->mode == Mode::Constant) {
    // Constants that the conversion turns into variables (type parameters, uintptr to pointer, string of a
    // rune, …).
    bool num = from->is_integer() || from->is_float() || from->is_complex();
    bool tonum = to->is_integer() || to->is_float() || to->is_complex();
    if (num && tonum &&
        !(from->is_float() && to->is_integer() && !x->cval->real.is_int() &&
          x->cval->kind == ConstValue::Float))
      return constant(x->cval, to);
  }
  if (to->is_interface()) return expr_as(x, to);
  if (from->is_integer() && to->pointer_shaped()) return val(to, {pointer_of(x)});
  return convert_val(expr(x), to, x);
}

// The number an expression stands for, with arithmetic on pointers taken apart: the pointers that were
// converted on the way are noted.
Value* Builder::address_number(Expr* e, std::vector<Value*>& pointers) {
  e = unparen(e);
  if (auto* call = e->as<CallExpr>();
      call && call->callee == CallExpr::Conversion && ti(call->args[0])->pointer_shaped() && !e->cval) {
    pointers.push_back(emit(Op::PtrToInt, Ty::I64, {expr(call->args[0]).v()}));
    return pointers.back();
  }
  auto* b = e->as<BinaryExpr>();
  bool apart = b && !e->cval &&
               (b->op == Tok::Add || b->op == Tok::Sub || b->op == Tok::And || b->op == Tok::Or ||
                b->op == Tok::Xor || b->op == Tok::AndNot);
  if (!apart) return expr(e).v();
  const TypeInfo* t = ti(e);
  Value* x = address_number(b->x, pointers);
  Value* y = address_number(b->y, pointers);
  return arith(b->op, val(t, {x}), val(t, {y}), t, b->y).v();
}

// unsafe.Pointer(uintptr(p) + n) points to where p does, so it is made from p: what follows pointers (escape
// analysis, the stack copier) sees where it comes from. A number that was kept in a variable comes from
// nowhere.
Value* Builder::pointer_of(Expr* e) {
  std::vector<Value*> pointers;
  Value* n = address_number(e, pointers);
  if (pointers.size() == 1) {
    Value* from = pointers[0];
    Value* p = from->arg(0);
    if (n == from) return p;
    Value* delta = n->op == Op::Add && n->arg(0) == from   ? n->arg(1)
                   : n->op == Op::Add && n->arg(1) == from ? n->arg(0)
                                                           : emit(Op::Sub, Ty::I64, {n, from});
    return emit(Op::PtrAdd, Ty::Ptr, {p, delta});
  }
  for (Value* from : pointers) from->imm = 1;  // which of them it is cannot be told: all may be kept
  return emit(Op::IntToPtr, Ty::Ptr, {n});
}

Val Builder::convert_val(const Val& v, const TypeInfo* to, Expr* from_expr) {
  const TypeInfo* from = v.t;
  if (from == to) return v;
  if (to->is_interface()) return convert_assign(v, to, from_expr);
  bool from_num = from->is_integer() || from->is_float(), to_num = to->is_integer() || to->is_float();
  if (from_num && to_num) return val(to, {convert_number(v.v(), from, to)});
  if (from->is_complex() && to->is_complex()) {
    if (v.w[0]->ty == to->leaf[0].ty) return retype(v, to);
    Ty t = to->leaf[0].ty;
    return val(to, {emit(Op::FToF, t, {v.w[0]}), emit(Op::FToF, t, {v.w[1]})});
  }
  if (to->is_string()) {
    if (from->is_string()) return retype(v, to);
    if (from->is_integer()) {
      Value* r = widen(v.v(), from->is_signed);
      return retype(rt1(Rt::intstring, {pv(nil()), val(basic(BasicKind::Int64), {r})}), to);
    }
    const TypeInfo* et = info(from->under->cast<Slice>()->elem);
    if (et->size == 1) return retype(rt1(Rt::slicebytetostring, {pv(nil()), pv(v.w[0]), iv(v.w[1])}), to);
    return retype(rt1(Rt::slicerunetostring, {pv(nil()), retype(v, u.byte_slice())}), to);
  }
  if (from->is_string()) {
    const TypeInfo* et = info(to->under->cast<Slice>()->elem);
    return retype(rt1(et->size == 1 ? Rt::stringtoslicebyte : Rt::stringtoslicerune,
                      {pv(nil()), retype(v, string_type())}),
                  to);
  }
  if (from->kind == abi::KSlice && (to->kind == abi::KArray || to->kind == abi::KPointer)) {
    const TypeInfo* at = to->kind == abi::KArray ? to : info(to->under->cast<Pointer>()->elem);
    bounds(ssa::BoundsKind::Convert, v.w[1], c64(at->len));
    if (to->kind == abi::KPointer) return val(to, {v.w[0]});
    if (at->size == 0) return zero(at);
    return load(at, {v.w[0], 0, 0});
  }
  if (from->pointer_shaped() && to->is_integer()) return val(to, {emit(Op::PtrToInt, Ty::I64, {v.v()})});
  if (from->is_integer() && to->pointer_shaped()) return val(to, {emit(Op::IntToPtr, Ty::Ptr, {v.v()})});
  return retype(v, to);
}

// ---- interfaces
// -------------------------------------------------------------------------------------------------

Value* Builder::type_addr(const TypeInfo* t, bool use_iface) {
  Symbol* s = u.descriptor(t);
  if (use_iface) marker(RelocKind::UseIface, s);
  return sym_addr(s);
}

// The data word's value as a T.
Val Builder::iface_data(Value* data, const TypeInfo* t) {
  if (t->direct_iface) {
    if (t->ssa_able) return val(t, {data});
    Addr a = alloca_for(t);
    store(a, data);
    return mem_val(t, a);
  }
  if (t->size == 0) return zero(t);
  return load(t, {data, 0, 0});
}

Val Builder::make_iface(const Val& v, const TypeInfo* to, Expr* from) {
  const TypeInfo* t = v.t;
  Value* tab;
  Symbol* desc = u.descriptor(t);
  if (is_empty_interface(to)) {
    tab = sym_addr(desc);
  } else {
    tab = sym_addr(u.itab(t, to));
  }
  marker(RelocKind::UseIface, desc);
  Value* data;
  if (t->direct_iface) {
    data = v.mem ? load(Ty::Ptr, v.addr()) : v.v();
  } else if (t->size == 0) {
    data = sym_addr(u.sym(abi::rt_data::zerobase));
  } else if (t->size == 1 && !v.mem) {
    Value* i = widen(v.w[0], false);
    data = i->op == Op::Const ? sym_addr(u.sym(abi::rt_data::staticuint64s), i->imm * 8)
                              : ptr_add(sym_addr(u.sym(abi::rt_data::staticuint64s)), mul(i, 8));
  } else {
    bool all_const = !v.mem && v.n > 0;
    for (int i = 0; i < v.n && !v.mem; i++) all_const &= v.w[i]->op == Op::Const || v.w[i]->op == Op::SymAddr;
    if (all_const) {
      Symbol* s = u.static_temp(t, true);
      bool ptrs = false;
      for (int i = 0; i < v.n; i++) {
        if (v.w[i]->op == Op::SymAddr) u.put_ptr(s, t->leaf[i].off, v.w[i]->sym, v.w[i]->imm), ptrs = true;
        else if (v.w[i]->imm)
          u.put_int(s, t->leaf[i].off, ssa::size_of(t->leaf[i].ty), static_cast<u64>(v.w[i]->imm));
      }
      (void)ptrs;
      data = sym_addr(s);
    } else {
      Addr a = new_object(t);
      store(a, v);
      data = a.base;
    }
  }
  return val(to, {tab, data});
}

// The type word of an interface value, nil when it is nil.
Value* Builder::iface_type(const Val& v) {
  if (is_empty_interface(v.t)) return v.w[0];
  u32 slot = new_slot(Ty::Ptr);
  Block *some = new_block(), *done = new_block();
  write(slot, nil());
  branch(icmp(Cond::Ne, v.w[0], nil()), some, done);
  enter_sealed(some);
  write(slot, load(Ty::Ptr, {v.w[0], abi::ItabType, 0}));
  jump(done);
  enter_sealed(done);
  return read(slot);
}

// The itab of a non-nil type word for interface `to`; nil (can_fail) or a panic when it has not the methods.
// Each site has a cache.
Value* Builder::assert_itab(Value* typ, const TypeInfo* to, bool can_fail) {
  Symbol* s = u.sym(fmt::format("{}..typeAssert.{}", u.prefix, u.next_temp()));
  u.put_ptr(s, 0, u.sym(abi::rt_data::emptyTypeAssertCache));
  u.put_ptr(s, 8, u.descriptor(to));
  u.put_int(s, 16, 1, can_fail);
  u.define(s, SymKind::Data, 24, 8, false);
  static constexpr u8 Mask[] = {1};
  s->gc_mask = Mask;
  s->gc_mask_words = 1;
  return rt1(Rt::typeAssert, {pv(sym_addr(s)), pv(typ)}).v();
}

// Whether interface value x holds a value of concrete type t.
Value* Builder::holds(const Val& x, const TypeInfo* t) {
  if (is_empty_interface(x.t)) return icmp(Cond::Eq, x.w[0], type_addr(t));
  // With type arguments put in, t may lack the methods.
  if (!u.implements(t, x.t)) return c(Ty::I8, 0);
  return icmp(Cond::Eq, x.w[0], sym_addr(u.itab(t, x.t)));
}

Val Builder::iface_to_iface(const Val& v, const TypeInfo* to) {
  if (same(v.t, to) || (is_empty_interface(v.t) && is_empty_interface(to))) return retype(v, to);
  Value* typ = iface_type(v);
  if (is_empty_interface(to)) return val(to, {typ, v.w[1]});
  u32 slot = new_slot(Ty::Ptr);
  Block *some = new_block(), *done = new_block();
  write(slot, nil());
  branch(icmp(Cond::Ne, typ, nil()), some, done);
  enter_sealed(some);
  write(slot, assert_itab(typ, to, false));
  jump(done);
  enter_sealed(done);
  return val(to, {read(slot), v.w[1]});
}

Val Builder::type_assert(TypeAssertExpr* e, Value** ok) {
  Val x = expr(e->x);
  const TypeInfo* t = ti(e->target);
  const TypeInfo* xt = x.t;
  pos = e->pos;
  if (t->is_interface()) {
    Value* typ = iface_type(x);
    u32 slot = new_slot(Ty::Ptr);
    if (ok) {
      if (is_empty_interface(t)) {
        *ok = icmp(Cond::Ne, typ, nil());
        // A failed assertion gives nil; the type word is nil then already.
        Value* data = select(*ok, x.w[1], nil());
        return val(t, {typ, data});
      }
      Block *some = new_block(), *done = new_block();
      write(slot, nil());
      branch(icmp(Cond::Ne, typ, nil()), some, done);
      enter_sealed(some);
      write(slot, assert_itab(typ, t, true));
      jump(done);
      enter_sealed(done);
      Value* tab = read(slot);
      *ok = icmp(Cond::Ne, tab, nil());
      return val(t, {tab, select(*ok, x.w[1], nil())});
    }
    Block *some = new_block(), *bad = new_block(true);
    branch(icmp(Cond::Ne, typ, nil()), some, bad, 1);
    enter_sealed(bad);
    rt_panic(Rt::panicnildottype, {pv(type_addr(t))});
    enter_sealed(some);
    if (is_empty_interface(t)) return val(t, {typ, x.w[1]});
    return val(t, {assert_itab(typ, t, false), x.w[1]});
  }
  bool empty = is_empty_interface(xt);
  Value* hit = holds(x, t);
  Block *yes = new_block(), *no = new_block(!ok), *done = new_block();
  if (!ok) {
    branch(hit, yes, no, 1);
    enter_sealed(no);
    Value* wt = type_addr(t);
    Value* it = type_addr(xt);
    rt_panic(empty ? Rt::panicdottypeE : Rt::panicdottypeI, {pv(x.w[0]), pv(wt), pv(it)});
    enter_sealed(yes);
    return iface_data(x.w[1], t);
  }
  *ok = hit;
  if (t->ssa_able) {
    u32 slots = new_slots(t);
    branch(hit, yes, no);
    enter_sealed(yes);
    Val v = iface_data(x.w[1], t);
    for (int i = 0; i < v.n; i++) write(slots + static_cast<u32>(i), v.w[i]);
    jump(done);
    enter_sealed(no);
    Val z = zero(t);
    for (int i = 0; i < z.n; i++) write(slots + static_cast<u32>(i), z.w[i]);
    jump(done);
    enter_sealed(done);
    Val r;
    r.t = t;
    for (int i = 0; i < t->n; i++) r.w[r.n++] = read(slots + static_cast<u32>(i));
    return r;
  }
  Addr tmp = alloca_for(t);
  branch(hit, yes, no);
  enter_sealed(yes);
  store(tmp, iface_data(x.w[1], t));
  jump(done);
  enter_sealed(no);
  zero_mem(tmp, t);
  jump(done);
  enter_sealed(done);
  return mem_val(t, tmp);
}

void Builder::panic_value(const Val& eface) {
  rt(Rt::gopanic, {eface});
  unreachable();
}
}  // namespace vole::irgen
