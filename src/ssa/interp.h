// Runs a function of the SSA form by the definitions in ops.def: the oracle for differential tests of passes
// and code generators. Covers what such tests generate: integers, floats, calls to other functions of the
// same list, stack objects.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "ssa/ssa.h"

namespace vole::ssa {
// Values as bits: integers zero-extended from their width, floats as their bits. `steps` bounds the run;
// returns false when it is used up or an operation is not covered.
bool interpret(const Func& f, std::span<const std::unique_ptr<Func>> all, std::span<const u64> args,
               std::vector<u64>& results, u64& steps);
}  // namespace vole::ssa
