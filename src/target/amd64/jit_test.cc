// Runs generated code: text SSA in, machine code mapped executable, called through a trampoline that sets up
// Go's fixed registers.
#include "target/amd64/jit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

// rdi code, rsi ints, rdx floats, rcx g, r8 stack top.
__asm__(R"(
.text
.globl vole_jit_call
vole_jit_call:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, -8(%r8)
  movq %rsi, -16(%r8)
  movq %rdx, -24(%r8)
  movq %rdi, -32(%r8)
  leaq -512(%r8), %rsp
  movq %rcx, %r14
  movq %rdi, %r13
  movq %rsi, %r12
  movsd 0(%rdx), %xmm0
  movsd 8(%rdx), %xmm1
  movsd 16(%rdx), %xmm2
  movsd 24(%rdx), %xmm3
  movsd 32(%rdx), %xmm4
  movsd 40(%rdx), %xmm5
  movsd 48(%rdx), %xmm6
  movsd 56(%rdx), %xmm7
  movsd 64(%rdx), %xmm8
  movsd 72(%rdx), %xmm9
  movsd 80(%rdx), %xmm10
  movsd 88(%rdx), %xmm11
  movsd 96(%rdx), %xmm12
  movsd 104(%rdx), %xmm13
  movsd 112(%rdx), %xmm14
  movq 0(%r12), %rax
  movq 8(%r12), %rbx
  movq 16(%r12), %rcx
  movq 24(%r12), %rdi
  movq 32(%r12), %rsi
  movq 40(%r12), %r8
  movq 48(%r12), %r9
  movq 56(%r12), %r10
  movq 64(%r12), %r11
  xorps %xmm15, %xmm15
  callq *%r13
  leaq 512(%rsp), %rdx
  movq -16(%rdx), %r12
  movq %rax, 0(%r12)
  movq %rbx, 8(%r12)
  movq %rcx, 16(%r12)
  movq %rdi, 24(%r12)
  movq %rsi, 32(%r12)
  movq -24(%rdx), %r12
  movsd %xmm0, 0(%r12)
  movsd %xmm1, 8(%r12)
  movsd %xmm2, 16(%r12)
  movsd %xmm3, 24(%r12)
  movq -8(%rdx), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  ret
)");

namespace vole::target {
namespace {
#define COMPILE(jit, ...) ASSERT_TRUE((jit).compile(__VA_ARGS__)) << (jit).error

TEST(Jit, SumLoop) {
  Jit j;
  COMPILE(j, R"(func @sum (i64) -> (i64) {
b0(v0: i64):
  v1: i64 = const #0
  jump -> b1(v1, v1)
b1(v2: i64, v3: i64):
  v4: i8 = icmp.lts v2, v0
  br v4 -> b2, b3
b2:
  v5: i64 = add v3, v2
  v6: i64 = const #1
  v7: i64 = add v2, v6
  jump -> b1(v7, v5)
b3:
  ret v3
})");
  EXPECT_EQ(j.call("sum", {10}), 45u);
  EXPECT_EQ(j.call("sum", {0}), 0u);
}

TEST(Jit, RecursionAndSpills) {
  Jit j;
  COMPILE(j, R"(func @fib (i64) -> (i64) {
b0(v0: i64):
  v1: i64 = const #2
  v2: i8 = icmp.lts v0, v1
  br v2 -> b1, b2
b1:
  ret v0
b2:
  v3: i64 = const #1
  v4: i64 = sub v0, v3
  v5 = call @fib v4 sig (i64) -> (i64) ;
  v6: i64 = extract v5
  v7: i64 = sub v0, v1
  v8 = call @fib v7 sig (i64) -> (i64) ;
  v9: i64 = extract v8
  v10: i64 = add v6, v9
  ret v10
})");
  EXPECT_EQ(j.call("fib", {20}), 6765u);
}

struct BinCase {
  const char* op;
  const char* ty;
  u64 a, b, want;
};
class Binary : public testing::TestWithParam<BinCase> {};
u64 truncate(u64 x, std::string_view ty) {
  return ty == "i8" ? x & 0xff : ty == "i16" ? x & 0xffff : ty == "i32" ? x & 0xffffffff : x;
}

