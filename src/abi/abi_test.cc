// Every number of types.def is read out of GOROOT's internal/abi, as vole's own checker sees that package.
#include "abi/abi.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "abi/runtime.h"
#include "syntax/parse.h"
#include "types/check.h"

namespace vole::abi {
namespace {
std::string slurp(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

class AbiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* root = std::getenv("VOLE_GOROOT");
    std::string folder = std::string(root ? root : VOLE_DEFAULT_GOROOT) + "/src/internal/abi/";
    static types::Package* arch =
        check("internal/goarch", {{"arch.go", "package goarch\nconst PtrSize = 8\n"}}, nullptr);
    std::vector<std::pair<std::string, std::string>> sources;
    for (const char* name :
         {"type.go", "map.go", "iface.go", "symtab.go", "stack.go", "runtime.go", "escape.go"})
      sources.push_back({name, slurp(folder + name)});
    package_ = check("internal/abi", sources, arch);
  }
  static types::Package* check(const char* path,
                               const std::vector<std::pair<std::string, std::string>>& sources,
                               types::Package* arch) {
    diag::Diagnostics diags;
    std::vector<std::unique_ptr<syntax::File>> files;
    for (auto& [name, text] : sources) files.push_back(syntax::parse(Name::intern(name), text, diags));
    types::Config config;
    config.import = [&](Name name, std::string&) { return name == "unsafe" ? types::Unsafe : arch; };
    config.allow_unsafe_internals = config.has_assembly = true;
    config.report_unused = false;
    auto package = types::check(Name::intern(path), std::move(files), config, diags);
    diags.finish();
    EXPECT_TRUE(diags.empty()) << diag::render(diags, "", {});
    return package.release();
  }
  static types::Object* find(const char* name) {
    types::Object* o = package_->scope->lookup(Name::intern(name));
    EXPECT_NE(o, nullptr) << name;
    return o;
  }
  static i64 constant(const char* name) {
    auto* c = find(name)->as<types::Const>();
    bool is_int = c && c->value && c->value->kind == types::ConstValue::Int && c->value->integer.is_i64();
    EXPECT_TRUE(is_int) << name;
    return is_int ? c->value->integer.to_i64() : 0;
  }
  static i64 size(const char* name) { return types::size_of(find(name)->type); }
  static i64 offset(const char* name, const char* field) {
    auto* s = types::under(find(name)->type)->as<types::Struct>();
    auto offsets = types::field_offsets(s);
    for (size_t i = 0; i < s->fields.size(); i++)
      if (s->fields[i]->name == field) return offsets[i];
    ADD_FAILURE() << name << " has no field " << field;
    return -1;
  }
  static inline types::Package* package_;
};

TEST_F(AbiTest, Fields) {
#define VOLE_ABI_FIELD(name, value, type, field) EXPECT_EQ(offset(#type, #field), value) << #name;
#include "abi/types.def"
}

TEST_F(AbiTest, Sizes) {
#define VOLE_ABI_SIZE(name, value, type) EXPECT_EQ(size(#type), value) << #name;
#include "abi/types.def"
}

TEST_F(AbiTest, Constants) {
#define VOLE_ABI_CONST(name, value, constant_) EXPECT_EQ(constant(#constant_), value) << #name;
#include "abi/types.def"
}

TEST_F(AbiTest, Enumerations) {
#define VOLE_ABI_KIND(name) EXPECT_EQ(constant(#name), K##name);
#include "abi/types.def"
#define VOLE_ABI_FUNC_ID(name, constant_) EXPECT_EQ(constant(#constant_), Func##name);
#include "abi/types.def"
}

TEST(RuntimeNames, AreFoundByName) {
  for (int i = 0; i < static_cast<int>(Rt::Count); i++) {
    Rt r = static_cast<Rt>(i);
    EXPECT_EQ(find_rt(rt_name(r)), r) << rt_name(r);
  }
  EXPECT_EQ(find_rt("runtime.nosuch"), Rt::Count);
  EXPECT_EQ(find_rt(""), Rt::Count);
  EXPECT_EQ(find_rt("gopanic"), Rt::Count);
}
}  // namespace
}  // namespace vole::abi
