// Equal computations once: walks the blocks in reverse postorder, keeps one leader for each computation and
// replaces what the leader dominates. Loads are computations too as long as the memory they read stays the
// same: a list of known memory words travels along the walk, merges where paths meet (only what all of them
// know), and loses what stores and calls may change. At a loop's head it loses what the loop may change.
// Checks (nil, bounds) that a dominating equal one has made are dropped.
#include <algorithm>

#include "opt/pass.h"

namespace vole::opt {
namespace {
struct Known {  // memory at base + off holds `value` (of its type)
  Value* base;
  i64 off;
  Value* value;
};
struct Write {
  Value* base;
  i64 off, size;
  Ty ty;  // None: unknown contents
};
constexpr size_t MaxKnown = 32;

struct Gvn {
  Func& f;
  Replacements repl;
  ssa::DomTree dom;
  std::vector<Value*> table;
  u32 mask = 0, count = 0;
  std::vector<u8> private_;  // by value id: stack objects whose address is only used to access them
  std::vector<std::vector<Known>> out;
  std::vector<Known> known;
  bool changed = false;

  explicit Gvn(Func& fn) : f(fn), repl(fn), dom(fn) {
    u32 n = 64;
    while (n < f.next_value) n *= 2;
    table.assign(n, nullptr);
    mask = n - 1;
    out.resize(f.next_block);
  }

  // ---- which objects nobody else sees -----------------------------------------------------------
  void find_private() {
    private_.assign(f.next_value, 0);
    for (Block* b : dom.rpo) {
      for (Value* v = b->first; v; v = v->next) {
        if ((v->op == Op::Alloca || v->op == Op::New) && !v->has(ssa::Pinned)) private_[v->id] = 1;
      }
    }
    auto expose = [&](Value* p) { private_[address_root(p)->id] = 0; };
    for (Block* b : dom.rpo) {
      for (Value* v = b->first; v; v = v->next) {
        for (u32 i = 0; i < v->nargs; i++) {
          Value* a = v->args[i];
          if (a->ty != Ty::Ptr) continue;
          switch (v->op) {
            case Op::Load:
            case Op::Zero:
            case Op::Move:
            case Op::NilCheck:
            case Op::ICmp:
            case Op::PtrAdd:
            case Op::Dbg:
            case Op::KeepAlive: break;
            case Op::Store:
            case Op::WBStore:
              if (i == 1) expose(a);
              break;
            default: expose(a);
          }
        }
      }
      for (const ssa::Edge& e : b->succs) {
        for (Value* a : e.args) {
          if (a->ty == Ty::Ptr) expose(a);
        }
      }
    }
  }
  bool is_private(Value* root) const { return root->id < private_.size() && private_[root->id]; }

  // ---- memory -----------------------------------------------------------------------------------
  static bool constant_memory(Value* base) {
    return base->op == Op::SymAddr &&
           (base->sym->kind == object::SymKind::RoData || base->sym->kind == object::SymKind::TypeDesc);
  }
  bool may_alias(const Known& k, const Write& w) const {
    if (k.base == w.base)
      return w.off < k.off + static_cast<i64>(ssa::size_of(k.value->ty)) && k.off < w.off + w.size;
    Value *a = address_root(k.base), *b = address_root(w.base);
    if (constant_memory(a)) return false;
    if (a != b) {
      if (is_private(a) || is_private(b)) return false;
      auto on_stack = [](Value* x) {
        return x->op == Op::Alloca || x->op == Op::InArg || x->op == Op::OutArg;
      };
      if (on_stack(a) && on_stack(b) && (a->op != b->op || a->op == Op::Alloca)) return false;
      if (on_stack(a) && (b->op == Op::SymAddr || b->op == Op::New)) return false;
      if (on_stack(b) && (a->op == Op::SymAddr || a->op == Op::New)) return false;
      if (a->op == Op::SymAddr && b->op == Op::SymAddr && a->sym != b->sym) return false;
      if (a->op == Op::New && b->op == Op::New) return false;
      // Words hold pointers or floating-point numbers throughout their lives.
      if ((k.value->ty == Ty::Ptr && ssa::is_float(w.ty)) || (ssa::is_float(k.value->ty) && w.ty == Ty::Ptr))
        return false;
    }
    return true;
  }
  void write(const Write& w) {
    std::erase_if(known, [&](const Known& k) { return may_alias(k, w); });
  }
  void call() {
    std::erase_if(known, [&](const Known& k) {
      Value* r = address_root(k.base);
      return !constant_memory(r) && !is_private(r);
    });
  }
  void learn(Value* base, i64 off, Value* value) {
    if (known.size() >= MaxKnown) known.erase(known.begin());
    known.push_back({base, off, value});
  }
  // What an instruction does to memory: calls fn(write) or returns true when anything may change.
  template <class F>
  static bool effects(Value* v, F fn) {
    switch (v->op) {
      case Op::Store:
      case Op::WBStore:
        fn(Write{v->args[0], v->imm, ssa::size_of(v->args[1]->ty), v->args[1]->ty});
        return false;
      case Op::Zero: fn(Write{v->args[0], v->imm, v->imm2, Ty::None}); return false;
      case Op::Move: fn(Write{v->args[0], v->imm, v->imm2, Ty::None}); return false;
      case Op::New:
      case Op::Dbg:
      case Op::KeepAlive:
      case Op::Prefetch:
      case Op::CallerPC:
      case Op::CallerSP: return false;
      default: {
        u16 fl = ssa::op_info(v->op).flags;
        return fl & (ssa::OpCall | ssa::OpEffect | ssa::OpWrites);
      }
    }
  }

