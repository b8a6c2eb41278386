// Inlined calls in the tables.
//
// A traceback walks from an inlined body to the place of its call by looking up one code address (parent_pc)
// in the line table. Often no instruction is left that belongs to the call itself. Then the smallest step
// behind the function's code (a byte or a word) stands for it, which nothing executes: every call keeps its
// frame, and only size pays, most of it out of the padding between functions.
#include <absl/container/flat_hash_map.h>

#include <utility>

#include "codegen/frame.h"

namespace vole::codegen {
using object::FuncInfo;
using object::InlineNode;

void place_inline_parents(FuncInfo& info, const target::TargetInfo& target, std::vector<u8>& code) {
  if (info.inlines.empty()) return;
  u32 at = 0;
  std::erase_if(info.lines, [&](const FuncInfo::PcPos& l) {
    return l.end == std::exchange(at, l.end);
  });  // positions without code
  auto place = [](i32 inl, Pos p) { return std::pair(inl, u64{p.base_index()} << 32 | p.line()); };
  absl::flat_hash_map<std::pair<i32, u64>, u32> by_place;
  std::vector<u8> has_code(info.inlines.size(), 0);  // itself, or what is inlined into it
  at = 0;
  for (const auto& l : info.lines) {
    by_place.try_emplace(place(l.inl, l.pos), at);
    at = l.end;
    for (i32 n = l.inl; n >= 0 && !has_code[static_cast<size_t>(n)];
         n = info.inlines[static_cast<size_t>(n)].parent)
      has_code[static_cast<size_t>(n)] = 1;
  }
  u32 code_end = static_cast<u32>(code.size()), end = code_end;
  for (size_t i = 0; i < info.inlines.size(); i++) {
    InlineNode& n = info.inlines[i];
    n.parent_pc = 0;
    if (!has_code[i]) continue;
    auto [it, fresh] = by_place.try_emplace(place(n.parent, n.call_pos), end);
    n.parent_pc = it->second;
    if (fresh) info.lines.push_back({end += target.code_step, n.call_pos, n.parent});
  }
  if (end == code_end) return;
  // Callers hands out parent_pc + 1, which has to belong to the function, too.
  info.lines.back().end = end += target.code_step;
  info.marks_size = end - code_end;
  code.resize(end);
  target.fill_traps(code.data() + code_end, end - code_end);
}
}  // namespace vole::codegen
