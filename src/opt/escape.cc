// Escape analysis: which new objects can live in the frame, and what a function does with the pointers it is
// given.
//
// Unification (Steensgaard): every pointer value belongs to a class, a class has one class for what its
// objects hold. Values that flow into each other share a class; storing v through p makes v's class the
// contents of p's. Three facts spread from a class to its contents: Leaked (a pointer to it may be kept
// somewhere unknown), Returned, and External (its memory may be seen by others: what is stored there leaks).
// A fourth, Written, says of the class alone that pointers are stored in its objects: a caller learns of it
// as Filled, since what it finds there afterwards may belong to others. What an object holds leaks when the
// object is to be in the heap. Fields are not told apart, and neither are paths; both cost only objects that
// could have stayed.
//
// An object made in a loop shares one place among all turns, so it stays only when no turn can see the one
// before it: its class has no parameter of the loop's header, and whatever holds pointers to it was itself
// made in the same loop.
//
// A closure's body is accounted for where the closure is made: what the body does with its captures happens
// to the object's contents. Calling a closure therefore leaks arguments only.
#include <absl/container/flat_hash_map.h>

#include <algorithm>

#include "abi/runtime.h"
#include "opt/callgraph.h"

namespace vole::opt {
namespace {
using ssa::EscapeSummary;
enum : u8 { Leaked = 1, Returned = 2, External = 4, Written = 8, Spreading = Leaked | Returned | External };
constexpr u32 MaxNumbers = 16;
constexpr i64 MaxObject = 64 << 10, MaxFrame = 256 << 10, MaxNosplit = 128;

// What a runtime function does with its arguments, by argument word (abi/runtime.def); empty: nothing is
// known.
std::string_view known_rule(const Symbol* s) {
  abi::Rt r = abi::find_rt(s->name.text());
  return r == abi::Rt::Count ? std::string_view() : abi::rt_info(r).escapes;
}

struct Escape {
  Func& f;
  const CallGraph& g;
  Module& m;
  ssa::DomTree dom;
  ssa::LoopForest loops;
  struct Class {
    u32 parent, contents = 0;  // contents 0: none yet
    u8 facts = 0;
  };
  std::vector<Class> classes{1};  // [0] unused
  std::vector<u32> of;            // class of a value, 0: none yet
  struct Copy {                   // the contents of src (or src itself) are stored through dst
    u32 dst, src;
    bool through;
  };
  std::vector<Copy> copies;
  std::vector<Value*> objects;                       // New and Alloca
  absl::flat_hash_map<const Value*, Value*> names;   // New → the Dbg of its address
  std::vector<Value*> closures;                      // stores of code pointers
  absl::flat_hash_map<const Value*, Value*> births;  // Alloca that was a New → its clearing
  u32 numbers = 0;                                   // pointers turned into numbers so far

  Escape(Func& fn, const CallGraph& graph, Module& module)
      : f(fn), g(graph), m(module), dom(fn), loops(fn, dom), of(fn.next_value, 0) {}

  u32 make(u8 facts) {
    u32 id = static_cast<u32>(classes.size());
    classes.push_back({id, 0, facts});
    return id;
  }
  u32 find(u32 c) {
    while (classes[c].parent != c) c = classes[c].parent = classes[classes[c].parent].parent;
    return c;
  }
  u32 contents(u32 c) {
    c = find(c);
    if (!classes[c].contents) {
      u32 n = make(classes[c].facts & Spreading);
      classes[c].contents = n;
    }
    return find(classes[c].contents);
  }
  void add(u32 c, u8 facts) {
    for (c = find(c); (classes[c].facts & facts) != facts;) {
      classes[c].facts |= facts;
      facts &= Spreading;
      if (!classes[c].contents) return;
      c = find(classes[c].contents);
    }
  }
  void leak(u32 c) { add(c, Leaked | External); }
  void unify(u32 a, u32 b) {
    while ((a = find(a)) != (b = find(b))) {
      u8 facts = classes[a].facts | classes[b].facts;
      u32 x = classes[a].contents, y = classes[b].contents;
      classes[b].parent = a;
      classes[a].facts = facts;
      classes[a].contents = x ? x : y;
      if (x) add(x, facts & Spreading);
      if (y) add(y, facts & Spreading);
      if (!x || !y) return;
      a = x;
      b = y;
    }
  }

