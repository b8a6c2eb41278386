// Stack objects that are only read and written at known places become values (scalar replacement).
//
// An object qualifies when its address is used by loads, stores, clears and copies at constant offsets alone.
// Its accesses cut it into slots, each read and written whole and with one type; copies carry the cuts of one
// object over to the other, and words that only copies touch are cut by the object's layout. Each slot is
// then a variable, turned into SSA form by asking for its value where it is read (Braun et al.): a block with
// one predecessor asks that one, others get a parameter first and operands later. Parameters that turn out to
// be trivial are removed by the pass of that name.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <deque>

#include "opt/pass.h"

namespace vole::opt {
namespace {
constexpr i64 MaxSize = 128;
constexpr size_t MaxSlots = 16;

struct Slot {
  i64 off;
  Ty ty;
  u32 var = 0;
  i64 end() const { return off + ssa::size_of(ty); }
};
struct Object {
  Value* alloca;
  std::vector<Slot> slots;  // by offset, disjoint
  bool ok = true;
};
// Memory at a constant distance from an object; object ~0u: somewhere else.
struct Place {
  u32 object = ~0u;
  i64 off = 0;
};

struct Promoter {
  Func& f;
  ssa::DomTree dom;
  Replacements repl;
  std::vector<Object> objects{};
  std::vector<Place> place;  // by value id
  std::vector<Value*> moves{}, accesses{};
  std::vector<Ty> vars{};
  absl::flat_hash_map<u64, Value*> out{}, in{};  // block id, variable → value at its end, at its start
  struct Pending {
    Block* block;
    u32 var;
  };
  std::deque<Pending> pending{};
  Value* zeros[8] = {};

  explicit Promoter(Func& fn) : f(fn), dom(fn), repl(fn), place(fn.next_value) {}

  // ---- candidates -------------------------------------------------------------------------------
  void find() {
    for (Value* v = f.blocks[0]->first; v; v = v->next) {
      if (v->op != Op::Alloca || v->has(ssa::Pinned) || v->layout->size > MaxSize || v->layout->size == 0)
        continue;
      place[v->id] = {static_cast<u32>(objects.size()), 0};
      objects.push_back({v, {}});
    }
    if (objects.empty()) return;
    for (Block* b : dom.rpo) {  // PtrAdd behind its operand
      for (Value* v = b->first; v; v = v->next) {
        if (v->op == Op::PtrAdd && v->args[1]->is_const() && place[v->args[0]->id].object != ~0u) {
          place[v->id] = {place[v->args[0]->id].object, place[v->args[0]->id].off + v->args[1]->imm};
        }
      }
    }
    std::vector<u8> after_return(f.next_block, 0);
    std::vector<Block*> work;
    if (f.deferreturn_block) work.push_back(f.deferreturn_block);
    while (!work.empty()) {
      Block* b = work.back();
      work.pop_back();
      if (after_return[b->id]++) continue;
      for (const ssa::Edge& e : b->succs) work.push_back(e.to);
    }
    auto reject = [&](Value* p) {
      if (place[p->id].object != ~0u) objects[place[p->id].object].ok = false;
    };
    for (Block* b : dom.rpo) {
      for (Value* v = b->first; v; v = v->next) {
        bool any = false;
        for (u32 i = 0; i < v->nargs; i++) {
          Value* a = v->args[i];
          if (place[a->id].object == ~0u) continue;
          any = true;
          bool fine = false;
          switch (v->op) {
            case Op::Load:
            case Op::Zero:
            case Op::Move:
            case Op::NilCheck:
            case Op::Dbg:
            case Op::KeepAlive: fine = true; break;
            case Op::Store: fine = i == 0; break;
            case Op::PtrAdd: fine = v->args[1]->is_const(); break;
            default: break;
          }
          if (!fine || after_return[b->id]) reject(a);
        }
        if (!any) continue;
        (v->op == Op::Move ? moves : accesses).push_back(v);
      }
      for (const ssa::Edge& e : b->succs) {
        for (Value* a : e.args) reject(a);
      }
    }
  }
  // Cuts an object; an overlap with another cut disqualifies it. Returns whether the cut is new.
  bool cut(u32 object, i64 off, Ty ty) {
    Object& o = objects[object];
    if (!o.ok) return false;
    Slot s{off, ty};
    auto it = std::lower_bound(o.slots.begin(), o.slots.end(), off,
                               [](const Slot& x, i64 at) { return x.off < at; });
    if (it != o.slots.end() && it->off == off && it->ty == ty) return false;
    if (off < 0 || s.end() > o.alloca->layout->size || (it != o.slots.end() && it->off < s.end()) ||
        (it != o.slots.begin() && std::prev(it)->end() > off) || o.slots.size() >= MaxSlots) {
      o.ok = false;
      return true;
    }
    o.slots.insert(it, s);
    return true;
  }
  bool good(const Place& p) const { return p.object != ~0u && objects[p.object].ok; }
  Place place_of(Value* p) const { return p->id < place.size() ? place[p->id] : Place(); }
  Place dst(Value* m) const {
    Place p = place_of(m->args[0]);
    return {p.object, p.off + m->imm};
  }
  Place src(Value* m) const { return place_of(m->args[1]); }

