// Operations on constant values. Numeric kinds are ordered Int < Float < Complex; an operation works in the
// larger kind of its operands and the result keeps that kind (so an untyped float constant may well be of
// kind Int as long as it was written as one).
#pragma once
#include <string>

#include "base/arena.h"
#include "types/types.h"

namespace vole::types {
using Value = const ConstValue*;

extern const ConstValue UnknownValue;
Value make_bool(bool b);
Value make_int(Arena& a, bignum::Int v);
Value make_float(Arena& a, bignum::Float v);
Value make_complex(Arena& a, bignum::Float re, bignum::Float im);
Value make_string(Arena& a, std::string_view s);  // `s` must live in an arena

// Literals as written. Null when malformed or out of range.
Value literal_value(Arena& a, syntax::LitKind kind, std::string_view text);

inline bool is_unknown(Value v) { return v->kind == ConstValue::Unknown; }
// The same value in another kind, UnknownValue when it cannot be represented.
Value to_int(Arena& a, Value v);
Value to_float(Arena& a, Value v);
Value to_complex(Arena& a, Value v);
bignum::Float real_part(Value v);
bignum::Float imag_part(Value v);
int sign_of(Value v);  // of complex ones: 0 only when both parts are 0
// Whether nothing can be divided by `v`; as a complex number when `complex` is set: the square of its
// absolute value may be too small to hold.
bool is_zero_divisor(Value v, bool complex);

size_t string_hash(Value v);  // of length and first bytes
bool compare_values(Value x, syntax::Tok op, Value y);
// `bits` is the width of an unsigned type for ^x, else 0.
Value unary_value(Arena& a, syntax::Tok op, Value x, u32 bits);
// Integer division when `integer` is set; division by zero must have been excluded.
Value binary_value(Arena& a, Value x, syntax::Tok op, Value y, bool integer);
Value concat(Arena& a, Value x, Value y);
Value shift_value(Arena& a, Value x, syntax::Tok op, u64 n);

// Appends a Go string literal.
void append_quoted(std::string& out, std::string_view s);
// As messages show it; long strings are cut.
std::string value_string(Value v);
}  // namespace vole::types
