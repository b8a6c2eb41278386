// What a process must not leave behind when it ends early: unfinished files and temporary folders. They are
// registered before they are made; whoever ends the process (a signal, memory that runs out, a failed check)
// takes them away first.
#pragma once
#include <cstddef>
#include <string>

#include "base/base.h"

namespace vole {
// A file or folder that is removed should the process end within this object's life. The owner still removes
// or renames it in the ordinary case.
class Scratch {
 public:
  // Comes before the file is made; until made() is called, whoever ends the process waits for it.
  explicit Scratch(const std::string& path);
  ~Scratch();
  void made();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  size_t slot_;
  bool making_ = true;
};

// Removes all that is registered: files, and folders with all they hold. Safe in a signal handler.
void remove_scratch();

// Prints "vole: WHAT", removes what is registered, and ends the process with status 1. Allocates nothing.
[[noreturn]] void die(const char* what);
[[noreturn]] void out_of_memory();

// From here on memory that runs out is one line and status 1; signals that end the process take away what is
// registered and then end it as they would.
void install_endings();
}  // namespace vole
