// Composite literals.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

void Checker::composite_lit(Operand& x, CompositeLit* e, Type* hint) {
  Type *type = InvalidType, *base = InvalidType;
  bool is_elem = false;
  if (e->lit_type) {
    auto* a = e->lit_type->as<ArrayType>();
    if (a && a->len && a->len->kind == NodeKind::Ellipsis) {
      // The length follows from the elements.
      type = base = new_array(var_type(a->elem), -1);
    } else {
      type = base = type_of(e->lit_type);
    }
  } else if (hint) {
    type = base = hint;
    if (Type* u = common_under(base, nullptr)) {
      bool is_ptr;
      Type* inner = deref(u, &is_ptr);
      if (is_ptr) base = inner;
    }
    is_elem = true;
  } else {
    error(e->pos, "missing type in composite literal");
  }
  if (!is_complete(base)) {
    x.invalidate();
    return;
  }
  Type* u = common_under(base, nullptr);
  switch (u ? u->kind : TypeKind::Basic) {
    case TypeKind::Struct: struct_lit(x, e, base, static_cast<Struct*>(u)); break;
    case TypeKind::Array: {
      auto* a = static_cast<Array*>(u);
      i64 n = indexed_elems(e->elems, a->elem, a->len);
      if (a->len < 0) {
        a->len = n;
        if (e->lit_type) record_type(e->lit_type, Mode::TypeExpr, a);
      }
      break;
    }
    case TypeKind::Slice: indexed_elems(e->elems, static_cast<Slice*>(u)->elem, -1); break;
    case TypeKind::Map: map_lit(x, e, static_cast<Map*>(u)); break;
    default:
      for (Expr* elem : e->elems) {
        auto* kv = elem->as<KeyValueExpr>();
        use1(kv ? kv->value : elem);
      }
      if (!u || is_valid(u)) {
        errorf(e->pos, "invalid composite literal{} type {}{}", is_elem ? " element" : "", str(type),
               u ? "" : " (no common underlying type)");
        x.invalidate();
        return;
      }
  }
  x.mode = Mode::Value;
  x.type = type;
}

static std::string field_path(Type* t, std::span<const u32> path) {
  std::string out;
  for (u32 i : path) {
    auto* s = deref_struct_ptr(t)->underlying()->as<Struct>();
    if (!s) break;
    if (!out.empty()) out += '.';
    out += s->fields[i]->name.text();
    t = s->fields[i]->type;
  }
  return out;
}

void Checker::struct_lit(Operand& x, CompositeLit* e, Type* base, Struct* t) {
  if (e->elems.empty()) return;
  if (e->elems[0]->kind == NodeKind::KeyValueExpr) {
    // Fields set so far, by their paths: no path may be a prefix of another one.
    struct Set {
      std::span<const u32> path;
      Var* field;
    };
    Vec<Set, 16> set;
    bool promoted = false;
    Vec<bool, 64> direct(t->fields.size(), false);
    for (Expr* elem : e->elems) {
      auto* kv = elem->as<KeyValueExpr>();
      if (!kv) {
        error(elem->pos, "mixture of field:value and value elements in struct literal");
        use1(elem);
        continue;
      }
      auto* key = kv->key->as<Ident>();
      generic_expr(x, kv->value);
      if (!key) {
        errorf(kv->pos, "invalid field name {} in struct literal", expr_string(kv->key));
        continue;
      }
      Found f = find_member(t, false, pkg_, key->name);
      if (!f.obj) {
        error(kv->key->pos,
              lookup_error(base, key->name, find_member(t, false, pkg_, key->name, true).obj, true));
        continue;
      }
      auto* field = f.obj->as<Var>();
      if (!field) {
        errorf(kv->key->pos, "{} is not a field", key->name.text());
        continue;
      }
      if (f.path.size() > 1 && !allow(27) &&
          !verify_version(kv->key->pos, 27,
                          fmt::format("use of promoted field {} in struct literal of type {}",
                                      field_path(t, f.path), str(base))))
        continue;
      if (f.indirect) {
        errorf(kv->key->pos, "invalid implicit pointer indirection to reach {}", key->name.text());
        continue;
      }
      key->obj = field;
      kv->path = arena().copy(f.path);
      assignment(x, field->type, {"struct literal"});
      bool clash = false;
      auto prefix = [](std::span<const u32> a, std::span<const u32> b) {
        for (size_t i = 0; i < a.size(); i++)
          if (a[i] != b[i]) return false;
        return true;
      };
      promoted = promoted || f.path.size() > 1;
      if (!promoted) {
        clash = direct[f.path[0]];
        if (clash) errorf(kv->pos, "duplicate field name {} in struct literal", field->name.text());
      } else {
        for (const Set& s : set) {
          size_t n = std::min(s.path.size(), kv->path.size());
          if (!prefix(s.path.first(n), kv->path.first(n))) continue;
          if (s.path.size() == kv->path.size())
            errorf(kv->pos, "duplicate field name {} in struct literal", field->name.text());
          else if (s.path.size() < kv->path.size())
            errorf(kv->pos, "cannot specify promoted field {} and enclosing embedded field {}",
                   field->name.text(), s.field->name.text());
          else
            errorf(kv->pos, "cannot specify embedded field {} and enclosed promoted field {}",
                   field->name.text(), s.field->name.text());
          clash = true;
          break;
        }
      }
      if (clash) continue;
      if (f.path.size() == 1) direct[f.path[0]] = true;
      set.push_back({kv->path, field});
    }
    return;
  }
  for (size_t i = 0; i < e->elems.size(); i++) {
    Expr* elem = e->elems[i];
    if (elem->kind == NodeKind::KeyValueExpr) {
      error(elem->pos, "mixture of field:value and value elements in struct literal");
      use1(elem->cast<KeyValueExpr>()->value);
      continue;
    }
    generic_expr(x, elem);
    if (i >= t->fields.size()) {
      errorf(elem->pos, "too many values in struct literal of type {}", str(base));
      break;
    }
    Var* field = t->fields[i];
    if (!field->exported() && field->pkg != pkg_) {
      errorf(elem->pos, "implicit assignment to unexported field {} in struct literal of type {}",
             field->name.text(), str(base));
      continue;
    }
    assignment(x, field->type, {"struct literal"});
  }
  if (e->elems.size() < t->fields.size()) {
    const char* hint = "";
    for (Var* f : t->fields)
      if (!f->exported() && f->pkg != pkg_) hint = " (type has unexported fields - use key:value pairs)";
    errorf(e->rbrace, "too few values in struct literal of type {}{}", str(base), hint);
  }
}