TEST_P(Binary, Runs) {
  const BinCase& c = GetParam();
  std::string ty = c.ty;
  Jit j;
  // Once with operands in registers, once with each a constant.
  std::string text = "func @f (" + ty + ", " + ty + ") -> (" + ty + ") {\nb0(v0: " + ty + ", v1: " + ty +
                     "):\n v2: " + ty + " = " + c.op + " v0, v1\n ret v2\n}\n";
  text += "func @g (" + ty + ") -> (" + ty + ") {\nb0(v0: " + ty + "):\n v1: " + ty + " = const #" +
          std::to_string(static_cast<i64>(c.b)) + "\n v2: " + ty + " = " + c.op + " v0, v1\n ret v2\n}\n";
  text += "func @h (" + ty + ") -> (" + ty + ") {\nb0(v1: " + ty + "):\n v0: " + ty + " = const #" +
          std::to_string(static_cast<i64>(c.a)) + "\n v2: " + ty + " = " + c.op + " v0, v1\n ret v2\n}\n";
  COMPILE(j, text);
  constexpr u64 Junk = 0xdeadbeefcafe0000;
  u64 ja = ty == "i64" ? c.a : (truncate(c.a, ty) | (ty == "i32" ? 0xdeadbeef00000000 : Junk));
  u64 jb = ty == "i64" ? c.b : (truncate(c.b, ty) | (ty == "i32" ? 0xdeadbeef00000000 : Junk));
  EXPECT_EQ(truncate(j.call("f", {ja, jb}), ty), c.want);
  EXPECT_EQ(truncate(j.call("g", {ja}), ty), c.want);
  EXPECT_EQ(truncate(j.call("h", {jb}), ty), c.want);
}
constexpr u64 Min64 = u64{1} << 63;
INSTANTIATE_TEST_SUITE_P(
    Ops, Binary,
    testing::Values(
        BinCase{"add", "i64", 5, 7, 12}, BinCase{"sub", "i64", 5, 7, static_cast<u64>(-2)},
        BinCase{"mul", "i64", 5, 9, 45}, BinCase{"mul", "i32", 0x10001, 0x10001, 0x20001},
        BinCase{"add", "i8", 200, 100, 44},
        BinCase{"divs", "i64", static_cast<u64>(-7), 2, static_cast<u64>(-3)},
        BinCase{"rems", "i64", static_cast<u64>(-7), 2, static_cast<u64>(-1)},
        BinCase{"divs", "i64", Min64, static_cast<u64>(-1), Min64},
        BinCase{"rems", "i64", Min64, static_cast<u64>(-1), 0},
        BinCase{"divs", "i32", 0x80000000, 0xffffffffffffffff, 0x80000000},
        BinCase{"divs", "i8", 0x80, static_cast<u64>(-1), 0x80}, BinCase{"divu", "i8", 200, 7, 28},
        BinCase{"remu", "i16", 60000, 7, 60000 % 7},
        BinCase{"divu", "i64", static_cast<u64>(-1), 10, static_cast<u64>(-1) / 10},
        BinCase{"shl", "i64", 1, 63, Min64}, BinCase{"shl", "i64", 1, 64, 0},
        BinCase{"shl", "i64", 1, 1000, 0}, BinCase{"shl", "i8", 1, 7, 128}, BinCase{"shl", "i8", 1, 8, 0},
        BinCase{"shl", "i8", 1, 40, 0}, BinCase{"shru", "i64", Min64, 63, 1},
        BinCase{"shru", "i64", Min64, 64, 0}, BinCase{"shru", "i8", 0x80, 7, 1},
        BinCase{"shru", "i8", 0x80, 9, 0}, BinCase{"shru", "i16", 0x8000, 200, 0},
        BinCase{"shrs", "i64", Min64, 63, static_cast<u64>(-1)},
        BinCase{"shrs", "i64", Min64, 64, static_cast<u64>(-1)}, BinCase{"shrs", "i8", 0x80, 7, 0xff},
        BinCase{"shrs", "i8", 0x80, 255, 0xff}, BinCase{"shrs", "i8", 0x40, 255, 0},
        BinCase{"shrs", "i32", 0x80000000, 33, 0xffffffff}, BinCase{"rotl", "i64", Min64 | 1, 1, 3},
        BinCase{"rotl", "i8", 0x81, 9, 3}, BinCase{"rotl", "i32", 0x80000001, 4, 0x18},
        BinCase{"mulhu", "i64", static_cast<u64>(-1), 2, 1},
        BinCase{"mulhs", "i64", static_cast<u64>(-1), 2, static_cast<u64>(-1)},
        BinCase{"mulhu", "i8", 255, 255, 0xfe}, BinCase{"mulhs", "i16", 0x8000, 2, 0xffff},
        BinCase{"mulhu", "i32", 0xffffffff, 0xffffffff, 0xfffffffe}, BinCase{"and", "i64", 0x1ff, 0xff, 0xff},
        BinCase{"and", "i64", Min64 | 5, Min64 | 4, Min64 | 4}, BinCase{"or", "i16", 0x100, 1, 0x101},
        BinCase{"xor", "i32", 0xffffffff, 1, 0xfffffffe}, BinCase{"sub", "i32", 1, 0x80000000, 0x80000001}));

