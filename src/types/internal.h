// What the files of types/ share beside the public face in types.h: type sets, predicates over types, lookup
// with its details, identity with options. Nothing here reports; the checker's part is checker.h.
#pragma once
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <initializer_list>

#include "types/types.h"

namespace vole::types {
template <class T, size_t N = 8>
using Vec = absl::InlinedVector<T, N>;

// The arena for types and what hangs on them: one per thread, kept until the process ends, because instances
// are shared by all packages.
Arena& type_arena();

template <class T>
T* make_type() {
  return new (type_arena().allocate(sizeof(T), alignof(T))) T{{T::Kind}};
}

// ---- basics -------------------------------------------------------------------------------------

// clang-format off
enum BasicInfo : u16 {
  IsBoolean = 1, IsInteger = 2, IsUnsigned = 4, IsFloat = 8, IsComplex = 16, IsString = 32, IsUntyped = 64,
  IsOrdered = IsInteger | IsFloat | IsString, IsNumeric = IsInteger | IsFloat | IsComplex,
  IsConstType = IsBoolean | IsNumeric | IsString,
};
// clang-format on
u16 basic_info(BasicKind k);
extern Basic* const InvalidType;
extern Basic* const ByteType;  // prints as byte, identical to uint8
extern Basic* const RuneType;
extern Interface* const EmptyInterface;
extern Object* const UniverseIota;
extern Object* const UniverseAny;
extern Object* const UniverseComparable;

// What was met on a walk: a few are scanned, many are in a table.
template <class T>
class Visited {
 public:
  // False when x is there already.
  bool insert(T* x) {
    if (table_.empty()) {
      if (std::find(list_.begin(), list_.end(), x) != list_.end()) return false;
      list_.push_back(x);
      if (list_.size() > Few) table_.insert(list_.begin(), list_.end());
      return true;
    }
    if (!table_.insert(x).second) return false;
    list_.push_back(x);
    return true;
  }
  void pop() {  // the last one inserted
    if (!table_.empty()) table_.erase(list_.back());
    list_.pop_back();
  }
  void clear() {
    list_.clear();
    table_.clear();
  }

 private:
  static constexpr size_t Few = 16;
  Vec<T*, Few> list_;
  absl::flat_hash_set<T*> table_;  // in use, then like list_, once that is longer
};

bool is_exported(std::string_view name);
bool equal_fold(std::string_view a, std::string_view b);
// Whether a name used in `pkg` means obj's name.
bool same_id(const Object* obj, const Package* pkg, Name name, bool fold_case = false);
bool same_package(const Package* a, const Package* b);

inline Basic* as_basic(Type* t) { return t->kind == TypeKind::Basic ? static_cast<Basic*>(t) : nullptr; }
inline Named* as_named(Type* t) {
  if (t->kind == TypeKind::Alias) t = unalias(t);
  return t->kind == TypeKind::Named ? static_cast<Named*>(t) : nullptr;
}
inline TypeParam* as_type_param(Type* t) {
  if (t->kind == TypeKind::Alias) t = unalias(t);
  return t->kind == TypeKind::TypeParam ? static_cast<TypeParam*>(t) : nullptr;
}
inline bool is_type_param(Type* t) { return as_type_param(t) != nullptr; }
Type* alias_rhs(Alias* a);  // of instances substituted on first use; null while the alias is being declared
bool is_valid_alias(Type* t);  // an alias that is still being declared counts as valid
inline bool is_valid(Type* t) {
  if (t->kind == TypeKind::Alias) return is_valid_alias(t);
  return t->kind != TypeKind::Basic || static_cast<Basic*>(t)->basic != BasicKind::Invalid;
}
bool is_basic(Type* t, u16 info);   // by underlying type; false for type parameters
bool all_basic(Type* t, u16 info);  // type parameters: all types of the type set
inline bool is_untyped(Type* t) {
  return t->kind == TypeKind::Basic && static_cast<Basic*>(t)->basic >= BasicKind::UntypedBool;
}
inline bool is_typed(Type* t) { return !is_untyped(t); }
inline bool is_untyped_nil(Type* t) {
  return t->kind == TypeKind::Basic && static_cast<Basic*>(t)->basic == BasicKind::UntypedNil;
}
inline bool is_interface(Type* t) { return t->underlying()->kind == TypeKind::Interface; }
inline bool is_non_type_param_interface(Type* t) { return !is_type_param(t) && is_interface(t); }
bool has_nil(Type* t);
bool has_name(Type* t);
bool is_type_lit(Type* t);
bool is_generic(Type* t);
bool is_bytes_or_runes(Type* t);
Type* default_type(Type* t);
Type* max_type(Type* x, Type* y);  // of two untyped types; null when they do not match
bool is_interface_ptr(Type* t);
Type* deref(Type* t, bool* is_ptr = nullptr);  // of an unnamed pointer
Type* deref_struct_ptr(Type* t);
Type* array_ptr_deref(Type* t);
std::string_view composite_kind(Type* t);  // "slice", "func", …; empty for basic types
bool has_empty_type_set(Type* t);
// Whether t mentions one of these type parameters.
bool is_parameterized(std::span<TypeParam* const> tparams, Type* t);

bool identical_ignore_tags(const Type* a, const Type* b);
u32 type_hash(const Type* t);  // equal for identical types

// Named types met on a walk. Instances may have become identical after both were made, so they are compared
// by what they are.
class VisitedNamed {
 public:
  bool insert(Named* n);  // false when it, or one identical to it, is there already

