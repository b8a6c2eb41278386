// What a compiled package consists of, in memory: symbols with bytes and relocations, and what is known about
// each function. The compiler (irgen for data, codegen for text) and the assembler fill an Object;
// object/elf_*.cc write it to and read it from an ELF relocatable file; the linker takes Objects from either
// source. Symbols refer to each other by pointer within one Object; between Objects they meet by name.
//
// Lifetime: an Object owns its symbols and their bytes through its arena. Thread safety: symbols may be
// filled by several threads at once (one thread a symbol); creating symbols and allocating from the arena is
// done under `Object::mu` by the functions below.
#pragma once
#include <absl/container/flat_hash_map.h>

#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/name.h"
#include "source/pos.h"
#include "target/info.h"

namespace vole::object {
enum class SymKind : u8 {
  Undef,      // defined by another object
  Text,       // code
  RoData,     // read-only data without descriptors
  TypeDesc,   // type descriptor (type:…); the linker lays these out together
  TypeName,   // type names and other things NameOff refers to; same section as TypeDesc
  Itab,       // go:itab.…
  Data,       // initialised data with pointers (has gc_mask)
  NoPtrData,  // initialised data without heap pointers
  Bss,        // zeroed, with pointers (has gc_mask)
  NoPtrBss,
  Debug,  // DWARF contribution, see Object::debug_*
};

using target::RelocKind;

struct Symbol;
struct Reloc {
  u32 offset = 0;
  RelocKind kind = RelocKind::Abs64;
  Symbol* target = nullptr;
  i64 addend = 0;
};

// A run of one value over code bytes [previous end, end).
struct PcValue {
  u32 end;
  i32 value;
};

// A node of a function's inlining tree. Node 0 does not exist: index i in Func tables means nodes[i].
struct InlineNode {
  i32 parent = -1;     // index of the enclosing inlined call, -1 for the function itself
  Name func;           // link name of the inlined function
  Pos call_pos;        // where the call stood
  u32 start_line = 0;  // line of the inlined function's `func` keyword
  u32 parent_pc = 0;   // code offset that has the position of the call
  u8 func_id = 0;
};

// A variable for the debugger: live at `loc` over [from, to).
struct VarLoc {
  u32 from, to;
  enum Kind : u8 {
    Reg,
    Frame,
    Const
  } kind;  // Reg: DWARF register number; Frame: offset from the canonical frame address
  i32 value;
  u16 piece_offset, piece_size;  // which bytes of the variable (0,0: all of it)
};
struct DebugVar {
  Name name;
  Name type;  // type link string, e.g. "[]main.T"
  Pos decl;
  bool is_param;
  std::vector<VarLoc> locs;
  u32 size = 0;  // in bytes; 0: not known
  i32 inl = -1;  // the inlined call it belongs to; -1: the function itself
};

// Function facts beyond its bytes, as the compiler finds them; objects keep them encoded (func_tables.h). All
// tables are over the final code bytes.
struct FuncInfo {
  u32 frame_size = 0;  // bytes between SP in the body and the return address (saved BP included)
  u32 args_size = 0;   // stack arguments and results (ABI0 size), for the runtime's `args` field
  u32 start_line = 0;  // line of the `func` keyword
  Pos decl;
  u8 func_id = 0;             // abi FuncID
  u8 flags = 0;               // abi FuncFlag (TopFrame 1, SPWrite 2, Asm 4)
  u32 deferreturn = 0;        // code offset of the call to runtime.deferreturn; 0 when there is none
  std::vector<PcValue> pcsp;  // SP delta
  struct PcPos {
    u32 end;
    Pos pos;
    i32 inl;
  };  // position and inline node (-1: the function itself)
  std::vector<PcPos> lines;
  u32 marks_size = 0;                   // bytes at the end that are no code: places of inlined calls
  std::vector<PcValue> stackmap_index;  // PCDATA 1
  std::vector<PcValue> unsafe_point;    // PCDATA 0
  std::vector<InlineNode> inlines;
  // Bitmaps as docs/contract.md §3 lays them out; each entry has nbit bits, little-endian within bytes.
  u32 locals_bits = 0, args_bits = 0;
  std::vector<std::vector<u8>> locals_maps,
      args_maps;  // parallel: index i of both goes with stackmap_index i
  std::vector<DebugVar> vars;
  // FUNCDATA 5 (gc's format, ends with 0xff), then what only vole's runtime reads: the spill area's offset
  // and a bit for each of its first 16 words where the function keeps an argument.
  std::vector<u8> arg_info;
};

struct Symbol {
  Name name;
  SymKind kind = SymKind::Undef;
  bool dupok = false;     // several objects may define it; the definitions are the same
  bool local = false;     // not visible to other objects (static symbols of assembly: name<>)
  bool weak_def = false;  // a definition that gives way to another (zero definitions of linknamed variables)
  bool no_split = false;  // text: has no stack check
  bool reflect_method = false;  // text: calls reflect.Type.Method or MethodByName with an unknown name: keeps
                                // all exported methods
  bool abi0 = false;            // text: ABI0 entry
  bool wrapper = false;         // text: compiler-made wrapper
  // //go:linkname names it. A definition: other packages may refer to it (linkname_std: those of std). Undef
  // or weak_def: this package refers to what another one holds (assembly: whatever of others it names).
  bool linkname = false, linkname_std = false;
  u32 align = 1;
  u64 size = 0;  // bytes in memory; bytes.size() may be less, the rest is zero
  std::span<u8> bytes;
  std::vector<Reloc> relocs;    // sorted by offset; markers have offset 0 and may stand anywhere
  std::span<const u8> gc_mask;  // Data and Bss: one bit a word over the first gc_mask_words words
  u64 gc_mask_words = 0;
  Name go_type;                // data: link string of the variable's type (for DWARF); may be empty
  FuncInfo* func = nullptr;    // text only: what the compiler fills in …
  std::span<const u8> tables;  // … and what an object that was read has (func_tables.h)
  u32 id = 0;                  // index in Object::symbols
  Symbol* alias_of =
      nullptr;  // when set: another name for alias_of + alias_offset, without bytes of its own (C++ objects)
  i64 alias_offset = 0;
};

class Object {
 public:
  bool is_std = false;          // of the standard library or cmd
  Name package;                 // import path; "main" for commands; "" for the runtime archive's C++ objects
  std::vector<Name> imports;    // import paths of direct imports, for initialisation order
  Symbol* init_task = nullptr;  // what the package does before main.main; null: nothing
  std::deque<Symbol> symbols;
  Arena arena;
  std::deque<FuncInfo> func_infos;
  std::vector<Name> files, names;  // what the tables of an object that was read refer to

