// Stacks: their memory, and moving frames made by hand. Every word that a map names must follow, no other may
// change.
#include "stack/stack.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "host/functions.h"
#include "host/host.h"
#include "mem/heap.h"
#include "stack/unwind.h"

namespace vole::runtime {
extern "C" void rt_newstack(G* g);
namespace {
using host::Outcome;
using testing::ExitedWithCode;

TEST(Stack, MemoryIsUsedAgain) {
  host::start();
  G g = {};
  for (u64 size = abi::StackMin; size <= 64 << 10; size *= 2) {
    u64 before = heap_stats.stack_bytes;
    stack_init(&g, size);
    EXPECT_EQ(g.stack_hi - g.stack_lo, size);
    EXPECT_EQ(g.stack_size, size);
    EXPECT_EQ(g.stackguard0, g.stack_lo + abi::StackGuard);
    EXPECT_EQ(heap_stats.stack_bytes, before + size);
    EXPECT_EQ(page_heap.span_of(g.stack_lo)->state, SpanState::Stack);
    u64 lo = g.stack_lo;
    memset(reinterpret_cast<void*>(lo), 0x5a, size);
    stack_free(&g);
    EXPECT_EQ(heap_stats.stack_bytes, before);
    if (size >= kPageSize) {
      EXPECT_EQ(page_heap.span_of(lo), nullptr) << "given back to the page heap";
      continue;
    }
    stack_init(&g, size);
    EXPECT_EQ(g.stack_lo, lo);
    stack_free(&g);
  }
}

TEST(Stack, SmallOnesDoNotOverlap) {
  host::start();
  std::vector<G> g(100);
  for (size_t i = 0; i < g.size(); ++i) {
    stack_init(&g[i], u64(abi::StackMin) << i % 2);
    memset(reinterpret_cast<void*>(g[i].stack_lo), int(i), g[i].stack_size);
  }
  for (size_t i = 0; i < g.size(); ++i) {
    for (u64 p = g[i].stack_lo; p < g[i].stack_hi; ++p) ASSERT_EQ(*reinterpret_cast<u8*>(p), u8(i));
    stack_free(&g[i]);
  }
}

class CopyTest : public testing::Test {
 protected:
  void SetUp() override {
    object::FuncInfo& f = fs.add("main.f", 64, 48);
    f.stackmap_index = {{19, -1}, {20, 0}, {29, -1}, {30, 1}, {64, -1}};
    f.locals_bits = 5;
    f.locals_maps = {{0x05}, {0x10}};
    f.args_bits = 2;
    f.args_maps = {{0x00}, {0x02}};
    object::FuncInfo& wrong = fs.add("main.wrong", 64, 16);
    wrong.stackmap_index = {{64, 3}};
    wrong.locals_bits = 1;
    wrong.locals_maps = {{1}, {1}};
    fs.add("main.plain", 64, 24);
    fs.add("main.big", 64, 280);
    fs.add("reflect.makeFuncStub", 64, 320);
    fs.link();
  }
  void TearDown() override {
    stack_stress = escape_check = false;
    stack_max = 1000000000;
  }
  // What was at an address of the old stack is there now.
  u64& moved(u64 old) { return *reinterpret_cast<u64*>(old + g->stack_hi - old_hi); }
  void copy(u64 size) {
    old_lo = g->stack_lo, old_hi = g->stack_hi;
    frames.stop();
    g->sched.ctxt = ctxt;
    u64 bytes = heap_stats.stack_bytes - g->stack_size;
    stack_copy(g, size);
    EXPECT_EQ(heap_stats.stack_bytes, bytes + size) << "the old stack has been given back";
    delta = g->stack_hi - old_hi;
  }
  G* g = host::new_goroutine();
  host::Functions fs;
  host::Frames frames{g};
  u64 old_lo = 0, old_hi = 0, delta = 0, ctxt = 0;
};

TEST_F(CopyTest, MapsSayWhichWordsMove) {
  frames.call(fs.at("main.f", 20), 48);
  u64 outer = frames.sp();
  u64 target = outer + 24;
  for (int i = 0; i < 5; ++i) frames.words()[i] = target;
  frames.call(fs.at("main.f", 30), 48);
  u64 inner = frames.sp();
  for (int i = 0; i < 5; ++i) frames.words()[i] = target;
  copy(4096);
  EXPECT_EQ(g->stack_size, 4096u);
  EXPECT_EQ(g->sched.sp, inner + delta);
  EXPECT_EQ(g->stackguard0, g->stack_lo + abi::StackGuard);
  u64 yes = target + delta, no = target;
  // The second word of the outer frame is an argument of the inner call: its map 1 says so.
  std::vector<u64> want_outer = {yes, yes, yes, no, no}, want_inner = {no, no, no, no, yes};
  for (u64 i = 0; i < 5; ++i) {
    EXPECT_EQ(moved(outer + 8 * i), want_outer[i]) << i;
    EXPECT_EQ(moved(inner + 8 * i), want_inner[i]) << i;
  }
}

TEST_F(CopyTest, OnlyPointersIntoTheStackMove) {
  frames.call(fs.at("main.f", 20), 48);
  u64 sp = frames.sp();
  for (int i = 0; i < 5; ++i) {
    u64 v = std::vector<u64>{0, 4096, g->stack_lo - 1, g->stack_hi, 0xc000000000}[size_t(i)];
    frames.words()[0] = v;
    frames.words()[2] = g->stack_lo;
    u64 lo = g->stack_lo;
    copy(g->stack_size * 2);
    sp += delta;
    EXPECT_EQ(*reinterpret_cast<u64*>(sp), v);
    EXPECT_EQ(reinterpret_cast<u64*>(sp)[2], lo + delta);
    frames = host::Frames(g);
    frames.call(fs.at("main.f", 20), 48);
    sp = frames.sp();
  }
}

TEST_F(CopyTest, TheChainOfFramePointersFollows) {
  frames.call(fs.at("main.plain", 20), 24).call(fs.at("main.f", 20), 48).call(fs.at("main.plain", 20), 24);
  u64 before = frames.bp();
  copy(8192);
  EXPECT_EQ(g->sched.bp, before + delta);
  int n = 0;
  for (u64 bp = g->sched.bp; bp; bp = *reinterpret_cast<u64*>(bp), ++n)
    ASSERT_TRUE(bp > g->stack_lo && bp < g->stack_hi);
  EXPECT_EQ(n, 3);
  // And it unwinds as before.
  n = 0;
  for (Unwinder u(g); u.valid(); u.next()) ++n;
  EXPECT_EQ(n, 3);
}

TEST_F(CopyTest, RecordsOfTheGoroutineFollow) {
  frames.call(fs.at("main.plain", 20), 24).call(fs.at("main.big", 20), 280);
  u64* w = frames.words();
  auto* on_stack = new (w) Defer{};
  auto* panic = new (w + 8) Panic{};
  auto* next = new (w + 25) Defer{};
  Defer in_heap = {};
  u64 heap_value = g->stack_lo - 8;  // as any address outside of the stack
  on_stack->sp = frames.fp();
  on_stack->fn = reinterpret_cast<FuncVal*>(w + 20);
  on_stack->link = next;
  next->link = &in_heap;
  next->fn = reinterpret_cast<FuncVal*>(g->stack_hi);  // an object of the heap may begin there
  on_stack->head = w + 21;
  in_heap.sp = frames.fp();
  in_heap.fn = reinterpret_cast<FuncVal*>(heap_value);
  panic->sp = frames.fp();
  panic->defer_sp = frames.sp();
  panic->arg.data = w + 22;
  g->defer = on_stack;
  g->panic = panic;
  g->param = w + 23;
  ctxt = u64(w + 24);
  u64 fp = frames.fp(), sp = frames.sp();
  copy(4096);
  u64 base = u64(w) + delta;
  ASSERT_EQ(u64(g->defer), base);
  EXPECT_EQ(g->defer->sp, fp + delta);
  EXPECT_EQ(u64(g->defer->fn), base + 160);
  EXPECT_EQ(u64(g->defer->head), base + 168);
  ASSERT_EQ(u64(g->defer->link), base + 200);
  EXPECT_EQ(u64(g->defer->link->fn), old_hi);
  EXPECT_EQ(g->defer->link->link, &in_heap);
  EXPECT_EQ(in_heap.sp, fp + delta) << "records in the heap point into the stack, too";
  EXPECT_EQ(u64(in_heap.fn), heap_value);
  ASSERT_EQ(u64(g->panic), base + 64);
  EXPECT_EQ(g->panic->sp, fp + delta);
  EXPECT_EQ(g->panic->defer_sp, sp + delta);
  EXPECT_EQ(u64(g->panic->arg.data), base + 176);
  EXPECT_EQ(u64(g->param), base + 184);
  EXPECT_EQ(g->sched.ctxt, base + 192);
  g->defer = nullptr;
  g->panic = nullptr;
}

TEST_F(CopyTest, WaitsFollow) {
  frames.call(fs.at("main.plain", 20), 24).call(fs.at("main.big", 20), 280);
  u64* w = frames.words();
  u64 outside = 0;
  Sudog here{}, there{}, none{};
  here.elem = w + 3;
  here.more = &there;
  there.elem = &outside;
  there.more = &none;
  g->waiting = &here;
  EXPECT_TRUE(stack_movable(g));
  copy(4096);
  EXPECT_EQ(u64(here.elem), u64(w + 3) + delta);
  EXPECT_EQ(there.elem, &outside);
  EXPECT_EQ(none.elem, nullptr);
  g->waiting = nullptr;
}

TEST_F(CopyTest, StacksThatOthersHoldDoNotMove) {
  frames.call(fs.at("main.plain", 20), 24);
  frames.stop();
  EXPECT_TRUE(stack_movable(g));
  g->syscall_sp = frames.sp();
  EXPECT_FALSE(stack_movable(g));
  g->syscall_sp = 0;
}

// reflect's stubs keep pointers where only the runtime knows: the context in the outgoing words, argument
// registers, and the stack arguments that the context describes.
TEST_F(CopyTest, ReflectsStubsAreKnown) {
  struct {
    i32 n = 4;
    const u8* data;
  } stack_map;
  const u8 bits[] = {0b1011};
  stack_map.data = bits;
  struct {
    u64 fn = 0;
    void* stack;
    u64 arg_len = 16;
    u16 reg_ptrs = 0b100;
  } context;
  context.stack = &stack_map;
  constexpr u64 kValid = 4, kRegisters = 5,
                kPointers = 5 + 9 + 15;  // words of the frame; abi.RegArgs: integers, floats, pointers
  for (bool results_valid : {false, true}) {
    frames = host::Frames(g);
    frames.call(fs.at("main.big", 20), 280);
    u64 outer = frames.sp(), target = outer + 200;
    for (int i = 0; i < 5; ++i) frames.words()[i] = target;  // stack arguments, and one word more
    frames.call(fs.at("reflect.makeFuncStub", 20), 320);
    u64 sp = frames.sp();
    u64* w = frames.words();
    w[0] = u64(&context);
    w[1] = target;
    w[kValid] = results_valid;
    for (u64 i = 0; i < 9; ++i) w[kRegisters + i] = w[kPointers + i] = target;
    copy(4096);
    EXPECT_EQ(moved(sp), u64(&context));
    EXPECT_EQ(moved(sp + 8), target + delta);
    for (u64 i = 0; i < 9; ++i) {
      EXPECT_EQ(moved(sp + 8 * (kRegisters + i)), target + (i == 2 ? delta : 0)) << i;
      EXPECT_EQ(moved(sp + 8 * (kPointers + i)), target + delta) << i;
    }
    // Results do not count before they are there; the first two words are arguments.
    bool follows[5] = {true, true, false, results_valid, false};
    for (u64 i = 0; i < 5; ++i) EXPECT_EQ(moved(outer + 8 * i), target + (follows[i] ? delta : 0)) << i;
  }
}

TEST_F(CopyTest, WrongMapsAreFound) {
  frames.call(fs.at("main.f", 20), 48);
  frames.words()[2] = 17;
  EXPECT_EXIT(copy(4096), ExitedWithCode(2),
              "^runtime: bad pointer in frame main.f at 0x[0-9a-f]+: 0x11\nfatal error: invalid pointer "
              "found on stack\n");
  frames = host::Frames(g);
  frames.call(fs.at("main.wrong", 20), 16);
  EXPECT_EXIT(copy(4096), ExitedWithCode(2), "^fatal error: stack map index out of range\n");
}

TEST_F(CopyTest, EscapeCheckFindsPointersFromTheHeap) {
  frames.call(fs.at("main.plain", 20), 24);
  Mcache cache = {};
  Type type = {.size = 8, .ptr_bytes = 8};
  auto* object = static_cast<u64*>(heap_alloc(&cache, 32, &type));
  object[1] = frames.sp() + 8;
  escape_check = true;
  EXPECT_EXIT(copy(4096), ExitedWithCode(2),
              "^runtime: heap object 0x[0-9a-f]+ of 32 bytes points into a stack:.*\nfatal error: pointer "
              "from heap to stack\n");
  object[1] = frames.sp() - 8;  // below what is in use
  copy(4096);
}

TEST_F(CopyTest, StressSpoilsWhatWasLeft) {
  stack_stress = true;
  frames.call(fs.at("main.plain", 20), 24);
  copy(4096);
  EXPECT_EQ(g->stackguard0, kStressGuard);
  EXPECT_EQ(*reinterpret_cast<u64*>(old_hi - 8), 0xfbfbfbfbfbfbfbfb);
}

TEST_F(CopyTest, FunctionEntryGrowsTheStack) {
  auto newstack = [](void*, G* me) { rt_newstack(me); };
  g->sched.pc = host::function.code;
  g->sched.sp = g->stack_hi - 400;
  u64 size = g->stack_size;
  EXPECT_EQ(host::enter_untyped(newstack, nullptr, g), Outcome::Waits);
  EXPECT_EQ(host::switched_to(), g) << "it goes on at once";
  EXPECT_EQ(g->stack_size, 2 * size);
  EXPECT_EQ(g->sched.sp, g->stack_hi - 400);

  // Asked to yield, it keeps its stack and lets others run.
  g->stackguard0 = abi::StackPreempt;
  EXPECT_EQ(host::enter_untyped(newstack, nullptr, g), Outcome::Waits);
  EXPECT_EQ(host::switched_to(), nullptr);
  EXPECT_EQ(g->stack_size, 2 * size);
  EXPECT_EQ(host::next_ready(), g);
  g->stackguard0 = abi::StackPreempt;
  g->locks = 1;
  host::enter_untyped(newstack, nullptr, g);
  EXPECT_EQ(host::switched_to(), g) << "not while it holds locks";
  EXPECT_EQ(g->stackguard0, g->stack_lo + abi::StackGuard);
  g->locks = 0;
}

TEST_F(CopyTest, StacksHaveALimit) {
  stack_max = 2048;
  g->sched.pc = host::function.code;
  EXPECT_EXIT(host::enter_untyped([](void*, G* me) { rt_newstack(me); }, nullptr, g), ExitedWithCode(2),
              "^runtime: goroutine stack exceeds 2048-byte limit\nruntime: sp=0x[0-9a-f]+ "
              "stack=\\[0x[0-9a-f]+, 0x[0-9a-f]+\\]\nfatal error: stack overflow\n");
}
}  // namespace
}  // namespace vole::runtime