TEST(Jit, CompareAllConditions) {
  const char* conds[] = {"eq", "ne", "lts", "les", "gts", "ges", "ltu", "leu", "gtu", "geu"};
  const char* types[] = {"i8", "i16", "i32", "i64"};
  u64 samples[] = {0, 1, 5, 0x7f, 0x80, 0xff, 0x8000, 0x80000000, Min64, static_cast<u64>(-1)};
  for (const char* ty : types) {
    for (int c = 0; c < 10; c++) {
      Jit j;
      std::string t = ty, cond = conds[c];
      COMPILE(j, "func @v (" + t + "," + t + ") -> (i8) {\nb0(v0: " + t + ", v1: " + t +
                     "):\n v2: i8 = icmp." + cond + " v0, v1\n ret v2\n}\nfunc @b (" + t + "," + t +
                     ") -> (i64) {\nb0(v0: " + t + ", v1: " + t + "):\n v2: i8 = icmp." + cond +
                     " v0, v1\n br v2 -> b1, b2\nb1:\n v3: i64 = const #1\n ret v3\nb2:\n v4: i64 = const "
                     "#0\n ret v4\n}\nfunc @s (" +
                     t + "," + t + ") -> (i64) {\nb0(v0: " + t + ", v1: " + t + "):\n v2: i8 = icmp." + cond +
                     " v0, v1\n v3: i64 = const #1\n v4: i64 = const #0\n v5: i64 = select v2, v3, v4\n ret "
                     "v5\n}\nfunc @z (" +
                     t + ") -> (i64) {\nb0(v0: " + t + "):\n v1: " + t + " = const #5\n v2: i8 = icmp." +
                     cond +
                     " v0, v1\n v3: i64 = const #1\n v4: i64 = const #0\n v5: i64 = select v2, v3, v4\n ret "
                     "v5\n}\n");
      for (u64 a : samples) {
        for (u64 b : samples) {
          int bits = t == "i8" ? 8 : t == "i16" ? 16 : t == "i32" ? 32 : 64;
          u64 ua = truncate(a, t), ub = truncate(b, t);
          i64 sa = static_cast<i64>(ua << (64 - bits)) >> (64 - bits),
              sb = static_cast<i64>(ub << (64 - bits)) >> (64 - bits);
          bool want[] = {ua == ub, ua != ub, sa<sb, sa <= sb, sa> sb, sa >= sb, ua<ub, ua <= ub, ua> ub,
                         ua >= ub};
          ASSERT_EQ(j.call("v", {a, b}) & 0xff, want[c]) << ty << cond << a << " " << b;
          ASSERT_EQ(j.call("b", {a, b}), want[c]);
          ASSERT_EQ(j.call("s", {a, b}), want[c]);
          if (b == 5) ASSERT_EQ(j.call("z", {a}), want[c]);
        }
      }
    }
  }
}

