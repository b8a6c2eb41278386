// The code generator's door: an optimised ssa::Func in, the bytes, relocations and tables of its symbol out.
#pragma once
#include "object/object.h"
#include "ssa/ssa.h"

namespace vole::codegen {
struct Options {
  bool optimize = true;
  bool debug_info = true;  // fill FuncInfo::vars
  std::vector<std::string>* faults =
      nullptr;  // check the allocation and the stack maps (verify.h) and append what is wrong
};
// A machine (alloc.h). Obtained from target/ (target::Machine::code); immutable, shared by threads.
class Target;

// A frame beyond what a stack can hold: sizes of its parts.
struct Oversize {
  i64 locals = 0, args = 0;
  i64 callee = 0;  // what it passes on the stack, when that alone is too much
  explicit operator bool() const { return locals || args || callee; }
};

// Compiles `f` into f.sym (SymKind::Text, bytes, relocs, func). Different functions may be compiled by
// different threads into one object. When the frame is too large, says so and leaves f.sym alone.
Oversize compile(ssa::Func& f, object::Object& object, const Target& target, const Options& options);
}  // namespace vole::codegen
