// How an Object stands in an ELF relocatable, shared by writer and reader.
//
// Each SymKind has a section of its own (contents in symbol order), a .rela section and its symbols in
// .symtab: what a linker or objdump wants to know. Symbol i of the Object is symbol i+1 of .symtab. What ELF
// has no place for stands in three more sections (codec.h's encoding):
//   .vole.pkg    version, package path, imports, the files and names that function tables refer to, symbol of
//                the initialisation task + 1, whether it is of std
//   .vole.sym    for each symbol: flags, align, go type, gc mask (words, bits)
//   .vole.func   for each text symbol with FuncInfo: its tables (func_tables.h), in symbol order
// Relocation kinds without an ELF equivalent have type FirstOwnReloc + kind.
#pragma once
#include "object/object.h"

namespace vole::object::format {
constexpr u64 Version = 4;
constexpr u32 FirstOwnReloc = 0x8000;
constexpr const char* SectionNames[] = {"",         ".text", ".rodata",    ".go.typedesc", ".go.typename",
                                        ".go.itab", ".data", ".noptrdata", ".bss",         ".noptrbss",
                                        ".debug"};
constexpr size_t KindCount = std::size(SectionNames);
// clang-format off
enum SymFlag : u32 {
  Dupok = 1, Local = 2, WeakDef = 4, NoSplit = 8, ReflectMethod = 16, Abi0 = 32, Wrapper = 64, HasFunc = 128,
  HasMask = 256, HasType = 512, Linkname = 1024, LinknameStd = 2048,
};
// clang-format on
}  // namespace vole::object::format
