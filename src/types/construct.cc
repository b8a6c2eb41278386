// Making types, and the two indirections every type may hide behind: aliases and the underlying types of
// named ones.
#include <mutex>

#include "types/internal.h"

namespace vole::types {
Type* new_pointer(Type* elem) {
  auto* t = make_type<Pointer>();
  t->elem = elem;
  t->has_tparams = elem->has_tparams;
  return t;
}
Type* new_slice(Type* elem) {
  auto* t = make_type<Slice>();
  t->elem = elem;
  t->has_tparams = elem->has_tparams;
  return t;
}
Type* new_array(Type* elem, i64 len) {
  auto* t = make_type<Array>();
  t->elem = elem;
  t->len = len;
  t->has_tparams = elem->has_tparams;
  return t;
}
Type* new_map(Type* key, Type* elem) {
  auto* t = make_type<Map>();
  t->key = key;
  t->elem = elem;
  t->has_tparams = key->has_tparams || elem->has_tparams;
  return t;
}
Type* new_chan(syntax::ChanType::Dir dir, Type* elem) {
  auto* t = make_type<Chan>();
  t->dir = dir;
  t->elem = elem;
  t->has_tparams = elem->has_tparams;
  return t;
}

static Var* new_param(Type* type, bool result) {
  Var* v = type_arena().make<Var>();
  v->kind = ObjectKind::Var;
  v->type = type;
  v->is_param = !result;
  v->is_result = result;
  return v;
}
Signature* new_signature(std::span<Type* const> params, std::span<Type* const> results, bool variadic) {
  auto* t = make_type<Signature>();
  t->params = type_arena().make_span<Var*>(params.size());
  t->results = type_arena().make_span<Var*>(results.size());
  for (size_t i = 0; i < params.size(); i++) t->params[i] = new_param(params[i], false);
  for (size_t i = 0; i < results.size(); i++) t->results[i] = new_param(results[i], true);
  t->variadic = variadic;
  note_tparams(t);
  return t;
}
Tuple* new_tuple(std::span<Type* const> types) {
  Vec<Var*> vars;
  for (Type* t : types) vars.push_back(new_param(t, false));
  return tuple_of(vars);
}
Tuple* tuple_of(std::span<Var* const> vars) {
  auto* t = make_type<Tuple>();
  t->vars = type_arena().copy(vars);
  for (Var* v : vars) t->has_tparams = t->has_tparams || v->type->has_tparams;
  return t;
}
Struct* new_struct(std::span<Var* const> fields, std::span<const Name> tags) {
  auto* t = make_type<Struct>();
  t->fields = type_arena().copy(fields);
  t->tags = type_arena().copy(tags);
  note_tparams(t);
  return t;
}
TypeParam* new_type_param(TypeName* obj, Type* bound, u32 index) {
  static std::atomic<u64> next_id{0};
  auto* t = make_type<TypeParam>();
  t->obj = obj;
  t->index = index;
  t->bound = bound;
  t->id = ++next_id;
  t->has_tparams = true;
  if (!obj->type) obj->type = t;
  return t;
}

Named* new_named(TypeName* obj) {
  auto* n = make_type<Named>();
  n->obj = obj;
  return n;
}
Alias* new_alias(TypeName* obj) {
  auto* a = make_type<Alias>();
  a->obj = obj;
  return a;
}
TypeParam* make_type_param(TypeName* obj, u32 index) { return new_type_param(obj, nullptr, index); }
Union* new_union(std::span<const Union::Term> terms) {
  auto* t = make_type<Union>();
  t->terms = type_arena().copy(terms);
  note_tparams(t);
  return t;
}
Interface* new_interface(std::span<Func* const> methods, std::span<Type* const> embeddeds, bool implicit) {
  if (methods.empty() && embeddeds.empty() && !implicit) return EmptyInterface;
  auto* t = make_type<Interface>();
  t->methods = type_arena().copy(methods);
  t->embeddeds = type_arena().copy(embeddeds);
  t->embed_pos = type_arena().make_span<Pos>(embeddeds.size());
  t->implicit = implicit;
  note_tparams(t);
  return t;
}
Signature* make_signature(std::span<TypeParam*> tparams, std::span<Var*> params, std::span<Var*> results,
                          bool variadic) {
  auto* t = make_type<Signature>();
  t->tparams = tparams;
  t->params = params;
  t->results = results;
  t->variadic = variadic;
  note_tparams(t);
  return t;
}

Signature* clone_signature(const Signature* s) {
  auto* t = make_type<Signature>();
  t->tparams = s->tparams;
  t->recv_tparams = s->recv_tparams;
  t->recv = s->recv;
  t->params = s->params;
  t->results = s->results;
  t->variadic = s->variadic;
  t->has_tparams = s->has_tparams;
  return t;
}

void note_tparams(Signature* s) {
  bool any = !s->tparams.empty();
  for (Var* v : s->params) any = any || v->type->has_tparams;
  for (Var* v : s->results) any = any || v->type->has_tparams;
  s->has_tparams = any;
}
void note_tparams(Interface* t) {
  bool any = false;
  for (Func* m : t->methods) any = any || m->type->has_tparams;
  for (Type* e : t->embeddeds) any = any || e->has_tparams;
  t->has_tparams = any;
}
void note_tparams(Struct* t) {
  bool any = false;
  for (Var* f : t->fields) any = any || f->type->has_tparams;
  t->has_tparams = any;
}
void note_tparams(Union* t) {
  bool any = false;
  for (const Term& x : t->terms) any = any || x.type->has_tparams;
  t->has_tparams = any;
}

Var* clone_var(const Var* v, Type* type) {
  Var* n = type_arena().make<Var>(*v);
  n->type = type;
  n->origin = v->origin ? v->origin : const_cast<Var*>(v);
  return n;
}
Func* clone_func(const Func* f, Type* type) {
  Func* n = type_arena().make<Func>(*f);
  n->type = type;
  n->origin = f->origin ? f->origin : const_cast<Func*>(f);
  return n;
}

// ---- aliases and underlying types ---------------------------------------------------------------

Type* alias_rhs(Alias* a) {
  std::atomic_ref<Type*> slot(a->rhs);
  if (Type* t = slot.load(std::memory_order_acquire)) return t;
  if (!a->origin) return nullptr;
  Type* generic = std::atomic_ref<Type*>(a->origin->actual).load(std::memory_order_acquire);
  if (!generic) generic = alias_rhs(a->origin);
  if (!generic) return nullptr;
  Type* t = substitute(generic, {a->origin->tparams, a->targs});
  Type* expected = nullptr;
  return slot.compare_exchange_strong(expected, t, std::memory_order_acq_rel) ? t : expected;
}

// What a chain of aliases leads to: null when a right side is not known yet, invalid when it is a circle.
static Type* alias_end(Type* x) {
  Type* slow = x;  // goes half as far: in a circle it is met again
  for (size_t steps = 1; x && x->kind == TypeKind::Alias; steps++) {
    auto* a = static_cast<Alias*>(x);
    if (Type* end = std::atomic_ref<Type*>(a->actual).load(std::memory_order_acquire)) return end;
    x = alias_rhs(a);
    if (steps % 2 == 0) slow = alias_rhs(static_cast<Alias*>(slow));
    if (x && x == slow) return InvalidType;
  }
  return x;
}

Type* unalias(Type* t) {
  if (t->kind != TypeKind::Alias) return t;
  auto* first = static_cast<Alias*>(t);
  std::atomic_ref<Type*> slot(first->actual);
  if (Type* a = slot.load(std::memory_order_acquire)) return a;
  // An alias whose right side is not known yet, or is an alias of itself, is invalid for now.
  Type* x = alias_end(first);
  if (!x || x == InvalidType) return InvalidType;  // not kept: a circle may still be broken
  slot.store(x, std::memory_order_release);
  return x;
}

bool is_valid_alias(Type* t) { return alias_end(t) != InvalidType; }

Type* Type::underlying() {
  switch (kind) {
    case TypeKind::Named: return static_cast<Named*>(this)->resolved();
    case TypeKind::Alias: return unalias(this)->underlying();
    case TypeKind::TypeParam: return constraint_of(static_cast<TypeParam*>(this));
    default: return this;
  }
}

// The right side of a named type; of instances computed on first use. Null while it is being declared.
static Type* right_side(Named* n) {
  std::atomic_ref<Type*> slot(n->rhs_);
  if (Type* t = slot.load(std::memory_order_acquire)) return t;
  if (!n->origin) return nullptr;
  Type* generic = right_side(n->origin);
  if (!generic) return nullptr;
  Named* o = n->origin;
  Vec<TypeParam*> tparams(o->implicit_tparams.begin(), o->implicit_tparams.end());
  tparams.insert(tparams.end(), o->tparams.begin(), o->tparams.end());
  Type* t = tparams.size() == n->targs.size() ? substitute(generic, {tparams, n->targs}) : InvalidType;
  Type* expected = nullptr;
  return slot.compare_exchange_strong(expected, t, std::memory_order_acq_rel) ? t : expected;
}

Type* Named::resolved() {
  std::atomic_ref<Type*> slot(under_);
  if (Type* u = slot.load(std::memory_order_acquire)) return u;
  Vec<Named*, 8> path;
  // What a declaration is made from does not depend on type arguments: one that is met again goes on for ever
  // (type T[P any] T[*P]); the checker reports it. `mark` is moved ahead at growing distances.
  Named* mark = nullptr;
  size_t next_mark = 1;
  Type* t = this;
  while (t->kind == TypeKind::Named || t->kind == TypeKind::Alias) {
    if (t->kind == TypeKind::Alias) {
      t = unalias(t);
      if (t == InvalidType) return t;
      continue;
    }
    auto* n = static_cast<Named*>(t);
    if (Type* u = std::atomic_ref<Type*>(n->under_).load(std::memory_order_acquire)) {
      t = u;
      break;
    }
    Named* declared = n->origin ? n->origin : n;
    if (declared == mark) return InvalidType;
    path.push_back(n);
    if (path.size() == next_mark) mark = declared, next_mark *= 2;
    t = right_side(n);
    if (!t) return InvalidType;
  }
  if (t->kind == TypeKind::TypeParam) t = InvalidType;
  for (Named* n : path) std::atomic_ref<Type*>(n->under_).store(t, std::memory_order_release);
  return t;
}
}  // namespace vole::types
