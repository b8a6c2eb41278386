// Samples of goroutines' stacks and the records that the profile's writer gets.
#include "trace/profile.h"

#include <gtest/gtest.h>

#include <vector>

#include "host/functions.h"
#include "host/host.h"
#include "trace/sample_ring.h"

namespace vole::runtime {
extern "C" const u8 rt_leaf_begin[];
namespace {
class ProfileTest : public testing::Test {
 protected:
  void SetUp() override {
    fs.add("main.main", 64, 24);
    object::FuncInfo& f = fs.add("main.f", 64, 40);
    f.lines = {{30, fs.pos("a.go", 1), -1}, {40, fs.pos("a.go", 5), 0}, {64, fs.pos("a.go", 2), -1}};
    f.inlines = {{-1, Name::intern("main.inlined"), fs.pos("a.go", 2), 4, 29, 0}};
    fs.link();
    // A rate that no test reaches: samples are those the test takes.
    start = 1;
    rt_cpuprofileop(&start, g);
  }
  void TearDown() override {
    u64 stop = 0;
    rt_cpuprofileop(&stop, g);
    while (!read(10000).eof) {
    }
  }
  ProfileReadArgs read(i64 room) {
    data.assign(size_t(room), 0);
    ProfileReadArgs a = {data.data(), room, tags, start, 0, 0, false};
    rt_profileread(&a, g);
    return a;
  }
  G* g = host::new_goroutine();
  host::Functions fs;
  host::Frames frames{g};
  std::vector<u64> data;
  void* tags[SampleRing::kSlots + 2];
  u64 start;
};

TEST_F(ProfileTest, HeaderThenStacks) {
  frames.call(fs.at("main.main", 20), 24).call(fs.at("main.f", 33), 40);
  int label;
  g->labels = &label;
  profile_sample(g, fs.at("main.f", 33), frames.sp(), frames.bp());
  ProfileReadArgs a = read(1000);
  ASSERT_EQ(a.words, 9);
  EXPECT_EQ(data[0], 3u);
  EXPECT_EQ(data[2], 1u) << "the rate";
  EXPECT_EQ(data[3], 6u);
  EXPECT_EQ(data[5], 1u) << "one sample";
  EXPECT_EQ(data[6], fs.at("main.f", 33) + 1) << "the inlined call";
  EXPECT_EQ(data[7], fs.at("main.f", 29) + 1);
  EXPECT_EQ(data[8], fs.at("main.main", 20));
  EXPECT_EQ(a.ntags, 2);
  EXPECT_EQ(tags[1], &label);
  EXPECT_FALSE(a.eof);
  EXPECT_EQ(read(1000).words, 0);
}

TEST_F(ProfileTest, AssemblyAndTheRuntimesOwnCode) {
  frames.call(fs.at("main.main", 20), 24);
  frames.stop();
  read(1000);
  u64 leaf = u64(rt_leaf_begin) + 3;
  u64 sp = frames.sp() - 8;
  *reinterpret_cast<u64*>(sp) = fs.at("main.main", 20);
  profile_sample(g, leaf, sp, frames.bp());
  ASSERT_EQ(read(1000).words, 5);
  EXPECT_EQ(data[3], leaf + 1);
  EXPECT_EQ(data[4], fs.at("main.main", 20));
  // On the thread's own stack: the goroutine that called, if one did.
  M m = {};
  g->m = &m;
  m.curg = g;
  profile_sample(g, 0x777, u64(&m), 0);
  ASSERT_EQ(read(1000).words, 5);
  EXPECT_EQ(data[3], 0x778u);
  EXPECT_EQ(data[4], fs.at("main.main", 20));
  profile_sample(nullptr, 0x777, u64(&m), 0);
  EXPECT_EQ(read(1000).words, 4);
}

TEST_F(ProfileTest, ReaderTakesWhatFits) {
  frames.call(fs.at("main.main", 20), 24);
  read(1000);
  for (int i = 0; i < 100; ++i) profile_sample(g, fs.at("main.main", 20), frames.sp(), frames.bp());
  i64 words = 0;
  for (int i = 0; i < 100 && words < 400; ++i) {
    ProfileReadArgs a = read(100);
    ASSERT_LE(a.words, 100);
    words += a.words;
  }
  EXPECT_EQ(words, 400);
}

TEST_F(ProfileTest, LostSamplesAreCounted) {
  frames.call(fs.at("main.main", 20), 24);
  read(1000);
  for (u64 i = 0; i < SampleRing::kSlots + 7; ++i)
    profile_sample(g, fs.at("main.main", 20), frames.sp(), frames.bp());
  ProfileReadArgs a = read(10000);
  EXPECT_EQ(data[0], 4u);
  EXPECT_EQ(data[2], 0u) << "marks the record";
  EXPECT_EQ(data[3], 7u);
  EXPECT_EQ(a.words, i64(4 + SampleRing::kSlots * 4));
  profile_sample(g, fs.at("main.main", 20), frames.sp(), frames.bp());
  EXPECT_EQ(read(1000).words, 4) << "told once";
}

TEST_F(ProfileTest, EndsAfterTheLastSample) {
  frames.call(fs.at("main.main", 20), 24);
  profile_sample(g, fs.at("main.main", 20), frames.sp(), frames.bp());
  u64 stop = 0;
  rt_cpuprofileop(&stop, g);
  profile_sample(g, fs.at("main.main", 20), frames.sp(), frames.bp());
  ProfileReadArgs a = read(1000);
  EXPECT_EQ(a.words, 7) << "none is taken after the stop";
  EXPECT_TRUE(a.eof);
}
}  // namespace
}  // namespace vole::runtime
