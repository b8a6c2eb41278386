// Inlined calls in the tables.
//
// A traceback walks from an inlined body to the place of its call by looking up one code address (parent_pc)
// in the line table. Often no instruction is left that belongs to the call itself. Then a byte inside an
// instruction of the body stands for it: program counters that are ever looked up are starts of instructions
// and last bytes of calls, so the second byte of a longer instruction can carry another position than its
// neighbours.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "codegen/frame.h"

namespace vole::codegen {
namespace {
using object::FuncInfo;
using object::InlineNode;

struct Range {
  u32 begin, end;
  u32 used = 0;  // bytes inside it that stand for calls
};
struct Stolen {
  u32 at;
  Pos pos;
  i32 inl;
};
// How many bytes behind the first one are never looked up.
u32 spare_bytes(const Range& r, std::span<const u8> code) {
  u32 n = r.end - r.begin;
  u8 first = code[r.begin];
  if (first == 0xe8) return n >= 5 ? 3 : 0;  // call rel32
  bool indirect_call = first == 0xff || ((first & 0xf0) == 0x40 && n >= 2 && code[r.begin + 1] == 0xff);
  bool single_byte = (first & 0xf0) == 0x50 || (first & 0xf8) == 0x90 || first == 0xc3;
  return n >= 3 && !indirect_call && !single_byte ? 1 : 0;
}
}  // namespace

void place_inline_parents(FuncInfo& info, std::span<const u8> code) {
  if (info.inlines.empty()) return;
  constexpr size_t MaxCandidates = 6;
  std::vector<Range> ranges;
  std::vector<std::vector<u32>> inside(info.inlines.size());  // ranges of a node and those inlined into it
  absl::flat_hash_map<std::pair<i32, u64>, u32> by_place;
  auto place = [](i32 inl, Pos p) {
    return std::pair(inl, u64{p.base_index()} << 44 | u64{p.line()} << 20 | p.col());
  };
  u32 at = 0;
  std::erase_if(info.lines, [&](const FuncInfo::PcPos& l) {
    return l.end == std::exchange(at, l.end);
  });  // positions without code
  at = 0;
  for (const auto& l : info.lines) {
    by_place.try_emplace(place(l.inl, l.pos), at);
    for (i32 n = l.inl; n >= 0; n = info.inlines[static_cast<size_t>(n)].parent) {
      auto& list = inside[static_cast<size_t>(n)];
      if (list.size() == MaxCandidates) break;  // so are those around it
      list.push_back(static_cast<u32>(ranges.size()));
    }
    ranges.push_back({at, l.end});
    at = l.end;
  }
  std::vector<Stolen> stolen;
  for (size_t i = 0; i < info.inlines.size(); i++) {
    InlineNode& n = info.inlines[i];
    n.parent_pc = 0;
    if (inside[i].empty()) continue;
    if (auto it = by_place.find(place(n.parent, n.call_pos)); it != by_place.end()) {
      n.parent_pc = it->second;
      continue;
    }
    u32 best = inside[i][0];
    for (u32 r : inside[i]) {
      if (ranges[r].used < spare_bytes(ranges[r], code)) {
        best = r;
        break;
      }
    }
    Range& r = ranges[best];
    u32 byte = r.used < spare_bytes(r, code) ? r.begin + 1 + r.used++ : r.begin;
    n.parent_pc = byte;
    stolen.push_back({byte, n.call_pos, n.parent});
    by_place.try_emplace(place(n.parent, n.call_pos), byte);
  }
  if (stolen.empty()) return;
  // Several calls may have to share a byte. It stands for the outermost of them, so that every step of a
  // traceback leads outwards.
  std::vector<u32> depths(info.inlines.size());  // a call stands behind the one it was inlined into
  for (size_t i = 0; i < depths.size(); i++)
    if (i32 p = info.inlines[i].parent; p >= 0) depths[i] = depths[static_cast<size_t>(p)] + 1;
  auto depth = [&](i32 n) { return n < 0 ? 0 : depths[static_cast<size_t>(n)] + 1; };
  std::stable_sort(stolen.begin(), stolen.end(), [&](const Stolen& a, const Stolen& b) {
    return a.at != b.at ? a.at < b.at : depth(a.inl) < depth(b.inl);
  });
  std::vector<FuncInfo::PcPos> lines;
  size_t next = 0;
  at = 0;
  for (const auto& l : info.lines) {
    for (; next < stolen.size() && stolen[next].at < l.end; next++) {
      const Stolen& s = stolen[next];
      if (s.at < at) continue;
      if (s.at > at) lines.push_back({s.at, l.pos, l.inl});
      lines.push_back({s.at + 1, s.pos, s.inl});
      at = s.at + 1;
    }
    if (l.end > at) lines.push_back(l);
    at = l.end;
  }
  info.lines = std::move(lines);
}
}  // namespace vole::codegen