namespace {
// A constant as a map key: numbers that are equal have equal keys whatever their kind.
struct KeyHash {
  size_t operator()(Value v) const {
    switch (v->kind) {
      case ConstValue::String: return string_hash(v);
      case ConstValue::Bool: return v->boolean;
      case ConstValue::Int:
        return std::hash<double>()(v->integer.is_i64() ? static_cast<double>(v->integer.to_i64())
                                                       : v->integer.to_double());
      case ConstValue::Float:
      case ConstValue::Complex: return std::hash<double>()(v->real.to_double());
      default: return 0;
    }
  }
};
struct KeyEqual {
  bool operator()(Value a, Value b) const {
    auto numeric = [](Value v) {
      return v->kind == ConstValue::Int || v->kind == ConstValue::Float || v->kind == ConstValue::Complex;
    };
    if (a->kind != b->kind && !(numeric(a) && numeric(b))) return false;
    return compare_values(a, Tok::Eql, b);
  }
};
}  // namespace

void Checker::map_lit(Operand& x, CompositeLit* e, Map* t) {
  bool by_type = is_non_type_param_interface(t->key);
  absl::flat_hash_map<Value, Vec<Type*, 1>, KeyHash, KeyEqual> seen;
  for (Expr* elem : e->elems) {
    auto* kv = elem->as<KeyValueExpr>();
    if (!kv) {
      error(elem->pos, "missing key in map literal");
      continue;
    }
    generic_expr(x, kv->key, t->key);
    assignment(x, t->key, {"map literal"});
    if (!x.valid()) continue;
    if (x.mode == Mode::Constant && !is_unknown(x.val)) {
      auto [it, fresh] = seen.try_emplace(x.val);
      bool duplicate = !fresh;
      if (by_type) {
        duplicate = false;
        for (Type* other : it->second) duplicate = duplicate || identical(other, x.type);
        it->second.push_back(x.type);
      }
      if (duplicate) {
        errorf(x.pos(), "duplicate key {} in map literal", value_string(x.val));
        continue;
      }
    }
    generic_expr(x, kv->value, t->elem);
    assignment(x, t->elem, {"map literal"});
  }
}

// Elements of array and slice literals; returns the length they need.
i64 Checker::indexed_elems(List<Expr*> elems, Type* t, i64 length) {
  absl::flat_hash_map<i64, bool> seen;  // only filled when there are keys
  bool keyed = false;
  for (Expr* e : elems) keyed = keyed || e->kind == NodeKind::KeyValueExpr;
  i64 at = 0, max = 0;
  for (Expr* e : elems) {
    bool valid = false;
    Expr* value = e;
    if (auto* kv = e->as<KeyValueExpr>()) {
      Type* kt;
      i64 i = index(kv->key, length, &kt);
      if (is_valid(kt)) {
        if (i >= 0) {
          at = i;
          valid = true;
        } else {
          errorf(e->pos, "index {} must be integer constant", expr_string(kv->key));
        }
      }
      value = kv->value;
    } else if (length >= 0 && at >= length) {
      errorf(e->pos, "index {} is out of bounds (>= {})", at, length);
    } else {
      valid = true;
    }
    if (keyed && valid && !seen.try_emplace(at, true).second)
      errorf(e->pos, "duplicate index {} in array or slice literal", at);
    at++;
    if (at > max) max = at;
    Operand x;
    generic_expr(x, value, t);
    assignment(x, t, {"array or slice literal"});
  }
  return max;
}
}  // namespace vole::types