  void enter(Block* b, const ssa::LoopForest& loops) {
    known.clear();
    if (b == f.blocks[0] || b == f.deferreturn_block || b->preds.empty()) return;
    bool first = true;
    bool back = false;
    for (const ssa::Pred& p : b->preds) {
      if (!dom.reachable(p.from)) continue;
      if (dom.rpo_index[p.from->id] >= dom.rpo_index[b->id]) {
        back = true;
        continue;
      }
      const auto& o = out[p.from->id];
      if (first) {
        known = o;
        first = false;
      } else {
        std::erase_if(known, [&](const Known& k) {
          return std::none_of(o.begin(), o.end(), [&](const Known& q) {
            return q.base == k.base && q.off == k.off && q.value == k.value;
          });
        });
      }
    }
    // Values known on every path stand on every path only if they dominate.
    if (b->preds.size() > 1) {
      std::erase_if(known, [&](const Known& k) {
        return !dom.dominates(k.value->block, b) || !dom.dominates(k.base->block, b);
      });
    }
    if (!back || known.empty()) return;
    ssa::Loop* loop = loops.of[b->id];
    if (!loop || loop->header != b) {  // a cycle that is no loop
      known.clear();
      return;
    }
    forget_writes(loop);
  }
  // What a loop changes is not known in it. Of loops with many blocks nothing is kept: in a nest, each looks
  // at all inner ones again.
  void forget_writes(ssa::Loop* loop) {
    constexpr size_t MaxBlocks = 2000;
    size_t blocks = 0;
    std::vector<ssa::Loop*> work{loop};
    while (!work.empty() && !known.empty()) {
      ssa::Loop* l = work.back();
      work.pop_back();
      work.insert(work.end(), l->inner.begin(), l->inner.end());
      if ((blocks += l->blocks.size()) > MaxBlocks) known.clear();
      for (Block* x : l->blocks)
        for (Value* v = x->first; v && !known.empty(); v = v->next)
          if (effects(v, [&](const Write& w) { write(Write{repl.resolve(w.base), w.off, w.size, w.ty}); }))
            call();
    }
  }

