// Fields and methods by name, through embedded fields, breadth first (specification, "Selectors"); method
// sets; silent interface checks.
#include <algorithm>
#include <mutex>

#include "types/internal.h"

namespace vole::types {
Func* find_method(Named* t, const Package* pkg, Name name, bool fold_case, u32* index) {
  Named* decl = t->origin ? t->origin : t;
  std::span<Func*> list = decl->methods_;
  for (size_t i = 0; i < list.size(); i++) {
    if (list[i]->name != name && !(fold_case && equal_fold(list[i]->name.text(), name.text()))) continue;
    if (!fold_case && list[i]->pkg != pkg && !same_id(list[i], pkg, name)) return nullptr;
    if (index) *index = static_cast<u32>(i);
    return t == decl ? list[i] : t->methods()[i];
  }
  return nullptr;
}

namespace {
// A type reached at the current depth.
struct Step {
  Type* type;
  Vec<u32, 4> path;
  bool indirect;
  bool multiple;  // the same type is embedded more than once at this depth
};

Vec<u32, 4> extend(const Vec<u32, 4>& path, u32 i) {
  Vec<u32, 4> p = path;
  p.push_back(i);
  return p;
}

void merge_repeats(Vec<Step, 4>& list) {
  if (list.size() <= 1) return;
  size_t n = 0;
  absl::flat_hash_map<u32, Vec<size_t, 1>> by_hash;  // used when the list is long
  const bool many = list.size() > 8;
  for (size_t i = 0; i < list.size(); i++) {
    bool repeated = false;
    auto compare = [&](size_t j) {
      if (repeated || !identical(list[j].type, list[i].type)) return;
      list[j].multiple = true;
      repeated = true;
    };
    if (many) {
      Vec<size_t, 1>& same = by_hash[type_hash(list[i].type)];
      for (size_t j : same) compare(j);
      if (!repeated) same.push_back(n);
    } else {
      for (size_t j = 0; j < n; j++) compare(j);
    }
    if (repeated) continue;
    if (n != i) list[n] = std::move(list[i]);
    n++;
  }
  list.resize(n);
}
}  // namespace

Found find_member_raw(Type* t, bool addressable, const Package* pkg, Name name, bool fold_case) {
  Found f;
  if (name == "_") return f;
  bool is_ptr;
  Type* start = deref(t, &is_ptr);
  if (is_ptr && start->underlying()->kind == TypeKind::Interface)
    return f;  // pointers to interfaces have nothing
  Vec<Step, 4> current;
  current.push_back({start, {}, is_ptr, false});
  VisitedNamed seen;
  auto hit = [&](Object* obj, const Step& s, u32 i) {
    f.path = extend(s.path, i);
    if (f.obj || s.multiple) {
      f.obj = nullptr;
      f.ambiguous = true;
      return false;
    }
    f.obj = obj;
    f.indirect = s.indirect;
    return true;
  };
  while (!current.empty()) {
    Vec<Step, 4> next;
    for (const Step& s : current) {
      if (Named* n = as_named(s.type)) {
        if (!seen.insert(n)) continue;
        u32 index = 0;
        if (Func* m = find_method(n, pkg, name, fold_case, &index)) {
          if (!hit(m, s, index)) return f;
          continue;
        }
      }
      Type* u = s.type->underlying();
      if (auto* st = u->as<Struct>()) {
        for (u32 i = 0; i < st->fields.size(); i++) {
          Var* field = st->fields[i];
          if (same_id(field, pkg, name, fold_case)) {
            if (!hit(field, s, i)) return f;
            continue;
          }
          if (!f.obj && field->embedded) {
            bool ptr;
            Type* e = deref(field->type, &ptr);
            next.push_back({e, extend(s.path, i), s.indirect || ptr, s.multiple});
          }
        }
      } else if (auto* it = u->as<Interface>()) {
        TypeSet* set = type_set(it);
        for (u32 i = 0; i < set->methods.size(); i++) {
          if (!same_id(set->methods[i], pkg, name, fold_case)) continue;
          if (!hit(set->methods[i], s, i)) return f;
          break;
        }
      }
    }
    if (f.obj) {
      if (auto* m = f.obj->as<Func>(); m && m->ptr_recv && !f.indirect && !addressable) {
        f.obj = nullptr;
        f.needs_ptr_recv = true;
        f.path.clear();
      }
      return f;
    }
    merge_repeats(next);
    current = std::move(next);
  }
  f.path.clear();
  return f;
}

Found find_member(Type* t, bool addressable, const Package* pkg, Name name, bool fold_case) {
  if (Named* n = as_named(t)) {
    if (auto* p = n->resolved()->as<Pointer>()) {  // a named pointer type has fields, no methods
      Found f = find_member_raw(p, false, pkg, name, fold_case);
      if (f.obj && f.obj->kind == ObjectKind::Func) return {};
      return f;
    }
  }
  return find_member_raw(t, addressable, pkg, name, fold_case);
}

Lookup lookup_field_or_method(Type* t, bool addressable, Package* pkg, Name name, bool fold_case) {
  Found f = find_member(t, addressable, pkg, name, fold_case);
  Lookup out;
  out.obj = f.obj;
  out.path.assign(f.path.begin(), f.path.end());
  out.indirect = f.indirect;
  out.ambiguous = f.ambiguous;
  out.ptr_recv_needed = f.needs_ptr_recv;
  if (auto* m = f.obj ? f.obj->as<Func>() : nullptr) func_signature(m);
  return out;
}

// ---- method sets --------------------------------------------------------------------------------

namespace {
struct MethodSetCache {
  std::mutex mu;
  absl::flat_hash_map<Type*, std::span<const MethodSetEntry>> map;
};

// Types found to have no methods, own or promoted. They may embed one another in long chains, where only a
// walk to the end tells.
struct Methodless {
  std::mutex mu;
  absl::flat_hash_set<Type*> types;
};

bool has_any_method(Type* start) {
  static Methodless* known = new Methodless;
  absl::flat_hash_set<Type*> met;
  Vec<Type*> work;
  auto visit = [&](Type* t) {
    t = unalias(deref(t));
    if (!known->types.contains(t) && met.insert(t).second) work.push_back(t);
  };
  std::lock_guard lock(known->mu);
  for (visit(start); !work.empty();) {
    Type* t = work.back();
    work.pop_back();
    if (Named* n = as_named(t); n && !(n->origin ? n->origin : n)->methods_.empty()) return true;
    Type* u = t->underlying();
    if (u->kind == TypeKind::Interface) return true;
    if (auto* s = u->as<Struct>())
      for (Var* f : s->fields)
        if (f->embedded) visit(f->type);
  }
  known->types.insert(met.begin(), met.end());
  return false;
}

std::span<const MethodSetEntry> compute_method_set(Type* t) {
  if (!has_any_method(t)) return {};
  bool is_ptr;
  Type* start = deref(t, &is_ptr);
  if (auto* i = start->underlying()->as<Interface>()) {
    if (is_ptr) return {};
    std::span<Func* const> methods = i->all_methods();
    std::span<MethodSetEntry> out = type_arena().make_span<MethodSetEntry>(methods.size());
    for (size_t k = 0; k < out.size(); k++) out[k] = {methods[k], {}, false};
    return out;
  }
  if (Named* n = as_named(t); n && n->resolved()->kind == TypeKind::Pointer) return {};

  struct Candidate {
    const Object* obj;
    Vec<u32, 4> path;
    bool indirect;
    u32 count;
  };
  std::vector<Candidate> taken;  // names of all depths so far
  Vec<MethodSetEntry, 16> out;
  Vec<Step, 4> current;
  current.push_back({start, {}, is_ptr, false});
  VisitedNamed seen;
  // Unexported names of different packages differ.
  auto same_name = [](const Object* a, const Object* b) {
    return a->name == b->name && (a->exported() || same_package(a->pkg, b->pkg));
  };
  absl::flat_hash_map<Name, Vec<u32, 2>> by_name;
  while (!current.empty()) {
    Vec<Step, 4> next;
    size_t first = taken.size();
    auto add = [&](const Object* obj, const Step& s) {
      Vec<u32, 2>& list = by_name[obj->name];
      for (u32 i : list) {
        if (!same_name(taken[i].obj, obj)) continue;
        if (i >= first) taken[i].count++;
        return;
      }
      list.push_back(static_cast<u32>(taken.size()));
      taken.push_back({obj, s.path, s.indirect, s.multiple ? 2u : 1u});
    };
    for (const Step& s : current) {
      if (Named* n = as_named(s.type)) {
        if (!seen.insert(n)) continue;
        for (Func* m : n->methods()) add(m, s);
      }
      Type* u = s.type->underlying();
      if (auto* st = u->as<Struct>()) {
        for (u32 i = 0; i < st->fields.size(); i++) {
          add(st->fields[i], s);
          if (!st->fields[i]->embedded) continue;
          bool ptr;
          Type* e = deref(st->fields[i]->type, &ptr);
          next.push_back({e, extend(s.path, i), s.indirect || ptr, s.multiple});
        }
      } else if (auto* it = u->as<Interface>()) {
        for (Func* m : it->all_methods()) add(m, s);
      }
    }
    for (size_t i = first; i < taken.size(); i++) {
      const Candidate& c = taken[i];
      if (c.count != 1 || c.obj->name == "_") continue;
      auto* m = const_cast<Func*>(c.obj->as<Func>());
      if (!m || (m->ptr_recv && !c.indirect)) continue;
      func_signature(m);
      out.push_back({m, type_arena().copy(c.path), c.indirect});
    }
    merge_repeats(next);
    current = std::move(next);
  }
  std::sort(out.begin(), out.end(),
            [](const MethodSetEntry& a, const MethodSetEntry& b) { return method_before(a.func, b.func); });
  return type_arena().copy(out);
}
}  // namespace

std::span<const MethodSetEntry> method_set(Type* t) {
  static MethodSetCache* shards = new MethodSetCache[16];
  t = unalias(t);
  MethodSetCache& cache = shards[(reinterpret_cast<u64>(t) >> 6) & 15];
  {
    std::lock_guard lock(cache.mu);
    auto it = cache.map.find(t);
    if (it != cache.map.end()) return it->second;
  }
  std::span<const MethodSetEntry> set = compute_method_set(t);
  std::lock_guard lock(cache.mu);
  return cache.map.try_emplace(t, set).first->second;
}

const MethodSetEntry* find_in_method_set(Type* t, const Func* m) {
  std::span<const MethodSetEntry> set = method_set(t);
  auto it = std::lower_bound(set.begin(), set.end(), m,
                             [](const MethodSetEntry& e, const Func* f) { return method_before(e.func, f); });
  return it != set.end() && same_id(it->func, m->pkg, m->name) ? &*it : nullptr;
}

bool implements(Type* t, Interface* iface) {
  TypeSet* want = type_set(iface);
  if (want->methods.empty()) return true;
  if (auto* i = t->underlying()->as<Interface>()) {
    TypeSet* have = type_set(i);
    for (Func* m : want->methods) {
      Func* f = have->lookup(m->pkg, m->name);
      if (!f || !identical(f->type, m->type)) return false;
    }
    return true;
  }
  for (Func* m : want->methods) {
    Found f = find_member_raw(t, false, m->pkg, m->name);
    auto* func = f.obj ? f.obj->as<Func>() : nullptr;
    if (!func || (func->pragma & syntax::Nointerface) || !identical(func_signature(func), m->type))
      return false;
  }
  return true;
}
}  // namespace vole::types