  bool mirror(Value* m) {  // cuts of one side appear on the other
    bool any = false;
    Place d = dst(m), s = src(m);
    auto carry = [&](Place from, Place to) {
      if (!good(from) || !good(to) || (from.object == to.object && from.off == to.off)) return;
      std::vector<Slot> slots = objects[from.object].slots;
      for (const Slot& x : slots) {
        if (x.end() <= from.off || x.off >= from.off + m->imm2) continue;
        any |= cut(to.object, x.off - from.off + to.off, x.ty);
      }
    };
    carry(d, s);
    carry(s, d);
    return any;
  }
  bool fill(Place p, i64 size) {  // words no access names
    if (!good(p)) return false;
    bool any = false;
    const Layout& l = *objects[p.object].alloca->layout;
    std::vector<Slot> slots = objects[p.object].slots;
    auto gap = [&](i64 from, i64 to) {
      while (from < to) {
        i64 n = 8;
        while (n > to - from || from % n) n /= 2;
        u64 w = static_cast<u64>(from) / 8;
        bool pointer = n == 8 && w < l.ptr_words && (l.ptr_mask[w / 8] >> (w % 8) & 1);
        any |= cut(p.object, from,
                   pointer  ? Ty::Ptr
                   : n == 8 ? Ty::I64
                   : n == 4 ? Ty::I32
                   : n == 2 ? Ty::I16
                            : Ty::I8);
        if (!objects[p.object].ok) return;
        from += n;
      }
    };
    i64 at = p.off;
    for (const Slot& s : slots) {
      if (s.end() <= at) continue;
      if (s.off >= p.off + size) break;
      if (s.off > at) gap(at, s.off);
      at = s.end();
    }
    gap(at, p.off + size);
    return any;
  }
  void covers(Place p, i64 size) {  // clears and copies take slots whole
    if (!good(p)) return;
    for (const Slot& s : objects[p.object].slots) {
      bool outside = s.end() <= p.off || s.off >= p.off + size;
      if (!outside && (s.off < p.off || s.end() > p.off + size)) objects[p.object].ok = false;
    }
  }
  void make_slots() {
    for (Value* v : accesses) {
      Place p = place[v->args[0]->id];
      if (p.object == ~0u) continue;
      if (v->op == Op::Load) cut(p.object, p.off + v->imm, v->ty);
      if (v->op == Op::Store) cut(p.object, p.off + v->imm, v->args[1]->ty);
    }
    for (bool again = true; again;) {
      again = false;
      for (Value* m : moves) again |= mirror(m);
      if (again) continue;
      for (Value* m : moves) {
        again |= fill(dst(m), m->imm2);
        again |= fill(src(m), m->imm2);
      }
      for (Value* m : moves) {
        covers(dst(m), m->imm2);
        covers(src(m), m->imm2);
      }
    }
    // A disqualified object is plain memory to the others: whatever was cut for its sake stays valid.
    for (bool again = true; again;) {
      again = false;
      size_t bad = count_bad();
      for (Value* v : accesses) {
        if (v->op == Op::Zero)
          covers({place[v->args[0]->id].object, place[v->args[0]->id].off + v->imm}, v->imm2);
      }
      for (Value* m : moves) {
        covers(dst(m), m->imm2);
        covers(src(m), m->imm2);
      }
      again = count_bad() != bad;
    }
    for (Object& o : objects) {
      if (!o.ok) continue;
      for (Slot& s : o.slots) {
        s.var = static_cast<u32>(vars.size());
        vars.push_back(s.ty);
      }
    }
  }
  size_t count_bad() const {
    return static_cast<size_t>(
        std::count_if(objects.begin(), objects.end(), [](const Object& o) { return !o.ok; }));
  }

