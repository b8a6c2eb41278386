#include "ssa/ssa.h"

#include <gmock/gmock.h>

#include "ssa/dom.h"

namespace vole::ssa {
namespace {
constexpr const char* Sum = R"(func @"sum" (i64) -> (i64) {
b0(v0: i64):
  v1: i64 = const #0
  jump -> b1(v1, v1)
b1(v2: i64, v3: i64):
  v4: i8 = icmp.lts v2, v0
  br v4 -> b2, b3
b2:
  v5: i64 = add v3, v2 at 3:4
  v6: i64 = const #1
  v7: i64 = add v2, v6
  jump -> b1(v7, v5)
b3:
  ret v3
}
)";

std::unique_ptr<Func> read(std::string_view text, object::Object& o) {
  std::vector<std::unique_ptr<Func>> out;
  std::string error;
  EXPECT_TRUE(parse(text, o, out, error)) << error;
  return out.empty() ? nullptr : std::move(out[0]);
}

TEST(Ssa, PrintAndParseAreInverse) {
  object::Object o;
  auto f = read(Sum, o);
  std::string once = print(*f);
  auto g = read(once, o);
  EXPECT_EQ(once, print(*g));
  EXPECT_THAT(verify(*f), testing::IsEmpty());
}

TEST(Ssa, VerifierFindsUseThatIsNotDominated) {
  object::Object o;
  auto f = read(R"(func @f (i8) -> (i64) {
b0(v0: i8):
  br v0 -> b1, b2
b1:
  v1: i64 = const #1
  jump -> b2
b2:
  ret v1
})",
                o);
  EXPECT_THAT(verify(*f), testing::ElementsAre(testing::HasSubstr("does not dominate")));
}

TEST(Ssa, ArgumentsWithoutASpillPlaceGetOne) {
  object::Object o;
  auto f = read("func @f (i8:r0, ptr:r1, i32:r2, i64) { b0(v0: i8, v1: ptr, v2: i32, v3: i64): ret }", o);
  std::vector<u32> places;
  for (const ArgLoc& a : f->sig->args) places.push_back(a.stack_offset);
  EXPECT_THAT(places, testing::ElementsAre(0, 8, 16, 24));
  EXPECT_EQ(f->sig->spill_size, 32u);
  EXPECT_THAT(verify(*f), testing::IsEmpty());
}

TEST(Ssa, VerifierFindsArgumentsWithoutASpillPlace) {
  object::Object o;
  auto outside = read("func @f (ptr:r0, ptr:r1) -> () spill=0,8 { b0(v0: ptr, v1: ptr): ret }", o);
  EXPECT_THAT(verify(*outside),
              testing::ElementsAre(testing::HasSubstr("argument 1 has no place in the spill area")));
  auto shared = read("func @f (ptr:r0, ptr:r1+4) -> () spill=0,16 { b0(v0: ptr, v1: ptr): ret }", o);
  EXPECT_THAT(verify(*shared), testing::ElementsAre(testing::HasSubstr("argument 1 shares its place")));
}

TEST(Ssa, VerifierFindsWrongTypesAndEdges) {
  object::Object o;
  auto f = read(Sum, o);
  f->blocks[0]->succs[0].args.pop_back();
  EXPECT_THAT(verify(*f), testing::ElementsAre(testing::HasSubstr("1 arguments for 2 parameters")));
  auto g = read(Sum, o);
  g->blocks[2]->first->ty = Ty::I32;
  EXPECT_THAT(verify(*g), testing::Not(testing::IsEmpty()));
}

TEST(Ssa, LoopsAndDominators) {
  object::Object o;
  auto f = read(Sum, o);
  DomTree dom(*f);
  EXPECT_TRUE(dom.dominates(f->blocks[1], f->blocks[3]));
  EXPECT_FALSE(dom.dominates(f->blocks[2], f->blocks[3]));
  LoopForest loops(*f, dom);
  ASSERT_EQ(loops.loops.size(), 1u);
  EXPECT_EQ(loops.loops[0]->header, f->blocks[1]);
  EXPECT_EQ(f->blocks[2]->loop_depth, 1u);
  EXPECT_EQ(f->blocks[3]->loop_depth, 0u);
}

TEST(Ssa, RemovingAnEdgeKeepsIndices) {
  object::Object o;
  auto f = read(R"(func @f (i64) -> () {
b0(v0: i64):
  switch v0 -> b1, b1, b2
b1:
  ret
b2:
  ret
})",
                o);
  f->remove_edge(f->blocks[0], 0);
  EXPECT_THAT(verify(*f), testing::IsEmpty());
  EXPECT_EQ(f->blocks[1]->preds.size(), 1u);
}
}  // namespace
}  // namespace vole::ssa
