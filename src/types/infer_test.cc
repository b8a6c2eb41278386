// Inference of type arguments in every place where they may be left out, and instantiation that would not
// end.
#include "types/test_package.h"

namespace vole::types {
namespace {
constexpr const char* Declarations = R"(
type List[T any] []T
type Pair[A, B any] struct { a A; b B }
type Num interface{ ~int | ~float64 }
type Stringer interface{ String() string }
type Name string
func (n Name) String() string { return string(n) }
func id[T any](x T) T { return x }
func pair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }
func apply[A, B any](s []A, f func(A) B) []B { return nil }
func sum[T Num](s ...T) (t T) { return }
func scale[S ~[]E, E Num](s S, by E) S { return s }
func ptr[T any, P interface{ *T; Set(string) }](s string) T { var t T; P(&t).Set(s); return t }
type Settable int
func (*Settable) Set(string) {}
func keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }
func recv[T any](c <-chan T) T { return <-c }
func show[T Stringer](x T) string { return x.String() }
type Box[T any] struct{ x T }
func (b Box[T]) Map[U any](f func(T) U) Box[U] { return Box[U]{f(b.x)} }
func (b Box[T]) Get() T { return b.x }
type Getter[T any] interface{ Get() T }
func get[T any](g Getter[T]) T { return g.Get() }
)";
// The type of an expression.
std::string type_of(const std::string& expr, const std::string& more = "") {
  TestPackage p(Declarations + more + "\nvar result = " + expr + "\n");
  EXPECT_EQ(p.errors(), "") << expr;
  return p.type_text("result");
}
std::string fault(const std::string& expr, const std::string& more = "") {
  std::string e = TestPackage(Declarations + more + "\nvar result = " + expr + "\n").errors();
  size_t at = e.find(": ");
  return at == e.npos ? e : e.substr(at + 2, e.find('\n', at) - at - 2);
}

TEST(Infer, FromArguments) {
  EXPECT_EQ(type_of("id(\"x\")"), "string");
  EXPECT_EQ(type_of("pair(1, []byte(nil))"), "Pair[int, []byte]");
  EXPECT_EQ(type_of("apply([]int{}, func(int) string { return \"\" })"), "[]string");
  EXPECT_EQ(type_of("recv(make(chan bool))"), "bool");
  EXPECT_EQ(type_of("id(List[int]{})"), "List[int]");
  EXPECT_EQ(type_of("pair[string](\"x\", 1)"), "Pair[string, int]");
}

TEST(Infer, UntypedArgumentsTakeTheLargestKind) {
  EXPECT_EQ(type_of("sum(1, 2)"), "int");
  EXPECT_EQ(type_of("sum(1, 2.5)"), "float64");
  EXPECT_EQ(type_of("pair('a', 1i)"), "Pair[rune, complex128]");
  EXPECT_EQ(type_of("sum(1, x, 2)", "var x float64"), "float64");
}

TEST(Infer, FromConstraints) {
  EXPECT_EQ(type_of("scale(List[float64]{}, 2)"), "List[float64]");
  EXPECT_EQ(type_of("keys(map[string]bool{})"), "[]string");
  EXPECT_EQ(type_of("ptr[Settable](\"x\")"), "Settable");
}

TEST(Infer, FromMethodsOfInterfaces) {
  EXPECT_EQ(type_of("get(Box[string]{})"), "string");
  EXPECT_EQ(type_of("get(g)", "var g Getter[int]"), "int");
}

TEST(Infer, GenericFunctionsAsArguments) {
  EXPECT_EQ(type_of("apply([]int{}, id)"), "[]int");
  EXPECT_EQ(type_of("apply([]Name{}, show)"), "[]string");
  EXPECT_EQ(type_of("apply(apply([]int{}, id), func(int) bool { return true })"), "[]bool");
}

