// Tags of types and constant values in export data.
#pragma once
#include "base/base.h"

namespace vole::pkgdata {
constexpr u64 Version = 2;
// clang-format off
enum class TypeTag : u8 {
  Seen, Basic, Byte, Rune, Error, Any, Comparable,  // Seen: index; Basic: kind
  // Own: index of a type of this package; Imported: package, name; Instance: generic type, arguments
  Own, Imported, Instance,
  Pointer, Slice, Array, Map, Chan, Struct, Signature, Interface, Union, TypeParam, Tuple,
};
// clang-format on
enum FuncFlag : u32 { PtrRecv = 1, Generic = 2, HasBody = 4 };
}  // namespace vole::pkgdata
