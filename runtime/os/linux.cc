// The Linux side of os.h on amd64.
#include "os/os.h"

namespace vole::runtime::os {
constinit Start start = {};

long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

constinit i64 crash_fd = -1;
static void write_all(long fd, const char* p, i64 n) {
  while (n > 0) {
    long r = syscall(SysWrite, fd, long(p), n);
    if (r == -kIntr) continue;
    if (r <= 0) return;
    p += r;
    n -= r;
  }
}
void write_stderr(const char* p, i64 n) {
  write_all(2, p, n);
  if (crash_fd >= 0) write_all(crash_fd, p, n);
}

void exit(int code) {
  for (;;) syscall(SysExitGroup, code);
}

namespace {
constexpr long ProtRW = 3, MapPrivateAnon = 0x22, MapNoReserve = 0x4000;
void* checked(long r) { return r < 0 && r > -4096 ? nullptr : reinterpret_cast<void*>(r); }
}  // namespace

void* map(u64 size) { return checked(syscall(SysMmap, 0, long(size), ProtRW, MapPrivateAnon, -1, 0)); }
void* reserve(u64 size, u64 hint) {
  return checked(syscall(SysMmap, long(hint), long(size), ProtRW, MapPrivateAnon | MapNoReserve, -1, 0));
}
void unmap(void* p, u64 size) { syscall(SysMunmap, long(p), long(size)); }
void touch(u64 address, u64 size) { syscall(SysMadvise, long(address), long(size), 23); }
void release(void* p, u64 size) { syscall(SysMadvise, long(p), long(size), 4); }

// ---- time ---------------------------------------------------------------------------------------
namespace {
struct Timespec {
  i64 sec, nsec;
};
using ClockFn = int (*)(int, Timespec*);
constinit ClockFn vdso_clock = nullptr;
constinit u64 vdso_tod = 0;

Timespec clock(int id) {
  Timespec t = {};
  if (!vdso_clock || vdso_clock(id, &t) != 0) syscall(SysClockGettime, id, long(&t));
  return t;
}

struct ElfSym {
  u32 name;
  u8 info, other;
  u16 section;
  u64 value, size;
};
}  // namespace

i64 nanotime() {
  Timespec t = clock(1);
  return t.sec * 1000000000 + t.nsec;
}
void walltime(i64& sec, i32& nsec) {
  Timespec t = clock(0);
  sec = t.sec;
  nsec = i32(t.nsec);
}
u64 vdso_gettimeofday() { return vdso_tod; }

// Walks the vDSO's dynamic table for the few symbols wanted; a table that does not look as expected leaves
// the system call in place.
void find_vdso(u64 base) {
  if (!base) return;
  auto at = [&](u64 off) { return base + off; };
  u64 phoff = *reinterpret_cast<u64*>(at(32));
  u16 phentsize = *reinterpret_cast<u16*>(at(54)), phnum = *reinterpret_cast<u16*>(at(56));
  u64 dynamic = 0, load_offset = 0;
  bool found_load = false;
  for (u16 i = 0; i < phnum; ++i) {
    u64 ph = at(phoff + u64(i) * phentsize);
    u32 type = *reinterpret_cast<u32*>(ph);
    u64 offset = *reinterpret_cast<u64*>(ph + 8), vaddr = *reinterpret_cast<u64*>(ph + 16);
    if (type == 1 && !found_load) {
      load_offset = base + offset - vaddr;
      found_load = true;
    } else if (type == 2) {
      dynamic = base + offset;
    }
  }
  if (!dynamic || !found_load) return;
  u64 strings = 0, symbols = 0, hash = 0, gnu_hash = 0;
  for (u64* d = reinterpret_cast<u64*>(dynamic); d[0]; d += 2) {
    if (d[0] == 5) strings = d[1] + load_offset;
    if (d[0] == 6) symbols = d[1] + load_offset;
    if (d[0] == 4) hash = d[1] + load_offset;
    if (d[0] == 0x6ffffef5) gnu_hash = d[1] + load_offset;
  }
  if (!strings || !symbols) return;
  u32 count = 0;
  if (hash) {
    count = reinterpret_cast<u32*>(hash)[1];
  } else if (gnu_hash) {
    u32* h = reinterpret_cast<u32*>(gnu_hash);
    u32 buckets = h[0], first = h[1], bloom = h[2];
    u32* bucket = h + 4 + bloom * 2;
    u32* chain = bucket + buckets;
    for (u32 i = 0; i < buckets; ++i) {
      if (bucket[i] < first) continue;
      u32 n = bucket[i];
      while (!(chain[n - first] & 1)) ++n;
      count = max(count, n + 1);
    }
  }
  for (u32 i = 0; i < count; ++i) {
    const ElfSym& s = reinterpret_cast<ElfSym*>(symbols)[i];
    if (s.section == 0) continue;
    Str name(reinterpret_cast<const char*>(strings + s.name));
    if (name == Str("__vdso_clock_gettime")) vdso_clock = reinterpret_cast<ClockFn>(s.value + load_offset);
    if (name == Str("__vdso_gettimeofday")) vdso_tod = s.value + load_offset;
  }
}

// ---- threads ------------------------------------------------------------------------------------
void futex_sleep(Atomic<u32>* word, u32 value, i64 ns) {
  Timespec t = {ns / 1000000000, ns % 1000000000};
  syscall(SysFutex, long(word), 128, value, ns < 0 ? 0 : long(&t), 0, 0);
}
void futex_wake(Atomic<u32>* word, u32 count) { syscall(SysFutex, long(word), 129, count, 0, 0, 0); }
void sleep_ns(i64 ns) {
  Timespec t = {ns / 1000000000, ns % 1000000000};
  syscall(SysNanosleep, long(&t), 0);
}
void yield() { syscall(SysSchedYield); }

// ---- start --------------------------------------------------------------------------------------
void read_start_stack(u64* sp) {
  start.argc = i64(sp[0]);
  start.argv = reinterpret_cast<char**>(sp + 1);
  start.envp = start.argv + start.argc + 1;
  char** e = start.envp;
  while (*e) ++e;
  start.auxv = reinterpret_cast<u64*>(e + 1);
  start.page_size = 4096;
  for (u64* a = start.auxv; a[0]; a += 2) {
    if (a[0] == 6) start.page_size = a[1];
    if (a[0] == 25) start.random = a[1];
    if (a[0] == 23) start.secure = a[1];
    if (a[0] == 33) find_vdso(a[1]);
  }
  u64 mask[128] = {};
  long n = syscall(SysSchedGetaffinity, 0, sizeof mask, long(mask));
  for (long i = 0; i < n / 8; ++i) start.ncpu += __builtin_popcountll(mask[i]);
  if (start.ncpu < 1) start.ncpu = 1;
  // A process started without its three standard files must not hand their numbers to files it opens.
  for (int fd = 0; fd < 3; ++fd)
    if (syscall(SysFcntl, fd, 1) == -9) syscall(SysOpen, long("/dev/null"), 2, 0);
}

const char* getenv(Str name) {
  for (char** e = start.envp; e && *e; ++e) {
    Str entry(*e);
    if (entry.len > name.len && entry.starts_with(name) && entry.ptr[name.len] == '=')
      return *e + name.len + 1;
  }
  return nullptr;
}

bool debug_flag(Str name) {
  const char* v = getenv("GODEBUG");
  if (!v) return false;
  Str rest(v);
  while (rest.len > 0) {
    i64 end = 0;
    while (end < rest.len && rest.ptr[end] != ',') ++end;
    if (end == name.len + 2 && Str(rest.ptr, name.len) == name && rest.ptr[name.len] == '=' &&
        rest.ptr[name.len + 1] == '1')
      return true;
    i64 skip = min(end + 1, rest.len);
    rest = Str(rest.ptr + skip, rest.len - skip);
  }
  return false;
}
}  // namespace vole::runtime::os
