// Statements and function bodies.
#include <algorithm>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;

void Checker::func_body(DeclInfo* decl, Node* node, Signature* sig, BlockStmt* body, FuncContext* outer,
                        Value iota) {
  Env saved = env_;
  FuncContext func;
  func.node = node;
  func.outer = outer;
  env_.decl = decl;
  env_.iota = iota;
  env_.errpos = {};
  env_.in_tparam_list = false;
  env_.sig = sig;
  env_.func = &func;
  env_.has_call_or_recv = false;
  if (node->kind == NodeKind::FuncDecl) {
    env_.file = decl->file;
    env_.version = decl->file->version;
    env_.local_base = static_cast<u32>(locals_.size());
  }
  ScopeMark scope = open_scope();
  for (TypeParam* p : sig->recv_tparams) declare_local(p->obj, true);
  for (TypeParam* p : sig->tparams) declare_local(p->obj, true);
  auto declare = [&](Var* v) {
    v->owner = node;
    if (!v->name.empty()) declare_local(v, true);
  };
  if (sig->recv) declare(sig->recv);
  for (Var* v : sig->params) declare(v);
  for (Var* v : sig->results) {
    declare(v);
    v->reassigned = true;  // by return statements
  }
  check_branches(body, scratch_, diags_);
  stmt_list(0, body->stmts);
  if (!sig->results.empty() && !is_terminating(body, Name())) error(body->rbrace, "missing return");
  usage(func);
  close_scope(scope);
  if (auto* lit = node->as<FuncLit>()) lit->captures = arena().copy(func.captures);
  env_ = saved;
}

void Checker::usage(FuncContext& f) {
  Vec<Var*, 16> unused;
  for (Var* v : f.locals)
    if (!v->used) unused.push_back(v);
  std::sort(unused.begin(), unused.end(), [](Var* a, Var* b) { return a->pos < b->pos; });
  for (Var* v : unused) soft_error(v->pos, fmt::format("declared and not used: {}", v->name.text()));
}

static List<Stmt*> trim_empty(List<Stmt*> list) {
  while (!list.empty() && list.back()->kind == NodeKind::EmptyStmt) list = list.first(list.size() - 1);
  return list;
}

void Checker::stmt_list(u32 flags, List<Stmt*> list) {
  u32 inner = flags & ~FallthroughOk;
  list = trim_empty(list);
  for (size_t i = 0; i < list.size(); i++) stmt(i + 1 == list.size() ? flags : inner, list[i]);
}

void Checker::stmt(u32 flags, Stmt* s) {
  while (auto* l = s ? s->as<LabeledStmt>() : nullptr) s = l->stmt;
  if (!s || too_deep(s->pos)) return;
  size_t top = delayed_.size();
  stmt1(flags, s);
  process_delayed(top);
}

void Checker::suspended_call(const char* keyword, Expr* call) {
  if (call->kind != NodeKind::CallExpr) {
    errorf(call->pos, "expression in {} must be function call", keyword);
    use1(call);
    return;
  }
  Operand x;
  const char* what = nullptr;
  switch (raw_expr(nullptr, x, call, nullptr, false)) {
    case ExprKind::Conversion: what = "requires function call, not conversion"; break;
    case ExprKind::Expression: what = "discards result of"; break;
    case ExprKind::Statement: return;
  }
  errorf(call->pos, "{} {} {}", keyword, what, str(x));
}

void Checker::condition(Expr* e, const char* what) {
  Operand x;
  expr(nullptr, x, e);
  if (x.valid() && !all_basic(x.type, IsBoolean))
    errorf(e->pos, "non-boolean condition in {} statement", what);
  else if (x.valid() && is_untyped(x.type)) update_expr_type(x.node(), basic(BasicKind::Bool), true);
}

void Checker::return_stmt(ReturnStmt* s) {
  if (!env_.sig) return;
  // A bare return in the body of a range over a function returns the variables of the function around it.
  FuncContext* f = env_.func;
  if (f && f->is_range_body && s->results.empty())
    for (Var* v : env_.sig->results)
      if (v->name != "_") note_use(v);
  std::span<Var*> results = env_.sig->results;
  if (s->results.empty() && !results.empty() && !results[0]->name.empty()) {
    for (Var* v : results) {
      Object* alt = lookup(v->name);
      if (!alt || alt == v || v->name == "_") continue;
      Report r;
      r.add(s->pos, fmt::format("result parameter {} not in scope at return", v->name.text()));
      r.add(alt->pos, "inner declaration of " + object_string(v));
      report(r);
    }
    return;
  }
  if (s->results.empty() && results.empty()) return;
  if (s->results.empty()) {
    Operands none;
    return_error(s->pos, results, none);
    return;
  }
  if (results.empty()) {
    // Values nobody asked for.
    Operands list;
    if (use(s->results)) {
      expr_list(s->results, list);
      if (!list.empty() && list[0].valid()) return_error(s->pos, results, list);
    }
    return;
  }
  init_vars(results, s->results, s);
}

