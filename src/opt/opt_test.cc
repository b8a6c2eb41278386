// Single rows of the pass table on small functions in text form: what must be gone, and what must stay.
#include <gtest/gtest.h>

#include "opt/opt.h"
#include "ssa/ssa.h"

namespace vole::opt {
namespace {
struct Case {
  object::Object object;
  ssa::Module module;
  explicit Case(std::string_view text) {
    module.object = &object;
    std::string error;
    EXPECT_TRUE(ssa::parse(text, object, module.funcs, error)) << error;
  }
  std::string run(std::string_view rows) {
    Options o;
    ssa::Func& f = *module.funcs[0];
    while (!rows.empty()) {
      size_t comma = rows.find(',');
      EXPECT_TRUE(run_one(f, module, o, rows.substr(0, comma)));
      auto faults = ssa::verify(f);
      EXPECT_TRUE(faults.empty()) << (faults.empty() ? "" : faults[0]) << ssa::print(f);
      rows = comma == rows.npos ? "" : rows.substr(comma + 1);
    }
    return ssa::print(f);
  }
};
size_t count(const std::string& text, std::string_view what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) n++;
  return n;
}

TEST(Gvn, EqualComputationsAndChecksOnce) {
  Case c(R"(func @f (i64:r0, i64:r1, ptr:r2) -> (i64:r0) {
b0(v0: i64, v1: i64, v2: ptr):
  v3: i64 = add v0, v1
  v4: i64 = add v1, v0
  v5: i64 = mul v3, v4
  bounds.index v0, v1
  bounds.index_u v0, v1
  nilcheck v2
  nilcheck v2
  ret v5
}
)");
  std::string t = c.run("gvn");
  EXPECT_EQ(count(t, " add "), 1u) << t;
  EXPECT_EQ(count(t, "bounds."), 1u) << t;
  EXPECT_EQ(count(t, "bounds.index "), 1u) << t;
  EXPECT_EQ(count(t, "nilcheck"), 1u) << t;
}

TEST(Gvn, LoadsUntilMemoryChanges) {
  Case c(R"(func @f (ptr:r0, ptr:r1, i64:r2) -> (i64:r0) {
b0(v0: ptr, v1: ptr, v2: i64):
  v3: i64 = load v0
  v4: i64 = load v0
  store v0, v2 #8
  v5: i64 = load v0
  v6: i64 = load v0 #8
  store v1, v2
  v7: i64 = load v0
  v8: i64 = add v3, v4
  v9: i64 = add v8, v5
  v10: i64 = add v9, v6
  v11: i64 = add v10, v7
  ret v11
}
)");
  std::string t = c.run("gvn");
  EXPECT_EQ(count(t, " load "), 2u) << t;  // the first, and the one behind the store through another pointer
}

TEST(Gvn, LoopsForgetWhatTheyChange) {
  Case c(R"(func @f (ptr:r0, ptr:r1, i64:r2) -> (i64:r0) {
b0(v0: ptr, v1: ptr, v2: i64):
  v3: i64 = load v0
  v4: f64 = load v0 #8
  jump -> b1(v3)
b1(v5: i64):
  v6: i64 = load v0
  v7: f64 = load v0 #8
  store v1, v6
  v8: i8 = icmp.lts v6, v2
  br v8 -> b1(v6), b2
b2:
  v9: f64 = fadd v4, v7
  v10: i64 = bitcast v9
  ret v10
}
)");
  std::string t = c.run("gvn");
  EXPECT_EQ(count(t, "i64 = load "), 2u) << t;
}

// Each address gets a shift of its own to swallow.
TEST(Scaled, OneShiftForEachAddress) {
  Case c(R"(func @f (ptr:r0, ptr:r1, i64:r2) -> (i64:r0) {
b0(v0: ptr, v1: ptr, v2: i64):
  v3: i64 = const #3
  v4: i64 = shl v2, v3 !bounded
  v5: ptr = ptradd v0, v4
  v6: ptr = ptradd v1, v4
  v7: i64 = load v5
  v8: i64 = load v6
  v9: i64 = add v7, v8
  ret v9
}
)");
  EXPECT_EQ(count(c.run("scaled"), " shl "), 2u);
}

