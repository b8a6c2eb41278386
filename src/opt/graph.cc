// Cleaning up: dead values, parameters that are always the same, constant branches, straight-line blocks.
#include "opt/pass.h"

namespace vole::opt {
namespace {
bool removable(const Value* v) {
  u16 fl = ssa::op_info(v->op).flags;
  if (v->op == Op::New) return true;
  return (fl & (ssa::OpPure | ssa::OpReads)) &&
         !(fl & (ssa::OpWrites | ssa::OpEffect | ssa::OpTraps | ssa::OpCall | ssa::OpTerm));
}
}  // namespace

// Marks from what has effects; parameters are wanted only when somebody wanted uses them, so cycles of unused
// parameters go too.
bool remove_dead(Func& f, Context&) {
  std::vector<u8> live(f.next_value, 0);
  std::vector<Value*> work;
  auto want = [&](Value* v) {
    if (!live[v->id]) {
      live[v->id] = 1;
      work.push_back(v);
    }
  };
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (!removable(v) && v->op != Op::Dbg) want(v);
    }
  }
  for (Value* p : f.blocks[0]->params) live[p->id] = 1;
  while (!work.empty()) {
    Value* v = work.back();
    work.pop_back();
    for (u32 i = 0; i < v->nargs; i++) want(v->args[i]);
    if (v->op != Op::Param || v->block == f.blocks[0]) continue;
    size_t index = 0;
    while (v->block->params[index] != v) index++;
    for (const ssa::Pred& p : v->block->preds) want(p.from->succs[p.succ].args[index]);
  }
  bool changed = false;
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v;) {
      Value* next = v->next;
      if (v->op == Op::Dbg ? !live[v->args[0]->id] : !live[v->id]) {
        f.remove(v);
        changed = true;
      }
      v = next;
    }
    if (b == f.blocks[0] || b->params.empty()) continue;
    size_t kept = 0;
    std::vector<u8> keep(b->params.size());
    for (size_t i = 0; i < keep.size(); i++) kept += keep[i] = live[b->params[i]->id];
    if (kept == keep.size()) continue;
    changed = true;
    auto squeeze = [&](std::vector<Value*>& list) {
      size_t n = 0;
      for (size_t i = 0; i < keep.size(); i++) {
        if (keep[i]) list[n++] = list[i];
      }
      list.resize(n);
    };
    for (const ssa::Pred& p : b->preds) squeeze(p.from->succs[p.succ].args);
    for (size_t i = 0; i < keep.size(); i++) {
      if (!keep[i]) b->params[i]->block = nullptr;
    }
    squeeze(b->params);
    for (size_t i = 0; i < b->params.size(); i++) b->params[i]->imm = static_cast<i64>(i);
  }
  return changed;
}

// A parameter that gets the same value on every edge (or itself) is that value.
bool trivial_params(Func& f, Context&) {
  Replacements repl(f);
  bool changed = false;
  for (bool again = true; again;) {
    again = false;
    for (Block* b : f.blocks) {
      if (b == f.blocks[0] || b->params.empty() || b == f.deferreturn_block) continue;
      for (size_t i = 0; i < b->params.size(); i++) {
        Value* p = b->params[i];
        Value* same = nullptr;
        bool trivial = !b->preds.empty();
        for (const ssa::Pred& e : b->preds) {
          Value* a = repl.resolve(e.from->succs[e.succ].args[i]);
          if (a == p || a == same) continue;
          // Equal constants count as the same when one stands where it dominates: the entry is not sure, so
          // only identity counts.
          if (same) {
            trivial = false;
            break;
          }
          same = a;
        }
        if (!trivial || !same) continue;
        repl.replace(p, same);
        for (const ssa::Pred& e : b->preds) {
          auto& args = e.from->succs[e.succ].args;
          args.erase(args.begin() + static_cast<std::ptrdiff_t>(i));
        }
        p->block = nullptr;
        b->params.erase(b->params.begin() + static_cast<std::ptrdiff_t>(i));
        i--;
        again = changed = true;
      }
    }
  }
  repl.apply();
  for (Block* b : f.blocks) {
    for (size_t i = 0; i < b->params.size(); i++) b->params[i]->imm = static_cast<i64>(i);
  }
  return changed;
}

bool clean_graph(Func& f, Context&) {
  bool changed = false;
  // Constant conditions.
  for (Block* b : f.blocks) {
    Value* t = b->last;
    if (t->op == Op::Br && (t->args[0]->is_const() ||
                            (b->succs[0].to == b->succs[1].to && b->succs[0].args == b->succs[1].args))) {
      u32 dead = t->args[0]->is_const() && !(t->args[0]->imm & 0xff) ? 0 : 1;
      f.remove_edge(b, dead);
      t->op = Op::Jump;
      t->nargs = 0;
      t->imm = 0;
      changed = true;
    } else if (t->op == Op::Switch && t->args[0]->is_const()) {
      u64 k = static_cast<u64>(t->args[0]->imm);
      u32 keep = static_cast<u32>(std::min<u64>(k, b->succs.size() - 1));
      for (u32 i = static_cast<u32>(b->succs.size()); i-- > 0;) {
        if (i != keep) f.remove_edge(b, i);
      }
      t->op = Op::Jump;
      t->nargs = 0;
      changed = true;
    }
  }
  changed |= ssa::remove_unreachable(f);
  // Straight lines: the only successor with this as its only predecessor continues the block.
  Replacements repl(f);
  std::vector<u8> gone(f.next_block, 0);
  bool merged = false;
  for (Block* b : f.blocks) {
    if (gone[b->id]) continue;
    while (b->last->op == Op::Jump) {
      Block* s = b->succs[0].to;
      if (s == b || s->preds.size() != 1 || s == f.deferreturn_block || s == f.blocks[0]) break;
      for (size_t i = 0; i < s->params.size(); i++) {
        repl.replace(s->params[i], b->succs[0].args[i]);
        s->params[i]->block = nullptr;
      }
      f.remove(b->last);
      b->succs.clear();
      b->succs.swap(s->succs);
      for (u32 i = 0; i < b->succs.size(); i++) {
        for (ssa::Pred& p : b->succs[i].to->preds) {
          if (p.from == s && p.succ == i) p.from = b;
        }
      }
      for (Value* v = s->first; v; v = v->next) v->block = b;
      if (s->first) {
        s->first->prev = b->last;
        (b->last ? b->last->next : b->first) = s->first;
        b->last = s->last;
      }
      if (b->likely >= 0 && s->likely < 0 && b != f.blocks[0] && b->first == nullptr) b->likely = s->likely;
      s->first = s->last = nullptr;
      s->preds.clear();
      s->params.clear();
      gone[s->id] = 1;
      merged = true;
    }
  }
  if (merged) {
    std::erase_if(f.blocks, [&](Block* b) { return gone[b->id] != 0; });
    repl.apply();
  }
  return changed || merged;
}
}  // namespace vole::opt
