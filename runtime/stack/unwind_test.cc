// The frame walk over stacks made by hand.
#include "stack/unwind.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/functions.h"
#include "host/host.h"

namespace vole::runtime {
extern "C" {
extern const u8 rt_reflectcall_return[], rt_reflectcall_grown[], rt_async_begin[], rt_leaf_begin[],
    rt_leaf_end[];
}
namespace {
struct Seen {
  std::string name;
  u64 sp, fp, bp, pc;
  bool operator==(const Seen&) const = default;
};
void PrintTo(const Seen& s, std::ostream* out) {
  *out << s.name << " sp " << s.sp << " fp " << s.fp << " bp " << s.bp << " pc " << s.pc;
}

std::vector<Seen> walk(Unwinder u) {
  std::vector<Seen> v;
  for (; u.valid() && v.size() < 1000; u.next()) {
    Str name = u.func() ? func_name(u.func()) : Str(u.is_reflectcall() ? "reflectcall" : "no function");
    v.push_back({{name.ptr, size_t(name.len)}, u.sp(), u.fp(), u.bp(), u.pc()});
  }
  return v;
}

class UnwindTest : public testing::Test {
 protected:
  void SetUp() override {
    fs.add("main.main", 64, 24);
    fs.add("main.f", 64, 40);
    fs.add("main.g", 64, 8);
    fs.add("main.leaf", 64, 0);
    fs.add("runtime.sigpanic", 64, 16).func_id = abi::FuncSigpanic;
    fs.add("runtime.main", 64, 24).flags = abi::FuncFlagTopFrame;
    object::FuncInfo& m = fs.add("main.mapped", 64, 24);
    m.stackmap_index = {{19, -1}, {20, 4}, {29, -1}, {30, 6}, {64, -1}};
    fs.link();
  }
  // A frame of the function of that name and frame size, stopped after the call that ends at `offset`.
  void call(const char* name, u32 offset, u64 size) {
    frames.call(fs.at(name, offset), size);
    note(name, fs.at(name, offset));
  }
  void note(const char* name, u64 pc) {
    want.insert(want.begin(), {name, frames.sp(), frames.fp(), frames.bp(), pc});
  }
  G* g = host::new_goroutine();
  host::Functions fs;
  host::Frames frames{g};
  std::vector<Seen> want;
};

TEST_F(UnwindTest, FramesFromTheInside) {
  call("main.main", 20, 24);
  call("main.f", 33, 40);
  call("main.g", 9, 8);
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
  EXPECT_EQ(want[1].sp, want[0].fp) << "the test's own idea of a frame";
}

TEST_F(UnwindTest, GoroutineThatHasNotStarted) {
  frames.call(fs.at("main.f"), 0);
  frames.stop();
  Unwinder u(g);
  ASSERT_TRUE(u.valid());
  EXPECT_EQ(u.pc(), fs.at("main.f"));
  EXPECT_EQ(u.lookup_pc(), u.pc()) << "no call precedes it";
  EXPECT_EQ(u.delta(), 0u);
  u.next();
  EXPECT_FALSE(u.valid());
}

TEST_F(UnwindTest, BeforeTheFrameIsMade) {
  call("main.main", 20, 24);
  frames.call(fs.at("main.f", 3), 0);
  note("main.f", fs.at("main.f", 3));
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g, frames.sp(), fs.at("main.f", 3), frames.bp(), true)), want);
}

TEST_F(UnwindTest, TopFramesEndTheWalk) {
  call("main.main", 20, 24);
  want.clear();
  call("runtime.main", 20, 24);
  call("main.g", 9, 8);
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
}

TEST_F(UnwindTest, SystemCallsKeepTheirOwnPlace) {
  call("main.main", 20, 24);
  call("main.f", 33, 40);
  g->syscall_sp = frames.sp();
  g->syscall_pc = fs.at("main.f", 33);
  g->syscall_bp = frames.bp();
  g->sched.sp = g->sched.pc = g->sched.bp = 1;
  EXPECT_EQ(walk(Unwinder(g)), want);
  g->syscall_sp = 0;
}

TEST_F(UnwindTest, FramesWithoutTheSavedRegister) {
  call("main.main", 20, 24);
  call("main.leaf", 20, 0);
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
  EXPECT_EQ(want[0].bp, want[1].bp);
}

