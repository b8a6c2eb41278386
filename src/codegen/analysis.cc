#include "codegen/analysis.h"

#include <algorithm>

namespace vole::codegen {
using ssa::Op;

namespace {
// A call behind which values live on: it clobbers every register and the function continues.
bool clobbers(const Value* v) { return ssa::is_call(v) && !v->has(ssa::NoReturn); }
}  // namespace

// Reverse postorder in which the less wanted successor is walked first and so stands later: exits of loops
// behind their bodies, cold blocks behind hot ones.
void Analysis::order_blocks(Func& f) {
  ssa::DomTree dom(f);
  ssa::LoopForest loops(f, dom);
  order.clear();
  std::vector<u8> seen(f.next_block, 0);
  struct Frame {
    Block* b;
    u32 next;
  };
  std::vector<Frame> stack;
  auto rank = [](const Block* from, const Block* to) {
    // Larger ranks are wanted sooner.
    return (to->likely < 0 ? 0 : 2) * 1000 + static_cast<int>(std::min(to->loop_depth, 999u));
  };
  auto pick = [&](Block* b, u32 i) -> Block* {
    size_t n = b->succs.size();
    if (n == 2) {
      Block *x = b->succs[0].to, *y = b->succs[1].to;
      int rx = rank(b, x), ry = rank(b, y);
      if (rx == ry && b->last->op == Op::Br && b->last->imm < 0) rx--;
      if (rx >= ry) std::swap(x, y);  // y is the better one: walk x first
      return i == 0 ? x : y;
    }
    return b->succs[n - 1 - i].to;
  };
  auto walk = [&](Block* root) {
    if (seen[root->id]) return;
    seen[root->id] = 1;
    stack.push_back({root, 0});
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == top.b->succs.size()) {
        order.push_back(top.b);
        stack.pop_back();
        continue;
      }
      Block* s = pick(top.b, top.next++);
      if (!seen[s->id]) {
        seen[s->id] = 1;
        stack.push_back({s, 0});
      }
    }
  };
  if (f.deferreturn_block) walk(f.deferreturn_block);
  walk(f.blocks[0]);
  std::reverse(order.begin(), order.end());
  // The deferreturn block is entered from outside too: nothing may be assumed in registers there, so its
  // place does not matter.
  loop_end.assign(f.next_block, 0);
  header.assign(f.next_block, 0);
  loop_of_calls_.assign(f.next_block, 0);
  for (ssa::Loop* l : loops.loops) header[l->header->id] = 1;
  for (Block* b : order) {
    if (b->likely < 0) continue;
    bool calls = false;
    for (Value* v = b->first; v && !calls; v = v->next) calls = clobbers(v);
    if (!calls) continue;
    loop_of_calls_[b->id] = b->loop_depth + 1;
    for (ssa::Loop* l = loops.of[b->id]; l && header[l->header->id] != 2; l = l->parent)
      header[l->header->id] = 2;
  }
  // Loop ends become positions in number(); until then they hold the index of the loop's last block in the
  // order, plus one.
  std::vector<u32> index(f.next_block, 0);
  for (u32 i = 0; i < order.size(); i++) index[order[i]->id] = i;
  for (size_t i = loops.loops.size();
       i-- > 0;) {  // inner before outer: a loop ends no earlier than those in it
    ssa::Loop* l = loops.loops[i];
    u32 end = 0;
    for (Block* b : l->blocks) end = std::max(end, index[b->id] + 1);
    for (ssa::Loop* in : l->inner) end = std::max(end, loop_end[in->header->id]);
    for (Block* b : l->blocks) loop_end[b->id] = end;
  }
}

