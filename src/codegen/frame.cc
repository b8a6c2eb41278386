#include "codegen/frame.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <queue>

#include "abi/abi.h"

namespace vole::codegen {
// From SP upwards: outgoing area, slots, locals, then (above mf.frame) what calls and prologues leave there.
void lay_out_frame(MachineFunc& mf, const target::FrameInfo& shape) {
  i64 at = shape.out_args + mf.out_area;
  std::vector<u32> by_start(mf.slots.size());
  for (u32 i = 0; i < by_start.size(); i++) by_start[i] = i;
  std::sort(by_start.begin(), by_start.end(), [&](u32 a, u32 b) {
    return mf.slots[a].from != mf.slots[b].from ? mf.slots[a].from < mf.slots[b].from : a < b;
  });
  using Busy = std::pair<u32, i32>;  // end, offset
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
  std::vector<i32> free;
  for (u32 i : by_start) {
    SlotInfo& s = mf.slots[i];
    if (s.home >= 0) continue;
    while (!busy.empty() && busy.top().first < s.from) {
      free.push_back(busy.top().second);
      busy.pop();
    }
    if (free.empty()) {
      s.offset = static_cast<i32>(at);
      at += 8;
    } else {
      s.offset = free.back();
      free.pop_back();
    }
    busy.push({s.to, s.offset});
  }
  // Objects with pointers first, so that maps are short; small ones near SP, where displacements are short.
  std::vector<u32> locals(mf.locals.size());
  for (u32 i = 0; i < locals.size(); i++) locals[i] = i;
  std::stable_sort(locals.begin(), locals.end(), [&](u32 a, u32 b) {
    const ssa::Layout *x = mf.locals[a].alloca->layout, *y = mf.locals[b].alloca->layout;
    if (x->has_pointers() != y->has_pointers()) return x->has_pointers();
    return x->size < y->size;
  });
  for (u32 i : locals) {
    const ssa::Layout* l = mf.locals[i].alloca->layout;
    at = (at + 7) & ~i64{7};
    mf.locals[i].offset = static_cast<i32>(at);
    at += (static_cast<i64>(l->size) + 7) & ~i64{7};
  }
  mf.locals_size = (at + 7) & ~i64{7};
  mf.frame = static_cast<i32>(mf.locals_size);
  mf.frame_pointer = mf.has_any_call || mf.frame > 0;
  i32 incoming = static_cast<i32>(whole_frame(mf, shape) + shape.in_args);
  for (SlotInfo& s : mf.slots) {
    if (s.home >= 0) s.offset = incoming + s.home;
  }
}

void build_tables(ssa::Func& f, MachineFunc& mf, const target::TargetInfo& target, Encoded& code,
                  object::FuncInfo& info) {
  const ssa::Sig& sig = *f.sig;
  info.frame_size = whole_frame(mf, target.frame);
  info.args_size = sig.stack_args;
  info.start_line = f.pos.known() ? f.pos.line() : 0;
  info.decl = f.pos;
  info.func_id = f.func_id;
  info.flags = f.top_frame ? abi::FuncFlagTopFrame : 0;
  info.pcsp = code.pcsp;
  info.lines = code.lines;
  info.unsafe_point = code.unsafe_point;
  info.inlines = f.inlines;
  if (!f.arg_info.empty()) {
    u32 kept = 0;
    for (const SlotInfo& s : mf.slots) {
      if (s.home >= 0) kept |= 1u << std::min((static_cast<u32>(s.home) - sig.spill_offset) / 8, 31u);
    }
    info.arg_info = f.arg_info;
    info.arg_info.insert(info.arg_info.end(), {static_cast<u8>(std::min(sig.spill_offset, 255u)),
                                               static_cast<u8>(kept), static_cast<u8>(kept >> 8)});
  }

