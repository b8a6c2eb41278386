#include "syntax/lexer.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace vole::syntax {
namespace {
enum : u8 { Letter = 1, Digit = 2, HexDigit = 4 };
constexpr auto Classes = [] {
  std::array<u8, 256> t{};
  for (int c = 'a'; c <= 'z'; c++) t[c] = t[c - 32] = Letter;
  t['_'] = Letter;
  for (int c = '0'; c <= '9'; c++) t[c] = Digit | HexDigit;
  for (int c = 'a'; c <= 'f'; c++) t[c] |= HexDigit, t[c - 32] |= HexDigit;
  return t;
}();
bool is(char c, u8 classes) { return Classes[static_cast<u8>(c)] & classes; }

// Keywords, found by a hash that has no collisions among them.
constexpr Tok FirstKeyword = Tok::Break;
constexpr size_t keyword_hash(const char* s, size_t n) {
  return (static_cast<u8>(s[0]) << 4 ^ static_cast<u8>(s[1])) + n & 63;
}
struct KeywordTable {
  Tok slot[64] = {};
  KeywordTable() {
    for (int t = static_cast<int>(FirstKeyword); t <= static_cast<int>(Tok::Var); t++) {
      std::string_view s = tok_text(static_cast<Tok>(t));
      Tok& at = slot[keyword_hash(s.data(), s.size())];
      VOLE_CHECK(at == Tok::None);
      at = static_cast<Tok>(t);
    }
  }
};
const KeywordTable keywords;

std::string_view base_name(int base) {
  switch (base) {
    case 2: return "binary";
    case 8: return "octal";
    case 10: return "decimal";
    default: return "hexadecimal";
  }
}
}  // namespace

Lexer::Lexer(std::string_view text, LexHandler& handler)
    : handler_(handler), begin_(text.data()), p_(begin_), end_(begin_ + text.size()), line_start_(begin_) {
  if (text.starts_with("\xef\xbb\xbf"))
    p_ += 3, line_start_ += 3;  // a byte order mark is allowed at the very start
}

void Lexer::error_at(const char* at, std::string message) {
  handler_.lex_error(line_, column(at), std::move(message));
}

u32 Lexer::peek_rune(int& len) const {
  len = 1;
  if (p_ >= end_) return 0;
  auto b = [&](int i) -> u32 { return p_ + i < end_ ? static_cast<u8>(p_[i]) : 0; };
  u32 c = b(0);
  if (c < 0x80) return c;
  auto cont = [&](int i) { return (b(i) & 0xc0) == 0x80; };
  if (c >= 0xc2 && c < 0xe0 && cont(1)) {
    len = 2;
    return (c & 31) << 6 | (b(1) & 63);
  }
  if (c >= 0xe0 && c < 0xf0 && cont(1) && cont(2)) {
    u32 r = (c & 15) << 12 | (b(1) & 63) << 6 | (b(2) & 63);
    if (r >= 0x800 && (r < 0xd800 || r >= 0xe000)) {
      len = 3;
      return r;
    }
  }
  if (c >= 0xf0 && c < 0xf5 && cont(1) && cont(2) && cont(3)) {
    u32 r = (c & 7) << 18 | (b(1) & 63) << 12 | (b(2) & 63) << 6 | (b(3) & 63);
    if (r >= 0x10000 && r < 0x110000) {
      len = 4;
      return r;
    }
  }
  return 0xfffd;
}

u32 Lexer::step() {
  char c = *p_;
  if (c == '\n') {
    p_++;
    line_++;
    line_start_ = p_;
    return '\n';
  }
  if (c == 0) error_here("invalid NUL character");
  if (static_cast<u8>(c) < 0x80) {
    p_++;
    return static_cast<u8>(c);
  }
  int len;
  u32 rune = peek_rune(len);
  if (rune == 0xfffd && len == 1) error_here("invalid UTF-8 encoding");
  if (rune == 0xfeff) error_here("invalid BOM in the middle of the file");
  p_ += len;
  return rune;
}

