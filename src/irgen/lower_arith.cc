// Arithmetic, shifts, comparison, string concatenation.
#include <algorithm>
#include <array>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

Val Builder::arith(Tok op, const Val& a, const Val& b, const TypeInfo* t, Expr* ye) {
  if (op == Tok::Shl || op == Tok::Shr) return shift(op, a, b, t, ye);
  if (t->is_complex()) {
    Value *ar = a.w[0], *ai = a.w[1], *br = b.w[0], *bi = b.w[1];
    Ty ft = ar->ty;
    auto fop = [&](Op o, Value* x, Value* y) { return emit(o, ft, {x, y}); };
    switch (op) {
      case Tok::Add: return val(t, {fop(Op::FAdd, ar, br), fop(Op::FAdd, ai, bi)});
      case Tok::Sub: return val(t, {fop(Op::FSub, ar, br), fop(Op::FSub, ai, bi)});
      case Tok::Mul: {
        // The parts of complex64 are computed in double precision, as gc does.
        auto wide = [&](Value* x) { return ft == Ty::F32 ? emit(Op::FToF, Ty::F64, {x}) : x; };
        auto narrow = [&](Value* x) { return ft == Ty::F32 ? emit(Op::FToF, Ty::F32, {x}) : x; };
        Value *xr = wide(ar), *xi = wide(ai), *yr = wide(br), *yi = wide(bi);
        auto d = [&](Op o, Value* x, Value* y) { return emit(o, Ty::F64, {x, y}); };
        Value* re = d(Op::FSub, d(Op::FMul, xr, yr), d(Op::FMul, xi, yi));
        Value* im = d(Op::FAdd, d(Op::FMul, xr, yi), d(Op::FMul, xi, yr));
        return val(t, {narrow(re), narrow(im)});
      }
      case Tok::Div: {
        const TypeInfo* c128 = basic(BasicKind::Complex128);
        auto conv = [&](const Val& v) {
          if (ft == Ty::F64) return retype(v, c128);
          return val(c128, {emit(Op::FToF, Ty::F64, {v.w[0]}), emit(Op::FToF, Ty::F64, {v.w[1]})});
        };
        Val r = rt1(Rt::complex128div, {conv(a), conv(b)});
        if (ft == Ty::F64) return retype(r, t);
        return val(t, {emit(Op::FToF, Ty::F32, {r.w[0]}), emit(Op::FToF, Ty::F32, {r.w[1]})});
      }
      default: VOLE_UNREACHABLE("complex operator");
    }
  }
  if (t->is_string()) return concat_vals(std::array<Val, 2>{a, b}, t);
  Value *x = a.v(), *y = b.v();
  Ty ty = x->ty;
  if (t->is_float()) {
    Op o = op == Tok::Add ? Op::FAdd : op == Tok::Sub ? Op::FSub : op == Tok::Mul ? Op::FMul : Op::FDiv;
    return val(t, {emit(o, ty, {x, y})});
  }
  if (ty == Ty::Ptr) VOLE_UNREACHABLE("pointer arithmetic");
  switch (op) {
    case Tok::Add: return val(t, {emit(Op::Add, ty, {x, y})});
    case Tok::Sub: return val(t, {emit(Op::Sub, ty, {x, y})});
    case Tok::Mul: return val(t, {emit(Op::Mul, ty, {x, y})});
    case Tok::And: return val(t, {emit(Op::And, ty, {x, y})});
    case Tok::Or: return val(t, {emit(Op::Or, ty, {x, y})});
    case Tok::Xor: return val(t, {emit(Op::Xor, ty, {x, y})});
    case Tok::AndNot: return val(t, {emit(Op::And, ty, {x, emit(Op::Not, ty, {y})})});
    case Tok::Div:
    case Tok::Rem: {
      bool known = y->op == Op::Const && y->imm != 0;
      if (!known) {
        Block *ok = new_block(), *bad = new_block(true);
        branch(icmp(Cond::Ne, y, c(ty, 0)), ok, bad, 1);
        enter_sealed(bad);
        rt_panic(Rt::panicdivide);
        enter_sealed(ok);
      }
      Op o = op == Tok::Div ? (t->is_signed ? Op::DivS : Op::DivU) : (t->is_signed ? Op::RemS : Op::RemU);
      Value* v = emit(o, ty, {x, y});
      if (y->op == Op::Const && y->imm != -1) v->flags |= ssa::Bounded;
      return val(t, {v});
    }
    default: VOLE_UNREACHABLE("operator");
  }
}

