// Size classes over the page heap, and the slow path of allocation; see heap.h for the idea.
#include "mem/heap.h"

namespace vole::runtime {
constinit HeapStats heap_stats = {};
constinit PageHeap page_heap = {};

void heap_init() {
  // As much address space as the system lets us name; a page costs memory only when touched.
  for (u64 size = u64(1) << 39; size >= u64(64) << 20; size >>= 1)
    if (page_heap.reserve(size)) return;
  fatal("cannot reserve heap address space");
}

bool heap_object_of(u64 address, u64& base, u64& size) {
  Span* s = page_heap.span_of(address);
  if (!s || s->state == SpanState::Stack) return false;
  u64 index = (address - s->base) / s->elem_size;
  if (index >= s->count) return false;
  base = s->base + index * s->elem_size;
  size = s->elem_size;
  return true;
}

void heap_find(u64 lo, u64 hi, void (*found)(u64 object, u64 size)) {
  for (u64 at = page_heap.lo; at < page_heap.used;) {
    Span* s = page_heap.by_page[(at - page_heap.lo) >> kPageShift];
    at = s->limit();
    if ((s->state != SpanState::Small && s->state != SpanState::Large) || s->noscan) continue;
    u64 object, size;
    for (u64* p = reinterpret_cast<u64*>(s->base); p < reinterpret_cast<u64*>(s->limit()); ++p)
      if (*p >= lo && *p < hi && heap_object_of(u64(p), object, size)) found(object, size);
  }
}

u64 heap_roundup(u64 size, bool noscan) {
  u64 header = !noscan && size > kHeaderThreshold ? 8 : 0;
  if (size + header <= kMaxSmall && size <= kMaxSmall - 8)
    return kClassSizes[size_class(size + header)] - header;
  u64 rounded = align_up(size, kPageSize);
  return rounded < size ? size : rounded;
}

namespace {
// Takes the next run of free slots for this class: today always a whole fresh span.
void refill(Mcache* cache, int size_class, bool noscan) {
  Run& run = cache->runs[size_class * 2 + noscan];
  u64 size = kClassSizes[size_class];
  u64 pages = kSizes.pages[size_class];
  // Spans of small sizes are made larger the more of them there are, which keeps refills rare without taxing
  // small programs.
  u64 taken = heap_stats.small_taken[size_class * 2 + noscan] * size;
  while (pages < 32 && pages * kPageSize * 8 < taken) pages *= 2;
  Span* s = page_heap.allocate(pages, SpanState::Small);
  if (s->needs_zero) memset(reinterpret_cast<void*>(s->base), 0, s->pages * kPageSize);
  s->needs_zero = false;
  s->size_class = u8(size_class);
  s->noscan = noscan;
  s->elem_size = size;
  s->count = s->pages * kPageSize / size;
  heap_stats.small_taken[size_class * 2 + noscan] += s->count;
  run = Run{s->base, s->base + s->count * size, size};
}

void* alloc_large(u64 size, Type* type) {
  Span* s = page_heap.allocate(align_up(size, kPageSize) >> kPageShift, SpanState::Large);
  if (s->needs_zero) memset(reinterpret_cast<void*>(s->base), 0, s->pages * kPageSize);
  s->needs_zero = false;
  s->noscan = !type || type->noscan();
  s->elem_size = s->pages * kPageSize;
  s->count = 1;
  heap_stats.large_count++;
  heap_stats.large_bytes += s->elem_size;
  return reinterpret_cast<void*>(s->base);
}
}  // namespace

void* heap_alloc(Mcache* cache, u64 size, Type* type) {
  bool noscan = !type || type->noscan();
  bool header = !noscan && size > kHeaderThreshold;
  if (size > kMaxSmall - 8) {
    if (size > page_heap.hi - page_heap.lo) out_of_memory(size, page_heap.in_use_pages * kPageSize);
    return alloc_large(size, type);
  }
  int c = size_class(size + (header ? 8 : 0));
  Run& run = cache->runs[c * 2 + noscan];
  if (run.next >= run.end) refill(cache, c, noscan);
  u64 p = run.next;
  run.next += run.size;
  if (header) {
    *reinterpret_cast<Type**>(p) = type;
    p += 8;
  }
  return reinterpret_cast<void*>(p);
}
}  // namespace vole::runtime
