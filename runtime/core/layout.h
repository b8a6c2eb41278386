// The shapes that C++, assembly stubs and the overlay's Go code share: goroutine, thread, processor, defer
// and panic records, channel, timer, type descriptor. Offsets that compiled code uses are checked against
// abi/abi.h; golib/runtime/layout.go mirrors the rest by hand and the two sizes meet in rt_check_layout at
// start.
#pragma once
#include "abi/abi.h"
#include "core/core.h"

namespace vole::runtime {
struct G;
struct M;
struct P;

struct GoString {
  const char* ptr;
  i64 len;
  operator Str() const { return {ptr, len}; }
};
struct GoSlice {
  void* ptr;
  i64 len, cap;
};
struct Eface {
  struct Type* type;
  void* data;
};
struct FuncVal {
  u64 code;  // captures follow
};

// ---- types --------------------------------------------------------------------------------------
struct Type {
  u64 size, ptr_bytes;
  u32 hash;
  u8 tflag, align, field_align, kind;
  FuncVal* equal;
  u8* gcdata;
  i32 str, ptr_to_this;
  bool noscan() const { return ptr_bytes == 0; }
};
struct ChanType : Type {
  Type* elem;
  i64 dir;
};
static_assert(sizeof(Type) == abi::TypeCommonSize);

// ---- defers and panics --------------------------------------------------------------------------
struct Defer {
  u8 heap, rangefunc;
  u64 sp, pc;
  FuncVal* fn;
  Defer* link;
  void* head;  // range-over-func: the list other frames' bodies push to
};
static_assert(sizeof(Defer) == abi::DeferSize && offsetof(Defer, fn) == abi::DeferFn);

struct Panic {
  Eface arg;
  Panic* link;
  u64 sp;                  // the caller's SP of the gopanic or Goexit frame this record belongs to
  u64 defer_sp, defer_pc;  // of the deferred call that is running: where recovery goes
  u8 recovered, repanicked, goexit;
};

// ---- goroutines ---------------------------------------------------------------------------------
enum class Status : u32 { Idle, Runnable, Running, Syscall, Waiting, Moribund, Dead };

// clang-format off
enum class Wait : u8 {
  None, ChanReceiveNil, ChanSendNil, Select, SelectNoCases, ChanReceive, ChanSend, Semacquire, Sleep,
  CondWait, MutexLock, RWMutexRLock, RWMutexLock, WaitGroupWait, IO, Coroutine, FinalizerWait, TimerIdle,
  SignalIdle, SynctestRun, SynctestWait, Syscall, Stopped, Preempted,
};
// clang-format on

struct Gobuf {
  u64 sp, pc;
  G* g;
  u64 ctxt, lr, bp;
};
static_assert(sizeof(Gobuf) == abi::GobufSize);

struct Chan;
struct Coro;
struct Bubble;

// One wait of a goroutine on a channel, a semaphore or a notify list.
struct Sudog {
  G* g;
  void* elem;          // where the value goes to or comes from
  Sudog *next, *prev;  // in the queue waited in
  Chan* chan;
  Sudog* more;  // next of the same goroutine's waits (select)
  Sudog* tail;  // semaphores: not used outside the queue
  u32* sema;
  i64 case_index;
  bool is_select;
  u32 ticket;
};

struct Timer {
  // The first two words are time.Timer's own fields.
  Chan* chan;
  bool init;
  bool is_chan;  // synchronous timer channel
  bool native;   // fn is a C++ function, run by the scheduler itself
  u8 state;      // TimerState
  i64 when, period;
  FuncVal* fn;  // func(arg any, seq uintptr, delta int64)
  Eface arg;
  u64 seq;
  void (*native_fn)(Timer*);
  u64 index;    // place in the heap
  Timer* next;  // fired, waiting for the timer goroutine
  i64 delta;
  Bubble* bubble;
};

struct G {
  u64 stack_lo, stack_hi;
  u64 stackguard0, stackguard1;
  Panic* panic;
  Defer* defer;
  M* m;
  Gobuf sched;
  // Below: free layout, mirrored in golib/runtime/layout.go.
  u64 goid, parent_goid;
  u64 gopc, startpc;  // where it was created, what it runs
  Status status;
  Wait wait;
  bool system;  // not counted for deadlock, not shown
  bool panic_on_fault;
  u8 fips_indicator, fips_bypass;
  u8 did_goexit;  // a deferred call ended it
  u8 preempt;     // asked to yield
  u8 leaked;
  u8 pad0;
  u32 sig;    // the fault that sigpanic reports
  i32 locks;  // no preemption while positive
  u64 sigcode, sigaddr, sigpc;
  void* labels;  // pprof labels
  i32 locked_ext, throwing;
  u64 syscall_sp, syscall_pc, syscall_bp;
  Coro* coro;  // the coroutine this goroutine is the body of
  Bubble* bubble;
  void* param;  // parked: the argument block that whoever wakes it writes to; moves with the stack
  i64 wait_since;
  // Only C++ looks at these.
  G *sched_next, *all_next, *all_prev, *free_next;
  Sudog* waiting;
  Sudog own;  // the wait that is enough for all but select
  Timer sleep_timer;
  u64 stack_size;
  bool in_runq;
  u32 sigpanic_count;
  FuncVal* entry;
  M* locked_m;      // the thread it was on when it last stopped, if it is wired to that
  u64 async_depth;  // of the address that rt_async_preempt was entered from, below stack_hi; by the signal
                    // handler
};
static_assert(offsetof(G, status) == 136 && offsetof(G, syscall_sp) == 200 && offsetof(G, syscall_bp) == 216);
static_assert(offsetof(G, stackguard0) == abi::GStackGuard0 && offsetof(G, panic) == abi::GPanic &&
              offsetof(G, defer) == abi::GDefer && offsetof(G, m) == abi::GM &&
              offsetof(G, sched) == abi::GSched);

// A run of free, zeroed slots of one size that a processor bumps through.
struct Run {
  u64 next, end, size;
};
constexpr int kNumClasses = abi::NumClasses;
struct Mcache {
  Run runs[kNumClasses * 2];  // [class * 2 + noscan]
  u64 tiny, tiny_end;         // rest of the current 16-byte block
  u64 tiny_allocs;
};

// A thread. asm/stubs.S knows the first fields.
struct M {
  u64 g0_sp;  // top of the system stack C++ runs on
  G* curg;
  Mcache* mcache;    // of the P held; golib reads it
  P* p;              // the P held, or the one it was taken from
  u32 syscall_mark;  // P.status while this thread is in a system call with the P
  u32 pad;
  u64 tid;
  M* idle_next;
  M* all_next;
  Atomic<u32> wake;  // futex: 1 = take the P
  G* next_g;         // run this one first when woken
  G* locked_g;       // wired to this thread, which runs nothing else
  u64 tls[16];       // FS points at tls + 15 words; the word below it is g
  u64 fs_base;
  u64 id;
  bool spinning;
  u64 g0_lo;
  u64 gsignal_lo;
  i32 throwing;
};

// Goroutines ready to run, in order.
struct RunQueue {
  G *head, *tail;
  u64 length;
  void push(G* g) {
    g->sched_next = nullptr;
    (tail ? tail->sched_next : head) = g;
    tail = g;
    ++length;
  }
  G* pop() {
    G* g = head;
    if (!g) return nullptr;
    head = g->sched_next;
    if (!head) tail = nullptr;
    --length;
    return g;
  }
};

constexpr u32 kPRunning = 1, kPSyscall = 2;  // a system call is marked kPSyscall | thread number << 8
struct P {
  Atomic<u32> status;  // kPRunning or M::syscall_mark; whoever swaps a mark for kPRunning has the P
  u32 sched_tick, syscall_tick;
  M* m;
  Mcache cache;
  RunQueue runq;
  G* run_next;  // goes before the queue: the one woken last
};

static_assert(offsetof(M, mcache) == 16 && offsetof(M, p) == 24 && offsetof(M, syscall_mark) == 32);
static_assert(offsetof(P, status) == 0 && offsetof(P, syscall_tick) == 8);

// ---- channels -----------------------------------------------------------------------------------
struct WaitQueue {
  Sudog *first, *last;
};
struct Chan {
  u64 count, cap;
  u8* buf;
  u64 elem_size;
  Type* elem_type;
  u64 send_index, recv_index;
  WaitQueue receivers, senders;
  Timer* timer;  // the timer this channel belongs to
  u32 closed;
  Bubble* bubble;
};

// ---- the module ---------------------------------------------------------------------------------
extern "C" abi::ModuleData rt_module asm("runtime.firstmoduledata");
}  // namespace vole::runtime
