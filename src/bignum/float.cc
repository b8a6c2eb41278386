// Floats: small integers in the handle, then rationals (GMP), then 512-bit binary floats (MPFR).
#include <charconv>
#include <cmath>
#include <cstring>

#include "bignum/rep.h"

namespace vole::bignum {
namespace {
constexpr mpfr_prec_t Precision = 512;
constexpr i64 MaxTermBits = 4096;  // of numerator and denominator of a rational
std::atomic<BigFloat*> all_floats{nullptr};

struct Mpq {
  mpq_t q;
  Mpq() { mpq_init(q); }
  ~Mpq() { mpq_clear(q); }
  Mpq(const Mpq&) = delete;
};
struct Mpfr {
  mpfr_t f;
  explicit Mpfr(mpfr_prec_t p = Precision) {
    if (mpfr_get_emax() != mpfr_get_emax_max()) {  // the range is a thread's own, and small at first
      mpfr_set_emin(mpfr_get_emin_min());
      mpfr_set_emax(mpfr_get_emax_max());
    }
    mpfr_init2(f, p);
  }
  ~Mpfr() { mpfr_clear(f); }
  Mpfr(const Mpfr&) = delete;
};

bool is_rational(Float v) { return !BigFloat::of(v) || BigFloat::of(v)->rational; }
void to_mpq(mpq_ptr out, Float v) {
  if (const BigFloat* b = BigFloat::of(v)) mpq_set(out, b->q);
  else mpq_set_si(out, BigFloat::small(v), 1);
}
void to_mpfr(mpfr_ptr out, Float v) {
  const BigFloat* b = BigFloat::of(v);
  if (!b) mpfr_set_si(out, BigFloat::small(v), MPFR_RNDN);
  else if (b->rational) mpfr_set_q(out, b->q, MPFR_RNDN);
  else mpfr_set(out, b->f, MPFR_RNDN);
}
bool small_terms(mpq_srcptr q) {
  return static_cast<i64>(mpz_sizeinbase(mpq_numref(q), 2)) < MaxTermBits &&
         static_cast<i64>(mpz_sizeinbase(mpq_denref(q), 2)) < MaxTermBits;
}

template <class Q, class F>
Float compute(Float a, Float b, Q rational, F real) {
  if (is_rational(a) && is_rational(b)) {
    Mpq x, y, r;
    to_mpq(x.q, a);
    to_mpq(y.q, b);
    rational(r.q, x.q, y.q);
    return BigFloat::make(r.q);
  }
  Mpfr x, y, r;
  to_mpfr(x.f, a);
  to_mpfr(y.f, b);
  real(r.f, x.f, y.f, MPFR_RNDN);
  return BigFloat::make(r.f);
}

// Rounds to `bits` of precision with the exponent range of an IEEE format, once and to even, subnormals
// included.
double round_ieee(Float v, mpfr_prec_t bits, long emin, long emax) {
  Mpfr r(bits);
  mpfr_exp_t old_min = mpfr_get_emin(), old_max = mpfr_get_emax();
  int ternary;
  const BigFloat* b = BigFloat::of(v);
  mpfr_set_emin(emin);
  mpfr_set_emax(emax);
  if (!b) ternary = mpfr_set_si(r.f, BigFloat::small(v), MPFR_RNDN);
  else if (b->rational) ternary = mpfr_set_q(r.f, b->q, MPFR_RNDN);
  else ternary = mpfr_set(r.f, b->f, MPFR_RNDN);
  ternary = mpfr_check_range(r.f, ternary, MPFR_RNDN);
  mpfr_subnormalize(r.f, ternary, MPFR_RNDN);
  double out = mpfr_get_d(r.f, MPFR_RNDN);
  mpfr_set_emin(old_min);
  mpfr_set_emax(old_max);
  return out;
}
}  // namespace

Float BigFloat::add(BigFloat* b) {
  b->next = all_floats.load(std::memory_order_relaxed);
  while (!all_floats.compare_exchange_weak(b->next, b)) {
  }
  Float r;
  r.big_ = b;
  return r;
}

Float BigFloat::make(mpq_srcptr q) {
  if (mpz_cmp_ui(mpq_denref(q), 1) == 0 && mpz_fits_slong_p(mpq_numref(q))) {
    Float r;
    r.small_ = mpz_get_si(mpq_numref(q));
    return r;
  }
  auto* b = new BigFloat;
  b->rational = small_terms(q);
  if (b->rational) {
    mpq_init(b->q);
    mpq_set(b->q, q);
  } else {
    mpfr_init2(b->f, Precision);
    mpfr_set_q(b->f, q, MPFR_RNDN);
  }
  return add(b);
}

Float BigFloat::make(mpfr_srcptr f) {
  if (mpfr_zero_p(f)) return Float();
  // gc's floats have 32-bit exponents: what lies beyond is infinite or zero.
  bool beyond = mpfr_regular_p(f) && mpfr_get_exp(f) > INT32_MAX;
  if (mpfr_regular_p(f) && mpfr_get_exp(f) < INT32_MIN) return Float();
  auto* b = new BigFloat;
  b->rational = false;
  mpfr_init2(b->f, Precision);
  if (beyond) mpfr_set_inf(b->f, mpfr_sgn(f));
  else mpfr_set(b->f, f, MPFR_RNDN);
  return add(b);
}

Float::Float(Int v) {
  if (v.is_i64()) {
    small_ = v.to_i64();
    return;
  }
  Mpq q;
  to_mpz(mpq_numref(q.q), v);
  *this = BigFloat::make(q.q);
}
Float Float::from_double(double v) {
  Mpq q;
  mpq_set_d(q.q, v);
  return BigFloat::make(q.q);
}
Float Float::ratio(Int a, Int b) {
  Mpq q;
  to_mpz(mpq_numref(q.q), a);
  to_mpz(mpq_denref(q.q), b);
  mpq_canonicalize(q.q);
  return BigFloat::make(q.q);
}

// A literal is digits (base 10 or 16) with an optional point and an optional exponent of 10 or 2. The exact
// value is digits * base^-(digits behind the point) * (10 or 2)^exponent.
bool Float::parse(std::string_view text, Float& out) {
  bool hex = text.size() > 1 && text[0] == '0' && (text[1] | 0x20) == 'x';
  if (!hex && text.size() > 1 && text[0] == '0' && text.find_first_of(".eEpP") == std::string_view::npos) {
    char c = static_cast<char>(text[1] | 0x20);
    if (c == 'b' || c == 'o') {
      Int v;
      if (!Int::parse(text, v)) return false;
      out = Float(v);
      return true;
    }
  }
  if (hex) text.remove_prefix(2);
  std::string digits;
  i64 fraction = 0, exponent = 0;
  bool point = false;
  size_t i = 0;
  for (; i < text.size(); i++) {
    char c = text[i];
    if (c == '_') continue;
    if (c == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    bool digit = (c >= '0' && c <= '9') || (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    if (!digit) break;
    digits += c;
    if (point) fraction++;
  }
  if (digits.empty()) return false;
  if (i < text.size()) {
    char c = static_cast<char>(text[i++] | 0x20);
    if (c != (hex ? 'p' : 'e')) return false;
    bool neg = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) neg = text[i++] == '-';
    if (i == text.size()) return false;
    for (; i < text.size(); i++) {
      if (text[i] == '_') continue;
      if (text[i] < '0' || text[i] > '9') return false;
      if (exponent < 1'000'000'000'000) exponent = exponent * 10 + (text[i] - '0');
    }
    if (neg) exponent = -exponent;
  }
  Mpz m;
  mpz_set_str(m.z, digits.c_str(), hex ? 16 : 10);
  if (mpz_sgn(m.z) == 0) {
    out = Float();
    return true;
  }
  i64 scale = exponent - (hex ? 4 * fraction : fraction);
  // Estimated binary exponent: out of the rationals' range means MPFR.
  double bits = static_cast<double>(mpz_sizeinbase(m.z, 2)) +
                static_cast<double>(scale) * (hex ? 1.0 : 3.3219280948873623);
  if (std::fabs(bits) < static_cast<double>(MaxTermBits)) {
    Mpq q;
    mpz_set(mpq_numref(q.q), m.z);
    Mpz power;
    u64 n = static_cast<u64>(scale < 0 ? -scale : scale);
    if (hex) {
      mpz_set_ui(power.z, 1);
      mpz_mul_2exp(power.z, power.z, n);
    } else {
      mpz_ui_pow_ui(power.z, 10, n);
    }
    if (scale < 0) mpz_set(mpq_denref(q.q), power.z);
    else mpz_mul(mpq_numref(q.q), mpq_numref(q.q), power.z);
    mpq_canonicalize(q.q);
    out = BigFloat::make(q.q);
    return true;
  }
  Mpfr f;
  std::string clean = digits + (hex ? "p" : "e") + std::to_string(scale);
  mpfr_set_str(f.f, clean.c_str(), hex ? 16 : 10, MPFR_RNDN);
  out = BigFloat::make(f.f);
  return true;
}

int Float::sign() const {
  if (!big_) return (small_ > 0) - (small_ < 0);
  return big_->rational ? mpq_sgn(big_->q) : mpfr_sgn(big_->f);
}
bool Float::is_inf() const { return big_ && !big_->rational && (mpfr_inf_p(big_->f) || mpfr_nan_p(big_->f)); }
bool Float::is_int() const {
  if (!big_) return true;
  if (big_->rational) return mpz_cmp_ui(mpq_denref(big_->q), 1) == 0;
  return mpfr_integer_p(big_->f) != 0 && mpfr_get_exp(big_->f) < 1 << 20;
}
Int Float::to_int() const {
  if (!big_) return Int(small_);
  Mpz r;
  if (big_->rational) mpz_tdiv_q(r.z, mpq_numref(big_->q), mpq_denref(big_->q));
  else if (mpfr_number_p(big_->f)) mpfr_get_z(r.z, big_->f, MPFR_RNDZ);
  return BigInt::make(r.z);
}
bool Float::nearly_int(Int& out) const {
  if (is_int()) {
    out = to_int();
    return true;
  }
  if (!big_ || big_->rational || !mpfr_number_p(big_->f) || mpfr_get_exp(big_->f) > 1 << 20) return false;
  for (mpfr_rnd_t mode : {MPFR_RNDD, MPFR_RNDU}) {
    Mpfr r(Precision - 4);
    mpfr_set(r.f, big_->f, mode);
    if (!mpfr_integer_p(r.f)) continue;
    Mpz z;
    mpfr_get_z(z.z, r.f, MPFR_RNDZ);
    out = BigInt::make(z.z);
    return true;
  }
  return false;
}
double Float::to_double() const {
  if (!big_ && small_ > -(i64{1} << 53) && small_ < i64{1} << 53) return static_cast<double>(small_);
  if (is_inf()) return mpfr_get_d(big_->f, MPFR_RNDN);
  return round_ieee(*this, 53, -1073, 1024);
}
float Float::to_float() const {
  if (!big_ && small_ > -(1 << 24) && small_ < 1 << 24) return static_cast<float>(small_);
  if (is_inf()) return mpfr_get_flt(big_->f, MPFR_RNDN);
  return static_cast<float>(round_ieee(*this, 24, -148, 128));
}

std::string Float::to_string() const {
  if (is_inf()) return sign() < 0 ? "-Inf" : "+Inf";
  double d = to_double();
  char buf[64];
  if (sign() == 0 || (d != 0 && std::isfinite(d))) {
    std::snprintf(buf, sizeof buf, "%.6g", d);
    if (is_int() || std::strchr(buf, '.')) return buf;
    // Not integral, though rounded it looks so: all digits.
    auto format =
        std::fabs(d) < 1e-4 || std::fabs(d) >= 1e6 ? std::chars_format::scientific : std::chars_format::fixed;
    return std::string(buf, std::to_chars(buf, buf + sizeof buf, d, format).ptr);
  }
  // Beyond double's range: 6 significant digits with mpfr, without trailing zeros.
  Mpfr f;
  to_mpfr(f.f, *this);
  mpfr_exp_t e;
  char* digits = mpfr_get_str(nullptr, &e, 10, 6, f.f, MPFR_RNDN);
  std::string s(digits);
  mpfr_free_str(digits);
  bool neg = s[0] == '-';
  if (neg) s.erase(0, 1);
  while (s.size() > 1 && s.back() == '0') s.pop_back();
  if (s.size() > 1) s.insert(1, ".");
  e--;
  return std::string(neg ? "-" : "") + s + "e" + (e < 0 ? "-" : "+") + std::to_string(e < 0 ? -e : e);
}

std::string Float::to_exact_string() const {
  if (!big_) return std::to_string(small_);
  char* s;
  if (big_->rational) {
    s = mpq_get_str(nullptr, 10, big_->q);
    std::string out(s);
    std::free(s);
    return out;
  }
  mpfr_asprintf(&s, "%Ra", big_->f);
  std::string out(s);
  mpfr_free_str(s);
  return out;
}

Float Float::from_exact_string(std::string_view text) {
  std::string s(text);
  if (s.find_first_of("pxin") == std::string::npos) {
    Mpq q;
    // Damaged data may say anything.
    if (mpq_set_str(q.q, s.c_str(), 10) != 0 || mpz_sgn(mpq_denref(q.q)) == 0) return Float();
    mpq_canonicalize(q.q);
    return BigFloat::make(q.q);
  }
  Mpfr f;
  mpfr_set_str(f.f, s.c_str(), 0, MPFR_RNDN);
  return BigFloat::make(f.f);
}

Float operator+(Float a, Float b) {
  i64 r;
  if (!a.big_ && !b.big_ && !__builtin_add_overflow(a.small_, b.small_, &r)) return Float(Int(r));
  return compute(a, b, [](auto... x) { mpq_add(x...); }, [](auto... x) { mpfr_add(x...); });
}
Float operator-(Float a, Float b) {
  i64 r;
  if (!a.big_ && !b.big_ && !__builtin_sub_overflow(a.small_, b.small_, &r)) return Float(Int(r));
  return compute(a, b, [](auto... x) { mpq_sub(x...); }, [](auto... x) { mpfr_sub(x...); });
}
Float operator*(Float a, Float b) {
  i64 r;
  if (!a.big_ && !b.big_ && !__builtin_mul_overflow(a.small_, b.small_, &r)) return Float(Int(r));
  return compute(a, b, [](auto... x) { mpq_mul(x...); }, [](auto... x) { mpfr_mul(x...); });
}
Float Float::quo(Float a, Float b) {
  return compute(a, b, [](auto... x) { mpq_div(x...); }, [](auto... x) { mpfr_div(x...); });
}
Float Float::operator-() const { return Float() - *this; }
int Float::cmp(Float a, Float b) {
  if (!a.big_ && !b.big_) return (a.small_ > b.small_) - (a.small_ < b.small_);
  int c;
  if (is_rational(a) && is_rational(b)) {
    Mpq x, y;
    to_mpq(x.q, a);
    to_mpq(y.q, b);
    c = mpq_cmp(x.q, y.q);
  } else {
    Mpfr x, y;
    to_mpfr(x.f, a);
    to_mpfr(y.f, b);
    c = mpfr_cmp(x.f, y.f);
  }
  return (c > 0) - (c < 0);
}
}  // namespace vole::bignum
