#include "syntax/print.h"

#include "syntax/lexer.h"

namespace vole::syntax {
namespace {
class Printer {
 public:
  std::string out;

  void expr(const Expr* x);
  void list(List<Expr*> xs) {
    for (size_t i = 0; i < xs.size(); i++) {
      if (i) out += ", ";
      expr(xs[i]);
    }
  }
  void signature(const FuncType* t);

 private:
  void fields(List<Field*> fs, std::string_view sep, bool interface_elems);
  void params(List<Field*> fs, char open, char close);
  void composite(const CompositeLit* x);
};

// Field lists print grouped as they were written: "a, b int".
void Printer::fields(List<Field*> fs, std::string_view sep, bool interface_elems) {
  for (size_t i = 0; i < fs.size(); i++) {
    if (i) out += sep;
    const Field* f = fs[i];
    if (f->name) {
      out += f->name->name.text();
      while (i + 1 < fs.size() && fs[i + 1]->name && fs[i + 1]->type_expr == f->type_expr) {
        i++;
        out += ", ";
        out += fs[i]->name->name.text();
      }
      if (interface_elems) {
        signature(f->type_expr->cast<FuncType>());
        continue;
      }
      out += ' ';
    }
    expr(f->type_expr);
    if (f->tag) {
      out += ' ';
      out += f->tag->text;
    }
  }
}

void Printer::params(List<Field*> fs, char open, char close) {
  out += open;
  fields(fs, ", ", false);
  out += close;
}

void Printer::signature(const FuncType* t) {
  params(t->params, '(', ')');
  if (t->results.empty()) return;
  out += ' ';
  if (t->results.size() == 1 && !t->results[0]->name) expr(t->results[0]->type_expr);
  else params(t->results, '(', ')');
}

void Printer::composite(const CompositeLit* x) {
  if (x->lit_type) expr(x->lit_type);
  out += '{';
  if (!x->elems.empty()) out += "…";
  out += '}';
}

void Printer::expr(const Expr* x) {
  if (!x) return;
  switch (x->kind) {
    case NodeKind::BadExpr: out += "<bad expr>"; break;
    case NodeKind::Ident: out += x->cast<Ident>()->name.text(); break;
    case NodeKind::BasicLit: out += x->cast<BasicLit>()->text; break;
    case NodeKind::CompositeLit: composite(x->cast<CompositeLit>()); break;
    case NodeKind::KeyValueExpr:
      expr(x->cast<KeyValueExpr>()->key);
      out += ": ";
      expr(x->cast<KeyValueExpr>()->value);
      break;
    case NodeKind::FuncLit: {
      auto* f = x->cast<FuncLit>();
      expr(f->type_expr);
      out += f->body && f->body->stmts.empty() ? " {}" : " {…}";
      break;
    }
    case NodeKind::ParenExpr:
      out += '(';
      expr(x->cast<ParenExpr>()->x);
      out += ')';
      break;
    case NodeKind::SelectorExpr:
      expr(x->cast<SelectorExpr>()->x);
      out += '.';
      expr(x->cast<SelectorExpr>()->sel);
      break;
    case NodeKind::IndexExpr:
      expr(x->cast<IndexExpr>()->x);
      out += '[';
      list(x->cast<IndexExpr>()->indices);
      out += ']';
      break;
    case NodeKind::SliceExpr: {
      auto* s = x->cast<SliceExpr>();
      expr(s->x);
      out += '[';
      expr(s->index[0]);
      out += ':';
      expr(s->index[1]);
      if (s->full) {
        out += ':';
        expr(s->index[2]);
      }
      out += ']';
      break;
    }
    case NodeKind::TypeAssertExpr: {
      auto* t = x->cast<TypeAssertExpr>();
      expr(t->x);
      out += ".(";
      if (t->target) expr(t->target);
      else out += "type";
      out += ')';
      break;
    }
    case NodeKind::StarExpr:
      out += '*';
      expr(x->cast<StarExpr>()->x);
      break;
    case NodeKind::UnaryExpr:
      out += tok_text(x->cast<UnaryExpr>()->op);
      expr(x->cast<UnaryExpr>()->x);
      break;
    case NodeKind::BinaryExpr: {
      auto* b = x->cast<BinaryExpr>();
      expr(b->x);
      out += ' ';
      out += tok_text(b->op);
      out += ' ';
      expr(b->y);
      break;
    }
    case NodeKind::CallExpr: {
      auto* c = x->cast<CallExpr>();
      expr(c->fun);
      out += '(';
      list(c->args);
      if (c->has_dots) out += "...";
      out += ')';
      break;
    }
    case NodeKind::Ellipsis:
      out += "...";
      expr(x->cast<Ellipsis>()->elem);
      break;
    case NodeKind::ArrayType:
      out += '[';
      expr(x->cast<ArrayType>()->len);
      out += ']';
      expr(x->cast<ArrayType>()->elem);
      break;
    case NodeKind::StructType:
      out += "struct{";
      fields(x->cast<StructType>()->fields, "; ", false);
      out += '}';
      break;
    case NodeKind::FuncType:
      out += "func";
      if (!x->cast<FuncType>()->tparams.empty()) params(x->cast<FuncType>()->tparams, '[', ']');
      signature(x->cast<FuncType>());
      break;
    case NodeKind::InterfaceType:
      out += "interface{";
      fields(x->cast<InterfaceType>()->elems, "; ", true);
      out += '}';
      break;
    case NodeKind::MapType:
      out += "map[";
      expr(x->cast<MapType>()->key);
      out += ']';
      expr(x->cast<MapType>()->value);
      break;
    case NodeKind::ChanType: {
      auto* c = x->cast<ChanType>();
      out += c->dir == ChanType::RecvOnly ? "<-chan " : c->dir == ChanType::SendOnly ? "chan<- " : "chan ";
      auto* inner = c->elem ? c->elem->as<ChanType>() : nullptr;
      bool parens = c->dir != ChanType::SendOnly && inner && inner->dir == ChanType::RecvOnly;
      if (parens) out += '(';
      expr(c->elem);
      if (parens) out += ')';
      break;
    }
    default: out += '?';
  }
}
}  // namespace

std::string expr_string(const Expr* x) {
  Printer p;
  p.expr(x);
  return std::move(p.out);
}

std::string expr_list_string(List<Expr*> xs) {
  Printer p;
  p.list(xs);
  return std::move(p.out);
}

std::string stmt_string(const Stmt* s) {
  if (!s) return "";
  switch (s->kind) {
    case NodeKind::ExprStmt: return expr_string(s->cast<ExprStmt>()->x);
    case NodeKind::SendStmt:
      return expr_string(s->cast<SendStmt>()->chan) + " <- " + expr_string(s->cast<SendStmt>()->value);
    case NodeKind::IncDecStmt:
      return expr_string(s->cast<IncDecStmt>()->x) + (s->cast<IncDecStmt>()->inc ? "++" : "--");
    case NodeKind::AssignStmt: {
      auto* a = s->cast<AssignStmt>();
      std::string op = a->define ? ":=" : a->op == Tok::None ? "=" : std::string(tok_text(a->op)) + "=";
      return expr_list_string(a->lhs) + " " + op + " " + expr_list_string(a->rhs);
    }
    default: return "statement";
  }
}
}  // namespace vole::syntax
