// What one module tells another: bodies that are copied, what callees keep, the packages such bodies lead to;
// and damaged bytes.
#include "opt/exports.h"

#include <gmock/gmock.h>

#include "object/link_name.h"
#include "opt/opt.h"

namespace vole::opt {
namespace {
struct Package {
  object::Object object;
  ssa::Module module;
  Package(std::string_view name, std::string_view text, const Exports* imported = nullptr) {
    module.object = &object;
    module.package = Name::intern(name);
    std::string error;
    EXPECT_TRUE(ssa::parse(text, object, module.funcs, error)) << error;
    Options o;
    o.verify_each = true;
    o.exports = [=](std::string_view) { return imported; };
    run_module(module, o);
  }
  std::string text() const { return ssa::print(*module.funcs.back()); }
};

constexpr const char* Library = R"(
data @sink 8
func @"lib.Square" (i64) -> (i64) {
b0(v0: i64):
  v1: i64 = mul v0, v0
  ret v1
}
func @"lib.Peek" (ptr) -> (i64) !noinline {
b0(v0: ptr):
  v1: i64 = load v0
  ret v1
}
func @"lib.Keep" (ptr) !noinline {
b0(v0: ptr):
  v1: ptr = symaddr @sink
  store v1, v0
  ret
}
func @"lib.Other" (i64) -> (i64) {
b0(v0: i64):
  v1 = call @"far/away.F" v0 sig (i64) -> (i64);
  v2: i64 = extract v1
  ret v2
}
)";

class ExportsTest : public testing::Test {
 protected:
  Package library_{"lib", Library};
  std::vector<u8> bytes_ = write_exports(library_.module);
  std::unique_ptr<Exports> exports_ = Exports::read(bytes_);
};

TEST_F(ExportsTest, SmallBodiesAreCopiedAcrossPackages) {
  Package p("main", R"(
func @"main.f" (i64) -> (i64) {
b0(v0: i64):
  v1 = call @"lib.Square" v0 sig (i64) -> (i64);
  v2: i64 = extract v1
  ret v2
})",
            exports_.get());
  EXPECT_THAT(p.text(), testing::HasSubstr("mul v0, v0"));
  EXPECT_THAT(p.text(), testing::Not(testing::HasSubstr("call")));
  ASSERT_EQ(p.module.funcs.back()->inlines.size(), 1u);
  EXPECT_EQ(p.module.funcs.back()->inlines[0].func.text(), "lib.Square");
}

TEST_F(ExportsTest, CallersKnowWhatCalleesKeep) {
  auto caller = [&](std::string_view callee) {
    Package p("main",
              "data @type 8 func @\"main.f\" () { b0: v0: ptr = new layout(16,8,10,@type) v1 = call @\"" +
                  std::string(callee) + "\" v0 sig (ptr) -> (); ret }",
              exports_.get());
    return p.text();
  };
  EXPECT_THAT(caller("lib.Peek"), testing::HasSubstr("alloca"));
  EXPECT_THAT(caller("lib.Keep"), testing::HasSubstr("new"));
  EXPECT_THAT(caller("lib.Unknown"), testing::HasSubstr("new"));
}

TEST_F(ExportsTest, BodiesNameThePackagesTheyLeadTo) {
  std::vector<std::string> packages;
  ASSERT_TRUE(Exports::packages(bytes_, packages));
  EXPECT_THAT(packages, testing::ElementsAre("far/away"));
}

TEST(ExportsNames, PackageOfALinkName) {
  EXPECT_EQ(object::package_of("lib.F"), "lib");
  EXPECT_EQ(object::package_of("example.com/a/b.(*T).M"), "example.com/a/b");
  EXPECT_EQ(object::package_of("lib.F[other/pkg.T]"), "lib");
  EXPECT_EQ(object::package_of("memmove"), "");
}

// Whatever a cache entry holds, reading ends with an answer.
TEST_F(ExportsTest, DamagedBytesAreRefusedOrHarmless) {
  for (size_t n = 0; n < bytes_.size(); n++) {
    std::vector<u8> cut(bytes_.begin(), bytes_.begin() + static_cast<long>(n));
    EXPECT_EQ(Exports::read(cut), nullptr) << n;
  }
  for (size_t i = 0; i < bytes_.size(); i++) {
    std::vector<u8> bad = bytes_;
    bad[i] ^= 0x55;
    auto x = Exports::read(bad);
    if (!x) continue;
    object::Object object;
    for (auto& [name, entry] : x->entries()) (void)x->body(entry, object);
  }
}
}  // namespace
}  // namespace vole::opt