  // ---- computations -----------------------------------------------------------------------------
  static u64 mix(u64 h, u64 x) {
    h = (h ^ x) * 0x9e3779b97f4a7c15;
    return h ^ h >> 29;
  }
  static bool commutes(const Value* v) {
    return (ssa::op_info(v->op).flags & ssa::OpCommutes) && v->nargs == 2;
  }
  static u64 hash(const Value* v) {
    u64 h =
        mix(static_cast<u64>(v->op) << 16 | static_cast<u64>(v->ty) << 8 | v->sub, static_cast<u64>(v->imm));
    if (v->op == Op::SymAddr) h = mix(h, reinterpret_cast<u64>(v->sym));
    if (commutes(v))
      return mix(h, (u64{v->args[0]->id} + v->args[1]->id) << 32 | (v->args[0]->id ^ v->args[1]->id));
    for (u32 i = 0; i < v->nargs; i++) h = mix(h, v->args[i]->id);
    return h;
  }
  static bool same(const Value* a, const Value* b) {
    if (a->op != b->op || a->ty != b->ty || a->sub != b->sub || a->imm != b->imm || a->nargs != b->nargs)
      return false;
    if (a->op == Op::SymAddr && a->sym != b->sym) return false;
    if (commutes(a) && a->args[0] == b->args[1] && a->args[1] == b->args[0]) return true;
    for (u32 i = 0; i < a->nargs; i++) {
      if (a->args[i] != b->args[i]) return false;
    }
    return true;
  }
  // The leader equal to v that dominates it; null when v is the leader from now on.
  Value* leader(Value* v) {
    u64 h = hash(v);
    for (u32 i = static_cast<u32>(h) & mask;; i = (i + 1) & mask) {
      Value* x = table[i];
      if (!x) {
        if (count * 2 < mask) {
          table[i] = v;
          count++;
        }
        return nullptr;
      }
      if (!same(x, v)) continue;
      if (x->block == v->block || dom.dominates(x->block, v->block)) return x;
      table[i] = v;
      return nullptr;
    }
  }
  static bool shared(const Value* v) {
    if (!ssa::is_pure(v)) return false;
    switch (v->op) {
      case Op::Param:
      case Op::Extract:
      case Op::Alloca:
      case Op::ClosurePtr:
      case Op::OutArg:
      case Op::PtrToInt: return false;  // a stack address as a number is good for the moment only
      default: return !(ssa::op_info(v->op).flags & ssa::OpMulti);
    }
  }
  static bool nil_safe(const Value* p) {
    return p->has(ssa::NonNil) || p->op == Op::Alloca || p->op == Op::New || p->op == Op::SymAddr ||
           p->op == Op::InArg;
  }

  void drop(Value* v) {
    f.remove(v);
    changed = true;
  }

  void visit(Value* v) {
    repl.resolve_args(v);
    if (v->op == Op::Load) {
      Value* base = v->args[0];
      for (size_t i = known.size(); i-- > 0;) {
        const Known& k = known[i];
        if (k.base == base && k.off == v->imm && k.value->ty == v->ty) {
          repl.replace(v, k.value);
          drop(v);
          return;
        }
      }
      learn(base, v->imm, v);
      return;
    }
    if (v->op == Op::NilCheck || v->op == Op::Bounds) {
      if (v->op == Op::NilCheck && nil_safe(v->args[0])) return drop(v);
      u8 kind = v->sub;
      if (v->op == Op::Bounds) {  // what is checked, not what is said when it fails
        v->bounds_kind = kind <= static_cast<u8>(BoundsKind::IndexU) ? BoundsKind::Index
                         : v->bounds_kind == BoundsKind::Convert     ? BoundsKind::Convert
                                                                     : BoundsKind::SliceB;
      }
      if (leader(v)) {
        drop(v);
      } else if (v->op == Op::Bounds) {
        kinds_.push_back({v, kind});
      }
      return;
    }
    if (shared(v)) {
      if (Value* l = leader(v)) {
        repl.replace(v, l);
        drop(v);
      }
      return;
    }
    if (v->op == Op::Store || v->op == Op::WBStore) {
      Value* base = v->args[0];
      for (const Known& k : known) {
        if (k.base == base && k.off == v->imm && k.value == v->args[1] &&
            address_root(base)->op != Op::OutArg)
          return drop(v);  // it holds that already
      }
      write(Write{base, v->imm, ssa::size_of(v->args[1]->ty), v->args[1]->ty});
      if (address_root(base)->op != Op::OutArg) learn(base, v->imm, v->args[1]);
      return;
    }
    if (effects(v, [&](const Write& w) { write(w); })) call();
  }

  std::vector<std::pair<Value*, u8>> kinds_;  // bounds checks that stay, with their own kinds

  bool run() {
    find_private();
    ssa::LoopForest loops(f, dom);
    for (Block* b : dom.rpo) {
      enter(b, loops);
      for (Value* v = b->first; v;) {
        Value* next = v->next;
        visit(v);
        v = next;
      }
      for (ssa::Edge& e : b->succs) {
        for (Value*& a : e.args) a = repl.resolve(a);
      }
      out[b->id] = known;
    }
    for (auto [v, kind] : kinds_) v->sub = kind;
    repl.apply();
    return changed;
  }
};
}  // namespace

bool gvn(Func& f, Context&) { return Gvn(f).run(); }
}  // namespace vole::opt
