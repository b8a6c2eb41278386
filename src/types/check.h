// The type checker's door: syntax trees of a package in, checked Package out.
#pragma once
#include <functional>

#include "diag/diag.h"
#include "types/types.h"

namespace vole::types {
struct Config {
  // Returns the checked package for an import path as written in the source, or null after `error` has been
  // set to the message (without position), e.g. "package foo is not in std". Called on the checking thread.
  std::function<Package*(Name path, std::string& error)> import;
  Name go_version = {};                 // language version of the module, "go1.27" style; empty = newest
  bool allow_unsafe_internals = false;  // package runtime and friends
  bool has_assembly = false;            // the package has .s files: functions may lack bodies
  bool ignore_bodies = false;           // check declarations only
  bool report_unused = true;
  std::function<bool(Name local_import)>
      is_std;  // whether an import path belongs to the standard library (linknamestd rules)
};

// Checks `files` (parsed without syntax errors) as package `path`. Always returns a Package; when diags is
// not empty it must not be compiled. Takes ownership of the files. Messages have gc's wording and position.
std::unique_ptr<Package> check(Name path, std::vector<std::unique_ptr<syntax::File>> files,
                               const Config& config, diag::Diagnostics& diags);

// What is wrong with an import path as such, empty when nothing is.
std::string import_path_fault(std::string_view path);

// Reports misused labels of files that have syntax errors and are not checked.
void check_labels(const std::vector<std::unique_ptr<syntax::File>>& files, diag::Diagnostics& diags);

// Completes a package read from export data: `files` declare its generic functions, whose Func objects exist
// without type. Only Config::import is used. Messages mean damaged data.
void restore(Package& pkg, std::vector<std::unique_ptr<syntax::File>> files, const Config& config,
             diag::Diagnostics& diags);
}  // namespace vole::types
