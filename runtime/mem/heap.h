// The Go heap: a span of the page heap holds objects of one size, or one large object, or a goroutine's
// stack. Every address of the heap leads to its span by a table lookup, and from there to the object.
//
// A processor allocates by bumping through a Run of free slots of a span it took; only when a run is used up
// does it come here. Nothing is freed yet but stacks: spans carry class, noscan and bounds, and a free-slot
// bitmap turns into runs, so a sweeper has its place.
#pragma once
#include "core/layout.h"
#include "mem/meta.h"
#include "mem/pages.h"

namespace vole::runtime {
struct HeapStats {
  u64 stack_bytes, large_count, large_bytes;
  u64 small_taken[kNumClasses * 2];  // slots handed to processors' runs
};
extern HeapStats heap_stats;
extern PageHeap page_heap;

void heap_init();
// Zeroed memory for `size` bytes described by `type` (null: no pointers).
void* heap_alloc(Mcache* cache, u64 size, Type* type);
bool heap_object_of(u64 address, u64& base, u64& size);  // false: no object there
u64 heap_roundup(u64 size, bool noscan);

// Calls found(object, its size) for each word in [lo, hi) of objects that may hold pointers.
void heap_find(u64 lo, u64 hi, void (*found)(u64 object, u64 size));
}  // namespace vole::runtime
