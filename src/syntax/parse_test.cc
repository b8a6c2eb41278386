// The parser on small sources: shapes, messages and positions. The same on GOROOT's own files where
// VOLE_GOROOT names a tree.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/print.h"

namespace vole::syntax {
namespace {
struct Parsed {
  std::string text;
  diag::Diagnostics diags;
  std::unique_ptr<File> file;
  explicit Parsed(std::string t, const ParseOptions& o = {}) : text(std::move(t)) {
    file = parse(Name::intern("x.go"), text, diags, o);
    diags.finish();
  }
  std::string errors() const { return diag::render(diags, "", {.limit = 0}); }
};

// The text of the first expression statement or of the right side of the first assignment in f's body.
std::string first_expr(std::string_view source) {
  Parsed p("package p\nfunc f() {\n_ = " + std::string(source) + "\n}\n");
  EXPECT_EQ(p.errors(), "") << source;
  if (p.file->decls.empty()) return "";
  auto* body = p.file->decls[0]->cast<FuncDecl>()->body;
  return expr_list_string(body->stmts[0]->cast<AssignStmt>()->rhs);
}

TEST(Parse, ExpressionsKeepTheirShape) {
  for (const char* s :
       {"a + b * c", "(a + b) * c", "x.y.z(1, b...)", "a[i]", "a[i:j:k]", "f[int, string](x)", "<-c", "x.(T)",
        "&T{…}", "map[string][]int{…}", "func(x int, y ...string) (int, error) {…}", "[...]int{…}",
        "-x ^ y &^ z", "chan (<-chan int)(nil)", "*p", "struct{a, b int; T}{…}",
        "interface{m(x int) bool; ~int | string}(nil)"}) {
    std::string source = s;
    for (size_t at; (at = source.find("…")) != std::string::npos;)
      source.replace(at, 3, source[at - 1] == '{' && source.find("func") == 0 ? "return 1, nil" : "1");
    EXPECT_EQ(first_expr(source), s);
  }
}

TEST(Parse, BinaryOperatorsAssociateByPrecedence) {
  Parsed p("package p\nvar x = a || b && c == d + e * f\n");
  auto* e = p.file->decls[0]->cast<VarDecl>()->values[0]->cast<BinaryExpr>();
  EXPECT_EQ(e->op, Tok::OrOr);
  e = e->y->cast<BinaryExpr>();
  EXPECT_EQ(e->op, Tok::AndAnd);
  e = e->y->cast<BinaryExpr>();
  EXPECT_EQ(e->op, Tok::Eql);
  e = e->y->cast<BinaryExpr>();
  EXPECT_EQ(e->op, Tok::Add);
  EXPECT_EQ(e->y->cast<BinaryExpr>()->op, Tok::Mul);
}

TEST(Parse, TypeParametersAndArrayLengthsAreToldApart) {
  auto tparams = [](std::string_view spec) {
    Parsed p("package p\ntype " + std::string(spec) + "\n");
    EXPECT_EQ(p.errors(), "") << spec;
    return p.file->decls[0]->cast<TypeDecl>()->tparams.size();
  };
  EXPECT_EQ(tparams("T[P any] int"), 1u);
  EXPECT_EQ(tparams("T[P *C,] int"), 1u);
  EXPECT_EQ(tparams("T[P *struct{}] int"), 1u);
  EXPECT_EQ(tparams("T[P []int] int"), 1u);
  EXPECT_EQ(tparams("T[P, Q any, R ~int|~string] int"), 3u);
  EXPECT_EQ(tparams("T[N]int"), 0u);
  EXPECT_EQ(tparams("T[N * M]int"), 0u);
  EXPECT_EQ(tparams("T[P *C | Q] int"), 0u + 0u)
      << "ambiguous without a comma: an array length, as the specification says";
}

TEST(Parse, ConstGroupsRepeatTheLastLine) {
  Parsed p("package p\nconst (\n a = iota\n b\n c string = \"x\"\n d\n)\n");
  ASSERT_EQ(p.file->decls.size(), 4u);
  auto* b = p.file->decls[1]->cast<ConstDecl>();
  EXPECT_EQ(b->inherited, p.file->decls[0]);
  EXPECT_EQ(b->iota, 1);
  EXPECT_EQ(p.file->decls[3]->cast<ConstDecl>()->inherited, p.file->decls[2]);
}

TEST(Parse, DirectivesReachTheirDeclarations) {
  Parsed p(
      "//go:build linux && go1.21\n\npackage p\n\n//go:noinline\n//go:nosplit\nfunc f() {}\n\n//go:linkname "
      "g runtime.g\nfunc g()\n"
      "//go:embed a.txt \"b c\"\nvar x string\n");
  EXPECT_EQ(p.errors(), "");
  EXPECT_EQ(p.file->go_version, "go1.21");
  EXPECT_EQ(p.file->decls[0]->cast<FuncDecl>()->pragma, static_cast<u32>(Noinline | Nosplit | Nocheckptr));
  ASSERT_EQ(p.file->linknames.size(), 1u);
  EXPECT_EQ(p.file->linknames[0].target, "runtime.g");
  auto embeds = p.file->decls[2]->cast<VarDecl>()->embeds;
  ASSERT_EQ(embeds.size(), 2u);
  EXPECT_EQ(embeds[1].pattern, "b c");
  Parsed misplaced("package p\n//go:noinline\nvar x int\n");  // the checker's to report
  ASSERT_EQ(misplaced.file->misplaced.size(), 1u);
  EXPECT_EQ(misplaced.file->misplaced[0].pos.line(), 2u);
  EXPECT_EQ(Parsed("package p\nfunc f() {\n\tf()\n\t//go:noinline\n}\n").errors(),
            "x.go:4:4: misplaced compiler directive\n");
}

TEST(Parse, LineDirectivesMovePositions) {
  EXPECT_EQ(Parsed("package p\n//line foo.y:100\nvar x = +\n").errors(),
            "foo.y:101: syntax error: unexpected EOF, expected expression\n");
  EXPECT_EQ(Parsed("package p\n//line foo.y:0\n").errors(), "x.go:2:14: invalid line number: 0\n");
  EXPECT_EQ(Parsed("package p\nvar _ = /*line a.go:7:9*/ )\n").errors(),
            "a.go:7:10: syntax error: unexpected ), expected expression\n");
  EXPECT_EQ(Parsed("package p\n//line a.go:7:9\nvar _ = )\nvar _ = )\n").errors(),
            "a.go:7:17: syntax error: unexpected ), expected expression\na.go:8:9: syntax error: unexpected "
            "), expected expression\n");
}

TEST(Parse, GenericFunctionsKeepTheirText) {
  Parsed p(
      "package p\nfunc F[T any](x T) T { if true { return x }; return x }\nfunc (r *R[T]) M() {}\nfunc g() "
      "{}\n");
  EXPECT_EQ(p.file->decls[0]->cast<FuncDecl>()->text,
            "func F[T any](x T) T { if true { return x }; return x }");
  EXPECT_EQ(p.file->decls[1]->cast<FuncDecl>()->text, "func (r *R[T]) M() {}");
  EXPECT_EQ(p.file->decls[2]->cast<FuncDecl>()->text, "");
}

struct BadCase {
  const char* source;
  const char* errors;
};
TEST(Parse, MessagesAreGcs) {
  const BadCase cases[] = {
      {"", "x.go:1:1: syntax error: package statement must be first\n"},
      {"package p\nx := 1\n", "x.go:2:1: syntax error: non-declaration statement outside function body\n"},
      {"package p\nfunc f()\n{\n}\n", "x.go:3:1: syntax error: unexpected semicolon or newline before {\n"},
      {"package p\nfunc f() { if x = 1 {} }\n",
       "x.go:2:17: syntax error: cannot use assignment x = 1 as value\n"},
      {"package p\nfunc f() { for i := 0; i < 10 {} }\n",
       "x.go:2:31: syntax error: unexpected {, expected semicolon or newline\n"},
      {"package p\nfunc f() { for i := 0; {} }\n",
       "x.go:2:24: syntax error: unexpected {, expected for loop condition\n"},
      {"package p\nvar x = 08\n", "x.go:2:10: invalid digit '8' in octal literal\n"},
      {"package p\nvar x = 1__0\n", "x.go:2:11: '_' must separate successive digits\n"},
      {"package p\nvar x = ''\n", "x.go:2:10: empty rune literal or unescaped '\n"},
      {"package p\nvar x = \"a\n", "x.go:2:11: newline in string\n"},
      {"package p\nvar x = \"\\q\"\n", "x.go:2:11: unknown escape\n"},
      {"package p\nvar x = @\n", "x.go:2:9: invalid character U+0040 '@'\n"},
      {"package p\n/* open\n", "x.go:2:1: comment not terminated\n"},
      {"package p\nfunc f(a int, string) {}\n", "x.go:2:21: syntax error: missing parameter type\n"},
      {"package p\nfunc f(a, b int, string, x.T) {}\n", "x.go:2:26: syntax error: missing parameter name\n"},
      {"package p\nfunc f[T]() {}\n", "x.go:2:9: syntax error: missing type constraint\n"},
      {"package p\nfunc f(a ...int, b int) {}\n", "x.go:2:10: can only use ... with final parameter\n"},
      {"package p\nfunc f() { defer (g()) }\n", "x.go:2:18: expression in defer must not be parenthesized\n"},
      {"package p\nimport \"fmt\"\nvar x int\nimport \"os\"\n",
       "x.go:4:1: syntax error: imports must appear before other declarations\n"},
  };
  for (const BadCase& c : cases) {
    std::string got = Parsed(c.source).errors();
    got = got.substr(0, got.find('\n') + 1);
    EXPECT_EQ(got, c.errors) << c.source;
  }
}

TEST(Parse, DeepNestingEndsWithOneMessage) {
  std::string deep = "package p\nvar x = " + std::string(200000, '(') + "1" + std::string(200000, ')') + "\n";
  std::string got = Parsed(deep).errors();
  EXPECT_NE(got.find("nesting too deep"), std::string::npos);
  std::string blocks = "package p\nfunc f() " + std::string(100000, '{');
  EXPECT_NE(Parsed(blocks).errors().find("nesting too deep"), std::string::npos);
}

TEST(Lexer, Unquote) {
  EXPECT_EQ(unquote("\"a\\n\\x41\\101\\u00e9\\U0001F600\""), "a\nAA\u00e9\U0001F600");
  EXPECT_EQ(unquote("`a\\n\r`"), "a\\n");
}

std::string slurp(const std::filesystem::path& p) {
  std::ifstream in(p);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

// Every source file of the standard library parses.
TEST(Goroot, StandardLibraryParses) {
  const char* goroot = std::getenv("VOLE_GOROOT");
  if (!goroot) GTEST_SKIP() << "VOLE_GOROOT is not set";
  size_t files = 0;
  std::filesystem::path src = std::filesystem::canonical(std::filesystem::path(goroot) / "src");
  for (auto& e : std::filesystem::recursive_directory_iterator(src)) {
    if (e.path().extension() != ".go" || e.path().string().find("/testdata/") != std::string::npos) continue;
    std::string text = slurp(e.path());
    diag::Diagnostics diags;
    parse(Name::intern(e.path().string()), text, diags);
    EXPECT_TRUE(diags.empty()) << diag::render(diags, "", {});
    files++;
  }
  EXPECT_GT(files, 5000u);
}

// GOROOT/test/syntax: each line's ERROR patterns match a message there, and nothing else is reported.
TEST(Goroot, SyntaxErrorsMatch) {
  const char* goroot = std::getenv("VOLE_GOROOT");
  if (!goroot) GTEST_SKIP() << "VOLE_GOROOT is not set";
  std::regex mark("// (?:GC_)?ERROR (.*)"), quoted("\"([^\"]*)\"|`([^`]*)`");
  size_t files = 0;
  for (auto& e : std::filesystem::directory_iterator(std::filesystem::path(goroot) / "test/syntax")) {
    std::string text = slurp(e.path());
    if (!text.starts_with("// errorcheck")) continue;
    files++;
    diag::Diagnostics diags;
    parse(Name::intern(e.path().filename().string()), text, diags);
    diags.finish();
    std::istringstream lines(text);
    u32 n = 0;
    for (std::string line; std::getline(lines, line);) {
      n++;
      std::vector<std::string> got;
      for (auto& d : diags.all())
        if (d.pos.line() == n) got.push_back(d.text);
      std::smatch m;
      if (!std::regex_search(line, m, mark)) {
        EXPECT_TRUE(got.empty()) << e.path() << ":" << n << ": " << got[0];
        continue;
      }
      std::string patterns = m[1];
      for (std::sregex_iterator it(patterns.begin(), patterns.end(), quoted), end; it != end; ++it) {
        // In the patterns a brace is a brace; std::regex reads it as a repetition.
        std::string pattern = std::regex_replace((*it)[1].matched ? (*it)[1].str() : (*it)[2].str(),
                                                 std::regex("([{}])"), "\\$1");
        std::regex want(pattern);
        EXPECT_TRUE(std::any_of(got.begin(), got.end(), [&](auto& g) { return std::regex_search(g, want); }))
            << e.path() << ":" << n << ": no message like " << it->str();
      }
    }
  }
  EXPECT_GT(files, 10u);
}
}  // namespace
}  // namespace vole::syntax
