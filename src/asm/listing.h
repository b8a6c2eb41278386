// Prints assembled functions for comparison (format at the top of listing.cc).
#pragma once
#include <string>
#include <vector>

#include "asm/encode.h"

namespace vole::assembler {
// Where statements came to lie.
struct Layout {
  const std::vector<u32>& offsets;  // by statement, and the end of the last
  const std::vector<i32>& sp;       // by statement: bytes under the return address
  i32 bp;
  const absl::flat_hash_map<std::string_view, u32>& labels;
};
void list_function(const Function& f, const Layout& layout, std::string& out);
}  // namespace vole::assembler