  static bool immutable(const Symbol* s) {
    using K = object::SymKind;
    if (s->kind == K::RoData || s->kind == K::TypeDesc || s->kind == K::TypeName || s->kind == K::Itab ||
        s->kind == K::Text)
      return true;
    std::string_view n = s->name.text();
    return n.starts_with("type:") || n.starts_with("go:");
  }
  // The class of a pointer value; 0 for nil and addresses of read-only data, which flow without consequence.
  u32 cls(Value* v) {
    if (u32 c = of[v->id]) return find(c);
    if (v->op == Op::Const || (v->op == Op::SymAddr && immutable(v->sym))) return 0;
    u8 facts = 0;
    switch (v->op) {
      case Op::Load:
      case Op::PtrAdd:
      case Op::Select:
      case Op::New:
      case Op::Alloca: break;
      case Op::Param: facts = v->block == f.blocks[0] ? External : 0; break;
      default: facts = External;  // globals, results of calls, argument areas
    }
    return of[v->id] = make(facts);
  }
  void flow(Value* a, Value* b) {
    if (u32 x = cls(a), y = cls(b); x && y) unify(x, y);
  }
  void leak(Value* v) {
    if (u32 c = cls(v)) leak(c);
  }
  void leak_contents(Value* v) {
    if (u32 c = cls(v)) leak(contents(c));
  }
  void leak_deep(Value* v) {
    if (u32 c = cls(v)) leak(contents(contents(c)));
  }
  // What the pointer holds may come from elsewhere: others see what is stored there.
  void fill(Value* v) {
    if (u32 c = cls(v)) {
      add(c, Written);
      add(contents(c), External);
    }
  }
  void fill_deep(Value* v) {
    if (u32 c = cls(v)) {
      add(contents(c), Written);
      add(contents(contents(c)), External);
    }
  }
  void copy(Value* dst, Value* src, bool through) {
    u32 d = cls(dst), s = cls(src);
    if (d && s) {
      add(d, Written);
      copies.push_back({d, s, through});
    }
    if (!d && s) leak(s);
  }