 private:
  Visited<Named> plain_;
  absl::flat_hash_map<u32, Vec<Named*, 1>> instances_;
};

// ---- type sets ----------------------------------------------------------------------------------

using Term = Union::Term;

// The types of a type set as a list of terms; `all` means every type.
struct TermList {
  std::span<Term> terms;
  bool all = false;
  bool empty() const { return !all && terms.empty(); }
  bool has_terms() const { return !all && !terms.empty(); }
};
TermList term_union(const TermList& a, const TermList& b);
TermList term_intersect(const TermList& a, const TermList& b);
bool term_equal(const TermList& a, const TermList& b);
bool term_subset(const TermList& a, const TermList& b);
bool term_disjoint(const Term& a, const Term& b);
bool term_includes(const Term& x, Type* t);

struct TypeSet {
  std::span<Func*> methods;  // in abi order
  TermList list;
  bool comparable = false;
  bool is_empty() const { return list.empty(); }
  bool is_method_set() const { return !comparable && list.all; }
  bool is_all() const { return is_method_set() && methods.empty(); }
  bool has_terms() const { return list.has_terms(); }
  Func* lookup(const Package* pkg, Name name, bool fold_case = false) const;
};
TypeSet* type_set(Interface* t);
bool type_set_comparable(const TypeSet* s, Visited<Type>& seen);
bool comparable_type(Type* t, bool dynamic, Visited<Type>& seen);
TermList union_terms(Union* u, bool* too_many = nullptr);
bool method_before(const Func* a, const Func* b);  // abi order
TypeSet* intersect_type_sets(TypeSet* into, const TermList& terms, bool comparable);

Interface* constraint_of(TypeParam* t);

// Calls f(type, underlying) for each type of t's type set, t itself when it is no type parameter; f(null,
// null) when the set has no specific types. Stops when f returns false and returns false then.
template <class F>
bool for_all_types(Type* t, F&& f) {
  TypeParam* p = as_type_param(t);
  if (!p) return f(t, t->underlying());
  TypeSet* s = type_set(constraint_of(p));
  if (!s->has_terms()) return f(static_cast<Type*>(nullptr), static_cast<Type*>(nullptr));
  for (Term& term : s->list.terms) {
    Type* u = unalias(term.type);
    if (!term.tilde) u = u->underlying();
    if (!f(term.type, u)) return false;
  }
  return true;
}
// The same over terms: f(const Term*), null when there are no specific types.
template <class F>
bool for_all_terms(TypeParam* p, F&& f) {
  TypeSet* s = type_set(constraint_of(p));
  if (!s->has_terms()) return f(static_cast<const Term*>(nullptr));
  for (Term& term : s->list.terms)
    if (!f(static_cast<const Term*>(&term))) return false;
  return true;
}

// Calls f(type) for each type that t is directly made of: elements, fields, parameters, methods as declared,
// terms, type arguments.
template <class F>
void for_each_part(Type* t, F&& f) {
  auto vars = [&](std::span<Var* const> list) {
    for (Var* v : list) f(v->type);
  };
  switch (t->kind) {
    case TypeKind::Pointer: f(static_cast<Pointer*>(t)->elem); break;
    case TypeKind::Slice: f(static_cast<Slice*>(t)->elem); break;
    case TypeKind::Array: f(static_cast<Array*>(t)->elem); break;
    case TypeKind::Chan: f(static_cast<Chan*>(t)->elem); break;
    case TypeKind::Map:
      f(static_cast<Map*>(t)->key);
      f(static_cast<Map*>(t)->elem);
      break;
    case TypeKind::Struct: vars(static_cast<Struct*>(t)->fields); break;
    case TypeKind::Tuple: vars(static_cast<Tuple*>(t)->vars); break;
    case TypeKind::Signature:
      vars(static_cast<Signature*>(t)->params);
      vars(static_cast<Signature*>(t)->results);
      break;
    case TypeKind::Union:
      for (const Term& x : static_cast<Union*>(t)->terms) f(x.type);
      break;
    case TypeKind::Interface:
      for (Func* m : static_cast<Interface*>(t)->methods) f(m->type);
      for (Type* e : static_cast<Interface*>(t)->embeddeds) f(e);
      break;
    case TypeKind::Named:
      for (Type* a : static_cast<Named*>(t)->targs) f(a);
      break;
    case TypeKind::Basic:
    case TypeKind::TypeParam:
    case TypeKind::Alias: break;
  }
}

// ---- lookup -------------------------------------------------------------------------------------

struct Found {
  Object* obj = nullptr;
  Vec<u32, 4> path;  // last step included
  bool indirect = false;
  bool ambiguous = false;
  bool needs_ptr_recv = false;
};
Found find_member(Type* t, bool addressable, const Package* pkg, Name name, bool fold_case = false);
// Without the rule that a named pointer type has no methods.
Found find_member_raw(Type* t, bool addressable, const Package* pkg, Name name, bool fold_case = false);
// Method declared for a named type itself.
Func* find_method(Named* t, const Package* pkg, Name name, bool fold_case, u32* index = nullptr);
// Makes sure the method has a signature (of instances: substituted on demand). Null while it is being
// declared.
Signature* func_signature(Func* f);

// ---- substitution -------------------------------------------------------------------------------

Func* clone_func(const Func* f, Type* type);
Var* clone_var(const Var* v, Type* type);
Alias* instantiate_alias(Alias* generic, std::span<Type* const> targs);
// Copies of the type parameters whose bounds refer to the copies.
std::span<TypeParam*> rename_type_params(std::span<TypeParam* const> tparams);
TypeParam* new_type_param(TypeName* obj, Type* bound, u32 index);
Signature* clone_signature(const Signature* s);
Tuple* tuple_of(std::span<Var* const> vars);
void note_tparams(Signature* s);  // sets has_tparams from its parts
void note_tparams(Interface* t);
void note_tparams(Struct* t);
void note_tparams(Union* t);
// The signature with its own type parameters replaced.
Signature* instantiate_signature(Signature* s, std::span<Type* const> targs);

// Told about each type parameter made while the checker's substitution renames a method's own ones (mono.cc
// wants the original).
struct RenameHook {
  virtual void renamed(TypeParam* fresh, TypeParam* original) = 0;

