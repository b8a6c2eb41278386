// Constant arithmetic over bignum's integers and floats.
#include "types/const_value.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>

#include "syntax/lexer.h"
#include "types/internal.h"

namespace vole::types {
using bignum::Float;
using bignum::Int;
using syntax::Tok;

const ConstValue UnknownValue{};

namespace {
const ConstValue True{.kind = ConstValue::Bool, .boolean = true};
const ConstValue False{.kind = ConstValue::Bool, .boolean = false};

ConstValue* fresh(Arena& a, ConstValue::Kind kind) {
  auto* v = a.make<ConstValue>();
  v->kind = kind;
  return v;
}
Float float_of(Value v) { return v->kind == ConstValue::Int ? Float(v->integer) : v->real; }

u32 decode_rune(std::string_view literal) {
  std::string s = syntax::unquote("\"" + std::string(literal.substr(1, literal.size() - 2)) + "\"");
  if (literal == "'\"'") return '"';
  if (literal == "'\\''") return '\'';
  // \x and octal escapes denote a code point, not a byte.
  if (literal.size() > 3 && literal[1] == '\\') {
    char c = literal[2];
    if (c == 'x') return static_cast<u32>(std::stoul(std::string(literal.substr(3, 2)), nullptr, 16));
    if (c >= '0' && c <= '7')
      return static_cast<u32>(std::stoul(std::string(literal.substr(2, 3)), nullptr, 8));
  }
  if (s.empty()) return 0;
  u8 c = static_cast<u8>(s[0]);
  if (c < 0x80) return c;
  size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  u32 r = c & (0xffu >> (n + 1));
  for (size_t i = 1; i < n && i < s.size(); i++) r = r << 6 | (static_cast<u8>(s[i]) & 0x3f);
  return r;
}
}  // namespace

Value make_bool(bool b) { return b ? &True : &False; }
Value make_int(Arena& a, Int v) {
  auto* c = fresh(a, ConstValue::Int);
  c->integer = v;
  return c;
}
Value make_float(Arena& a, Float v) {
  auto* c = fresh(a, ConstValue::Float);
  c->real = v;
  return c;
}
Value make_complex(Arena& a, Float re, Float im) {
  auto* c = fresh(a, ConstValue::Complex);
  c->real = re;
  c->imag = im;
  return c;
}
Value make_string(Arena& a, std::string_view s) {
  auto* c = fresh(a, ConstValue::String);
  c->literal = s;
  return c;
}

// Constants may double in length line by line and be of no use but for their length.
struct StringParts {
  Value left, right;
  size_t size;
  mutable std::atomic<const char*> text{nullptr};
};

namespace {
constexpr size_t ShortString = 64;  // joined at once

// Calls piece(text) for the parts of a string from left to right until it returns false.
template <class F>
void each_piece(Value v, F&& piece) {
  Vec<Value, 16> work = {v};
  while (!work.empty()) {
    Value x = work.back();
    work.pop_back();
    if (x->parts && !x->parts->text.load(std::memory_order_acquire)) {
      work.push_back(x->parts->right);
      work.push_back(x->parts->left);
    } else if (!piece(x->string())) {
      return;
    }
  }
}

// Compares two strings without putting them together. Parts that both share are stepped over whole.
int compare_strings(Value x, Value y) {
  struct Side {
    Vec<Value, 16> work;
    std::string_view text;  // what is left of the part taken last
    bool between() const { return text.empty() && !work.empty(); }
    void step() {
      Value v = work.back();
      work.pop_back();
      if (v->parts && !v->parts->text.load(std::memory_order_acquire))
        work.insert(work.end(), {v->parts->right, v->parts->left});
      else text = v->string();
    }
  };
  Side a{{x}, {}}, b{{y}, {}};
  for (;;) {
    if (a.between() && b.between()) {
      Value p = a.work.back(), q = b.work.back();
      if (p == q) {
        a.work.pop_back();
        b.work.pop_back();
      } else {
        (p->string_size() >= q->string_size() ? a : b).step();
      }
    } else if (a.between()) {
      a.step();
    } else if (b.between()) {
      b.step();
    } else {
      size_t n = std::min(a.text.size(), b.text.size());
      int r = a.text.substr(0, n).compare(b.text.substr(0, n));
      if (r != 0) return r;
      if (n == 0) return (a.text.size() > 0) - (b.text.size() > 0);
      a.text.remove_prefix(n);
      b.text.remove_prefix(n);
    }
  }
}
}  // namespace

size_t ConstValue::string_size() const { return parts ? parts->size : literal.size(); }
size_t string_hash(Value v) {
  constexpr size_t Enough = 4096;
  std::string text;
  each_piece(v, [&](std::string_view piece) {
    text += piece.substr(0, Enough - text.size());
    return text.size() < Enough;
  });
  return std::hash<std::string_view>()(text) ^ v->string_size();
}
std::string_view ConstValue::joined() const {
  const char* text = parts->text.load(std::memory_order_acquire);
  if (!text) {
    char* fresh = static_cast<char*>(std::malloc(parts->size));
    size_t n = 0;
    each_piece(this, [&](std::string_view piece) {
      std::memcpy(fresh + n, piece.data(), piece.size());
      n += piece.size();
      return true;
    });
    if (parts->text.compare_exchange_strong(text, fresh, std::memory_order_acq_rel)) text = fresh;
    else std::free(fresh);
  }
  return {text, parts->size};
}

Value concat(Arena& a, Value x, Value y) {
  size_t m = x->string_size(), n = y->string_size();
  if (m == 0) return y;
  if (n == 0) return x;
  auto* c = fresh(a, ConstValue::String);
  if (m + n >= ShortString) {
    c->parts = a.make<StringParts>(x, y, m + n);
    return c;
  }
  char* p = static_cast<char*>(a.allocate(m + n, 1));
  std::memcpy(p, x->string().data(), m);
  std::memcpy(p + m, y->string().data(), n);
  c->literal = {p, m + n};
  return c;
}

Value literal_value(Arena& a, syntax::LitKind kind, std::string_view text) {
  switch (kind) {
    case syntax::LitKind::Int: {
      Int v;
      return Int::parse(text, v) ? make_int(a, v) : nullptr;
    }
    case syntax::LitKind::Float: {
      Float v;
      return Float::parse(text, v) && !v.is_inf() ? make_float(a, v) : nullptr;
    }
    case syntax::LitKind::Imag: {
      Float v;
      std::string_view digits = text.substr(0, text.size() - 1);
      // For backward compatibility 0123i is decimal.
      if (digits.size() > 1 && digits[0] == '0' &&
          digits.find_first_not_of("0123456789_") == std::string_view::npos) {
        while (digits.size() > 1 && (digits[0] == '0' || digits[0] == '_')) digits.remove_prefix(1);
      }
      return Float::parse(digits, v) && !v.is_inf() ? make_complex(a, Float(), v) : nullptr;
    }
    case syntax::LitKind::Rune: return make_int(a, Int(static_cast<i64>(decode_rune(text))));
    case syntax::LitKind::String:
      // Without escapes the text itself is the value.
      if (text.size() >= 2 && text.find('\\') == std::string_view::npos &&
          text.find('\r') == std::string_view::npos)
        return make_string(a, text.substr(1, text.size() - 2));
      return make_string(a, a.copy_string(syntax::unquote(text)));
  }
  return nullptr;
}

Value to_int(Arena& a, Value v) {
  switch (v->kind) {
    case ConstValue::Int: return v;
    case ConstValue::Float: {
      Int i;
      return v->real.nearly_int(i) ? make_int(a, i) : &UnknownValue;
    }
    case ConstValue::Complex: {
      Int i;
      return v->imag.sign() == 0 && v->real.nearly_int(i) ? make_int(a, i) : &UnknownValue;
    }
    default: return &UnknownValue;
  }
}
Value to_float(Arena& a, Value v) {
  switch (v->kind) {
    case ConstValue::Int: return make_float(a, Float(v->integer));
    case ConstValue::Float: return v;
    case ConstValue::Complex: return v->imag.sign() == 0 ? make_float(a, v->real) : &UnknownValue;
    default: return &UnknownValue;
  }
}
Value to_complex(Arena& a, Value v) {
  switch (v->kind) {
    case ConstValue::Int:
    case ConstValue::Float: return make_complex(a, float_of(v), Float());
    case ConstValue::Complex: return v;
    default: return &UnknownValue;
  }
}
Float real_part(Value v) { return float_of(v); }
Float imag_part(Value v) { return v->kind == ConstValue::Complex ? v->imag : Float(); }
int sign_of(Value v) {
  switch (v->kind) {
    case ConstValue::Int: return v->integer.sign();
    case ConstValue::Float: return v->real.sign();
    case ConstValue::Complex: return v->real.sign() | v->imag.sign();
    default: return 1;
  }
}

bool is_zero_divisor(Value v, bool complex) {
  if (is_unknown(v)) return false;
  if (!complex) return sign_of(v) == 0;
  Float re = real_part(v), im = imag_part(v);
  return (re * re + im * im).sign() == 0;
}

bool compare_values(Value x, Tok op, Value y) {
  int c;
  if (x->kind == ConstValue::Bool) {
    bool equal = x->boolean == y->boolean;
    return op == Tok::Eql ? equal : !equal;
  }
  if (x->kind == ConstValue::String) {
    int r = compare_strings(x, y);
    c = (r > 0) - (r < 0);
  } else if (x->kind == ConstValue::Complex || y->kind == ConstValue::Complex) {
    bool equal = real_part(x) == real_part(y) && imag_part(x) == imag_part(y);
    return op == Tok::Eql ? equal : !equal;
  } else if (x->kind == ConstValue::Float || y->kind == ConstValue::Float) {
    c = Float::cmp(float_of(x), float_of(y));
  } else {
    c = Int::cmp(x->integer, y->integer);
  }
  switch (op) {
    case Tok::Eql: return c == 0;
    case Tok::Neq: return c != 0;
    case Tok::Lss: return c < 0;
    case Tok::Leq: return c <= 0;
    case Tok::Gtr: return c > 0;
    default: return c >= 0;
  }
}

Value unary_value(Arena& a, Tok op, Value x, u32 bits) {
  switch (op) {
    case Tok::Add: return x;
    case Tok::Sub:
      if (x->kind == ConstValue::Int) return make_int(a, -x->integer);
      if (x->kind == ConstValue::Float) return make_float(a, -x->real);
      return make_complex(a, -x->real, -x->imag);
    case Tok::Xor: {
      Int v = ~x->integer;
      if (bits) v = Int::and_not(v, Int(-1).shl(bits));
      return make_int(a, v);
    }
    case Tok::Not: return make_bool(!x->boolean);
    default: return &UnknownValue;
  }
}

Value binary_value(Arena& a, Value x, Tok op, Value y, bool integer) {
  if (x->kind == ConstValue::Bool)
    return make_bool(op == Tok::AndAnd ? x->boolean && y->boolean : x->boolean || y->boolean);
  if (x->kind == ConstValue::String) return concat(a, x, y);
  if (x->kind == ConstValue::Int && y->kind == ConstValue::Int) {
    Int m = x->integer, n = y->integer;
    switch (op) {
      case Tok::Add: return make_int(a, m + n);
      case Tok::Sub: return make_int(a, m - n);
      case Tok::Mul: return make_int(a, m * n);
      case Tok::Div: return integer ? make_int(a, Int::quo(m, n)) : make_float(a, Float::ratio(m, n));
      case Tok::Rem: return make_int(a, Int::rem(m, n));
      case Tok::And: return make_int(a, m & n);
      case Tok::Or: return make_int(a, m | n);
      case Tok::Xor: return make_int(a, m ^ n);
      case Tok::AndNot: return make_int(a, Int::and_not(m, n));
      default: return &UnknownValue;
    }
  }
  if (x->kind != ConstValue::Complex && y->kind != ConstValue::Complex) {
    Float m = float_of(x), n = float_of(y), r;
    switch (op) {
      case Tok::Add: r = m + n; break;
      case Tok::Sub: r = m - n; break;
      case Tok::Mul: r = m * n; break;
      case Tok::Div: r = Float::quo(m, n); break;
      default: return &UnknownValue;
    }
    return r.is_inf() ? &UnknownValue : make_float(a, r);
  }
  Float p = real_part(x), q = imag_part(x), r = real_part(y), s = imag_part(y);
  switch (op) {
    case Tok::Add: return make_complex(a, p + r, q + s);
    case Tok::Sub: return make_complex(a, p - r, q - s);
    case Tok::Mul: return make_complex(a, p * r - q * s, q * r + p * s);
    case Tok::Div: {
      Float d = r * r + s * s;
      return make_complex(a, Float::quo(p * r + q * s, d), Float::quo(q * r - p * s, d));
    }
    default: return &UnknownValue;
  }
}

Value shift_value(Arena& a, Value x, Tok op, u64 n) {
  return make_int(a, op == Tok::Shl ? x->integer.shl(n) : x->integer.shr(n));
}

void append_quoted(std::string& out, std::string_view s) {
  out += '"';
  for (char c : s) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\v': out += "\\v"; break;
      default:
        if (static_cast<u8>(c) < 0x20 || c == 0x7f) out += fmt::format("\\x{:02x}", static_cast<u8>(c));
        else out += c;
    }
  }
  out += '"';
}

namespace {
// A string as a Go literal: at most 72 characters, the end replaced by "...".
std::string quote_start(Value v) {
  constexpr size_t Enough = 4 * 73;  // bytes that hold 73 characters at least
  std::string text, out;
  each_piece(v, [&](std::string_view piece) {
    text += piece.substr(0, Enough);
    return text.size() < Enough;
  });
  append_quoted(out, text);
  size_t chars = 0, cut = 0;
  for (size_t i = 0; i < out.size(); i++) {
    if ((static_cast<u8>(out[i]) & 0xc0) == 0x80) continue;
    if (chars == 69) cut = i;
    chars++;
  }
  if (chars > 72) out = out.substr(0, cut) + "...";
  return out;
}
}  // namespace

std::string value_string(Value v) {
  switch (v->kind) {
    case ConstValue::Unknown: return "unknown";
    case ConstValue::Bool: return v->boolean ? "true" : "false";
    case ConstValue::Int: return v->integer.to_string();
    case ConstValue::Float: return v->real.to_string();
    case ConstValue::Complex: return fmt::format("({} + {}i)", v->real.to_string(), v->imag.to_string());
    case ConstValue::String: return quote_start(v);
  }
  return "unknown";
}
}  // namespace vole::types
