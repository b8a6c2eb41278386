// Bubbles: when their clock moves, who is told that all others are blocked, how a run ends.
#include "sched/synctest.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "host/host.h"
#include "sched/chan.h"
#include "sched/sched.h"
#include "sched/sema.h"
#include "sched/timer.h"

namespace vole::runtime {
namespace {
using host::Outcome;
constexpr i64 kStart = 946684800000000000;
constexpr i64 kHour = 3600000000000;

class BubbleTest : public testing::Test {
 protected:
  void SetUp() override {
    bool ok = false;
    host::enter(rt_synctestBegin, &ok, root);
    ASSERT_TRUE(ok);
    b = root->bubble;
  }
  void TearDown() override { EXPECT_EQ(host::next_ready(), nullptr); }
  // As `go` makes one in the bubble; it runs already.
  G* child() {
    G* g = host::new_goroutine();
    g->status = Status::Waiting;
    bubble_add(b, g);
    ready(g);
    EXPECT_EQ(host::next_ready(), g);
    return g;
  }
  Outcome sleep(G* g, i64 d) {
    i64 when = b->now + d;
    return host::enter(rt_sleepUntil, &when, g);
  }
  Outcome wait(G* g, i64& result) { return host::enter(rt_synctestWait, &result, g); }
  Outcome receive(G* g, Chan& c) {
    args.push_back(std::make_unique<ChanArgs>(ChanArgs{&c, nullptr, true, {}}));
    return host::enter(rt_chanrecvop, args.back().get(), g);
  }
  Outcome send(G* g, Chan& c) {
    args.push_back(std::make_unique<ChanArgs>(ChanArgs{&c, nullptr, true, {}}));
    return host::enter(rt_chansendop, args.back().get(), g);
  }
  Outcome end(i64& left) { return host::enter(rt_synctestEnd, &left, root); }
  Outcome exit(G* g) {
    return host::enter_untyped([](void*, G* me) { bubble_remove(me), park(me, Wait::Stopped); }, nullptr, g);
  }
  G* root = host::new_goroutine();
  Bubble* b;
  std::vector<std::unique_ptr<ChanArgs>> args;
};

TEST_F(BubbleTest, StartsIn2000AndDoesNotNest) {
  EXPECT_EQ(b->now, kStart);
  i64 now = 0;
  host::enter(rt_synctestNow, &now, root);
  EXPECT_EQ(now, kStart);
  bool ok = true;
  host::enter(rt_synctestBegin, &ok, root);
  EXPECT_FALSE(ok);
  EXPECT_EQ(b->total, 1u);
  EXPECT_EQ(b->active, 1u);
}

TEST_F(BubbleTest, SleepTakesNoTimeOutside) {
  EXPECT_EQ(sleep(root, kHour), Outcome::Waits);
  EXPECT_EQ(host::next_ready(), root);
  EXPECT_EQ(b->now, kStart + kHour);
  EXPECT_EQ(b->active, 1u);
}

TEST_F(BubbleTest, TimeStandsWhileSomebodyRuns) {
  G *a = child(), *c = child();
  EXPECT_EQ(b->active, 3u);
  sleep(a, 2 * kHour);
  sleep(c, kHour);
  EXPECT_EQ(b->now, kStart);
  sleep(root, 3 * kHour);
  EXPECT_EQ(host::next_ready(), c);
  EXPECT_EQ(host::next_ready(), nullptr);
  EXPECT_EQ(b->now, kStart + kHour);
  sleep(c, 3 * kHour);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(b->now, kStart + 2 * kHour);
  exit(a);
  EXPECT_EQ(host::next_ready(), root);
  EXPECT_EQ(b->total, 2u);
  sleep(root, 5 * kHour);
  EXPECT_EQ(host::next_ready(), c);
}

TEST_F(BubbleTest, AllTimersOfAnInstantFire) {
  G *a = child(), *c = child();
  sleep(a, 10);
  sleep(c, 10);
  sleep(root, 11);
  G *first = host::next_ready(), *second = host::next_ready();
  EXPECT_TRUE((first == a && second == c) || (first == c && second == a));
  EXPECT_EQ(host::next_ready(), nullptr);
  EXPECT_EQ(b->now, kStart + 10);
}

TEST_F(BubbleTest, WaitReturnsWhenAllOthersAreBlocked) {
  G* a = child();
  i64 result = -1;
  EXPECT_EQ(wait(root, result), Outcome::Waits);
  EXPECT_EQ(host::next_ready(), nullptr);
  sleep(a, kHour);
  EXPECT_EQ(host::next_ready(), root);
  EXPECT_EQ(result, 0);
  EXPECT_EQ(b->now, kStart) << "who waits goes before time";
  EXPECT_EQ(wait(root, result), Outcome::Returned) << "all others are blocked already";
}

TEST_F(BubbleTest, OneWaiterAtATimeAndOnlyInside) {
  G* a = child();
  G* c = child();
  i64 result = -1;
  EXPECT_EQ(wait(root, result), Outcome::Waits);
  EXPECT_EQ(wait(a, result), Outcome::Returned);
  EXPECT_EQ(result, 2);
  G* outside = host::new_goroutine();
  EXPECT_EQ(wait(outside, result), Outcome::Returned);
  EXPECT_EQ(result, 1);
  exit(a);
  exit(c);
  EXPECT_EQ(host::next_ready(), root);
}

// A goroutine that something outside can wake is not durably blocked.
TEST_F(BubbleTest, ForeignChannelsHoldTimeUp) {
  G *a = child(), *outside = host::new_goroutine();
  Chan foreign = {};
  EXPECT_EQ(receive(a, foreign), Outcome::Waits);
  sleep(root, kHour);
  EXPECT_EQ(host::next_ready(), nullptr);
  EXPECT_EQ(b->now, kStart);
  EXPECT_EQ(b->active, 1u);
  send(outside, foreign);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(b->active, 1u);
  exit(a);
  EXPECT_EQ(host::next_ready(), root);
}

TEST_F(BubbleTest, ChannelsOfTheBubbleDoNot) {
  G* a = child();
  Chan own = {}, *p = &own;
  rt_chaninit(&p, root);
  EXPECT_EQ(own.bubble, b);
  receive(a, own);
  EXPECT_EQ(b->active, 1u);
  sleep(root, kHour);
  EXPECT_EQ(host::next_ready(), root);
  EXPECT_EQ(send(root, own), Outcome::Returned);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(b->active, 2u);
}

TEST_F(BubbleTest, MutexesAreNotDurableConditionsAre) {
  G* a = child();
  u32 sema = 0;
  SemaAcquireArgs lock = {&sema, false, u8(Wait::MutexLock)};
  host::enter(rt_semacquireop, &lock, a);
  EXPECT_EQ(b->active, 2u);
  SemaReleaseArgs unlock = {&sema, false};
  host::enter(rt_semreleaseop, &unlock, root);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(b->active, 2u);
  NotifyList l = {};
  NotifyWaitArgs cond = {&l, 0};
  l.wait.store(1);
  host::enter(rt_notifyListWaitop, &cond, a);
  EXPECT_EQ(b->active, 1u);
  NotifyList* p = &l;
  host::enter(rt_notifyListNotifyOneop, &p, root);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(b->active, 2u);
}

TEST_F(BubbleTest, TimersOfTheBubbleAreItsOwn) {
  Timer t = {};
  t.native = true;
  t.bubble = b;
  static int fired;
  fired = 0;
  t.native_fn = [](Timer*) { ++fired; };
  timer_add(&t, kStart + 5);
  timers_run(INT64_MAX);
  EXPECT_EQ(fired, 0) << "the clock outside does not count";
  EXPECT_TRUE(timer_remove(&t));
  EXPECT_EQ(b->timers, nullptr);
  timer_add(&t, kStart + 5);
  sleep(root, 10);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(host::next_ready(), root);
  timer_add(&t, b->now);
  EXPECT_EQ(fired, 2) << "due at once: the clock stands while goroutines run";
}

TEST_F(BubbleTest, TimersAreSortedAndTakenOutAnywhere) {
  Timer t[5] = {};
  i64 when[5] = {30, 10, 20, 10, 40};
  for (int i = 0; i < 5; ++i) {
    t[i].native = true;
    t[i].bubble = b;
    timer_add(&t[i], kStart + when[i]);
  }
  auto times = [&] {
    std::vector<i64> v;
    for (Timer* x = b->timers; x; x = x->next) v.push_back(x->when - kStart);
    return v;
  };
  EXPECT_EQ(times(), (std::vector<i64>{10, 10, 20, 30, 40}));
  timer_remove(&t[4]);
  timer_remove(&t[2]);
  timer_remove(&t[1]);
  EXPECT_EQ(times(), (std::vector<i64>{10, 30}));
  timer_remove(&t[3]);
  timer_remove(&t[0]);
  EXPECT_EQ(b->timers, nullptr);
}

TEST_F(BubbleTest, EndsWhenAllAreGone) {
  G* a = child();
  i64 left = 0;
  EXPECT_EQ(end(left), Outcome::Waits);
  EXPECT_EQ(left, -1);
  host::enter_untyped(rt_synctestRootDone, nullptr, a);
  exit(a);
  EXPECT_EQ(host::next_ready(), root);
  EXPECT_EQ(end(left), Outcome::Returned);
  EXPECT_EQ(left, 0);
}

TEST_F(BubbleTest, CountsWhoIsLeftBlocked) {
  for (bool body_done : {false, true}) {
    Chan own = {};
    own.bubble = b;
    G *a = child(), *c = child();
    i64 left = 0;
    EXPECT_EQ(end(left), Outcome::Waits);
    receive(a, own);
    if (body_done) host::enter_untyped(rt_synctestRootDone, nullptr, c);
    receive(c, own);
    EXPECT_EQ(host::next_ready(), root);
    EXPECT_EQ(end(left), Outcome::Returned);
    EXPECT_EQ(left, body_done ? 4 : 5);
    if (!body_done) {
      // The second half runs in a new bubble.
      host::enter_untyped(rt_synctestLeave, nullptr, root);
      SetUp();
    }
  }
}

// Timers that nobody waits for do not keep a bubble whose function is done.
TEST_F(BubbleTest, TimersAreNotWaitedForAfterTheFunction) {
  Timer t = {};
  t.native = true;
  t.bubble = b;
  t.native_fn = [](Timer*) { FAIL(); };
  timer_add(&t, kStart + 5);
  G* a = child();
  i64 left = 0;
  end(left);
  host::enter_untyped(rt_synctestRootDone, nullptr, a);
  exit(a);
  EXPECT_EQ(host::next_ready(), root);
  EXPECT_EQ(end(left), Outcome::Returned);
  EXPECT_EQ(left, 0);
}

TEST_F(BubbleTest, GoroutinesOutsideCanJoin) {
  G* outside = host::new_goroutine();
  JoinArgs join = {b, nullptr};
  host::enter(rt_synctestJoin, &join, outside);
  EXPECT_EQ(join.old, nullptr);
  EXPECT_EQ(outside->bubble, b);
  EXPECT_EQ(b->active, 2u);
  sleep(root, kHour);
  EXPECT_EQ(host::next_ready(), nullptr);
  join = {nullptr, nullptr};
  host::enter(rt_synctestJoin, &join, outside);
  EXPECT_EQ(join.old, b);
  EXPECT_EQ(host::next_ready(), root) << "its leaving let time pass";
  EXPECT_EQ(b->total, 1u);
}
}  // namespace
}  // namespace vole::runtime
