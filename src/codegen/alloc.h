// Register allocation and instruction selection in one forward walk over the function.
//
// Every SSA value has at most one register and at most one stack slot. Values are immutable, so a slot
// written once stays valid on every path from there; whether it has been written is part of the state at each
// point, as the register is. Calls clobber all registers: before a call every value that lives on is stored
// unless its slot is valid, after it values come back at their next use. Values whose stores would sit in a
// loop deeper than their definition are stored at the definition instead. Cheap leaves (constants, addresses)
// are never stored but made again.
//
// At a block with several predecessors the state is chosen from the best predecessor already walked, and
// every edge gets the moves that lead from its source's state to it; such moves are a machine block of their
// own. Loop headers keep in registers what the loop uses before its first call.
#pragma once
#include "codegen/alloc_log.h"
#include "codegen/analysis.h"
#include "codegen/debug_vars.h"
#include "codegen/machine.h"

namespace vole::codegen {
class Allocator;

// What an instruction does, as the verifier of allocations sees it.
struct Effects {
  enum Copy : u8 {
    None,
    Move,
    Swap
  } copy = None;  // Move: what is read is written elsewhere unchanged; Swap: two registers change places
  bool zeroes = false;   // writes zero, whatever was there
  bool loads_g = false;  // writes the current g
  u8 size = 0;           // bytes a copy carries
  RegSet reads = 0, writes = 0;
  i64 read_slot = -1, write_slot = -1;
};

// What the generic code asks of a machine beyond its numbers.
class Target : public target::TargetInfo {
 public:
  explicit Target(const target::TargetInfo& info) : TargetInfo(info) {}
  virtual ~Target() = default;

  virtual const FoldRules& rules() const = 0;
  virtual void select(Allocator& ra, Value* v) const = 0;
  virtual void move(MachineFunc& mf, Reg dst, Reg src, Ty ty) const = 0;
  virtual void swap(MachineFunc& mf, Reg a, Reg b) const = 0;  // general registers
  virtual void move_via_scratch(MachineFunc& mf, Reg reg,
                                bool save) const = 0;  // vector register <-> the scratch one
  virtual void scratch_done(MachineFunc& mf) const = 0;
  virtual void load(MachineFunc& mf, Reg dst, const Mem& m, Ty ty) const = 0;
  virtual void store(MachineFunc& mf, const Mem& m, Reg src, Ty ty) const = 0;
  virtual void copy_slot(MachineFunc& mf, u32 dst, u32 src)
      const = 0;  // through the scratch register, which wants scratch_done at the end
  virtual void remat(Allocator& ra, Reg dst, const Value* v) const = 0;
  virtual void remat_to_slot(Allocator& ra, u32 slot, const Value* v, Reg free) const = 0;
  virtual int hinted_operand(
      const Value* v) const = 0;  // operand that should share the result's register, or -1
  virtual Effects effects(const MInst& i) const = 0;
  virtual bool is_return(const MInst& i) const = 0;
  virtual bool is_tail_call(const MInst& i) const = 0;
  virtual RegSet clobbered_by_leaf() const = 0;  // by calls without a map
  // Fixes prologue and epilogue (the frame is laid out) and makes the bytes.
  virtual void encode(Func& f, MachineFunc& mf, object::Object& object, Encoded& out) const = 0;

  u8 debug_register(Reg r) const { return dwarf.registers[r]; }
  RegSet regs_of(Ty ty) const { return ssa::is_float(ty) ? float_regs : int_regs; }
};

constexpr u32 EdgeRef = 0x80000000u;

class Allocator {
 public:
  // `log`, when given, receives what verify.h needs.
  void run(Func& f, object::Object& object, const Target& target, MachineFunc& mf, bool debug_info,
           AllocLog* log = nullptr);

