// Character classes beyond ASCII and the ways messages show characters.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "syntax/lexer.h"

namespace vole::syntax {
namespace {
struct Range {
  u32 lo, hi;
};
#include "syntax/unicode_tables.inc"

template <size_t N>
bool contains(const Range (&table)[N], u32 rune) {
  const Range* r = std::lower_bound(std::begin(table), std::end(table), rune,
                                    [](const Range& a, u32 c) { return a.hi < c; });
  return r != std::end(table) && r->lo <= rune;
}
bool printable(u32 rune) { return rune < 0x80 ? rune >= 0x20 && rune < 0x7f : contains(Printable, rune); }
}  // namespace

bool is_unicode_letter(u32 rune) { return rune >= 0x80 && contains(Letters, rune); }
bool is_unicode_digit(u32 rune) { return rune >= 0x80 && contains(Digits, rune); }

void append_utf8(std::string& out, u32 rune) {
  if (rune >= 0x110000 || (rune >= 0xd800 && rune < 0xe000)) rune = 0xfffd;
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xc0 | rune >> 6);
    out += static_cast<char>(0x80 | (rune & 63));
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xe0 | rune >> 12);
    out += static_cast<char>(0x80 | (rune >> 6 & 63));
    out += static_cast<char>(0x80 | (rune & 63));
  } else {
    out += static_cast<char>(0xf0 | rune >> 18);
    out += static_cast<char>(0x80 | (rune >> 12 & 63));
    out += static_cast<char>(0x80 | (rune >> 6 & 63));
    out += static_cast<char>(0x80 | (rune & 63));
  }
}

std::string describe_rune(u32 rune) {
  std::string s = fmt::format("U+{:04X}", rune);
  if (!printable(rune)) return s;
  s += " '";
  append_utf8(s, rune);
  return s + "'";
}

std::string quote_rune(u32 rune) {
  switch (rune) {
    case '\a': return "'\\a'";
    case '\b': return "'\\b'";
    case '\f': return "'\\f'";
    case '\n': return "'\\n'";
    case '\r': return "'\\r'";
    case '\t': return "'\\t'";
    case '\v': return "'\\v'";
    case '\\': return "'\\\\'";
    case '\'': return "'\\''";
  }
  if (rune == ' ' || printable(rune)) {
    std::string s = "'";
    append_utf8(s, rune);
    return s + "'";
  }
  if (rune < ' ' || rune == 0x7f) return fmt::format("'\\x{:02x}'", rune);
  if (rune < 0x10000) return fmt::format("'\\u{:04x}'", rune);
  return fmt::format("'\\U{:08x}'", rune);
}

std::string unquote(std::string_view s) {
  std::string out;
  if (s.size() < 2) return out;
  char quote = s[0];
  s = s.substr(1, s.size() - 2);
  if (quote == '`') {
    for (char c : s)
      if (c != '\r') out += c;
    return out;
  }
  auto hex = [&](size_t& i, int n) {
    u32 v = 0;
    for (; n > 0 && i < s.size(); n--, i++) {
      char c = s[i];
      v = v * 16 + static_cast<u32>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
  };
  for (size_t i = 0; i < s.size();) {
    if (s[i] != '\\' || i + 1 >= s.size()) {
      out += s[i++];
      continue;
    }
    char c = s[i + 1];
    i += 2;
    switch (c) {
      case 'a': out += '\a'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'v': out += '\v'; break;
      case 'x': out += static_cast<char>(hex(i, 2)); break;
      case 'u': append_utf8(out, hex(i, 4)); break;
      case 'U': append_utf8(out, hex(i, 8)); break;
      default:
        if (c >= '0' && c <= '7') {
          u32 v = static_cast<u32>(c - '0');
          for (int n = 0; n < 2 && i < s.size(); n++, i++) v = v * 8 + static_cast<u32>(s[i] - '0');
          out += static_cast<char>(v);
        } else {
          out += c;
        }
    }
  }
  return out;
}
}  // namespace vole::syntax
