// DWARF 5 of the program: a unit for the types, then one for each package, put together from what objects
// hold about their functions (object/func_tables.h). First everything is measured, so that each unit has its
// place in the sections; then units are written, each by itself.
#pragma once
#include <array>
#include <memory>

#include "base/task_graph.h"
#include "link/context.h"
#include "object/dwarf.h"

namespace vole::link {
// The types unit. Types are asked for by link string; each gets one entry.
class DwarfTypes {
 public:
  explicit DwarfTypes(Context& c) : c_(c) {}
  // The number of a type, to be asked for its offset after finish().
  u32 want(Name link_string);
  std::vector<u8> finish();  // the unit; it stands at the section's start
  u32 offset_of(u32 type) const { return offsets_[type]; }

 private:
  struct Descriptor;
  void write(Name type);
  void write_described(const Descriptor& d, std::string_view name);
  bool write_composite(std::string_view name);
  bool describe(std::string_view name, Descriptor& out);
  void base(std::string_view name, u32 kind);
  void pointer(std::string_view name, std::string_view to);
  void members(std::string_view name, u64 size,
               std::initializer_list<std::pair<const char*, std::string_view>> words);
  void ref(std::string_view name);

  Context& c_;
  dwarf::Bytes info_;
  absl::flat_hash_map<Name, u32> index_;
  std::vector<Name> names_;
  std::vector<u32> offsets_;
  struct Fixup {
    size_t at;
    u32 type;
  };
  std::vector<Fixup> fixups_;
};

class Dwarf {
 public:
  explicit Dwarf(Context& c);
  ~Dwarf();
  enum SectionIndex { Abbrevs, Info, Line, Locations, Ranges, Frame, SectionCount };
  struct DebugSection {
    const char* name;
    u64 size = 0;
    u8* at = nullptr;  // where it is to be written
  };
  // Adds tasks after which the sections' sizes are known. Code must have its addresses.
  void add_measuring(TaskGraph& tasks);
  // Adds tasks that write the sections to where `at` says. Everything must have its address.
  void add_writing(TaskGraph& tasks);
  std::array<DebugSection, SectionCount> sections{{{".debug_abbrev"},
                                                   {".debug_info"},
                                                   {".debug_line"},
                                                   {".debug_loclists"},
                                                   {".debug_rnglists"},
                                                   {".debug_frame"}}};

 private:
  class Unit;
  void divide();  // the program into units
  void place();   // gives units their offsets
  void write_shared();

  Context& c_;
  DwarfTypes types_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::vector<u8> abbreviations_, type_unit_;
};
}  // namespace vole::link