// One walk backwards: counts wanted uses, drops what nobody wants, and decides what is folded into its user.
void Analysis::fold(Func& f, const FoldRules& rules) {
  u32 n = f.next_value;
  facts.assign(n, 0);
  use_count_.assign(n, 0);
  addr_uses_.assign(n, 0);
  user_.assign(n, nullptr);
  user_index_.assign(n, 0);
  epoch_at_.assign(n, 0);
  root_block_.assign(n, ~0u);
  by_id.assign(n, nullptr);
  closure_ptr = nullptr;
  u32 epoch = 1;
  constexpr u32 Mixed = ~1u;
  auto use = [&](Value* a, const Value* user, u32 index, const Block* at) {
    use_count_[a->id]++;
    user_[a->id] = user;
    user_index_[a->id] = index;
    u32 where = root_block_[a->id];
    root_block_[a->id] = where == ~0u || where == at->id ? at->id : Mixed;
    if (rules.is_address(user, index)) addr_uses_[a->id]++;
  };
  for (size_t bi = order.size(); bi-- > 0;) {
    Block* b = order[bi];
    epoch++;
    for (const ssa::Edge& e : b->succs) {
      for (Value* a : e.args) use(a, b->last, 0xffff, b);
    }
    for (Value* p : b->params) by_id[p->id] = p;
    for (Value* v = b->last; v; v = v->prev) {
      by_id[v->id] = v;
      const ssa::OpInfo& info = ssa::op_info(v->op);
      if (v->op == Op::ClosurePtr) closure_ptr = v;
      if (v->op == Op::Dbg) continue;
      bool removable = (info.flags & (ssa::OpPure | ssa::OpReads)) &&
                       !(info.flags & (ssa::OpWrites | ssa::OpEffect | ssa::OpTraps));
      if (removable && use_count_[v->id] == 0) {
        facts[v->id] |= Dead;
        continue;
      }
      if (is_remat(v)) {
        facts[v->id] |= Remat;
        continue;
      }
      u32 place = epoch;
      if (info.flags & (ssa::OpWrites | ssa::OpEffect | ssa::OpTraps | ssa::OpCall)) epoch++;
      epoch_at_[v->id] = epoch;
      if (v->op != Op::Extract && !ssa::is_terminator(v) && (info.flags & (ssa::OpPure | ssa::OpReads)) &&
          !(info.flags & (ssa::OpWrites | ssa::OpMulti)) && root_block_[v->id] == b->id) {
        bool folded = false;
        if (use_count_[v->id] == 1 && user_index_[v->id] != 0xffff) {
          const Value* u = user_[v->id];
          folded = rules.folds(v, u, user_index_[v->id], epoch_at_[u->id] == place);
          // The user's own place may be further down: computing there must see the same memory.
          if (folded) epoch_at_[v->id] = epoch_at_[u->id];
        }
        if (!folded && addr_uses_[v->id] == use_count_[v->id] && use_count_[v->id] <= 6)
          folded = rules.folds_as_address(v);
        if (folded) facts[v->id] |= Folded;
      }
      for (u32 i = 0; i < v->nargs; i++) use(v->args[i], v, i, b);
    }
  }
}

void Analysis::number(Func& f) {
  u32 n = f.next_value;
  start.assign(f.next_block, 0);
  end.assign(f.next_block, 0);
  def.assign(n, 0);
  call_pos.clear();
  use_begin.assign(n + 2, 0);
  // Two walks: count, then place. Uses through folded values belong to the instruction that computes them.
  std::vector<Value*>& stack = value_stack_;
  for (int phase = 0; phase < 2; phase++) {
    u32 pos = 2;
    auto note = [&](Value* a, u32 at) {
      stack.push_back(a);
      while (!stack.empty()) {
        Value* x = stack.back();
        stack.pop_back();
        u8 fact = facts[x->id];
        if (fact & Remat) continue;
        if (fact & Folded) {
          for (u32 i = 0; i < x->nargs; i++) stack.push_back(x->args[i]);
          continue;
        }
        if (phase == 0) {
          use_begin[x->id + 2]++;
        } else {
          uses[use_begin[x->id + 1]++] = at;
        }
      }
    };
    for (Block* b : order) {
      start[b->id] = pos;
      for (Value* p : b->params) def[p->id] = pos;
      pos += 2;
      u32 call = 0;
      for (Value* v = b->first; v; v = v->next) {
        if (v->op == Op::Dbg || facts[v->id] & (Dead | Folded | Remat)) continue;
        if (v->op == Op::ClosurePtr) {
          def[v->id] = start[b->id];
          continue;
        }
        if (v->op == Op::Extract) {
          def[v->id] = call;
          continue;
        }
        def[v->id] = call = pos;
        if (phase == 0 && b->likely >= 0 && clobbers(v)) call_pos.push_back(pos);
        for (u32 i = 0; i < v->nargs; i++) note(v->args[i], pos);
        if (v == b->last) {
          for (const ssa::Edge& e : b->succs) {
            for (Value* a : e.args) note(a, pos + 1);
          }
        }
        end[b->id] = pos;
        pos += 2;
      }
    }
    if (phase == 0) {
      for (size_t i = 1; i < use_begin.size(); i++) use_begin[i] += use_begin[i - 1];
      uses.resize(use_begin.back());
      for (Block* b : order) {
        if (loop_end[b->id]) loop_end[b->id] = end[order[loop_end[b->id] - 1]->id] + 1;
      }
    }
  }
}

