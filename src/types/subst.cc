// Substitution of type parameters, and the process-wide table of instances.
//
// Instances are made without looking into the generic type: right side and methods are substituted when they
// are first asked for, so that a type may be instantiated inside its own declaration. The table is a set of
// short lists by hash of (origin, arguments); entries are never removed, so a list may be read without its
// lock once its head is known, and comparing arguments (which may itself instantiate) happens unlocked.
#include <mutex>

#include "types/internal.h"

namespace vole::types {
thread_local RenameHook* rename_hook = nullptr;
thread_local SignatureHook* signature_hook = nullptr;

namespace {
struct Entry {
  Named* named;
  Entry* next;
};
struct Shard {
  std::mutex mu;
  absl::flat_hash_map<u32, Entry*> lists;
};
Shard& shard_for(u32 hash) {
  static Shard* shards = new Shard[64];
  return shards[hash >> 26];
}

bool same_args(std::span<Type* const> a, std::span<Type* const> b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++)
    if (a[i] != b[i] && !identical(a[i], b[i])) return false;
  return true;
}

class Subst {
 public:
  explicit Subst(const TypeSubst& s) : s_(s) {}

  Type* type(Type* t) {
    if (!t || !t->has_tparams) return t;
    switch (t->kind) {
      case TypeKind::TypeParam:
        for (size_t i = 0; i < s_.tparams.size(); i++)
          if (s_.tparams[i] == t) return s_.targs[i] ? s_.targs[i] : t;
        return t;
      case TypeKind::Pointer: {
        Type* e = type(static_cast<Pointer*>(t)->elem);
        return e == static_cast<Pointer*>(t)->elem ? t : new_pointer(e);
      }
      case TypeKind::Slice: {
        Type* e = type(static_cast<Slice*>(t)->elem);
        return e == static_cast<Slice*>(t)->elem ? t : new_slice(e);
      }
      case TypeKind::Array: {
        auto* a = static_cast<Array*>(t);
        Type* e = type(a->elem);
        return e == a->elem ? t : new_array(e, a->len);
      }
      case TypeKind::Map: {
        auto* m = static_cast<Map*>(t);
        Type *k = type(m->key), *e = type(m->elem);
        return k == m->key && e == m->elem ? t : new_map(k, e);
      }
      case TypeKind::Chan: {
        auto* c = static_cast<Chan*>(t);
        Type* e = type(c->elem);
        return e == c->elem ? t : new_chan(c->dir, e);
      }
      case TypeKind::Struct: {
        auto* s = static_cast<Struct*>(t);
        std::span<Var*> fields = vars(s->fields);
        return fields.data() == s->fields.data() ? t : new_struct(fields, s->tags);
      }
      case TypeKind::Tuple: {
        auto* u = static_cast<Tuple*>(t);
        std::span<Var*> list = vars(u->vars);
        return list.data() == u->vars.data() ? t : tuple_of(list);
      }
      case TypeKind::Signature: return signature(static_cast<Signature*>(t));
      case TypeKind::Union: {
        auto* u = static_cast<Union*>(t);
        std::span<Term> terms;
        for (size_t i = 0; i < u->terms.size(); i++) {
          Type* x = type(u->terms[i].type);
          if (x == u->terms[i].type) continue;
          if (terms.empty()) terms = type_arena().copy(u->terms);
          terms[i].type = x;
        }
        if (terms.empty()) return t;
        auto* n = make_type<Union>();
        n->terms = terms;
        note_tparams(n);
        return n;
      }
      case TypeKind::Interface: return interface(static_cast<Interface*>(t));
      case TypeKind::Alias: {
        auto* a = static_cast<Alias*>(t);
        if (!a->origin) return type(unalias(a));
        Vec<Type*> targs;
        return list(a->targs, targs) ? instantiate_alias(a->origin, targs) : t;
      }
      case TypeKind::Named: {
        auto* n = static_cast<Named*>(t);
        Vec<Type*> targs;
        if (n->origin && n->targs.size() != n->origin->implicit_tparams.size() + n->origin->tparams.size())
          return InvalidType;
        if (n->origin) return list(n->targs, targs) ? instantiate(n->origin, targs) : t;
        Vec<Type*> implicit(n->implicit_tparams.begin(), n->implicit_tparams.end());
        return n->tparams.empty() && list(implicit, targs) ? instantiate(n, targs) : t;
      }
      default: return t;
    }
  }

