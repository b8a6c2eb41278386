// Address space in pages: a reserved stretch is cut from its start, runs of pages are spans, freed spans are
// merged with free neighbours and used again. Every address leads to its span by a table lookup.
#pragma once
#include "mem/sizeclass.h"

namespace vole::runtime {
enum class SpanState : u8 { Free, Small, Large, Stack };
struct Span {
  u64 base, pages;
  u64 elem_size;
  u64 count;  // objects
  Span *next, *prev;
  SpanState state;
  u8 size_class;
  bool noscan;
  bool needs_zero;  // free: was used before
  u64 limit() const { return base + pages * kPageSize; }
};

struct PageHeap {
  static constexpr u64 kBins = 65;
  u64 lo, hi, used;  // addresses; [lo, used) has been cut into spans
  u64 touched;       // the kernel has been asked for the pages below
  u64 in_use_pages;
  Span** by_page;           // by page number: the span of a page in use, ends of free spans
  Span* free_spans[kBins];  // by pages, the last holds all larger ones

  bool reserve(u64 size);                      // false: the system does not let us name so much
  Span* allocate(u64 pages, SpanState state);  // memory may hold old bytes when needs_zero
  void free(Span* span);
  Span* span_of(u64 address) const;  // null outside of spans in use

 private:
  u64 page_of(u64 address) const { return (address - lo) >> kPageShift; }
  Span* find_free(u64 pages);
  void advance(u64 bytes);
  void list_push(Span* s);
  void list_remove(Span* s);
  void put_free(Span* s);
  void absorb(Span* s, Span* neighbour);
};
}  // namespace vole::runtime
