// Expressions: names, constants, selectors, indexing, slicing, unary operators.
#include <bit>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

static i64 truncate_to(u64 v, u32 bytes) {
  u32 shift = 64 - bytes * 8;
  return static_cast<i64>(v << shift) >> shift;
}

static bignum::Float real_part(const ConstValue* c) {
  return c->kind == ConstValue::Int ? bignum::Float(c->integer) : c->real;
}

static i64 float_bits(const bignum::Float& f, Ty t) {
  if (t == Ty::F32) return static_cast<i64>(static_cast<i32>(std::bit_cast<u32>(f.to_float())));
  return static_cast<i64>(std::bit_cast<u64>(f.to_double()));
}

Val Builder::constant(const ConstValue* cv, const TypeInfo* t) {
  switch (t->kind) {
    case abi::KBool: return val(t, {c(Ty::I8, cv->boolean)});
    case abi::KString:
      if (cv->kind == ConstValue::Int) break;
      return string_const(cv->string(), t);
    case abi::KFloat32:
    case abi::KFloat64: return val(t, {c(t->ty(), float_bits(real_part(cv), t->ty()))});
    case abi::KComplex64:
    case abi::KComplex128: {
      Ty ft = t->leaf[0].ty;
      i64 im = cv->kind == ConstValue::Complex ? float_bits(cv->imag, ft) : 0;
      return val(t, {c(ft, float_bits(real_part(cv), ft)), c(ft, im)});
    }
    case abi::KInterface: {
      BasicKind k = cv->kind == ConstValue::Bool     ? BasicKind::Bool
                    : cv->kind == ConstValue::String ? BasicKind::String
                    : cv->kind == ConstValue::Int    ? BasicKind::Int
                    : cv->kind == ConstValue::Float  ? BasicKind::Float64
                                                     : BasicKind::Complex128;
      return make_iface(constant(cv, basic(k)), t, nullptr);
    }
    default: {
      bignum::Int i = cv->kind == ConstValue::Int ? cv->integer : cv->real.to_int();
      u64 bits = i.low_bits();
      if (t->is_integer()) return val(t, {c(t->ty(), truncate_to(bits, ssa::size_of(t->ty())))});
      if (t->pointer_shaped())
        return val(t, {bits == 0 ? nil() : emit(Op::IntToPtr, Ty::Ptr, {c64(static_cast<i64>(bits))})});
      break;
    }
  }
  VOLE_UNREACHABLE("constant of this type");
}

Val Builder::expr(Expr* e) {
  e = unparen(e);
  if (!overrides_.empty()) {
    auto it = overrides_.find(e);
    if (it != overrides_.end()) return it->second;
  }
  if (!hoisted_.empty()) {
    auto it = hoisted_.find(e);
    if (it != hoisted_.end()) return it->second;
  }
  if (e->cval && e->mode == Mode::Constant) return constant(e->cval, ti(e));
  if (e->mode == Mode::Nil) return zero(ti(e));
  Pos saved = pos;
  pos = e->pos;
  Val r;
  switch (e->kind) {
    case NodeKind::Ident: r = ident(e->cast<Ident>()); break;
    case NodeKind::SelectorExpr: r = selector(e->cast<SelectorExpr>()); break;
    case NodeKind::FuncLit: r = func_lit(e->cast<FuncLit>()); break;
    case NodeKind::CompositeLit: r = composite(e->cast<CompositeLit>()); break;
    case NodeKind::IndexExpr: r = index(e->cast<IndexExpr>()); break;
    case NodeKind::SliceExpr: r = slice(e->cast<SliceExpr>()); break;
    case NodeKind::TypeAssertExpr: r = type_assert(e->cast<TypeAssertExpr>(), nullptr); break;
    case NodeKind::StarExpr: {
      Val p = expr(e->cast<StarExpr>()->x);
      nil_check(p.v());
      r = load(ti(e), {p.v(), 0, 0});
      break;
    }
    case NodeKind::UnaryExpr: r = unary(e->cast<UnaryExpr>()); break;
    case NodeKind::BinaryExpr: r = binary(e->cast<BinaryExpr>()); break;
    case NodeKind::CallExpr: {
      Vals v = call_expr(e->cast<CallExpr>());
      if (!v.empty()) r = v[0];
      break;
    }
    default: VOLE_UNREACHABLE("expression");
  }
  pos = saved;
  return r;
}