  // ---- values of variables ----------------------------------------------------------------------
  static u64 key(const Block* b, u32 var) { return u64{b->id} << 32 | var; }
  Value* zero(Ty ty) {
    Value*& z = zeros[static_cast<int>(ty)];
    if (!z) {
      z = f.new_value(Op::Const, ty);
      f.insert_before(f.blocks[0]->first, z);
    }
    return z;
  }
  Value* at_end(Block* b, u32 var) {
    auto it = out.find(key(b, var));
    return it != out.end() ? it->second : at_start(b, var);
  }
  Value* at_start(Block* b, u32 var) {
    std::vector<Block*> path;
    Value* v = nullptr;
    for (;;) {
      if (auto it = in.find(key(b, var)); it != in.end()) {
        v = it->second;
        break;
      }
      path.push_back(b);
      if (b->preds.empty()) {
        v = zero(vars[var]);
        break;
      }
      if (b->preds.size() > 1) {
        v = f.add_param(b, vars[var]);
        pending.push_back({b, var});
        break;
      }
      b = b->preds[0].from;
      if (auto it = out.find(key(b, var)); it != out.end()) {
        v = it->second;
        break;
      }
    }
    for (Block* x : path) in[key(x, var)] = v;
    return v;
  }
  Value* read(Block* b, u32 var) { return repl.resolve(at_end(b, var)); }
  // Slot s of an object gets a value at instruction `at`.
  void write(Value* at, u32 object, const Slot& s, Value* v) {
    out[key(at->block, s.var)] = v;
    u32 named = objects[object].alloca->debug_var;
    if (named == 0) return;
    Value* d = f.new_value(Op::Dbg, Ty::None, std::span(&v, 1), at->pos, s.off);
    d->debug_var = named - 1;
    d->inl = at->inl;
    f.insert_before(at, d);
  }

  template <class F>
  void each_slot(Place p, i64 size, F fn) {
    for (const Slot& s : objects[p.object].slots) {
      if (s.off >= p.off && s.end() <= p.off + size) fn(s);
    }
  }
  void move(Value* m) {
    Place d = dst(m), s = src(m);
    struct Piece {
      i64 off;  // from the start of the range
      Ty ty;
      Value* v;
    };
    std::vector<Piece> pieces;
    if (good(s)) {
      each_slot(s, m->imm2,
                [&](const Slot& x) { pieces.push_back({x.off - s.off, x.ty, read(m->block, x.var)}); });
    } else {
      each_slot(d, m->imm2, [&](const Slot& x) {
        Value* l = f.new_value(Op::Load, x.ty, std::span(&m->args[1], 1), m->pos, x.off - d.off);
        l->inl = m->inl;
        f.insert_before(m, l);
        pieces.push_back({x.off - d.off, x.ty, l});
      });
    }
    for (Piece& p : pieces) {
      if (good(d)) {
        each_slot({d.object, d.off + p.off}, ssa::size_of(p.ty),
                  [&](const Slot& x) { write(m, d.object, x, p.v); });
        continue;
      }
      Value* args[] = {m->args[0], p.v};
      Value* st = f.new_value(Op::Store, Ty::None, args, m->pos, m->imm + p.off);
      st->inl = m->inl;
      st->flags = m->flags & ssa::NoBarrier;
      f.insert_before(m, st);
    }
    f.remove(m);
  }
  const Slot& slot(u32 object, i64 off) {
    auto& slots = objects[object].slots;
    return *std::lower_bound(slots.begin(), slots.end(), off,
                             [](const Slot& x, i64 at) { return x.off < at; });
  }
  void rewrite(Value* v) {
    repl.resolve_args(v);
    if (v->op == Op::Move) {
      if (good(dst(v)) || good(src(v))) move(v);
      return;
    }
    if (v->nargs == 0 || v->op == Op::Param) return;
    Place p = place_of(v->args[0]);
    if (!good(p)) return;
    p.off += v->imm;
    switch (v->op) {
      case Op::Load: repl.replace(v, read(v->block, slot(p.object, p.off).var)); break;
      case Op::Store: write(v, p.object, slot(p.object, p.off), v->args[1]); break;
      case Op::Zero: each_slot(p, v->imm2, [&](const Slot& s) { write(v, p.object, s, zero(s.ty)); }); break;
      case Op::PtrAdd: return;  // removed with the object
      default: break;
    }
    f.remove(v);
  }

  bool run() {
    find();
    if (objects.empty()) return false;
    make_slots();
    if (count_bad() == objects.size()) return false;
    for (Block* b : dom.rpo) {
      for (Value* v = b->first; v;) {
        Value* next = v->next;
        rewrite(v);
        v = next;
      }
    }
    while (!pending.empty()) {
      Pending p = pending.front();
      pending.pop_front();
      for (size_t i = 0; i < p.block->preds.size(); i++) {
        ssa::Pred e = p.block->preds[i];
        Value* v = read(e.from, p.var);
        e.from->succs[e.succ].args.push_back(v);
      }
    }
    repl.apply();
    for (Block* b : dom.rpo) {
      for (Value* v = b->last; v;) {
        Value* prev = v->prev;
        if ((v->op == Op::PtrAdd || v->op == Op::Alloca) && v->id < place.size() && good(place[v->id]))
          f.remove(v);
        v = prev;
      }
    }
    return true;
  }
};
}  // namespace

bool promote(Func& f, Context&) { return Promoter(f).run(); }
}  // namespace vole::opt
