// Statements.
#include "syntax/parser.h"

namespace vole::syntax {
List<Stmt*> Parser::stmt_list() {
  ListBuilder<Stmt> stmts(*this);
  while (tok() != Tok::Eof && tok() != Tok::RBrace && tok() != Tok::Case && tok() != Tok::Default) {
    Stmt* s = stmt_or_null();
    reject_pragmas();
    if (!s) break;
    stmts.add(s);
    if (!got(Tok::Semi) && tok() != Tok::RBrace) {
      syntax_error("at end of statement");
      advance({Tok::Semi, Tok::RBrace, Tok::Case, Tok::Default});
      got(Tok::Semi);
    }
  }
  return stmts.finish();
}

Stmt* Parser::stmt_or_null() {
  Ident* label = nullptr;
  Stmt* s = stmt_or_label(label);
  return label ? labeled_stmt(label) : s;
}

// A statement, or the name of a label that stands before one, with the colon next.
Stmt* Parser::stmt_or_label(Ident*& label) {
  Nest nest(*this);
  if (too_deep()) return nullptr;
  if (tok() == Tok::Ident) {
    reject_pragmas();
    List<Expr*> lhs = expr_list();
    if (tok() == Tok::Colon && lhs.size() == 1 && (label = lhs[0]->as<Ident>())) return nullptr;
    return simple_stmt(lhs, Tok::None);
  }
  if (tok() == Tok::Var || tok() == Tok::Const || tok() == Tok::Type) return decl_stmt();
  reject_pragmas();
  switch (tok()) {
    case Tok::LBrace:
      return block("");
      // clang-format off
    case Tok::Add: case Tok::Sub: case Tok::Mul: case Tok::And: case Tok::Xor: case Tok::Not:
    case Tok::Literal: case Tok::Func: case Tok::LParen: case Tok::LBrack: case Tok::Struct: case Tok::Map:
    case Tok::Chan:
    // clang-format on
    case Tok::Interface:
    case Tok::Arrow: return simple_stmt({}, Tok::None);
    case Tok::For: return for_stmt();
    case Tok::Switch: return switch_stmt();
    case Tok::Select: return select_stmt();
    case Tok::If: return if_stmt();
    case Tok::Fallthrough:
    case Tok::Break:
    case Tok::Continue:
    case Tok::Goto: return branch_stmt();
    case Tok::Go:
    case Tok::Defer: return call_stmt();
    case Tok::Return: {
      auto* r = node<ReturnStmt>(pos());
      next();
      if (tok() != Tok::Semi && tok() != Tok::RBrace) r->results = expr_list();
      return r;
    }
    case Tok::Semi: {
      auto* e = node<EmptyStmt>(pos());
      e->implicit = lex_.lit != "semicolon";
      return e;
    }
    default: return nullptr;
  }
}

// A statement that is an expression, send, ++/--, assignment or definition; `lhs`, when not empty, has been
// read.
Stmt* Parser::simple_stmt(List<Expr*> lhs, Tok keyword) {
  if (keyword == Tok::For && tok() == Tok::Range) {
    auto* r = node<RangeStmt>(pos());
    next();
    r->x = expr();
    return r;
  }
  if (lhs.empty()) lhs = expr_list();
  if (tok() == Tok::Assign || tok() == Tok::Define) return assignment(lhs, keyword);
  Pos at = pos();
  if (lhs.size() == 1) {
    switch (tok()) {
      case Tok::AssignOp: {
        auto* a = node<AssignStmt>(at);
        a->op = lex_.op;
        next();
        a->lhs = lhs;
        Expr* rhs = expr();
        a->rhs = arena().copy(std::span<Expr* const>(&rhs, 1));
        return a;
      }
      case Tok::IncDec: {
        auto* s = node<IncDecStmt>(at);
        s->x = lhs[0];
        s->inc = lex_.op == Tok::Add;
        next();
        return s;
      }
      case Tok::Arrow: {
        auto* s = node<SendStmt>(at);
        next();
        s->chan = lhs[0];
        s->value = expr();
        return s;
      }
      default: break;
    }
  } else {
    syntax_error("expected := or = or comma");
    advance({Tok::Semi, Tok::RBrace});
  }
  auto* s = node<ExprStmt>(lhs[0]->pos);
  s->x = lhs[0];
  return s;
}

Stmt* Parser::assignment(List<Expr*> lhs, Tok keyword) {
  auto* a = node<AssignStmt>(pos());
  a->op = Tok::None;
  a->define = tok() == Tok::Define;
  a->lhs = lhs;
  next();
  if (keyword == Tok::For && tok() == Tok::Range) {
    auto* r = node<RangeStmt>(pos());
    next();
    r->define = a->define;
    r->key = lhs[0];
    if (lhs.size() > 1) r->value = lhs[1];
    if (lhs.size() > 2) r->extra = lhs[2];
    r->x = expr();
    return r;
  }
  a->rhs = expr_list();
  if (keyword == Tok::Switch && a->define && a->rhs.size() == 1 && lhs.size() == 1) {
    auto* guard = a->rhs[0]->as<TypeAssertExpr>();
    if (guard && !guard->target && lhs[0]->kind == NodeKind::Ident) {
      guard_name_ = lhs[0]->cast<Ident>();
      auto* s = node<ExprStmt>(guard->pos);
      s->x = guard;
      return s;
    }
  }
  return a;
}

// A statement and the run of labels before it, which is no nesting.
Stmt* Parser::labeled_stmt(Ident* label) {
  Stmt* first = nullptr;
  Stmt** slot = &first;
  while (label) {
    auto* s = node<LabeledStmt>(label->pos);
    Pos colon = pos();
    s->label = label;
    *slot = s;
    slot = &s->stmt;
    want(Tok::Colon);
    if (tok() == Tok::RBrace) {  // `L: }` labels an empty statement
      auto* e = node<EmptyStmt>(pos());
      e->implicit = true;
      *slot = e;
      return first;
    }
    label = nullptr;
    *slot = stmt_or_label(label);
    if (*slot || label) continue;
    syntax_error_at(colon, "missing statement after label");
    return nullptr;
  }
  return first;
}

// A block; `context` names what it belongs to where the brace may be missing.
BlockStmt* Parser::block(std::string_view context) {
  Nest nest(*this);
  auto* b = node<BlockStmt>(pos());
  if (too_deep()) return b;
  if (!got(Tok::LBrace)) {
    syntax_error("expected { after " + std::string(context));
    advance({Tok::Ident, Tok::RBrace});
    b->rbrace = pos();
    if (got(Tok::RBrace)) return b;
  }
  b->stmts = stmt_list();
  b->rbrace = pos();
  block_end_ = lex_.end_offset();
  want(Tok::RBrace);
  return b;
}

Stmt* Parser::decl_stmt() {
  auto* d = node<DeclStmt>(pos());
  Tok keyword = tok();
  next();
  ListBuilder<Decl> decls(*this);
  if (keyword == Tok::Const) {
    const_group(decls);
  } else {
    auto spec = [&] { return keyword == Tok::Var ? var_decl() : type_decl(); };
    if (tok() == Tok::LParen) {
      reject_pragmas();
      next();
      list("grouped declaration", Tok::Semi, Tok::RParen, [&] {
        decls.add(spec());
        return false;
      });
    } else {
      decls.add(spec());
    }
  }
  d->decls = decls.finish();
  return d;
}

// The part of if, switch and for between the keyword and the `{`.
Parser::Header Parser::header(Tok keyword) {
  Header h;
  want(keyword);
  guard_name_ = nullptr;
  if (tok() == Tok::LBrace) {
    if (keyword == Tok::If) {
      syntax_error("missing condition in if statement");
      h.cond = bad_expr();
    }
    return h;
  }
  int outer = expr_nest_;
  expr_nest_ = -1;
  if (tok() != Tok::Semi) {
    if (got(Tok::Var))
      syntax_error("var declaration not allowed in " + std::string(tok_text(keyword)) + " initializer");
    h.init = simple_stmt({}, keyword);
    if (auto* r = h.init->as<RangeStmt>()) {
      expr_nest_ = outer;
      h.init = nullptr;
      h.range = r;
      return h;
    }
  }
  Stmt* cond = nullptr;
  Pos semi_pos;
  std::string_view semi_lit;
  if (tok() == Tok::LBrace) {
    cond = h.init;
    h.init = nullptr;
  } else {
    if (tok() == Tok::Semi) {
      semi_pos = pos();
      semi_lit = lex_.lit;
      next();
    } else {
      want(Tok::LBrace);
      if (tok() != Tok::LBrace) advance({Tok::LBrace, Tok::RBrace});
    }
    if (keyword == Tok::For) {
      bool missing = false;
      if (tok() != Tok::Semi) {
        missing = tok() == Tok::LBrace;
        if (missing) syntax_error("expected for loop condition");
        else cond = simple_stmt({}, Tok::None);
      }
      if (!missing) {
        want(Tok::Semi);
        if (tok() != Tok::LBrace) {
          h.post = simple_stmt({}, Tok::None);
          auto* a = h.post->as<AssignStmt>();
          if (a && a->define) syntax_error_at(a->pos, "cannot declare in post statement of for loop");
        }
      }
    } else if (tok() != Tok::LBrace) {
      cond = simple_stmt({}, keyword);
    }
  }
  h.cond = condition_of(cond, keyword, semi_pos, semi_lit);
  expr_nest_ = outer;
  return h;
}

// The expression a header's condition statement holds.
Expr* Parser::condition_of(Stmt* s, Tok keyword, Pos semi_pos, std::string_view semi_lit) {
  if (!s) {
    if (keyword != Tok::If || !semi_pos.known()) return nullptr;
    if (semi_lit != "semicolon")
      syntax_error_at(semi_pos, "unexpected " + std::string(semi_lit) + ", expected { after if clause");
    else syntax_error_at(semi_pos, "missing condition in if statement");
    return node<BadExpr>(semi_pos);
  }
  if (auto* e = s->as<ExprStmt>()) return e->x;
  std::string shown;
  auto* a = s->as<AssignStmt>();
  auto emphasized = [](List<Expr*> list) {
    std::string text = expr_list_string(list);
    return list.size() == 1 && list[0]->kind == NodeKind::BinaryExpr ? "(" + text + ")" : text;
  };
  if (a && !a->define && a->op == Tok::None)
    shown = "assignment " + emphasized(a->lhs) + " = " + emphasized(a->rhs);
  else shown = stmt_string(s);
  syntax_error_at(s->pos, "cannot use " + shown + " as value");
  return nullptr;
}

Stmt* Parser::for_stmt() {
  Pos at = pos();
  Header h = header(Tok::For);
  BlockStmt* body = block("for clause");
  if (h.range) {
    h.range->pos = at;
    h.range->body = body;
    return h.range;
  }
  auto* f = node<ForStmt>(at);
  f->init = h.init;
  f->cond = h.cond;
  f->post = h.post;
  f->body = body;
  return f;
}

// A chain of else-if is no nesting.
IfStmt* Parser::if_stmt() {
  IfStmt* first = nullptr;
  Stmt** slot = nullptr;
  do {
    auto* s = node<IfStmt>(pos());
    if (slot) *slot = s;
    else first = s;
    Header h = header(Tok::If);
    s->init = h.init;
    s->cond = h.cond ? h.cond : bad_expr();
    s->then = block("if clause");
    if (!got(Tok::Else)) return first;
    slot = &s->els;
  } while (tok() == Tok::If);
  if (tok() == Tok::LBrace) {
    *slot = block("");
  } else {
    syntax_error("else must be followed by if or statement block");
    advance({Tok::Ident, Tok::RBrace});
  }
  return first;
}

Stmt* Parser::switch_stmt() {
  Pos at = pos();
  Header h = header(Tok::Switch);
  Ident* guard_name = guard_name_;
  guard_name_ = nullptr;
  if (!got(Tok::LBrace)) {
    syntax_error("missing { after switch clause");
    advance({Tok::Case, Tok::Default, Tok::RBrace});
  }
  ListBuilder<CaseClause> clauses(*this);
  while (tok() != Tok::Eof && tok() != Tok::RBrace) clauses.add(case_clause());
  Pos rbrace = pos();
  want(Tok::RBrace);
  auto* guard = h.cond ? h.cond->as<TypeAssertExpr>() : nullptr;
  if (guard && !guard->target) {
    auto* s = node<TypeSwitchStmt>(at);
    s->init = h.init;
    s->name = guard_name;
    s->x = guard->x;
    s->clauses = clauses.finish();
    s->rbrace = rbrace;
    return s;
  }
  auto* s = node<SwitchStmt>(at);
  s->init = h.init;
  s->tag = h.cond;
  s->clauses = clauses.finish();
  s->rbrace = rbrace;
  return s;
}

CaseClause* Parser::case_clause() {
  auto* c = node<CaseClause>(pos());
  if (got(Tok::Case)) {
    c->exprs = expr_list();
  } else if (got(Tok::Default)) {
    c->is_default = true;
  } else {
    syntax_error("expected case or default or }");
    advance({Tok::Colon, Tok::Case, Tok::Default, Tok::RBrace});
    c->is_default = true;
  }
  c->colon = pos();
  want(Tok::Colon);
  c->body = stmt_list();
  return c;
}

Stmt* Parser::select_stmt() {
  auto* s = node<SelectStmt>(pos());
  want(Tok::Select);
  if (!got(Tok::LBrace)) {
    syntax_error("missing { after select clause");
    advance({Tok::Case, Tok::Default, Tok::RBrace});
  }
  ListBuilder<CommClause> clauses(*this);
  while (tok() != Tok::Eof && tok() != Tok::RBrace) clauses.add(comm_clause());
  s->clauses = clauses.finish();
  s->rbrace = pos();
  want(Tok::RBrace);
  return s;
}

CommClause* Parser::comm_clause() {
  auto* c = node<CommClause>(pos());
  if (got(Tok::Case)) {
    c->comm = simple_stmt({}, Tok::None);
  } else if (!got(Tok::Default)) {
    syntax_error("expected case or default or }");
    advance({Tok::Colon, Tok::Case, Tok::Default, Tok::RBrace});
  }
  c->colon = pos();
  want(Tok::Colon);
  c->body = stmt_list();
  return c;
}

Stmt* Parser::branch_stmt() {
  auto* b = node<BranchStmt>(pos());
  Tok keyword = tok();
  next();
  switch (keyword) {
    case Tok::Break: b->what = BranchStmt::Break; break;
    case Tok::Continue: b->what = BranchStmt::Continue; break;
    case Tok::Goto: b->what = BranchStmt::Goto; break;
    default: b->what = BranchStmt::Fallthrough; return b;
  }
  if (keyword == Tok::Goto || tok() == Tok::Ident) b->label = name();
  return b;
}

Stmt* Parser::call_stmt() {
  Pos at = pos();
  Tok keyword = tok();
  next();
  Expr* x = primary_expr(nullptr);
  if (x->kind == NodeKind::ParenExpr) {
    error_at(x->pos, "expression in " + std::string(tok_text(keyword)) + " must not be parenthesized");
    x = unparen(x);
  }
  if (keyword == Tok::Go) {
    auto* g = node<GoStmt>(at);
    g->call = x;
    return g;
  }
  auto* d = node<DeferStmt>(at);
  d->call = x;
  return d;
}
}  // namespace vole::syntax
