// Dominators by the Semi-NCA scheme (Georgiadis): near-linear also for thousands of nested loops or cases.
// Loops are the natural loops of back edges, merged by header; irreducible cycles (goto) have no loop, which
// costs speed, not correctness.
#include "ssa/dom.h"

#include <algorithm>

namespace vole::ssa {
std::vector<Block*> reverse_postorder(const Func& f) {
  std::vector<Block*> order;
  order.reserve(f.blocks.size());
  std::vector<u8> seen(f.next_block, 0);
  struct Frame {
    Block* b;
    u32 next;
  };
  std::vector<Frame> stack;
  auto walk = [&](Block* root) {
    if (seen[root->id]) return;
    seen[root->id] = 1;
    stack.push_back({root, static_cast<u32>(root->succs.size())});
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == 0) {
        order.push_back(top.b);
        stack.pop_back();
        continue;
      }
      Block* s = top.b->succs[--top.next].to;
      if (!seen[s->id]) {
        seen[s->id] = 1;
        stack.push_back({s, static_cast<u32>(s->succs.size())});
      }
    }
  };
  if (f.deferreturn_block) walk(f.deferreturn_block);
  if (!f.blocks.empty()) walk(f.blocks[0]);
  std::reverse(order.begin(), order.end());
  // Walked first, finished first: the deferreturn block and what only it reaches stand behind the rest; the
  // entry is in front.
  return order;
}

namespace {
// Semidominators: numbers are those of a depth-first walk, 0 the entry.
struct SemiNca {
  std::vector<Block*> block;  // by number
  std::vector<u32> number;    // by block id
  std::vector<u32> parent, semi, label, ancestor, idom;

  explicit SemiNca(const Func& f) : number(f.next_block, ~0u) {
    walk(f.blocks[0], 0);
    // The deferreturn block may be entered at any time from outside; its dominator is the entry, whose code
    // has run whenever that happens.
    if (f.deferreturn_block) walk(f.deferreturn_block, 0);
    u32 n = static_cast<u32>(block.size());
    ancestor.assign(n, ~0u);
    semi.resize(n);
    label.resize(n);
    for (u32 i = 0; i < n; i++) semi[i] = label[i] = i;
    for (u32 v = n; v-- > 1;) {
      if (block[v] == f.deferreturn_block) semi[v] = 0;
      for (const Pred& p : block[v]->preds)
        if (u32 u = number[p.from->id]; u != ~0u) semi[v] = std::min(semi[v], semi[eval(u)]);
      ancestor[v] = parent[v];
    }
    idom = parent;
    for (u32 v = 1; v < n; v++)
      while (idom[v] > semi[v]) idom[v] = idom[idom[v]];
  }

 private:
  void walk(Block* root, u32 from) {
    struct Frame {
      Block* b;
      u32 next, num;
    };
    std::vector<Frame> stack;
    auto enter = [&](Block* b, u32 par) {
      if (number[b->id] != ~0u) return;
      u32 num = number[b->id] = static_cast<u32>(block.size());
      block.push_back(b);
      parent.push_back(par);
      stack.push_back({b, 0, num});
    };
    enter(root, from);
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == top.b->succs.size()) {
        stack.pop_back();
        continue;
      }
      Block* to = top.b->succs[top.next++].to;
      enter(to, top.num);
    }
  }
  // The number with the least semidominator on the path from v to the root of its tree in the forest built so
  // far; shortens the path.
  u32 eval(u32 v) {
    if (ancestor[v] == ~0u) return v;
    for (u32 u = v; ancestor[ancestor[u]] != ~0u; u = ancestor[u]) path_.push_back(u);
    while (!path_.empty()) {
      u32 u = path_.back(), a = ancestor[u];
      path_.pop_back();
      if (semi[label[a]] < semi[label[u]]) label[u] = label[a];
      ancestor[u] = ancestor[a];
    }
    return label[v];
  }
  std::vector<u32> path_;
};
}  // namespace

