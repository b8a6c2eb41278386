// What the linker's passes share. Each pass reads what earlier ones decided and fills its own part (see
// link.cc for the order).
//
// A symbol of the program is an Entity: the one definition chosen for a name, or a local symbol. Within an
// object, references are pointers to that object's own Symbols; `entity_of[object][symbol id]` leads from
// there to the Entity.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <mutex>

#include "abi/abi.h"
#include "base/task_graph.h"
#include "link/link.h"
#include "link/tables.h"

namespace vole::link {
// clang-format off
enum class SectionId : u8 {
  None, Text, RoData, Types, Pclntab, BuildInfo, NoPtrData, Data, Module, Bss, NoPtrBss, Count
};
// clang-format on

struct Entity {
  object::Symbol* sym = nullptr;  // null: undefined
  Name name;
  u32 object = 0;  // index of the defining object
  bool live = false;
  SectionId section = SectionId::None;
  u64 addr = 0;                    // after layout
  bool methods_reachable = false;  // type: converted to an interface
};

struct Section {
  const char* name;
  u64 addr = 0, size = 0, align = 16, file_offset = 0;
  std::vector<u32> entities;  // in address order
};

// Contents that the linker makes.
struct Piece {
  u64 addr;
  std::vector<u8> bytes;
};

struct Context {
  std::span<object::Object* const> objects;  // sorted by package path
  const Options& options;
  const target::TargetInfo& machine = *options.target;
  std::vector<std::string>& errors;

  std::vector<Entity> entities;
  std::vector<std::vector<u32>> entity_of;  // [object][symbol id]
  absl::flat_hash_map<Name, u32> by_name;

  Section sections[static_cast<size_t>(SectionId::Count)];
  Section& section(SectionId id) { return sections[static_cast<size_t>(id)]; }

  Tables tables;                                    // after build_pclntab
  std::vector<u32> init_tasks, runtime_init_tasks;  // entities of inittasks, in running order
  std::vector<u32> typelinks, itabs;                // entities
  std::vector<u8> build_info;                       // contents of .go.buildinfo
  std::vector<Piece> pieces;                        // function tables
  std::vector<Piece> module_pieces;  // .go.module; they replace what the section's symbols hold

  Entity& target(u32 object, const object::Symbol* s) { return entities[entity_of[object][s->id]]; }
  Entity* find(std::string_view name) {
    auto it = by_name.find(Name::intern(name));
    return it == by_name.end() ? nullptr : &entities[it->second];
  }
  void error(std::string message) {  // thread safe
    std::lock_guard lock(error_mutex);
    errors.push_back(std::move(message));
  }
  std::mutex error_mutex;
};

// What stands in itabs for methods that nothing calls; the runtime's, it says so and ends the program.
constexpr std::string_view UnreachableMethod = "runtime.unreachableMethod";

// The passes, in order.
void resolve(Context&);           // names → entities
void check_linknames(Context&);   // packages outside std refer to what std lets them
void mark_reachable(Context&);    // roots → live entities
void fold_identical(Context&);    // instances with the same code → one entity
void lay_out(Context&);           // live entities → section addresses
void check_nosplit(Context&);     // chains of functions without stack checks are short enough
void build_pclntab(Context&);     // function tables (addresses of text are final); fills section Pclntab
void lay_out_data(Context&);      // writable sections, behind the function tables
void resolve_aliases(Context&);   // names inside other symbols
void add_build_info(Context&);    // section .go.buildinfo
void order_init_tasks(Context&);  // package initialisation order
void collect_types(Context&);     // typelinks and itabs
void add_module_data(Context&);   // tables, strings and the contents of runtime.firstmoduledata
class Dwarf;
class Image;
void write_executable(Context&, Dwarf*);                // contents, symbols, debug information → ELF file
void add_contents(Context&, Image&, TaskGraph& tasks);  // … of which the loaded sections; adds tasks

// Little-endian stores into byte buffers.
inline void put32(std::vector<u8>& b, u32 v) {
  for (int i = 0; i < 4; i++) b.push_back(static_cast<u8>(v >> 8 * i));
}
inline void put64(std::vector<u8>& b, u64 v) {
  for (int i = 0; i < 8; i++) b.push_back(static_cast<u8>(v >> 8 * i));
}
inline void set32(u8* p, u32 v) {
  for (int i = 0; i < 4; i++) p[i] = static_cast<u8>(v >> 8 * i);
}
inline void set64(u8* p, u64 v) {
  for (int i = 0; i < 8; i++) p[i] = static_cast<u8>(v >> 8 * i);
}
inline u32 get32(const u8* p) {
  return static_cast<u32>(p[0]) | static_cast<u32>(p[1]) << 8 | static_cast<u32>(p[2]) << 16 |
         static_cast<u32>(p[3]) << 24;
}
inline u64 align_up(u64 v, u64 a) { return (v + a - 1) & ~(a - 1); }
}  // namespace vole::link
