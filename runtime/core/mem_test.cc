// Block copies: those that clang's code in the archive calls, and those in assembly that compiled Go code
// calls, over all small sizes, alignments and overlaps, with guard bytes around.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "core/core.h"

namespace vole::runtime {
namespace {
// Calls ABIInternal leaf code: arguments in rax, rbx, rcx; xmm15 is zero.
void go_memmove(void* to, const void* from, u64 n) {
  asm volatile("call \"runtime.memmove\""
               : "+a"(to), "+b"(from), "+c"(n)
               :
               : "rdx", "rdi", "rsi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
                 "xmm5", "xmm6", "xmm7", "memory", "cc");
}
void go_memclr(void* p, u64 n) {
  asm volatile("xorps %%xmm15, %%xmm15\n\tcall \"runtime.memclrNoHeapPointers\""
               : "+a"(p), "+b"(n)
               :
               : "rcx", "rdx", "rdi", "rsi", "xmm15", "memory", "cc");
}
// Through pointers that the compiler knows nothing about, or it would put its own code here.
void* (*volatile cc_memmove)(void*, const void*, size_t) = memmove;
void* (*volatile cc_memcpy)(void*, const void*, size_t) = memcpy;
void* (*volatile cc_memset)(void*, int, size_t) = memset;
int (*volatile cc_memcmp)(const void*, const void*, size_t) = memcmp;

std::vector<u64> sizes() {
  std::vector<u64> v;
  for (u64 n = 0; n <= 300; ++n) v.push_back(n);
  for (u64 n : {511, 512, 513, 2047, 2048, 2049, 5000}) v.push_back(n);
  return v;
}
u8 pattern(u64 i) { return u8(i * 167 + (i >> 8) * 31 + 1); }

using Move = void (*)(void*, const void*, u64);
void check_move(Move move, u64 n, u64 to, u64 from) {
  u64 room = max(to, from) + n + 64;
  std::vector<u8> got(room), want(room);
  for (u64 i = 0; i < room; ++i) got[i] = want[i] = pattern(i);
  std::vector<u8> block(want.begin() + i64(from), want.begin() + i64(from + n));
  std::copy(block.begin(), block.end(), want.begin() + i64(to));
  move(got.data() + to, got.data() + from, n);
  ASSERT_EQ(got, want) << n << " bytes from " << from << " to " << to;
}

class MoveTest : public testing::TestWithParam<std::pair<const char*, Move>> {};
TEST_P(MoveTest, ApartAtEveryAlignment) {
  for (u64 n : sizes())
    for (u64 to = 0; to < 16; to += n < 70 ? 1 : 5)
      for (u64 from = 0; from < 16; from += n < 70 ? 3 : 7)
        check_move(GetParam().second, n, 32 + to, 32 + 64 + n + from);
}
TEST_P(MoveTest, OverlappingBothWays) {
  for (u64 n : sizes())
    for (u64 d : {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 256}) {
      check_move(GetParam().second, n, 32 + d, 32);
      check_move(GetParam().second, n, 32, 32 + d);
    }
}
INSTANTIATE_TEST_SUITE_P(, MoveTest,
                         testing::Values(std::pair{"Go", Move(go_memmove)},
                                         std::pair{"Cc", Move([](void* t, const void* f, u64 n) {
                                                     cc_memmove(t, f, n);
                                                   })}),
                         [](auto& info) { return info.param.first; });

using Clear = void (*)(void*, u64);
class ClearTest : public testing::TestWithParam<std::pair<const char*, Clear>> {};
TEST_P(ClearTest, ClearsThatAndNothingElse) {
  for (u64 n : sizes())
    for (u64 at = 32; at < 48; ++at) {
      std::vector<u8> got(n + 96, 0xdd), want = got;
      std::fill_n(want.begin() + i64(at), n, 0);
      GetParam().second(got.data() + at, n);
      ASSERT_EQ(got, want) << n << " bytes at " << at;
    }
}
INSTANTIATE_TEST_SUITE_P(, ClearTest,
                         testing::Values(std::pair{"Go", Clear(go_memclr)},
                                         std::pair{"Cc", Clear([](void* p, u64 n) { cc_memset(p, 0, n); })}),
                         [](auto& info) { return info.param.first; });

TEST(Mem, CopyAndSetReturnTheirDestination) {
  u8 a[40], b[40];
  EXPECT_EQ(cc_memset(a, 0x1ff, 40), a);
  EXPECT_EQ(a[0], 0xff);
  EXPECT_EQ(a[39], 0xff);
  EXPECT_EQ(cc_memcpy(b, a, 40), b);
  EXPECT_EQ(cc_memmove(b, b, 40), b);
}

TEST(Mem, CompareFindsTheFirstDifference) {
  for (size_t n = 0; n < 40; ++n) {
    std::vector<u8> a(n + 1, 7), b = a;
    b[n] = 9;  // beyond the end
    ASSERT_EQ(cc_memcmp(a.data(), b.data(), n), 0);
    for (size_t i = 0; i < n; ++i) {
      b = a;
      b[i] = 200;
      if (i + 1 < n) b[i + 1] = 0;
      ASSERT_LT(cc_memcmp(a.data(), b.data(), n), 0);
      ASSERT_GT(cc_memcmp(b.data(), a.data(), n), 0);
    }
  }
}

TEST(Mem, AlignUp) {
  EXPECT_EQ(align_up(0, 16), 0u);
  EXPECT_EQ(align_up(1, 16), 16u);
  EXPECT_EQ(align_up(16, 16), 16u);
  EXPECT_EQ(align_up(17, 16), 32u);
}
}  // namespace
}  // namespace vole::runtime
