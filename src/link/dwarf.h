// DWARF 5, made by the linker from what objects say about their functions. The types unit comes first in .debug_info; the units of packages refer
// to it by section offsets.
#pragma once
#include "link/context.h"

namespace vole::link {
// A byte buffer with DWARF's encodings.
struct DwarfBytes {
  std::vector<u8> bytes;
  size_t size() const { return bytes.size(); }
  void u8_(u64 v) { bytes.push_back(static_cast<u8>(v)); }
  void u16_(u64 v) { u8_(v), u8_(v >> 8); }
  void u32_(u64 v) { put32(bytes, static_cast<u32>(v)); }
  void u64_(u64 v) { put64(bytes, v); }
  void uleb(u64 v) {
    for (; v >= 0x80; v >>= 7) u8_(v | 0x80);
    u8_(v);
  }
  void sleb(i64 v) {
    for (;;) {
      u8 b = static_cast<u8>(v & 0x7f);
      v >>= 7;
      if ((v == 0 && !(b & 0x40)) || (v == -1 && (b & 0x40))) return u8_(b);
      u8_(b | 0x80u);
    }
  }
  void text(std::string_view s) {
    bytes.insert(bytes.end(), s.begin(), s.end());
    u8_(0);
  }
  void append(const DwarfBytes& b) { bytes.insert(bytes.end(), b.bytes.begin(), b.bytes.end()); }
  // Lengths that precede what they measure: `at` is where the 4 bytes of the length stand.
  size_t begin_length() {
    u32_(0);
    return size() - 4;
  }
  void end_length(size_t at) { set32(&bytes[at], static_cast<u32>(size() - at - 4)); }
};

constexpr u8 GoLanguage = 0x16;

// Numbers of the abbreviations; dwarf.cc has their contents.
enum class Abbrev : u8 {
  None, Unit, TypesUnit, Func, LeafFunc, AbstractFunc, Inlined, LeafInlined, Param, ParamGone, Var, VarGone, Global,
  BaseType, Pointer, PointerVoid, Struct, EmptyStruct, Member, Array, Subrange, Typedef, Unspecified,
};

// The types unit. Types are asked for by link string; each gets one entry.
class DwarfTypes {
 public:
  explicit DwarfTypes(Context& c) : c_(c) {}
  // The entry of a type, as an offset in the section; known only after finish() for types that wait for others, so users keep the number and
  // ask again then.
  u32 want(std::string_view link_string);
  void finish(DwarfBytes& info);            // writes the unit at the section's start
  u32 offset_of(u32 type) const { return offsets_[type]; }
  u64 size_of(std::string_view link_string);   // of one that may be in several places, 0: not known

 private:
  struct Descriptor;
  void write(u32 type, DwarfBytes& info);
  void write_described(const Descriptor& d, std::string_view name, DwarfBytes& info);
  bool write_composite(std::string_view name, DwarfBytes& info);
  bool describe(std::string_view name, Descriptor& out);
  void base(std::string_view name, u32 kind, DwarfBytes& info);
  void pointer(std::string_view name, std::string_view to, DwarfBytes& info);
  void members(std::string_view name, u64 size, DwarfBytes& info, std::initializer_list<std::pair<const char*, std::string_view>> words);
  void ref(std::string_view name, DwarfBytes& info);

  Context& c_;
  absl::flat_hash_map<std::string, u32> index_;
  std::deque<std::string> names_;
  std::vector<u32> offsets_;
  struct Fixup {
    size_t at;
    u32 type;
  };
  std::vector<Fixup> fixups_;
};

struct DebugSection {
  const char* name;
  std::vector<u8> bytes;
};
std::vector<DebugSection> make_dwarf(Context& c);
}  // namespace vole::link
