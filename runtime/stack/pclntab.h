// Reading gc's function tables: from a program counter to the function, and from there to frame size, stack
// maps, file and line, and the inlined calls at that point.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
// A _func record of the pclntab, followed by npcdata and nfuncdata words.
struct FuncRecord {
  u32 entry_off;
  i32 name_off;
  i32 args;
  u32 deferreturn;
  u32 pcsp, pcfile, pcln, npcdata, cu_offset;
  i32 start_line;
  u8 func_id, flag, pad, nfuncdata;
  u64 entry() const { return rt_module.text + entry_off; }
  const u32* pcdata() const { return reinterpret_cast<const u32*>(this + 1); }
  const u32* funcdata() const { return pcdata() + npcdata; }
};
static_assert(sizeof(FuncRecord) == 44);

struct InlinedCall {
  u8 func_id, pad[3];
  i32 name_off, parent_pc, start_line;
};

const FuncRecord* find_func(u64 pc);  // null when pc is in no function of the table
Str func_name(const FuncRecord* f);
Str name_at(i32 offset);
i32 pc_value(const FuncRecord* f, u32 table, u64 pc);  // -1 where there is no table
i32 pcdata_value(const FuncRecord* f, int index, u64 pc);
const u8* funcdata(const FuncRecord* f, int index);
u64 func_end(const FuncRecord* f);

// Source of one logical frame at a pc: the innermost inlined call first, the function itself last.
struct Source {
  Str func, file;
  i32 line, start_line;
  u8 func_id;
  bool inlined;
};
// Iterates over the logical frames at one pc (an address inside the call instruction, not after it).
class InlineWalk {
 public:
  InlineWalk(const FuncRecord* f, u64 pc);
  bool valid() const { return pc_ != 0; }
  Source source() const;
  u64 pc() const { return pc_; }
  void next();

 private:
  const FuncRecord* f_;
  const InlinedCall* tree_;
  i32 index_;
  u64 pc_;
};
void file_line(const FuncRecord* f, u64 pc, Str& file, i32& line);
}  // namespace vole::runtime