void Checker::inc_dec(IncDecStmt* s) {
  Operand x;
  expr(nullptr, x, s->x);
  if (!x.valid()) return;
  const char* op = s->inc ? "+" : "-";
  if (!all_basic(x.type, IsNumeric)) {
    errorf(s->x->pos, "invalid operation: {}{}{} (non-numeric type {})", expr_string(s->x), op, op,
           str(x.type));
    return;
  }
  assign_var(s->x, nullptr, &x, {"assignment"});
}

void Checker::assign_stmt(AssignStmt* s) {
  if (s->define) return short_var_decl(s->pos, s->lhs, s->rhs);
  if (s->op == Tok::None) return assign_vars(s->lhs, s->rhs);
  if (s->lhs.size() != 1 || s->rhs.size() != 1) {
    errorf(s->lhs[0]->pos, "assignment operation {}= requires single-valued expressions", tok_text(s->op));
    return;
  }
  Operand x, y;
  expr(nullptr, x, s->lhs[0]);
  expr(nullptr, y, s->rhs[0]);
  if (x.valid() && !y.valid()) x.invalidate();
  if (x.valid()) binary_op(x, y, nullptr, s->lhs[0], s->rhs[0], s->op);
  // The operand is the value of the operation now, no longer the left side itself.
  if (x.valid() && is_untyped(x.type)) x.label = "operation";
  assign_var(s->lhs[0], nullptr, &x, {"assignment"});
}

void Checker::stmt1(u32 flags, Stmt* s) {
  u32 inner = flags & ~(FallthroughOk | FinalCase | InTypeSwitch);
  switch (s->kind) {
    case NodeKind::DeclStmt: decl_stmt(s->cast<DeclStmt>()->decls); break;
    case NodeKind::ExprStmt: {
      Operand x;
      Expr* e = s->cast<ExprStmt>()->x;
      ExprKind kind = raw_expr(nullptr, x, e, nullptr, false);
      const char* what = "is not used";
      if (x.mode == Mode::Builtin) what = "must be called";
      else if (x.mode == Mode::TypeExpr) what = "is not an expression";
      else if (kind == ExprKind::Statement) break;
      if (!x.valid()) break;
      errorf(e->pos, "{} {}", str(x), what);
      break;
    }
    case NodeKind::SendStmt: {
      auto* d = s->cast<SendStmt>();
      Operand ch, val;
      expr(nullptr, ch, d->chan);
      generic_expr(val, d->value);
      if (!ch.valid() || !val.valid()) break;
      if (Type* elem = chan_elem(d->chan->pos, ch, false)) assignment(val, elem, {"send"});
      break;
    }
    case NodeKind::IncDecStmt: inc_dec(s->cast<IncDecStmt>()); break;
    case NodeKind::AssignStmt: assign_stmt(s->cast<AssignStmt>()); break;
    case NodeKind::GoStmt: suspended_call("go", s->cast<GoStmt>()->call); break;
    case NodeKind::DeferStmt: suspended_call("defer", s->cast<DeferStmt>()->call); break;
    case NodeKind::ReturnStmt: return_stmt(s->cast<ReturnStmt>()); break;
    case NodeKind::BlockStmt: {
      ScopeMark scope = open_scope();
      stmt_list(inner, s->cast<BlockStmt>()->stmts);
      close_stmt_scope(scope);
      break;
    }
    case NodeKind::IfStmt: {
      // else-if chains are walked in a loop; the scopes nest all the same.
      Vec<ScopeMark, 4> scopes;
      Stmt* next = s;
      while (next && next->kind == NodeKind::IfStmt) {
        auto* i = next->cast<IfStmt>();
        scopes.push_back(open_scope());
        stmt(0, i->init);
        condition(i->cond, "if");
        stmt(inner, i->then);
        next = i->els;
      }
      if (next) stmt(inner, next);
      while (!scopes.empty()) {
        close_stmt_scope(scopes.back());
        scopes.pop_back();
      }
      break;
    }
    case NodeKind::SwitchStmt: {
      ScopeMark scope = open_scope();
      stmt(0, s->cast<SwitchStmt>()->init);
      switch_stmt(inner | BreakOk, s->cast<SwitchStmt>());
      close_stmt_scope(scope);
      break;
    }
    case NodeKind::TypeSwitchStmt: {
      ScopeMark scope = open_scope();
      stmt(0, s->cast<TypeSwitchStmt>()->init);
      type_switch_stmt(inner | BreakOk | InTypeSwitch, s->cast<TypeSwitchStmt>());
      close_stmt_scope(scope);
      break;
    }
    case NodeKind::SelectStmt: select_stmt(inner | BreakOk, s->cast<SelectStmt>()); break;
    case NodeKind::ForStmt: for_stmt(inner | BreakOk | ContinueOk, s->cast<ForStmt>()); break;
    case NodeKind::RangeStmt: range_stmt(inner | BreakOk | ContinueOk, s->cast<RangeStmt>()); break;
    default: break;
  }
}

