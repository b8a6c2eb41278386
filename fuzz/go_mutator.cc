// Mutations that keep Go text mostly well-formed. Bytes changed at random rarely get past the parser; here
// what is moved, copied or replaced are tokens and bracketed groups, also between two programs. Half the time
// libFuzzer's own mutations run (with go.dict).
//
// A program is cut into pieces: each token together with the blanks and comments before it, so that joining
// pieces in any order gives text.
#include <random>
#include <string>
#include <vector>

#include "syntax/lexer.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace vole::fuzz {
namespace {
using syntax::Tok;

struct Silent final : syntax::LexHandler {
  void lex_error(u32, u32, std::string) override {}
  void directive(u32, u32, bool, std::string_view) override {}
};

struct Piece {
  std::string_view text;
  Tok tok;
};
using Pieces = std::vector<Piece>;

Pieces cut(std::string_view text) {
  Silent silent;
  syntax::Lexer lexer(text, silent);
  Pieces out;
  size_t from = 0;
  for (lexer.next(); lexer.tok != Tok::Eof; lexer.next()) {
    size_t to = lexer.end_offset();
    out.push_back({text.substr(from, to - from), lexer.tok});
    from = to;
  }
  return out;
}

bool opens(Tok t) { return t == Tok::LParen || t == Tok::LBrack || t == Tok::LBrace; }
bool closes(Tok t) { return t == Tok::RParen || t == Tok::RBrack || t == Tok::RBrace; }

struct Range {
  size_t from, to;
};

class Mutation {
 public:
  explicit Mutation(unsigned seed) : random_(seed) {}

  std::string change(const Pieces& p) {
    Range a = range(p);
    switch (below(6)) {
      case 0: return join(p, a, {});
      case 1: return join(p, a, twice(p, a));
      case 2: return join(p, a, part(p, range(p)));
      case 3: return swap(p, a);
      case 4: return replace_token(p);
      default: return nest(p, a);
    }
  }
  // A part of `q` in place of a part of `p`, the same kind of group where there is one.
  std::string cross(const Pieces& p, const Pieces& q) {
    Range to = range(p), from = range(q);
    for (int tries = 0; tries < 8 && p[to.from].tok != q[from.from].tok; tries++) from = range(q);
    return join(p, to, part(q, from));
  }
  bool coin() { return below(2) == 0; }

 private:
  size_t below(size_t n) { return n == 0 ? 0 : random_() % n; }

  // A bracketed group, with or without its brackets, or a few tokens.
  Range range(const Pieces& p) {
    size_t at = below(p.size());
    if (coin()) {
      for (size_t i = 0; i < p.size() && !opens(p[at].tok); i++) at = (at + 1) % p.size();
      size_t end = at;
      int depth = 0;
      do depth += opens(p[end].tok) - closes(p[end].tok);
      while (++end < p.size() && depth > 0);
      if (end - at > 2 && coin()) return {at + 1, end - 1};
      return {at, end};
    }
    return {at, std::min(p.size(), at + 1 + below(1u << below(5)))};
  }
  static std::string part(const Pieces& p, Range r) {
    std::string out;
    for (size_t i = r.from; i < r.to; i++) out += p[i].text;
    return out;
  }
  static std::string twice(const Pieces& p, Range r) { return part(p, r) + " " + part(p, r); }
  static std::string join(const Pieces& p, Range r, std::string_view instead) {
    return part(p, {0, r.from}) + " " + std::string(instead) + " " + part(p, {r.to, p.size()});
  }
  std::string swap(const Pieces& p, Range a) {
    Range b = range(p);
    if (b.from < a.from) std::swap(a, b);
    if (a.to > b.from) return join(p, a, {});
    return part(p, {0, a.from}) + part(p, b) + part(p, {a.to, b.from}) + part(p, a) +
           part(p, {b.to, p.size()});
  }
  // One token becomes another of the program (of its own kind where possible), or any operator or keyword.
  std::string replace_token(const Pieces& p) {
    size_t at = below(p.size()), from = below(p.size());
    if (coin()) {
      auto any = static_cast<Tok>(static_cast<size_t>(Tok::OrOr) +
                                  below(static_cast<size_t>(Tok::Var) - static_cast<size_t>(Tok::OrOr) + 1));
      return join(p, {at, at + 1}, syntax::tok_text(any));
    }
    for (size_t i = 0; i < p.size() && p[at].tok != p[from].tok; i++) from = (from + 1) % p.size();
    return join(p, {at, at + 1}, p[from].text);
  }
  // The range becomes an operand of something around it.
  std::string nest(const Pieces& p, Range a) {
    static constexpr const char* Around[][2] = {
        // clang-format off
        {"(", ")"}, {"[", "]"}, {"{", "}"}, {"[]", ""}, {"*", ""}, {"&", ""}, {"func() {", "}"},
        {"struct{", "}"}, {"interface{", "}"}, {"[", "]int"}, {"map[", "]int"}, {"chan ", ""}, {"func(", ")"},
        {"len(", ")"}, {"if true {", "}"}, {"for range ", ""}, {"~", ""}, {"append(", "...)"}, {"new(", ")"},
        {"make(", ", 1)"}, {"unsafe.Sizeof(", ")"}, {"go ", "()"}, {"<-", ""}, {"-", ""},
        // clang-format on
    };
    auto& around = Around[below(std::size(Around))];
    return join(p, a, around[0] + part(p, a) + around[1]);
  }

  std::minstd_rand random_;
};

size_t store(const std::string& text, uint8_t* data, size_t max_size) {
  size_t n = std::min(text.size(), max_size);
  std::copy_n(text.data(), n, data);
  return n;
}
std::string text_of(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }
}  // namespace
}  // namespace vole::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  using namespace vole::fuzz;
  Mutation mutation(seed);
  if (mutation.coin()) return LLVMFuzzerMutate(data, size, max_size);
  std::string text = text_of(data, size);
  Pieces pieces = cut(text);
  if (pieces.empty()) return LLVMFuzzerMutate(data, size, max_size);
  return store(mutation.change(pieces), data, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* a, size_t a_size, const uint8_t* b, size_t b_size,
                                            uint8_t* out, size_t max_size, unsigned seed) {
  using namespace vole::fuzz;
  std::string x = text_of(a, a_size), y = text_of(b, b_size);
  Pieces p = cut(x), q = cut(y);
  if (p.empty() || q.empty()) return 0;
  return store(Mutation(seed).cross(p, q), out, max_size);
}
