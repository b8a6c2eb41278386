// Kinds of references from bytes to symbols. Data kinds mean the same on every machine and are the linker's
// own arithmetic; code kinds are fields of instructions, which the machine's `patch` fills in (info.h). A
// machine whose instructions hold addresses in other ways (pages and offsets, 26-bit branches) adds code
// kinds here.
#pragma once
#include "base/base.h"

namespace vole::target {
enum class RelocKind : u8 {
  Abs64,          // S + A, 8 bytes
  Abs32,          // S + A, 4 bytes, must fit
  PcRel32,        // S + A - P, 4 bytes (A carries what follows the field in its instruction)
  Call32,         // code: a direct call or jump to a function (followed for the nosplit check)
  TypeOff,        // 4 bytes: S + A - start of the types section (NameOff and TypeOff)
  TextOff,        // 4 bytes: S + A - start of text
  WeakTypeOff,    // as TypeOff, but 0 when nothing else keeps S
  WeakAbs64,      // as Abs64, but runtime.unreachableMethod when nothing else keeps S (methods in itabs)
  MethodOff,      // as TextOff within an uncommon type's method table; -1 when the method is pruned
  MethodTypeOff,  // as TypeOff, the Mtyp field of the same table; pruned together with its MethodOff pair
  Tls32,          // 4 bytes: offset of the slot of g from the thread pointer
  Size32,         // 4 bytes: size of S
  SecRel32,       // 4 bytes: offset in its debug section
  // Markers, no bytes:
  Keep,            // S is needed whenever the holder is
  UseIface,        // type S is converted to an interface in the holder: its methods become reachable through
                   // interfaces
  UseIfaceMethod,  // a method of interface type S at method-table offset A is called
  UseNamedMethod,  // a method with the name of symbol S (text after the last dot) is looked up by reflection
};
}  // namespace vole::target
