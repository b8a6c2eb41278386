// Tokens of Go source, and the operators that syntax trees carry.
#pragma once
#include <string_view>

#include "base/base.h"

namespace vole::syntax {
// clang-format off
enum class Tok : u8 {
  None, Eof, Ident, Literal,
  // operators; binary ones in groups of equal precedence
  OrOr, AndAnd, Eql, Neq, Lss, Leq, Gtr, Geq, Add, Sub, Or, Xor, Mul, Div, Rem, And, AndNot, Shl, Shr,
  Not, Tilde, Arrow,  // ! ~ <-
  AssignOp,           // op=; the operator is beside it
  IncDec,             // ++ or --
  Assign, Define,     // = :=
  LParen, LBrack, LBrace, RParen, RBrack, RBrace, Comma, Semi, Colon, Dot, DotDotDot,
  Break, Case, Chan, Const, Continue, Default, Defer, Else, Fallthrough, For, Func, Go, Goto, If, Import,
  Interface, Map, Package,
  Range, Return, Select, Struct, Switch, Type, Var,
};
// clang-format on
enum class LitKind : u8 { Int, Float, Imag, Rune, String };

// Text of an operator or keyword as written in Go.
std::string_view tok_text(Tok t);
// 5 (* / % << >> & &^) down to 1 (||); 0 for what is no binary operator.
int precedence(Tok t);
}  // namespace vole::syntax