void Builder::effect(Expr* e) {
  e = unparen(e);
  if (e->kind == NodeKind::CallExpr) {
    if (e->cval && e->mode == Mode::Constant) return;
    pos = e->pos;
    call_expr(e->cast<CallExpr>());
    return;
  }
  if (e->mode == Mode::Nil) return;
  expr(e);
}

Val Builder::expr_as(Expr* e, const TypeInfo* target) {
  e = unparen(e);
  if (e->mode == Mode::Nil && overrides_.empty()) return zero(target);
  return convert_assign(expr(e), target, e);
}

Val Builder::convert_assign(const Val& v, const TypeInfo* to, Expr* from) {
  if (v.t == to || !v.t) return v;
  if (to->is_interface()) {
    if (!v.t->is_interface()) return make_iface(v, to, from);
    return iface_to_iface(v, to);
  }
  return retype(v, to);
}

void Builder::expr_to(Expr* e, const TypeInfo* target, const Addr& dst) {
  Expr* x = unparen(e);
  if (!target->ssa_able && x->kind == NodeKind::CompositeLit && overrides_.empty()) {
    auto* cl = x->cast<CompositeLit>();
    const TypeInfo* t = ti(cl);
    if (t->kind != abi::KPointer && !t->is_interface()) return composite_to(cl, t, dst);
  }
  store(dst, expr_as(e, target));
}

Vals Builder::expr_multi(Expr* e) {
  e = unparen(e);
  pos = e->pos;
  return call_expr(e->cast<CallExpr>());
}

// The two values of v, ok forms, or all results of a call.
Vals Builder::comma_ok(Expr* e) {
  e = unparen(e);
  if (e->kind == NodeKind::CallExpr) return expr_multi(e);
  pos = e->pos;
  Value* ok = nullptr;
  Val v;
  switch (e->kind) {
    case NodeKind::IndexExpr: {
      auto* x = e->cast<IndexExpr>();
      const TypeInfo* mt = ti(x->x);
      Val m = expr(x->x);
      Val k = map_key(x->indices[0], mt->under->cast<Map>());
      v = map_get(m, mt, k, &ok);
      break;
    }
    case NodeKind::TypeAssertExpr: v = type_assert(e->cast<TypeAssertExpr>(), &ok); break;
    case NodeKind::UnaryExpr: v = receive(e->cast<UnaryExpr>(), &ok); break;
    default: VOLE_UNREACHABLE("comma-ok form");
  }
  return {v, val(bool_type(), {ok})};
}

void Builder::cond(Expr* e, Block* t, Block* el, int likely) {
  e = unparen(e);
  if (e->cval) return jump(e->cval->boolean ? t : el);
  if (hoisted_.contains(e)) return branch(expr(e).v(), t, el, likely);
  if (auto* un = e->as<UnaryExpr>(); un && un->op == Tok::Not) return cond(un->x, el, t, -likely);
  if (auto* b = e->as<BinaryExpr>(); b && (b->op == Tok::AndAnd || b->op == Tok::OrOr)) {
    Block* rest = new_block();
    if (b->op == Tok::AndAnd) cond(b->x, rest, el);
    else cond(b->x, t, rest);
    enter_sealed(rest);
    if (!cur) return;
    cond(b->y, t, el);
    return;
  }
  branch(expr(e).v(), t, el, likely);
}

// ---- names
// -------------------------------------------------------------------------------------------------

Val Builder::func_value_of(Func* fn, std::span<Type*> targs, const TypeInfo* t) {
  std::vector<Type*> args;
  for (Type* a : targs) args.push_back(ty(a));
  return val(t, {sym_addr(u.func_value(u.func_symbol(fn, args)))});
}

Val Builder::ident(Ident* e) {
  if (auto* v = e->obj->as<Var>()) {
    if (Local* l = find(v)) return read_local(*l);
    return load(ti(v->type), {sym_addr(u.global(v)), 0, 0});
  }
  if (auto* fn = e->obj->as<Func>()) return func_value_of(fn, e->targs, ti(e));
  if (e->obj->kind == ObjectKind::Nil) return zero(ti(e));
  VOLE_UNREACHABLE("name in an expression");
}

