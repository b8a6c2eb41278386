// How much of the calling thread's stack is left: recursion over what users nest asks before it goes on.
#pragma once
#include <cstddef>

namespace vole {
// Bytes between the caller's frame and the end of its thread's stack.
size_t stack_left();
}  // namespace vole
