// Walking a stopped goroutine's frames from the innermost outward. Sizes come from the function tables; three
// kinds of assembly need help: reflectcall, whose frame size is known at run time only (its rbp tells),
// frameless leaf code interrupted by a fault, and the frame that keeps the registers of a goroutine preempted
// between two instructions.
#pragma once
#include "stack/pclntab.h"

namespace vole::runtime {
class Unwinder {
 public:
  explicit Unwinder(G* g);  // from g.sched (or the saved place of a system call)
  Unwinder(G* g, u64 sp, u64 pc, u64 bp,
           bool exact = false);  // exact: stopped at pc itself, not after a call
  bool valid() const { return pc_ != 0; }
  void next();

  const FuncRecord* func() const { return func_; }  // null for reflectcall and leaf code
  u64 sp() const { return sp_; }
  u64 pc() const { return pc_; }
  u64 fp() const {
    return sp_ + delta_ + 8;
  }  // just above the return address: the caller's sp, and the stack arguments
  u64 delta() const { return delta_; }
  u64 bp() const { return bp_; }            // value of rbp inside this frame
  bool exact_pc() const { return exact_; }  // stopped by a fault at pc, not after a call
  u64 lookup_pc() const { return exact_ ? pc_ : pc_ - 1; }
  i32 stack_map();  // index of the frame's pointer maps here
  bool is_reflectcall() const { return reflectcall_; }
  bool saves_bp() const { return delta_ >= 8 && !async_; }

 private:
  void resolve();
  G* g_;
  const FuncRecord* func_ = nullptr;
  u64 sp_, pc_, bp_, delta_ = 0;
  bool exact_ = false, reflectcall_ = false, async_ = false;

  // What the tables say of the places seen last: deep recursion asks for few places many times.
  struct Place {
    u64 pc;  // as looked up; 0: empty
    const FuncRecord* func;
    i32 delta, map;  // map: kUnknown until asked for
  };
  static constexpr i32 kUnknown = -2;
  Place places_[8] = {};
  u32 place_ = 0;
};
constexpr u64 kAsyncFrame =
    15 * 8 + 256;  // what rt_async_preempt keeps below the address it was entered from
bool in_reflectcall(u64 pc);
bool in_leaf(u64 pc);
bool in_goexit(u64 pc);
bool in_async(u64 pc);
}  // namespace vole::runtime
