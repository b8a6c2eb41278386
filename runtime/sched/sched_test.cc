// Who runs next, and the life of a goroutine as the scheduler sees it.
#include "sched/sched.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "host/host.h"
#include "mem/heap.h"
#include "sched/wait_queue.h"
#include "stack/stack.h"

namespace vole::runtime {
namespace {
using host::Outcome;
using testing::ExitedWithCode;

class SchedTest : public testing::Test {
 protected:
  void SetUp() override { host::start(); }
  void TearDown() override {
    sched_stress = false;
    EXPECT_EQ(host::next_ready(), nullptr);
  }
  // Goroutines that wait.
  std::vector<G*> waiting(int n) {
    std::vector<G*> v;
    for (int i = 0; i < n; ++i) {
      v.push_back(host::new_goroutine());
      v.back()->status = Status::Waiting;
    }
    return v;
  }
  std::vector<G*> run_all(u32 tick = 1) {
    std::vector<G*> v;
    while (G* g = host::next_ready(tick)) v.push_back(g);
    return v;
  }
  Outcome exit(G* g) {
    return host::enter_untyped([](void*, G* me) { rt_goexit_g0(me); }, nullptr, g);
  }
};

TEST(RunQueue, FirstInFirstOut) {
  std::vector<G> g(50);
  RunQueue q = {};
  std::deque<G*> model;
  std::vector<G*> idle;
  for (G& x : g) idle.push_back(&x);
  std::mt19937 rng(6);
  for (int i = 0; i < 5000; ++i) {
    if (rng() % 2 && !idle.empty()) {
      q.push(idle.back());
      model.push_back(idle.back());
      idle.pop_back();
    } else {
      G* want = model.empty() ? nullptr : model.front();
      ASSERT_EQ(q.pop(), want);
      if (want) model.pop_front(), idle.push_back(want);
    }
    ASSERT_EQ(q.length, model.size());
    ASSERT_EQ(q.head == nullptr, model.empty());
    ASSERT_EQ(q.tail == nullptr, model.empty());
  }
}

TEST(WaitQueue, KeepsItsEnds) {
  host::start();
  std::vector<Sudog*> s;
  for (int i = 0; i < 4; ++i) s.push_back(sudog_new(nullptr));
  // Three are queued in each way and taken out in every order.
  for (u32 front = 0; front < 8; ++front) {
    int order[3] = {0, 1, 2};
    do {
      WaitQueue q = {};
      std::deque<Sudog*> model;
      for (int i = 0; i < 3; ++i) {
        if (front >> i & 1) queue_push_front(q, s[i]), model.push_front(s[i]);
        else queue_push(q, s[i]), model.push_back(s[i]);
      }
      for (int i : order) {
        queue_remove(q, s[i]);
        std::erase(model, s[i]);
        std::vector<Sudog*> forward, backward;
        for (Sudog* x = q.first; x; x = x->next) forward.push_back(x);
        for (Sudog* x = q.last; x; x = x->prev) backward.push_back(x);
        std::reverse(backward.begin(), backward.end());
        ASSERT_EQ(forward, std::vector<Sudog*>(model.begin(), model.end()));
        ASSERT_EQ(backward, forward);
      }
    } while (std::next_permutation(order, order + 3));
  }
  for (Sudog* x : s) sudog_free(x);
}

TEST(WaitQueue, PoolGivesCleanRecords) {
  host::start();
  Sudog* a = sudog_new(nullptr);
  a->ticket = 7;
  a->next = a;
  sudog_free(a);
  G g = {};
  Sudog* b = sudog_new(&g);
  EXPECT_EQ(b, a);
  EXPECT_EQ(b->g, &g);
  EXPECT_EQ(b->ticket, 0u);
  EXPECT_EQ(b->next, nullptr);
  EXPECT_EQ(b->more, nullptr);
  EXPECT_NE(sudog_new(nullptr), b);
}

TEST_F(SchedTest, TheOneWokenLastRunsFirst) {
  auto g = waiting(3);
  for (G* x : g) {
    ready(x);
    EXPECT_EQ(x->status, Status::Runnable);
  }
  EXPECT_EQ(run_all(), (std::vector<G*>{g[2], g[0], g[1]}));
  EXPECT_EQ(g[0]->status, Status::Running);
}

// Two that wake each other must not keep the queue from running.
TEST_F(SchedTest, NowAndThenTheQueueGoesFirst) {
  auto g = waiting(2);
  for (G* x : g) ready(x);
  EXPECT_EQ(host::next_ready(61), g[0]);
  EXPECT_EQ(host::next_ready(62), g[1]);
}

TEST_F(SchedTest, YieldingGoesToTheEnd) {
  auto g = waiting(2);
  G* me = host::new_goroutine();
  for (G* x : g) ready(x);
  EXPECT_EQ(host::enter_untyped(rt_goschedop, nullptr, me), Outcome::Waits);
  EXPECT_EQ(run_all(), (std::vector<G*>{g[1], g[0], me}));
}

TEST_F(SchedTest, RunningEndsARequestToYield) {
  auto g = waiting(1);
  request_preempt(g[0]);
  EXPECT_EQ(g[0]->stackguard0, abi::StackPreempt);
  ready(g[0]);
  EXPECT_EQ(host::next_ready(), g[0]);
  EXPECT_EQ(g[0]->stackguard0, g[0]->stack_lo + abi::StackGuard);
  EXPECT_FALSE(g[0]->preempt);
}

TEST_F(SchedTest, StressRunsEachOnceInRandomOrder) {
  sched_stress = true;
  std::set<std::string> orders;
  bool yields = false;
  for (int round = 0; round < 40; ++round) {
    auto g = waiting(4);
    for (G* x : g) ready(x);
    auto ran = run_all();
    std::string order;
    for (G* x : ran) {
      order += char('0' + (std::find(g.begin(), g.end(), x) - g.begin()));
      yields |= x->stackguard0 == abi::StackPreempt;
    }
    orders.insert(order);
    std::sort(order.begin(), order.end());
    ASSERT_EQ(order, "0123");
  }
  EXPECT_GT(orders.size(), 10u);
  EXPECT_TRUE(yields) << "some turns end at the next function entry";
}

TEST_F(SchedTest, RandomNumbersStayInRange) {
  int seen[7] = {};
  for (int i = 0; i < 7000; ++i) {
    u32 v = random_below(7);
    ASSERT_LT(v, 7u);
    ++seen[v];
  }
  for (int n : seen) EXPECT_NEAR(n, 1000, 150);
  EXPECT_EQ(random_below(1), 0u);
}

TEST_F(SchedTest, RecordsOfTheDeadAreUsedAgain) {
  G* a = host::new_goroutine();
  u64 id = a->goid, lo = a->stack_lo;
  a->locks = 3;
  a->labels = a;
  EXPECT_EQ(all_goroutines, a);
  EXPECT_EQ(exit(a), Outcome::Waits);
  EXPECT_EQ(a->status, Status::Dead);
  EXPECT_NE(all_goroutines, a);
  G* b = host::new_goroutine();
  EXPECT_EQ(b, a);
  EXPECT_GT(b->goid, id);
  EXPECT_EQ(b->stack_lo, lo) << "small stacks stay with the record";
  EXPECT_EQ(b->locks, 0);
  EXPECT_EQ(b->labels, nullptr);
}

TEST_F(SchedTest, GrownStacksAreGivenBack) {
  G* a = host::new_goroutine();
  stack_free(a);
  stack_init(a, 64 << 10);
  u64 lo = a->stack_lo;
  EXPECT_NE(page_heap.span_of(lo), nullptr);
  exit(a);
  EXPECT_EQ(a->stack_lo, 0u);
  EXPECT_EQ(page_heap.span_of(lo), nullptr);
  G* b = host::new_goroutine();
  EXPECT_EQ(b, a);
  EXPECT_EQ(b->stack_size, u64(abi::StackMin));
}

TEST_F(SchedTest, TheListOfAllKnowsWhoLives) {
  G* before = all_goroutines;
  G *a = host::new_goroutine(), *b = host::new_goroutine(), *c = host::new_goroutine();
  exit(b);
  std::vector<G*> list;
  for (G* g = all_goroutines; g != before; g = g->all_next) list.push_back(g);
  EXPECT_EQ(list, (std::vector<G*>{c, a}));
  EXPECT_EQ(a->all_prev, c);
  exit(c);
  EXPECT_EQ(all_goroutines, a);
  EXPECT_EQ(a->all_prev, nullptr);
}

TEST_F(SchedTest, ChildrenInheritFromTheirParents) {
  G* parent = host::new_goroutine();
  parent->labels = &parent;
  parent->fips_bypass = 1;
  G* child = runtime::new_goroutine(&host::function, 0x1234, parent, true);
  EXPECT_EQ(child->parent_goid, parent->goid);
  EXPECT_EQ(child->gopc, 0x1234u);
  EXPECT_EQ(child->labels, &parent);
  EXPECT_EQ(child->fips_bypass, 1);
  EXPECT_EQ(child->sched.pc, host::function.code);
  EXPECT_EQ(child->sched.ctxt, u64(&host::function));
  EXPECT_EQ(child->sched.sp % 16, 8u) << "as after a call";
}

TEST_F(SchedTest, NobodyLeftIsADeadlock) {
  EXPECT_EXIT(host::wait_ready(), ExitedWithCode(2), "^fatal error: all goroutines are asleep - deadlock!\n");
  EXPECT_EXIT(
      {
        main_goroutine = host::new_goroutine();
        exit(main_goroutine);
        host::wait_ready();
      },
      ExitedWithCode(2), "^fatal error: no goroutines \\(main called runtime.Goexit\\) - deadlock!\n");
}

TEST_F(SchedTest, ReasonsToWaitHaveNames) {
  std::set<std::string> names;
  for (u8 w = u8(Wait::ChanReceiveNil); w <= u8(Wait::Preempted); ++w) {
    ASSERT_STRNE(wait_text(Wait(w)), "");
    names.insert(wait_text(Wait(w)));
  }
  EXPECT_EQ(names.size(), size_t(Wait::Preempted) - 1) << "but for two that are shown as syscall";
}

// ---- coroutines ---------------------------------------------------------------------------------
TEST_F(SchedTest, CoroutinesSwitchDirectly) {
  Coro c = {};
  G* me = host::new_goroutine();
  CoroInitArgs init = {&c, &host::function, 0};
  EXPECT_EQ(host::enter(rt_coroinit, &init, me), Outcome::Returned);
  G* other = c.g;
  ASSERT_NE(other, nullptr);
  auto bystander = waiting(1);
  ready(bystander[0]);

  CoroSwapArgs swap = {&c, false};
  EXPECT_EQ(host::enter(rt_coroswap, &swap, me), Outcome::Waits);
  EXPECT_TRUE(swap.ok);
  EXPECT_EQ(host::switched_to(), other) << "before anybody who is ready";
  EXPECT_EQ(me->wait, Wait::Coroutine);
  EXPECT_EQ(c.g, me);
  EXPECT_EQ(host::enter(rt_coroswap, &swap, other), Outcome::Waits);
  EXPECT_EQ(host::switched_to(), me);
  EXPECT_EQ(host::enter(rt_coroswap, &swap, me), Outcome::Waits);

  Coro* done = &c;
  EXPECT_EQ(host::enter(rt_coroexit, &done, other), Outcome::Waits);
  EXPECT_EQ(host::switched_to(), me);
  EXPECT_EQ(other->status, Status::Dead);
  EXPECT_EQ(host::enter(rt_coroswap, &swap, me), Outcome::Returned);
  EXPECT_FALSE(swap.ok) << "it is over";
  EXPECT_EQ(host::next_ready(), bystander[0]);
}
}  // namespace
}  // namespace vole::runtime
