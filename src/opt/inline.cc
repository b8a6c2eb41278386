// Inlining: a call of a known small function becomes a copy of its body.
//
// Callees are done before their callers (CallGraph), so what is copied has been inlined into and cleaned
// already, and its size is what the caller gets. Calls whose target can be seen are made direct first:
// closures whose object is at hand, methods of a known itab. Frames that somebody looks for stay: functions
// that recover, defer, or ask for their caller are never copied; compiler-made wrappers get leaves only,
// since the runtime looks through wrappers when it asks who was deferred.
#include <algorithm>

#include "opt/callgraph.h"

namespace vole::opt {
namespace {
constexpr u32 Never = ~0u;
constexpr u32 Budget = 40, ColdBudget = 8, ClosureBudget = 300, NosplitBudget = 10;
constexpr u32 CallCost = 10, ColdCost = 3;
constexpr u32 MaxCaller = 12000;  // values
constexpr size_t MaxInlined =
    100;  // calls inlined into a callee: they cost no code, but entries in the tables of each copy

// Rough number of instructions a copy adds; Never when copying would change what the function means.
u32 compute_cost(const Func& f) {
  constexpr u32 UintptrRules = 32 | 64;  // keepalive, escapes: the caller's duty belongs to the call
  if (f.no_inline || f.has_defer || f.has_recover || f.abi0 || f.top_frame || f.no_escape ||
      (f.func_id && !f.wrapper) || (f.pragma & UintptrRules))
    return Never;
  if (!f.sig || f.sig->stack_args || f.sig->abi0) return Never;
  if (f.inlines.size() > MaxInlined) return Never;
  u32 cost = 0;
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (is_call(v) && v->sig && v->sig->abi0)
        return Never;  // assembly and the runtime count on the bridge's frame
      switch (v->op) {
          // clang-format off
        case Op::Const: case Op::SymAddr: case Op::Alloca: case Op::Dbg: case Op::Extract: case Op::PtrAdd:
        case Op::NilCheck: case Op::Jump: case Op::ClosurePtr: case Op::Ret: case Op::Unreachable:
        case Op::KeepAlive:
          // clang-format on
          break;
        case Op::CallerPC:
        case Op::CallerSP:
        case Op::InArg:
        case Op::TailCall: return Never;
        default: cost += is_call(v) || v->op == Op::New ? b->likely < 0 ? ColdCost : CallCost : 1;
      }
    }
    if (cost > ClosureBudget) return Never;
  }
  return cost + 1;
}
u32 cost_of(Func& f) {
  if (!f.inline_cost) f.inline_cost = compute_cost(f);
  return f.inline_cost;
}
bool is_leaf(const Func& f) {
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (is_call(v) || v->op == Op::New || v->op == Op::Alloca) return false;
    }
  }
  return true;
}

struct Inliner {
  Func& f;
  const CallGraph& g;
  Module& m;
  std::vector<Symbol*> code{};  // by value id: what the closure object runs

