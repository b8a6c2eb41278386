// How much of the calling thread's stack is left: recursion over what users nest asks before it goes on.
#pragma once
#include <cstddef>
#include <functional>

namespace vole {
// Bytes between the caller's frame and the end of its thread's stack.
size_t stack_left();

// The size for stacks of new threads, of which there will be so many: large, as far as a limit on this
// process's memory allows.
size_t thread_stack_size(unsigned threads);

// Calls f on a thread with such a stack (the caller's may be limited to very little), else here.
void on_large_stack(const std::function<void()>& f);
}  // namespace vole
