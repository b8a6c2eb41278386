// Declarations: objects on first need, cycles among them, constants, variables, types, functions, and
// declarations inside functions.
#include <algorithm>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;

// ---- the path of declarations under way ---------------------------------------------------------

i32 Checker::path_index(const Object* obj) const {
  if (DeclInfo* d = decl_of(obj)) return d->path;
  if (obj->pkg != pkg_) return -1;
  for (size_t i = 0; i < path_.size(); i++)
    if (path_[i] == obj) return static_cast<i32>(i);
  return -1;
}
void Checker::push(Object* obj) {
  if (DeclInfo* d = decl_of(obj)) d->path = static_cast<i32>(path_.size());
  path_.push_back(obj);
}
void Checker::pop() {
  if (DeclInfo* d = decl_of(path_.back())) d->path = -1;
  path_.pop_back();
}

static size_t first_in_source(std::span<Object* const> cycle) {
  size_t first = 0;
  for (size_t i = 1; i < cycle.size(); i++)
    if (cycle[i]->pos < cycle[first]->pos) first = i;
  return first;
}

void Checker::obj_decl(Object* obj) {
  i32 at = path_index(obj);
  if (at >= 0) {
    bool valid = valid_cycle(obj, static_cast<size_t>(at));
    switch (obj->kind) {
      case ObjectKind::Const:
      case ObjectKind::Var:
        if (!valid || !obj->type) obj->type = InvalidType;
        break;
      case ObjectKind::TypeName:
        if (!valid) obj->type = InvalidType;
        break;
      default: break;
    }
    if (auto* c = obj->as<Const>(); c && !c->value) c->value = &UnknownValue;
    return;
  }
  if (obj->type) return;
  DeclInfo* d = decl_of(obj);
  if (!d) {
    obj->type = InvalidType;
    return;
  }
  push(obj);
  Env outer = env_;
  env_ = {};
  env_.file = d->file;
  env_.version = d->file->version;
  env_.local_base = static_cast<u32>(locals_.size());
  ScopeMark scope = open_scope();
  switch (obj->kind) {
    case ObjectKind::Const:
      env_.decl = d;
      const_decl(static_cast<Const*>(obj), d->type_expr, d->init, d->inherited, d->iota);
      break;
    case ObjectKind::Var:
      env_.decl = d;
      var_decl(static_cast<Var*>(obj), d->lhs, d->type_expr, d->init);
      break;
    case ObjectKind::TypeName: type_decl(static_cast<TypeName*>(obj), d->tdecl); break;
    case ObjectKind::Func: func_decl(static_cast<Func*>(obj), d); break;
    default: break;
  }
  close_scope(scope);
  env_ = outer;
  pop();
}

// A cycle is fine when it goes through a type definition or through functions only by their bodies (values
// alone are left to the initialisation order).
bool Checker::valid_cycle(Object* obj, size_t start) {
  std::span<Object* const> cycle(path_.data() + start, path_.size() - start);
  size_t values = 0, definitions = 0;
  for (Object* o : cycle) {
    switch (o->kind) {
      case ObjectKind::Const:
      case ObjectKind::Var: values++; break;
      case ObjectKind::TypeName:
        if (env_.in_tparam_list && o->type && is_generic(o->type)) return true;
        if (!static_cast<TypeName*>(o)->is_alias) definitions++;
        break;
      default: break;
    }
  }
  if (values == cycle.size()) return true;
  if (values == 0 && definitions > 0) return true;
  path_cycle_error(start);
  return false;
}

void Checker::path_cycle_error(size_t start) {
  std::span<Object* const> cycle(path_.data() + start, path_.size() - start);
  cycle_error(cycle, first_in_source(cycle));
}

void Checker::cycle_error(std::span<Object* const> cycle, size_t start) {
  auto name = [&](Object* o) {
    if (Named* n = o->type ? as_named(o->type) : nullptr; n && n->origin) return str(n);
    return std::string(o->name.text());
  };
  Object* obj = cycle[start];
  auto* type_name = obj->as<TypeName>();
  if (type_name && type_name->type)
    if (auto* a = type_name->type->as<Alias>()) {
      a->rhs = InvalidType;
      a->actual = nullptr;
    }
  if (cycle.size() == 1) {
    errorf(obj->pos, "{}: {} refers to itself",
           type_name ? "invalid recursive type" : "invalid cycle in declaration", name(obj));
    return;
  }
  Report r;
  r.add(obj->pos,
        fmt::format("{} {}", type_name ? "invalid recursive type" : "invalid cycle in declaration of",
                    name(obj)));
  for (size_t i = 0; i < cycle.size(); i++) {
    Object* next = cycle[(start + i + 1) % cycle.size()];
    r.add(obj->pos, fmt::format("{} refers to {}", name(obj), name(next)));
    obj = next;
  }
  report(r);
}

