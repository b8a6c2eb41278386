// Waiting for file descriptors with epoll. The thread that holds the P and has nothing to run waits here, for descriptors, for the
// next timer and for wake-ups from other threads and signal handlers (an eventfd).
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void netpoll_init();
void netpoll(i64 wait_ns);        // readies goroutines; 0: only look, negative: no limit
void netpoll_wait(i64 until);     // sleeps until something happens or the time comes (0: no limit)
void netpoll_break();             // ends netpoll_wait; async-signal-safe
bool netpoll_waiters();           // some goroutine waits for a descriptor
}  // namespace vole::runtime
