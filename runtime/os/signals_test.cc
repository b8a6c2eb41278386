// The queue of signals for os/signal, with real signals that the test sends to itself; and what the handler
// makes of faults and requests to yield.
#include "os/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <ucontext.h>

#include <set>

#include "host/functions.h"
#include "host/host.h"
#include "sched/sched.h"
#include "trace/traceback.h"

namespace vole::runtime {
extern "C" {
void rt_signal_handler(int sig, void* info, void* context);
extern const u8 rt_sigpanic_entry[], rt_sigpanic0_entry[], rt_async_begin[];
}
namespace {
using host::Outcome;

class SignalTest : public testing::Test {
 protected:
  void SetUp() override {
    host::start();
    for (u32 sig : {SIGUSR1, SIGUSR2, SIGWINCH}) set(sig, 1);
  }
  void TearDown() override {
    for (u32 sig : {SIGUSR1, SIGUSR2, SIGWINCH}) set(sig, 0);
    external_wakeups = false;
    EXPECT_FALSE(signals_wanted());
    EXPECT_EQ(host::next_ready(), nullptr);
  }
  void set(u32 sig, u32 what) {
    SignalSetArgs a = {sig, what};
    host::enter(rt_signalSet, &a, g);
  }
  bool ignored(u32 sig) {
    SignalIgnoredArgs a = {sig, true};
    host::enter(rt_signalIgnored, &a, g);
    return a.result;
  }
  bool idle() {
    bool v;
    host::enter(rt_signalIdle, &v, g);
    return v;
  }
  G* g = host::new_goroutine();
  u32 got = 0;
};

TEST_F(SignalTest, QueuedUntilAskedFor) {
  EXPECT_TRUE(idle());
  raise(SIGUSR1);
  EXPECT_TRUE(signals_wanted());
  EXPECT_FALSE(idle());
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
  EXPECT_EQ(got, u32(SIGUSR1));
  EXPECT_TRUE(idle());
}

TEST_F(SignalTest, EachOnceHoweverOftenItCame) {
  for (int i = 0; i < 3; ++i) raise(SIGUSR2), raise(SIGWINCH);
  std::set<u32> all;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
    all.insert(got);
  }
  EXPECT_EQ(all, (std::set<u32>{SIGUSR2, SIGWINCH}));
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Waits);
  raise(SIGUSR1);
  signals_deliver();
  EXPECT_EQ(host::next_ready(), g);
}

TEST_F(SignalTest, DeliveredToTheWaitingGoroutine) {
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Waits);
  signals_deliver();
  EXPECT_EQ(host::next_ready(), nullptr);
  raise(SIGUSR1);
  raise(SIGUSR2);
  signals_deliver();
  EXPECT_EQ(host::next_ready(), g);
  EXPECT_EQ(got, u32(SIGUSR1));
  signals_deliver();
  EXPECT_EQ(host::next_ready(), nullptr) << "nobody waits";
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
  EXPECT_EQ(got, u32(SIGUSR2));
}

TEST_F(SignalTest, TheSchedulerLooksForThem) {
  host::enter(rt_signalRecv, &got, g);
  raise(SIGUSR2);
  EXPECT_EQ(host::wait_ready(), g);
  EXPECT_EQ(got, u32(SIGUSR2));
}

TEST_F(SignalTest, IgnoredAndBack) {
  EXPECT_FALSE(ignored(SIGUSR1));
  set(SIGUSR1, 2);
  EXPECT_TRUE(ignored(SIGUSR1));
  raise(SIGUSR1);
  EXPECT_TRUE(idle());
  set(SIGUSR1, 0);
  EXPECT_FALSE(ignored(SIGUSR1));
  for (u32 none : {0u, 65u, 1000u}) {
    set(none, 1);
    EXPECT_FALSE(ignored(none));
  }
}

// Some signals stay caught when nobody wants them any more: they are not queued then.
TEST_F(SignalTest, NoLongerWanted) {
  set(SIGIO, 1);
  raise(SIGIO);
  EXPECT_EQ(host::enter(rt_signalRecv, &got, g), Outcome::Returned);
  set(SIGIO, 0);
  raise(SIGIO);
  EXPECT_TRUE(idle());
}

