// Builtin functions.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

Type* Builder::elem_type(Type* t) {
  Type* un = under(t);
  switch (un->kind) {
    case TypeKind::Slice: return un->cast<Slice>()->elem;
    case TypeKind::Array: return un->cast<Array>()->elem;
    case TypeKind::Map: return un->cast<Map>()->elem;
    case TypeKind::Chan: return un->cast<Chan>()->elem;
    case TypeKind::Pointer: {
      Type* e = un->cast<Pointer>()->elem;
      if (auto* a = under(e)->as<Array>()) return a->elem;
      return e;
    }
    default: return types::basic(BasicKind::Uint8);
  }
}

Val Builder::len_cap(Expr* x, bool cap) {
  Type* xt = ty(x->type);
  Type* xu = under(xt);
  const TypeInfo* it = int_type();
  const TypeInfo* xi = info(xt);
  if (xi->kind == abi::KArray) {
    // In generic code lengths of arrays are not always constants of the language.
    if (has_call(x)) effect(x);
    return val(it, {c64(xi->len)});
  }
  if (auto* p = xu->as<Pointer>()) {
    if (has_call(x)) effect(x);
    return val(it, {c64(info(p->elem)->len)});
  }
  Val v = xi->is_string() ? bytes_as_string(x) : expr(x);
  if (xi->is_string()) return val(it, {v.w[1]});
  if (xi->kind == abi::KSlice) return val(it, {v.w[cap ? 2 : 1]});
  if (xi->kind == abi::KChan) return rt1(cap ? Rt::chancap : Rt::chanlen, {pv(v.v())});
  // Maps: the count is the first word.
  u32 slot = new_slot(Ty::I64);
  Block *some = new_block(), *done = new_block();
  write(slot, c64(0));
  branch(icmp(Cond::Ne, v.v(), nil()), some, done);
  enter_sealed(some);
  write(slot, load(Ty::I64, {v.v(), 0, 0}));
  jump(done);
  enter_sealed(done);
  return val(it, {read(slot)});
}

// A length or capacity as an int; what does not fit an int is made negative, so that the runtime's check
// catches it.
static Value* size_arg(Builder& b, Expr* e) {
  const TypeInfo* t = b.ti(e);
  if (e->cval)
    return b.c64(static_cast<i64>(e->cval->kind == ConstValue::Int ? e->cval->integer.low_bits()
                                                                   : e->cval->real.to_int().low_bits()));
  return b.widen(b.expr(e).v(), t->is_signed);
}

Val Builder::make(CallExpr* e, const TypeInfo* t) {
  switch (t->kind) {
    case abi::KSlice: {
      const TypeInfo* et = info(t->under->cast<Slice>()->elem);
      Value* len = size_arg(*this, e->args[1]);
      Value* cap = e->args.size() > 2 ? size_arg(*this, e->args[2]) : len;
      pos = e->pos;
      if (len->op == Op::Const && cap->op == Op::Const && len->imm >= 0 && len->imm <= cap->imm &&
          (et->size == 0 || cap->imm <= 64 * 1024 / et->size)) {
        const TypeInfo* at = info(new_array(et->type, cap->imm));
        Addr a = new_object(at);
        return val(t, {a.base, len, cap});
      }
      if (cap->op == Op::Const && cap->imm >= 0 && (et->size == 0 || cap->imm <= 64 * 1024 / et->size) &&
          e->args.size() > 2) {
        // Constant capacity: the length is checked here, the memory can be a fixed array.
        Block *ok = new_block(), *bad = new_block(true);
        branch(icmp(Cond::LeU, len, cap), ok, bad, 1);
        enter_sealed(bad);
        Block *neg = new_block(true), *big = new_block(true);
        branch(icmp(Cond::LtS, len, c64(0)), neg, big);
        enter_sealed(neg);
        rt_panic(Rt::panicmakeslicelen);
        enter_sealed(big);
        rt_panic(Rt::panicmakeslicecap);
        enter_sealed(ok);
        const TypeInfo* at = info(new_array(et->type, cap->imm));
        Addr a = new_object(at);
        return val(t, {a.base, len, cap});
      }
      Val p = rt1(Rt::makeslice, {pv(type_addr(et)), iv(len), iv(cap)});
      p.w[0]->flags |= ssa::NonNil;
      return val(t, {p.v(), len, cap});
    }
    case abi::KMap: {
      u.descriptor(t);
      Val m;
      if (e->args.size() < 2) {
        m = rt1(Rt::makemap_small, {});
      } else {
        Value* hint = size_arg(*this, e->args[1]);
        if (hint->op == Op::Const && hint->imm >= 0 && hint->imm <= abi::MapGroupSlots)
          m = rt1(Rt::makemap_small, {});
        else m = rt1(Rt::makemap, {pv(type_addr(t)), iv(hint), pv(nil())});
      }
      m.w[0]->flags |= ssa::NonNil;
      return val(t, {m.v()});
    }
    case abi::KChan: {
      Value* n = e->args.size() > 1 ? size_arg(*this, e->args[1]) : c64(0);
      Val ch = rt1(Rt::makechan, {pv(type_addr(t)), iv(n)});
      ch.w[0]->flags |= ssa::NonNil;
      return val(t, {ch.v()});
    }
    default: VOLE_UNREACHABLE("make");
  }
}

