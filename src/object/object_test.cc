// Objects survive being written and read; damaged files are refused, never a crash.
#include <gtest/gtest.h>

#include "object/archive.h"
#include "object/func_tables.h"
#include "object/object.h"
#include "target/target.h"

namespace vole::object {
namespace {
// All of what is tested here is the same on every machine.
const target::TargetInfo& machine() { return target::machines().front()->info; }

void fill(Object& o) {
  o.package = Name::intern("a/b");
  o.imports = {Name::intern("fmt"), Name::intern("os")};
  Pos at(source::add_pos_base(Name::intern("x.go"), Name::intern("/src/x.go"), 0), 12, 3);
  Symbol* f = o.get("a/b.F");
  Symbol* data = o.get("a/b.v");
  Symbol* other = o.get("fmt.Println");
  Symbol* local = o.make_local(Name::intern("tmp"));
  f->kind = SymKind::Text;
  f->align = 16;
  const u8 code[] = {0xe8, 0, 0, 0, 0, 0xc3};
  f->bytes = o.copy_bytes(code);
  f->size = sizeof code;
  f->no_split = f->dupok = true;
  f->relocs = {{1, RelocKind::Call32, other, -4}, {0, RelocKind::UseIface, data, 0}};
  f->func = o.make_func_info();
  f->func->frame_size = 24;
  f->func->decl = at;
  f->func->start_line = 12;
  f->func->pcsp = {{2, 0}, {6, 24}};
  f->func->lines = {{3, at, -1}, {6, Pos(at.base_index(), 14, 1), 0}};
  f->func->inlines = {{-1, Name::intern("a/b.G"), at, 30, 2, 0}};
  f->func->stackmap_index = {{6, 1}};
  f->func->locals_bits = 3;
  f->func->locals_maps = {{0}, {5}};
  f->func->args_maps = {{}, {}};
  f->func->vars = {{Name::intern("x"), Name::intern("int"), at, true, {{0, 6, VarLoc::Frame, -8, 0, 8}}}};
  data->kind = SymKind::Data;
  data->align = 8;
  data->size = 24;
  const u8 content[8] = {1, 2, 3, 4, 5, 6, 7, 8}, mask[] = {2};
  data->bytes = o.copy_bytes(content);
  data->gc_mask = o.copy_bytes(mask);
  data->gc_mask_words = 3;
  data->go_type = Name::intern("struct { a int }");
  data->relocs = {{8, RelocKind::Abs64, f, 2}};
  local->kind = SymKind::Bss;
  local->size = 100;
  local->align = 32;
}

Symbol* named(Object& o, std::string_view name) {
  for (Symbol& s : o.symbols)
    if (s.name == name) return &s;
  return nullptr;
}

using Runs = std::vector<std::pair<u32, i32>>;
Runs runs(std::span<const u8> table) {
  Runs out;
  EXPECT_TRUE(for_each_run(table, [&](u32 end, i32 value) { out.push_back({end, value}); }));
  return out;
}

TEST(Object, SurvivesTheFile) {
  Object a;
  fill(a);
  auto bytes = write_elf(a, machine());
  EXPECT_EQ(bytes, write_elf(a, machine()));
  Object b;
  std::string error;
  ASSERT_TRUE(read_elf(bytes, machine(), b, error)) << error;
  EXPECT_EQ(b.package, "a/b");
  ASSERT_EQ(b.imports.size(), 2u);
  Symbol* f = named(b, "a/b.F");
  ASSERT_NE(f, nullptr);
  EXPECT_TRUE(f->no_split && f->dupok && !f->local);
  ASSERT_EQ(f->relocs.size(), 2u);
  EXPECT_EQ(f->relocs[0].target->name, "fmt.Println");
  Symbol* v = named(b, "a/b.v");
  EXPECT_EQ(v->size, 24u);
  EXPECT_EQ(v->bytes.size(), 8u);
  EXPECT_EQ(v->relocs[0].target, f);
  EXPECT_TRUE(named(b, "tmp")->local);
}

TEST(Object, KeepsFunctionTables) {
  Object a, b;
  fill(a);
  auto bytes = write_elf(a, machine());
  std::string error;
  ASSERT_TRUE(read_elf(bytes, machine(), b, error)) << error;
  FuncTables t = read_tables(named(b, "a/b.F")->tables);
  EXPECT_EQ(t.frame_size, 24u);
  EXPECT_EQ(runs(t.pcsp), (Runs{{2, 0}, {6, 24}}));
  EXPECT_EQ(runs(t.pcline), (Runs{{3, 12}, {6, 14}}));
  EXPECT_EQ(runs(t.pcinline), (Runs{{3, -1}, {6, 0}}));
  ASSERT_EQ(runs(t.pcfile), (Runs{{6, 1}}));
  EXPECT_EQ(b.files[1], "x.go");
  EXPECT_EQ(std::vector<u8>(t.locals_map.begin(), t.locals_map.end()),
            (std::vector<u8>{2, 0, 0, 0, 3, 0, 0, 0, 0, 5}));
  ASSERT_EQ(t.inlines.size(), FuncTables::InlineSize);
  std::vector<Name> inlined, types;
  size_t addresses = 0, lists = 0;
  for_each_fixup(t.fixups, [&](const Fixup& x) {
    if (x.kind == Fixup::Origin) inlined.push_back(b.names[x.value]);
    if (x.kind == Fixup::Type) types.push_back(b.names[x.value]);
    addresses += x.kind == Fixup::Address;
    lists += x.kind == Fixup::Locations;
  });
  EXPECT_EQ(inlined, std::vector<Name>{Name::intern("a/b.G")});
  EXPECT_EQ(types, std::vector<Name>{Name::intern("int")});
  EXPECT_EQ(addresses, 2u);  // the function's and the inlined call's
  EXPECT_EQ(lists, 1u);
}

TEST(Object, RefusesDamage) {
  Object a;
  fill(a);
  auto bytes = write_elf(a, machine());
  std::string error;
  for (size_t n = 0; n < bytes.size(); n++) {
    Object o;
    EXPECT_FALSE(read_elf(std::span<const u8>(bytes.data(), n), machine(), o, error)) << n;
  }
  u32 seed = 7;
  for (int i = 0; i < 30000; i++) {
    auto copy = bytes;
    seed = seed * 1664525 + 1013904223;
    copy[(seed >> 3) % copy.size()] ^= static_cast<u8>(1 << (seed >> 29));
    Object o;
    read_elf(copy, machine(), o, error);
  }
}

TEST(Archive, RefusesDamage) {
  std::string text = "!<arch>\nlongname.o/     0           0     0     644     5         `\nhello\n";
  std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  std::vector<Member> members;
  std::string error;
  ASSERT_TRUE(read_archive(bytes, members, error)) << error;
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].name, "longname.o");
  for (size_t n = 0; n < text.size() - 1; n++) {
    members.clear();
    bool ok = read_archive(bytes.first(n), members, error);
    EXPECT_EQ(ok, n == 8) << n;
  }
}
}  // namespace
}  // namespace vole::object
