// The parts of panicking that need to see or cut the stack: who called recover, and continuing at the exit of
// a frame.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
// func recoverable(p *_panic) bool: whether the caller of gorecover was called by the panic machinery itself,
// for this panic.
struct RecoverableArgs {
  Panic* p;
  bool result;
};
extern "C" {
void rt_recoverable(RecoverableArgs* a, G* g);
[[noreturn]] void rt_recoveryop(u64* a, G* g);
}
}  // namespace vole::runtime
