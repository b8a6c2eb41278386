// Files that say what a module is, malformed ones above all.
#include "driver/module.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vole::driver {
namespace {
namespace fs = std::filesystem;

class ModuleTest : public testing::Test {
 protected:
  void SetUp() override {
    char t[] = "/tmp/vole-module-XXXXXX";
    dir = mkdtemp(t);
  }
  void TearDown() override { fs::remove_all(dir); }
  void write(const std::string& path, std::string_view text) {
    fs::create_directories(fs::path(dir + "/" + path).parent_path());
    std::ofstream(dir + "/" + path) << text;
  }
  // What is wrong with a go.mod.
  std::string fault(std::string_view text) {
    write("go.mod", text);
    Modules modules;
    std::string error;
    bool ok = modules.find(dir, "go1.27", "", error);
    EXPECT_EQ(ok, error.empty());
    return error;
  }
  std::string dir;
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
    EXPECT_EQ(
        fault("module m\ngo " + std::string(bad) + "\n"),
        "errors parsing go.mod:\ngo.mod:2: invalid go version '" + std::string(bad) + "': must match format 1.23.0");
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
  EXPECT_EQ(fault("module m\ngo 1.27\n"), "");
  Modules modules;
  std::string error;
  ASSERT_TRUE(modules.find(dir, "go1.27", "", error));
  EXPECT_EQ(modules.vendored_version("a.b/c/d"), "go1.21");
}
}  // namespace
}  // namespace vole::driver
