// Unification of types with type parameters to be inferred (specification, "Type unification").
#pragma once
#include "types/checker.h"

namespace vole::types {
class Unifier {
 public:
  enum UnifyMode : u32 {
    Inexact = 0,
    Assign = 1,  // at the top: directions of channels and the name of one side may differ, as for assignments
    Exact = 2,   // types must be identical
  };
  Unifier(Checker& checker, std::span<TypeParam* const> tparams, std::span<Type* const> targs,
          bool interfaces);

  bool unify(Type* x, Type* y, u32 mode) { return unify(x, y, mode, nullptr); }
  Type* at(TypeParam* p) const { return values_[handle_[index(p)]]; }
  void set(TypeParam* p, Type* t) { values_[handle_[index(p)]] = t; }
  size_t unknowns() const;
  void inferred(Vec<Type*>& out) const;

 private:
  struct Pair {
    Interface *x, *y;
    const Pair* outer;
  };
  static constexpr size_t None = ~size_t{0};
  size_t index(Type* t) const;
  TypeParam* bound_param(Type* t) const;
  bool join(TypeParam* x, TypeParam* y);
  bool unify(Type* x, Type* y, u32 mode, const Pair* p);
  bool unify_bound(TypeParam* px, Type* y, u32 mode, const Pair* p);
  bool unify_interfaces(Interface* x, Interface* y, const Pair* p);
  bool unify_structure(Type* x, Type* y, u32 mode, const Pair* p);
  bool vars(std::span<Var* const> a, std::span<Var* const> b, u32 mode, const Pair* p);

  Checker& checker_;
  std::span<TypeParam* const> tparams_;
  Vec<size_t> handle_;  // by parameter; joined parameters share one
  Vec<Type*> values_;   // by handle
  bool interfaces_;     // interfaces unify inexactly with what implements them
  u32 depth_ = 0;
};
}  // namespace vole::types
