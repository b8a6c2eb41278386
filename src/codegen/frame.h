// The frame, and the tables that describe it: places for spill slots and stack objects, pointer maps at calls.
#pragma once
#include "codegen/machine.h"

namespace vole::codegen {
// Gives every slot and local its offset from SP and sets mf.frame. Slots that are never needed at the same time share a place.
void lay_out_frame(MachineFunc& mf);
// Builds the pointer maps of all calls (dedupes them), their index runs, and the remaining tables of `info`.
void build_tables(ssa::Func& f, MachineFunc& mf, const Encoded& code, object::FuncInfo& info);
}  // namespace vole::codegen
