// for and range loops (but ranges over functions).
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

void Builder::copy_local(Local& to, Local& from) {
  if (to.t->ssa_able) write_local(to, read_local(from));
  else move(local_addr(to), local_addr(from), to.t);
}

// Variables of a for statement that closures or pointers may have kept hold of are new ones in each
// iteration. Their values are carried from one to the next apart, so that no iteration sees the object of the
// one before: what does not leave its iteration keeps one place in the frame.
struct Builder::CarriedVars {
  std::vector<std::pair<Local*, Local>> vars;  // the variable, what carries its value
  u32 first = 0;                               // slot: 1 in the first iteration, which has no post statement
};
Builder::CarriedVars Builder::carried_vars(ForStmt* s) {
  CarriedVars out;
  auto* init = s->per_iteration && s->init ? s->init->as<AssignStmt>() : nullptr;
  if (!init || !init->define || !cur) return out;
  for (Expr* e : init->lhs) {
    auto* id = e->as<Ident>();
    Var* v = id && id->obj ? id->obj->as<Var>() : nullptr;
    Local* l = v ? find(v) : nullptr;
    if (!l || l->kind != Local::Heap) continue;
    Local carry{Local::Slots, l->t, 0, {}, -1};
    if (l->t->ssa_able) carry.slot = new_slots(l->t);
    else carry.kind = Local::Mem, carry.addr = alloca_for(l->t);
    copy_local(carry, *l);
    out.vars.push_back({l, carry});
  }
  if (!out.vars.empty() && s->post) {
    out.first = new_slot(Ty::I8);
    write(out.first, c(Ty::I8, 1));
  }
  return out;
}

void Builder::for_stmt(ForStmt* s) {
  if (s->init) stmt(s->init);
  CarriedVars carried = carried_vars(s);
  Block* header = new_block();
  Block* body = new_block();
  Block* next = new_block();
  Block* done = new_block();
  open_loop(header);
  for (auto& [l, carry] : carried.vars) {
    Addr fresh = new_object(l->t);
    write(l->slot, fresh.base);
    debug_value(l->dbg, 0, fresh.base);
    if (l->t->ssa_able) store(fresh, read_local(carry));
    else move(fresh, carry.addr, l->t);
  }
  if (carried.first) {
    Block *post = new_block(), *test = new_block();
    branch(read(carried.first), test, post);
    enter_sealed(post);
    stmt(s->post);
    jump(test);
    enter_sealed(test);
  }
  pos = s->pos;
  if (s->cond) {
    pos = s->cond->pos;
    cond(s->cond, body, done);
  } else {
    jump(body);
  }
  targets_.push_back({s, done, next});
  enter_sealed(body);
  stmts(s->body->stmts);
  jump(next);
  targets_.pop_back();
  enter_sealed(next);
  if (cur) {
    for (auto& [l, carry] : carried.vars) copy_local(carry, *l);
    if (carried.first) write(carried.first, c(Ty::I8, 0));
    else if (s->post) stmt(s->post);
  }
  jump(header);
  close_loop(header);
  enter_sealed(done);
}

void Builder::range_vars(RangeStmt* s, const Val* key, const Val* value) {
  auto one = [&](Expr* e, const Val* v) {
    if (e && v) define_or_assign(e, s->define, *v);
  };
  if (s->key && s->value && !s->define && key && value) {
    // Both left sides are evaluated before either is assigned.
    auto blank = [](Expr* e) {
      auto* id = unparen(e)->as<Ident>();
      return id && id->name == "_";
    };
    LValue k, v;
    if (!blank(s->key)) k = lvalue(s->key);
    if (!blank(s->value)) v = lvalue(s->value);
    if (k.t) assign(k, convert_assign(*key, k.t));
    if (v.t) assign(v, convert_assign(*value, v.t));
    return;
  }
  one(s->key, key);
  one(s->value, value);
}

static bool wanted(Expr* e) {
  if (!e) return false;
  auto* id = unparen(e)->as<Ident>();
  return !id || id->name != "_";
}

