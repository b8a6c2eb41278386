// Memory for the runtime's own records, taken from the system beside the heap.
#pragma once
#include "core/core.h"

namespace vole::runtime {
void* meta_alloc(u64 size);  // zeroed, 16-aligned, never given back
template <class T>
T* meta_new() {
  return static_cast<T*>(meta_alloc(sizeof(T)));
}
void* meta_grow(void* old, u64 old_bytes,
                u64 new_bytes);  // for a growing array of the runtime's own; the new part is zeroed
extern u64 meta_bytes;           // taken from the system

[[noreturn]] void out_of_memory(u64 bytes, u64 in_use);
}  // namespace vole::runtime
