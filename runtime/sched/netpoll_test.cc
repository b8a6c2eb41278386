// The poller over real descriptors: readiness, deadlines, closing, records that are used again.
#include "sched/netpoll.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <string>

#include "host/host.h"
#include "os/os.h"
#include "sched/timer.h"

namespace vole::runtime {
namespace {
using enum PollResult;
using host::Outcome;

// One end of a pair of sockets, as internal/poll holds it.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {
    PollOpenArgs a = {u64(fd), 0, -1};
    host::enter(rt_pollOpen, &a, host::new_goroutine());
    EXPECT_EQ(a.error, 0);
    ctx_ = a.ctx;
  }
  ~Descriptor() {
    host::enter(rt_pollUnblock, &ctx_, host::new_goroutine());
    host::enter(rt_pollClose, &ctx_, host::new_goroutine());
    ::close(fd_);
  }
  PollResult reset(char mode) {
    PollWaitArgs a = {ctx_, mode, Closing};
    host::enter(rt_pollReset, &a, host::new_goroutine());
    return a.result;
  }
  void deadline(i64 d, i64 mode) {
    PollDeadlineArgs a = {ctx_, d, mode};
    host::enter(rt_pollSetDeadline, &a, host::new_goroutine());
  }
  void unblock() { host::enter(rt_pollUnblock, &ctx_, host::new_goroutine()); }
  u64 ctx() const { return ctx_; }

 private:
  int fd_;
  u64 ctx_;
};

struct Waiter {
  G* g = host::new_goroutine();
  PollWaitArgs a = {};
  Outcome wait(Descriptor& d, char mode) {
    a = {d.ctx(), mode, NotPollable};
    return host::enter(rt_pollWait, &a, g);
  }
};

class NetpollTest : public testing::Test {
 protected:
  void SetUp() override {
    host::start();
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  }
  void TearDown() override {
    EXPECT_FALSE(netpoll_waiters());
    EXPECT_FALSE(timers_exist());
    EXPECT_EQ(host::next_ready(), nullptr);
    ::close(fds[1]);
  }
  void fill(int fd) {
    char block[4096] = {};
    while (write(fd, block, sizeof block) > 0) {
    }
    EXPECT_EQ(errno, EAGAIN);
  }
  void drain(int fd) {
    char block[4096];
    while (read(fd, block, sizeof block) > 0) {
    }
  }
  int fds[2];
  std::set<u64> lives;
};

TEST_F(NetpollTest, ReaderWaitsForBytes) {
  Descriptor d(fds[0]);
  Waiter w;
  EXPECT_EQ(d.reset('r'), Ok);
  EXPECT_EQ(w.wait(d, 'r'), Outcome::Waits);
  EXPECT_EQ(w.g->wait, Wait::IO);
  EXPECT_TRUE(netpoll_waiters());
  netpoll(0);
  EXPECT_EQ(host::next_ready(), nullptr);
  ASSERT_EQ(write(fds[1], "x", 1), 1);
  netpoll(0);
  EXPECT_EQ(host::next_ready(), w.g);
  EXPECT_EQ(w.a.result, Ok);
}

TEST_F(NetpollTest, DirectionsAreApart) {
  Descriptor d(fds[0]);
  Waiter reader, writer;
  fill(fds[0]);
  netpoll(1);
  d.reset('r');
  d.reset('w');
  reader.wait(d, 'r');
  writer.wait(d, 'w');
  drain(fds[1]);
  netpoll(0);
  EXPECT_EQ(host::next_ready(), writer.g);
  EXPECT_EQ(host::next_ready(), nullptr);
  ASSERT_EQ(write(fds[1], "x", 1), 1);
  netpoll(0);
  EXPECT_EQ(host::next_ready(), reader.g);
}

