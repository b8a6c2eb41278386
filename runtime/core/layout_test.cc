// The overlay's golib/runtime/layout.go mirrors core/layout.h by hand: here vole's own checker lays the Go
// structs out, and every field must stand where C++ has it. The same for the argument blocks of the entries
// that golib/runtime/stubs.go declares.
#include "core/layout.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "lang/panic.h"
#include "mem/sizeclass.h"
#include "os/signals.h"
#include "sched/chan.h"
#include "sched/netpoll.h"
#include "sched/sched.h"
#include "sched/sema.h"
#include "sched/synctest.h"
#include "sched/timer.h"
#include "syntax/parse.h"
#include "trace/profile.h"
#include "trace/traceback.h"
#include "types/check.h"

namespace vole::runtime {
namespace {
std::string slurp(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

std::unique_ptr<types::Package> check(const char* path, std::initializer_list<std::string_view> sources,
                                      types::Package* abi) {
  diag::Diagnostics diags;
  std::vector<std::unique_ptr<syntax::File>> files;
  for (std::string_view s : sources) files.push_back(syntax::parse(Name::intern(path), s, diags));
  types::Config config;
  config.import = [&](Name name, std::string&) { return name == "unsafe" ? types::Unsafe : abi; };
  config.allow_unsafe_internals = config.has_assembly = true;
  config.report_unused = false;
  auto p = types::check(Name::intern(path), std::move(files), config, diags);
  diags.finish();
  EXPECT_TRUE(diags.empty()) << diag::render(diags, "", {});
  return p;
}

class LayoutTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    abi_ = check("internal/abi",
                 {"package abi\ntype Type struct{ _ [48]byte }\ntype ITab struct{ _ [32]byte }\ntype RegArgs "
                  "struct{}\n"},
                 nullptr)
               .release();
    // Types of other files that these two have pointers to.
    constexpr const char* kOthers =
        "package runtime\ntype (coro struct{}; scase struct{}; notifyList struct{}; Func struct{})\n";
    overlay_ = check("runtime",
                     {slurp(VOLE_GOLIB "/runtime/layout.go"), slurp(VOLE_GOLIB "/runtime/stubs.go"),
                      slurp(VOLE_GOLIB "/runtime/zcontract.go"), kOthers},
                     abi_)
                   .release();
  }
  struct Field {
    const char* name;
    size_t offset;
  };
  // Each field of the Go struct stands where the list says; `whole` is the size in C++, or 0 when Go knows
  // only the first part.
  void expect(const char* name, size_t whole, std::initializer_list<Field> fields) {
    SCOPED_TRACE(name);
    types::Object* o = overlay_->scope->lookup(Name::intern(name));
    ASSERT_NE(o, nullptr);
    auto* s = types::under(o->type)->as<types::Struct>();
    ASSERT_NE(s, nullptr);
    if (whole) EXPECT_EQ(size_t(types::size_of(s)), whole);
    std::map<std::string, size_t> want;
    for (const Field& f : fields) want[f.name] = f.offset;
    auto offsets = types::field_offsets(s);
    for (size_t i = 0; i < s->fields.size(); ++i) {
      std::string field(s->fields[i]->name.text());
      if (field.starts_with("pad")) continue;
      auto it = want.find(field);
      ASSERT_NE(it, want.end()) << "field " << field << " has no counterpart here";
      EXPECT_EQ(size_t(offsets[i]), it->second) << field;
      want.erase(it);
    }
    for (auto& [field, offset] : want) ADD_FAILURE() << "Go has no field " << field;
  }
  struct Arg {
    size_t offset, size;
    bool operator==(const Arg&) const = default;
  };
  // An ABI0 argument block: parameters in order, results from the next word on (docs/contract.md, "Calls").
  void expect_args(const char* name, std::vector<Arg> want) {
    SCOPED_TRACE(name);
    types::Object* o = overlay_->scope->lookup(Name::intern(name));
    ASSERT_NE(o, nullptr);
    auto* sig = o->type->as<types::Signature>();
    ASSERT_NE(sig, nullptr);
    std::vector<Arg> got;
    size_t at = 0;
    auto add = [&](std::span<types::Var*> vars) {
      for (types::Var* v : vars) {
        at = align_up(at, size_t(types::align_of(v->type)));
        got.push_back({at, size_t(types::size_of(v->type))});
        at += got.back().size;
      }
    };
    add(sig->params);
    at = align_up(at, 8);
    add(sig->results);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].offset, want[i].offset) << "of argument " << i;
      EXPECT_EQ(got[i].size, want[i].size) << "of argument " << i;
    }
  }
  static inline types::Package *abi_, *overlay_;
};

