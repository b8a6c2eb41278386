// Assignments, initialisation, short variable declarations.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

// Whether x may be assigned to type t, with untyped x converted; t null: any type, x gets its default type.
void Checker::assignment(Operand& x, Type* t, const Context& ctx) {
  single_value(x);
  switch (x.mode) {
    case Mode::Invalid: return;
    case Mode::Nil:
    case Mode::Constant:
    case Mode::Variable:
    case Mode::MapIndex:
    case Mode::Value:
    case Mode::CommaOk: break;
    default:
      errorf(x.pos(), "cannot assign {} to {} in {}", str(x), t ? str(t) : "<nil>", ctx.str());
      x.invalidate();
      return;
  }
  if (is_untyped(x.type)) {
    Type* target = t;
    if (x.is_nil()) {
      if (!t) {
        errorf(x.pos(), "use of untyped nil in {}", ctx.str());
        x.invalidate();
        return;
      }
    } else if (!t || is_non_type_param_interface(t)) {
      target = default_type(x.type);
    }
    Value v;
    Code code;
    Type* nt = implicit_type(x, target, &v, &code);
    if (code != Code::Ok) {
      errorf(x.pos(), "cannot use {} as {} value in {}{}", str(x), str(target), ctx.str(),
             code == Code::TruncatedFloat    ? " (truncated)"
             : code == Code::NumericOverflow ? " (overflows)"
                                             : "");
      x.invalidate();
      return;
    }
    if (v) {
      x.val = v;
      if (Expr* n = x.node(); n && n->type && is_untyped(n->type) && n->cval) n->cval = v;
    }
    if (nt != x.type) {
      x.type = nt;
      update_expr_type(x.node(), nt, false);
    }
  }
  if (x.type->kind == TypeKind::Signature || x.type->kind == TypeKind::Named ||
      x.type->kind == TypeKind::Alias) {
    Target target;
    std::string name;
    bool has_target = false;
    if (x.type->kind == TypeKind::Signature && !static_cast<Signature*>(x.type)->tparams.empty()) {
      name = ctx.str();
      has_target = make_target(t, name, nullptr, target);
    }
    non_generic(has_target ? &target : nullptr, x);
    if (!x.valid()) return;
    if (has_target) record(x);
  }
  if (!t) return;
  std::string cause;
  if (x.type == t || assignable(x, t, nullptr)) return;
  assignable(x, t, &cause);
  if (!cause.empty())
    errorf(x.pos(), "cannot use {} as {} value in {}: {}", str(x), str(t), ctx.str(), cause);
  else errorf(x.pos(), "cannot use {} as {} value in {}", str(x), str(t), ctx.str());
  x.invalidate();
}

void Checker::init_const(Const* lhs, Operand& x) {
  if (!x.valid() || !is_valid(x.type) || (lhs->type && !is_valid(lhs->type))) {
    if (!lhs->type) lhs->type = InvalidType;
    return;
  }
  if (x.mode != Mode::Constant) {
    errorf(x.pos(), "{} is not constant", str(x));
    if (!lhs->type) lhs->type = InvalidType;
    return;
  }
  if (!lhs->type) lhs->type = x.type;
  assignment(x, lhs->type, {"constant declaration"});
  if (x.valid()) lhs->value = x.val;
}

void Checker::init_var(Var* lhs, Operand& x, const Context& ctx) {
  if (!x.valid() || !is_valid(x.type) || (lhs->type && !is_valid(lhs->type))) {
    if (!lhs->type) lhs->type = InvalidType;
    x.invalidate();
    return;
  }
  if (!lhs->type) {
    Type* t = x.type;
    if (is_untyped(t)) {
      if (is_untyped_nil(t)) {
        errorf(x.pos(), "use of untyped nil in {}", ctx.str());
        lhs->type = InvalidType;
        x.invalidate();
        return;
      }
      t = default_type(t);
    }
    lhs->type = t;
  }
  assignment(x, lhs->type, ctx);
}