TEST_F(SignalTest, FaultsHaveTexts) {
  Str text = signal_text(SIGSEGV);
  EXPECT_TRUE(text == Str("SIGSEGV: segmentation violation"));
  EXPECT_EQ(signal_text(SIGUSR1).len, 0);
}
// ---- what the handler does to Go code -----------------------------------------------------------
// The handler is called as the kernel would call it, with a context made by hand: a goroutine that stands
// somewhere.
class HandlerTest : public testing::Test {
 protected:
  void SetUp() override {
    fs.add("main.main", 64, 24);
    fs.add("main.f", 64, 40).unsafe_point = {
        {20, abi::UnsafePointSafe}, {24, abi::UnsafePointUnsafe}, {64, abi::UnsafePointSafe}};
    fs.add("runtime.f", 64, 40);
    fs.add("internal/runtime/maps.f", 64, 40);
    fs.add("reflect.f", 64, 40);
    fs.add("main.asm", 64, 40).flags = abi::FuncFlagAsm;
    fs.add_bare("rt_f", 64);
    object::FuncInfo& f = fs.add("main.inlines", 64, 40);
    f.lines = {{20, fs.pos("a.go", 1), -1}, {30, fs.pos("a.go", 5), 0}, {64, fs.pos("a.go", 2), -1}};
    f.inlines = {{-1, Name::intern("runtime.inlined"), fs.pos("a.go", 2), 4, 19, 0}};
    fs.link();
    stand("main.f", 40);
  }
  // Where the goroutine is.
  void stand(const char* function, u32 offset) {
    frames = host::Frames(g);
    frames.call(fs.at("main.main", 20), 24).call(fs.at(function, offset), 40);
    at(fs.at(function, offset), frames.sp());
  }
  void at(u64 pc, u64 sp) {
    context = {};
    context.uc_mcontext.gregs[REG_RIP] = i64(pc);
    context.uc_mcontext.gregs[REG_RSP] = i64(sp);
    context.uc_mcontext.gregs[REG_RBP] = i64(frames.bp());
  }
  u64 reg(int r) { return u64(context.uc_mcontext.gregs[r]); }
  void signal(int sig, int code, u64 address) {
    siginfo_t info = {};
    info.si_signo = sig;
    info.si_code = code;
    info.si_addr = reinterpret_cast<void*>(address);
    struct Call {
      int sig;
      siginfo_t* info;
      ucontext_t* context;
    } call = {sig, &info, &context};
    host::enter<Call>([](Call* c, G*) { rt_signal_handler(c->sig, c->info, c->context); }, &call, g);
  }
  bool preempts() {
    u64 pc = reg(REG_RIP), sp = reg(REG_RSP);
    signal(SIGURG, SI_TKILL, 0);
    if (reg(REG_RIP) == pc) return false;
    EXPECT_EQ(reg(REG_RIP), u64(rt_async_begin));
    EXPECT_EQ(reg(REG_RSP), sp - 8);
    EXPECT_EQ(*reinterpret_cast<u64*>(sp - 8), pc);
    return true;
  }
  G* g = host::new_goroutine();
  host::Functions fs;
  host::Frames frames{g};
  ucontext_t context = {};
};

TEST_F(HandlerTest, FaultsOfGoCodeBecomeCallsOfSigpanic) {
  u64 pc = reg(REG_RIP), sp = reg(REG_RSP);
  signal(SIGSEGV, SEGV_MAPERR, 0x18);
  EXPECT_EQ(reg(REG_RIP), u64(rt_sigpanic_entry));
  EXPECT_EQ(reg(REG_RSP), sp - 8);
  EXPECT_EQ(*reinterpret_cast<u64*>(sp - 8), pc) << "as if the instruction had called it";
  EXPECT_EQ(g->sig, u32(SIGSEGV));
  EXPECT_EQ(g->sigaddr, 0x18u);
  EXPECT_EQ(g->sigpc, pc);
  EXPECT_EQ(g->sigcode, u64(SEGV_MAPERR));
  stand("main.f", 40);
  signal(SIGFPE, FPE_INTDIV, 0);
  EXPECT_EQ(reg(REG_RIP), u64(rt_sigpanic_entry));
  EXPECT_EQ(g->sig, u32(SIGFPE));
}

TEST_F(HandlerTest, CallsThroughBadPointersBelongToTheirCaller) {
  for (u64 pc : {u64(0), u64(0x77), u64(0x123456789)}) {
    u64 sp = frames.sp() - 8;
    *reinterpret_cast<u64*>(sp) = fs.at("main.f", 40);
    at(pc, sp);
    signal(SIGSEGV, SEGV_MAPERR, pc);
    EXPECT_EQ(reg(REG_RIP), u64(rt_sigpanic0_entry));
    EXPECT_EQ(reg(REG_RSP), sp) << "the return address is there already";
  }
}

TEST_F(HandlerTest, FaultsElsewhereEndTheProgram) {
  int here;
  at(0x123456789, u64(&here));
  EXPECT_EXIT(signal(SIGSEGV, SEGV_MAPERR, 0x10), testing::ExitedWithCode(2),
              "^fatal error: unexpected signal during runtime execution\n\\[signal SIGSEGV: segmentation "
              "violation code=0x1 addr=0x10 pc=0x123456789\\]\n");
  stand("main.f", 40);
  EXPECT_EXIT(signal(SIGSEGV, SI_TKILL, 0x10), testing::ExitedWithCode(2), "unexpected signal")
      << "sent by somebody, not a fault";
}

TEST_F(HandlerTest, GoroutinesYieldOnlyWhenAsked) {
  EXPECT_FALSE(preempts());
  g->preempt = 1;
  EXPECT_TRUE(preempts());
}

TEST_F(HandlerTest, GoroutinesYieldOnlyWhereTheyCanGoOn) {
  g->preempt = 1;
  stand("main.f", 22);
  EXPECT_FALSE(preempts()) << "marked unsafe";
  stand("main.f", 19);
  EXPECT_TRUE(preempts());
  for (const char* name : {"runtime.f", "internal/runtime/maps.f", "reflect.f", "main.asm", "rt_f"}) {
    stand(name, 40);
    EXPECT_FALSE(preempts()) << name;
  }
  stand("main.inlines", 25);
  EXPECT_FALSE(preempts()) << "the runtime's own, inlined";
  stand("main.inlines", 40);
  EXPECT_TRUE(preempts());
}

TEST_F(HandlerTest, GoroutinesYieldOnlyInAStateToDoSo) {
  g->preempt = 1;
  g->locks = 1;
  EXPECT_FALSE(preempts());
  g->locks = 0;
  g->status = Status::Syscall;
  EXPECT_FALSE(preempts());
  g->status = Status::Running;
  at(fs.at("main.f", 40), g->stack_lo + 500);
  EXPECT_FALSE(preempts()) << "no room for the registers";
  int here;
  at(fs.at("main.f", 40), u64(&here));
  EXPECT_FALSE(preempts()) << "on another stack";
}
}  // namespace
}  // namespace vole::runtime
