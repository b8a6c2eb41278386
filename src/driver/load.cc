#include "driver/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "driver/embed.h"
#include "driver/generated.h"
#include "driver/path_check.h"
#include "syntax/parse.h"
#include "types/check.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
bool is_dir(const std::string& path) {
  std::error_code e;
  return fs::is_directory(path, e);
}
void report(diag::Diagnostics& diags, Pos pos, std::string text) {
  diags.add({diag::Code::Other, pos, std::move(text), {}, {}, false});
}

// The part of an import path that may import it: what stands before its last "internal" element; false when
// there is none.
bool internal_root(std::string_view path, std::string_view& root) {
  constexpr std::string_view Word = "internal";
  for (size_t at = path.rfind(Word); at != std::string_view::npos;
       at = at ? path.rfind(Word, at - 1) : std::string_view::npos) {
    bool starts = at == 0 || path[at - 1] == '/',
         ends = at + Word.size() == path.size() || path[at + Word.size()] == '/';
    if (!starts || !ends) continue;
    root = path.substr(0, at ? at - 1 : 0);
    return true;
  }
  return false;
}
bool lies_below(std::string_view path, std::string_view root) {
  return root.empty() || (path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/'));
}
// The message for a package none of whose files this build takes; one that is imported is known by the
// import's position.
std::string excluded(const LoadedPackage& p, Pos importing) {
  return fmt::format("{}build constraints exclude all Go files in {}",
                     importing.file().empty() ? "package " + p.import_path + ": " : "", p.dir);
}
}  // namespace

Loader::Loader(const BuildContext& context, LoadOptions options, Modules modules)
    : context_(context), options_(std::move(options)), modules_(std::move(modules)) {
  std::string version = file_text(options_.goroot + "/VERSION");
  go_version_ = version.substr(0, version.find('\n'));
  for (auto& [file, instead] : options_.overlay) {
    if (instead.empty()) continue;
    for (fs::path dir = fs::path(file).parent_path(); overlay_folders_.insert(dir.string()).second;)
      dir = dir.parent_path();
  }
}

// Whether a folder of the way down from a module's root begins another module.
bool Loader::other_module(const std::string& root, const std::string& below) const {
  for (size_t at = below.find('/', 1); !below.empty(); at = below.find('/', at + 1)) {
    std::error_code e;
    if (fs::exists(root + below.substr(0, at) + "/go.mod", e)) return true;
    if (at == std::string::npos) break;
  }
  return false;
}

bool Loader::has_folder(const std::string& dir) const {
  return is_dir(dir) || overlay_folders_.contains(dir);
}

// The folder of an import path: std first, then the modules, then vendored packages. Std and cmd have
// vendored packages of their own.
bool Loader::locate(const std::string& path, const LoadedPackage* importer, LoadedPackage& out) const {
  std::string src = options_.goroot + "/src/";
  auto take = [&](const std::string& import_path, const std::string& dir, bool is_std) {
    if (!has_folder(dir)) return false;
    out.import_path = import_path;
    out.dir = dir;
    out.is_std = is_std;
    return true;
  };
  if (!options_.golib.empty() && take(path, options_.golib + "/" + path, true)) return true;
  if (importer && importer->is_std) {
    std::string vendored = (lies_below(importer->import_path, "cmd") ? "cmd/vendor/" : "vendor/") + path;
    bool dotted = path.substr(0, path.find('/')).find('.') != std::string::npos;
    if (dotted && take(vendored, src + vendored, true)) return true;
  }
  if (take(path, src + path, true)) return true;
  if (const Module* m = modules_.of(path); m && !other_module(m->dir, path.substr(m->path.size())) &&
                                           take(path, m->dir + path.substr(m->path.size()), false)) {
    out.module = m;
    out.go_version = m->go_version;
    return true;
  }
  if (modules_.vendor_dir().empty() || !take(path, modules_.vendor_dir() + "/" + path, false)) return false;
  out.module = modules_.vendored(path);
  if (out.module) out.go_version = out.module->go_version;
  return true;
}

