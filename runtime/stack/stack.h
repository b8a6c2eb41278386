// Goroutine stacks: allocation by powers of two, growth by copying. A copy adjusts every pointer into the old
// stack that stack/visit.h shows it.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void stack_init(G* g, u64 size);  // gives g a fresh stack
void stack_free(G* g);
void stack_reset_guard(G* g);
// Moves the stack of a goroutine that stands at a call: the running one of this thread, or a parked one that
// is movable. new_size is a power of two times StackMin that holds what is in use.
void stack_copy(G* g, u64 new_size);
bool stack_movable(G* g);
extern u64 stack_max;
extern bool stack_stress;                                // GODEBUG=stackstress=1
extern bool escape_check;                                // GODEBUG=escapecheck=1
constexpr u64 kStressGuard = abi::StackPreempt - 0x100;  // traps at every check, without asking for a yield
}  // namespace vole::runtime
