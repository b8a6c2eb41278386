// The frame, and the tables that describe it: places for spill slots and stack objects, pointer maps at
// calls.
#pragma once
#include "codegen/machine.h"

namespace vole::codegen {
// Gives every slot and local its offset from SP and sets mf.frame. Slots that are never needed at the same
// time share a place.
void lay_out_frame(MachineFunc& mf, const target::FrameInfo& shape);
// Builds the pointer maps of all calls (dedupes them), their index runs, and the remaining tables of `info`.
void build_tables(ssa::Func& f, MachineFunc& mf, const target::TargetInfo& target, Encoded& code,
                  object::FuncInfo& info);
// Gives every inlined call a code address that stands for the place of the call (parent_pc); may add bytes
// behind the code for it, see inline_tree.cc.
void place_inline_parents(object::FuncInfo& info, const target::TargetInfo& target, std::vector<u8>& code);
}  // namespace vole::codegen
