// What may be assigned, compared and converted to what; which types satisfy which constraints.
#include "types/test_package.h"

namespace vole::types {
namespace {
const std::string Declarations = R"(
type T int
type S []int
type M map[string]int
type F func(int) int
type C chan int
type R <-chan int
type I interface{ m() }
type J interface{ m(); n() }
type V int
func (V) m() {}
type P int
func (*P) m() {}
type St struct{ a int }
type St2 struct{ a int `tag` }
type G[A any] struct{ x A }
)";
bool fine(const std::string& body) { return errors_of(Declarations, body).empty(); }
bool assignable(const std::string& from, const std::string& to) {
  return fine("var x " + from + "\nvar y " + to + " = x\n_ = y");
}
bool convertible(const std::string& from, const std::string& to) {
  return fine("var x " + from + "\ny := (" + to + ")(x)\n_ = y");
}

TEST(Assign, IdenticalUnderlyingTypesWhenOneHasNoName) {
  EXPECT_TRUE(assignable("S", "[]int"));
  EXPECT_TRUE(assignable("[]int", "S"));
  EXPECT_TRUE(assignable("M", "map[string]int"));
  EXPECT_TRUE(assignable("func(int) int", "F"));
  EXPECT_TRUE(assignable("struct{ a int }", "St"));
  EXPECT_FALSE(assignable("T", "int"));
  EXPECT_FALSE(assignable("St", "St2"));
  EXPECT_FALSE(assignable("struct{ a int }", "St2"));
  EXPECT_FALSE(assignable("G[int]", "G[T]"));
}

TEST(Assign, Channels) {
  EXPECT_TRUE(assignable("chan int", "<-chan int"));
  EXPECT_TRUE(assignable("chan int", "R"));
  EXPECT_TRUE(assignable("C", "<-chan int"));
  EXPECT_FALSE(assignable("C", "R"));
  EXPECT_FALSE(assignable("<-chan int", "chan int"));
  EXPECT_FALSE(assignable("chan int", "<-chan T"));
}

TEST(Assign, Interfaces) {
  EXPECT_TRUE(assignable("V", "I"));
  EXPECT_TRUE(assignable("*V", "I"));
  EXPECT_FALSE(assignable("P", "I"));
  EXPECT_TRUE(assignable("*P", "I"));
  EXPECT_TRUE(assignable("J", "I"));
  EXPECT_FALSE(assignable("I", "J"));
  EXPECT_TRUE(assignable("I", "any"));
  EXPECT_FALSE(assignable("*I", "I"));
}

TEST(Assign, UntypedValues) {
  for (const char* d :
       {"var x T = 1", "var x S = nil", "var x any = nil", "var x F = nil", "var x bool = 1 < 2",
        "var x float32 = 1", "var x any = 1.5", "var x *int = nil", "var s uint = 3; var x T = 1 << s"})
    EXPECT_TRUE(fine(std::string(d) + "; _ = x")) << d;
  for (const char* d : {"var x T = nil", "var x St = nil", "var x T = 1.5", "var x string = 'a'",
                        "var x bool = 1", "var s uint = 3; var x float64 = 1 << s"})
    EXPECT_FALSE(fine(std::string(d) + "; _ = x")) << d;
}

TEST(Convert, NumbersAndStrings) {
  for (auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{// clang-format off
           {"int", "float32"}, {"float64", "int8"}, {"T", "int"}, {"complex64", "complex128"},
           {"int", "string"}, {"[]byte", "string"}, {"string", "[]rune"}, {"S", "[]int"}, {"St", "St2"},
           {"struct{ a int }", "St2"}, {"*St", "*St2"}, {"[]int", "[4]int"}, {"[]int", "*[4]int"},
                                                                  // clang-format on
                                                                  {"chan int", "R"},
                                                                  {"I", "any"}})
    EXPECT_TRUE(convertible(from, to)) << from << " " << to;
  for (auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"int", "bool"},
                                                                  {"complex64", "float32"},
                                                                  {"float64", "string"},
                                                                  {"[]int", "string"},
                                                                  {"[]T", "[]int"},
                                                                  {"*T", "[]T"},
                                                                  {"[4]int", "[]int"},
                                                                  {"[]int", "[4]T"},
                                                                  {"I", "V"},
                                                                  {"C", "R"},
                                                                  {"func(int)", "func(string)"}})
    EXPECT_FALSE(convertible(from, to)) << from << " " << to;
}

TEST(Convert, TypeParameters) {
  auto generic = [&](const std::string& constraint, const std::string& to) {
    return TestPackage(Declarations + "func f[A " + constraint + "](x A) " + to + " { return " + to +
                       "(x) }\n")
        .errors()
        .empty();
  };
  EXPECT_TRUE(generic("~int | ~float64", "int8"));
  EXPECT_FALSE(generic("~int | ~string", "int8"));
  EXPECT_TRUE(generic("~string | ~[]byte", "string"));
  EXPECT_FALSE(generic("any", "int"));
  EXPECT_TRUE(generic("any", "any"));
}

TEST(Compare, WhatHasAnEquality) {
  auto comparable_with = [&](const std::string& x, const std::string& y) {
    return fine("var x " + x + "\nvar y " + y + "\n_ = x == y");
  };
  for (const char* t : {"int", "string", "*S", "C", "any", "I", "St", "[2]St", "G[string]", "G[any]"})
    EXPECT_TRUE(comparable_with(t, t)) << t;
  for (const char* t : {"S", "M", "F", "[2]S", "struct{ f func() }", "G[[]int]"})
    EXPECT_FALSE(comparable_with(t, t)) << t;
  EXPECT_TRUE(comparable_with("I", "V"));
  EXPECT_FALSE(comparable_with("I", "T"));
  EXPECT_TRUE(comparable_with("C", "chan int"));
  EXPECT_FALSE(comparable_with("int", "T"));
  EXPECT_TRUE(fine("var s S; _ = s == nil"));
}

