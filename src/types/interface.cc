// Interface types and unions, and what may be wrong with their type sets.
#include <algorithm>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;

Type* Checker::interface_type(InterfaceType* e, TypeName* def) {
  if (e->elems.empty()) return EmptyInterface;
  auto* t = make_type<Interface>();
  t->complete = false;
  interfaces_.push_back(note_type(e->pos, t));
  Vec<Func*> methods;
  Vec<Type*> embeddeds;
  Vec<Pos> positions;
  Type* recv = t;
  if (def && def->type)
    if (Named* n = as_named(def->type)) recv = n;
  for (Field* f : e->elems) {
    if (!f->name) {
      positions.push_back(f->type_expr->pos);
      embeddeds.push_back(parse_union(f->type_expr));
      continue;
    }
    if (f->name->name == "_") {
      error(f->name->pos, "methods must have a unique non-blank name");
      continue;
    }
    auto* sig = make_type<Signature>();
    func_type(sig, nullptr, {}, f->type_expr->cast<FuncType>(), nullptr);
    record_type(f->type_expr, Mode::TypeExpr, sig);
    sig->recv = new_var(f->name->pos, Name(), recv);
    sig->recv->is_param = true;
    auto* m = new_object<Func>(f->name->pos, f->name->name, sig);
    m->is_interface_method = true;
    m->recv_named = recv->as<Named>();
    f->name->obj = m;
    methods.push_back(m);
  }
  std::sort(methods.begin(), methods.end(), method_before);
  t->methods = type_arena().copy(methods);
  t->embeddeds = type_arena().copy(embeddeds);
  t->embed_pos = type_arena().copy(positions);
  note_tparams(t);
  t->complete = true;
  if (methods.empty() && embeddeds.empty()) return t;
  Pos pos = e->pos;
  later([t, pos](Checker& c) { c.check_type_set(t, pos); });
  return t;
}

bool Checker::is_imported_constraint(Type* t) {
  Named* n = as_named(t);
  if (!n || n->obj->pkg == pkg_ || !n->obj->pkg) return false;
  auto* i = n->resolved()->as<Interface>();
  return i && !i->is_method_set();
}

// Walks the elements like the computation of the type set, and reports.
void Checker::check_type_set(Interface* t, Pos) {
  struct Seen {
    Func* m;
    Pos pos;
  };
  Vec<Seen, 16> seen;
  absl::flat_hash_map<Name, Vec<u32, 1>> by_name;
  bool many = false;
  auto add = [&](Func* m, Pos pos, bool is_explicit) {
    Seen* other = nullptr;
    if (many) {
      for (u32 i : by_name[m->name])
        if (same_id(seen[i].m, m->pkg, m->name)) other = &seen[i];
    } else {
      for (Seen& s : seen)
        if (same_id(s.m, m->pkg, m->name)) other = &s;
    }
    if (!other) {
      if (many) by_name[m->name].push_back(static_cast<u32>(seen.size()));
      seen.push_back({m, pos});
      if (!many && seen.size() > 16) {
        many = true;
        for (u32 i = 0; i < seen.size(); i++) by_name[seen[i].m->name].push_back(i);
      }
      return;
    }
    if (!is_explicit && other->m == m && allow(14)) return;
    auto complain = [](Checker& c, Func* f, Pos at, Pos other_at) {
      Report r;
      r.add(at, fmt::format("duplicate method {}", f->name.text()));
      r.add(other_at, fmt::format("other declaration of method {}", f->name.text()));
      c.report(r);
    };
    if (is_explicit) return complain(*this, m, pos, other->pos);
    Func* o = other->m;
    Pos op = other->pos;
    later([m, o, pos, op, complain](Checker& c) {
      if (!c.allow(14) || !identical(m->type, o->type)) complain(c, m, pos, op);
    });
  };
  for (Func* m : t->methods) add(m, m->pos, true);
  for (size_t i = 0; i < t->embeddeds.size(); i++) {
    Type* e = t->embeddeds[i];
    Pos pos = t->embed_pos[i];
    Type* u = e->underlying();
    if (auto* inner = u->as<Interface>()) {
      if (is_type_param(e)) continue;
      TypeSet* s = types::type_set(inner);
      if (!allow(18) && is_imported_constraint(e) &&
          !verify_version(pos, 18, "embedding constraint interface " + str(e)))
        continue;
      for (Func* m : s->methods) add(m, pos, false);
    } else if (auto* un = u->as<Union>()) {
      if (!allow(18) && !verify_version(pos, 18, "embedding interface element " + str(u))) continue;
      bool too_many = false;
      union_terms(un, &too_many);
      if (too_many) error(pos, "cannot handle more than 100 union terms (implementation limitation)");
    } else if (is_valid(u) && !allow(18)) {
      verify_version(pos, 18, "embedding non-interface type " + str(e));
      t->embeddeds[i] = InvalidType;  // no consequences: the interface goes without it
      t->type_set = nullptr;
    }
  }
}

