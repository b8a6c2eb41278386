// for … range f: the body becomes a function that f calls. A control object shared by loop and body holds the
// state that detects misuse (calls after the loop ended, swallowed panics) and which way the body left
// (Next). When the body leaves by anything but break or continue of its own loop, it records the exit, makes
// f stop, and the loop performs the exit after f has returned; in nested bodies that repeats outwards. A
// return in the body sets the results of the function at once, as f may look at them, go on, or panic.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

// States known to runtime.panicrangestate.
enum : i64 { StateDone = 0, StateReady = 1, StatePanic = 2, StateExhausted = 3, StateMissingPanic = 4 };

void Builder::range_func(RangeStmt* s) {
  FuncLit* lit = s->body_func;
  VOLE_CHECK(lit);
  Val fn = expr(s->x);
  const TypeInfo* ft = ti(s->x);
  auto* iter_sig = ft->under->cast<Signature>();
  Type* yield_type = ty(iter_sig->params[0]->type);
  auto* yield_sig = under(yield_type)->cast<Signature>();

  Builder* outermost = top();
  const TypeInfo* ctrl_type =
      u.hidden_struct(std::vector<const TypeInfo*>{int_type(), int_type(), any_type(), ptr_type()}, false);
  RangeFunc rf{this, s, {}, nullptr, nullptr};

  Addr ctrl = new_object(ctrl_type);
  rf.ctrl = ctrl.base;
  store(ctrl.at(RangeFunc::State), c64(StateReady));
  if (outermost->shared_results_)
    store(ctrl.at(RangeFunc::Results),
          rf_ ? load(Ty::Ptr, {rf_->body_ctrl, RangeFunc::Results, 0}) : shared_results_at_);
  if (outermost->range_defers_) {
    Val token;
    if (rf_) token = load(any_type(), {rf_->body_ctrl, RangeFunc::Token, 0});
    else token = rt1(Rt::deferrangefunc, {});
    store({ctrl.base, RangeFunc::Token, 0}, token);
  }

  // The body's function: captures the control object, then what the checker found.
  Builder body(u, inst);
  body.rf_ = &rf;
  body.start_nested(*this, "range", u.abi(yield_sig, nullptr), s->pos);
  body.f->end_pos = s->body->rbrace;
  body.sig_ = yield_sig;
  Vals captured{pv(ctrl.base)};
  std::vector<const TypeInfo*> types{ptr_type()};
  for (Var* v : lit->captures) {
    Local* l = find(v);
    VOLE_CHECK(l);
    types.push_back(by_value(v, l->t) ? l->t : ptr_type());
  }
  const TypeInfo* st = u.hidden_struct(types, true);
  body.use_ctxt();
  rf.body_ctrl = body.load(Ty::Ptr, {body.ctxt_, st->offsets[1], 0});
  rf.body_ctrl->flags |= ssa::NonNil;
  for (size_t i = 0; i < lit->captures.size(); i++) {
    Var* v = lit->captures[i];
    Local* ol = find(v);
    Addr at{body.ctxt_, st->offsets[i + 2], 0};
    if (!by_value(v, ol->t)) {
      captured.push_back(pv(ptr(local_addr(*ol))));
      Local l{Local::Heap, ol->t, body.new_slot(Ty::Ptr), {}, -1};
      Value* p = body.load(Ty::Ptr, at);
      p->flags |= ssa::NonNil;
      body.write(l.slot, p);
      body.locals_[v] = l;
    } else {
      captured.push_back(read_local(*ol));
      if (ol->t->ssa_able) {
        Local l{Local::Slots, ol->t, body.new_slots(ol->t), {}, -1};
        Val x = body.load(ol->t, at);
        for (int j = 0; j < x.n; j++) body.write(l.slot + static_cast<u32>(j), x.w[j]);
        body.locals_[v] = l;
      } else {
        body.locals_[v] = Local{Local::Mem, ol->t, 0, at, -1};
      }
    }
  }
  Vals args;
  for (const ParamLoc& p : body.abi_->params) args.push_back(body.param_value(p));

  Addr bc{rf.body_ctrl, 0, 0};
  Block *ok = body.new_block(), *bad = body.new_block(true);
  Value* state = body.load(Ty::I64, bc.at(RangeFunc::State));
  body.branch(body.icmp(Cond::Eq, state, body.c64(StateReady)), ok, bad, 1);
  body.enter_sealed(bad);
  body.rt(Rt::panicrangestate, {body.iv(state)});
  body.unreachable();
  body.enter_sealed(ok);
  body.store(bc.at(RangeFunc::State), body.c64(StatePanic));
  Block *go_on = body.new_block(), *stop = body.new_block();
  body.targets_.push_back({s, stop, go_on});
  body.results_.clear();
  body.range_vars(s, args.size() > 0 ? &args[0] : nullptr, args.size() > 1 ? &args[1] : nullptr);
  body.stmts(s->body->stmts);
  body.jump(go_on);
  const TypeInfo* bt = bool_type();
  body.results_.push_back({nullptr, bt, {}, false, {}});
  body.pos = s->body->rbrace;
  body.enter_sealed(go_on);
  if (body.cur) {
    body.store(bc.at(RangeFunc::State), body.c64(StateReady));
    Val yes = body.val(bt, {body.c(Ty::I8, 1)});
    body.do_return({&yes, 1});
  }
  body.enter_sealed(stop);
  body.store(bc.at(RangeFunc::State), body.c64(StateDone));
  Val no = body.val(bt, {body.c(Ty::I8, 0)});
  body.do_return({&no, 1});
  body.finish();
  Symbol* body_sym = body.f->sym;
  u.finish_func(std::move(body.f));

  pos = s->pos;
  Val closure = val(info(yield_type), {make_closure(body_sym, captured, false)});
  nil_check(fn.v());
  call(u.abi(iter_sig, nullptr), {Callee::Closure, nullptr, fn.v(), false}, {&closure, 1});

  Addr cc{ctrl.base, 0, 0};
  Block *fine = new_block(), *missing = new_block(true);
  branch(icmp(Cond::Ne, load(Ty::I64, cc.at(RangeFunc::State)), c64(StatePanic)), fine, missing, 1);
  enter_sealed(missing);
  rt(Rt::panicrangestate, {iv(c64(StateMissingPanic))});
  unreachable();
  enter_sealed(fine);
  store(cc.at(RangeFunc::State), c64(StateExhausted));
  if (rf.exits.empty()) return;
  Value* next = load(Ty::I64, cc.at(RangeFunc::Next));
  for (size_t i = 0; i < rf.exits.size(); i++) {
    Block *take = new_block(), *other = new_block();
    branch(icmp(Cond::Eq, next, c64(static_cast<i64>(i) + 1)), take, other);
    enter_sealed(take);
    const RangeFunc::Exit& e = rf.exits[i];
    if (e.kind == RangeFunc::Exit::Return) {
      if (rf_) exit_range_func(e);
      else do_return({});
    } else {
      leave_through(e);
    }
    cur = nullptr;
    enter_sealed(other);
  }
}

// In the loop's function, after f returned: performs what the body asked for.
void Builder::leave_through(const RangeFunc::Exit& e) {
  BranchStmt b{};
  b.kind = NodeKind::BranchStmt;
  b.pos = pos;
  b.what = e.kind == RangeFunc::Exit::Break      ? BranchStmt::Break
           : e.kind == RangeFunc::Exit::Continue ? BranchStmt::Continue
                                                 : BranchStmt::Goto;
  b.target = e.target;
  branch_stmt(&b);
}

// In the body's function: leaves it for good, to do `e` outside.
void Builder::exit_range_func(RangeFunc::Exit e) {
  if (!cur) return;
  size_t i = 0;
  for (; i < rf_->exits.size(); i++)
    if (rf_->exits[i].kind == e.kind && rf_->exits[i].target == e.target) break;
  if (i == rf_->exits.size()) rf_->exits.push_back(e);
  store({rf_->body_ctrl, RangeFunc::Next, 0}, c64(static_cast<i64>(i) + 1));
  for (Target& t : targets_)
    if (t.stmt == rf_->stmt) return jump(t.brk);
  VOLE_UNREACHABLE("range-over-func body without its loop");
}
}  // namespace vole::irgen
