// Statements, but for loops, switches, select, defer.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

// Whether a statement holds a label that a goto may reach although the code before it does not fall into it.
static bool has_label(Stmt* s) {
  auto any = [](std::span<Stmt*> l) {
    for (Stmt* x : l)
      if (has_label(x)) return true;
    return false;
  };
  switch (s->kind) {
    case NodeKind::LabeledStmt: return true;
    case NodeKind::BlockStmt: return any(s->cast<BlockStmt>()->stmts);
    case NodeKind::IfStmt: {
      auto* i = s->cast<IfStmt>();
      return has_label(i->then) || (i->els && has_label(i->els));
    }
    case NodeKind::ForStmt: return has_label(s->cast<ForStmt>()->body);
    case NodeKind::RangeStmt: return has_label(s->cast<RangeStmt>()->body);
    case NodeKind::SwitchStmt:
      for (auto* c : s->cast<SwitchStmt>()->clauses)
        if (any(c->body)) return true;
      return false;
    case NodeKind::TypeSwitchStmt:
      for (auto* c : s->cast<TypeSwitchStmt>()->clauses)
        if (any(c->body)) return true;
      return false;
    case NodeKind::SelectStmt:
      for (auto* c : s->cast<SelectStmt>()->clauses)
        if (any(c->body)) return true;
      return false;
    default: return false;
  }
}

void Builder::stmts(std::span<Stmt*> list) {
  for (Stmt* s : list) {
    if (!cur && !has_label(s)) continue;
    stmt(s);
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
      Val ch = expr(x->chan);
      Val v = expr_as(x->value, info(under(ty(x->chan->type))->cast<Chan>()->elem));
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
        for (int i = 0; i < t->n; i++) one.w[one.n++] = c(t->leaf[i].ty, i ? 0 : f32 ? 0x3f800000 : 0x3ff0000000000000);
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
    case NodeKind::LabeledStmt: labeled(s->cast<LabeledStmt>()); break;
    default: VOLE_UNREACHABLE("statement");
  }
}

void Builder::if_stmt(IfStmt* s) {
  if (s->init) stmt(s->init);
  pos = s->cond->pos;
  if (s->cond->cval) {
    // A constant condition decides here: the other branch may name what this build does not have.
    bool taken = s->cond->cval->boolean;
    if (taken) {
      stmt(s->then);
      if (s->els && has_label(s->els)) {
        Block* done = new_block();
        jump(done);
        stmt(s->els);
        jump(done);
        enter_sealed(done);
      }
    } else {
      if (has_label(s->then)) {
        Block* after = new_block();
        jump(after);
        stmt(s->then);
        Block* done = new_block();
        jump(done);
        enter_sealed(after);
        if (s->els) stmt(s->els);
        jump(done);
        enter_sealed(done);
      } else if (s->els) {
        stmt(s->els);
      }
    }
    return;
  }
  Block* then = new_block();
  Block* done = new_block();
  Block* els = s->els ? new_block() : done;
  cond(s->cond, then, els);
  enter_sealed(then);
  stmts(s->then->stmts);
  jump(done);
  if (s->els) {
    enter_sealed(els);
    stmt(s->els);
    jump(done);
  }
  seal(done);
  cur = done->preds.empty() ? nullptr : done;
}

void Builder::return_stmt(ReturnStmt* s) {
  if (rf_) {
    RangeFunc::Exit e{RangeFunc::Exit::Return, nullptr, !s->results.empty()};
    if (e.with_values) {
      Builder* t = top();
      Vals vals;
      if (s->results.size() == t->results_.size()) {
        for (size_t i = 0; i < s->results.size(); i++) vals.push_back(copy_to_temp(expr_as(s->results[i], t->results_[i].t)));
      } else {
        vals = expr_multi(s->results[0]);
        for (size_t i = 0; i < vals.size(); i++) vals[i] = convert_assign(vals[i], t->results_[i].t);
      }
      for (size_t i = 0; i < vals.size(); i++) store({rf_->body_ctrl, rf_->result_offsets[i], 0}, vals[i]);
    }
    exit_range_func(e);
    return;
  }
  Vals vals;
  if (s->results.size() == results_.size()) {
    for (size_t i = 0; i < s->results.size(); i++) {
      Val v = expr_as(s->results[i], results_[i].t);
      if (s->results.size() > 1) v = copy_to_temp(v);
      vals.push_back(v);
    }
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

void Builder::labeled(LabeledStmt* s) {
  Block* b = label_block(s);
  jump(b);
  cur = b;  // sealed when the function is done: gotos may follow
  if (!on_demand_loop_) seal(b);
  if (b->preds.empty() && !on_demand_loop_) cur = nullptr;
  if (cur || has_label(s->stmt)) stmt(s->stmt);
}

void Builder::branch_stmt(BranchStmt* s) {
  switch (s->what) {
    case BranchStmt::Fallthrough: jump(fallthrough_); return;
    case BranchStmt::Goto: {
      auto* l = s->target->cast<LabeledStmt>();
      // A goto out of a range-over-func body leaves the body's function.
      if (rf_ && rf_->outer && !goto_targets_.contains(l)) {
        auto holds = [&](auto&& self, std::span<Stmt*> list) -> bool {
          for (Stmt* x : list) {
            if (x == l) return true;
            if (auto* in = x->as<LabeledStmt>())
              if (self(self, std::span<Stmt*>(&in->stmt, 1))) return true;
            if (auto* blk = x->as<BlockStmt>())
              if (self(self, blk->stmts)) return true;
          }
          return false;
        };
        if (!holds(holds, rf_->stmt->body->stmts)) {
          exit_range_func({RangeFunc::Exit::Goto, l, false});
          return;
        }
      }
      jump(label_block(l));
      return;
    }
    case BranchStmt::Break: case BranchStmt::Continue: {
      bool is_break = s->what == BranchStmt::Break;
      for (size_t i = targets_.size(); i-- > 0;)
        if (targets_[i].stmt == s->target) {
          jump(is_break ? targets_[i].brk : targets_[i].cont);
          return;
        }
      VOLE_CHECK(rf_);
      exit_range_func({is_break ? RangeFunc::Exit::Break : RangeFunc::Exit::Continue, s->target, false});
      return;
    }
  }
}
}  // namespace vole::irgen
