// Builds programs: packages compile in parallel over the import graph, then programs are linked.
#pragma once
#include <string>
#include <vector>

#include "driver/compile.h"

namespace vole::driver {
// A program to link.
struct LinkRequest {
  LoadedPackage* main = nullptr;
  std::string output;      // file to write
  std::string build_info;  // text for debug.ReadBuildInfo
  std::string godebug;     // settings that the program starts with
};
struct BuildOptions {
  CompileOptions compile;
  std::string runtime_archive;  // the C++ half of the runtime
  std::string cache_dir;        // empty: no cache
  unsigned threads = 1;
  bool rebuild = false;                // -a: nothing is taken from the cache
  bool verbose = false;                // -v: names packages as they are compiled
  bool show = false, dry_run = false;  // -x, -n: prints the steps; -n does none
  bool json = false;                   // messages as JSON events
  bool progress = false;               // standard error is a terminal: show how far the build is
  bool timings = false;                // print where the time went
  std::string objects_dir;             // -work: every package's object is left here; empty: not
  bool strip_symbols = false, strip_debug = false, check_linknames = true;
  std::vector<std::pair<std::string, std::string>> set_strings;
  std::string build_version;   // runtime.Version()
  std::string default_goroot;  // runtime.GOROOT(); empty with -trimpath
  std::string work_dir;        // diagnostics show files relative to it
  bool rich_diagnostics = false, color = false;
};

// A package whose archive is to be written: its export data and object as ar members.
struct ArchiveRequest {
  const LoadedPackage* package = nullptr;
  std::string output;
};

// Compiles all packages of `order` (each after its imports), then links the programs. Prints diagnostics as
// `go build` does. Returns whether all went well.
bool build(const std::vector<LoadedPackage*>& order, const std::vector<LinkRequest>& programs,
           const BuildOptions& options, const std::vector<ArchiveRequest>& archives = {});
}  // namespace vole::driver