Val Builder::shift(Tok op, const Val& a, const Val& b, const TypeInfo* t, Expr* ye) {
  Value *x = a.v(), *n = b.v();
  u32 width = ssa::size_of(x->ty) * 8;
  bool bounded = false;
  if (n->op == Op::Const && !(b.t->is_signed && n->imm < 0)) {
    u64 k = static_cast<u64>(b.t->is_signed ? n->imm : widen(n, false)->imm);
    bounded = k < width;
    if (!bounded && (op == Tok::Shl || !t->is_signed)) return val(t, {c(x->ty, 0)});
    if (!bounded) k = width - 1, bounded = true;
    n = c64(static_cast<i64>(k));
  } else if (b.t->is_signed) {
    Block *ok = new_block(), *bad = new_block(true);
    branch(icmp(Cond::GeS, n, c(n->ty, 0)), ok, bad, 1);
    enter_sealed(bad);
    rt_panic(Rt::panicshift);
    enter_sealed(ok);
  }
  Value* v = emit(op == Tok::Shl ? Op::Shl : t->is_signed ? Op::ShrS : Op::ShrU, x->ty, {x, n});
  if (bounded) v->flags |= ssa::Bounded;
  return val(t, {v});
}

// ---- strings
// -------------------------------------------------------------------------------------------------

void Builder::concat_operands(Expr* e, std::vector<Expr*>& out) {
  e = unparen(e);
  if (auto* b = e->as<BinaryExpr>(); b && b->op == Tok::Add && !e->cval) {
    concat_operands(b->x, out);
    concat_operands(b->y, out);
    return;
  }
  out.push_back(e);
}

Val Builder::concat(BinaryExpr* e) {
  const TypeInfo* t = ti(e);
  std::vector<Expr*> ops;
  concat_operands(e, ops);
  std::vector<Val> parts(ops.size());
  // The result shares memory with an operand that is the only one not empty: only where a constant part keeps
  // that from happening may bytes go without a copy.
  bool new_memory =
      std::any_of(ops.begin(), ops.end(), [](Expr* x) { return x->cval && x->cval->string_size(); });
  in_order(ops, [&](size_t i) { parts[i] = new_memory ? bytes_as_string(ops[i]) : expr(ops[i]); });
  pos = e->op_pos;
  return concat_vals(parts, t);
}

Val Builder::concat_vals(std::span<const Val> parts, const TypeInfo* t) {
  const TypeInfo* st = string_type();
  std::vector<Val> p;
  for (const Val& v : parts)
    if (!v.w[1]->is_const(0)) p.push_back(retype(v, st));
  if (p.empty()) return zero(t);
  if (p.size() == 1) return retype(p[0], t);
  Val buf = pv(nil());
  switch (p.size()) {
    case 2: return retype(rt1(Rt::concatstring2, {buf, p[0], p[1]}), t);
    case 3: return retype(rt1(Rt::concatstring3, {buf, p[0], p[1], p[2]}), t);
    case 4: return retype(rt1(Rt::concatstring4, {buf, p[0], p[1], p[2], p[3]}), t);
    case 5: return retype(rt1(Rt::concatstring5, {buf, p[0], p[1], p[2], p[3], p[4]}), t);
    default: break;
  }
  i64 n = static_cast<i64>(p.size());
  std::vector<i64> ptrs;
  for (i64 i = 0; i < n; i++) ptrs.push_back(i * 16);
  Addr a = alloca_layout(u.layout_of(n * 16, 8, ptrs));
  for (i64 i = 0; i < n; i++) store(a.at(i * 16), p[static_cast<size_t>(i)]);
  Val list = val(basic_slice(), {a.base, c64(n), c64(n)});
  return retype(rt1(Rt::concatstrings, {buf, list}), t);
}

