// Linux as the runtime sees it: raw system calls under plain names, time, memory, threads' sleep and wake,
// what the kernel left on the first stack. Failing calls return a negative errno, as the kernel does.
#pragma once
#include "core/core.h"

namespace vole::runtime::os {
// -- system calls
long syscall6(long number, long a, long b, long c, long d, long e, long f);
inline long syscall(long n, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  return syscall6(n, a, b, c, d, e, f);
}
enum : long {
  SysRead = 0,
  SysWrite = 1,
  SysOpen = 2,
  SysClose = 3,
  SysMmap = 9,
  SysMunmap = 11,
  SysRtSigaction = 13,
  SysRtSigprocmask = 14,
  SysSchedYield = 24,
  SysMadvise = 28,
  SysNanosleep = 35,
  SysGetpid = 39,
  SysExit = 60,
  SysClone = 56,
  SysKill = 62,
  SysFcntl = 72,
  SysSigaltstack = 131,
  SysArchPrctl = 158,
  SysGettid = 186,
  SysFutex = 202,
  SysSchedGetaffinity = 204,
  SysClockGettime = 228,
  SysExitGroup = 231,
  SysEpollWait = 232,
  SysEpollCtl = 233,
  SysTgkill = 234,
  SysOpenat = 257,
  SysEpollPwait = 281,
  SysEventfd2 = 290,
  SysEpollCreate1 = 291,
  SysGetrandom = 318,
  SysSetitimer = 38,
  SysRtSigreturn = 15,
  SysEpollPwait2 = 441,
  SysPrctl = 157,
};
constexpr int kIntr = 4, kNoSys = 38;  // errors that matter here

void write_stderr(const char* p, i64 n);  // and to the crash file
extern i64 crash_fd;                      // debug.SetCrashOutput; negative: none
[[noreturn]] void exit(int code);

// -- memory
void* map(u64 size);                // zeroed, or null
void* reserve(u64 size, u64 hint);  // readable and writable, not counted until touched; or null
void unmap(void* p, u64 size);
void touch(u64 address, u64 size);  // has the kernel supply the pages at once
void release(void* p, u64 size);    // gives the pages back, they read as zero

// -- time
i64 nanotime();
void walltime(i64& sec, i32& nsec);
void find_vdso(u64 ehdr);
u64 vdso_gettimeofday();

// -- threads
void futex_sleep(Atomic<u32>* word, u32 value, i64 ns);  // ns < 0: no limit
void futex_wake(Atomic<u32>* word, u32 count);
void sleep_ns(i64 ns);
void yield();

// -- what the kernel passed at start
struct Start {
  i64 argc;
  char** argv;
  char** envp;
  u64* auxv;
  u64 page_size, random, secure;
  i64 ncpu;
};
extern Start start;
void read_start_stack(u64* sp);
const char* getenv(Str name);  // value, zero-terminated, or null
bool debug_flag(Str name);     // GODEBUG holds name=1
}  // namespace vole::runtime::os
