// The system as the runtime sees it: what the kernel leaves on the first stack, memory, clocks, waiting.
#include "os/os.h"

#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "host/host.h"

namespace vole::runtime::os {
namespace {
// A first stack as the kernel makes it.
struct FirstStack {
  explicit FirstStack(std::vector<const char*> args, std::vector<const char*> env, std::vector<u64> aux) {
    words.push_back(args.size());
    for (const char* a : args) words.push_back(u64(a));
    words.push_back(0);
    for (const char* e : env) words.push_back(u64(e));
    words.push_back(0);
    for (u64 a : aux) words.push_back(a);
    words.push_back(0);
    words.push_back(0);
  }
  std::vector<u64> words;
};

class StartTest : public testing::Test {
 protected:
  void SetUp() override {
    host::start();
    saved_ = start;
  }
  void TearDown() override { start = saved_; }
  Start saved_;
};

TEST_F(StartTest, ReadsArgumentsEnvironmentAndAuxiliaryVector) {
  FirstStack s({"prog", "-x"}, {"A=1", "GODEBUG=x=1"}, {6, 16384, 25, 0x1234, 23, 1});
  read_start_stack(s.words.data());
  EXPECT_EQ(start.argc, 2);
  EXPECT_STREQ(start.argv[1], "-x");
  EXPECT_EQ(start.argv[2], nullptr);
  EXPECT_STREQ(start.envp[0], "A=1");
  EXPECT_EQ(start.page_size, 16384u);
  EXPECT_EQ(start.random, 0x1234u);
  EXPECT_EQ(start.secure, 1u);
  EXPECT_GE(start.ncpu, 1);
}

TEST_F(StartTest, EmptyStack) {
  FirstStack s({}, {}, {});
  read_start_stack(s.words.data());
  EXPECT_EQ(start.argc, 0);
  EXPECT_EQ(start.page_size, 4096u);
  EXPECT_EQ(getenv("A"), nullptr);
}

TEST_F(StartTest, EnvironmentIsSearchedByWholeNames) {
  FirstStack s({}, {"AB=wrong", "A", "A=", "B=x=y", "A=second"}, {});
  read_start_stack(s.words.data());
  EXPECT_STREQ(getenv("A"), "");
  EXPECT_STREQ(getenv("B"), "x=y");
  EXPECT_STREQ(getenv("AB"), "wrong");
  EXPECT_EQ(getenv("x"), nullptr);
}

TEST_F(StartTest, DebugFlagsAreOneOfAList) {
  for (auto& [text, on] : std::vector<std::pair<const char*, bool>>{{"GODEBUG=x=1", true},
                                                                    {"GODEBUG=a=2,x=1", true},
                                                                    {"GODEBUG=x=1,b=0", true},
                                                                    // clang-format off
                                                                    {"GODEBUG=", false}, {"GODEBUG=x", false},
                                                                    {"GODEBUG=x=0", false},
                                                                    {"GODEBUG=xx=1", false},
                                                                    {"GODEBUG=x=11", false},
                                                                    {"GODEBUG=yx=1,,x=", false},
                                                                    // clang-format on
                                                                    {"GODEBUG=,,x=1", true},
                                                                    {"OTHER=x=1", false}}) {
    FirstStack s({}, {text}, {});
    read_start_stack(s.words.data());
    EXPECT_EQ(debug_flag("x"), on) << text;
  }
}

TEST(Clock, AgreesWithTheSystemsWithAndWithoutTheKernelsLibrary) {
  for (int round = 0; round < 2; ++round) {
    timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    i64 now = nanotime();
    clock_gettime(CLOCK_MONOTONIC, &after);
    EXPECT_GE(now, before.tv_sec * 1000000000 + before.tv_nsec);
    EXPECT_LE(now, after.tv_sec * 1000000000 + after.tv_nsec);
    clock_gettime(CLOCK_REALTIME, &before);
    i64 sec;
    i32 nsec;
    walltime(sec, nsec);
    clock_gettime(CLOCK_REALTIME, &after);
    EXPECT_GE(sec, before.tv_sec);
    EXPECT_LE(sec, after.tv_sec);
    EXPECT_LT(nsec, 1000000000);
    find_vdso(getauxval(AT_SYSINFO_EHDR));
  }
  if (getauxval(AT_SYSINFO_EHDR)) EXPECT_NE(vdso_gettimeofday(), 0u);
}

TEST(Memory, ReleasedPagesReadAsZero) {
  constexpr u64 kSize = 1 << 20;
  u8* p = static_cast<u8*>(map(kSize));
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(p[kSize - 1], 0);
  memset(p, 1, kSize);
  release(p + 4096, 8192);
  EXPECT_EQ(p[4095], 1);
  EXPECT_EQ(p[4096], 0);
  EXPECT_EQ(p[4096 + 8191], 0);
  EXPECT_EQ(p[4096 + 8192], 1);
  unmap(p, kSize);
}

TEST(Memory, ImpossibleSizesGiveNull) {
  EXPECT_EQ(map(u64(1) << 60), nullptr);
  EXPECT_EQ(reserve(u64(1) << 60, 0), nullptr);
}

TEST(Futex, SleepsWhileTheWordHasTheValue) {
  Atomic<u32> word = {1};
  futex_sleep(&word, 0, -1);  // another value: it returns
  i64 begin = nanotime();
  futex_sleep(&word, 1, 2000000);
  EXPECT_GE(nanotime() - begin, 2000000);
  std::thread waker([&] {
    sleep_ns(1000000);
    word.store(2);
    futex_wake(&word, 1);
  });
  int turns = 0;
  for (; word.load() == 1; ++turns) futex_sleep(&word, 1, -1);
  EXPECT_LT(turns, 20) << "without a limit it sleeps until it is woken";
  waker.join();
}

TEST(Sleep, LastsAtLeastThatLong) {
  i64 begin = nanotime();
  sleep_ns(1500000);
  EXPECT_GE(nanotime() - begin, 1500000);
}
}  // namespace
}  // namespace vole::runtime::os
