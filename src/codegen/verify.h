// Checks of what the code generator made of one function, by rules of their own that share nothing with the
// allocator's reasoning.
//
// Allocation  A forward data flow over the machine blocks follows which SSA values every register and frame
// word holds, knowing of each instruction
//             only what it reads, writes and copies. Then: an instruction reads its operands and nothing
//                  else; an operand is where selection was
//             told it is; arguments of calls and results are in the convention's registers; the zero register
//                  and g hold what they must.
//             Slots count by their place in the frame, so two that share a word while both are needed are
//                   found too.
// Variables   Where the debugger is told to find a variable's piece, its value is, before every instruction
//             of the range.
// Stack maps  At each call that returns, the pointers live behind it are computed again from the SSA; the map
// names a word for each of them,
//             and every word it names holds one of them or belongs to a stack object or an outgoing block
//                 that the contract counts.
//
// Used by vole-opt --verify, vole build -verify and tests. Takes several times as long as generating the
// code.
#pragma once
#include <string>
#include <vector>

#include "codegen/alloc.h"
#include "codegen/alloc_log.h"

namespace vole::codegen {
// After lay_out_frame, before encoding. Returns all faults found.
std::vector<std::string> verify_allocation(const Func& f, const MachineFunc& mf, const AllocLog& log,
                                           const Target& target);
// After build_tables: the bits of every map against what verify_allocation found to be right.
std::vector<std::string> verify_maps(const Func& f, const MachineFunc& mf, const Encoded& code,
                                     const object::FuncInfo& info);
}  // namespace vole::codegen
