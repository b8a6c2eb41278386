#include "base/task_graph.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>

namespace vole {
namespace {
TEST(TaskGraph, RunsDependenciesFirst) {
  TaskGraph g;
  std::vector<std::atomic<bool>> done(1000);
  std::atomic<int> wrong = 0;
  for (u32 i = 0; i < 1000; i++) {
    std::vector<u32> after;
    for (u32 d = 2; d < 5 && i >= d; d++) after.push_back(i / d);
    g.add(
        [&, i, after] {
          for (u32 a : after)
            if (!done[a]) wrong++;
          done[i] = true;
        },
        after);
  }
  g.run(4);
  EXPECT_EQ(wrong, 0);
  for (auto& d : done) EXPECT_TRUE(d);
}

// Each thread reserves a large stack; with room for none the caller does the work.
TEST(TaskGraph, RunsWhereMemoryIsShort) {
  rlimit old;
  getrlimit(RLIMIT_AS, &old);
  rlimit small = old;
  small.rlim_cur = rlim_t{200} << 20;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &small), 0);
  std::atomic<int> ran = 0;
  TaskGraph g;
  u32 first = g.add([&] { ran++; });
  g.add([&] { ran++; }, {first});
  g.run(4);
  setrlimit(RLIMIT_AS, &old);
  EXPECT_EQ(ran, 2);
}

TEST(TaskGraph, StopsEarly) {
  TaskGraph g;
  std::atomic<int> ran = 0;
  u32 last = g.add([&] { ran++; });
  for (int i = 0; i < 100; i++) {
    last = g.add(
        [&] {
          ran++;
          g.stop();
        },
        {last});
  }
  g.run(2);
  EXPECT_EQ(ran, 2);
}
}  // namespace
}  // namespace vole
