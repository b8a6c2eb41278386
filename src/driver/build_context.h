// Which files belong to a build: target, tags, file-name suffixes and `//go:build` lines (go help
// buildconstraint).
#pragma once
#include <absl/container/flat_hash_set.h>

#include <string>
#include <string_view>

#include "driver/platform.h"

namespace vole::driver {
struct BuildContext : Platform {
  bool cgo = false;
  absl::flat_hash_set<std::string> tags;  // -tags

  // Whether a build tag holds for this target.
  bool has_tag(std::string_view tag) const;
  // Whether a file's name allows it (NAME_GOOS_GOARCH.go and the like).
  bool matches_name(std::string_view file_name) const;
  // Whether the constraint above the package clause (or the first statement of an assembly file) holds.
  // `error` is set when it is malformed. `// +build` lines count where there is no `//go:build`.
  bool matches_text(std::string_view text, std::string& error) const;

 private:
  bool has_arm64_tag(std::string_view level) const;
};

// The newest language version: tags go1.1 to go1.LanguageMinor hold.
constexpr int LanguageMinor = 27;
}  // namespace vole::driver
