// Which sizes small objects are rounded to. The sizes are gc's, because programs see them through cap() after
// append; how many pages a span of a class takes is worked out here.
#pragma once
#include "core/core.h"
#include "core/layout.h"

namespace vole::runtime {
constexpr u64 kPageShift = 13, kPageSize = 1 << kPageShift;
constexpr u64 kMaxSmall = 32768;
constexpr u64 kHeaderThreshold = 512;  // larger objects with pointers start with a word for their type

constexpr u16 kClassSizes[kNumClasses] = {
    0,     8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,   160,   176,
    192,   208,   224,   240,   256,   288,   320,   352,   384,   416,   448,   480,   512,   576,
    640,   704,   768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304,  2688,  3072,
    3200,  3456,  4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728,  10240, 10880,
    12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
};

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
