// Channels: what each operation finds, what it leaves behind, who is woken and in which order. The last test
// compares long random runs of operations with a model that keeps values and waiters in plain lists.
#include "sched/chan.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "host/host.h"
#include "sched/synctest.h"

namespace vole::runtime {
namespace {
using enum ChanResult;
using host::Outcome;

constinit Type word = {.size = 8};

struct Channel : Chan {
  explicit Channel(u64 room) : Chan{}, slots(room + 1) {
    cap = room;
    buf = reinterpret_cast<u8*>(slots.data());
    elem_size = 8;
    elem_type = &word;
    slots[room] = kBeyond;
  }
  ~Channel() { EXPECT_EQ(slots[cap], kBeyond) << "written behind the buffer"; }
  static constexpr u64 kBeyond = 0xbe404d;
  std::vector<u64> slots;
};

// A goroutine with the argument blocks of its operation, which live as long as it waits.
struct Worker {
  G* g = host::new_goroutine();
  u64 value = 0;
  ChanArgs op = {};
  Outcome send(Chan& c, u64 v, bool block = true) {
    value = v;
    op = {&c, &value, block, PanicClosed};
    return host::enter(rt_chansendop, &op, g);
  }
  Outcome receive(Chan& c, bool block = true) {
    value = ~u64(0);
    op = {&c, &value, block, PanicClosed};
    return host::enter(rt_chanrecvop, &op, g);
  }
  i64 close(Chan& c) {
    CloseArgs a = {&c, -1};
    EXPECT_EQ(host::enter(rt_chancloseop, &a, g), Outcome::Returned);
    return a.result;
  }
};

struct SelectWorker {
  G* g = host::new_goroutine();
  std::vector<SelectCase> cases;
  std::vector<u16> order;
  SelectArgs a = {};
  Outcome select(std::vector<SelectCase> sends, std::vector<SelectCase> recvs, bool block = true) {
    cases = sends;
    cases.insert(cases.end(), recvs.begin(), recvs.end());
    order.assign(cases.size(), 0xffff);
    a = {cases.data(), order.data(), i64(sends.size()), i64(recvs.size()), block, -7, PanicClosed};
    return host::enter(rt_selectop, &a, g);
  }
};

bool idle(const Chan& c) {
  return !c.receivers.first && !c.receivers.last && !c.senders.first && !c.senders.last;
}

class ChanTest : public testing::Test {
 protected:
  void SetUp() override { host::start(); }
  void TearDown() override {
    EXPECT_EQ(host::next_ready(), nullptr) << "somebody was woken whom the test did not expect";
  }
};
using SelectTest = ChanTest;

TEST_F(ChanTest, BufferKeepsOrderAroundItsEnd) {
  Channel c(3);
  Worker w;
  u64 in = 0, out = 0;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(w.send(c, in++), Outcome::Returned);
      EXPECT_EQ(w.op.result, Done);
    }
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(w.receive(c), Outcome::Returned);
      EXPECT_EQ(w.op.result, Done);
      EXPECT_EQ(w.value, out++);
    }
  }
}

TEST_F(ChanTest, WithoutBlockingNothingWaits) {
  Channel c(1);
  Worker w;
  EXPECT_EQ(w.receive(c, false), Outcome::Returned);
  EXPECT_EQ(w.op.result, WouldBlock);
  EXPECT_EQ(w.send(c, 1, false), Outcome::Returned);
  EXPECT_EQ(w.op.result, Done);
  EXPECT_EQ(w.send(c, 2, false), Outcome::Returned);
  EXPECT_EQ(w.op.result, WouldBlock);
  EXPECT_EQ(c.count, 1u);
  EXPECT_TRUE(idle(c));
}

// A slot that has been read must not keep what its pointers point to.
TEST_F(ChanTest, ReadSlotsAreCleared) {
  Channel c(2);
  Worker w;
  w.send(c, 77);
  w.receive(c);
  EXPECT_EQ(w.value, 77u);
  EXPECT_EQ(c.slots[0], 0u);
}

TEST_F(ChanTest, ReceiverTakesTheValueFromTheSender) {
  Channel c(0);
  Worker r, s;
  EXPECT_EQ(r.receive(c), Outcome::Waits);
  EXPECT_EQ(r.g->status, Status::Waiting);
  EXPECT_EQ(r.g->wait, Wait::ChanReceive);
  EXPECT_EQ(s.send(c, 5), Outcome::Returned);
  EXPECT_EQ(s.op.result, Done);
  EXPECT_EQ(r.value, 5u);
  EXPECT_EQ(r.op.result, Done);
  EXPECT_EQ(host::next_ready(), r.g);
  EXPECT_TRUE(idle(c));
}

