// Data that assembly defines.
#include <gtest/gtest.h>

#include "asm/asm.h"

namespace vole::assembler {
namespace {
class AssembleTest : public testing::Test {
 protected:
  bool assemble_text(std::string_view text) {
    Options options;
    options.package = Name::intern("p");
    return assemble(Name::intern("a.s"), text, options, object, diags);
  }
  object::Object object;
  diag::Diagnostics diags;
};

TEST_F(AssembleTest, DataBeforeAndBehindItsSize) {
  // The compiler has made room for the variable already.
  object.get("p.after")->kind = object::SymKind::NoPtrBss;
  ASSERT_TRUE(
      assemble_text("GLOBL ·after(SB), 16, $8\nDATA ·after(SB)/8, $7\nDATA ·before(SB)/8, $9\nGLOBL "
                    "·before(SB), 16, $8\nGLOBL ·none(SB), 16, $8\n"));
  for (auto [name, value] : {std::pair("p.after", 7), std::pair("p.before", 9)}) {
    object::Symbol* s = object.find(Name::intern(name));
    EXPECT_EQ(s->kind, object::SymKind::NoPtrData) << name;
    ASSERT_EQ(s->bytes.size(), 8u) << name;
    EXPECT_EQ(s->bytes[0], value) << name;
  }
  EXPECT_EQ(object.find(Name::intern("p.none"))->kind, object::SymKind::NoPtrBss);
}

TEST_F(AssembleTest, DataBeyondItsSize) {
  EXPECT_FALSE(assemble_text("GLOBL ·x(SB), 16, $4\nDATA ·x(SB)/8, $7\n"));
  EXPECT_FALSE(assemble_text("DATA ·y(SB)/8, $7\n"));
}
}  // namespace
}  // namespace vole::assembler
