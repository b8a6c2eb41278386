// vole list: packages as lines, by a template, or as JSON with go list's field names.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "driver/commands.h"
#include "driver/session.h"
#include "syntax/parse.h"

namespace vole::driver {
namespace {
using Json = nlohmann::ordered_json;

Json names(const std::vector<SourceFile>& files) {
  Json out = Json::array();
  for (const SourceFile& f : files) out.push_back(std::string(f.name()));
  return out;
}

Json describe(const Module& m) {
  Json out{{"Path", m.path}};
  if (m.main) out["Main"] = true;
  out["Dir"] = m.dir;
  out["GoMod"] = m.dir + "/go.mod";
  out["GoVersion"] = m.go_line.empty() ? m.go_version.substr(2) : m.go_line;
  return out;
}

// The packages below p, by name.
Json dependencies(Session& s, LoadedPackage* p) {
  std::vector<std::string> out;
  for (LoadedPackage* d : s.loader().closure({p})) {
    if (d != p) out.push_back(d->import_path);
    if (std::any_of(d->imports.begin(), d->imports.end(), [](auto& i) { return i.path == "unsafe"; })) out.push_back("unsafe");
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Json describe(Session& s, LoadedPackage* p, bool root) {
  Json out{{"Dir", p->dir}, {"ImportPath", p->import_path}, {"Name", p->name}};
  if (p->module) out["Module"] = describe(*p->module);
  if (p->is_std) out["Goroot"] = out["Standard"] = true;
  if (!root) out["DepOnly"] = true;
  out["Root"] = p->is_std ? s.install().goroot : p->module ? p->module->dir : p->dir;
  auto set = [&](const char* key, Json value) {
    if (!value.empty()) out[key] = std::move(value);
  };
  set("GoFiles", names(p->go_files));
  set("IgnoredGoFiles", p->ignored_files);
  set("SFiles", names(p->asm_files));
  Loader::Tests tests = s.loader().tests_of(*p);
  set("TestGoFiles", tests.internal);
  set("XTestGoFiles", tests.external);
  Json imports = Json::array();
  Json renamed = Json::object();
  for (auto& i : p->imports) {
    std::string path = i.package ? i.package->import_path : i.path;
    imports.push_back(path);
    if (path != i.path) renamed[i.path] = path;
  }
  std::sort(imports.begin(), imports.end());
  set("Imports", imports);
  set("ImportMap", renamed);
  set("Deps", dependencies(s, p));
  return out;
}

// The words inside {{ }}: bare ones, .Fields and "strings".
std::vector<std::string> action_words(std::string_view s) {
  std::vector<std::string> out;
  for (size_t i = 0; i < s.size();) {
    if (s[i] == ' ') {
      i++;
      continue;
    }
    size_t end = s[i] == '"' ? std::min(s.find('"', i + 1), s.size() - 1) + 1 : std::min(s.find(' ', i), s.size());
    out.emplace_back(s.substr(i, end - i));
    i = end;
  }
  return out;
}

std::string unescape(std::string_view quoted) {
  std::string out;
  for (size_t i = 0; i < quoted.size(); i++) {
    if (quoted[i] != '\\' || i + 1 == quoted.size()) {
      out += quoted[i];
      continue;
    }
    char c = quoted[++i];
    out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return out;
}

Json field(const Json& package, std::string_view path) {
  Json at = package;
  while (path.starts_with('.')) {
    path.remove_prefix(1);
    size_t end = std::min(path.find('.'), path.size());
    std::string key(path.substr(0, end));
    if (!key.empty()) at = at.is_object() && at.contains(key) ? at[key] : Json("");
    path.remove_prefix(end);
  }
  return at;
}

std::string as_text(const Json& v) {
  if (v.is_string()) return v.get<std::string>();
  if (v.is_null()) return "";
  if (!v.is_array()) return v.dump();
  std::string out = "[";
  for (const Json& x : v) out += (out.size() > 1 ? " " : "") + as_text(x);
  return out + "]";
}

// Fills a template in. Returns false after setting `error` when it uses more of text/template than fields and join.
bool fill(std::string_view text, const Json& package, std::string& out, std::string& error) {
  for (size_t at = 0; at < text.size();) {
    size_t open = std::min(text.find("{{", at), text.size());
    out += text.substr(at, open - at);
    if (open == text.size()) break;
    size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return error = "template: unclosed action", false;
    auto words = action_words(text.substr(open + 2, close - open - 2));
    at = close + 2;
    if (words.size() == 1 && words[0].starts_with('.')) {
      out += as_text(field(package, words[0]));
    } else if (words.size() == 3 && words[0] == "join" && words[2].size() >= 2) {
      std::string separator = unescape(std::string_view(words[2]).substr(1, words[2].size() - 2));
      bool first = true;
      for (const Json& x : field(package, words[1])) {
        out += (first ? "" : separator) + as_text(x);
        first = false;
      }
    } else {
      return error = fmt::format("template: {{{{{}}}}} is not supported: use {{{{.Field}}}} or {{{{join .Field \"SEP\"}}}}", text.substr(open + 2, close - open - 2)), false;
    }
  }
  return true;
}

// Keeps the fields that -json=A,B names.
Json selected(const Json& package, const std::string& fields) {
  if (fields == "*" || fields == "true") return package;
  Json out = Json::object();
  for (auto& [key, value] : package.items())
    if (("," + fields + ",").find("," + key + ",") != std::string::npos) out[key] = value;
  return out;
}

int print(const Json& item, const std::string& line, const Flags& f) {
  if (!f.json_fields.empty()) return std::printf("%s\n", selected(item, f.json_fields).dump(1, '\t').c_str()), 0;
  if (f.format.empty()) return std::printf("%s\n", line.c_str()), 0;
  std::string out, error;
  if (!fill(f.format, item, out, error)) return fail(error);
  if (!out.empty()) std::printf("%s\n", out.c_str());
  return 0;
}
}  // namespace

int list_command(Flags flags) {
  Session s(std::move(flags));
  const Flags& f = s.flags();
  if (!s.open()) return 1;
  int status = 0;
  if (f.modules) {
    if (!s.loader().modules().main()) return fail("cannot match \"all\": go.mod file not found in current directory or any parent directory");
    for (const Module& m : s.loader().modules().all())
      if (m.main || !f.args.empty()) status |= print(describe(m), m.path, f);
    return status;
  }
  if (!s.load(false, f.tolerate_errors)) return 1;
  absl::flat_hash_set<LoadedPackage*> roots(s.roots().begin(), s.roots().end());
  for (LoadedPackage* p : f.deps ? s.loader().closure(s.roots()) : s.roots()) status |= print(describe(s, p, roots.contains(p)), p->import_path, f);
  return status;
}
}  // namespace vole::driver
