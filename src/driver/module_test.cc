// Files that say what a module is, malformed ones above all.
#include "driver/module.h"

#include <fmt/format.h>

#include "driver/test_folder.h"

namespace vole::driver {
namespace {
class ModuleTest : public FolderTest {
 protected:
  // What is wrong with a go.mod.
  std::string fault(std::string_view text) {
    write("go.mod", text);
    Modules modules;
    std::string error;
    bool ok = modules.find(dir, "go1.27", "", error);
    EXPECT_EQ(ok, error.empty());
    return error;
  }
};

TEST_F(ModuleTest, Characters) {
  EXPECT_EQ(fault(std::string_view("module m\nrequire a\0b v1\n", 24)),
            "errors parsing go.mod:\ngo.mod:2:10: unexpected input character '\\x00'");
  EXPECT_EQ(fault("module m // a\1b\ngo 1.27\r\n"), "");
  EXPECT_EQ(fault("module \"m\n"), "");
}

TEST_F(ModuleTest, Versions) {
  for (const char* good : {"1.5", "1.27", "1.27.0", "1.27rc1", "1.20.3"})
    EXPECT_EQ(fault("module m\ngo " + std::string(good) + "\n"), "") << good;
  for (const char* bad : {"1", "1.", "01.2", "1.02", "1.+27", "1.27.", "1.27.x", "1.27rc", "go1.27"})
    EXPECT_EQ(fault("module m\ngo " + std::string(bad) + "\n"),
              "errors parsing go.mod:\ngo.mod:2: invalid go version '" + std::string(bad) +
                  "': must match format 1.23.0");
  EXPECT_EQ(fault("module m\ngo 1.99999999999999999999\n"),
            "go.mod requires go >= 1.99999999999999999999 (running go1.27)");
}

TEST_F(ModuleTest, Modules) {
  EXPECT_EQ(fault("module m\nmodule n\n"), "errors parsing go.mod:\ngo.mod:2: repeated module statement");
  write("other/go.mod", "module o\ngo 1.20\n");
  EXPECT_EQ(fault("module m\nrequire o v1.0.0\nreplace o => ./other\n"), "");
}

TEST_F(ModuleTest, Vendored) {
  write("vendor/modules.txt", "\n# a.b/c v1.2.3\n\n## explicit; go 1.21\na.b/c/d\n##\n");
  std::string mod = "module m\ngo 1.27\nrequire a.b/c v1.2.3\n";
  EXPECT_EQ(fault(mod), "");
  Modules modules;
  std::string error;
  ASSERT_TRUE(modules.find(dir, "go1.27", "", error));
  ASSERT_NE(modules.vendored("a.b/c/d"), nullptr);
  EXPECT_EQ(modules.vendored("a.b/c/d")->go_version, "go1.21");
  EXPECT_EQ(modules.vendored("a.b/c/d")->version, "v1.2.3");
}

TEST_F(ModuleTest, InconsistentVendoring) {
  write(
      "vendor/modules.txt",
      "# a.b/c v1.2.3 => ./c\n## explicit; go 1.21\na.b/c/d\n# x.y/z v1.0.0\n## explicit\n# a.b/c => ./c\n");
  std::string mod = "module m\ngo 1.27\nrequire a.b/c v1.2.3\nrequire x.y/z v1.0.0\n",
              replace = "replace a.b/c => ./c\n";
  EXPECT_EQ(fault(mod + replace), "");
  auto says = [&](const std::string& text, const std::string& what) {
    EXPECT_NE(fault(text).find("\n\t" + what), std::string::npos) << what;
  };
  EXPECT_TRUE(fault(mod).starts_with("inconsistent vendoring in " + dir + ":\n"));
  says(mod, "a.b/c@v1.2.3: is marked as replaced in vendor/modules.txt, but not replaced in go.mod\n");
  says(mod + "replace a.b/c => ./other\n",
       "a.b/c: is replaced by ./other in go.mod, but marked as replaced by ./c in vendor/modules.txt\n");
  says(mod + replace + "replace x.y/z => ./z\n",
       "x.y/z: is replaced in go.mod, but not marked as replaced in vendor/modules.txt\n");
  says(mod + replace + "require p.q/r v1.0.0\n",
       "p.q/r@v1.0.0: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt\n");
  says("module m\ngo 1.27\nrequire a.b/c v1.2.3\n" + replace,
       "x.y/z@v1.0.0: is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod\n");
}

TEST_F(ModuleTest, BuildList) {
  write("rep/go.mod", "module other\n\ngo 1.20\n");
  EXPECT_EQ(fault("module m\nrequire (\n\tb v1.0.0\n\ta v0.1.0 // indirect\n)\nreplace b => ./rep\nreplace a "
                  "v0.2.0 => ./rep\n"),
            "");
  Modules modules;
  std::string error, list;
  ASSERT_TRUE(modules.find(dir, "go1.27", "", error)) << error;
  for (const Module& m : modules.build_list())
    list += fmt::format("{} {} {}; ", m.path, m.version, m.replaced_by);
  EXPECT_EQ(list, "m  ; a v0.1.0 ; b v1.0.0 ./rep; ");
}
}  // namespace
}  // namespace vole::driver
