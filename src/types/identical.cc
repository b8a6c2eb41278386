// Type identity (specification, "Type identity") and a hash that agrees with it.
#include <utility>

#include "types/internal.h"

namespace vole::types {
namespace {
// Interfaces under comparison: meeting the same pair again inside means "identical so far".
struct Pair {
  const Interface *x, *y;
  const Pair* outer;
};

struct Comparer {
  bool ignore_tags = false;

  bool vars(std::span<Var* const> a, std::span<Var* const> b, const Pair* p) const {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); i++)
      if (!same(a[i]->type, b[i]->type, p)) return false;
    return true;
  }
  bool structs(const Struct* a, const Struct* b, const Pair* p) const {
    if (a->fields.size() != b->fields.size()) return false;
    for (size_t i = 0; i < a->fields.size(); i++) {
      Var *f = a->fields[i], *g = b->fields[i];
      if (f->embedded != g->embedded || !same_id(f, g->pkg, g->name)) return false;
      if (!ignore_tags) {
        Name s = a->tags.empty() ? Name() : a->tags[i], t = b->tags.empty() ? Name() : b->tags[i];
        if (s.text() != t.text()) return false;
      }
      if (!same(f->type, g->type, p)) return false;
    }
    return true;
  }
  bool signatures(const Signature* a, const Signature* b, const Pair* p) const {
    if (a->variadic != b->variadic || a->tparams.size() != b->tparams.size()) return false;
    if (a->tparams.empty()) return vars(a->params, b->params, p) && vars(a->results, b->results, p);
    // Generic: identical after renaming b's type parameters to a's.
    Vec<Type*> targs(a->tparams.begin(), a->tparams.end());
    TypeSubst s{b->tparams, {targs.data(), targs.size()}};
    for (size_t i = 0; i < a->tparams.size(); i++)
      if (!same(a->tparams[i]->bound, substitute(b->tparams[i]->bound, s), p)) return false;
    auto renamed = [&](std::span<Var* const> x, std::span<Var* const> y) {
      if (x.size() != y.size()) return false;
      for (size_t i = 0; i < x.size(); i++)
        if (!same(x[i]->type, substitute(y[i]->type, s), p)) return false;
      return true;
    };
    return renamed(a->params, b->params) && renamed(a->results, b->results);
  }
  bool interfaces(Interface* a, Interface* b, const Pair* outer) const {
    TypeSet *s = type_set(a), *t = type_set(b);
    if (s == t) return true;
    if (s->comparable != t->comparable || s->methods.size() != t->methods.size() ||
        !term_equal(s->list, t->list))
      return false;
    for (const Pair* p = outer; p; p = p->outer)
      if ((p->x == a && p->y == b) || (p->x == b && p->y == a)) return true;
    Pair here{a, b, outer};
    for (size_t i = 0; i < s->methods.size(); i++) {
      Func *f = s->methods[i], *g = t->methods[i];
      if (f == g) continue;
      if (!same_id(f, g->pkg, g->name) || !same(f->type, g->type, &here)) return false;
    }
    return true;
  }

  bool same(const Type* x, const Type* y, const Pair* p) const {
    if (x == y) return true;
    if (!x || !y) return false;
    x = unalias(const_cast<Type*>(x));
    y = unalias(const_cast<Type*>(y));
    if (x == y) return true;
    if (x->kind != y->kind) return false;
    switch (x->kind) {
      case TypeKind::Basic: return x->cast<Basic>()->basic == y->cast<Basic>()->basic;
      case TypeKind::Pointer: return same(x->cast<Pointer>()->elem, y->cast<Pointer>()->elem, p);
      case TypeKind::Slice: return same(x->cast<Slice>()->elem, y->cast<Slice>()->elem, p);
      case TypeKind::Array: {
        i64 m = x->cast<Array>()->len, n = y->cast<Array>()->len;
        return (m < 0 || n < 0 || m == n) && same(x->cast<Array>()->elem, y->cast<Array>()->elem, p);
      }
      case TypeKind::Map:
        return same(x->cast<Map>()->key, y->cast<Map>()->key, p) &&
               same(x->cast<Map>()->elem, y->cast<Map>()->elem, p);
      case TypeKind::Chan:
        return x->cast<Chan>()->dir == y->cast<Chan>()->dir &&
               same(x->cast<Chan>()->elem, y->cast<Chan>()->elem, p);
      case TypeKind::Struct: return structs(x->cast<Struct>(), y->cast<Struct>(), p);
      case TypeKind::Tuple: return vars(x->cast<Tuple>()->vars, y->cast<Tuple>()->vars, p);
      case TypeKind::Signature: return signatures(x->cast<Signature>(), y->cast<Signature>(), p);
      case TypeKind::Union:
        return term_equal(union_terms(const_cast<Union*>(x->cast<Union>())),
                          union_terms(const_cast<Union*>(y->cast<Union>())));
      case TypeKind::Interface:
        return interfaces(const_cast<Interface*>(x->cast<Interface>()),
                          const_cast<Interface*>(y->cast<Interface>()), p);
      case TypeKind::Named: {
        // Instances are unique, except that arguments may have become identical only after both were made
        // (incomplete interfaces).
        auto *a = x->cast<Named>(), *b = y->cast<Named>();
        if (!a->origin || a->origin != b->origin || a->targs.size() != b->targs.size()) return false;
        for (size_t i = 0; i < a->targs.size(); i++)
          if (!same(a->targs[i], b->targs[i], p)) return false;
        return true;
      }
      case TypeKind::TypeParam:
      case TypeKind::Alias: return false;
    }
    return false;
  }
};

