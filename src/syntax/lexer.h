// Turns the bytes of a file into tokens, one at a time, inserting the semicolons that line ends imply
// (specification, "Semicolons"). Works on the whole text in memory: a literal or name is a view into it, a
// position is counted only when a token starts. Comments are skipped, except directives (//line, /*line,
// //go:…), which go to the handler.
#pragma once
#include <string>
#include <string_view>

#include "base/name.h"
#include "syntax/token.h"

namespace vole::syntax {
// Receives what the lexer finds beside tokens. Columns and lines count from 1.
class LexHandler {
 public:
  virtual void lex_error(u32 line, u32 col, std::string message) = 0;
  // `text` includes the comment markers; `alone` says that nothing but blanks stands before it on its line.
  virtual void directive(u32 line, u32 col, bool alone, std::string_view text) = 0;

 protected:
  ~LexHandler() = default;
};

class Lexer {
 public:
  Lexer(std::string_view text, LexHandler& handler);
  void next();

  // The current token.
  Tok tok = Tok::None;
  Tok op = Tok::None;  // AssignOp and IncDec: the operator
  LitKind lit_kind = LitKind::Int;
  bool bad = false;      // literal with an error in it (already reported)
  Name name;             // Ident
  std::string_view lit;  // Literal: its text; Semi: "semicolon", "newline" or "EOF"; Ident: its text
  u32 line = 1, col = 1;
  size_t offset = 0;  // where the token starts
  size_t end_offset() const { return static_cast<size_t>(p_ - begin_); }

 private:
  void start_token();
  void semi(std::string_view what);
  void ident(const char* start);
  void number(bool seen_point);
  void digits(int base, int& invalid, u32& seen);
  void interpreted_string();
  void raw_string();
  void rune();
  bool escape(char quote);
  void line_comment(bool alone);
  bool block_comment(bool alone);
  void finish_literal(const char* start, LitKind kind);
  void set_op(Tok binary);
  // Steps over one character, keeping the line count and reporting NULs, stray BOMs and bad UTF-8. Returns
  // the code point.
  u32 step();
  u32 peek_rune(int& len) const;
  u32 column(const char* at) const { return static_cast<u32>(at - line_start_) + 1; }
  void error_here(std::string message) { error_at(p_, std::move(message)); }
  void error_at(const char* at, std::string message);
  void invalid_character(bool in_ident, bool first);

  LexHandler& handler_;
  const char* begin_;
  const char* p_;
  const char* end_;
  const char* line_start_;
  u32 line_ = 1;
  bool newline_ends_ = false;  // a line end here becomes a semicolon
  struct CachedName {
    const NameEntry* entry;
  };
  CachedName cache_[512] = {};
};

// Appends the UTF-8 form of a code point.
void append_utf8(std::string& out, u32 rune);
// "U+0040 '@'", as messages show characters.
std::string describe_rune(u32 rune);
// A character as a quoted Go rune literal.
std::string quote_rune(u32 rune);
bool is_unicode_letter(u32 rune);
bool is_unicode_digit(u32 rune);
// The value of a string literal as written (quotes included); the literal must have been accepted by the
// lexer.
std::string unquote(std::string_view literal);
}  // namespace vole::syntax
