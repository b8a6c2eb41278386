// Names of amd64 that selection and encoding share: registers, condition codes, pseudo instructions.
#pragma once
#include "codegen/alloc.h"

namespace vole::target {
using codegen::Reg;
constexpr Reg RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7, R8 = 8, R9 = 9,
              R10 = 10, R11 = 11, R12 = 12, R13 = 13, R14 = 14, R15 = 15;
constexpr Reg X0 = target::FirstFloat, X15 = X0 + 15;

// clang-format off
enum Cc : u8 {
  O, NO, B, AE, E, NE, BE, A, S, NS, P, NP, L, GE, LE, G
};
// clang-format on
constexpr u8 invert(u8 cc) { return cc ^ 1; }

// Instructions that encode.cc expands.
enum Pseudo : u16 { PseudoRet = 0xff00, PseudoTail, PseudoEnter, PseudoString, PseudoLock };

const TargetInfo& amd64_info();
const codegen::Target& amd64();

class Amd64 final : public codegen::Target {
 public:
  Amd64() : Target(amd64_info()) {}
  const codegen::FoldRules& rules() const override;
  void select(codegen::Allocator& ra, ssa::Value* v) const override;
  void move(codegen::MachineFunc& mf, Reg dst, Reg src, ssa::Ty ty) const override;
  void swap(codegen::MachineFunc& mf, Reg a, Reg b) const override;
  void move_via_scratch(codegen::MachineFunc& mf, Reg reg, bool save) const override;
  void scratch_done(codegen::MachineFunc& mf) const override;
  void load(codegen::MachineFunc& mf, Reg dst, const codegen::Mem& m, ssa::Ty ty) const override;
  void store(codegen::MachineFunc& mf, const codegen::Mem& m, Reg src, ssa::Ty ty) const override;
  void copy_slot(codegen::MachineFunc& mf, u32 dst, u32 src) const override;
  void remat(codegen::Allocator& ra, Reg dst, const ssa::Value* v) const override;
  void remat_to_slot(codegen::Allocator& ra, u32 slot, const ssa::Value* v, Reg free) const override;
  int hinted_operand(const ssa::Value* v) const override;
  codegen::Effects effects(const codegen::MInst& i) const override;
  bool is_return(const codegen::MInst& i) const override { return i.op == PseudoRet; }
  bool is_tail_call(const codegen::MInst& i) const override { return i.op == PseudoTail; }
  codegen::RegSet clobbered_by_leaf() const override;
  void encode(ssa::Func& f, codegen::MachineFunc& mf, object::Object& object,
              codegen::Encoded& out) const override;
};
}  // namespace vole::target
