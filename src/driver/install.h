// Where vole's own files and the Go sources are.
#pragma once
#include <string>

namespace vole::driver {
struct Install {
  std::string goroot;      // Go source tree
  std::string go_version;  // its version, "go1.27.4"
  std::string overlay;     // packages that replace goroot's
  std::string runtime_archive;
};
// Finds them: VOLE_GOROOT, GOROOT, or the tree that set-up unpacked beside the program. On failure returns
// false and sets `error` to one line.
bool find_install(Install& out, std::string& error);
// The version `vole version` and runtime.Version() show.
std::string version_string(const Install& install);
}  // namespace vole::driver
