#include "driver/path_check.h"

#include <gtest/gtest.h>

namespace vole::driver {
namespace {
TEST(Paths, OfImports) {
  for (const char* good : {"fmt", "a/b", "gopkg.in/yaml.v3", "m/.x", "a+b/c~d", "m/a~1x", "_/x-y"})
    EXPECT_EQ(import_path_fault(good), "") << good;
  EXPECT_EQ(import_path_fault(""), "empty string");
  EXPECT_EQ(import_path_fault("fmt/"), "trailing slash");
  EXPECT_EQ(import_path_fault("a//b"), "double slash");
  EXPECT_EQ(import_path_fault("-x"), "leading dash");
  EXPECT_EQ(import_path_fault("/a"), "empty path element");
  EXPECT_EQ(import_path_fault("a/../b"), "invalid path element \"..\"");
  EXPECT_EQ(import_path_fault("m/x."), "trailing dot in path element");
  EXPECT_EQ(import_path_fault("m/\u65e5\u672c"), "invalid char '\u65e5'");
  EXPECT_EQ(import_path_fault("m x"), "invalid char ' '");
  EXPECT_EQ(import_path_fault("m/Con.x"), "\"Con\" disallowed as path element component on Windows");
  EXPECT_EQ(import_path_fault("m/a~1"), "trailing tilde and digits in path element");
}

TEST(Paths, OfModules) {
  EXPECT_EQ(module_path_fault("example.com/a"), "");
  EXPECT_EQ(module_path_fault("a/b"), "missing dot in first path element");
  EXPECT_EQ(version_fault("a.b/c", "v1.2.3"), "");
  EXPECT_EQ(version_fault("a.b/c/v2", "v2.0.0"), "");
  EXPECT_EQ(version_fault("gopkg.in/yaml.v3", "v3.0.1"), "");
  EXPECT_EQ(version_fault("a.b/c", "v2.0.0"), "should be v0 or v1, not v2");
  EXPECT_EQ(version_fault("a.b/c", "v2.0.0+incompatible"), "");
  EXPECT_EQ(version_fault("a.b/c/v2", "v1.0.0"), "should be v2, not v1");
  for (const char* v : {"v1.2.3", "v0.0.0-20200101000000-abcdefabcdef", "v2.0.0+incompatible"})
    EXPECT_TRUE(is_canonical_version(v)) << v;
  for (const char* v : {"v1", "v1.2", "1.2.3", "v01.2.3", "latest", "v1.2.3.4"})
    EXPECT_FALSE(is_canonical_version(v)) << v;
}
}  // namespace
}  // namespace vole::driver
