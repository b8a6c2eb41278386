// What a command's arguments name: import paths, folders, and patterns over both ("./...", "net/...", "std").
#pragma once
#include <string>
#include <vector>

#include "diag/diag.h"
#include "driver/module.h"

namespace vole::driver {
// Whether an argument may stand for several packages.
bool is_pattern(const std::string& argument);

// Whether a name matches a pattern: "..." is any text, "/..." at the end may be missing; only a pattern that
// names a vendor folder matches what lies in one.
bool matches_pattern(std::string_view pattern, std::string_view name);

// Import paths that an argument names ("all" is the caller's). A literal import path is named whether it
// exists or not: loading says what is wrong. Folders without files that this build takes may be among what a
// pattern gives. What is wrong goes to `diags`.
std::vector<std::string> expand_pattern(const std::string& argument, const std::string& cwd,
                                        const Modules& modules, const std::string& goroot,
                                        diag::Diagnostics& diags);
}  // namespace vole::driver
