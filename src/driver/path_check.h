// The rules for import and module paths that are not the language's own (golang.org/x/mod/module, "CheckPath"
// and "CheckImportPath"; go help modules).
#pragma once
#include <string>
#include <string_view>

namespace vole::driver {
// Why `path` can be no import path, in go's words ("trailing slash"); empty: it can.
std::string import_path_fault(std::string_view path);
// The same for the path of a module that others may require: its first element holds a dot.
std::string module_path_fault(std::string_view path);
// Why a module of that path cannot have this version ("should be v0 or v1, not v2"); empty: it can.
std::string version_fault(std::string_view path, std::string_view version);
// Whether it is vMAJOR.MINOR.PATCH with what may follow, and nothing left out.
bool is_canonical_version(std::string_view version);
}  // namespace vole::driver
