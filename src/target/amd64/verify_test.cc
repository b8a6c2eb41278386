// The verifier of allocations and maps must be silent about what the allocator makes and notice every kind of
// damage to it: each store, reload, move and map entry of many random functions is spoilt, one at a time.
#include <asmjit/x86/x86globals.h>
#include <gmock/gmock.h>

#include "codegen/codegen.h"
#include "codegen/frame.h"
#include "codegen/verify.h"
#include "target/amd64/amd64.h"
#include "target/amd64/random_function.h"

namespace vole::target {
namespace {
using namespace codegen;
using testing::IsEmpty;

struct Compiled {
  object::Object& object;
  Func& f;
  Allocator allocator;
  MachineFunc mf;
  AllocLog log;
  Compiled(object::Object& o, Func& func, bool variables = false) : object(o), f(func) {
    allocator.run(f, object, amd64(), mf, variables, &log);
    lay_out_frame(mf, amd64().frame);
  }
  std::vector<std::string> verify() { return verify_allocation(f, mf, log, amd64()); }
};

// How often one kind of damage was done, and how often nobody noticed.
struct Tally {
  u32 done = 0, missed = 0;
  std::string example;
  void count(bool noticed, const Func& f, u32 i) {
    done++;
    if (noticed) return;
    missed++;
    if (example.empty()) example = std::to_string(i) + "\n" + ssa::print(f);
  }
};

struct Damage {
  Tally reload, store, move, swap, wrong_register, shared_word;