void Builder::range_stmt(RangeStmt* s) {
  pos = s->pos;
  Type* t = under(ty(s->x->type));
  switch (t->kind) {
    case TypeKind::Basic:
      if (info(t)->is_string()) range_string(s);
      else range_int(s);
      break;
    case TypeKind::Map: range_map(s); break;
    case TypeKind::Chan: range_chan(s); break;
    case TypeKind::Signature: range_func(s); break;
    default: range_array(s); break;
  }
}

void Builder::range_int(RangeStmt* s) {
  const TypeInfo* t = ti(s->x);
  if (s->define && wanted(s->key)) t = ti(unparen(s->key)->as<Ident>()->obj->type);
  Value* limit = s->x->cval ? constant(s->x->cval, t).v() : expr_as(s->x, t).v();
  u32 slot = new_slots(t);
  write(slot, c(t->ty(), 0));
  Block *header = new_block(), *body = new_block(), *next = new_block(), *done = new_block();
  open_loop(header);
  Value* i = read(slot);
  branch(icmp(t->is_signed ? Cond::LtS : Cond::LtU, i, limit), body, done);
  enter_sealed(body);
  targets_.push_back({s, done, next});
  Val k = val(t, {read(slot)});
  if (wanted(s->key)) range_vars(s, &k, nullptr);
  stmts(s->body->stmts);
  jump(next);
  targets_.pop_back();
  enter_sealed(next);
  if (cur) {
    write(slot, emit(Op::Add, t->ty(), {read(slot), c(t->ty(), 1)}));
    jump(header);
  }
  close_loop(header);
  enter_sealed(done);
}

void Builder::range_array(RangeStmt* s) {
  Type* xt = ty(s->x->type);
  Type* xu = under(xt);
  bool want_value = wanted(s->value);
  const TypeInfo* et = nullptr;
  Addr base;
  Value* limit = nullptr;
  Value* check = nullptr;
  Val whole;
  if (auto* sl = xu->as<Slice>()) {
    et = info(sl->elem);
    Val x = expr(s->x);
    base = {x.w[0], 0, 0};
    limit = x.w[1];
  } else if (auto* p = xu->as<Pointer>()) {
    const TypeInfo* at = info(p->elem);
    et = at->elem;
    limit = c64(at->len);
    if (want_value) {
      check = expr(s->x).v();
      base = {check, 0, 0};
    } else if (has_call(s->x)) {
      effect(s->x);
    }
  } else {
    const TypeInfo* at = info(xt);
    et = at->elem;
    limit = c64(at->len);
    if (want_value) {
      whole = copy_to_temp(expr(s->x));
      if (whole.mem) base = whole.addr();
    } else if (has_call(s->x)) {
      effect(s->x);
    }
  }
  u32 slot = new_slot(Ty::I64);
  write(slot, c64(0));
  Block *header = new_block(), *body = new_block(), *next = new_block(), *done = new_block();
  open_loop(header);
  branch(icmp(Cond::LtS, read(slot), limit), body, done);
  enter_sealed(body);
  targets_.push_back({s, done, next});
  Value* i = read(slot);
  Val k = val(int_type(), {i});
  if (want_value) {
    Val v;
    if (!base.base) {
      v = whole;  // at most one element, in SSA form
      v.t = et;
    } else {
      if (check) nil_check(check);
      v = load(et, {scaled(base, i, et->size), 0, 0});
      if (v.mem && s->define) v = mem_val(et, v.addr());
    }
    range_vars(s, wanted(s->key) ? &k : nullptr, &v);
  } else if (wanted(s->key)) {
    range_vars(s, &k, nullptr);
  }
  stmts(s->body->stmts);
  jump(next);
  targets_.pop_back();
  enter_sealed(next);
  if (cur) {
    write(slot, add(read(slot), c64(1)));
    jump(header);
  }
  close_loop(header);
  enter_sealed(done);
}