TEST_F(ChanTest, WaitersAreServedInTheOrderTheyCame) {
  Channel c(0);
  Worker s[3], r;
  for (u64 i = 0; i < 3; ++i) EXPECT_EQ(s[i].send(c, 10 + i), Outcome::Waits);
  EXPECT_EQ(s[0].g->wait, Wait::ChanSend);
  for (u64 i = 0; i < 3; ++i) {
    EXPECT_EQ(r.receive(c), Outcome::Returned);
    EXPECT_EQ(r.value, 10 + i);
    EXPECT_EQ(host::next_ready(), s[i].g);
  }
}

// A full buffer with waiting senders: the oldest value is received and the first sender's takes the place
// that became free.
TEST_F(ChanTest, WaitingSenderFillsTheFreedSlot) {
  Channel c(2);
  Worker s[4], r;
  for (u64 i = 0; i < 4; ++i) EXPECT_EQ(s[i].send(c, i), i < 2 ? Outcome::Returned : Outcome::Waits);
  for (u64 i = 0; i < 4; ++i) {
    EXPECT_EQ(r.receive(c), Outcome::Returned);
    EXPECT_EQ(r.value, i);
    EXPECT_EQ(c.count, i < 2 ? 2 : 3 - i);
    if (i < 2) EXPECT_EQ(host::next_ready(), s[i + 2].g);
  }
}

TEST_F(ChanTest, CloseWakesReceiversThenSenders) {
  Channel c(0);
  Worker a, b, closer;
  a.receive(c);
  b.receive(c);
  EXPECT_EQ(closer.close(c), 0);
  for (Worker* w : {&a, &b}) {
    EXPECT_EQ(w->op.result, DoneClosed);
    EXPECT_EQ(w->value, 0u) << "the receiver's variable is zeroed";
  }
  EXPECT_TRUE(idle(c));
  // The one woken last runs first, the others in order.
  EXPECT_EQ(host::next_ready(), b.g);
  EXPECT_EQ(host::next_ready(), a.g);

  Channel d(0);
  a.send(d, 1);
  EXPECT_EQ(closer.close(d), 0);
  EXPECT_EQ(a.op.result, PanicClosed);
  EXPECT_EQ(host::next_ready(), a.g);
}

TEST_F(ChanTest, ClosedChannelGivesWhatItHoldsThenZeros) {
  Channel c(2);
  Worker w;
  w.send(c, 1);
  w.send(c, 2);
  EXPECT_EQ(w.close(c), 0);
  for (u64 want : {1, 2}) {
    EXPECT_EQ(w.receive(c), Outcome::Returned);
    EXPECT_EQ(w.op.result, Done);
    EXPECT_EQ(w.value, want);
  }
  EXPECT_EQ(w.receive(c), Outcome::Returned);
  EXPECT_EQ(w.op.result, DoneClosed);
  EXPECT_EQ(w.value, 0u);
  EXPECT_EQ(w.send(c, 3), Outcome::Returned);
  EXPECT_EQ(w.op.result, PanicClosed);
  EXPECT_EQ(w.close(c), 1);
}

TEST_F(ChanTest, NilChannelWaitsForEver) {
  Worker w;
  w.op = {nullptr, nullptr, false, Done};
  EXPECT_EQ(host::enter(rt_chansendop, &w.op, w.g), Outcome::Returned);
  EXPECT_EQ(w.op.result, WouldBlock);
  w.op.block = true;
  EXPECT_EQ(host::enter(rt_chansendop, &w.op, w.g), Outcome::Waits);
  EXPECT_EQ(w.g->wait, Wait::ChanSendNil);
  EXPECT_EQ(host::enter(rt_chanrecvop, &w.op, w.g), Outcome::Waits);
  EXPECT_EQ(w.g->wait, Wait::ChanReceiveNil);
}

TEST_F(ChanTest, ResultMayBeDiscarded) {
  Channel c(1);
  Worker w, s;
  w.send(c, 4);
  w.op = {&c, nullptr, true, PanicClosed};
  EXPECT_EQ(host::enter(rt_chanrecvop, &w.op, w.g), Outcome::Returned);
  EXPECT_EQ(w.op.result, Done);
  EXPECT_EQ(c.count, 0u);
  EXPECT_EQ(host::enter(rt_chanrecvop, &w.op, w.g), Outcome::Waits);
  s.send(c, 5);
  EXPECT_EQ(w.op.result, Done);
  EXPECT_EQ(host::next_ready(), w.g);
}

