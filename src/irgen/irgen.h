// From checked packages to SSA: the door of irgen/. Functions become ssa::Funcs; type descriptors, itabs,
// static data, embedded files and initialisation tasks are filled into the Object directly.
#pragma once
#include <absl/container/flat_hash_set.h>

#include <functional>
#include <memory>

#include "diag/diag.h"
#include "object/object.h"
#include "ssa/ssa.h"
#include "types/types.h"

namespace vole::irgen {
// What the package's .s files say about symbols (asm/ scans them before the package is compiled). Names are
// link names without ".abi0".
struct AsmSymbols {
  absl::flat_hash_set<Name> abi0_defs, abiinternal_defs, abi0_refs;
};
struct EmbedFile {
  std::string name;        // path as embed.FS shows it
  std::string_view bytes;  // must outlive the object's writing
};
struct Options {
  Name link_path;  // package part of link names; "main" for commands
  AsmSymbols asm_symbols;
  bool is_runtime = false;  // package runtime: bodyless functions are ABI0-defined by the runtime archive
  bool optimize = true;     // false: -N
  // Resolves one //go:embed pattern, in order; returns false after setting `error`.
  std::function<bool(std::string_view pattern, std::vector<EmbedFile>& files, std::string& error)> embed;
};

// Builds the SSA of every function the package owns (instances of generics it needs included, dupok). `pkg`
// must be free of errors; errors that only show here (unresolved embed patterns, frames too large, bad
// linknames) go to `diags`.
std::unique_ptr<ssa::Module> build(types::Package& pkg, object::Object& object, const Options& options,
                                   diag::Diagnostics& diags);
}  // namespace vole::irgen
