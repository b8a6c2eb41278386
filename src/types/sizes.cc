// Sizes, alignments and field offsets as gc lays values out on 64-bit machines.
#include "types/internal.h"

namespace vole::types {
namespace {
constexpr i64 Word = 8;
i64 align_up(i64 x, i64 a) { return (x + a - 1) & ~(a - 1); }

constexpr u8 BasicSizes[] = {
    0, 1, 8, 1, 2, 4, 8, 8, 1, 2, 4, 8, 8, 4, 8, 8, 16, 16, 8,
};

// sync/atomic's marker type asks for 8-byte alignment of the struct it is a field of.
bool is_align64(Type* t) {
  Named* n = as_named(t);
  return n && n->obj->name == "align64" && n->obj->pkg &&
         (n->obj->pkg->path == "sync/atomic" || n->obj->pkg->path == "internal/runtime/atomic");
}

}  // namespace

// Works out where the fields of a struct lie. Fields come first, so that nested structs are each looked at
// once.
static const StructLayout& layout_of(Struct* s) {
  if (const StructLayout* known = s->layout.load(std::memory_order_acquire)) return *known;
  std::span<i64> offsets = type_arena().make_span<i64>(s->fields.size());
  i64 at = 0, align = 1, last = 0;
  for (size_t i = 0; i < offsets.size(); i++) {
    Type* field = s->fields[i]->type;
    i64 a = align_of(field);
    align = std::max(align, a);
    offsets[i] = at < 0 ? -1 : at = align_up(at, a);
    last = size_of(field);
    if (at >= 0 && (last < 0 || __builtin_add_overflow(at, last, &at) || at > INT64_MAX - Word)) at = -1;
  }
  // A pointer to a zero-size last field must not point past the object.
  if (at > 0 && last == 0) at++;
  auto* layout = type_arena().make<StructLayout>(offsets, at < 0 ? -1 : align_up(at, align), align);
  const StructLayout* expected = nullptr;
  return s->layout.compare_exchange_strong(expected, layout, std::memory_order_acq_rel) ? *layout : *expected;
}

i64 align_of(Type* t) {
  Type* u = t->underlying();
  switch (u->kind) {
    case TypeKind::Array: return align_of(static_cast<Array*>(u)->elem);
    case TypeKind::Struct: {
      auto* s = static_cast<Struct*>(u);
      if (s->fields.empty()) return is_align64(t) ? 8 : 1;
      return layout_of(s).align;
    }
    case TypeKind::Basic: {
      i64 n = size_of(u);
      if (is_basic(u, IsComplex)) n /= 2;
      return n < 1 ? 1 : n > Word ? Word : n;
    }
    default: return Word;
  }
}

i64 size_of(Type* t) {
  Type* u = t->underlying();
  switch (u->kind) {
    case TypeKind::Basic: {
      auto k = static_cast<size_t>(static_cast<Basic*>(u)->basic);
      if (k == static_cast<size_t>(BasicKind::String)) return 2 * Word;
      return k < std::size(BasicSizes) ? BasicSizes[k] : Word;
    }
    case TypeKind::Array: {
      auto* a = static_cast<Array*>(u);
      if (a->len <= 0) return 0;
      i64 n = a->size.load(std::memory_order_relaxed);
      if (n != -2) return n;
      n = size_of(a->elem);
      if (n > 0 && __builtin_mul_overflow(n, a->len, &n)) n = -1;
      a->size.store(n, std::memory_order_relaxed);
      return n;
    }
    case TypeKind::Slice: return 3 * Word;
    case TypeKind::Interface: return 2 * Word;
    case TypeKind::Struct: {
      auto* s = static_cast<Struct*>(u);
      return s->fields.empty() ? 0 : layout_of(s).size;
    }
    default: return Word;
  }
}

std::span<const i64> field_offsets(Struct* s) {
  return s->fields.empty() ? std::span<const i64>() : layout_of(s).offsets;
}
}  // namespace vole::types
