// Chains of functions without stack checks: short ones pass, long and endless ones are errors that show the
// chain.
#include "link/test_steps.h"

namespace vole::link {
namespace {
using object::RelocKind;
using object::Symbol;

class NosplitTest : public StepsTest {
 protected:
  // A function with a frame, calling `callees` from inside it; `checks`: it compares SP with the guard first.
  Symbol* function(const char* name, u32 frame, std::vector<Symbol*> callees, bool checks = false) {
    Symbol* s = text(name, 8 * (callees.size() + 1));
    s->func = object.make_func_info();
    s->func->frame_size = frame;
    s->func->pcsp = {{2, 0}, {static_cast<u32>(s->size), static_cast<i32>(frame)}};
    u32 at = 4;
    for (Symbol* c : callees) s->relocs.push_back({std::exchange(at, at + 8), RelocKind::Call32, c, -4});
    if (checks) s->relocs.push_back({0, RelocKind::Call32, morestack, -4});
    return s;
  }
  std::vector<std::string> check() {
    return link([](Context& c) {
      lay_out(c);
      check_nosplit(c);
    });
  }
  Symbol* morestack = text("runtime.morestack_noctxt", 1);
};

TEST_F(NosplitTest, ShortChainsPass) {
  Symbol* b = function("b", 300, {});
  Symbol* a = function("a", 400, {b});
  function("start", 5000, {a}, true);
  EXPECT_TRUE(check().empty());
}

TEST_F(NosplitTest, ChecksBeginAnew) {
  Symbol* b = function("b", 700, {}, true);
  Symbol* a = function("a", 400, {b});
  function("start", 16, {a}, true);
  EXPECT_TRUE(check().empty());
}

TEST_F(NosplitTest, LongChainsAreShown) {
  Symbol* b = function("b", 500, {});
  Symbol* small = function("small", 8, {});
  Symbol* a = function("a", 400, {small, b});
  function("start", 16, {a}, true);
  EXPECT_EQ(check(), std::vector<std::string>{"a: nosplit stack over 800 byte limit\nstart\n    calls a, "
                                              "which grows 400 bytes\n    calls b, which grows 500 bytes"});
}

TEST_F(NosplitTest, RecursionIsEndless) {
  Symbol* a = function("a", 8, {object.get("a")});
  function("start", 16, {a}, true);
  auto errors = check();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_NE(errors[0].find("infinite cycle"), std::string::npos);
}
}  // namespace
}  // namespace vole::link
