// Map accesses through the runtime entries of internal/runtime/maps, which come in variants by key.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

Builder::MapFast Builder::map_fast(Map* m) {
  const TypeInfo *k = info(m->key), *e = info(m->elem);
  if (e->size > abi::MapMaxElemBytes) return MapSlow;
  if (k->is_string()) return MapStr;
  if (!is_regular_memory(k)) return MapSlow;
  if (k->size == 4) return Map32;
  if (k->size == 8) return k->has_pointers() ? Map64Ptr : Map64;
  return MapSlow;
}

// A key as the map has it; m[string(b)] borrows b's bytes.
// A key to look up.
Val Builder::map_key(Expr* e, Map* m) {
  const TypeInfo* kt = info(m->key);
  if (kt->is_string()) return convert_assign(bytes_as_string(e), kt, e);
  return expr_as(e, kt);
}

// The word that the fast variants take for a key.
static Val key_word(Builder& b, Builder::MapFast fast, const Val& key) {
  Ty want = fast == Builder::Map32 ? Ty::I32 : fast == Builder::Map64Ptr ? Ty::Ptr : Ty::I64;
  const TypeInfo* t = b.basic(fast == Builder::Map32      ? BasicKind::Uint32
                              : fast == Builder::Map64Ptr ? BasicKind::UnsafePointer
                                                          : BasicKind::Uint64);
  if (!key.mem && key.n == 1 && key.w[0]->ty == want) return b.val(t, {key.w[0]});
  if (!key.mem && key.n == 1 && want == Ty::I64 && key.w[0]->ty == Ty::Ptr)
    return b.val(t, {b.emit(Op::PtrToInt, Ty::I64, {key.w[0]})});
  return b.val(t, {b.load(want, b.to_memory(key))});
}

Val Builder::map_get(const Val& m, const TypeInfo* mt, const Val& key, Value** ok) {
  auto* map = mt->under->cast<Map>();
  const TypeInfo* et = info(map->elem);
  MapFast fast = map_fast(map);
  Value* desc = type_addr(mt);
  Val mv = pv(m.v());
  Vals r;
  switch (fast) {
    case MapStr:
      r = rt(ok ? Rt::mapaccess2_faststr : Rt::mapaccess1_faststr,
             {pv(desc), mv, retype(key, string_type())});
      break;
    case Map32:
      r = rt(ok ? Rt::mapaccess2_fast32 : Rt::mapaccess1_fast32, {pv(desc), mv, key_word(*this, Map32, key)});
      break;
    case Map64:
    case Map64Ptr:
      r = rt(ok ? Rt::mapaccess2_fast64 : Rt::mapaccess1_fast64, {pv(desc), mv, key_word(*this, Map64, key)});
      break;
    case MapSlow: {
      Val kp = pv(ptr(to_memory(key)));
      if (et->size > abi::ZeroValSize) {
        Val z = pv(sym_addr(u.zero_value(et->size)));
        r = rt(ok ? Rt::mapaccess2_fat : Rt::mapaccess1_fat, {pv(desc), mv, kp, z});
      } else {
        r = rt(ok ? Rt::mapaccess2 : Rt::mapaccess1, {pv(desc), mv, kp});
      }
      break;
    }
  }
  if (ok) *ok = r[1].v();
  Value* p = r[0].v();
  p->flags |= ssa::NonNil;
  Val v = load(et, {p, 0, 0});
  // The slot may be overwritten before a large value is used.
  return v.mem ? copy_to_temp(v) : v;
}

Addr Builder::map_assign(const Val& m, const TypeInfo* mt, const Val& key) {
  auto* map = mt->under->cast<Map>();
  MapFast fast = map_fast(map);
  Value* desc = type_addr(mt);
  Val mv = pv(m.v());
  Val r;
  switch (fast) {
    case MapStr: r = rt1(Rt::mapassign_faststr, {pv(desc), mv, retype(key, string_type())}); break;
    case Map32: r = rt1(Rt::mapassign_fast32, {pv(desc), mv, key_word(*this, Map32, key)}); break;
    case Map64: r = rt1(Rt::mapassign_fast64, {pv(desc), mv, key_word(*this, Map64, key)}); break;
    case Map64Ptr: r = rt1(Rt::mapassign_fast64ptr, {pv(desc), mv, key_word(*this, Map64Ptr, key)}); break;
    case MapSlow: r = rt1(Rt::mapassign, {pv(desc), mv, pv(ptr(to_memory(key)))}); break;
  }
  r.w[0]->flags |= ssa::NonNil;
  return {r.v(), 0, 0};
}

void Builder::map_delete(const Val& m, const TypeInfo* mt, const Val& key) {
  auto* map = mt->under->cast<Map>();
  Value* desc = type_addr(mt);
  Val mv = pv(m.v());
  switch (map_fast(map)) {
    case MapStr: rt(Rt::mapdelete_faststr, {pv(desc), mv, retype(key, string_type())}); break;
    case Map32: rt(Rt::mapdelete_fast32, {pv(desc), mv, key_word(*this, Map32, key)}); break;
    case Map64:
    case Map64Ptr: rt(Rt::mapdelete_fast64, {pv(desc), mv, key_word(*this, Map64, key)}); break;
    case MapSlow: rt(Rt::mapdelete, {pv(desc), mv, pv(ptr(to_memory(key)))}); break;
  }
}
}  // namespace vole::irgen