Val Builder::append(CallExpr* e, const TypeInfo* t) {
  const TypeInfo* et = info(t->under->cast<Slice>()->elem);
  bool spread = e->has_dots;
  Val s, more;
  Vals vals(e->args.size() - 1);
  in_order(e->args, [&](size_t i) {
    Expr* x = unparen(e->args[i]);
    if (i == 0) s = expr_as(x, t);
    else if (!spread) vals[i - 1] = copy_to_temp(expr_as(x, et));
    else if (x->mode != Mode::Nil) more = ti(x)->is_string() ? bytes_as_string(x) : expr(x);
  });
  if (vals.empty() || (spread && !more.t)) return s;
  Value* num = spread ? more.w[1] : c64(static_cast<i64>(vals.size()));
  pos = e->pos;
  u32 ps = new_slot(Ty::Ptr), ls = new_slot(Ty::I64), cs = new_slot(Ty::I64);
  Value* new_len = add(s.w[1], num);
  write(ps, s.w[0]);
  write(ls, new_len);
  write(cs, s.w[2]);
  Block *grow = new_block(true), *fits = new_block();
  // Unsigned: a length that overflowed is too large as well.
  branch(icmp(Cond::LtU, s.w[2], new_len), grow, fits, -1);
  enter_sealed(grow);
  Vals g = rt(Rt::growslice, {pv(s.w[0]), iv(new_len), iv(s.w[2]), iv(num), pv(type_addr(et))});
  write(ps, g[0].w[0]);
  write(ls, g[0].w[1]);
  write(cs, g[0].w[2]);
  jump(fits);
  enter_sealed(fits);
  Value *p = read(ps), *n = read(ls), *cp = read(cs);
  Val r = val(t, {p, n, cp});
  if (et->size == 0) return r;
  Value* old_len = s.w[1];
  if (spread) {
    // An empty source has nothing to copy, and the end of a full slice must not be formed.
    Block *some = new_block(), *done = new_block();
    branch(icmp(Cond::Ne, num, c64(0)), some, done);
    enter_sealed(some);
    Value* at = ptr_add(p, mul(old_len, et->size));
    if (et->has_pointers())
      rt(Rt::typedslicecopy, {pv(type_addr(et)), pv(at), iv(num), pv(more.w[0]), iv(num)});
    else rt(Rt::memmove, {pv(at), pv(more.w[0]), val(basic(BasicKind::Uintptr), {mul(num, et->size)})});
    jump(done);
    enter_sealed(done);
    return r;
  }
  Value* at = scaled({p, 0, 0}, old_len, et->size);
  for (size_t i = 0; i < vals.size(); i++) store({at, static_cast<i64>(i) * et->size, 0}, vals[i]);
  return r;
}

