#include "types/unify.h"

namespace vole::types {
using namespace syntax;

static constexpr u32 DepthLimit = 50;

Unifier::Unifier(Checker& checker, std::span<TypeParam* const> tparams, std::span<Type* const> targs,
                 bool interfaces)
    : checker_(checker), tparams_(tparams), interfaces_(interfaces) {
  for (size_t i = 0; i < tparams.size(); i++) {
    handle_.push_back(i);
    values_.push_back(i < targs.size() ? targs[i] : nullptr);
  }
}

size_t Unifier::index(Type* t) const {
  for (size_t i = 0; i < tparams_.size(); i++)
    if (tparams_[i] == t) return i;
  return None;
}
TypeParam* Unifier::bound_param(Type* t) const {
  TypeParam* p = as_type_param(t);
  return p && index(p) != None ? p : nullptr;
}
size_t Unifier::unknowns() const {
  size_t n = 0;
  for (size_t h : handle_) n += values_[h] == nullptr;
  return n;
}
void Unifier::inferred(Vec<Type*>& out) const {
  out.clear();
  for (size_t h : handle_) out.push_back(values_[h]);
}

bool Unifier::join(TypeParam* x, TypeParam* y) {
  size_t hx = handle_[index(x)], hy = handle_[index(y)];
  if (hx == hy) return true;
  if (values_[hx] && values_[hy]) return false;
  if (values_[hx]) std::swap(hx, hy);
  for (size_t& h : handle_)
    if (h == hx) h = hy;
  return true;
}

static Interface* as_interface(Type* t) {
  return is_type_param(t) ? nullptr : t->underlying()->as<Interface>();
}

bool Unifier::unify_bound(TypeParam* px, Type* y, u32 mode, const Pair* p) {
  Type* x = at(px);
  if (!x) {
    set(px, y);
    return true;
  }
  if (!unify(x, y, mode, p)) return false;
  // Which of the two types to keep.
  Interface *xi = as_interface(x), *yi = as_interface(y);
  bool xn = as_named(x) != nullptr, yn = as_named(y) != nullptr;
  if (xi && yi) {
    if (xn && yn) return identical(x, y);
    if (type_set(xi)->methods.size() != type_set(yi)->methods.size()) return false;
  } else if (xi || yi) {
    return false;
  }
  if (!(mode & Exact) && !xn) {
    auto* c = y->underlying()->as<Chan>();
    if (yn || (c && c->dir != ChanType::Both)) set(px, y);
  }
  return true;
}

bool Unifier::vars(std::span<Var* const> a, std::span<Var* const> b, u32 mode, const Pair* p) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++)
    if (!unify(a[i]->type, b[i]->type, mode, p)) return false;
  return true;
}

bool Unifier::unify_interfaces(Interface* x, Interface* y, const Pair* p) {
  TypeSet *s = type_set(x), *t = type_set(y);
  if (s->comparable != t->comparable || s->methods.size() != t->methods.size() ||
      !term_equal(s->list, t->list))
    return false;
  for (const Pair* q = p; q; q = q->outer)
    if ((q->x == x && q->y == y) || (q->x == y && q->y == x)) return true;
  Pair here{x, y, p};
  for (size_t i = 0; i < s->methods.size(); i++) {
    Func *f = s->methods[i], *g = t->methods[i];
    if (!same_id(f, g->pkg, g->name) || !unify(f->type, g->type, Exact, &here)) return false;
  }
  return true;
}

