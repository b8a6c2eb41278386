// Amd64 in numbers: the register file and Go's use of it (abi-internal.md), a frame whose return address the
// call instruction pushes, ELF and DWARF numbers of the System V ABI.
#include "target/info.h"

#include <elf.h>

#include <cstring>

#include "target/amd64/amd64.h"

namespace vole::target {
namespace {
constexpr Reg OrderInt[] = {RAX, RCX, RBX, RSI, RDI, R8, R9, R10, R11, RDX, R12, R13, R15};
constexpr Reg OrderFloat[] = {X0,     X0 + 1, X0 + 2,  X0 + 3,  X0 + 4,  X0 + 5,  X0 + 6, X0 + 7,
                              X0 + 8, X0 + 9, X0 + 10, X0 + 11, X0 + 12, X0 + 13, X0 + 14};
constexpr Reg IntArgs[] = {RAX, RBX, RCX, RDI, RSI, R8, R9, R10, R11};
constexpr u8 Int3 = 0xcc;
// Written: signed, as displacements and immediates are.
constexpr ElfReloc Relocs[] = {{RelocKind::Abs64, R_X86_64_64},
                               {RelocKind::Abs32, R_X86_64_32S},
                               {RelocKind::Abs32, R_X86_64_32},
                               {RelocKind::PcRel32, R_X86_64_PC32},
                               {RelocKind::Call32, R_X86_64_PLT32}};
constexpr u8 None = 0xff;
constexpr u8 DwarfNumbers[] = {
    0,    2,    1,    3,    7,    6,    4,    5,     // rax rcx rdx rbx rsp rbp rsi rdi
    8,    9,    10,   11,   12,   13,   14,   15,    // r8 …
    None, None, None, None, None, None, None, None,  //
    None, None, None, None, None, None, None, None,  //
    17,   18,   19,   20,   21,   22,   23,   24,    // xmm0 …
    25,   26,   27,   28,   29,   30,   31,   32,
};

// Branches hold the distance from what follows their 4 bytes, which the addend says.
bool patch(RelocKind, u8* at, i64 value, u64 place) {
  i64 distance = value - static_cast<i64>(place);
  i32 field = static_cast<i32>(distance);
  std::memcpy(at, &field, sizeof field);
  return field == distance;
}
}  // namespace

const TargetInfo& amd64_info() {
  static constexpr TargetInfo Info{
      .name = "amd64",
      .int_regs = set_of(OrderInt),
      .float_regs = set_of(OrderFloat),
      .order_int = OrderInt,
      .order_float = OrderFloat,
      .int_args = IntArgs,
      .float_args = OrderFloat,
      .context = RDX,
      .stack_pointer = RSP,
      .zero = X15,
      .g = R14,
      .frame = {.return_address = 8, .out_args = 0, .in_args = 8, .saved_pointer = 8},
      .code_align = 16,
      .trap = {&Int3, 1},
      .elf_machine = EM_X86_64,
      .elf_relocs = Relocs,
      .patch = patch,
      .dwarf = {.registers = DwarfNumbers, .stack_pointer = 7, .frame_pointer = 6, .return_address = 16},
  };
  return Info;
}
}  // namespace vole::target
