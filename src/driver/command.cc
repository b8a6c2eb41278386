#include "driver/command.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/file.h"
#include "driver/cache.h"
#include "driver/commands.h"
#include "driver/install.h"
#include "driver/session.h"

namespace vole::driver {
namespace {
struct CommandInfo {
  std::string_view name;
  Command command;
  int (*run)(Flags);
  std::string_view usage, summary;
};
constexpr CommandInfo Commands[] = {
    {"build", CmdBuild, build_command, "[-o output] [build flags] [packages]",
     "compile packages and what they import"},
    {"clean", CmdClean, clean_command, "[-i] [-r] [-cache] [-testcache] [-modcache] [-n] [-x] [packages]",
     "remove programs that builds left, or caches"},
    {"env", CmdEnv, env_command, "[-json] [-changed] [-u] [-w] [variables]",
     "print or change vole's settings"},
    {"list", CmdList, list_command, "[-f template] [-json] [-deps] [-m] [build flags] [packages]",
     "list packages or modules"},
    {"run", CmdRun, run_command, "[build flags] package [arguments]", "compile and run a program"},
    {"version", CmdVersion, version_command, "[-m] [-v] [-json] [programs and folders]",
     "print vole's version, or what programs were built with"},
};

const CommandInfo* find_command(std::string_view name) {
  for (const CommandInfo& c : Commands)
    if (c.name == name) return &c;
  return nullptr;
}

void print_usage(FILE* to) {
  std::fputs("vole is a toolchain for Go.\n\nUsage:\n\n\tvole COMMAND [arguments]\n\nThe commands are:\n\n",
             to);
  for (const CommandInfo& c : Commands)
    std::fprintf(to, "\t%-11s %s\n", std::string(c.name).c_str(), std::string(c.summary).c_str());
  std::fputs("\nUse \"vole help COMMAND\" for a command's flags.\n", to);
}

int help(std::string_view name) {
  if (name.empty()) return print_usage(stdout), 0;
  const CommandInfo* c = find_command(name);
  if (!c) {
    std::fprintf(stderr, "vole help %s: unknown help topic. Run 'vole help'.\n", printable(name).c_str());
    return 2;
  }
  std::printf("usage: vole %s %s\n\n%s.\n\nFlags:\n\n%s", std::string(name).c_str(),
              std::string(c->usage).c_str(), std::string(c->summary).c_str(), flag_help(c->command).c_str());
  return 0;
}
}  // namespace

int main_command(int argc, char** argv) {
  std::string_view name = argc > 1 ? argv[1] : "";
  if (name.empty()) return print_usage(stderr), 2;
  if (name == "help" || name == "--help" || name == "-h" || name == "-help")
    return help(argc > 2 ? argv[2] : "");
  if (name == "--version" || name == "-version") name = "version";
  const CommandInfo* c = find_command(name);
  if (!c) {
    std::fprintf(stderr, "vole %s: unknown command\nRun 'vole help' for usage.\n", printable(name).c_str());
    return 2;
  }
  for (int i = 2; i < argc && argv[i][0] == '-'; i++)
    if (std::string_view a = argv[i]; a == "-h" || a == "-help" || a == "--help") return help(name);
  Flags flags;
  std::string error;
  if (parse_flags(c->command, argc, argv, flags, error)) return c->run(std::move(flags));
  if (error.starts_with("go: ")) return std::fprintf(stderr, "%s\n", error.c_str()), 1;
  std::string n(c->name);
  std::fprintf(stderr, "%s\nusage: vole %s %s\nRun 'vole help %s' for details.\n", error.c_str(), n.c_str(),
               std::string(c->usage).c_str(), n.c_str());
  return 2;
}
}  // namespace vole::driver
