#include "driver/session.h"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/file.h"
#include "driver/cache.h"
#include "driver/environment.h"
#include "driver/godebug.h"
#include "driver/overlay.h"
#include "driver/pattern.h"

namespace vole::driver {
namespace fs = std::filesystem;

int fail(const std::string& message) {
  std::fprintf(stderr, "vole: %s\n", printable_lines(message).c_str());
  return 1;
}

int go_fail(const std::string& message) {
  std::fprintf(stderr, "go: %s\n", printable_lines(message).c_str());
  return 1;
}

// GOTOOLCHAIN: vole is the one that is there, and fetches no other.
static bool check_toolchain(const std::string& v, std::string& error) {
  std::string_view name = std::string_view(v).substr(0, v.find('+'));
  std::string_view behind = std::string_view(v).substr(std::min(name.size(), v.size()));
  bool known = behind.empty() || behind == "+auto" || behind == "+path";
  if (v.empty() || name == "auto" || name == "path" || name == "local" ||
      (name.starts_with("go1.27") && known))
    return true;
  error = known && name.starts_with("go1") ? fmt::format("GOTOOLCHAIN={} is not supported", printable(v))
                                           : fmt::format("invalid GOTOOLCHAIN \"{}\"", printable(v));
  return false;
}

// Variables that change what go builds: what vole does not follow is refused.
static bool check_environment(std::string& error) {
  if (std::string v = setting("GO111MODULE"); !v.empty() && v != "on" && v != "auto") {
    error = v == "off" ? "GO111MODULE=off is not supported"
                       : fmt::format("unknown environment setting GO111MODULE={}", printable(v));
    return false;
  }
  for (const char* name : {"GOEXPERIMENT", "GOCACHEPROG"})
    if (std::string v = setting(name); !v.empty())
      return error = fmt::format("{}={} is not supported", name, printable(v)), false;
  if (std::string v = setting("GOFIPS140"); !v.empty() && v != "off")
    return error = fmt::format("GOFIPS140={} is not supported", printable(v)), false;
  return check_toolchain(setting("GOTOOLCHAIN"), error);
}

// Whether standard error is a terminal that shows colours and lines of source.
static bool rich_terminal() {
  const char* term = std::getenv("TERM");
  return isatty(2) && !std::getenv("NO_COLOR") && (!term || std::string_view(term) != "dumb");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code e;
  if (!path_.empty() && !keep_) fs::remove_all(path_, e);
}

bool TemporaryFolder::make(bool keep) {
  std::string base = setting("GOTMPDIR");
  if (const char* v = std::getenv("TMPDIR"); base.empty()) base = v && *v ? v : "/tmp";
  keep_ = keep;
  constexpr int Tries = 1000;
  auto seed = static_cast<u64>(std::chrono::steady_clock::now().time_since_epoch().count()) * 1000 +
              static_cast<u64>(getpid()) * 0x9e3779b97f4a7c15;
  for (int i = 0; i < Tries; i++) {
    path_ = fmt::format("{}/vole-build-{:x}", base, seed + static_cast<u64>(i));
    if (!keep) scratch_.emplace(path_);
    int made = mkdir(path_.c_str(), 0700), why = errno;
    if (scratch_) scratch_->made();
    if (made == 0) return true;
    scratch_.reset();
    if (why == EEXIST) continue;
    fail(fmt::format("cannot make a temporary folder {}: {}", printable(path_), error_text(why)));
    break;
  }
  path_.clear();
  return false;
}

bool Session::open(bool listing) {
  listing_ = listing;
  std::error_code e;
  if (!flags_.dir.empty()) fs::current_path(flags_.dir, e);
  if (e) return go_fail(fmt::format("chdir {}: {}", printable(flags_.dir), error_text(e.value()))), false;
  cwd_ = fs::current_path(e).string();
  if (e) return go_fail("cannot determine current directory: " + error_text(e.value())), false;
  std::string error;
  if (!find_install(install_, error)) return fail(error), false;
  for (size_t at = 0; at < flags_.tags.size();) {
    size_t end = std::min(flags_.tags.find_first_of(", ", at), flags_.tags.size());
    if (end > at) context_.tags.insert(flags_.tags.substr(at, end - at));
    at = end + 1;
  }
  if (!read_platform(context_, error) || !check_environment(error)) return go_fail(error), false;
  Modules modules;
  if (!modules.find(cwd_, install_.go_version, flags_.mod, error)) return go_fail(error), false;
  LoadOptions options;
  options.goroot = install_.goroot;
  options.golib = install_.overlay;
  options.trim_paths = flags_.trim_paths;
  options.listing = listing;
  options.no_imports = flags_.find;
  options.checker_reports = flags_.compile_only;
  if (!flags_.overlay.empty() && !read_overlay(flags_.overlay, cwd_, options.overlay, error))
    return go_fail(error), false;
  loader_ = std::make_unique<Loader>(context_, std::move(options), std::move(modules));
  return true;
}

// What is wrong with packages before they are compiled: in the order in which they were loaded, and with
// files named as go's loader names them, "main.go" where its compiler says "./main.go".
bool Session::show(diag::Diagnostics& diags) {
  if (diags.empty()) return true;
  diag::RenderOptions r;
  r.rich = r.color = rich_terminal();
  r.limit = 0;
  std::string text = diag::render(diags, cwd_, r);
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text.compare(at, 2, "./") == 0) text.erase(at, 2);
    if (text.find('\n', at) == std::string::npos) break;
  }
  std::fputs(text.c_str(), stderr);
  return false;
}