Val Builder::copy(CallExpr* e) {
  Val d, s;
  in_order(e->args, [&](size_t i) {
    Expr* x = e->args[i];
    if (i == 0) d = expr(x);
    else s = ti(x)->is_string() ? bytes_as_string(x) : expr(x);
  });
  const TypeInfo* et = info(d.t->under->cast<Slice>()->elem);
  pos = e->pos;
  Value* n = select(icmp(Cond::LtS, d.w[1], s.w[1]), d.w[1], s.w[1]);
  if (et->size == 0) return val(int_type(), {n});
  if (et->has_pointers())
    return rt1(Rt::typedslicecopy, {pv(type_addr(et)), pv(d.w[0]), iv(d.w[1]), pv(s.w[0]), iv(s.w[1])});
  Block *move_it = new_block(), *done = new_block();
  branch(icmp(Cond::Ne, d.w[0], s.w[0]), move_it, done);
  enter_sealed(move_it);
  rt(Rt::memmove, {pv(d.w[0]), pv(s.w[0]), val(basic(BasicKind::Uintptr), {mul(n, et->size)})});
  jump(done);
  enter_sealed(done);
  return val(int_type(), {n});
}

void Builder::clear(Expr* x) {
  const TypeInfo* t = ti(x);
  Val v = expr(x);
  if (t->kind == abi::KMap) {
    rt(Rt::mapclear, {pv(type_addr(t)), pv(v.v())});
    return;
  }
  const TypeInfo* et = info(t->under->cast<Slice>()->elem);
  if (et->size == 0) return;
  Block *some = new_block(), *done = new_block();
  branch(icmp(Cond::Ne, v.w[1], c64(0)), some, done);
  enter_sealed(some);
  Val n = val(basic(BasicKind::Uintptr), {mul(v.w[1], et->size)});
  rt(et->has_pointers() ? Rt::memclrHasPointers : Rt::memclrNoHeapPointers, {pv(v.w[0]), n});
  jump(done);
  enter_sealed(done);
}

Val Builder::min_max(CallExpr* e, bool is_max) {
  const TypeInfo* t = ti(e);
  Vals vals(e->args.size());
  in_order(e->args, [&](size_t i) { vals[i] = expr_as(e->args[i], t); });
  pos = e->pos;
  Val r = vals[0];
  for (size_t i = 1; i < vals.size(); i++) {
    const Val& x = vals[i];
    if (t->is_float()) {
      r = val(t, {emit(is_max ? Op::FMax : Op::FMin, t->ty(), {r.v(), x.v()})});
    } else if (t->is_string()) {
      Value* less = compare_vals(Tok::Lss, is_max ? r : x, is_max ? x : r);
      r = val(t, {select(less, x.w[0], r.w[0]), select(less, x.w[1], r.w[1])});
    } else {
      Value* less = compare_vals(Tok::Lss, is_max ? r : x, is_max ? x : r);
      r = val(t, {select(less, x.v(), r.v())});
    }
  }
  return r;
}

void Builder::print(CallExpr* e, bool ln) {
  Vals vals;
  for (Expr* a : e->args) {
    const TypeInfo* t = ti(a);
    if (a->mode == Mode::Nil) {
      vals.push_back(zero(ptr_type()));
    } else if (a->cval && a->mode == Mode::Constant && t->kind == abi::KInt &&
               a->cval->kind == ConstValue::Int && !a->cval->integer.is_i64()) {
      vals.push_back(constant(a->cval, basic(BasicKind::Uint64)));
    } else {
      vals.push_back(copy_to_temp(expr(a)));
    }
  }
  pos = e->pos;
  rt(Rt::printlock, {});
  const TypeInfo *i64t = basic(BasicKind::Int64), *u64t = basic(BasicKind::Uint64);
  for (size_t i = 0; i < vals.size(); i++) {
    if (i && ln) rt(Rt::printsp, {});
    const Val& v = vals[i];
    const TypeInfo* t = v.t;
    switch (t->kind) {
      case abi::KBool: rt(Rt::printbool, {retype(v, bool_type())}); break;
      case abi::KString: {
        std::string_view n = link_string(t).text();
        rt(n == "runtime.quoted" ? Rt::printquoted : Rt::printstring, {retype(v, string_type())});
        break;
      }
      case abi::KFloat32: rt(Rt::printfloat32, {v}); break;
      case abi::KFloat64: rt(Rt::printfloat64, {v}); break;
      case abi::KComplex64: rt(Rt::printcomplex64, {v}); break;
      case abi::KComplex128: rt(Rt::printcomplex128, {v}); break;
      case abi::KInterface: rt(is_empty_interface(t) ? Rt::printeface : Rt::printiface, {v}); break;
      case abi::KSlice: rt(Rt::printslice, {retype(v, u.byte_slice())}); break;
      case abi::KPointer:
      case abi::KMap:
      case abi::KChan:
      case abi::KFunc:
      case abi::KUnsafePointer: rt(Rt::printpointer, {pv(v.v())}); break;
      default: {
        if (link_string(t).text() == "runtime.hex") {
          rt(Rt::printhex, {val(u64t, {widen(v.v(), t->is_signed)})});
        } else if (t->kind == abi::KUintptr) {
          rt(Rt::printuintptr, {retype(v, basic(BasicKind::Uintptr))});
        } else if (t->is_signed) {
          rt(Rt::printint, {val(i64t, {widen(v.v(), true)})});
        } else {
          rt(Rt::printuint, {val(u64t, {widen(v.v(), false)})});
        }
      }
    }
  }
  if (ln) rt(Rt::printnl, {});
  rt(Rt::printunlock, {});
}

