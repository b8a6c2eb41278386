// What the linker needs of a function, in the form it will have in the executable: encoded once when the
// object is written, so that linking copies bytes and fills in what only it knows (addresses, and numbers of
// names and types).
//
// Two lists per object are what the tables refer to: `files` (entry 0 stands for an unknown place) and
// `names` (link strings of types, link names of inlined functions).
#pragma once
#include <absl/container/flat_hash_map.h>

#include "base/codec.h"
#include "object/object.h"

namespace vole::object {
struct FuncTables {
  u32 args_size = 0, frame_size = 0, deferreturn = 0, start_line = 0;
  u8 func_id = 0, flags = 0;
  // Tables from code offsets to values in gc's format: pairs of varints (value delta zigzag, length), closed
  // by 0. Empty: no table.
  std::span<const u8> pcsp, pcfile, pcline, pcinline, unsafe_point, stackmap_index;
  // Function data: stack maps {count u32, bits u32, bitmaps}, the inlining tree {func_id u8, 0 u8[3], index
  // in `names` u32, parent_pc u32, start_line u32}…, argument layout. Empty: none.
  std::span<const u8> args_map, locals_map, inlines, arg_info;
  // DWARF: the function's entry with its children and what to fill in there; its lists for .debug_loclists
  // and .debug_rnglists, each beginning with a base address of 0 to be replaced; its rows of the line
  // program, with the address to set at RowsAddress; instructions of its frame.
  std::span<const u8> entry, fixups, locations, ranges, rows, frame;

  static constexpr size_t InlineSize = 16, InlineName = 4, RowsAddress = 3, ListAddress = 1;
};

// Something to fill in at an offset of FuncTables::entry.
struct Fixup {
  enum Kind : u8 {
    Address,    // 8 bytes: the function's address + value
    Type,       // 4 bytes: offset in .debug_info of the type names[value]
    Origin,     // 4 bytes: offset in the unit of the abstract function names[value]
    Locations,  // 4 bytes: offset in .debug_loclists of the list at `value` of this function's
    Ranges,     // 4 bytes: the same in .debug_rnglists
    Count,
  };
  size_t at;
  Kind kind;
  u32 value;
  size_t width() const { return kind == Address ? 8 : 4; }
};

// Numbers files and names while an object's functions are written.
class TableNames {
 public:
  TableNames() { file(Name()); }
  u32 file(Pos p) { return p.known() ? file(p.base().shown) : 0; }
  u32 name(Name n) { return number(n, name_ids_, names); }
  std::vector<Name> files, names;

 private:
  u32 file(Name n) { return number(n, file_ids_, files); }
  static u32 number(Name n, absl::flat_hash_map<Name, u32>& ids, std::vector<Name>& list) {
    auto [it, fresh] = ids.try_emplace(n, static_cast<u32>(list.size()));
    if (fresh) list.push_back(n);
    return it->second;
  }
  absl::flat_hash_map<Name, u32> file_ids_, name_ids_;
};

// Encodes the tables of a text symbol with a FuncInfo.
std::vector<u8> write_tables(const Symbol& s, const target::TargetInfo& target, TableNames& names);
// The other direction; spans point into `bytes`. `bytes` must have passed check_tables.
FuncTables read_tables(std::span<const u8> bytes);
// Whether bytes are well-formed tables of a function of `code_size` bytes that refer to so many files and
// names.
bool check_tables(std::span<const u8> bytes, size_t files, size_t names);

// Calls use(offset end, value) for each run of a pc table. Returns false at a malformed one.
template <class Use>
bool for_each_run(std::span<const u8> table, Use&& use) {
  if (table.empty()) return true;
  Decoder d(table);
  u32 end = 0;
  i32 value = -1;
  for (bool first = true;; first = false) {
    u32 delta = static_cast<u32>(d.u());
    if (delta == 0 && !first) return !d.failed() && d.at_end();
    value += static_cast<i32>(delta >> 1 ^ (0u - (delta & 1)));
    end += static_cast<u32>(d.u());
    if (d.failed()) return false;
    use(end, value);
  }
}

template <class Use>
void for_each_fixup(std::span<const u8> fixups, Use&& use) {
  Decoder d(fixups);
  size_t at = 0;
  while (!d.at_end() && !d.failed()) {
    at += static_cast<size_t>(d.u());
    u64 v = d.u();
    Fixup f{at, static_cast<Fixup::Kind>(v % Fixup::Count), static_cast<u32>(v / Fixup::Count)};
    use(f);
    at += f.width();
  }
}
}  // namespace vole::object