TEST(Jit, FloatCompareWithNaN) {
  const char* conds[] = {"eq", "ne", "lts", "les", "gts", "ges"};
  double nan = std::numeric_limits<double>::quiet_NaN();
  double samples[] = {0.0, -0.0, 1.0, -1.0, nan, INFINITY};
  for (int c = 0; c < 6; c++) {
    Jit j;
    std::string cond = conds[c];
    COMPILE(j,
            "func @v (f64,f64) -> (i8) {\nb0(v0: f64, v1: f64):\n v2: i8 = fcmp." + cond +
                " v0, v1\n ret v2\n}\nfunc @b (f64,f64) -> (i64) {\nb0(v0: f64, v1: f64):\n v2: i8 = fcmp." +
                cond +
                " v0, v1\n br v2 -> b1, b2\nb1:\n v3: i64 = const #1\n ret v3\nb2:\n v4: i64 = const #0\n "
                "ret v4\n}\n");
    for (double a : samples) {
      for (double b : samples) {
        bool want[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
        j.callf("v", {a, b});
        ASSERT_EQ(j.ints[0] & 0xff, want[c]) << cond << a << " " << b;
        j.callf("b", {a, b});
        ASSERT_EQ(j.ints[0], want[c]) << cond << a << " " << b;
      }
    }
  }
}

TEST(Jit, FloatOps) {
  Jit j;
  COMPILE(j, R"(
func @min (f64, f64) -> (f64) {
b0(v0: f64, v1: f64):
  v2: f64 = fmin v0, v1
  ret v2
}
func @max (f64, f64) -> (f64) {
b0(v0: f64, v1: f64):
  v2: f64 = fmax v0, v1
  ret v2
}
func @neg (f64) -> (f64) {
b0(v0: f64):
  v2: f64 = fneg v0
  ret v2
}
func @abs (f64) -> (f64) {
b0(v0: f64):
  v2: f64 = fabs v0
  ret v2
}
func @copysign (f64, f64) -> (f64) {
b0(v0: f64, v1: f64):
  v2: f64 = fcopysign v0, v1
  ret v2
}
func @floor (f64) -> (f64) {
b0(v0: f64):
  v2: f64 = fround v0 #1
  ret v2
}
func @fma (f64, f64, f64) -> (f64) {
b0(v0: f64, v1: f64, v3: f64):
  v2: f64 = fma v0, v1, v3
  ret v2
}
func @utof (i64) -> (f64) {
b0(v0: i64):
  v2: f64 = utof v0
  ret v2
}
func @ftou (f64) -> (i64) {
b0(v0: f64):
  v2: i64 = ftou v0
  ret v2
}
func @ftos (f64) -> (i32) {
b0(v0: f64):
  v2: i32 = ftos v0
  ret v2
}
func @half (f64) -> (f64) {
b0(v0: f64):
  v1: f64 = const #4602678819172646912
  v2: f64 = fmul v0, v1
  v3: f32 = ftof v2
  v4: f64 = ftof v3
  ret v4
}
func @bits (f64) -> (i64) {
b0(v0: f64):
  v1: i64 = bitcast v0
  ret v1
})");
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(j.callf("min", {1, 2}), 1);
  EXPECT_TRUE(std::signbit(j.callf("min", {0.0, -0.0})));
  EXPECT_TRUE(std::signbit(j.callf("min", {-0.0, 0.0})));
  EXPECT_FALSE(std::signbit(j.callf("max", {-0.0, 0.0})));
  EXPECT_FALSE(std::signbit(j.callf("max", {0.0, -0.0})));
  EXPECT_TRUE(std::isnan(j.callf("min", {nan, 1})));
  EXPECT_TRUE(std::isnan(j.callf("min", {1, nan})));
  EXPECT_TRUE(std::isnan(j.callf("max", {1, nan})));
  EXPECT_EQ(j.callf("max", {-3, 2}), 2);
  EXPECT_EQ(j.callf("neg", {3}), -3);
  EXPECT_EQ(j.callf("abs", {-3}), 3);
  EXPECT_EQ(j.callf("copysign", {3, -1}), -3);
  EXPECT_EQ(j.callf("floor", {-1.5}), -2);
  EXPECT_EQ(j.callf("fma", {2, 3, 4}), 10);
  EXPECT_EQ(j.callf("half", {3}), 1.5);
  j.call("utof", {Min64 + 4096});
  EXPECT_EQ(j.floats[0], 9223372036854779904.0);
  j.call("utof", {7});
  EXPECT_EQ(j.floats[0], 7.0);
  j.callf("ftou", {9223372036854779904.0});
  EXPECT_EQ(j.ints[0], Min64 + 4096);
  j.callf("ftou", {7.9});
  EXPECT_EQ(j.ints[0], 7u);
  j.callf("ftos", {-7.9});
  EXPECT_EQ(static_cast<i32>(j.ints[0]), -7);
  j.callf("bits", {1.0});
  EXPECT_EQ(j.ints[0], 0x3ff0000000000000u);
}

TEST(Jit, BitsAndWide) {
  Jit j;
  std::string text;
  for (const char* ty : {"i8", "i16", "i32", "i64"}) {
    for (const char* op : {"clz", "ctz", "popcnt", "bswap", "neg", "not"}) {
      text += std::string("func @") + op + ty + " (" + ty + ") -> (" + ty + ") {\nb0(v0: " + ty +
              "):\n v1: " + ty + " = " + op + " v0\n ret v1\n}\n";
    }
  }
  text += R"(
func @addc (i64, i64, i64) -> (i64, i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = addc v0, v1, v2
  v4: i64 = extract v3
  v5: i64 = extract v3 #1
  ret v4, v5
}
func @subb (i64, i64, i64) -> (i64, i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = subb v0, v1, v2
  v4: i64 = extract v3
  v5: i64 = extract v3 #1
  ret v4, v5
}
func @mul128 (i64, i64) -> (i64, i64) {
b0(v0: i64, v1: i64):
  v3 = mul128u v0, v1
  v4: i64 = extract v3
  v5: i64 = extract v3 #1
  ret v4, v5
}
func @div128 (i64, i64, i64) -> (i64, i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = div128u v0, v1, v2
  v4: i64 = extract v3
  v5: i64 = extract v3 #1
  ret v4, v5
})";
  COMPILE(j, text);
  EXPECT_EQ(j.call("clzi64", {1}), 63u);
  EXPECT_EQ(j.call("clzi64", {0}), 64u);
  EXPECT_EQ(j.call("clzi32", {0xffffffff00000001}) & 0xffffffff, 31u);
  EXPECT_EQ(j.call("clzi32", {0}) & 0xffffffff, 32u);
  EXPECT_EQ(j.call("clzi8", {0xff01}) & 0xff, 7u);
  EXPECT_EQ(j.call("clzi16", {0}) & 0xffff, 16u);
  EXPECT_EQ(j.call("ctzi64", {8}), 3u);
  EXPECT_EQ(j.call("ctzi64", {0}), 64u);
  EXPECT_EQ(j.call("ctzi32", {0xf00000000}) & 0xffffffff, 32u);
  EXPECT_EQ(j.call("ctzi8", {0xff00}) & 0xff, 8u);
  EXPECT_EQ(j.call("popcnti8", {0xff03}) & 0xff, 2u);
  EXPECT_EQ(j.call("bswapi16", {0x1234}) & 0xffff, 0x3412u);
  EXPECT_EQ(j.call("bswapi32", {0x12345678}) & 0xffffffff, 0x78563412u);
  j.call("addc", {static_cast<u64>(-1), 0, 1});
  EXPECT_EQ(j.ints[0], 0u);
  EXPECT_EQ(j.ints[1], 1u);
  j.call("addc", {1, 2, 0});
  EXPECT_EQ(j.ints[0], 3u);
  EXPECT_EQ(j.ints[1], 0u);
  j.call("subb", {0, 0, 1});
  EXPECT_EQ(j.ints[0], static_cast<u64>(-1));
  EXPECT_EQ(j.ints[1], 1u);
  j.call("mul128", {static_cast<u64>(-1), 16});
  EXPECT_EQ(j.ints[0], 15u);
  EXPECT_EQ(j.ints[1], static_cast<u64>(-16));
  j.call("div128", {1, 0, 16});
  EXPECT_EQ(j.ints[0], u64{1} << 60);
  EXPECT_EQ(j.ints[1], 0u);
}

