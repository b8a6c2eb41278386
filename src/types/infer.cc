// Type inference (specification, "Type inference"): from arguments, from constraints, then from what untyped
// arguments default to.
#include <algorithm>

#include "types/unify.h"

namespace vole::types {
using namespace syntax;

namespace {
// The one term of a constraint, or its common underlying type (with tilde when any term has one). False when
// there is none.
bool core_term(Checker&, TypeParam* p, Type* common, Term* core, bool* single) {
  size_t n = 0;
  bool tilde = false;
  Term first{};
  for_all_terms(p, [&](const Term* t) {
    if (!t) return false;
    n++;
    first = *t;
    tilde = tilde || t->tilde;
    return true;
  });
  if (n == 1) {
    *core = first;
    *single = true;
    return true;
  }
  *single = false;
  *core = {tilde, common};
  return common != nullptr;
}

// Forgets what was inferred for parameters that are defined in terms of themselves.
struct CycleKiller {
  std::span<TypeParam* const> tparams;
  Vec<Type*>& inferred;
  Visited<Type> seen;

  void type(Type* t) {
    t = unalias(t);
    if (!t->has_tparams) return;
    if (!seen.insert(t)) {
      for (size_t i = 0; i < tparams.size(); i++)
        if (tparams[i] == t) inferred[i] = nullptr;
      return;
    }
    for (size_t i = 0; i < tparams.size(); i++)
      if (tparams[i] == t && inferred[i]) type(inferred[i]);
    for_each_part(t, [&](Type* part) { type(part); });
    seen.pop();
  }
};

std::string names(std::span<TypeParam* const> list) {
  std::string out;
  for (size_t i = 0; i < list.size(); i++) {
    if (i) out += list.size() == 2 ? " and " : i + 1 == list.size() ? ", and " : ", ";
    out += list[i]->obj->name.text();
  }
  return out;
}
bool all_known(std::span<Type* const> targs) {
  return std::find(targs.begin(), targs.end(), nullptr) == targs.end();
}
}  // namespace

bool Checker::infer(Pos pos, std::span<TypeParam* const> tparams, Vec<Type*>& targs,
                    std::span<Var* const> params0, Operands& args, bool reverse, Report& err) {
  size_t n = tparams.size();
  if (targs.size() == n && all_known(targs)) return true;
  for (Operand& a : args)
    if (!a.valid()) return false;
  targs.resize(n, nullptr);

  // Known arguments are put into the parameters' types first.
  Vec<Type*, 8> params;
  for (Var* v : params0) params.push_back(substitute(v->type, {tparams, targs}));

  Unifier u(*this, tparams, targs, allow(21));
  auto mismatch = [&](Type* par, Operand& arg) {
    std::string shown = arg.label.empty() ? expr_string(arg.expr) : std::string(arg.label);
    Vec<Type*> known;
    u.inferred(known);
    bool none = std::all_of(known.begin(), known.end(), [](Type* t) { return t == nullptr; });
    if (none) {
      err.add(arg.pos(), fmt::format("type {} of {} does not match {} (cannot infer {})", str(arg.type),
                                     shown, str(par), names(tparams)));
      return;
    }
    Type* inferred = substitute(par, {tparams, known});
    if (inferred == par) {
      err.add(arg.pos(), fmt::format("type {} of {} does not match {}", str(arg.type), shown, str(par)));
    } else if (reverse) {
      err.add(arg.pos(), fmt::format("inferred type {} for {} does not match type {} of {}", str(inferred),
                                     str(par), str(arg.type), shown));
    } else {
      err.add(arg.pos(), fmt::format("type {} of {} does not match inferred type {} for {}", str(arg.type),
                                     shown, str(inferred), str(par)));
    }
  };

  // Function arguments.
  Vec<size_t> untyped;
  for (size_t i = 0; i < args.size(); i++) {
    Operand& arg = args[i];
    if (!is_parameterized(tparams, params[i]) && !is_parameterized(tparams, arg.type)) continue;
    if (is_typed(arg.type)) {
      if (!u.unify(params[i], arg.type, Unifier::Assign)) {
        mismatch(params[i], arg);
        return false;
      }
    } else if (params[i]->kind == TypeKind::TypeParam && !arg.is_nil()) {
      untyped.push_back(i);
    }
  }

  // Constraints, as long as something new comes out.
  for (;;) {
    size_t before = u.unknowns();
    for (TypeParam* p : tparams) {
      Type* tx = u.at(p);
      Term core;
      bool single;
      if (core_term(*this, p, common_under(p, nullptr), &core, &single)) {
        if (tx) {
          if (!u.unify(tx, core.type, Unifier::Inexact)) {
            err.add(pos, fmt::format("{} (type {}) does not satisfy {}", str(p), str(tx), str(p->bound)));
            return false;
          }
        } else if (single && !core.tilde) {
          u.set(p, core.type);
        }
      }
      if (tx && !is_parameterized(tparams, tx)) {
        std::string cause;
        auto equal = [](void* ctx, Type* x, Type* y) {
          return static_cast<Unifier*>(ctx)->unify(x, y, Unifier::Exact);
        };
        if (!has_all_methods(tx, constraint_of(p), true, equal, &u, &cause)) {
          err.add(pos,
                  fmt::format("{} (type {}) does not satisfy {} {}", str(p), str(tx), str(p->bound), cause));
          return false;
        }
      }
    }
    if (u.unknowns() == before) break;
  }

  // Untyped arguments of parameters still unknown: the largest of their kinds.
  Vec<Type*> largest(n, nullptr);
  for (size_t i : untyped) {
    auto* p = static_cast<TypeParam*>(params[i]);
    if (u.at(p)) continue;
    size_t k = static_cast<size_t>(std::find(tparams.begin(), tparams.end(), p) - tparams.begin());
    Type* max = largest[k] ? max_type(largest[k], args[i].type) : args[i].type;
    if (!max) {
      err.add(args[i].pos(), fmt::format("mismatched types {} and {} (cannot infer {})", str(largest[k]),
                                         str(args[i].type), str(p)));
      return false;
    }
    largest[k] = max;
  }
  for (size_t k = 0; k < n; k++)
    if (largest[k]) u.set(tparams[k], default_type(largest[k]));

  // What was inferred may mention other parameters.
  Vec<Type*> inferred;
  u.inferred(inferred);
  CycleKiller killer{tparams, inferred, {}};
  for (TypeParam* p : tparams) killer.type(p);
  Vec<size_t> dirty;
  for (size_t i = 0; i < n; i++)
    if (inferred[i] && !targs[i]) dirty.push_back(i);
  while (!dirty.empty()) {
    Vec<size_t> again;
    Vec<Type*> now = inferred;
    for (size_t i : dirty) {
      Type* t = substitute(inferred[i], {tparams, now});
      if (t == inferred[i]) continue;
      if (auto* sig = t->as<Signature>(); sig && !sig->tparams.empty() && !is_parameterized(tparams, sig)) {
        sig = clone_signature(sig);
        sig->tparams = {};
        note_tparams(sig);
        t = sig;
      }
      inferred[i] = t;
      now = inferred;
      again.push_back(i);
    }
    dirty = again;
  }
  for (size_t i = 0; i < n; i++) {
    if (inferred[i] && !is_parameterized(tparams, inferred[i])) continue;
    err.add(pos, fmt::format("cannot infer {} (declared at {})", tparams[i]->obj->name.text(),
                             pos_string(tparams[i]->obj->pos)));
    return false;
  }
  targs = inferred;
  return true;
}
}  // namespace vole::types
