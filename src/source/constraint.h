// Build constraints: `//go:build` expressions over tags (go help buildconstraint).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/name.h"

namespace vole::source {
class Constraint {
 public:
  // Parses a `//go:build EXPR` line (comment markers included). On a syntax error returns nothing and sets
  // `error`.
  static std::optional<Constraint> parse_line(std::string_view line, std::string& error);

  // Evaluates with `has(tag)`.
  template <class F>
  bool eval(F&& has) const {
    return eval_node(root_, has);
  }

  // The language version the expression implies ("go1.21"), empty when it implies none.
  Name go_version() const;

 private:
  enum class Kind : unsigned char { Tag, Not, And, Or };
  struct Node {
    Kind kind;
    std::string tag;
    int x = -1, y = -1;
  };
  class Parser;
  template <class F>
  bool eval_node(int n, F& has) const {
    const Node& e = nodes_[static_cast<size_t>(n)];
    switch (e.kind) {
      case Kind::Tag: return has(std::string_view(e.tag));
      case Kind::Not: return !eval_node(e.x, has);
      case Kind::And: return eval_node(e.x, has) && eval_node(e.y, has);
      case Kind::Or: return eval_node(e.x, has) || eval_node(e.y, has);
    }
    return false;
  }
  int min_version(int n, bool positive) const;

  std::vector<Node> nodes_;
  int root_ = -1;
};
}  // namespace vole::source
