// epoll behind netpoll.h, and the poll descriptors that internal/poll holds.
#include "sched/netpoll.h"

#include "mem/meta.h"
#include "os/os.h"
#include "sched/sched.h"
#include "sched/timer.h"

namespace vole::runtime {
namespace {
constinit i32 epoll_fd = -1, event_fd = -1;
constinit u64 waiters = 0;

using enum PollResult;
struct Side {
  G* g;  // waiting
  bool is_ready;
  i64 deadline;  // absolute; 0 none, < 0 passed
  Timer timer;
};
struct PollDesc {
  u64 fd;
  bool closing, error;
  Side side[2];  // read, write
  PollDesc* next;
  u32 generation;
};
constinit PollDesc* free_descs = nullptr;

struct __attribute__((packed)) EpollEvent {
  u32 events;
  u64 data;
};
constexpr u32 In = 1, Out = 4, Err = 8, Hup = 16, RdHup = 0x2000, EdgeTriggered = u32(1) << 31;

void init() {
  if (epoll_fd >= 0) return;
  epoll_fd = i32(os::syscall(os::SysEpollCreate1, 0x80000));
  event_fd = i32(os::syscall(os::SysEventfd2, 0, 0x80800));
  check(epoll_fd >= 0 && event_fd >= 0, "cannot create the poller");
  EpollEvent e = {In, 0};
  os::syscall(os::SysEpollCtl, epoll_fd, 1, event_fd, long(&e));
}

void wake(Side& s, PollResult code) {
  if (!s.g) return;
  G* g = s.g;
  s.g = nullptr;
  waiters--;
  static_cast<PollWaitArgs*>(g->param)->result = code;
  g->param = nullptr;
  ready(g);
}
void became_ready(Side& s) {
  if (s.g) wake(s, Ok);
  else s.is_ready = true;
}
Side& side_of(PollDesc* pd, i64 mode) { return pd->side[mode == 'w']; }

PollResult state(PollDesc* pd, i64 mode) {
  if (pd->closing) return Closing;
  if (side_of(pd, mode).deadline < 0) return Timeout;
  if (mode == 'r' && pd->error) return NotPollable;
  return Ok;
}
}  // namespace

bool netpoll_waiters() { return waiters > 0; }

namespace {
constinit bool has_pwait2 = true;
// Waits up to `ns` (negative: no limit).
long wait_events(EpollEvent* events, long room, i64 ns) {
  if (ns > 0 && has_pwait2) {
    i64 limit[2] = {ns / 1000000000, ns % 1000000000};
    long n = os::syscall(os::SysEpollPwait2, epoll_fd, long(events), room, long(limit), 0, 8);
    if (n != -os::kNoSys) return n;
    has_pwait2 = false;
  }
  i64 ms = ns <= 0 ? ns : min<i64>((ns + 999999) / 1000000, 1 << 30);
  return os::syscall(os::SysEpollPwait, epoll_fd, long(events), room, ms < 0 ? -1 : ms, 0, 8);
}
}  // namespace

void netpoll(i64 wait_ns) {
  if (epoll_fd < 0) return;
  if (wait_ns == 0 && waiters == 0) return;
  EpollEvent events[64];
  long n = wait_events(events, 64, wait_ns);
  for (long i = 0; i < n; ++i) {
    u32 ev = events[i].events;
    u64 data = events[i].data;
    if (data == 0) {
      u64 count;
      os::syscall(os::SysRead, event_fd, long(&count), 8);
      continue;
    }
    // The low bits of the pointer carry the generation, so that an event for an earlier life of the record is
    // dropped.
    auto* pd = reinterpret_cast<PollDesc*>(data & ~u64(15));
    if ((pd->generation & 15) != (data & 15)) continue;
    pd->error = ev == Err;
    if (ev & (In | RdHup | Hup | Err)) became_ready(pd->side[0]);
    if (ev & (Out | Hup | Err)) became_ready(pd->side[1]);
  }
}

void netpoll_init() { init(); }

void netpoll_wait(i64 until) {
  init();
  i64 ns = -1;
  if (until) {
    ns = until - os::nanotime();
    if (ns <= 0) return;
  }
  netpoll(ns);
}

void netpoll_break() {
  if (event_fd < 0) return;
  u64 one = 1;
  os::syscall(os::SysWrite, event_fd, long(&one), 8);
}

extern "C" {
void rt_pollServerInit(void*, G*) { init(); }

void rt_pollOpen(PollOpenArgs* a, G*) {
  init();
  PollDesc* pd = free_descs;
  u32 generation = 0;
  if (pd) {
    free_descs = pd->next;
    generation = pd->generation + 1;
  } else {
    pd = meta_new<PollDesc>();
  }
  *pd = PollDesc{};
  pd->fd = a->fd;
  pd->generation = generation;
  EpollEvent e = {In | Out | RdHup | EdgeTriggered, u64(pd) | (generation & 15)};
  long r = os::syscall(os::SysEpollCtl, epoll_fd, 1, long(a->fd), long(&e));
  if (r < 0) {
    pd->next = free_descs;
    free_descs = pd;
    a->ctx = 0;
    a->error = -r;
    return;
  }
  a->ctx = u64(pd);
  a->error = 0;
}

void rt_pollClose(u64* a, G*) {
  auto* pd = reinterpret_cast<PollDesc*>(*a);
  EpollEvent e = {};
  os::syscall(os::SysEpollCtl, epoll_fd, 2, long(pd->fd), long(&e));
  for (Side& s : pd->side) timer_remove(&s.timer);
  pd->next = free_descs;
  free_descs = pd;
}

void rt_pollReset(PollWaitArgs* a, G*) {
  auto* pd = reinterpret_cast<PollDesc*>(a->ctx);
  a->result = state(pd, a->mode);
  if (a->result == Ok) side_of(pd, a->mode).is_ready = false;
}

void rt_pollWait(PollWaitArgs* a, G* g) {
  auto* pd = reinterpret_cast<PollDesc*>(a->ctx);
  a->result = state(pd, a->mode);
  if (a->result != Ok) return;
  Side& s = side_of(pd, a->mode);
  if (s.is_ready) {
    s.is_ready = false;
    return;
  }
  check(!s.g, "two goroutines wait for one direction of a descriptor");
  s.g = g;
  waiters++;
  g->param = a;
  park(g, Wait::IO);
}

void rt_pollSetDeadline(PollDeadlineArgs* a, G*) {
  auto* pd = reinterpret_cast<PollDesc*>(a->ctx);
  if (pd->closing) return;
  i64 when = 0;
  if (a->d > 0) {
    i64 now = os::nanotime();
    when = a->d > INT64_MAX - now ? INT64_MAX : now + a->d;
  } else if (a->d < 0) {
    when = -1;
  }
  for (int k = 0; k < 2; ++k) {
    if (a->mode != 'r' + 'w' && a->mode != (k ? 'w' : 'r')) continue;
    Side& s = pd->side[k];
    timer_remove(&s.timer);
    s.deadline = when;
    if (when < 0) {
      wake(s, Timeout);
    } else if (when > 0) {
      s.timer = Timer{};
      s.timer.native = true;
      s.timer.arg.data = &s;
      s.timer.native_fn = [](Timer* t) {
        Side* side = static_cast<Side*>(t->arg.data);
        side->deadline = -1;
        wake(*side, Timeout);
      };
      timer_add(&s.timer, when);
    }
  }
}

void rt_pollUnblock(u64* a, G*) {
  auto* pd = reinterpret_cast<PollDesc*>(*a);
  pd->closing = true;
  for (Side& s : pd->side) {
    timer_remove(&s.timer);
    wake(s, Closing);
  }
}

void rt_isPollServerDescriptor(PollIsServerArgs* a, G*) {
  a->is = epoll_fd >= 0 && (a->fd == u64(epoll_fd) || a->fd == u64(event_fd));
}
}
}  // namespace vole::runtime
