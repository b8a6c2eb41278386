// Evaluating a pure operation on constants.
#pragma once
#include "ssa/ssa.h"

namespace vole::opt {
// All operands of v are constants: computes v's value when that can be done exactly as the machine does it.
bool fold_constant(const ssa::Value* v, i64& out);
}  // namespace vole::opt
