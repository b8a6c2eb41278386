// What irgen knows of a type: size, alignment, where its pointers are, how it splits into scalars, its link
// string. Computed once per types::Type and kept in Type::irgen_info for the rest of the process, so that all
// packages share it.
#pragma once
#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "abi/abi.h"
#include "ssa/ssa.h"
#include "types/types.h"

namespace vole::irgen {
using ssa::Ty;
using types::Type;

// One scalar of a value: its machine type and byte offset. `ptr_tab` marks the first word of an interface: a
// pointer that the collector does not follow (itabs and descriptors never die), so stores of it need no write
// barrier.
struct Leaf {
  Ty ty;
  bool tab;
  i64 off;
};

// Values with at most this many scalars live in SSA form; others live in memory.
constexpr int MaxLeaves = 4;

struct TypeInfo {
  Type* type;
  Type* under;
  i64 size;
  u32 align;
  abi::Kind kind;
  bool ssa_able;      // splits into n <= MaxLeaves scalars
  bool in_memory;     // has an array longer than 1, even of nothing: the calling convention keeps it out of
                      // registers
  bool direct_iface;  // stored in an interface's data word itself
  bool is_signed;     // integer types
  u8 n = 0;           // scalars, when ssa_able
  Leaf leaf[MaxLeaves];
  i64 ptr_bytes = 0;                  // up to and including the last pointer word; 0: no pointers
  const TypeInfo* elem = nullptr;     // arrays
  i64 len = 0;                        // arrays
  std::span<const TypeInfo*> fields;  // structs
  std::span<const i64> offsets;       // structs
  std::span<u8> leaf_start;           // ssa_able structs: first scalar of each field
  mutable std::atomic<const NameEntry*> link_name{nullptr}, reflect_name{nullptr};
  mutable std::atomic<u8> regular{0};            // is_regular_memory(): 0 not asked yet, 1 no, 2 yes
  mutable std::atomic<const u8*> mask{nullptr};  // pointer bitmap, ptr_bytes/8 bits

  bool has_pointers() const { return ptr_bytes != 0; }
  bool is_integer() const { return kind >= abi::KInt && kind <= abi::KUintptr; }
  bool is_float() const { return kind == abi::KFloat32 || kind == abi::KFloat64; }
  bool is_complex() const { return kind == abi::KComplex64 || kind == abi::KComplex128; }
  bool is_string() const { return kind == abi::KString; }
  bool is_interface() const { return kind == abi::KInterface; }
  bool pointer_shaped() const {
    return kind == abi::KPointer || kind == abi::KUnsafePointer || kind == abi::KMap || kind == abi::KChan ||
           kind == abi::KFunc;
  }
  Ty ty() const {
    VOLE_DCHECK(n == 1);
    return leaf[0].ty;
  }
};

const TypeInfo* compute_info(Type* t);
// The facts of a type, which must not mention type parameters.
inline const TypeInfo* info(Type* t) {
  if (void* p = t->irgen_info.load(std::memory_order_acquire)) return static_cast<const TypeInfo*>(p);
  return compute_info(t);
}

// Appends all scalars of `t`, which is not in_memory, at `off` in memory order.
void flatten(const TypeInfo* t, i64 off, std::vector<Leaf>& out);

// Pointer bitmap of a type, one bit a word, (ptr_bytes/8 + 7) / 8 bytes rounded up to 8.
std::span<const u8> pointer_mask(const TypeInfo* t);
// Sets the bits of `t` placed at byte offset `off` in a bitmap.
void set_pointer_bits(const TypeInfo* t, i64 off, u8* bits);

// gc's link string: equal for identical types and for no others.
Name link_string(const TypeInfo* t);
// The string reflect shows.
Name reflect_name(const TypeInfo* t);
void append_type(std::string& out, Type* t, bool link);
// The package part of link names: the path with gc's escapes; "main" for commands.
void append_package_prefix(std::string& out, const types::Package* pkg);
std::string package_prefix(const types::Package* pkg);
std::string quote(std::string_view s);

// Whether == on the type compares its memory only, without gaps.
bool is_regular_memory(const TypeInfo* t);
// Describes how values compare and hash, by layout: types with equal signatures share functions.
//   M<n> memory, s string, i interface with methods, e empty interface, f float32, g float64, _<n> skip,
//        [<n>:<sig>]
//   array.
std::string alg_signature(const TypeInfo* t);
bool is_empty_interface(const TypeInfo* t);
inline bool same(const TypeInfo* a, const TypeInfo* b) { return a == b || link_string(a) == link_string(b); }
}  // namespace vole::irgen