bool Checker::is_complete(Type* t) {
  for (;;) {
    Object* obj;
    Type* rhs;
    if (auto* a = t->as<Alias>()) {
      obj = a->origin ? nullptr : a->obj;
      rhs = a->rhs;
    } else if (auto* n = t->as<Named>()) {
      obj = n->origin ? nullptr : n->obj;
      rhs = n->rhs_;
    } else {
      return true;
    }
    if (obj && !path_.empty()) {
      if (i32 at = path_index(obj); at >= 0) {
        path_cycle_error(static_cast<size_t>(at));
        return false;
      }
    }
    if (!rhs) return true;
    t = rhs;
  }
}

// ---- constants and variables --------------------------------------------------------------------

void Checker::const_decl(Const* obj, Expr* type_expr, Expr* init, bool inherited, Value iota) {
  Value outer_iota = env_.iota;
  Pos outer_pos = env_.errpos;
  env_.iota = iota;
  env_.errpos = {};
  obj->value = &UnknownValue;
  bool ok = true;
  if (type_expr) {
    Type* t = type_of(type_expr);
    if (!is_basic(t, IsConstType)) {
      if (is_valid(t->underlying())) errorf(type_expr->pos, "invalid constant type {}", str(t));
      obj->type = InvalidType;
      ok = false;
    } else {
      obj->type = t;
    }
  }
  if (ok) {
    Operand x;
    if (init) {
      if (inherited) env_.errpos = obj->pos;
      expr(nullptr, x, init);
    }
    init_const(obj, x);
  }
  env_.iota = outer_iota;
  env_.errpos = outer_pos;
}

void Checker::var_decl(Var* obj, std::span<Var*> lhs, Expr* type_expr, Expr* init) {
  if (type_expr) obj->type = var_type(type_expr);
  if (!init) {
    if (!type_expr) obj->type = InvalidType;
    return;
  }
  if (lhs.size() <= 1) {
    Operand x;
    Target target;
    bool has_target = obj->type && make_target(obj->type, obj->name.text(), nullptr, target);
    expr(has_target ? &target : nullptr, x, init);
    init_var(obj, x, {"variable declaration"});
    return;
  }
  if (type_expr)
    for (Var* v : lhs) v->type = obj->type;
  init_vars(lhs, List<Expr*>(&init, 1), nullptr);
}

// ---- types --------------------------------------------------------------------------------------

void Checker::type_decl(TypeName* obj, TypeDecl* d) {
  bool version_ok = true;
  Type** rhs_slot = scratch_.make<Type*>(nullptr);
  bool* version_slot = scratch_.make<bool>(true);
  later([obj, d, rhs_slot, version_slot](Checker& c) {
    if (Named* n = obj->type ? as_named(obj->type) : nullptr) c.valid_type(n);
    if (*version_slot && *rhs_slot && c.is_imported_constraint(*rhs_slot))
      c.verify_version(d->type_expr->pos, 18, "using type constraint " + c.str(*rhs_slot));
  });
  Field* first = d->tparams.empty() ? nullptr : d->tparams[0];
  Func* enclosing = env_.func && env_.decl ? env_.decl->obj->as<Func>() : nullptr;

  if (d->alias) {
    if (first && !verify_version(first->name->pos, 23, "generic type alias")) version_ok = false;
    if (version_ok && !verify_version(d->name->pos, 9, "type alias")) version_ok = false;
    *version_slot = version_ok;
    auto* a = make_type<Alias>();
    a->obj = obj;
    obj->is_alias = true;
    if (!obj->type) obj->type = a;
    ScopeMark scope = open_scope();
    if (first) collect_type_params(d->tparams, &a->tparams);
    Type* rhs = declared_type(d->type_expr, obj);
    *rhs_slot = rhs;
    if (!a->rhs) a->rhs = rhs;
    if (auto* p = rhs->as<TypeParam>();
        p && std::find(a->tparams.begin(), a->tparams.end(), p) != a->tparams.end()) {
      error(d->type_expr->pos, "cannot use type parameter declared in alias declaration as RHS");
      a->rhs = InvalidType;
    }
    a->actual = nullptr;
    a->has_tparams = a->rhs->has_tparams;
    unalias(a);  // aliases of this one need not walk the chain
    close_scope(scope);
    return;
  }

  if (first && !verify_version(first->name->pos, 18, "type parameter")) version_ok = false;
  *version_slot = version_ok;
  auto* n = make_type<Named>();
  n->obj = obj;
  n->enclosing = enclosing;
  if (enclosing && enclosing->sig()) {
    Signature* sig = enclosing->sig();
    Vec<TypeParam*> implicit(sig->recv_tparams.begin(), sig->recv_tparams.end());
    implicit.insert(implicit.end(), sig->tparams.begin(), sig->tparams.end());
    n->implicit_tparams = arena().copy(implicit);
    n->has_tparams = !implicit.empty();
  }
  if (!obj->type) obj->type = n;
  named_.push_back(n);
  collect_methods(obj);
  ScopeMark scope = open_scope();
  if (first) collect_type_params(d->tparams, &n->tparams);
  Type* rhs = declared_type(d->type_expr, obj);
  *rhs_slot = rhs;
  if (!n->rhs_) n->rhs_ = rhs;
  if (is_type_param(rhs)) {
    error(d->type_expr->pos, "cannot use a type parameter as RHS in type declaration");
    n->rhs_ = InvalidType;
  }
  n->state.store(2, std::memory_order_relaxed);
  close_scope(scope);
}

