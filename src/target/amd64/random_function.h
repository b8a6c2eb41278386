// Test support: random functions of integers, floats and one stack object, with branches, loops, switches and
// calls of earlier ones. With `pointers` also what reaches through pointers: not for running, as these lead
// nowhere.
#pragma once
#include <random>

#include "ssa/ssa.h"

namespace vole::target {
struct Generator {
  using Block = ssa::Block;
  using Func = ssa::Func;
  using Op = ssa::Op;
  using Ty = ssa::Ty;
  using Value = ssa::Value;
  std::mt19937_64 rng;
  object::Object& object;
  std::vector<Func*> callees;
  std::vector<std::unique_ptr<Func>>
      keep;  // for callers that want the functions to live as long as the generator
  Func* f = nullptr;
  std::vector<Value*> pool;  // values that dominate the place
  u32 budget = 0;
  Value *local = nullptr, *pointer_local = nullptr;
  bool pointers = false;
  // More values live at once than there are registers: many parameters of joins and loops, conditions on what
  // has long been in slots, and at the end a use of everything.
  bool pressure = false;

  u64 pick(u64 n) { return rng() % n; }
  Ty int_type() {
    constexpr Ty Types[] = {Ty::I8, Ty::I16, Ty::I32, Ty::I64, Ty::I64, Ty::I64};
    return Types[pick(6)];
  }
  Ty any_type() {
    if (pointers && pick(3) == 0) return Ty::Ptr;
    return pick(4) ? int_type() : Ty::F64;
  }
  Value* add(Block* b, Op op, Ty ty, std::initializer_list<Value*> args, i64 imm = 0) {
    Value* v = f->new_value(op, ty, std::span<Value* const>(args.begin(), args.size()), {}, imm);
    f->append(b, v);
    return v;
  }
  Value* constant(Block* b, Ty ty) {
    i64 x;
    switch (pick(6)) {
      case 0: x = 0; break;
      case 1: x = 1; break;
      case 2: x = -1; break;
      case 3: x = static_cast<i64>(rng()); break;
      case 4: x = static_cast<i64>(u64{1} << pick(64)); break;
      default: x = static_cast<i64>(pick(200)) - 100;
    }
    if (ty == Ty::Ptr) {
      x = 0;
    } else if (ty == Ty::F64) {
      double d = static_cast<double>(static_cast<i64>(pick(64)) - 32) / 4;
      std::memcpy(&x, &d, 8);
    } else if (ty == Ty::I8) {
      x = static_cast<i8>(x);
    } else if (ty == Ty::I16) {
      x = static_cast<i16>(x);
    } else if (ty == Ty::I32) {
      x = static_cast<i32>(x);
    }
    return add(b, Op::Const, ty, {}, x);
  }
  Value* any(Block* b, Ty ty) {
    if (pick(6) == 0) return constant(b, ty);
    for (int i = 0; i < 12; i++) {
      Value* v = pool[pick(pool.size())];
      if (v->ty == ty) return v;
    }
    return constant(b, ty);
  }
  void pointer_instruction(Block* b) {
    Ty ty = any_type();
    Value *p = any(b, Ty::Ptr), *v = nullptr;
    switch (pick(14)) {
      case 0:
      case 1: v = add(b, Op::Load, ty, {p}, static_cast<i64>(pick(5) * 8)); break;
      case 2: v = add(b, Op::PtrAdd, Ty::Ptr, {p, any(b, Ty::I64)}); break;
      case 3: add(b, Op::WBStore, Ty::None, {p, any(b, Ty::Ptr)}, 8); return;
      case 4: add(b, Op::Store, Ty::None, {p, any(b, ty)}); return;
      case 5: add(b, Op::Store, Ty::None, {pointer_local, any(b, Ty::Ptr)}, pick(2) ? 0 : 16); return;
      case 6: v = add(b, Op::Load, Ty::Ptr, {pointer_local}, pick(2) ? 0 : 16); break;
      case 7: add(b, Op::NilCheck, Ty::None, {p}); return;
      case 8: {
        Value* x = add(b, Op::Bounds, Ty::None, {any(b, Ty::I64), any(b, Ty::I64)});
        x->bounds_kind = pick(2) ? ssa::BoundsKind::Index : ssa::BoundsKind::SliceB;
        return;
      }
      case 9: {
        Value* c = add(b, Op::ICmp, Ty::I8, {p, any(b, Ty::Ptr)});
        c->cond = pick(2) ? ssa::Cond::Eq : ssa::Cond::Ne;
        Value *x = any(b, ty), *y = any(b, ty);
        v = add(b, Op::Select, ty, {c, x, y});
        break;
      }
      case 10: {
        constexpr Op Ops[] = {Op::AtomicXchg, Op::AtomicAdd, Op::AtomicOr, Op::AtomicAnd};
        v = add(b, Ops[pick(4)], Ty::I64, {p, any(b, Ty::I64)});
        break;
      }
      case 11: v = add(b, Op::AtomicCas, Ty::I8, {p, any(b, Ty::I64), any(b, Ty::I64)}); break;
      case 12: v = add(b, Op::GetG, Ty::Ptr, {}); break;
      default: v = indirect_call(b, p);
    }
    if (v) pool.push_back(v);
  }
  Value* indirect_call(Block* b, Value* p) {
    if (callees.empty()) return nullptr;
    Func* g = callees[pick(callees.size())];
    std::vector<Value*> args{p};
    for (const ssa::ArgLoc& a : g->sig->args) args.push_back(any(b, a.ty));
    Value* c = f->new_value(pick(2) ? Op::CallClosure : Op::CallCode, Ty::None, args);
    c->sig = g->sig;
    f->append(b, c);
    return add(b, Op::Extract, g->sig->results[0].ty, {c});
  }
  void instruction(Block* b) {
    if (pointers && pick(3) == 0) return pointer_instruction(b);
    Ty ty = int_type();
    Value* v = nullptr;
    switch (pick(22)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: {
        constexpr Op Ops[] = {Op::Add, Op::Sub, Op::Mul, Op::And, Op::Or, Op::Xor, Op::Add, Op::Sub};
        v = add(b, Ops[pick(8)], ty, {any(b, ty), any(b, ty)});
        break;
      }
      case 5: {
        constexpr Op Ops[] = {Op::Shl, Op::ShrS, Op::ShrU, Op::RotL};
        v = add(b, Ops[pick(4)], ty, {any(b, ty), any(b, int_type())});
        break;
      }
      case 6: {
        constexpr Op Ops[] = {Op::DivS, Op::DivU, Op::RemS, Op::RemU};
        Value* d = any(b, ty);
        Value* one = add(b, Op::Const, ty, {}, 1);
        d = add(b, Op::Or, ty, {d, one});
        v = add(b, Ops[pick(4)], ty, {any(b, ty), d});
        break;
      }
      case 7: {
        constexpr Op Ops[] = {Op::Neg, Op::Not, Op::Clz, Op::Ctz, Op::PopCnt, Op::BSwap};
        v = add(b, Ops[pick(6)], ty, {any(b, ty)});
        break;
      }
      case 8: v = add(b, pick(2) ? Op::MulHS : Op::MulHU, ty, {any(b, ty), any(b, ty)}); break;
      case 9:
      case 10: {
        v = add(b, Op::ICmp, Ty::I8, {any(b, ty), any(b, ty)});
        v->cond = static_cast<ssa::Cond>(pick(10));
        break;
      }
      case 11: {
        Value* c = add(b, Op::ICmp, Ty::I8, {any(b, ty), any(b, ty)});
        c->cond = static_cast<ssa::Cond>(pick(10));
        Ty t2 = pick(4) ? int_type() : Ty::F64;
        Value *x = any(b, t2), *y = any(b, t2);
        v = add(b, Op::Select, t2, {c, x, y});
        break;
      }
      case 12: {
        Value* x = any(b, ty);
        if (ty == Ty::I64) {
          v = add(b, Op::Trunc, pick(2) ? Ty::I32 : Ty::I8, {x});
        } else {
          v = add(b, pick(2) ? Op::SExt : Op::ZExt, Ty::I64, {x});
        }
        break;
      }
      case 13: {
        constexpr Op Ops[] = {Op::FAdd, Op::FSub, Op::FMul};
        v = add(b, Ops[pick(3)], Ty::F64, {any(b, Ty::F64), any(b, Ty::F64)});
        break;
      }
      case 14:
        v = pick(2) ? add(b, Op::SToF, Ty::F64, {any(b, pick(2) ? Ty::I32 : Ty::I64)})
                    : add(b, Op::FNeg, Ty::F64, {any(b, Ty::F64)});
        break;
      case 15: {
        v = add(b, Op::FCmp, Ty::I8, {any(b, Ty::F64), any(b, Ty::F64)});
        v->cond = static_cast<ssa::Cond>(pick(6));
        break;
      }
      case 16:
      case 17: {
        Value* x = any(b, ty);
        add(b, Op::Store, Ty::None, {local, x}, static_cast<i64>(pick(8) * 8));
        return;
      }
      case 18: {
        v = add(b, Op::Load, ty, {local}, static_cast<i64>(pick(8) * 8));
        break;
      }
      case 19: {
        // Indexed access to the local.
        Value* i = any(b, Ty::I64);
        Value* seven = add(b, Op::Const, Ty::I64, {}, 7);
        i = add(b, Op::And, Ty::I64, {i, seven});
        Value* three = add(b, Op::Const, Ty::I64, {}, 3);
        i = add(b, Op::Shl, Ty::I64, {i, three});
        Value* p = add(b, Op::PtrAdd, Ty::Ptr, {local, i});
        if (pick(2)) {
          add(b, Op::Store, Ty::None, {p, any(b, ty)});
          return;
        }
        v = add(b, Op::Load, ty, {p});
        break;
      }
      case 20: {
        Value* c = add(b, pick(2) ? Op::AddC : Op::SubB, Ty::None,
                       {any(b, Ty::I64), any(b, Ty::I64), any(b, Ty::I64)});
        Value* x = add(b, Op::Extract, Ty::I64, {c}, 0);
        v = add(b, Op::Extract, Ty::I64, {c}, 1);
        pool.push_back(x);
        break;
      }
      case 21: {
        if (callees.empty()) return;
        Func* g = callees[pick(callees.size())];
        std::vector<Value*> args;
        for (const ssa::ArgLoc& a : g->sig->args) args.push_back(any(b, a.ty));
        Value* c = f->new_value(Op::Call, Ty::None, args);
        c->sym = g->sym;
        c->sig = g->sig;
        f->append(b, c);
        i64 i = 0;
        for (const ssa::ArgLoc& r : g->sig->results) pool.push_back(add(b, Op::Extract, r.ty, {c}, i++));
        return;
      }
    }
    pool.push_back(v);
  }
  // Two values that depend on all that is in the pool, and stand in it instead.
  void use_everything(Block* b) {
    Value *sum = constant(b, Ty::I64), *product = constant(b, Ty::F64);
    for (Value* v : std::vector<Value*>(pool)) {
      if (v->ty == Ty::I64) sum = add(b, pick(2) ? Op::Add : Op::Xor, Ty::I64, {sum, v});
      else if (ssa::is_int(v->ty)) sum = add(b, Op::Sub, Ty::I64, {sum, add(b, Op::SExt, Ty::I64, {v})});
      else if (v->ty == Ty::F64) product = add(b, Op::FAdd, Ty::F64, {product, v});
    }
    pool = {sum, product};
  }
  // Emits code from b on; returns the block where control goes on.
  Block* region(Block* b, int depth) {
    u64 n = 1 + pick(8);
    for (u64 i = 0; i < n && budget; i++, budget--) instruction(b);
    if (depth == 0 || budget == 0) return b;
    size_t mark = pool.size();
    switch (pick(4)) {
      case 0: return region(b, depth - 1);
      case 1: {  // if / else with a joined value
        Value* x = any(b, Ty::I64);
        if (pressure && pick(2)) x = add(b, Op::Load, Ty::I64, {local}, static_cast<i64>(pick(8) * 8));
        Value* c = add(b, Op::ICmp, Ty::I8, {x, any(b, Ty::I64)});
        c->cond = static_cast<ssa::Cond>(pick(10));
        if (pick(3) == 0) {
          Value *fx = any(b, Ty::F64), *fy = any(b, Ty::F64);
          c = add(b, Op::FCmp, Ty::I8, {fx, fy});
          c->cond = static_cast<ssa::Cond>(pick(6));
        }
        add(b, Op::Br, Ty::None, {c});
        Block *t = f->new_block(), *e = f->new_block(), *j = f->new_block();
        if (pick(3) == 0) e->likely = -1;
        std::vector<Ty> types;
        for (u64 i = pick(pressure ? 12 : 4); i > 0; i--) types.push_back(any_type());
        f->add_edge(b, t);
        bool direct = pick(pressure ? 2 : 3) == 0;
        if (direct) {
          std::vector<Value*> args;
          // Values for the edge must stand before the branch.
          Value* br = b->last;
          for (Ty ty : types) {
            Value* k = nullptr;
            for (int i = 0; i < 8 && !k; i++) {
              Value* x = pool[pick(pool.size())];
              if (x->ty == ty) k = x;
            }
            if (!k) {
              k = f->new_value(Op::Const, ty, {}, {}, 3);
              if (ty == Ty::F64 || ty == Ty::Ptr) k->imm = 0;
              f->insert_before(br, k);
            }
            args.push_back(k);
          }
          f->add_edge(b, j, args);
        } else {
          f->add_edge(b, e);
        }
        auto side = [&](Block* s) {
          Block* end = region(s, depth - 1);
          std::vector<Value*> args;
          for (Ty ty : types) args.push_back(any(end, ty));
          add(end, Op::Jump, Ty::None, {});
          f->add_edge(end, j, args);
          pool.resize(mark);
        };
        side(t);
        if (direct) {
          std::erase(f->blocks, e);
        } else {
          side(e);
        }
        for (Ty ty : types) pool.push_back(f->add_param(j, ty));
        return region(j, depth - 1);
      }
      case 2: {  // counted loop with carried values
        std::vector<Value*> init;
        std::vector<Ty> types;
        for (u64 i = pick(pressure ? 9 : 4); i > 0; i--) types.push_back(any_type());
        init.push_back(add(b, Op::Const, Ty::I64, {}, 0));
        for (Ty ty : types) init.push_back(any(b, ty));
        Value* limit = add(b, Op::Const, Ty::I64, {}, static_cast<i64>(1 + pick(5)));
        add(b, Op::Jump, Ty::None, {});
        Block *h = f->new_block(), *body = f->new_block(), *exit = f->new_block();
        f->add_edge(b, h, init);
        Value* i = f->add_param(h, Ty::I64);
        std::vector<Value*> carried;
        for (Ty ty : types) carried.push_back(f->add_param(h, ty));
        pool.push_back(i);
        for (Value* x : carried) pool.push_back(x);
        Value* c = add(h, Op::ICmp, Ty::I8, {i, limit});
        c->cond = ssa::Cond::LtS;
        add(h, Op::Br, Ty::None, {c});
        f->add_edge(h, body);
        f->add_edge(h, exit);
        size_t inner = pool.size();
        Block* end = region(body, depth - 1);
        Value* one = add(end, Op::Const, Ty::I64, {}, 1);
        std::vector<Value*> next{add(end, Op::Add, Ty::I64, {i, one})};
        for (Ty ty : types) next.push_back(any(end, ty));
        add(end, Op::Jump, Ty::None, {});
        f->add_edge(end, h, next);
        pool.resize(inner);
        return region(exit, depth - 1);
      }
      default: {  // switch
        Value* x = any(b, Ty::I64);
        Value* three = add(b, Op::Const, Ty::I64, {}, 3);
        x = add(b, Op::And, Ty::I64, {x, three});
        add(b, Op::Switch, Ty::None, {x});
        Block* j = f->new_block();
        Ty ty = int_type();
        std::vector<Block*> cases;
        for (int k = 0; k < 3; k++) {
          cases.push_back(f->new_block());
          f->add_edge(b, cases.back());
        }
        for (Block* k : cases) {
          Block* end = region(k, 0);
          Value* a = any(end, ty);
          add(end, Op::Jump, Ty::None, {});
          f->add_edge(end, j, std::span(&a, 1));
          pool.resize(mark);
        }
        pool.push_back(f->add_param(j, ty));
        return j;
      }
    }
  }
  std::unique_ptr<Func> function(int index) {
    auto owned = std::make_unique<Func>();
    f = owned.get();
    f->sym = object.get("f" + std::to_string(index));
    f->name = f->sym->name;
    ssa::Sig* s = f->arena.make<ssa::Sig>();
    std::vector<ssa::ArgLoc> args, results;
    u8 ints = 0, floats = 0;
    u64 n = 1 + pick(9);
    for (u64 i = 0; i < n; i++) {
      Ty ty = any_type();
      bool fl = ty == Ty::F64;
      args.push_back({ty, true, fl ? floats++ : ints++, static_cast<u32>(8 * i)});
    }
    ints = floats = 0;
    n = 1 + pick(4);
    for (u64 i = 0; i < n; i++) {
      Ty ty = any_type();
      bool fl = ty == Ty::F64;
      results.push_back({ty, true, fl ? floats++ : ints++, 0});
    }
    s->args = f->arena.copy(args);
    s->results = f->arena.copy(results);
    s->spill_size = static_cast<u32>(8 * args.size());
    f->sig = s;
    pool.clear();
    Block* entry = f->new_block();
    for (const ssa::ArgLoc& a : s->args) pool.push_back(f->add_param(entry, a.ty));
    ssa::Layout* l = f->arena.make<ssa::Layout>();
    l->size = 64;
    l->align = 8;
    local = add(entry, Op::Alloca, Ty::Ptr, {});
    local->layout = l;
    if (pointers) {
      ssa::Layout* with = f->arena.make<ssa::Layout>(*l);
      static constexpr u8 Mask = 0b101;
      with->ptr_mask = {&Mask, 1};
      with->ptr_words = 3;
      pointer_local = add(entry, Op::Alloca, Ty::Ptr, {});
      pointer_local->layout = with;
    }
    Value* z = add(entry, Op::Zero, Ty::None, {local});
    z->imm2 = 64;
    budget = 10 + static_cast<u32>(pick(120));
    Block* end = region(entry, 4);
    if (pressure) use_everything(end);
    std::vector<Value*> out;
    for (const ssa::ArgLoc& r : s->results) out.push_back(any(end, r.ty));
    Value* ret = f->new_value(Op::Ret, Ty::None, out);
    f->append(end, ret);
    callees.push_back(f);
    return owned;
  }
};
}  // namespace vole::target
