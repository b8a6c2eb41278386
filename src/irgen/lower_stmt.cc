// Statements, but for loops, switches, select, defer.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

// A goto cannot enter a block: in a list that is reached at all, its own labels are where dead code may end.
void Builder::stmts(std::span<Stmt*> list) {
  for (size_t i = 0; i < list.size(); i++) {
    Stmt* s = list[i];
    if (auto* l = s->as<LabeledStmt>()) labeled(l, list.subspan(i + 1));
    else if (cur) stmt(s);
  }
}

void Builder::stmt(Stmt* s) {
  pos = s->pos;
  switch (s->kind) {
    case NodeKind::EmptyStmt: break;
    case NodeKind::BlockStmt: stmts(s->cast<BlockStmt>()->stmts); break;
    case NodeKind::DeclStmt:
      for (Decl* d : s->cast<DeclStmt>()->decls) decl_stmt(d);
      break;
    case NodeKind::ExprStmt: effect(s->cast<ExprStmt>()->x); break;
    case NodeKind::SendStmt: {
      auto* x = s->cast<SendStmt>();
      const TypeInfo* elem = info(under(ty(x->chan->type))->cast<Chan>()->elem);
      Val ch, v;
      in_order(x->chan, x->value,
               [&](size_t i) { i == 0 ? ch = expr(x->chan) : v = expr_as(x->value, elem); });
      send(ch, v);
      break;
    }
    case NodeKind::IncDecStmt: {
      auto* x = s->cast<IncDecStmt>();
      LValue l = lvalue(x->x);
      const TypeInfo* t = ti(x->x);
      Val one;
      one.t = t;
      if (t->is_float() || t->is_complex()) {
        bool f32 = t->leaf[0].ty == Ty::F32;
        for (int i = 0; i < t->n; i++)
          one.w[one.n++] = c(t->leaf[i].ty, i ? 0 : f32 ? 0x3f800000 : 0x3ff0000000000000);
      } else {
        one.w[one.n++] = c(t->leaf[0].ty, 1);
      }
      Tok op = x->inc ? Tok::Add : Tok::Sub;
      if (l.kind == LValue::MapElem) {
        Addr a = map_assign(l.map, l.map_type, l.key);
        store(a, arith(op, load(t, a), one, t, nullptr));
      } else {
        Val v = read_lvalue(l);
        assign(l, arith(op, v, one, t, nullptr));
      }
      break;
    }
    case NodeKind::AssignStmt: assign_stmt(s->cast<AssignStmt>()); break;
    case NodeKind::GoStmt: go_defer(s->cast<GoStmt>()->call, false); break;
    case NodeKind::DeferStmt: go_defer(s->cast<DeferStmt>()->call, true); break;
    case NodeKind::ReturnStmt: return_stmt(s->cast<ReturnStmt>()); break;
    case NodeKind::BranchStmt: branch_stmt(s->cast<BranchStmt>()); break;
    case NodeKind::IfStmt: if_stmt(s->cast<IfStmt>()); break;
    case NodeKind::SwitchStmt: switch_stmt(s->cast<SwitchStmt>()); break;
    case NodeKind::TypeSwitchStmt: type_switch(s->cast<TypeSwitchStmt>()); break;
    case NodeKind::SelectStmt: select_stmt(s->cast<SelectStmt>()); break;
    case NodeKind::ForStmt: for_stmt(s->cast<ForStmt>()); break;
    case NodeKind::RangeStmt: range_stmt(s->cast<RangeStmt>()); break;
    case NodeKind::LabeledStmt: labeled(s->cast<LabeledStmt>(), {}); break;
    default: VOLE_UNREACHABLE("statement");
  }
}

// All branches of a chain of else-if meet in one block.
void Builder::if_stmt(IfStmt* first) {
  Block* done = nullptr;
  Stmt* next = first;
  while (auto* s = next ? next->as<IfStmt>() : nullptr) {
    pos = s->pos;
    if (s->init) stmt(s->init);
    pos = s->cond->pos;
    next = s->els;
    if (s->cond->cval) {
      // A constant condition decides here: the other branch may name what this build does not have.
      if (s->cond->cval->boolean) next = s->then;
      continue;
    }
    Block* then = new_block();
    if (!done) done = new_block();
    Block* els = next ? new_block() : done;
    cond(s->cond, then, els);
    enter_sealed(then);
    stmts(s->then->stmts);
    jump(done);
    if (next) enter_sealed(els);
  }
  if (next) stmt(next);
  if (!done) return;
  jump(done);
  enter_sealed(done);
}