bool Session::load(bool only_first, bool tolerant) {
  auto is_file = [](const std::string& s) { return s.ends_with(".go") || s.ends_with(".s"); };
  std::vector<std::string> args = flags_.args;
  if (args.empty()) args.push_back(".");
  diag::Diagnostics diags;
  if (is_file(args[0])) {
    size_t files = 1;
    while (files < args.size() && is_file(args[files])) files++;
    if (!only_first && files < args.size())
      return fail(fmt::format("named files must all be .go or .s files: {}", args[files])), false;
    rest_.assign(args.begin() + static_cast<long>(files), args.end());
    args.resize(files);
    if (LoadedPackage* p = loader_->load_files(args, diags)) roots_.push_back(p);
    return show(diags) && !roots_.empty();
  }
  if (only_first) {
    rest_.assign(args.begin() + 1, args.end());
    args.resize(1);
  }
  for (const std::string& a : args) {
    if (a == "all") load_all(diags);
    else load_pattern(a, diags);
  }
  return tolerant || show(diags);
}

void Session::add_root(LoadedPackage* p, const std::string& argument) {
  auto [it, fresh] = matched_.try_emplace(p);
  if (fresh) roots_.push_back(p);
  if (std::find(it->second.begin(), it->second.end(), argument) == it->second.end())
    it->second.push_back(argument);
}

void Session::load_pattern(const std::string& argument, diag::Diagnostics& diags) {
  diag::Diagnostics own;
  auto paths = expand_pattern(argument, cwd_, loader_->modules(), install_.goroot, own);
  for (auto& d : own.all()) diags.add(d);
  if (!own.empty() && listing_ && !is_pattern(argument)) add_root(loader_->faulty(argument, own), argument);
  for (const std::string& path : paths) {
    if (is_pattern(argument) && !loader_->selects_files(path)) continue;
    LoadedPackage* p = loader_->load(path, diags);
    if (!p) continue;
    if (listing_ || !p->test_only) add_root(p, argument);
    else if (!is_pattern(argument))
      diags.report(diag::Code::Other, {}, "{}: no non-test Go files in {}", p->import_path, p->dir);
  }
}

