// Types, struct fields, interface elements, parameter lists.
#include "syntax/parser.h"

namespace vole::syntax {
Expr* Parser::type() {
  Expr* t = type_or_null();
  if (t) return t;
  t = bad_expr();
  syntax_error("expected type");
  advance({Tok::Comma, Tok::Colon, Tok::Semi, Tok::RParen, Tok::RBrack, Tok::RBrace});
  return t;
}

// A type if one starts here, else null without a message.
Expr* Parser::type_or_null() {
  Nest nest(*this);
  if (too_deep()) return bad_expr();
  Pos at = pos();
  switch (tok()) {
    case Tok::Mul: {
      next();
      auto* s = node<StarExpr>(at);
      s->x = type();
      return s;
    }
    case Tok::Arrow: {
      next();
      want(Tok::Chan);
      auto* c = node<ChanType>(at);
      c->dir = ChanType::RecvOnly;
      c->elem = channel_elem();
      return c;
    }
    case Tok::Func: next(); return func_type("function type", pos());
    case Tok::LBrack:
      next();
      if (got(Tok::RBrack)) return slice_type(at);
      return array_type(at, nullptr);
    case Tok::Chan: {
      next();
      auto* c = node<ChanType>(at);
      c->dir = got(Tok::Arrow) ? ChanType::SendOnly : ChanType::Both;
      c->elem = channel_elem();
      return c;
    }
    case Tok::Map: {
      next();
      want(Tok::LBrack);
      auto* m = node<MapType>(at);
      m->key = type();
      want(Tok::RBrack);
      m->value = type();
      return m;
    }
    case Tok::Struct: return struct_type();
    case Tok::Interface: return interface_type();
    case Tok::Ident: return qualified_name(nullptr);
    case Tok::LParen: {
      next();
      Expr* t = type();
      want(Tok::RParen);
      return t;
    }
    default: return nullptr;
  }
}

Expr* Parser::qualified_name(Ident* first) {
  Expr* x = first;
  if (!x) {
    if (tok() == Tok::Ident) {
      x = name();
    } else {
      x = make_ident(pos(), Name::intern("_"));
      syntax_error("expected name");
      advance({Tok::Dot, Tok::Semi, Tok::RBrace});
    }
  }
  if (tok() == Tok::Dot) {
    next();
    auto* s = node<SelectorExpr>(x->pos);
    s->x = x;
    s->sel = name();
    x = s;
  }
  return tok() == Tok::LBrack ? type_instance(x) : x;
}

Expr* Parser::type_instance(Expr* x) {
  auto* e = node<IndexExpr>(x->pos);
  e->lbrack = pos();
  want(Tok::LBrack);
  e->x = x;
  if (tok() == Tok::RBrack) {
    syntax_error("expected type argument list");
    Expr* bad = bad_expr();
    e->indices = arena().copy(std::span<Expr* const>(&bad, 1));
  } else {
    bool comma;
    e->indices = type_list(true, comma);
  }
  want(Tok::RBrack);
  return e;
}

// After `[` (and the length, when it is given).
Expr* Parser::array_type(Pos at, Expr* len) {
  if (!len) {
    if (tok() == Tok::DotDotDot) {
      len = node<Ellipsis>(pos());
      next();
    } else {
      expr_nest_++;
      len = expr();
      expr_nest_--;
    }
  }
  if (tok() == Tok::Comma) {
    syntax_error("unexpected comma; expected ]");
    next();
  }
  want(Tok::RBrack);
  auto* a = node<ArrayType>(at);
  a->len = len;
  a->elem = type();
  return a;
}

Expr* Parser::slice_type(Pos at) {
  auto* a = node<ArrayType>(at);
  a->elem = type();
  return a;
}

Expr* Parser::channel_elem() {
  Expr* t = type_or_null();
  if (t) return t;
  t = bad_expr();
  syntax_error("missing channel element type");
  return t;
}

// name [ …: the array or slice type that follows a name, or an instance name[T1, T2] (then is_instance).
Expr* Parser::array_or_type_args(Ident* name, bool& is_instance) {
  Pos at = pos();
  is_instance = false;
  want(Tok::LBrack);
  if (got(Tok::RBrack)) return slice_type(at);
  bool comma;
  List<Expr*> args = type_list(false, comma);
  want(Tok::RBrack);
  if (!comma) {
    if (Expr* elem = type_or_null()) {
      auto* a = node<ArrayType>(at);
      a->len = args[0];
      a->elem = elem;
      return a;
    }
  }
  is_instance = true;
  auto* e = node<IndexExpr>(name->pos);
  e->x = name;
  e->indices = args;
  e->lbrack = at;
  return e;
}

// ---- structs ------------------------------------------------------------------------------------

StructType* Parser::struct_type() {
  auto* s = node<StructType>(pos());
  want(Tok::Struct);
  want(Tok::LBrace);
  ListBuilder<Field> fields(*this);
  list("struct type", Tok::Semi, Tok::RBrace, [&] {
    field_decl(fields);
    return false;
  });
  s->fields = fields.finish();
  return s;
}

void Parser::add_field(ListBuilder<Field>& out, Ident* name, Expr* type_expr, BasicLit* tag, bool embedded,
                       bool first) {
  out.add(arena().make<Field>(Field{name, type_expr, tag, embedded, first}));
}

void Parser::field_decl(ListBuilder<Field>& out) {
  Pos at = pos();
  auto star_of = [&](Pos p, Expr* x) {
    auto* s = node<StarExpr>(p);
    s->x = x;
    return s;
  };
  if (tok() == Tok::Ident) {
    Ident* first = name();
    if (tok() == Tok::Dot || tok() == Tok::Literal || tok() == Tok::Semi || tok() == Tok::RBrace) {
      Expr* t = qualified_name(first);
      add_field(out, nullptr, t, literal_or_null(), true, true);
      return;
    }
    List<Ident*> names = name_list(first);
    Expr* t;
    if (names.size() == 1 && tok() == Tok::LBrack) {
      bool is_instance;
      t = array_or_type_args(first, is_instance);
      if (is_instance) {
        add_field(out, nullptr, t, literal_or_null(), true, true);
        return;
      }
    } else {
      t = type();
    }
    BasicLit* tag = literal_or_null();
    for (Ident* n : names) add_field(out, n, t, tag, false, n == names[0]);
    return;
  }
  Expr* t;
  if (tok() == Tok::Mul) {
    next();
    if (tok() == Tok::LParen) {
      syntax_error("cannot parenthesize embedded type");
      next();
      t = qualified_name(nullptr);
      got(Tok::RParen);
    } else {
      t = qualified_name(nullptr);
    }
    t = star_of(at, t);
  } else if (tok() == Tok::LParen) {
    syntax_error("cannot parenthesize embedded type");
    next();
    Pos inner = pos();
    t = got(Tok::Mul) ? static_cast<Expr*>(star_of(inner, qualified_name(nullptr))) : qualified_name(nullptr);
    got(Tok::RParen);
  } else {
    syntax_error("expected field name or embedded type");
    advance({Tok::Semi, Tok::RBrace});
    return;
  }
  add_field(out, nullptr, t, literal_or_null(), true, true);
}

// ---- interfaces ---------------------------------------------------------------------------------

InterfaceType* Parser::interface_type() {
  auto* t = node<InterfaceType>(pos());
  want(Tok::Interface);
  want(Tok::LBrace);
  ListBuilder<Field> elems(*this);
  list("interface type", Tok::Semi, Tok::RBrace, [&] {
    elems.add(method_or_embedded());
    return false;
  });
  t->elems = elems.finish();
  return t;
}

Field* Parser::method_or_embedded() {
  constexpr std::string_view Context = "interface method";
  auto make = [&](Ident* name, Expr* t) {
    return arena().make<Field>(Field{name, t, nullptr, name == nullptr, true});
  };
  if (tok() != Tok::Ident) return make(nullptr, embedded_union(nullptr));
  Ident* id = name();
  if (tok() == Tok::LParen) return make(id, func_type(Context, id->pos));
  if (tok() != Tok::LBrack) return make(nullptr, embedded_union(qualified_name(id)));

  // m[…: a method with type parameters (refused below) or an embedded instance T[P1, P2].
  Pos lbrack = pos();
  next();
  if (tok() == Tok::RBrack) {
    Pos at = pos();
    next();
    if (tok() == Tok::LParen) {
      error_at(at, "empty type parameter list");
      return make(id, func_type(Context, id->pos));
    }
    error_at(at, "empty type argument list");
    return make(nullptr, embedded_union(id));
  }
  List<Field*> params = param_list(nullptr, nullptr, Tok::RBrack, false, false);
  if (params.empty()) {
    if (tok() == Tok::LParen) return make(id, func_type(Context, id->pos));
    return make(nullptr, embedded_union(id));
  }
  if (params[0]->name) {
    FuncType* t = func_type(Context, id->pos);
    error_at(lbrack, "interface method must have no type parameters");
    return make(id, t);
  }
  auto* e = node<IndexExpr>(id->pos);
  e->x = id;
  e->lbrack = lbrack;
  ListBuilder<Expr> args(*this);
  for (Field* f : params) args.add(f->type_expr);
  e->indices = args.finish();
  return make(nullptr, embedded_union(e));
}

Expr* Parser::embedded_union(Expr* x) {
  if (!x) x = embedded_term();
  while (tok() == Tok::Or) {
    auto* u = node<BinaryExpr>(x->pos);
    u->op = Tok::Or;
    u->op_pos = pos();
    next();
    u->x = x;
    u->y = embedded_term();
    x = u;
  }
  return x;
}

Expr* Parser::embedded_term() {
  if (tok() == Tok::Tilde) {
    auto* u = node<UnaryExpr>(pos());
    u->op = Tok::Tilde;
    next();
    u->x = type();
    return u;
  }
  Expr* t = type_or_null();
  if (t) return t;
  t = bad_expr();
  syntax_error("expected ~ term or type");
  advance({Tok::Or, Tok::Tilde, Tok::Semi, Tok::RParen, Tok::RBrack, Tok::RBrace});
  return t;
}

// ---- functions ----------------------------------------------------------------------------------

// After `func` or the function's name. With a context, type parameters are refused.
FuncType* Parser::func_type(std::string_view no_tparams_context, Pos at) {
  auto* t = node<FuncType>(at);
  if (tok() == Tok::LBrack) {
    Pos lbrack = pos();
    next();
    if (!no_tparams_context.empty())
      syntax_error_at(lbrack, std::string(no_tparams_context) + " must have no type parameters");
    if (tok() == Tok::RBrack) {
      syntax_error("empty type parameter list");
      next();
    } else {
      List<Field*> tparams = param_list(nullptr, nullptr, Tok::RBrack, true, false);
      if (no_tparams_context.empty()) t->tparams = tparams;
    }
  }
  want(Tok::LParen);
  t->params = param_list(nullptr, nullptr, Tok::RParen, false, true);
  t->results = func_result();
  return t;
}

List<Field*> Parser::func_result() {
  if (got(Tok::LParen)) return param_list(nullptr, nullptr, Tok::RParen, false, false);
  Expr* t = type_or_null();
  if (!t) return {};
  Field* f = arena().make<Field>(Field{nullptr, t, nullptr, false, true});
  return arena().copy(std::span<Field* const>(&f, 1));
}

// One entry of a parameter list: a name, a type, or both; which of them a lone name is shows at the end of
// the list. In type parameter lists (closed by `]`) constraints may be unions and ~terms.
Field* Parser::param_or_null(Ident* id, Tok follow) {
  bool unions = follow == Tok::RBrack;
  auto make = [&](Ident* name, Expr* t) { return arena().make<Field>(Field{name, t, nullptr, false, true}); };
  auto maybe_union = [&](Expr* t) { return unions && tok() == Tok::Or ? embedded_union(t) : t; };
  if (!id && unions && tok() == Tok::Tilde) return make(nullptr, embedded_union(nullptr));
  if (!id && tok() == Tok::Ident) id = name();
  if (id) {
    if (tok() == Tok::LBrack) {
      bool is_instance;
      Expr* t = array_or_type_args(id, is_instance);
      return make(is_instance ? nullptr : id, maybe_union(t));
    }
    if (tok() == Tok::Dot) return make(nullptr, maybe_union(qualified_name(id)));
    if (unions && tok() == Tok::Or) return make(nullptr, embedded_union(id));
  }
  if (tok() == Tok::DotDotDot) {
    auto* dots = node<Ellipsis>(pos());
    next();
    dots->elem = type_or_null();
    if (dots->elem) return make(id, dots);
    Expr* bad = bad_expr();
    syntax_error("... is missing type");
    return make(id, bad);
  }
  if (unions && tok() == Tok::Tilde) return make(id, embedded_union(nullptr));
  Expr* t = type_or_null();
  if (t) t = maybe_union(t);
  if (id || t) return make(id, t);
  syntax_error("expected " + std::string(tok_text(follow)));
  advance({Tok::Comma, follow});
  return nullptr;
}

// After `(` or `[`. The first entry may have been read already (as `id` and `constraint`). In the result
// either all entries have names or none.
List<Field*> Parser::param_list(Ident* id, Expr* constraint, Tok close, bool require_names, bool dots_ok) {
  ListBuilder<Field> params(*this);
  if (id && constraint && tok() == close) {
    next();
    params.add(arena().make<Field>(Field{id, constraint, nullptr, false, true}));
    return params.finish();
  }
  size_t named = 0, typed = 0;
  Pos end = list("parameter list", Tok::Comma, close, [&] {
    Field* f = constraint ? arena().make<Field>(Field{id, constraint, nullptr, false, true})
                          : param_or_null(id, close);
    id = nullptr;
    constraint = nullptr;
    if (f) {
      named += f->name && f->type_expr;
      typed += f->type_expr != nullptr;
      params.add(f);
    }
    return false;
  });
  if (params.size() == 0) return {};
  distribute_types(params, named, typed, require_names, end);

  bool reported = false;
  for (size_t i = 0; i < params.size(); i++) {
    auto* dots = params[i]->type_expr->as<Ellipsis>();
    if (!dots || (dots_ok && i + 1 == params.size())) continue;
    if (!reported)
      error_at(dots->pos, dots_ok ? "can only use ... with final parameter" : "invalid use of ...");
    reported = true;
    params[i]->type_expr = dots->elem;
  }
  return params.finish();
}

// Decides what lone names are: types when nothing is named, else parameters that share the type to their
// right.
void Parser::distribute_types(ListBuilder<Field>& params, size_t named, size_t typed, bool require_names,
                              Pos end) {
  if (named == 0 && !require_names) {
    for (size_t i = 0; i < params.size(); i++) {
      if (!params[i]->name) continue;
      params[i]->type_expr = params[i]->name;
      params[i]->name = nullptr;
    }
    return;
  }
  if (named == params.size()) return;
  Pos error;
  Expr* t = nullptr;
  for (size_t i = params.size(); i-- > 0;) {
    Field* f = params[i];
    if (f->type_expr) {
      t = f->type_expr;
      if (!f->name) {
        error = t->pos;
        f->name = make_ident(error, Name::intern("_"));
      }
    } else if (t) {
      f->type_expr = t;
      params[i + 1]->group_start = false;
    } else {
      error = f->name->pos;
      f->type_expr = node<BadExpr>(error);
    }
  }
  if (!error.known()) return;
  std::string message;
  if (named == typed) {  // the ones without a type stand at the end
    error = end;
    message = require_names ? "missing type constraint" : "missing parameter type";
  } else {
    message = require_names ? "missing type parameter name" : "missing parameter name";
    if (require_names && params.size() == 1) message += " or invalid array length";
  }
  syntax_error_at(error, message);
}
}  // namespace vole::syntax
