// The optimiser's door. pipeline.cc holds the table of passes.
#pragma once
#include <functional>

#include "ssa/ssa.h"

namespace vole::opt {
class Exports;
struct Options {
  bool optimize = true;        // false: only the rows that correctness needs
  bool inline_calls = true;    // false: -l
  bool verify_each = false;    // run the verifier after every row
  bool write_barriers = true;  // false in packages that must not have them
  std::function<const Exports*(std::string_view package)>
      exports;           // what imported packages let others know; null: nothing
  std::string disabled;  // comma-separated row names to skip
};
// Whole-module passes, bottom-up over the call graph: inlining, escape analysis (New → Alloca). Call before
// `run`.
void run_module(ssa::Module& module, const Options& options);
// Per-function rows; afterwards only operations that codegen accepts are left (New lowered to calls, write
// barriers in place). Different functions may run on different threads.
void run(ssa::Func& f, ssa::Module& module, const Options& options);
// Runs one row of the table by name (for tests); false when there is none.
bool run_one(ssa::Func& f, ssa::Module& module, const Options& options, std::string_view name);
}  // namespace vole::opt
