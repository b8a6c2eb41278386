// Assigns arguments and results to registers and stack slots. The stack sequence is: stack arguments,
// results, then the spill area of the register arguments; each part is aligned to a word.
#include "irgen/abi_sig.h"

namespace vole::irgen {
namespace {
constexpr int IntRegs = 9, FloatRegs = 15;

u64 align_up(u64 x, u64 a) { return (x + a - 1) / a * a; }

struct Assigner {
  Arena& arena;
  bool abi0;
  u64 stack = 0;
  int ints = 0, floats = 0;
  std::vector<Leaf> scratch{};
  std::vector<u32> ptr_offsets{};

  void note_pointers(const TypeInfo* t, u64 at) {
    std::span<const u8> mask = pointer_mask(t);
    for (i64 w = 0; w < t->ptr_bytes / 8; w++)
      if (mask[w / 8] >> (w % 8) & 1) ptr_offsets.push_back(static_cast<u32>(at + w * 8));
  }

  ParamLoc assign(const TypeInfo* t, std::vector<ssa::ArgLoc>& locs) {
    ParamLoc p{t, false, static_cast<u32>(locs.size()), 0, {}};
    if (!abi0 && t->size != 0 && !t->in_memory) {
      scratch.clear();
      flatten(t, 0, scratch);
      int i = ints, f = floats;
      for (const Leaf& l : scratch) (ssa::is_float(l.ty) ? f : i)++;
      if (i <= IntRegs && f <= FloatRegs) {
        p.in_regs = true;
        for (const Leaf& l : scratch) {
          bool is_f = ssa::is_float(l.ty);
          locs.push_back({l.ty, true, static_cast<u8>(is_f ? floats++ : ints++), 0});
        }
        p.leaves = arena.copy(scratch);
        return p;
      }
    }
    stack = align_up(stack, t->align);
    p.stack_offset = static_cast<u32>(stack);
    note_pointers(t, stack);
    stack += static_cast<u64>(t->size);
    return p;
  }
};
}  // namespace

AbiSig* assign_abi(Arena& arena, std::span<const TypeInfo* const> params,
                   std::span<const TypeInfo* const> results, bool abi0) {
  AbiSig* s = arena.make<AbiSig>();
  Assigner a{arena, abi0};
  std::vector<ssa::ArgLoc> args, res;
  s->params = arena.make_span<ParamLoc>(params.size());
  s->results = arena.make_span<ParamLoc>(results.size());
  for (size_t i = 0; i < params.size(); i++) s->params[i] = a.assign(params[i], args);
  a.stack = align_up(a.stack, 8);
  s->sig.stack_results_offset = static_cast<u32>(a.stack);
  a.ints = a.floats = 0;
  for (size_t i = 0; i < results.size(); i++) s->results[i] = a.assign(results[i], res);
  a.stack = align_up(a.stack, 8);
  s->sig.stack_args = static_cast<u32>(a.stack);
  s->sig.spill_offset = static_cast<u32>(a.stack);
  u64 spill = 0;
  for (ParamLoc& p : s->params) {
    if (!p.in_regs) continue;
    spill = align_up(spill, p.type->align);
    for (size_t j = 0; j < p.leaves.size(); j++)
      args[p.first + j].stack_offset = static_cast<u32>(spill + static_cast<u64>(p.leaves[j].off));
    spill += static_cast<u64>(p.type->size);
  }
  s->sig.spill_size = static_cast<u32>(align_up(spill, 8));
  s->sig.abi0 = abi0;
  s->sig.args = arena.copy(args);
  s->sig.results = arena.copy(res);
  s->sig.stack_ptr_offsets = arena.copy(a.ptr_offsets);
  return s;
}
}  // namespace vole::irgen