void Checker::collect_methods(TypeName* obj) {
  DeclInfo* d = decl_of(obj);
  if (!d || d->methods.empty()) return;
  Named* base = obj->type ? as_named(obj->type) : nullptr;
  if (base) later([base](Checker& c) { c.check_field_uniqueness(base); });
  Vec<Func*, 16> kept;
  absl::flat_hash_map<Name, Func*> seen;
  for (Func* m : d->methods) {
    auto [it, fresh] = seen.try_emplace(m->name, m);
    if (!fresh) {
      errorf(m->pos, "method {}.{} already declared at {}", obj->name.text(), m->name.text(),
             pos_string(it->second->pos));
      continue;
    }
    m->recv_named = base;
    kept.push_back(m);
  }
  if (base) base->methods_ = arena().copy(kept);
}

void Checker::check_field_uniqueness(Named* n) {
  auto* s = n->resolved()->as<Struct>();
  if (!s || n->methods_.empty()) return;
  absl::flat_hash_map<Name, Func*> methods;
  for (Func* m : n->methods_) methods.emplace(m->name, m);
  for (Var* f : s->fields) {
    auto it = methods.find(f->name);
    if (f->name == "_" || it == methods.end()) continue;
    Report r;
    r.add(it->second->pos, fmt::format("field and method with the same name {}", f->name.text()));
    if (f->pos.known()) r.add(f->pos, fmt::format("other declaration of {}", f->name.text()));
    report(r);
  }
}

TypeParam* Checker::declare_type_param(Ident* id, u32 index) {
  auto* obj = new_object<TypeName>(id->pos, id->name, nullptr);
  TypeParam* p = new_type_param(obj, InvalidType, index);
  id->obj = obj;
  declare_local(obj);
  return p;
}

std::span<TypeParam*> Checker::collect_type_params(List<Field*> list, std::span<TypeParam*>* dst) {
  std::span<TypeParam*> tparams = arena().make_span<TypeParam*>(list.size());
  for (size_t i = 0; i < list.size(); i++)
    tparams[i] = declare_type_param(list[i]->name, static_cast<u32>(i));
  *dst = tparams;
  bool outer = env_.in_tparam_list;
  env_.in_tparam_list = true;
  Type* bound = nullptr;
  for (size_t i = 0; i < list.size(); i++) {
    if (i == 0 || list[i]->type_expr != list[i - 1]->type_expr) {
      bound = bound_type(list[i]->type_expr);
      if (is_type_param(bound)) {
        error(list[i]->type_expr->pos, "cannot use a type parameter as constraint");
        bound = InvalidType;
      }
    }
    tparams[i]->bound = bound;
  }
  env_.in_tparam_list = outer;
  return tparams;
}

// ~T and A|B are short for the interface that holds them.
Type* Checker::bound_type(Expr* x) {
  auto* u = x->as<UnaryExpr>();
  auto* b = x->as<BinaryExpr>();
  if (!(u && u->op == Tok::Tilde) && !(b && b->op == Tok::Or)) return type_of(x);
  auto* t = make_type<Interface>();
  t->implicit = true;
  interfaces_.push_back(t);
  t->complete = false;
  Type* e = parse_union(x);
  t->embeddeds = arena().copy(std::span<Type* const>(&e, 1));
  t->embed_pos = arena().copy(std::span<const Pos>(&x->pos, 1));
  t->complete = true;
  note_tparams(t);
  Pos pos = x->pos;
  later([t, pos](Checker& c) { c.check_type_set(t, pos); });
  return t;
}

