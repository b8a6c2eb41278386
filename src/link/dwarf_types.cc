// Types for the debugger. A link string tells the shape of every type but named ones and structs; those are
// read from their descriptors, which objects hold whether or not the program keeps them.
#include <fmt/format.h>

#include "link/dwarf.h"

namespace vole::link {
using dwarf::Abbrev;

namespace {
enum Encoding : u8 { Boolean = 2, ComplexFloat = 3, Float = 4, Signed = 5, Unsigned = 7 };
struct BasicType {
  std::string_view name;
  u8 kind;
  Encoding encoding;
  u8 size;
};
constexpr BasicType Basics[] = {
    // clang-format off
    {"bool", abi::KBool, Boolean, 1}, {"int", abi::KInt, Signed, 8}, {"int8", abi::KInt8, Signed, 1},
    {"int16", abi::KInt16, Signed, 2}, {"int32", abi::KInt32, Signed, 4}, {"int64", abi::KInt64, Signed, 8},
    {"uint", abi::KUint, Unsigned, 8}, {"uint8", abi::KUint8, Unsigned, 1},
    {"uint16", abi::KUint16, Unsigned, 2}, {"uint32", abi::KUint32, Unsigned, 4},
    {"uint64", abi::KUint64, Unsigned, 8}, {"uintptr", abi::KUintptr, Unsigned, 8},
    {"float32", abi::KFloat32, Float, 4}, {"float64", abi::KFloat64, Float, 8},
    {"complex64", abi::KComplex64, ComplexFloat, 8}, {"complex128", abi::KComplex128, ComplexFloat, 16},
    // clang-format on
};
const BasicType* find_basic(std::string_view name) {
  for (const BasicType& b : Basics)
    if (b.name == name) return &b;
  return nullptr;
}
const BasicType* find_basic(u32 kind) {
  for (const BasicType& b : Basics)
    if (b.kind == kind) return &b;
  return nullptr;
}

// Offsets in a descriptor (internal/abi.Type and what follows it).
constexpr u64 SizeAt = 0, KindAt = 23, ElemAt = 48, ArrayLenAt = 64, MapElemAt = 56, FieldsAt = 56,
              FieldCountAt = 64, FieldSize = 24;

u64 read64(std::span<const u8> b, u64 at) {
  u64 v = 0;
  for (u64 i = 0; i < 8 && at + i < b.size(); i++) v |= u64{b[at + i]} << 8 * i;
  return v;
}
}  // namespace

struct DwarfTypes::Descriptor {
  const object::Symbol* sym;
  u64 size;
  u32 kind;
  // What a word of the descriptor points to: the symbol and the offset in it.
  const object::Reloc* word(u64 at) const {
    for (const object::Reloc& r : sym->relocs)
      if (r.offset == at && r.target) return &r;
    return nullptr;
  }
  std::string_view type_at(u64 at) const {
    const object::Reloc* r = word(at);
    std::string_view name = r ? r->target->name.text() : std::string_view();
    return name.starts_with("type:") ? name.substr(5) : std::string_view();
  }
  // A field's name: flags, length, bytes.
  std::string_view name_at(u64 at) const {
    const object::Reloc* r = word(at);
    if (!r || r->target->bytes.size() < static_cast<size_t>(r->addend) + 2) return "";
    std::span<const u8> b = r->target->bytes.subspan(static_cast<size_t>(r->addend) + 1);
    size_t n = 0, i = 0;
    for (u32 shift = 0; i < b.size(); shift += 7) {
      n |= static_cast<size_t>(b[i] & 0x7f) << shift;
      if (!(b[i++] & 0x80)) break;
    }
    return {reinterpret_cast<const char*>(b.data() + i), std::min(n, b.size() - i)};
  }
};

bool DwarfTypes::describe(std::string_view name, Descriptor& out) {
  Entity* e = c_.find("type:" + std::string(name));
  if (!e || !e->sym || e->sym->bytes.size() < ElemAt) return false;
  out = {e->sym, read64(e->sym->bytes, SizeAt), static_cast<u32>(e->sym->bytes[KindAt] & 31)};
  return true;
}

u32 DwarfTypes::want(Name link_string) {
  auto [it, fresh] = index_.try_emplace(link_string, static_cast<u32>(names_.size()));
  if (fresh) names_.push_back(link_string);
  return it->second;
}

void DwarfTypes::ref(std::string_view name) {
  fixups_.push_back({info_.size(), want(Name::intern(name))});
  info_.u32_(0);
}

std::vector<u8> DwarfTypes::finish() {
  size_t length = info_.begin_length();
  info_.u16_(5);
  info_.u8_(1);  // a full unit
  info_.u8_(8);
  info_.u32_(0);
  info_.uleb(static_cast<u8>(Abbrev::TypesUnit));
  info_.text("vole");
  info_.u8_(dwarf::GoLanguage);
  info_.text("types");
  for (u32 i = 0; i < names_.size(); i++) {
    offsets_.push_back(static_cast<u32>(info_.size()));
    write(names_[i]);
  }
  info_.u8_(0);
  info_.end_length(length);
  for (const Fixup& f : fixups_) set32(&info_.bytes[f.at], offsets_[f.type]);
  return std::move(info_.bytes);
}

void DwarfTypes::write(Name type) {
  std::string_view name = type.text();
  if (write_composite(name)) return;
  if (Descriptor d; describe(name, d)) return write_described(d, name);
  info_.uleb(static_cast<u8>(Abbrev::Unspecified));
  info_.text(name);
}

void DwarfTypes::pointer(std::string_view name, std::string_view to) {
  info_.uleb(static_cast<u8>(to.empty() ? Abbrev::PointerVoid : Abbrev::Pointer));
  info_.text(name);
  if (!to.empty()) ref(to);
}

// A struct of words.
void DwarfTypes::members(std::string_view name, u64 size,
                         std::initializer_list<std::pair<const char*, std::string_view>> words) {
  info_.uleb(static_cast<u8>(Abbrev::Struct));
  info_.text(name);
  info_.uleb(size);
  u64 at = 0;
  for (auto& [field, type] : words) {
    info_.uleb(static_cast<u8>(Abbrev::Member));
    info_.text(field);
    info_.uleb(at);
    ref(type);
    at += 8;
  }
  info_.u8_(0);
}

void DwarfTypes::base(std::string_view name, u32 kind) {
  const BasicType* b = find_basic(kind);
  info_.uleb(static_cast<u8>(Abbrev::BaseType));
  info_.text(name);
  info_.u8_(b->encoding);
  info_.u8_(b->size);
}

// Types whose link string says all. False for the others.
bool DwarfTypes::write_composite(std::string_view s) {
  if (const BasicType* b = find_basic(s)) return base(s, b->kind), true;
  if (s == "string") return members(s, 16, {{"str", "*uint8"}, {"len", "int"}}), true;
  if (s == "unsafe.Pointer" || s.starts_with("func(") || s.starts_with("chan ") || s.starts_with("<-chan ") ||
      s.starts_with("chan<- "))
    return pointer(s, ""), true;
  if (s.starts_with("*")) return pointer(s, s.substr(1)), true;
  if (s.starts_with("[]")) {
    std::string elem = "*" + std::string(s.substr(2));
    return members(s, 24, {{"array", elem}, {"len", "int"}, {"cap", "int"}}), true;
  }
  if (s.starts_with("map[")) return pointer(s, "internal/runtime/maps.Map"), true;
  if (s.starts_with("interface {"))
    return members(s, 16, {{"tab", "unsafe.Pointer"}, {"data", "unsafe.Pointer"}}), true;
  if (s.starts_with("[")) {
    size_t close = s.find(']');
    u64 n = 0;
    for (char c : s.substr(1, close - 1)) n = n * 10 + static_cast<u64>(c - '0');
    info_.uleb(static_cast<u8>(Abbrev::Array));
    info_.text(s);
    ref(s.substr(close + 1));
    info_.uleb(static_cast<u8>(Abbrev::Subrange));
    info_.uleb(n);
    info_.u8_(0);
    return true;
  }
  return false;
}

// A named type: a struct with its name, or another name for what it is made of.
void DwarfTypes::write_described(const Descriptor& d, std::string_view name) {
  auto name_for = [&](std::string_view type) {
    info_.uleb(static_cast<u8>(Abbrev::Typedef));
    info_.text(name);
    ref(type);
  };
  if (const BasicType* b = find_basic(d.kind)) return name_for(b->name);
  switch (d.kind) {
    case abi::KString: return name_for("string");
    case abi::KPointer: return name_for("*" + std::string(d.type_at(ElemAt)));
    case abi::KSlice: return name_for("[]" + std::string(d.type_at(ElemAt)));
    case abi::KArray:
      return name_for(fmt::format("[{}]{}", read64(d.sym->bytes, ArrayLenAt), d.type_at(ElemAt)));
    case abi::KMap: return name_for(fmt::format("map[{}]{}", d.type_at(ElemAt), d.type_at(MapElemAt)));
    case abi::KInterface: return name_for("interface {}");
    case abi::KStruct: break;
    default: return name_for("unsafe.Pointer");
  }
  const object::Reloc* fields = d.word(FieldsAt);
  u64 count = fields ? read64(d.sym->bytes, FieldCountAt) : 0;
  info_.uleb(static_cast<u8>(count ? Abbrev::Struct : Abbrev::EmptyStruct));
  info_.text(name);
  info_.uleb(d.size);
  if (count == 0) return;
  // The fields stand in the descriptor itself or in a symbol of their own.
  Descriptor list{fields ? fields->target : d.sym, 0, 0};
  for (u64 i = 0; i < count; i++) {
    u64 at = static_cast<u64>(fields->addend) + i * FieldSize;
    info_.uleb(static_cast<u8>(Abbrev::Member));
    info_.text(list.name_at(at));
    info_.uleb(read64(list.sym->bytes, at + 16));
    std::string_view type = list.type_at(at + 8);
    ref(type.empty() ? "unsafe.Pointer" : type);
  }
  info_.u8_(0);
}
}  // namespace vole::link