// The packages of the main modules, and all that they and their tests import.
void Session::load_all(diag::Diagnostics& diags) {
  std::vector<LoadedPackage*> packages;
  auto load = [&](const std::string& path, const LoadedPackage* importer) {
    LoadedPackage* p = path == "unsafe" || path == "C" ? nullptr : loader_->load(path, diags, importer);
    if (p && (listing_ || !p->test_only)) packages.push_back(p);
    return p;
  };
  if (!loader_->modules().main()) return go_fail("go: go.mod file not found"), void();
  for (const std::string& path : expand_pattern("work", cwd_, loader_->modules(), install_.goroot, diags)) {
    LoadedPackage* p = loader_->selects_files(path) ? load(path, nullptr) : nullptr;
    if (!p) continue;
    Loader::Tests tests = loader_->tests_of(*p);
    for (auto* imports : {&tests.internal_imports, &tests.external_imports})
      for (const std::string& i : *imports) load(i, p);
  }
  packages = loader_->closure(packages);
  std::sort(packages.begin(), packages.end(),
            [](auto* a, auto* b) { return a->import_path < b->import_path; });
  for (LoadedPackage* p : packages) add_root(p, "all");
}

bool Session::names_package(const std::string& pattern, const LoadedPackage& p) {
  if (pattern.empty()) return std::find(roots_.begin(), roots_.end(), &p) != roots_.end();
  bool cmd = p.is_std && (p.import_path == "cmd" || p.import_path.starts_with("cmd/"));
  if (pattern == "all") return true;
  if (pattern == "std") return p.is_std && !cmd;
  if (pattern == "cmd") return cmd;
  bool local = pattern[0] == '.' || pattern[0] == '/';
  if (!local) return matches_pattern(pattern, p.import_path);
  return matches_pattern(
      fs::path(pattern[0] == '/' ? pattern : cwd_ + "/" + pattern).lexically_normal().string(), p.dir);
}

// What -gcflags, -asmflags and -ldflags say, package by package.
bool Session::package_flags(BuildOptions& b, std::string& error) {
  WordsByPattern compiler, assembler, linker;
  if (!compiler.read("gcflags", flags_.gcflags, error) ||
      !assembler.read("asmflags", flags_.asmflags, error) || !linker.read("ldflags", flags_.ldflags, error))
    return false;
  // Words that are for no package of this build are looked at, too.
  for (auto& [pattern, words] : compiler.all())
    if (PackageFlags f; !read_compiler_words(words, f, error)) return false;
  for (auto& [pattern, words] : assembler.all())
    if (PackageFlags f; !read_assembler_words(words, f, error)) return false;
  for (auto& [pattern, words] : linker.all())
    if (BuildOptions o; !read_linker_words(words, o, error)) return false;
  for (LoadedPackage* p : loader_->order()) {
    auto matches = [&](const std::string& pattern) { return names_package(pattern, *p); };
    p->flags = {};
    read_compiler_words(compiler.of(matches), p->flags, error);
    read_assembler_words(assembler.of(matches), p->flags, error);
    if (!p->flags.lang.empty()) p->go_version = p->flags.lang;
    p->flags.all_errors |= flags_.all_errors;
  }
  for (LoadedPackage* p : roots_) {
    if (p->name != "main") continue;
    read_linker_words(linker.of([&](const std::string& pattern) { return names_package(pattern, *p); }), b,
                      error);
    break;  // programs of one build are linked alike
  }
  return true;
}

bool Session::build_options(BuildOptions& b) {
  std::string error;
  if (!package_flags(b, error)) return fail(error), false;
  if (!can_build(context_))
    return fail(fmt::format("cannot build for {}: only linux/amd64 is supported", context_.pair())), false;
  b.compile.platform = context_;
  b.compile.goroot = install_.goroot;
  b.compile.dump = flags_.dump;
  b.compile.verify = flags_.verify;
  b.compile.bodies_elsewhere = flags_.incomplete;
  b.cache_dir = Cache::default_dir();
  if (!b.cache_dir.empty() && b.cache_dir[0] != '/')
    return go_fail("build cache is required, but could not be located: VOLECACHE is not an absolute path"),
           false;
  b.rebuild = flags_.rebuild || flags_.keep_work;
  b.verbose = flags_.verbose;
  b.show = flags_.show || flags_.dry_run;
  b.dry_run = flags_.dry_run;
  b.json = flags_.json;
  b.runtime_archive = install_.runtime_archive;
  b.threads = flags_.threads ? flags_.threads : std::max(1u, std::thread::hardware_concurrency());
  b.build_version = install_.go_version;
  b.default_goroot = flags_.trim_paths ? "" : install_.goroot;
  b.work_dir = cwd_;
  bool terminal = isatty(2);
  b.rich_diagnostics = terminal;
  b.color = rich_terminal();
  b.progress = terminal && !flags_.json;
  b.timings = flags_.timings;
  if (!flags_.lang.empty())
    for (LoadedPackage* p : roots_) p->go_version = flags_.lang;
  return true;
}

