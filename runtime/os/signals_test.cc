// The queue of signals for os/signal, with real signals that the test sends to itself.
#include "os/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "host/host.h"
#include "sched/sched.h"
#include "trace/traceback.h"

namespace vole::runtime {
namespace {
using host::Outcome;

class SignalTest : public testing::Test {
 protected:
  void SetUp() override {
    host::start();
    for (u32 sig : {SIGUSR1, SIGUSR2, SIGWINCH}) set(sig, 1);
  }
  void TearDown() override {
    for (u32 sig : {SIGUSR1, SIGUSR2, SIGWINCH}) set(sig, 0);
    external_wakeups = false;
    EXPECT_FALSE(signals_wanted());
    EXPECT_EQ(host::next_ready(), nullptr);
  }
  void set(u32 sig, u32 what) {
    SignalSetArgs a = {sig, what};
    host::enter(rt_signalSet, &a, g);
  }
  bool ignored(u32 sig) {
    SignalIgnoredArgs a = {sig, true};
    host::enter(rt_signalIgnored, &a, g);
    return a.result;
  }
  bool idle() {
    bool v;
    host::enter(rt_signalIdle, &v, g);
    return v;
  }
  G* g = host::new_goroutine();
  u32 got = 0;
};

TEST_F(SignalTest, QueuedUntilAskedFor) {
  EXPECT_TRUE(idle());
  raise(SIGUSR1);
  EXPECT_TRUE(signals_wanted());
  EXPECT_FALSE(idle());
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
  EXPECT_EQ(got, u32(SIGUSR1));
  EXPECT_TRUE(idle());
}

TEST_F(SignalTest, EachOnceHoweverOftenItCame) {
  for (int i = 0; i < 3; ++i) raise(SIGUSR2), raise(SIGWINCH);
  std::set<u32> all;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
    all.insert(got);
  }
  EXPECT_EQ(all, (std::set<u32>{SIGUSR2, SIGWINCH}));
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Waits);
  raise(SIGUSR1);
  signals_deliver();
  EXPECT_EQ(host::next_ready(), g);
}

TEST_F(SignalTest, DeliveredToTheWaitingGoroutine) {
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Waits);
  signals_deliver();
  EXPECT_EQ(host::next_ready(), nullptr);
  raise(SIGUSR1);
  raise(SIGUSR2);
  signals_deliver();
  EXPECT_EQ(host::next_ready(), g);
  EXPECT_EQ(got, u32(SIGUSR1));
  signals_deliver();
  EXPECT_EQ(host::next_ready(), nullptr) << "nobody waits";
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
  EXPECT_EQ(got, u32(SIGUSR2));
}

TEST_F(SignalTest, TheSchedulerLooksForThem) {
  host::enter(rt_signalRecv, &got, g);
  raise(SIGUSR2);
  EXPECT_EQ(host::wait_ready(), g);
  EXPECT_EQ(got, u32(SIGUSR2));
}

TEST_F(SignalTest, IgnoredAndBack) {
  EXPECT_FALSE(ignored(SIGUSR1));
  set(SIGUSR1, 2);
  EXPECT_TRUE(ignored(SIGUSR1));
  raise(SIGUSR1);
  EXPECT_TRUE(idle());
  set(SIGUSR1, 0);
  EXPECT_FALSE(ignored(SIGUSR1));
  for (u32 none : {0u, 65u, 1000u}) {
    set(none, 1);
    EXPECT_FALSE(ignored(none));
  }
}

// Some signals stay caught when nobody wants them any more: they are not queued then.
TEST_F(SignalTest, NoLongerWanted) {
  set(SIGIO, 1);
  raise(SIGIO);
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
  set(SIGIO, 0);
  raise(SIGIO);
  EXPECT_TRUE(idle());
}

TEST_F(SignalTest, FaultsHaveTexts) {
  Str text = signal_text(SIGSEGV);
  EXPECT_TRUE(text == Str("SIGSEGV: segmentation violation"));
  EXPECT_EQ(signal_text(SIGUSR1).len, 0);
}
}  // namespace
}  // namespace vole::runtime