// unsafe.Slice and unsafe.String: length not negative, and the end within the address space.
Val Builder::unsafe_slice(CallExpr* e, bool string) {
  const TypeInfo* t = ti(e);
  Val p = expr(e->args[0]);
  const TypeInfo* et = string ? basic(BasicKind::Uint8) : info(t->under->cast<Slice>()->elem);
  const TypeInfo* lt = ti(e->args[1]);
  Value* n = size_arg(*this, e->args[1]);
  (void)lt;
  pos = e->pos;
  Rt bad_len = string ? Rt::panicunsafestringlen : Rt::panicunsafeslicelen;
  Rt bad_nil = string ? Rt::panicunsafestringnilptr : Rt::panicunsafeslicenilptr;
  if (!(n->op == Op::Const && n->imm >= 0)) {
    Block *ok = new_block(), *bad = new_block(true);
    branch(icmp(Cond::GeS, n, c64(0)), ok, bad, 1);
    enter_sealed(bad);
    rt_panic(bad_len);
    enter_sealed(ok);
  }
  if (et->size != 0) {
    // bytes > -uintptr(ptr) or the product overflows
    Value* addr = emit(Op::PtrToInt, Ty::I64, {p.v()});
    Value* bytes = mul(n, et->size);
    Block *ok = new_block(), *bad = new_block(true);
    Value* fits = icmp(Cond::LeU, bytes, emit(Op::Neg, Ty::I64, {addr}));
    // A nil pointer negates to 0: then only no bytes fit; sizes that overflow are caught by the high half.
    if (et->size > 1) {
      Value* high = emit(Op::MulHU, Ty::I64, {n, c64(et->size)});
      fits = emit(Op::And, Ty::I8, {fits, icmp(Cond::Eq, high, c64(0))});
    }
    branch(fits, ok, bad, 1);
    enter_sealed(bad);
    Block *isnil = new_block(true), *toolong = new_block(true);
    branch(icmp(Cond::Eq, p.v(), nil()), isnil, toolong);
    enter_sealed(isnil);
    rt_panic(bad_nil);
    enter_sealed(toolong);
    rt_panic(bad_len);
    enter_sealed(ok);
  }
  if (string) return val(t, {p.v(), n});
  return val(t, {p.v(), n, n});
}

// builtin(f()) with several results: the call with an operand for each, which are evaluated now.
CallExpr* Builder::spread_operands(CallExpr* e) {
  if (e->args.size() != 1 || !e->args[0]->type || e->args[0]->type->kind != TypeKind::Tuple) return e;
  Vals vals = expr_multi(e->args[0]);
  std::vector<Expr*> operands;
  for (const Val& v : vals) {
    auto* x = u.arena().make<Ident>();
    x->kind = NodeKind::Ident;
    x->pos = e->args[0]->pos;
    x->type = v.t->type;
    x->mode = Mode::Value;
    overrides_[x] = copy_to_temp(v);
    operands.push_back(x);
  }
  auto* call = u.arena().make<CallExpr>(*e);
  call->args = u.arena().copy(operands);
  return call;
}