  // ---- for the target's selection ---------------------------------------------------------------
  Func& func() { return *f_; }
  object::Object& object() { return *object_; }
  MachineFunc& mf() { return *mf_; }
  const Target& target() const { return *target_; }
  MInst& emit(const MInst& i) {
    mf_->insts.push_back(i);
    return mf_->insts.back();
  }
  bool folded(const Value* v) const { return an_.is(v, Folded); }
  bool wanted(const Value* v) const {
    return !an_.is(v, Dead) && an_.use_begin[v->id] != an_.use_begin[v->id + 1];
  }
  bool in_reg(const Value* v) const { return reg_[v->id] != NoReg; }
  // Not in a register, but its slot can be read.
  bool only_in_slot(const Value* v) const {
    return reg_[v->id] == NoReg && !an_.is(v, Remat) && slot_valid_[v->id];
  }
  u32 slot_of(const Value* v);
  i32 home_of(const Value* v) const;
  u32 local_of(const Value* alloca);  // index in MachineFunc::locals
  bool dies(const Value* v);          // no use behind the current instruction
  Reg use(Value* v);                  // in some register, pinned until the instruction's end
  Reg use_fixed(Value* v, Reg r);     // a copy in r, which the instruction may destroy
  Reg temp(RegSet allowed);           // scratch until the instruction's end
  void take(Reg r);                   // empties r and pins it
  void release();                     // frees the registers of operands that die here (before defining)
  Reg def(Value* v) { return def_in(v, target_->regs_of(v->ty)); }
  Reg def_in(Value* v, RegSet allowed);
  void def_fixed(Value* v, Reg r);  // r was taken or is free
  Reg def_reusing(Value* v,
                  Value* a);  // a register for v that holds a's value; other operands must be pinned already
  void forget(
      Value* v);  // v's register will be overwritten: drop it (its slot or recipe remains, or it dies)
  void pin(Reg r) { pinned_ |= bit(r); }
  RegSet occupied() const { return occupied_; }
  Value* value_in(Reg r) const { return val_[r]; }

  // Machine blocks inside one SSA block.
  u32 new_mblock(bool cold);
  u32 current_mblock() const { return cur_; }
  void end_branch(u8 cond, u32 to, u32 other);
  void end_jump(u32 to);
  void end_stop();
  void open(u32 mb);        // goes on in mb; part of the current block's chain
  void open_aside(u32 mb);  // writes mb, which stands elsewhere; leave with close_aside
  void close_aside(u32 back);
  u32 edge(u32 succ) const { return EdgeRef | (edge_base_[block_->id] + succ); }
  bool cold() const { return cold_; }

  // Calls: moves the operands from `first_arg` on (and `extra` into `extra_reg`) to their places, saves what
  // lives on, records the map, and defines the extracts behind v. `make` writes the call instruction itself.
  struct CallTarget {
    MInst inst;
    Value* value = nullptr;  // wanted in `reg`
    Reg reg = NoReg;
  };
  void call(Value* v, u32 first_arg, CallTarget t, CallSite::Kind kind);
  // Registers for returning: moves operands to the result registers.
  void to_result_regs(Value* v);
  void to_arg_regs(Value* v, u32 first_arg);
  // For code aside that must bring two values into fixed registers without touching the state (failed
  // checks).
  struct Place {
    Reg dst;
    Value* v;
  };
  void parallel_copy(std::span<const Place> places);
  u32 panic_callsite(u32 out_bytes);  // a call that does not return
  u32 unmapped_callsite();            // a call of a leaf routine the collector never sees
  u32 temp_slot();                    // a word of the frame for the current instruction
  bool is_dead(const Value* v) const { return an_.is(v, Dead); }
  void define_extracts(Value* v, std::span<const Reg> regs);
  Value* extract(Value* v, u32 index);
  Pos pos() const { return mark_pos_; }

