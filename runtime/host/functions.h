// Compiled functions for tests: described as the code generator describes them, put through the object writer
// and the linker's tables, and given to the runtime as its module. There is no code; what matters are
// addresses.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/layout.h"
#include "object/object.h"

namespace vole::runtime::host {
class Functions {
 public:
  Functions();
  ~Functions();
  // A function with a frame of so many bytes from its 4th byte on, saved rbp included.
  object::FuncInfo& add(std::string_view name, u32 size, u32 frame);
  void add_bare(std::string_view name, u32 size);  // C++: a name is all that is known
  void next_object();                              // functions from here on belong to another package
  vole::Pos pos(std::string_view file, u32 line);
  void link();                                          // from here on the runtime sees them
  u64 at(std::string_view name, u32 offset = 0) const;  // address
  u64 text_end() const;

 private:
  object::Symbol* text(std::string_view name, u32 size);
  struct Linked;
  std::vector<std::unique_ptr<object::Object>> objects_;
  std::unique_ptr<Linked> linked_;
};

// A stack of stopped frames on a goroutine's real stack, from the outermost inward.
class Frames {
 public:
  explicit Frames(G* g);
  // The function called next stands at pc with a frame of `size` bytes; its words are zero but for the saved
  // rbp.
  Frames& call(u64 pc, u64 size, bool saves_bp = true);
  u64* words() { return reinterpret_cast<u64*>(sp_); }  // of the innermost frame, from its sp
  u64 sp() const { return sp_; }
  u64 bp() const { return bp_; }
  u64 fp() const { return end_ + 8; }
  void stop();  // leaves the goroutine there, as one that called the runtime

 private:
  G* g_;
  u64 sp_, bp_ = 0, pc_ = 0, end_ = 0;
};
}  // namespace vole::runtime::host
