#include "driver/template.h"

#include <gtest/gtest.h>

namespace vole::driver {
namespace {
// The text of a template over one package, or what is wrong with it.
std::string filled(std::string_view text) {
  Json data = Json::parse(
      R"({"Name": "p", "Standard": false, "Deps": ["a", "b", "c"], "Empty": [], "N": 3,
                              "Module": {"Path": "m", "Version": "v1", "Replace": null},
                              "None": null, "Map": {"y": "2", "x": "1"}})");
  std::string out, error;
  auto t = Template::parse(text, error);
  if (!t || !t->execute(data, Json{{"GOARCH", "amd64"}}, out, error)) return error;
  return out;
}

TEST(Template, FieldsAndText) {
  EXPECT_EQ(filled("{{.Name}} {{.Deps}} {{.Module.Path}} {{.Module}} {{.Standard}} {{.None}} {{.Map}}"),
            "p [a b c] m m v1 false <nil> map[y:2 x:1]");
  EXPECT_EQ(filled("a{{/* nothing */}}b {{- .N -}}  c"), "ab3c");
  EXPECT_EQ(filled("{{$x := .Name}}{{$x}}{{$x = \"q\"}}{{$x}}{{$.Name}}"), "pqp");
  EXPECT_EQ(filled("{{(index .Deps 1)}}{{index .Map \"x\"}}{{(context).GOARCH}}{{context.GOARCH}}"),
            "b1amd64amd64");
}

TEST(Template, Control) {
  EXPECT_EQ(filled("{{if not .Standard}}own{{else}}std{{end}}{{if .Empty}}x{{else if .N}}y{{end}}"), "owny");
  EXPECT_EQ(filled("{{range .Deps}}<{{.}}>{{end}}{{range $i, $d := .Deps}}{{$i}}{{$d}}{{end}}{{range "
                   ".Empty}}x{{else}}none{{end}}"),
            "<a><b><c>0a1b2cnone");
  EXPECT_EQ(filled("{{range .Deps}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}{{range 3}}{{.}}{{if eq . "
                   "1}}{{break}}{{end}}{{end}}"),
            "ac01");
  EXPECT_EQ(filled("{{with .Module}}{{.Path}}{{end}}{{with .None}}x{{else}}none{{end}}{{range $k, $v := "
                   ".Map}}{{$k}}{{$v}}{{end}}"),
            "mnonex1y2");
}

TEST(Template, Functions) {
  EXPECT_EQ(filled("{{join .Deps \", \"}}{{len .Deps}}{{.Deps | len}}{{slice .Name 0 1}}"), "a, b, c33p");
  EXPECT_EQ(filled("{{and .Name .Empty}}{{or .Empty .Name}}{{and .Standard .None.Foo}}{{ne 1 2}}{{lt 1 "
                   "2}}{{ge \"a\" \"b\"}}{{eq .Name \"x\" \"p\"}}"),
            "[]pfalsetruetruefalsetrue");
  EXPECT_EQ(filled("{{printf \"%s|%5s|%-3d|%q|%%\" .Name .Name .N .Name}}{{print 1 2 \"x\"}}{{println .N}}"),
            "p|    p|3  |\"p\"|%1 2x3\n");
}

TEST(Template, Faults) {
  EXPECT_EQ(filled("{{.Name"), "template: main:1: unclosed action");
  EXPECT_EQ(filled("a\n{{if .N}}"), "template: main:2: unexpected EOF");
  EXPECT_EQ(filled("{{end}}"), "template: main:1: unexpected {{end}}");
  EXPECT_EQ(filled("{{nosuch .N}}"), "template: main:1: function \"nosuch\" not defined");
  EXPECT_EQ(filled("{{$x}}"), "template: main:1: undefined variable \"$x\"");
  EXPECT_EQ(filled("{{break}}"), "template: main:1: {{break}} outside {{range}}");
  EXPECT_EQ(filled("{{.Nosuch}}"),
            "template: main:1: executing \"main\" at <.Nosuch>: can't evaluate field Nosuch in it");
  EXPECT_EQ(filled("{{.None.Path}}"),
            "template: main:1: executing \"main\" at <.None.Path>: nil pointer evaluating field Path");
  EXPECT_EQ(filled("{{index .Deps 7}}"),
            "template: main:1: executing \"main\" at <index>: error calling index: index out of range: 7");
  EXPECT_EQ(filled("{{len}}"),
            "template: main:1: executing \"main\" at <len>: wrong number of args for len: want 1 got 0");
  for (std::string_view bad :
       {"{{", "{{}}", "{{|}}", "{{(}}", "{{\"}}", "{{`}}", "{{if}}{{end}}", "{{.N .N}}", "{{1 2}}",
        "{{else}}", "{{define \"x\"}}{{end}}", "{{range}}", "{{/*}}", "{{$x :=}}"})
    EXPECT_TRUE(filled(bad).starts_with("template: main:1: ")) << bad << ": " << filled(bad);
}
}  // namespace
}  // namespace vole::driver
