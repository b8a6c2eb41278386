// The linker's door: objects in, one static ELF executable out.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "object/object.h"

namespace vole::link {
// A phase of a link and the seconds it took.
struct Phase {
  const char* name;
  double seconds;
};

struct Options {
  const target::TargetInfo* target = nullptr;  // of all objects
  std::string output;
  std::string entry;                                             // where the program begins
  bool strip_symbols = false;                                    // -s
  bool strip_debug = false;                                      // -w
  bool check_linknames = true;                                   // -checklinkname=0 does not
  std::vector<std::pair<std::string, std::string>> set_strings;  // -X name=value
  std::string build_info;     // text for debug.ReadBuildInfo, without guards
  std::string build_version;  // runtime.Version()
  std::string default_goroot;
  std::string default_godebug;
  std::string build_id;
  unsigned threads = 1;
  std::vector<Phase>* phases = nullptr;  // when set, gets the phases of this link
};
// Links the objects of all packages (any order; the result does not depend on it) and the runtime archive's
// C++ objects. Writes options.output atomically. On failure returns false with all messages in `errors`.
bool link(std::span<object::Object* const> objects, const Options& options, std::vector<std::string>& errors);
}  // namespace vole::link
