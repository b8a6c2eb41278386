// The page heap of pages.h. Free spans are found by their size in pages, first fit; the ends of a free span
// name it in the table, which is all that merging looks at.
#include "mem/pages.h"

#include "mem/meta.h"
#include "os/os.h"

namespace vole::runtime {
namespace {
constinit Span* spare_spans = nullptr;

u64 bin_of(u64 pages) { return min<u64>(pages, PageHeap::kBins - 1); }

Span* new_span(u64 base, u64 pages) {
  Span* s = spare_spans;
  if (s) spare_spans = s->next;
  else s = meta_new<Span>();
  *s = Span{};
  s->base = base;
  s->pages = pages;
  return s;
}
void drop_span(Span* s) {
  s->next = spare_spans;
  spare_spans = s;
}
}  // namespace

bool PageHeap::reserve(u64 size) {
  void* p = os::reserve(size + kPageSize, 0xc000000000);
  if (!p) return false;
  void* table = os::reserve((size >> kPageShift) * sizeof(Span*), 0);
  if (!table) {
    os::unmap(p, size + kPageSize);
    return false;
  }
  lo = used = align_up(u64(p), kPageSize);
  hi = lo + size;
  by_page = static_cast<Span**>(table);
  return true;
}

void PageHeap::list_push(Span* s) {
  Span*& head = free_spans[bin_of(s->pages)];
  s->prev = nullptr;
  s->next = head;
  if (head) head->prev = s;
  head = s;
}
void PageHeap::list_remove(Span* s) {
  if (s->prev) s->prev->next = s->next;
  else free_spans[bin_of(s->pages)] = s->next;
  if (s->next) s->next->prev = s->prev;
}
void PageHeap::put_free(Span* s) {
  s->state = SpanState::Free;
  by_page[page_of(s->base)] = s;
  by_page[page_of(s->limit() - 1)] = s;
  list_push(s);
}
Span* PageHeap::find_free(u64 pages) {
  for (u64 bin = bin_of(pages); bin < kBins; ++bin)
    for (Span* f = free_spans[bin]; f; f = f->next)
      if (f->pages >= pages) return f;
  return nullptr;
}

// A heap that has outgrown small programs asks the kernel for its next pages in one go, an eighth of what it
// has: far fewer faults.
constexpr u64 kTouchFrom = 4 << 20, kTouchMost = 1 << 20;
void PageHeap::advance(u64 bytes) {
  used += bytes;
  u64 size = used - lo;
  if (size < kTouchFrom || touched >= used || bytes > kTouchMost) return;
  u64 step = min(align_up(size / 8, kPageSize), kTouchMost);
  os::touch(used - bytes, step);
  touched = used - bytes + step;
}

Span* PageHeap::allocate(u64 pages, SpanState state) {
  Span* s = find_free(pages);
  if (s) {
    list_remove(s);
    if (s->pages > pages) {
      Span* rest = new_span(s->base + pages * kPageSize, s->pages - pages);
      rest->needs_zero = s->needs_zero;
      s->pages = pages;
      put_free(rest);
    }
  } else {
    if (pages > (hi - used) >> kPageShift) out_of_memory(pages * kPageSize, in_use_pages * kPageSize);
    s = new_span(used, pages);
    advance(pages * kPageSize);
  }
  s->state = state;
  s->next = s->prev = nullptr;
  for (u64 i = 0, first = page_of(s->base); i < pages; ++i) by_page[first + i] = s;
  in_use_pages += pages;
  return s;
}

// Takes a free neighbour's pages into s; the caller sets s->base.
void PageHeap::absorb(Span* s, Span* neighbour) {
  list_remove(neighbour);
  s->pages += neighbour->pages;
  s->needs_zero |= neighbour->needs_zero;
  drop_span(neighbour);
}

constexpr u64 kReleaseFrom = 1 << 20;  // freed spans of this size give their memory back
void PageHeap::free(Span* s) {
  in_use_pages -= s->pages;
  s->needs_zero = true;
  if (s->pages * kPageSize >= kReleaseFrom) {
    os::release(reinterpret_cast<void*>(s->base), s->pages * kPageSize);
    s->needs_zero = false;
  }
  Span* before = s->base > lo ? by_page[page_of(s->base) - 1] : nullptr;
  if (before && before->state == SpanState::Free) {
    s->base = before->base;
    absorb(s, before);
  }
  Span* after = s->limit() < used ? by_page[page_of(s->limit())] : nullptr;
  if (after && after->state == SpanState::Free) absorb(s, after);
  put_free(s);
}

Span* PageHeap::span_of(u64 address) const {
  if (address < lo || address >= used) return nullptr;
  Span* s = by_page[page_of(address)];
  return s && s->state != SpanState::Free && address >= s->base && address < s->limit() ? s : nullptr;
}
}  // namespace vole::runtime
