// Finds packages and what they import: import path → folder → the files this build uses → their imports, transitively, in dependency order.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "diag/diag.h"
#include "driver/build_context.h"
#include "driver/module.h"
#include "source/pos.h"

namespace vole::driver {
struct SourceFile {
  std::string path;   // absolute
  std::string text;
};
struct LoadedPackage {
  std::string import_path;           // as link names and diagnostics show it ("vendor/golang.org/x/…" in std)
  std::string name;
  std::string dir;
  bool is_std = false;
  std::string go_version;            // language version of its module ("go1.27"); empty: the newest
  std::vector<SourceFile> go_files;  // sorted by name
  std::vector<SourceFile> asm_files;
  struct Import {
    std::string path;                // as written
    Pos pos;
    LoadedPackage* package;          // null for "unsafe"
  };
  std::vector<Import> imports;       // one for each path, in order of first appearance
  bool visiting = false, done = false;
};

class Loader {
 public:
  // `goroot`: the Go source tree. `overlay`: folder whose packages replace those of goroot/src (golib), or empty.
  Loader(const BuildContext& context, std::string goroot, std::string overlay);

  // Sets the main module, so that imports below its path are found in its folder (and those of replaced modules in theirs).
  void set_module(Module m) { module_ = std::move(m); }

  // Loads a package and everything it imports. On failure returns null; messages are in `diags`.
  LoadedPackage* load(const std::string& import_path, diag::Diagnostics& diags);
  // Whether this build selects any Go file of the package (patterns pass over folders where it does not).
  bool selects_files(const std::string& import_path) const;
  // Loads files named on the command line as package main (or whatever they say), with what they import.
  LoadedPackage* load_files(const std::vector<std::string>& files, diag::Diagnostics& diags);

  // All packages loaded, each after those it imports.
  const std::vector<LoadedPackage*>& order() const { return order_; }

 private:
  LoadedPackage* find(const std::string& path, const LoadedPackage* importer, Pos pos, diag::Diagnostics& diags);
  bool locate(const std::string& path, const LoadedPackage* importer, LoadedPackage& out) const;
  bool read_folder(LoadedPackage& p, Pos pos, diag::Diagnostics& diags);
  void add_generated(LoadedPackage& p) const;
  bool read_imports(LoadedPackage& p, diag::Diagnostics& diags);
  bool finish(LoadedPackage& p, diag::Diagnostics& diags);
  std::string cycle_through(const LoadedPackage& p) const;

  const BuildContext& context_;
  std::string goroot_, overlay_;
  Module module_;
  std::string go_version_;   // of goroot, "go1.27.4"
  std::deque<LoadedPackage> packages_;
  absl::flat_hash_map<std::string, LoadedPackage*> by_path_;
  std::vector<LoadedPackage*> order_, stack_;
};
}  // namespace vole::driver
