// Index and slice expressions, constant indices.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

void Checker::map_index(Operand& x, IndexExpr* e, Type* key, Type* elem) {
  Expr* i = single_index(e);
  if (!i) {
    x.invalidate();
    return;
  }
  Operand k;
  generic_expr(k, i);
  assignment(k, key, {"map index"});
  x.mode = Mode::MapIndex;
  x.type = elem;
  x.expr = e;
}

bool Checker::index_expr(Operand& x, IndexExpr* e) {
  expr_or_type(x, e->x, true);
  switch (x.mode) {
    case Mode::Invalid: use(e->indices); return false;
    case Mode::TypeExpr:
      x.invalidate();
      x.type = var_type(e);
      if (is_valid(x.type)) x.mode = Mode::TypeExpr;
      x.expr = e;
      return false;
    case Mode::Value:
      if (auto* sig = x.type->underlying()->as<Signature>(); sig && !sig->tparams.empty()) return true;
      break;
    default: break;
  }
  non_generic(nullptr, x);
  if (!x.valid()) return false;
  auto incomplete = [&](Type* t) {
    if (path_.empty() || is_complete(t)) return false;
    x.invalidate();
    return true;
  };
  if (incomplete(x.type)) return false;
  Type* u = x.type->underlying();
  bool valid = false;
  i64 length = -1;
  switch (u->kind) {
    case TypeKind::Basic:
      if (!is_basic(u, IsString)) break;
      valid = true;
      if (x.mode == Mode::Constant) length = is_unknown(x.val) ? -1 : static_cast<i64>(x.val->string_size());
      // An index into a constant string needs the string at run time.
      update_expr_type(x.node(), default_type(x.type), true);
      x.mode = Mode::Value;
      x.type = ByteType;
      break;
    case TypeKind::Array:
      valid = true;
      length = static_cast<Array*>(u)->len;
      if (x.mode != Mode::Variable) x.mode = Mode::Value;
      x.type = static_cast<Array*>(u)->elem;
      break;
    case TypeKind::Pointer: {
      Type* base = static_cast<Pointer*>(u)->elem;
      if (incomplete(base)) return false;
      if (auto* a = base->underlying()->as<Array>()) {
        valid = true;
        length = a->len;
        x.mode = Mode::Variable;
        x.type = a->elem;
      }
      break;
    }
    case TypeKind::Slice:
      valid = true;
      x.mode = Mode::Variable;
      x.type = static_cast<Slice*>(u)->elem;
      break;
    case TypeKind::Map:
      if (incomplete(static_cast<Map*>(u)->elem)) return false;
      map_index(x, e, static_cast<Map*>(u)->key, static_cast<Map*>(u)->elem);
      return false;
    case TypeKind::Interface: {
      if (!is_type_param(x.type)) break;
      // All types of the type set must allow it alike.
      Type *key = nullptr, *elem = nullptr;
      Mode mode = Mode::Variable;
      bool ok = for_all_types(x.type, [&](Type*, Type* t) {
        i64 l = -1;
        Type *k = nullptr, *el = nullptr;
        if (!t) return false;
        if (is_basic(t, IsString)) {
          el = ByteType;
          mode = Mode::Value;
        } else if (auto* a = t->as<Array>()) {
          l = a->len;
          el = a->elem;
          if (x.mode != Mode::Variable) mode = Mode::Value;
        } else if (auto* p = t->as<Pointer>()) {
          if (auto* pa = p->elem->underlying()->as<Array>()) {
            l = pa->len;
            el = pa->elem;
          }
        } else if (auto* s = t->as<Slice>()) {
          el = s->elem;
        } else if (auto* m = t->as<Map>()) {
          k = m->key;
          el = m->elem;
        }
        if (!el) return false;
        if (!elem) {
          length = l;
          key = k;
          elem = el;
          return true;
        }
        if ((key == nullptr) != (k == nullptr) || (key && !identical(key, k)) || !identical(elem, el))
          return false;
        if (l >= 0 && l < length) length = l;
        return true;
      });
      if (!ok) break;
      if (key) {
        map_index(x, e, key, elem);
        return false;
      }
      valid = true;
      x.mode = mode;
      x.type = elem;
      break;
    }
    default: break;
  }
  if (!valid) {
    errorf(e->lbrack, "cannot index {}", str(x));
    use(e->indices);
    x.invalidate();
    return false;
  }
  Expr* i = single_index(e);
  if (!i) {
    x.invalidate();
    return false;
  }
  x.expr = e;
  index(i, length);
  return false;
}