TEST(Jit, MemoryAndAddresses) {
  Jit j;
  COMPILE(j, R"(
func @sum (ptr, i64) -> (i64) {
b0(v0: ptr, v1: i64):
  v2: i64 = const #0
  jump -> b1(v2, v2)
b1(v3: i64, v4: i64):
  v5: i8 = icmp.lts v3, v1
  br v5 -> b2, b3
b2:
  v6: i64 = const #3
  v7: i64 = shl v3, v6
  v8: ptr = ptradd v0, v7
  v9: i64 = load v8
  v10: i64 = add v4, v9
  v11: i64 = const #1
  v12: i64 = add v3, v11
  jump -> b1(v12, v10)
b3:
  ret v4
}
func @local (i64) -> (i64) {
b0(v0: i64):
  v1: ptr = alloca layout(64, 8)
  zero v1 size=64 layout(64, 8)
  store v1, v0 #16
  v2: ptr = alloca layout(64, 8)
  move v2, v1 size=64 layout(64, 8)
  v3: i64 = load v2 #16
  v4: i64 = load v2 #24
  v5: i64 = add v3, v4
  ret v5
}
func @copy (ptr, ptr) -> () {
b0(v0: ptr, v1: ptr):
  move v0, v1 size=13
  ret
}
func @cas (ptr, i32, i32) -> (i8) {
b0(v0: ptr, v1: i32, v2: i32):
  v3: i8 = acas v0, v1, v2
  ret v3
}
func @atomics (ptr, i64) -> (i64, i64, i64, i64) {
b0(v0: ptr, v1: i64):
  v2: i64 = aadd v0, v1
  v3: i64 = axchg v0, v1
  v4: i64 = aor v0, v2
  aand v0, v3
  v6: i64 = aload v0
  ret v2, v3, v4, v6
}
func @switch (i64) -> (i64) {
b0(v0: i64):
  switch v0 -> b1, b2, b3, b4
b1:
  v1: i64 = const #10
  ret v1
b2:
  v2: i64 = const #20
  ret v2
b3:
  v3: i64 = const #30
  ret v3
b4:
  v4: i64 = const #40
  ret v4
})");
  u64 a[] = {1, 2, 3, 4, 5};
  EXPECT_EQ(j.call("sum", {reinterpret_cast<u64>(a), 5}), 15u);
  EXPECT_EQ(j.call("local", {42}), 42u);
  char from[] = "hello, world!", to[16] = "---------------";
  j.call("copy", {reinterpret_cast<u64>(to), reinterpret_cast<u64>(from)});
  EXPECT_STREQ(to, "hello, world!--");
  u32 word[2] = {5, 77};
  EXPECT_EQ(j.call("cas", {reinterpret_cast<u64>(word), 5, 6}) & 0xff, 1u);
  EXPECT_EQ(j.call("cas", {reinterpret_cast<u64>(word), 5, 7}) & 0xff, 0u);
  EXPECT_EQ(word[0], 6u);
  EXPECT_EQ(word[1], 77u);
  u64 cell = 8;
  EXPECT_EQ(j.call("atomics", {reinterpret_cast<u64>(&cell), 3}), 8u);
  EXPECT_EQ(j.ints[1], 11u);
  EXPECT_EQ(j.ints[2], 3u);
  EXPECT_EQ(j.ints[3], (3u | 8u) & 11u);
  for (u64 i = 0; i < 6; i++) EXPECT_EQ(j.call("switch", {i}), i < 3 ? 10 * (i + 1) : 40);
}