u32 mix(u32 h, u32 v) { return (h ^ v) * 0x9e3779b1u + (h >> 15); }
u32 pointer_bits(const void* p) {
  u64 v = reinterpret_cast<u64>(p);
  return static_cast<u32>(v >> 4) ^ static_cast<u32>(v >> 36);
}

// Hashes are kept in the types, so that nested types are each looked at once. Those that depend on an alias
// without a right side yet are not.
class Hasher {
 public:
  u32 type(const Type* t) {
    if (!t) return 0;
    if (t->kind == TypeKind::Alias) {
      Type* actual = unalias(const_cast<Type*>(t));
      if (actual == InvalidType) stable_ = false;
      t = actual;
    }
    if (u32 known = t->hash.load(std::memory_order_relaxed)) return known;
    bool outer = std::exchange(stable_, true);
    u32 h = std::max(type1(t), 1u);
    if (stable_) t->hash.store(h, std::memory_order_relaxed);
    stable_ = stable_ && outer;
    return h;
  }

 private:
  u32 vars(u32 h, std::span<Var* const> list) {
    h = mix(h, static_cast<u32>(list.size()));
    for (Var* v : list) h = mix(h, type(v->type));
    return h;
  }
  u32 type1(const Type* t) {
    u32 h = static_cast<u32>(t->kind) * 0x85ebca6bu;
    switch (t->kind) {
      case TypeKind::Basic: return mix(h, static_cast<u32>(t->cast<Basic>()->basic));
      case TypeKind::Pointer: return mix(h, type(t->cast<Pointer>()->elem));
      case TypeKind::Slice: return mix(h, type(t->cast<Slice>()->elem));
      case TypeKind::Array:
        return mix(mix(h, static_cast<u32>(t->cast<Array>()->len)), type(t->cast<Array>()->elem));
      case TypeKind::Map: return mix(mix(h, type(t->cast<Map>()->key)), type(t->cast<Map>()->elem));
      case TypeKind::Chan: return mix(h, type(t->cast<Chan>()->elem));
      case TypeKind::Struct:
        for (Var* f : t->cast<Struct>()->fields) h = mix(mix(h, f->name.hash()), type(f->type));
        return h;
      case TypeKind::Signature: {
        auto* s = t->cast<Signature>();
        if (!s->tparams.empty())
          return mix(h, static_cast<u32>(s->params.size()));  // identical up to renaming
        return vars(vars(h, s->params), s->results);
      }
      case TypeKind::Named: {
        auto* n = t->cast<Named>();
        h = mix(h, pointer_bits(n->origin ? n->origin : n));
        for (Type* a : n->targs) h = mix(h, type(a));
        return h;
      }
      case TypeKind::TypeParam: return mix(h, static_cast<u32>(t->cast<TypeParam>()->id));
      default: return h;
    }
  }
  bool stable_ = true;
};
}  // namespace

bool identical(const Type* a, const Type* b) { return Comparer().same(a, b, nullptr); }
bool identical_ignore_tags(const Type* a, const Type* b) { return Comparer{true}.same(a, b, nullptr); }
u32 type_hash(const Type* t) { return Hasher().type(t); }

bool VisitedNamed::insert(Named* n) {
  if (!plain_.insert(n)) return false;
  if (!n->origin) return true;
  Vec<Named*, 1>& list = instances_[type_hash(n)];
  for (Named* other : list)
    if (identical(other, n)) return false;
  list.push_back(n);
  return true;
}
}  // namespace vole::types