TEST(Constraints, Satisfaction) {
  auto satisfies = [&](const std::string& type, const std::string& constraint) {
    return TestPackage(Declarations + "func f[A " + constraint + "]() {}\nvar _ = f[" + type + "]\n")
        .errors()
        .empty();
  };
  for (auto& [t, c] :
       std::initializer_list<std::pair<const char*, const char*>>{{"int", "int"},
                                                                  {"T", "~int"},
                                                                  {"T", "~int | string"},
                                                                  {"V", "I"},
                                                                  {"V", "interface{ ~int; m() }"},
                                                                  {"any", "comparable"},
                                                                  {"St", "comparable"},
                                                                  {"G[any]", "comparable"},
                                                                  {"int", "any"},
                                                                  {"*P", "I"}})
    EXPECT_TRUE(satisfies(t, c)) << t << " " << c;
  for (auto& [t, c] :
       std::initializer_list<std::pair<const char*, const char*>>{{"T", "int"},
                                                                  {"string", "~int"},
                                                                  {"P", "I"},
                                                                  {"int", "interface{ ~int; m() }"},
                                                                  {"S", "comparable"},
                                                                  {"G[S]", "comparable"},
                                                                  {"I", "J"},
                                                                  {"int", "interface{ int; string }"}})
    EXPECT_FALSE(satisfies(t, c)) << t << " " << c;
}

TEST(Constraints, Comparable) {
  EXPECT_TRUE(comparable(universe_any()));
  EXPECT_FALSE(comparable(new_slice(universe_any())));
}

TEST(TypeSets, UnionsAndIntersections) {
  Term a{false, basic(BasicKind::Int)}, tilde_a{true, basic(BasicKind::Int)},
      b{false, basic(BasicKind::String)};
  auto list = [](std::initializer_list<Term> terms) {
    return TermList{type_arena().copy(std::span<const Term>(terms.begin(), terms.size())), false};
  };
  TermList all{{}, true};
  EXPECT_TRUE(term_equal(term_union(list({a}), list({tilde_a, b})), list({tilde_a, b})));
  EXPECT_TRUE(term_equal(term_intersect(list({a, b}), list({tilde_a})), list({a})));
  EXPECT_TRUE(term_intersect(list({a}), list({b})).empty());
  EXPECT_TRUE(term_subset(list({a}), list({tilde_a})));
  EXPECT_FALSE(term_subset(list({tilde_a}), list({a})));
  EXPECT_TRUE(term_subset(list({a}), all));
  EXPECT_FALSE(term_subset(all, list({a})));
  EXPECT_TRUE(term_equal(term_union(all, list({a})), all));
  EXPECT_TRUE(term_equal(term_intersect(all, list({a})), list({a})));
  EXPECT_TRUE(term_disjoint(a, b));
  EXPECT_FALSE(term_disjoint(a, tilde_a));
}

TEST(TypeSets, OfInterfaces) {
  TestPackage p(
      "type T int\ntype I interface{ m(); ~int | string }\ntype J interface{ I; ~int; n() }\ntype K "
      "interface{ comparable; int | []int }\n"
      "type L interface{ comparable; l() }\ntype E interface{ int; string }\n");
  ASSERT_EQ(p.errors(), "");
  auto set = [&](const char* name) { return type_set(p.type(name)->underlying()->cast<Interface>()); };
  EXPECT_EQ(set("J")->methods.size(), 2u);
  ASSERT_EQ(set("J")->list.terms.size(), 1u);
  EXPECT_TRUE(set("J")->list.terms[0].tilde);
  ASSERT_EQ(set("K")->list.terms.size(), 1u);  // what is not comparable is gone
  EXPECT_FALSE(set("K")->comparable);
  EXPECT_TRUE(set("L")->comparable);
  EXPECT_FALSE(set("L")->is_method_set());
  EXPECT_TRUE(set("E")->is_empty());
}

TEST(TypeSets, CirclesHaveOneSet) {
  TestPackage p(
      "type A interface{ a(); B }\ntype B interface{ b(); C }\ntype C interface{ c(); A; D }\ntype D "
      "interface{ d() }\nvar x B\nvar _ A = x\nvar _ C = x\n");
  EXPECT_EQ(p.errors().find("cannot use"), std::string::npos) << p.errors();
}

TEST(TypeSets, CoreTypes) {
  auto ranges = [](const std::string& constraint) {
    return TestPackage("func f[S " + constraint + "](s S) {\n\tfor range s {\n\t}\n}\n").errors().empty();
  };
  EXPECT_TRUE(ranges("~[]int"));
  EXPECT_TRUE(ranges("interface{ ~[]int; m() }"));
  EXPECT_FALSE(ranges("~[]int | ~[]string"));
  EXPECT_FALSE(ranges("any"));
  EXPECT_TRUE(TestPackage("func f[C chan int | <-chan int](c C) int { return <-c }\n").errors().empty());
  EXPECT_FALSE(TestPackage("func f[C chan int | chan<- int](c C) int { return <-c }\n").errors().empty());
  EXPECT_TRUE(TestPackage("func f[B ~[]byte | ~string](b B) []byte { return append([]byte(nil), b...) }\n")
                  .errors()
                  .empty());
}
}  // namespace
}  // namespace vole::types
