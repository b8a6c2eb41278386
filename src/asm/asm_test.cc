// Input that is out of bounds ends soon and with a message.
#include "asm/asm.h"

#include <gtest/gtest.h>

namespace vole::assembler {
namespace {
std::string fault(std::string_view text) {
  Options options;
  options.package = Name::intern("p");
  diag::Diagnostics diags;
  object::Object object;
  bool ok = assemble(Name::intern("a.s"), text, options, object, diags);
  EXPECT_EQ(ok, diags.empty());
  return diag::render(diags, "", {});
}
std::string move_imm(std::string_view expr) {
  return "TEXT ·f(SB), 4, $0\n\tMOVQ $" + std::string(expr) + ", AX\n\tRET\n";
}

TEST(Assemble, DeepExpressions) {
  EXPECT_EQ(fault(move_imm(std::string(900, '(') + "1" + std::string(900, ')'))), "");
  for (const char* c : {"(", "-", "~", "+", "-("}) {
    std::string deep;
    for (int i = 0; i < 1'000'000; i++) deep += c;
    EXPECT_NE(fault(move_imm(deep + "1")).find("expression nests too deeply"), std::string::npos) << c;
  }
}

TEST(Assemble, IncludedFolders) {
  EXPECT_NE(fault("#include \".\"\n").find("open .: no such file or directory"), std::string::npos);
  EXPECT_NE(fault("#include \"\"\n").find("no such file or directory"), std::string::npos);
  EXPECT_NE(fault("#include \"/dev/zero\"\n").find("no such file or directory"), std::string::npos);
}

TEST(Assemble, MacrosThatDouble) {
  for (const char* last : {"1", ""}) {
    std::string text = "#define m0 " + std::string(last) + "\n";
    for (int i = 1; i < 60; i++) {
      std::string before = "m" + std::to_string(i - 1);
      text += "#define m" + std::to_string(i) + " " + before + " " + before + "\n";
    }
    EXPECT_NE(fault(text + move_imm("m59")).find("macros expand to too much"), std::string::npos);
  }
  EXPECT_NE(fault("#define a a\n" + move_imm("a")).find("recursive macro a"), std::string::npos);
}
}  // namespace
}  // namespace vole::assembler
