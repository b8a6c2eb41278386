// Function types, receivers, parameters.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

void Checker::func_type(Signature* sig, Field* recv, List<Field*> tparams, FuncType* ft, Func* method) {
  ScopeMark scope = open_scope();
  if (recv) collect_recv(sig, recv, method);
  if (!tparams.empty()) collect_type_params(tparams, &sig->tparams);
  bool variadic = false;
  std::span<Var*> params = collect_params(ft->params, false, &variadic);
  std::span<Var*> results = collect_params(ft->results, true, nullptr);
  // Names only matter to report doubles; the body declares them again.
  FuncContext* func = env_.func;
  env_.func = nullptr;
  if (sig->recv && recv->name && !recv->name->name.empty()) declare_local(sig->recv);
  for (Var* v : params)
    if (!v->name.empty()) declare_local(v);
  for (Var* v : results)
    if (!v->name.empty()) declare_local(v);
  env_.func = func;
  sig->params = params;
  sig->results = results;
  sig->variadic = variadic;
  note_tparams(sig);
  close_scope(scope);
}

static Type* unpointer(Type* t) {
  while (auto* p = t->as<Pointer>()) t = p->elem;
  return t;
}

void Checker::collect_recv(Signature* sig, Field* recv, Func* method) {
  RecvParts parts = unpack_recv(recv->type_expr);
  Type* type = InvalidType;
  if (!parts.index) {
    type = var_type(recv->type_expr);
    // Methods cannot be added to an instance by way of an alias.
    auto* a = unpointer(type)->as<Alias>();
    while (a && alias_rhs(a)) {
      Type* base = unpointer(alias_rhs(a));
      bool instance =
          (base->as<Named>() && (base->cast<Named>()->origin || base->cast<Named>()->is_generic())) ||
          (base->as<Alias>() && !base->cast<Alias>()->targs.empty());
      if (instance) {
        errorf(parts.base->pos, "cannot define new methods on instantiated type {}", str(base));
        type = InvalidType;
        break;
      }
      a = base->as<Alias>();
    }
  } else {
    std::string cause;
    Type* t = generic_type(parts.base, &cause);
    Named* base = nullptr;
    if (is_valid(t)) {
      base = t->as<Named>();
      if (!base) errorf(parts.base->pos, "cannot define new methods on generic alias type {}", str(t));
    } else if (!cause.empty()) {
      error(parts.base->pos, cause);
    }
    std::span<TypeParam*> tparams = arena().make_span<TypeParam*>(parts.index->indices.size());
    Vec<Type*> targs;
    for (u32 i = 0; i < tparams.size(); i++) {
      Expr* arg = parts.index->indices[i];
      auto* id = arg->as<Ident>();
      if (!id) {
        if (arg->kind != NodeKind::BadExpr)
          errorf(arg->pos, "receiver type parameter {} must be an identifier", expr_string(arg));
        id = scratch_.make<Ident>();
        id->kind = NodeKind::Ident;
        id->pos = arg->pos;
        id->name = Name::intern("_");
      }
      tparams[i] = declare_type_param(id, i);
      record_type(id, Mode::TypeExpr, tparams[i]);
      targs.push_back(tparams[i]);
    }
    sig->recv_tparams = tparams;
    if (base) {
      std::span<TypeParam*> declared = base->tparams;
      if (declared.size() == tparams.size()) {
        for (size_t i = 0; i < tparams.size(); i++) {
          mono_canon_[tparams[i]] = declared[i];
          tparams[i]->bound = substitute(declared[i]->bound, {declared, targs});
        }
        verify_version(parts.base->pos, 18, "type instantiation");
        type = instantiate(base, targs);
        if (parts.ptr) type = new_pointer(type);
      } else {
        errorf(parts.base->pos, "receiver declares {} type parameter{}, but receiver base type declares {}",
               tparams.size(), tparams.size() == 1 ? "" : "s", declared.size());
      }
    }
    record_type(recv->type_expr, Mode::TypeExpr, type);
  }
  Var* v = new_var(recv->name ? recv->name->pos : recv->type_expr->pos,
                   recv->name ? recv->name->name : Name(), type);
  v->is_param = true;
  if (recv->name) recv->name->obj = v;
  sig->recv = v;
  Pos pos = parts.base->pos;
  later([pos, v](Checker& c) { c.valid_recv(pos, v->type); });
}

std::span<Var*> Checker::collect_params(List<Field*> list, bool results, bool* variadic) {
  if (list.empty()) return {};
  std::span<Var*> out = arena().make_span<Var*>(list.size());
  Type* type = InvalidType;
  Expr* prev = nullptr;
  for (size_t i = 0; i < list.size(); i++) {
    Field* f = list[i];
    bool dots = false;
    if (f->type_expr != prev) {
      prev = f->type_expr;
      Expr* e = f->type_expr;
      if (auto* d = e->as<Ellipsis>()) {
        e = d->elem;
        dots = !results && i + 1 == list.size();
        if (!dots) error(d->pos, "invalid use of ...");
      }
      type = var_type(e);
    } else if (f->type_expr->kind == NodeKind::Ellipsis && !results && i + 1 == list.size()) {
      dots = true;
    }
    Type* t = type;
    if (dots) {
      *variadic = true;
      t = new_slice(type);
      record_type(f->type_expr, Mode::TypeExpr, t);
    }
    Var* v = new_var(f->name ? f->name->pos : f->type_expr->pos, f->name ? f->name->name : Name(), t);
    v->is_param = !results;
    v->is_result = results;
    if (f->name && f->name->name != "_") f->name->obj = v;
    out[i] = v;
  }
  return out;
}

void Checker::valid_recv(Pos pos, Type* recv) {
  Type* base = deref(recv);
  Type* t = unalias(base);
  if (!is_valid(t)) return;
  if (auto* n = t->as<Named>()) {
    if (n->obj->pkg != pkg_) {
      errorf(pos, "cannot define new methods on non-local type {}", str(base));
      return;
    }
    Type* u = n->resolved();
    const char* cause = nullptr;
    if (auto* b = u->as<Basic>(); b && b->basic == BasicKind::UnsafePointer) cause = "unsafe.Pointer";
    else if (u->kind == TypeKind::Pointer || u->kind == TypeKind::Interface)
      cause = "pointer or interface type";
    if (cause) errorf(pos, "invalid receiver type {} ({})", str(base), cause);
  } else if (t->kind == TypeKind::Basic) {
    errorf(pos, "cannot define new methods on non-local type {}", str(base));
  } else {
    errorf(pos, "invalid receiver type {}", str(recv));
  }
}
}  // namespace vole::types
