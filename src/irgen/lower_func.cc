// Functions: parameters, results, returning, closures and what they capture.
#include "irgen/builder.h"

#include <fmt/format.h>

namespace vole::irgen {
using namespace syntax;
using namespace types;

// ---- entry
// -------------------------------------------------------------------------------------------------

void Builder::build_decl(Func* decl, Signature* sig, FuncDecl* d, Symbol* s) {
  const TypeInfo* recv = sig->recv ? ti(sig->recv->type) : nullptr;
  start(s, abi_of(sig, recv), d->pos);
  f->end_pos = d->end;
  f->pragma = decl->pragma | d->pragma;
  f->no_split = f->pragma & Nosplit;
  f->no_inline = f->pragma & Noinline;
  // What reflection calls methods through is no caller of its own to recover.
  if (u.pkg.path == "reflect" && (decl->name == "callReflect" || decl->name == "callMethod")) {
    f->wrapper = true;
    f->func_id = abi::FuncWrapper;
  }
  sig_ = sig;
  prescan(d->body->stmts, false);
  bind_params(sig, sig->recv);
  begin_results(sig);
  build_body(d->body, d->end);
}

void Builder::build_body(BlockStmt* body, Pos end) {
  stmts(body->stmts);
  pos = end;
  if (cur) do_return({});
  emit_return();
  finish();
}

const AbiSig* Builder::abi_of(Signature* sig, const TypeInfo* recv) {
  if (!inst) return u.abi(sig, recv);
  std::vector<const TypeInfo*> params, results;
  if (recv) params.push_back(recv);
  for (Var* v : sig->params) params.push_back(ti(v->type));
  for (Var* v : sig->results) results.push_back(ti(v->type));
  return assign_abi(u.arena(), params, results, false);
}

// Finds out what must be known before the first statement: defers, returns out of range-over-func bodies, and
// labels that a goto jumps back to.
void Builder::prescan(std::span<Stmt*> body, bool in_range_func) {
  auto block = [&](BlockStmt* b, bool rf) {
    if (b) prescan(b->stmts, rf);
  };
  auto unlabeled = [&](Stmt* s) {
    while (auto* l = s->as<LabeledStmt>()) {
      seen_labels_.insert(l);
      s = l->stmt;
    }
    return s;
  };
  for (Stmt* listed : body) {
    Stmt* s = unlabeled(listed);
    switch (s->kind) {
      case NodeKind::DeferStmt:
        has_defer_ = true;
        if (in_range_func) range_defers_ = true;
        break;
      case NodeKind::ReturnStmt:
        if (in_range_func && !s->cast<ReturnStmt>()->results.empty()) range_returns_ = true;
        break;
      case NodeKind::BranchStmt:
        if (auto* b = s->cast<BranchStmt>(); b->what == BranchStmt::Goto && seen_labels_.contains(b->target))
          back_labels_.insert(b->target);
        break;
      case NodeKind::BlockStmt: block(s->cast<BlockStmt>(), in_range_func); break;
      case NodeKind::IfStmt: {
        for (auto* i = s->cast<IfStmt>(); i; i = i->els ? i->els->as<IfStmt>() : nullptr) {
          block(i->then, in_range_func);
          if (i->els && i->els->kind == NodeKind::BlockStmt) block(i->els->cast<BlockStmt>(), in_range_func);
        }
        break;
      }
      case NodeKind::SwitchStmt:
        for (auto* cl : s->cast<SwitchStmt>()->clauses) prescan(cl->body, in_range_func);
        break;
      case NodeKind::TypeSwitchStmt:
        for (auto* cl : s->cast<TypeSwitchStmt>()->clauses) prescan(cl->body, in_range_func);
        break;
      case NodeKind::SelectStmt:
        for (auto* cl : s->cast<SelectStmt>()->clauses) prescan(cl->body, in_range_func);
        break;
      case NodeKind::ForStmt: block(s->cast<ForStmt>()->body, in_range_func); break;
      case NodeKind::RangeStmt: {
        auto* r = s->cast<RangeStmt>();
        block(r->body, in_range_func || r->body_func);
        break;
      }
      default: break;
    }
  }
}

Val Builder::param_value(const ParamLoc& p) {
  if (!p.in_regs) {
    Value* area = entry_value(Op::InArg, Ty::Ptr, p.stack_offset);
    area->flags |= ssa::NonNil;
    return load(p.type, {area, 0, 1});
  }
  Block* entry = f->blocks[0];
  if (p.type->ssa_able) {
    Val v;
    v.t = p.type;
    for (size_t i = 0; i < p.leaves.size(); i++) v.w[v.n++] = entry->params[p.first + i];
    return v;
  }
  Addr a = alloca_for(p.type);
  for (size_t i = 0; i < p.leaves.size(); i++) store(a.at(p.leaves[i].off), entry->params[p.first + i]);
  return mem_val(p.type, a);
}

void Builder::bind_params(Signature* sig, Var* recv) {
  size_t k = 0;
  auto bind = [&](Var* v) {
    const ParamLoc& p = abi_->params[k++];
    if (v->name.empty() || v->name == "_") return;
    Val x = param_value(p);
    if (x.mem && !needs_heap(v, p.type)) {
      Local l{Local::Mem, p.type, 0, {x.w[0], x.off, 1}, debug_var(v, "", p.type)};
      if (!p.in_regs) f->debug_vars[static_cast<size_t>(l.dbg)].stack_arg = static_cast<i32>(p.stack_offset);
      else x.w[0]->debug_var = static_cast<u32>(l.dbg + 1);
      locals_[v] = l;
      return;
    }
    declare_init(v, &x);
  };
  if (recv) bind(recv);
  for (Var* v : sig->params) bind(v);
}

void Builder::begin_results(Signature* sig) {
  named_results_ = !sig->results.empty() && !sig->results[0]->name.empty();
  if (has_defer_) return_block_ = new_block();
  if (range_returns_) {
    std::vector<const TypeInfo*> types;
    for (const ParamLoc& p : abi_->results) types.push_back(p.type);
    shared_results_ = u.hidden_struct(types, false);
    shared_results_at_ = new_object(shared_results_).base;
  }
  for (size_t i = 0; i < sig->results.size(); i++) {
    Var* v = sig->results[i];
    const TypeInfo* t = abi_->results[i].type;
    Result r{v, t, {}, false, {}};
    bool named = !v->name.empty() && v->name != "_";
    if (shared_results_) {
      Value* at = ptr({shared_results_at_, shared_results_->offsets[i], 0});
      r.has_local = true;
      r.local = Local{Local::Heap, t, new_slot(Ty::Ptr), {}, named ? debug_var(v, "&", t) : -1};
      write(r.local.slot, at);
      debug_value(r.local.dbg, 0, at);
      if (has_defer_) {
        r.heap_slot = alloca_for(ptr_type(), true);
        store(r.heap_slot, at);
      }
      if (named) locals_[v] = r.local;
    } else if (has_defer_) {
      // What the deferreturn block reads must be in memory whatever happens, also when the function never
      // gets to a return.
      r.has_local = true;
      if (named && needs_heap(v, t)) {
        Addr obj = new_object(t);
        r.heap_slot = alloca_for(ptr_type(), true);
        store(r.heap_slot, obj.base);
        r.local = Local{Local::Heap, t, new_slot(Ty::Ptr), {}, -1};
        write(r.local.slot, obj.base);
      } else {
        Addr a = alloca_for(t, true);
        zero_mem(a, t);
        r.local = Local{Local::Mem, t, 0, a, -1};
      }
      if (named) locals_[v] = r.local;
    } else if (named) {
      declare_init(v, nullptr);
      r.local = locals_[v];
      r.has_local = true;
    }
    results_.push_back(r);
  }
}

// Ends the function with these results; without any, named results keep what they hold.
void Builder::do_return(std::span<const Val> vals) {
  if (!cur) return;
  if (has_defer_) {
    for (size_t i = 0; i < vals.size(); i++) write_local(results_[i].local, vals[i]);
    return run_defers();
  }
  absl::InlinedVector<Value*, 8> words;
  for (size_t i = 0; i < results_.size(); i++) {
    Val v = !vals.empty()           ? vals[i]
            : results_[i].has_local ? read_local(results_[i].local)
                                    : zero(results_[i].t);
    const ParamLoc& loc = abi_->results[i];
    if (!loc.in_regs) {
      if (loc.type->size == 0) continue;
      Value* area = emit(Op::InArg, Ty::Ptr, {}, loc.stack_offset);
      area->flags |= ssa::NonNil;
      store({area, 0, 1}, v);
    } else if (v.mem) {
      for (const Leaf& l : loc.leaves) words.push_back(load(l.ty, v.addr().at(l.off)));
    } else {
      for (int j = 0; j < v.n; j++) words.push_back(v.w[j]);
    }
  }
  f->append(cur, f->new_value(Op::Ret, Ty::None, {words.data(), words.size()}, pos));
  cur = nullptr;
}

// The deferred calls run where the function returns, so that they see the line of the return. What they leave
// in the results is read from memory.
void Builder::run_defers() {
  rt(Rt::deferreturn, {});
  std::vector<Local> locals;
  for (Result& r : results_) locals.push_back(r.local);
  has_defer_ = false;
  for (Result& r : results_) {
    if (r.local.kind != Local::Heap) continue;
    r.local = Local{Local::Mem, r.t, 0, {load(Ty::Ptr, r.heap_slot), 0, 0}, -1};
    r.local.addr.base->flags |= ssa::NonNil;
  }
  do_return({});
  has_defer_ = true;
  for (size_t i = 0; i < locals.size(); i++) results_[i].local = locals[i];
}

// The block that the runtime enters after a recovered panic: it reads nothing but stack objects.
void Builder::emit_return() {
  if (!has_defer_) return;
  seal(return_block_);
  f->has_defer = true;
  f->deferreturn_block = return_block_;
  cur = return_block_;
  run_defers();
}

// ---- variables that closures see
// -------------------------------------------------------------------------------------------------

bool Builder::by_value(Var* v, const TypeInfo* t) {
  return !v->reassigned && !v->address_taken && !v->is_result && t->size <= 128;
}

bool Builder::needs_heap(Var* v, const TypeInfo* t) {
  return v->address_taken || (v->captured && !by_value(v, t));
}

Vals Builder::capture_values(std::span<Var* const> captures) {
  Vals out;
  for (Var* v : captures) {
    Local* l = find(v);
    VOLE_CHECK(l);
    if (by_value(v, l->t)) out.push_back(read_local(*l));
    else out.push_back(pv(ptr(local_addr(*l))));
  }
  return out;
}

void Builder::use_ctxt() {
  if (ctxt_) return;
  f->needs_ctxt = true;
  ctxt_ = entry_value(Op::ClosurePtr, Ty::Ptr);
  ctxt_->flags |= ssa::NonNil;
}

// Makes the captured variables known inside the closure. Values are read at entry: a closure's object never
// changes.
void Builder::bind_captures(std::span<Var* const> captures, Builder& outer) {
  if (captures.empty()) return;
  use_ctxt();
  std::vector<const TypeInfo*> types;
  for (Var* v : captures) {
    Local* l = outer.find(v);
    VOLE_CHECK(l);
    types.push_back(by_value(v, l->t) ? l->t : ptr_type());
  }
  const TypeInfo* st = u.hidden_struct(types, true);
  for (size_t i = 0; i < captures.size(); i++) {
    Var* v = captures[i];
    Local* ol = outer.find(v);
    Addr at{ctxt_, st->offsets[i + 1], 0};
    i32 dbg = -1;
    if (!by_value(v, ol->t)) {
      Local l{Local::Heap, ol->t, new_slot(Ty::Ptr), {}, dbg};
      Value* p = load(Ty::Ptr, at);
      p->flags |= ssa::NonNil;
      write(l.slot, p);
      locals_[v] = l;
    } else if (ol->t->ssa_able) {
      Local l{Local::Slots, ol->t, new_slots(ol->t), {}, dbg};
      Val x = load(ol->t, at);
      for (int j = 0; j < x.n; j++) write(l.slot + static_cast<u32>(j), x.w[j]);
      locals_[v] = l;
    } else {
      locals_[v] = Local{Local::Mem, ol->t, 0, at, dbg};
    }
  }
}

Value* Builder::make_closure(Symbol* fn, std::span<const Val> captured, bool on_stack) {
  if (captured.empty()) return sym_addr(u.func_value(fn));
  std::vector<const TypeInfo*> types;
  for (const Val& v : captured) types.push_back(v.t);
  const TypeInfo* st = u.hidden_struct(types, true);
  Addr a = on_stack ? alloca_for(st, true) : new_object(st);
  store(a, sym_addr(fn), true);
  cur->last->flags |= ssa::ClosureCode;
  for (size_t i = 0; i < captured.size(); i++) store(a.at(st->offsets[i + 1]), captured[i]);
  return a.base;
}

Vals Builder::load_captured(std::span<const Val> like) {
  Vals out;
  if (like.empty()) return out;
  use_ctxt();
  std::vector<const TypeInfo*> types;
  for (const Val& v : like) types.push_back(v.t);
  const TypeInfo* st = u.hidden_struct(types, true);
  for (size_t i = 0; i < like.size(); i++) out.push_back(load(like[i].t, {ctxt_, st->offsets[i + 1], 0}));
  return out;
}

std::string Builder::closure_name(const char* why) {
  std::string_view kind = why;
  if (global_init_ && kind == "func") return fmt::format("{}.init.func{}", u.prefix, u.next_glob_closure());
  std::string_view name = f->name.text();
  if (kind == "range") return fmt::format("{}-range{}", name, ++ranges_);
  if (kind == "func") {
    int n = ++closures_;
    return f->is_closure ? fmt::format("{}.{}", name, n) : fmt::format("{}.func{}", name, n);
  }
  return fmt::format("{}.{}{}", name, kind, ++wraps_);
}

void Builder::start_nested(Builder& outer, const char* why, const AbiSig* sig, Pos p) {
  Symbol* s = u.sym(outer.closure_name(why));
  outer_ = &outer;
  dupok_ = outer.dupok_;
  start(s, sig, p);
  f->is_closure = true;
}

Val Builder::func_lit(FuncLit* e, bool on_stack) {
  const TypeInfo* t = ti(e->type);
  auto* sig = t->under->cast<Signature>();
  Builder child(u, inst);
  child.start_nested(*this, "func", u.abi(sig, nullptr), e->pos);
  child.f->end_pos = e->end;
  child.sig_ = e->sig ? e->sig : sig;
  child.prescan(e->body->stmts, false);
  child.bind_captures(e->captures, *this);
  child.bind_params(child.sig_, nullptr);
  child.begin_results(child.sig_);
  child.build_body(e->body, e->end);
  Symbol* fn = child.f->sym;
  u.finish_func(std::move(child.f));
  Vals captured = capture_values(e->captures);
  return val(t, {make_closure(fn, captured, on_stack)});
}

// x.M as a value: a closure over the receiver.
Val Builder::method_value(SelectorExpr* s) {
  const TypeInfo* t = ti(s->type);
  Type* recv = ty(s->selection->recv);
  const TypeInfo* rt = info(recv);
  Func* m = static_cast<Func*>(s->selection->obj);
  if (rt->is_interface()) {
    Val x = expr(s->x);
    nil_check(x.w[0]);
    Symbol* fn = u.method_value_wrapper(rt, m);
    Val cap[] = {x};
    return val(t, {make_closure(fn, cap, false)});
  }
  MethodTarget mt = method_target(s);
  if (mt.callee.kind == Callee::Code) {
    // Promoted from an embedded interface: the closure is over that interface.
    types::Lookup l = lookup_field_or_method(recv, true, m->pkg, m->name);
    std::span<const u32> path(l.path);
    Type* end = nullptr;
    Val iface = field_path(expr(s->x), recv, path.first(path.size() - 1), &end);
    Symbol* fn = u.method_value_wrapper(info(end), static_cast<Func*>(l.obj));
    Val cap[] = {iface};
    return val(t, {make_closure(fn, cap, false)});
  }
  Lookup l = lookup_field_or_method(recv, true, m->pkg, m->name);
  auto* fm = static_cast<Func*>(l.obj);
  std::vector<Type*> targs;
  for (Type* x : s->sel->targs) targs.push_back(ty(x));
  Symbol* fn = u.method_value_wrapper(mt.recv.t, fm, targs);
  Val cap[] = {mt.recv};
  return val(t, {make_closure(fn, cap, false)});
}
}  // namespace vole::irgen
