// GODEBUG settings that a program starts with: what its go line, godebug lines and //go:debug directives say
// (go.dev/doc/godebug).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "diag/diag.h"
#include "driver/load.h"

namespace vole::driver {
// The settings that a Go tree knows, with the Go 1 minor version from which on each has its present default.
class GodebugTable {
 public:
  // Reads internal/godebugs out of the tree.
  explicit GodebugTable(const std::string& goroot);

  struct Setting {
    std::string name, old;  // `old`: the value that versions before `changed` had
    int changed = 0;        // 0: never
  };
  const std::vector<Setting>& all() const { return settings_; }
  // Why KEY=VALUE cannot be set; empty: it can. `what` names the kind of line, `running` is the tree's
  // version
  // ("go1.27.4").
  std::string fault(std::string_view what, std::string_view key, std::string_view value,
                    const std::string& running) const;

 private:
  std::vector<Setting> settings_;
};

// The //go:debug lines of a program's files, "key=value"; faults go to `diags`.
std::vector<std::string> godebug_directives(const LoadedPackage& p, const GodebugTable& table,
                                            const std::string& running, diag::Diagnostics& diags);

// The value of DefaultGODEBUG of a program: "key=value,…" in order of keys. False after putting what is wrong
// with directives into `diags`, or with lines of go.mod into `error`.
bool default_godebug(const LoadedPackage& p, const Modules& modules, const std::string& goroot,
                     const std::string& running, std::string& out, diag::Diagnostics& diags,
                     std::string& error);
}  // namespace vole::driver