// The type of an assignment's left side; InvalidType after an error.
Type* Checker::lhs_var(Expr* lhs) {
  auto* id = unparen(lhs)->as<Ident>();
  if (id && id->name == "_") {
    id->mode = Mode::Variable;
    return nullptr;
  }
  // Being assigned to is no use.
  Var* v = nullptr;
  if (id)
    if (Object* obj = lookup(id->name); obj && obj->pkg == pkg_) v = obj->as<Var>();
  bool used = v && v->used;
  Operand x;
  expr(nullptr, x, lhs);
  if (v) v->used = used;
  if (!x.valid() || !is_valid(x.type)) return InvalidType;
  if (x.mode == Mode::Variable || x.mode == Mode::MapIndex) {
    note_write(lhs);
    return x.type;
  }
  if (auto* sel = x.expr->as<SelectorExpr>()) {
    Operand op;
    expr(nullptr, op, sel->x);
    if (op.mode == Mode::MapIndex) {
      errorf(x.pos(), "cannot assign to struct field {} in map", expr_string(x.expr));
      return InvalidType;
    }
  }
  errorf(x.pos(), "cannot assign to {} (neither addressable nor a map index expression)",
         expr_string(x.expr));
  return InvalidType;
}

// Assigns rhs, or x when it has been evaluated already.
void Checker::assign_var(Expr* lhs, Expr* rhs, Operand* x, Context ctx) {
  Type* t = lhs_var(lhs);
  if (t && !is_valid(t)) {
    if (x) x->invalidate();
    else use1(rhs);
    return;
  }
  Operand own;
  if (!x) {
    Target target;
    bool has_target = t && t->underlying()->kind == TypeKind::Signature && make_target(t, {}, lhs, target);
    x = &own;
    expr(has_target ? &target : nullptr, own, rhs);
  }
  if (!t && std::string_view(ctx.text) == "assignment") ctx.text = "assignment to _ identifier";
  assignment(*x, t, ctx);
}

