// What a build says on standard error while it runs: progress on a terminal, packages (-v), steps (-x, -n),
// messages as text or JSON events. Thread safe; lines of several packages never mix.
#pragma once
#include <mutex>
#include <string>

#include "driver/build.h"

namespace vole::driver {
class Printer {
 public:
  // `packages`: how many the build has.
  Printer(const BuildOptions& options, size_t packages) : options_(options), total_(packages) {}
  // One more package is being looked at.
  void step();
  // A package is about to be compiled.
  void begin(const LoadedPackage& p);
  // A program is about to be linked.
  void link(const std::string& import_path, const std::string& output);
  // A package or program failed; `text`: its messages, whole lines.
  void failure(const std::string& import_path, const std::string& text);
  // Takes the progress line off the terminal.
  void clear_progress();

 private:
  void clear();
  void event(const std::string& import_path, const char* action, const std::string* output);

  const BuildOptions& options_;
  std::mutex mutex_;
  size_t total_, seen_ = 0;
  bool progress_shown_ = false;
};
}  // namespace vole::driver
