// Tarjan's components over direct calls and code addresses: closures come before the functions that make
// them.
#include "opt/callgraph.h"

#include "object/link_name.h"

namespace vole::opt {
CallGraph::CallGraph(Context& c) : c_(c) {
  Module& m = c.module;
  for (auto& f : m.funcs) {
    if (f->sym) by_symbol_[f->sym] = f.get();
  }
  for (auto& f : m.funcs) {
    if (!index_.contains(f.get())) visit(f.get());
  }
}

void CallGraph::visit(Func* root) {
  struct Frame {
    Func* f;
    std::vector<Func*> callees;
    size_t next = 0;
  };
  std::vector<Frame> frames;
  auto open = [&](Func* f) {
    index_[f] = low_[f] = next_++;
    stack_.push_back(f);
    Frame fr{f, {}};
    for (Block* b : f->blocks) {
      for (Value* v = b->first; v; v = v->next) {
        if (v->op != Op::Call && v->op != Op::TailCall && v->op != Op::SymAddr) continue;
        Symbol* s = v->sym;
        if (v->op == Op::SymAddr && s->kind == object::SymKind::RoData) s = code_of_func_value(s, c_.module);
        if (Func* callee = s ? own(s) : nullptr; callee && callee != f) fr.callees.push_back(callee);
      }
    }
    frames.push_back(std::move(fr));
  };
  open(root);
  while (!frames.empty()) {
    Frame& top = frames.back();
    if (top.next < top.callees.size()) {
      Func* callee = top.callees[top.next++];
      if (!index_.contains(callee)) {
        open(callee);
      } else if (!component_.contains(callee)) {
        low_[top.f] = std::min(low_[top.f], index_[callee]);
      }
      continue;
    }
    Func* f = top.f;
    frames.pop_back();
    if (!frames.empty()) low_[frames.back().f] = std::min(low_[frames.back().f], low_[f]);
    if (low_[f] != index_[f]) continue;
    for (Func* x = nullptr; x != f;) {
      x = stack_.back();
      stack_.pop_back();
      component_[x] = components_;
      order_.push_back(x);
    }
    components_++;
  }
}

CallGraph::Imported& CallGraph::imported(Symbol* code) const {
  auto [it, fresh] = imported_.try_emplace(code);
  Imported& i = it->second;
  if (!fresh || !c_.options.exports) return i;
  i.from = c_.options.exports(object::package_of(code->name.text()));
  if (i.from) i.entry = i.from->find(code->name);
  return i;
}
Func* CallGraph::find(Symbol* code) const {
  if (Func* f = own(code)) return f;
  if (code->kind != object::SymKind::Undef) return nullptr;
  Imported& i = imported(code);
  if (!i.entry) return nullptr;
  if (!i.tried) {
    i.tried = true;
    i.body = i.from->body(*i.entry, *c_.module.object);
    if (i.body) {
      i.body->escape = i.entry->summary;
      i.body->has_escape_summary = !i.entry->summary.params.empty();
    }
  }
  return i.body.get();
}
const ssa::EscapeSummary* CallGraph::summary(Symbol* code) const {
  if (Func* f = own(code)) return f->has_escape_summary ? &f->escape : nullptr;
  if (code->kind != object::SymKind::Undef) return nullptr;
  Imported& i = imported(code);
  return i.entry && !i.entry->summary.params.empty() ? &i.entry->summary : nullptr;
}

Symbol* code_of_closure(Value* c, Module& m) {
  if (c->op == Op::SymAddr) return c->imm == 0 ? code_of_func_value(c->sym, m) : nullptr;
  if (c->op != Op::New && c->op != Op::Alloca) return nullptr;
  // Closures never change once made: the code pointer is the first store behind the object's birth.
  for (Value* v = c->next; v; v = v->next) {
    if (v->op == Op::Store && v->args[0] == c && v->imm == 0)
      return v->args[1]->op == Op::SymAddr && v->args[1]->imm == 0 ? v->args[1]->sym : nullptr;
    if (is_call(v)) break;
  }
  return nullptr;
}
}  // namespace vole::opt