TEST_F(ChanTest, DiscardEmptiesTheBuffer) {
  Channel c(3);
  Worker w;
  EXPECT_FALSE(chan_discard(&c));
  w.send(c, 1);
  w.send(c, 2);
  EXPECT_TRUE(chan_discard(&c));
  EXPECT_EQ(c.count, 0u);
  EXPECT_EQ(c.slots[0] | c.slots[1], 0u);
  w.send(c, 3);
  w.receive(c);
  EXPECT_EQ(w.value, 3u);
}

TEST_F(ChanTest, ForeignBubbleIsRefused) {
  Bubble bubble = {};
  Channel c(1);
  c.bubble = &bubble;
  Worker w;
  w.send(c, 1);
  EXPECT_EQ(w.op.result, PanicForeignBubble);
  w.receive(c);
  EXPECT_EQ(w.op.result, PanicForeignBubble);
  EXPECT_EQ(w.close(c), 2);
  EXPECT_EQ(c.count, 0u);
  EXPECT_FALSE(c.closed);
}

TEST_F(SelectTest, TakesTheReadyCase) {
  Channel a(1), b(1), full(1);
  Worker w;
  w.send(b, 9);
  w.send(full, 1);
  u64 from_a = 0, from_b = 0, to_full = 5;
  SelectWorker s;
  EXPECT_EQ(s.select({{&full, &to_full}}, {{&a, &from_a}, {&b, &from_b}}), Outcome::Returned);
  EXPECT_EQ(s.a.index, 2);
  EXPECT_EQ(s.a.result, Done);
  EXPECT_EQ(from_b, 9u);
}

TEST_F(SelectTest, DefaultWhenNothingIsReady) {
  Channel a(0);
  u64 v = 0;
  SelectWorker s;
  EXPECT_EQ(s.select({{&a, &v}}, {{&a, &v}, {nullptr, &v}}, false), Outcome::Returned);
  EXPECT_EQ(s.a.index, -1);
  EXPECT_TRUE(idle(a));
}

TEST_F(SelectTest, OneWakerEndsAllWaits) {
  Channel a(0), b(0), c(0);
  u64 va = 0, vb = 0, vc = 3;
  SelectWorker s;
  EXPECT_EQ(s.select({{&c, &vc}}, {{&a, &va}, {&b, &vb}}), Outcome::Waits);
  EXPECT_EQ(s.g->wait, Wait::Select);
  Worker w;
  EXPECT_EQ(w.send(b, 8), Outcome::Returned);
  EXPECT_EQ(s.a.index, 2);
  EXPECT_EQ(s.a.result, Done);
  EXPECT_EQ(vb, 8u);
  EXPECT_TRUE(idle(a) && idle(b) && idle(c));
  EXPECT_EQ(host::next_ready(), s.g);
}

// Both directions of one channel in one select: it must not meet itself.
TEST_F(SelectTest, SameChannelTwice) {
  Channel c(0);
  u64 in = 0, out = 4;
  SelectWorker s;
  EXPECT_EQ(s.select({{&c, &out}, {&c, &out}}, {{&c, &in}}), Outcome::Waits);
  Worker w;
  EXPECT_EQ(w.receive(c), Outcome::Returned);
  EXPECT_EQ(w.value, 4u);
  EXPECT_LT(s.a.index, 2);
  EXPECT_TRUE(idle(c));
  EXPECT_EQ(host::next_ready(), s.g);
}

TEST_F(SelectTest, CloseReachesAWaitingSelect) {
  Channel a(0), b(0);
  u64 v = 7;
  SelectWorker s;
  Worker w;
  s.select({{&a, &v}}, {{&b, &v}});
  EXPECT_EQ(w.close(a), 0);
  EXPECT_EQ(s.a.index, 0);
  EXPECT_EQ(s.a.result, PanicClosed);
  EXPECT_TRUE(idle(b));
  EXPECT_EQ(host::next_ready(), s.g);
}

TEST_F(SelectTest, NilChannelsAloneWaitForEver) {
  u64 v = 0;
  SelectWorker s;
  EXPECT_EQ(s.select({{nullptr, &v}}, {{nullptr, &v}}), Outcome::Waits);
  EXPECT_EQ(s.g->wait, Wait::SelectNoCases);
}

