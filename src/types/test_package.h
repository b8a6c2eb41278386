// For tests of types/: a package made from source text.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "syntax/parse.h"
#include "types/check.h"
#include "types/internal.h"

namespace vole::types {
struct TestPackage {
  std::string text;
  diag::Diagnostics diags;
  std::unique_ptr<Package> pkg;

  // `body` follows the package clause; `imports` are what it may import by path.
  explicit TestPackage(const std::string& body, std::vector<Package*> imports = {},
                       std::string_view path = "p")
      : text("package p\n" + body) {
    std::vector<std::unique_ptr<syntax::File>> files;
    files.push_back(syntax::parse(Name::intern("x.go"), text, diags));
    Config config;
    config.has_assembly = true;
    config.import = [&](Name wanted, std::string&) -> Package* {
      for (Package* p : imports)
        if (p->path == wanted) return p;
      return nullptr;
    };
    pkg = check(Name::intern(path), std::move(files), config, diags);
    diags.finish();
  }
  std::string errors() const { return diag::render(diags, "", {.limit = 0}); }

  Object* object(std::string_view name) {
    Object* o = pkg->scope->lookup(Name::intern(name));
    EXPECT_NE(o, nullptr) << name;
    return o;
  }
  Type* type(std::string_view name) { return object(name)->type; }
  const ConstValue* value(std::string_view name) { return object(name)->as<Const>()->value; }
  std::string type_text(std::string_view name) { return type_string(type(name), pkg.get()); }
};

// The messages for a function body, after declarations; empty when it is right.
inline std::string errors_of(const std::string& declarations, const std::string& body) {
  return TestPackage(declarations + "\nfunc _() {\n" + body + "\n}\n").errors();
}
}  // namespace vole::types
