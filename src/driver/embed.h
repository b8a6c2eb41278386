// //go:embed patterns → files (package embed's rules).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "irgen/irgen.h"

namespace vole::driver {
// Appends the names of the files that `pattern` stands for below `dir`, in name order. Links are not
// followed, and what another module holds is not embedded. Returns false after setting `error` ("pattern P:
// …").
bool match_embed(const std::string& dir, std::string_view pattern, std::vector<std::string>& out,
                 std::string& error);

// Appends the files that `pattern` names below `dir`, in name order; bytes live in `arena`. Returns false
// after setting `error`.
bool resolve_embed(const std::string& dir, std::string_view pattern, Arena& arena,
                   std::vector<irgen::EmbedFile>& out, std::string& error);
}  // namespace vole::driver
