// The main module: go.mod, and package patterns relative to it.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "diag/diag.h"

namespace vole::driver {
struct Module {
  std::string path, dir;          // empty: no go.mod in this folder or above
  std::string go_version;         // "go1.27"
  std::vector<std::pair<std::string, std::string>> replace;  // module path → folder
};
// Finds and reads go.mod at or above `dir`. A missing one is no error. Returns false and sets `error` ("go.mod:LINE: …") when it is malformed.
bool find_module(const std::string& dir, Module& out, std::string& error);

// Import paths that a pattern of the command line names: ".", "./x", "./...", "std", "cmd/...", "a/b".
std::vector<std::string> expand_pattern(const std::string& pattern, const std::string& cwd, const Module& module, const std::string& goroot,
                                        diag::Diagnostics& diags);
}  // namespace vole::driver
