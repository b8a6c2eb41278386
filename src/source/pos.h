// Source positions. A Pos names a position base (a file, or a stretch of one governed by a //line directive)
// and a line and column in it, packed in 8 bytes so that no table is needed to read the line. Lines and
// columns count from 1; columns count bytes. 0 means unknown. Values past the field's range saturate.
#pragma once
#include <string_view>

#include "base/name.h"

namespace vole::source {
struct PosBase {
  Name shown;          // file name as diagnostics and line tables show it (after //line)
  Name path;           // file to read the source text from; empty when there is none
  i32 line_delta = 0;  // physical line = shown line - line_delta
  u32 index = 0;
  bool hide_column = false;  // a //line directive without a column: columns are not shown
  bool directive = false;    // begun by a //line directive
  // A directive with a column moves the columns of its first line.
  u32 first_line = 0;
  i32 col_delta = 0;
};

class Pos {
 public:
  static constexpr u32 MaxLine = (1u << 20) - 1, MaxCol = (1u << 12) - 1;
  constexpr Pos() = default;
  Pos(u32 base_index, u32 line, u32 col)
      : base_(base_index), lc_((line > MaxLine ? MaxLine : line) << 12 | (col > MaxCol ? MaxCol : col)) {}
  u32 line() const { return lc_ >> 12; }
  u32 col() const { return lc_ & MaxCol; }
  u32 base_index() const { return base_; }
  bool known() const { return lc_ != 0; }
  const PosBase& base() const;  // of a known position
  u32 shown_col() const;        // the column that messages show; 0: none
  std::string_view file() const { return known() ? base().shown.text() : std::string_view(); }
  friend bool operator==(Pos, Pos) = default;
  // Order within a file: by line, then column; across files by base index.
  friend bool operator<(Pos a, Pos b) { return a.base_ != b.base_ ? a.base_ < b.base_ : a.lc_ < b.lc_; }

 private:
  u32 base_ = 0, lc_ = 0;
};

// Registers a position base, whose index is set here, and returns its index (never 0). Thread safe; bases
// live until the process ends.
u32 add_pos_base(PosBase base);
inline u32 add_pos_base(Name shown, Name path, i32 line_delta) {
  return add_pos_base({.shown = shown, .path = path, .line_delta = line_delta, .index = 0});
}
}  // namespace vole::source

namespace vole {
using source::Pos;
}
