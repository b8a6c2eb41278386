// What diagnostics look like: plain text for tools, excerpts for people.
#include "diag/diag.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace vole::diag {
namespace {
struct Source {
  std::string path = testing::TempDir() + "vole_diag_test.go";
  u32 base;
  explicit Source(std::string_view text) {
    std::ofstream(path) << text;
    base = source::add_pos_base(Name::intern(path), Name::intern(path), 0);
  }
  ~Source() { std::remove(path.c_str()); }
  std::string dir() const { return path.substr(0, path.rfind('/')); }
};

TEST(Diag, PlainTextIsGcs) {
  Source s("package p\n\n\tvar é = x\n");
  Diagnostics d;
  d.report(Code::Other, Pos(s.base, 3, 11), "undefined: {}", "x").notes.push_back({Pos(s.base, 1, 1), "the package"});
  EXPECT_EQ(render(d, s.dir(), {}), "./vole_diag_test.go:3:11: undefined: x\n\t./vole_diag_test.go:1:1: the package\n");
}

TEST(Diag, ExcerptsPointAtTheColumn) {
  Source s("package p\n\n\tvar é = x\n");
  Diagnostics d;
  d.report(Code::Other, Pos(s.base, 3, 11), "undefined: x").fixes.push_back({Pos(), "declare it"});
  EXPECT_EQ(render(d, s.dir(), {.rich = true}),
            "./vole_diag_test.go:3:11: undefined: x\n3 | \tvar é = x\n  | \t        ^\n\tfix: declare it\n");
}

TEST(Diag, ListsAreSortedCappedAndWithoutRepeats) {
  Source s("package p\n");
  Diagnostics d;
  for (u32 line = 12; line > 0; line--)
    for (int i = 0; i < 2; i++) d.report(Code::Other, Pos(s.base, line, 1), "line {}", line);
  d.finish();
  ASSERT_EQ(d.size(), 12u);
  std::string text = render(d, s.dir(), {});
  EXPECT_TRUE(text.starts_with("./vole_diag_test.go:1:1: line 1\n./vole_diag_test.go:2:1: line 2\n"));
  EXPECT_TRUE(text.ends_with(":10:1: line 10\n./vole_diag_test.go:10:1: too many errors\n"));
  EXPECT_TRUE(render(d, s.dir(), {.limit = 0}).ends_with(":12:1: line 12\n"));
}
}  // namespace
}  // namespace vole::diag