  // ---- targets ----------------------------------------------------------------------------------
  void find_closures() {
    code.assign(f.next_value, nullptr);
    std::vector<u8> stores(f.next_value, 0);
    for (Block* b : f.blocks) {
      for (Value* v = b->first; v; v = v->next) {
        if (v->op != Op::Store || v->imm != 0 || v->args[1]->ty != Ty::Ptr) continue;
        Value *obj = v->args[0], *x = v->args[1];
        if (obj->op != Op::New && obj->op != Op::Alloca) continue;
        // A code pointer never stands anywhere but at a closure's start, and closures do not change.
        bool is_code = x->op == Op::SymAddr && x->imm == 0 && g.find(x->sym) && g.find(x->sym)->is_closure;
        if (stores[obj->id]++ == 0 && is_code) {
          code[obj->id] = x->sym;
        } else {
          code[obj->id] = nullptr;
        }
      }
    }
  }
  Symbol* closure_code(Value* c) {
    if (c->op == Op::SymAddr) return code_of_closure(c, m);
    return c->id < code.size() ? code[c->id] : nullptr;
  }
  // The method an itab at hand holds.
  static Symbol* itab_method(Value* c) {
    if (c->op != Op::Load || c->args[0]->op != Op::SymAddr) return nullptr;
    Symbol* t = c->args[0]->sym;
    if (t->kind != object::SymKind::Itab) return nullptr;
    i64 at = c->imm + c->args[0]->imm;
    for (const object::Reloc& r : t->relocs) {
      if (r.offset == at && r.kind == object::RelocKind::WeakAbs64 && r.addend == 0) return r.target;
    }
    return nullptr;
  }
  void make_direct(Value* v) {
    Symbol* s = nullptr;
    if (v->op == Op::CallCode) {
      s = itab_method(v->args[0]);
    } else if (v->op == Op::CallClosure) {
      s = closure_code(v->args[0]);
      if (v->args[0]->op != Op::SymAddr) {
        Func* callee = s ? g.find(s) : nullptr;
        if (!callee || callee->needs_ctxt) return;
      }
    }
    if (!s) return;
    v->op = Op::Call;
    v->sym = s;
    f.set_args(v, std::span<Value* const>(v->args + 1, v->nargs - 1u));
  }
  Func* target(Value* v) {
    make_direct(v);
    if (v->op == Op::Call) {
      Func* callee = g.find(v->sym);
      return callee && !callee->needs_ctxt ? callee : nullptr;
    }
    Symbol* s = v->op == Op::CallClosure ? closure_code(v->args[0]) : nullptr;
    return s ? g.find(s) : nullptr;
  }
  // Linknames may call a function by another signature.
  static bool fits(Value* call, Func* callee) {
    u32 first = call->op == Op::Call ? 0 : 1;
    auto& params = callee->blocks[0]->params;
    if (call->nargs != params.size() + first || call->sig->results.size() != callee->sig->results.size())
      return false;
    for (size_t i = 0; i < params.size(); i++) {
      if (call->args[i + first]->ty != params[i]->ty) return false;
    }
    for (size_t i = 0; i < callee->sig->results.size(); i++) {
      if (call->sig->results[i].ty != callee->sig->results[i].ty) return false;
    }
    return true;
  }
  bool wanted(Value* call, Func* callee) {
    if (callee == &f || callee->sym == f.sym || g.component(callee) == g.component(&f) ||
        f.next_value > MaxCaller)
      return false;
    u32 cost = cost_of(*callee);
    if (cost == Never || !fits(call, callee)) return false;
    if (f.wrapper && !is_leaf(*callee)) return false;
    if (f.no_split && !callee->no_split && (cost > NosplitBudget || !is_leaf(*callee))) return false;
    if (call->block->likely < 0) return cost <= ColdBudget;
    return cost <= (callee->is_closure ? ClosureBudget : Budget);
  }

