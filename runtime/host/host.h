// The surroundings that hosted tests give the archive: tests are ordinary programs linked with the very
// objects that Go programs get. Entries are called as their bridges call them, on the test's own stack; what
// would run a goroutine comes back to the test instead, so that a test is straight-line code which says who
// does what and sees who is woken, in which order.
#pragma once
#include "core/layout.h"

namespace vole::runtime::host {
void start();             // heap and scheduler; once a process, further calls do nothing
G* new_goroutine();       // it waits for nothing yet; not counted, so that no monitor thread starts
extern FuncVal function;  // what goroutines of tests run

// What became of the goroutine that called an entry.
enum class Outcome { Returned, Waits };
Outcome enter_untyped(void (*entry)(void*, G*), void* args, G* g);
template <class Args>
Outcome enter(void (*entry)(Args*, G*), Args* args, G* g) {
  return enter_untyped(reinterpret_cast<void (*)(void*, G*)>(entry), args, g);
}
G* switched_to();  // the goroutine that the last entry ran on the spot instead of its caller, or null

// Who runs next; null when nobody is ready. `tick` is the scheduler's count of turns, by which it varies its
// choice.
G* next_ready(u32 tick = 1);
void no_more_memory();  // from here on the system maps nothing; for the children of death tests
// Runs the scheduler with nothing ready until something is: a timer, a descriptor.
G* wait_ready();
}  // namespace vole::runtime::host
