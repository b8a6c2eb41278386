// Export data: a package written and read again says the same to its importers, byte for byte when written
// once more; damaged data is refused.
#include "pkgdata/pkgdata.h"

#include <gtest/gtest.h>

#include "syntax/parse.h"
#include "types/check.h"

namespace vole::pkgdata {
namespace {
using Import = std::function<types::Package*(std::string_view)>;
types::Package* none(std::string_view) { return nullptr; }

struct Checked {
  std::string text;
  diag::Diagnostics diags;
  std::unique_ptr<types::Package> pkg;
  Checked(std::string_view path, std::string body, const Import& import = none) : text(std::move(body)) {
    std::vector<std::unique_ptr<syntax::File>> files;
    files.push_back(syntax::parse(Name::intern("x.go"), text, diags));
    types::Config config;
    config.has_assembly = true;
    config.import = [&](Name p, std::string&) { return import(p.text()); };
    pkg = types::check(Name::intern(path), std::move(files), config, diags);
    diags.finish();
    EXPECT_EQ(diag::render(diags, "", {.limit = 0}), "");
  }
};

// A package, and what comes out of its export data.
struct Trip {
  Checked original;
  std::vector<u8> bytes;
  std::unique_ptr<types::Package> copy;
  explicit Trip(const std::string& body, const Import& import = none, std::string_view path = "example.com/p")
      : original(path, "package p\n" + body, import), bytes(write(*original.pkg)) {
    std::string error;
    copy = read(bytes, import, error);
    EXPECT_EQ(error, "");
  }
  types::Object* object(std::string_view name) {
    return copy ? copy->scope->lookup(Name::intern(name)) : nullptr;
  }
  std::string text(types::Package* p, std::string_view name) {
    types::Object* o = p->scope->lookup(Name::intern(name));
    return o && o->type
               ? types::type_string(o->type, p) + " = " + types::type_string(o->type->underlying(), p)
               : "missing";
  }
  void same(std::initializer_list<const char*> names) {
    ASSERT_NE(copy, nullptr);
    for (const char* n : names) EXPECT_EQ(text(copy.get(), n), text(original.pkg.get(), n)) << n;
  }
};

TEST(Pkgdata, TypesOfEveryKind) {
  Trip t(
      "type T struct {\n\ta, B int `tag`\n\t*U\n\tnext *T\n\tany any\n}\ntype U [3]map[string][]chan<- "
      "func(x T, y ...*U) (n int, err error)\n"
      "type I interface{ I2; m(T) I; Any() any }\ntype I2 interface{ Two() }\ntype A = map[T]I\ntype E "
      "interface{ ~int | string; comparable }\n"
      "var v struct{ f func() }\nvar w <-chan (<-chan int)\nfunc F(a, b int, c ...string) (r error) { return "
      "}\n");
  t.same({"T", "U", "I", "I2", "A", "E", "v", "w", "F"});
  EXPECT_EQ(t.copy->path.text(), "example.com/p");
  EXPECT_TRUE(t.copy->complete);
}

TEST(Pkgdata, TwiceWrittenIsTheSame) {
  std::string body =
      "type T struct{ x, y *T }\nfunc (t *T) M(u U) T { return *t }\ntype U int\nconst C U = 3\nvar V = "
      "map[string]U{}\n"
      "type G[K comparable, V any] struct{ m map[K]V }\nfunc (g G[K, V]) Get(k K) V { return g.m[k] }\nfunc "
      "Id[P any](p P) P { return p }\n";
  Trip t(body);
  ASSERT_NE(t.copy, nullptr);
  EXPECT_EQ(write(*t.original.pkg), t.bytes);
  EXPECT_EQ(write(*Checked("example.com/p", "package p\n" + body).pkg), t.bytes);
}

TEST(Pkgdata, LinesAreNotPartOfIt) {
  Trip a("func F() int { return 1 }\ntype T struct{ x int }\n"),
      b("\n\n// x\nfunc F() int {\n\treturn 2\n}\n\ntype T struct {\n\tx int\n}\n");
  EXPECT_EQ(a.bytes, b.bytes);
  Trip c("func F() int64 { return 1 }\ntype T struct{ x int }\n");
  EXPECT_NE(a.bytes, c.bytes);
}

TEST(Pkgdata, Constants) {
  Trip t(
      "const (\n\tBig = 1<<300 + 1\n\tThird = 1.0 / 3\n\tTiny = 1e-2000\n\tZ = 1.5 - 2i\n\tS = \"a\\x00\" + "
      "\"b\"\n\tB = 1 < 2\n\tR = 'x'\n\tTyped uint8 = 200\n"
      "\tF float32 = 0.1\n)\n");
  for (const char* n : {"Big", "Third", "Tiny", "Z", "S", "B", "R", "Typed", "F"}) {
    auto* a = t.original.pkg->scope->lookup(Name::intern(n))->as<types::Const>();
    auto* b = t.object(n)->as<types::Const>();
    ASSERT_NE(b, nullptr) << n;
    EXPECT_TRUE(types::identical(a->type, b->type)) << n;
    ASSERT_EQ(a->value->kind, b->value->kind) << n;
    EXPECT_EQ(a->value->boolean, b->value->boolean) << n;
    EXPECT_EQ(a->value->string(), b->value->string()) << n;
    EXPECT_TRUE(a->value->integer == b->value->integer) << n;
    EXPECT_TRUE(a->value->real == b->value->real) << n;
    EXPECT_TRUE(a->value->imag == b->value->imag) << n;
  }
}

TEST(Pkgdata, MethodsKeepWhatImportersSee) {
  Trip t(
      "type T int\nfunc (t *T) P() {}\nfunc (t T) V(x int) string { return \"\" }\nfunc (t T) private() "
      "{}\n");
  auto* n = static_cast<types::Named*>(t.object("T")->type);
  ASSERT_EQ(n->methods().size(), 3u);
  EXPECT_TRUE(n->methods()[0]->ptr_recv);
  EXPECT_FALSE(n->methods()[1]->ptr_recv);
  EXPECT_EQ(n->methods()[1]->recv_named, n);
  EXPECT_EQ(types::method_set(n).size(), 2u);
  EXPECT_EQ(types::method_set(types::new_pointer(n)).size(), 3u);
}

TEST(Pkgdata, GenericFunctionsComeWithTheirBodies) {
  Trip t(
      "import \"lib\"\ntype G[K comparable, V any] struct{ m map[K]V }\nfunc (g *G[K, V]) Get(k K) (V, bool) "
      "{ v, ok := g.m[k]; return v, ok }\n"
      "func Map[S ~[]E, E, R any](s S, f func(E) R) (out []R) {\n\tfor _, x := range s {\n\t\tout = "
      "append(out, f(helper(x)))\n\t}\n\t_ = lib.N\n\treturn\n}\n"
      "func helper[T any](x T) T { return x }\n",
      [](std::string_view path) {
        static Checked lib("lib", "package lib\nvar N int\n");
        return path == "lib" ? lib.pkg.get() : nullptr;
      });
  ASSERT_NE(t.copy, nullptr);
  t.same({"Map", "helper", "G"});
  EXPECT_NE(t.object("Map")->as<types::Func>()->decl->body, nullptr);
  auto* g = static_cast<types::Named*>(t.object("G")->type);
  types::Type* args[] = {types::basic(types::BasicKind::String), types::basic(types::BasicKind::Int)};
  auto* inst = types::instantiate(g, args);
  ASSERT_EQ(inst->methods().size(), 1u);
  EXPECT_EQ(types::type_string(inst->methods()[0]->type), "func(k string) (int, bool)");
}

TEST(Pkgdata, ImportersUseItAsThePackageItself) {
  Checked a("a",
            "package a\ntype T struct{ x int }\nfunc (T) M() T { return T{} }\ntype L[P any] []P\nfunc New() "
            "*T { return nil }\n");
  std::string error;
  auto copy = read(write(*a.pkg), none, error);
  ASSERT_NE(copy, nullptr) << error;
  auto import = [&](std::string_view p) { return p == "a" ? copy.get() : nullptr; };
  Checked b("b",
            "package b\nimport \"a\"\nvar X a.L[*a.T] = append(a.L[*a.T]{}, a.New())\ntype S struct{ a.T "
            "}\nvar Y interface{ M() a.T } = S{}\n",
            import);
  std::vector<u8> bytes = write(*b.pkg);
  std::vector<std::string> paths;
  ASSERT_TRUE(references(bytes, paths));
  EXPECT_NE(std::find(paths.begin(), paths.end(), "a"), paths.end());
  auto b2 = read(bytes, import, error);
  ASSERT_NE(b2, nullptr) << error;
  EXPECT_TRUE(types::identical(b2->scope->lookup(Name::intern("X"))->type,
                               b.pkg->scope->lookup(Name::intern("X"))->type));
}

TEST(Pkgdata, DamagedDataIsRefused) {
  Trip t(
      "type T struct{ x *T; m map[string]T }\nfunc F[P any](p P) P { return p }\nconst C = \"text\"\nvar V "
      "[]T\n");
  std::string error;
  std::vector<u8> bytes = t.bytes;
  for (size_t n = 0; n < bytes.size(); n++)
    EXPECT_EQ(read(std::span(bytes).first(n), none, error), nullptr) << n;
  EXPECT_NE(error, "");
  for (size_t n = 0; n < bytes.size(); n++) {  // whatever comes of a changed byte, it comes back
    std::vector<u8> bad = bytes;
    bad[n] ^= 0x55;
    read(bad, none, error);
  }
}
}  // namespace
}  // namespace vole::pkgdata
