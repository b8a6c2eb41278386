// The abbreviation table, the same in every executable.
#include "object/dwarf.h"

#include <initializer_list>
#include <utility>

namespace vole::dwarf {
namespace {
// clang-format off
enum Tag : u8 {
  ArrayType = 0x01, FormalParameter = 0x05, MemberTag = 0x0d, PointerType = 0x0f, CompileUnit = 0x11,
  StructType = 0x13, TypedefTag = 0x16, InlinedSubroutine = 0x1d, SubrangeType = 0x21, BaseTypeTag = 0x24,
  Subprogram = 0x2e, VariableTag = 0x34, UnspecifiedType = 0x3b,
};
// clang-format on
// clang-format off
enum At : u8 {
  Location = 0x02, NameAt = 0x03, ByteSize = 0x0b, StmtList = 0x10, LowPc = 0x11, HighPc = 0x12,
  Language = 0x13, Inline = 0x20, Producer = 0x25, AbstractOrigin = 0x31, Count = 0x37,
  DataMemberLocation = 0x38, DeclFile = 0x3a, DeclLine = 0x3b, EncodingAt = 0x3e, External = 0x3f,
  FrameBase = 0x40, TypeAt = 0x49, Ranges = 0x55, CallFile = 0x58, CallLine = 0x59,
};
// clang-format on
}  // namespace

std::vector<u8> abbreviations() {
  Bytes b;
  auto def = [&](Abbrev a, Tag tag, bool children, std::initializer_list<std::pair<At, Form>> list) {
    b.uleb(static_cast<u8>(a));
    b.uleb(tag);
    b.u8_(children);
    for (auto& [at, form] : list) b.uleb(at), b.uleb(form);
    b.u16_(0);
  };
  def(Abbrev::Unit, CompileUnit, true,
      {{Producer, String},
       {Language, Data1},
       {NameAt, String},
       {StmtList, SecOffset},
       {LowPc, Addr},
       {HighPc, Data8}});
  def(Abbrev::TypesUnit, CompileUnit, true, {{Producer, String}, {Language, Data1}, {NameAt, String}});
  for (Abbrev a : {Abbrev::Func, Abbrev::LeafFunc})
    def(a, Subprogram, a == Abbrev::Func,
        {{NameAt, String},
         {LowPc, Addr},
         {HighPc, Data4},
         {FrameBase, ExprLoc},
         {DeclFile, UData},
         {DeclLine, UData},
         {External, FlagPresent}});
  def(Abbrev::AbstractFunc, Subprogram, false, {{NameAt, String}, {Inline, Data1}, {External, FlagPresent}});
  for (Abbrev a : {Abbrev::Inlined, Abbrev::LeafInlined})
    def(a, InlinedSubroutine, a == Abbrev::Inlined,
        {{AbstractOrigin, Ref4}, {LowPc, Addr}, {HighPc, UData}, {CallFile, UData}, {CallLine, UData}});
  for (Abbrev a : {Abbrev::InlinedRanges, Abbrev::LeafInlinedRanges})
    def(a, InlinedSubroutine, a == Abbrev::InlinedRanges,
        {{AbstractOrigin, Ref4}, {Ranges, SecOffset}, {CallFile, UData}, {CallLine, UData}});
  def(Abbrev::Param, FormalParameter, false,
      {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}, {Location, SecOffset}});
  def(Abbrev::ParamGone, FormalParameter, false, {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}});
  def(Abbrev::Var, VariableTag, false,
      {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}, {Location, SecOffset}});
  def(Abbrev::VarGone, VariableTag, false, {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}});
  def(Abbrev::Global, VariableTag, false,
      {{NameAt, String}, {TypeAt, RefAddr}, {Location, ExprLoc}, {External, FlagPresent}});
  def(Abbrev::BaseType, BaseTypeTag, false, {{NameAt, String}, {EncodingAt, Data1}, {ByteSize, Data1}});
  def(Abbrev::Pointer, PointerType, false, {{NameAt, String}, {TypeAt, RefAddr}});
  def(Abbrev::PointerVoid, PointerType, false, {{NameAt, String}});
  for (Abbrev a : {Abbrev::Struct, Abbrev::EmptyStruct})
    def(a, StructType, a == Abbrev::Struct, {{NameAt, String}, {ByteSize, UData}});
  def(Abbrev::Member, MemberTag, false, {{NameAt, String}, {DataMemberLocation, UData}, {TypeAt, RefAddr}});
  def(Abbrev::Array, ArrayType, true, {{NameAt, String}, {TypeAt, RefAddr}});
  def(Abbrev::Subrange, SubrangeType, false, {{Count, UData}});
  def(Abbrev::Typedef, TypedefTag, false, {{NameAt, String}, {TypeAt, RefAddr}});
  def(Abbrev::Unspecified, UnspecifiedType, false, {{NameAt, String}});
  b.u8_(0);
  return std::move(b.bytes);
}
}  // namespace vole::dwarf