#define AT(go, type, member) {#go, offsetof(type, member)}

TEST_F(LayoutTest, Goroutine) {
  expect("g", 0,
         {AT(stacklo, G, stack_lo),
          AT(stackhi, G, stack_hi),
          AT(stackguard0, G, stackguard0),
          AT(stackguard1, G, stackguard1),
          AT(_panic, G, panic),
          AT(_defer, G, defer),
          AT(m, G, m),
          AT(sched, G, sched),
          AT(goid, G, goid),
          AT(parentGoid, G, parent_goid),
          AT(gopc, G, gopc),
          AT(startpc, G, startpc),
          AT(status, G, status),
          AT(wait, G, wait),
          AT(system, G, system),
          AT(paniconfault, G, panic_on_fault),
          AT(fipsIndicator, G, fips_indicator),
          AT(fipsBypass, G, fips_bypass),
          AT(didGoexit, G, did_goexit),
          AT(preempt, G, preempt),
          AT(leaked, G, leaked),
          AT(sig, G, sig),
          AT(locks, G, locks),
          AT(sigcode, G, sigcode),
          AT(sigaddr, G, sigaddr),
          AT(sigpc, G, sigpc),
          AT(labels, G, labels),
          AT(lockedExt, G, locked_ext),
          AT(throwing, G, throwing),
          AT(syscallsp, G, syscall_sp),
          AT(syscallpc, G, syscall_pc),
          AT(syscallbp, G, syscall_bp),
          AT(coro, G, coro),
          AT(bubble, G, bubble),
          AT(param, G, param),
          AT(waitsince, G, wait_since)});
  expect("gobuf", sizeof(Gobuf),
         {AT(sp, Gobuf, sp), AT(pc, Gobuf, pc), AT(g, Gobuf, g), AT(ctxt, Gobuf, ctxt), AT(lr, Gobuf, lr),
          AT(bp, Gobuf, bp)});
}

TEST_F(LayoutTest, ThreadAndItsCache) {
  using Slots = runtime::Run;  // the fixture has a Run of its own
  expect("m", 0, {AT(g0sp, M, g0_sp), AT(curg, M, curg), AT(cache, M, mcache), AT(p, M, p)});
  expect("run", sizeof(Slots), {AT(next, Slots, next), AT(end, Slots, end), AT(size, Slots, size)});
  expect("mcache", sizeof(Mcache),
         {AT(runs, Mcache, runs), AT(tiny, Mcache, tiny), AT(tinyEnd, Mcache, tiny_end),
          AT(tinyAllocs, Mcache, tiny_allocs)});
}

TEST_F(LayoutTest, DefersAndPanics) {
  expect("_defer", sizeof(Defer),
         {AT(heap, Defer, heap), AT(rangefunc, Defer, rangefunc), AT(sp, Defer, sp), AT(pc, Defer, pc),
          AT(fn, Defer, fn), AT(link, Defer, link), AT(head, Defer, head)});
  expect("_panic", sizeof(Panic),
         {AT(arg, Panic, arg), AT(link, Panic, link), AT(sp, Panic, sp), AT(deferSP, Panic, defer_sp),
          AT(deferPC, Panic, defer_pc), AT(recovered, Panic, recovered), AT(repanicked, Panic, repanicked),
          AT(goexit, Panic, goexit)});
}

TEST_F(LayoutTest, ChannelsAndTimers) {
  expect("hchan", sizeof(Chan),
         {AT(count, Chan, count), AT(cap, Chan, cap), AT(buf, Chan, buf), AT(elemsize, Chan, elem_size),
          AT(elemtype, Chan, elem_type), AT(sendx, Chan, send_index), AT(recvx, Chan, recv_index),
          AT(recvq, Chan, receivers), AT(sendq, Chan, senders), AT(timer, Chan, timer),
          AT(closed, Chan, closed), AT(bubble, Chan, bubble)});
  expect("waitq", sizeof(WaitQueue), {AT(first, WaitQueue, first), AT(last, WaitQueue, last)});
  expect("timer", sizeof(Timer),
         {AT(c, Timer, chan), AT(init, Timer, init), AT(isChan, Timer, is_chan), AT(native, Timer, native),
          AT(state, Timer, state), AT(when, Timer, when), AT(period, Timer, period), AT(f, Timer, fn),
          AT(arg, Timer, arg), AT(seq, Timer, seq), AT(cfn, Timer, native_fn), AT(index, Timer, index),
          AT(next, Timer, next), AT(delta, Timer, delta), AT(bubble, Timer, bubble)});
}

