// vole-check [flags] FILE.go...: parses and checks the files as one package (what they import is checked
// first) and prints the diagnostics.
//   -each        every FILE is a package of its own; a line "== FILE" stands before the diagnostics of each
//   -p           arguments are import paths, not files
//   -lang V      language version of the package, "go1.21"
//   -overlay DIR packages that replace those of the Go tree
//   -asm         functions may lack bodies
//   -k           check also what has syntax errors
//   -repeats     show also what repeats on one line
//   -t           report lines and CPU time of parsing and checking
// The Go tree is $VOLE_GOROOT. Exit status 1 when there are diagnostics.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/task_graph.h"
#include "driver/load.h"
#include "syntax/parse.h"
#include "types/check.h"

namespace {
using namespace vole;

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct Session {
  driver::BuildContext context;
  driver::Loader loader;
  absl::flat_hash_map<const driver::LoadedPackage*, std::unique_ptr<types::Package>> checked;
  std::vector<std::unique_ptr<types::Package>> roots;
  absl::flat_hash_map<std::string, size_t> broken;
  double parse = 0, check = 0;
  size_t lines = 0;
  bool keep_going = false;

  Session(std::string goroot, std::string overlay)
      : loader(context,
               {.goroot = std::move(goroot), .golib = std::move(overlay), .trim_paths = false, .overlay = {}},
               {}) {}

  std::unique_ptr<types::Package> run(const driver::LoadedPackage& p, Name lang, bool has_asm,
                                      diag::Diagnostics& diags) {
    double start = cpu_seconds();
    std::vector<std::unique_ptr<syntax::File>> files;
    bool broken = false;
    for (const driver::SourceFile& f : p.go_files) {
      files.push_back(syntax::parse(Name::intern(f.path), f.text, diags));
      broken |= files.back()->has_errors;
      lines += files.back()->line_count;
    }
    double parsed = cpu_seconds();
    parse += parsed - start;
    if (broken && !keep_going) {
      types::check_labels(files, diags);
      return nullptr;
    }
    types::Config config;
    config.go_version = lang;
    config.allow_unsafe_internals = p.is_std;
    config.has_assembly = has_asm || !p.asm_files.empty() || p.is_std;
    config.import = [&](Name path, std::string& error) -> types::Package* {
      for (const auto& i : p.imports)
        if (path == i.path && i.package) {
          auto it = checked.find(i.package);
          if (it != checked.end()) return it->second.get();
        }
      error = "could not import " + std::string(path.text());
      return nullptr;
    };
    const std::string& path = p.import_path == "command-line-arguments" ? p.name : p.import_path;
    auto pkg = types::check(Name::intern(path), std::move(files), config, diags);
    check += cpu_seconds() - parsed;
    return pkg;
  }

  // Checks what has been loaded and not been checked yet.
  void run_dependencies(const driver::LoadedPackage* root) {
    for (driver::LoadedPackage* p : loader.order()) {
      if (p == root || checked.contains(p)) continue;
      diag::Diagnostics diags;
      auto pkg = run(*p, {}, false, diags);
      diags.finish();
      if (!diags.empty()) {
        std::printf("== package %s\n", p->import_path.c_str());
        std::fputs(diag::render(diags, "", {.limit = 0}).c_str(), stdout);
        broken[p->import_path] = diags.size();
      }
      if (!pkg) pkg = std::make_unique<types::Package>();
      checked[p] = std::move(pkg);
    }
  }
};
}  // namespace

static int run(int argc, char** argv) {
  bool each = false, paths = false, timing = false, has_asm = false, keep_going = false, repeats = false;
  Name lang;
  std::string overlay;
  std::vector<std::string> args;
  for (int i = 1; i < argc; i++) {
    std::string_view a = argv[i];
    if (a == "-each") each = true;
    else if (a == "-p") paths = true;
    else if (a == "-t") timing = true;
    else if (a == "-asm") has_asm = true;
    else if (a == "-k") keep_going = true;
    else if (a == "-repeats") repeats = true;
    else if (a == "-lang" && i + 1 < argc) lang = Name::intern(argv[++i]);
    else if (a == "-overlay" && i + 1 < argc) overlay = argv[++i];
    else args.emplace_back(a);
  }
  const char* goroot = std::getenv("VOLE_GOROOT");
  if (!goroot || args.empty()) {
    std::fprintf(stderr,
                 "usage: VOLE_GOROOT=DIR vole-check [-each] [-p] [-lang V] [-overlay DIR] [-asm] [-k] "
                 "[-repeats] [-t] FILE...\n");
    return 2;
  }
  Session session(goroot, overlay);
  session.keep_going = keep_going;
  bool failed = false;
  std::vector<std::vector<std::string>> units;
  if (each || paths)
    for (const std::string& a : args) units.push_back({a});
  else units.push_back(args);
  for (const auto& unit : units) {
    diag::Diagnostics diags;
    driver::LoadedPackage* p =
        paths ? session.loader.load(unit[0], diags) : session.loader.load_files(unit, diags);
    if (each) std::printf("== %s\n", unit[0].c_str());
    if (p) {
      session.run_dependencies(p);
      if (!session.checked.contains(p)) {
        auto pkg = session.run(*p, lang, has_asm, diags);
        if (paths) session.checked[p] = pkg ? std::move(pkg) : std::make_unique<types::Package>();
        else if (pkg) session.roots.push_back(std::move(pkg));
      }
    }
    if (repeats) diags.sort();
    else diags.finish();
    failed = failed || !diags.empty();
    std::fputs(diag::render(diags, "", {.limit = 0}).c_str(), stdout);
    std::fflush(stdout);
  }
  if (timing) {
    double total = session.parse + session.check;
    std::fprintf(stderr, "%zu packages, %zu lines; parse %.3f s, check %.3f s: %.0f lines per CPU-second\n",
                 session.loader.order().size(), session.lines, session.parse, session.check,
                 static_cast<double>(session.lines) / total);
  }
  return failed || !session.broken.empty() ? 1 : 0;
}

int main(int argc, char** argv) {
  int status = 2;
  TaskGraph graph;  // for a thread with a large stack
  graph.add([&] { status = run(argc, argv); });
  graph.run(1);
  return status;
}
