// What the allocator is told about a function: order of blocks, uses, liveness, loops and calls; without
// folding, so that every value stands for itself.
#include "codegen/analysis.h"

#include <gmock/gmock.h>

namespace vole::codegen {
namespace {
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct NoFolding final : FoldRules {
  bool folds(const Value*, const Value*, u32, bool) const override { return false; }
  bool is_address(const Value*, u32) const override { return false; }
  bool folds_as_address(const Value*) const override { return false; }
};

struct Case {
  object::Object object;
  std::vector<std::unique_ptr<Func>> functions;
  Analysis an;
  explicit Case(std::string_view text) {
    std::string error;
    EXPECT_TRUE(ssa::parse(text, object, functions, error)) << error;
    an.run(*functions[0], NoFolding());
  }
  std::vector<u32> order() const {
    std::vector<u32> ids;
    for (const Block* b : an.order) ids.push_back(b->id);
    return ids;
  }
  std::vector<u32> live_in(u32 block) const {
    for (const Block* b : an.order) {
      if (b->id == block) return {an.live_in(b).begin(), an.live_in(b).end()};
    }
    return {};
  }
  bool is(u32 value, ValueFact fact) const { return an.facts[value] & fact; }
};

constexpr const char* Loop = R"(
func @f (i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2: i64 = const #0
  jump -> b1(v2)
b1(v3: i64):
  v4: i8 = icmp.lts v3, v0
  br v4 -> b2, b3
b2:
  v5 = call @g v3 sig (i64) -> ();
  v6: i64 = add v3, v1
  jump -> b1(v6)
b3:
  ret v1
})";

TEST(Analysis, LoopsStandTogether) {
  EXPECT_THAT(Case(Loop).order(), ElementsAre(0, 1, 2, 3));
  // The same with the ways of the branch exchanged: the exit still stands behind the body.
  std::string swapped(Loop);
  swapped.replace(swapped.find("-> b2, b3"), 9, "-> b3, b2");
  EXPECT_THAT(Case(swapped).order(), ElementsAre(0, 1, 2, 3));
}

TEST(Analysis, ColdBlocksStandLater) {
  Case c(R"(
func @f (i8) {
b0(v0: i8):
  br v0 -> b1, b2
b1 cold:
  v1 = call @g sig () -> ();
  jump -> b3
b2:
  v2 = call @g sig () -> ();
  jump -> b3
b3:
  ret
})");
  EXPECT_THAT(c.order(), ElementsAre(0, 2, 1, 3));
  EXPECT_EQ(c.an.call_pos.size(), 1u) << "calls in cold blocks do not count";
}

TEST(Analysis, LiveIntoBlocks) {
  Case c(Loop);
  EXPECT_THAT(c.live_in(0), IsEmpty());
  EXPECT_THAT(c.live_in(1), UnorderedElementsAre(0, 1));
  EXPECT_THAT(c.live_in(2), UnorderedElementsAre(0, 1, 3));
  EXPECT_THAT(c.live_in(3), UnorderedElementsAre(1));
}

TEST(Analysis, LoopHeadersAndEnds) {
  Case c(Loop);
  EXPECT_EQ(c.an.header[1], 2) << "a loop with a call";
  EXPECT_EQ(c.an.header[2], 0);
  EXPECT_EQ(c.an.loop_end[1], c.an.end[2] + 1);
  EXPECT_EQ(c.an.loop_end[3], 0u);
}

TEST(Analysis, DeadValuesAndCheapOnes) {
  Case c(R"(
func @f (i64, ptr) -> (i64) {
b0(v0: i64, v1: ptr):
  v2: i64 = const #5
  v3: i64 = mul v0, v0
  v4: i64 = mul v3, v3
  v5: i64 = load v1
  v6: i64 = add v0, v2
  ret v6
})");
  EXPECT_TRUE(c.is(2, Remat));
  EXPECT_TRUE(c.is(4, Dead));
  EXPECT_TRUE(c.is(3, Dead)) << "wanted by a dead value alone";
  EXPECT_TRUE(c.is(5, Dead)) << "a load nobody wants; its check is an operation of its own";
  EXPECT_FALSE(c.is(6, Dead));
}

TEST(Analysis, ValuesForCallsInDeeperLoopsAreStoredAtOnce) {
  Case c(R"(
func @f (i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  jump -> b1
b1:
  v2: i64 = mul v0, v0
  jump -> b2
b2:
  v3 = call @g sig () -> ();
  v4: i8 = icmp.lts v2, v1
  br v4 -> b2, b3
b3:
  v5: i8 = icmp.lts v2, v0
  br v5 -> b1, b4
b4:
  ret v0
})");
  EXPECT_TRUE(c.is(0, SpillEarly));
  EXPECT_TRUE(c.is(1, SpillEarly));
}
}  // namespace
}  // namespace vole::codegen