// The rule for packages below a folder named internal: only what lies beside that folder imports them.
bool Loader::may_import(const LoadedPackage& importer, const LoadedPackage& p) const {
  std::string_view root;
  if (!internal_root(p.import_path, root)) return true;
  std::string_view path = importer.import_path;
  if (importer.is_std && path.ends_with("_test") && importer.name.ends_with("_test"))
    path.remove_suffix(5);  // tests have the rights of what they test
  if (p.is_std) return importer.is_std && lies_below(path, root);
  if (importer.import_path != "command-line-arguments") return lies_below(importer.import_path, root);
  return internal_root(p.dir, root) && lies_below(importer.dir, root);
}

LoadedPackage* Loader::find(const std::string& path, const LoadedPackage* importer, Pos pos,
                            diag::Diagnostics& diags) {
  LoadedPackage where;
  if (!locate(path, importer, where)) {
    size_t slash = path.find('/');
    bool looks_std = path.substr(0, slash).find('.') == std::string::npos;
    if (looks_std)
      report(diags, pos, fmt::format("package {} is not in std ({}/src/{})", path, options_.goroot, path));
    else
      report(diags, pos,
             fmt::format("no required module provides package {}; to add it:\n\tgo get {}", path, path));
    return nullptr;
  }
  auto [it, fresh] = by_path_.try_emplace(where.import_path, nullptr);
  if (fresh) {
    packages_.push_back(std::move(where));
    it->second = &packages_.back();
    LoadedPackage* p = it->second;
    if (!read_folder(*p, pos, diags) || !finish(*p, pos, diags)) return nullptr;
    return p;
  }
  LoadedPackage* p = it->second;
  if (p->visiting) {
    cycles_.push_back(cycle_through(*p));
    return nullptr;
  }
  return p->done ? p : nullptr;
}

// The packages on the way from p back to itself, one a line as go prints them.
std::string Loader::cycle_through(const LoadedPackage& p) const {
  std::string out = "package " + p.import_path;
  for (auto at = std::find(stack_.begin(), stack_.end(), &p); at != stack_.end(); ++at) {
    const LoadedPackage* next = at + 1 == stack_.end() ? &p : *(at + 1);
    auto is_next = [&](const LoadedPackage::Import& i) {
      return i.path == next->import_path || "vendor/" + i.path == next->import_path;
    };
    auto import = std::find_if((*at)->imports.begin(), (*at)->imports.end(), is_next);
    out += "\n\timports " + next->import_path;
    if (import != (*at)->imports.end())
      out += " from " + fs::path(std::string(import->pos.file())).filename().string();
  }
  return out + ": import cycle not allowed";
}

bool Loader::read_source(const std::string& path, std::string& out, std::string& error) const {
  auto it = options_.overlay.find(path);
  return read_file(it == options_.overlay.end() ? path : it->second, out, error);
}

