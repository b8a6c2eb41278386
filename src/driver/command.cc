#include "driver/command.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "driver/build.h"
#include "driver/cache.h"
#include "driver/install.h"
#include "driver/module.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
int fail(const std::string& message) {
  std::fprintf(stderr, "vole: %s\n", message.c_str());
  return 1;
}

// Flags of build and run.
struct Flags {
  std::string output, dump, tags, ldflags, gcflags, dir, lang;
  unsigned threads = 0;
  bool timings = false, verify = false, verbose = false, compile_only = false, all_errors = false, rebuild = false;
  std::vector<std::string> args;   // what follows the flags
};

int usage_error(std::string_view command, const std::string& message) {
  std::fprintf(stderr, "%s\nusage: vole %s [build flags] [packages]\nRun 'vole help %s' for details.\n", message.c_str(), std::string(command).c_str(),
               std::string(command).c_str());
  return 2;
}

// Reads -name value, -name=value, --name; stops at the first argument that is no flag.
bool parse_flags(int argc, char** argv, int at, Flags& f, std::string& error) {
  for (; at < argc; at++) {
    std::string_view a = argv[at];
    if (a == "--") {
      at++;
      break;
    }
    if (a.size() < 2 || a[0] != '-') break;
    a.remove_prefix(a.starts_with("--") ? 2 : 1);
    size_t eq = a.find('=');
    std::string_view name = a.substr(0, eq);
    std::string* text = name == "o" ? &f.output : name == "dump" ? &f.dump : name == "tags" ? &f.tags : name == "ldflags" ? &f.ldflags
                        : name == "gcflags" ? &f.gcflags : name == "C" ? &f.dir : name == "lang" ? &f.lang : nullptr;
    bool* flag = name == "timings" ? &f.timings : name == "verify" ? &f.verify : name == "v" ? &f.verbose : name == "compileonly" ? &f.compile_only : name == "a" ? &f.rebuild
                 : name == "e" ? &f.all_errors : nullptr;
    if (flag) {
      std::string_view v = eq == std::string_view::npos ? "true" : a.substr(eq + 1);
      *flag = v == "true" || v == "1";
      continue;
    }
    if (!text && name != "p") {
      error = fmt::format("flag provided but not defined: -{}", name);
      return false;
    }
    std::string value;
    if (eq != std::string_view::npos) {
      value = a.substr(eq + 1);
    } else if (at + 1 < argc) {
      value = argv[++at];
    } else {
      error = fmt::format("flag needs an argument: -{}", name);
      return false;
    }
    if (text) *text = value;
    else f.threads = static_cast<unsigned>(std::max(1, std::atoi(value.c_str())));
  }
  for (; at < argc; at++) f.args.push_back(argv[at]);
  return true;
}

bool is_go_file(const std::string& s) { return s.ends_with(".go") || s.ends_with(".s"); }

// Splits a list at blanks; quotes keep blanks.
std::vector<std::string> split_flags(std::string_view s) {
  std::vector<std::string> out;
  for (size_t i = 0; i < s.size();) {
    if (s[i] == ' ') {
      i++;
      continue;
    }
    std::string word;
    char quote = 0;
    for (; i < s.size() && (quote || s[i] != ' '); i++) {
      if (quote ? s[i] == quote : s[i] == '\'' || s[i] == '"') quote = quote ? 0 : s[i];
      else word += s[i];
    }
    out.push_back(word);
  }
  return out;
}

bool apply_ldflags(const Flags& f, BuildOptions& b, std::string& error) {
  auto words = split_flags(f.ldflags);
  for (size_t i = 0; i < words.size(); i++) {
    std::string w = words[i];
    if (w == "-s") {
      b.strip_symbols = b.strip_debug = true;
    } else if (w == "-w") {
      b.strip_debug = true;
    } else if (w == "-X" || w.starts_with("-X=")) {
      std::string set = w == "-X" ? (i + 1 < words.size() ? words[++i] : "") : w.substr(3);
      size_t eq = set.find('=');
      if (eq == std::string::npos) {
        error = "-X flag requires argument of the form importpath.name=value";
        return false;
      }
      b.set_strings.push_back({set.substr(0, eq), set.substr(eq + 1)});
    } else {
      error = "unknown -ldflags word " + w;
      return false;
    }
  }
  return true;
}

