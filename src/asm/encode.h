// One assembly function to machine code.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "asm/parser.h"

namespace vole::assembler {
struct Scope {
  object::Object* object = nullptr;
  std::string_view package;  // link path of the package
  absl::flat_hash_map<Name, object::Symbol*> locals;
  absl::flat_hash_set<Name> text_names;  // functions this file defines
  std::string* listing = nullptr;
  object::Symbol* symbol(const Operand& o, bool code);
};

struct Function {
  object::Symbol* symbol = nullptr;
  i64 frame = 0;
  u32 args = 0, line = 0;
  bool no_split = false, no_frame = false, top_frame = false, needs_ctxt = false, abi_internal = false;
  std::vector<Statement> body;
};

// Fills f.symbol. Frame rules follow the official assembler: a function with a frame (or calls) saves the
// frame pointer; RET undoes it; name+off(FP) and name-off(SP) are relative to the frame as pushes move SP.
bool encode_function(const Function& f, Scope& scope, object::Object& object, diag::Diagnostics& diags,
                     u32 pos_base);
}  // namespace vole::assembler