TEST_F(SelectTest, ReadyCasesAreChosenEvenly) {
  Channel c[4] = {Channel(1), Channel(1), Channel(1), Channel(1)};
  Worker w;
  u64 v[4];
  int taken[4] = {};
  SelectWorker s;
  constexpr int kRounds = 4000;
  for (int i = 0; i < kRounds; ++i) {
    for (Channel& x : c) w.send(x, 1, false);
    EXPECT_EQ(s.select({}, {{&c[0], v}, {&c[1], v + 1}, {&c[2], v + 2}, {&c[3], v + 3}}), Outcome::Returned);
    ++taken[s.a.index];
  }
  for (int n : taken) EXPECT_NEAR(n, kRounds / 4, 150);
}

// ---- a model ------------------------------------------------------------------------------------
// What the language says of channels, with lists. Each waiting operation has a number; a select is one number
// in several lists.
struct Model {
  struct Waiting {
    int op;
    u64 value;  // to send
    i64 index;  // of the case
  };
  struct Ch {
    u64 cap;
    bool closed = false;
    std::deque<u64> values;
    std::deque<Waiting> senders, receivers;
  };
  struct End {
    ChanResult result;
    u64 value;
    i64 index;
  };
  std::vector<Ch> channels;
  std::map<int, End> ended;  // operations that others ended since the last look

  void finish(Waiting w, ChanResult r, u64 value) {
    ended[w.op] = {r, value, w.index};
    for (Ch& c : channels)
      for (auto* list : {&c.senders, &c.receivers})
        std::erase_if(*list, [&](Waiting& x) { return x.op == w.op; });
  }
  ChanResult send(int ch, u64 v) {
    Ch& c = channels[ch];
    if (c.closed) return PanicClosed;
    if (!c.receivers.empty()) return finish(Waiting(c.receivers.front()), Done, v), Done;
    if (c.values.size() == c.cap) return WouldBlock;
    c.values.push_back(v);
    return Done;
  }
  ChanResult receive(int ch, u64& v) {
    Ch& c = channels[ch];
    if (c.values.empty() && c.senders.empty())
      return v = c.closed ? 0 : v, c.closed ? DoneClosed : WouldBlock;
    if (!c.senders.empty()) {
      Waiting w = c.senders.front();
      c.values.push_back(w.value);
      finish(w, Done, 0);
    }
    v = c.values.front();
    c.values.pop_front();
    return Done;
  }
  void close(int ch) {
    Ch& c = channels[ch];
    c.closed = true;
    while (!c.receivers.empty()) finish(Waiting(c.receivers.front()), DoneClosed, 0);
    while (!c.senders.empty()) finish(Waiting(c.senders.front()), PanicClosed, 0);
  }
};