TEST(Jit, ParallelMovesOnEdges) {
  Jit j;
  // Parameters rotate on the back edge: a cycle of registers.
  COMPILE(j, R"(func @rotate (i64, i64, i64, i64) -> (i64, i64, i64) {
b0(v0: i64, v1: i64, v2: i64, v3: i64):
  jump -> b1(v0, v1, v2, v3)
b1(v4: i64, v5: i64, v6: i64, v7: i64):
  v8: i64 = const #0
  v9: i8 = icmp.ne v7, v8
  br v9 -> b2, b3
b2:
  v10: i64 = const #1
  v11: i64 = sub v7, v10
  jump -> b1(v5, v6, v4, v11)
b3:
  ret v4, v5, v6
})");
  j.call("rotate", {1, 2, 3, 4});
  EXPECT_EQ(j.ints[0], 2u);
  EXPECT_EQ(j.ints[1], 3u);
  EXPECT_EQ(j.ints[2], 1u);
}

// More values than registers, alive across a call and not.
TEST(Jit, Pressure) {
  for (bool call : {false, true}) {
    Jit j;
    std::string t =
        "func @id (i64) -> (i64) !noinline {\nb0(v0: i64):\n ret v0\n}\nfunc @f (i64) -> (i64) {\nb0(v0: "
        "i64):\n";
    int n = 40, v = 1;
    for (int i = 0; i < n; i++, v += 2) {
      t += " v" + std::to_string(v) + ": i64 = const #" + std::to_string(i * i + 1) + "\n v" +
           std::to_string(v + 1) + ": i64 = mul v0, v" + std::to_string(v) + "\n";
    }
    if (call) t += " v500 = call @id v0 sig (i64) -> (i64) ;\n v501: i64 = extract v500\n";
    std::string sum = call ? "v501" : "v0";
    int w = 200;
    for (int i = 0; i < n; i++, w++) {
      t += " v" + std::to_string(w) + ": i64 = xor " + sum + ", v" + std::to_string(2 * i + 2) + "\n";
      sum = "v" + std::to_string(w);
    }
    t += " ret " + sum + "\n}\n";
    COMPILE(j, t);
    u64 want = 77;
    for (u64 i = 0; i < 40; i++) want ^= 77 * (i * i + 1);
    EXPECT_EQ(j.call("f", {77}), want);
  }
}

