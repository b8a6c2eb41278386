#include "asm/lexer.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "base/file.h"

namespace vole::assembler {
namespace {
bool ident_start(unsigned char c) { return isalpha(c) || c == '_' || c >= 0x80; }
bool ident_part(unsigned char c) { return isalnum(c) || c == '_' || c >= 0x80; }
}  // namespace

Preprocessor::Preprocessor(const Options& options, diag::Diagnostics& diags, u32 pos_base, bool scanning)
    : options_(options), diags_(diags), pos_base_(pos_base), scanning_(scanning) {
  auto define = [&](std::string_view name, std::string_view value) {
    Macro m;
    lex(value, m.body);
    while (!m.body.empty() && (m.body.back().kind == Tok::Newline || m.body.back().kind == Tok::End))
      m.body.pop_back();
    macros_[name] = std::move(m);
  };
  define("GOARCH_amd64", "1");
  define("GOOS_linux", "1");
  define("GOAMD64_v1", "1");
  for (const auto& [name, value] : options.defines) define(keep(name), keep(value.empty() ? "1" : value));
}

bool Preprocessor::error(u32 line, u32 col, std::string_view what) {
  diags_.report(diag::Code::Syntax, Pos(pos_base_, line, col), "{}", what);
  return false;
}

bool Preprocessor::lex(std::string_view s, std::vector<Token>& out) {
  size_t i = 0, line_start = 0;
  u32 line = 1;
  bool space = false;
  auto push = [&](Tok kind, std::string_view text, size_t at, u64 value = 0) {
    out.push_back({kind, space, text, value, line, static_cast<u32>(at - line_start + 1)});
    space = false;
  };
  auto newline = [&](size_t after) {
    line++;
    line_start = after;
  };
  while (i < s.size()) {
    unsigned char c = static_cast<unsigned char>(s[i]);
    if (c == '\n') {
      push(Tok::Newline, s.substr(i, 1), i);
      i++;
      newline(i);
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      space = true;
      i++;
      continue;
    }
    if (c == '\\' && (s.substr(i, 2) == "\\\n" || s.substr(i, 3) == "\\\r\n")) {
      // The line of a macro's body goes on; the break still separates statements.
      push(Tok::Newline, "\\", i);
      i += s[i + 1] == '\r' ? 3 : 2;
      newline(i);
      continue;
    }
    if (s.substr(i, 2) == "//") {
      while (i < s.size() && s[i] != '\n') i++;
      // A comment may end in a continuation.
      if (i > 0 && s[i - 1] == '\\' && i < s.size()) {
        push(Tok::Newline, "\\", i);
        i++;
        newline(i);
      }
      continue;
    }
    if (s.substr(i, 2) == "/*") {
      size_t e = s.find("*/", i + 2);
      if (e == s.npos) return error(line, static_cast<u32>(i - line_start + 1), "comment not terminated");
      for (size_t k = i; k < e; k++) {
        if (s[k] == '\n') newline(k + 1);
      }
      space = true;
      i = e + 2;
      continue;
    }
    if (ident_start(c)) {
      size_t b = i;
      while (i < s.size() && ident_part(static_cast<unsigned char>(s[i]))) i++;
      push(Tok::Ident, s.substr(b, i - b), b);
      continue;
    }
    if (isdigit(c) || (c == '.' && i + 1 < s.size() && isdigit(static_cast<unsigned char>(s[i + 1])))) {
      size_t b = i;
      bool hex = s.substr(i, 2) == "0x" || s.substr(i, 2) == "0X";
      bool real = false;
      if (hex) i += 2;
      while (i < s.size()) {
        char d = s[i];
        if (isalnum(static_cast<unsigned char>(d)) || d == '_') {
          if (!hex && (d == 'e' || d == 'E')) {
            real = true;
            if (i + 1 < s.size() && (s[i + 1] == '-' || s[i + 1] == '+')) i++;
          }
          if (hex && (d == 'p' || d == 'P')) {
            real = true;
            if (i + 1 < s.size() && (s[i + 1] == '-' || s[i + 1] == '+')) i++;
          }
          i++;
        } else if (d == '.') {
          real = true;
          i++;
        } else {
          break;
        }
      }
      std::string_view text = s.substr(b, i - b);
      if (real) {
        push(Tok::Float, text, b);
        continue;
      }
      std::string digits;
      for (char d : text) {
        if (d != '_') digits += d;
      }
      int base = 10;
      size_t skip = 0;
      if (hex) {
        base = 16, skip = 2;
      } else if (digits.size() > 1 && digits[0] == '0') {
        base = 8, skip = 1;
        if (digits[1] == 'b' || digits[1] == 'B') base = 2, skip = 2;
        if (digits[1] == 'o' || digits[1] == 'O') skip = 2;
      }
      u64 value = 0;
      auto r = std::from_chars(digits.data() + skip, digits.data() + digits.size(), value, base);
      if (r.ec != std::errc() || r.ptr != digits.data() + digits.size())
        return error(line, static_cast<u32>(b - line_start + 1), fmt::format("bad number {}", text));
      push(Tok::Int, text, b, value);
      continue;
    }
    if (c == '"' || c == '\'' || c == '`') {
      size_t b = i++;
      std::string text;
      while (i < s.size() && s[i] != static_cast<char>(c) && s[i] != '\n') {
        if (s[i] != '\\' || c == '`') {
          text += s[i++];
          continue;
        }
        char e = i + 1 < s.size() ? s[i + 1] : 0;
        i += 2;
        auto number = [&](int digits, int base) {
          u32 v = 0;
          std::from_chars(s.data() + i, s.data() + std::min(s.size(), i + static_cast<size_t>(digits)), v,
                          base);
          i += static_cast<size_t>(digits);
          return v;
        };
        switch (e) {
          case 'n': text += '\n'; break;
          case 't': text += '\t'; break;
          case 'r': text += '\r'; break;
          case 'a': text += '\a'; break;
          case 'b': text += '\b'; break;
          case 'f': text += '\f'; break;
          case 'v': text += '\v'; break;
          case 'x':
            text += static_cast<char>(number(2, 16));
            break;
            // clang-format off
          case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
            // clang-format on
            i--;
            text += static_cast<char>(number(3, 8));
            break;
          default: text += e;
        }
      }
      if (i >= s.size() || s[i] != static_cast<char>(c))
        return error(line, static_cast<u32>(b - line_start + 1), "string not terminated");
      i++;
      if (c == '\'') {
        // One character, perhaps of several bytes.
        u64 v = 0;
        unsigned char h = text.empty() ? 0 : static_cast<unsigned char>(text[0]);
        if (h < 0x80 || text.size() == 1) {
          v = h;
        } else {
          int n = h >= 0xf0 ? 4 : h >= 0xe0 ? 3 : 2;
          v = h & (0xff >> (n + 1));
          for (int k = 1; k < n && static_cast<size_t>(k) < text.size(); k++)
            v = v << 6 | (static_cast<unsigned char>(text[static_cast<size_t>(k)]) & 0x3f);
        }
        push(Tok::Char, s.substr(b, i - b), b, v);
      } else {
        push(Tok::String, keep(std::move(text)), b);
      }
      continue;
    }
    if (s.substr(i, 2) == "<<" || s.substr(i, 2) == ">>" || s.substr(i, 2) == "->") {
      push(Tok::Punct, s.substr(i, 2), i);
      i += 2;
      continue;
    }
    push(Tok::Punct, s.substr(i, 1), i);
    i++;
  }
  out.push_back({Tok::Newline, false, "\n", 0, line, 1});
  return true;
}

// Expands macros in [first, last) and appends.
bool Preprocessor::expand(const Token* first, const Token* last, std::vector<Token>& out, int depth) {
  for (const Token* t = first; t < last; t++) {
    if (t->kind != Tok::Ident) {
      out.push_back(*t);
      continue;
    }
    auto it = macros_.find(t->text);
    if (it == macros_.end()) {
      out.push_back(*t);
      continue;
    }
    if (depth > 100) return error(t->line, t->col, fmt::format("recursive macro {}", t->text));
    const Macro& m = it->second;
    std::vector<Token> body;
    const Token* end = t;
    if (m.takes_args) {
      const Token* p = t + 1;
      if (p >= last || !p->is("(")) {
        out.push_back(*t);
        continue;
      }
      std::vector<std::vector<Token>> args(1);
      int level = 0;
      for (p++; p < last; p++) {
        if (p->is("(")) level++;
        if (p->is(")") && level-- == 0) break;
        if (p->is(",") && level == 0) {
          args.emplace_back();
        } else {
          args.back().push_back(*p);
        }
      }
      if (p >= last) return error(t->line, t->col, fmt::format("macro {}: missing )", t->text));
      end = p;
      if (m.params.empty() && args.size() == 1 && args[0].empty()) args.clear();
      if (args.size() != m.params.size())
        return error(t->line, t->col, fmt::format("wrong number of arguments for macro {}", t->text));
      for (const Token& b : m.body) {
        size_t k = m.params.size();
        if (b.kind == Tok::Ident) {
          for (k = 0; k < m.params.size() && m.params[k] != b.text; k++) {
          }
        }
        if (k < m.params.size()) {
          body.insert(body.end(), args[k].begin(), args[k].end());
        } else {
          body.push_back(b);
        }
      }
    } else {
      body = m.body;
    }
    // Macros that use each other twice double with each step.
    constexpr size_t MaxExpanded = 4'000'000;
    expanded_ += body.size() + 1;
    if (expanded_ > MaxExpanded) return error(t->line, t->col, "macros expand to too much");
    for (Token& b : body) b.line = t->line, b.col = t->col;
    // The rest of the line may supply arguments to a macro the body ends with; that form is not used by
    // anyone.
    if (!expand(body.data(), body.data() + body.size(), out, depth + 1)) return false;
    t = end;
  }
  return true;
}

bool Preprocessor::directive(std::string_view path, const std::vector<Token>& line, std::vector<Token>& out,
                             int depth, u32 line_of) {
  if (line.size() < 2) return true;
  const Token& name = line[1];
  u32 at = line_of ? line_of : name.line;
  auto arg = [&]() -> std::string_view {
    return line.size() > 2 && line[2].kind == Tok::Ident ? line[2].text : std::string_view();
  };
  bool active = conditions_.empty() || conditions_.back() == 1;
  if (name.text == "ifdef" || name.text == "ifndef") {
    if (arg().empty()) return error(at, name.col, fmt::format("#{} without a name", name.text));
    bool defined = macros_.contains(arg());
    conditions_.push_back(!active ? 2 : defined == (name.text == "ifdef"));
    return true;
  }
  if (name.text == "else") {
    if (conditions_.empty()) return error(at, name.col, "unmatched #else");
    if (conditions_.back() != 2) conditions_.back() ^= 1;
    return true;
  }
  if (name.text == "endif") {
    if (conditions_.empty()) return error(at, name.col, "unmatched #endif");
    conditions_.pop_back();
    return true;
  }
  if (!active) return true;
  if (name.text == "define") {
    if (arg().empty()) return error(at, name.col, "no definition for macro");
    Macro m;
    size_t i = 3;
    if (i < line.size() && line[i].is("(") && !line[i].space) {
      m.takes_args = true;
      for (i++; i < line.size() && !line[i].is(")"); i++) {
        if (line[i].kind == Tok::Ident) m.params.push_back(line[i].text);
      }
      i++;
    }
    m.body.assign(line.begin() + static_cast<std::ptrdiff_t>(std::min(i, line.size())), line.end());
    macros_[arg()] = std::move(m);
    return true;
  }
  if (name.text == "undef") {
    macros_.erase(arg());
    return true;
  }
  if (name.text == "include") {
    if (line.size() < 3 || line[2].kind != Tok::String)
      return error(at, name.col, "expected string after #include");
    if (depth > 20) return error(at, name.col, "#include nested too deeply");
    std::string_view what = line[2].text;
    if (what == "go_asm.h")
      return options_.go_asm_h.empty() || file(what, options_.go_asm_h, out, depth + 1, at);
    std::vector<std::string> places;
    size_t slash = path.rfind('/');
    places.push_back(slash == path.npos ? std::string(what)
                                        : std::string(path.substr(0, slash + 1)) + std::string(what));
    for (const std::string& d : options_.include_dirs) places.push_back(d + "/" + std::string(what));
    for (const std::string& p : places) {
      std::string text, why;
      if (read_file(p, text, why)) return file(keep(p), keep(std::move(text)), out, depth + 1, at);
    }
    return scanning_ || error(at, name.col, fmt::format("open {}: no such file or directory", what));
  }
  if (name.text == "line") return true;
  return error(at, name.col, fmt::format("unknown directive #{}", name.text));
}

// Tokens of included files count as standing on the line of the #include.
bool Preprocessor::file(std::string_view path, std::string_view text, std::vector<Token>& out, int depth,
                        u32 line_of) {
  std::vector<Token> tokens;
  if (!lex(text, tokens)) return false;
  if (line_of) {
    for (Token& t : tokens) t.line = line_of;
  }
  size_t i = 0;
  size_t open = conditions_.size();
  std::vector<Token> line;
  while (i < tokens.size()) {
    if (tokens[i].is("#")) {
      line.clear();
      while (i < tokens.size() && !(tokens[i].kind == Tok::Newline && tokens[i].text != "\\"))
        line.push_back(tokens[i++]);
      i++;
      if (!directive(path, line, out, depth, line_of)) return false;
      continue;
    }
    // A stretch of ordinary lines up to the next directive, so that macro calls may span lines.
    size_t e = i;
    while (e < tokens.size()) {
      while (e < tokens.size() && tokens[e].kind != Tok::Newline) e++;
      if (e < tokens.size()) e++;
      if (e < tokens.size() && tokens[e].is("#")) break;
    }
    bool active = conditions_.empty() || conditions_.back() == 1;
    if (active && !expand(tokens.data() + i, tokens.data() + e, out, 0)) return false;
    i = e;
  }
  if (conditions_.size() != open) return error(line_of ? line_of : 1, 1, "unclosed #ifdef or #ifndef");
  return true;
}

bool Preprocessor::run(std::string_view path, std::string_view text, std::vector<Token>& out) {
  if (!file(path, text, out, 0, 0)) return false;
  out.push_back({Tok::Newline, false, "\n", 0, 0, 0});
  out.push_back({Tok::End, false, {}, 0, 0, 0});
  return true;
}
}  // namespace vole::assembler