void Builder::return_stmt(ReturnStmt* s) {
  if (rf_) {
    if (!s->results.empty()) {
      Builder* t = top();
      Vals vals;
      if (s->results.size() == t->results_.size()) {
        vals.resize(s->results.size());
        in_order(s->results,
                 [&](size_t i) { vals[i] = copy_to_temp(expr_as(s->results[i], t->results_[i].t)); });
      } else {
        vals = expr_multi(s->results[0]);
        for (size_t i = 0; i < vals.size(); i++) vals[i] = convert_assign(vals[i], t->results_[i].t);
      }
      Value* to = load(Ty::Ptr, {rf_->body_ctrl, RangeFunc::Results, 0});
      to->flags |= ssa::NonNil;
      for (size_t i = 0; i < vals.size(); i++) store({to, t->shared_results_->offsets[i], 0}, vals[i]);
    }
    exit_range_func({RangeFunc::Exit::Return, nullptr});
    return;
  }
  Vals vals;
  if (s->results.size() == results_.size()) {
    vals.resize(s->results.size());
    in_order(s->results, [&](size_t i) {
      vals[i] = expr_as(s->results[i], results_[i].t);
      if (vals.size() > 1) vals[i] = copy_to_temp(vals[i]);
    });
  } else if (!s->results.empty()) {
    vals = expr_multi(s->results[0]);
    for (size_t i = 0; i < vals.size(); i++) vals[i] = convert_assign(vals[i], results_[i].t);
  }
  pos = s->pos;
  do_return(vals);
}

Block* Builder::label_block(LabeledStmt* s) {
  Block*& b = labels_[s];
  if (!b) b = new_block();
  return b;
}

// A statement with its labels; `rest` follows it in its list.
void Builder::labeled(LabeledStmt* s, std::span<Stmt*> rest) {
  for (;; s = s->stmt->cast<LabeledStmt>()) {
    enter_label(s, rest);
    if (s->stmt->kind != NodeKind::LabeledStmt) break;
  }
  if (cur) stmt(s->stmt);
}

// Gotos that come before the label have made its edges by now; only those that jump back to it keep its block
// open. When nothing has reached such a label yet, a goto further down still may, if a later label of the
// list (`rest`) leads to it. No variable can be declared between the goto to that label and here, so all that
// is in scope has a value.
void Builder::enter_label(LabeledStmt* s, std::span<Stmt*> rest) {
  Block* b = label_block(s);
  jump(b);
  auto reached = [&](Stmt* x) {
    for (auto* l = x->as<LabeledStmt>(); l; l = l->stmt->as<LabeledStmt>())
      if (auto it = labels_.find(l); it != labels_.end() && !it->second->preds.empty()) return true;
    return false;
  };
  bool back = top()->back_labels_.contains(s);
  if (back && (!b->preds.empty() || reached(s->stmt) || std::any_of(rest.begin(), rest.end(), reached)))
    enter(b);
  else if (!back) enter_sealed(b);
}

void Builder::branch_stmt(BranchStmt* s) {
  switch (s->what) {
    case BranchStmt::Fallthrough: jump(fallthrough_); return;
    case BranchStmt::Goto: {
      auto* l = s->target->cast<LabeledStmt>();
      // A goto out of a range-over-func body leaves the body's function.
      if (rf_ && (l->pos < rf_->stmt->body->pos || rf_->stmt->body->rbrace < l->pos))
        return exit_range_func({RangeFunc::Exit::Goto, l});
      jump(label_block(l));
      return;
    }
    case BranchStmt::Break:
    case BranchStmt::Continue: {
      bool is_break = s->what == BranchStmt::Break;
      for (size_t i = targets_.size(); i-- > 0;)
        if (targets_[i].stmt == s->target) {
          jump(is_break ? targets_[i].brk : targets_[i].cont);
          return;
        }
      VOLE_CHECK(rf_);
      exit_range_func({is_break ? RangeFunc::Exit::Break : RangeFunc::Exit::Continue, s->target});
      return;
    }
  }
}
}  // namespace vole::irgen