void Lexer::start_token() {
  line = line_;
  col = column(p_);
  offset = static_cast<size_t>(p_ - begin_);
}

void Lexer::semi(std::string_view what) {
  tok = Tok::Semi;
  lit = what;
}

void Lexer::set_op(Tok binary) {
  if (p_ < end_ && *p_ == '=') {
    p_++;
    tok = Tok::AssignOp;
    op = binary;
  } else {
    tok = binary;
  }
}

void Lexer::next() {
  bool ends = newline_ends_;
  newline_ends_ = false;
  bool alone = p_ == line_start_;
  for (;;) {
    while (p_ < end_) {
      char c = *p_;
      if (c == ' ' || c == '\t' || c == '\r') {
        p_++;
      } else if (c == '\n' && !ends) {
        p_++;
        line_++;
        line_start_ = p_;
        alone = true;
      } else {
        break;
      }
    }
    start_token();
    if (p_ >= end_) {
      if (ends) return semi("EOF");
      tok = Tok::Eof;
      return;
    }
    const char* start = p_;
    char c = *p_;
    if (is(c, Letter)) return ident(start);
    if (is(c, Digit)) return number(false);
    auto follows = [&](char want) {
      if (p_ >= end_ || *p_ != want) return false;
      p_++;
      return true;
    };
    auto closing = [&](Tok t) {
      newline_ends_ = true;
      tok = t;
    };
    p_++;
    switch (c) {
      case '\n':
        line_++;
        line_start_ = p_;
        return semi("newline");
      case '"': return interpreted_string();
      case '`': return raw_string();
      case '\'': return rune();
      case '(': tok = Tok::LParen; return;
      case '[': tok = Tok::LBrack; return;
      case '{': tok = Tok::LBrace; return;
      case ',': tok = Tok::Comma; return;
      case ';': return semi("semicolon");
      case ')': return closing(Tok::RParen);
      case ']': return closing(Tok::RBrack);
      case '}': return closing(Tok::RBrace);
      case ':': tok = follows('=') ? Tok::Define : Tok::Colon; return;
      case '.':
        if (p_ < end_ && is(*p_, Digit)) return number(true);
        if (end_ - p_ >= 2 && p_[0] == '.' && p_[1] == '.') {
          p_ += 2;
          tok = Tok::DotDotDot;
          return;
        }
        tok = Tok::Dot;
        return;
      case '+':
      case '-': {
        Tok t = c == '+' ? Tok::Add : Tok::Sub;
        if (!follows(c)) return set_op(t);
        op = t;
        return closing(Tok::IncDec);
      }
      case '*': return set_op(Tok::Mul);
      case '/':
        if (follows('/')) {
          line_comment(alone);
          continue;
        }
        if (follows('*')) {
          bool newline = block_comment(alone);
          if (newline) alone = true;
          if (newline && ends) return semi("newline");
          continue;
        }
        return set_op(Tok::Div);
      case '%': return set_op(Tok::Rem);
      case '&':
        if (follows('&')) {
          tok = Tok::AndAnd;
          return;
        }
        return set_op(follows('^') ? Tok::AndNot : Tok::And);
      case '|':
        if (follows('|')) {
          tok = Tok::OrOr;
          return;
        }
        return set_op(Tok::Or);
      case '^': return set_op(Tok::Xor);
      case '<':
        if (follows('=')) tok = Tok::Leq;
        else if (follows('<')) set_op(Tok::Shl);
        else tok = follows('-') ? Tok::Arrow : Tok::Lss;
        return;
      case '>':
        if (follows('=')) tok = Tok::Geq;
        else if (follows('>')) set_op(Tok::Shr);
        else tok = Tok::Gtr;
        return;
      case '=': tok = follows('=') ? Tok::Eql : Tok::Assign; return;
      case '!': tok = follows('=') ? Tok::Neq : Tok::Not; return;
      case '~': tok = Tok::Tilde; return;
      default: break;
    }
    p_ = start;
    // Whatever isn't ASCII begins a name, even if the name is faulty then: one error each, and no token lost.
    int len;
    u32 r = peek_rune(len);
    bool reported_by_step = c == 0 || r == 0xfeff || (r == 0xfffd && len == 1);
    if (static_cast<u8>(c) >= 0x80 && !reported_by_step) return ident(start);
    if (!reported_by_step) error_here("invalid character " + describe_rune(r));
    step();
  }
}

