// Builds programs: packages compile in parallel over the import graph, then the linker runs.
#pragma once
#include <string>
#include <vector>

#include "driver/compile.h"

namespace vole::driver {
struct BuildOptions {
  CompileOptions compile;
  std::string runtime_archive;     // the C++ half of the runtime
  std::string cache_dir;           // empty: no cache
  bool rebuild = false;            // -a: nothing is taken from the cache
  bool verbose = false;            // -v: names packages as they are compiled
  unsigned threads = 1;
  std::string output;              // executable; empty: compile only
  bool strip_symbols = false, strip_debug = false;
  std::vector<std::pair<std::string, std::string>> set_strings;
  std::string build_version;       // runtime.Version()
  std::string build_info;
  std::string work_dir;            // diagnostics show files relative to it
  bool rich_diagnostics = false, color = false;
  size_t diagnostic_limit = 10;    // messages a package, 0: all
  bool timings = false;            // print where the time went
};

// Compiles all packages of `order` (each after its imports) and links the last one when it is package main and an output is named.
// Prints diagnostics as `go build` does. Returns whether all went well.
bool build(const std::vector<LoadedPackage*>& order, const BuildOptions& options);
}  // namespace vole::driver
