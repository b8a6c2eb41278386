// The parser's door: the bytes of one file in, its syntax tree out.
#pragma once
#include <memory>

#include "diag/diag.h"
#include "syntax/ast.h"

namespace vole::syntax {
struct ParseOptions {
  bool imports_only = false;  // stop after the import declarations
  Name source;                // file that the text is in, when positions are to show another name
  u32 max_depth = 10000;      // nesting limit; deeper input is one diagnostic
};
// Parses `text` (which must outlive the tree). `path` is what diagnostics show and what the position base
// names. Always returns a File; on syntax errors `has_errors` is set and the messages are in `diags`, with
// gc's wording and position.
std::unique_ptr<File> parse(Name path, std::string_view text, diag::Diagnostics& diags,
                            const ParseOptions& options = {});
}  // namespace vole::syntax