void Lexer::ident(const char* start) {
  for (;;) {
    while (p_ < end_ && is(*p_, Letter | Digit)) p_++;
    if (p_ >= end_ || static_cast<u8>(*p_) < 0x80) break;
    int len;
    u32 r = peek_rune(len);
    if (is_unicode_digit(r)) {
      if (p_ == start) error_here("identifier cannot begin with digit " + describe_rune(r));
    } else if (!is_unicode_letter(r)) {
      if (r != 0xfeff && !(r == 0xfffd && len == 1))
        error_here("invalid character " + describe_rune(r) + " in identifier");
    }
    step();
  }
  size_t n = static_cast<size_t>(p_ - start);
  lit = {start, n};
  if (n >= 2) {
    Tok k = keywords.slot[keyword_hash(start, n)];
    if (k != Tok::None && tok_text(k) == lit) {
      tok = k;
      newline_ends_ = k == Tok::Break || k == Tok::Continue || k == Tok::Fallthrough || k == Tok::Return;
      return;
    }
  }
  newline_ends_ = true;
  tok = Tok::Ident;
  u32 h = static_cast<u32>(n) * 31;
  for (size_t i = 0; i < n; i++) h = h * 33 + static_cast<u8>(start[i]);
  CachedName& c = cache_[(h ^ h >> 9) & 511];
  if (!c.entry || std::string_view(c.entry->data, c.entry->len) != lit) c.entry = Name::intern(lit).entry();
  name = Name(c.entry);
}

void Lexer::finish_literal(const char* start, LitKind kind) {
  newline_ends_ = true;
  tok = Tok::Literal;
  lit_kind = kind;
  lit = {start, static_cast<size_t>(p_ - start)};
}

// Reads digits and underscores of a base; `seen` collects 1: a digit, 2: an underscore. Digits too large for
// the base are remembered, not refused.
void Lexer::digits(int base, int& invalid, u32& seen) {
  const char* start = begin_ + offset;
  for (; p_ < end_; p_++) {
    char c = *p_;
    if (c == '_') {
      seen |= 2;
    } else if (is(c, base == 16 ? HexDigit : Digit)) {
      if (base < 10 && c >= '0' + base && invalid < 0) invalid = static_cast<int>(p_ - start);
      seen |= 1;
    } else {
      break;
    }
  }
}

