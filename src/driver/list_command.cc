// vole list: packages as lines, by a template, or as JSON with go list's field names.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "driver/commands.h"
#include "driver/godebug.h"
#include "driver/session.h"
#include "driver/template.h"
#include "syntax/parse.h"

namespace vole::driver {
namespace {
Json names(const std::vector<SourceFile>& files) {
  Json out = Json::array();
  for (const SourceFile& f : files) out.push_back(std::string(f.name()));
  return out;
}

// All fields of a module, empty ones too: templates may ask for them.
Json describe(const Module& m) {
  Json replace = nullptr;
  if (!m.replaced_by.empty())
    replace = {{"Path", m.replaced_by}, {"Dir", m.dir}, {"GoMod", m.dir + "/go.mod"}};
  std::string go_version = !m.go_line.empty()     ? m.go_line
                           : m.go_version.empty() ? ""
                                                  : m.go_version.substr(2);
  return {{"Path", m.path},
          {"Version", m.version},
          {"Replace", replace},
          {"Main", m.main},
          {"Indirect", false},
          {"Dir", m.dir},
          {"GoMod", m.main || !m.replaced_by.empty() ? m.dir + "/go.mod" : ""},
          {"GoVersion", go_version},
          {"Error", nullptr}};
}

// The packages below p, by name; a program has the runtime below it.
Json dependencies(Session& s, LoadedPackage* p) {
  std::vector<std::string> out;
  std::vector<LoadedPackage*> below;
  s.with_runtime({p}, below);
  for (LoadedPackage* d : below) {
    if (d != p) out.push_back(d->import_path);
    if (std::any_of(d->imports.begin(), d->imports.end(), [](auto& i) { return i.path == "unsafe"; }))
      out.push_back("unsafe");
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// What is wrong with a package or an import of it, as go list shows it.
Json describe(const LoadedPackage::Error& e, const LoadedPackage& p, const std::string& cwd) {
  std::string place;
  if (e.pos.known()) {
    std::string file(e.pos.file());
    place = fmt::format("{}:{}:{}", file.starts_with(cwd + "/") ? file.substr(cwd.size() + 1) : file,
                        e.pos.line(), e.pos.col());
  }
  return {{"ImportStack", {p.import_path}}, {"Pos", place}, {"Err", e.text}};
}

// Whether an import of p, however far below, could not be loaded.
bool incomplete(Session& s, LoadedPackage* p) {
  auto faulty = [](LoadedPackage* d) { return !d->errors.empty() || !d->import_errors.empty(); };
  auto below = s.loader().closure({p});
  return std::any_of(below.begin(), below.end(), faulty);
}

void add_imports(Session& s, LoadedPackage& p, Json& out) {
  Json imports = Json::array(), renamed = Json::object();
  for (auto& i : p.imports) {
    std::string path = i.package ? i.package->import_path : i.path;
    imports.push_back(path);
    if (path != i.path) renamed[i.path] = path;
  }
  std::sort(imports.begin(), imports.end());
  out["Imports"] = imports;
  out["ImportMap"] = renamed;
  out["Deps"] = dependencies(s, &p);
}

// All fields in go list's order, empty ones too: templates may ask for them.
Json describe(Session& s, LoadedPackage* p, bool root) {
  const Flags& f = s.flags();
  Json out{{"Dir", p->dir}, {"ImportPath", p->import_path}, {"Name", p->name}, {"Doc", ""}, {"Target", ""}};
  out["Root"] = p->is_std ? s.install().goroot : p->module ? p->module->dir : "";
  out["ForTest"] = out["Export"] = out["BuildID"] = "";
  out["Module"] = p->module ? describe(*p->module) : Json(nullptr);
  out["Match"] = s.matched(p);
  out["Goroot"] = out["Standard"] = p->is_std;
  out["DepOnly"] = !root;
  out["BinaryOnly"] = false;
  out["Incomplete"] = incomplete(s, p);
  out["Stale"] = false;
  out["StaleReason"] = "";
  out["DefaultGODEBUG"] = "";
  if (p->name == "main") {
    std::string godebug, error;
    diag::Diagnostics ignored;
    default_godebug(*p, s.loader().modules(), s.install().goroot, s.install().go_version, godebug, ignored,
                    error);
    out["DefaultGODEBUG"] = godebug;
  }
  out["GoFiles"] = names(p->go_files);
  out["CgoFiles"] = Json::array();
  out["CompiledGoFiles"] = f.compiled ? names(p->go_files) : Json::array();
  out["IgnoredGoFiles"] = p->ignored_files;
  for (const char* none : {"IgnoredOtherFiles", "CFiles", "CXXFiles", "MFiles", "HFiles", "FFiles"})
    out[none] = Json::array();
  out["SFiles"] = names(p->asm_files);
  for (const char* none : {"SwigFiles", "SwigCXXFiles", "SysoFiles"}) out[none] = Json::array();
  out["Imports"] = Json::array();
  out["ImportMap"] = Json::object();
  out["Deps"] = Json::array();
  if (!f.find) add_imports(s, *p, out);
  Loader::Tests tests = s.loader().tests_of(*p);
  out["TestGoFiles"] = tests.internal;
  out["XTestGoFiles"] = tests.external;
  out["Error"] = p->errors.empty() ? Json(nullptr) : describe(p->errors[0], *p, s.cwd());
  Json below = Json::array();
  for (auto& e : p->import_errors) below.push_back(describe(e, *p, s.cwd()));
  out["DepsErrors"] = below;
  return out;
}

// Without fields that are empty, as JSON shows a package.
Json without_empty(const Json& item) {
  Json out = Json::object();
  for (auto& [key, value] : item.items()) {
    if (value.is_object() && !value.empty()) out[key] = without_empty(value);
    else if (value.is_boolean() ? value.get<bool>() : value.is_string() ? value != "" : !value.empty())
      out[key] = value;
  }
  return out;
}

// Keeps the fields that -json=A,B names.
Json selected(const Json& package, const std::string& fields) {
  if (fields == "*" || fields == "true") return package;
  Json out = Json::object();
  for (auto& [key, value] : package.items())
    if (("," + fields + ",").find("," + key + ",") != std::string::npos) out[key] = value;
  return out;
}

// Prints things that are listed: as JSON, by the template of -f, or as lines.
class Printer {
 public:
  explicit Printer(const Flags& f) : flags_(f) {}

  // Reads the template; false after a message.
  bool open() {
    std::string error;
    if (flags_.format.empty() || (template_ = Template::parse(flags_.format, error))) return true;
    std::fprintf(stderr, "%s\n", error.c_str());
    return false;
  }

  // Whether only lines are printed, whatever else there is to say.
  bool plain() const { return flags_.json_fields.empty() && !template_; }

  bool print(const Json& item, const std::string& line) {
    std::string out = line, error;
    if (!flags_.json_fields.empty()) {
      out = selected(without_empty(item), flags_.json_fields)
                .dump(1, '\t', false, Json::error_handler_t::replace);
    } else if (template_) {
      out.clear();
      if (!template_->execute(item, Context, out, error))
        return std::fprintf(stderr, "%s\n", error.c_str()), false;
      if (out.empty() || out.ends_with('\n')) return std::fputs(out.c_str(), stdout), true;
    }
    std::printf("%s\n", out.c_str());
    return true;
  }

 private:
  static inline const Json Context{
      {"GOARCH", "amd64"}, {"GOOS", "linux"}, {"Compiler", "gc"}, {"CgoEnabled", false}};
  const Flags& flags_;
  std::unique_ptr<Template> template_;
};

int list_modules(Session& s, Printer& printer) {
  const Modules& modules = s.loader().modules();
  if (!modules.main())
    return fail("cannot match \"all\": go.mod file not found in current directory or any parent directory");
  for (const Module& m : modules.build_list()) {
    bool named = std::any_of(s.flags().args.begin(), s.flags().args.end(),
                             [&](auto& a) { return a == "all" || a == m.path; });
    if (s.flags().args.empty() ? !m.main : !named) continue;
    Json item = describe(m);
    if (!printer.print(item, template_text(item))) return 1;
  }
  return 0;
}
// Package unsafe is what nobody loads: it stands in front of the first package that imports it, or by its
// name.
void add_unsafe(Session& s, std::vector<LoadedPackage*>& listed, bool in_order) {
  auto named = [](LoadedPackage* p) { return p->import_path == "unsafe"; };
  auto imports_it = [](LoadedPackage* p) {
    return std::any_of(p->imports.begin(), p->imports.end(), [](auto& i) { return i.path == "unsafe"; });
  };
  auto at = std::find_if(listed.begin(), listed.end(), imports_it);
  if (at == listed.end() || std::any_of(listed.begin(), listed.end(), named)) return;
  if (!in_order)
    at = std::find_if(listed.begin(), listed.end(), [](auto* p) { return p->import_path > "unsafe"; });
  diag::Diagnostics none;
  if (LoadedPackage* p = s.loader().load("unsafe", none)) listed.insert(at, p);
}
}  // namespace

int list_command(Flags flags) {
  Session s(std::move(flags));
  const Flags& f = s.flags();
  Printer printer(f);
  if (!printer.open() || !s.open(true)) return 1;
  if (f.modules) return list_modules(s, printer);
  if (!s.load(false, f.tolerate_errors)) return 1;
  absl::flat_hash_set<LoadedPackage*> roots(s.roots().begin(), s.roots().end());
  std::vector<LoadedPackage*> listed = s.roots();
  if (f.deps && !s.with_runtime(s.roots(), listed)) return 1;
  if (f.deps || std::find(f.args.begin(), f.args.end(), "all") != f.args.end()) add_unsafe(s, listed, f.deps);
  for (LoadedPackage* p : listed)
    if (!printer.print(printer.plain() ? Json() : describe(s, p, roots.contains(p)), p->import_path))
      return 1;
  return 0;
}
}  // namespace vole::driver