 private:
  struct Loc {
    u32 id;
    Reg reg;
    bool valid;
  };
  struct Move {
    Reg dst, src;  // dst NoReg: to slot
    Value* from;
    Value* to;
    enum Kind : u8 { RegToReg, RegToSlot, SlotToSlot, RematToSlot, SlotToReg, RematToReg } kind;
    u32 src_slot = ~0u;  // from a slot: where to read when not in the value's own
    bool writes_slot() const { return kind == RegToSlot || kind == SlotToSlot || kind == RematToSlot; }
    bool reads_slot() const { return kind == SlotToSlot || kind == SlotToReg; }
  };
  void start_block(Block* b);
  void block_body(Block* b);
  void end_block(Block* b);
  void edge_moves(Block* from, u32 succ);
  void emit_moves(std::vector<Move>& moves, RegSet busy);
  void reg_moves(std::vector<Move>& moves);
  void compute_hints(Block* b);
  u32 next_use(u32 id);  // behind the current position
  bool live_out(u32 id) const { return out_stamp_[id] == block_seq_; }
  void assign(Value* v, Reg r);
  void drop(Reg r);
  void spill(Value* v);
  void evict(Reg r);
  bool is_operand(const Value* v) const;
  Reg choose(RegSet allowed, Reg hint);
  void add_live(Value* v);
  void remove_live(Value* v);
  void kill_operands(Value* v);
  void end_instruction();
  void store_early(Value* v);
  const Value* folded_load(const Value* v) const;
  void mark(const Value* v);
  // What the debugger finds v in.
  VarEvent whereabouts(const Value* v) const;
  void moved(const Value* v) {
    if (vars_.follows(v)) vars_.moved(v, whereabouts(v));
  }
  void start_vars(Block* b);
  void leave_registers();  // moves into argument or result registers begin
  template <class F>
  void for_leaves(Value* v, F fn);
  void finish_layout();
  void log_layout();
  void claim(AllocLog::Claim::Kind kind, const Value* v, Reg r) {
    if (log_) log_->claim(kind, *mf_, cur_, v, r);
  }
  void log_region(const Value* v) {
    if (log_) log_->enter(static_cast<u32>(mf_->insts.size()), v);
  }
  void log_results(const Value* v);

  Func* f_ = nullptr;
  object::Object* object_ = nullptr;
  const Target* target_ = nullptr;
  MachineFunc* mf_ = nullptr;
  AllocLog* log_ = nullptr;
  Analysis an_;
  std::vector<Reg> reg_, hint_, reg_of_param_;
  std::vector<u8> slot_valid_;
  std::vector<u32> local_of_;
  std::vector<u32> slot_, use_at_, live_index_, out_stamp_;
  std::vector<u32> live_;
  Value* val_[target::RegCount] = {};
  RegSet occupied_ = 0, pinned_ = 0, temps_ = 0;
  Block* block_ = nullptr;
  u32 block_seq_ = 0, pos_ = 0, block_end_ = 0;
  bool cold_ = false, released_ = false;
  u32 cur_ = 0, aside_return_ = ~0u;
  std::vector<u32> mb_of_;  // first machine block, by block id
  std::vector<u32> edge_base_, edge_to_;
  std::vector<std::vector<u32>> chain_;  // machine blocks of a block in order, by index in the layout
  std::vector<Loc> ends_;
  std::vector<std::pair<u32, u32>> end_range_;  // by block id, in ends_
  std::vector<Loc> starts_;
  std::vector<std::pair<u32, u32>> start_range_;
  std::vector<u8> ended_, started_;
  std::vector<Reg> tmp_reg_;
  std::vector<u8> tmp_valid_;
  std::vector<u32> tmp_stamp_, written_;
  u32 edge_pos_ = 0, write_stamp_ = 0;
  u32 stamp_ = 0;
  std::vector<Move> moves_;
  std::vector<std::vector<u32>> edge_blocks_;  // machine blocks for edges out of a block, by layout index
  std::vector<u32> layout_index_;
  std::vector<Value*> leaves_;
  VarFlow var_flow_;
  VarTracker vars_;
  Pos mark_pos_;
  i32 mark_inl_ = -2;
};
}  // namespace vole::codegen
