#include "asm/parser.h"

#include <fmt/format.h>

#include <cstdlib>

namespace vole::assembler {
RegName find_register(std::string_view n) {
  static constexpr struct {
    const char* name;
    u8 num;
  } Words[] = {{"AX", 0}, {"CX", 1}, {"DX", 2}, {"BX", 3}, {"BP", 5}, {"SI", 6}, {"DI", 7}};
  if (n.size() < 2 || n.size() > 4) return {};
  for (auto& w : Words) {
    if (n == w.name) return {RegClass::Gp, w.num};
  }
  auto number = [&](size_t skip, u32 limit, u8& out) {
    if (n.size() <= skip || n.size() > skip + 2) return false;
    u32 v = 0;
    for (char c : n.substr(skip)) {
      if (c < '0' || c > '9') return false;
      v = v * 10 + static_cast<u32>(c - '0');
    }
    if (n.size() > skip + 1 && n[skip] == '0') return false;
    out = static_cast<u8>(v);
    return v <= limit;
  };
  u8 k = 0;
  switch (n[0]) {
    case 'R':
      if (number(1, 15, k) && k >= 8) return {RegClass::Gp, k};
      if (n.back() == 'B') {
        std::string_view m = n.substr(0, n.size() - 1);
        RegName r = find_register(m);
        if (r.cls == RegClass::Gp) return {RegClass::GpByte, r.num};
      }
      break;
    case 'X':
      if (number(1, 31, k)) return {RegClass::Xmm, k};
      break;
    case 'Y':
      if (number(1, 31, k)) return {RegClass::Ymm, k};
      break;
    case 'Z':
      if (number(1, 31, k)) return {RegClass::Zmm, k};
      break;
    case 'K':
      if (number(1, 7, k)) return {RegClass::Mask, k};
      break;
    case 'M':
      if (number(1, 7, k)) return {RegClass::Mmx, k};
      break;
    case 'F':
      if (number(1, 7, k)) return {RegClass::Fp, k};
      break;
    default: break;
  }
  if (n.size() == 2) {
    static constexpr const char* Low[] = {"AL", "CL", "DL", "BL"};
    static constexpr const char* High[] = {"AH", "CH", "DH", "BH"};
    static constexpr const char* Segments[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    for (u8 i = 0; i < 4; i++) {
      if (n == Low[i]) return {RegClass::GpByte, i};
      if (n == High[i]) return {RegClass::GpHigh, i};
    }
    for (u8 i = 0; i < 6; i++) {
      if (n == Segments[i]) return {RegClass::Segment, static_cast<u8>(i + 1)};
    }
    if (n == "SP") return {RegClass::SP, 4};
    if (n == "FP") return {RegClass::FP, 0};
    if (n == "SB") return {RegClass::SB, 0};
    if (n == "PC") return {RegClass::PC, 0};
  }
  if (n == "SPB") return {RegClass::GpByte, 4};
  if (n == "BPB") return {RegClass::GpByte, 5};
  if (n == "SIB") return {RegClass::GpByte, 6};
  if (n == "DIB") return {RegClass::GpByte, 7};
  if (n == "TLS") return {RegClass::Tls, 0};
  if (n.substr(0, 2) == "CR" && number(2, 15, k)) return {RegClass::Control, k};
  if (n.substr(0, 2) == "DR" && number(2, 15, k)) return {RegClass::Debug, k};
  return {};
}

Parser::Parser(const std::vector<Token>& tokens, Name package, diag::Diagnostics& diags, u32 pos_base)
    : tokens_(tokens), package_(package.text()), diags_(diags), pos_base_(pos_base) {}

bool Parser::error(std::string_view what) {
  diags_.report(diag::Code::Syntax, Pos(pos_base_, peek().line, peek().col), "{}", what);
  failed_ = true;
  return false;
}
bool Parser::expect(std::string_view punct) {
  if (accept(punct)) return true;
  const Token& t = peek();
  return error(fmt::format("expected {}, found {}", punct, t.kind == Tok::Newline ? "end of line" : t.text));
}

// "·" stands for a dot and "∕" for a slash; a name that starts with a dot belongs to this package.
Name Parser::full_name(std::string_view written) const {
  std::string s;
  for (size_t i = 0; i < written.size();) {
    if (written.substr(i, 2) == "\xc2\xb7") {
      s += '.';
      i += 2;
    } else if (written.substr(i, 3) == "\xe2\x88\x95") {
      s += '/';
      i += 3;
    } else {
      s += written[i++];
    }
  }
  if (!s.empty() && s[0] == '.') s = package_ + s;
  return Name::intern(s);
}

// ---- expressions --------------------------------------------------------------------------------

bool Parser::primary(Num& n) {
  constexpr u32 MaxDepth = 1000;
  if (depth_ == MaxDepth) return error("expression nests too deeply");
  depth_++;
  bool ok = nested_primary(n);
  depth_--;
  return ok;
}

bool Parser::nested_primary(Num& n) {
  const Token& t = peek();
  switch (t.kind) {
    case Tok::Int:
    case Tok::Char:
      n.i = t.value;
      n.f = static_cast<double>(t.value);
      at_++;
      return true;
    case Tok::Float: {
      std::string digits;
      for (char c : t.text) {
        if (c != '_') digits += c;
      }
      n.real = true;
      n.f = std::strtod(digits.c_str(), nullptr);
      at_++;
      return true;
    }
    case Tok::Punct:
      if (accept("-")) {
        if (!primary(n)) return false;
        n.i = 0 - n.i;
        n.f = -n.f;
        return true;
      }
      if (accept("+")) return primary(n);
      if (accept("~")) {
        if (!primary(n)) return false;
        if (n.real) return error("~ of a floating-point number");
        n.i = ~n.i;
        n.f = static_cast<double>(static_cast<i64>(n.i));
        return true;
      }
      if (accept("(")) return sum(n, 0) && expect(")");
      break;
    default: break;
  }
  return error(fmt::format("unexpected {} in expression", t.kind == Tok::Newline ? "end of line" : t.text));
}

// Level 0: + - | ^, level 1: * / % & << >>, as Go ranks them.
bool Parser::sum(Num& n, int level) {
  if (!(level == 1 ? primary(n) : sum(n, 1))) return false;
  for (;;) {
    std::string_view op = peek().kind == Tok::Punct ? peek().text : std::string_view();
    bool mine = level == 0 ? op == "+" || op == "-" || op == "|" || op == "^"
                           : op == "*" || op == "/" || op == "%" || op == "&" || op == "<<" || op == ">>";
    if (!mine) return true;
    // name+8(FP): the caller handles a register behind a sign; expressions only continue with numbers.
    at_++;
    Num r;
    if (!(level == 1 ? primary(r) : sum(r, 1))) return false;
    if (n.real || r.real) {
      n.real = true;
      if (op == "+") n.f += r.f;
      else if (op == "-") n.f -= r.f;
      else if (op == "*") n.f *= r.f;
      else if (op == "/") n.f /= r.f;
      else return error("bad floating-point expression");
      continue;
    }
    switch (op[0]) {
      case '+': n.i += r.i; break;
      case '-': n.i -= r.i; break;
      case '|': n.i |= r.i; break;
      case '^': n.i ^= r.i; break;
      case '*': n.i *= r.i; break;
      case '&': n.i &= r.i; break;
      case '/':
      case '%':
        if (!r.i) return error("division by zero");
        n.i = op[0] == '/' ? n.i / r.i : n.i % r.i;
        break;
      case '<': n.i = r.i > 63 ? 0 : n.i << r.i; break;
      default: n.i = r.i > 63 ? 0 : n.i >> r.i; break;
    }
    n.f = static_cast<double>(static_cast<i64>(n.i));
  }
}

// ---- operands -----------------------------------------------------------------------------------

// (base)(index*scale) behind a displacement.
bool Parser::memory_tail(Operand& o) {
  for (int part = 0; part < 2 && peek().is("("); part++) {
    at_++;
    if (peek().kind != Tok::Ident) return error("expected register");
    RegName r = find_register(peek().text);
    if (!r) return error(fmt::format("expected register, found {}", peek().text));
    at_++;
    if (r.cls == RegClass::PC && part == 0) {
      o.kind = Operand::PcRel;
      o.imm = o.disp;
      return expect(")");
    }
    if (accept("*")) {
      if (peek().kind != Tok::Int) return error("expected scale");
      o.scale = static_cast<u8>(peek().value);
      if (o.scale != 1 && o.scale != 2 && o.scale != 4 && o.scale != 8)
        return error(fmt::format("bad scale: {}", o.scale));
      at_++;
      o.index = r;
    } else if (part == 0) {
      o.base = r;
    } else {
      o.index = r;
    }
    if (!expect(")")) return false;
  }
  return true;
}

bool Parser::symbol_operand(Operand& o) {
  std::string_view name = peek().text;
  at_++;
  // Names may hold dots that the lexer sees as punctuation: a.b(SB).
  std::string whole(name);
  while (peek().is(".") && !peek().space && peek(1).kind == Tok::Ident && !peek(1).space) {
    whole += '.';
    whole += peek(1).text;
    at_ += 2;
  }
  if (accept("<")) {
    if (peek().kind == Tok::Ident) {
      std::string_view abi = peek().text;
      if (abi == "ABIInternal") {
        o.abi_internal = true;
      } else if (abi != "ABI0") {
        return error(fmt::format("unknown ABI {}", abi));
      }
      at_++;
    } else {
      o.local_symbol = true;
    }
    if (!expect(">")) return false;
  }
  if (peek().is("+") || peek().is("-")) {
    Num n;
    bool neg = peek().is("-");
    at_++;
    if (!sum(n, 1)) return false;
    o.disp = static_cast<i64>(neg ? 0 - n.i : n.i);
    while (peek().is("+") || peek().is("-")) {
      neg = peek().is("-");
      at_++;
      if (!sum(n, 1)) return false;
      o.disp += static_cast<i64>(neg ? 0 - n.i : n.i);
    }
  }
  if (!peek().is("(")) {
    if (o.disp) return error("expected ( behind the offset");
    o.kind = Operand::Label;
    o.text = name;
    return true;
  }
  o.kind = Operand::Mem;
  o.named = true;
  o.text = name;
  if (!memory_tail(o)) return false;
  if (o.base.cls == RegClass::SB) o.symbol = full_name(whole);
  if (o.base.cls != RegClass::SB && o.base.cls != RegClass::FP && o.base.cls != RegClass::SP)
    return error(fmt::format("illegal register for {}: expected SB, FP or SP", name));
  return true;
}

bool Parser::operand(Operand& o) {
  if (accept("$")) {
    if (peek().kind == Tok::String) {
      o.kind = Operand::String;
      o.text = peek().text;
      at_++;
      return true;
    }
    if (peek().kind == Tok::Ident) {
      if (!symbol_operand(o)) return false;
      if (o.kind != Operand::Mem) return error(fmt::format("undefined constant {}", o.text));
      o.kind = Operand::Addr;
      return true;
    }
    bool mem_like = peek().is("(") && peek(1).kind == Tok::Ident && find_register(peek(1).text);
    Num n;
    if (!mem_like && !sum(n, 0)) return false;
    if (peek().is("(")) {
      o.disp = static_cast<i64>(n.i);
      o.kind = Operand::Mem;
      if (!memory_tail(o)) return false;
      o.kind = Operand::Addr;
      return true;
    }
    o.kind = n.real ? Operand::Float : Operand::Imm;
    o.imm = static_cast<i64>(n.i);
    o.real = n.f;
    return true;
  }
  accept("*");  // JMP *AX
  if (peek().kind == Tok::Ident) {
    RegName r = find_register(peek().text);
    if (r && !peek(1).is("(") && !peek(1).is("+") && !peek(1).is("-") && !peek(1).is("<")) {
      o.kind = Operand::Reg;
      o.reg = r;
      at_++;
      return true;
    }
    return symbol_operand(o);
  }
  bool mem_like = peek().is("(") && peek(1).kind == Tok::Ident && find_register(peek(1).text);
  o.kind = Operand::Mem;
  if (!mem_like) {
    Num n;
    if (!sum(n, 0)) return false;
    if (n.real) return error("displacement must be an integer");
    o.disp = static_cast<i64>(n.i);
    if (!peek().is("(")) {
      // A bare number: an immediate without $ (PCALIGN, INT, TEXT flags).
      o.kind = Operand::Imm;
      o.imm = o.disp;
      return true;
    }
  }
  return memory_tail(o);
}

// $frame[-args]
bool Parser::text_frame(Statement& s) {
  if (!expect("$")) return false;
  bool neg = accept("-");
  Num n;
  if (!primary(n)) return false;
  s.frame = static_cast<i64>(neg ? 0 - n.i : n.i);
  if (accept("-")) {
    if (!primary(n)) return false;
    s.frame_args = static_cast<i64>(n.i);
    s.has_args = true;
  }
  return true;
}

bool Parser::next(Statement& s) {
  while (!statement(s)) {
    if (peek().kind == Tok::End) return false;
    while (peek().kind != Tok::Newline && peek().kind != Tok::End) at_++;  // the rest of a faulty line
  }
  return true;
}

// False at the end, and at a fault.
bool Parser::statement(Statement& s) {
  s = Statement();
  for (;;) {
    while (peek().kind == Tok::Newline || peek().is(";")) at_++;
    if (peek().kind == Tok::End) return false;
    if (peek().kind != Tok::Ident) return error(fmt::format("unexpected {}", peek().text));
    if (peek(1).is(":")) {
      s.labels.push_back(peek().text);
      at_ += 2;
      if (peek().kind == Tok::End) return true;
      // A label may stand alone on its line.
      continue;
    }
    break;
  }
  s.line = peek().line;
  s.col = peek().col;
  s.op = peek().text;
  at_++;
  while (peek().is(".") && peek(1).kind == Tok::Ident) {
    s.suffixes.push_back(peek(1).text);
    at_ += 2;
  }
  auto at_end = [&] { return peek().kind == Tok::Newline || peek().is(";") || peek().kind == Tok::End; };
  if (s.op == "TEXT") {
    Operand name, flags;
    if (!operand(name) || !expect(",")) return false;
    s.args.push_back(name);
    if (!peek().is("$")) {
      Num n;
      if (!sum(n, 0) || !expect(",")) return false;
      flags.kind = Operand::Imm;
      flags.imm = static_cast<i64>(n.i);
    }
    s.args.push_back(flags);
    if (!text_frame(s)) return false;
  } else {
    if (s.op == "DATA") {
      Operand name;
      if (!operand(name) || !expect("/") || peek().kind != Tok::Int)
        return error("expected DATA name/width, value");
      s.width = peek().value;
      at_++;
      s.args.push_back(name);
      if (!expect(",")) return false;
    }
    while (!at_end()) {
      Operand o;
      if (!operand(o)) return false;
      s.args.push_back(o);
      if (at_end()) break;
      if (peek().is(":")) {  // high:low pairs of old syntax
        at_++;
        continue;
      }
      if (!expect(",")) return false;
    }
  }
  if (!at_end()) return error(fmt::format("unexpected {} behind the operands", peek().text));
  return true;
}
}  // namespace vole::assembler
