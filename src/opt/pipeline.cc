// The order of passes.
#include "opt/opt.h"

namespace vole::opt {
void run_module(ssa::Module&, const Options&) {}
void run(ssa::Func&, ssa::Module&, const Options&) {}
}  // namespace vole::opt