bool Session::with_runtime(const std::vector<LoadedPackage*>& packages, std::vector<LoadedPackage*>& out) {
  std::vector<LoadedPackage*> wanted = packages;
  if (std::any_of(packages.begin(), packages.end(), [](LoadedPackage* p) { return p->name == "main"; }) &&
      !flags_.find) {
    diag::Diagnostics diags;
    LoadedPackage* runtime = loader_->load("runtime", diags);
    if (!show(diags) || !runtime) return false;
    wanted.push_back(runtime);
  }
  out = loader_->closure(wanted);
  return true;
}

// What go.sum says of a module's contents: "path version h1:…".
std::string Session::checksum(const Module& m) const {
  const Module* main = loader_->modules().main();
  std::istringstream in(file_text((main ? main->dir : cwd_) + "/go.sum"));
  std::string wanted = m.path + " " + m.version + " ";
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(wanted)) return line.substr(wanted.size());
  return "";
}

bool Session::godebug_of(const LoadedPackage& p, std::string& out) {
  diag::Diagnostics diags;
  std::string error;
  if (default_godebug(p, loader_->modules(), install_.goroot, install_.go_version, out, diags, error))
    return true;
  if (!error.empty()) return go_fail(error), false;
  std::fprintf(stderr, "# %s\n", p.import_path.c_str());
  return show(diags);
}

std::string Session::build_info(const LoadedPackage& p, const std::string& godebug) const {
  std::string out = "path\t" + p.import_path + "\n";
  if (p.module) out += "mod\t" + p.module->path + "\t(devel)\t\n";
  std::map<std::string, const Module*> used;
  for (const LoadedPackage* d : loader_->closure({const_cast<LoadedPackage*>(&p)}))
    if (d->module && d->module != p.module) used[d->module->path] = d->module;
  for (auto& [path, m] : used) {
    if (m->main) out += fmt::format("dep\t{}\t(devel)\t\n", path);
    else if (m->replaced_by.empty()) out += fmt::format("dep\t{}\t{}\t{}\n", path, m->version, checksum(*m));
    else out += fmt::format("dep\t{}\t{}\n=>\t{}\t(devel)\t\n", path, m->version, m->replaced_by);
  }
  auto set = [&](std::string_view key, std::string value) {
    if (value.empty()) return;
    bool quote = value.find_first_of(" \t\n\"`\\") != std::string::npos;
    out += fmt::format("build\t{}={}\n", key, quote ? nlohmann::json(value).dump() : value);
  };
  auto last = [](const std::vector<std::string>& values) { return values.empty() ? "" : values.back(); };
  set("-asmflags", last(flags_.asmflags));
  set("-buildmode", "exe");
  set("-compiler", "vole");
  set("-gcflags", last(flags_.gcflags));
  if (!flags_.trim_paths) set("-ldflags", last(flags_.ldflags));
  set("-tags", flags_.tags);
  set("DefaultGODEBUG", godebug);
  if (flags_.trim_paths) set("-trimpath", "true");
  set("CGO_ENABLED", "0");
  set("GOARCH", context_.goarch);
  set("GOOS", context_.goos);
  if (context_.goarch == "amd64") set("GOAMD64", fmt::format("v{}", context_.amd64_level));
  return out;
}

std::string Session::program_name(const LoadedPackage& p) {
  if (p.import_path == "command-line-arguments") return fs::path(p.go_files[0].path).stem().string();
  fs::path path(p.import_path);
  std::string last = path.filename().string();
  bool version =
      last.size() > 1 && last[0] == 'v' && last.find_first_not_of("0123456789", 1) == std::string::npos;
  return version && path.has_parent_path() ? path.parent_path().filename().string() : last;
}
}  // namespace vole::driver