// What became ready before somebody waits is remembered, once.
TEST_F(NetpollTest, ReadinessIsRemembered) {
  Descriptor d(fds[0]);
  Waiter w;
  d.reset('r');
  ASSERT_EQ(write(fds[1], "x", 1), 1);
  netpoll(1);
  EXPECT_EQ(w.wait(d, 'r'), Outcome::Returned);
  EXPECT_EQ(w.a.result, Ok);
  EXPECT_EQ(w.wait(d, 'r'), Outcome::Waits);
  ASSERT_EQ(write(fds[1], "x", 1), 1);
  netpoll(0);
  EXPECT_EQ(host::next_ready(), w.g);
  ASSERT_EQ(write(fds[1], "x", 1), 1);
  netpoll(1);
  EXPECT_EQ(d.reset('r'), Ok);
  EXPECT_EQ(w.wait(d, 'r'), Outcome::Waits) << "reset forgets it";
  d.unblock();
  EXPECT_EQ(host::next_ready(), w.g);
}

TEST_F(NetpollTest, PeersEndWakesTheReader) {
  Descriptor d(fds[0]);
  Waiter w;
  w.wait(d, 'r');
  shutdown(fds[1], SHUT_WR);
  netpoll(0);
  EXPECT_EQ(host::next_ready(), w.g);
  EXPECT_EQ(w.a.result, Ok) << "read then says end of file";
}

TEST_F(NetpollTest, DeadlineEndsAWait) {
  Descriptor d(fds[0]);
  Waiter w;
  i64 start = os::nanotime();
  d.deadline(5000000, 'r');
  EXPECT_EQ(w.wait(d, 'r'), Outcome::Waits);
  timers_run(start + 4000000);
  EXPECT_EQ(host::next_ready(), nullptr);
  timers_run(start + 3600000000000);
  EXPECT_EQ(host::next_ready(), w.g);
  EXPECT_EQ(w.a.result, Timeout);
  EXPECT_EQ(d.reset('r'), Timeout) << "it stays passed";
  EXPECT_EQ(d.reset('w'), Ok);
  d.deadline(0, 'r');
  EXPECT_EQ(d.reset('r'), Ok);
}

TEST_F(NetpollTest, PastDeadlineWakesWhoWaits) {
  Descriptor d(fds[0]);
  Waiter reader, writer;
  fill(fds[0]);
  netpoll(1);
  d.reset('w');
  reader.wait(d, 'r');
  writer.wait(d, 'w');
  d.deadline(-1, 'r' + 'w');
  EXPECT_EQ(reader.a.result, Timeout);
  EXPECT_EQ(writer.a.result, Timeout);
  EXPECT_EQ(host::next_ready(), writer.g);
  EXPECT_EQ(host::next_ready(), reader.g);
  EXPECT_EQ(reader.wait(d, 'r'), Outcome::Returned);
  EXPECT_EQ(reader.a.result, Timeout);
}

TEST_F(NetpollTest, DeadlinesCanBeMovedAndTakenBack) {
  Descriptor d(fds[0]);
  Waiter w;
  w.wait(d, 'r');
  d.deadline(1000000, 'r');
  d.deadline(3600000000000, 'r');
  timers_run(os::nanotime() + 60000000000);
  EXPECT_EQ(host::next_ready(), nullptr);
  d.deadline(INT64_MAX, 'r');  // now + d overflows
  EXPECT_EQ(timer_next(), INT64_MAX);
  d.deadline(0, 'r');
  EXPECT_FALSE(timers_exist());
  d.unblock();
  EXPECT_EQ(host::next_ready(), w.g);
}

TEST_F(NetpollTest, ClosingWakesBothSidesAndRefusesOthers) {
  Descriptor d(fds[0]);
  Waiter w;
  d.deadline(3600000000000, 'r' + 'w');
  w.wait(d, 'r');
  d.unblock();
  EXPECT_EQ(host::next_ready(), w.g);
  EXPECT_EQ(w.a.result, Closing);
  EXPECT_FALSE(timers_exist());
  EXPECT_EQ(w.wait(d, 'r'), Outcome::Returned);
  EXPECT_EQ(w.a.result, Closing);
  EXPECT_EQ(d.reset('w'), Closing);
  d.deadline(1, 'r');
  EXPECT_FALSE(timers_exist());
}

