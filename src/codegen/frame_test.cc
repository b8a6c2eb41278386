// Frame layout on random slots and objects: nothing that is needed at the same time shares a word, and no
// more words are taken than that asks for.
#include "codegen/frame.h"

#include <gmock/gmock.h>

#include <random>

namespace vole::codegen {
namespace {
// A machine whose calls push a word; the frame pointer is another.
constexpr target::FrameInfo Shape{.return_address = 8, .out_args = 0, .in_args = 8, .saved_pointer = 8};

struct Frame {
  MachineFunc mf;
  std::vector<ssa::Layout> layouts;
  std::vector<ssa::Value> allocas;

  explicit Frame(u64 seed) {
    std::mt19937_64 rng(seed);
    mf.out_area = static_cast<u32>(rng() % 4 * 8);
    for (u64 n = rng() % 40; n > 0; n--) {
      u32 from = static_cast<u32>(rng() % 200), to = from + static_cast<u32>(rng() % 50);
      mf.slots.push_back({from, to});
      if (rng() % 8 == 0) mf.slots.back().home = static_cast<i32>(rng() % 6 * 8);
    }
    size_t objects = rng() % 5;
    layouts.resize(objects);
    allocas.resize(objects);
    static constexpr u8 Mask = 1;
    for (size_t i = 0; i < objects; i++) {
      layouts[i].size = static_cast<i64>(rng() % 100);
      if (rng() % 2)
        layouts[i].ptr_mask = {&Mask, 1}, layouts[i].ptr_words = 1,
        layouts[i].size = std::max(layouts[i].size, i64{8});
      allocas[i].layout = &layouts[i];
      mf.locals.push_back({&allocas[i]});
    }
    lay_out_frame(mf, Shape);
  }
};

TEST(Frame, NothingNeededAtOnceSharesAWord) {
  for (u64 seed = 1; seed <= 300; seed++) {
    Frame f(seed);
    const auto& slots = f.mf.slots;
    for (size_t i = 0; i < slots.size(); i++) {
      if (slots[i].home >= 0) continue;
      EXPECT_GE(slots[i].offset, static_cast<i32>(f.mf.out_area)) << seed;
      EXPECT_EQ(slots[i].offset % 8, 0) << seed;
      for (size_t k = i + 1; k < slots.size(); k++) {
        bool apart = slots[i].to < slots[k].from || slots[k].to < slots[i].from;
        if (slots[k].home < 0 && !apart) EXPECT_NE(slots[i].offset, slots[k].offset) << seed;
      }
    }
  }
}

TEST(Frame, ObjectsLieBehindSlotsAndApart) {
  for (u64 seed = 1; seed <= 300; seed++) {
    Frame f(seed);
    std::vector<std::pair<i64, i64>> taken;
    for (const SlotInfo& s : f.mf.slots) {
      if (s.home < 0) taken.push_back({s.offset, s.offset + 8});
    }
    size_t slots = taken.size();
    for (const LocalInfo& l : f.mf.locals) {
      EXPECT_EQ(l.offset % 8, 0) << seed;
      EXPECT_LE(l.offset + l.alloca->layout->size, f.mf.frame) << seed;
      for (size_t i = 0; i < taken.size(); i++) {
        if (i < slots) EXPECT_LE(taken[i].second, l.offset) << seed;
        else
          EXPECT_TRUE(taken[i].second <= l.offset || l.offset + l.alloca->layout->size <= taken[i].first)
              << seed;
      }
      taken.push_back({l.offset, l.offset + l.alloca->layout->size});
    }
  }
}

TEST(Frame, TakesNoMoreWordsThanAreNeededAtOnce) {
  for (u64 seed = 1; seed <= 300; seed++) {
    Frame f(seed);
    i32 end = static_cast<i32>(f.mf.out_area), most = 0;
    for (u32 at = 0; at < 260; at++) {
      i32 now = 0;
      for (const SlotInfo& s : f.mf.slots) now += s.home < 0 && s.from <= at && at <= s.to;
      most = std::max(most, now);
    }
    for (const SlotInfo& s : f.mf.slots) {
      if (s.home < 0) end = std::max(end, s.offset + 8);
    }
    EXPECT_EQ(end, static_cast<i32>(f.mf.out_area) + most * 8) << seed;
  }
}

TEST(Frame, ArgumentsAtHomeAreAboveTheReturnAddress) {
  MachineFunc mf;
  mf.slots.push_back({2, 4});
  mf.slots.push_back({2, 4});
  mf.slots[1].home = 16;
  mf.has_any_call = true;
  lay_out_frame(mf, Shape);
  EXPECT_EQ(mf.frame, 8);
  EXPECT_EQ(mf.slots[1].offset, mf.frame + 8 + 8 + 16);  // saved frame pointer, return address
}

// A machine with a link register: its place is at SP, below the outgoing area, and nothing is above the
// frame.
TEST(Frame, LinkRegisterBelowEverything) {
  constexpr target::FrameInfo Linked{.return_address = 0, .out_args = 8, .in_args = 8, .saved_pointer = 0};
  MachineFunc mf;
  mf.slots.push_back({2, 4});
  mf.slots.push_back({2, 4});
  mf.slots[1].home = 16;
  mf.out_area = 24;
  mf.has_any_call = true;
  lay_out_frame(mf, Linked);
  EXPECT_EQ(mf.slots[0].offset, 8 + 24);
  EXPECT_EQ(mf.frame, 8 + 24 + 8);
  EXPECT_EQ(mf.slots[1].offset, mf.frame + 8 + 16);
}
}  // namespace
}  // namespace vole::codegen