DomTree::DomTree(const Func& f) : rpo(reverse_postorder(f)) {
  u32 n = f.next_block;
  rpo_index.assign(n, ~0u);
  idom.assign(n, nullptr);
  pre.assign(n, 0);
  post.assign(n, 0);
  children.resize(n);
  if (rpo.empty()) return;
  for (u32 i = 0; i < rpo.size(); i++) rpo_index[rpo[i]->id] = i;
  Block* entry = rpo[0];
  SemiNca doms(f);
  for (u32 v = 1; v < doms.block.size(); v++) idom[doms.block[v]->id] = doms.block[doms.idom[v]];
  for (Block* b : rpo) {
    if (idom[b->id]) children[idom[b->id]->id].push_back(b);
  }
  struct Frame {
    Block* b;
    u32 next;
  };
  std::vector<Frame> stack{{entry, 0}};
  u32 clock = 0;
  pre[entry->id] = ++clock;
  while (!stack.empty()) {
    Frame& top = stack.back();
    auto& kids = children[top.b->id];
    if (top.next < kids.size()) {
      Block* c = kids[top.next++];
      pre[c->id] = ++clock;
      stack.push_back({c, 0});
    } else {
      post[top.b->id] = ++clock;
      stack.pop_back();
    }
  }
}

// The outermost loop found so far around `l`; shortens the way for the next one who asks.
static Loop* outermost(Loop* l) {
  while (l->outer) {
    if (l->outer->outer) l->outer = l->outer->outer;
    l = l->outer;
  }
  return l;
}

LoopForest::LoopForest(Func& f, const DomTree& dom) {
  of.assign(f.next_block, nullptr);
  std::vector<Block*> work;
  // Headers from inner to outer: a later header in reverse postorder is never outside an earlier one it is
  // nested in.
  for (size_t i = dom.rpo.size(); i-- > 0;) {
    Block* h = dom.rpo[i];
    Loop* loop = nullptr;
    for (const Pred& p : h->preds) {
      if (!dom.reachable(p.from) || !dom.dominates(h, p.from)) continue;
      if (!loop) {
        storage.push_back(std::make_unique<Loop>());
        loop = storage.back().get();
        loop->header = h;
      }
      work.push_back(p.from);
    }
    if (!loop) continue;
    while (!work.empty()) {
      Block* b = work.back();
      work.pop_back();
      Loop* in = of[b->id];
      if (!in) {
        of[b->id] = loop;
        if (b != h) {
          for (const Pred& p : b->preds) {
            if (dom.reachable(p.from)) work.push_back(p.from);
          }
        }
        continue;
      }
      in = outermost(in);
      if (in == loop) continue;
      in->parent = in->outer = loop;
      for (const Pred& p : in->header->preds) {
        if (dom.reachable(p.from) && !dom.dominates(in->header, p.from)) work.push_back(p.from);
      }
    }
    if (!of[h->id]) of[h->id] = loop;
  }
  for (size_t i = storage.size(); i-- > 0;) {
    Loop* l = storage[i].get();
    l->depth = l->parent ? l->parent->depth + 1 : 1;
    if (l->parent) l->parent->inner.push_back(l);
    loops.push_back(l);
  }
  for (Block* b : dom.rpo) {
    Loop* l = of[b->id];
    b->loop_depth = l ? l->depth : 0;
    if (l) l->blocks.push_back(b);
  }
}

bool remove_unreachable(Func& f) {
  std::vector<u8> seen(f.next_block, 0);
  std::vector<Block*> work;
  auto visit = [&](Block* b) {
    if (b && !seen[b->id]) {
      seen[b->id] = 1;
      work.push_back(b);
    }
  };
  visit(f.blocks[0]);
  visit(f.deferreturn_block);
  size_t count = 0;
  while (!work.empty()) {
    Block* b = work.back();
    work.pop_back();
    count++;
    for (const Edge& e : b->succs) visit(e.to);
  }
  if (count == f.blocks.size()) return false;
  for (Block* b : f.blocks) {
    if (seen[b->id]) {
      std::erase_if(b->preds, [&](const Pred& p) { return !seen[p.from->id]; });
    }
  }
  std::erase_if(f.blocks, [&](Block* b) {
    if (seen[b->id]) return false;
    b->succs.clear();
    b->preds.clear();
    for (Value* v = b->first; v;) {
      Value* next = v->next;
      v->block = nullptr;
      v->prev = v->next = nullptr;
      v = next;
    }
    b->first = b->last = nullptr;
    return true;
  });
  return true;
}
}  // namespace vole::ssa
