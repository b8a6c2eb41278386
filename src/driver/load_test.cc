#include "driver/load.h"

#include "driver/test_folder.h"

namespace vole::driver {
namespace {
class LoadTest : public FolderTest {
 protected:
  std::string load(const std::string& path) {
    diag::Diagnostics diags;
    Modules modules;
    modules.add({.path = "m", .dir = dir + "/m", .go_version = "go1.27", .go_line = "1.27", .main = true});
    LoadOptions options;
    options.goroot = dir + "/goroot";
    options.overlay = overlay;
    Loader l(context, options, modules);
    if (LoadedPackage* p = l.load(path, diags)) tests = l.tests_of(*p);
    order.clear();
    for (auto* p : l.order()) order += p->import_path + " ";
    return diag::render(diags, dir, {});
  }
  std::string order;
  Loader::Tests tests;
  absl::flat_hash_map<std::string, std::string> overlay;
  BuildContext context;
};

TEST_F(LoadTest, OrdersImportsFirst) {
  write("goroot/src/fmt/f.go", "package fmt\nimport \"errors\"\n");
  write("goroot/src/errors/e.go", "package errors\nimport \"unsafe\"\n");
  write("m/a/a.go", "package a\nimport (\"fmt\"; \"m/b\")\n");
  write("m/b/b.go", "package b\nimport \"errors\"\n");
  EXPECT_EQ(load("m/a"), "");
  EXPECT_EQ(order, "errors fmt m/b m/a ");
}

TEST_F(LoadTest, NamesMissingPackagesAndCycles) {
  write("m/a/a.go", "package a\nimport \"nosuch\"\n");
  EXPECT_EQ(load("m/a"), "m/a/a.go:2:8: package nosuch is not in std (" + dir + "/goroot/src/nosuch)\n");
  write("m/b/b.go", "package b\nimport \"m/c\"\n");
  write("m/c/c.go", "package c\nimport \"m/b\"\n");
  EXPECT_NE(load("m/b").find(
                "package m/b\n\timports m/c from b.go\n\timports m/b from c.go: import cycle not allowed"),
            std::string::npos);
  write("m/d/d.go", "package d\n");
  write("m/d/e.go", "package e\n");
  EXPECT_NE(load("m/d").find("found packages d (d.go) and e (e.go)"), std::string::npos);
}

TEST_F(LoadTest, TestFilesOfThisBuild) {
  write("m/a/a.go", "package a\n");
  write("m/a/in_test.go", "package a\n");
  write("m/a/out_test.go", "package a_test\n");
  write("m/a/c_test.go", "package a\nimport \"C\"\n");
  write("m/a/cgo_test.go", "//go:build cgo\npackage a\n");
  write("m/a/other_windows_test.go", "package a\n");
  EXPECT_EQ(load("m/a"), "");
  EXPECT_EQ(tests.internal, std::vector<std::string>{"in_test.go"});
  EXPECT_EQ(tests.external, std::vector<std::string>{"out_test.go"});
}

TEST_F(LoadTest, OverlayMakesFolders) {
  write("m/a/a.go", "package a\nimport \"m/new/b\"\n");
  write("b.txt", "package b\n");
  overlay[dir + "/m/new/b/b.go"] = dir + "/b.txt";
  overlay[dir + "/m/gone/g.go"] = "";
  EXPECT_EQ(load("m/a"), "");
  EXPECT_EQ(order, "m/new/b m/a ");
  EXPECT_NE(load("m/gone"), "");
}

TEST(BuildContext, FileNames) {
  BuildContext c;
  EXPECT_TRUE(c.matches_name("x.go"));
  EXPECT_TRUE(c.matches_name("linux.go"));
  EXPECT_TRUE(c.matches_name("windows.go"));
  EXPECT_TRUE(c.matches_name("x_linux.go"));
  EXPECT_TRUE(c.matches_name("x_linux_amd64.s"));
  EXPECT_FALSE(c.matches_name("x_linux_arm64.s"));
  EXPECT_FALSE(c.matches_name("x_windows_amd64.go"));
  EXPECT_FALSE(c.matches_name("x_arm64_test.go"));
  EXPECT_TRUE(c.matches_name("x_other_amd64.go"));
}

TEST(BuildContext, Lines) {
  BuildContext c;
  std::string error;
  EXPECT_TRUE(c.matches_text("// text\n\n//go:build linux && !cgo\n\npackage p\n", error));
  EXPECT_FALSE(c.matches_text("/* a\nb */ //go:build ignore\npackage p\n", error));
  EXPECT_TRUE(c.matches_text("package p\n//go:build ignore\n", error));
  EXPECT_TRUE(c.matches_text("//go:build go1.27 && !go1.28 && goexperiment.jsonv2\n", error));
  EXPECT_FALSE(c.matches_text("//go:build linux &&\n", error));
  EXPECT_NE(error, "");
}

// What net/http needs is found in the real tree, and nothing of gc's own.
TEST(Goroot, NetHttpLoads) {
  const char* goroot = std::getenv("VOLE_GOROOT");
  if (!goroot) GTEST_SKIP() << "VOLE_GOROOT is not set";
  BuildContext context;
  diag::Diagnostics diags;
  LoadOptions options;
  options.goroot = goroot;
  Loader l(context, options, {});
  LoadedPackage* p = l.load("net/http", diags);
  EXPECT_EQ(diag::render(diags, "", {}), "");
  ASSERT_NE(p, nullptr);
  EXPECT_GT(l.order().size(), 150u);
}

TEST_F(LoadTest, KeepsInternalPackagesToTheirTree) {
  write("goroot/src/internal/x/x.go", "package x\n");
  write("goroot/src/fmt/f.go", "package fmt\nimport _ \"internal/x\"\n");
  write("m/a/internal/i/i.go", "package i\n");
  write("m/a/a.go", "package a\nimport _ \"m/a/internal/i\"\nimport _ \"fmt\"\n");
  EXPECT_EQ(load("m/a"), "");
  write("m/b/b.go", "package b\nimport _ \"m/a/internal/i\"\n");
  EXPECT_NE(load("m/b").find("b.go:2:8: use of internal package m/a/internal/i not allowed"),
            std::string::npos);
  write("m/c/c.go", "package c\nimport _ \"internal/x\"\n");
  EXPECT_NE(load("m/c").find("use of internal package internal/x not allowed"), std::string::npos);
}
}  // namespace
}  // namespace vole::driver