// A string made of bytes that only this expression looks at needs no copy.
Val Builder::bytes_as_string(Expr* e) {
  Expr* x = unparen(e);
  if (auto* cv = x->as<CallExpr>();
      cv && cv->callee == CallExpr::Conversion && !x->cval && overrides_.empty()) {
    const TypeInfo* to = ti(x);
    const TypeInfo* from = ti(cv->args[0]);
    if (to->is_string() && from->kind == abi::KSlice && info(from->under->cast<Slice>()->elem)->size == 1) {
      Val b = expr(cv->args[0]);
      return val(to, {b.w[0], b.w[1]});
    }
  }
  return expr(e);
}

// Whether n bytes at a and b are equal, for constant n: a few wide loads, or memequal.
Value* Builder::mem_equal_const(Value* a, Value* b, i64 n) {
  if (n == 0) return c(Ty::I8, 1);
  if (n > 32) return rt1(Rt::memequal, {pv(a), pv(b), val(basic(BasicKind::Uintptr), {c64(n)})}).v();
  Value* diff = nullptr;
  i64 off = 0;
  auto step = [&](Ty t, i64 at) {
    Value* x = emit(Op::Xor, t, {load(t, {a, at, 0}), load(t, {b, at, 0})});
    if (n > 8 || diff) x = widen(x, false);
    diff = diff ? emit(Op::Or, Ty::I64, {widen(diff, false), x}) : x;
  };
  while (n - off >= 8) step(Ty::I64, off), off += 8;
  i64 rest = n - off;
  if (rest && n >= 8) {
    step(Ty::I64, n - 8);  // overlaps what was compared
    rest = 0;
  }
  if (rest >= 4) {
    step(Ty::I32, off), off += 4, rest -= 4;
    if (rest) step(Ty::I32, n - 4), rest = 0;
  }
  if (rest >= 2) step(Ty::I16, off), off += 2, rest -= 2;
  if (rest) step(Ty::I8, off);
  return icmp(Cond::Eq, diff, c(diff->ty, 0));
}

Value* Builder::string_equal(const Val& a, const Val& b, std::string_view const_b, bool b_is_const) {
  if (b_is_const && const_b.empty()) return icmp(Cond::Eq, a.w[1], c64(0));
  u32 slot = new_slot(Ty::I8);
  Block *same_len = new_block(), *done = new_block();
  write(slot, c(Ty::I8, 0));
  branch(icmp(Cond::Eq, a.w[1], b_is_const ? c64(static_cast<i64>(const_b.size())) : b.w[1]), same_len, done);
  enter_sealed(same_len);
  Value* r;
  if (b_is_const && const_b.size() <= 32)
    r = mem_equal_const(a.w[0], b.w[0], static_cast<i64>(const_b.size()));
  else r = rt1(Rt::memequal, {pv(a.w[0]), pv(b.w[0]), val(basic(BasicKind::Uintptr), {a.w[1]})}).v();
  write(slot, r);
  jump(done);
  enter_sealed(done);
  return read(slot);
}

// ---- equality
// -------------------------------------------------------------------------------------------------

Value* Builder::iface_equal(const Val& a, const Val& b) {
  u32 slot = new_slot(Ty::I8);
  Block *same_tab = new_block(), *done = new_block();
  write(slot, c(Ty::I8, 0));
  branch(icmp(Cond::Eq, a.w[0], b.w[0]), same_tab, done);
  enter_sealed(same_tab);
  write(slot,
        rt1(is_empty_interface(a.t) ? Rt::efaceeq : Rt::ifaceeq, {pv(a.w[0]), pv(a.w[1]), pv(b.w[1])}).v());
  jump(done);
  enter_sealed(done);
  return read(slot);
}

