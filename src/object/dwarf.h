// DWARF 5 as vole writes it: byte encodings, and the numbers that the compiler's half (func_dwarf.cc: one
// function's entries) and the linker's half (link/dwarf.cc: units, types, headers) have to agree on.
#pragma once
#include <string_view>
#include <vector>

#include "base/base.h"

namespace vole::dwarf {
// A byte buffer with DWARF's encodings.
struct Bytes {
  std::vector<u8> bytes;
  size_t size() const { return bytes.size(); }
  void u8_(u64 v) { bytes.push_back(static_cast<u8>(v)); }
  void u16_(u64 v) { u8_(v), u8_(v >> 8); }
  void u32_(u64 v) { u16_(v), u16_(v >> 16); }
  void u64_(u64 v) { u32_(v), u32_(v >> 32); }
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
  void append(const Bytes& b) { bytes.insert(bytes.end(), b.bytes.begin(), b.bytes.end()); }
  // Lengths that precede what they measure: `at` is where the 4 bytes of the length stand.
  size_t begin_length() {
    u32_(0);
    return size() - 4;
  }
  void end_length(size_t at) {
    u64 n = size() - at - 4;
    for (size_t i = 0; i < 4; i++) bytes[at + i] = static_cast<u8>(n >> 8 * i);
  }
};

constexpr u8 GoLanguage = 0x16;

// Numbers of the abbreviations; abbreviations() has their contents.
// clang-format off
enum class Abbrev : u8 {
  None, Unit, TypesUnit, Func, LeafFunc, AbstractFunc, Inlined, LeafInlined, InlinedRanges, LeafInlinedRanges,
  Param, ParamGone, Var, VarGone, Global, BaseType, Pointer, PointerVoid, Struct, EmptyStruct, Member, Array,
  Subrange, Typedef, Unspecified,
};
// clang-format on
std::vector<u8> abbreviations();

enum Op : u8 {
  OpAddr = 0x03,
  OpConsts = 0x11,
  OpReg0 = 0x50,
  OpFbreg = 0x91,
  OpPiece = 0x93,
  OpCallFrameCfa = 0x9c,
  OpStackValue = 0x9f
};
enum Lle : u8 { EndOfList = 0, OffsetPair = 4, RangeBaseAddress = 5, LocationBaseAddress = 6 };
enum Cfa : u8 { AdvanceLoc4 = 0x04, DefCfa = 0x0c, DefCfaOffset = 0x0e, Offset = 0x80, Restore = 0xc0 };
enum Lns : u8 { EndSequence = 1, SetAddress = 2, Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4 };
constexpr i64 LineBase = -4, LineRange = 12, OpcodeBase = 10;
// clang-format off
enum Form : u8 {
  Addr = 0x01, Data4 = 0x06, Data8 = 0x07, String = 0x08, Data1 = 0x0b, UData = 0x0f, RefAddr = 0x10,
  Ref4 = 0x13, SecOffset = 0x17, ExprLoc = 0x18, FlagPresent = 0x19,
};
// clang-format on
}  // namespace vole::dwarf
