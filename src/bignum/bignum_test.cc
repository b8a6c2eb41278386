#include "bignum/bignum.h"

#include <gtest/gtest.h>

#include <cmath>

using vole::bignum::Float;
using vole::bignum::Int;

static Int I(const char* s) {
  Int v;
  EXPECT_TRUE(Int::parse(s, v)) << s;
  return v;
}
static Float F(const char* s) {
  Float v;
  EXPECT_TRUE(Float::parse(s, v)) << s;
  return v;
}

TEST(Int, Literals) {
  EXPECT_EQ(I("0xFF").to_i64(), 255);
  EXPECT_EQ(I("0b1_01").to_i64(), 5);
  EXPECT_EQ(I("0o17").to_i64(), 15);
  EXPECT_EQ(I("017").to_i64(), 15);
  EXPECT_EQ(I("18446744073709551615").to_u64(), ~0ull);
  EXPECT_EQ(I("340282366920938463463374607431768211456").to_string(),
            "340282366920938463463374607431768211456");
  Int v;
  EXPECT_FALSE(Int::parse("089", v));
}

TEST(Int, Arithmetic) {
  Int one(1), big = one.shl(100);
  EXPECT_EQ(big.bit_length(), 101);
  EXPECT_EQ(big.shr(99).to_i64(), 2);
  EXPECT_EQ((big - big).to_i64(), 0);
  EXPECT_TRUE((big - big).is_i64());
  EXPECT_EQ((-big).sign(), -1);
  EXPECT_EQ(Int::quo(Int(-7), Int(2)).to_i64(), -3);
  EXPECT_EQ(Int::rem(Int(-7), Int(2)).to_i64(), -1);
  EXPECT_EQ((-Int(INT64_MIN)).to_string(), "9223372036854775808");
  EXPECT_EQ(Int::quo(Int(INT64_MIN), Int(-1)).to_string(), "9223372036854775808");
  EXPECT_EQ((~Int(5)).to_i64(), -6);
  EXPECT_EQ(Int::and_not(Int(7), Int(2)).to_i64(), 5);
  EXPECT_EQ(Int(-1).shr(70).to_i64(), -1);
  EXPECT_EQ((-one.shl(64)).low_bits(), 0u);
  EXPECT_EQ((-one.shl(64) - Int(1)).low_bits(), ~0ull);
}

TEST(Float, ExactThenRounded) {
  EXPECT_TRUE(Float::quo(F("1"), F("3")) * F("3") == F("1"));
  EXPECT_EQ(F("0.1").to_double(), 0.1);
  EXPECT_EQ(F("0.1").to_float(), 0.1f);
  EXPECT_EQ(F("0x1p-1074").to_double(), 5e-324);
  EXPECT_EQ(F("0x1p-1075").to_double(), 0);
  EXPECT_EQ(F("0x1.8p-1075").to_double(), 5e-324);
  EXPECT_EQ(F("1e-45").to_float(), 1e-45f);
  EXPECT_TRUE(std::isinf(F("1e309").to_double()));
  EXPECT_TRUE(std::isinf(F("3.5e38").to_float()));
  EXPECT_EQ(F("16777217").to_float(), 16777216.0f);
  EXPECT_TRUE(F("1e100000").is_int());
  EXPECT_TRUE(F("1e10000000000").is_inf());
  EXPECT_EQ(F("1e10000000000000").is_inf(), true);
}

TEST(Float, Text) {
  EXPECT_EQ(F("1e100").to_string(), "1e+100");
  EXPECT_EQ(F("1.25").to_string(), "1.25");
  EXPECT_EQ(F("1e400").to_string(), "1e+400");
  EXPECT_EQ(F("1.5e-400").to_string(), "1.5e-400");
  for (const char* s : {"0.1", "1e400", "1e5000", "0x1p-6000", "12345678901234567890123"}) {
    Float v = F(s);
    EXPECT_TRUE(Float::from_exact_string(v.to_exact_string()) == v) << s;
  }
  EXPECT_EQ(Float::from_exact_string("1/0").sign(), 0);
  EXPECT_EQ(Float::from_exact_string("1/").sign(), 0);
  EXPECT_TRUE(Float::from_exact_string("2/4") == F("0.5"));
}