  // ---- what instructions do ---------------------------------------------------------------------
  void flow_to_results(Value* call, Value* arg) {
    for (Value* e = call->next; e && e->op == Op::Extract && e->args[0] == call; e = e->next) {
      if (e->ty == Ty::Ptr) flow(e, arg);
    }
  }
  void apply(Value* call, Value* arg, u8 what) {
    if (what & EscapeSummary::Leaks) return leak(arg);
    if (what & EscapeSummary::ContentLeaks) leak_contents(arg);
    if (what & EscapeSummary::DeepLeaks) leak_deep(arg);
    if (what & EscapeSummary::FlowsToResult) flow_to_results(call, arg);
    if (what & EscapeSummary::Filled) fill(arg);
    if (what & EscapeSummary::DeepFilled) fill_deep(arg);
  }
  void call(Value* v) {
    Symbol* callee = v->op == Op::Call ? v->sym : nullptr;
    u32 first = v->op == Op::Call || v->op == Op::TailCall ? 0 : 1;
    if (v->op == Op::CallClosure) callee = code_of_closure(v->args[0], m);
    if (std::string_view rule = callee && v->op == Op::Call ? known_rule(callee) : ""; !rule.empty())
      return known_call(v, rule);
    if (v->has(ssa::NoEscape)) {  // what the objects hold may have been copied elsewhere
      for (Value* a : v->operands()) {
        if (a->ty == Ty::Ptr) leak_contents(a);
      }
      return;
    }
    const EscapeSummary* s = callee ? g.summary(callee) : nullptr;
    for (u32 i = first; i < v->nargs; i++) {
      if (v->args[i]->ty != Ty::Ptr) continue;
      if (s && i - first < s->params.size()) {
        apply(v, v->args[i], s->params[i - first]);
      } else {
        leak(v->args[i]);
      }
    }
  }
  void known_call(Value* v, std::string_view rule) {
    Value* dst = nullptr;
    for (u32 i = 0; i < v->nargs; i++) {
      if (v->args[i]->ty != Ty::Ptr) continue;
      switch (rule[std::min<size_t>(i, rule.size() - 1)]) {
        case 'L': leak(v->args[i]); break;
        case 'c': leak_contents(v->args[i]); break;
        case 'r': flow_to_results(v, v->args[i]); break;
        case 'd': dst = v->args[i]; break;
        case 'w': fill(v->args[i]); break;
        case 's': copy(dst, v->args[i], true); break;
      }
    }
  }
  // A pointer turned into a number is forgotten when the number only becomes a pointer again: the idiom that
  // hides one from this analysis.
  bool stays_number(Value* v) {
    if (++numbers > MaxNumbers) return false;  // each look is a walk over the function
    std::vector<Value*> work{v};
    std::vector<u8> seen(f.next_value, 0);
    while (!work.empty()) {
      Value* x = work.back();
      work.pop_back();
      for (Block* b : dom.rpo) {
        for (Value* u = b->first; u; u = u->next) {
          for (Value* a : u->operands()) {
            if (a != x || seen[u->id] || u->op == Op::Dbg || u->op == Op::IntToPtr || u->op == Op::ICmp)
              continue;
            if (!ssa::is_pure(u) || u->op == Op::Extract) return false;
            seen[u->id] = 1;
            work.push_back(u);
          }
        }
        for (const ssa::Edge& e : b->succs) {
          if (std::find(e.args.begin(), e.args.end(), x) != e.args.end()) return false;
        }
      }
    }
    return true;
  }
  void instruction(Value* v) {
    switch (v->op) {
      case Op::New:
      case Op::Alloca:
        cls(v);
        objects.push_back(v);
        break;
      case Op::Zero:
        if (v->args[0]->op == Op::Alloca && v->args[0]->has(ssa::WasNew) && v->imm == 0 &&
            v->imm2 == v->args[0]->layout->size)
          births.try_emplace(v->args[0], v);
        break;
      case Op::Dbg:
        if (v->args[0]->op == Op::New && f.debug_vars[v->debug_var].name.text().starts_with('&'))
          names[v->args[0]] = v;
        break;
      case Op::PtrAdd: flow(v, v->args[0]); break;
      case Op::Select:
        if (v->ty != Ty::Ptr) break;
        flow(v, v->args[1]);
        flow(v, v->args[2]);
        break;
      case Op::Store:
        if (v->args[1]->ty != Ty::Ptr) break;
        if (const Value* root = address_root(v->args[0]);
            root->op == Op::OutArg && root->has(ssa::NoEscape)) {
          leak_contents(v->args[1]);
          break;
        }
        if (Value* code = v->args[1];
            code->op == Op::SymAddr && (v->has(ssa::ClosureCode) || g.own(code->sym)))
          closures.push_back(v);
        if (u32 d = cls(v->args[0]); d && v->args[1]->op == Op::SymAddr && !cls(v->args[1])) break;
        copy(v->args[0], v->args[1], false);
        break;
      case Op::Move:
        if (v->layout && v->layout->has_pointers()) copy(v->args[0], v->args[1], true);
        break;
      case Op::PtrToInt:
        if (cls(v->args[0]) && (v->imm || !stays_number(v))) leak(v->args[0]);
        break;
      case Op::KeepAlive:
        if (v->imm == 1) leak(v->args[0]);
        if (v->imm == 2) leak_contents(v->args[0]);
        break;
        // clang-format off
      case Op::AtomicStore: case Op::AtomicXchg: case Op::AtomicCas:
        // clang-format on
        for (u32 i = 1; i < v->nargs; i++) {
          if (v->args[i]->ty == Ty::Ptr) leak(v->args[i]);
        }
        break;
      case Op::Ret:
        for (Value* a : v->operands()) {
          if (u32 c = a->ty == Ty::Ptr ? cls(a) : 0) add(c, Returned);
        }
        break;
      case Op::TailCall:
        for (Value* a : v->operands()) {
          if (a->ty == Ty::Ptr) leak(a);
        }
        break;
      default:
        if (is_call(v)) call(v);
    }
  }
  void gather() {
    for (Block* b : dom.rpo) {
      for (const ssa::Edge& e : b->succs) {
        for (size_t i = 0; i < e.args.size(); i++) {
          if (e.args[i]->ty == Ty::Ptr) flow(e.to->params[i], e.args[i]);
        }
      }
      for (Value* v = b->first; v; v = v->next) instruction(v);
    }
    for (Block* b : dom.rpo) {
      for (Value* v = b->first; v; v = v->next) {
        if (v->op != Op::Load || v->ty != Ty::Ptr) continue;
        if (u32 p = cls(v->args[0])) {
          unify(cls(v), contents(p));
        } else {
          add(cls(v), External);
        }
      }
    }
    for (Value* s : closures) {
      const EscapeSummary* e = g.summary(s->args[1]->sym);
      u8 what = e && !e->params.empty() ? e->params.back() : EscapeSummary::ContentLeaks;
      using S = EscapeSummary;
      if (what & S::Leaks) leak(s->args[0]);
      if (what & (S::Leaks | S::FlowsToResult | S::ContentLeaks)) leak_contents(s->args[0]);
      if (what & S::DeepLeaks) leak_deep(s->args[0]);
      if (what & S::Filled) fill(s->args[0]);
      if (what & S::DeepFilled) fill_deep(s->args[0]);
    }
  }
  // Stores: into what others see, or into our own objects. The first may become known late.
  void settle() {
    for (bool again = true; again;) {
      again = false;
      for (const Copy& k : copies) {
        u32 d = find(k.dst), s = k.through ? contents(k.src) : find(k.src);
        if (classes[find(d)].facts & External) {
          if (classes[s].facts & Leaked) continue;
          leak(s);
        } else {
          if (find(contents(d)) == find(s)) continue;
          unify(contents(d), s);
        }
        again = true;
      }
    }
  }

