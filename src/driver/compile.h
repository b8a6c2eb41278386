// One package from source to object: parse → check → SSA → optimise → machine code, and its assembly files.
#pragma once
#include <functional>
#include <memory>

#include "driver/load.h"
#include "object/object.h"
#include "opt/exports.h"
#include "types/types.h"

namespace vole::driver {
struct CompileOptions {
  std::string goroot;
  Platform platform;
  bool verify = false;            // check the SSA form after every pass
  bool bodies_elsewhere = false;  // functions without bodies are no error
  std::string dump;  // PHASE[:FUNC]: "ssa" before, "opt" after the optimiser, "statements" lists assembly
                     // beside its bytes
};

// Seconds of processor time by phase.
struct Timings {
  double parse = 0, check = 0, irgen = 0, opt = 0, codegen = 0, assemble = 0;
  size_t lines = 0;
};

struct CompiledPackage {
  LoadedPackage* source = nullptr;
  std::string link_path;                  // package part of link names
  std::unique_ptr<types::Package> types;  // set when compiled here or read from the cache
  std::unique_ptr<object::Object> object;
  std::vector<u8> exports;  // of its functions (opt/exports.h)
  diag::Diagnostics diags;
  Timings timings;
  bool ok = false;
};

// Folders in which assembly of p looks for what it includes.
std::vector<std::string> include_dirs(const LoadedPackage& p, const CompileOptions& o);

// Compiles p.source. `import` gives the compiled package for an import path as written; it must be complete.
// `exports` gives what the functions of a package let others know, by the package part of link names. Errors
// are in p.diags.
void compile_package(CompiledPackage& p, const CompileOptions& options,
                     const std::function<types::Package*(std::string_view path)>& import,
                     const std::function<const opt::Exports*(std::string_view package)>& exports);

// The text of go_asm.h: the package's integer constants, struct sizes and field offsets for its assembly
// files.
std::string go_asm_header(types::Package& package);
}  // namespace vole::driver
