// Tokens of Plan 9 assembly, after the preprocessor: #include, #define (with arguments), #undef, #ifdef,
// #ifndef, #else, #endif.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "asm/asm.h"

namespace vole::assembler {
enum class Tok : u8 { End, Newline, Ident, Int, Float, Char, String, Punct };

struct Token {
  Tok kind = Tok::End;
  bool space = false;  // white space in front (decides whether a macro has parameters)
  std::string_view
      text;  // identifiers with their dots and slashes as written; strings without quotes, escapes resolved
  u64 value = 0;  // Int, Char
  u32 line = 0, col = 0;
  bool is(std::string_view punct) const { return kind == Tok::Punct && text == punct; }
};

class Preprocessor {
 public:
  // `scanning`: only symbols matter, so missing headers are not errors.
  Preprocessor(const Options& options, diag::Diagnostics& diags, u32 pos_base, bool scanning);
  // Appends the expanded tokens of the file; statements are separated by Newline tokens. False after an
  // error.
  bool run(std::string_view path, std::string_view text, std::vector<Token>& out);

 private:
  struct Macro {
    std::vector<std::string_view> params;
    std::vector<Token> body;
    bool takes_args = false;
  };
  bool lex(std::string_view text, std::vector<Token>& out);
  bool file(std::string_view path, std::string_view text, std::vector<Token>& out, int depth, u32 line_of);
  bool directive(std::string_view path, const std::vector<Token>& line, std::vector<Token>& out, int depth,
                 u32 line_of);
  bool expand(const Token* first, const Token* last, std::vector<Token>& out, int depth);
  bool error(u32 line, u32 col, std::string_view what);
  std::string_view keep(std::string s) { return strings_.emplace_back(std::move(s)); }

  const Options& options_;
  diag::Diagnostics& diags_;
  u32 pos_base_;
  bool scanning_;
  absl::flat_hash_map<std::string_view, Macro> macros_;
  size_t expanded_ = 0;         // tokens that macros stood for so far
  std::vector<u8> conditions_;  // per open #if: 1 active, 0 not, 2 inside an inactive one
  std::deque<std::string> strings_;
};
}  // namespace vole::assembler
