// The stack maps as the runtime reads them: for the pc of every call, the bitmap's words against the frame.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/verify.h"

namespace vole::codegen {
namespace {
using Words = std::vector<u8>;

struct MapVerifier {
  const Func& f;
  const MachineFunc& mf;
  const object::FuncInfo& info;
  std::vector<std::string> faults;

  void fault(u32 at, const std::string& what) {
    if (faults.size() < 20) faults.push_back(fmt::format("{}: call at {:#x}: {}", f.name.text(), at, what));
  }
  static void set(Words& w, i64 offset, u32 at, MapVerifier& v) {
    size_t i = static_cast<size_t>(offset / 8);
    if (offset < 0 || offset % 8 || i >= w.size())
      return v.fault(at, fmt::format("a pointer at offset {} has no word in the map", offset));
    w[i] = 1;
  }
  i32 index_at(u32 pc) const {
    auto it = std::upper_bound(info.stackmap_index.begin(), info.stackmap_index.end(), pc,
                               [](u32 p, const object::PcValue& v) { return p < v.end; });
    return it == info.stackmap_index.end() ? -1 : it->value;
  }
  void objects(Words& locals, u32 at) {
    for (const LocalInfo& l : mf.locals) {
      const ssa::Layout& lay = *l.alloca->layout;
      for (u64 w = 0; w < lay.ptr_words; w++) {
        if (lay.ptr_mask[w / 8] >> (w % 8) & 1) set(locals, l.offset + static_cast<i64>(w) * 8, at, *this);
      }
    }
  }
  void incoming(Words& args, bool registers, u32 at) {
    for (u32 off : f.sig->stack_ptr_offsets) {
      if (off < f.sig->stack_results_offset) set(args, off, at, *this);
    }
    if (!registers || f.sig->abi0) return;
    for (const ssa::ArgLoc& a : f.sig->args) {
      if (a.in_reg && a.ty == Ty::Ptr) set(args, f.sig->spill_offset + a.stack_offset, at, *this);
    }
  }
  void compare(const char* what, const Words& want, const std::vector<u8>& map, u32 at) {
    for (u32 i = 0; i < want.size(); i++) {
      bool has = map[i / 8] >> (i % 8) & 1;
      if (has != (want[i] != 0))
        fault(at,
              fmt::format("{} word {} is {}a pointer", what, i, has ? "mapped but not " : "not mapped but "));
    }
  }
  void call(const Encoded::CallAt& c) {
    const CallSite& site = mf.calls[c.call];
    if (site.kind == CallSite::NoMap) return;
    i32 index = index_at(c.ret - 1);
    if (index < 0 || static_cast<size_t>(index) >= info.locals_maps.size()) return fault(c.start, "no map");
    Words locals(info.locals_bits, 0), args(info.args_bits, 0);
    bool growing = site.kind == CallSite::MoreStack;
    if (!growing) objects(locals, c.start);
    incoming(args, growing, c.start);
    for (u32 i = site.begin; i < site.end; i++) {
      const SlotInfo& s = mf.slots[mf.live_slots[i]];
      if (s.home >= 0) {
        set(args, s.home, c.start, *this);
      } else {
        set(locals, s.offset, c.start, *this);
      }
    }
    if (site.sig) {
      for (u32 off : site.sig->stack_ptr_offsets) set(locals, off, c.start, *this);
    }
    compare("frame", locals, info.locals_maps[static_cast<size_t>(index)], c.start);
    compare("argument", args, info.args_maps[static_cast<size_t>(index)], c.start);
  }
};
}  // namespace

std::vector<std::string> verify_maps(const Func& f, const MachineFunc& mf, const Encoded& code,
                                     const object::FuncInfo& info) {
  MapVerifier v{f, mf, info, {}};
  for (const Encoded::CallAt& c : code.calls) v.call(c);
  return std::move(v.faults);
}
}  // namespace vole::codegen
