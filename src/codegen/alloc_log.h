// What the allocator says about its own work while it walks a function, for the verifier (verify.h). Kept
// only when a log is asked for.
#pragma once
#include <vector>

#include "codegen/analysis.h"
#include "codegen/machine.h"

namespace vole::codegen {
struct AllocLog {
  static constexpr u32 NoSlot = ~0u;
  // At instruction index `inst` in machine block `block`, while `at` is being selected: v is in a register or
  // slot.
  struct Claim {
    enum Kind : u8 {
      Use,      // selection was handed this register for operand v
      Made,     // a cheap leaf was just made again here
      Defined,  // the instruction has put its result here
    } kind;
    Reg reg;
    u32 slot, inst, block;
    const Value* v;
    const Value* at;
  };
  // Machine instructions from `first` on belong to v; null: moves on an edge or at a block's head.
  struct Region {
    u32 first;
    const Value* v;
  };
  struct Edge {
    const Block* from;
    u32 succ;
    u32 via;  // its own machine block, or the target's first
  };
  struct Exit {
    u32 to, other;  // as selection wrote them: machine blocks or EdgeRef | index in `edges`
  };
  std::vector<Claim> claims;
  std::vector<Region> regions;
  std::vector<Edge> edges;
  std::vector<u32> edge_base;   // by block id: its first edge
  std::vector<Exit> exits;      // by machine block
  std::vector<u32> entry_of;    // by block id: its first machine block
  std::vector<u32> var_values;  // by MachineFunc::var_events: the value that is where the event says
  const Analysis* analysis = nullptr;

  void clear() { claims.clear(), regions.clear(), edges.clear(), exits.clear(), var_values.clear(); }
  void enter(u32 inst, const Value* v) { regions.push_back({inst, v}); }
  void claim(Claim::Kind kind, const MachineFunc& mf, u32 block, const Value* v, Reg reg, u32 slot = NoSlot) {
    claims.push_back({kind, reg, slot, static_cast<u32>(mf.insts.size()), block, v,
                      regions.empty() ? nullptr : regions.back().v});
  }
};
}  // namespace vole::codegen
