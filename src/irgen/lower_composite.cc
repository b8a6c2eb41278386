// Composite literals. Values in SSA form are put together from their parts; larger ones are built where they
// belong, from a read-only image when most of them is constant.
#include "irgen/builder.h"

#include <fmt/format.h>

namespace vole::irgen {
using namespace syntax;
using namespace types;

namespace {
struct Element {
  i64 index;
  Expr* value;
};
}  // namespace

// Elements of an array or slice literal with their indices; returns the length.
static i64 list_elements(CompositeLit* e, std::vector<Element>& out) {
  i64 next = 0, len = 0;
  for (Expr* x : e->elems) {
    Expr* v = x;
    if (auto* kv = x->as<KeyValueExpr>()) {
      if (kv->key->cval)
        next = static_cast<i64>(kv->key->cval->kind == ConstValue::Int
                                    ? kv->key->cval->integer.low_bits()
                                    : kv->key->cval->real.to_int().low_bits());
      v = kv->value;
    }
    out.push_back({next++, v});
    len = std::max(len, next);
  }
  return len;
}

// Field of a struct literal that an element sets: its index path.
static std::span<const u32> key_path(Expr* x, size_t i, u32& storage) {
  auto* kv = x->as<KeyValueExpr>();
  if (!kv) {
    storage = static_cast<u32>(i);
    return {&storage, 1};
  }
  if (!kv->path.empty()) return kv->path;
  storage = unparen(kv->key)->cast<Ident>()->obj->as<Var>()->field_index;
  return {&storage, 1};
}

Val Builder::composite(CompositeLit* e) { return composite(e, ti(e)); }

// The value of a literal as one of type t: its own, or what its own type points to.
Val Builder::composite(CompositeLit* e, const TypeInfo* t) {
  switch (t->kind) {
    case abi::KPointer: {  // &T elided inside a literal of pointers
      const TypeInfo* et = info(t->under->cast<Pointer>()->elem);
      Addr a = new_object(et);
      composite_to(e, et, a);
      return val(t, {a.base});
    }
    case abi::KSlice: return composite_slice(e, t);
    case abi::KMap: return composite_map(e, t);
    default: break;
  }
  if (!t->ssa_able) {
    Addr a = alloca_for(t);
    composite_to(e, t, a);
    return mem_val(t, a);
  }
  Val r;
  r.t = t;
  for (int i = 0; i < t->n; i++) r.w[r.n++] = nullptr;
  if (t->kind == abi::KStruct) {
    in_order(e->elems, [&](size_t i) {
      u32 one;
      std::span<const u32> path = key_path(e->elems[i], i, one);
      auto* kv = e->elems[i]->as<KeyValueExpr>();
      int first = 0;
      const TypeInfo* ft = t;
      for (size_t k = 0; k < path.size(); k++) {
        if (ft->kind == abi::KPointer) VOLE_UNREACHABLE("promoted field through a pointer in a literal");
        first += ft->leaf_start[path[k]];
        ft = ft->fields[path[k]];
      }
      Val v = expr_as(kv ? kv->value : e->elems[i], ft);
      for (int k = 0; k < v.n; k++) r.w[first + k] = v.w[k];
    });
  } else if (t->kind == abi::KArray) {
    for (Expr* x : e->elems) {
      auto* kv = x->as<KeyValueExpr>();
      Val v = expr_as(kv ? kv->value : x, t->elem);
      for (int k = 0; k < v.n; k++) r.w[k] = v.w[k];
    }
  }
  for (int i = 0; i < t->n; i++)
    if (!r.w[i]) r.w[i] = c(t->leaf[i].ty, 0);
  return r;
}

void Builder::composite_to(CompositeLit* e, const TypeInfo* t, const Addr& dst) {
  if (t->size == 0) {
    for (Expr* x : e->elems) {
      auto* kv = x->as<KeyValueExpr>();
      effect(kv ? kv->value : x);
    }
    return;
  }
  if (t->kind != abi::KStruct && t->kind != abi::KArray) {
    store(dst, composite(e, t));
    return;
  }
  bool is_new = dst.base->op == Op::New;  // already zero
  if (t->kind == abi::KArray) {
    std::vector<Element> elems;
    list_elements(e, elems);
    size_t constants = 0;
    for (Element& x : elems) constants += u.is_static(x.value, t->elem, inst);
    if (constants >= 4 && constants * 2 >= elems.size()) {
      // A read-only image with the constant elements, then the others.
      Symbol* s = u.static_temp(t, true);
      std::vector<Unit::DynamicInit> dynamic;
      for (Element& x : elems)
        if (u.is_static(x.value, t->elem, inst))
          u.static_value(s, x.index * t->elem->size, t->elem, x.value, inst, nullptr, true);
      move(dst, {sym_addr(s), 0, 0}, t);
      if (constants < elems.size())
        for (Element& x : elems)
          if (!u.is_static(x.value, t->elem, inst))
            expr_to(x.value, t->elem, dst.at(x.index * t->elem->size));
      return;
    }
    if (!is_new && static_cast<i64>(elems.size()) < t->len) zero_mem(dst, t);
    in_order(e->elems,
             [&](size_t i) { expr_to(elems[i].value, t->elem, dst.at(elems[i].index * t->elem->size)); });
    return;
  }
  bool partial = e->elems.size() < t->fields.size();
  if (!partial) {
    i64 sum = 0;
    for (const TypeInfo* ft : t->fields) sum += ft->size;
    partial = sum != t->size && !is_new;
    for (Expr* x : e->elems)
      if (auto* kv = x->as<KeyValueExpr>(); kv && kv->path.size() > 1) partial = true;
  }
  if (partial && !is_new) zero_mem(dst, t);
  in_order(e->elems, [&](size_t i) {
    u32 one;
    std::span<const u32> path = key_path(e->elems[i], i, one);
    auto* kv = e->elems[i]->as<KeyValueExpr>();
    Addr a = dst;
    const TypeInfo* ft = t;
    for (u32 k : path) {
      a = a.at(ft->offsets[k]);
      ft = ft->fields[k];
    }
    expr_to(kv ? kv->value : e->elems[i], ft, a);
  });
}

Val Builder::composite_slice(CompositeLit* e, const TypeInfo* t) {
  const TypeInfo* et = info(t->under->cast<Slice>()->elem);
  std::vector<Element> elems;
  i64 len = list_elements(e, elems);
  if (len == 0) return val(t, {sym_addr(u.sym(abi::rt_data::zerobase)), c64(0), c64(0)});
  const TypeInfo* at = info(new_array(et->type, len));
  Addr a = new_object(at);
  if (at->size == 0) {
    composite_to(e, at, a);
    return val(t, {a.base, c64(len), c64(len)});
  }
  size_t constants = 0;
  if (elems.size() >= 4)
    for (Element& x : elems) constants += u.is_static(x.value, et, inst);
  if (constants >= 4 && constants * 2 >= elems.size()) {
    Symbol* s = u.static_temp(at, true);
    for (Element& x : elems)
      if (u.is_static(x.value, et, inst))
        u.static_value(s, x.index * et->size, et, x.value, inst, nullptr, true);
    Value* m = emit(Op::Move, Ty::None, {a.base, sym_addr(s)});
    m->imm2 = at->size;
    m->layout = u.layout(at);
    if (is_fresh(a)) m->flags |= ssa::NoBarrier;
    if (constants < elems.size())
      for (Element& x : elems)
        if (!u.is_static(x.value, et, inst)) expr_to(x.value, et, a.at(x.index * et->size));
  } else {
    in_order(e->elems, [&](size_t i) { expr_to(elems[i].value, et, a.at(elems[i].index * et->size)); });
  }
  return val(t, {a.base, c64(len), c64(len)});
}

Val Builder::composite_map(CompositeLit* e, const TypeInfo* t) {
  auto* m = t->under->cast<Map>();
  const TypeInfo *kt = info(m->key), *vt = info(m->elem);
  i64 n = static_cast<i64>(e->elems.size());
  Val map = n <= abi::MapGroupSlots ? rt1(Rt::makemap_small, {})
                                    : rt1(Rt::makemap, {pv(type_addr(t)), iv(c64(n)), pv(nil())});
  u.descriptor(t);
  map.w[0]->flags |= ssa::NonNil;
  map = retype(map, t);
  size_t constant_pairs = 0;
  for (Expr* x : e->elems) {
    auto* kv = x->cast<KeyValueExpr>();
    constant_pairs += u.is_static(kv->key, kt, inst) && u.is_static(kv->value, vt, inst);
  }
  bool table = constant_pairs > 25;
  if (table) {
    // Many constant pairs: two tables and a loop.
    i64 count = static_cast<i64>(constant_pairs);
    Symbol* ks = u.static_temp(info(new_array(kt->type, count)), true);
    Symbol* vs = u.static_temp(info(new_array(vt->type, count)), true);
    i64 i = 0;
    for (Expr* x : e->elems) {
      auto* kv = x->cast<KeyValueExpr>();
      if (!(u.is_static(kv->key, kt, inst) && u.is_static(kv->value, vt, inst))) continue;
      u.static_value(ks, i * kt->size, kt, kv->key, inst, nullptr, true);
      u.static_value(vs, i * vt->size, vt, kv->value, inst, nullptr, true);
      i++;
    }
    u32 slot = new_slot(Ty::I64);
    write(slot, c64(0));
    Block *header = new_block(), *body = new_block(), *done = new_block();
    open_loop(header);
    Value* at = read(slot);
    branch(icmp(Cond::LtS, at, c64(count)), body, done);
    enter_sealed(body);
    Val k = load(kt, {scaled({sym_addr(ks), 0, 0}, at, kt->size), 0, 0});
    Addr dst = map_assign(map, t, k);
    move(dst, {scaled({sym_addr(vs), 0, 0}, at, vt->size), 0, 0}, vt);
    write(slot, add(at, c64(1)));
    jump(header);
    close_loop(header);
    enter_sealed(done);
  }
  for (Expr* x : e->elems) {
    auto* kv = x->cast<KeyValueExpr>();
    if (table && u.is_static(kv->key, kt, inst) && u.is_static(kv->value, vt, inst)) continue;
    Val k, v;
    in_order(kv->key, kv->value, [&](size_t i) {
      if (i == 0) k = copy_to_temp(expr_as(kv->key, kt));
      else v = copy_to_temp(expr_as(kv->value, vt));
    });
    pos = kv->pos;
    Addr dst = map_assign(map, t, k);
    store(dst, v);
  }
  return map;
}
}  // namespace vole::irgen