// One invocation of build or run.
class Invocation {
 public:
  explicit Invocation(Flags f) : flags_(std::move(f)) {}

  // Loads and builds what the arguments name. `run`: always makes an executable, at `output`; arguments after the package are left in rest().
  int build_all(bool run, const std::string& output) {
    if (!flags_.dir.empty()) {
      std::error_code e;
      fs::current_path(flags_.dir, e);
      if (e) return fail(fmt::format("chdir {}: {}", flags_.dir, e.message()));
    }
    std::string error;
    Install install;
    if (!find_install(install, error)) return fail(error);
    cwd_ = fs::current_path().string();
    for (size_t at = 0; at < flags_.tags.size();) {
      size_t end = std::min(flags_.tags.find_first_of(", ", at), flags_.tags.size());
      if (end > at) context_.tags.insert(flags_.tags.substr(at, end - at));
      at = end + 1;
    }
    Loader loader(context_, install.goroot, install.overlay);
    Module module;
    if (!find_module(cwd_, module, error)) return fail(error);
    loader.set_module(module);
    diag::Diagnostics diags;
    std::vector<LoadedPackage*> roots;
    if (!load_roots(loader, module, install, run, roots, diags) || !diags.empty()) {
      diags.finish();
      std::fputs(diag::render(diags, cwd_, {.limit = 0}).c_str(), stderr);
      return 1;
    }
    BuildOptions b;
    if (!apply_ldflags(flags_, b, error)) return fail(error);
    for (const std::string& w : split_flags(flags_.gcflags))
      if (w == "-N") b.compile.optimize = false;
    b.compile.goroot = install.goroot;
    b.compile.dump = flags_.dump;
    b.compile.verify = flags_.verify;
    b.cache_dir = Cache::default_dir();
    b.rebuild = flags_.rebuild;
    b.verbose = flags_.verbose;
    b.runtime_archive = install.runtime_archive;
    b.threads = flags_.threads ? flags_.threads : std::max(1u, std::thread::hardware_concurrency());
    b.build_version = version_string(install);
    b.work_dir = cwd_;
    b.rich_diagnostics = b.color = isatty(2) && !std::getenv("NO_COLOR");
    b.timings = flags_.timings;
    if (!flags_.lang.empty())
      for (LoadedPackage* p : roots) p->go_version = flags_.lang;
    b.diagnostic_limit = flags_.all_errors ? 0 : 10;
    b.compile.bodies_elsewhere = flags_.compile_only;
    if (flags_.compile_only) b.output.clear();
    else if (roots.size() == 1 && roots[0]->name == "main") b.output = !output.empty() ? output : default_output(*roots[0]);
    else if (run) return fail(fmt::format("package {} is not a main package", roots[0]->import_path));
    std::string path = "path\t" + roots[0]->import_path + "\n";
    if (!module.path.empty()) path += "mod\t" + module.path + "\t(devel)\t\n";
    b.build_info = path;
    // The runtime belongs to every program, whether or not something imports it.
    if (!b.output.empty() && !loader.load("runtime", diags)) {
      std::fputs(diag::render(diags, cwd_, {.limit = 0}).c_str(), stderr);
      return 1;
    }
    std::vector<LoadedPackage*> order = loader.order();
    if (!b.output.empty()) {
      std::erase(order, roots[0]);
      order.push_back(roots[0]);
    }
    return build(order, b) ? 0 : 1;
  }

  const std::vector<std::string>& rest() const { return rest_; }

