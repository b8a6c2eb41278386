// What amd64 instructions take up besides registers: addresses with a scaled index, memory operands,
// comparisons as branch conditions.
#include "target/amd64/select.h"

namespace vole::target {
using ssa::Op;

namespace {
bool memory_operand(const Value* load, const Value* user, u32 index) {
  Ty ty = load->ty;
  bool full = ty == Ty::I32 || ty == Ty::I64;
  switch (user->op) {
    case Op::Add:
    case Op::Sub:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::Mul: return full && index == 1 && !user->args[0]->is_const();
    case Op::ICmp: {
      const Value* other = user->args[1 - index];
      if (index == 0) return other->is_const() && Selector::fits32(Selector::const_of(other));
      return !other->is_const();
    }
    case Op::ZExt:
    case Op::SExt: return true;
    case Op::FAdd:
    case Op::FSub:
    case Op::FMul:
    case Op::FDiv: return index == 1 && !user->args[0]->is_const();
    case Op::FSqrt:
    case Op::FToF:
    case Op::SToF:
    case Op::BitCast: return true;
    case Op::CallCode: return index == 0;
    default: return false;
  }
}

struct Rules final : codegen::FoldRules {
  bool folds(const Value* v, const Value* user, u32 index, bool same_memory) const override {
    switch (v->op) {
      case Op::ICmp: return (user->op == Op::Br || user->op == Op::Select) && index == 0;
      case Op::FCmp: return user->op == Op::Br && index == 0;
      case Op::And:
        return user->op == Op::ICmp && index == 0 &&
               (user->cond == ssa::Cond::Eq || user->cond == ssa::Cond::Ne) && user->args[1]->is_const(0);
      case Op::Load: return same_memory && memory_operand(v, user, index);
      case Op::Trunc: return user->op == Op::Store && index == 1 && user->args[0] != v;
      case Op::Shl:
        return user->op == Op::PtrAdd && index == 1 && v->ty == Ty::I64 && v->args[1]->is_const() &&
               static_cast<u64>(v->args[1]->imm) <= 3 && !v->args[0]->is_const();
      default: return false;
    }
  }
  bool is_address(const Value* user, u32 index) const override {
    switch (user->op) {
        // clang-format off
      case Op::Load: case Op::Store: case Op::WBStore: case Op::AtomicLoad: case Op::AtomicStore:
      case Op::AtomicXchg: case Op::AtomicAdd: case Op::AtomicAnd: case Op::AtomicOr: case Op::AtomicCas:
      case Op::Prefetch: case Op::Zero:
        // clang-format on
        return index == 0;
      case Op::Move: return true;
      default: return false;
    }
  }
  bool folds_as_address(const Value* v) const override {
    if (v->op != Op::PtrAdd) return false;
    const Value *base = v->args[0], *index = v->args[1];
    if (index->is_const()) return index->imm > -(1 << 29) && index->imm < 1 << 29;
    return base->op != Op::SymAddr && base->op != Op::Const;
  }
};
}  // namespace

const codegen::FoldRules& Amd64::rules() const {
  static const Rules rules;
  return rules;
}
}  // namespace vole::target
