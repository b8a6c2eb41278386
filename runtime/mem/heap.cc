// Pages, spans and the slow path of allocation; see heap.h for the idea.
#include "mem/heap.h"

#include "os/os.h"

namespace vole::runtime {
constinit HeapStats heap_stats = {};

namespace {
constinit u64 arena_lo = 0, arena_hi = 0, arena_used = 0;  // addresses; [lo, used) has been cut into spans
constinit Span** page_spans = nullptr;                      // by page number: the span of a page in use, ends of free spans
constinit Span* free_spans[65] = {};                        // by pages, the last holds all larger ones
constinit Span* spare_spans = nullptr;
constinit u8 *meta_next = nullptr, *meta_end = nullptr;

u64 page_of(u64 address) { return (address - arena_lo) >> kPageShift; }
u64 bin_of(u64 pages) { return min<u64>(pages, 64); }

void list_push(Span* s) {
  Span*& head = free_spans[bin_of(s->pages)];
  s->prev = nullptr;
  s->next = head;
  if (head) head->prev = s;
  head = s;
}
void list_remove(Span* s) {
  if (s->prev)
    s->prev->next = s->next;
  else
    free_spans[bin_of(s->pages)] = s->next;
  if (s->next) s->next->prev = s->prev;
}

Span* new_span(u64 base, u64 pages) {
  Span* s = spare_spans;
  if (s)
    spare_spans = s->next;
  else
    s = meta_new<Span>();
  *s = Span{};
  s->base = base;
  s->pages = pages;
  return s;
}
void drop_span(Span* s) {
  s->next = spare_spans;
  spare_spans = s;
}

void put_free(Span* s) {
  s->state = SpanState::Free;
  page_spans[page_of(s->base)] = s;
  page_spans[page_of(s->limit() - 1)] = s;
  list_push(s);
}

// A heap that has outgrown small programs asks the kernel for its next pages in one go, an eighth of what it has: far fewer faults.
constexpr u64 kTouchFrom = 4 << 20, kTouchMost = 1 << 20;
constinit u64 touched = 0;
void advance(u64 bytes) {
  arena_used += bytes;
  u64 size = arena_used - arena_lo;
  if (size < kTouchFrom || touched >= arena_used || bytes > kTouchMost) return;
  u64 step = min(align_up(size / 8, kPageSize), kTouchMost);
  os::touch(arena_used - bytes, step);
  touched = arena_used - bytes + step;
}

[[noreturn]] void out_of_memory(u64 bytes) {
  print("runtime: out of memory: cannot allocate ", bytes, "-byte block (", heap_stats.in_use_pages * kPageSize, " in use)\n");
  fatal("out of memory");
}
}  // namespace

u64 heap_start() { return arena_lo; }
u64 heap_end() { return arena_used; }

void heap_init() {
  // As much address space as the system lets us name; a page costs memory only when touched.
  for (u64 size = u64(1) << 39; size >= u64(64) << 20; size >>= 1) {
    void* p = os::reserve(size + kPageSize, 0xc000000000);
    if (!p) continue;
    u64 table_bytes = (size >> kPageShift) * sizeof(Span*);
    void* table = os::reserve(table_bytes, 0);
    if (!table) {
      os::unmap(p, size + kPageSize);
      continue;
    }
    arena_lo = align_up(u64(p), kPageSize);
    arena_hi = arena_lo + size;
    arena_used = arena_lo;
    page_spans = static_cast<Span**>(table);
    heap_stats.reserved = size;
    return;
  }
  fatal("cannot reserve heap address space");
}

void* meta_alloc(u64 size) {
  size = align_up(size, 16);
  if (size > u64(meta_end - meta_next)) {
    u64 chunk = max<u64>(align_up(size, 4096), 256 << 10);
    u8* p = static_cast<u8*>(os::map(chunk));
    if (!p) out_of_memory(chunk);
    heap_stats.meta_bytes += chunk;
    meta_next = p;
    meta_end = p + chunk;
  }
  void* p = meta_next;
  meta_next += size;
  return p;
}

void* meta_grow(void* old, u64 old_bytes, u64 new_bytes) {
  void* p = os::map(align_up(new_bytes, 4096));
  if (!p) out_of_memory(new_bytes);
  if (old) {
    memcpy(p, old, old_bytes);
    os::unmap(old, align_up(old_bytes, 4096));
  }
  heap_stats.meta_bytes += align_up(new_bytes, 4096) - align_up(old_bytes, 4096);
  return p;
}

Span* heap_alloc_pages(u64 pages, SpanState state) {
  Span* s = nullptr;
  for (u64 bin = bin_of(pages); bin <= 64 && !s; ++bin)
    for (Span* f = free_spans[bin]; f; f = f->next)
      if (f->pages >= pages) {
        s = f;
        break;
      }
  if (s) {
    list_remove(s);
    if (s->pages > pages) {
      Span* rest = new_span(s->base + pages * kPageSize, s->pages - pages);
      rest->needs_zero = s->needs_zero;
      s->pages = pages;
      put_free(rest);
    }
  } else {
    if (pages > (arena_hi - arena_used) >> kPageShift) out_of_memory(pages * kPageSize);
    s = new_span(arena_used, pages);
    advance(pages * kPageSize);
  }
  s->state = state;
  s->next = s->prev = nullptr;
  for (u64 i = 0, first = page_of(s->base); i < pages; ++i) page_spans[first + i] = s;
  heap_stats.in_use_pages += pages;
  return s;
}

void heap_free_pages(Span* s) {
  heap_stats.in_use_pages -= s->pages;
  s->needs_zero = true;
  if (s->pages * kPageSize >= u64(1) << 20) {
    os::release(reinterpret_cast<void*>(s->base), s->pages * kPageSize);
    s->needs_zero = false;
  }
  if (s->base > arena_lo) {
    Span* before = page_spans[page_of(s->base) - 1];
    if (before && before->state == SpanState::Free && before->limit() == s->base) {
      list_remove(before);
      s->base = before->base;
      s->pages += before->pages;
      s->needs_zero |= before->needs_zero;
      drop_span(before);
    }
  }
  if (s->limit() < arena_used) {
    Span* after = page_spans[page_of(s->limit())];
    if (after && after->state == SpanState::Free && after->base == s->limit()) {
      list_remove(after);
      s->pages += after->pages;
      s->needs_zero |= after->needs_zero;
      drop_span(after);
    }
  }
  put_free(s);
}

Span* heap_span_of(u64 address) {
  if (address < arena_lo || address >= arena_used) return nullptr;
  Span* s = page_spans[page_of(address)];
  return s && s->state != SpanState::Free && address >= s->base && address < s->limit() ? s : nullptr;
}

bool heap_object_of(u64 address, u64& base, u64& size) {
  Span* s = heap_span_of(address);
  if (!s || s->state == SpanState::Stack) return false;
  u64 index = (address - s->base) / s->elem_size;
  if (index >= s->count) return false;
  base = s->base + index * s->elem_size;
  size = s->elem_size;
  return true;
}

void heap_find(u64 lo, u64 hi, void (*found)(u64 object, u64 size)) {
  for (u64 at = arena_lo; at < arena_used;) {
    Span* s = page_spans[page_of(at)];
    if (!s) return;
    at = s->limit();
    if ((s->state != SpanState::Small && s->state != SpanState::Large) || s->noscan) continue;
    u64 object, size;
    for (u64* p = reinterpret_cast<u64*>(s->base); p < reinterpret_cast<u64*>(s->limit()); ++p)
      if (*p >= lo && *p < hi && heap_object_of(u64(p), object, size)) found(object, size);
  }
}

u64 heap_roundup(u64 size, bool noscan) {
  u64 header = !noscan && size > kHeaderThreshold ? 8 : 0;
  if (size + header <= kMaxSmall && size <= kMaxSmall - 8) return kClassSizes[size_class(size + header)] - header;
  u64 rounded = align_up(size, kPageSize);
  return rounded < size ? size : rounded;
}

namespace {
// Takes the next run of free slots for this class: today always a whole fresh span.
void refill(Mcache* cache, int size_class, bool noscan) {
  Run& run = cache->runs[size_class * 2 + noscan];
  u64 size = kClassSizes[size_class];
  u64 pages = kSizes.pages[size_class];
  // Spans of small sizes are made larger the more of them there are, which keeps refills rare without taxing small programs.
  u64 taken = heap_stats.small_taken[size_class * 2 + noscan] * size;
  while (pages < 32 && pages * kPageSize * 8 < taken) pages *= 2;
  Span* s = heap_alloc_pages(pages, SpanState::Small);
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
  Span* s = heap_alloc_pages(align_up(size, kPageSize) >> kPageShift, SpanState::Large);
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
    if (size > arena_hi - arena_lo) out_of_memory(size);
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
