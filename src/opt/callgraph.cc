// Tarjan's components over direct calls and code addresses: closures come before the functions that make them.
#include "opt/callgraph.h"

namespace vole::opt {
CallGraph::CallGraph(Module& m) {
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
        if (v->op == Op::SymAddr && s->kind == object::SymKind::RoData) s = code_of_func_value(s);
        if (Func* callee = s ? find(s) : nullptr; callee && callee != f) fr.callees.push_back(callee);
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

Symbol* code_of_closure(Value* c) {
  if (c->op == Op::SymAddr) return c->imm == 0 ? code_of_func_value(c->sym) : nullptr;
  if (c->op != Op::New && c->op != Op::Alloca) return nullptr;
  // Closures never change once made: the code pointer is the first store behind the object's birth.
  for (Value* v = c->next; v; v = v->next) {
    if (v->op == Op::Store && v->args[0] == c && v->imm == 0) return v->args[1]->op == Op::SymAddr && v->args[1]->imm == 0 ? v->args[1]->sym : nullptr;
    if (is_call(v)) break;
  }
  return nullptr;
}
}  // namespace vole::opt