  // Returns the symbol of this name, creating an Undef one when there is none. Thread safe.
  Symbol* get(Name name);
  Symbol* get(std::string_view name) { return get(Name::intern(name)); }
  // Returns the symbol if it exists, else null. Thread safe.
  Symbol* find(Name name);
  // Appends a symbol that get() and find() do not know: the reader's. Not thread safe.
  Symbol* append(Name name);
  // Creates an unnamed-for-others symbol (local) with the given name; several may share one name. Thread
  // safe.
  Symbol* make_local(Name name);
  FuncInfo* make_func_info();
  // Copies bytes into the arena. Thread safe.
  std::span<u8> copy_bytes(std::span<const u8> bytes);

 private:
  std::mutex mu_;
  absl::flat_hash_map<Name, Symbol*> by_name_;
};

// Serialises `obj` as an ELF relocatable file (grammar at the top of elf_writer.cc). Deterministic.
std::vector<u8> write_elf(const Object& obj, const target::TargetInfo& target);

// Reads an ELF relocatable: one written by write_elf (all vole facts restored) or one made by clang (runtime
// archive). `bytes` must outlive the Object: symbol bytes point into it. On malformed input returns false and
// sets `error` to one line; never crashes.
bool read_elf(std::span<const u8> bytes, const target::TargetInfo& target, Object& out, std::string& error);
}  // namespace vole::object
