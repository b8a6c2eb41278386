// Instances with the same code become one function, their callers after them; what differs in code or in name
// stays.
#include "link/test_steps.h"

namespace vole::link {
namespace {
using object::RelocKind;
using object::Symbol;

class IcfTest : public StepsTest {
 protected:
  Symbol* function(const char* name, std::vector<u8> code, Symbol* callee = nullptr) {
    Symbol* s = text(name, code.size());
    s->bytes = object.copy_bytes(code);
    s->func = object.make_func_info();
    s->func->frame_size = 8;
    if (callee) s->relocs.push_back({1, RelocKind::Call32, callee, -4});
    start->relocs.push_back({0, RelocKind::Keep, s, 0});
    return s;
  }
  // Whether two symbols are the same function after folding.
  bool folded(const Symbol* a, const Symbol* b) {
    bool same = false;
    auto errors = link([&](Context& c) {
      fold_identical(c);
      same = c.entity_of[0][a->id] == c.entity_of[0][b->id];
    });
    EXPECT_TRUE(errors.empty());
    return same;
  }
  Symbol* start = text("start", 0);
};

TEST_F(IcfTest, FoldsInstancesAndTheirCallers) {
  Symbol* f1 = function("p.F[int]", {0x90, 0xc3});
  Symbol* f2 = function("p.F[string]", {0x90, 0xc3});
  Symbol* g1 = function("p.G[int]", {0xe8, 0, 0, 0, 0, 0xc3}, f1);
  Symbol* g2 = function("p.G[string]", {0xe8, 0, 0, 0, 0, 0xc3}, f2);
  EXPECT_TRUE(folded(f1, f2));
  EXPECT_TRUE(folded(g1, g2));
}

TEST_F(IcfTest, KeepsWhatDiffers) {
  Symbol* f1 = function("p.F[int]", {0x90, 0xc3});
  Symbol* f2 = function("p.F[string]", {0xcc, 0xc3});
  Symbol* g1 = function("p.G[int]", {0xe8, 0, 0, 0, 0, 0xc3}, f1);
  Symbol* g2 = function("p.G[string]", {0xe8, 0, 0, 0, 0, 0xc3}, f2);
  Symbol* other = function("p.H[int]", {0x90, 0xc3});
  Symbol* plain1 = function("p.a", {0x90, 0xc3});
  Symbol* plain2 = function("p.b", {0x90, 0xc3});
  Symbol* tables = function("p.F[bool]", {0x90, 0xc3});
  tables->func->frame_size = 16;
  EXPECT_FALSE(folded(f1, f2));
  EXPECT_FALSE(folded(g1, g2));
  EXPECT_FALSE(folded(f1, other));
  EXPECT_FALSE(folded(plain1, plain2));
  EXPECT_FALSE(folded(f1, tables));
}
}  // namespace
}  // namespace vole::link
