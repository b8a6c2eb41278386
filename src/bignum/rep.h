// What the handles of bignum.h point to; only for the .cc files of this folder.
#pragma once
#include <gmp.h>
#include <mpfr.h>

#include <atomic>
#include <cstdlib>

#include "bignum/bignum.h"

namespace vole::bignum {
// Every BigInt and BigFloat is on a list, so that leak checkers know they are kept on purpose.
struct BigInt {
  mpz_t z;
  BigInt* next;
  // The handle for z: small when it fits.
  static Int make(mpz_srcptr z);
  static const BigInt* of(Int v) { return v.big_; }
};

struct BigFloat {
  bool rational;
  union {
    mpq_t q;
    mpfr_t f;
  };
  BigFloat* next;
  BigFloat() {}
  static const BigFloat* of(Float v) { return v.big_; }
  static i64 small(Float v) { return v.small_; }
  static Float make(mpq_srcptr q);   // canonical
  static Float make(mpfr_srcptr f);  // becomes rational again when small
  static Float add(BigFloat* b);
};

struct Mpz {
  mpz_t z;
  Mpz() { mpz_init(z); }
  ~Mpz() { mpz_clear(z); }
  Mpz(const Mpz&) = delete;
};

inline void set_i64(mpz_ptr z, i64 v) { mpz_set_si(z, v); }
void to_mpz(mpz_ptr out, Int v);
static_assert(sizeof(long) == 8);
}  // namespace vole::bignum
