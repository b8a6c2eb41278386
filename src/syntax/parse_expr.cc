// Expressions.
#include "syntax/parser.h"

namespace vole::syntax {
Ident* Parser::make_ident(Pos pos, Name name) {
  auto* id = node<Ident>(pos);
  id->name = name;
  return id;
}

Ident* Parser::name() {
  Ident* id = make_ident(pos(), tok() == Tok::Ident ? lex_.name : Name::intern("_"));
  if (tok() == Tok::Ident) {
    next();
  } else {
    syntax_error("expected name");
    advance();
  }
  return id;
}

List<Ident*> Parser::name_list(Ident* first) {
  ListBuilder<Ident> names(*this);
  names.add(first);
  while (got(Tok::Comma)) names.add(name());
  return names.finish();
}

List<Expr*> Parser::expr_list() {
  ListBuilder<Expr> list(*this);
  list.add(expr());
  while (got(Tok::Comma)) list.add(expr());
  return list.finish();
}

List<Expr*> Parser::type_list(bool strict, bool& comma) {
  ListBuilder<Expr> list(*this);
  comma = false;
  expr_nest_++;
  list.add(strict ? type() : expr());
  while (got(Tok::Comma)) {
    comma = true;
    Expr* t = type_or_null();
    if (!t) break;
    list.add(t);
  }
  expr_nest_--;
  return list.finish();
}

BasicLit* Parser::literal_or_null() {
  if (tok() != Tok::Literal) return nullptr;
  auto* b = node<BasicLit>(pos());
  b->lit = lex_.lit_kind;
  b->bad = lex_.bad;
  b->text = arena().copy_string(lex_.lit);
  next();
  return b;
}

Expr* Parser::binary_expr(Expr* x, int prec) {
  Nest nest(*this);
  if (too_deep()) return bad_expr();
  if (!x) x = unary_expr();
  for (int p; (p = precedence(tok())) > prec;) {
    auto* b = node<BinaryExpr>(x->pos);
    b->op = tok();
    b->op_pos = pos();
    next();
    b->x = x;
    b->y = binary_expr(nullptr, p);
    x = b;
  }
  return x;
}

Expr* Parser::unary_expr() {
  Nest nest(*this);
  if (too_deep()) return bad_expr();
  Pos at = pos();
  switch (tok()) {
    case Tok::Mul: {
      next();
      auto* s = node<StarExpr>(at);
      s->x = unary_expr();
      return s;
    }
    case Tok::Add:
    case Tok::Sub:
    case Tok::Not:
    case Tok::Xor:
    case Tok::Tilde:
    case Tok::And: {
      auto* u = node<UnaryExpr>(at);
      u->op = tok();
      next();
      u->x = unary_expr();
      if (u->op == Tok::And) u->x = unparen(u->x);
      return u;
    }
    case Tok::Arrow: next(); return receive_or_channel(at);
    default: return primary_expr(nullptr);
  }
}

// After `<-`: a receive, or (when a channel type follows) a receive-only channel type whose arrow must be
// moved inwards:
// <-(chan E) is (<-chan E), and <-(chan<- E) is (<-chan (<-E)).
Expr* Parser::receive_or_channel(Pos at) {
  Expr* x = unary_expr();
  if (x->kind != NodeKind::ChanType) {
    auto* u = node<UnaryExpr>(at);
    u->op = Tok::Arrow;
    u->x = x;
    return u;
  }
  x->pos = at;
  ChanType::Dir dir = ChanType::SendOnly;
  Expr* t = x;
  while (dir == ChanType::SendOnly) {
    auto* c = t->as<ChanType>();
    if (!c) break;
    dir = c->dir;
    if (dir == ChanType::RecvOnly) syntax_error("unexpected <-, expected chan");  // <-<-chan
    c->dir = ChanType::RecvOnly;
    t = c->elem;
  }
  if (dir == ChanType::SendOnly)
    syntax_error("unexpected " + expr_string(t) + ", expected chan");  // <-chan<- E
  return x;
}

Expr* Parser::operand() {
  Pos at = pos();
  switch (tok()) {
    case Tok::Ident: return name();
    case Tok::Literal: return literal_or_null();
    case Tok::LParen: {
      next();
      expr_nest_++;
      Expr* x = expr();
      expr_nest_--;
      want(Tok::RParen);
      auto* p = node<ParenExpr>(at);
      p->x = x;
      return p;
    }
    case Tok::Func: {
      next();
      FuncType* t = func_type("function type", pos());
      if (tok() != Tok::LBrace) return t;
      expr_nest_++;
      auto* f = node<FuncLit>(at);
      f->type_expr = t;
      f->body = func_body();
      f->end = f->body->rbrace;
      expr_nest_--;
      return f;
    }
    case Tok::LBrack:
    case Tok::Chan:
    case Tok::Map:
    case Tok::Struct:
    case Tok::Interface: return type();
    default: {
      Expr* x = bad_expr();
      syntax_error("expected expression");
      advance({Tok::RParen, Tok::RBrack, Tok::RBrace});
      return x;
    }
  }
}

// An operand and its suffixes; `x`, when given, is an operand taken already.
Expr* Parser::primary_expr(Expr* x) {
  Nest nest(*this);
  if (too_deep()) return bad_expr();
  if (!x) x = operand();
  for (;;) {
    switch (tok()) {
      case Tok::Dot: x = dot_suffix(x); break;
      case Tok::LBrack: x = index_or_slice(x); break;
      case Tok::LParen: x = call_suffix(x); break;
      case Tok::LBrace: {
        if (!starts_composite(x)) return x;
        Expr* t = unparen(x);
        if (t != x) syntax_error("cannot parenthesize type in composite literal");
        CompositeLit* lit = composite_value();
        lit->lit_type = x;
        lit->pos = x->pos;
        x = lit;
        break;
      }
      default: return x;
    }
  }
}

Expr* Parser::dot_suffix(Expr* x) {
  next();
  if (tok() == Tok::Ident) {
    auto* s = node<SelectorExpr>(x->pos);
    s->x = x;
    s->sel = name();
    return s;
  }
  if (got(Tok::LParen)) {
    auto* a = node<TypeAssertExpr>(x->pos);
    a->x = x;
    if (!got(Tok::Type)) a->target = type();
    want(Tok::RParen);
    return a;
  }
  syntax_error("expected name or (");
  advance({Tok::Semi, Tok::RParen});
  return x;
}

Expr* Parser::index_or_slice(Expr* x) {
  Pos lbrack = pos();
  next();
  List<Expr*> first;
  if (tok() != Tok::Colon) {
    bool comma = false;
    if (tok() == Tok::RBrack) {
      syntax_error("expected operand");
      Expr* bad = bad_expr();
      first = arena().copy(std::span<Expr* const>(&bad, 1));
    } else {
      first = type_list(false, comma);
    }
    if (comma || tok() == Tok::RBrack) {
      want(Tok::RBrack);
      auto* e = node<IndexExpr>(x->pos);
      e->x = x;
      e->indices = first;
      e->lbrack = lbrack;
      return e;
    }
  }
  if (!got(Tok::Colon)) {
    syntax_error("expected comma, : or ]");
    advance({Tok::Comma, Tok::Colon, Tok::RBrack});
  }
  expr_nest_++;
  auto* s = node<SliceExpr>(x->pos);
  s->x = x;
  s->index[0] = first.empty() ? nullptr : first[0];
  if (tok() != Tok::Colon && tok() != Tok::RBrack) s->index[1] = expr();
  if (tok() == Tok::Colon) {
    s->full = true;
    if (!s->index[1]) {
      error_at(pos(), "middle index required in 3-index slice");
      s->index[1] = bad_expr();
    }
    next();
    if (tok() != Tok::RBrack) {
      s->index[2] = expr();
    } else {
      error_at(pos(), "final index required in 3-index slice");
      s->index[2] = bad_expr();
    }
  }
  expr_nest_--;
  want(Tok::RBrack);
  return s;
}

Expr* Parser::call_suffix(Expr* fun) {
  auto* c = node<CallExpr>(fun->pos);
  c->lparen = pos();
  next();
  c->fun = fun;
  ListBuilder<Expr> args(*this);
  expr_nest_++;
  c->rparen = list("argument list", Tok::Comma, Tok::RParen, [&] {
    args.add(expr());
    c->has_dots = got(Tok::DotDotDot);
    return c->has_dots;
  });
  expr_nest_--;
  c->args = args.finish();
  return c;
}

namespace {
// Whether x cannot be a type by its form.
bool is_value(Expr* x) {
  switch (x->kind) {
      // clang-format off
    case NodeKind::BasicLit: case NodeKind::CompositeLit: case NodeKind::FuncLit: case NodeKind::SliceExpr:
    case NodeKind::TypeAssertExpr:
    // clang-format on
    case NodeKind::CallExpr:
    case NodeKind::UnaryExpr:
    case NodeKind::BinaryExpr: return true;
    case NodeKind::ParenExpr: return is_value(x->cast<ParenExpr>()->x);
    case NodeKind::IndexExpr: {
      auto* i = x->cast<IndexExpr>();
      if (is_value(i->x)) return true;
      return i->indices.size() == 1 && is_value(i->indices[0]);
    }
    default: return false;
  }
}
}  // namespace

// Whether `{` after x opens a composite literal of type x rather than a block.
bool Parser::starts_composite(Expr* x) const {
  Expr* t = unparen(x);
  switch (t->kind) {
    case NodeKind::Ident:
    case NodeKind::SelectorExpr: return expr_nest_ >= 0;
    case NodeKind::IndexExpr: return expr_nest_ >= 0 && !is_value(t);
    case NodeKind::ArrayType:
    case NodeKind::StructType:
    case NodeKind::MapType: return true;
    default: return false;
  }
}

Expr* Parser::composite_element() { return tok() == Tok::LBrace ? composite_value() : expr(); }

CompositeLit* Parser::composite_value() {
  Nest nest(*this);
  auto* lit = node<CompositeLit>(pos());
  if (too_deep()) return lit;
  ListBuilder<Expr> elems(*this);
  expr_nest_++;
  want(Tok::LBrace);
  lit->rbrace = list("composite literal", Tok::Comma, Tok::RBrace, [&] {
    Expr* e = composite_element();
    if (tok() == Tok::Colon) {
      auto* kv = node<KeyValueExpr>(e->pos);
      next();
      kv->key = e;
      kv->value = composite_element();
      lit->keyed = true;
      e = kv;
    }
    elems.add(e);
    return false;
  });
  expr_nest_--;
  lit->elems = elems.finish();
  return lit;
}
}  // namespace vole::syntax