void Checker::slice_expr(Operand& x, SliceExpr* e) {
  expr(nullptr, x, e->x);
  if (!x.valid()) {
    for (Expr* i : e->index) use1(i);
    return;
  }
  // The common underlying type, strings counting as []byte.
  Type *ct = nullptr, *cu = nullptr;
  bool has_string = false;
  bool ok = for_all_types(x.type, [&](Type* t, Type* u) {
    if (!u) {
      errorf(x.pos(), "cannot slice {}: no specific type in {}", str(x), str(x.type));
      return false;
    }
    if (is_basic(u, IsString)) {
      u = new_slice(ByteType);
      has_string = true;
    }
    if (!cu) {
      ct = t;
      cu = u;
      return true;
    }
    if (identical(cu, u)) return true;
    errorf(x.pos(), "cannot slice {}: {} and {} have different underlying types", str(x), str(ct), str(t));
    return false;
  });
  if (!ok || !cu) {
    x.invalidate();
    return;
  }
  if (has_string) cu = is_type_param(x.type) ? basic(BasicKind::String) : x.type->underlying();
  if (!path_.empty())
    if (auto* p = x.type->underlying()->as<Pointer>(); p && !is_complete(p->elem)) {
      x.invalidate();
      return;
    }
  bool valid = false;
  i64 length = -1;
  switch (cu->kind) {
    case TypeKind::Basic:
      if (!is_basic(cu, IsString)) break;
      if (e->full) {
        error(e->index[2] ? e->index[2]->pos : e->pos, "invalid operation: 3-index slice of string");
        x.invalidate();
        return;
      }
      valid = true;
      if (x.mode == Mode::Constant && !is_unknown(x.val)) length = static_cast<i64>(x.val->string_size());
      if (is_untyped(x.type)) {
        update_expr_type(x.node(), basic(BasicKind::String), true);
        x.type = basic(BasicKind::String);
      }
      break;
    case TypeKind::Array:
      valid = true;
      length = static_cast<Array*>(cu)->len;
      if (x.mode != Mode::Variable) {
        errorf(x.pos(), "cannot slice unaddressable value {}", str(x));
        x.invalidate();
        return;
      }
      note_address(e->x);
      x.type = new_slice(static_cast<Array*>(cu)->elem);
      break;
    case TypeKind::Pointer:
      if (auto* a = static_cast<Pointer*>(cu)->elem->underlying()->as<Array>()) {
        valid = true;
        length = a->len;
        x.type = new_slice(a->elem);
      }
      break;
    case TypeKind::Slice: valid = true; break;
    default: break;
  }
  if (!valid) {
    errorf(x.pos(), "cannot slice {}", str(x));
    for (Expr* i : e->index) use1(i);
    x.invalidate();
    return;
  }
  x.mode = Mode::Value;
  if (e->full && (!e->index[1] || !e->index[2])) {
    x.invalidate();
    return;
  }
  i64 at[3];
  for (int i = 0; i < 3; i++) {
    at[i] = -1;
    if (e->index[i]) at[i] = index(e->index[i], length >= 0 ? length + 1 : -1);
    else if (i == 0) at[i] = 0;
    else if (length >= 0) at[i] = length;
  }
  for (int i = 0; i < 2; i++) {
    if (at[i] <= 0) continue;
    for (int j = i + 1; j < 3; j++) {
      if (at[j] < 0 || at[j] >= at[i]) continue;
      Expr* where = e->index[j] ? e->index[j] : e->index[i] ? e->index[i] : e;
      errorf(where->pos, "invalid slice indices: {} < {}", at[j], at[i]);
      return;
    }
  }
}

Expr* Checker::single_index(IndexExpr* e) {
  if (e->indices.empty()) return nullptr;
  if (e->indices.size() > 1) error(e->indices[1]->pos, "invalid operation: more than one index");
  return e->indices[0];
}

i64 Checker::index(Expr* e, i64 max, Type** type) {
  if (type) *type = InvalidType;
  Operand x;
  expr(nullptr, x, e);
  if (!valid_index(x, "index", false)) return -1;
  if (x.mode != Mode::Constant) {
    if (type) *type = x.type;
    return -1;
  }
  if (is_unknown(x.val)) return -1;
  i64 v = x.val->integer.to_i64();
  if (max >= 0 && v >= max) {
    errorf(x.pos(), "invalid argument: index {} out of bounds [0:{}]", value_string(x.val), max);
    return -1;
  }
  if (type) *type = x.type;
  return v;
}

bool Checker::valid_index(Operand& x, const char* what, bool allow_negative) {
  if (!x.valid()) return false;
  convert_untyped(x, basic(BasicKind::Int));
  if (!x.valid()) return false;
  if (!all_basic(x.type, IsInteger)) {
    errorf(x.pos(), "invalid argument: {} {} must be integer", what, str(x));
    return false;
  }
  if (x.mode == Mode::Constant) {
    if (!allow_negative && sign_of(x.val) < 0) {
      errorf(x.pos(), "invalid argument: {} {} must not be negative", what, str(x));
      return false;
    }
    Value v = x.val;
    if (!representable_const(x.val, basic(BasicKind::Int), &v)) {
      errorf(x.pos(), "invalid argument: {} {} overflows int", what, str(x));
      return false;
    }
    x.val = v;
  }
  return true;
}
}  // namespace vole::types
