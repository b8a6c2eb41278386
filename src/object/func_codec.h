// FuncInfo ↔ bytes. Positions refer to a table of position bases that is collected while functions are written.
#pragma once
#include <absl/container/flat_hash_map.h>

#include "base/codec.h"
#include "object/object.h"

namespace vole::object {
class FuncCodec {
 public:
  // Writing: any number of functions, then the bases they used.
  void write(const FuncInfo& f, Encoder& e);
  void write_bases(Encoder& e);

  // Reading: first the bases, then the functions in the order written. `symbols` resolves ids.
  void read_bases(Decoder& d);
  void read(Decoder& d, FuncInfo& f, std::deque<Symbol>& symbols);

 private:
  void pos(Pos p, Pos previous, Encoder& e);
  Pos pos(Pos previous, Decoder& d);
  u32 base(u32 index);

  absl::flat_hash_map<u32, u32> base_ids_;   // process-wide index → index in this file
  std::vector<u32> bases_;                   // and back
};
}  // namespace vole::object
