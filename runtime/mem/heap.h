// The Go heap: one reserved stretch of addresses cut into 8 KB pages; runs of pages are spans; a span holds objects of one size, or one
// large object, or a goroutine's stack. Every address of the heap leads to its span by a table lookup, and from there to the object.
//
// A processor allocates by bumping through a Run of free slots of a span it took; only when a run is used up does it come here. Nothing is
// freed yet but stacks: spans carry class, noscan and bounds, and a free-slot bitmap turns into runs, so a sweeper has its place.
#pragma once
#include "core/layout.h"
#include "mem/sizeclass.h"

namespace vole::runtime {
enum class SpanState : u8 { Free, Small, Large, Stack };
struct Span {
  u64 base, pages;
  u64 elem_size;
  u64 count;       // objects
  Span *next, *prev;
  SpanState state;
  u8 size_class;
  bool noscan;
  bool needs_zero;  // free: was used before
  u64 limit() const { return base + pages * kPageSize; }
};

struct HeapStats {
  u64 reserved, in_use_pages, stack_bytes, large_count, large_bytes, meta_bytes;
  u64 small_taken[kNumClasses * 2];  // slots handed to processors' runs
};
extern HeapStats heap_stats;

void heap_init();
// Zeroed memory for `size` bytes described by `type` (null: no pointers).
void* heap_alloc(Mcache* cache, u64 size, Type* type);
Span* heap_span_of(u64 address);                      // null outside the heap
bool heap_object_of(u64 address, u64& base, u64& size);
Span* heap_alloc_pages(u64 pages, SpanState state);   // memory may hold old bytes when needs_zero
void heap_free_pages(Span* span);
u64 heap_roundup(u64 size, bool noscan);

// Memory for the runtime's own records, zeroed, never given back.
void* meta_alloc(u64 size);
template <class T> T* meta_new() { return static_cast<T*>(meta_alloc(sizeof(T))); }
// A growing array of the runtime's own.
void* meta_grow(void* old, u64 old_bytes, u64 new_bytes);

// Calls found(object, its size) for each word in [lo, hi) of objects that may hold pointers.
void heap_find(u64 lo, u64 hi, void (*found)(u64 object, u64 size));

u64 heap_start();
u64 heap_end();
}  // namespace vole::runtime
