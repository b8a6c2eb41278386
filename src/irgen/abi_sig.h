// Calling conventions: how the arguments and results of a signature travel (cmd/compile/abi-internal.md; ABI0
// puts everything on the stack).
#pragma once
#include <span>
#include <vector>

#include "base/arena.h"
#include "irgen/layout.h"
#include "ssa/ssa.h"

namespace vole::irgen {
// Where one Go-level argument or result travels: scalars [first, first+leaves.size()) of Sig::args/results,
// or memory at stack_offset.
struct ParamLoc {
  const TypeInfo* type;
  bool in_regs;
  u32 first;
  u32 stack_offset;
  std::span<const Leaf> leaves;  // in_regs: the scalars, offsets within the value
};

struct AbiSig {
  ssa::Sig sig;
  std::span<ParamLoc> params;  // the receiver first
  std::span<ParamLoc> results;
};

AbiSig* assign_abi(Arena& arena, std::span<const TypeInfo* const> params,
                   std::span<const TypeInfo* const> results, bool abi0);
// FUNCDATA_ArgInfo; empty without arguments.
std::vector<u8> arg_info(const AbiSig& sig);
}  // namespace vole::irgen
