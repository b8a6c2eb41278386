// Goroutine stacks: allocation by powers of two, growth by copying. A copy adjusts every pointer into the old
// stack: in frames, through the precise maps, in the defer and panic chains, in the saved frame pointers and
// the context register.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void stack_init(G* g, u64 size);  // gives g a fresh stack
void stack_free(G* g);
void stack_reset_guard(G* g);
void stack_copy(G* g, u64 new_size);
extern u64 stack_max;
extern bool stack_stress;                                // GODEBUG=stackstress=1
extern bool escape_check;                                // GODEBUG=escapecheck=1
constexpr u64 kStressGuard = abi::StackPreempt - 0x100;  // traps at every check, without asking for a yield
}  // namespace vole::runtime