TEST(Jit, ClosuresAndCode) {
  Jit j;
  COMPILE(j, R"(
func @body (i64) -> (i64) !ctxt {
b0(v0: i64):
  v1: ptr = closureptr
  v2: i64 = load v1 #8
  v3: i64 = add v0, v2
  ret v3
}
func @callc (ptr, i64) -> (i64) {
b0(v0: ptr, v1: i64):
  v2 = callclosure v0, v1 sig (i64) -> (i64) ;
  v3: i64 = extract v2
  v4: i64 = add v3, v1
  ret v4
}
func @plus1 (i64) -> (i64) {
b0(v0: i64):
  v1: i64 = const #1
  v2: i64 = add v0, v1
  ret v2
}
func @calli (ptr, i64) -> (i64) {
b0(v0: ptr, v1: i64):
  v5: ptr = load v0 #24
  v2 = callcode v5, v1 sig (i64) -> (i64) ;
  v3: i64 = extract v2
  ret v3
}
func @tail (i64) -> (i64) {
b0(v0: i64):
  tailcall @plus1 v0 sig (i64) -> (i64) ;
})");
  u64 closure[2] = {reinterpret_cast<u64>(j.addresses["body"]), 100};
  EXPECT_EQ(j.call("callc", {reinterpret_cast<u64>(closure), 7}), 114u);
  u64 itab[4] = {0, 0, 0, reinterpret_cast<u64>(j.addresses["plus1"])};
  EXPECT_EQ(j.call("calli", {reinterpret_cast<u64>(itab), 7}), 8u);
  EXPECT_EQ(j.call("tail", {7}), 8u);
}
}  // namespace
}  // namespace vole::target
