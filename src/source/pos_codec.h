// A position base as bytes: what object files and export data keep of the files that positions name.
#pragma once
#include "base/codec.h"
#include "source/pos.h"

namespace vole::source {
// Appends the base with this index.
inline void write_pos_base(u32 index, Encoder& e) {
  const PosBase& b = Pos(index, 1, 1).base();
  e.text(b.shown.text());
  e.text(b.path.text());
  e.s(b.line_delta);
  e.b(b.hide_column);
}
// Reads one and registers it; returns its index, or 0 when the input is malformed (the decoder has failed
// then).
inline u32 read_pos_base(Decoder& d) {
  PosBase b;
  b.shown = Name::intern(d.text());
  b.path = Name::intern(d.text());
  b.line_delta = static_cast<i32>(d.s());
  b.hide_column = d.b();
  return d.failed() ? 0 : add_pos_base(b);
}
}  // namespace vole::source
