// Bounds checks that cannot fail: the index is not negative, and a condition that holds wherever the check is
// reached says it is below the limit.
//
// Conditions are read off the dominator tree: a block whose only way in is one edge of a branch knows the
// branch's outcome, and so does everything it dominates. An index is not negative by its own form, or because
// it counts up by one from such a value under a condition that keeps it from overflowing.
#include "opt/pass.h"

namespace vole::opt {
namespace {
constexpr int MaxConditions = 40, MaxDepth = 4;

struct Prover {
  Func& f;
  ssa::DomTree dom;
  explicit Prover(Func& fn) : f(fn), dom(fn) {}

  // Calls fn(condition, outcome) for the branches that lead to b, until it returns true.
  template <class F>
  bool any_condition(Block* b, F fn) {
    int left = MaxConditions;
    for (; b && left > 0; b = dom.idom[b->id], left--) {
      if (b->preds.size() != 1) continue;
      ssa::Pred p = b->preds[0];
      Value* t = p.from->last;
      if (t->op == Op::Br && t->args[0]->op == Op::ICmp && p.from->succs[0].to != p.from->succs[1].to &&
          fn(t->args[0], p.succ == 0))
        return true;
    }
    return false;
  }
  // Whether `c` with this outcome says a < b (signed).
  static bool says_less(const Value* c, bool outcome, const Value* a, const Value* b) {
    const Value *x = c->args[0], *y = c->args[1];
    if (outcome)
      return (c->cond == Cond::LtS && x == a && same(y, b)) || (c->cond == Cond::GtS && same(x, b) && y == a);
    return (c->cond == Cond::GeS && x == a && same(y, b)) || (c->cond == Cond::LeS && same(x, b) && y == a);
  }
  static bool same(const Value* a, const Value* b) {
    return a == b || (a->is_const() && b->is_const() && a->imm == b->imm && a->ty == b->ty);
  }
  bool below(Value* i, Value* n, Block* at) {
    return any_condition(at, [&](Value* c, bool outcome) { return says_less(c, outcome, i, n); });
  }
  // Something is greater than i here: i + 1 does not overflow.
  bool has_room(Value* i, Block* at) {
    return any_condition(at, [&](Value* c, bool outcome) {
      Value *x = c->args[0], *y = c->args[1];
      if (x != i && y != i) return false;
      return says_less(c, outcome, i, x == i ? y : x);
    });
  }
  bool not_negative(Value* v, int depth = 0) {
    if (v->is_const()) return v->imm >= 0;
    switch (v->op) {
      case Op::ZExt: return true;
      case Op::And: return v->args[1]->is_const() && v->args[1]->imm >= 0;
      case Op::ShrU: return v->args[1]->is_const() && v->args[1]->imm > 0;
      case Op::ShrS:
      case Op::DivS:
        return depth < MaxDepth && (v->op == Op::ShrS || (v->args[1]->is_const() && v->args[1]->imm > 0)) &&
               not_negative(v->args[0], depth + 1);
      case Op::Param: break;
      default: return false;
    }
    Block* h = v->block;
    if (h->preds.empty() || depth >= MaxDepth) return false;
    size_t index = static_cast<size_t>(v->imm);
    if (index >= h->params.size() || h->params[index] != v) return false;
    for (const ssa::Pred& p : h->preds) {
      Value* a = p.from->succs[p.succ].args[index];
      if (a == v) continue;
      bool counts_up = a->op == Op::Add && a->args[0] == v && a->args[1]->is_const(1) &&
                       dom.reachable(a->block) && has_room(v, a->block);
      if (!counts_up && !not_negative(a, depth + 1)) return false;
    }
    return true;
  }
  bool holds(Value* check) {
    Value *i = check->args[0], *n = check->args[1];
    if (check->bounds_kind <= BoundsKind::IndexU) return below(i, n, check->block) && not_negative(i);
    return check->bounds_kind != BoundsKind::Convert && same(i, n);
  }
};
}  // namespace

bool prove_bounds(Func& f, Context&) {
  bool any = false;
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v && !any; v = v->next) any = v->op == Op::Bounds;
  }
  if (!any) return false;
  Prover p(f);
  std::vector<Value*> gone;
  for (Block* b : p.dom.rpo) {
    for (Value* v = b->first; v; v = v->next) {
      if (v->op == Op::Bounds && p.holds(v)) gone.push_back(v);
    }
  }
  for (Value* v : gone) f.remove(v);
  return !gone.empty();
}
}  // namespace vole::opt
