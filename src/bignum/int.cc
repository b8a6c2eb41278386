// Integers: machine arithmetic with overflow checks first, GMP when the result does not fit.
#include "bignum/rep.h"

namespace vole::bignum {
namespace {
std::atomic<BigInt*> all_ints{nullptr};

// Read access to a handle as mpz_t, without allocation for small ones.
class View {
 public:
  explicit View(Int v) : v_(v) {
    if (v.is_i64()) {
      mpz_init(tmp_);
      set_i64(tmp_, v.to_i64());
    }
  }
  ~View() {
    if (v_.is_i64()) mpz_clear(tmp_);
  }
  mpz_srcptr get() const { return v_.is_i64() ? tmp_ : BigInt::of(v_)->z; }

 private:
  Int v_;
  mpz_t tmp_;
};

template <class F>
Int compute(Int a, Int b, F f) {
  View x(a), y(b);
  Mpz r;
  f(r.z, x.get(), y.get());
  return BigInt::make(r.z);
}
}  // namespace

Int BigInt::make(mpz_srcptr z) {
  Int r;
  if (mpz_fits_slong_p(z)) {
    r.small_ = mpz_get_si(z);
    return r;
  }
  auto* b = new BigInt;
  mpz_init_set(b->z, z);
  b->next = all_ints.load(std::memory_order_relaxed);
  while (!all_ints.compare_exchange_weak(b->next, b)) {
  }
  r.big_ = b;
  return r;
}

void to_mpz(mpz_ptr out, Int v) {
  if (v.is_i64()) set_i64(out, v.to_i64());
  else mpz_set(out, BigInt::of(v)->z);
}

Int Int::from_u64(u64 v) {
  if (v <= static_cast<u64>(INT64_MAX)) return Int(static_cast<i64>(v));
  Mpz r;
  mpz_set_ui(r.z, v);
  return BigInt::make(r.z);
}

bool Int::parse(std::string_view text, Int& out) {
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    char c = static_cast<char>(text[1] | 0x20);
    size_t skip = 2;
    if (c == 'x') base = 16;
    else if (c == 'b') base = 2;
    else if (c == 'o') base = 8;
    else base = 8, skip = 1;
    text.remove_prefix(skip);
  }
  u64 v = 0;
  bool fits = true, any = false;
  for (char c : text) {
    if (c == '_') continue;
    int d = c >= '0' && c <= '9'                     ? c - '0'
            : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                     : 99;
    if (d >= base) return false;
    any = true;
    if (__builtin_mul_overflow(v, static_cast<u64>(base), &v) ||
        __builtin_add_overflow(v, static_cast<u64>(d), &v))
      fits = false;
  }
  if (!any) return false;
  if (fits) {
    out = from_u64(v);
    return true;
  }
  std::string digits;
  for (char c : text)
    if (c != '_') digits += c;
  Mpz r;
  mpz_set_str(r.z, digits.c_str(), base);
  out = BigInt::make(r.z);
  return true;
}

Int Int::from_string(std::string_view decimal) {
  Mpz r;
  mpz_set_str(r.z, std::string(decimal).c_str(), 10);
  return BigInt::make(r.z);
}

bool Int::is_u64() const { return big_ ? mpz_fits_ulong_p(big_->z) : small_ >= 0; }
u64 Int::to_u64() const { return big_ ? mpz_get_ui(big_->z) : static_cast<u64>(small_); }
u64 Int::low_bits() const {
  if (!big_) return static_cast<u64>(small_);
  u64 m = mpz_get_ui(big_->z);
  return mpz_sgn(big_->z) < 0 ? 0 - m : m;
}
int Int::sign() const { return big_ ? mpz_sgn(big_->z) : (small_ > 0) - (small_ < 0); }
i64 Int::bit_length() const {
  if (big_) return static_cast<i64>(mpz_sizeinbase(big_->z, 2));
  u64 m = small_ < 0 ? 0 - static_cast<u64>(small_) : static_cast<u64>(small_);
  return m ? 64 - __builtin_clzll(m) : 0;
}
double Int::to_double() const { return Float(*this).to_double(); }
std::string Int::to_string() const {
  if (!big_) return std::to_string(small_);
  char* s = mpz_get_str(nullptr, 10, big_->z);
  std::string out(s);
  std::free(s);
  return out;
}

Int operator+(Int a, Int b) {
  i64 r;
  if (!a.big_ && !b.big_ && !__builtin_add_overflow(a.small_, b.small_, &r)) return r;
  return compute(a, b, [](auto... x) { mpz_add(x...); });
}
Int operator-(Int a, Int b) {
  i64 r;
  if (!a.big_ && !b.big_ && !__builtin_sub_overflow(a.small_, b.small_, &r)) return r;
  return compute(a, b, [](auto... x) { mpz_sub(x...); });
}
Int operator*(Int a, Int b) {
  i64 r;
  if (!a.big_ && !b.big_ && !__builtin_mul_overflow(a.small_, b.small_, &r)) return r;
  return compute(a, b, [](auto... x) { mpz_mul(x...); });
}
Int Int::quo(Int a, Int b) {
  if (!a.big_ && !b.big_ && !(a.small_ == INT64_MIN && b.small_ == -1)) return a.small_ / b.small_;
  return compute(a, b, [](auto... x) { mpz_tdiv_q(x...); });
}
Int Int::rem(Int a, Int b) {
  if (!a.big_ && !b.big_) return b.small_ == -1 ? 0 : a.small_ % b.small_;
  return compute(a, b, [](auto... x) { mpz_tdiv_r(x...); });
}
Int operator&(Int a, Int b) {
  if (!a.big_ && !b.big_) return a.small_ & b.small_;
  return compute(a, b, [](auto... x) { mpz_and(x...); });
}
Int operator|(Int a, Int b) {
  if (!a.big_ && !b.big_) return a.small_ | b.small_;
  return compute(a, b, [](auto... x) { mpz_ior(x...); });
}
Int operator^(Int a, Int b) {
  if (!a.big_ && !b.big_) return a.small_ ^ b.small_;
  return compute(a, b, [](auto... x) { mpz_xor(x...); });
}
Int Int::and_not(Int a, Int b) { return a & ~b; }
Int Int::operator-() const { return Int(0) - *this; }
Int Int::operator~() const { return Int(-1) - *this; }
Int Int::shl(u64 n) const {
  if (is_zero()) return *this;
  i64 r;
  if (!big_ && n < 62 && !__builtin_mul_overflow(small_, i64{1} << n, &r)) return r;
  View x(*this);
  Mpz out;
  mpz_mul_2exp(out.z, x.get(), n);
  return BigInt::make(out.z);
}
Int Int::shr(u64 n) const {
  if (!big_) return n > 63 ? (small_ < 0 ? -1 : 0) : small_ >> n;
  Mpz out;
  mpz_fdiv_q_2exp(out.z, big_->z, n);
  return BigInt::make(out.z);
}
int Int::cmp(Int a, Int b) {
  if (!a.big_ && !b.big_) return (a.small_ > b.small_) - (a.small_ < b.small_);
  View x(a), y(b);
  int c = mpz_cmp(x.get(), y.get());
  return (c > 0) - (c < 0);
}
}  // namespace vole::bignum
