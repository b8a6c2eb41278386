// Order of evaluation. The language orders calls, receives and the logical operators; when a variable is read
// in between is left open. Programs have come to rely on what gc does: the calls in a list of operands,
// however deep in them, happen first, in order, together with the few other operations that gc computes in
// the same order (is_early); the rest is computed from their results when they are done. So s = append(s,
// f()) sees what f did to s, and in a, b := f()-x, g() x is read after g.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;

// Whether evaluating `e` may run code that changes variables.
bool Builder::has_call(Expr* e) {
  if (!e || e->cval) return false;
  auto any = [](auto&& list) { return std::any_of(std::begin(list), std::end(list), has_call); };
  switch (e->kind) {
    case NodeKind::ParenExpr: return has_call(e->cast<ParenExpr>()->x);
    case NodeKind::SelectorExpr: return has_call(e->cast<SelectorExpr>()->x);
    case NodeKind::StarExpr: return has_call(e->cast<StarExpr>()->x);
    case NodeKind::TypeAssertExpr: return has_call(e->cast<TypeAssertExpr>()->x);
    case NodeKind::KeyValueExpr:
      return has_call(e->cast<KeyValueExpr>()->key) || has_call(e->cast<KeyValueExpr>()->value);
    case NodeKind::CompositeLit: return any(e->cast<CompositeLit>()->elems);
    case NodeKind::IndexExpr: return has_call(e->cast<IndexExpr>()->x) || any(e->cast<IndexExpr>()->indices);
    case NodeKind::SliceExpr: return has_call(e->cast<SliceExpr>()->x) || any(e->cast<SliceExpr>()->index);
    case NodeKind::UnaryExpr:
      return e->cast<UnaryExpr>()->op == Tok::Arrow || has_call(e->cast<UnaryExpr>()->x);
    case NodeKind::BinaryExpr:
      return has_call(e->cast<BinaryExpr>()->x) || has_call(e->cast<BinaryExpr>()->y);
    case NodeKind::CallExpr: {
      auto* c = e->cast<CallExpr>();
      return c->callee == CallExpr::Function || any(c->args);
    }
    default: return false;
  }
}

static bool is_early_builtin(const CallExpr* c) {
  switch (static_cast<types::BuiltinId>(c->builtin)) {
    case types::BuiltinId::Complex:
    case types::BuiltinId::Real:
    case types::BuiltinId::Imag: return false;
    default: return static_cast<types::BuiltinId>(c->builtin) < types::BuiltinId::UnsafeAdd;
  }
}

// What gc computes in the order of the calls, though nothing asks for it.
bool Builder::is_early(Expr* e) {
  switch (e->kind) {
    case NodeKind::SliceExpr:
    case NodeKind::TypeAssertExpr: return true;
    case NodeKind::UnaryExpr: return e->cast<UnaryExpr>()->op == Tok::Arrow;
    case NodeKind::BinaryExpr:
      return e->cast<BinaryExpr>()->op == Tok::AndAnd || e->cast<BinaryExpr>()->op == Tok::OrOr;
    case NodeKind::CompositeLit: return ti(e)->kind == abi::KMap;
    case NodeKind::CallExpr: {
      auto* c = e->cast<CallExpr>();
      return c->callee == CallExpr::Function || (c->callee == CallExpr::Builtin && is_early_builtin(c));
    }
    default: return false;
  }
}

// Computes what is early in `e` and not constant, and remembers it for expr().
void Builder::hoist(Expr* e, std::vector<Expr*>& done) {
  if (!e) return;
  e = unparen(e);
  if (e->cval || e->mode == Mode::Nil || e->mode == Mode::TypeExpr || hoisted_.contains(e)) return;
  if (is_early(e)) {
    Val v = copy_to_temp(expr(e));
    hoisted_[e] = v;
    done.push_back(e);
    return;
  }
  auto all = [&](auto&& list) {
    for (Expr* x : list) hoist(x, done);
  };
  switch (e->kind) {
    case NodeKind::SelectorExpr: return hoist(e->cast<SelectorExpr>()->x, done);
    case NodeKind::StarExpr: return hoist(e->cast<StarExpr>()->x, done);
    case NodeKind::KeyValueExpr:
      hoist(e->cast<KeyValueExpr>()->key, done);
      return hoist(e->cast<KeyValueExpr>()->value, done);
    case NodeKind::CompositeLit: return all(e->cast<CompositeLit>()->elems);
    case NodeKind::IndexExpr: hoist(e->cast<IndexExpr>()->x, done); return all(e->cast<IndexExpr>()->indices);
    case NodeKind::UnaryExpr: return hoist(e->cast<UnaryExpr>()->x, done);
    case NodeKind::BinaryExpr:
      hoist(e->cast<BinaryExpr>()->x, done);
      return hoist(e->cast<BinaryExpr>()->y, done);
    case NodeKind::CallExpr: return all(e->cast<CallExpr>()->args);  // conversions
    default: return;
  }
}

void Builder::in_order(std::span<Expr* const> list, absl::FunctionRef<void(size_t)> eval) {
  size_t calls = list.size();  // end of the part that is gone through twice
  while (calls > 0 && !has_call(list[calls - 1])) calls--;
  if (list.size() == 1) calls = 0;
  absl::InlinedVector<bool, 16> done(calls);
  std::vector<Expr*> hoisted;
  for (size_t i = 0; i < calls; i++) {
    if (!list[i]) continue;  // a bound left out
    if (is_early(unparen(list[i]))) eval(i), done[i] = true;
    else hoist(list[i], hoisted);
  }
  for (size_t i = 0; i < list.size(); i++)
    if (i >= calls || !done[i]) eval(i);
  for (Expr* e : hoisted) hoisted_.erase(e);
}
}  // namespace vole::irgen
