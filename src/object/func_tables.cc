#include "object/func_tables.h"

#include <algorithm>

#include "object/func_dwarf.h"

namespace vole::object {
namespace {
// Runs with equal values are joined: a zero delta would end the table. Lengths count `step` bytes.
void pc_table(std::span<const PcValue> runs, u32 step, Encoder& e) {
  Encoder t;
  i32 last = -1;
  u32 start = 0;
  for (size_t i = 0; i < runs.size(); i++) {
    if (i + 1 < runs.size() && runs[i + 1].value == runs[i].value) continue;
    u32 delta = static_cast<u32>(runs[i].value) - static_cast<u32>(last);
    t.u(delta << 1 ^ (0u - (delta >> 31)));
    t.u((runs[i].end - start) / step);
    last = runs[i].value;
    start = runs[i].end;
  }
  if (!runs.empty()) t.u(0);
  e.bytes(t.out);
}

void put32(std::vector<u8>& b, u32 v) {
  for (int i = 0; i < 4; i++) b.push_back(static_cast<u8>(v >> 8 * i));
}

void bitmaps(const std::vector<std::vector<u8>>& maps, u32 bits, Encoder& e) {
  std::vector<u8> out;
  if (!maps.empty()) {
    put32(out, static_cast<u32>(maps.size()));
    put32(out, bits);
    size_t want = (bits + 7) / 8;
    for (auto& m : maps) {
      size_t at = out.size();
      out.insert(out.end(), m.begin(), m.begin() + static_cast<long>(std::min(want, m.size())));
      out.resize(at + want);
    }
  }
  e.bytes(out);
}

void inline_tree(const FuncInfo& f, TableNames& names, Encoder& e) {
  std::vector<u8> out;
  for (auto& n : f.inlines) {
    out.push_back(n.func_id);
    out.insert(out.end(), 3, 0);
    put32(out, names.name(n.func));
    put32(out, n.parent_pc);
    put32(out, n.start_line);
  }
  e.bytes(out);
}

u32 get32(std::span<const u8> b, size_t at) {
  u32 v = 0;
  for (size_t i = 0; i < 4; i++) v |= u32{b[at + i]} << 8 * i;
  return v;
}

FuncTables read(Decoder& d) {
  FuncTables t;
  for (u32* v : {&t.args_size, &t.frame_size, &t.deferreturn, &t.start_line}) *v = static_cast<u32>(d.u());
  t.func_id = static_cast<u8>(d.u());
  t.flags = static_cast<u8>(d.u());
  for (auto* s : {&t.pcsp, &t.pcfile, &t.pcline, &t.pcinline, &t.unsafe_point, &t.stackmap_index, &t.args_map,
                  &t.locals_map, &t.inlines, &t.arg_info, &t.entry, &t.fixups, &t.locations, &t.ranges,
                  &t.rows, &t.frame})
    *s = d.bytes();
  return t;
}
}  // namespace

std::vector<u8> write_tables(const Symbol& s, const target::TargetInfo& target, TableNames& names) {
  const FuncInfo& f = *s.func;
  Encoder e;
  for (u32 v : {f.args_size, f.frame_size, f.deferreturn, f.start_line}) e.u(v);
  e.u(f.func_id);
  e.u(f.flags);
  std::vector<PcValue> files, lines, inlined;
  for (auto& l : f.lines) {
    files.push_back({l.end, static_cast<i32>(names.file(l.pos))});
    lines.push_back({l.end, static_cast<i32>(l.pos.line())});
    if (!f.inlines.empty()) inlined.push_back({l.end, l.inl});
  }
  using Runs = std::span<const PcValue>;
  for (Runs runs :
       {Runs(f.pcsp), Runs(files), Runs(lines), Runs(inlined), Runs(f.unsafe_point), Runs(f.stackmap_index)})
    pc_table(runs, target.code_step, e);
  bitmaps(f.args_maps, f.args_bits, e);
  bitmaps(f.locals_maps, f.locals_bits, e);
  inline_tree(f, names, e);
  e.bytes(f.arg_info);
  FuncDwarf d = write_dwarf(s, target, names);
  for (auto* b :
       {&d.entry.bytes, &d.fixups.out, &d.locations.bytes, &d.ranges.bytes, &d.rows.bytes, &d.frame.bytes})
    e.bytes(*b);
  return std::move(e.out);
}

FuncTables read_tables(std::span<const u8> bytes) {
  Decoder d(bytes);
  return read(d);
}

bool check_tables(std::span<const u8> bytes, size_t files, size_t names) {
  Decoder d(bytes);
  FuncTables t = read(d);
  if (d.failed() || !d.at_end()) return false;
  for (auto table : {t.pcsp, t.pcline, t.pcinline, t.unsafe_point, t.stackmap_index})
    if (!for_each_run(table, [](u32, i32) {})) return false;
  bool ok = true;
  if (!for_each_run(t.pcfile, [&](u32, i32 v) { ok &= v >= 0 && static_cast<size_t>(v) < files; }))
    return false;
  if (t.inlines.size() % FuncTables::InlineSize) return false;
  for (size_t i = 0; i < t.inlines.size(); i += FuncTables::InlineSize)
    ok &= get32(t.inlines, i + FuncTables::InlineName) < names;
  auto list_in = [](std::span<const u8> lists, u32 at) {
    return lists.size() >= FuncTables::ListAddress + 8 && at <= lists.size() - FuncTables::ListAddress - 8;
  };
  for_each_fixup(t.fixups, [&](const Fixup& f) {
    if (f.at > t.entry.size() || t.entry.size() - f.at < f.width()) ok = false;
    else if (f.kind == Fixup::Type || f.kind == Fixup::Origin) ok &= f.value < names;
    else if (f.kind == Fixup::Locations) ok &= list_in(t.locations, f.value);
    else if (f.kind == Fixup::Ranges) ok &= list_in(t.ranges, f.value);
  });
  return ok && (t.rows.empty() || t.rows.size() >= FuncTables::RowsAddress + 8);
}
}  // namespace vole::object
