// The Plan 9 assembler's door.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "diag/diag.h"
#include "object/object.h"

namespace vole::assembler {
struct Options {
  Name package;                                              // link path of the package
  std::vector<std::pair<std::string, std::string>> defines;  // -D
  std::string go_asm_h;                                      // text of the generated header of this package
  std::vector<std::string> include_dirs;
  std::string* listing = nullptr;  // receives every statement beside its bytes (listing.cc)
};
// Symbols mentioned in a .s file, without assembling it (gc's -gensymabis). Names have the package filled in,
// no ".abi0".
struct SymAbis {
  std::vector<Name> abi0_defs, abiinternal_defs, abi0_refs, abiinternal_refs;
};
bool scan_symabis(Name path, std::string_view text, const Options& options, SymAbis& out,
                  diag::Diagnostics& diags);
// Assembles one file into `object`. ABI0 definitions and references get the suffix ".abi0" (docs/contract.md
// §1).
bool assemble(Name path, std::string_view text, const Options& options, object::Object& object,
              diag::Diagnostics& diags);
}  // namespace vole::assembler
