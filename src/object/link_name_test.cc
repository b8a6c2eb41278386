#include "object/link_name.h"

#include <gtest/gtest.h>

namespace vole::object {
namespace {
TEST(LinkName, DotsOfTheLastElementAreEscaped) {
  EXPECT_EQ(link_path("fmt"), "fmt");
  EXPECT_EQ(link_path("yaml.v3"), "yaml%2ev3");
  EXPECT_EQ(link_path("gopkg.in/yaml.v3"), "gopkg.in/yaml%2ev3");
  EXPECT_EQ(link_path("gopkg.in/a.b/v2"), "gopkg.in/a.b/v2");
  EXPECT_EQ(link_path("a.b/c.d/"), "a.b/c.d/");
  EXPECT_EQ(link_path("x/.hidden.y."), "x/%2ehidden%2ey%2e");
}

TEST(LinkName, OtherCharactersAreEscapedAnywhere) {
  EXPECT_EQ(link_path("a%b/c%d"), "a%25b/c%25d");
  EXPECT_EQ(link_path("a b/\"c\""), "a%20b/%22c%22");
  EXPECT_EQ(link_path("\xe6\x97\xa5/\xc3\xa9"), "%e6%97%a5/%c3%a9");
  EXPECT_EQ(link_path("a\x7f\x01"), "a%7f%01");
  EXPECT_EQ(link_path("a+b~c_d-e/f+g"), "a+b~c_d-e/f+g");
}

TEST(LinkName, CommandsAreMain) {
  EXPECT_EQ(link_path("example.com/tool.v2", "main"), "main");
  EXPECT_EQ(link_path("example.com/main", "lib"), "example.com/main");
}

TEST(LinkName, NamesInFullAreEscapedUpToTheLastDot) {
  EXPECT_EQ(link_name("main.version"), "main.version");
  EXPECT_EQ(link_name("gopkg.in/yaml.v3.Version"), "gopkg.in/yaml%2ev3.Version");
  EXPECT_EQ(link_name("nodot"), "nodot");
}

TEST(LinkName, PackageOfALinkName) {
  for (const char* path : {"fmt", "yaml.v3", "gopkg.in/yaml.v3", "a.b/c", "a%b/\xe6\x97\xa5.x"}) {
    std::string p = link_path(path);
    for (const char* rest : {".F", ".(*T).M", ".T.M.func1", ".G[a.b/c.T,x/y%2ez.U].M", "..inittask"})
      EXPECT_EQ(package_of(p + rest), p) << rest;
  }
  EXPECT_EQ(package_of("memmove"), "");
}
}  // namespace
}  // namespace vole::object