 protected:
  ~RenameHook() = default;
};
extern thread_local RenameHook* rename_hook;

// While a package is checked, methods of instances may have no signature yet; the checker on this thread
// provides it.
struct SignatureHook {
  virtual void want_signature(Func* f) = 0;  // makes f->type non-null
  virtual void new_instance_methods(
      Named* n) = 0;  // n->methods_ was filled with functions that may lack types

 protected:
  ~SignatureHook() = default;
};
extern thread_local SignatureHook* signature_hook;

// ---- text ---------------------------------------------------------------------------------------

// How package names appear in messages.
struct Qualifier {
  enum How : u8 { Name, Path, None } how = Name;
  const Package* self = nullptr;                                         // not qualified
  std::string (*custom)(const void* ctx, const Package* pkg) = nullptr;  // overrides `how` when set
  const void* ctx = nullptr;
  bool canonical = false;  // spell aliases by what they stand for
  bool param_names = true;
  bool package_info = false;  // annotate unexported struct fields with their package
};
std::string write_type(Type* t, const Qualifier& q);
std::string write_signature(Signature* s, const Qualifier& q);
std::string write_tparams(std::span<TypeParam* const> list, const Qualifier& q);
std::string package_prefix(const Package* pkg, const Qualifier& q);
std::string pos_string(Pos pos);
}  // namespace vole::types
