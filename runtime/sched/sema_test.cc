// Semaphores and condition lists: who waits for what address, who is woken, in which order.
#include "sched/sema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "host/host.h"

namespace vole::runtime {
namespace {
using host::Outcome;

class SemaTest : public testing::Test {
 protected:
  void SetUp() override { host::start(); }
  void TearDown() override { EXPECT_EQ(host::next_ready(), nullptr); }
  Outcome acquire(G* g, u32& sema, bool lifo = false, Wait why = Wait::Semacquire) {
    SemaAcquireArgs a = {&sema, lifo, u8(why)};
    return host::enter(rt_semacquireop, &a, g);
  }
  Outcome release(G* g, u32& sema, bool handoff = false) {
    SemaReleaseArgs a = {&sema, handoff};
    return host::enter(rt_semreleaseop, &a, g);
  }
  Outcome wait(G* g, NotifyList& l) {
    NotifyWaitArgs a = {&l, l.wait.add(1) - 1};
    return host::enter(rt_notifyListWaitop, &a, g);
  }
  void notify_one(NotifyList& l) {
    NotifyList* a = &l;
    EXPECT_EQ(host::enter(rt_notifyListNotifyOneop, &a, me), Outcome::Returned);
  }
  void notify_all(NotifyList& l) {
    NotifyList* a = &l;
    EXPECT_EQ(host::enter(rt_notifyListNotifyAllop, &a, me), Outcome::Returned);
  }
  G *me = host::new_goroutine(), *a = host::new_goroutine(), *b = host::new_goroutine(),
    *c = host::new_goroutine();
};
using NotifyTest = SemaTest;

TEST_F(SemaTest, CountsDownThenWaits) {
  u32 sema = 2;
  EXPECT_EQ(acquire(a, sema), Outcome::Returned);
  EXPECT_EQ(acquire(a, sema), Outcome::Returned);
  EXPECT_EQ(sema, 0u);
  EXPECT_EQ(acquire(a, sema, false, Wait::MutexLock), Outcome::Waits);
  EXPECT_EQ(a->wait, Wait::MutexLock);
  EXPECT_EQ(release(me, sema), Outcome::Returned);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(sema, 0u) << "the count went to the waiter";
  release(me, sema);
  EXPECT_EQ(sema, 1u) << "nobody waits";
}

TEST_F(SemaTest, FirstComeFirstServedUnlessLifo) {
  u32 sema = 0;
  acquire(a, sema);
  acquire(b, sema);
  acquire(c, sema, true);
  for (G* g : {c, a, b}) {
    release(me, sema);
    EXPECT_EQ(host::next_ready(), g);
  }
  // The list's ends are right after an insertion at the front of an empty and of a filled one.
  acquire(a, sema, true);
  acquire(b, sema, true);
  acquire(c, sema);
  for (G* g : {b, a, c}) {
    release(me, sema);
    EXPECT_EQ(host::next_ready(), g);
  }
}

// More semaphores than buckets: waiters of others in the same bucket are passed over.
TEST_F(SemaTest, AddressesDoNotMixInBuckets) {
  std::vector<u32> semas(2000);
  std::vector<G*> waiting;
  for (u32& s : semas) {
    waiting.push_back(host::new_goroutine());
    EXPECT_EQ(acquire(waiting.back(), s), Outcome::Waits);
  }
  std::vector<size_t> order(semas.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937(3));
  for (size_t i : order) {
    release(me, semas[i]);
    ASSERT_EQ(host::next_ready(), waiting[i]);
    ASSERT_EQ(host::next_ready(), nullptr);
  }
}

TEST_F(SemaTest, HandoffLetsTheWaiterRunAtOnce) {
  u32 sema = 0;
  acquire(a, sema);
  EXPECT_EQ(release(me, sema, true), Outcome::Waits) << "the releaser gives way";
  EXPECT_EQ(me->status, Status::Runnable);
  EXPECT_EQ(host::next_ready(), a);
  EXPECT_EQ(host::next_ready(), me);
  EXPECT_EQ(release(me, sema, true), Outcome::Returned) << "nobody waits";
  sema = 0;
  acquire(a, sema);
  me->locks = 1;
  EXPECT_EQ(release(me, sema, true), Outcome::Returned) << "who holds locks does not yield";
  me->locks = 0;
  EXPECT_EQ(host::next_ready(), a);
}

TEST_F(SemaTest, RandomRun) {
  std::mt19937 rng(4);
  auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(rng); };
  std::vector<u32> semas(40);
  std::map<u32*, std::deque<G*>> waiting;
  std::map<u32*, u32> count;
  std::vector<G*> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(host::new_goroutine());
  for (int i = 0; i < 20000; ++i) {
    u32& s = semas[below(semas.size())];
    auto& queue = waiting[&s];
    if (below(2) && !idle.empty()) {
      G* g = idle.back();
      bool lifo = below(4) == 0;
      Outcome o = acquire(g, s, lifo);
      ASSERT_EQ(o, count[&s] ? Outcome::Returned : Outcome::Waits);
      if (o == Outcome::Returned) {
        --count[&s];
        continue;
      }
      idle.pop_back();
      lifo ? queue.push_front(g) : queue.push_back(g);
    } else {
      release(me, s);
      G* want = queue.empty() ? nullptr : queue.front();
      ASSERT_EQ(host::next_ready(), want);
      if (want) {
        queue.pop_front();
        idle.push_back(want);
      } else {
        ++count[&s];
      }
    }
    ASSERT_EQ(s, count[&s]);
  }
}

TEST_F(NotifyTest, OneAtATimeInTheOrderOfTickets) {
  NotifyList l = {};
  for (G* g : {a, b, c}) {
    EXPECT_EQ(wait(g, l), Outcome::Waits);
    EXPECT_EQ(g->wait, Wait::CondWait);
  }
  for (G* g : {a, b, c}) {
    notify_one(l);
    EXPECT_EQ(host::next_ready(), g);
    EXPECT_EQ(host::next_ready(), nullptr);
  }
  notify_one(l);
  EXPECT_EQ(wait(a, l), Outcome::Waits) << "a notification before it is not remembered";
  notify_one(l);
  EXPECT_EQ(host::next_ready(), a);
}

TEST_F(NotifyTest, AllAtOnce) {
  NotifyList l = {};
  for (G* g : {a, b, c}) wait(g, l);
  notify_all(l);
  std::vector<G*> woken;
  while (G* g = host::next_ready()) woken.push_back(g);
  std::sort(woken.begin(), woken.end());
  std::vector<G*> want = {a, b, c};
  std::sort(want.begin(), want.end());
  EXPECT_EQ(woken, want);
  EXPECT_EQ(l.head, nullptr);
  EXPECT_EQ(l.tail, nullptr);
  wait(a, l);
  notify_one(l);
  EXPECT_EQ(host::next_ready(), a);
}

// A ticket drawn before the notification but queued after it does not wait.
TEST_F(NotifyTest, NotifiedBetweenTicketAndWait) {
  NotifyList l = {};
  NotifyWaitArgs late = {&l, l.wait.add(1) - 1};
  notify_all(l);
  EXPECT_EQ(host::enter(rt_notifyListWaitop, &late, a), Outcome::Returned);
  late.ticket = l.wait.add(1) - 1;
  notify_one(l);
  EXPECT_EQ(host::enter(rt_notifyListWaitop, &late, a), Outcome::Returned);
}

// Goroutines may reach the list in another order than their tickets'.
TEST_F(NotifyTest, TicketsOutOfOrder) {
  NotifyList l = {};
  l.wait.store(3);
  NotifyWaitArgs w[3] = {{&l, 2}, {&l, 0}, {&l, 1}};
  G* g[3] = {a, b, c};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(host::enter(rt_notifyListWaitop, &w[i], g[i]), Outcome::Waits);
  for (G* want : {b, c, a}) {
    notify_one(l);
    EXPECT_EQ(host::next_ready(), want);
  }
  EXPECT_EQ(l.tail, nullptr);
}

TEST_F(NotifyTest, TicketsWrapAround) {
  NotifyList l = {};
  l.wait.store(~u32(0));
  l.notify = ~u32(0);
  wait(a, l);
  wait(b, l);
  EXPECT_EQ(l.wait.load(), 1u);
  notify_one(l);
  EXPECT_EQ(host::next_ready(), a);
  notify_one(l);
  EXPECT_EQ(host::next_ready(), b);
  EXPECT_EQ(l.notify, 1u);
}
}  // namespace
}  // namespace vole::runtime
