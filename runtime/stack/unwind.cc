// The frame walk of unwind.h.
#include "stack/unwind.h"

namespace vole::runtime {
extern "C" {
extern const u8 rt_reflectcall_begin[], rt_reflectcall_end[], rt_reflectcall_grown[], rt_leaf_begin[],
    rt_leaf_end[], rt_goexit_begin[], rt_goexit_end[], rt_async_begin[], rt_async_end[];
}
bool in_reflectcall(u64 pc) { return pc > u64(rt_reflectcall_begin) && pc < u64(rt_reflectcall_end); }
bool in_leaf(u64 pc) { return pc >= u64(rt_leaf_begin) && pc < u64(rt_leaf_end); }
bool in_goexit(u64 pc) { return pc >= u64(rt_goexit_begin) && pc < u64(rt_goexit_end); }
bool in_async(u64 pc) { return pc >= u64(rt_async_begin) && pc < u64(rt_async_end); }

Unwinder::Unwinder(G* g) : g_(g) {
  if (g->syscall_sp) {
    sp_ = g->syscall_sp;
    pc_ = g->syscall_pc;
    bp_ = g->syscall_bp;
  } else {
    sp_ = g->sched.sp;
    pc_ = g->sched.pc;
    bp_ = g->sched.bp;
  }
  resolve();
}

Unwinder::Unwinder(G* g, u64 sp, u64 pc, u64 bp, bool exact)
    : g_(g), sp_(sp), pc_(pc), bp_(bp), exact_(exact) {
  resolve();
}

void Unwinder::resolve() {
  delta_ = 0;
  func_ = nullptr;
  reflectcall_ = false;
  async_ = in_async(pc_);
  if (async_) {
    delta_ = kAsyncFrame;
    return;
  }
  if (in_goexit(pc_) || pc_ == 0) {
    pc_ = 0;
    return;
  }
  if (in_reflectcall(pc_)) {
    reflectcall_ = true;
    delta_ = pc_ == u64(rt_reflectcall_grown) ? 0 : bp_ + 8 - sp_;
    return;
  }
  if (in_leaf(pc_)) return;
  place_ = pc_ / 4 % 8;
  Place& place = places_[place_];
  if (!exact_ && place.pc == pc_) {
    func_ = place.func;
    delta_ = u64(place.delta);
    return;
  }
  func_ = find_func(pc_);
  if (!func_) {
    pc_ = 0;
    return;
  }
  // A goroutine that has not run yet stands at its first instruction, which no call precedes.
  u64 at = exact_ || pc_ == func_->entry() ? pc_ : pc_ - 1;
  if (at == pc_) exact_ = true;
  i32 d = pc_value(func_, func_->pcsp, at);
  delta_ = d < 0 ? 0 : u64(d);
  place = {exact_ ? 0 : pc_, func_, i32(delta_), kUnknown};
}

i32 Unwinder::stack_map() {
  Place& place = places_[place_];
  if (place.map == kUnknown) place.map = pcdata_value(func_, abi::PcdataStackMapIndex, lookup_pc());
  return place.map;
}

void Unwinder::next() {
  if (func_ && func_->flag & abi::FuncFlagTopFrame) {
    pc_ = 0;
    return;
  }
  u64 frame_end = fp();
  if (frame_end > g_->stack_hi || frame_end <= g_->stack_lo) {
    pc_ = 0;
    return;
  }
  if (saves_bp()) bp_ = *reinterpret_cast<u64*>(frame_end - 16);
  exact_ = async_ || (func_ && func_->func_id == abi::FuncSigpanic);
  pc_ = *reinterpret_cast<u64*>(frame_end - 8);
  sp_ = frame_end;
  if (sp_ >= g_->stack_hi) {
    pc_ = 0;
    return;
  }
  resolve();
}
}  // namespace vole::runtime
