// What the compiler of one package may know about the functions of another: what they keep of their pointers,
// and the bodies of small ones.
//
//   exports = packages {text} · tables {bytes} · functions {name, summary {bytes}, body {bytes, empty: none}}
// `packages` are those (by the package part of link names) whose functions the bodies call: a copy of such a
// body may copy from there, too.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <memory>

#include "ssa/codec.h"
#include "ssa/ssa.h"

namespace vole::opt {
class Exports {
 public:
  struct Entry {
    ssa::EscapeSummary summary;
    std::span<const u8> body;
  };
  // `bytes` must outlive the object. Null when they are damaged.
  static std::unique_ptr<Exports> read(std::span<const u8> bytes);
  // The packages alone. Cheap.
  static bool packages(std::span<const u8> bytes, std::vector<std::string>& out);
  const Entry* find(Name function) const {
    auto it = entries_.find(function);
    return it == entries_.end() ? nullptr : &it->second;
  }
  const absl::flat_hash_map<Name, Entry>& entries() const { return entries_; }
  // The body of an entry, its symbols in `object`; null when it has none.
  std::unique_ptr<ssa::Func> body(const Entry& e, object::Object& object) const {
    return e.body.empty() ? nullptr : reader_.read(Decoder(e.body), object);
  }

 private:
  ssa::FuncReader reader_;
  absl::flat_hash_map<Name, Entry> entries_;
};
// The exports of a module that run_module has been over.
std::vector<u8> write_exports(const ssa::Module& m, bool bodies = true);
}  // namespace vole::opt
