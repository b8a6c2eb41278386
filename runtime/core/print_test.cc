// The printer that never allocates, and strings that somebody else owns.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "core/core.h"

namespace vole::runtime {
namespace {
template <class... A>
std::string printed(A... a) {
  char buffer[200];
  PrintTo to(buffer, sizeof buffer);
  print(a...);
  return {buffer, size_t(to.written())};
}

TEST(Print, Numbers) {
  EXPECT_EQ(printed(u64(0)), "0");
  EXPECT_EQ(printed(~u64(0)), "18446744073709551615");
  EXPECT_EQ(printed(i64(-1)), "-1");
  EXPECT_EQ(printed(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(printed(INT64_MAX), "9223372036854775807");
  EXPECT_EQ(printed(u32(7), " ", i32(-70)), "7 -70");
  EXPECT_EQ(printed(Hex{0}), "0x0");
  EXPECT_EQ(printed(Hex{0xdeadbeef09}), "0xdeadbeef09");
  EXPECT_EQ(printed(Hex{~u64(0)}), "0xffffffffffffffff");
}

TEST(Print, Texts) {
  EXPECT_EQ(printed("a", 'b', Str("c"), Str("")), "abc");
  EXPECT_EQ(printed(reinterpret_cast<const void*>(16)), "0x10");
}

TEST(Print, WhatDoesNotFitIsDropped) {
  char buffer[8] = "-------";
  {
    PrintTo to(buffer, 4);
    print("abc");
    print("defg");
    EXPECT_EQ(to.written(), 4);
    print("x");
    EXPECT_EQ(to.written(), 4);
  }
  EXPECT_EQ(std::string(buffer), "abcd---");
}

TEST(Print, BuffersNest) {
  char outer[16], inner[16];
  PrintTo a(outer, 16);
  print("1");
  {
    PrintTo b(inner, 16);
    print("23");
    EXPECT_EQ(b.written(), 2);
  }
  print("4");
  EXPECT_EQ(std::string(outer, size_t(a.written())), "14");
  EXPECT_EQ(std::string(inner, 2), "23");
}

TEST(Print, GoesToStandardErrorWithoutABuffer) {
  int ends[2], saved = dup(2);
  ASSERT_EQ(pipe(ends), 0);
  dup2(ends[1], 2);
  print("n=", u64(12), '\n');
  dup2(saved, 2);
  char text[16];
  EXPECT_EQ(std::string(text, size_t(read(ends[0], text, sizeof text))), "n=12\n");
  for (int fd : {ends[0], ends[1], saved}) close(fd);
}

TEST(Print, FatalSaysWhyAndEnds) {
  EXPECT_EXIT(fatal("no way"), testing::ExitedWithCode(2), "^fatal error: no way\n$");
  EXPECT_EXIT(check(false, "never"), testing::ExitedWithCode(2), "^fatal error: never\n$");
  check(true, "fine");
}

TEST(Str, Compares) {
  EXPECT_EQ(Str("abc").len, 3);
  EXPECT_TRUE(Str("abc") == Str("abcd", 3));
  EXPECT_FALSE(Str("abc") == Str("abd"));
  EXPECT_FALSE(Str("ab") == Str("abc"));
  EXPECT_TRUE(Str("abc").starts_with("ab"));
  EXPECT_TRUE(Str("abc").starts_with(""));
  EXPECT_FALSE(Str("ab").starts_with("abc"));
  EXPECT_TRUE(Str("abc").contains('c'));
  EXPECT_FALSE(Str("abc", 2).contains('c'));
}
}  // namespace
}  // namespace vole::runtime
