// Finds packages and what they import: import path → folder → the files this build uses → their imports,
// transitively, in dependency order.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "diag/diag.h"
#include "driver/build_context.h"
#include "driver/module.h"
#include "driver/package_flags.h"
#include "source/pos.h"

namespace vole::syntax {
struct File;
}

namespace vole::driver {
struct SourceFile {
  std::string path;  // where it is, absolute
  std::string text;
  std::string shown;  // how line tables name it: `path`, or the trimmed form
  std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
};
struct LoadedPackage {
  std::string import_path;  // as link names and diagnostics show it ("vendor/golang.org/x/…" in std)
  std::string name;
  std::string dir;
  bool is_std = false;  // below goroot/src, cmd included
  const Module* module =
      nullptr;             // that it belongs to; null for std and files of the command line outside a module
  std::string go_version;  // language version of its module ("go1.27"); empty: the newest
  std::vector<SourceFile> go_files;  // sorted by name
  std::vector<SourceFile> asm_files;
  std::vector<std::string> ignored_files, test_files;  // names of Go files that are no part of it
  struct Import {
    std::string path;  // as written
    Pos pos;
    LoadedPackage* package;  // null for "unsafe"
  };
  std::vector<Import> imports;  // one for each path, sorted by it
  // What is wrong, for listings: with the package itself, and with imports that cannot be loaded.
  struct Error {
    Pos pos;
    std::string text;
  };
  std::vector<Error> errors, import_errors;
  bool visiting = false, done = false;
  PackageFlags flags;      // set for a build
  bool test_only = false;  // it has no files but tests
};

struct LoadOptions {
  std::string goroot;       // the Go source tree
  std::string golib;        // folder whose packages replace those of goroot/src, or empty
  bool trim_paths = false;  // -trimpath
  bool listing =
      false;  // packages are listed: what is wrong with imports of theirs is kept in them and no failure
  bool no_imports = false;  // imports are not looked for
  bool checker_reports =
      false;  // faults of import paths are left to the type checker, as gc's compiler has it
  absl::flat_hash_map<std::string, std::string>
      overlay;  // -overlay: file → the file to read instead, or "" when it is to be missing
};

class Loader {
 public:
  Loader(const BuildContext& context, LoadOptions options, Modules modules);

  // Loads a package and everything it imports. On failure messages are in `diags`, and the result is null or,
  // for listings, as far as it went.
  LoadedPackage* load(const std::string& import_path, diag::Diagnostics& diags,
                      const LoadedPackage* importer = nullptr);
  // A package that could not be loaded, with what is wrong with it.
  LoadedPackage* faulty(const std::string& import_path, const diag::Diagnostics& why);
  // Whether this build selects any Go file of the package (patterns pass over folders where it does not).
  bool selects_files(const std::string& import_path) const;
  // Loads files named on the command line as package main (or whatever they say), with what they import.
  LoadedPackage* load_files(const std::vector<std::string>& files, diag::Diagnostics& diags);

  // The test files of this build, those of the external test package apart.
  struct Tests {
    std::vector<std::string> internal, external;
    std::vector<std::string> internal_imports, external_imports;  // paths as written, sorted
    std::string package;                                          // that they test, by its name
  };
  Tests tests_of(const LoadedPackage& p) const;

  const Modules& modules() const { return modules_; }
  // All packages loaded, each after those it imports.
  const std::vector<LoadedPackage*>& order() const { return order_; }
  // `roots` and all that they import, each after those it imports.
  std::vector<LoadedPackage*> closure(const std::vector<LoadedPackage*>& roots) const;

 private:
  LoadedPackage* find(const std::string& path, const LoadedPackage* importer, Pos pos,
                      diag::Diagnostics& diags);
  bool locate(const std::string& path, const LoadedPackage* importer, LoadedPackage& out) const;
  bool may_import(const LoadedPackage& importer, const LoadedPackage& p) const;
  bool read_folder(LoadedPackage& p, Pos pos, diag::Diagnostics& diags);
  bool read_source(const std::string& path, std::string& out, std::string& error) const;
  std::string file_fault(const std::string& name, const std::string& path) const;
  bool has_folder(const std::string& dir) const;
  bool other_module(const std::string& root, const std::string& below) const;
  std::string unloadable(const LoadedPackage& importer, const std::string& path) const;
  std::vector<std::string> names_in(const std::string& dir, std::string& error) const;
  std::string shown_name(const LoadedPackage& p, const std::string& file) const;
  bool take_tests(LoadedPackage& p, Pos pos, diag::Diagnostics& diags) const;
  void add_generated(LoadedPackage& p) const;
  bool read_imports(LoadedPackage& p, Pos pos, diag::Diagnostics& diags);
  bool check_embeds(const LoadedPackage& p, const SourceFile& f, const syntax::File& file,
                    diag::Diagnostics& diags) const;
  bool finish(LoadedPackage& p, Pos pos, diag::Diagnostics& diags);
  bool load_import(LoadedPackage& p, LoadedPackage::Import& i, diag::Diagnostics& diags);
  std::string cycle_through(const LoadedPackage& p) const;

  const BuildContext& context_;
  LoadOptions options_;
  absl::flat_hash_set<std::string>
      overlay_folders_;  // those that hold a file of the overlay, and all above them
  Modules modules_;
  std::string go_version_;  // of goroot, "go1.27.4"
  std::deque<LoadedPackage> packages_;
  absl::flat_hash_map<std::string, LoadedPackage*> by_path_;
  std::vector<LoadedPackage*> order_, stack_;
  std::vector<std::string> cycles_;  // import cycles found, as messages
};
}  // namespace vole::driver
