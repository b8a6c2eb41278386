// -overlay: a JSON file says which files stand for which, for one build.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <string>

namespace vole::driver {
// Reads the overlay: file → the file to read instead, or "" when it is to be missing; names absolute. False
// after setting `error` to go's message.
bool read_overlay(const std::string& path, const std::string& cwd,
                  absl::flat_hash_map<std::string, std::string>& out, std::string& error);
}  // namespace vole::driver
