// Shared by the passes: replacing values, and the passes' own names. Every pass takes a well-formed function
// and leaves one.
#pragma once
#include <vector>

#include "opt/opt.h"
#include "ssa/dom.h"
#include "ssa/ssa.h"

namespace vole::opt {
using ssa::Block;
using ssa::BoundsKind;
using ssa::Cond;
using ssa::Func;
using ssa::Layout;
using ssa::Module;
using ssa::Op;
using ssa::Sig;
using ssa::Symbol;
using ssa::Ty;
using ssa::Value;

struct Context {
  Module& module;
  const Options& options;
};

// Values replaced by others. Uses are rewritten lazily: a pass that walks forward resolves the operands of
// what it looks at, and apply() sweeps what is left (edges and operands of blocks walked before).
class Replacements {
 public:
  explicit Replacements(Func& f) : f_(f), map_(f.next_value, nullptr) {}
  void replace(Value* from, Value* to) {
    if (from->id >= map_.size()) map_.resize(f_.next_value, nullptr);
    map_[from->id] = to;
    any_ = true;
  }
  Value* resolve(Value* v) {
    Value* r = v;
    while (r->id < map_.size() && map_[r->id]) r = map_[r->id];
    while (v != r) {  // shorten the chain
      Value* next = map_[v->id];
      map_[v->id] = r;
      v = next;
    }
    return r;
  }
  void resolve_args(Value* v) {
    if (!any_) return;
    for (u32 i = 0; i < v->nargs; i++) v->args[i] = resolve(v->args[i]);
  }
  bool any() const { return any_; }
  void apply();

 private:
  Func& f_;
  std::vector<Value*> map_;
  bool any_ = false;
};

// Where the pointer p leads: walks PtrAdd up to the leaf that makes the address.
inline Value* address_root(Value* p) {
  while (p->op == Op::PtrAdd) p = p->args[0];
  return p;
}

// The signature of a helper with pointer and word arguments in registers.
Sig* simple_sig(Func& f, std::span<const Ty> args, std::span<const Ty> results);
// Makes a call of `symbol` in front of `at`; returns the call.
Value* call_before(Func& f, Module& m, Value* at, std::string_view symbol, std::span<const Ty> arg_types,
                   std::span<Value* const> args, std::span<const Ty> results);
// Splits the block in front of `at`: everything from `at` on moves to a new block, which inherits the edges.
// The old block is left without a terminator.
Block* split_before(Func& f, Value* at);

bool remove_dead(Func& f, Context& c);
bool simplify(Func& f, Context& c);
bool trivial_params(Func& f, Context& c);
bool gvn(Func& f, Context& c);                  // equal computations, loads and checks once
bool divide_by_constants(Func& f, Context& c);  // as multiplications
bool prove_bounds(Func& f, Context& c);         // checks that conditions on the way make needless
bool split_scaled(Func& f, Context& c);         // scaled indices next to the addresses they are part of
bool clean_graph(Func& f,
                 Context& c);  // folds constant branches, merges straight blocks, drops unreachable ones
bool lower_barriers(Func& f, Context& c);
bool lower_new(Func& f, Context& c);
bool lower_blocks(Func& f, Context& c);  // large Move and Zero become calls
}  // namespace vole::opt
