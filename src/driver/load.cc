#include "driver/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "driver/generated.h"
#include "syntax/parse.h"
#include "types/check.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
bool read_file(const std::string& path, std::string& out) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  in.seekg(0, std::ios::end);
  auto size = in.tellg();
  if (size < 0) return false;
  out.resize(static_cast<size_t>(size));
  in.seekg(0);
  in.read(out.data(), size);
  return static_cast<bool>(in);
}
bool is_dir(const std::string& path) {
  std::error_code e;
  return fs::is_directory(path, e);
}
void report(diag::Diagnostics& diags, Pos pos, std::string text) { diags.add({diag::Code::Other, pos, std::move(text), {}, {}, false}); }
}  // namespace

// The folder of an import path. Within std, golang.org/x packages are the vendored ones.
bool Loader::locate(const std::string& path, const LoadedPackage* importer, LoadedPackage& out) const {
  auto take = [&](const std::string& import_path, const std::string& dir, bool is_std) {
    if (!is_dir(dir)) return false;
    out.import_path = import_path;
    out.dir = dir;
    out.is_std = is_std;
    if (!is_std) out.go_version = module_.go_version;
    return true;
  };
  auto below = [&](const std::string& module_path) { return path == module_path || path.starts_with(module_path + "/"); };
  if (!module_.path.empty() && below(module_.path)) return take(path, module_.dir + path.substr(module_.path.size()), false);
  for (auto& [from, dir] : module_.replace)
    if (below(from)) return take(path, dir + path.substr(from.size()), false);
  if (!overlay_.empty() && take(path, overlay_ + "/" + path, true)) return true;
  if (importer && importer->is_std && path.starts_with("golang.org/x/")) {
    std::string vendored = "vendor/" + path;
    if (take(vendored, goroot_ + "/src/" + vendored, true)) return true;
  }
  if (take(path, goroot_ + "/src/" + path, true)) return true;
  return !module_.dir.empty() && take(path, module_.dir + "/vendor/" + path, false);
}

Loader::Loader(const BuildContext& context, std::string goroot, std::string overlay)
    : context_(context), goroot_(std::move(goroot)), overlay_(std::move(overlay)) {
  std::string version;
  read_file(goroot_ + "/VERSION", version);
  go_version_ = version.substr(0, version.find('\n'));
}

LoadedPackage* Loader::find(const std::string& path, const LoadedPackage* importer, Pos pos, diag::Diagnostics& diags) {
  LoadedPackage where;
  if (!locate(path, importer, where)) {
    size_t slash = path.find('/');
    bool looks_std = path.substr(0, slash).find('.') == std::string::npos;
    if (looks_std) report(diags, pos, fmt::format("package {} is not in std ({}/src/{})", path, goroot_, path));
    else report(diags, pos, fmt::format("no required module provides package {}; to add it:\n\tgo get {}", path, path));
    return nullptr;
  }
  auto [it, fresh] = by_path_.try_emplace(where.import_path, nullptr);
  if (fresh) {
    packages_.push_back(std::move(where));
    it->second = &packages_.back();
    LoadedPackage* p = it->second;
    if (!read_folder(*p, pos, diags) || !finish(*p, diags)) return nullptr;
    return p;
  }
  LoadedPackage* p = it->second;
  if (p->visiting) {
    report(diags, pos, "import cycle not allowed" + cycle_through(*p));
    return nullptr;
  }
  return p->done ? p : nullptr;
}

// The packages on the way from p back to itself, one a line as go prints them.
std::string Loader::cycle_through(const LoadedPackage& p) const {
  auto at = std::find(stack_.begin(), stack_.end(), &p);
  std::string out = "\npackage " + p.import_path;
  for (++at; at != stack_.end(); ++at) out += "\n\timports " + (*at)->import_path;
  return out + "\n\timports " + p.import_path + ": import cycle not allowed";
}

bool Loader::read_folder(LoadedPackage& p, Pos pos, diag::Diagnostics& diags) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(p.dir, error), end; !error && it != end; it.increment(error)) names.push_back(it->path().filename().string());
  if (error) {
    report(diags, pos, fmt::format("cannot read folder {}: {}", p.dir, error.message()));
    return false;
  }
  std::sort(names.begin(), names.end());
  bool excluded = false;
  for (const std::string& name : names) {
    bool go = name.ends_with(".go"), assembly = name.ends_with(".s");
    if ((!go && !assembly) || name[0] == '_' || name[0] == '.' || name.ends_with("_test.go")) continue;
    if (!context_.matches_name(name)) {
      excluded |= go;
      continue;
    }
    SourceFile f{p.dir + "/" + name, {}};
    if (!read_file(f.path, f.text)) {
      report(diags, pos, fmt::format("cannot read {}", f.path));
      return false;
    }
    std::string why;
    if (!context_.matches_text(f.text, why)) {
      excluded |= go;
      if (!why.empty()) report(diags, pos, fmt::format("{}: parsing //go:build line: {}", f.path, why));
      continue;
    }
    (go ? p.go_files : p.asm_files).push_back(std::move(f));
  }
  if (p.is_std) add_generated(p);
  if (p.go_files.empty()) {
    if (excluded) report(diags, pos, fmt::format("build constraints exclude all Go files in {}", p.dir));
    else report(diags, pos, fmt::format("no Go files in {}", p.dir));
    return false;
  }
  return true;
}

