// Where source variables are. A `Dbg` binds a piece of a variable to an SSA value from there on; the
// allocator knows where that value is. VarFlow finds what is bound at the start of each block; VarTracker
// follows the allocator through a block and writes events; describe_vars turns them into ranges of code.
#pragma once
#include "codegen/alloc_log.h"
#include "codegen/analysis.h"
#include "codegen/machine.h"

namespace vole::codegen {
struct Binding {
  u32 piece;
  Value* value;
};

// Forward data flow: at a join a piece keeps its value when all paths agree on it, or takes the block
// parameter that merges their values.
class VarFlow {
 public:
  // False when the function has no variables to follow.
  bool run(Func& f, const Analysis& an, MachineFunc& mf);
  std::span<const Binding> in(const Block* b) const { return in_[b->id]; }
  u32 piece_of(const Value* dbg) const;

 private:
  void number_pieces(Func& f, MachineFunc& mf);
  void mark_calls(const Block* b);
  bool in_call(u32 piece) const;
  std::vector<Binding> join(const Block* b);
  std::vector<Binding> transfer(const Block* b);
  const Analysis* an_ = nullptr;
  const Func* f_ = nullptr;
  const MachineFunc* mf_ = nullptr;
  std::vector<std::vector<Binding>> in_, out_;  // by block id, sorted by piece
  std::vector<u8> visited_;
  std::vector<u32> live_stamp_;
  std::vector<u32> call_stamp_;  // by inlined call: the last block with code of it
  u32 stamp_ = 0, call_stamps_ = 0;
  absl::flat_hash_map<u64, u32> pieces_;
};

class VarTracker {
 public:
  void start(MachineFunc& mf, u32 values, AllocLog* log);
  void forget();  // nothing is bound
  void start_block();
  void bind(u32 piece, const Value* v, VarEvent at);
  // Whether v is some variable's value.
  bool follows(const Value* v) const { return on_ && first_[v->id] != None; }
  void moved(const Value* v, VarEvent at);
  bool on() const { return on_; }
  void stop() { on_ = false; }

 private:
  static constexpr u32 None = ~0u;
  void unbind(u32 piece);
  void write(u32 piece, VarEvent at);
  MachineFunc* mf_ = nullptr;
  AllocLog* log_ = nullptr;
  bool on_ = false;
  std::vector<u32> first_;         // by value id: first piece bound to it
  std::vector<u32> next_, value_;  // by piece
  std::vector<u32> bound_;         // pieces bound since the last forget
};

class Target;
void describe_vars(const Func& f, const MachineFunc& mf, const Encoded& code, const Target& target,
                   object::FuncInfo& info);
}  // namespace vole::codegen