// Names of the files of a folder as the overlay shows it, sorted.
std::vector<std::string> Loader::names_in(const std::string& dir, std::string& error) const {
  std::error_code e;
  std::vector<std::string> names;
  for (fs::directory_iterator it(dir, e), end; !e && it != end; it.increment(e)) {
    std::error_code ignored;
    std::string name = it->path().filename().string();
    bool source = name.ends_with(".go") || name.ends_with(".s");
    if (!source || !it->is_directory(ignored)) names.push_back(std::move(name));
  }
  if (e && !overlay_folders_.contains(dir)) error = e.message();
  for (auto& [file, instead] : options_.overlay) {
    if (fs::path(file).parent_path() != dir) continue;
    std::string name = fs::path(file).filename().string();
    std::erase(names, name);
    if (!instead.empty()) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Loader::shown_name(const LoadedPackage& p, const std::string& file) const {
  return options_.trim_paths ? p.import_path + file.substr(file.rfind('/')) : file;
}

bool Loader::read_folder(LoadedPackage& p, Pos pos, diag::Diagnostics& diags) {
  std::string error;
  std::vector<std::string> names = names_in(p.dir, error);
  if (!error.empty()) {
    report(diags, pos, fmt::format("cannot read folder {}: {}", p.dir, error));
    return false;
  }
  for (const std::string& name : names) {
    bool go = name.ends_with(".go"), assembly = name.ends_with(".s");
    if ((!go && !assembly) || name[0] == '_' || name[0] == '.') continue;
    SourceFile f{p.dir + "/" + name, {}, shown_name(p, "/" + name)};
    if (!options_.trim_paths) f.shown = f.path;
    if (!context_.matches_name(name)) {
      if (go) p.ignored_files.push_back(name);
      continue;
    }
    if (name.ends_with("_test.go")) {
      p.test_files.push_back(name);
      continue;
    }
    if (!read_source(f.path, f.text, error)) {
      report(diags, pos, error);
      return false;
    }
    std::string why;
    if (!context_.matches_text(f.text, why)) {
      if (go) p.ignored_files.push_back(name);
      if (!why.empty()) report(diags, pos, fmt::format("{}: {}", name, why));
      continue;
    }
    (go ? p.go_files : p.asm_files).push_back(std::move(f));
  }
  if (p.is_std) add_generated(p);
  if (p.go_files.empty() && take_tests(p, pos, diags)) return pos.file().empty();
  if (p.go_files.empty()) {
    if (!p.ignored_files.empty()) report(diags, pos, excluded(p, pos));
    else report(diags, pos, fmt::format("no Go files in {}", p.dir));
    return false;
  }
  return true;
}

// A package that consists of tests has a name, and nothing that could be imported.
bool Loader::take_tests(LoadedPackage& p, Pos pos, diag::Diagnostics& diags) const {
  Tests tests = tests_of(p);
  if (tests.internal.empty() && tests.external.empty()) return false;
  p.name = tests.package;
  p.test_only = true;
  if (pos.file().empty()) return true;
  report(diags, pos, fmt::format("no non-test Go files in {}", p.dir));
  return true;
}

void Loader::add_generated(LoadedPackage& p) const {
  SourceFile f;
  std::string name;
  f.text = generated_file(p.import_path, go_version_, options_.goroot, name);
  if (f.text.empty()) return;
  f.path = p.dir + "/" + name;
  f.shown = shown_name(p, f.path);
  auto same = [&](const SourceFile& x) { return x.path == f.path; };
  if (std::none_of(p.go_files.begin(), p.go_files.end(), same)) p.go_files.push_back(std::move(f));
}

// Patterns of //go:embed lines that name nothing that may be embedded. Only files that import embed have any.
bool Loader::check_embeds(const LoadedPackage& p, const SourceFile& f, const syntax::File& file,
                          diag::Diagnostics& diags) const {
  if (f.text.find("//go:embed") == std::string::npos ||
      std::none_of(file.imports.begin(), file.imports.end(), [](auto* i) { return i->path == "embed"; }))
    return true;
  diag::Diagnostics own;
  auto whole = syntax::parse(Name::intern(f.shown), f.text, own, {.source = Name::intern(f.path)});
  bool ok = true;
  for (auto* d : whole->decls) {
    auto* vars = d->as<syntax::VarDecl>();
    for (const syntax::Embed& e : vars ? vars->embeds : syntax::List<syntax::Embed>()) {
      std::vector<std::string> names;
      std::string error;
      if (match_embed(p.dir, e.pattern, names, error)) continue;
      report(diags, e.pattern_pos, error);
      ok = false;
    }
  }
  return ok;
}

// Parses the import declarations; files that import "C" are left out (cgo is off).
bool Loader::read_imports(LoadedPackage& p, Pos pos, diag::Diagnostics& diags) {
  std::vector<SourceFile> kept;
  bool ok = true;
  std::string first_file;
  for (SourceFile& f : p.go_files) {
    diag::Diagnostics own;
    auto file = syntax::parse(Name::intern(f.shown), f.text, own,
                              {.imports_only = true, .source = Name::intern(f.path)});
    if (file->has_errors) {
      // One run shows all that is wrong with the file.
      syntax::parse(Name::intern(f.shown), f.text, diags, {.source = Name::intern(f.path)});
      ok = false;
      continue;
    }
    if (file->cgo && !context_.cgo) {
      p.ignored_files.emplace_back(f.name());
      continue;
    }
    std::string name(file->package_name.text());
    if (name == "documentation") continue;  // ignored by go for historical reasons
    if (p.name.empty()) {
      p.name = name;
      first_file = f.path;
    } else if (p.name != name) {
      report(diags, {},
             fmt::format("found packages {} ({}) and {} ({}) in {}", p.name,
                         fs::path(first_file).filename().string(), name, fs::path(f.path).filename().string(),
                         p.dir));
      return false;
    }
    for (auto* i : file->imports) {
      std::string path(i->path.text());
      auto same = [&](const LoadedPackage::Import& x) { return x.path == path; };
      if (std::any_of(p.imports.begin(), p.imports.end(), same)) continue;
      p.imports.push_back({path, i->pos, nullptr});
    }
    ok &= check_embeds(p, f, *file, diags);
    kept.push_back(std::move(f));
  }
  p.go_files = std::move(kept);
  std::sort(p.imports.begin(), p.imports.end(), [](auto& a, auto& b) { return a.path < b.path; });
  if (ok && p.go_files.empty() && !p.test_only) {
    report(diags, pos, excluded(p, pos));
    return false;
  }
  return ok;
}

// Loads what an import names. Of what is wrong with p for it, only the first is said.
bool Loader::load_import(LoadedPackage& p, LoadedPackage::Import& i, diag::Diagnostics& diags) {
  diag::Diagnostics missing;
  i.package = find(i.path, &p, i.pos, options_.listing ? missing : diags);
  for (auto& d : missing.all()) p.import_errors.push_back({d.pos, d.text});
  if (!i.package) return options_.listing;
  auto wrong = [&](std::string text) {
    if (p.errors.empty()) report(diags, i.pos, text);
    p.errors.push_back({i.pos, std::move(text)});
    return false;
  };
  if (!may_import(p, *i.package))
    return wrong(fmt::format("use of internal package {} not allowed", i.package->import_path));
  if (i.package->name == "main")
    return wrong(fmt::format("import \"{}\" is a program, not an importable package", i.path));
  return true;
}

// Why no folder is looked for: what the path itself says. Empty: nothing is wrong with it.
std::string Loader::unloadable(const LoadedPackage& importer, const std::string& path) const {
  if (path == "." || path == ".." || path.starts_with("./") || path.starts_with("../"))
    return fmt::format("\"{}\" is relative, but relative import paths are not supported in module mode",
                       path);
  if (path.starts_with('/'))
    return fmt::format("\"{}\" is not a package path; see 'vole help packages'", path);
  if (!importer.is_std && (path.starts_with("vendor/") || path.find("/vendor/") != std::string::npos))
    return "use of vendored package not allowed";
  // Blanks, quotes and the like are the checker's to report.
  std::string why =
      types::import_path_fault(path).find("invalid import path") == 0 ? "" : import_path_fault(path);
  return why.empty() || path == "C" ? "" : fmt::format("malformed import path \"{}\": {}", path, why);
}

// Loads what p imports and puts p into the order. `pos` is where p is imported.
bool Loader::finish(LoadedPackage& p, Pos pos, diag::Diagnostics& diags) {
  if (!read_imports(p, pos, diags)) return false;
  p.visiting = true;
  stack_.push_back(&p);
  bool ok = true;
  for (auto& i : p.imports) {
    if (i.path == "unsafe" || options_.no_imports) continue;
    if (std::string why = unloadable(p, i.path); !why.empty() && !options_.checker_reports) {
      report(diags, i.pos, why);
      ok = false;
      continue;
    }
    if (!types::import_path_fault(i.path).empty()) continue;  // the checker reports faults
    ok &= load_import(p, i, diags);
  }
  stack_.pop_back();
  p.visiting = false;
  p.done = ok;
  if (ok) order_.push_back(&p);
  return ok;
}

bool Loader::selects_files(const std::string& import_path) const {
  LoadedPackage p;
  if (!locate(import_path, nullptr, p)) return true;  // loading it will say what is wrong
  std::string error;
  for (const std::string& name : names_in(p.dir, error)) {
    std::string text, why;
    if (!name.ends_with(".go") || name[0] == '_' || name[0] == '.' || !context_.matches_name(name)) continue;
    if (!read_source(p.dir + "/" + name, text, why)) return true;  // the same
    if (!context_.matches_text(text, why)) continue;
    diag::Diagnostics own;
    if (context_.cgo ||
        !syntax::parse(Name::intern(name), text, own, {.imports_only = true, .source = {}})->cgo)
      return true;
  }
  return false;
}

Loader::Tests Loader::tests_of(const LoadedPackage& p) const {
  Tests out;
  for (const std::string& name : p.test_files) {
    std::string text, why;
    if (!read_source(p.dir + "/" + name, text, why) || !context_.matches_text(text, why)) continue;
    diag::Diagnostics own;
    auto file = syntax::parse(Name::intern(name), text, own, {.imports_only = true, .source = {}});
    if (file->cgo && !context_.cgo) continue;
    std::string package(file->package_name.text());
    bool external = package.ends_with("_test");
    (external ? out.external : out.internal).push_back(name);
    if (external) package.resize(package.size() - 5);
    if (out.package.empty()) out.package = package;
    for (auto* i : file->imports)
      (external ? out.external_imports : out.internal_imports).emplace_back(i->path.text());
  }
  for (auto* list : {&out.internal_imports, &out.external_imports}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return out;
}

std::vector<LoadedPackage*> Loader::closure(const std::vector<LoadedPackage*>& roots) const {
  absl::flat_hash_set<const LoadedPackage*> wanted(roots.begin(), roots.end());
  std::vector<LoadedPackage*> out;
  for (size_t i = order_.size(); i-- > 0;) {
    if (!wanted.contains(order_[i])) continue;
    out.push_back(order_[i]);
    for (auto& import : order_[i]->imports)
      if (import.package) wanted.insert(import.package);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

LoadedPackage* Loader::load(const std::string& import_path, diag::Diagnostics& diags,
                            const LoadedPackage* importer) {
  diag::Diagnostics own;
  LoadedPackage* p = find(import_path, importer, {}, own);
  for (std::string& cycle : cycles_) report(own, {}, std::move(cycle));
  cycles_.clear();
  for (auto& d : own.all()) diags.add(d);
  return p || !options_.listing ? p : faulty(import_path, own);
}

// A package that could not be loaded, with what is wrong with it.
LoadedPackage* Loader::faulty(const std::string& import_path, const diag::Diagnostics& why) {
  LoadedPackage where;
  where.import_path = import_path;
  locate(import_path, nullptr, where);
  LoadedPackage*& p = by_path_[where.import_path];
  if (!p) p = &packages_.emplace_back(std::move(where));
  if (p->errors.empty())
    for (auto& d : why.all()) p->errors.push_back({d.pos, d.text});
  return p;
}

// Why a name of the command line is no file to compile; empty when it may be one.
std::string Loader::file_fault(const std::string& name, const std::string& path) const {
  if (auto it = options_.overlay.find(path); it != options_.overlay.end() && !it->second.empty()) return "";
  std::error_code e;
  fs::file_status status = fs::status(path, e);
  if (!fs::status_known(status) || !fs::exists(status))
    return fmt::format("stat {}: {}", printable(name), error_text(e ? e.value() : ENOENT));
  return fs::is_directory(status) ? fmt::format("{} is a directory, should be a Go file", printable(name))
                                  : "";
}

LoadedPackage* Loader::load_files(const std::vector<std::string>& files, diag::Diagnostics& diags) {
  packages_.emplace_back();
  LoadedPackage& p = packages_.back();
  p.import_path = "command-line-arguments";
  for (const std::string& name : files) {
    SourceFile f{fs::absolute(name).lexically_normal().string(), {}, {}};
    f.shown = shown_name(p, f.path);
    if (std::string why = file_fault(name, f.path); !why.empty() || !read_source(f.path, f.text, why)) {
      report(diags, {}, why);
      return nullptr;
    }
    std::string dir = fs::path(f.path).parent_path().string();
    if (!p.dir.empty() && dir != p.dir) {
      auto near = [](const std::string& d) { return fs::relative(d).string(); };
      report(diags, {},
             fmt::format("named files must all be in one directory; have {} and {}", near(p.dir), near(dir)));
      return nullptr;
    }
    p.dir = dir;
    (name.ends_with(".s") ? p.asm_files : p.go_files).push_back(std::move(f));
  }
  if (p.go_files.empty()) {
    report(diags, {}, "no Go files named");
    return nullptr;
  }
  p.module = modules_.main_at(p.dir);
  if (!p.module) p.module = modules_.main();
  if (p.module) p.go_version = p.module->go_version;
  bool ok = finish(p, {}, diags);
  for (std::string& cycle : cycles_) report(diags, {}, std::move(cycle));
  cycles_.clear();
  return ok ? &p : nullptr;
}
}  // namespace vole::driver