namespace {
// Constants seen in the cases of a switch.
struct CaseHash {
  size_t operator()(Value v) const {
    switch (v->kind) {
      case ConstValue::String: return string_hash(v);
      case ConstValue::Int: return static_cast<size_t>(v->integer.low_bits());
      case ConstValue::Float: return std::hash<double>()(v->real.to_double());
      default: return 0;
    }
  }
};
struct CaseEqual {
  bool operator()(Value a, Value b) const { return a->kind == b->kind && compare_values(a, Tok::Eql, b); }
};
}  // namespace

template <class Clause>
static const Clause* second_default(List<Clause*> list, bool (*is_default)(const Clause*),
                                    const Clause** first) {
  *first = nullptr;
  for (Clause* c : list) {
    if (!is_default(c)) continue;
    if (*first) return c;
    *first = c;
  }
  return nullptr;
}
static bool case_default(const CaseClause* c) { return c->is_default; }
static bool comm_default(const CommClause* c) { return c->comm == nullptr; }

void Checker::switch_stmt(u32 inner, SwitchStmt* s) {
  Operand x;
  if (s->tag) {
    expr(nullptr, x, s->tag);
    assignment(x, nullptr, {"switch expression"});
    if (x.valid() && !comparable(x.type) && !has_nil(x.type)) {
      errorf(x.pos(), "cannot switch on {} ({} is not comparable)", str(x), str(x.type));
      x.invalidate();
    }
  } else {
    x.mode = Mode::Constant;
    x.type = basic(BasicKind::Bool);
    x.val = make_bool(true);
    x.label = "true";
  }
  const CaseClause* first;
  if (auto* c = second_default(s->clauses, case_default, &first))
    errorf(c->pos, "multiple defaults (first at {})", pos_string(first->pos));
  struct Seen {
    Pos pos;
    Type* type;
  };
  absl::flat_hash_map<Value, Vec<Seen, 1>, CaseHash, CaseEqual> seen;
  for (size_t i = 0; i < s->clauses.size(); i++) {
    CaseClause* c = s->clauses[i];
    for (Expr* e : c->exprs) {
      Operand v;
      expr(nullptr, v, e);
      if (!x.valid() || !v.valid()) continue;
      convert_untyped(v, x.type);
      if (!v.valid()) continue;
      Operand res = v;
      Operand tag = x;
      comparison(res, tag, Tok::Eql, true);
      if (!res.valid() || v.mode != Mode::Constant) continue;
      if (v.val->kind != ConstValue::Int && v.val->kind != ConstValue::Float &&
          v.val->kind != ConstValue::String)
        continue;
      Vec<Seen, 1>& list = seen[v.val];
      bool duplicate = false;
      for (const Seen& o : list) {
        if (!identical(v.type, o.type)) continue;
        Report r;
        r.add(v.pos(), fmt::format("duplicate case {} in expression switch", str(v)));
        r.add(o.pos, "previous case");
        report(r);
        duplicate = true;
        break;
      }
      if (!duplicate) list.push_back({v.pos(), v.type});
    }
    ScopeMark scope = open_scope();
    stmt_list(inner | (i + 1 < s->clauses.size() ? FallthroughOk : FinalCase), c->body);
    close_stmt_scope(scope);
  }
}

