// Questions about single types: kind of basic type, nil-ability, comparability, what a pointer points to.
#include "types/internal.h"

namespace vole::types {
bool is_basic(Type* t, u16 info) {
  Type* u = t->kind == TypeKind::Basic ? t : t->underlying();
  return u->kind == TypeKind::Basic && (basic_info(static_cast<Basic*>(u)->basic) & info) != 0;
}
bool all_basic(Type* t, u16 info) {
  if (TypeParam* p = as_type_param(t))
    return for_all_terms(p, [&](const Term* x) { return x && is_basic(x->type, info); });
  return is_basic(t, info);
}

bool has_nil(Type* t) {
  Type* u = t->underlying();
  switch (u->kind) {
    case TypeKind::Basic: return static_cast<Basic*>(u)->basic == BasicKind::UnsafePointer;
    case TypeKind::Slice:
    case TypeKind::Pointer:
    case TypeKind::Signature:
    case TypeKind::Map:
    case TypeKind::Chan: return true;
    case TypeKind::Interface:
      return !is_type_param(t) || for_all_types(t, [](Type*, Type* x) { return x && has_nil(x); });
    default: return false;
  }
}
bool has_name(Type* t) {
  switch (unalias(t)->kind) {
    case TypeKind::Basic:
    case TypeKind::Named:
    case TypeKind::TypeParam: return true;
    default: return false;
  }
}
bool is_type_lit(Type* t) {
  TypeKind k = unalias(t)->kind;
  return k != TypeKind::Named && k != TypeKind::TypeParam;
}
bool is_generic(Type* t) {
  if (auto* a = t->as<Alias>(); a && !a->tparams.empty() && a->targs.empty()) return true;
  Named* n = as_named(t);
  return n && !n->origin && !n->tparams.empty();
}
bool is_bytes_or_runes(Type* t) {
  auto* s = t->underlying()->as<Slice>();
  if (!s) return false;
  auto* b = s->elem->underlying()->as<Basic>();
  return b && (b->basic == BasicKind::Uint8 || b->basic == BasicKind::Int32);
}
Type* default_type(Type* t) {
  if (!is_untyped(t)) return t;
  switch (static_cast<Basic*>(t)->basic) {
    case BasicKind::UntypedBool: return basic(BasicKind::Bool);
    case BasicKind::UntypedInt: return basic(BasicKind::Int);
    case BasicKind::UntypedRune: return RuneType;
    case BasicKind::UntypedFloat: return basic(BasicKind::Float64);
    case BasicKind::UntypedComplex: return basic(BasicKind::Complex128);
    case BasicKind::UntypedString: return basic(BasicKind::String);
    default: return t;
  }
}
Type* max_type(Type* x, Type* y) {
  if (x == y) return x;
  auto numeric = [](Type* t) {
    return is_untyped(t) && (basic_info(static_cast<Basic*>(t)->basic) & IsNumeric);
  };
  if (!numeric(x) || !numeric(y)) return nullptr;
  return static_cast<Basic*>(x)->basic > static_cast<Basic*>(y)->basic ? x : y;
}
bool is_interface_ptr(Type* t) {
  auto* p = t->underlying()->as<Pointer>();
  return p && is_interface(p->elem);
}
Type* deref(Type* t, bool* is_ptr) {
  auto* p = unalias(t)->as<Pointer>();
  if (is_ptr) *is_ptr = p != nullptr;
  return p ? p->elem : t;
}
Type* deref_struct_ptr(Type* t) {
  auto* p = t->underlying()->as<Pointer>();
  return p && p->elem->underlying()->kind == TypeKind::Struct ? p->elem : t;
}
Type* array_ptr_deref(Type* t) {
  if (auto* p = unalias(t)->as<Pointer>())
    if (auto* a = p->elem->underlying()->as<Array>()) return a;
  return t;
}
std::string_view composite_kind(Type* t) {
  switch (t->underlying()->kind) {
    case TypeKind::Array: return "array";
    case TypeKind::Slice: return "slice";
    case TypeKind::Struct: return "struct";
    case TypeKind::Pointer: return "pointer";
    case TypeKind::Signature: return "func";
    case TypeKind::Interface: return "interface";
    case TypeKind::Map: return "map";
    case TypeKind::Chan: return "chan";
    case TypeKind::Tuple: return "tuple";
    case TypeKind::Union: return "union";
    default: return "";
  }
}
bool has_empty_type_set(Type* t) {
  TypeParam* p = as_type_param(t);
  if (!p || !p->bound) return false;
  auto* i = p->bound->underlying()->as<Interface>();
  return i && i->type_set && i->type_set->is_empty();
}

// ---- comparable ---------------------------------------------------------------------------------

bool comparable_type(Type* t, bool dynamic, Visited<Type>& seen) {
  Type* u = t->underlying();
  switch (u->kind) {
    case TypeKind::Basic: return static_cast<Basic*>(u)->basic != BasicKind::UntypedNil;
    case TypeKind::Pointer:
    case TypeKind::Chan: return true;
    case TypeKind::Struct:
    case TypeKind::Array:
    case TypeKind::Interface: break;
    default: return false;
  }
  if (auto* a = u->as<Array>(); a && t == a) return comparable_type(a->elem, dynamic, seen);
  if (!seen.insert(t)) return true;
  if (auto* s = u->as<Struct>()) {
    for (Var* f : s->fields)
      if (!comparable_type(f->type, dynamic, seen)) return false;
    return true;
  }
  if (auto* a = u->as<Array>()) return comparable_type(a->elem, dynamic, seen);
  if (dynamic && !is_type_param(t)) return true;
  return type_set_comparable(type_set(u->cast<Interface>()), seen);
}
bool comparable(Type* t) {
  Visited<Type> seen;
  return comparable_type(t, true, seen);
}
bool type_set_comparable(const TypeSet* s, Visited<Type>& seen) {
  if (s->list.all) return s->comparable;
  if (s->list.terms.empty()) return false;
  for (const Term& t : s->list.terms)
    if (!comparable_type(t.type, false, seen)) return false;
  return true;
}

// ---- mentions of type parameters ----------------------------------------------------------------

namespace {
struct Mentions {
  std::span<TypeParam* const> tparams;
  Visited<Type> seen;