  // ---- objects ----------------------------------------------------------------------------------
  bool has_irregular_cycle() {
    for (Block* b : dom.rpo) {
      for (const ssa::Edge& e : b->succs) {
        if (dom.rpo_index[e.to->id] <= dom.rpo_index[b->id] && !dom.dominates(e.to, b)) return true;
      }
    }
    return false;
  }
  static bool contains(const ssa::Loop* outer, const ssa::Loop* inner) {
    while (inner && inner != outer) inner = inner->parent;
    return inner == outer;
  }
  bool outlives_turn(Value* x) {
    ssa::Loop* in = loops.of[x->block->id];
    if (!in) return false;
    u32 c = find(of[x->id]);
    for (ssa::Loop* l = in; l; l = l->parent) {
      for (Value* p : l->header->params) {
        if (of[p->id] && find(of[p->id]) == c) return true;
      }
    }
    for (Value* o : objects) {
      u32 held = classes[find(of[o->id])].contents;
      if (held && find(held) == c && (o->op != Op::New || !contains(in, loops.of[o->block->id]))) return true;
    }
    return false;
  }
  bool gone(Value* x) { return classes[find(of[x->id])].facts & (Leaked | Returned); }
  // An object of the heap holds no pointers into a stack, which may move. True when that was news.
  bool leak_held(Value* x) {
    u32 held = contents(of[x->id]);
    if (classes[held].facts & Leaked) return false;
    leak(held);
    return true;
  }
  void place() {
    bool irregular = has_irregular_cycle();
    i64 frame = 0;
    for (Value* x : objects) {
      if (x->op != Op::New) continue;
      i64 size = x->layout->size;
      bool fits = size <= (f.no_split ? MaxNosplit : MaxObject) && frame + size <= MaxFrame &&
                  !(irregular && x->block != f.blocks[0]);
      if (fits) {
        frame += size;
      } else {
        leak(of[x->id]);
      }
    }
    for (bool again = true; again;) {
      again = false;
      settle();
      for (Value* x : objects) {
        if (x->op != Op::New && !births.contains(x)) continue;
        if (gone(x)) {
          again |= leak_held(x);
        } else if (x->op == Op::New && outlives_turn(x)) {
          leak(of[x->id]);
          again = true;
        }
      }
    }
  }
  // The variable "&v" that held the address of object x, if there is one, becomes v, which lives in a.
  void name_for_debugger(const Value* x, Value* a) {
    auto it = names.find(x);
    if (it == names.end()) return;
    u32 index = it->second->debug_var;
    ssa::DebugVarInfo& v = f.debug_vars[index];
    std::string_view name = v.name.text(), type = v.type.text();
    v.name = Name::intern(name.substr(1));
    v.type = Name::intern(type.substr(1));
    v.size = static_cast<u32>(x->layout->size);
    a->debug_var = index + 1;
    f.remove(it->second);
  }
  // An object that an earlier round put into the frame and that this round cannot keep there (what has been
  // copied in since hides what the callee's summary said) goes back to the heap: what holds it may be there.
  void take_back(Value* a) {
    Value* z = births[a];
    Value* n = f.new_value(Op::New, Ty::Ptr, {}, z->pos);
    n->layout = a->layout;
    n->inl = z->inl;
    n->flags = ssa::NonNil;
    f.insert_before(z, n);
    if (a->debug_var) {
      ssa::DebugVarInfo& v = f.debug_vars[a->debug_var - 1];
      v.name = Name::intern("&" + std::string(v.name.text()));
      v.type = Name::intern("*" + std::string(v.type.text()));
      v.size = 8;
      Value* d = f.new_value(Op::Dbg, Ty::None, std::span(&n, 1), z->pos);
      d->debug_var = a->debug_var - 1;
      f.insert_before(z, d);
    }
    repl.replace(a, n);
    f.remove(z);
    f.remove(a);
  }
  bool rewrite() {
    bool changed = false;
    for (Value* x : objects) {
      if (births.contains(x) && gone(x)) {
        take_back(x);
        changed = true;
      }
      if (x->op != Op::New || gone(x)) continue;
      // The object keeps its name; what stood there becomes its clearing.
      Value* a = f.new_value(Op::Alloca, Ty::Ptr, {}, x->pos);
      a->layout = x->layout;
      a->flags = ssa::NonNil | ssa::WasNew;
      f.insert_before(f.blocks[0]->first, a);
      Value* z = f.new_value(Op::Zero, Ty::None, std::span(&a, 1), x->pos);
      z->imm2 = x->layout->size;
      z->layout = x->layout;
      z->inl = x->inl;
      z->flags = ssa::NoBarrier;
      f.insert_before(x, z);
      name_for_debugger(x, a);
      repl.replace(x, a);
      f.remove(x);
      changed = true;
    }
    repl.apply();
    return changed;
  }
  void summarise() {
    auto& out = f.escape.params;
    out.clear();
    auto word = [&](Value* p) {
      if (!p || p->ty != Ty::Ptr || !of[p->id]) return out.push_back(0);
      u32 c = find(of[p->id]);
      u8 facts = classes[c].facts, what = 0;
      if (facts & Leaked) what |= EscapeSummary::Leaks;
      if (facts & Returned) what |= EscapeSummary::FlowsToResult;
      if (facts & Written) what |= EscapeSummary::Filled;
      u8 level = EscapeSummary::ContentLeaks;
      std::vector<u32> seen{c};
      while (classes[c].contents) {
        c = find(classes[c].contents);
        if (std::find(seen.begin(), seen.end(), c) != seen.end()) break;
        seen.push_back(c);
        if ((classes[c].facts & Leaked) || ((classes[c].facts & Returned) && !(facts & Returned)))
          what |= level;
        if (classes[c].facts & Written) what |= EscapeSummary::DeepFilled;
        level = EscapeSummary::DeepLeaks;
      }
      out.push_back(what);
    };
    for (Value* p : f.blocks[0]->params) word(p);
    Value* ctxt = nullptr;
    for (Value* v = f.blocks[0]->first; v && !ctxt; v = v->next) {
      if (v->op == Op::ClosurePtr) ctxt = v;
    }
    word(ctxt);
    f.has_escape_summary = true;
  }

  Replacements repl{f};
  bool run() {
    gather();
    place();
    summarise();
    return rewrite();
  }
};
}  // namespace

bool escape(Func& f, const CallGraph& g, Context& c) {
  if (f.no_escape) {
    f.escape.params.assign(f.blocks[0]->params.size() + 1, EscapeSummary::ContentLeaks);
    f.has_escape_summary = true;
    return false;
  }
  return Escape(f, g, c.module).run();
}
}  // namespace vole::opt