  u32 words = static_cast<u32>(mf.frame) / 8;
  u32 arg_words = (std::max(sig.spill_offset + sig.spill_size, sig.stack_args) + 7) / 8;
  info.locals_bits = words;
  info.args_bits = arg_words;
  std::vector<u8> base((words + 7) / 8, 0), args((arg_words + 7) / 8, 0);
  for (const LocalInfo& l : mf.locals) {
    const ssa::Layout& lay = *l.alloca->layout;
    for (u64 w = 0; w < lay.ptr_words; w++) {
      if (!(lay.ptr_mask[w / 8] >> (w % 8) & 1)) continue;
      u64 i = static_cast<u64>(l.offset) / 8 + w;
      base[i / 8] = static_cast<u8>(base[i / 8] | 1u << (i % 8));
    }
  }
  for (u32 off : sig.stack_ptr_offsets) {
    // Results are written just before returning; nothing scans the frame in between.
    if (off < sig.stack_results_offset)
      args[off / 64] = static_cast<u8>(args[off / 64] | 1u << (off / 8 % 8));
  }
  std::vector<u8> entry_args = args;
  if (!sig.abi0) {
    for (const ssa::ArgLoc& a : sig.args) {
      if (!a.in_reg || a.ty != Ty::Ptr) continue;
      u32 w = (sig.spill_offset + a.stack_offset) / 8;
      entry_args[w / 8] = static_cast<u8>(entry_args[w / 8] | 1u << (w % 8));
    }
  }
  absl::flat_hash_map<std::string_view, i32> known;
  std::vector<u8> map, arg_map, key;
  auto intern = [&](const std::vector<u8>& locals, const std::vector<u8>& arg_map) {
    key = locals;
    key.insert(key.end(), arg_map.begin(), arg_map.end());
    std::string_view k(reinterpret_cast<const char*>(key.data()), key.size());
    auto it = known.find(k);
    if (it != known.end()) return it->second;
    i32 index = static_cast<i32>(info.locals_maps.size());
    info.locals_maps.push_back(locals);
    info.args_maps.push_back(arg_map);
    k = f.arena.copy_string(k);
    known.emplace(k, index);
    return index;
  };
  i32 defer_map = -1;
  if (f.has_defer) defer_map = intern(base, args);
  auto add_run = [&](u32 end, i32 index) {
    if (!info.stackmap_index.empty() && info.stackmap_index.back().value == index) {
      info.stackmap_index.back().end = end;
    } else {
      info.stackmap_index.push_back({end, index});
    }
  };
  u32 prev_end = 0;
  for (const Encoded::CallAt& c : code.calls) {
    CallSite& site = mf.calls[c.call];
    i32 index;
    if (site.kind == CallSite::NoMap) {
      index = defer_map;
    } else if (site.kind == CallSite::MoreStack) {
      map.assign(base.size(), 0);
      index = intern(map, entry_args);
    } else {
      map = base;
      arg_map = args;
      for (u32 i = site.begin; i < site.end; i++) {
        const SlotInfo& s = mf.slots[mf.live_slots[i]];
        std::vector<u8>& m = s.home >= 0 ? arg_map : map;
        u32 w = static_cast<u32>(s.home >= 0 ? s.home : s.offset) / 8;
        m[w / 8] = static_cast<u8>(m[w / 8] | 1u << (w % 8));
      }
      if (site.sig) {
        for (u32 arg : site.sig->stack_ptr_offsets) {
          u32 off = target.frame.out_args + arg;
          map[off / 64] = static_cast<u8>(map[off / 64] | 1u << (off / 8 % 8));
        }
      }
      index = intern(map, arg_map);
    }
    site.map = index;
    if (site.kind == CallSite::DeferReturn) info.deferreturn = c.start;
    if (c.start > prev_end) add_run(c.start, defer_map);
    add_run(c.ret, index);
    prev_end = c.ret;
  }
  u32 size = static_cast<u32>(code.bytes.size());
  if (prev_end < size) add_run(size, defer_map);

  place_inline_parents(info, target, code.bytes);
}
}  // namespace vole::codegen
