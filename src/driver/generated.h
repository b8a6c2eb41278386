// The few Go files that exist in no source package because Go's own build makes them: the loader adds them to
// their packages.
#pragma once
#include <string>
#include <string_view>

namespace vole::driver {
// Returns the text of the file to add to a std package, named by `file`; empty when it has none. `goroot`:
// the Go source tree.
std::string generated_file(std::string_view import_path, std::string_view go_version,
                           const std::string& goroot, std::string& file);
}  // namespace vole::driver