// ---- unions -------------------------------------------------------------------------------------

Term Checker::parse_term(Expr* e) {
  Expr* x = e;
  bool tilde = false;
  if (auto* u = e->as<UnaryExpr>(); u && u->op == Tok::Tilde) {
    x = u->x;
    tilde = true;
  }
  Type* t = type_of(x);
  if (is_type_param(t)) {
    if (tilde) errorf(x->pos, "type in term {} cannot be a type parameter", expr_string(e));
    else error(x->pos, "term cannot be a type parameter");
    t = InvalidType;
  }
  return {tilde, t};
}

Type* Checker::parse_union(Expr* e) {
  Vec<Expr*, 8> exprs;
  Expr* x = e;
  for (auto* b = x->as<BinaryExpr>(); b && b->op == Tok::Or; b = x->as<BinaryExpr>()) {
    exprs.push_back(b->y);
    x = b->x;
  }
  exprs.push_back(x);
  std::reverse(exprs.begin(), exprs.end());
  constexpr size_t MaxTerms = 100;
  Vec<Term, 8> terms;
  bool too_many = false;
  for (size_t i = 0; i < exprs.size(); i++) {
    Term term = parse_term(exprs[i]);
    if (exprs.size() == 1 && !term.tilde) return term.type;
    if (terms.size() >= MaxTerms) {
      if (!too_many)
        error(exprs[i]->pos, "cannot handle more than 100 union terms (implementation limitation)");
      too_many = true;
    } else {
      terms.push_back(term);
    }
  }
  if (too_many) return InvalidType;
  auto* u = make_type<Union>();
  u->terms = type_arena().copy(terms);
  note_tparams(u);
  record_type(e, Mode::TypeExpr, u);
  std::span<Expr*> kept = scratch_.copy(exprs);
  later([u, kept](Checker& c) {
    auto text = [&](const Term& t) {
      Qualifier full;
      full.how = Qualifier::Path;
      return (t.tilde ? "~" : "") + write_type(t.type, full);
    };
    for (size_t i = 0; i < u->terms.size(); i++) {
      const Term& t = u->terms[i];
      if (!is_valid(t.type)) continue;
      Type* under = t.type->underlying();
      auto* iface = under->as<Interface>();
      Pos pos = kept[i]->pos;
      if (t.tilde) {
        if (iface) {
          c.errorf(pos, "invalid use of ~ ({} is an interface)", c.str(t.type));
          continue;
        }
        if (!identical(under, t.type)) {
          c.errorf(pos, "invalid use of ~ (underlying type of {} is {})", c.str(t.type), c.str(under));
          continue;
        }
      }
      if (iface) {
        TypeSet* s = types::type_set(iface);
        if (!s->methods.empty())
          c.errorf(pos, "cannot use {} in union ({} contains methods)", text(t), text(t));
        else if (t.type == universe_comparable()) c.error(pos, "cannot use comparable in union");
        else if (s->comparable)
          c.errorf(pos, "cannot use {} in union ({} embeds comparable)", text(t), text(t));
        continue;
      }
      for (size_t j = 0; j < i; j++) {
        if (!is_valid(u->terms[j].type) || is_interface(u->terms[j].type) || term_disjoint(u->terms[j], t))
          continue;
        c.soft_error(pos, fmt::format("overlapping terms {} and {}", text(t), text(u->terms[j])));
        break;
      }
    }
  });
  return u;
}
}  // namespace vole::types
