// Who calls whom inside a module, and what is known about a callee wherever it lives: the base of the passes
// that look across functions.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <memory>

#include "opt/exports.h"
#include "opt/pass.h"

namespace vole::opt {
class CallGraph {
 public:
  explicit CallGraph(Context& c);
  // Functions in such an order that callees (and the closures a function makes) come first; functions of one
  // cycle share a number of `component`.
  const std::vector<Func*>& bottom_up() const { return order_; }
  // The function of a symbol: of this module, or a body another package exports.
  Func* find(Symbol* code) const;
  Func* own(const Symbol* code) const {
    auto it = by_symbol_.find(code);
    return it == by_symbol_.end() ? nullptr : it->second;
  }
  // What is known about the pointers a function is given; null: nothing.
  const ssa::EscapeSummary* summary(Symbol* code) const;
  u32 component(const Func* f) const {  // 0: of another package
    auto it = component_.find(f);
    return it == component_.end() ? 0 : it->second;
  }

 private:
  struct Imported {
    const Exports* from = nullptr;
    const Exports::Entry* entry = nullptr;
    std::unique_ptr<Func> body;
    bool tried = false;
  };
  void visit(Func* f);
  Imported& imported(Symbol* code) const;
  Context& c_;
  mutable absl::flat_hash_map<const Symbol*, Imported> imported_;
  absl::flat_hash_map<const Symbol*, Func*> by_symbol_;
  absl::flat_hash_map<const Func*, u32> index_, low_, component_;
  std::vector<Func*> stack_, order_;
  u32 next_ = 1, components_ = 1;
};

// The function that a read-only func value holds, or null.
inline Symbol* code_of_func_value(const Symbol* s, Module& m) {
  constexpr std::string_view Suffix =
      "\xc2\xb7"
      "f";  // defined elsewhere: the name says it
  std::string_view n = s->name.text();
  if (s->kind == object::SymKind::Undef && n.ends_with(Suffix))
    return m.object->get(n.substr(0, n.size() - Suffix.size()));
  if (s->kind != object::SymKind::RoData || s->size != 8 || s->relocs.size() != 1) return nullptr;
  const object::Reloc& r = s->relocs[0];
  return r.kind == object::RelocKind::Abs64 && r.addend == 0 && r.offset == 0 ? r.target : nullptr;
}
// The code that the closure `c` points to runs, when that can be seen: a func value, or an object whose first
// word has just been set.
Symbol* code_of_closure(Value* c, Module& m);

// Whether other packages may want the body.
bool worth_exporting(Func& f);
bool inline_calls(Func& f, const CallGraph& g, Context& c);
bool escape(Func& f, const CallGraph& g, Context& c);  // New → Alloca where the object stays; sets f.escape
bool promote(Func& f, Context& c);  // stack objects that are only read and written → values
}  // namespace vole::opt