TEST_F(NetpollTest, OneReaderAtATime) {
  Descriptor d(fds[0]);
  Waiter a, b;
  a.wait(d, 'r');
  EXPECT_EXIT(b.wait(d, 'r'), testing::ExitedWithCode(2),
              "two goroutines wait for one direction of a descriptor");
  d.unblock();
  EXPECT_EQ(host::next_ready(), a.g);
}

// Files on disk are always ready: epoll refuses them, and the caller is told why.
TEST_F(NetpollTest, RegularFilesAreRefused) {
  ::close(fds[0]);
  char name[] = "/tmp/netpoll-XXXXXX";
  int fd = mkstemp(name);
  unlink(name);
  PollOpenArgs a = {u64(fd), 1, 0};
  host::enter(rt_pollOpen, &a, host::new_goroutine());
  EXPECT_EQ(a.error, EPERM);
  EXPECT_EQ(a.ctx, 0u);
  ::close(fd);
}

int epoll_descriptor() {
  for (int fd = 3; fd < 1000; ++fd) {
    char what[64] = {};
    if (readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), what, sizeof what - 1) > 0 &&
        what == std::string("anon_inode:[eventpoll]"))
      return fd;
  }
  return -1;
}

// A record is used again; what the kernel still reports for its earlier life must not wake the new owner.
TEST_F(NetpollTest, EventsOfAnEarlierLifeAreDropped) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  u64 old;
  {
    old = Descriptor(fds[0]).ctx();
  }
  Descriptor d(pair[0]);
  ASSERT_EQ(d.ctx(), old) << "the record is the same";
  Waiter w;
  netpoll(1);
  w.wait(d, 'r');
  for (u64 generation = 0; generation < 16; ++generation) {
    epoll_event e = {.events = EPOLLIN, .data = {.u64 = old | generation}};
    int other = eventfd(1, 0);
    ASSERT_EQ(epoll_ctl(epoll_descriptor(), EPOLL_CTL_ADD, other, &e), 0);
    netpoll(0);
    ::close(other);
    if (host::next_ready()) w.wait(d, 'r'), lives.insert(generation);
  }
  EXPECT_EQ(lives.size(), 1u) << "one generation is the present one";
  d.unblock();
  EXPECT_EQ(host::next_ready(), w.g);
  ::close(pair[1]);
}

TEST_F(NetpollTest, AnotherThreadEndsTheWait) {
  Descriptor d(fds[0]);
  Waiter w;
  w.wait(d, 'r');
  netpoll_break();
  i64 limit = os::nanotime() + 60000000000;
  netpoll_wait(limit);
  EXPECT_LT(os::nanotime(), limit);
  // The wake-up has been taken: the next wait lasts until its time.
  netpoll_wait(os::nanotime() + 2000000);
  EXPECT_EQ(host::next_ready(), nullptr);
  d.unblock();
  EXPECT_EQ(host::next_ready(), w.g);
}

TEST_F(NetpollTest, WaitsWithNanosecondsAndEndsInTime) {
  Descriptor d(fds[0]);
  netpoll(1);       // the socket can be written to, which is news
  netpoll_wait(1);  // long passed: no wait at all
  i64 start = os::nanotime();
  netpoll_wait(start + 3000000);
  EXPECT_GE(os::nanotime() - start, 3000000);
}

TEST_F(NetpollTest, ItsOwnDescriptorsAreKnown) {
  Descriptor d(fds[0]);
  for (int fd : {fds[0], epoll_descriptor()}) {
    PollIsServerArgs a = {u64(fd), false};
    host::enter(rt_isPollServerDescriptor, &a, host::new_goroutine());
    EXPECT_EQ(a.is, fd != fds[0]);
  }
}
}  // namespace
}  // namespace vole::runtime