TEST_F(LayoutTest, Values) {
  expect("eface", sizeof(Eface), {AT(_type, Eface, type), AT(data, Eface, data)});
  expect("slice", sizeof(GoSlice), {AT(array, GoSlice, ptr), AT(len, GoSlice, len), AT(cap, GoSlice, cap)});
  expect("gslice", sizeof(GoSlice), {AT(ptr, GoSlice, ptr), AT(len, GoSlice, len), AT(cap, GoSlice, cap)});
  expect("stringHeader", sizeof(GoString), {AT(str, GoString, ptr), AT(len, GoString, len)});
  expect("funcval", sizeof(FuncVal), {AT(fn, FuncVal, code)});
}

TEST_F(LayoutTest, Module) {
  using D = abi::ModuleData;
  expect("moduledata", sizeof(D),
         {AT(pcheader, D, pcheader),
          AT(funcnametab, D, funcnametab),
          AT(cutab, D, cutab),
          AT(filetab, D, filetab),
          AT(pctab, D, pctab),
          AT(pclntable, D, pclntable),
          AT(ftab, D, ftab),
          AT(findfunctab, D, findfunctab),
          AT(minpc, D, minpc),
          AT(maxpc, D, maxpc),
          AT(text, D, text),
          AT(etext, D, etext),
          AT(noptrdata, D, noptrdata),
          AT(enoptrdata, D, enoptrdata),
          AT(data, D, data),
          AT(edata, D, edata),
          AT(bss, D, bss),
          AT(ebss, D, ebss),
          AT(noptrbss, D, noptrbss),
          AT(enoptrbss, D, enoptrbss),
          AT(covctrs, D, covctrs),
          AT(ecovctrs, D, ecovctrs),
          AT(end, D, end),
          AT(gcdatamask, D, gcdata_mask),
          AT(gcbssmask, D, gcbss_mask),
          AT(rodata, D, rodata),
          AT(gofunc, D, gofunc),
          AT(types, D, types),
          AT(etypes, D, etypes),
          AT(typelinks, D, typelinks),
          AT(itablinks, D, itablinks),
          AT(inittasks, D, inittasks),
          AT(runtimeInittasks, D, runtime_inittasks),
          AT(modinfo, D, modinfo),
          AT(buildVersion, D, build_version),
          AT(defaultGOROOT, D, default_goroot),
          AT(defaultGODEBUG, D, default_godebug),
          AT(mainMain, D, main_main),
          AT(hasMain, D, has_main)});
}

#define ARG(type, member) {offsetof(type, member), sizeof(type::member)}

TEST_F(LayoutTest, ArgumentsOfChannelsAndSemaphores) {
  for (const char* op : {"chansendop", "chanrecvop"})
    expect_args(op, {ARG(ChanArgs, c), ARG(ChanArgs, elem), ARG(ChanArgs, block), ARG(ChanArgs, result)});
  expect_args("chancloseop", {ARG(CloseArgs, c), ARG(CloseArgs, result)});
  expect_args("selectop",
              {ARG(SelectArgs, cases), ARG(SelectArgs, order), ARG(SelectArgs, sends), ARG(SelectArgs, recvs),
               ARG(SelectArgs, block), ARG(SelectArgs, index), ARG(SelectArgs, result)});
  expect_args("semacquireop",
              {ARG(SemaAcquireArgs, address), ARG(SemaAcquireArgs, lifo), ARG(SemaAcquireArgs, reason)});
  expect_args("semreleaseop", {ARG(SemaReleaseArgs, address), ARG(SemaReleaseArgs, handoff)});
  expect_args("notifyListWaitop", {ARG(NotifyWaitArgs, l), ARG(NotifyWaitArgs, ticket)});
}