// For each value, walks from its uses up to its definition and enters it in the live-in sets on the way: work
// is the size of the result.
void Analysis::liveness(Func& f) {
  u32 n = f.next_value;
  last.assign(n, 0);
  mark_.assign(f.next_block, ~0u);
  in_count_.assign(f.next_block + 1, 0);
  pairs_.clear();
  // Block of a position: uses ascend, so a cursor over the order suffices for each value; a table by position
  // is simpler and as small.
  u32 positions = order.empty() ? 0 : end[order.back()->id] + 2;
  block_of_.assign(positions / 2 + 1, 0);
  for (Block* b : order) {
    for (u32 p = start[b->id] / 2; p <= end[b->id] / 2; p++) block_of_[p] = b->id;
  }
  block_by_id_.assign(f.next_block, nullptr);
  for (Block* b : order) block_by_id_[b->id] = b;
  std::vector<Block*>& work = block_stack_;
  auto has_call_between = [&](u32 from, u32 to) {  // strictly inside
    auto it = std::upper_bound(call_pos.begin(), call_pos.end(), from);
    return it != call_pos.end() && *it < to;
  };
  for (u32 id = 0; id < n; id++) {
    u32 ub = use_begin[id], ue = use_begin[id + 1];
    if (ub == ue) continue;
    Value* v = by_id[id];
    if (!v) continue;
    Block* home = v->block;
    u32 home_depth = home->loop_depth;
    u32 deepest = 0;
    last[id] = uses[ue - 1];
    auto up = [&](Block* b) {  // v is live into b
      if (b == home || mark_[b->id] == id) return;
      mark_[b->id] = id;
      work.push_back(b);
    };
    for (u32 i = ub; i < ue; i++) {
      Block* b = block_by_id_[block_of_[uses[i] / 2]];
      // A parameter's own block may use it through a back edge only at its end, behind the definition.
      if (b != home || uses[i] < def[id]) up(b);
      if (loop_of_calls_[b->id] > home_depth + 1 &&
          has_call_between(b == home ? def[id] : start[b->id], uses[i]))
        deepest = std::max(deepest, loop_of_calls_[b->id]);
    }
    while (!work.empty()) {
      Block* b = work.back();
      work.pop_back();
      pairs_.push_back({b->id, id});
      in_count_[b->id]++;
      for (const ssa::Pred& p : b->preds) {
        if (start[p.from->id] == 0) continue;  // not reachable
        last[id] = std::max(last[id], end[p.from->id]);
        if (p.from != home) {
          if (loop_of_calls_[p.from->id] > home_depth + 1)
            deepest = std::max(deepest, loop_of_calls_[p.from->id]);
        }
        up(p.from);
      }
    }
    if (deepest) facts[id] |= SpillEarly;
  }
  in_begin.assign(f.next_block + 1, 0);
  for (u32 i = 0; i < f.next_block; i++) in_begin[i + 1] = in_begin[i] + in_count_[i];
  in_values.resize(pairs_.size());
  for (u32 i = 0; i < f.next_block; i++) in_count_[i] = in_begin[i];
  for (auto& [b, v] : pairs_) in_values[in_count_[b]++] = v;
}

u32 Analysis::next_call(u32 pos) const {
  auto it = std::lower_bound(call_pos.begin(), call_pos.end(), pos);
  return it == call_pos.end() ? ~0u : *it;
}

void Analysis::run(Func& f, const FoldRules& rules) {
  order_blocks(f);
  fold(f, rules);
  number(f);
  liveness(f);
}
}  // namespace vole::codegen
