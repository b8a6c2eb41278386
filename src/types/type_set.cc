// Type sets (specification, "Interface types"): the methods, terms and comparability of an interface after
// embedding is worked out.
//
// A type set is computed on first use and published with one atomic store: computing it twice on two threads
// gives equal results, the first one published stays. The checker computes the sets of the interfaces it
// declares through its own walk (check_interface.cc), which reports what is wrong with them; this one stays
// silent.
#include <algorithm>
#include <utility>

#include "types/internal.h"

namespace vole::types {
// ---- terms --------------------------------------------------------------------------------------

bool term_disjoint(const Term& x, const Term& y) {
  Type *a = x.type, *b = y.type;
  if (y.tilde) a = a->underlying();
  if (x.tilde) b = b->underlying();
  return !identical(a, b);
}
bool term_includes(const Term& x, Type* t) { return identical(x.type, x.tilde ? t->underlying() : t); }

static bool term_subset1(const Term& x, const Term& y) {
  return !term_disjoint(x, y) && (!x.tilde || y.tilde);
}

// Removes terms that others cover.
static std::span<Term> normalize(Vec<Term>& list) {
  Vec<Term> out;
  Vec<bool, 16> used(list.size(), false);
  for (size_t i = 0; i < list.size(); i++) {
    if (used[i]) continue;
    Term x = list[i];
    for (size_t j = i + 1; j < list.size(); j++) {
      if (used[j] || term_disjoint(x, list[j])) continue;
      if (!x.tilde && list[j].tilde) x = list[j];
      used[j] = true;
    }
    out.push_back(x);
  }
  return type_arena().copy(out);
}

TermList term_union(const TermList& a, const TermList& b) {
  if (a.all || b.all) return {{}, true};
  Vec<Term> list(a.terms.begin(), a.terms.end());
  list.insert(list.end(), b.terms.begin(), b.terms.end());
  return {normalize(list), false};
}
TermList term_intersect(const TermList& a, const TermList& b) {
  if (a.all) return b;
  if (b.all) return a;
  Vec<Term> list;
  for (const Term& x : a.terms)
    for (const Term& y : b.terms)
      if (!term_disjoint(x, y)) list.push_back(!x.tilde || y.tilde ? x : y);
  return {normalize(list), false};
}
bool term_subset(const TermList& a, const TermList& b) {
  if (b.all) return true;
  if (a.all) return false;
  for (const Term& x : a.terms) {
    bool covered = false;
    for (const Term& y : b.terms) covered = covered || term_subset1(x, y);
    if (!covered) return false;
  }
  return true;
}
bool term_equal(const TermList& a, const TermList& b) {
  if (a.all || b.all) return a.all == b.all;
  return term_subset(a, b) && term_subset(b, a);
}

// ---- methods ------------------------------------------------------------------------------------

bool method_before(const Func* a, const Func* b) {
  if (a == b) return false;
  bool ea = a->exported(), eb = b->exported();
  if (ea != eb) return ea;
  if (a->name != b->name) return a->name.text() < b->name.text();
  // A command goes by the name its symbols have, whatever its path is.
  auto path = [](const Package* p) { return p->name == "main" ? std::string_view("main") : p->path.text(); };
  if (!ea && a->pkg && b->pkg) return path(a->pkg) < path(b->pkg);
  return false;
}
Func* TypeSet::lookup(const Package* pkg, Name name, bool fold_case) const {
  for (Func* m : methods)
    if (same_id(m, pkg, name, fold_case)) return m;
  return nullptr;
}

// ---- sets ---------------------------------------------------------------------------------------

TermList union_terms(Union* u, bool* too_many) {
  constexpr size_t MaxTerms = 100;
  TermList all;
  Vec<Term, 16> simple;  // gathered and normalized once, so that long unions are not quadratic in allocations
  auto flush = [&] {
    if (simple.empty()) return;
    Vec<Term> list(all.terms.begin(), all.terms.end());
    list.insert(list.end(), simple.begin(), simple.end());
    all.terms = normalize(list);
    simple.clear();
  };
  for (const Term& t : u->terms) {
    Type* x = t.type->underlying();
    if (auto* i = x->as<Interface>()) {
      flush();
      all = term_union(all, type_set(i)->list);
    } else if (is_valid(x)) {
      if (t.tilde && !identical(t.type, x)) continue;  // reported elsewhere; no type
      if (!all.all) simple.push_back(t);
    }
    if (all.all) break;
  }
  if (!all.all) flush();
  if (too_many) *too_many = all.terms.size() > MaxTerms;
  return all;
}

// Narrows `into` by what one embedded element allows.
TypeSet* intersect_type_sets(TypeSet* into, const TermList& terms, bool comparable_elem) {
  into->list = term_intersect(into->list, terms);
  into->comparable = into->comparable || comparable_elem;
  if (into->comparable && !into->list.all) {
    Vec<Term> kept;
    Visited<Type> seen;
    for (const Term& t : into->list.terms) {
      seen.clear();
      if (comparable_type(t.type, false, seen)) kept.push_back(t);
    }
    into->list.terms = type_arena().copy(kept);
    into->comparable = false;
  }
  return into;
}

namespace {
// Interfaces whose sets are under way, outermost first. Those that embed each other in a circle (the checker
// reports it) have one set: that of the outermost one, which has met all of them. `low` is the outermost one
// that this one leads back to (Tarjan's algorithm).
struct Open {
  Interface* type;
  TypeSet* set;
  size_t low;
};
thread_local Vec<Open, 16> open_sets;
thread_local size_t open_parent = 0;

TypeSet top{{}, {{}, true}, false};

TypeSet* publish(Interface* t, TypeSet* s) {
  TypeSet* expected = nullptr;
  return std::atomic_ref<TypeSet*>(t->type_set)
                 .compare_exchange_strong(expected, s, std::memory_order_acq_rel)
             ? s
             : expected;
}

// Fills `s` from what t embeds.
void collect(Interface* t, TypeSet* s) {
  Vec<Func*, 16> methods(t->methods.begin(), t->methods.end());
  auto add = [&](Func* m) {
    for (Func* other : methods)
      if (same_id(other, m->pkg, m->name)) return;
    methods.push_back(m);
  };
  for (Type* e : t->embeddeds) {
    Type* x = e->underlying();
    switch (x->kind) {
      case TypeKind::Interface: {
        TypeSet* inner = type_set(static_cast<Interface*>(x));
        for (Func* m : inner->methods) add(m);
        intersect_type_sets(s, inner->list, inner->comparable);
        break;
      }
      case TypeKind::Union: intersect_type_sets(s, union_terms(static_cast<Union*>(x)), false); break;
      default:
        if (is_valid(x)) {
          Term term{false, e};
          intersect_type_sets(s, {type_arena().copy(std::span<Term>(&term, 1)), false}, false);
        }
    }
  }
  std::sort(methods.begin(), methods.end(), method_before);
  s->methods = type_arena().copy(methods);
}

TypeSet* compute(Interface* t) {
  for (size_t i = 0; i < open_sets.size(); i++) {
    if (open_sets[i].type != t) continue;
    open_sets[open_parent].low = std::min(open_sets[open_parent].low, i);
    return open_sets[i].set;
  }
  TypeSet* s = type_arena().make<TypeSet>();
  s->list.all = true;
  size_t index = open_sets.size(), parent = std::exchange(open_parent, index);
  open_sets.push_back({t, s, index});
  collect(t, s);
  open_parent = parent;
  if (size_t low = open_sets[index].low; low < index) {
    open_sets[parent].low = std::min(open_sets[parent].low, low);
    return s;
  }
  while (open_sets.size() > index + 1) {
    publish(open_sets.back().type, s);
    open_sets.pop_back();
  }
  open_sets.pop_back();
  return publish(t, s);
}
}  // namespace

TypeSet* type_set(Interface* t) {
  std::atomic_ref<TypeSet*> slot(t->type_set);
  if (TypeSet* s = slot.load(std::memory_order_acquire)) return s;
  if (!t->complete) return &top;
  return compute(t);
}

std::span<Func* const> Interface::all_methods() { return types::type_set(this)->methods; }
bool Interface::is_method_set() { return types::type_set(this)->is_method_set(); }

// A constraint that is no interface stands for the interface that embeds it.
Interface* constraint_of(TypeParam* p) {
  std::atomic_ref<Type*> slot(p->bound);
  Type* bound = slot.load(std::memory_order_acquire);
  if (!bound) return EmptyInterface;
  if (is_type_param(bound)) return EmptyInterface;
  Type* u = bound->underlying();
  if (auto* i = u->as<Interface>()) return i;
  if (!is_valid(u)) return EmptyInterface;
  Interface* i = make_type<Interface>();
  i->embeddeds = type_arena().copy(std::span<Type* const>(&bound, 1));
  i->implicit = true;
  i->has_tparams = bound->has_tparams;
  Type* expected = bound;
  return slot.compare_exchange_strong(expected, i, std::memory_order_acq_rel)
             ? i
             : expected->underlying()->cast<Interface>();
}
}  // namespace vole::types
