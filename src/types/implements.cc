// Whether a type has the methods of an interface or satisfies a constraint, and in which words it does not.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

std::string Checker::interface_ptr_error(Type* t) {
  auto* p = t->underlying()->cast<Pointer>();
  return is_type_param(p->elem)
             ? fmt::format("type {} is pointer to type parameter, not type parameter", str(t))
             : fmt::format("type {} is pointer to interface, not interface", str(t));
}

static bool has_invalid_embedded(Type* t, Visited<Struct>& seen) {
  auto* s = deref_struct_ptr(t)->underlying()->as<Struct>();
  if (!s || !seen.insert(s)) return false;
  for (Var* f : s->fields)
    if (f->embedded && (!is_valid(f->type) || has_invalid_embedded(f->type, seen))) return true;
  return false;
}

// With `is_static` unset, V may be an interface whose dynamic type has the methods it lacks itself.
bool Checker::has_all_methods(Type* v, Type* t, bool is_static, Equal equal, void* ctx, std::string* cause) {
  if (!is_valid(v)) return true;
  auto same = [&](Type* x, Type* y) { return equal ? equal(ctx, x, y) : identical(x, y); };
  enum { Ok, NotFound, WrongName, Unexported, WrongSig, Ambiguous, PtrRecv, IsField, NoInterface } state = Ok;
  auto* want_iface = t->underlying()->as<Interface>();
  if (!want_iface) return true;
  TypeSet* want = types::type_set(want_iface);
  if (want->methods.empty()) return true;
  Func *m = nullptr, *f = nullptr;
  if (auto* vi = v->underlying()->as<Interface>()) {
    TypeSet* have = types::type_set(vi);
    for (Func* method : want->methods) {
      m = method;
      f = have->lookup(m->pkg, m->name);
      if (!f) {
        if (!is_static) continue;
        state = NotFound;
        break;
      }
      if (f != m && !same(f->type, m->type)) {
        state = WrongSig;
        break;
      }
    }
  } else {
    for (Func* method : want->methods) {
      m = method;
      f = nullptr;
      Found found = find_member_raw(v, false, m->pkg, m->name);
      if (!found.obj) {
        if (found.ambiguous) {
          state = Ambiguous;
        } else if (found.needs_ptr_recv) {
          state = PtrRecv;
        } else {
          state = NotFound;
          if (cause) {
            Found alt = find_member_raw(v, false, m->pkg, m->name, true);
            f = alt.obj ? alt.obj->as<Func>() : nullptr;
            if (f) state = f->name == m->name ? Unexported : WrongName;
          }
        }
        break;
      }
      f = found.obj->as<Func>();
      if (!f) {
        state = IsField;
        break;
      }
      Signature* sig = func_signature(f);
      if (f->pragma & Nointerface) {
        state = NoInterface;
        break;
      }
      if (!sig || !same(sig, m->type)) {
        state = WrongSig;
        break;
      }
    }
  }
  if (state == Ok) return true;
  if (cause) {
    switch (state) {
      case NotFound:
        if (is_interface_ptr(v)) *cause = "(" + interface_ptr_error(v) + ")";
        else if (is_interface_ptr(t)) *cause = "(" + interface_ptr_error(t) + ")";
        else *cause = fmt::format("(missing method {})", m->name.text());
        break;
      case WrongName:
        *cause = fmt::format("(missing method {})\n\t\thave {}\n\t\twant {}", m->name.text(),
                             func_string(f, false), func_string(m, false));
        break;
      case Unexported: *cause = fmt::format("(unexported method {})", m->name.text()); break;
      case WrongSig: {
        std::string have = func_string(f, false), wanted = func_string(m, false);
        if (have == wanted) {
          have = func_string(f, true);
          wanted = func_string(m, true);
        }
        if (have == wanted) *cause = fmt::format("(wrong type for method {})", m->name.text());
        else
          *cause = fmt::format("(wrong type for method {})\n\t\thave {}\n\t\twant {}", m->name.text(), have,
                               wanted);
        break;
      }
      case Ambiguous: *cause = fmt::format("(ambiguous selector {}.{})", str(v), m->name.text()); break;
      case PtrRecv: *cause = fmt::format("(method {} has pointer receiver)", m->name.text()); break;
      case IsField: *cause = fmt::format("({}.{} is a field, not a method)", str(v), m->name.text()); break;
      case NoInterface: *cause = fmt::format("({} method is marked 'nointerface')", m->name.text()); break;
      case Ok: break;
    }
  }
  Visited<Struct> seen;
  return has_invalid_embedded(v, seen);
}