TEST_F(LayoutTest, ArgumentsOfTimersAndPoller) {
  expect_args("timerNext",
              {ARG(TimerCall, fn), ARG(TimerCall, arg), ARG(TimerCall, seq), ARG(TimerCall, delta)});
  size_t call = offsetof(TimerClaimArgs, call);
  expect_args("timerClaim", {ARG(TimerClaimArgs, t),
                             {call + offsetof(TimerCall, fn), 8},
                             {call + offsetof(TimerCall, arg), 16},
                             {call + offsetof(TimerCall, seq), 8},
                             {call + offsetof(TimerCall, delta), 8}});
  expect_args("timerStop", {ARG(TimerStopArgs, t), ARG(TimerStopArgs, active)});
  expect_args("timerReset", {ARG(TimerResetArgs, t), ARG(TimerResetArgs, when), ARG(TimerResetArgs, period),
                             ARG(TimerResetArgs, active)});
  expect_args("pollOpen", {ARG(PollOpenArgs, fd), ARG(PollOpenArgs, ctx), ARG(PollOpenArgs, error)});
  for (const char* op : {"pollWait", "pollReset"})
    expect_args(op, {ARG(PollWaitArgs, ctx), ARG(PollWaitArgs, mode), ARG(PollWaitArgs, result)});
  expect_args("pollSetDeadline",
              {ARG(PollDeadlineArgs, ctx), ARG(PollDeadlineArgs, d), ARG(PollDeadlineArgs, mode)});
  expect_args("isPollServerDescriptor", {ARG(PollIsServerArgs, fd), ARG(PollIsServerArgs, is)});
}

TEST_F(LayoutTest, ArgumentsOfTheRest) {
  expect_args("coroinit", {ARG(CoroInitArgs, c), ARG(CoroInitArgs, start), ARG(CoroInitArgs, pc)});
  expect_args("coroswap", {ARG(CoroSwapArgs, c), ARG(CoroSwapArgs, ok)});
  expect_args("synctestJoin", {ARG(JoinArgs, b), ARG(JoinArgs, old)});
  expect_args("signalSet", {ARG(SignalSetArgs, signal), ARG(SignalSetArgs, what)});
  expect_args("signalIgnored", {ARG(SignalIgnoredArgs, signal), ARG(SignalIgnoredArgs, result)});
  expect_args("recoverable", {ARG(RecoverableArgs, p), ARG(RecoverableArgs, result)});
  expect_args("callersop", {ARG(CallersArgs, g), ARG(CallersArgs, skip), ARG(CallersArgs, pcs),
                            ARG(CallersArgs, n), ARG(CallersArgs, result)});
  expect_args("stackop",
              {ARG(StackArgs, buf), ARG(StackArgs, n), ARG(StackArgs, all), ARG(StackArgs, result)});
  expect_args("profileread",
              {ARG(ProfileReadArgs, data), ARG(ProfileReadArgs, room), ARG(ProfileReadArgs, tags),
               ARG(ProfileReadArgs, hz), ARG(ProfileReadArgs, words), ARG(ProfileReadArgs, ntags),
               ARG(ProfileReadArgs, eof)});
}

// The numbers in the braces of a table.
std::vector<u64> table(const std::string& text, const std::string& name) {
  std::vector<u64> v;
  size_t at = text.find("var " + name + " = [");
  EXPECT_NE(at, std::string::npos) << name;
  at = text.find('{', at);
  std::string body = text.substr(at, text.find('}', at) - at);
  std::regex number("\\d+");
  for (std::sregex_iterator it(body.begin(), body.end(), number), end; it != end; ++it)
    v.push_back(std::stoull(it->str()));
  return v;
}

// The overlay's tables are generated; the classes they give are those the heap works with.
TEST(SizeClasses, AreThoseOfTheOverlay) {
  std::string contract = slurp(VOLE_GOLIB "/runtime/zcontract.go");
  EXPECT_EQ(table(contract, "classSizes"), std::vector<u64>(std::begin(kClassSizes), std::end(kClassSizes)));
  std::vector<u64> small = table(contract, "smallClass");
  ASSERT_EQ(small.size(), kHeaderThreshold / 8 + 1);
  for (u64 size = 1; size <= kHeaderThreshold; ++size)
    EXPECT_EQ(small[(size + 7) / 8], u64(size_class(size))) << size;
}

// sync.go numbers the reasons to wait that it gives.
TEST(Waits, HaveTheNumbersThatGoGives) {
  std::string text = slurp(VOLE_GOLIB "/runtime/sync.go");
  std::map<std::string, Wait> want = {{"Semacquire", Wait::Semacquire},
                                      {"MutexLock", Wait::MutexLock},
                                      {"RWMutexRLock", Wait::RWMutexRLock},
                                      {"RWMutexLock", Wait::RWMutexLock},
                                      {"WaitGroup", Wait::WaitGroupWait}};
  std::regex constant("\\n\\twait(\\w+) *= (\\d+)");
  size_t n = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), constant), end; it != end; ++it, ++n)
    EXPECT_EQ(std::stoi((*it)[2]), int(want.at((*it)[1]))) << (*it)[1];
  EXPECT_EQ(n, want.size());
}
}  // namespace
}  // namespace vole::runtime
