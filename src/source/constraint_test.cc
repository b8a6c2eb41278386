#include "source/constraint.h"

#include <gtest/gtest.h>

namespace vole::source {
namespace {
bool eval(std::string_view line) {
  std::string error;
  auto c = Constraint::parse_line(line, error);
  EXPECT_TRUE(c) << line << ": " << error;
  return c && c->eval([](std::string_view tag) { return tag == "linux" || tag == "amd64"; });
}
std::string version(std::string_view line) {
  std::string error;
  return std::string(Constraint::parse_line(line, error)->go_version().text());
}

TEST(Constraint, Evaluates) {
  EXPECT_TRUE(eval("//go:build linux"));
  EXPECT_FALSE(eval("//go:build !linux"));
  EXPECT_TRUE(eval("//go:build darwin || linux && amd64"));
  EXPECT_FALSE(eval("//go:build (darwin || linux) && arm64"));
  EXPECT_TRUE(eval("//go:build !(windows || arm64)"));
}

TEST(Constraint, RefusesBadSyntax) {
  for (auto* line : {"//go:build", "//go:build linux &&", "//go:build !!linux", "//go:build (linux",
                     "//go:build linux)", "//go:buildx", "//go:build a b"}) {
    std::string error;
    EXPECT_FALSE(Constraint::parse_line(line, error)) << line;
    EXPECT_FALSE(error.empty());
  }
}

TEST(Constraint, ImpliesVersions) {
  EXPECT_EQ(version("//go:build go1.21"), "go1.21");
  EXPECT_EQ(version("//go:build linux && go1.21"), "go1.21");
  EXPECT_EQ(version("//go:build linux || go1.21"), "");
  EXPECT_EQ(version("//go:build go1.20 || go1.21"), "go1.20");
  EXPECT_EQ(version("//go:build !go1.21"), "");
}
}  // namespace
}  // namespace vole::source
