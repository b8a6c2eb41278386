// DWARF of one function, from its FuncInfo: all but what the linker fills in.
#pragma once
#include "object/dwarf.h"
#include "object/func_tables.h"

namespace vole::object {
struct FuncDwarf {
  dwarf::Bytes entry, locations, ranges, rows, frame;
  Encoder fixups;  // as FuncTables::fixups
};
FuncDwarf write_dwarf(const Symbol& s, const target::TargetInfo& target, TableNames& names);
}  // namespace vole::object
