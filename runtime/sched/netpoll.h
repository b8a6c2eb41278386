// Waiting for file descriptors with epoll. The thread that holds the P and has nothing to run waits here, for
// descriptors, for the next timer and for wake-ups from other threads and signal handlers (an eventfd).
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void netpoll_init();
void netpoll(i64 wait_ns);     // readies goroutines; 0: only look, negative: no limit
void netpoll_wait(i64 until);  // sleeps until something happens or the time comes (0: no limit)
void netpoll_break();          // ends netpoll_wait; async-signal-safe
bool netpoll_waiters();        // some goroutine waits for a descriptor

// What internal/poll asks for; a ctx names the record of an open descriptor.
enum class PollResult : i64 { Ok, Closing, Timeout, NotPollable };
struct PollOpenArgs {  // func pollOpen(fd uintptr) (ctx uintptr, errno int)
  u64 fd, ctx;
  i64 error;
};
struct PollWaitArgs {  // func pollWait(ctx uintptr, mode int) int, and pollReset
  u64 ctx;
  i64 mode;  // 'r' or 'w'
  PollResult result;
};
struct PollDeadlineArgs {  // func pollSetDeadline(ctx uintptr, d int64, mode int)
  u64 ctx;
  i64 d;     // from now; 0 clears, negative has passed
  i64 mode;  // 'r', 'w' or the sum of both
};
struct PollIsServerArgs {  // func isPollServerDescriptor(fd uintptr) bool
  u64 fd;
  bool is;
};
extern "C" {
void rt_pollOpen(PollOpenArgs* a, G*);
void rt_pollClose(u64* ctx, G*);
void rt_pollReset(PollWaitArgs* a, G*);
void rt_pollWait(PollWaitArgs* a, G* g);
void rt_pollSetDeadline(PollDeadlineArgs* a, G*);
void rt_pollUnblock(u64* ctx, G*);
void rt_isPollServerDescriptor(PollIsServerArgs* a, G*);
}
}  // namespace vole::runtime
