// A machine as data: what the generic folders need to know of registers, frames, code bytes, ELF and DWARF.
// One immutable TargetInfo a machine, in target/<machine>/info.cc; everybody else takes it by reference and
// asks it instead of knowing. What is an operation and not a number is in the interfaces that the machine
// implements: codegen::Target (codegen/alloc.h) and assembler::Plan9 (asm/plan9.h).
//
// Registers of both classes share one number space: general ones from 0, vector ones from FirstFloat; within
// a class they have the numbers of the machine's encoding. 32 of each are enough for all machines Go knows.
#pragma once
#include <span>
#include <string_view>

#include "target/reloc.h"

namespace vole::target {
using Reg = u8;
using RegSet = u64;
constexpr Reg NoReg = 0xff, FirstFloat = 32;
constexpr u32 RegCount = 64;
constexpr RegSet bit(Reg r) { return RegSet{1} << r; }
constexpr RegSet GeneralRegs = (RegSet{1} << FirstFloat) - 1;
constexpr bool is_float_reg(Reg r) { return r >= FirstFloat; }
constexpr RegSet set_of(std::span<const Reg> regs) {
  RegSet s = 0;
  for (Reg r : regs) s |= bit(r);
  return s;
}

// A relocation type of the machine's ELF files. Several types may mean one kind: the first is written.
struct ElfReloc {
  RelocKind kind;
  u32 type;
};

// Sizes in bytes. "At entry" is in front of a function's first instruction.
struct FrameInfo {
  u32 return_address = 0;  // what a call puts on the stack itself; 0: it is in a link register
  u32 out_args = 0;        // from SP in the body to the outgoing arguments
  u32 in_args = 0;         // from SP at entry to the incoming arguments
  u32 saved_pointer = 0;   // what saving the frame pointer takes above the frame
};

struct DwarfInfo {
  std::span<const u8> registers;  // DWARF's number by Reg
  u8 stack_pointer = 0, frame_pointer = 0, return_address = 0;
};

struct TargetInfo {
  std::string_view name;  // as GOARCH has it

  RegSet int_regs = 0, float_regs = 0;                 // allocatable
  std::span<const Reg> order_int, order_float;         // preference when choosing a free register
  std::span<const Reg> int_args, float_args;           // ABIInternal sequences (arguments and results)
  Reg context = NoReg;                                 // closure context
  Reg stack_pointer = NoReg, zero = NoReg, g = NoReg;  // fixed registers
  FrameInfo frame;

  u32 code_align = 1;        // of functions
  u32 code_step = 1;         // every instruction's size is a multiple; what code tables count in
  std::span<const u8> trap;  // an instruction that faults, for gaps between functions
  void fill_traps(u8* at, size_t n) const {
    for (size_t i = 0; i < n; i++) at[i] = trap[i % trap.size()];
  }

  u16 elf_machine = 0;
  std::span<const ElfReloc> elf_relocs;
  // Writes `value` (S + A) into the field at `at`, whose address is `place`; kinds Call32 and up to the
  // machine. False when it does not fit.
  bool (*patch)(RelocKind kind, u8* at, i64 value, u64 place) = nullptr;
  DwarfInfo dwarf;

  // A type number of the machine's ELF, or -1.
  i64 elf_type(RelocKind k) const {
    for (const ElfReloc& r : elf_relocs)
      if (r.kind == k) return r.type;
    return -1;
  }
  const ElfReloc* elf_reloc(u32 type) const {
    for (const ElfReloc& r : elf_relocs)
      if (r.type == type) return &r;
    return nullptr;
  }
};
}  // namespace vole::target