 private:
  bool load_roots(Loader& loader, const Module& module, const Install& install, bool run, std::vector<LoadedPackage*>& roots,
                  diag::Diagnostics& diags) {
    std::vector<std::string> args = flags_.args;
    if (args.empty()) args.push_back(".");
    if (is_go_file(args[0])) {
      std::vector<std::string> files;
      size_t i = 0;
      while (i < args.size() && is_go_file(args[i])) files.push_back(args[i++]);
      rest_.assign(args.begin() + static_cast<long>(i), args.end());
      LoadedPackage* p = loader.load_files(files, diags);
      if (p) roots.push_back(p);
      return p;
    }
    if (run) {
      rest_.assign(args.begin() + 1, args.end());
      args.resize(1);
    }
    bool ok = true;
    for (const std::string& a : args)
      for (const std::string& path : expand_pattern(a, cwd_, module, install.goroot, diags)) {
        bool pattern = a.find("...") != std::string::npos || a == "std";
        if (pattern && !loader.selects_files(path)) continue;
        LoadedPackage* p = loader.load(path, diags);
        if (p) roots.push_back(p);
        ok &= p != nullptr;
      }
    return ok && !roots.empty();
  }

  std::string default_output(const LoadedPackage& p) const {
    if (!flags_.output.empty()) {
      std::error_code e;
      if (!fs::is_directory(flags_.output, e)) return flags_.output;
      return flags_.output + "/" + program_name(p);
    }
    return program_name(p);
  }
  static std::string program_name(const LoadedPackage& p) {
    if (p.import_path == "command-line-arguments") return fs::path(p.go_files[0].path).stem().string();
    return fs::path(p.import_path).filename().string();
  }

  Flags flags_;
  BuildContext context_;
  std::string cwd_;
  std::vector<std::string> rest_;
};

int build_command(int argc, char** argv) {
  Flags f;
  std::string error;
  if (!parse_flags(argc, argv, 2, f, error)) return usage_error("build", error);
  return Invocation(std::move(f)).build_all(false, "");
}

int run_command(int argc, char** argv) {
  Flags f;
  std::string error;
  if (!parse_flags(argc, argv, 2, f, error)) return usage_error("run", error);
  std::string dir = (fs::temp_directory_path() / "vole-run-XXXXXX").string();
  if (!mkdtemp(dir.data())) return fail("cannot make a temporary folder in " + fs::temp_directory_path().string());
  std::string program = dir + "/program";
  Invocation i(std::move(f));
  int status = i.build_all(true, program);
  if (status == 0) {
    pid_t pid = fork();
    if (pid == 0) {
      std::vector<char*> args{program.data()};
      for (const std::string& a : i.rest()) args.push_back(const_cast<char*>(a.c_str()));
      args.push_back(nullptr);
      execv(program.c_str(), args.data());
      _exit(127);
    }
    int wait_status = 0;
    waitpid(pid, &wait_status, 0);
    status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1;
    if (WIFSIGNALED(wait_status)) std::fprintf(stderr, "signal: %s\n", strsignal(WTERMSIG(wait_status)));
    else if (status != 0) std::fprintf(stderr, "exit status %d\n", status), status = 1;
  }
  std::error_code e;
  fs::remove_all(dir, e);
  return status;
}

int clean_command() {
  std::string error;
  return Cache::clean(Cache::default_dir(), error) ? 0 : fail(error);
}

int version_command() {
  Install install;
  std::string error;
  if (!find_install(install, error)) return fail(error);
  std::printf("vole version %s linux/amd64\n", version_string(install).c_str());
  return 0;
}
}  // namespace

int main_command(int argc, char** argv) {
  std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "build") return build_command(argc, argv);
  if (command == "run") return run_command(argc, argv);
  if (command == "clean") return clean_command();
  if (command == "version") return version_command();
  if (command.empty() || command == "help" || command == "--help" || command == "-h") {
    std::fputs("vole is a toolchain for Go source code.\n\nusage: vole COMMAND [arguments]\n\n"
               "\tbuild    compile packages and dependencies\n\tclean    remove the build cache\n\trun      compile and run a program\n\tversion  print vole's and Go's version\n",
               command.empty() ? stderr : stdout);
    return command.empty() ? 2 : 0;
  }
  std::fprintf(stderr, "vole %s: unknown command\nRun 'vole help' for usage.\n", std::string(command).c_str());
  return 2;
}
}  // namespace vole::driver
