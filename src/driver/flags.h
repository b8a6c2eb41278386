// The flags of vole's commands: one table says for each its name, what it sets, which commands take it and
// what help prints.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace vole::driver {
enum Command : unsigned { CmdBuild = 1, CmdRun = 2, CmdList = 4, CmdEnv = 8, CmdClean = 16, CmdVersion = 32 };

struct Flags {
  // What and how to build.
  std::vector<std::string> ldflags, gcflags, asmflags;  // "[PATTERN=]WORDS" each
  std::string output, tags, dir, mod, overlay, lang, dump, buildmode, compiler, vcs, pgo;
  unsigned threads = 0;  // 0: one for each processor
  bool rebuild = false, dry_run = false, show = false, verbose = false, keep_work = false, json = false,
       trim_paths = false;
  bool timings = false, verify = false, compile_only = false, incomplete = false, all_errors = false;
  bool race = false, msan = false, asan = false, cover = false, link_shared = false;
  // list, env, clean, version
  std::string format, json_fields;
  bool deps = false, find = false, compiled = false, modules = false, tolerate_errors = false,
       changed = false, write = false, unset = false, cache = false, test_cache = false, mod_cache = false,
       fuzz_cache = false, install = false, recursive = false, module_info = false;
  std::vector<std::string> args;  // what follows the flags
};

// Reads GOFLAGS and then the arguments argv[2…]: -name value, -name=value, --name; the first argument that is
// no flag ends them. Returns false after setting `error` to go's message.
bool parse_flags(Command command, int argc, char** argv, Flags& out, std::string& error);

// The help text of the command's flags, one a line.
std::string flag_help(Command command);

// Splits a list of words at blanks; quotes keep blanks.
std::vector<std::string> split_words(std::string_view s);
}  // namespace vole::driver
