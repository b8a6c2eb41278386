// Objects of the Go heap: which class a size gets, where objects lie, that they start zeroed, and that every
// address inside leads back to its object.
#include "mem/heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "host/host.h"

namespace vole::runtime {
namespace {
using testing::ExitedWithCode;

constinit Type with_pointers = {.size = 8, .ptr_bytes = 8};
constinit Type without = {.size = 8};

class HeapTest : public testing::Test {
 protected:
  void SetUp() override { host::start(); }
  u64 alloc(u64 size, Type* type) { return u64(heap_alloc(&cache, size, type)); }
  Mcache cache = {};
};

TEST(SizeClass, IsTheSmallestThatFits) {
  for (u64 size = 1; size <= kMaxSmall; ++size) {
    int c = size_class(size);
    ASSERT_GT(c, 0);
    ASSERT_LT(c, kNumClasses);
    ASSERT_GE(kClassSizes[c], size);
    ASSERT_LT(kClassSizes[c - 1], size) << "of class " << c << " for " << size;
  }
  EXPECT_EQ(size_class(0), 1);
}

TEST(SizeClass, SpansWasteAnEighthAtMost) {
  for (int c = 1; c < kNumClasses; ++c) {
    u64 bytes = kSizes.pages[c] * kPageSize;
    EXPECT_GE(bytes, kClassSizes[c]);
    EXPECT_LE(bytes % kClassSizes[c], bytes / 8) << c;
  }
}

TEST(SizeClass, SizesRiseAndKeepWordsAligned) {
  for (int c = 1; c < kNumClasses; ++c) {
    EXPECT_GT(kClassSizes[c], kClassSizes[c - 1]);
    EXPECT_EQ(kClassSizes[c] % 8, 0);
  }
  EXPECT_EQ(kClassSizes[kNumClasses - 1], kMaxSmall);
}

// What append rounds a capacity to must be what the allocation then really has.
TEST_F(HeapTest, RoundupIsWhatAnAllocationHas) {
  for (u64 size = 1; size < 80000; size += size < 2000 ? 1 : 97)
    for (Type* type : {&with_pointers, &without}) {
      u64 p = alloc(size, type), base, room;
      ASSERT_TRUE(heap_object_of(p, base, room));
      ASSERT_EQ(heap_roundup(size, type->noscan()), base + room - p) << size;
      ASSERT_GE(base + room - p, size);
    }
  EXPECT_EQ(heap_roundup(~u64(0) - 5, true), ~u64(0) - 5) << "no overflow";
  EXPECT_EQ(heap_roundup(kMaxSmall, true), kMaxSmall);
  EXPECT_EQ(heap_roundup(kMaxSmall + 1, true), 40960u);
}

TEST_F(HeapTest, LargerObjectsWithPointersStartWithTheirType) {
  for (u64 size : {u64(8), kHeaderThreshold, kHeaderThreshold + 1, u64(5000), kMaxSmall - 8}) {
    u64 p = alloc(size, &with_pointers), base, room;
    ASSERT_TRUE(heap_object_of(p, base, room));
    EXPECT_EQ(p - base, size > kHeaderThreshold ? 8u : 0u);
    if (p != base) EXPECT_EQ(*reinterpret_cast<Type**>(base), &with_pointers);
    p = alloc(size, &without);
    ASSERT_TRUE(heap_object_of(p, base, room));
    EXPECT_EQ(p, base);
  }
}

TEST_F(HeapTest, PointerFreeObjectsHaveSpansOfTheirOwn) {
  u64 a = alloc(64, &with_pointers), b = alloc(64, &without), c = alloc(64, nullptr);
  EXPECT_FALSE(page_heap.span_of(a)->noscan);
  EXPECT_TRUE(page_heap.span_of(b)->noscan);
  EXPECT_EQ(page_heap.span_of(b), page_heap.span_of(c));
  EXPECT_TRUE(page_heap.span_of(alloc(100000, nullptr))->noscan);
  EXPECT_FALSE(page_heap.span_of(alloc(100000, &with_pointers))->noscan);
}

TEST_F(HeapTest, PowersOfTwoAreAlignedToThemselves) {
  for (u64 size = 8; size <= kPageSize; size *= 2)
    for (int i = 0; i < 5; ++i) EXPECT_EQ(alloc(size, &without) % size, 0u) << size;
}

TEST_F(HeapTest, AddressesInsideLeadToTheObject) {
  for (u64 size :
       {u64(16), u64(48), u64(1152), u64(6784), u64(19072), u64(32760), u64(40000), u64(1000000)}) {
    u64 p = alloc(size, &without), q = alloc(size, &without), base, room;
    for (u64 at : {p, p + 1, p + size / 2, p + size - 1}) {
      ASSERT_TRUE(heap_object_of(at, base, room));
      EXPECT_EQ(base, p);
      EXPECT_GE(room, size);
    }
    ASSERT_TRUE(heap_object_of(q, base, room));
    EXPECT_EQ(base, q);
  }
  u64 base, room;
  EXPECT_FALSE(heap_object_of(u64(&base), base, room));
  EXPECT_FALSE(heap_object_of(page_heap.used, base, room));
}

// A span's tail that is too short for an object belongs to none.
TEST_F(HeapTest, TailsOfSpansAreNoObjects) {
  Span* s = page_heap.span_of(alloc(1152, &without));
  u64 base, room;
  ASSERT_LT(s->base + s->count * s->elem_size, s->limit());
  EXPECT_FALSE(heap_object_of(s->base + s->count * s->elem_size, base, room));
  EXPECT_TRUE(heap_object_of(s->base + s->count * s->elem_size - 1, base, room));
}

TEST_F(HeapTest, StacksAreNoObjects) {
  Span* s = page_heap.allocate(1, SpanState::Stack);
  u64 base, room;
  EXPECT_FALSE(heap_object_of(s->base, base, room));
  page_heap.free(s);
}

// Spans grow with the number of objects, up to 32 pages.
TEST_F(HeapTest, ManyObjectsGetLargerSpans) {
  u64 pages = 0;
  for (int i = 0; i < 40000; ++i) {
    u64 now = page_heap.span_of(alloc(480, &without))->pages;
    EXPECT_GE(now, pages);
    pages = now;
  }
  EXPECT_EQ(pages, 32u);
}

TEST_F(HeapTest, UsedPagesAreZeroedBeforeTheyHoldObjects) {
  // Stacks are what leaves pages behind.
  Span* s = page_heap.allocate(100, SpanState::Stack);
  memset(reinterpret_cast<void*>(s->base), 0xaa, s->pages * kPageSize);
  u64 lo = s->base, hi = s->limit();
  page_heap.free(s);
  bool reused = false;
  for (int i = 0; i < 200; ++i) {
    u64 p = alloc(4096, &without);
    reused |= p >= lo && p < hi;
    for (u64 w = 0; w < 4096; w += 8) ASSERT_EQ(*reinterpret_cast<u64*>(p + w), 0u);
  }
  u64 large = alloc(40000, &without);
  for (u64 w = 0; w < 40000; w += 8) ASSERT_EQ(*reinterpret_cast<u64*>(large + w), 0u);
  EXPECT_TRUE(reused);
}

TEST_F(HeapTest, WhatCannotBeHadIsSaidOnce) {
  EXPECT_EXIT(alloc(u64(1) << 50, &without), ExitedWithCode(2),
              "^runtime: out of memory: cannot allocate 1125899906842624-byte block \\([0-9]+ in "
              "use\\)\nfatal error: out of memory\n");
  EXPECT_EXIT(alloc(~u64(0), &without), ExitedWithCode(2), "out of memory");
  EXPECT_EXIT(
      {
        host::no_more_memory();
        heap_init();
      },
      ExitedWithCode(2), "^fatal error: cannot reserve heap address space\n");
}

TEST_F(HeapTest, ManyLargeObjectsUntilTheEnd) {
  EXPECT_EXIT(
      {
        for (;;) alloc(u64(1) << 36, &without);  // nothing of it is touched
      },
      ExitedWithCode(2), "cannot allocate 68719476736-byte block");
}

TEST_F(HeapTest, FindSeesPointersInObjectsThatMayHoldThem) {
  u64* a = reinterpret_cast<u64*>(alloc(64, &with_pointers));
  u64* b = reinterpret_cast<u64*>(alloc(64, &without));
  u64* c = reinterpret_cast<u64*>(alloc(50000, &with_pointers));
  static std::vector<u64> found;
  found.clear();
  constexpr u64 kLo = 0x7001234500, kHi = kLo + 0x100;
  a[3] = kLo;
  b[3] = kLo;
  c[5000] = kHi - 1;
  c[5001] = kHi;
  a[4] = kLo - 1;
  heap_find(kLo, kHi, [](u64 object, u64) { found.push_back(object); });
  EXPECT_EQ(found, (std::vector<u64>{u64(a), u64(c)}));
}

TEST_F(HeapTest, RandomObjectsNeverOverlap) {
  std::mt19937 rng(2);
  auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(rng); };
  std::map<u64, u64> objects;  // start, size
  for (int i = 0; i < 20000; ++i) {
    u64 size = below(10) ? below(600) + 1 : below(50) ? below(kMaxSmall) + 1 : below(200000) + 1;
    u64 p = alloc(size, below(2) ? &with_pointers : &without), base, room;
    for (u64 k = 0; k < size; ++k) ASSERT_EQ(*reinterpret_cast<u8*>(p + k), 0);
    memset(reinterpret_cast<void*>(p), 0xcc, size);
    auto [at, fresh] = objects.insert({p, size});
    ASSERT_TRUE(fresh);
    if (at != objects.begin()) ASSERT_LE(std::prev(at)->first + std::prev(at)->second, p);
    if (std::next(at) != objects.end()) ASSERT_LE(p + size, std::next(at)->first);
    ASSERT_TRUE(heap_object_of(p + below(size), base, room));
    ASSERT_LE(base, p);
    ASSERT_LE(p + size, base + room);
  }
}
}  // namespace
}  // namespace vole::runtime
