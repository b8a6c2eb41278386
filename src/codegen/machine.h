// Machine code before encoding: instructions with real registers whose frame references are still symbolic,
// in blocks that know how they end. The allocator fills one MachineFunc per function while the target selects
// instructions; frame.cc then fixes the frame and the target encodes. Buffers are kept per thread and reused,
// so that compiling a function allocates nothing in the steady state.
#pragma once
#include <vector>

#include "object/object.h"
#include "ssa/ssa.h"
#include "target/info.h"

namespace vole::codegen {
using ssa::Ty;

using target::bit;
using target::is_float_reg;
using target::NoReg;
using target::Reg;
using target::RegSet;

// Where the base of a memory operand comes from.
enum class MemKind : u8 {
  None,
  Reg,     // base register (or none) + index
  Slot,    // spill slot `ref.slot`
  Local,   // stack object `ref.slot`
  InArg,   // incoming argument area (as the caller left it)
  OutArg,  // outgoing area (SP)
  Sym,     // symbol, relative to the instruction pointer
  TlsG,    // thread-local slot of g
};

struct Mem {
  MemKind kind = MemKind::None;
  Reg base = NoReg, index = NoReg;
  u8 scale = 0;  // shift of the index
  i32 disp = 0;
  union {
    object::Symbol* sym = nullptr;
    u32 slot;
  };
};

// Operand shapes. The order of operands is the instruction's own (destination first).
// clang-format off
enum class Form : u8 {
  None, R, RR, RRR, RI, RRI, RM, RMI, MR, MI, M, Call, CallR, CallM, TailJmp, JmpR, RRM
};
// clang-format on

struct MInst {
  u16 op = 0;  // instruction id of the target
  Form form = Form::None;
  u8 size = 0;  // bytes of the operation (general registers and memory)
  Reg r0 = NoReg, r1 = NoReg, r2 = NoReg;
  u8 size1 = 0;  // bytes of the source when it differs (extensions, conversions)
  MemKind mem_kind = MemKind::None;
  Reg base = NoReg, index = NoReg;
  u8 scale = 0;
  i32 disp = 0;
  union {
    object::Symbol* sym = nullptr;
    u32 slot;
  };
  i64 imm = 0;  // immediate; calls: index in MachineFunc::calls
};
static_assert(sizeof(MInst) == 32);

enum class MEnd : u8 {
  Open,
  Fall,
  Jump,
  Branch,
  Stop
};  // Stop: the last instruction does not continue (return, trap, tail call, indirect jump)

struct MBlock {
  u32 begin = 0, end = 0;  // instructions
  MEnd how = MEnd::Open;
  u8 cond = 0;                // Branch: target's condition code, taken to `to`
  u32 to = ~0u, other = ~0u;  // Jump/Fall: to; Branch: to, other
  bool cold = false, loop_head = false, placed = false;
  bool aside = false;   // edge moves, failed checks, prologue: outside the chain of its block
  bool unsafe = false;  // no asynchronous preemption inside
  // A branch's own position, for the line table.
  u32 end_mark = ~0u;
};

// What is live at a call: slots holding pointers, as a range of MachineFunc::live_slots.
struct CallSite {
  u32 begin = 0, end = 0;
  const ssa::Sig* sig = nullptr;  // set for calls whose outgoing area the caller's map covers (ABI0)
  enum Kind : u8 { Normal, Panic, MoreStack, DeferReturn, NoMap } kind = Normal;
  i32 map = -1;  // index of the map, after layout
};

struct SlotInfo {
  u32 from, to;    // positions (see Analysis) the slot must be its own
  i32 offset = 0;  // after layout: from SP
  i32 home = -1;   // a register argument's place in the caller's frame, from the start of the incoming area
};
struct LocalInfo {
  const ssa::Value* alloca;
  i32 offset = 0;
};

// Instructions from index `first` on come from `pos` (until the next mark).
struct Mark {
  u32 first;
  Pos pos;
  i32 inl;
};

// For the debugger: from instruction `first` on, a piece of a variable is in a register, slot or constant, or
// nowhere known.
struct VarEvent {
  u32 first;
  u32 piece;
  enum Kind : u8 {
    Gone,
    Register,
    Slot,
    Const,
    Restart
  } kind;  // Restart: a block begins, all pieces are gone
  i32 value;
};
struct VarPiece {
  u32 var;  // index in Func::debug_vars
  u16 offset, size;
};

struct MachineFunc {
  std::vector<MInst> insts;
  std::vector<MBlock> blocks;
  std::vector<u32> order;  // final layout
  std::vector<CallSite> calls;
  std::vector<u32> live_slots;
  std::vector<SlotInfo> slots;
  std::vector<LocalInfo> locals;
  std::vector<Mark> marks;
  std::vector<VarEvent> var_events;
  std::vector<VarPiece> var_pieces;
  std::vector<std::vector<u32>> tables;  // jump tables: machine blocks
  std::vector<object::Symbol*> table_syms;
  u32 out_area = 0;           // bytes of the outgoing area
  bool has_call = false;      // calls that return (a frame pointer is kept)
  bool has_any_call = false;  // also panics
  bool uses_stack = false;
  i32 frame = 0;        // bytes subtracted from SP, without saved frame pointer
  i64 locals_size = 0;  // what the frame would take, also when that is too much
  bool frame_pointer = false;
  void clear() {
    insts.clear(), blocks.clear(), order.clear(), calls.clear(), live_slots.clear(), slots.clear(),
        locals.clear(), marks.clear(), tables.clear(), table_syms.clear();
    var_events.clear(), var_pieces.clear();
    out_area = 0, has_call = has_any_call = uses_stack = frame_pointer = false, frame = 0, locals_size = 0;
  }
};

// Bytes between SP in the body and SP at entry.
inline u32 whole_frame(const MachineFunc& mf, const target::FrameInfo& shape) {
  return static_cast<u32>(mf.frame) + (mf.frame_pointer ? shape.saved_pointer : 0);
}

// Result of encoding: the bytes and where things are in them.
struct Encoded {
  std::vector<u8> bytes;
  std::vector<object::Reloc> relocs;
  struct CallAt {
    u32 ret, call;  // index in MachineFunc::calls; ret: offset behind the call instruction
    u32 start;      // offset of the call instruction
  };
  std::vector<CallAt> calls;  // ascending
  std::vector<object::FuncInfo::PcPos> lines;
  std::vector<object::PcValue> pcsp, unsafe_point;
  std::vector<u32> block_offset, block_end;  // by machine block
  std::vector<u32> inst_offset;              // by instruction, when variables are followed
};
}  // namespace vole::codegen