bool Checker::assertable_to(Type* v, Type* t, std::string* cause) {
  if (is_interface(t)) return true;
  return has_all_methods(t, v, false, nullptr, nullptr, cause);
}

std::string Checker::terms_string(const TermList& list) {
  Qualifier q;
  q.how = Qualifier::Path;
  std::string out;
  for (const Term& t : list.terms) {
    if (!out.empty()) out += " | ";
    if (t.tilde) out += '~';
    out += write_type(t.type, q);
  }
  return out;
}

static bool mentions(Type* t, Type* what) {
  if (auto* i = t->as<Interface>()) {
    for (Type* e : i->embeddeds)
      if (mentions(e, what)) return true;
    return false;
  }
  if (auto* u = t->as<Union>()) {
    for (const Term& x : u->terms)
      if (mentions(x.type, what)) return true;
    return false;
  }
  return identical(t, what);
}

bool Checker::implements(Type* v, Type* t, bool constraint, std::string* cause) {
  Type *vu = v->underlying(), *tu = t->underlying();
  if (!is_valid(vu) || !is_valid(tu)) return true;
  if (auto* p = vu->as<Pointer>(); p && !is_valid(p->elem->underlying())) return true;
  const char* verb = constraint ? "satisfy" : "implement";
  auto* ti = tu->as<Interface>();
  if (!ti) {
    if (cause)
      *cause = fmt::format("{} does not {} {} ({})", str(v), verb, str(t),
                           is_interface_ptr(tu) ? interface_ptr_error(t) : str(t) + " is not an interface");
    return false;
  }
  TypeSet* ts = types::type_set(ti);
  if (ts->is_all()) return true;
  auto* vi = vu->as<Interface>();
  if (vi && types::type_set(vi)->is_empty()) return true;
  if (ts->is_empty()) {
    if (cause) *cause = fmt::format("cannot {} {} (empty type set)", verb, str(t));
    return false;
  }
  if (!has_all_methods(v, t, true, nullptr, nullptr, cause)) {
    if (cause) *cause = fmt::format("{} does not {} {} {}", str(v), verb, str(t), *cause);
    return false;
  }
  auto comparability = [&] {
    Visited<Type> seen;
    if (!type_set_comparable(ts, seen)) return true;
    seen.clear();
    if (comparable_type(v, false, seen)) return true;
    seen.clear();
    if (constraint && comparable_type(v, true, seen)) {
      if (allow(20)) return true;
      if (cause) *cause = fmt::format("{} to {} comparable requires go1.20 or later", str(v), verb);
      return false;
    }
    if (cause) *cause = fmt::format("{} does not {} comparable", str(v), verb);
    return false;
  };
  if (!ts->has_terms()) return comparability();
  if (vi) {
    if (term_subset(types::type_set(vi)->list, ts->list)) return comparability();
    if (cause) *cause = fmt::format("{} does not {} {}", str(v), verb, str(t));
    return false;
  }
  Type* alt = nullptr;
  for (const Term& term : ts->list.terms) {
    if (term_includes(term, v)) return comparability();
    if (!alt && !term.tilde && identical(term.type, term.type->underlying()) && identical(term.type, vu))
      alt = term.type;
  }
  if (cause) {
    std::string detail;
    if (alt) detail = fmt::format("possibly missing ~ for {} in {}", str(alt), str(t));
    else if (mentions(ti, v))
      detail =
          fmt::format("{} mentions {}, but {} is not in the type set of {}", str(t), str(v), str(v), str(t));
    else detail = fmt::format("{} missing in {}", str(v), terms_string(ts->list));
    *cause = fmt::format("{} does not {} {} ({})", str(v), verb, str(t), detail);
  }
  return false;
}

i64 Checker::verify(std::span<TypeParam* const> tparams, std::span<Type* const> targs, std::string* cause) {
  TypeSubst s{tparams, targs};
  for (size_t i = 0; i < tparams.size(); i++) {
    constraint_of(tparams[i]);
    std::string why;
    if (implements(targs[i], substitute(tparams[i]->bound, s), true, &why)) continue;
    *cause = why;
    return static_cast<i64>(i);
  }
  return -1;
}
}  // namespace vole::types
