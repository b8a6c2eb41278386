// Order of evaluation. The language orders calls, receives and the logical operators; when a variable is read
// in between is left open. Programs have come to rely on what gc does: the calls of a list of operands happen
// first, in order, and whatever holds no call is looked at when they are done. So s = append(s, f()) sees
// what f did to s.
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

void Builder::in_order(std::span<Expr* const> list, absl::FunctionRef<void(size_t)> eval) {
  size_t calls = list.size();  // end of the part that is gone through twice
  while (calls > 1 && !has_call(list[calls - 1])) calls--;
  if (calls <= 1) calls = 0;
  absl::InlinedVector<bool, 16> done(calls);
  for (size_t i = 0; i < calls; i++)
    if (i + 1 == calls || has_call(list[i])) eval(i), done[i] = true;
  for (size_t i = 0; i < list.size(); i++)
    if (i >= calls || !done[i]) eval(i);
}
}  // namespace vole::irgen