Val Builder::field_path(Val v, Type* t, std::span<const u32> path, Type** out_type) {
  for (u32 i : path) {
    if (auto* p = under(t)->as<Pointer>()) {
      nil_check(v.v());
      t = p->elem;
      const TypeInfo* st = info(t);
      v = load(st->fields[i], {v.w[0], st->offsets[i], 0});
      t = st->fields[i]->type;
      continue;
    }
    const TypeInfo* st = info(t);
    v = sub_val(v, st->fields[i], st->ssa_able ? st->leaf_start[i] : 0, st->offsets[i]);
    t = st->fields[i]->type;
  }
  if (out_type) *out_type = t;
  return v;
}

// As field_path for memory: pointers on the way are loaded and checked.
Addr Builder::field_addr(Addr a, Type* t, std::span<const u32> path, Type** out_type) {
  for (u32 i : path) {
    if (auto* p = under(t)->as<Pointer>()) {
      Value* q = load(Ty::Ptr, a);
      nil_check(q);
      a = {q, 0, 0};
      t = p->elem;
    }
    const TypeInfo* st = info(t);
    a = a.at(st->offsets[i]);
    t = st->fields[i]->type;
  }
  if (out_type) *out_type = t;
  return a;
}

Val Builder::selector(SelectorExpr* e) {
  if (!e->selection) {
    if (auto* v = e->sel->obj->as<Var>()) return load(ti(v->type), {sym_addr(u.global(v)), 0, 0});
    if (auto* fn = e->sel->obj->as<Func>()) return func_value_of(fn, e->sel->targs, ti(e));
    VOLE_UNREACHABLE("qualified name in an expression");
  }
  const Selection* sel = e->selection;
  if (sel->kind == Selection::MethodValue) return method_value(e);
  if (sel->kind == Selection::MethodExpr) {
    Type* recv = ty(sel->recv);
    const TypeInfo* rt = info(recv);
    auto* m = static_cast<Func*>(sel->obj);
    if (rt->is_interface()) return val(ti(e), {sym_addr(u.func_value(u.iface_method_expr(rt, m)))});
    for (const MethodSetEntry& me : method_set(recv))
      if (me.func->name == m->name && (m->exported() || me.func->pkg == m->pkg)) {
        std::vector<Type*> targs;
        for (Type* a : e->sel->targs) targs.push_back(ty(a));
        return val(ti(e), {sym_addr(u.func_value(u.method_symbol(rt, me, targs)))});
      }
    VOLE_UNREACHABLE("method expression without its method");
  }
  Type* recv = ty(sel->recv);
  return field_path(expr(e->x), recv, sel->path, nullptr);
}

// ---- indexing
// -------------------------------------------------------------------------------------------------

Value* Builder::index_value(Expr* e, bool& is_unsigned) {
  const TypeInfo* t = ti(e);
  is_unsigned = false;
  if (e->cval)
    return c64(constant(e->cval, t->is_integer() ? t : int_type()).v()->imm &
               (t->is_integer() && !t->is_signed && ssa::size_of(t->ty()) < 8
                    ? (i64{1} << ssa::size_of(t->ty()) * 8) - 1
                    : -1));
  is_unsigned = !t->is_signed;
  return widen(expr(e).v(), t->is_signed);
}

