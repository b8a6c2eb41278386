// What the allocator must know about a function before it walks it once, forwards: the order of blocks, which
// values are folded into their users, where every value is used, what is live into each block, and where
// calls are.
//
// Positions number instructions along the layout: even numbers, 2 apart. A value's definition has the
// position of the instruction that makes it. What an edge passes to its block's parameters is used at the odd
// position behind the terminator: it is still needed while the terminator is being selected.
#pragma once
#include <span>
#include <vector>

#include "ssa/dom.h"
#include "ssa/ssa.h"

namespace vole::codegen {
using ssa::Block;
using ssa::Func;
using ssa::Value;

// What a target folds. Asked while walking backwards: may `v` (its single use is operand `index` of `user`)
// be computed where `user` is?
struct FoldRules {
  // Pure operations or loads computed at their only user. `same_memory`: nothing between v and the user's
  // root changes memory or traps.
  virtual bool folds(const Value* v, const Value* user, u32 index, bool same_memory) const = 0;
  // Operand `index` of `user` is an address, into which a PtrAdd may be folded even when it has several such
  // users.
  virtual bool is_address(const Value* user, u32 index) const = 0;
  virtual bool folds_as_address(const Value* v) const = 0;

 protected:
  ~FoldRules() = default;
};

enum ValueFact : u8 {
  Folded = 1,  // no code of its own: part of its user
  Remat = 2,   // cheap leaf: made again at each use, never live
  Dead = 4,    // nobody wants it
  SpillEarly =
      8,  // stored right behind its definition, because calls in deeper loops would store it again and again
};

struct Analysis {
  std::vector<Block*> order;
  std::vector<u32> start, end;  // by block id: positions; end is the terminator's, its edges are at end + 1
  std::vector<u32> def;         // by value id: position of its definition
  std::vector<u32> last;        // last position where it is live in layout order (hull)
  std::vector<u8> facts;
  std::vector<u32> use_begin, uses;      // positions of uses by value, ascending
  std::vector<u32> in_begin, in_values;  // live-in values by block id (ids)
  std::vector<u32>
      loop_end;  // by block id: position of the last edge of its innermost loop in layout, 0: no loop
  std::vector<u8> header;  // by block id: is a loop header; 2: the loop has a hot call
  std::vector<Value*> by_id;
  std::vector<u32> call_pos;  // positions of calls that clobber and return, outside cold blocks
  Value* closure_ptr = nullptr;

  void run(Func& f, const FoldRules& rules);
  bool is(const Value* v, ValueFact x) const { return facts[v->id] & x; }
  std::span<const u32> live_in(const Block* b) const {
    return std::span(in_values).subspan(in_begin[b->id], in_begin[b->id + 1] - in_begin[b->id]);
  }
  u32 next_call(u32 pos) const;  // first hot call at or behind pos, ~0u

 private:
  void order_blocks(Func& f);
  void fold(Func& f, const FoldRules& rules);
  void number(Func& f);
  void liveness(Func& f);
  std::vector<u32> use_count_, addr_uses_, root_block_, epoch_at_;
  std::vector<const Value*> user_;
  std::vector<u32> user_index_;
  std::vector<u32> mark_, in_count_, block_of_;
  std::vector<u32> loop_of_calls_;  // by block id: loop depth + 1 when it has a hot call, else 0
  std::vector<std::pair<u32, u32>> pairs_;
  std::vector<Block*> block_by_id_, block_stack_;
  std::vector<Value*> value_stack_;
};

inline bool is_remat(const Value* v) {
  using ssa::Op;
  switch (v->op) {
    case Op::Const:
    case Op::SymAddr:
    case Op::Alloca:
    case Op::InArg:
    case Op::OutArg:
    case Op::GetG:
    case Op::CallerSP: return true;
    default: return false;
  }
}
}  // namespace vole::codegen
