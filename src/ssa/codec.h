// Functions as bytes, for bodies that other packages copy. Symbols travel by name, positions by file and
// line; debug values are left out.
#pragma once
#include <absl/container/flat_hash_map.h>

#include "base/codec.h"
#include "ssa/ssa.h"

namespace vole::ssa {
// Tables that the functions of one package share: names and position bases. Written behind the functions,
// read before them.
class FuncWriter {
 public:
  void write(const Func& f, Encoder& e);
  void write_tables(Encoder& e) const;
  u32 name(Name n);

 private:
  void pos(Pos p, Encoder& e);
  void sig(const Sig& s, Encoder& e);
  void layout(const Layout& l, Encoder& e);
  absl::flat_hash_map<Name, u32> name_ids_;
  std::vector<Name> names_;
  absl::flat_hash_map<u32, u32> base_ids_;
  std::vector<u32> bases_;
};

class FuncReader {
 public:
  bool read_tables(Decoder& d);
  Name name(u64 id) const { return id < names_.size() ? names_[id] : Name(); }
  // Rebuilds a function whose symbols are `object`'s. Null on malformed input. Safe for several threads at
  // once.
  std::unique_ptr<Func> read(Decoder d, object::Object& object) const;

 private:
  std::vector<Name> names_;
  std::vector<u32> bases_;
};
}  // namespace vole::ssa