Val Builder::index(IndexExpr* e) {
  if (e->indices[0]->mode == Mode::TypeExpr) {  // instantiation
    Expr* x = unparen(e->x);
    if (auto* id = x->as<Ident>()) return func_value_of(id->obj->as<Func>(), id->targs, ti(e));
    auto* s = x->cast<SelectorExpr>();
    if (!s->selection) return func_value_of(s->sel->obj->as<Func>(), s->sel->targs, ti(e));
    return retype(selector(s), ti(e));
  }
  Type* xt = ty(e->x->type);
  Type* xu = under(xt);
  bool uns = false;
  if (auto* m = xu->as<Map>()) {
    Val mv, k;
    in_order(e->x, e->indices[0],
             [&](size_t i) { i == 0 ? mv = expr(e->x) : k = map_key(e->indices[0], m); });
    pos = e->pos;
    return map_get(mv, info(xt), k, nullptr);
  }
  Val x;
  Value* i = nullptr;
  in_order(e->x, e->indices[0], [&](size_t k) {
    if (k == 0) x = expr(e->x);
    else i = index_value(e->indices[0], uns);
  });
  pos = e->pos;
  auto kind = uns ? ssa::BoundsKind::IndexU : ssa::BoundsKind::Index;
  const TypeInfo* xi = info(xt);
  if (xi->is_string()) {
    bounds(kind, i, x.w[1]);
    return val(ti(e), {load(Ty::I8, {ptr_add(x.w[0], i), 0, 0})});
  }
  if (auto* s = xu->as<Slice>()) {
    const TypeInfo* et = info(s->elem);
    bounds(kind, i, x.w[1]);
    return load(et, {scaled({x.w[0], 0, 0}, i, et->size), 0, 0});
  }
  if (auto* p = xu->as<Pointer>()) {
    const TypeInfo* at = info(p->elem);
    nil_check(x.v());
    bounds(kind, i, c64(at->len));
    return load(at->elem, {scaled({x.v(), 0, 0}, i, at->elem->size), 0, 0});
  }
  bounds(kind, i, c64(xi->len));
  if (!x.mem) return xi->len == 0 ? zero(xi->elem) : retype(x, xi->elem);
  return load(xi->elem, {scaled(x.addr(), i, xi->elem->size), 0, 0});
}

Val Builder::slice(SliceExpr* e) {
  using ssa::BoundsKind;
  const TypeInfo* rt = ti(e);
  Type* xt = ty(e->x->type);
  Type* xu = under(xt);
  const TypeInfo* xi = info(xt);
  Value *base = nullptr, *len = nullptr, *cap = nullptr;
  i64 elem_size = 1;
  bool is_string = xi->is_string(), by_len = true;
  auto operand = [&] {
    if (is_string) {
      Val x = expr(e->x);
      base = x.w[0], len = cap = x.w[1];
    } else if (auto* s = xu->as<Slice>()) {
      Val x = expr(e->x);
      base = x.w[0], len = x.w[1], cap = x.w[2];
      elem_size = info(s->elem)->size;
      by_len = false;
    } else {
      const TypeInfo* at;
      if (auto* p = xu->as<Pointer>()) {
        base = expr(e->x).v();
        nil_check(base);
        at = info(p->elem);
      } else {
        base = ptr(address(e->x));
        at = xi;
      }
      len = cap = c64(at->len);
      elem_size = at->elem->size;
    }
  };
  Value* ix[3] = {};
  bool uns[3] = {};
  Expr* operands[] = {e->x, e->index[0], e->index[1], e->index[2]};
  in_order(operands, [&](size_t i) {
    if (i == 0) operand();
    else if (operands[i]) ix[i - 1] = index_value(operands[i], uns[i - 1]);
  });
  pos = e->pos;
  auto kind = [](BoundsKind k, bool unsigned_) {
    return static_cast<BoundsKind>(static_cast<u8>(k) + (unsigned_ ? 1 : 0));
  };
  Value* low = ix[0] ? ix[0] : c64(0);
  Value *high = ix[1] ? ix[1] : len, *max = cap;
  if (e->full) {
    max = ix[2];
    bounds(kind(by_len ? BoundsKind::Slice3Alen : BoundsKind::Slice3Acap, uns[2]), max, cap);
    bounds(kind(BoundsKind::Slice3B, uns[1]), high, max);
    if (ix[0]) bounds(kind(BoundsKind::Slice3C, uns[0]), low, high);
  } else {
    if (ix[1]) bounds(kind(by_len ? BoundsKind::SliceAlen : BoundsKind::SliceAcap, uns[1]), high, cap);
    if (ix[0]) bounds(kind(BoundsKind::SliceB, uns[0]), low, high);
  }
  Value* new_len = sub(high, low);
  if (is_string) {
    if (low->is_const(0)) return val(rt, {base, new_len});
    Value* mask = emit(Op::ShrS, Ty::I64, {emit(Op::Neg, Ty::I64, {new_len}), c64(63)});
    mask->flags |= ssa::Bounded;
    return val(rt, {ptr_add(base, emit(Op::And, Ty::I64, {low, mask})), new_len});
  }
  Value* new_cap = sub(max, low);
  if (!low->is_const(0) && elem_size != 0) {
    // An empty rest must not point past its object, where another may begin.
    Value* delta = mul(low, elem_size);
    if (new_cap->op != Op::Const) {
      Value* mask = emit(Op::ShrS, Ty::I64, {emit(Op::Neg, Ty::I64, {new_cap}), c64(63)});
      mask->flags |= ssa::Bounded;
      delta = emit(Op::And, Ty::I64, {delta, mask});
    } else if (new_cap->imm == 0) {
      delta = c64(0);
    }
    base = ptr_add(base, delta);
  }
  return val(rt, {base, new_len, new_cap});
}

