// Orders and trees over the blocks of a function: reverse postorder, dominators, loops. Computed on demand,
// thrown away when the graph changes. All arrays are indexed by Block::id.
#pragma once
#include <memory>
#include <vector>

#include "ssa/ssa.h"

namespace vole::ssa {
// Reachable blocks in reverse postorder, entry first. A function's deferreturn block counts as reachable (the
// runtime jumps to it).
std::vector<Block*> reverse_postorder(const Func& f);

struct DomTree {
  std::vector<Block*> rpo;
  std::vector<u32> rpo_index;  // by block id; ~0u: unreachable
  std::vector<Block*> idom;    // null for roots and unreachable blocks
  std::vector<u32> pre, post;  // numbering of the tree, for dominates()
  std::vector<std::vector<Block*>> children;
  explicit DomTree(const Func& f);
  bool reachable(const Block* b) const { return rpo_index[b->id] != ~0u; }
  bool dominates(const Block* a, const Block* b) const {
    return pre[a->id] <= pre[b->id] && post[b->id] <= post[a->id];
  }
};

struct Loop {
  Block* header;
  Loop* parent = nullptr;
  u32 depth = 1;
  Loop* outer = nullptr;  // a loop around this one; for finding the outermost while loops are found
  std::vector<Loop*> inner;
  std::vector<Block*> blocks;  // without those of inner loops
};
struct LoopForest {
  std::vector<Loop*> loops;  // outer before inner
  std::vector<Loop*> of;     // innermost loop of a block, or null
  std::vector<std::unique_ptr<Loop>> storage;
  LoopForest(Func& f, const DomTree& dom);  // sets Block::loop_depth
};
// Removes blocks the entry does not reach. Returns whether there were any.
bool remove_unreachable(Func& f);
}  // namespace vole::ssa
