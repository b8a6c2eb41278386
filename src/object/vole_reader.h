// Reads objects that write_elf made (elf_reader.cc tells them from clang's by their .vole.pkg section).
#pragma once
#include <elf.h>

#include "object/object.h"

namespace vole::object {
// `headers` are the file's section headers, `names` the section names; contents have not been checked yet.
bool read_vole_object(std::span<const u8> bytes, const target::TargetInfo& target,
                      std::span<const Elf64_Shdr> headers, std::span<const u8> names, Object& out,
                      std::string& error);
}  // namespace vole::object