void Lexer::number(bool seen_point) {
  bad = false;
  const char* start = begin_ + offset;
  LitKind kind = LitKind::Int;
  int base = 10, invalid = -1;
  char prefix = 0;
  u32 seen = 0;
  auto fail = [&](std::string message) {
    if (!bad) error_here(std::move(message));
    bad = true;
  };
  auto fail_at = [&](int at, std::string message) {
    if (!bad) handler_.lex_error(line, col + static_cast<u32>(at), std::move(message));
    bad = true;
  };
  if (!seen_point) {
    p_ = start;
    if (*p_ == '0') {
      p_++;
      char c = p_ < end_ ? static_cast<char>(*p_ | 32) : 0;
      if (c == 'x' || c == 'o' || c == 'b') {
        p_++;
        base = c == 'x' ? 16 : c == 'o' ? 8 : 2;
        prefix = c;
      } else {
        base = 8;
        prefix = '0';
        seen = 1;
      }
    }
    // An old-style octal may turn out to be a decimal float; its digits are judged at the end.
    digits(base == 8 && prefix == '0' ? 10 : base, invalid, seen);
    if (prefix == '0') {
      for (const char* q = start; q < p_ && invalid < 0; q++)
        if (*q == '8' || *q == '9') invalid = static_cast<int>(q - start);
    }
    if (p_ < end_ && *p_ == '.') {
      if (prefix == 'o' || prefix == 'b')
        fail(fmt::format("invalid radix point in {} literal", base_name(base)));
      p_++;
      seen_point = true;
    }
  }
  if (seen_point) {
    kind = LitKind::Float;
    digits(base == 8 && prefix == '0' ? 10 : base, invalid, seen);
  }
  if (!(seen & 1)) fail(fmt::format("{} literal has no digits", base_name(base)));
  char e = p_ < end_ ? static_cast<char>(*p_ | 32) : 0;
  if (e == 'e' || e == 'p') {
    if (e == 'e' && prefix != 0 && prefix != '0') {
      fail(fmt::format("{} exponent requires decimal mantissa", quote_rune(static_cast<u8>(*p_))));
    } else if (e == 'p' && prefix != 'x') {
      fail(fmt::format("{} exponent requires hexadecimal mantissa", quote_rune(static_cast<u8>(*p_))));
    }
    p_++;
    kind = LitKind::Float;
    if (p_ < end_ && (*p_ == '+' || *p_ == '-')) p_++;
    u32 exp_seen = 0;
    int ignored = 0;
    digits(10, ignored, exp_seen);
    seen |= exp_seen & 2;
    if (!(exp_seen & 1)) fail("exponent has no digits");
  } else if (prefix == 'x' && kind == LitKind::Float) {
    fail("hexadecimal mantissa requires a 'p' exponent");
  }
  if (p_ < end_ && *p_ == 'i') {
    kind = LitKind::Imag;
    p_++;
  }
  if (kind == LitKind::Int && invalid >= 0)
    fail_at(invalid, fmt::format("invalid digit {} in {} literal",
                                 quote_rune(static_cast<u8>(start[invalid])), base_name(base)));
  if (seen & 2) {
    // '_' must stand between digits, or between the base prefix and a digit.
    const char* q = start;
    char before = prefix ? '0' : '.';
    if (prefix && prefix != '0') q += 2;
    for (; q < p_; q++) {
      char c = *q == '_' ? '_' : is(*q, base == 16 ? HexDigit : Digit) ? '0' : '.';
      bool wrong = c == '_' ? before != '0' : c == '.' && before == '_';
      if (wrong) {
        fail_at(static_cast<int>((c == '_' ? q : q - 1) - start), "'_' must separate successive digits");
        break;
      }
      before = c;
    }
    if (before == '_') fail_at(static_cast<int>(p_ - start) - 1, "'_' must separate successive digits");
  }
  finish_literal(start, kind);
}

void Lexer::interpreted_string() {
  bad = false;
  const char* start = begin_ + offset;
  for (;;) {
    if (p_ >= end_) {
      handler_.lex_error(line, col, "string not terminated");
      bad = true;
      break;
    }
    char c = *p_;
    if (c == '"') {
      p_++;
      break;
    }
    if (c == '\\') {
      p_++;
      if (!escape('"')) bad = true;
      continue;
    }
    if (c == '\n') {
      error_here("newline in string");
      bad = true;
      break;
    }
    if (c == 0 || static_cast<u8>(c) >= 0x80) step();
    else p_++;
  }
  finish_literal(start, LitKind::String);
}

void Lexer::raw_string() {
  bad = false;
  const char* start = begin_ + offset;
  for (;;) {
    if (p_ >= end_) {
      handler_.lex_error(line, col, "string not terminated");
      bad = true;
      break;
    }
    if (*p_ == '`') {
      p_++;
      break;
    }
    step();
  }
  finish_literal(start, LitKind::String);
}