void Builder::range_string(RangeStmt* s) {
  Val x = expr(s->x);
  const TypeInfo* rune = basic(BasicKind::Int32);
  u32 at = new_slot(Ty::I64), after = new_slot(Ty::I64), r = new_slot(Ty::I32);
  write(at, c64(0));
  Block *header = new_block(), *first = new_block(), *multi = new_block(), *body = new_block(),
        *next = new_block(), *done = new_block();
  open_loop(header);
  branch(icmp(Cond::LtS, read(at), x.w[1]), first, done);
  enter_sealed(first);
  Value* i = read(at);
  Value* byte = load(Ty::I8, {ptr_add(x.w[0], i), 0, 0});
  write(r, emit(Op::ZExt, Ty::I32, {byte}));
  write(after, add(i, c64(1)));
  branch(icmp(Cond::GeS, byte, c(Ty::I8, 0)), body, multi, 1);
  enter_sealed(multi);
  Vals d = rt(Rt::decoderune, {retype(x, string_type()), iv(i)});
  write(r, d[0].v());
  write(after, d[1].v());
  jump(body);
  enter_sealed(body);
  targets_.push_back({s, done, next});
  Val k = val(int_type(), {read(at)});
  Val v = val(rune, {read(r)});
  range_vars(s, wanted(s->key) ? &k : nullptr, wanted(s->value) ? &v : nullptr);
  stmts(s->body->stmts);
  jump(next);
  targets_.pop_back();
  enter_sealed(next);
  if (cur) {
    write(at, read(after));
    jump(header);
  }
  close_loop(header);
  enter_sealed(done);
}

void Builder::range_map(RangeStmt* s) {
  const TypeInfo* mt = ti(s->x);
  auto* m = mt->under->cast<Map>();
  Val x = expr(s->x);
  // internal/runtime/maps.Iter: twelve words; key and elem pointers first (key is nil at the end).
  static constexpr i64 Pointers[] = {0, 8, 16, 24, 72, 80};
  const ssa::Layout* iter = u.layout_of(96, 8, Pointers);
  Addr it = alloca_layout(iter);
  Value* z = emit(Op::Zero, Ty::None, {it.base});
  z->imm2 = 96;
  z->layout = iter;
  z->flags |= ssa::NoBarrier;
  Value* desc = type_addr(mt);
  rt(Rt::mapIterStart, {pv(desc), pv(x.v()), pv(it.base)});
  Block *header = new_block(), *body = new_block(), *next = new_block(), *done = new_block();
  open_loop(header);
  Value* kp = load(Ty::Ptr, it);
  branch(icmp(Cond::Ne, kp, nil()), body, done);
  enter_sealed(body);
  targets_.push_back({s, done, next});
  Val k, v;
  const TypeInfo *kt = info(m->key), *vt = info(m->elem);
  bool wk = wanted(s->key), wv = wanted(s->value);
  if (wk) k = load(kt, {kp, 0, 0});
  if (wv) v = load(vt, {load(Ty::Ptr, it.at(8)), 0, 0});
  range_vars(s, wk ? &k : nullptr, wv ? &v : nullptr);
  stmts(s->body->stmts);
  jump(next);
  targets_.pop_back();
  enter_sealed(next);
  if (cur) {
    rt(Rt::mapIterNext, {pv(it.base)});
    jump(header);
  }
  close_loop(header);
  enter_sealed(done);
}

void Builder::range_chan(RangeStmt* s) {
  const TypeInfo* et = info(under(ty(s->x->type))->cast<Chan>()->elem);
  Val ch = expr(s->x);
  Block *header = new_block(), *body = new_block(), *done = new_block();
  Addr tmp = alloca_for(et);
  zero_mem(tmp, et);
  open_loop(header);
  Val ok = rt1(Rt::chanrecv2, {pv(ch.v()), pv(tmp.base)});
  branch(ok.v(), body, done);
  enter_sealed(body);
  targets_.push_back({s, done, header});
  Val v = load(et, tmp);
  if (wanted(s->key)) range_vars(s, &v, nullptr);
  stmts(s->body->stmts);
  jump(header);
  targets_.pop_back();
  close_loop(header);
  enter_sealed(done);
}
}  // namespace vole::irgen
