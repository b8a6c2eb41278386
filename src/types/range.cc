// Range clauses.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

Checker::RangeTypes Checker::range_types(Type* orig) {
  RangeTypes r;
  auto bad = [&](std::string cause) {
    r.key = r.value = InvalidType;
    r.cause = std::move(cause);
    return r;
  };
  std::string cause;
  Type* t = common_under(orig, &cause, &Checker::no_send_only);
  if (!t) return bad(cause);
  t = array_ptr_deref(t);
  switch (t->kind) {
    case TypeKind::Basic:
      if (is_basic(t, IsString)) {
        r.key = basic(BasicKind::Int);
        r.value = RuneType;
        r.ok = true;
      } else if (is_basic(t, IsInteger)) {
        if (!allow(22)) return bad("requires go1.22 or later");
        r.key = orig;
        r.ok = true;
      }
      return r;
    case TypeKind::Array:
      r.key = basic(BasicKind::Int), r.value = static_cast<Array*>(t)->elem, r.ok = true;
      return r;
    case TypeKind::Slice:
      r.key = basic(BasicKind::Int), r.value = static_cast<Slice*>(t)->elem, r.ok = true;
      return r;
    case TypeKind::Map:
      r.key = static_cast<Map*>(t)->key, r.value = static_cast<Map*>(t)->elem, r.ok = true;
      return r;
    case TypeKind::Chan: r.key = static_cast<Chan*>(t)->elem, r.ok = true; return r;
    case TypeKind::Signature: {
      constexpr const char* Must = "func must be func(yield func(...) bool): ";
      auto* sig = static_cast<Signature*>(t);
      if (!allow(23)) return bad("requires go1.23 or later");
      if (sig->params.size() != 1) return bad(std::string(Must) + "wrong argument count");
      if (!sig->results.empty()) return bad(std::string(Must) + "unexpected results");
      cause.clear();
      Type* u = common_under(sig->params[0]->type, &cause);
      auto* yield = u ? u->as<Signature>() : nullptr;
      if (!yield)
        return bad(cause.empty() ? std::string(Must) + "argument is not func"
                                 : std::string(Must) + "in yield type, " + cause);
      if (yield->params.size() > 2) return bad(std::string(Must) + "yield func has too many parameters");
      if (yield->results.size() != 1 || !identical(yield->results[0]->type, basic(BasicKind::Bool))) {
        if (yield->results.size() == 1 && is_basic(yield->results[0]->type, IsBoolean))
          return bad(std::string(Must) + "yield func returns user-defined boolean, not bool");
        return bad(std::string(Must) + "yield func does not return bool");
      }
      if (yield->variadic) return bad(fmt::format("yield func of type {} cannot be variadic", str(yield)));
      if (yield->params.size() >= 1) r.key = yield->params[0]->type;
      if (yield->params.size() >= 2) r.value = yield->params[1]->type;
      r.ok = r.is_func = true;
      return r;
    }
    default: return r;
  }
}