bool Unifier::unify(Type* x, Type* y, u32 mode, const Pair* p) {
  if (!x || !y) return x == y;
  if (x == y || unalias(x) == unalias(y)) return true;
  if (depth_ > DepthLimit) return false;
  struct Nest {
    u32& d;
    explicit Nest(u32& depth) : d(depth) { d++; }
    ~Nest() { d--; }
  } nest(depth_);

  // A defined type, and a bound parameter on the left: fewer cases below.
  if (as_named(x) || bound_param(y)) std::swap(x, y);
  if (Named* n = as_named(y); !(mode & Exact) && n && is_type_lit(x) && !(interfaces_ && is_interface(x))) {
    y = n->resolved();
    if (x == y || unalias(x) == unalias(y)) return true;
  }
  TypeParam *px = bound_param(x), *py = bound_param(y);
  if (px && py) return join(px, py) || unify(at(px), at(py), mode, p);
  if (px) return unify_bound(px, y, mode, p);

  if (interfaces_ && !(mode & Exact)) {
    Interface *xi = as_interface(x), *yi = as_interface(y);
    if (xi && yi) {
      // The methods of one must be among those of the other.
      TypeSet *s = type_set(xi), *t = type_set(yi);
      if (s->comparable != t->comparable || !term_equal(s->list, t->list)) return false;
      for (const Pair* q = p; q; q = q->outer)
        if ((q->x == xi && q->y == yi) || (q->x == yi && q->y == xi)) return true;
      Pair here{xi, yi, p};
      std::span<Func*> a = s->methods, b = t->methods;
      if (a.size() > b.size()) std::swap(a, b);
      for (Func* m : a) {
        Func* found = nullptr;
        for (Func* o : b)
          if (same_id(o, m->pkg, m->name)) found = o;
        if (!found || !unify(m->type, found->type, Exact, &here)) return false;
      }
      return true;
    }
    if (yi) {
      xi = yi;
      y = x;
    }
    if (xi) {
      for (Func* m : type_set(xi)->methods) {
        Found f = find_member(y, false, m->pkg, m->name);
        auto* o = f.obj ? f.obj->as<Func>() : nullptr;
        Signature* sig = o ? func_signature(o) : nullptr;
        if (!sig || !sig->tparams.empty() || !unify(m->type, sig, Exact, p)) return false;
      }
      return true;
    }
  }
  if (is_type_param(y)) std::swap(x, y);
  return unify_structure(x, y, mode, p);
}

bool Unifier::unify_structure(Type* x0, Type* y0, u32 mode, const Pair* p) {
  // Below the top of an assignment, types must be identical.
  u32 inner = mode | ((mode & Assign) ? u32{Exact} : 0u);
  Type *x = unalias(x0), *y = unalias(y0);
  if (x->kind == TypeKind::TypeParam) {
    // A parameter that is not to be inferred (of an enclosing function): its common underlying type counts.
    Type* u = checker_.common_under(x, nullptr);
    return u && unify(u, y0, Assign, p);
  }
  if (x->kind != y->kind) return false;
  switch (x->kind) {
    case TypeKind::Basic: return static_cast<Basic*>(x)->basic == static_cast<Basic*>(y)->basic;
    case TypeKind::Pointer:
      return unify(static_cast<Pointer*>(x)->elem, static_cast<Pointer*>(y)->elem, inner, p);
    case TypeKind::Slice: return unify(static_cast<Slice*>(x)->elem, static_cast<Slice*>(y)->elem, inner, p);
    case TypeKind::Array: {
      auto *a = static_cast<Array*>(x), *b = static_cast<Array*>(y);
      return (a->len < 0 || b->len < 0 || a->len == b->len) && unify(a->elem, b->elem, inner, p);
    }
    case TypeKind::Map: {
      auto *a = static_cast<Map*>(x), *b = static_cast<Map*>(y);
      return unify(a->key, b->key, inner, p) && unify(a->elem, b->elem, inner, p);
    }
    case TypeKind::Chan: {
      auto *a = static_cast<Chan*>(x), *b = static_cast<Chan*>(y);
      return (!(mode & Exact) || a->dir == b->dir) && unify(a->elem, b->elem, inner, p);
    }
    case TypeKind::Struct: {
      auto *a = static_cast<Struct*>(x), *b = static_cast<Struct*>(y);
      if (a->fields.size() != b->fields.size()) return false;
      for (size_t i = 0; i < a->fields.size(); i++) {
        Var *f = a->fields[i], *g = b->fields[i];
        Name s = a->tags.empty() ? Name() : a->tags[i], t = b->tags.empty() ? Name() : b->tags[i];
        if (f->embedded != g->embedded || s.text() != t.text() || !same_id(f, g->pkg, g->name) ||
            !unify(f->type, g->type, inner, p))
          return false;
      }
      return true;
    }
    case TypeKind::Tuple: return vars(static_cast<Tuple*>(x)->vars, static_cast<Tuple*>(y)->vars, mode, p);
    case TypeKind::Signature: {
      auto *a = static_cast<Signature*>(x), *b = static_cast<Signature*>(y);
      return a->variadic == b->variadic && vars(a->params, b->params, inner, p) &&
             vars(a->results, b->results, inner, p);
    }
    case TypeKind::Interface:
      return unify_interfaces(static_cast<Interface*>(x), static_cast<Interface*>(y), p);
    case TypeKind::Named: {
      auto *a = static_cast<Named*>(x), *b = static_cast<Named*>(y);
      if (!a->origin || a->origin != b->origin || a->targs.size() != b->targs.size()) return false;
      for (size_t i = 0; i < a->targs.size(); i++)
        if (!unify(a->targs[i], b->targs[i], mode, p)) return false;
      return true;
    }
    default: return false;
  }
}
}  // namespace vole::types