// Whether == of two such values may find types in interfaces that cannot be compared.
static bool comparing_may_panic(const TypeInfo* t) {
  if (t->is_interface()) return true;
  if (t->kind == abi::KArray) return t->len > 0 && comparing_may_panic(t->elem);
  if (t->kind != abi::KStruct) return false;
  return std::any_of(t->fields.begin(), t->fields.end(), comparing_may_panic);
}

Value* Builder::equal(const Val& a, const Val& b) {
  const TypeInfo* t = a.t;
  if (t->size == 0) return c(Ty::I8, 1);
  switch (t->kind) {
    case abi::KString: return string_equal(a, b, {}, false);
    case abi::KInterface: return iface_equal(a, b);
    case abi::KFloat32:
    case abi::KFloat64: return fcmp(Cond::Eq, a.v(), b.v());
    case abi::KComplex64:
    case abi::KComplex128:
      return emit(Op::And, Ty::I8, {fcmp(Cond::Eq, a.w[0], b.w[0]), fcmp(Cond::Eq, a.w[1], b.w[1])});
    case abi::KStruct:
    case abi::KArray: break;
    default: return icmp(Cond::Eq, a.v(), b.v());
  }
  if (a.mem) {
    if (is_regular_memory(t) && t->size <= 32) return mem_equal_const(ptr(a.addr()), ptr(b.addr()), t->size);
    if (is_regular_memory(t))
      return rt1(Rt::memequal,
                 {pv(ptr(a.addr())), pv(ptr(b.addr())), val(basic(BasicKind::Uintptr), {c64(t->size)})})
          .v();
    Symbol* fn = u.eq_function(alg_signature(t));
    return call(u.rt_sig(Rt::strequal), {Callee::Static, fn, nullptr, false},
                std::array<Val, 2>{pv(ptr(a.addr())), pv(ptr(b.addr()))})[0]
        .v();
  }
  if (t->kind == abi::KArray) return equal(retype(a, t->elem), retype(b, t->elem));
  // Field by field; those that need a branch stop at the first difference. Between fields whose comparison
  // may panic, cheap ones come first, together.
  auto* s = t->under->cast<Struct>();
  std::vector<size_t> order;
  auto simple = [](const TypeInfo* ft) {
    return !ft->is_string() && !ft->is_interface() && ft->kind != abi::KStruct && ft->kind != abi::KArray;
  };
  size_t group = 0;
  for (size_t i = 0; i < t->fields.size(); i++) {
    if (s->fields[i]->name == "_") continue;
    const TypeInfo* ft = t->fields[i];
    if (simple(ft)) {
      auto at = std::find_if(order.begin() + static_cast<i64>(group), order.end(),
                             [&](size_t k) { return !simple(t->fields[k]); });
      order.insert(at, i);
    } else {
      order.push_back(i);
      if (comparing_may_panic(ft)) group = order.size();
    }
  }
  if (order.empty()) return c(Ty::I8, 1);
  u32 slot = new_slot(Ty::I8);
  Block* done = new_block();
  Value* acc = nullptr;
  for (size_t k = 0; k < order.size(); k++) {
    size_t i = order[k];
    const TypeInfo* ft = t->fields[i];
    if (!simple(ft) && acc) {
      write(slot, c(Ty::I8, 0));
      Block* go_on = new_block();
      branch(acc, go_on, done);
      enter_sealed(go_on);
      acc = nullptr;
    }
    Value* r = equal(sub_val(a, ft, t->leaf_start[i], 0), sub_val(b, ft, t->leaf_start[i], 0));
    acc = acc ? emit(Op::And, Ty::I8, {acc, r}) : r;
  }
  write(slot, acc);
  jump(done);
  enter_sealed(done);
  return read(slot);
}

