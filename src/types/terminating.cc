// Terminating statements (specification, "Terminating statements").
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

static bool terminates(List<Stmt*> list) {
  for (size_t i = list.size(); i-- > 0;)
    if (list[i]->kind != NodeKind::EmptyStmt) return is_terminating(list[i], Name());
  return false;
}

// Whether a break in s leaves the statement in question: an unlabelled one (`implicit`: s is not inside an
// inner loop or switch) or one with its label.
static bool has_break(Stmt* s, Name label, bool implicit);
static bool has_break(List<Stmt*> list, Name label, bool implicit) {
  for (Stmt* s : list)
    if (has_break(s, label, implicit)) return true;
  return false;
}
static bool has_break(Stmt* s, Name label, bool implicit) {
  while (auto* l = s ? s->as<LabeledStmt>() : nullptr) s = l->stmt;
  if (!s) return false;
  switch (s->kind) {
    case NodeKind::BranchStmt: {
      auto* b = s->cast<BranchStmt>();
      if (b->what != BranchStmt::Break) return false;
      return b->label ? b->label->name == label : implicit;
    }
    case NodeKind::BlockStmt: return has_break(s->cast<BlockStmt>()->stmts, label, implicit);
    case NodeKind::IfStmt:
      for (Stmt* n = s; n;) {
        auto* i = n->as<IfStmt>();
        if (!i) return has_break(n, label, implicit);
        if (has_break(i->then, label, implicit)) return true;
        n = i->els;
      }
      return false;
    case NodeKind::SwitchStmt:
    case NodeKind::TypeSwitchStmt: {
      if (label.empty()) return false;
      auto* sw = s->as<SwitchStmt>();
      for (CaseClause* c : sw ? sw->clauses : s->cast<TypeSwitchStmt>()->clauses)
        if (has_break(c->body, label, false)) return true;
      return false;
    }
    case NodeKind::SelectStmt:
      if (label.empty()) return false;
      for (CommClause* c : s->cast<SelectStmt>()->clauses)
        if (has_break(c->body, label, false)) return true;
      return false;
    case NodeKind::ForStmt: return !label.empty() && has_break(s->cast<ForStmt>()->body, label, false);
    case NodeKind::RangeStmt: return !label.empty() && has_break(s->cast<RangeStmt>()->body, label, false);
    default: return false;
  }
}

bool is_terminating(Stmt* s, Name label) {
  for (; s && s->kind == NodeKind::LabeledStmt; s = s->cast<LabeledStmt>()->stmt)
    label = s->cast<LabeledStmt>()->label->name;
  if (!s) return false;
  switch (s->kind) {
    case NodeKind::ExprStmt: {
      auto* call = unparen(s->cast<ExprStmt>()->x)->as<CallExpr>();
      return call && call->callee == CallExpr::Builtin && call->builtin == static_cast<u8>(BuiltinId::Panic);
    }
    case NodeKind::ReturnStmt: return true;
    case NodeKind::BranchStmt: {
      auto what = s->cast<BranchStmt>()->what;
      return what == BranchStmt::Goto || what == BranchStmt::Fallthrough;
    }
    case NodeKind::BlockStmt: return terminates(s->cast<BlockStmt>()->stmts);
    case NodeKind::IfStmt:
      for (Stmt* n = s;;) {
        auto* i = n->as<IfStmt>();
        if (!i) return is_terminating(n, Name());
        if (!i->els || !is_terminating(i->then, Name())) return false;
        n = i->els;
      }
    case NodeKind::SwitchStmt:
    case NodeKind::TypeSwitchStmt: {
      auto* sw = s->as<SwitchStmt>();
      bool has_default = false;
      for (CaseClause* c : sw ? sw->clauses : s->cast<TypeSwitchStmt>()->clauses) {
        has_default = has_default || c->is_default;
        if (!terminates(c->body) || has_break(c->body, label, true)) return false;
      }
      return has_default;
    }
    case NodeKind::SelectStmt:
      for (CommClause* c : s->cast<SelectStmt>()->clauses)
        if (!terminates(c->body) || has_break(c->body, label, true)) return false;
      return true;
    case NodeKind::ForStmt:
      return !s->cast<ForStmt>()->cond && !has_break(s->cast<ForStmt>()->body, label, true);
    default: return false;
  }
}
}  // namespace vole::types
