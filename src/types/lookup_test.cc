// Fields and methods by name: depth, ambiguity, pointers on the way; method sets; what implements an
// interface.
#include "types/test_package.h"

namespace vole::types {
namespace {
struct Finder : TestPackage {
  explicit Finder(const std::string& body) : TestPackage(body) { EXPECT_EQ(errors(), ""); }
  Lookup find(Type* t, std::string_view name, bool addressable = true, bool fold = false) {
    return lookup_field_or_method(t, addressable, pkg.get(), Name::intern(name), fold);
  }
  Lookup find(std::string_view t, std::string_view name, bool addressable = true, bool fold = false) {
    return find(type(t), name, addressable, fold);
  }
  // "name(path,…)*" for each method, * when a pointer is followed.
  std::string methods(Type* t) {
    std::string out;
    for (const MethodSetEntry& e : method_set(t)) {
      out += (out.empty() ? "" : " ") + std::string(e.func->name.text());
      for (u32 i : e.path) out += "." + std::to_string(i);
      if (e.indirect) out += "*";
    }
    return out;
  }
};
using Path = std::vector<u32>;

TEST(Lookup, ShallowestWins) {
  Finder p("type A struct{ x, y int }\ntype B struct{ A; x string }\ntype C struct{ z int; *B }\n");
  EXPECT_EQ(p.find("B", "x").path, (Path{1}));
  EXPECT_EQ(p.find("B", "y").path, (Path{0, 1}));
  EXPECT_FALSE(p.find("B", "y").indirect);
  Lookup y = p.find("C", "y");
  EXPECT_EQ(y.path, (Path{1, 0, 1}));
  EXPECT_TRUE(y.indirect);
  EXPECT_EQ(p.find("C", "A").path, (Path{1, 0}));
  EXPECT_EQ(p.find("C", "w").obj, nullptr);
  EXPECT_FALSE(p.find("C", "w").ambiguous);
}

TEST(Lookup, SameDepthIsAmbiguousAndHidesWhatIsDeeper) {
  Finder p(
      "type D struct{ x int }\ntype A struct{ x int; D }\ntype B struct{ x int }\ntype S struct{ A; B "
      "}\ntype R struct{ A; *A2 }\ntype A2 struct{ A }\n");
  Lookup x = p.find("S", "x");
  EXPECT_EQ(x.obj, nullptr);
  EXPECT_TRUE(x.ambiguous);
  EXPECT_EQ(p.find("R", "x").path, (Path{0, 0}));
}

TEST(Lookup, OneTypeTwiceAtOneDepthIsAmbiguous) {
  Finder p("type T struct{ x int }\ntype A struct{ T }\ntype B struct{ T }\ntype S struct{ A; B }\n");
  EXPECT_TRUE(p.find("S", "x").ambiguous);
  EXPECT_TRUE(p.find("S", "T").ambiguous);
}

TEST(Lookup, TypesThatEmbedThemselvesEnd) {
  Finder p("type A struct{ *B; x int }\ntype B struct{ *A; y int }\n");
  EXPECT_EQ(p.find("A", "y").path, (Path{0, 1}));
  EXPECT_EQ(p.find("B", "x").path, (Path{0, 1}));
  EXPECT_EQ(p.find("A", "nothing").obj, nullptr);
}

TEST(Lookup, PointerReceiversNeedAnAddress) {
  Finder p(
      "type T int\nfunc (T) v() {}\nfunc (*T) p() {}\ntype S struct{ T }\ntype Q struct{ *T }\ntype N *T\n");
  EXPECT_NE(p.find("T", "v", false).obj, nullptr);
  Lookup m = p.find("T", "p", false);
  EXPECT_TRUE(m.ptr_recv_needed);
  EXPECT_NE(p.find("T", "p", true).obj, nullptr);
  EXPECT_NE(p.find(new_pointer(p.type("T")), "p", false).obj, nullptr);
  EXPECT_TRUE(p.find("S", "p", false).ptr_recv_needed);
  EXPECT_FALSE(p.find("Q", "p", false).ptr_recv_needed);
  EXPECT_EQ(p.find("N", "p").obj, nullptr);  // a named pointer type has no methods
}

TEST(Lookup, UnexportedNamesBelongToTheirPackage) {
  TestPackage a("type T struct{ x, X int }\nfunc (T) m() {}\n", {}, "a");
  TestPackage b("import \"a\"\ntype S struct{ p.T; x string }\n", {a.pkg.get()}, "b");
  ASSERT_EQ(b.errors(), "");
  Type* t = a.type("T");
  EXPECT_NE(lookup_field_or_method(t, true, a.pkg.get(), Name::intern("x")).obj, nullptr);
  EXPECT_EQ(lookup_field_or_method(t, true, b.pkg.get(), Name::intern("x")).obj, nullptr);
  EXPECT_NE(lookup_field_or_method(t, true, b.pkg.get(), Name::intern("X")).obj, nullptr);
  EXPECT_EQ(lookup_field_or_method(b.type("S"), true, a.pkg.get(), Name::intern("x")).path, (Path{0, 0}));
  EXPECT_EQ(lookup_field_or_method(b.type("S"), true, b.pkg.get(), Name::intern("x")).path, (Path{1}));
}

TEST(Lookup, FoldedCase) {
  Finder p("type T struct{ Name int }\n");
  EXPECT_EQ(p.find("T", "name").obj, nullptr);
  EXPECT_NE(p.find("T", "name", true, true).obj, nullptr);
}

TEST(Lookup, TypeParametersHaveTheMethodsOfTheirConstraint) {
  Finder p("type I interface{ m() }\nfunc f[P I, Q interface{ *R; n() }, R any]() {}\n");
  auto* sig = p.type("f")->cast<Signature>();
  EXPECT_NE(p.find(sig->tparams[0], "m").obj, nullptr);
  EXPECT_NE(p.find(sig->tparams[1], "n").obj, nullptr);
  EXPECT_EQ(p.find(new_pointer(sig->tparams[0]), "m").obj, nullptr);
}

TEST(MethodSet, ValuesAndPointers) {
  Finder p(
      "type T int\nfunc (T) V() {}\nfunc (*T) P() {}\nfunc (T) a() {}\ntype S struct{ x int; T }\ntype Q "
      "struct{ *T }\ntype I interface{ N(); M() }\n"
      "type E struct{ I }\ntype H struct{ T; P int }\n");
  EXPECT_EQ(p.methods(p.type("T")), "V a");
  EXPECT_EQ(p.methods(new_pointer(p.type("T"))), "P* V* a*");
  EXPECT_EQ(p.methods(p.type("S")), "V.1 a.1");
  EXPECT_EQ(p.methods(new_pointer(p.type("S"))), "P.1* V.1* a.1*");
  EXPECT_EQ(p.methods(p.type("Q")), "P.0* V.0* a.0*");
  EXPECT_EQ(p.methods(p.type("E")), "M.0 N.0");
  EXPECT_EQ(p.methods(new_pointer(p.type("H"))), "V.0* a.0*");  // the field hides the method
}

TEST(MethodSet, AmbiguousMethodsAreLeftOut) {
  Finder p(
      "type A struct{}\nfunc (A) M() {}\nfunc (A) N() {}\ntype B struct{}\nfunc (B) M() {}\ntype S struct{ "
      "A; B }\n");
  EXPECT_EQ(p.methods(p.type("S")), "N.0");
}

TEST(MethodSet, AgreesWithImplements) {
  Finder p(
      "type I interface{ M(); P() }\ntype T int\nfunc (T) M() {}\nfunc (*T) P() {}\ntype W int\nfunc (W) "
      "M(int) {}\nfunc (W) P() {}\n");
  auto* i = p.type("I")->underlying()->cast<Interface>();
  EXPECT_FALSE(implements(p.type("T"), i));
  EXPECT_TRUE(implements(new_pointer(p.type("T")), i));
  EXPECT_FALSE(implements(p.type("W"), i));
  const MethodSetEntry* e = find_in_method_set(new_pointer(p.type("T")), i->all_methods()[1]);
  ASSERT_NE(e, nullptr);
  EXPECT_EQ(e->func->name, Name::intern("P"));
  EXPECT_EQ(find_in_method_set(p.type("T"), i->all_methods()[1]), nullptr);
}
}  // namespace
}  // namespace vole::types