void Checker::assign_error(List<Expr*> rhs, size_t l, size_t r) {
  auto count = [](size_t n, const char* unit) { return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s"); };
  auto* call = rhs.size() == 1 ? unparen(rhs[0])->as<CallExpr>() : nullptr;
  if (call)
    errorf(rhs[0]->pos, "assignment mismatch: {} but {} returns {}", count(l, "variable"),
           expr_string(call->fun), count(r, "value"));
  else errorf(rhs[0]->pos, "assignment mismatch: {} but {}", count(l, "variable"), count(r, "value"));
}

void Checker::return_error(Pos at, std::span<Var* const> lhs, Operands& rhs) {
  size_t l = lhs.size(), r = rhs.size();
  const char* what = "not enough";
  if (r > l) {
    at = rhs[l].pos();
    what = "too many";
  } else if (r > 0) {
    at = rhs[r - 1].pos();
  }
  Vec<Type*> have, want;
  for (Operand& x : rhs) have.push_back(x.type);
  for (Var* v : lhs) want.push_back(v->type);
  Report rep;
  rep.add(at, fmt::format("{} return values", what));
  rep.add({}, "have " + types_summary(have, false, false));
  rep.add({}, "want " + types_summary(want, false, false));
  report(rep);
}

// The two-result form of a map index, receive or type assertion.
void Checker::record_comma_ok(Expr* e) {
  for (;;) {
    e->comma_ok_used = true;
    auto* p = e->as<ParenExpr>();
    if (!p) return;
    e = p->x;
  }
}

void Checker::init_vars(std::span<Var* const> lhs, List<Expr*> rhs, ReturnStmt* ret) {
  size_t l = lhs.size(), r = rhs.size();
  Context ctx{ret ? "return statement" : l > 1 ? "multiple assignment" : "assignment"};
  bool is_call = r == 1 && unparen(rhs[0])->kind == NodeKind::CallExpr;
  auto set_invalid = [&] {
    for (Var* v : lhs)
      if (!v->type) v->type = InvalidType;
  };
  if (l == r && !is_call) {
    for (size_t i = 0; i < l; i++) {
      Operand x;
      Target target;
      std::string_view name = lhs[i]->name.text();
      if (ret && name.empty()) name = "result variable";
      bool has_target = make_target(lhs[i]->type, name, nullptr, target);
      expr(has_target ? &target : nullptr, x, rhs[i]);
      init_var(lhs[i], x, ctx);
    }
    return;
  }
  if (r != 1) {
    if (use(rhs)) {
      if (ret) {
        Operands list;
        expr_list(rhs, list);
        return_error(ret->pos, lhs, list);
      } else {
        assign_error(rhs, l, r);
      }
    }
    set_invalid();
    return;
  }
  Operands list;
  bool comma_ok = multi_expr(rhs[0], l == 2 && !ret, list);
  r = list.size();
  if (l == r) {
    for (size_t i = 0; i < l; i++) init_var(lhs[i], list[i], ctx);
    if (comma_ok && list[0].valid() && list[1].valid()) record_comma_ok(rhs[0]);
    return;
  }
  if (list[0].valid()) {
    if (ret) return_error(ret->pos, lhs, list);
    else assign_error(rhs, l, r);
  }
  set_invalid();
}

void Checker::assign_vars(List<Expr*> lhs, List<Expr*> rhs) {
  size_t l = lhs.size(), r = rhs.size();
  Context ctx{l > 1 ? "multiple assignment" : "assignment"};
  bool is_call = r == 1 && unparen(rhs[0])->kind == NodeKind::CallExpr;
  if (l == r && !is_call) {
    for (size_t i = 0; i < l; i++) assign_var(lhs[i], rhs[i], nullptr, ctx);
    return;
  }
  if (r != 1) {
    bool ok_lhs = use(lhs, true), ok_rhs = use(rhs);
    if (ok_lhs && ok_rhs) assign_error(rhs, l, r);
    return;
  }
  Operands list;
  bool comma_ok = multi_expr(rhs[0], l == 2, list);
  r = list.size();
  if (l == r) {
    for (size_t i = 0; i < l; i++) assign_var(lhs[i], nullptr, &list[i], ctx);
    if (comma_ok && list[0].valid() && list[1].valid()) record_comma_ok(rhs[0]);
    return;
  }
  if (list[0].valid()) assign_error(rhs, l, r);
  use(lhs, true);
}

void Checker::short_var_decl(Pos pos, List<Expr*> lhs, List<Expr*> rhs) {
  size_t top = delayed_.size();
  Vec<Var*> vars(lhs.size(), nullptr), fresh;
  bool has_error = false;
  for (size_t i = 0; i < lhs.size(); i++) {
    auto* id = lhs[i]->as<Ident>();
    if (!id) {
      use1(lhs[i], true);
      errorf(lhs[i]->pos, "non-name {} on left side of :=", expr_string(lhs[i]));
      has_error = true;
      continue;
    }
    if (id->name != "_") {
      bool repeated = false;
      for (size_t j = 0; j < i; j++)
        if (auto* other = lhs[j]->as<Ident>(); other && other->name == id->name) repeated = true;
      if (repeated) {
        errorf(id->pos, "{} repeated on left side of :=", id->name.text());
        has_error = true;
        continue;
      }
      // Already declared in this very scope: assigned.
      Symbol* s = find_symbol(id->name);
      if (s && s->local >= static_cast<i32>(scope_start_)) {
        Object* alt = locals_[static_cast<size_t>(s->local)].obj;
        id->obj = alt;
        if (auto* v = alt->as<Var>()) {
          vars[i] = v;
          v->reassigned = true;
          record_type(id, Mode::Variable, v->type);
          note_use(v);
        } else {
          errorf(id->pos, "cannot assign to {}", id->name.text());
          has_error = true;
        }
        continue;
      }
    }
    vars[i] = new_local(id);
    if (id->name != "_") fresh.push_back(vars[i]);
  }
  for (size_t i = 0; i < vars.size(); i++)
    if (!vars[i]) vars[i] = new_var(lhs[i]->pos, Name::intern("_"), nullptr);
  init_vars(vars, rhs, nullptr);
  process_delayed(top);
  for (size_t i = 0; i < vars.size(); i++)
    if (auto* id = lhs[i]->as<Ident>(); id && vars[i]->type) record_type(id, Mode::Variable, vars[i]->type);
  if (fresh.empty() && !has_error) {
    if (auto* d = soft_error(pos, "no new variables on left side of :="))
      d->fixes.push_back({pos, "use = instead of :="});
    return;
  }
  for (Var* v : fresh) declare_local(v);
}
}  // namespace vole::types