  void copies(Compiled& c) {
    MInst nothing;
    nothing.op = asmjit::x86::Inst::kIdPause;
    for (u32 i = 0; i < c.mf.insts.size(); i++) {
      MInst was = c.mf.insts[i];
      Effects e = amd64().effects(was);
      if (e.copy == Effects::None || was.op == nothing.op) continue;
      if (e.copy == Effects::Move && (e.reads == e.writes && e.read_slot == e.write_slot)) continue;
      Tally& t = e.copy == Effects::Swap ? swap
                 : e.read_slot >= 0      ? reload
                 : e.write_slot >= 0     ? store
                                         : move;
      c.mf.insts[i] = nothing;
      t.count(!c.verify().empty(), c.f, i);
      c.mf.insts[i] = was;
    }
  }
  // An operand read from the register next to the right one.
  void operands(Compiled& c) {
    for (u32 i = 0; i < c.mf.insts.size(); i++) {
      MInst was = c.mf.insts[i];
      if (was.form != Form::RR || codegen::is_float_reg(was.r1) || was.r0 == was.r1 ||
          amd64().effects(was).copy != Effects::None)
        continue;
      c.mf.insts[i].r1 = was.r1 == 12 ? 13 : 12;
      if (c.mf.insts[i].r1 == was.r0) continue;
      wrong_register.count(!c.verify().empty(), c.f, i);
      c.mf.insts[i] = was;
    }
  }
  void words(Compiled& c) {
    for (u32 i = 0; i + 1 < c.mf.slots.size(); i++) {
      SlotInfo &a = c.mf.slots[i], &b = c.mf.slots[i + 1];
      bool apart = a.to < b.from || b.to < a.from;
      if (apart || a.offset == b.offset || a.from == a.to || b.from == b.to) continue;
      i32 was = b.offset;
      b.offset = a.offset;
      shared_word.count(!c.verify().empty(), c.f, i);
      b.offset = was;
    }
  }
};

TEST(Verify, NoticesDamage) {
  Damage d;
  for (u64 seed = 1; seed <= 40; seed++) {
    object::Object object;
    Generator gen{std::mt19937_64(seed), object};
    gen.pressure = seed % 2;
    for (int i = 0; i < 3; i++) {
      auto f = gen.function(i);
      Compiled c(object, *f);
      ASSERT_THAT(c.verify(), IsEmpty()) << seed << "\n" << ssa::print(*f);
      d.copies(c);
      d.operands(c);
      d.words(c);
      gen.keep.push_back(std::move(f));
    }
  }
  // Stores nobody reads again and moves that only serve a hint are harmless to leave out.
  for (auto [name, t, least] : {std::tuple("reload", &d.reload, 0.9),
                                {"store", &d.store, 0.5},
                                {"move", &d.move, 0.9},
                                {"swap", &d.swap, 0.9},
                                {"wrong register", &d.wrong_register, 0.9},
                                {"shared word", &d.shared_word, 0.8}}) {
    EXPECT_GT(t->done, 10u) << name;
    EXPECT_GE(t->done - t->missed, t->done * least) << name << " " << t->example;
  }
}
// Pointers through everything, to the maps' last bit.
TEST(Verify, PointersInRandomFunctions) {
  u64 first = 1, count = 150;
  if (const char* s = std::getenv("VOLE_SEED")) first = std::strtoull(s, nullptr, 0), count = 1;
  if (const char* s = std::getenv("VOLE_RANDOM_COUNT")) count = std::strtoull(s, nullptr, 0);
  for (u64 seed = first; seed < first + count; seed++) {
    object::Object object;
    Generator gen{std::mt19937_64(seed), object};
    gen.pressure = seed % 2;
    gen.pointers = true;
    for (int i = 0; i < 3; i++) {
      auto f = gen.function(i);
      ASSERT_THAT(ssa::verify(*f), IsEmpty()) << ssa::print(*f);
      std::string text = ssa::print(*f);
      std::vector<std::string> faults;
      Options o;
      o.faults = &faults;
      codegen::compile(*f, object, amd64(), o);
      ASSERT_THAT(faults, IsEmpty()) << "seed " << seed << "\n" << text;
      gen.keep.push_back(std::move(f));
    }
  }
}

// Pointers live across calls: in a parameter's home, in slots, in a stack object, and one that a later call
// no longer needs.
constexpr const char* Pointers = R"(
func @callee (ptr) -> (ptr) !noinline { b0(v0: ptr): ret v0 }
func @f (ptr, i64, ptr) -> (ptr, ptr) {
b0(v0: ptr, v1: i64, v2: ptr):
  v3: ptr = alloca layout(24,8,010)
  v4 = call @callee v0 sig (ptr) -> (ptr);
  v5: ptr = extract v4
  store v3, v5 #8 !nobarrier
  v6 = call @callee v2 sig (ptr) -> (ptr);
  v7: ptr = extract v6
  v8 = call @callee v5 sig (ptr) -> (ptr);
  v9: ptr = load v3 #8
  ret v7, v9
})";

TEST(Verify, NoticesWrongMaps) {
  object::Object object;
  std::vector<std::unique_ptr<ssa::Func>> functions;
  std::string error;
  ASSERT_TRUE(ssa::parse(Pointers, object, functions, error)) << error;
  Compiled c(object, *functions[1]);
  ASSERT_THAT(c.verify(), IsEmpty());
  for (CallSite& site : c.mf.calls) {
    if (site.begin == site.end) continue;
    site.end--;
    EXPECT_THAT(c.verify(), testing::Contains(testing::HasSubstr("the stack map has no word for")));
    site.end++;
  }
  ASSERT_GE(c.mf.calls.size(), 3u);
  ASSERT_GT(c.mf.live_slots.size(), 2u);
  std::swap(c.mf.calls[0].end, c.mf.calls[1].end);
  std::swap(c.mf.calls[0].begin, c.mf.calls[1].begin);
  EXPECT_THAT(c.verify(), testing::Contains(testing::HasSubstr("the stack map")));
  std::swap(c.mf.calls[0].end, c.mf.calls[1].end);
  std::swap(c.mf.calls[0].begin, c.mf.calls[1].begin);

  Encoded code;
  object::FuncInfo info;
  amd64().encode(c.f, c.mf, object, code);
  build_tables(c.f, c.mf, amd64(), code, info);
  ASSERT_THAT(verify_maps(c.f, c.mf, code, info), IsEmpty());
  for (auto* maps : {&info.locals_maps, &info.args_maps}) {
    u32 bits = maps == &info.locals_maps ? info.locals_bits : info.args_bits;
    for (std::vector<u8>& map : *maps) {
      for (u32 i = 0; i < bits; i++) {
        u8 was = map[i / 8];
        map[i / 8] = static_cast<u8>(was ^ 1u << i % 8);
        EXPECT_FALSE(verify_maps(c.f, c.mf, code, info).empty()) << i;
        map[i / 8] = was;
      }
    }
  }
}
constexpr const char* Variables = R"(
func @f (i64, i64) -> (i64) {
  var "x" "int" param
  var "y" "int"
b0(v0: i64, v1: i64):
  v2 = dbg v0 var=0
  v3 = dbg v1 var=1
  v4: i64 = mul v0, v1
  v5: i64 = mul v4, v4
  v6 = call @g v5 sig (i64) -> (i64);
  v7: i64 = extract v6
  v8 = dbg v7 var=1
  v9: i64 = add v7, v0
  v10: i64 = add v9, v7
  ret v10
})";

TEST(Verify, NoticesWrongVariables) {
  object::Object object;
  std::vector<std::unique_ptr<ssa::Func>> functions;
  std::string error;
  ASSERT_TRUE(ssa::parse(Variables, object, functions, error)) << error;
  Compiled c(object, *functions[0], true);
  ASSERT_THAT(c.verify(), IsEmpty());
  u32 done = 0, noticed = 0;
  for (VarEvent& e : c.mf.var_events) {
    if (e.kind != VarEvent::Register) continue;
    e.value ^= 8;
    done++;
    noticed += !c.verify().empty();
    e.value ^= 8;
  }
  // Those that the next event replaces before any instruction say nothing.
  EXPECT_GE(done, 3u);
  EXPECT_GE(noticed + 1, done);
}
}  // namespace
}  // namespace vole::target
