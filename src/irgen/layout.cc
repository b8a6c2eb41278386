// Sizes, pointer maps and scalars of types.
#include "irgen/layout.h"

#include <charconv>
#include <cstring>

namespace vole::irgen {
using namespace types;

// Facts outlive packages' irgen and are shared by threads, so each thread fills an arena that is never freed.
static Arena& facts_arena() {
  thread_local Arena* arena = new Arena;
  return *arena;
}

static abi::Kind kind_of(Type* u) {
  switch (u->kind) {
    case TypeKind::Pointer: return abi::KPointer;
    case TypeKind::Slice: return abi::KSlice;
    case TypeKind::Array: return abi::KArray;
    case TypeKind::Map: return abi::KMap;
    case TypeKind::Chan: return abi::KChan;
    case TypeKind::Struct: return abi::KStruct;
    case TypeKind::Signature: return abi::KFunc;
    case TypeKind::Interface: return abi::KInterface;
    case TypeKind::Basic:
      switch (u->cast<Basic>()->basic) {
        case BasicKind::Bool:
        case BasicKind::UntypedBool: return abi::KBool;
        case BasicKind::Int:
        case BasicKind::UntypedInt: return abi::KInt;
        case BasicKind::Int8: return abi::KInt8;
        case BasicKind::Int16: return abi::KInt16;
        case BasicKind::Int32:
        case BasicKind::UntypedRune: return abi::KInt32;
        case BasicKind::Int64: return abi::KInt64;
        case BasicKind::Uint: return abi::KUint;
        case BasicKind::Uint8: return abi::KUint8;
        case BasicKind::Uint16: return abi::KUint16;
        case BasicKind::Uint32: return abi::KUint32;
        case BasicKind::Uint64: return abi::KUint64;
        case BasicKind::Uintptr: return abi::KUintptr;
        case BasicKind::Float32: return abi::KFloat32;
        case BasicKind::Float64:
        case BasicKind::UntypedFloat: return abi::KFloat64;
        case BasicKind::Complex64: return abi::KComplex64;
        case BasicKind::Complex128:
        case BasicKind::UntypedComplex: return abi::KComplex128;
        case BasicKind::String:
        case BasicKind::UntypedString: return abi::KString;
        case BasicKind::UnsafePointer:
        case BasicKind::UntypedNil: return abi::KUnsafePointer;
        case BasicKind::Invalid: break;
      }
      break;
    default: break;
  }
  return abi::KInvalid;
}

static void set_leaves(TypeInfo& t, std::initializer_list<Leaf> leaves) {
  t.n = 0;
  for (const Leaf& l : leaves) t.leaf[t.n++] = l;
  t.ssa_able = true;
}

const TypeInfo* compute_info(Type* t) {
  Type* u = t->underlying();
  if (u != t) {
    // Defined types share everything with their underlying type but the name.
    const TypeInfo* ui = info(u);
    auto* ti = new (facts_arena().allocate(sizeof(TypeInfo), alignof(TypeInfo))) TypeInfo{};
    ti->type = t;
    ti->under = u;
    ti->size = ui->size, ti->align = ui->align, ti->kind = ui->kind;
    ti->ssa_able = ui->ssa_able, ti->in_memory = ui->in_memory, ti->direct_iface = ui->direct_iface,
    ti->is_signed = ui->is_signed, ti->n = ui->n;
    std::copy(std::begin(ui->leaf), std::end(ui->leaf), ti->leaf);
    ti->ptr_bytes = ui->ptr_bytes, ti->elem = ui->elem, ti->len = ui->len;
    ti->fields = ui->fields, ti->offsets = ui->offsets, ti->leaf_start = ui->leaf_start;
    if (t->kind == TypeKind::Alias) t = unalias(t), ti->type = t;
    void* expected = nullptr;
    if (!t->irgen_info.compare_exchange_strong(expected, ti, std::memory_order_acq_rel))
      return static_cast<const TypeInfo*>(expected);
    return ti;
  }
  Arena& arena = facts_arena();
  auto* ti = new (arena.allocate(sizeof(TypeInfo), alignof(TypeInfo))) TypeInfo{};
  ti->type = ti->under = t;
  ti->kind = kind_of(t);
  VOLE_CHECK(ti->kind != abi::KInvalid);
  constexpr i64 W = 8;
  switch (ti->kind) {
    case abi::KBool:
    case abi::KUint8:
      ti->size = 1;
      set_leaves(*ti, {{Ty::I8, false, 0}});
      break;
    case abi::KInt8:
      ti->size = 1, ti->is_signed = true;
      set_leaves(*ti, {{Ty::I8, false, 0}});
      break;
    case abi::KInt16:
      ti->size = 2, ti->is_signed = true;
      set_leaves(*ti, {{Ty::I16, false, 0}});
      break;
    case abi::KUint16:
      ti->size = 2;
      set_leaves(*ti, {{Ty::I16, false, 0}});
      break;
    case abi::KInt32:
      ti->size = 4, ti->is_signed = true;
      set_leaves(*ti, {{Ty::I32, false, 0}});
      break;
    case abi::KUint32:
      ti->size = 4;
      set_leaves(*ti, {{Ty::I32, false, 0}});
      break;
    case abi::KInt:
    case abi::KInt64:
      ti->size = 8, ti->is_signed = true;
      set_leaves(*ti, {{Ty::I64, false, 0}});
      break;
    case abi::KUint:
    case abi::KUint64:
    case abi::KUintptr:
      ti->size = 8;
      set_leaves(*ti, {{Ty::I64, false, 0}});
      break;
    case abi::KFloat32:
      ti->size = 4;
      set_leaves(*ti, {{Ty::F32, false, 0}});
      break;
    case abi::KFloat64:
      ti->size = 8;
      set_leaves(*ti, {{Ty::F64, false, 0}});
      break;
    case abi::KComplex64:
      ti->size = 8;
      set_leaves(*ti, {{Ty::F32, false, 0}, {Ty::F32, false, 4}});
      break;
    case abi::KComplex128:
      ti->size = 16;
      set_leaves(*ti, {{Ty::F64, false, 0}, {Ty::F64, false, 8}});
      break;
    case abi::KPointer:
    case abi::KUnsafePointer:
    case abi::KMap:
    case abi::KChan:
    case abi::KFunc:
      ti->size = W, ti->ptr_bytes = W;
      set_leaves(*ti, {{Ty::Ptr, false, 0}});
      break;
    case abi::KString:
      ti->size = 2 * W, ti->ptr_bytes = W;
      set_leaves(*ti, {{Ty::Ptr, false, 0}, {Ty::I64, false, 8}});
      break;
    case abi::KSlice:
      ti->size = 3 * W, ti->ptr_bytes = W;
      set_leaves(*ti, {{Ty::Ptr, false, 0}, {Ty::I64, false, 8}, {Ty::I64, false, 16}});
      break;
    case abi::KInterface:
      ti->size = 2 * W, ti->ptr_bytes = 2 * W;
      set_leaves(*ti, {{Ty::Ptr, true, 0}, {Ty::Ptr, false, 8}});
      break;
    case abi::KArray: {
      auto* a = t->cast<Array>();
      ti->elem = info(a->elem);
      ti->len = a->len < 0 ? 0 : a->len;
      ti->size = ti->elem->size * ti->len;
      ti->align = ti->elem->align;
      ti->in_memory = ti->len > 1 || (ti->len == 1 && ti->elem->in_memory);
      if (ti->len == 0 || ti->size == 0) {
        ti->ssa_able = true;
      } else {
        if (ti->elem->ptr_bytes) ti->ptr_bytes = ti->elem->size * (ti->len - 1) + ti->elem->ptr_bytes;
        if (ti->len == 1 && ti->elem->ssa_able) {
          ti->ssa_able = true, ti->n = ti->elem->n;
          std::copy(std::begin(ti->elem->leaf), std::end(ti->elem->leaf), ti->leaf);
        }
      }
      break;
    }
    case abi::KStruct: {
      auto* s = t->cast<Struct>();
      size_t n = s->fields.size();
      std::span<const TypeInfo*> fields = arena.make_span<const TypeInfo*>(n);
      for (size_t i = 0; i < n; i++) {
        fields[i] = info(s->fields[i]->type);
        ti->in_memory |= fields[i]->in_memory;
      }
      ti->fields = fields;
      ti->offsets = field_offsets(s);
      ti->size = size_of(t);
      ti->align = static_cast<u32>(align_of(t));
      ti->ssa_able = true;
      for (size_t i = 0; i < n && ti->ssa_able; i++)
        if (!fields[i]->ssa_able || ti->n + fields[i]->n > MaxLeaves) ti->ssa_able = false;
        else ti->n += fields[i]->n;
      if (ti->ssa_able) {
        std::span<u8> starts = arena.make_span<u8>(n);
        int k = 0;
        for (size_t i = 0; i < n; i++) {
          starts[i] = static_cast<u8>(k);
          for (int j = 0; j < fields[i]->n; j++) {
            ti->leaf[k] = fields[i]->leaf[j];
            ti->leaf[k++].off += ti->offsets[i];
          }
        }
        ti->leaf_start = starts;
      } else {
        ti->n = 0;
      }
      for (size_t i = 0; i < n; i++)
        if (fields[i]->ptr_bytes) ti->ptr_bytes = ti->offsets[i] + fields[i]->ptr_bytes;
      break;
    }
    default: VOLE_UNREACHABLE("kind");
  }
  if (ti->align == 0) {
    ti->align = static_cast<u32>(ti->size < W ? ti->size : W);
    if (ti->kind == abi::KComplex64) ti->align = 4;
    if (ti->align == 0) ti->align = 1;
  }
  ti->direct_iface = ti->size == W && ti->ptr_bytes == W;
  void* expected = nullptr;
  if (!t->irgen_info.compare_exchange_strong(expected, ti, std::memory_order_acq_rel))
    return static_cast<const TypeInfo*>(expected);
  return ti;
}

void flatten(const TypeInfo* t, i64 off, std::vector<Leaf>& out) {
  VOLE_DCHECK(!t->in_memory);
  if (t->ssa_able) {
    for (int i = 0; i < t->n; i++) out.push_back({t->leaf[i].ty, t->leaf[i].tab, t->leaf[i].off + off});
  } else if (t->kind == abi::KArray) {
    flatten(t->elem, off, out);
  } else {
    for (size_t i = 0; i < t->fields.size(); i++) flatten(t->fields[i], off + t->offsets[i], out);
  }
}

void set_pointer_bits(const TypeInfo* t, i64 off, u8* bits) {
  if (!t->ptr_bytes) return;
  if (t->kind == abi::KArray) {
    for (i64 i = 0; i < t->len; i++) set_pointer_bits(t->elem, off + i * t->elem->size, bits);
  } else if (t->kind == abi::KStruct) {
    for (size_t i = 0; i < t->fields.size(); i++) set_pointer_bits(t->fields[i], off + t->offsets[i], bits);
  } else {
    i64 w = (off + (t->kind == abi::KInterface ? 8 : 0)) / 8;
    bits[w / 8] |= static_cast<u8>(1 << (w % 8));
  }
}

std::span<const u8> pointer_mask(const TypeInfo* t) {
  if (!t->ptr_bytes) return {};
  size_t bytes = (static_cast<size_t>(t->ptr_bytes / 8) + 63) / 64 * 8;
  if (const u8* m = t->mask.load(std::memory_order_acquire)) return {m, bytes};
  std::span<u8> bits = facts_arena().make_span<u8>(bytes);
  set_pointer_bits(t, 0, bits.data());
  const u8* expected = nullptr;
  if (!t->mask.compare_exchange_strong(expected, bits.data(), std::memory_order_acq_rel))
    return {expected, bytes};
  return bits;
}

bool is_empty_interface(const TypeInfo* t) {
  return t->kind == abi::KInterface && t->under->cast<Interface>()->all_methods().empty();
}

// ---- comparison signatures
// -------------------------------------------------------------------------------------------------

namespace {
struct SigWriter {
  std::string out;
  i64 mem = 0, skip = 0;
  void number(char c, i64 n) {
    char buf[24];
    auto r = std::to_chars(buf, buf + sizeof buf, n);
    out += c;
    out.append(buf, r.ptr);
  }
  void flush() {
    if (mem) number('M', mem), mem = 0;
    if (skip) number('_', skip), skip = 0;
  }
  void memory(i64 n) {
    if (skip) flush();
    mem += n;
  }
  void gap(i64 n) {
    if (mem && n) flush();
    skip += n;
  }
  void atom(char c) {
    flush();
    out += c;
  }
  void write(const TypeInfo* t) {
    switch (t->kind) {
      case abi::KFloat32: atom('f'); break;
      case abi::KFloat64: atom('g'); break;
      case abi::KComplex64: atom('f'), atom('f'); break;
      case abi::KComplex128: atom('g'), atom('g'); break;
      case abi::KString: atom('s'); break;
      case abi::KInterface: atom(is_empty_interface(t) ? 'e' : 'i'); break;
      case abi::KArray: {
        if (t->size == 0) break;
        if (is_regular_memory(t->elem)) {
          memory(t->size);
        } else if (t->len == 1) {
          write(t->elem);
        } else {
          flush();
          SigWriter inner;
          inner.write(t->elem);
          inner.flush();
          number('[', t->len);
          out += ':';
          out += inner.out;
          out += ']';
        }
        break;
      }
      case abi::KStruct: {
        if (is_regular_memory(t)) {
          memory(t->size);
          break;
        }
        auto* s = t->under->cast<Struct>();
        i64 at = 0;
        for (size_t i = 0; i < t->fields.size(); i++) {
          if (s->fields[i]->name == "_") continue;
          if (t->offsets[i] > at) gap(t->offsets[i] - at);
          write(t->fields[i]);
          at = t->offsets[i] + t->fields[i]->size;
        }
        if (t->size > at) gap(t->size - at);
        break;
      }
      default: memory(t->size);
    }
  }
};
}  // namespace

std::string alg_signature(const TypeInfo* t) {
  SigWriter w;
  w.write(t);
  w.skip = 0;  // a gap at the end matters to nobody
  w.flush();
  // Trailing gaps inside array elements stay: they make the stride.
  return std::move(w.out);
}

static bool compute_regular(const TypeInfo* t) {
  switch (t->kind) {
    case abi::KFloat32:
    case abi::KFloat64:
    case abi::KComplex64:
    case abi::KComplex128:
    case abi::KString:
    case abi::KInterface:
    case abi::KFunc:
    case abi::KMap:
    case abi::KSlice: return false;
    case abi::KArray: return t->len == 0 ? comparable(t->type) : is_regular_memory(t->elem);
    case abi::KStruct: {
      auto* s = t->under->cast<Struct>();
      i64 at = 0;
      for (size_t i = 0; i < t->fields.size(); i++) {
        if (s->fields[i]->name == "_" || t->offsets[i] != at || !is_regular_memory(t->fields[i]))
          return false;
        at += t->fields[i]->size;
      }
      return at == t->size;
    }
    default: return true;
  }
}

bool is_regular_memory(const TypeInfo* t) {
  u8 known = t->regular.load(std::memory_order_relaxed);
  if (!known) t->regular.store(known = compute_regular(t) ? 2 : 1, std::memory_order_relaxed);
  return known == 2;
}
}  // namespace vole::irgen
