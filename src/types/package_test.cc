// What a checked package says: sizes and offsets, the order of initialisation, what becomes of local
// variables.
#include "types/test_package.h"

namespace vole::types {
namespace {
TEST(Sizes, Basics) {
  struct {
    const char* type;
    i64 size, align;
  } cases[] = {
      // clang-format off
      {"bool", 1, 1}, {"int16", 2, 2}, {"int", 8, 8}, {"float32", 4, 4}, {"complex64", 8, 4},
      {"complex128", 16, 8}, {"string", 16, 8}, {"[]int", 24, 8}, {"map[int]int", 8, 8}, {"chan int", 8, 8},
      {"func()", 8, 8}, {"any", 16, 8}, {"error", 16, 8}, {"*int", 8, 8}, {"[3]int16", 6, 2},
      {"[0]int64", 0, 8}, {"struct{}", 0, 1}, {"struct{ a bool; b int64; c bool }", 24, 8},
      {"struct{ a, b bool; c int16 }", 4, 2}, {"struct{ a int32; b struct{} }", 8, 4},
      {"struct{ b struct{}; a int32 }", 4, 4}, {"[2]struct{ a int64; b bool }", 32, 8},
      // clang-format on
  };
  for (auto& c : cases) {
    TestPackage p(std::string("var x ") + c.type + "\n");
    ASSERT_EQ(p.errors(), "");
    EXPECT_EQ(size_of(p.type("x")), c.size) << c.type;
    EXPECT_EQ(align_of(p.type("x")), c.align) << c.type;
  }
}

TEST(Sizes, OffsetsAndWhatDoesNotFit) {
  TestPackage p(
      "type S struct{ a bool; b int32; c string; d bool; e int64 }\ntype G[T any] struct{ a bool; x T }\nvar "
      "g G[int16]\nvar h G[string]\n");
  ASSERT_EQ(p.errors(), "");
  auto offsets = [&](Type* t) {
    auto o = field_offsets(t->underlying()->cast<Struct>());
    return std::vector<i64>(o.begin(), o.end());
  };
  EXPECT_EQ(offsets(p.type("S")), (std::vector<i64>{0, 4, 8, 24, 32}));
  EXPECT_EQ(offsets(p.type("g")), (std::vector<i64>{0, 2}));
  EXPECT_EQ(offsets(p.type("h")), (std::vector<i64>{0, 8}));
  Type* huge = new_array(new_array(basic(BasicKind::Int64), i64{1} << 40), i64{1} << 30);
  EXPECT_EQ(size_of(huge), -1);
}

std::string order(const std::string& body) {
  TestPackage p(body);
  EXPECT_EQ(p.errors(), "");
  std::string out;
  for (const Initializer& i : p.pkg->init_order) {
    if (!out.empty()) out += ' ';
    for (size_t k = 0; k < i.lhs.size(); k++) out += (k ? "," : "") + std::string(i.lhs[k]->name.text());
  }
  return out;
}

TEST(InitOrder, ByDependencyThenBySource) {
  EXPECT_EQ(order("var a = b + 1\nvar b = 2\nvar c = 3\n"), "b a c");
  EXPECT_EQ(order("var a = c\nvar b = 1\nvar c = b\n"), "b c a");
  EXPECT_EQ(order("var x = f()\nfunc f() int { return g() }\nfunc g() int { return y }\nvar y = 1\n"), "y x");
  EXPECT_EQ(order("var x, y = f()\nfunc f() (int, int) { return z, z }\nvar z = 1\n"), "z x,y");
  EXPECT_EQ(order("var x = func() int { return y }()\nvar y = 1\n"), "y x");
  EXPECT_EQ(
      order("type T struct{}\nfunc (T) m() int { return y }\nvar x = T{}.m()\nvar f = T.m\nvar y = 1\n"),
      "y x f");
  EXPECT_EQ(order("var a = 1\nvar _ = b\nvar b = a\n"), "a b _");
  EXPECT_EQ(order("var x = id(1)\nfunc id[T any](t T) T { _ = y; return t }\nvar y = 2\n"), "y x");
}

TEST(InitOrder, Circles) {
  EXPECT_NE(TestPackage("var a = b\nvar b = f()\nfunc f() int { return a }\n")
                .errors()
                .find("initialization cycle"),
            std::string::npos);
  EXPECT_EQ(TestPackage("var f = g\nfunc g() { _ = h }\nfunc h() { g() }\n").errors(), "");
  EXPECT_EQ(TestPackage("var p = &q\nvar q = func() *int { return nil }\n").errors(), "");
}

TEST(Variables, WhatBecomesOfThem) {
  TestPackage p(
      "func f(a, b, c, d int) (e int) {\n\tb = 1\n\t_ = &c\n\tfunc() { _ = d; e = a }()\n\treturn\n}\n");
  ASSERT_EQ(p.errors(), "");
  auto* sig = p.type("f")->cast<Signature>();
  auto flags = [](Var* v) {
    return std::string(v->captured ? "c" : "") + (v->address_taken ? "a" : "") + (v->reassigned ? "r" : "");
  };
  EXPECT_EQ(flags(sig->params[0]), "c");
  EXPECT_EQ(flags(sig->params[1]), "r");
  EXPECT_EQ(flags(sig->params[2]), "a");
  EXPECT_EQ(flags(sig->params[3]), "c");
  EXPECT_EQ(flags(sig->results[0]), "cr");
}
}  // namespace
}  // namespace vole::types
