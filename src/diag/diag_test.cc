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
  d.report(Code::Other, Pos(s.base, 3, 11), "undefined: {}", "x")
      .notes.push_back({Pos(s.base, 1, 1), "the package"});
  EXPECT_EQ(render(d, s.dir(), {}),
            "./vole_diag_test.go:3:11: undefined: x\n\t./vole_diag_test.go:1:1: the package\n");
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
// As they were reported, not as they stand in the file: what comes first is the cause.
TEST(Diag, ConsequencesAreDropped) {
  Source s("package p\n");
  Diagnostics d;
  auto at = [&](u32 line, u32 col, const char* text) {
    d.report(Code::Other, Pos(s.base, line, col), "{}", text);
  };
  at(1, 9, "syntax error: unexpected ++");
  at(1, 4, "syntax error: cannot use it");
  at(2, 7, "undefined: j");
  at(2, 9, "undefined: j");
  at(2, 5, "another");
  at(2, 15, "undefined: j");
  at(2, 15, "other");
  at(2, 15, "undefined: j");
  d.finish();
  std::string text;
  for (auto& x : d.all()) text += fmt::format("{}:{} {}; ", x.pos.line(), x.pos.col(), x.text);
  EXPECT_EQ(text,
            "1:9 syntax error: unexpected ++; 2:5 another; 2:7 undefined: j; 2:15 undefined: j; 2:15 other; "
            "2:15 undefined: j; ");
}
}  // namespace
}  // namespace vole::diag
