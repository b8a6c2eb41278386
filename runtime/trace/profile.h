// Samples of running code for CPU profiles.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void profile_sample(G* g, u64 pc, u64 sp, u64 bp);  // called by the handler of SIGPROF
}  // namespace vole::runtime