// What stands for n in messages about circles: instances are shown with their arguments, where they were
// first written.
TypeName* Checker::shown_object(Named* n) {
  if (!n->origin) return n->obj;
  auto [it, fresh] = instance_objects_.try_emplace(n, nullptr);
  if (fresh) {
    it->second = scratch_.make<TypeName>(*n->obj);
    it->second->type = n;
    it->second->order = 0;
  }
  return it->second;
}

// ---- types that contain themselves --------------------------------------------------------------

void Checker::valid_type(Named* t) {
  Vec<Named*> open;
  if (holds(t, open) == Holds::Done) return;
  for (Named* n : open) held_.erase(n);
  Vec<Named*> nest, path;
  valid_type(t, nest, path);
}

// What declaration n holds by value. Each is walked once, so nothing is known of one that is met again before
// it is done (Open): that one may hold itself, and valid_type below finds out in which way. `open` are those
// not done.
Checker::Holds::State Checker::holds(Named* n, Vec<Named*>& open) {
  if (n->tparams.empty() && n->obj->pkg != pkg_) return Holds::Done;
  if (auto it = held_.find(n); it != held_.end()) return it->second.state;
  if (!n->rhs_ || too_deep(n->obj->pos)) return Holds::Unknown;
  held_[n].state = Holds::Open;
  open.push_back(n);
  Vec<u32, 2> params;
  Holds::State s = holds(n->rhs_, n, params, open);
  if (s != Holds::Done) return s;
  open.pop_back();
  held_[n] = {Holds::Done, std::move(params)};
  return Holds::Done;
}

// The same for a type that is part of declaration `in`; collects which of its type parameters are.
Checker::Holds::State Checker::holds(Type* t, Named* in, Vec<u32, 2>& params, Vec<Named*>& open) {
  t = unalias(t);
  auto all = [&](auto&& list, auto type) {
    for (auto&& x : list)
      if (Holds::State s = holds(type(x), in, params, open); s != Holds::Done) return s;
    return Holds::Done;
  };
  switch (t->kind) {
    case TypeKind::Array: return holds(static_cast<Array*>(t)->elem, in, params, open);
    case TypeKind::Struct: return all(static_cast<Struct*>(t)->fields, [](Var* f) { return f->type; });
    case TypeKind::Union: return all(static_cast<Union*>(t)->terms, [](const Term& x) { return x.type; });
    case TypeKind::Interface: return all(static_cast<Interface*>(t)->embeddeds, [](Type* e) { return e; });
    case TypeKind::TypeParam:
      for (u32 i = 0; i < in->tparams.size(); i++)
        if (in->tparams[i] == t && std::find(params.begin(), params.end(), i) == params.end())
          params.push_back(i);
      return Holds::Done;
    case TypeKind::Named: {
      auto* n = static_cast<Named*>(t);
      Named* origin = n->origin ? n->origin : n;
      if (Holds::State s = holds(origin, open); s != Holds::Done) return s;
      auto it = n->origin ? held_.find(origin) : held_.end();
      if (it == held_.end()) return Holds::Done;
      Vec<u32, 2> held = it->second.params;
      size_t skip = n->targs.size() >= origin->tparams.size() ? n->targs.size() - origin->tparams.size() : 0;
      return all(held, [&](u32 i) { return i + skip < n->targs.size() ? n->targs[i + skip] : InvalidType; });
    }
    default: return Holds::Done;
  }
}

