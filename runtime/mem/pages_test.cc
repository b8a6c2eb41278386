// The page heap in a small address space of the test's own: which pages a span gets, how freed neighbours
// merge, when memory reads as zero. After each step of the random run the whole structure is walked.
#include "mem/pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <vector>

#include "host/host.h"
#include "mem/meta.h"

namespace vole::runtime {
namespace {
using testing::ExitedWithCode;

constexpr u64 kSize = 64 << 20, kPages = kSize / kPageSize;

class PageHeapTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(heap.reserve(kSize)); }
  Span* take(u64 pages) {
    Span* s = heap.allocate(pages, SpanState::Small);
    EXPECT_EQ(s->pages, pages);
    EXPECT_EQ(s->state, SpanState::Small);
    EXPECT_EQ(s->base % kPageSize, 0u);
    return s;
  }
  u64 page(const Span* s) { return (s->base - heap.lo) / kPageSize; }
  void check_invariants();
  PageHeap heap = {};
};

void PageHeapTest::check_invariants() {
  std::set<Span*> free;
  u64 in_use = 0;
  bool after_free = false;
  for (u64 at = heap.lo; at < heap.used;) {
    u64 first = (at - heap.lo) / kPageSize;
    Span* s = heap.by_page[first];
    ASSERT_NE(s, nullptr);
    ASSERT_EQ(s->base, at) << "spans follow each other without a gap";
    ASSERT_GT(s->pages, 0u);
    if (s->state == SpanState::Free) {
      ASSERT_FALSE(after_free) << "free neighbours have been merged";
      ASSERT_EQ(heap.by_page[first + s->pages - 1], s);
      // What earlier spans left in the table inside means nothing.
      for (u64 p = at; p < s->limit(); p += kPageSize) ASSERT_EQ(heap.span_of(p), nullptr);
      free.insert(s);
    } else {
      for (u64 i = 0; i < s->pages; ++i) ASSERT_EQ(heap.by_page[first + i], s);
      in_use += s->pages;
    }
    after_free = s->state == SpanState::Free;
    at = s->limit();
    ASSERT_LE(at, heap.used);
  }
  EXPECT_EQ(heap.in_use_pages, in_use);
  for (u64 bin = 0; bin < PageHeap::kBins; ++bin) {
    Span* before = nullptr;
    for (Span* s = heap.free_spans[bin]; s; before = s, s = s->next) {
      ASSERT_EQ(free.erase(s), 1u) << "each free span is in one list, once";
      ASSERT_EQ(bin, min<u64>(s->pages, PageHeap::kBins - 1));
      ASSERT_EQ(s->prev, before);
    }
  }
  EXPECT_TRUE(free.empty());
}

TEST_F(PageHeapTest, CutsFromTheStart) {
  EXPECT_EQ(page(take(3)), 0u);
  EXPECT_EQ(page(take(1)), 3u);
  EXPECT_EQ(page(take(100)), 4u);
  EXPECT_EQ(heap.in_use_pages, 104u);
  check_invariants();
}

TEST_F(PageHeapTest, AddressLeadsToItsSpan) {
  Span *a = take(2), *b = take(1);
  EXPECT_EQ(heap.span_of(a->base), a);
  EXPECT_EQ(heap.span_of(a->limit() - 1), a);
  EXPECT_EQ(heap.span_of(b->base), b);
  EXPECT_EQ(heap.span_of(b->limit()), nullptr);
  EXPECT_EQ(heap.span_of(heap.lo - 1), nullptr);
  EXPECT_EQ(heap.span_of(0), nullptr);
  heap.free(a);
  EXPECT_EQ(heap.span_of(heap.lo), nullptr);
  EXPECT_EQ(heap.span_of(heap.lo + kPageSize), nullptr);
}

TEST_F(PageHeapTest, FreedPagesAreUsedFirst) {
  Span* a = take(4);
  take(1);
  heap.free(a);
  EXPECT_EQ(page(take(1)), 0u);
  EXPECT_EQ(page(take(2)), 1u);
  EXPECT_EQ(page(take(2)), 5u) << "one page is left of the four, too few";
  EXPECT_EQ(page(take(1)), 3u);
  check_invariants();
}

TEST_F(PageHeapTest, TheSmallestBinThatFitsIsTaken) {
  Span* big = take(9);
  take(1);
  Span* small = take(3);
  take(1);
  heap.free(small);
  heap.free(big);
  EXPECT_EQ(page(take(3)), 10u);
}

TEST_F(PageHeapTest, NeighboursMergeInEveryOrder) {
  int order[3] = {0, 1, 2};
  do {
    Span* s[3] = {take(1), take(2), take(3)};
    u64 first = page(s[0]);
    Span* wall = take(1);
    for (int i : order) {
      heap.free(s[i]);
      check_invariants();
    }
    Span* whole = take(6);
    EXPECT_EQ(page(whole), first);
    heap.free(whole);
    heap.free(wall);
  } while (std::next_permutation(order, order + 3));
}

TEST_F(PageHeapTest, LargeSpansShareABin) {
  Span *a = take(70), *wall = take(1), *b = take(200);
  take(1);
  heap.free(b);
  heap.free(a);
  EXPECT_EQ(page(take(150)), 71u) << "the first of the list is too small";
  EXPECT_EQ(page(take(64)), 0u);
  EXPECT_NE(wall, nullptr);
  check_invariants();
}

