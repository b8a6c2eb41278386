// Restrictions of the implementation on packages that the specification finds valid: no interface literal may
// contain itself, types have bounded sizes, and types that must stay out of the heap are no type arguments.
// Looked at last, when nothing else is wrong.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

namespace {
// Finds interface literals that their own methods mention. Named types end the walk: a cycle through one is
// fine.
class LiteralCycles {
 public:
  bool has_cycle(Type* t) {
    t = unalias(t);
    switch (t->kind) {
      case TypeKind::Interface: return interface(static_cast<Interface*>(t));
      case TypeKind::Pointer: return has_cycle(static_cast<Pointer*>(t)->elem);
      case TypeKind::Slice: return has_cycle(static_cast<Slice*>(t)->elem);
      case TypeKind::Array: return has_cycle(static_cast<Array*>(t)->elem);
      case TypeKind::Chan: return has_cycle(static_cast<Chan*>(t)->elem);
      case TypeKind::Map:
        return has_cycle(static_cast<Map*>(t)->key) || has_cycle(static_cast<Map*>(t)->elem);
      case TypeKind::Struct: return !clean_.contains(t) && any(t, static_cast<Struct*>(t)->fields, {});
      case TypeKind::Signature:
        return !clean_.contains(t) &&
               any(t, static_cast<Signature*>(t)->params, static_cast<Signature*>(t)->results);
      default: return false;
    }
  }
  // After a report: what has been found is not reported again.
  void forget() {
    for (auto& [t, open] : open_) open = false;
  }

 private:
  bool any(Type* t, std::span<Var* const> a, std::span<Var* const> b) {
    for (Var* v : a)
      if (has_cycle(v->type)) return true;
    for (Var* v : b)
      if (has_cycle(v->type)) return true;
    clean_.insert(t);
    return false;
  }
  bool interface(Interface* t) {
    auto [it, fresh] = open_.try_emplace(t, true);
    if (!fresh) return it->second;
    for (Func* m : t->all_methods())
      if (has_cycle(m->type)) return true;
    open_[t] = false;
    return false;
  }
  absl::flat_hash_map<Interface*, bool> open_;  // true while its methods are looked at
  absl::flat_hash_set<Type*> clean_;            // structs and functions without
};

// Finds types that must not be allocated: internal/runtime/sys.nih and what holds it.
class HeapCheck {
 public:
  bool not_in_heap(Type* t) {
    if (!walk(t)) return false;
    clean_.clear();  // holds what led here
    return true;
  }

 private:
  bool walk(Type* t) {
    t = unalias(t);
    if (Named* n = as_named(t)) {
      if (n->obj->name == "nih" && n->obj->pkg && n->obj->pkg->path == "internal/runtime/sys") return true;
      return !n->has_tparams && walk(n->underlying());
    }
    if (auto* a = t->as<Array>()) return walk(a->elem);
    if (auto* s = t->as<Struct>(); s && clean_.insert(s).second)
      for (Var* f : s->fields)
        if (walk(f->type)) return true;
    return false;
  }
  absl::flat_hash_set<Struct*> clean_;  // walked to the end
};

// Whether t is an array or struct beyond the address space (or has such a part by value).
bool exceeds_memory(Type* t) {
  constexpr i64 MaxWidth = i64{1} << 50;
  i64 n = size_of(t);
  return n < 0 || n >= MaxWidth;
}
}  // namespace

void Checker::note_instance(Pos pos, std::span<Type* const> targs) {
  for (Type* t : targs) instance_args_.push_back({pos, t});
}

void Checker::check_sizes() {
  HeapCheck heap;
  for (const TypeUse& use : type_uses_) {
    Type* t = use.type;
    if (t->has_tparams) continue;
    if (auto* a = t->as<Array>(); a && !exceeds_memory(a->elem) && exceeds_memory(a))
      diags_.report(diag::Code::Other, use.pos, "type {} larger than address space", str(t));
    if (auto* s = t->as<Struct>(); s && exceeds_memory(s)) {
      bool field = false;
      for (Var* f : s->fields) field |= exceeds_memory(f->type);
      if (!field) diags_.report(diag::Code::Other, use.pos, "type {} too large", str(t));
    }
    if (auto* c = t->as<Chan>()) {
      if (size_of(c->elem) >= 1 << 16)
        diags_.report(diag::Code::Other, use.pos, "channel element type too large (>64kB)");
      if (heap.not_in_heap(c->elem))
        diags_.report(diag::Code::Other, use.pos, "chan of incomplete (or unallocatable) type not allowed");
    }
    if (auto* m = t->as<Map>()) {
      constexpr i64 MaxSlot = i64{1} << 31;
      if (size_of(m->elem) >= MaxSlot)
        diags_.report(diag::Code::Other, use.pos, "map element type too large");
      if (size_of(m->key) >= MaxSlot) diags_.report(diag::Code::Other, use.pos, "map key type too large");
      if (heap.not_in_heap(m->key))
        diags_.report(diag::Code::Other, use.pos, "incomplete (or unallocatable) map key not allowed");
      if (heap.not_in_heap(m->elem))
        diags_.report(diag::Code::Other, use.pos, "incomplete (or unallocatable) map value not allowed");
    }
  }
}

void Checker::restrictions() {
  LiteralCycles cycles;
  for (const TypeUse& use : type_uses_) {
    auto* i = use.type->as<Interface>();
    if (!i || !cycles.has_cycle(i)) continue;
    diags_.report(
        diag::Code::Other, use.pos,
        "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)");
    cycles.forget();
  }
  if (!diags_.empty()) return;
  HeapCheck heap;
  for (const TypeUse& use : instance_args_)
    if (heap.not_in_heap(use.type))
      diags_.report(diag::Code::Other, use.pos,
                    "cannot use incomplete (or unallocatable) type as a type argument: {}",
                    type_string(use.type, nullptr, true));
  if (diags_.empty()) check_sizes();
}
}  // namespace vole::types
