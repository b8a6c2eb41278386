// Plan 9's names of amd64 instructions: which instruction of the encoder each is, at what operand sizes, and
// how its operands are ordered.
#pragma once
#include <string_view>

#include "base/base.h"

namespace vole::assembler {
// clang-format off
enum class Shape : u8 {
  Normal,      // operands reversed against Intel's order
  Compare,     // operands in Intel's order
  Shift,       // a count in CX is CL
  Extend,      // sizes differ: size_src -> size
  Move,        // MOVQ and friends: depends on the operands' classes
  Lea,
  CvtIntReg,   // one side is a general register of `size`
  Jcc, Jump, Call, Ret, Setcc,
  CounterJump, // LOOP and JCXZ: a byte's reach, cc is the opcode
  String,      // movs, stos, …: opcode bytes
  Prefix,
  Bytes,       // BYTE, WORD, LONG, QUAD
  Nothing,     // assembled to no code
  Undef,
  Push, Pop,
  AdjustSp,    // ADJSP: the stack grows by a constant
  Opcode,      // no operands: `id` holds the bytes
  Float,       // arithmetic on the old floating-point stack
  FloatMove,   // loads to its top and stores from there
};
// clang-format on
struct Mnemonic {
  u32 id = 0;  // of the encoder; 0: not an instruction of its own
  Shape shape = Shape::Normal;
  u8 size = 0;  // bytes of general operands and of memory, 0: told by registers
  u8 size_src = 0;
  u8 cc = 0;      // Jcc, Setcc: condition; String, Prefix: opcode
  u32 store = 0;  // FloatMove: the encoder's instruction for stores
};
// Null when there is no such instruction.
const Mnemonic* find_mnemonic(std::string_view name);
}  // namespace vole::assembler