Value* Builder::compare_vals(Tok op, const Val& a, const Val& b) {
  const TypeInfo* t = a.t;
  if (op == Tok::Eql || op == Tok::Neq) {
    Value* r;
    if (a.t->is_interface() != b.t->is_interface()) {
      // An interface against a concrete value: types first, then the data.
      const Val& i = a.t->is_interface() ? a : b;
      const Val& x = a.t->is_interface() ? b : a;
      u32 slot = new_slot(Ty::I8);
      Block *hit = new_block(), *done = new_block();
      write(slot, c(Ty::I8, 0));
      branch(holds(i, x.t), hit, done);
      enter_sealed(hit);
      if (cur) write(slot, equal(iface_data(i.w[1], x.t), x));
      jump(done);
      enter_sealed(done);
      r = read(slot);
    } else if (a.t->is_interface() && is_empty_interface(a.t) != is_empty_interface(b.t)) {
      r = iface_equal(convert_assign(a, any_type()), convert_assign(b, any_type()));
    } else if (a.t->is_interface() && !same(a.t, b.t)) {
      // Interfaces with methods of different types: compared through their type words.
      r = iface_equal(convert_assign(a, any_type()), convert_assign(b, any_type()));
    } else {
      r = equal(a, retype(b, t));
    }
    return op == Tok::Neq ? bool_not(r) : r;
  }
  if (t->is_string()) {
    Value* r = rt1(Rt::cmpstring, {retype(a, string_type()), retype(b, string_type())}).v();
    Cond cd = op == Tok::Lss   ? Cond::LtS
              : op == Tok::Leq ? Cond::LeS
              : op == Tok::Gtr ? Cond::GtS
                               : Cond::GeS;
    return icmp(cd, r, c64(0));
  }
  if (t->is_float()) {
    Cond cd = op == Tok::Lss ? Cond::Lt : op == Tok::Leq ? Cond::Le : op == Tok::Gtr ? Cond::Gt : Cond::Ge;
    return fcmp(cd, a.v(), b.v());
  }
  bool sg = t->is_signed;
  Cond cd = op == Tok::Lss   ? (sg ? Cond::LtS : Cond::LtU)
            : op == Tok::Leq ? (sg ? Cond::LeS : Cond::LeU)
            : op == Tok::Gtr ? (sg ? Cond::GtS : Cond::GtU)
                             : (sg ? Cond::GeS : Cond::GeU);
  return icmp(cd, a.v(), b.v());
}

Value* Builder::compare(Tok op, Expr* x, Expr* y) {
  x = unparen(x), y = unparen(y);
  if (y->mode == Mode::Nil || x->mode == Mode::Nil) {
    Expr* e = y->mode == Mode::Nil ? x : y;
    if (e->mode == Mode::Nil) return c(Ty::I8, op == Tok::Eql);
    Val v = expr(e);
    return icmp(op == Tok::Eql ? Cond::Eq : Cond::Ne, v.w[0], nil());
  }
  const TypeInfo *xt = ti(x), *yt = ti(y);
  bool eq = op == Tok::Eql || op == Tok::Neq;
  if (eq && xt->is_string() && yt->is_string()) {
    // A constant operand knows its length.
    if (x->cval) std::swap(x, y);
    if (y->cval && !x->cval) {
      Val a = bytes_as_string(x);
      std::string_view text = y->cval->string();
      Value* r = string_equal(a, text.empty() ? a : string_const(text, yt), text, true);
      return op == Tok::Neq ? bool_not(r) : r;
    }
  }
  if (xt->is_string() && yt->is_string()) {
    Val a, b;
    in_order(x, y, [&](size_t i) { i == 0 ? a = bytes_as_string(x) : b = bytes_as_string(y); });
    return compare_vals(op, a, b);
  }
  Val a, b;
  in_order(x, y, [&](size_t i) { i == 0 ? a = expr(x) : b = expr(y); });
  if (!a.t->is_interface() && b.t->is_interface() == false && !same(a.t, b.t)) b = retype(b, a.t);
  return compare_vals(op, a, b);
}
}  // namespace vole::irgen
