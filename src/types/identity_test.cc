// Identity of types, its hash, type strings, and substitution with its process-wide instances.
#include "types/test_package.h"

namespace vole::types {
namespace {
// The types of `var x …` and `var y …`.
struct Two {
  TestPackage p;
  Two(const std::string& x, const std::string& y, const std::string& more = "")
      : p(more + "\nvar x " + x + "\nvar y " + y + "\n") {
    EXPECT_EQ(p.errors(), "") << x << " / " << y;
  }
  bool same() {
    bool s = identical(p.type("x"), p.type("y"));
    EXPECT_EQ(s, identical(p.type("y"), p.type("x")));
    if (s) EXPECT_EQ(type_hash(p.type("x")), type_hash(p.type("y")));
    return s;
  }
};

TEST(Identity, LiteralsAreIdenticalByStructure) {
  for (const char* t :
       {"int", "*[]string", "[3]map[string]*int", "<-chan func(int, ...string) (error, bool)",
        "struct{ a, b int; c *T }", "interface{ m(int) string; n() }", "G[int]", "map[G[string]][]G[[]int]"})
    EXPECT_TRUE(Two(t, t, "type T int\ntype G[P any] struct{ x P }").same()) << t;
}

TEST(Identity, SmallDifferencesCount) {
  const char* more = "type T int\ntype U int\ntype G[P any] struct{ x P }";
  const char* pairs[][2] = {{"int", "int64"},
                            {"*int", "[]int"},
                            {"[3]int", "[4]int"},
                            {"map[string]int", "map[int]int"},
                            {"chan int", "<-chan int"},
                            // clang-format off
                            {"<-chan int", "chan<- int"}, {"struct{ a int }", "struct{ b int }"},
                            {"struct{ a int }", "struct{ a int `x`}"}, {"struct{ T }", "struct{ T T }"},
                            {"func(int)", "func(int) int"}, {"func(...int)", "func([]int)"},
                            {"interface{ m() }", "interface{ n() }"},
                            {"interface{ m() }", "interface{ m(); n() }"}, {"T", "U"}, {"T", "int"},
                            // clang-format on
                            {"G[int]", "G[uint]"}};
  for (auto& [x, y] : pairs) EXPECT_FALSE(Two(x, y, more).same()) << x << " / " << y;
}

TEST(Identity, NamesOfParametersAndOrderOfMethodsDoNotCount) {
  EXPECT_TRUE(Two("func(a int, b string) (c error)", "func(int, string) error").same());
  EXPECT_TRUE(Two("interface{ m(); n() }", "interface{ n(); m() }").same());
  EXPECT_TRUE(Two("interface{ I; J }", "interface{ m(); n() }",
                  "type I interface{ m() }\ntype J interface{ m(); n() }")
                  .same());
  EXPECT_TRUE(Two("interface{}", "any").same());
  EXPECT_TRUE(Two("byte", "uint8").same());
  EXPECT_TRUE(Two("[]rune", "[]int32").same());
}

TEST(Identity, AliasesStandForTheirTypes) {
  const char* more =
      "type T int\ntype A = T\ntype B = *A\ntype L[P any] = []P\ntype M[K comparable, V any] = map[K]L[V]";
  EXPECT_TRUE(Two("A", "T", more).same());
  EXPECT_TRUE(Two("B", "*T", more).same());
  EXPECT_TRUE(Two("L[A]", "[]T", more).same());
  EXPECT_TRUE(Two("M[string, int]", "map[string][]int", more).same());
}

TEST(Identity, TagsAreIgnoredOnRequest) {
  Two two("struct{ a int `x` }", "struct{ a int }");
  EXPECT_FALSE(two.same());
  EXPECT_TRUE(identical_ignore_tags(two.p.type("x"), two.p.type("y")));
}

TEST(Identity, GenericSignaturesUpToRenaming) {
  TestPackage p(
      "func f[A any, B []A](A, B) map[string]A { return nil }\nfunc g[X any, Y []X](X, Y) map[string]X { "
      "return nil }\n"
      "func h[X any, Y []X](Y, X) map[string]X { return nil }\nfunc i[X comparable, Y []X](X, Y) "
      "map[string]X { return nil }\n");
  ASSERT_EQ(p.errors(), "");
  EXPECT_TRUE(identical(p.type("f"), p.type("g")));
  EXPECT_FALSE(identical(p.type("f"), p.type("h")));
  EXPECT_FALSE(identical(p.type("f"), p.type("i")));
  EXPECT_EQ(type_hash(p.type("f")), type_hash(p.type("g")));
}

TEST(Identity, InterfacesThatMentionThemselves) {
  EXPECT_TRUE(Two("I", "I", "type I interface{ m(I) J }\ntype J interface{ n() I }").same());
  EXPECT_TRUE(
      Two("interface{ n() I }", "interface{ n() I }", "type I interface{ m() interface{ n() I } }").same());
}

TEST(Identity, InstancesAreUnique) {
  TestPackage p(
      "type G[K comparable, V any] struct{ m map[K]V }\nvar a G[string, []int]\nvar b G[string, []int]\nvar "
      "c G[string, []uint]\n");
  ASSERT_EQ(p.errors(), "");
  EXPECT_EQ(p.type("a"), p.type("b"));
  EXPECT_NE(p.type("a"), p.type("c"));
  Type* args[] = {basic(BasicKind::String), new_slice(basic(BasicKind::Int))};
  EXPECT_EQ(instantiate(static_cast<Named*>(p.type("G")), args), p.type("a"));
}

TEST(Subst, ReplacesEverywhereAndSharesWhatStays) {
  TestPackage p(
      "type G[P any] struct {\n\ta P\n\tb []map[string]*P\n\tc func(P, ...P) chan<- P\n\td interface{ m(P) "
      "}\n\te []H[*P]\n\tf []string\n}\ntype H[P any] struct{ h P }\n"
      "var x G[int]\n");
  ASSERT_EQ(p.errors(), "");
  auto* s = p.type("x")->underlying()->cast<Struct>();
  const char* wanted[] = {
      "int",       "[]map[string]*int", "func(int, ...int) chan<- int", "interface{m(int)}",
      "[]H[*int]", "[]string"};
  for (size_t i = 0; i < 6; i++) EXPECT_EQ(type_string(s->fields[i]->type, p.pkg.get()), wanted[i]);
  auto* generic = p.type("G")->underlying()->cast<Struct>();
  EXPECT_EQ(s->fields[5]->type, generic->fields[5]->type);
  EXPECT_EQ(s->fields[0]->origin, generic->fields[0]);
}

TEST(Subst, MethodsOfInstances) {
  TestPackage p(
      "type G[P any] struct{ x P }\nfunc (g *G[Q]) get(q Q) (Q, *G[Q]) { return g.x, g }\nvar x G[string]\n");
  ASSERT_EQ(p.errors(), "");
  auto* n = static_cast<Named*>(p.type("x"));
  ASSERT_EQ(n->methods().size(), 1u);
  Func* m = n->methods()[0];
  EXPECT_TRUE(m->ptr_recv);
  EXPECT_EQ(m->recv_named, n);
  EXPECT_EQ(type_string(func_signature(m), p.pkg.get()), "func(q string) (string, *G[string])");
  EXPECT_EQ(m->origin, static_cast<Named*>(p.type("G"))->methods()[0]);
}

TEST(Subst, WrongNumberOfArgumentsHasNoUnderlyingType) {
  TestPackage p("type G[A, B any] struct{ a A }\nvar x G[int]\n");
  EXPECT_EQ(p.errors(), "x.go:3:7: not enough type arguments for type G: have 1, want 2\n");
  EXPECT_EQ(p.type_text("x"), "G[int]");
  EXPECT_FALSE(is_valid(p.type("x")->underlying()));
}

TEST(TypeString, AsMessagesShowThem) {
  const char* same[] = {"int",
                        "*[]string",
                        "[3]map[string]*int",
                        "func(x int, y ...string) (n int, err error)",
                        "func(int) bool",
                        "struct{a int; b, c string \"tag\"; T}",
                        "interface{m(x int); T2}",
                        "chan (<-chan int)",
                        "<-chan int",
                        "chan<- func()",
                        "map[string]interface{}",
                        "G[map[string]T]",
                        "unsafe.Pointer",
                        "any",
                        "error",
                        "interface{~int | string; m()}"};
  for (const char* s : same) {
    bool constraint = std::string(s).find('~') != std::string::npos;
    std::string source = s;
    if (auto at = source.find("b, c string"); at != std::string::npos)
      source.replace(at, 11, "b string; c string");
    TestPackage p(
        "import \"unsafe\"\nvar _ unsafe.Pointer\ntype T int\ntype T2 interface{ n() }\ntype G[P any] "
        "struct{ x P }\n" +
        std::string(constraint ? "type x " : "var x ") + source + "\n");
    if (!constraint) ASSERT_EQ(p.errors(), "");
    std::string wanted = s;
    if (auto at = wanted.find("b, c string"); at != std::string::npos)
      wanted.replace(at, 11, "b string; c string");
    Type* t = constraint ? p.type("x")->underlying() : p.type("x");
    if (constraint) EXPECT_EQ(type_string(t, p.pkg.get()), "interface{m(); ~int | string}");
    else EXPECT_EQ(type_string(t, p.pkg.get()), wanted);
  }
}

TEST(TypeString, Qualified) {
  TestPackage p("type T int\nvar x map[T]*T\n", {}, "example.com/dir/p");
  EXPECT_EQ(type_string(p.type("x"), p.pkg.get()), "map[T]*T");
  EXPECT_EQ(type_string(p.type("x")), "map[p.T]*p.T");
  EXPECT_EQ(type_string(p.type("x"), nullptr, true), "map[example.com/dir/p.T]*example.com/dir/p.T");
}
}  // namespace
}  // namespace vole::types