void Lexer::rune() {
  bad = false;
  const char* start = begin_ + offset;
  for (int n = 0;; n++) {
    if (p_ >= end_) {
      if (!bad) handler_.lex_error(line, col, "rune literal not terminated");
      bad = true;
      break;
    }
    char c = *p_;
    if (c == '\'') {
      if (!bad && n == 0) error_here("empty rune literal or unescaped '"), bad = true;
      else if (!bad && n != 1)
        handler_.lex_error(line, col, "more than one character in rune literal"), bad = true;
      p_++;
      break;
    }
    if (c == '\\') {
      p_++;
      if (!escape('\'')) bad = true;
      continue;
    }
    if (c == '\n') {
      if (!bad) error_here("newline in rune literal");
      bad = true;
      break;
    }
    step();
  }
  finish_literal(start, LitKind::Rune);
}

// After the backslash. Returns false when an error was reported; at the end of the text it stays silent (the
// caller complains).
bool Lexer::escape(char quote) {
  if (p_ >= end_) return true;
  int n, base;
  u32 max;
  char c = *p_;
  if (c == quote || std::strchr("abfnrtv\\", c)) {
    if (c == 0) {
      error_here("unknown escape");
      return false;
    }
    p_++;
    return true;
  }
  if (c >= '0' && c <= '7') {
    n = 3, base = 8, max = 255;
  } else if (c == 'x') {
    p_++;
    n = 2, base = 16, max = 255;
  } else if (c == 'u') {
    p_++;
    n = 4, base = 16, max = 0x10ffff;
  } else if (c == 'U') {
    p_++;
    n = 8, base = 16, max = 0x10ffff;
  } else {
    error_here("unknown escape");
    return false;
  }
  u32 v = 0;
  for (int i = n; i > 0; i--) {
    if (p_ >= end_) return true;
    u32 d = static_cast<u32>(base);
    char ch = *p_;
    if (is(ch, Digit)) d = static_cast<u32>(ch - '0');
    else if (is(ch, HexDigit)) d = static_cast<u32>((ch | 32) - 'a' + 10);
    if (d >= static_cast<u32>(base)) {
      int len;
      error_here(
          fmt::format("invalid character {} in {} escape", quote_rune(peek_rune(len)), base_name(base)));
      return false;
    }
    v = v * static_cast<u32>(base) + d;
    p_++;
  }
  if (v > max && base == 8) {
    error_here(fmt::format("octal escape value {} > 255", v));
    return false;
  }
  if (v > max || (v >= 0xd800 && v < 0xe000 && n >= 4)) {
    error_here("escape is invalid Unicode code point " + describe_rune(v));
    return false;
  }
  return true;
}

void Lexer::line_comment(bool alone) {
  const char* start = p_ - 2;
  u32 at_line = line_, at_col = column(start);
  bool directive = end_ - p_ >= 3 &&
                   (std::memcmp(p_, "go:", 3) == 0 || (end_ - p_ >= 5 && std::memcmp(p_, "line ", 5) == 0));
  while (p_ < end_ && *p_ != '\n') {
    if (*p_ == 0 || static_cast<u8>(*p_) >= 0x80) step();
    else p_++;
  }
  if (directive) handler_.directive(at_line, at_col, alone, {start, static_cast<size_t>(p_ - start)});
}

bool Lexer::block_comment(bool alone) {
  const char* start = p_ - 2;
  u32 at_line = line_, at_col = column(start);
  while (p_ < end_) {
    if (p_[0] == '*' && end_ - p_ >= 2 && p_[1] == '/') {
      p_ += 2;
      std::string_view text(start, static_cast<size_t>(p_ - start));
      if (text.starts_with("/*line ")) handler_.directive(at_line, at_col, alone, text);
      return line_ > at_line;
    }
    step();
  }
  handler_.lex_error(at_line, at_col, "comment not terminated");
  return line_ > at_line;
}
}  // namespace vole::syntax