// `nest` are the types t is directly part of, `path` all types walked (nest leaves out what came in as a type
// argument).
bool Checker::valid_type(Type* t, Vec<Named*>& nest, Vec<Named*>& path) {
  t = unalias(t);
  switch (t->kind) {
    case TypeKind::Array: return valid_type(static_cast<Array*>(t)->elem, nest, path);
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(t)->fields)
        if (!valid_type(f->type, nest, path)) return false;
      return true;
    case TypeKind::Union:
      for (const Term& x : static_cast<Union*>(t)->terms)
        if (!valid_type(x.type, nest, path)) return false;
      return true;
    case TypeKind::Interface:
      for (Type* e : static_cast<Interface*>(t)->embeddeds)
        if (!valid_type(e, nest, path)) return false;
      return true;
    case TypeKind::Named: {
      auto* n = static_cast<Named*>(t);
      Named* origin = n->origin ? n->origin : n;
      if (!n->origin && (n->obj->pkg != pkg_ || valid_.contains(n))) return true;
      for (Named* e : nest) {
        if (e != n && (!n->origin || !identical(e, n))) continue;
        origin->rhs_ = InvalidType;
        for (size_t i = 0; i < path.size(); i++) {
          if (path[i] != n && (!n->origin || !identical(path[i], n))) continue;
          Vec<Object*> cycle;
          for (size_t k = i; k < path.size(); k++) cycle.push_back(shown_object(path[k]));
          cycle_error({cycle.data(), cycle.size()}, 0);
          origin->under_ = InvalidType;
          return false;
        }
        return false;
      }
      if (!origin->rhs_ || too_deep(n->obj->pos)) return true;
      nest.push_back(n);
      path.push_back(n);
      bool ok = valid_type(origin->rhs_, nest, path);
      nest.pop_back();
      path.pop_back();
      if (ok && !n->origin && n->tparams.empty()) valid_[n] = true;
      return ok;
    }
    case TypeKind::TypeParam: {
      if (nest.empty()) return true;
      Named* inst = nest.back();
      if (!inst->origin) return true;
      std::span<TypeParam*> tparams = inst->origin->tparams;
      size_t skip = inst->targs.size() >= tparams.size() ? inst->targs.size() - tparams.size() : 0;
      for (size_t i = 0; i < tparams.size() && i + skip < inst->targs.size(); i++) {
        if (tparams[i] != t) continue;
        nest.pop_back();  // the argument belongs to what surrounds the instance
        bool ok = valid_type(inst->targs[i + skip], nest, path);
        nest.push_back(inst);
        return ok;
      }
      return true;
    }
    default: return true;
  }
}

// ---- functions ----------------------------------------------------------------------------------

void Checker::func_decl(Func* obj, DeclInfo* info) {
  FuncDecl* d = info->fdecl;
  auto* sig = make_type<Signature>();
  obj->type = sig;
  func_type(sig, d->recv, d->type_expr->tparams, d->type_expr, obj);
  if (!d->type_expr->tparams.empty() && !d->body)
    soft_error(d->pos, "generic function is missing function body");
  if (config_.ignore_bodies || !d->body) return;
  later([info, d, sig](Checker& c) { c.func_body(info, d, sig, d->body, nullptr, nullptr); });
}

// ---- declarations in functions ------------------------------------------------------------------

void Checker::decl_stmt(List<Decl*> list) {
  for (Decl* decl : list) {
    size_t top = delayed_.size();
    if (auto* d = decl->as<ConstDecl>()) {
      ConstDecl* from = d->inherited ? d->inherited : d;
      Value iota = make_int(arena(), bignum::Int(d->iota));
      Vec<Const*> lhs;
      for (size_t i = 0; i < d->names.size(); i++) {
        auto* obj = new_object<Const>(d->names[i]->pos, d->names[i]->name, nullptr);
        lhs.push_back(obj);
        const_decl(obj, from->type_expr, i < from->values.size() ? from->values[i] : nullptr, from != d,
                   iota);
      }
      arity(d->pos, d->names, from->values, true, from != d);
      process_delayed(top);
      for (size_t i = 0; i < lhs.size(); i++) {
        d->names[i]->obj = lhs[i];
        declare_local(lhs[i]);
      }
    } else if (auto* d = decl->as<VarDecl>()) {
      Vec<Var*> lhs;
      for (Ident* id : d->names) lhs.push_back(new_local(id));
      if (!d->embeds.empty()) local_embeds_.push_back({d, env_.file});
      for (size_t i = 0; i < lhs.size(); i++) {
        bool single = d->values.size() == 1;
        Expr* init = d->values.size() == d->names.size() ? d->values[i]
                     : single                            ? d->values[0]
                     : i < d->values.size()              ? d->values[i]
                                                         : nullptr;
        bool shared = single && d->names.size() != 1;
        var_decl(lhs[i], shared ? std::span<Var*>(lhs.data(), lhs.size()) : std::span<Var*>(), d->type_expr,
                 init);
        if (single) break;
      }
      if (!d->type_expr || !d->values.empty()) arity(d->pos, d->names, d->values, false, false);
      process_delayed(top);
      for (Var* v : lhs) {
        if (!v->type) v->type = InvalidType;
        declare_local(v);
      }
    } else if (auto* d = decl->as<TypeDecl>()) {
      auto* obj = new_object<TypeName>(d->name->pos, d->name->name, nullptr);
      obj->is_alias = d->alias;
      d->name->obj = obj;
      if (!d->alias && env_.decl)
        local_types_.push_back(
            {env_.file->index, env_.decl->obj->order, static_cast<u32>(local_types_.size()) + 1, obj});
      declare_local(obj);
      push(obj);
      type_decl(obj, d);
      pop();
    }
  }
}
}  // namespace vole::types
