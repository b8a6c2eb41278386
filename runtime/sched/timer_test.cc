// What becomes of a timer: it waits, is due, is handed to the timer goroutine, can be taken back until that
// has it.
#include "sched/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "host/host.h"
#include "os/os.h"
#include "sched/chan.h"

namespace vole::runtime {
namespace {
using host::Outcome;

std::vector<Timer*> ran;  // native timers, in order

struct Native : Timer {
  Native() : Timer{} {
    native = true;
    native_fn = [](Timer* t) { ran.push_back(t); };
  }
};
constinit FuncVal function = {1};
struct GoTimer : Timer {
  explicit GoTimer(u64 number) : Timer{} {
    fn = &function;
    seq = number;
  }
};

// The timer goroutine. There is one a process.
struct Server {
  G* g = host::new_goroutine();
  TimerCall call = {};
  Outcome ask() {
    call = {};
    return host::enter(rt_timerNext, &call, g);
  }
};
Server& server() {
  static Server s;
  return s;
}

class TimerTest : public testing::Test {
 protected:
  void SetUp() override {
    host::start();
    ran.clear();
  }
  void TearDown() override {
    EXPECT_FALSE(timers_exist());
    EXPECT_EQ(host::next_ready(), nullptr);
  }
  bool stop(Timer& t) {
    TimerStopArgs a = {&t, false};
    host::enter(rt_timerStop, &a, server().g);
    return a.active;
  }
  bool reset(Timer& t, i64 when, i64 period = 0) {
    TimerResetArgs a = {&t, when, period, false};
    host::enter(rt_timerReset, &a, server().g);
    return a.active;
  }
  TimerCall claim(Timer& t) {
    TimerClaimArgs a = {&t, {}};
    host::enter(rt_timerClaim, &a, server().g);
    return a.call;
  }
};

TEST_F(TimerTest, NativeTimersRunWhenDue) {
  Native a, b, c;
  timer_add(&a, 30);
  timer_add(&b, 10);
  timer_add(&c, 20);
  EXPECT_EQ(timer_next(), 10);
  timers_run(9);
  EXPECT_TRUE(ran.empty());
  timers_run(20);
  EXPECT_EQ(ran, (std::vector<Timer*>{&b, &c}));
  EXPECT_EQ(b.state, TimerIdle);
  EXPECT_EQ(timer_next(), 30);
  timers_run(30);
  EXPECT_EQ(timer_next(), 0);
}

TEST_F(TimerTest, TimesBeyondTheEndNeverCome) {
  Native t;
  timer_add(&t, -1);  // an overflowed sum
  timers_run(INT64_MAX - 1);
  EXPECT_TRUE(ran.empty());
  EXPECT_TRUE(timer_remove(&t));
}

TEST_F(TimerTest, RemovedTimersDoNotRun) {
  Native a, b;
  timer_add(&a, 1);
  timer_add(&b, 2);
  EXPECT_TRUE(timer_remove(&a));
  EXPECT_FALSE(timer_remove(&a));
  timers_run(5);
  EXPECT_EQ(ran, (std::vector<Timer*>{&b}));
  EXPECT_FALSE(timer_remove(&b));
}

// A native function may add and remove timers while the due ones run.
TEST_F(TimerTest, RunningTimersMayChangeOthers) {
  static Native first, victim, late;
  first.native_fn = [](Timer* t) {
    ran.push_back(t);
    timer_remove(&victim);
    timer_add(&late, 3);
  };
  timer_add(&victim, 2);
  timer_add(&first, 1);
  timers_run(4);
  EXPECT_EQ(ran, (std::vector<Timer*>{&first, &late}));
}

TEST_F(TimerTest, GoFunctionsAreHandedToTheServerInOrder) {
  GoTimer a(1), b(2);
  EXPECT_EQ(server().ask(), Outcome::Waits);
  EXPECT_EQ(server().g->wait, Wait::TimerIdle);
  reset(a, 100);
  reset(b, 90);
  timers_run(105);
  EXPECT_EQ(host::next_ready(), server().g);
  EXPECT_EQ(server().call.fn, nullptr) << "it asks again when it runs";
  EXPECT_EQ(server().ask(), Outcome::Returned);
  EXPECT_EQ(server().call.fn, &function);
  EXPECT_EQ(server().call.seq, 2u);
  EXPECT_EQ(server().call.delta, 15);
  EXPECT_EQ(server().ask(), Outcome::Returned);
  EXPECT_EQ(server().call.seq, 1u);
  EXPECT_EQ(server().call.delta, 5);
  EXPECT_EQ(a.state, TimerIdle);
}

TEST_F(TimerTest, StopTakesBackWhatTheServerHasNotSeen) {
  GoTimer t[3] = {GoTimer(1), GoTimer(2), GoTimer(3)};
  for (int victim = 0; victim < 3; ++victim) {
    for (Timer& x : t) reset(x, 10);
    timers_run(10);
    EXPECT_EQ(t[victim].state, TimerFired);
    EXPECT_TRUE(stop(t[victim]));
    EXPECT_FALSE(stop(t[victim]));
    std::vector<u64> got;
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(server().ask(), Outcome::Returned);
      got.push_back(server().call.seq);
    }
    EXPECT_EQ(std::count(got.begin(), got.end(), t[victim].seq), 0);
    EXPECT_FALSE(timers_exist());
    // The list's end must be right again.
    reset(t[victim], 10);
    timers_run(10);
    EXPECT_EQ(server().ask(), Outcome::Returned);
    EXPECT_EQ(server().call.seq, t[victim].seq);
  }
}

TEST_F(TimerTest, ResetMovesATimer) {
  GoTimer t(1);
  EXPECT_FALSE(reset(t, 50));
  EXPECT_TRUE(reset(t, 70));
  timers_run(60);
  EXPECT_EQ(t.state, TimerQueued);
  timers_run(70);
  EXPECT_EQ(t.state, TimerFired);
  EXPECT_TRUE(reset(t, 90)) << "it had not run yet";
  EXPECT_EQ(t.state, TimerQueued);
  EXPECT_TRUE(stop(t));
}

TEST_F(TimerTest, TickersKeepTheirRhythm) {
  GoTimer t(1);
  reset(t, 100, 10);
  timers_run(100);
  EXPECT_EQ(server().ask(), Outcome::Returned);
  EXPECT_EQ(timer_next(), 110);
  timers_run(147);  // three firings late: they are left out
  EXPECT_EQ(server().ask(), Outcome::Returned);
  EXPECT_EQ(server().call.delta, 37);
  EXPECT_EQ(timer_next(), 150);
  EXPECT_TRUE(reset(t, 200, 0));
  timers_run(200);
  EXPECT_EQ(server().ask(), Outcome::Returned);
  EXPECT_EQ(timer_next(), 0);
}

TEST_F(TimerTest, WhoLooksAtTheChannelRunsADueTimer) {
  GoTimer t(7);
  reset(t, os::nanotime() + 3600000000000);
  EXPECT_EQ(claim(t).fn, nullptr) << "not due";
  EXPECT_EQ(t.state, TimerQueued);
  reset(t, 1);
  TimerCall call = claim(t);
  EXPECT_EQ(call.fn, &function);
  EXPECT_EQ(call.seq, 7u);
  EXPECT_GT(call.delta, 0);
  EXPECT_EQ(claim(t).fn, nullptr) << "once";
  reset(t, 1);
  timers_run(2);
  EXPECT_EQ(claim(t).fn, &function) << "fired, not handed out";
}

// A timer's channel never shows a value sent before the last Stop or Reset.
TEST_F(TimerTest, StopAndResetEmptyTheChannel) {
  GoTimer t(1);
  u64 slots[1] = {5};
  Chan c = {};
  c.cap = c.count = 1;
  c.buf = reinterpret_cast<u8*>(slots);
  c.elem_size = 8;
  t.chan = &c;
  EXPECT_FALSE(stop(t)) << "not a synchronous channel: it is left alone";
  EXPECT_EQ(c.count, 1u);
  t.is_chan = true;
  EXPECT_TRUE(stop(t)) << "as if it had not fired";
  EXPECT_EQ(c.count, 0u);
  EXPECT_FALSE(stop(t));
  c.count = 1;
  EXPECT_TRUE(reset(t, 10));
  EXPECT_EQ(c.count, 0u);
  EXPECT_TRUE(stop(t));
}

TEST_F(TimerTest, SleepersWake) {
  G *a = host::new_goroutine(), *b = host::new_goroutine();
  i64 when_a = 200, when_b = 100;
  EXPECT_EQ(host::enter(rt_sleepUntil, &when_a, a), Outcome::Waits);
  EXPECT_EQ(host::enter(rt_sleepUntil, &when_b, b), Outcome::Waits);
  EXPECT_EQ(a->wait, Wait::Sleep);
  timers_run(150);
  EXPECT_EQ(host::next_ready(), b);
  EXPECT_EQ(host::next_ready(), nullptr);
  timers_run(200);
  EXPECT_EQ(host::next_ready(), a);
}

// The idle scheduler waits until the first timer is due, and for no other.
TEST_F(TimerTest, IdleSchedulerWaitsForTheFirstTimer) {
  G *a = host::new_goroutine(), *b = host::new_goroutine();
  i64 soon = os::nanotime() + 3000000, never = soon + 3600000000000;
  host::enter(rt_sleepUntil, &never, b);
  host::enter(rt_sleepUntil, &soon, a);
  EXPECT_EQ(host::wait_ready(), a);
  EXPECT_GE(os::nanotime(), soon);
  EXPECT_TRUE(timer_remove(&b->sleep_timer));
}

TEST_F(TimerTest, RandomRun) {
  std::mt19937 rng(5);
  auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(rng); };
  std::vector<Native> timers(300);
  std::vector<i64> due(timers.size(), -1);  // -1: idle
  i64 now = 0;
  for (int i = 0; i < 40000; ++i) {
    size_t k = below(timers.size());
    switch (below(4)) {
      case 0:
      case 1:
        EXPECT_EQ(timer_remove(&timers[k]), due[k] >= 0);
        timer_add(&timers[k], due[k] = now + i64(below(50)));
        break;
      case 2:
        EXPECT_EQ(timer_remove(&timers[k]), due[k] >= 0);
        due[k] = -1;
        break;
      case 3: {
        ran.clear();
        timers_run(now += i64(below(4)));
        i64 last = 0;
        for (Timer* t : ran) {
          size_t n = size_t(static_cast<Native*>(t) - timers.data());
          ASSERT_GE(due[n], last) << "in order of their times";
          last = due[n];
          ASSERT_LE(due[n], now);
          due[n] = -1;
        }
        for (i64 d : due) ASSERT_TRUE(d < 0 || d > now) << "whatever is due has run";
      }
    }
  }
  timers_run(INT64_MAX);
}
}  // namespace
}  // namespace vole::runtime