 private:
  bool list(std::span<Type* const> in, Vec<Type*>& out) {
    bool changed = false;
    for (Type* t : in) {
      out.push_back(type(t));
      changed = changed || out.back() != t;
    }
    return changed;
  }
  std::span<Var*> vars(std::span<Var*> in) {
    std::span<Var*> out = in;
    for (size_t i = 0; i < in.size(); i++) {
      Type* t = type(in[i]->type);
      if (t == in[i]->type) continue;
      if (out.data() == in.data()) out = type_arena().copy(in);
      out[i] = clone_var(in[i], t);
    }
    return out;
  }

  // A generic method keeps its own type parameters; their bounds may mention what is replaced, so they become
  // fresh ones.
  Type* signature(Signature* t) {
    if (!t->tparams.empty()) {
      bool own = false;
      for (TypeParam* p : s_.tparams) own = own || p == t->tparams[0];
      if (!own) {
        Vec<TypeParam*> from(s_.tparams.begin(), s_.tparams.end());
        Vec<Type*> to(s_.targs.begin(), s_.targs.end());
        std::span<TypeParam*> fresh = type_arena().make_span<TypeParam*>(t->tparams.size());
        for (size_t i = 0; i < fresh.size(); i++) {
          TypeParam* p = t->tparams[i];
          TypeName* obj = type_arena().make<TypeName>(*p->obj);
          obj->type = nullptr;
          fresh[i] = new_type_param(obj, nullptr, p->index);
          from.push_back(p);
          to.push_back(fresh[i]);
          if (rename_hook) rename_hook->renamed(fresh[i], p);
        }
        Subst inner({from, to});
        for (size_t i = 0; i < fresh.size(); i++) fresh[i]->bound = inner.type(t->tparams[i]->bound);
        auto* n = clone_signature(t);
        n->tparams = fresh;
        n->params = inner.vars(t->params);
        n->results = inner.vars(t->results);
        note_tparams(n);
        return n;
      }
    }
    std::span<Var*> params = vars(t->params), results = vars(t->results);
    if (params.data() == t->params.data() && results.data() == t->results.data()) return t;
    auto* n = clone_signature(t);
    n->params = params;
    n->results = results;
    note_tparams(n);
    return n;
  }

  Type* interface(Interface* t) {
    std::span<Func*> methods = t->methods;
    for (size_t i = 0; i < methods.size(); i++) {
      Type* x = type(methods[i]->type);
      if (x == methods[i]->type) continue;
      if (methods.data() == t->methods.data()) methods = type_arena().copy(t->methods);
      methods[i] = clone_func(methods[i], x);
    }
    Vec<Type*> embeddeds;
    bool changed = list(t->embeddeds, embeddeds);
    if (!changed && methods.data() == t->methods.data()) return t;
    auto* n = make_type<Interface>();
    n->methods = methods;
    n->embeddeds = changed ? type_arena().copy(embeddeds) : t->embeddeds;
    n->embed_pos = t->embed_pos;
    n->implicit = t->implicit;
    note_tparams(n);
    return n;
  }

  const TypeSubst s_;
};
}  // namespace

Type* substitute(Type* t, const TypeSubst& s) {
  if (!t || !t->has_tparams || s.tparams.empty()) return t;
  return Subst(s).type(t);
}

Alias* instantiate_alias(Alias* generic, std::span<Type* const> targs) {
  auto* a = make_type<Alias>();
  a->obj = generic->obj;
  a->origin = generic;
  a->targs = type_arena().copy(targs);
  for (Type* t : targs) a->has_tparams = a->has_tparams || t->has_tparams;
  if (a->has_tparams)
    return a;  // the right side is made when it is asked for: chains of generic aliases would be walked from
               // each to the end
  if (Type* rhs = alias_rhs(a)) a->has_tparams = rhs->has_tparams;
  unalias(a);
  return a;
}

