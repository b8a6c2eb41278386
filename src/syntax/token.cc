#include "syntax/token.h"

namespace vole::syntax {
std::string_view tok_text(Tok t) {
  switch (t) {
    case Tok::None: return "none";
    case Tok::Eof: return "EOF";
    case Tok::Ident: return "name";
    case Tok::Literal: return "literal";
    case Tok::OrOr: return "||";
    case Tok::AndAnd: return "&&";
    case Tok::Eql: return "==";
    case Tok::Neq: return "!=";
    case Tok::Lss: return "<";
    case Tok::Leq: return "<=";
    case Tok::Gtr: return ">";
    case Tok::Geq: return ">=";
    case Tok::Add: return "+";
    case Tok::Sub: return "-";
    case Tok::Or: return "|";
    case Tok::Xor: return "^";
    case Tok::Mul: return "*";
    case Tok::Div: return "/";
    case Tok::Rem: return "%";
    case Tok::And: return "&";
    case Tok::AndNot: return "&^";
    case Tok::Shl: return "<<";
    case Tok::Shr: return ">>";
    case Tok::Not: return "!";
    case Tok::Tilde: return "~";
    case Tok::Arrow: return "<-";
    case Tok::AssignOp: return "op=";
    case Tok::IncDec: return "opop";
    case Tok::Assign: return "=";
    case Tok::Define: return ":=";
    case Tok::LParen: return "(";
    case Tok::LBrack: return "[";
    case Tok::LBrace: return "{";
    case Tok::RParen: return ")";
    case Tok::RBrack: return "]";
    case Tok::RBrace: return "}";
    case Tok::Comma: return ",";
    case Tok::Semi: return ";";
    case Tok::Colon: return ":";
    case Tok::Dot: return ".";
    case Tok::DotDotDot: return "...";
    case Tok::Break: return "break";
    case Tok::Case: return "case";
    case Tok::Chan: return "chan";
    case Tok::Const: return "const";
    case Tok::Continue: return "continue";
    case Tok::Default: return "default";
    case Tok::Defer: return "defer";
    case Tok::Else: return "else";
    case Tok::Fallthrough: return "fallthrough";
    case Tok::For: return "for";
    case Tok::Func: return "func";
    case Tok::Go: return "go";
    case Tok::Goto: return "goto";
    case Tok::If: return "if";
    case Tok::Import: return "import";
    case Tok::Interface: return "interface";
    case Tok::Map: return "map";
    case Tok::Package: return "package";
    case Tok::Range: return "range";
    case Tok::Return: return "return";
    case Tok::Select: return "select";
    case Tok::Struct: return "struct";
    case Tok::Switch: return "switch";
    case Tok::Type: return "type";
    case Tok::Var: return "var";
  }
  return "?";
}

int precedence(Tok t) {
  if (t < Tok::OrOr || t > Tok::Shr) return 0;
  if (t == Tok::OrOr) return 1;
  if (t == Tok::AndAnd) return 2;
  if (t <= Tok::Geq) return 3;
  if (t <= Tok::Xor) return 4;
  return 5;
}
}  // namespace vole::syntax
