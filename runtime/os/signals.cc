// Handlers and the queue of signals.h.
#include "os/signals.h"

#include "os/os.h"
#include "sched/sched.h"
#include "stack/unwind.h"
#include "trace/profile.h"
#include "trace/traceback.h"

namespace vole::runtime {
namespace {
constexpr int SigHup = 1, SigInt = 2, SigBus = 7, SigFpe = 8, SigSegv = 11, SigPipe = 13, SigUrg = 23,
              SigProf = 27, kSignals = 64;
constexpr u64 FlagSiginfo = 4, FlagOnStack = 0x08000000, FlagRestorer = 0x04000000, FlagRestart = 0x10000000;

struct KernelAction {
  void (*handler)();
  u64 flags;
  void (*restorer)();
  u64 mask;
};
struct SigInfo {
  i32 signo, error, code, pad;
  u64 addr;
};
struct UContext {
  u64 flags, link, stack_sp;
  u64 stack_flags, stack_size;
  u64 r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
  u16 cs, gs, fs, ss;
};

constinit Atomic<u64> wanted[2] = {}, pending[2] = {}, ignored[2] = {};
constinit u64 ignored_at_start = 0;  // of SIGHUP and SIGINT: nohup
constinit G* receiver = nullptr;     // waits for a signal; its param is where the number goes

extern "C" {
void rt_sigtramp();
void rt_sigreturn();
void rt_async_preempt();
extern const u8 rt_sigpanic_entry[], rt_sigpanic0_entry[];
}

bool test(const Atomic<u64>* set, u32 n) { return set[n / 64].load() >> (n % 64) & 1; }
void assign(Atomic<u64>* set, u32 n, bool on) {
  u64 bit = u64(1) << (n % 64);
  if (on) __atomic_or_fetch(&set[n / 64].value, bit, __ATOMIC_ACQ_REL);
  else __atomic_and_fetch(&set[n / 64].value, ~bit, __ATOMIC_ACQ_REL);
}

void set_handler(int sig, void (*handler)()) {
  KernelAction a = {handler, FlagSiginfo | FlagOnStack | FlagRestorer | FlagRestart, rt_sigreturn, ~u64(0)};
  os::syscall(os::SysRtSigaction, sig, long(&a), 0, 8);
}
void set_default(int sig) {
  KernelAction a = {};
  a.flags = FlagRestorer;
  a.restorer = rt_sigreturn;
  os::syscall(os::SysRtSigaction, sig, long(&a), 0, 8);
}
void set_ignore(int sig) {
  KernelAction a = {};
  a.handler = reinterpret_cast<void (*)()>(1);
  a.flags = FlagRestorer;
  a.restorer = rt_sigreturn;
  os::syscall(os::SysRtSigaction, sig, long(&a), 0, 8);
}
// What a signal does that nobody asked for: as the system has it (for some of those that means the end); ends
// the program with tracebacks; a fault of Go code; is caught, and that is all.
enum class Kind : u8 { System, Dump, Fault, Caught };
Kind kind_of(int sig) {
  switch (sig) {
    case 1:
    case 2:
    case 9:
    case 15:
    case 17:
    case 18:
    case 19:
    case 20:
    case 21:
    case 22:
    case 28:
    case 32:
    case 33:
    case 34: return Kind::System;
    case 3:
    case 4:
    case 5:
    case 6:
    case 16:
    case 31: return Kind::Dump;
    case SigBus:
    case SigFpe:
    case SigSegv: return Kind::Fault;
    default: return Kind::Caught;
  }
}
void set_initial(int sig) {
  if (kind_of(sig) != Kind::System) set_handler(sig, rt_sigtramp);
  else if (ignored_at_start >> sig & 1) set_ignore(sig);
  else set_default(sig);
}
bool is_ignored(int sig) {
  KernelAction now = {};
  os::syscall(os::SysRtSigaction, sig, 0, long(&now), 8);
  return now.handler == reinterpret_cast<void (*)()>(1);
}

}  // namespace

void die_from(int sig) {
  set_default(sig);
  u64 mask = u64(1) << (sig - 1);
  os::syscall(os::SysRtSigprocmask, 1, long(&mask), 0, 8);
  os::syscall(os::SysTgkill, os::syscall(os::SysGetpid), os::syscall(os::SysGettid), sig);
  os::exit(2);
}

namespace {
bool is_code(u64 pc) { return find_func(pc) || in_leaf(pc) || in_reflectcall(pc); }

// Whether Go code can be left at pc and come back to later: not in assembly, whose registers' upper halves
// would be lost, and not in code that relies on nobody else running (the runtime's own, wherever it has been
// inlined, maps, reflection).
bool preemptible_at(u64 pc) {
  const FuncRecord* f = find_func(pc);
  if (!f || f->npcdata == 0 || f->flag & abi::FuncFlagAsm ||
      pcdata_value(f, abi::PcdataUnsafePoint, pc) != abi::UnsafePointSafe)
    return false;
  for (InlineWalk w(f, pc); w.valid(); w.next()) {
    Str name = w.source().func;
    if (name.starts_with("runtime.") || name.starts_with("internal/runtime/") || name.starts_with("reflect."))
      return false;
  }
  return true;
}

void preempt_here(G* g, UContext* c) {
  constexpr u64 kRoom = 512;  // for the frame
  if (!g || !g->preempt || g->locks != 0 || g->status != Status::Running || c->rsp < g->stack_lo + kRoom ||
      c->rsp > g->stack_hi)
    return;
  if (!preemptible_at(c->rip)) return;
  c->rsp -= 8;
  *reinterpret_cast<u64*>(c->rsp) = c->rip;
  g->async_depth = g->stack_hi - c->rsp;
  c->rip = u64(&rt_async_preempt);
}
}  // namespace

void signal_preempt(M* m) { os::syscall(os::SysTgkill, os::syscall(os::SysGetpid), long(m->tid), SigUrg); }

Str signal_text(u32 sig) {
  switch (sig) {
    case 3: return "SIGQUIT: quit";
    case 4: return "SIGILL: illegal instruction";
    case 5: return "SIGTRAP: trace trap";
    case 6: return "SIGABRT: abort";
    case SigBus: return "SIGBUS: bus error";
    case SigFpe: return "SIGFPE: floating-point exception";
    case SigSegv: return "SIGSEGV: segmentation violation";
    case 16: return "SIGSTKFLT: stack fault";
    case 31: return "SIGSYS: bad system call";
  }
  return "";
}

static void print_registers(const UContext& c) {
  struct {
    const char* name;
    u64 value;
  } all[] = {{"rax    ", c.rax}, {"rbx    ", c.rbx},    {"rcx    ", c.rcx}, {"rdx    ", c.rdx},
             {"rdi    ", c.rdi}, {"rsi    ", c.rsi},    {"rbp    ", c.rbp}, {"rsp    ", c.rsp},
             {"r8     ", c.r8},  {"r9     ", c.r9},     {"r10    ", c.r10}, {"r11    ", c.r11},
             {"r12    ", c.r12}, {"r13    ", c.r13},    {"r14    ", c.r14}, {"r15    ", c.r15},
             {"rip    ", c.rip}, {"rflags ", c.rflags}, {"cs     ", c.cs},  {"fs     ", c.fs},
             {"gs     ", c.gs}};
  for (auto& r : all) print(r.name, Hex{r.value}, "\n");
}

// Ends the program with everybody's tracebacks. The thread that runs Go code does it, since nobody else can
// say where its goroutine is: whoever else gets the signal passes it on, once.
static void dump(int sig, const SigInfo& info, const UContext& c) {
  constinit static Atomic<u32> passed_on = {0};
  u64 self = u64(os::syscall(os::SysGettid));
  M* running = running_thread();
  if (running && running->tid != self && passed_on.add(1) == 1) {
    os::syscall(os::SysTgkill, os::syscall(os::SysGetpid), long(running->tid), sig);
    return;
  }
  G* g = tls_g();
  if (g && g->m && g->m->curg) g = g->m->curg;
  print(signal_text(u32(sig)), "\nPC=", Hex{c.rip}, " m=", g && g->m ? g->m->id : u64(0),
        " sigcode=", u64(info.code), "\n\n");
  if (traceback_level > 0) {
    traceback_level = 2;
    bool interrupted = g && c.rsp > g->stack_lo && c.rsp <= g->stack_hi;
    if (interrupted && in_async(c.rip)) {
      // Between saving and loading registers: where it was entered from is where the goroutine is.
      u64 at = g->stack_hi - g->async_depth;
      traceback_from(g, at + 8, *reinterpret_cast<u64*>(at), c.rbp);
    } else if (interrupted) {
      traceback_from(g, c.rsp, c.rip, c.rbp);
    }
    if (!interrupted)
      print("goroutine 0 gp=nil m=0 mp=", static_cast<void*>(running ? running : &first_m), " [idle]:\n");
    traceback_all(interrupted ? g : nullptr);
    print("\n");
    print_registers(c);
  }
  die(nullptr);
}

extern "C" void rt_signal_handler(int sig, SigInfo* info, UContext* c) {
  if (kind_of(sig) == Kind::Fault) {
    G* g = tls_g();
    bool from_fault = info->code > 0;
    bool on_goroutine = g && c->rsp > g->stack_lo && c->rsp <= g->stack_hi;
    if (from_fault && on_goroutine &&
        (is_code(c->rip) || c->rip < 4096 || (sig == SigSegv && info->addr == c->rip))) {
      g->sig = u32(sig);
      g->sigcode = u64(info->code);
      g->sigaddr = info->addr;
      g->sigpc = c->rip;
      if (is_code(c->rip)) {
        c->rsp -= 8;
        *reinterpret_cast<u64*>(c->rsp) = c->rip;
        c->rip = u64(rt_sigpanic_entry);
      } else {
        // A call through a bad function pointer: its return address already names the caller.
        c->rip = u64(rt_sigpanic0_entry);
      }
      return;
    }
    print("fatal error: unexpected signal during runtime execution\n[signal ", signal_text(u32(sig)),
          " code=", Hex{u64(info->code)}, " addr=", Hex{info->addr}, " pc=", Hex{c->rip}, "]\n");
    if (on_goroutine) {
      print("\n");
      traceback_from(g, c->rsp, c->rip, c->rbp);
    } else if (g) {
      print("\nruntime stack: pc=", Hex{c->rip}, " sp=", Hex{c->rsp}, " bp=", Hex{c->rbp}, "\n");
      u64 bp = c->rbp;
      for (int i = 0; i < 12 && g->m && bp >= g->m->g0_sp - (256 << 10) && bp < g->m->g0_sp; ++i) {
        print("\tpc=", Hex{reinterpret_cast<u64*>(bp)[1]}, "\n");
        bp = *reinterpret_cast<u64*>(bp);
      }
      if (g->m && g->m->curg) {
        print("\n");
        traceback_goroutine(g->m->curg);
      }
    }
    os::exit(2);
  }
  if (sig == SigUrg) preempt_here(tls_g(), c);
  if (sig == SigProf) profile_sample(tls_g(), c->rip, c->rsp, c->rbp);
  if (test(wanted, u32(sig))) {
    assign(pending, u32(sig), true);
    wake_holder();
    return;
  }
  if (kind_of(sig) == Kind::Dump) {
    dump(sig, *info, *c);
  }
}

void signals_init() {
  for (int sig = SigHup; sig <= SigInt; ++sig)
    if (is_ignored(sig)) ignored_at_start |= u64(1) << sig;
  for (int sig = 1; sig <= kSignals; ++sig)
    if (kind_of(sig) != Kind::System) set_handler(sig, rt_sigtramp);
}

void signals_init_thread(M* m) {
  constexpr u64 kSize = 64 << 10;
  u64 base = u64(os::map(kSize));
  m->gsignal_lo = base;
  struct {
    u64 sp;
    i32 flags, pad;
    u64 size;
  } stack = {base, 0, 0, kSize};
  os::syscall(os::SysSigaltstack, long(&stack), 0);
  u64 none = 0;
  os::syscall(os::SysRtSigprocmask, 2, long(&none), 0, 8);
}

bool signals_wanted() { return pending[0].load() || pending[1].load(); }

static u32 take_pending() {
  for (u32 w = 0; w < 2; ++w) {
    u64 p = pending[w].load();
    if (!p) continue;
    u32 n = w * 64 + u32(__builtin_ctzll(p));
    assign(pending, n, false);
    return n;
  }
  return 0;
}

void signals_deliver() {
  if (!receiver || !signals_wanted()) return;
  u32 n = take_pending();
  G* g = receiver;
  receiver = nullptr;
  *static_cast<u32*>(g->param) = n;
  g->param = nullptr;
  ready(g);
}

extern "C" {
void rt_signalRecv(u32* result, G* g) {
  external_wakeups = true;
  if (u32 n = take_pending()) {
    *result = n;
    return;
  }
  receiver = g;
  g->param = result;
  park(g, Wait::SignalIdle);
}
void rt_signalSet(SignalSetArgs* a, G*) {
  u32 sig = a->signal, what = a->what;
  if (sig == 0 || sig > kSignals) return;
  assign(wanted, sig, what == 1);
  assign(ignored, sig, what == 2);
  if (what == 1) {
    external_wakeups = true;
    if (sig != 9 && sig != 19) set_handler(int(sig), rt_sigtramp);
  } else if (what == 2) {
    set_ignore(int(sig));
  } else {
    set_initial(int(sig));
  }
}
void rt_signalIgnored(SignalIgnoredArgs* a, G*) {
  a->result = false;
  if (a->signal == 0 || a->signal > kSignals) return;
  a->result = is_ignored(int(a->signal));
}
void rt_signalIdle(bool* idle, G*) { *idle = !signals_wanted(); }
void rt_sigpipeop(void*, G*) {
  if (test(wanted, SigPipe) || test(ignored, SigPipe)) return;
  die_from(SigPipe);
}

// ---- fork and exec ------------------------------------------------------------------------------
static u64 saved_mask = 0;
void rt_beforeFork(void*, G*) {
  u64 all = ~u64(0);
  os::syscall(os::SysRtSigprocmask, 2, long(&all), long(&saved_mask), 8);
}
void rt_afterFork(void*, G*) { os::syscall(os::SysRtSigprocmask, 2, long(&saved_mask), 0, 8); }
// In the child of vfork, which shares our memory: handlers are its own already, everything else is not.
void rt_afterForkInChild(void*, G*) {
  for (int sig = 1; sig <= 64; ++sig) {
    KernelAction now = {};
    if (os::syscall(os::SysRtSigaction, sig, 0, long(&now), 8) == 0 && u64(now.handler) > 1) set_default(sig);
  }
  os::syscall(os::SysRtSigprocmask, 2, long(&saved_mask), 0, 8);
}
}
}  // namespace vole::runtime
