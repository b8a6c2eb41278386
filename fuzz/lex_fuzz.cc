// Any bytes become tokens: the lexer reaches the end, tokens lie in the text one behind the other, positions
// count up, and what it takes for a string literal without reporting an error can be unquoted.
#include "syntax/lexer.h"

namespace {
using namespace vole;
struct Handler final : syntax::LexHandler {
  void lex_error(u32 line, u32 col, std::string message) override {
    VOLE_CHECK(line > 0 && col > 0 && !message.empty());
    errors++;
  }
  void directive(u32 line, u32 col, bool, std::string_view text) override {
    VOLE_CHECK(line > 0 && col > 0);
    VOLE_CHECK(text.starts_with("//") || text.starts_with("/*"));
  }
  size_t errors = 0;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  Handler handler;
  syntax::Lexer lexer(text, handler);
  size_t end = 0;
  u32 line = 1;
  for (;;) {
    size_t errors = handler.errors;
    lexer.next();
    VOLE_CHECK(lexer.offset >= end && lexer.end_offset() >= lexer.offset && lexer.end_offset() <= size &&
               lexer.line >= line);
    end = lexer.end_offset();
    line = lexer.line;
    if (lexer.tok == syntax::Tok::Eof) break;
    if (lexer.tok == syntax::Tok::Semi && lexer.lit == "EOF") continue;
    VOLE_CHECK(lexer.end_offset() > lexer.offset);
    if (lexer.tok != syntax::Tok::Literal) continue;
    VOLE_CHECK(lexer.lit == std::string_view(text).substr(lexer.offset, lexer.lit.size()));
    if (lexer.lit_kind == syntax::LitKind::String && handler.errors == errors) syntax::unquote(lexer.lit);
  }
  return 0;
}