  bool vars(std::span<Var* const> list) {
    for (Var* v : list)
      if (in(v->type)) return true;
    return false;
  }
  bool in(Type* t) {
    if (!t) return false;
    if (t->kind == TypeKind::Alias) t = unalias(t);
    if (!t->has_tparams) return false;
    switch (t->kind) {
      case TypeKind::Pointer: return in(static_cast<Pointer*>(t)->elem);
      case TypeKind::Slice: return in(static_cast<Slice*>(t)->elem);
      case TypeKind::Array: return in(static_cast<Array*>(t)->elem);
      case TypeKind::Map: return in(static_cast<Map*>(t)->key) || in(static_cast<Map*>(t)->elem);
      case TypeKind::Chan: return in(static_cast<Chan*>(t)->elem);
      case TypeKind::Struct: return vars(static_cast<Struct*>(t)->fields);
      case TypeKind::Tuple: return vars(static_cast<Tuple*>(t)->vars);
      case TypeKind::Signature:
        return vars(static_cast<Signature*>(t)->params) || vars(static_cast<Signature*>(t)->results);
      case TypeKind::Interface: {
        if (!seen.insert(t)) return false;
        TypeSet* s = type_set(static_cast<Interface*>(t));
        for (Func* m : s->methods)
          if (in(m->type)) return true;
        // Only when every term mentions one.
        if (!s->has_terms()) return false;
        for (Term& x : s->list.terms)
          if (!in(x.type)) return false;
        return true;
      }
      case TypeKind::Named:
        for (Type* a : static_cast<Named*>(t)->targs)
          if (in(a)) return true;
        return false;
      case TypeKind::TypeParam:
        for (TypeParam* p : tparams)
          if (p == t) return true;
        return false;
      default: return false;
    }
  }
};
}  // namespace

bool is_parameterized(std::span<TypeParam* const> tparams, Type* t) {
  if (tparams.empty()) return false;
  Mentions m{tparams, {}};
  return m.in(t);
}
}  // namespace vole::types
