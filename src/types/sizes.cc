// Sizes, alignments and field offsets as gc lays values out on 64-bit machines; which types hold pointers.
#include <mutex>

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

struct OffsetCache {
  std::mutex mu;
  absl::flat_hash_map<Struct*, std::span<const i64>> map;
};
OffsetCache& offset_cache(const Struct* s) {
  static OffsetCache* shards = new OffsetCache[16];
  return shards[(reinterpret_cast<u64>(s) >> 6) & 15];
}
}  // namespace

i64 align_of(Type* t) {
  Type* u = t->underlying();
  switch (u->kind) {
    case TypeKind::Array: return align_of(static_cast<Array*>(u)->elem);
    case TypeKind::Struct: {
      auto* s = static_cast<Struct*>(u);
      if (s->fields.empty() && is_align64(t)) return 8;
      i64 max = 1;
      for (Var* f : s->fields) max = std::max(max, align_of(f->type));
      return max;
    }
    case TypeKind::Basic: {
      i64 n = size_of(u);
      if (is_basic(u, IsComplex)) n /= 2;
      return n < 1 ? 1 : n > Word ? Word : n;
    }
    default: return Word;
  }
}

// Offsets are -1 from the first one that does not fit.
std::span<const i64> field_offsets(Struct* s) {
  if (s->fields.empty()) return {};
  OffsetCache& cache = offset_cache(s);
  {
    std::lock_guard lock(cache.mu);
    auto it = cache.map.find(s);
    if (it != cache.map.end()) return it->second;
  }
  std::span<i64> out = type_arena().make_span<i64>(s->fields.size());
  i64 at = 0;
  for (size_t i = 0; i < out.size(); i++) {
    if (at < 0) {
      out[i] = -1;
      continue;
    }
    at = align_up(at, align_of(s->fields[i]->type));
    out[i] = at;
    i64 n = size_of(s->fields[i]->type);
    if (n < 0 || __builtin_add_overflow(at, n, &at) || at > INT64_MAX - Word) at = -1;
  }
  std::lock_guard lock(cache.mu);
  return cache.map.try_emplace(s, out).first->second;
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
      i64 n = size_of(a->elem), total;
      if (n <= 0) return n;
      return __builtin_mul_overflow(n, a->len, &total) ? -1 : total;
    }
    case TypeKind::Slice: return 3 * Word;
    case TypeKind::Interface: return 2 * Word;
    case TypeKind::Struct: {
      auto* s = static_cast<Struct*>(u);
      if (s->fields.empty()) return 0;
      i64 at = field_offsets(s).back(), n = size_of(s->fields.back()->type);
      if (at < 0 || n < 0) return -1;
      if (at > 0 && n == 0) n = 1;  // a pointer to a zero-size last field must not point past the object
      if (__builtin_add_overflow(at, n, &at) || at > INT64_MAX - Word) return -1;
      return align_up(at, align_of(t));
    }
    default: return Word;
  }
}

bool has_pointers(Type* t) {
  Type* u = t->underlying();
  switch (u->kind) {
    case TypeKind::Basic: {
      BasicKind k = static_cast<Basic*>(u)->basic;
      return k == BasicKind::String || k == BasicKind::UnsafePointer || k == BasicKind::UntypedString || k == BasicKind::UntypedNil;
    }
    case TypeKind::Array: return static_cast<Array*>(u)->len != 0 && has_pointers(static_cast<Array*>(u)->elem);
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(u)->fields)
        if (has_pointers(f->type)) return true;
      return false;
    default: return true;
  }
}
}  // namespace vole::types