void Loader::add_generated(LoadedPackage& p) const {
  SourceFile f;
  std::string name;
  f.text = generated_file(p.import_path, go_version_, name);
  if (f.text.empty()) return;
  f.path = p.dir + "/" + name;
  auto same = [&](const SourceFile& x) { return x.path == f.path; };
  if (std::none_of(p.go_files.begin(), p.go_files.end(), same)) p.go_files.push_back(std::move(f));
}

// Parses the import declarations; files that import "C" are left out (cgo is off).
bool Loader::read_imports(LoadedPackage& p, diag::Diagnostics& diags) {
  std::vector<SourceFile> kept;
  bool ok = true;
  std::string first_file;
  for (SourceFile& f : p.go_files) {
    diag::Diagnostics own;
    auto file = syntax::parse(Name::intern(f.path), f.text, own, {.imports_only = true});
    if (file->has_errors) {
      // One run shows all that is wrong with the file.
      syntax::parse(Name::intern(f.path), f.text, diags);
      ok = false;
      continue;
    }
    if (file->cgo && !context_.cgo) continue;
    std::string name(file->package_name.text());
    if (name == "documentation") continue;  // ignored by go for historical reasons
    if (p.name.empty()) {
      p.name = name;
      first_file = f.path;
    } else if (p.name != name) {
      report(diags, {}, fmt::format("found packages {} ({}) and {} ({}) in {}", p.name, fs::path(first_file).filename().string(), name,
                                    fs::path(f.path).filename().string(), p.dir));
      return false;
    }
    for (auto* i : file->imports) {
      std::string path(i->path.text());
      auto same = [&](const LoadedPackage::Import& x) { return x.path == path; };
      if (std::any_of(p.imports.begin(), p.imports.end(), same)) continue;
      p.imports.push_back({path, i->path_lit->pos, nullptr});
    }
    kept.push_back(std::move(f));
  }
  p.go_files = std::move(kept);
  if (ok && p.go_files.empty()) {
    report(diags, {}, fmt::format("build constraints exclude all Go files in {}", p.dir));
    return false;
  }
  return ok;
}

// Loads what p imports and puts p into the order.
bool Loader::finish(LoadedPackage& p, diag::Diagnostics& diags) {
  if (!read_imports(p, diags)) return false;
  p.visiting = true;
  stack_.push_back(&p);
  bool ok = true;
  for (auto& i : p.imports) {
    if (i.path == "unsafe" || !types::import_path_fault(i.path).empty()) continue;  // the checker reports the latter
    i.package = find(i.path, &p, i.pos, diags);
    if (!i.package) {
      ok = false;
      continue;
    }
    if (i.package->name == "main") {
      report(diags, i.pos, fmt::format("import \"{}\" is a program, not an importable package", i.path));
      ok = false;
    }
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
  std::error_code error;
  for (fs::directory_iterator it(p.dir, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string(), text, why;
    if (!name.ends_with(".go") || name[0] == '_' || name[0] == '.' || name.ends_with("_test.go") || !context_.matches_name(name)) continue;
    if (!read_file(p.dir + "/" + name, text) || !context_.matches_text(text, why)) continue;
    diag::Diagnostics own;
    if (context_.cgo || !syntax::parse(Name::intern(name), text, own, {.imports_only = true})->cgo) return true;
  }
  return false;
}

LoadedPackage* Loader::load(const std::string& import_path, diag::Diagnostics& diags) { return find(import_path, nullptr, {}, diags); }

LoadedPackage* Loader::load_files(const std::vector<std::string>& files, diag::Diagnostics& diags) {
  packages_.emplace_back();
  LoadedPackage& p = packages_.back();
  p.import_path = "command-line-arguments";
  p.go_version = module_.go_version;
  for (const std::string& name : files) {
    SourceFile f{fs::absolute(name).lexically_normal().string(), {}};
    if (!read_file(f.path, f.text)) {
      report(diags, {}, fmt::format("no required module provides package {}: file not found", name));
      return nullptr;
    }
    p.dir = fs::path(f.path).parent_path().string();
    (name.ends_with(".s") ? p.asm_files : p.go_files).push_back(std::move(f));
  }
  if (p.go_files.empty()) {
    report(diags, {}, "no Go files named");
    return nullptr;
  }
  return finish(p, diags) ? &p : nullptr;
}
}  // namespace vole::driver