// The frame under sigpanic was stopped at an instruction, not after a call.
TEST_F(UnwindTest, FaultsStopAtTheInstructionItself) {
  call("main.main", 20, 24);
  call("main.f", 33, 40);
  call("runtime.sigpanic", 20, 16);
  frames.stop();
  Unwinder u(g);
  EXPECT_EQ(u.lookup_pc(), u.pc() - 1);
  u.next();
  EXPECT_EQ(u.lookup_pc(), fs.at("main.f", 33));
  EXPECT_TRUE(u.exact_pc());
  u.next();
  EXPECT_EQ(u.lookup_pc(), fs.at("main.main", 19));
  EXPECT_FALSE(u.exact_pc());
}

TEST_F(UnwindTest, ReflectcallsFrameIsAsLargeAsItsRegisterSays) {
  call("main.main", 20, 24);
  for (u64 size : {16, 48, 208}) {
    frames.call(u64(rt_reflectcall_return), size);
    note("reflectcall", u64(rt_reflectcall_return));
    call("main.f", 33, 40);
  }
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
}

TEST_F(UnwindTest, ReflectcallAskingForStackHasNoFrameYet) {
  call("main.main", 20, 24);
  frames.call(u64(rt_reflectcall_grown), 0);
  note("reflectcall", u64(rt_reflectcall_grown));
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
}

TEST_F(UnwindTest, AssemblyWithoutAFrame) {
  call("main.main", 20, 24);
  u64 pc = u64(rt_leaf_begin) + 5;
  frames.call(pc, 0);
  note("no function", pc);
  EXPECT_EQ(walk(Unwinder(g, frames.sp(), pc, frames.bp(), true)), want);
  EXPECT_TRUE(in_leaf(u64(rt_leaf_begin)));
  EXPECT_FALSE(in_leaf(u64(rt_leaf_end)));
}

TEST_F(UnwindTest, GoroutinePreemptedBetweenInstructions) {
  call("main.main", 20, 24);
  call("main.f", 33, 40);
  u64 bp = frames.bp(), pc = u64(rt_async_begin) + 60;
  frames.call(pc, kAsyncFrame, false);
  want.insert(want.begin(), {"no function", frames.sp(), frames.fp(), bp, pc});
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
  Unwinder u(g);
  u.next();
  EXPECT_TRUE(u.exact_pc());
}

TEST_F(UnwindTest, StackMapsAreThoseOfTheCall) {
  frames.call(fs.at("main.mapped", 20), 24)
      .call(fs.at("main.mapped", 30), 24)
      .call(fs.at("main.mapped", 20), 24)
      .call(fs.at("main.f", 33), 40);
  frames.stop();
  Unwinder u(g);
  EXPECT_EQ(u.stack_map(), -1);
  for (i32 want : {4, 6, 4}) {
    u.next();
    EXPECT_EQ(u.stack_map(), want);
    EXPECT_EQ(u.stack_map(), want) << "and the same when asked again";
  }
}

// The same address as a return address and as that of a fault: two places.
TEST_F(UnwindTest, FaultWhereACallReturnsTo) {
  u64 pc = fs.at("main.mapped", 20);
  frames.call(pc, 24)
      .call(pc, 24)
      .call(fs.at("runtime.sigpanic", 24), 16)
      .call(pc, 24);  // 24: so that it keeps no other place out
  frames.stop();
  Unwinder u(g);
  EXPECT_EQ(u.stack_map(), 4);
  u.next();
  u.next();
  EXPECT_EQ(u.stack_map(), -1) << "stopped at the instruction";
  u.next();
  EXPECT_EQ(u.stack_map(), 4);
}

// Deep recursion over few places: what the unwinder remembers of a place must not leak into another.
TEST_F(UnwindTest, RememberedPlacesAreTheRightOnes) {
  for (int i = 0; i < 12; ++i) {
    call("main.f", 32 + u32(i % 3) * 4, 40);  // same function, several places
    call("main.g", 32, 8);                    // several functions, perhaps in one line of the memory
    call("main.main", 32, 24);
  }
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
}

TEST_F(UnwindTest, UnknownCodeEndsTheWalk) {
  frames.call(0x1234567, 16);
  call("main.f", 33, 40);
  frames.stop();
  EXPECT_EQ(walk(Unwinder(g)), want);
}
}  // namespace
}  // namespace vole::runtime