// Counting up from zero below the limit: no check; from an unknown start, or against another limit: the check
// stays.
TEST(Bounds, CountersBelowTheirLimit) {
  auto loop = [](std::string_view start, std::string_view limit) {
    std::string text = R"(func @f (i64:r0, i64:r1, i64:r2) -> () {
b0(v0: i64, v1: i64, v2: i64):
  v3: i64 = const #0
  v4: i64 = const #1
  jump -> b1(START)
b1(v5: i64):
  v6: i8 = icmp.lts v5, v0
  br v6 -> b2, b3
b2:
  bounds.index v5, LIMIT
  v7: i64 = add v5, v4
  jump -> b1(v7)
b3:
  ret
}
)";
    text.replace(text.find("START"), 5, start);
    text.replace(text.find("LIMIT"), 5, limit);
    return text;
  };
  EXPECT_EQ(count(Case(loop("v3", "v0")).run("bounds"), "bounds"), 0u);
  EXPECT_EQ(count(Case(loop("v2", "v0")).run("bounds"), "bounds"), 1u);
  EXPECT_EQ(count(Case(loop("v3", "v1")).run("bounds"), "bounds"), 1u);
}

// Runs the module passes and gives back the text of the last function.
std::string run_all(std::string_view text) {
  Case c(text);
  Options o;
  o.verify_each = true;
  run_module(c.module, o);
  return ssa::print(*c.module.funcs.back());
}

TEST(Module, SmallCalleeIsCopied) {
  std::string t = run_all(R"(func @callee (i64:r0, i64:r1) -> (i64:r0) {
b0(v0: i64, v1: i64):
  v2: i8 = icmp.lts v0, v1
  br v2 -> b1, b2
b1:
  ret v1
b2:
  ret v0
}
func @f (i64:r0) -> (i64:r0) {
b0(v0: i64):
  v1: i64 = const #10
  v2 = call @callee v0, v1 sig (i64:r0, i64:r1) -> (i64:r0);
  v3: i64 = extract v2 #0
  ret v3
}
)");
  EXPECT_EQ(count(t, "call"), 0u) << t;
  EXPECT_EQ(count(t, "icmp"), 1u) << t;
}

// Two words in memory, written and read here only: nothing of the object is left.
TEST(Module, ObjectThatStaysBecomesValues) {
  std::string t = run_all(R"(data @type 8
func @f (i64:r0) -> (i64:r0) {
b0(v0: i64):
  v1: ptr = new layout(16,8,10,@type)
  store v1, v0 #8
  v2: i64 = load v1 #8
  ret v2
}
)");
  EXPECT_EQ(count(t, "new"), 0u) << t;
  EXPECT_EQ(count(t, "load"), 0u) << t;
}

// A pointer that the callee keeps, one it only reads, one it hands back.
TEST(Module, CalleesSayWhatTheyKeep) {
  constexpr std::string_view Callees = R"(data @type 8
data @global 8
func @keep (ptr:r0) !noinline {
b0(v0: ptr):
  v1: ptr = symaddr @global
  store v1, v0
  ret
}
func @read (ptr:r0) -> (i64:r0) !noinline {
b0(v0: ptr):
  v1: i64 = load v0
  ret v1
}
func @same (ptr:r0) -> (ptr:r0) !noinline {
b0(v0: ptr):
  ret v0
}
)";
  auto with = [&](std::string_view body) { return run_all(std::string(Callees) + std::string(body)); };
  EXPECT_EQ(count(with(R"(func @f () {
b0:
  v0: ptr = new layout(8,8,@type)
  v1 = call @keep v0 sig (ptr:r0);
  ret
}
)"),
                  " new "),
            1u);
  EXPECT_EQ(count(with(R"(func @f () -> (i64:r0) {
b0:
  v0: ptr = new layout(8,8,@type)
  v1 = call @read v0 sig (ptr:r0) -> (i64:r0);
  v2: i64 = extract v1 #0
  ret v2
}
)"),
                  " alloca "),
            1u);
  EXPECT_EQ(count(with(R"(func @f () -> (ptr:r0) {
b0:
  v0: ptr = new layout(8,8,@type)
  v1 = call @same v0 sig (ptr:r0) -> (ptr:r0);
  v2: ptr = extract v1 #0
  ret v2
}
)"),
                  " new "),
            1u);
}

// The next turn of the loop still sees the object of the one before.
TEST(Module, ObjectsThatOutliveTheirTurnStayOnTheHeap) {
  std::string t = run_all(R"(data @type 8
func @f (i64:r0) -> (i64:r0) {
b0(v0: i64):
  v1: ptr = const #0
  jump -> b1(v0, v1)
b1(v2: i64, v3: ptr):
  v4: ptr = new layout(16,8,10,@type)
  store v4, v3
  store v4, v2 #8
  v5: i64 = const #1
  v6: i64 = sub v2, v5
  v8: i64 = const #0
  v9: i8 = icmp.gts v6, v8
  br v9 -> b1(v6, v4), b2
b2:
  v7: i64 = load v4 #8
  ret v7
}
)");
  EXPECT_EQ(count(t, " new "), 1u) << t;
}
}  // namespace
}  // namespace vole::opt
