#include "source/constraint.h"

#include <algorithm>

namespace vole::source {
namespace {
constexpr size_t MaxNodes = 1000;  // longer expressions are refused, as go does
bool tag_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         static_cast<u8>(c) >= 0x80;
}
}  // namespace

class Constraint::Parser {
 public:
  Parser(std::string_view s, Constraint& out, std::string& error) : s_(s), out_(out), error_(error) {}
  bool parse() {
    out_.root_ = or_expr();
    skip();
    if (error_.empty() && i_ < s_.size()) error_ = "unexpected token " + std::string(s_.substr(i_, 1));
    return error_.empty();
  }

 private:
  void skip() {
    while (i_ < s_.size() && (s_[i_] == ' ' || s_[i_] == '\t')) i_++;
  }
  bool take(std::string_view t) {
    skip();
    if (s_.substr(i_, t.size()) != t) return false;
    i_ += t.size();
    return true;
  }
  int add(Node n) {
    if (out_.nodes_.size() >= MaxNodes) error_ = "expression too large";
    else out_.nodes_.push_back(std::move(n));
    return static_cast<int>(out_.nodes_.size()) - 1;
  }
  int or_expr() {
    int x = and_expr();
    while (error_.empty() && take("||")) {
      int y = and_expr();
      x = add({Kind::Or, {}, x, y});
    }
    return x;
  }
  int and_expr() {
    int x = not_expr();
    while (error_.empty() && take("&&")) {
      int y = not_expr();
      x = add({Kind::And, {}, x, y});
    }
    return x;
  }
  int not_expr() {
    if (!take("!")) return atom();
    if (take("!")) {
      error_ = "double negation not allowed";
      return -1;
    }
    int x = atom();
    return add({Kind::Not, {}, x, -1});
  }
  int atom() {
    if (depth_ > 100) error_ = "nesting too deep";
    if (!error_.empty()) return -1;
    if (take("(")) {
      depth_++;
      int x = or_expr();
      depth_--;
      if (error_.empty() && !take(")")) error_ = "missing close paren";
      return x;
    }
    skip();
    size_t start = i_;
    while (i_ < s_.size() && tag_char(s_[i_])) i_++;
    if (i_ == start) {
      error_ = i_ < s_.size() ? "invalid syntax at " + std::string(s_.substr(i_, 1))
                              : "unexpected end of expression";
      return -1;
    }
    return add({Kind::Tag, std::string(s_.substr(start, i_ - start)), -1, -1});
  }

  std::string_view s_;
  size_t i_ = 0;
  int depth_ = 0;
  Constraint& out_;
  std::string& error_;
};

std::optional<Constraint> Constraint::parse_line(std::string_view line, std::string& error) {
  constexpr std::string_view Prefix = "//go:build";
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  if (!line.starts_with(Prefix)) {
    error = "not a build constraint";
    return {};
  }
  line.remove_prefix(Prefix.size());
  if (!line.empty() && line[0] != ' ' && line[0] != '\t') {
    error = "not a build constraint";
    return {};
  }
  Constraint c;
  error.clear();
  if (!Parser(line, c, error).parse()) return {};
  return c;
}

// The smallest N such that go1.N is implied; -1: nothing is implied.
int Constraint::min_version(int n, bool positive) const {
  const Node& e = nodes_[static_cast<size_t>(n)];
  switch (e.kind) {
    case Kind::Tag: {
      if (!positive) return -1;
      if (e.tag == "go1") return 0;
      if (!e.tag.starts_with("go1.")) return -1;
      int v = 0;
      for (char c : std::string_view(e.tag).substr(4)) {
        if (c < '0' || c > '9' || v > 100000) return -1;
        v = v * 10 + (c - '0');
      }
      return v;
    }
    case Kind::Not: return min_version(e.x, !positive);
    case Kind::And:
    case Kind::Or: {
      int a = min_version(e.x, positive), b = min_version(e.y, positive);
      bool both = (e.kind == Kind::And) == positive;
      return both ? std::max(a, b) : std::min(a, b);
    }
  }
  return -1;
}

Name Constraint::go_version() const {
  int v = min_version(root_, true);
  if (v < 0) return {};
  return Name::intern(v == 0 ? std::string("go1") : "go1." + std::to_string(v));
}
}  // namespace vole::source