void Checker::type_switch_stmt(u32 inner, TypeSwitchStmt* s) {
  Ident* lhs = s->name;
  if (lhs && lhs->name == "_") {
    soft_error(lhs->pos, "no new variable on left side of :=");
    lhs = nullptr;
  }
  Operand x;
  expr(nullptr, x, s->x);
  bool ok = false;
  if (x.valid()) {
    if (is_type_param(x.type)) errorf(x.pos(), "cannot use type switch on type parameter value {}", str(x));
    else if (is_interface(x.type)) ok = true;
    else errorf(x.pos(), "{} is not an interface", str(x));
  }
  const CaseClause* first;
  if (auto* c = second_default(s->clauses, case_default, &first))
    errorf(c->pos, "multiple defaults (first at {})", pos_string(first->pos));
  struct Seen {
    Type* type;  // null: nil
    Pos pos;
  };
  absl::flat_hash_map<u32, Vec<Seen, 1>> seen;
  Vec<Var*> vars;
  for (CaseClause* c : s->clauses) {
    Type* t = nullptr;
    for (Expr* e : c->exprs) {
      auto* id = unparen(e)->as<Ident>();
      Object* obj = id ? lookup(id->name) : nullptr;
      if (obj && obj->kind == ObjectKind::Nil) {
        t = nullptr;
        Operand nil;
        expr(nullptr, nil, e);
      } else {
        t = var_type(e);
        if (!is_valid(t)) continue;
      }
      Vec<Seen, 1>& list = seen[t ? type_hash(t) : 0];
      bool duplicate = false;
      for (const Seen& o : list) {
        if ((t == nullptr) != (o.type == nullptr) || (t && !identical(t, o.type))) continue;
        Report r;
        r.add(e->pos, fmt::format("duplicate case {} in type switch", t ? str(t) : "nil"));
        r.add(o.pos, "previous case");
        report(r);
        duplicate = true;
        break;
      }
      if (duplicate) continue;
      list.push_back({t, e->pos});
      if (ok && t) type_assertion(e, x, t, true);
    }
    if (c->exprs.size() != 1 || !t) t = ok ? x.type : InvalidType;
    ScopeMark scope = open_scope();
    if (lhs) {
      Var* v = new_var(lhs->pos, lhs->name, t);
      v->owner = env_.func ? env_.func->node : nullptr;
      // Not among the locals to be reported: used in one clause is enough.
      FuncContext* f = env_.func;
      env_.func = nullptr;
      declare_local(v);
      env_.func = f;
      c->implicit = v;
      vars.push_back(v);
    }
    stmt_list(inner, c->body);
    close_stmt_scope(scope);
  }
  if (!lhs) return;
  bool used = false;
  for (Var* v : vars) used = used || v->used;
  if (!used) soft_error(lhs->pos, fmt::format("{} declared and not used", lhs->name.text()));
}

void Checker::select_stmt(u32 inner, SelectStmt* s) {
  const CommClause* first;
  if (auto* c = second_default(s->clauses, comm_default, &first))
    errorf(c->pos, "multiple defaults (first at {})", pos_string(first->pos));
  for (CommClause* c : s->clauses) {
    bool valid = !c->comm || c->comm->kind == NodeKind::SendStmt;
    Expr* rhs = nullptr;
    if (auto* a = c->comm ? c->comm->as<AssignStmt>() : nullptr) {
      if (a->rhs.size() == 1) rhs = a->rhs[0];
    } else if (auto* e = c->comm ? c->comm->as<ExprStmt>() : nullptr) {
      rhs = e->x;
    }
    if (rhs)
      if (auto* u = unparen(rhs)->as<UnaryExpr>(); u && u->op == Tok::Arrow) valid = true;
    if (!valid) {
      Pos pos = c->comm->pos;
      if (auto* a = c->comm->as<AssignStmt>()) pos = a->lhs[0]->pos;
      error(pos, "select case must be send or receive (possibly with assignment)");
      continue;
    }
    ScopeMark scope = open_scope();
    stmt(inner, c->comm);
    stmt_list(inner, c->body);
    close_stmt_scope(scope);
  }
}

void Checker::for_stmt(u32 inner, ForStmt* s) {
  ScopeMark scope = open_scope();
  u32 first = static_cast<u32>(locals_.size());
  stmt(0, s->init);
  s->per_iteration = allow(22);
  if (s->per_iteration)
    for (u32 i = first; i < locals_.size(); i++)
      if (auto* v = locals_[i].obj->as<Var>()) v->loop_var = true;
  if (s->cond) condition(s->cond, "for");
  stmt(0, s->post);
  stmt(inner, s->body);
  close_stmt_scope(scope);
}
}  // namespace vole::types