void Checker::range_stmt(u32 inner, RangeStmt* s) {
  size_t top = delayed_.size();
  Operand x;
  env_.has_call_or_recv = false;
  expr(nullptr, x, s->x);
  Type *key = nullptr, *value = nullptr;
  bool is_func = false;
  if (x.valid()) {
    RangeTypes r = range_types(x.type);
    if (!r.ok && !r.cause.empty())
      soft_error(x.pos(), fmt::format("cannot range over {}: {}", str(x), r.cause));
    else if (!r.ok) soft_error(x.pos(), fmt::format("cannot range over {}", str(x)));
    else if (!r.key && s->key)
      soft_error(s->key->pos, fmt::format("range over {} permits no iteration variables", str(x)));
    else if (!r.value && s->value)
      soft_error(s->value->pos, fmt::format("range over {} permits only one iteration variable", str(x)));
    else if (s->extra) soft_error(s->extra->pos, "range clause permits at most two iteration variables");
    key = r.key;
    value = r.value;
    is_func = r.ok && r.is_func;
    if (is_untyped(x.type) && is_basic(x.type, IsString))
      update_expr_type(x.node(), basic(BasicKind::String), true);
  }
  process_delayed(top);
  ScopeMark scope = open_scope();
  s->per_iteration = s->define && allow(22);

  // The body of a range over a function is a function of its own; so is what assigns the iteration variables.
  FuncContext body_func;
  FuncContext* outer = env_.func;
  if (is_func) {
    auto* lit = arena().make<FuncLit>();
    lit->kind = NodeKind::FuncLit;
    lit->pos = s->pos;
    lit->body = s->body;
    lit->end = s->body->rbrace;
    Vec<Type*> params;
    if (key) params.push_back(key);
    if (value) params.push_back(value);
    Type* result = basic(BasicKind::Bool);
    lit->sig = new_signature(params, std::span<Type* const>(&result, 1), false);
    lit->mode = Mode::Value;
    lit->type = lit->sig;
    s->body_func = lit;
    body_func.node = lit;
    body_func.outer = outer;
    body_func.is_range_body = true;
    env_.func = &body_func;
  }

  Expr* lhs[2] = {s->key, s->value};
  Type* rhs[2] = {key, value};
  bool over_int = x.valid() && is_basic(x.type, IsInteger);
  if (s->define) {
    Vec<Var*, 2> vars;
    for (int i = 0; i < 2; i++) {
      if (!lhs[i]) continue;
      Var* v;
      if (auto* id = lhs[i]->as<Ident>()) {
        v = new_local(id);
        v->loop_var = s->per_iteration;
        if (id->name != "_") vars.push_back(v);
      } else {
        errorf(lhs[i]->pos, "cannot declare {}", expr_string(lhs[i]));
        v = new_var(lhs[i]->pos, Name::intern("_"), nullptr);
      }
      if (!s->per_iteration && !is_func) v->reassigned = true;
      if (!rhs[i] || !is_valid(rhs[i])) {
        v->type = InvalidType;
        v->used = true;
        continue;
      }
      if (over_int) {
        init_var(v, x, {"range clause"});
      } else {
        Operand y;
        y.mode = Mode::Value;
        y.expr = lhs[i];
        y.label = lhs[i]->kind == NodeKind::Ident ? lhs[i]->cast<Ident>()->name.text() : "_";
        y.type = rhs[i];
        init_var(v, y, {"assignment"});
      }
      record_type(lhs[i], Mode::Variable, v->type);
    }
    if (!vars.empty()) {
      for (Var* v : vars) declare_local(v);
    } else {
      error(s->pos, "no new variables on left side of :=");
    }
  } else if (s->key) {
    for (int i = 0; i < 2; i++) {
      if (!lhs[i]) continue;
      Type* t = rhs[i];
      if (!t || !is_valid(t)) {
        use1(lhs[i], true);
        continue;
      }
      if (over_int) {
        assign_var(lhs[i], nullptr, &x, {"range clause"});
        if (x.valid() && !is_basic(x.type, IsInteger))
          soft_error(lhs[i]->pos, fmt::format("cannot use iteration variable of type {}", str(x.type)));
      } else {
        Operand y;
        y.mode = Mode::Value;
        y.expr = lhs[i];
        y.type = t;
        std::string shown = expr_string(lhs[i]);
        y.label = shown;
        assign_var(lhs[i], nullptr, &y, {"assignment"});
      }
    }
  } else if (over_int) {
    assignment(x, nullptr, {"range clause"});
  }
  stmt(inner, s->body);
  if (is_func) {
    s->body_func->captures = arena().copy(body_func.captures);
    env_.func = outer;
    if (outer)
      for (Var* v : body_func.locals) outer->locals.push_back(v);
  }
  close_stmt_scope(scope);
}
}  // namespace vole::types