Vals Builder::builtin(CallExpr* e) {
  e = spread_operands(e);
  auto id = static_cast<BuiltinId>(e->builtin);
  const TypeInfo* t =
      e->type && e->mode != Mode::NoValue && e->type->kind != TypeKind::Tuple ? ti(e) : nullptr;
  if (e->cval && e->mode == Mode::Constant && overrides_.empty()) return {constant(e->cval, t)};
  switch (id) {
    case BuiltinId::Append: return {append(e, t)};
    case BuiltinId::Cap: return {retype(len_cap(e->args[0], true), t)};
    case BuiltinId::Len: return {retype(len_cap(e->args[0], false), t)};
    case BuiltinId::Clear: clear(e->args[0]); return {};
    case BuiltinId::Close: {
      Val ch = expr(e->args[0]);
      pos = e->pos;
      rt(Rt::closechan, {pv(ch.v())});
      return {};
    }
    case BuiltinId::Complex: {
      const TypeInfo* ft = basic(t->leaf[0].ty == Ty::F32 ? BasicKind::Float32 : BasicKind::Float64);
      Val r = expr_as(e->args[0], ft), i = expr_as(e->args[1], ft);
      return {val(t, {r.v(), i.v()})};
    }
    case BuiltinId::Real:
    case BuiltinId::Imag: {
      Val x = expr(e->args[0]);
      return {val(t, {x.w[id == BuiltinId::Real ? 0 : 1]})};
    }
    case BuiltinId::Copy: return {copy(e)};
    case BuiltinId::Delete: {
      const TypeInfo* mt = ti(e->args[0]);
      Val m = expr(e->args[0]);
      Val k = map_key(e->args[1], mt->under->cast<Map>());
      pos = e->pos;
      map_delete(m, mt, k);
      return {};
    }
    case BuiltinId::Make: return {make(e, t)};
    case BuiltinId::Max:
    case BuiltinId::Min: return {min_max(e, id == BuiltinId::Max)};
    case BuiltinId::New: {
      Expr* x = e->args[0];
      const TypeInfo* et = info(t->under->cast<Pointer>()->elem);
      if (x->mode == Mode::TypeExpr) return {val(t, {new_object(et).base})};
      Val v = expr_as(x, et);
      Addr a = new_object(et);
      store(a, v);
      return {val(t, {a.base})};
    }
    case BuiltinId::Panic: {
      Val v = expr_as(e->args[0], any_type());
      pos = e->pos;
      panic_value(v);
      return {};
    }
    case BuiltinId::Print: print(e, false); return {};
    case BuiltinId::Println: print(e, true); return {};
    case BuiltinId::Recover: f->has_recover = true; return {retype(rt1(Rt::gorecover, {}), any_type())};
    case BuiltinId::UnsafeAdd: {
      Val p = expr(e->args[0]);
      Value* n = size_arg(*this, e->args[1]);
      return {val(t, {ptr_add(p.v(), n)})};
    }
    case BuiltinId::UnsafeSlice: return {unsafe_slice(e, false)};
    case BuiltinId::UnsafeString: return {unsafe_slice(e, true)};
    case BuiltinId::UnsafeSliceData:
    case BuiltinId::UnsafeStringData: {
      Val v = expr(e->args[0]);
      return {val(t, {v.w[0]})};
    }
    // Constants unless they depend on type parameters.
    case BuiltinId::UnsafeSizeof: return {val(t, {c64(ti(e->args[0])->size)})};
    case BuiltinId::UnsafeAlignof: return {val(t, {c64(ti(e->args[0])->align)})};
    case BuiltinId::UnsafeOffsetof: {
      auto* s = unparen(e->args[0])->cast<SelectorExpr>();
      Type* at = ty(s->selection->recv);
      i64 off = 0;
      for (u32 i : s->selection->path) {
        if (auto* p = under(at)->as<Pointer>()) at = p->elem;
        const TypeInfo* st = info(at);
        off += st->offsets[i];
        at = st->fields[i]->type;
      }
      return {val(t, {c64(off)})};
    }
  }
  VOLE_UNREACHABLE("builtin");
}
}  // namespace vole::irgen
