// The ring of samples: order, fullness, and several writers at once.
#include "trace/sample_ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace vole::runtime {
namespace {
class SampleRingTest : public testing::Test {
 protected:
  void SetUp() override { ring.slots = slots.data(); }
  void put(u64 v) {
    Sample* s = ring.claim();
    ASSERT_NE(s, nullptr);
    s->add(v);
    SampleRing::publish(s);
  }
  u64 take() {
    Sample* s = ring.first();
    if (!s) return 0;
    EXPECT_EQ(s->depth, 1u);
    u64 v = s->pcs[0];
    ring.drop(s);
    return v;
  }
  std::vector<Sample> slots{SampleRing::kSlots};
  SampleRing ring = {};
};

TEST_F(SampleRingTest, OrderAroundTheEnd) {
  u64 in = 0, out = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 100; ++i) put(++in);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(take(), ++out);
    EXPECT_TRUE(ring.empty());
    EXPECT_EQ(ring.first(), nullptr);
  }
}

TEST_F(SampleRingTest, WhatFindsItFullIsLost) {
  for (u64 i = 1; i <= SampleRing::kSlots; ++i) put(i);
  EXPECT_EQ(ring.claim(), nullptr);
  EXPECT_EQ(ring.claim(), nullptr);
  EXPECT_EQ(ring.lost.load(), 2u);
  EXPECT_EQ(take(), 1u);
  put(9999);
  for (u64 i = 2; i <= SampleRing::kSlots; ++i) ASSERT_EQ(take(), i);
  EXPECT_EQ(take(), 9999u);
}

TEST_F(SampleRingTest, ClaimedButUnfinishedSamplesHoldTheReaderUp) {
  Sample* slow = ring.claim();
  put(2);
  EXPECT_EQ(ring.first(), nullptr);
  EXPECT_FALSE(ring.empty());
  slow->add(1);
  SampleRing::publish(slow);
  EXPECT_EQ(take(), 1u);
  EXPECT_EQ(take(), 2u);
}

TEST_F(SampleRingTest, DeepStacksAreCut) {
  Sample* s = ring.claim();
  for (u64 i = 0; i < kSampleDepth + 10; ++i) s->add(i);
  EXPECT_EQ(s->depth, kSampleDepth);
  EXPECT_EQ(s->pcs[kSampleDepth - 1], kSampleDepth - 1);
}

TEST_F(SampleRingTest, WritersOnSeveralThreads) {
  constexpr u64 kWriters = 3, kEach = 20000;
  std::atomic<u64> published = 0;
  std::vector<std::thread> writers;
  std::atomic<u64> running = kWriters;
  for (u64 w = 0; w < kWriters; ++w)
    writers.emplace_back([&, w] {
      for (u64 i = 1; i <= kEach; ++i) {
        Sample* s = ring.claim();
        if (!s) {
          std::this_thread::yield();
          continue;
        }
        s->add(w << 32 | i);
        SampleRing::publish(s);
        ++published;
      }
      --running;
    });
  u64 last[kWriters] = {}, taken = 0;
  while (running || !ring.empty()) {
    u64 v = take();
    if (!v) continue;
    ASSERT_LT(v >> 32, kWriters);
    ASSERT_GT(v & 0xffffffff, last[v >> 32]) << "each writer's samples in order, none twice";
    last[v >> 32] = v & 0xffffffff;
    ++taken;
  }
  for (auto& t : writers) t.join();
  EXPECT_EQ(taken, published);
  EXPECT_EQ(taken + ring.lost.load(), kWriters * kEach);
}
}  // namespace
}  // namespace vole::runtime
