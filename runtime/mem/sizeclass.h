// Which sizes small objects are rounded to. The sizes are gc's, because programs see them through cap() after
// append; how many pages a span of a class takes is worked out here.
#pragma once
#include "core/core.h"
#include "core/layout.h"

namespace vole::runtime {
constexpr u64 kPageShift = abi::PageShift, kPageSize = abi::PageSize;
constexpr u64 kMaxSmall = abi::MaxSmall;
constexpr u64 kHeaderThreshold = abi::HeaderThreshold;
inline constexpr auto& kClassSizes = abi::ClassSizes;

struct SizeTables {
  u8 small[1024 / 8 + 1];                  // by (size + 7) / 8, sizes up to 1024
  u8 large[(kMaxSmall - 1024) / 128 + 1];  // by (size - 1024 + 127) / 128
  u8 pages[kNumClasses];
};
constexpr SizeTables make_size_tables() {
  SizeTables t = {};
  int c = 1;
  for (u64 i = 0; i <= 1024 / 8; ++i) {
    while (kClassSizes[c] < i * 8) ++c;
    t.small[i] = u8(c);
  }
  for (u64 i = 0; i <= (kMaxSmall - 1024) / 128; ++i) {
    while (kClassSizes[c] < 1024 + i * 128) ++c;
    t.large[i] = u8(c);
  }
  t.small[0] = 1;
  for (int k = 1; k < kNumClasses; ++k) {
    // The fewest pages that waste at most an eighth; never fewer than make refills rare for tiny sizes.
    u64 pages = 1;
    while ((pages * kPageSize) % kClassSizes[k] > pages * kPageSize / 8) ++pages;
    t.pages[k] = u8(pages);
  }
  return t;
}
inline constexpr SizeTables kSizes = make_size_tables();

constexpr int size_class(u64 size) {
  return size <= 1024 ? kSizes.small[(size + 7) / 8] : kSizes.large[(size - 1024 + 127) / 128];
}
}  // namespace vole::runtime
