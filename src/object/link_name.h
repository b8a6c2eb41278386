// The package part of link names. Whoever makes or looks up a symbol of a package gets its prefix here: the
// rule is gc's, and programs see it (tracebacks, runtime.FuncForPC, //go:linkname, assembly).
#pragma once
#include <string>
#include <string_view>

namespace vole::object {
// Appends the import path with its escapes: control characters, blanks, '%', '"' and bytes beyond ASCII
// anywhere, and dots in the last element, as %xx. So the first dot behind the last slash of a link name ends
// its package part.
void append_link_path(std::string& out, std::string_view import_path);

// The package part of link names of a package: its escaped path, or "main" for every command.
std::string link_path(std::string_view import_path, std::string_view package_name = {});

// The link name of what a user names in full, "import/path.name" (-X): the last dot ends the path.
std::string link_name(std::string_view path_and_name);

// The package part of a link name (still escaped), "" where it has none: "a/b%2ec" of "a/b%2ec.(*T).M".
std::string_view package_of(std::string_view link_name);
}  // namespace vole::object
