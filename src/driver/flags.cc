#include "driver/flags.h"

#include <fmt/format.h>

#include <algorithm>

#include <variant>

#include "base/file.h"
#include "driver/environment.h"
#include "driver/package_flags.h"

namespace vole::driver {
namespace {
struct Spec {
  std::string_view name;
  std::variant<bool Flags::*, std::string Flags::*, unsigned Flags::*, std::vector<std::string> Flags::*>
      target;
  unsigned commands;
  std::string_view value,
      help;  // how help names the value; without help the flag is for vole's own engineers
};
constexpr unsigned Builds = CmdBuild | CmdRun | CmdList;

const Spec Table[] = {
    {"o", &Flags::output, CmdBuild | CmdRun, "FILE",
     "write the program to FILE, or into it when it is a folder"},
    {"C", &Flags::dir, Builds | CmdEnv | CmdClean | CmdVersion, "DIR", "change to DIR first"},
    {"v", &Flags::verbose, Builds, "", "print the packages as they are compiled"},
    {"m", &Flags::modules, CmdList, "", "list modules instead of packages"},
    {"m", &Flags::module_info, CmdVersion, "", "print the build information of the programs named"},
    {"v", &Flags::verbose, CmdVersion, "", "say of files in folders why they are passed over"},
    {"json", &Flags::json, CmdVersion, "", "with -m: as JSON"},
    {"x", &Flags::show, Builds | CmdClean, "", "print the steps as they are done"},
    {"n", &Flags::dry_run, Builds | CmdClean, "", "print the steps, do none"},
    {"a", &Flags::rebuild, Builds, "", "compile everything anew"},
    {"p", &Flags::threads, Builds, "N", "use N threads (one for each processor otherwise)"},
    {"tags", &Flags::tags, Builds, "LIST", "build tags that hold, separated by commas"},
    {"ldflags", &Flags::ldflags, Builds, "FLAGS", "for the linker: -s -w -X importpath.name=value"},
    {"gcflags", &Flags::gcflags, Builds, "FLAGS",
     "for the compiler: -N (do not optimise), -l (do not inline), -e (show all errors), -C, -lang=go1.N"},
    {"asmflags", &Flags::asmflags, Builds, "FLAGS", "for the assembler: -D name=value"},
    {"trimpath", &Flags::trim_paths, Builds, "", "leave the folders of this machine out of the program"},
    {"work", &Flags::keep_work, Builds, "",
     "print the name of the working folder and keep it, with every package's object"},
    {"json", &Flags::json, CmdBuild | CmdEnv, "", "print messages (build) or variables (env) as JSON"},
    {"mod", &Flags::mod, Builds, "MODE", "readonly or vendor"},
    {"overlay", &Flags::overlay, Builds, "FILE",
     "JSON file whose \"Replace\" says which files stand for which"},
    {"timings", &Flags::timings, CmdBuild | CmdRun, "", "print where the time went, by phase and package"},
    {"buildmode", &Flags::buildmode, Builds, "MODE", "exe (or default, pie is not there yet)"},
    {"buildvcs", &Flags::vcs, Builds, "", ""},
    {"pgo", &Flags::pgo, Builds, "", ""},
    {"compiler", &Flags::compiler, Builds, "", ""},
    {"race", &Flags::race, Builds, "", ""},
    {"msan", &Flags::msan, Builds, "", ""},
    {"asan", &Flags::asan, Builds, "", ""},
    {"cover", &Flags::cover, Builds, "", ""},
    {"linkshared", &Flags::link_shared, Builds, "", ""},
    {"f", &Flags::format, CmdList, "TEMPLATE",
     "print each package by a template: {{.ImportPath}}, {{range .Deps}}…{{end}}, {{join .Imports \" \"}}"},
    {"json", &Flags::json_fields, CmdList, "", "print packages as JSON; -json=Field,… only those fields"},
    {"deps", &Flags::deps, CmdList, "", "list what the packages import, too, each before its importers"},
    {"find", &Flags::find, CmdList, "", "do not look for what the packages import"},
    {"compiled", &Flags::compiled, CmdList, "", "say which files go to the compiler (CompiledGoFiles)"},
    {"e", &Flags::tolerate_errors, CmdList, "", "go on when a package has errors"},
    {"changed", &Flags::changed, CmdEnv, "",
     "only variables that are not what they would be on a fresh machine"},
    {"w", &Flags::write, CmdEnv, "", "write NAME=VALUE settings to the user's file"},
    {"u", &Flags::unset, CmdEnv, "", "take settings out of the user's file"},
    {"cache", &Flags::cache, CmdClean, "", "remove the build cache"},
    {"testcache", &Flags::test_cache, CmdClean, "", "forget results of tests"},
    {"modcache", &Flags::mod_cache, CmdClean, "", "remove the module cache"},
    {"fuzzcache", &Flags::fuzz_cache, CmdClean, "", "remove what fuzzing found"},
    {"i", &Flags::install, CmdClean, "", "remove what was installed, too"},
    {"r", &Flags::recursive, CmdClean, "", "the packages that the named ones import, too"},
    // For vole's own engineers.
    {"dump", &Flags::dump, CmdBuild | CmdRun, "", ""},
    {"verify", &Flags::verify, CmdBuild | CmdRun, "", ""},
    {"lang", &Flags::lang, CmdBuild | CmdRun, "", ""},
    {"compileonly", &Flags::compile_only, CmdBuild, "", ""},
    {"incomplete", &Flags::incomplete, CmdBuild, "", ""},  // functions may have their bodies elsewhere
    {"e", &Flags::all_errors, CmdBuild | CmdRun, "", ""},
};

const Spec* find(Command command, std::string_view name) {
  for (const Spec& s : Table)
    if (s.name == name && (s.commands & command)) return &s;
  return nullptr;
}

bool parse_bool(std::string_view v, bool& out) {
  if (v == "1" || v == "t" || v == "T" || v == "true" || v == "TRUE" || v == "True") out = true;
  else if (v == "0" || v == "f" || v == "F" || v == "false" || v == "FALSE" || v == "False") out = false;
  else return false;
  return true;
}

// Whether some command of go's, or of vole's, has the flag: GOFLAGS may hold it for all commands.
bool known_to_go(std::string_view name) {
  constexpr std::string_view Others[] = {
      // clang-format off
      "artifacts", "bench", "benchmem", "benchtime", "blockprofile", "blockprofilerate", "c", "compiled",
      "count", "covermode", "coverpkg", "coverprofile", "cpu", "cpuprofile", "debug-actiongraph",
      "debug-runtime-trace", "debug-trace", "diff", "exec", "failfast", "fullpath", "fuzz", "fuzzcache",
      "fuzzminimizetime", "fuzztime", "gccgoflags", "installsuffix", "list", "memprofile", "memprofilerate",
      "modcache", "modcacherw", "modfile", "mutexprofile", "mutexprofilefraction", "outputdir", "parallel",
      "pkgdir", "reuse", "run", "short", "shuffle", "skip", "testcache", "timeout", "toolexec", "trace", "u",
      "vet", "vettool", "fix", "retracted", "test", "export", "i", "r", "t", "d", "insecure", "cache",
      // clang-format on
  };
  return std::find(std::begin(Others), std::end(Others), name) != std::end(Others) ||
         std::any_of(std::begin(Table), std::end(Table), [&](const Spec& s) { return s.name == name; });
}

// Reads one flag at words[at] and steps past its value. `lenient`: a flag that the command does not have is
// passed over (GOFLAGS).
bool parse_one(Command command, const std::vector<std::string>& words, size_t& at, bool lenient, Flags& out,
               std::string& error) {
  std::string_view word = words[at];
  std::string_view body = word.substr(word.starts_with("--") ? 2 : 1);
  size_t eq = body.find('=');
  std::string_view name = body.substr(0, eq);
  bool has_value = eq != std::string_view::npos;
  std::string value(has_value ? body.substr(eq + 1) : "");
  const Spec* s = find(command, name);
  if (!s) {
    if (lenient && known_to_go(name)) return true;
    if (lenient) return error = fmt::format("unknown flag -{}", printable(name)), false;
    error = fmt::format("flag provided but not defined: -{}", printable(name));
    return false;
  }
  if (auto* flag = std::get_if<bool Flags::*>(&s->target)) {
    if (!has_value) value = "true";
    if (parse_bool(value, out.*(*flag))) return true;
    error = fmt::format("invalid boolean value \"{}\" for -{}: parse error", printable(value), name);
    return false;
  }
  bool optional = s->target.index() == 1 && std::get<1>(s->target) == &Flags::json_fields;
  if (optional && !has_value) value = "*";
  else if (!has_value && s->name == "buildvcs") value = "true";
  else if (!has_value) {
    if (at + 1 >= words.size()) {
      error = fmt::format("flag needs an argument: -{}", name);
      return false;
    }
    value = words[++at];
  }
  if (auto* text = std::get_if<std::string Flags::*>(&s->target)) {
    out.*(*text) = value;
    return true;
  }
  if (auto* list = std::get_if<std::vector<std::string> Flags::*>(&s->target)) {
    (out.*(*list)).push_back(value);
    return true;
  }
  char* end;
  unsigned long n = std::strtoul(value.c_str(), &end, 10);
  if (value.empty() || *end || n == 0 || n > 4096) {
    error = fmt::format("invalid value \"{}\" for flag -{}: parse error", printable(value), name);
    return false;
  }
  out.*std::get<unsigned Flags::*>(s->target) = static_cast<unsigned>(n);
  return true;
}

// What vole does not build yet must not be built differently from what was asked for.
bool check_supported(const Flags& f, std::string& error) {
  const char* unsupported = f.race          ? "race"
                            : f.msan        ? "msan"
                            : f.asan        ? "asan"
                            : f.cover       ? "cover"
                            : f.link_shared ? "linkshared"
                                            : nullptr;
  if (unsupported) error = fmt::format("-{} is not supported", unsupported);
  if (!f.buildmode.empty() && f.buildmode != "exe" && f.buildmode != "default")
    error = fmt::format("-buildmode={} is not supported", printable(f.buildmode));
  if (!f.compiler.empty() && f.compiler != "gc")
    error = fmt::format("unknown compiler \"{}\"", printable(f.compiler));
  if (!f.vcs.empty() && f.vcs != "auto") {
    bool on;
    if (!parse_bool(f.vcs, on))
      error =
          fmt::format("invalid boolean value \"{}\" for -buildvcs: value is neither 'auto' nor a valid bool",
                      printable(f.vcs));
  }
  if (!f.pgo.empty() && f.pgo != "auto" && f.pgo != "off") error = "-pgo=FILE is not supported";
  if (!f.mod.empty() && f.mod != "readonly" && f.mod != "vendor" && f.mod != "mod")
    error = fmt::format("-mod={}: want readonly, vendor or mod", printable(f.mod));
  for (auto& [name, values] :
       {std::pair("gcflags", &f.gcflags), {"ldflags", &f.ldflags}, {"asmflags", &f.asmflags}})
    if (WordsByPattern words; error.empty()) words.read(name, *values, error);
  return error.empty();
}
}  // namespace

bool parse_flags(Command command, int argc, char** argv, Flags& out, std::string& error) {
  if (std::string v = setting("GOFLAGS"); !v.empty()) {
    auto words = split_words(v);
    for (size_t i = 0; i < words.size(); i++) {
      if (words[i].size() < 2 || words[i][0] != '-')
        return error = fmt::format("go: parsing $GOFLAGS: non-flag \"{}\"", printable(words[i])), false;
      if (!parse_one(command, words, i, true, out, error))
        return error = "go: parsing $GOFLAGS: " + error, false;
    }
  }
  std::vector<std::string> words(argv + std::min(2, argc), argv + argc);
  size_t at = 0;
  for (; at < words.size(); at++) {
    if (words[at] == "--") {
      at++;
      break;
    }
    if (words[at].size() < 2 || words[at][0] != '-') break;
    if (!parse_one(command, words, at, false, out, error)) return false;
  }
  out.args.assign(words.begin() + static_cast<long>(at), words.end());
  return check_supported(out, error);
}

std::string flag_help(Command command) {
  std::string out;
  for (const Spec& s : Table)
    if ((s.commands & command) && !s.help.empty())
      out += fmt::format("  {:18} {}\n", fmt::format("-{} {}", s.name, s.value), s.help);
  return out;
}

std::vector<std::string> split_words(std::string_view s) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  std::vector<std::string> out;
  for (size_t i = 0; i < s.size();) {
    if (blank(s[i])) {
      i++;
      continue;
    }
    std::string word;
    char quote = 0;
    for (; i < s.size() && (quote || !blank(s[i])); i++) {
      if (quote ? s[i] == quote : s[i] == '\'' || s[i] == '"') quote = quote ? 0 : s[i];
      else word += s[i];
    }
    out.push_back(word);
  }
  return out;
}
}  // namespace vole::driver