Named* instantiate(Named* generic, std::span<Type* const> targs) {
  Vec<Type*> full;
  if (!generic->implicit_tparams.empty() && targs.size() == generic->tparams.size() &&
      !generic->tparams.empty()) {
    full.assign(generic->implicit_tparams.begin(), generic->implicit_tparams.end());
    full.insert(full.end(), targs.begin(), targs.end());
    targs = full;
  }
  u32 hash = static_cast<u32>(reinterpret_cast<u64>(generic) >> 4) * 0x9e3779b1u;
  for (Type* t : targs) hash = (hash ^ type_hash(t)) * 0x85ebca6bu + (hash >> 13);
  Shard& shard = shard_for(hash);
  Entry *seen = nullptr, *fresh = nullptr;
  for (;;) {
    Entry* head;
    {
      std::lock_guard lock(shard.mu);
      Entry*& slot = shard.lists[hash];
      head = slot;
      if (head == seen && fresh) {
        fresh->next = head;
        slot = fresh;
        return fresh->named;
      }
    }
    for (Entry* e = head; e != seen; e = e->next)
      if (e->named->origin == generic && same_args(e->named->targs, targs)) return e->named;
    seen = head;
    if (fresh) continue;
    auto* n = make_type<Named>();
    n->obj = generic->obj;
    n->origin = generic;
    n->targs = type_arena().copy(targs);
    n->local_index = generic->local_index;
    n->enclosing = generic->enclosing;
    for (Type* t : targs) n->has_tparams = n->has_tparams || t->has_tparams;
    fresh = type_arena().make<Entry>(n, nullptr);
  }
}

Signature* instantiate_signature(Signature* s, std::span<Type* const> targs) {
  TypeSubst map{s->tparams, targs};
  auto* t = static_cast<Signature*>(substitute(s, map));
  if (t == s) t = clone_signature(s);
  t->tparams = {};
  note_tparams(t);
  return t;
}

std::span<TypeParam*> rename_type_params(std::span<TypeParam* const> tparams) {
  std::span<TypeParam*> fresh = type_arena().make_span<TypeParam*>(tparams.size());
  Vec<Type*> to;
  for (size_t i = 0; i < fresh.size(); i++) {
    TypeName* obj = type_arena().make<TypeName>(*tparams[i]->obj);
    obj->type = nullptr;
    fresh[i] = new_type_param(obj, nullptr, tparams[i]->index);
    to.push_back(fresh[i]);
  }
  for (size_t i = 0; i < fresh.size(); i++) fresh[i]->bound = substitute(tparams[i]->bound, {tparams, to});
  return fresh;
}

// ---- methods of instances -----------------------------------------------------------------------

namespace {
std::mutex& methods_mutex(const Named* n) {
  static std::mutex* locks = new std::mutex[64];
  return locks[(reinterpret_cast<u64>(n) >> 6) & 63];
}

// The signature of an instance's method, from that of the declaration.
Signature* method_signature(Func* f) {
  Signature* generic = f->origin->sig();
  Named* n = f->recv_named;
  Named* o = n->origin;
  Signature* s = generic;
  if (!generic->recv_tparams.empty() &&
      generic->recv_tparams.size() == n->targs.size() - o->implicit_tparams.size()) {
    Vec<TypeParam*> from(o->implicit_tparams.begin(), o->implicit_tparams.end());
    from.insert(from.end(), generic->recv_tparams.begin(), generic->recv_tparams.end());
    s = static_cast<Signature*>(substitute(generic, {from, n->targs}));
  }
  if (s == generic) s = clone_signature(generic);
  s->recv_tparams = {};
  Type* recv = f->ptr_recv ? new_pointer(n) : n;
  s->recv = generic->recv ? clone_var(generic->recv, recv) : nullptr;
  note_tparams(s);
  return s;
}
}  // namespace

std::span<Func*> Named::methods() {
  if (!origin) return methods_;
  if (state.load(std::memory_order_acquire) == 2) return methods_;
  std::span<Func*> generic = origin->methods_;
  bool complete = !origin->obj->pkg || origin->obj->pkg->complete;
  if (generic.empty()) {
    if (complete) state.store(2, std::memory_order_release);
    return {};
  }
  std::lock_guard lock(methods_mutex(this));
  if (state.load(std::memory_order_acquire) == 2) return methods_;
  std::span<Func*> list = type_arena().make_span<Func*>(generic.size());
  for (size_t i = 0; i < list.size(); i++) {
    list[i] = clone_func(generic[i], nullptr);
    list[i]->recv_named = this;
    if (complete) list[i]->type = method_signature(list[i]);
  }
  methods_ = list;
  state.store(2, std::memory_order_release);
  if (!complete && signature_hook) signature_hook->new_instance_methods(this);
  return methods_;
}

Signature* func_signature(Func* f) {
  if (f->type) return f->sig();
  if (f->origin && f->recv_named && f->recv_named->origin && !f->is_interface_method) {
    if (!f->origin->type && signature_hook) signature_hook->want_signature(f->origin);
    if (f->origin->type) f->type = method_signature(f);
    return f->sig();
  }
  if (signature_hook) signature_hook->want_signature(f);
  return f->sig();
}

Func* Named::method(Package* pkg, Name name) { return find_method(this, pkg, name, false); }
}  // namespace vole::types
