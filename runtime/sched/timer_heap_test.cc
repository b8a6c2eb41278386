// The heap of timers against a sorted list.
#include "sched/timer_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace vole::runtime {
namespace {
void check_order(const TimerHeap& h) {
  for (u64 i = 0; i < h.size; ++i) {
    ASSERT_EQ(h.entries[i].timer->index, i);
    ASSERT_EQ(h.entries[i].timer->when, h.entries[i].when);
    if (i > 0) ASSERT_LE(h.entries[(i - 1) / 4].when, h.entries[i].when) << i;
  }
}

std::vector<i64> drain(TimerHeap& h) {
  std::vector<i64> out;
  while (Timer* t = h.first()) {
    EXPECT_EQ(h.next_due(), t->when);
    out.push_back(t->when);
    h.erase(t);
    check_order(h);
  }
  return out;
}

TEST(TimerHeap, GivesTheEarliestFirst) {
  // Every order of six times, two of them equal.
  std::vector<i64> times = {-5, 0, 3, 3, 8, INT64_MAX};
  do {
    TimerHeap h = {};
    std::vector<Timer> timers(times.size());
    for (size_t i = 0; i < times.size(); ++i) {
      timers[i].when = times[i];
      h.push(&timers[i]);
      check_order(h);
    }
    std::vector<i64> got = drain(h);
    ASSERT_TRUE(std::is_sorted(got.begin(), got.end()));
    ASSERT_EQ(got.size(), times.size());
  } while (std::next_permutation(times.begin(), times.end()));
}

TEST(TimerHeap, EmptyAgain) {
  TimerHeap h = {};
  Timer t = {};
  EXPECT_EQ(h.first(), nullptr);
  for (int i = 0; i < 3; ++i) {
    h.push(&t);
    EXPECT_EQ(h.first(), &t);
    h.erase(&t);
    EXPECT_EQ(h.first(), nullptr);
  }
}

// The entry that fills the gap comes from another branch: it may have to rise.
TEST(TimerHeap, ErasedPlaceIsFilledFromAnotherBranch) {
  TimerHeap h = {};
  std::vector<Timer> t(22);
  auto put = [&](size_t i, i64 when) {
    t[i].when = when;
    h.push(&t[i]);
  };
  put(0, 0);
  for (size_t i : {1, 2, 3, 4}) put(i, i == 1 ? 100 : 1);  // four branches, the first late
  for (size_t i = 5; i < 9; ++i) put(i, 200);              // below the late one
  for (size_t i = 9; i < 22; ++i) put(i, 2);               // below the others
  h.erase(&t[6]);
  check_order(h);
  EXPECT_LT(t[21].index, 9u);
  EXPECT_EQ(h.size, 21u);
}

TEST(TimerHeap, RandomRun) {
  for (u32 seed = 1; seed <= 3; ++seed) {
    std::mt19937 rng(seed);
    auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(rng); };
    TimerHeap h = {};
    std::vector<Timer> timers(2000);
    std::vector<Timer*> out, in;
    std::multiset<i64> model;
    for (Timer& t : timers) out.push_back(&t);
    u64 target = 0;
    for (int i = 0; i < 30000; ++i) {
      if (i % 5000 == 0) target = below(timers.size());
      if (!out.empty() && (in.empty() || below(100) < (in.size() < target ? 70u : 30u))) {
        std::swap(out[below(out.size())], out.back());
        Timer* t = out.back();
        out.pop_back();
        t->when = i64(below(300));
        h.push(t);
        in.push_back(t);
        model.insert(t->when);
      } else {
        size_t k =
            below(3) ? below(in.size()) : size_t(std::find(in.begin(), in.end(), h.first()) - in.begin());
        h.erase(in[k]);
        model.erase(model.find(in[k]->when));
        out.push_back(in[k]);
        in[k] = in.back();
        in.pop_back();
      }
      ASSERT_EQ(h.size, model.size());
      if (h.size) ASSERT_EQ(h.next_due(), *model.begin());
      if (i % 64 == 0) check_order(h);
    }
    std::vector<i64> rest = drain(h);
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), model.begin(), model.end()));
  }
}
}  // namespace
}  // namespace vole::runtime