class RandomRun {
 public:
  explicit RandomRun(u32 seed) : rng_(seed) {
    for (u64 cap : {0, 0, 1, 3}) {
      channels_.push_back(std::make_unique<Channel>(cap));
      model_.channels.push_back({cap});
    }
  }
  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      switch (below(8)) {
        case 0:
        case 1:
        case 2: one(true); break;
        case 3:
        case 4:
        case 5: one(false); break;
        case 6: select(); break;
        case 7:
          if (below(40) == 0) close();
      }
      check_ended();
    }
    for (size_t i = 0; i < channels_.size(); ++i) close_channel(int(i));
    check_ended();
    EXPECT_TRUE(waiting_.empty());
  }

 private:
  struct Op {
    Worker worker;
    SelectWorker select;
    bool is_select = false, receives = false;
    std::vector<u64> values;
  };
  u32 below(u32 n) { return std::uniform_int_distribution<u32>(0, n - 1)(rng_); }

  void one(bool sending) {
    int ch = int(below(4));
    bool block = below(4) != 0;
    auto op = std::make_unique<Op>();
    u64 v = ++last_value_, got = ~u64(0);
    ChanResult want = sending ? model_.send(ch, v) : model_.receive(ch, got);
    Outcome o =
        sending ? op->worker.send(*channels_[ch], v, block) : op->worker.receive(*channels_[ch], block);
    EXPECT_EQ(op->worker.op.result, want);
    EXPECT_EQ(o, want == WouldBlock && block ? Outcome::Waits : Outcome::Returned);
    if (!sending) EXPECT_EQ(op->worker.value, got);
    if (o == Outcome::Returned) return;
    auto& c = model_.channels[ch];
    op->receives = !sending;
    (sending ? c.senders : c.receivers).push_back({++last_op_, v, 0});
    waiting_[last_op_] = std::move(op);
  }

  // Waits in one to four cases, so that at most one is ready: which one a select takes of several is its own
  // choice.
  void select() {
    std::vector<int> sends, recvs;
    int ready = 0;
    for (u32 n = below(4) + 1; n; --n) {
      int ch = int(below(4));
      Model::Ch& c = model_.channels[ch];
      bool sending = below(2);
      bool can = sending ? c.closed || !c.receivers.empty() || c.values.size() < c.cap
                         : c.closed || !c.values.empty() || !c.senders.empty();
      if (can && ready++) continue;
      (sending ? sends : recvs).push_back(ch);
    }
    auto op = std::make_unique<Op>();
    op->is_select = true;
    for (size_t i = 0; i < sends.size() + recvs.size(); ++i) op->values.push_back(++last_value_);
    std::vector<SelectCase> s, r;
    for (size_t i = 0; i < sends.size(); ++i) s.push_back({channels_[sends[i]].get(), &op->values[i]});
    for (size_t i = 0; i < recvs.size(); ++i)
      r.push_back({channels_[recvs[i]].get(), &op->values[sends.size() + i]});
    std::vector<u64> values = op->values;
    bool would_block = true;
    i64 index = -1;
    ChanResult want = WouldBlock;
    for (size_t i = 0; i < values.size() && would_block; ++i) {
      want = i < sends.size() ? model_.send(sends[i], values[i])
                              : model_.receive(recvs[i - sends.size()], values[i]);
      would_block = want == WouldBlock;
      index = i64(i);
    }
    Outcome o = op->select.select(s, r);
    EXPECT_EQ(o, would_block ? Outcome::Waits : Outcome::Returned);
    if (!would_block) {
      EXPECT_EQ(op->select.a.index, index);
      EXPECT_EQ(op->select.a.result, want);
      EXPECT_EQ(op->values, values);
      return;
    }
    // It queues itself in the order in which it looked.
    ++last_op_;
    for (size_t k = 0; k < values.size(); ++k) {
      size_t i = op->select.order[k];
      auto& c = model_.channels[i < sends.size() ? sends[i] : recvs[i - sends.size()]];
      (i < sends.size() ? c.senders : c.receivers).push_back({last_op_, values[i], i64(i)});
    }
    waiting_[last_op_] = std::move(op);
  }

  void close() { close_channel(int(below(4))), reopen(); }
  void close_channel(int ch) {
    if (model_.channels[ch].closed) return;
    Worker w;
    EXPECT_EQ(w.close(*channels_[ch]), 0);
    model_.close(ch);
  }
  // Channels that stay closed would make the rest of the run dull.
  void reopen() {
    check_ended();
    for (size_t i = 0; i < channels_.size(); ++i) {
      channels_[i]->closed = 0;
      model_.channels[i].closed = false;
    }
  }

  void check_ended() {
    for (auto& [number, end] : model_.ended) {
      Op& op = *waiting_.at(number);
      if (op.is_select) {
        EXPECT_EQ(op.select.a.index, end.index);
        EXPECT_EQ(op.select.a.result, end.result);
        if (end.index >= op.select.a.sends) EXPECT_EQ(op.values[size_t(end.index)], end.value);
      } else {
        EXPECT_EQ(op.worker.op.result, end.result);
        if (op.receives) EXPECT_EQ(op.worker.value, end.value);
      }
      woken_.insert(op.is_select ? op.select.g : op.worker.g);
      waiting_.erase(number);
    }
    model_.ended.clear();
    while (G* g = host::next_ready()) EXPECT_EQ(woken_.erase(g), 1u);
    EXPECT_TRUE(woken_.empty());
    for (size_t i = 0; i < channels_.size(); ++i)
      EXPECT_EQ(channels_[i]->count, model_.channels[i].values.size());
  }

  std::mt19937 rng_;
  std::vector<std::unique_ptr<Channel>> channels_;
  Model model_;
  std::map<int, std::unique_ptr<Op>> waiting_;
  std::set<G*> woken_;
  u64 last_value_ = 0;
  int last_op_ = 0;
};

TEST_F(ChanTest, AgreesWithTheModel) {
  for (u32 seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    RandomRun(seed).run(5000);
  }
}
}  // namespace
}  // namespace vole::runtime
