// What the object writer and the linker put into the function tables, the runtime reads back.
#include "stack/pclntab.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "host/functions.h"

namespace vole::runtime {
namespace {
std::string text(Str s) { return {s.ptr, size_t(s.len)}; }
// Strings of the tables end with a zero.
std::string file_at(const FuncRecord* f, u64 pc, i32& line) {
  Str file;
  file_line(f, pc, file, line);
  return text(file);
}

TEST(Pclntab, FindsFunctionsByAddress) {
  host::Functions fs;
  fs.add("a.first", 40, 16);
  fs.add("a.second", 16, 0);
  fs.add_bare("a.third", 1);
  fs.link();
  const FuncRecord* f = find_func(fs.at("a.first"));
  ASSERT_NE(f, nullptr);
  EXPECT_EQ(text(func_name(f)), "a.first");
  EXPECT_EQ(f->entry(), fs.at("a.first"));
  EXPECT_EQ(find_func(fs.at("a.first", 39)), f);
  EXPECT_EQ(func_end(f), fs.at("a.second"));
  EXPECT_EQ(text(func_name(find_func(fs.at("a.second", 15)))), "a.second");
  const FuncRecord* last = find_func(fs.at("a.third"));
  EXPECT_EQ(text(func_name(last)), "a.third");
  EXPECT_EQ(func_end(last), fs.text_end());
  EXPECT_EQ(find_func(fs.text_end()), nullptr);
  EXPECT_EQ(find_func(fs.at("start") - 1), nullptr);
  EXPECT_EQ(find_func(0), nullptr);
}

TEST(Pclntab, FindsNothingInAnEmptyModule) {
  EXPECT_EQ(find_func(0x401000), nullptr);
  EXPECT_EQ(text(func_name(nullptr)), "");
}

TEST(Pclntab, KeepsTheFactsOfAFunction) {
  host::Functions fs;
  object::FuncInfo& in = fs.add("a.f", 64, 24);
  in.args_size = 40;
  in.deferreturn = 33;
  in.start_line = 17;
  in.func_id = abi::FuncWrapper;
  in.flags = abi::FuncFlagTopFrame;
  fs.link();
  const FuncRecord* f = find_func(fs.at("a.f"));
  EXPECT_EQ(f->args, 40);
  EXPECT_EQ(f->deferreturn, 33u);
  EXPECT_EQ(f->start_line, 17);
  EXPECT_EQ(f->func_id, abi::FuncWrapper);
  EXPECT_EQ(f->flag, abi::FuncFlagTopFrame);
}

TEST(Pclntab, ValuesHoldUpToTheEndsOfTheirRuns) {
  host::Functions fs;
  object::FuncInfo& in = fs.add("a.f", 400, 0);
  in.pcsp = {{1, 0}, {5, 8}, {300, 100008}, {301, 8}, {400, 0}};
  in.stackmap_index = {{200, -1}, {201, 3}, {400, -1}};
  in.unsafe_point = {{400, abi::UnsafePointUnsafe}};
  fs.link();
  const FuncRecord* f = find_func(fs.at("a.f"));
  auto sp = [&](u32 offset) { return pc_value(f, f->pcsp, fs.at("a.f", offset)); };
  EXPECT_EQ(sp(0), 0);
  EXPECT_EQ(sp(1), 8);
  EXPECT_EQ(sp(4), 8);
  EXPECT_EQ(sp(5), 100008);
  EXPECT_EQ(sp(299), 100008);
  EXPECT_EQ(sp(300), 8);
  EXPECT_EQ(sp(301), 0);
  EXPECT_EQ(sp(399), 0);
  auto map = [&](u32 offset) { return pcdata_value(f, abi::PcdataStackMapIndex, fs.at("a.f", offset)); };
  EXPECT_EQ(map(199), -1);
  EXPECT_EQ(map(200), 3);
  EXPECT_EQ(map(201), -1);
  EXPECT_EQ(pcdata_value(f, abi::PcdataUnsafePoint, fs.at("a.f", 7)), abi::UnsafePointUnsafe);
  EXPECT_EQ(pcdata_value(f, abi::PcdataInlTreeIndex, fs.at("a.f", 7)), -1) << "no such table";
  EXPECT_EQ(pcdata_value(f, 9, fs.at("a.f", 7)), -1);
  EXPECT_EQ(pc_value(f, f->pcsp, fs.at("a.f", 400)), -1) << "beyond the function";
}

TEST(Pclntab, FunctionsWithoutTables) {
  host::Functions fs;
  fs.add_bare("rt_something", 32);
  fs.link();
  const FuncRecord* f = find_func(fs.at("rt_something", 5));
  EXPECT_EQ(pc_value(f, f->pcsp, fs.at("rt_something", 5)), -1);
  EXPECT_EQ(funcdata(f, abi::FuncdataLocalsPointerMaps), nullptr);
  i32 line = 5;
  EXPECT_EQ(file_at(f, fs.at("rt_something", 5), line), "?");
  EXPECT_EQ(line, 0);
}

TEST(Pclntab, StackMapsAreTheBitmapsThatWentIn) {
  host::Functions fs;
  object::FuncInfo& in = fs.add("a.f", 64, 80);
  in.locals_bits = 10;
  in.locals_maps = {{0x01, 0x02}, {0xff, 0x03}};
  in.args_bits = 3;
  in.args_maps = {{0x05}, {0x02}};
  in.arg_info = {0, 8, 0xff, 0, 1, 0};
  fs.add("a.g", 64, 80);
  fs.link();
  const FuncRecord* f = find_func(fs.at("a.f"));
  const u8* locals = funcdata(f, abi::FuncdataLocalsPointerMaps);
  ASSERT_NE(locals, nullptr);
  EXPECT_EQ(std::vector<u8>(locals, locals + 12),
            (std::vector<u8>{2, 0, 0, 0, 10, 0, 0, 0, 0x01, 0x02, 0xff, 0x03}));
  EXPECT_EQ(u64(locals) % 4, 0u);
  const u8* args = funcdata(f, abi::FuncdataArgsPointerMaps);
  EXPECT_EQ(std::vector<u8>(args, args + 10), (std::vector<u8>{2, 0, 0, 0, 3, 0, 0, 0, 0x05, 0x02}));
  const u8* shown = funcdata(f, abi::FuncdataArgInfo);
  EXPECT_EQ(std::vector<u8>(shown, shown + 6), in.arg_info);
  EXPECT_EQ(funcdata(f, abi::FuncdataStackObjects), nullptr);
  EXPECT_EQ(funcdata(f, 17), nullptr);
  for (int i = 3; i < 6; ++i)
    EXPECT_EQ(pcdata_value(f, i, fs.at("a.f", 5)), -1)
        << "there are three such tables; function data follows";
  EXPECT_EQ(funcdata(find_func(fs.at("a.g")), abi::FuncdataLocalsPointerMaps), nullptr);
}

TEST(Pclntab, LinesAndFiles) {
  host::Functions fs;
  object::FuncInfo& f1 = fs.add("a.f", 64, 0);
  f1.lines = {{10, fs.pos("x.go", 7), -1}, {20, fs.pos("x.go", 70000), -1}, {64, fs.pos("dir/y.go", 3), -1}};
  object::FuncInfo& f2 = fs.add("a.g", 16, 0);
  f2.lines = {{16, fs.pos("dir/y.go", 40), -1}};
  fs.link();
  const FuncRecord* f = find_func(fs.at("a.f"));
  i32 line;
  EXPECT_EQ(file_at(f, fs.at("a.f", 9), line), "x.go");
  EXPECT_EQ(line, 7);
  EXPECT_EQ(file_at(f, fs.at("a.f", 19), line), "x.go");
  EXPECT_EQ(line, 70000);
  EXPECT_EQ(file_at(f, fs.at("a.f", 20), line), "dir/y.go");
  EXPECT_EQ(line, 3);
  EXPECT_EQ(file_at(find_func(fs.at("a.g")), fs.at("a.g"), line), "dir/y.go");
  EXPECT_EQ(line, 40);
}

// Each object numbers its files anew.
TEST(Pclntab, FilesOfSeveralPackages) {
  host::Functions fs;
  fs.add("a.f", 16, 0).lines = {{8, fs.pos("a1.go", 1), -1}, {16, fs.pos("a2.go", 2), -1}};
  fs.next_object();
  fs.add("b.f", 16, 0).lines = {{8, fs.pos("b1.go", 3), -1}, {16, fs.pos("a2.go", 4), -1}};
  fs.link();
  i32 line;
  EXPECT_EQ(file_at(find_func(fs.at("a.f", 1)), fs.at("a.f", 1), line), "a1.go");
  EXPECT_EQ(file_at(find_func(fs.at("a.f", 9)), fs.at("a.f", 9), line), "a2.go");
  EXPECT_EQ(file_at(find_func(fs.at("b.f", 1)), fs.at("b.f", 1), line), "b1.go");
  EXPECT_EQ(file_at(find_func(fs.at("b.f", 9)), fs.at("b.f", 9), line), "a2.go");
  EXPECT_EQ(line, 4);
}

// a.f has b.G inlined at line 11, which has c.H inlined at line 31.
TEST(Pclntab, InlinedCallsFromTheInside) {
  host::Functions fs;
  object::FuncInfo& in = fs.add("a.f", 64, 0);
  in.start_line = 10;
  in.lines = {{8, fs.pos("a.go", 11), -1},
              {16, fs.pos("b.go", 31), 0},
              {32, fs.pos("c.go", 51), 1},
              {64, fs.pos("a.go", 12), -1}};
  in.inlines = {{-1, Name::intern("b.G"), fs.pos("a.go", 11), 30, 7, abi::FuncWrapper},
                {0, Name::intern("c.H"), fs.pos("b.go", 31), 50, 15, 0}};
  fs.link();
  const FuncRecord* f = find_func(fs.at("a.f"));
  auto walk = [&](u32 offset) {
    std::string out;
    for (InlineWalk w(f, fs.at("a.f", offset)); w.valid(); w.next()) {
      Source s = w.source();
      out += text(s.func) + " " + text(s.file) + ":" + std::to_string(s.line) + " from " +
             std::to_string(s.start_line) + (s.inlined ? " inlined" : "") +
             (s.func_id == abi::FuncWrapper ? " wrapper" : "") + "; ";
    }
    return out;
  };
  EXPECT_EQ(walk(3), "a.f a.go:11 from 10; ");
  EXPECT_EQ(walk(12), "b.G b.go:31 from 30 inlined wrapper; a.f a.go:11 from 10; ");
  EXPECT_EQ(walk(20),
            "c.H c.go:51 from 50 inlined; b.G b.go:31 from 30 inlined wrapper; a.f a.go:11 from 10; ");
  EXPECT_EQ(walk(40), "a.f a.go:12 from 10; ");
}

// Many functions with tables of random runs: every byte of every function gives what went in.
TEST(Pclntab, RandomTablesComeBack) {
  std::mt19937 rng(8);
  auto below = [&](u32 n) { return std::uniform_int_distribution<u32>(0, n - 1)(rng); };
  struct Want {
    std::string name;
    u32 size;
    std::vector<i32> sp, map;
    std::vector<std::pair<std::string, i32>> lines;
  };
  host::Functions fs;
  std::vector<Want> want(200);
  for (size_t k = 0; k < want.size(); ++k) {
    Want& w = want[k];
    w.name = "p.f" + std::to_string(k);
    w.size = below(300) + 1;
    object::FuncInfo& in = fs.add(w.name, w.size, 0);
    auto runs = [&](auto put) {
      for (u32 at = 0; at < w.size;) put(at = min(w.size, at + below(below(8) ? 9 : 200) + 1));
    };
    in.pcsp.clear();
    runs([&](u32 end) {
      in.pcsp.push_back({end, i32(below(5) ? below(64) * 8 : below(1 << 28))});
      w.sp.resize(end, in.pcsp.back().value);
    });
    runs([&](u32 end) {
      in.stackmap_index.push_back({end, i32(below(300)) - 1});
      w.map.resize(end, in.stackmap_index.back().value);
    });
    runs([&](u32 end) {
      std::string file = "file" + std::to_string(below(40)) + ".go";
      u32 line = below(3) ? below(100) + 1 : below(1000000) + 1;
      in.lines.push_back({end, fs.pos(file, line), -1});
      w.lines.resize(end, {file, i32(line)});
    });
  }
  fs.link();
  for (Want& w : want)
    for (u32 i = 0; i < w.size; ++i) {
      u64 pc = fs.at(w.name, i);
      const FuncRecord* f = find_func(pc);
      ASSERT_EQ(text(func_name(f)), w.name);
      ASSERT_EQ(pc_value(f, f->pcsp, pc), w.sp[i]);
      ASSERT_EQ(pcdata_value(f, abi::PcdataStackMapIndex, pc), w.map[i]);
      i32 line;
      std::string file = file_at(f, pc, line);
      ASSERT_EQ(std::pair(file, line), w.lines[i]);
    }
}
}  // namespace
}  // namespace vole::runtime