// ---- operators
// -------------------------------------------------------------------------------------------------

Addr Builder::address(Expr* e) {
  LValue l = lvalue(e);
  if (l.kind == LValue::Slots) return to_memory(read_lvalue(l));
  resolve(l);
  return l.addr;
}

Val Builder::address_of(Expr* x, const TypeInfo* pt) {
  x = unparen(x);
  if (auto* cl = x->as<CompositeLit>()) {
    const TypeInfo* t = ti(cl);
    if (t->kind != abi::KPointer || under(pt->under->cast<Pointer>()->elem)->kind == TypeKind::Pointer) {
      if (t->ssa_able) {
        Val v = expr(cl);
        Addr a = new_object(t);
        store(a, v);
        return val(pt, {a.base});
      }
      Addr a = new_object(t);
      composite_to(cl, t, a);
      return val(pt, {a.base});
    }
  }
  return val(pt, {ptr(address(x))});
}

Val Builder::unary(UnaryExpr* e) {
  const TypeInfo* t = ti(e);
  switch (e->op) {
    case Tok::And: return address_of(e->x, t);
    case Tok::Arrow: return receive(e, nullptr);
    case Tok::Not: return val(t, {bool_not(expr(e->x).v())});
    case Tok::Add: return expr(e->x);
    case Tok::Xor: return val(t, {emit(Op::Not, t->ty(), {expr(e->x).v()})});
    case Tok::Sub: {
      Val x = expr(e->x);
      Val r;
      r.t = t;
      for (int i = 0; i < x.n; i++)
        r.w[r.n++] = emit(ssa::is_float(x.w[i]->ty) ? Op::FNeg : Op::Neg, x.w[i]->ty, {x.w[i]});
      return r;
    }
    default: VOLE_UNREACHABLE("unary operator");
  }
}

Val Builder::binary(BinaryExpr* e) {
  const TypeInfo* t = ti(e);
  switch (e->op) {
    case Tok::AndAnd:
    case Tok::OrOr: {
      u32 slot = new_slot(Ty::I8);
      Block *yes = new_block(), *no = new_block(), *done = new_block();
      cond(e, yes, no);
      enter_sealed(yes);
      if (cur) write(slot, c(Ty::I8, 1)), jump(done);
      enter_sealed(no);
      if (cur) write(slot, c(Ty::I8, 0)), jump(done);
      enter_sealed(done);
      return val(t, {read(slot)});
    }
    case Tok::Eql:
    case Tok::Neq:
    case Tok::Lss:
    case Tok::Leq:
    case Tok::Gtr:
    case Tok::Geq: return val(t, {compare(e->op, e->x, e->y)});
    case Tok::Shl:
    case Tok::Shr: {
      Val x, y;
      in_order(e->x, e->y, [&](size_t i) { i == 0 ? x = expr_as(e->x, t) : y = expr(e->y); });
      pos = e->op_pos;
      return shift(e->op, x, y, t, e->y);
    }
    default: break;
  }
  if (t->is_string()) return concat(e);
  Val x, y;
  in_order(e->x, e->y, [&](size_t i) { i == 0 ? x = expr_as(e->x, t) : y = expr_as(e->y, t); });
  pos = e->op_pos;
  return arith(e->op, x, y, t, e->y);
}
}  // namespace vole::irgen
