// Exact constants. Int is an integer of any size; Float a rational, exact while its terms stay under 4096
// bits and a 512-bit binary float beyond (so that both 1/3*3 == 1 and huge exponents work, with the precision
// users of gc know).
//
// Both are trivially copyable handles: a value that fits 64 bits sits in the handle, any other points to
// immutable storage that is kept until the process ends (such constants are few). So handles may live in
// arenas and cross threads.
#pragma once
#include <string>
#include <string_view>

#include "base/base.h"

namespace vole::bignum {
struct BigInt;    // hides GMP
struct BigFloat;  // hides GMP and MPFR

class Int {
 public:
  constexpr Int() = default;
  constexpr Int(i64 v) : small_(v) {}
  static Int from_u64(u64 v);
  // Parses a Go integer literal (prefixes and underscores allowed; "0777" is octal). False when malformed.
  static bool parse(std::string_view text, Int& out);
  // Parses what to_string() made.
  static Int from_string(std::string_view decimal);

  bool is_i64() const { return big_ == nullptr; }
  i64 to_i64() const { return small_; }  // of a value that fits
  bool is_u64() const;
  u64 to_u64() const;    // of a value that fits
  u64 low_bits() const;  // two's complement, modulo 2^64
  int sign() const;
  bool is_zero() const { return !big_ && small_ == 0; }
  i64 bit_length() const;  // of the absolute value
  double to_double() const;
  std::string to_string() const;  // decimal

  friend Int operator+(Int a, Int b);
  friend Int operator-(Int a, Int b);
  friend Int operator*(Int a, Int b);
  static Int quo(Int a, Int b);  // truncated; b not zero
  static Int rem(Int a, Int b);
  friend Int operator&(Int a, Int b);
  friend Int operator|(Int a, Int b);
  friend Int operator^(Int a, Int b);
  static Int and_not(Int a, Int b);
  Int operator-() const;
  Int operator~() const;
  Int shl(u64 n) const;
  Int shr(u64 n) const;
  static int cmp(Int a, Int b);
  friend bool operator==(Int a, Int b) { return cmp(a, b) == 0; }

 private:
  friend class Float;
  friend struct BigInt;
  i64 small_ = 0;
  const BigInt* big_ = nullptr;  // null when the value is small_
};

class Float {
 public:
  constexpr Float() = default;
  Float(Int v);
  static Float from_double(double v);  // finite
  static Float ratio(Int a, Int b);    // b not zero
  // Parses a Go floating-point or integer literal. False when malformed; is_inf() when too large.
  static bool parse(std::string_view text, Float& out);
  // Parses what to_exact_string() made; 0 when it did not.
  static Float from_exact_string(std::string_view text);

  int sign() const;
  bool is_inf() const;
  bool is_int() const;
  // Sets `out` when the value is integral, or so near that it is but for rounding in the last bits.
  bool nearly_int(Int& out) const;
  Int to_int() const;                   // of an integral value (truncates others)
  double to_double() const;             // round to nearest even; infinite when out of range
  float to_float() const;               // rounded once, not by way of double
  std::string to_string() const;        // as messages show it: 6 significant digits
  std::string to_exact_string() const;  // for export data

  friend Float operator+(Float a, Float b);
  friend Float operator-(Float a, Float b);
  friend Float operator*(Float a, Float b);
  static Float quo(Float a, Float b);  // b not zero
  Float operator-() const;
  static int cmp(Float a, Float b);
  friend bool operator==(Float a, Float b) { return cmp(a, b) == 0; }

 private:
  friend struct BigFloat;
  i64 small_ = 0;
  const BigFloat* big_ = nullptr;  // null when the value is the integer small_
};
}  // namespace vole::bignum