  // ---- copying ----------------------------------------------------------------------------------
  void copy(Value* call, Func& from) {
    i32 node = static_cast<i32>(f.inlines.size());
    f.inlines.push_back(
        {call->inl, from.name, call->pos, from.pos.known() ? from.pos.line() : 0, 0, from.func_id});
    i32 first_inner = node + 1;
    for (object::InlineNode n : from.inlines) {
      n.parent = n.parent < 0 ? node : n.parent + first_inner;
      f.inlines.push_back(n);
    }
    u32 first_var = static_cast<u32>(f.debug_vars.size());
    for (ssa::DebugVarInfo d : from.debug_vars) {
      d.inl = d.inl < 0 ? node : d.inl + first_inner;
      f.debug_vars.push_back(d);
    }
    for (const object::Reloc& r : from.markers) f.markers.push_back(r);
    f.reflect_method |= from.reflect_method;
    if (f.sym) f.sym->reflect_method |= from.reflect_method;

    Block* head = call->block;
    std::vector<Value*> results;
    Value* after = call->next;
    for (; after->op == Op::Extract && after->args[0] == call; after = after->next) results.push_back(after);
    Block* rest = split_before(f, after);
    bool ctxt = call->op == Op::CallClosure;

    std::vector<Value*> values(from.next_value, nullptr);
    std::vector<Block*> blocks(from.next_block, nullptr);
    Block* entry = from.blocks[0];
    for (size_t i = 0; i < entry->params.size(); i++) values[entry->params[i]->id] = call->args[i + ctxt];
    blocks[entry->id] = head;
    size_t tail = f.blocks.size();
    for (Block* b : from.blocks) {
      if (b == entry) continue;
      Block* n = f.new_block();
      n->likely = head->likely < 0 ? head->likely : b->likely;
      n->loop_depth = head->loop_depth + b->loop_depth;
      for (Value* p : b->params) values[p->id] = f.add_param(n, p->ty);
      blocks[b->id] = n;
    }
    size_t at = static_cast<size_t>(std::find(f.blocks.begin(), f.blocks.end(), rest) - f.blocks.begin());
    std::rotate(f.blocks.begin() + static_cast<std::ptrdiff_t>(at),
                f.blocks.begin() + static_cast<std::ptrdiff_t>(tail), f.blocks.end());

    Value* closure = ctxt ? call->args[0] : nullptr;
    Replacements repl(f);
    // The results become parameters of what follows the call.
    for (Value* r : results) {
      Value* p = f.add_param(rest, r->ty);
      repl.replace(r, p);
    }
    std::vector<i64> which;
    for (Value* r : results) which.push_back(r->imm);
    for (Value* r : results) f.remove(r);
    f.remove(call);

    auto clone = [&](Value* v) {
      Value* n = f.new_value(v->op, v->ty);
      u32 id = n->id;
      *n = *v;
      n->id = id;
      n->args = nullptr;
      n->nargs = n->cap = 0;
      n->prev = n->next = nullptr;
      n->block = nullptr;
      n->inl = v->inl < 0 ? node : v->inl + first_inner;
      values[v->id] = n;
      return n;
    };
    for (Block* b : from.blocks) {
      for (Value* v = b->first; v; v = v->next) {
        if (v->op == Op::ClosurePtr) {
          values[v->id] = closure;
        } else if (v->op == Op::Alloca) {
          Value* at_entry = f.blocks[0]->first;
          Value* n = clone(v);
          if (n->debug_var) n->debug_var += first_var;
          at_entry ? f.insert_before(at_entry, n) : f.append(f.blocks[0], n);
        } else if (v->op != Op::Ret) {
          Value* n = clone(v);
          if (n->op == Op::Dbg) n->debug_var += first_var;
          f.append(blocks[b->id], n);
        }
      }
    }
    std::vector<Value*> args;
    for (Block* b : from.blocks) {
      for (Value* v = b->first; v; v = v->next) {
        Value* n = values[v->id];
        if (!n || v->op == Op::ClosurePtr) continue;
        args.clear();
        for (Value* a : v->operands()) args.push_back(values[a->id]);
        f.set_args(n, args);
      }
      Block* to = blocks[b->id];
      for (const ssa::Edge& e : b->succs) {
        args.clear();
        for (Value* a : e.args) args.push_back(values[a->id]);
        f.add_edge(to, blocks[e.to->id], args);
      }
      if (b->last->op != Op::Ret) continue;
      args.clear();
      for (i64 i : which) args.push_back(values[b->last->args[i]->id]);
      Value* j = f.new_value(Op::Jump, Ty::None, {}, b->last->pos);
      j->inl = b->last->inl < 0 ? node : b->last->inl + first_inner;
      f.append(to, j);
      f.add_edge(to, rest, args);
    }
    if (repl.any()) repl.apply();
  }

  bool run() {
    find_closures();
    std::vector<Value*> calls;
    for (Block* b : f.blocks) {
      for (Value* v = b->first; v; v = v->next) {
        if (is_call(v) && v->sig) calls.push_back(v);
      }
    }
    bool changed = false;
    for (Value* v : calls) {
      if (!v->block || v->block == f.deferreturn_block) continue;
      Func* callee = target(v);
      if (!callee || !wanted(v, callee)) continue;
      copy(v, *callee);
      changed = true;
    }
    return changed;
  }
};
}  // namespace

bool worth_exporting(Func& f) {
  u32 cost = cost_of(f);
  return cost != Never && cost <= Budget;
}
bool inline_calls(Func& f, const CallGraph& g, Context& c) { return Inliner{f, g, c.module}.run(); }
}  // namespace vole::opt