TEST_F(PageHeapTest, LargeFreedSpansReadAsZero) {
  constexpr u64 kLarge = (1 << 20) / kPageSize;
  for (u64 pages : {kLarge - 1, kLarge}) {
    Span* s = take(pages);
    EXPECT_FALSE(s->needs_zero);
    memset(reinterpret_cast<void*>(s->base), 0xee, pages * kPageSize);
    heap.free(s);
    s = take(pages);
    EXPECT_EQ(s->needs_zero, pages < kLarge);
    if (!s->needs_zero) EXPECT_EQ(*reinterpret_cast<u64*>(s->limit() - 8), 0u);
  }
}

TEST_F(PageHeapTest, OldBytesAreRememberedThroughSplitsAndMerges) {
  Span *a = take(2), *b = take(2);
  take(1);
  heap.free(b);
  heap.free(a);
  Span* c = take(1);
  EXPECT_TRUE(c->needs_zero);
  EXPECT_TRUE(take(3)->needs_zero);
  EXPECT_FALSE(take(1)->needs_zero);
}

TEST_F(PageHeapTest, TheLastPageIsUsedThenMemoryIsOut) {
  Span* s = take(kPages - 1);
  take(1);
  EXPECT_EQ(heap.used, heap.hi);
  EXPECT_EXIT(heap.allocate(1, SpanState::Large), ExitedWithCode(2),
              "^runtime: out of memory: cannot allocate 8192-byte block \\(67108864 in use\\)\nfatal error: "
              "out of memory\n");
  heap.free(s);
  EXPECT_EQ(page(take(kPages - 1)), 0u);
  EXPECT_EXIT(heap.allocate(1, SpanState::Large), ExitedWithCode(2), "out of memory");
}

TEST_F(PageHeapTest, WithoutAddressSpaceNothingIsReserved) {
  EXPECT_EXIT(
      {
        host::no_more_memory();
        PageHeap other = {};
        _exit(other.reserve(kSize) || other.lo ? 1 : 0);
      },
      ExitedWithCode(0), "");
}

// Every span in use holds its own pattern: whoever gets pages of another overwrites it.
TEST_F(PageHeapTest, RandomRun) {
  std::mt19937 rng(1);
  auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(rng); };
  auto fill = [](Span* s, u64 v) {
    for (u64 p = s->base; p < s->limit(); p += kPageSize)
      *reinterpret_cast<u64*>(p) = *reinterpret_cast<u64*>(p + kPageSize - 8) = v;
  };
  auto holds = [](Span* s, u64 v) {
    for (u64 p = s->base; p < s->limit(); p += kPageSize)
      if (*reinterpret_cast<u64*>(p) != v || *reinterpret_cast<u64*>(p + kPageSize - 8) != v) return false;
    return true;
  };
  std::vector<std::pair<Span*, u64>> spans;
  u64 pages_used = 0;
  for (u64 i = 1; i <= 6000 && !HasFatalFailure(); ++i) {
    u64 pages = below(20) ? below(12) + 1 : below(300) + 1;
    if (pages_used + pages < kPages / 3 && below(100) < 55) {
      Span* s = take(pages);
      if (!s->needs_zero) ASSERT_TRUE(holds(s, 0));
      fill(s, i);
      spans.push_back({s, i});
      pages_used += pages;
    } else if (!spans.empty()) {
      auto& victim = spans[below(spans.size())];
      ASSERT_TRUE(holds(victim.first, victim.second));
      pages_used -= victim.first->pages;
      heap.free(victim.first);
      victim = spans.back();
      spans.pop_back();
    }
    if (i % 16 == 0) check_invariants();
  }
  for (auto& [s, v] : spans) {
    ASSERT_TRUE(holds(s, v));
    heap.free(s);
  }
  check_invariants();
  EXPECT_EQ(heap.in_use_pages, 0u);
  EXPECT_EQ(heap.by_page[0]->limit(), heap.used) << "all is one free span again";
}

TEST(Meta, RecordsAreZeroedAlignedAndApart) {
  std::vector<u8*> records;
  std::vector<u64> sizes = {1, 15, 16, 17, 4000, 300 << 10, 8, 100000, 200000};
  for (u64 size : sizes) {
    u8* p = static_cast<u8*>(meta_alloc(size));
    ASSERT_EQ(u64(p) % 16, 0u);
    for (u64 i = 0; i < size; ++i) ASSERT_EQ(p[i], 0);
    memset(p, int(size), size);
    records.push_back(p);
  }
  for (size_t k = 0; k < sizes.size(); ++k)
    for (u64 i = 0; i < sizes[k]; ++i) ASSERT_EQ(records[k][i], u8(sizes[k]));
}

TEST(Meta, GrowingKeepsWhatIsThere) {
  u64 before = meta_bytes;
  u64* p = static_cast<u64*>(meta_grow(nullptr, 0, 5000));
  EXPECT_EQ(meta_bytes - before, 8192u);
  for (u64 i = 0; i < 625; ++i) p[i] = i;
  p = static_cast<u64*>(meta_grow(p, 5000, 100000));
  EXPECT_EQ(meta_bytes - before, 102400u);
  for (u64 i = 0; i < 625; ++i) ASSERT_EQ(p[i], i);
  for (u64 i = 625; i < 12500; ++i) ASSERT_EQ(p[i], 0u);
}

TEST(Meta, SaysWhenMemoryIsOut) {
  EXPECT_EXIT(
      {
        host::no_more_memory();
        meta_alloc(1 << 20);
      },
      ExitedWithCode(2),
      "^runtime: out of memory: cannot allocate 1048576-byte block \\([0-9]+ in use\\)\nfatal error: out of "
      "memory\n");
}
}  // namespace
}  // namespace vole::runtime
