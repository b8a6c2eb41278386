// Constant arithmetic as the checker does it: exact, in the larger kind of the operands; what a type can
// represent; rounding.
#include "types/const_value.h"
#include "types/test_package.h"

namespace vole::types {
namespace {
// The value of a constant expression as messages show it.
std::string eval(const std::string& expr) {
  TestPackage p("const x = " + expr + "\n");
  EXPECT_EQ(p.errors(), "") << expr;
  return value_string(p.value("x"));
}
// The message about a constant declaration, without its position; empty when it is right.
std::string fault(const std::string& declaration) {
  std::string e = TestPackage("const " + declaration + "\n").errors();
  size_t at = e.find(": ");
  return at == e.npos ? e : e.substr(at + 2, e.size() - at - 3);
}

TEST(Const, IntegersAreExact) {
  EXPECT_EQ(eval("1<<100 - 1"), "1267650600228229401496703205375");
  EXPECT_EQ(eval("(1<<200 + 1) % (1 << 100)"), "1");
  EXPECT_EQ(eval("-7 / 2"), "-3");
  EXPECT_EQ(eval("-7 % 2"), "-1");
  EXPECT_EQ(eval("-7 >> 1"), "-4");
  EXPECT_EQ(eval("6 &^ 3 | 8 ^ 13"), "1");
  EXPECT_EQ(eval("^0"), "-1");
  EXPECT_EQ(eval("^uint8(1)"), "254");
  EXPECT_EQ(eval("'a' + 1"), "98");
}

TEST(Const, RationalsAreExact) {
  EXPECT_EQ(eval("1.0/3*3 == 1"), "true");
  EXPECT_EQ(eval("0.1 + 0.2 == 0.3"), "true");
  EXPECT_EQ(eval("1/3"), "0");
  EXPECT_EQ(eval("1/3.0 > 0.333"), "true");
  EXPECT_EQ(eval("1e400 / 1e399"), "10");
  EXPECT_EQ(eval("0x1p-2"), "0.25");
  EXPECT_EQ(eval("5.0 << 3"), "40");
}

TEST(Const, TypedFloatsAreRounded) {
  EXPECT_EQ(eval("float64(0.1) + float64(0.2) == float64(0.3)"), "false");
  EXPECT_EQ(eval("float32(0.1) == 0.1"), "true");  // both rounded to float32
  EXPECT_EQ(eval("float64(float32(0.1)) == 0.1"), "false");
  EXPECT_EQ(eval("float32(16777217)"), "1.67772e+07");
  EXPECT_EQ(eval("float32(16777217) == 16777216"), "true");
  EXPECT_EQ(eval("float64(1<<53 + 1) == 1<<53"), "true");
  EXPECT_EQ(eval("float32(1e-50) == 0"), "true");
  EXPECT_EQ(eval("float64(0x1.fffffffffffff8p0) == 2"), "true");  // half way: to even
}

TEST(Const, ComplexAndConversions) {
  EXPECT_EQ(eval("(1 + 2i) * (3 - 1i)"), "(5 + 5i)");
  EXPECT_EQ(eval("real(3 + 4i) + imag(3 + 4i)"), "7");
  EXPECT_EQ(eval("(1 + 2i) == complex(1, 2)"), "true");
  EXPECT_EQ(eval("int(4i * -1i)"), "4");
  EXPECT_EQ(eval("string('ä') + \"b\" + `c`"), "\"äbc\"");
  EXPECT_EQ(eval("len(\"äb\")"), "3");
  EXPECT_EQ(eval("\"a\" < \"b\" && !false"), "true");
  EXPECT_EQ(eval("min(3, 1.5, 'a')"), "1.5");
  EXPECT_EQ(eval("max(\"a\", \"b\")"), "\"b\"");
}

TEST(Const, KindsOfUntypedConstants) {
  TestPackage p(
      "const (\n\ta = 1\n\tb = 'x' + 1\n\tc = 1 + 2.0\n\td = 1 + 0i\n\te = 1 << 3.0\n\tf = 'a' << 1\n\tg = 1 "
      "< 2\n\th = 1 / 2.5i\n)\n");
  ASSERT_EQ(p.errors(), "");
  const char* wanted[] = {"untyped int", "untyped rune", "untyped float", "untyped complex",
                          "untyped int", "untyped rune", "untyped bool",  "untyped complex"};
  for (size_t i = 0; i < 8; i++)
    EXPECT_EQ(p.type_text(std::string(1, static_cast<char>('a' + i))), wanted[i]);
}

TEST(Const, Representability) {
  const char* fine[] = {"x int8 = -128",        "x uint64 = 1<<64 - 1", "x int = 5.0",      "x int = 'a'",
                        "x byte = 0x1p7",       "x float32 = 1e38",     "x int = 3 + 0i",   "x complex64 = 1",
                        "x float64 = 0x1p1023", "x rune = 1.0e3",       "x uintptr = 1<<63"};
  for (const char* d : fine) EXPECT_EQ(fault(d), "") << d;
  const char* wrong[][2] = {
      {"x int8 = 128",
       "cannot use 128 (untyped int constant) as int8 value in constant declaration (overflows)"},
      {"x uint = -1",
       "cannot use -1 (untyped int constant) as uint value in constant declaration (overflows)"},
      {"x int = 1.5",
       "cannot use 1.5 (untyped float constant) as int value in constant declaration (truncated)"},
      {"x float32 = 1e39",
       "cannot use 1e39 (untyped float constant 1e+39) as float32 value in constant declaration (overflows)"},
      {"x int = 1i",
       "cannot use 1i (untyped complex constant (0 + 1i)) as int value in constant declaration (truncated)"},
      {"x string = 1", "cannot use 1 (untyped int constant) as string value in constant declaration"},
      {"x = int8(127) + 1", "int8(127) + 1 (constant 128 of type int8) overflows int8"},
      {"x = uint8(255) << 1", "uint8(255) << 1 (constant 510 of type uint8) overflows uint8"},
      {"x = -uint8(1)", "-uint8(1) (constant -1 of type uint8) overflows uint8"},
      {"x = int8(200)", "constant 200 overflows int8"},
      {"x = 1 / 0", "invalid operation: division by zero"},
      {"x = 1.0 / 0.0", "invalid operation: division by zero"},
      {"x = 1 << 600", "constant shift overflow"},
      {"x = 1 << -1", "invalid operation: negative shift count -1 (untyped int constant)"},
      {"x = 1 << 510 * (1 << 510)", "constant multiplication overflow"},
  };
  for (auto& [d, text] : wrong) EXPECT_EQ(fault(d), text) << d;
}

TEST(Const, Iota) {
  TestPackage p("const (\n\ta, b = iota, 1 << iota\n\t_, _\n\tc, d\n\te = \"x\"\n\tf\n)\n");
  ASSERT_EQ(p.errors(), "");
  EXPECT_EQ(value_string(p.value("c")), "2");
  EXPECT_EQ(value_string(p.value("d")), "4");
  EXPECT_EQ(value_string(p.value("f")), "\"x\"");
}

TEST(Const, LongConcatenationsArePutTogetherOnce) {
  std::string expr = "\"a\"";
  for (int i = 0; i < 5000; i++) expr += " + \"b\"";
  TestPackage p("const x = " + expr + "\nconst n = len(x)\nconst same = x == x + \"\"\n");
  ASSERT_EQ(p.errors(), "");
  EXPECT_EQ(value_string(p.value("n")), "5001");
  EXPECT_EQ(p.value("x")->string().size(), 5001u);
  EXPECT_EQ(value_string(p.value("same")), "true");
}

TEST(Const, ValuesDirectly) {
  Arena a;
  auto num = [&](i64 v) { return make_int(a, bignum::Int(v)); };
  EXPECT_EQ(to_int(a, make_float(a, bignum::Float::ratio(bignum::Int(6), bignum::Int(3))))->kind,
            ConstValue::Int);
  EXPECT_TRUE(is_unknown(to_int(a, make_float(a, bignum::Float::ratio(bignum::Int(1), bignum::Int(3))))));
  EXPECT_TRUE(
      is_unknown(to_float(a, make_complex(a, bignum::Float(bignum::Int(1)), bignum::Float(bignum::Int(1))))));
  EXPECT_EQ(value_string(binary_value(a, num(7), syntax::Tok::Div, num(2), false)), "3.5");
  EXPECT_EQ(value_string(binary_value(a, num(7), syntax::Tok::Div, num(2), true)), "3");
  EXPECT_EQ(value_string(unary_value(a, syntax::Tok::Xor, num(1), 16)), "65534");
  EXPECT_TRUE(compare_values(num(2), syntax::Tok::Eql, make_float(a, bignum::Float(bignum::Int(2)))));
  EXPECT_EQ(literal_value(a, syntax::LitKind::Int, "0b2"), nullptr);
}
}  // namespace
}  // namespace vole::types