TEST(Infer, WhereverAFunctionIsAssigned) {
  const char* places[] = {
      "var f func(int) int = id; _ = f",
      "var f func(int) int; f = id; _ = f",
      "var f, g func(string) string; f, g = id, id; _, _ = f, g",
      "_ = struct{ f func(int) int }{id}",
      "_ = struct{ f func(int) int }{f: id}",
      "_ = []func(int) int{id, 2: id}",
      "_ = map[string]func(int) int{\"a\": id}",
      "_ = [...]func(int) int{id}",
      "_ = func() func(int) int { return id }",
      "_ = func() (func(int) int, error) { return id, nil }",
      "c := make(chan func(int) int); c <- id",
      "m := map[string]func(int) int{}; m[\"a\"] = id",
      "func(func(int) int) {}(id)",
      "_ = (func(int) int)(id)",
      "type F func(int) int; var f F = id; _ = f",
  };
  for (const char* p : places) EXPECT_EQ(errors_of(Declarations, p), "") << p;
  EXPECT_NE(errors_of(Declarations, "f := id; _ = f"), "");
  EXPECT_NE(errors_of(Declarations, "var f func(int) string = id; _ = f"), "");
  EXPECT_NE(errors_of(Declarations, "var f any = id; _ = f"), "");
}

TEST(Infer, GenericMethods) {
  EXPECT_EQ(type_of("Box[int]{}.Map(func(int) string { return \"\" })"), "Box[string]");
  EXPECT_EQ(type_of("Box[int]{}.Map[bool]"), "func(f func(int) bool) Box[bool]");
  EXPECT_EQ(type_of("Box[int]{1}.Map(id).Map(func(int) []int { return nil }).Get()"), "[]int");
  EXPECT_EQ(type_of("Box[int].Map[bool]"), "func(b Box[int], f func(int) bool) Box[bool]");
  EXPECT_EQ(errors_of(Declarations, "var f func(func(int) string) Box[string] = Box[int]{}.Map; _ = f"), "");
}

TEST(Infer, WhatCannotBe) {
  EXPECT_EQ(fault("sum()").substr(0, 40), "in call to sum, cannot infer T (declared");
  EXPECT_EQ(fault("sum(\"a\")"), "string does not satisfy Num (string missing in ~int | ~float64)");
  EXPECT_EQ(fault("apply([]int{}, func(string) int { return 0 })"),
            "in call to apply, type func(string) int of func(string) int {…} does not match inferred type "
            "func(int) B for func(A) B");
  EXPECT_EQ(fault("sum(1, \"a\")"),
            "in call to sum, mismatched types untyped int and untyped string (cannot infer T)");
  EXPECT_EQ(fault("sum(x, 1.5)", "var x int"),
            "cannot use 1.5 (untyped float constant) as int value in argument to sum (truncated)");
  EXPECT_EQ(fault("id(nil)").substr(0, 30), "in call to id, cannot infer T ");
  EXPECT_EQ(fault("show(1)"), "int does not satisfy Stringer (missing method String)");
}

TEST(Mono, CirclesThatGrow) {
  auto cycle = [](const std::string& s) {
    return TestPackage(s).errors().find("instantiation cycle") != std::string::npos;
  };
  EXPECT_TRUE(cycle("func f[T any]() { f[*T]() }\n"));
  EXPECT_TRUE(cycle("func f[T any]() { g[[]T]() }\nfunc g[T any]() { f[T]() }\n"));
  EXPECT_TRUE(cycle("type L[T any] struct{ next *L[map[string]T] }\n"));
  EXPECT_TRUE(cycle("func f[T any]() { type local struct{ x T }; f[local]() }\n"));
  EXPECT_TRUE(cycle("type B[T any] struct{}\nfunc (B[T]) m() { B[func(T)]{}.m() }\n"));
  EXPECT_FALSE(cycle("func f[T any]() { f[T]() }\n"));
  EXPECT_FALSE(cycle("func f[A, B any]() { f[B, A]() }\n"));
  EXPECT_FALSE(cycle("func f[T any]() { g[*T]() }\nfunc g[T any]() { f[int]() }\n"));
  EXPECT_FALSE(cycle("type L[T any] struct{ next *L[T]; other map[string]T }\n"));
}
}  // namespace
}  // namespace vole::types
