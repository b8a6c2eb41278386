// Who may recover: stacks made by hand, each a way in which recover() can be called.
#include "lang/panic.h"

#include <gtest/gtest.h>

#include "host/functions.h"
#include "host/host.h"

namespace vole::runtime {
namespace {
class RecoverTest : public testing::Test {
 public:
  void SetUp() override {
    fs.add("main.main", 64, 24);
    fs.add("main.deferred", 64, 24);
    fs.add("main.helper", 64, 24);
    fs.add("main.T.method", 64, 24).func_id = abi::FuncWrapper;
    fs.add("runtime.gopanic", 64, 40).func_id = abi::FuncGopanic;
    fs.add("runtime.gorecover", 64, 24);
    fs.add("runtime.recoverable", 64, 24).func_id = abi::FuncWrapper;
    fs.add("runtime.deferreturn", 64, 24).func_id = abi::FuncWrapper;
    object::FuncInfo& f =
        fs.add("main.inlines", 64, 24);  // main.helper is inlined at 20, and says recover() there
    f.lines = {{20, fs.pos("a.go", 1), -1}, {30, fs.pos("a.go", 5), 0}, {64, fs.pos("a.go", 2), -1}};
    f.inlines = {{-1, Name::intern("main.helper"), fs.pos("a.go", 2), 4, 19, 0}};
    fs.link();
    frames.call(fs.at("main.main", 20), 24);
  }
  RecoverTest& then(const char* name, u64 size = 24, u32 offset = 22) {
    frames.call(fs.at(name, offset), size);
    return *this;
  }
  RecoverTest& panics(Panic& p) {
    then("runtime.gopanic", 40);
    p.sp = frames.fp();
    return *this;
  }
  bool recovers(Panic& p) {
    then("runtime.gorecover").then("runtime.recoverable");
    frames.stop();
    RecoverableArgs a = {&p, false};
    EXPECT_EQ(host::enter(rt_recoverable, &a, g), host::Outcome::Returned);
    return a.result;
  }
  G* g = host::new_goroutine();
  host::Functions fs;
  host::Frames frames{g};
  Panic p = {}, inner = {};
};

TEST_F(RecoverTest, DeferredFunctionRecovers) { EXPECT_TRUE(panics(p).then("main.deferred").recovers(p)); }
TEST_F(RecoverTest, ItsCalleeDoesNot) {
  EXPECT_FALSE(panics(p).then("main.deferred").then("main.helper").recovers(p));
}
TEST_F(RecoverTest, WrappersDoNotCount) {
  EXPECT_TRUE(panics(p).then("main.T.method").then("main.deferred").then("main.T.method").recovers(p));
}
TEST_F(RecoverTest, NobodyPanics) { EXPECT_FALSE(then("main.deferred").recovers(p)); }
TEST_F(RecoverTest, InlinedCalleesAreCallees) { EXPECT_FALSE(panics(p).then("main.inlines").recovers(p)); }
TEST_F(RecoverTest, BesideAnInlinedCall) { EXPECT_TRUE(panics(p).then("main.inlines", 24, 40).recovers(p)); }
TEST_F(RecoverTest, RecoverItselfDeferred) { EXPECT_FALSE(panics(p).recovers(p)); }
TEST_F(RecoverTest, DeferredByTheDeferredFunction) {
  EXPECT_TRUE(panics(p).then("main.deferred").then("runtime.deferreturn").recovers(p));
}
TEST_F(RecoverTest, OnlyTheInnermostPanic) {
  panics(p).then("main.deferred").panics(inner).then("main.deferred");
  EXPECT_TRUE(recovers(inner));
}
TEST_F(RecoverTest, NotAnOuterOne) {
  panics(p).then("main.deferred").panics(inner).then("main.deferred");
  EXPECT_FALSE(recovers(p));
}

TEST_F(RecoverTest, FunctionsWithoutDefersAreNoPlaceToGoOn) {
  u64 a[2] = {frames.sp(), fs.at("main.main", 20)};
  EXPECT_EXIT(rt_recoveryop(a, g), testing::ExitedWithCode(2),
              "recovery in a function without deferred calls");
}
}  // namespace
}  // namespace vole::runtime
