#include "driver/module.h"

#include "driver/path_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <sstream>

#include "base/file.h"
#include "driver/environment.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
// Words of a go.mod line; comments end it, quoted strings are one word.
std::vector<std::string> words(std::string_view line) {
  constexpr std::string_view Ends = " \t\r()";
  std::vector<std::string> out;
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ' ' || line[i] == '\t' || line[i] == '\r') {
      i++;
    } else if (line.substr(i, 2) == "//") {
      break;
    } else if (line[i] == '"' || line[i] == '`') {
      size_t end = std::min(line.find(line[i], i + 1), line.size());
      out.push_back(std::string(line.substr(i + 1, end - i - 1)));
      i = end + 1;
    } else if (line[i] == '(' || line[i] == ')') {
      out.push_back(std::string(1, line[i++]));
    } else {
      size_t start = i;
      while (i < line.size() && Ends.find(line[i]) == Ends.npos && line.substr(i, 2) != "//") i++;
      out.push_back(std::string(line.substr(start, i - start)));
    }
  }
  return out;
}

// The column of a character that may not stand in a line, 0 when there is none.
size_t bad_character(std::string_view line) {
  std::string_view code = line.substr(0, line.find("//"));
  auto at = std::find_if(code.begin(), code.end(), [](char c) {
    return (static_cast<u8>(c) < ' ' && c != '\t' && c != '\r') || c == 0x7f;
  });
  return at == code.end() ? 0 : static_cast<size_t>(at - code.begin()) + 1;
}

// Feeds the directives of a go.mod-like file to `directive`, blocks taken apart. On failure `error` gets
// "errors parsing NAME:\nNAME:LINE: …".
bool read_directives(const std::string& path, std::string& error,
                     const std::function<bool(const std::vector<std::string>&)>& directive) {
  std::string all, block, faults, name = printable(fs::path(path).filename().string());
  if (!read_file(path, all, error)) return error = fmt::format("reading {}: {}", name, error), false;
  std::istringstream in(std::move(all));
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    number++;
    if (size_t col = bad_character(line)) {
      u32 c = static_cast<u8>(line[col - 1]);
      error = fmt::format("errors parsing {}:\n{}:{}:{}: unexpected input character '\\x{:02x}'", name, name,
                          number, col, c);
      return false;
    }
    auto w = words(line);
    if (w.empty()) continue;
    if (!block.empty() && w[0] == ")") {
      block.clear();
      continue;
    }
    if (block.empty() && w.size() == 2 && w[1] == "(") {
      block = w[0];
      continue;
    }
    if (!block.empty()) w.insert(w.begin(), block);
    if (!directive(w)) faults += fmt::format("\n{}:{}: {}", name, number, error);
  }
  if (!faults.empty()) return error = fmt::format("errors parsing {}:{}", name, faults), false;
  if (block.empty()) return true;
  error = fmt::format("errors parsing {}:\n{}:{}: syntax error (unterminated block started at {})", name,
                      name, number, block);
  return false;
}

// "1.27.1" and "1.27rc1" → "go1.27"; empty when it is no version.
std::string language_version(std::string_view line) {
  size_t at = 0;
  auto number = [&](bool zero) {
    size_t from = at;
    while (at < line.size() && line[at] >= '0' && line[at] <= '9') at++;
    return at > from && (line[from] != '0' || (zero && at == from + 1));
  };
  if (!number(false) || at == line.size() || line[at++] != '.' || !number(true)) return "";
  std::string out = "go" + std::string(line.substr(0, at));
  if (at < line.size() && line[at] == '.' && (at++, !number(true))) return "";
  size_t letters = at;
  while (at < line.size() && line[at] >= 'a' && line[at] <= 'z') at++;
  if (at > letters && !number(true)) return "";
  return at == line.size() ? out : "";
}

// Numbers of a version, "1.27.4" → {1, 27, 4}; what is not there counts as 0, what is very large as a
// billion.
std::vector<int> version_numbers(std::string_view v) {
  std::vector<int> out;
  for (size_t i = 0; i < v.size() && v[i] >= '0' && v[i] <= '9';) {
    int n = 0;
    while (i < v.size() && v[i] >= '0' && v[i] <= '9') n = std::min(n, 99'999'999) * 10 + (v[i++] - '0');
    out.push_back(n);
    if (i < v.size() && v[i] == '.') i++;
  }
  out.resize(3);
  return out;
}

bool below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || root.empty() || path[root.size()] == '/');
}
bool is_local(const std::string& path) {
  return path == "." || path == ".." || path.starts_with("./") || path.starts_with("../") ||
         path.starts_with("/");
}
std::string in_dir(const std::string& dir, const std::string& path) {
  std::string out = (path[0] == '/' ? fs::path(path) : fs::path(dir) / path).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}
}  // namespace

// godebug KEY=VALUE
static bool godebug_line(const std::vector<std::string>& w,
                         std::vector<std::pair<std::string, std::string>>& out, std::string& error) {
  size_t eq = w.size() == 2 ? w[1].find('=') : std::string::npos;
  if (eq == std::string::npos || eq == 0 || w[1].find_first_of("\"`',") != std::string::npos)
    return error = "usage: godebug key=value", false;
  out.push_back({w[1].substr(0, eq), w[1].substr(eq + 1)});
  return true;
}

bool Modules::mod_directive(const std::vector<std::string>& w, Module& m, bool is_main, std::string& error) {
  const std::string& verb = w[0];
  if (verb == "module") {
    if (m.named) return error = "repeated module statement", false;
    if (w.size() != 2) return error = "usage: module module/path", false;
    m.path = w[1];
    m.named = true;
  } else if (verb == "go") {
    if (!m.go_line.empty()) return error = "repeated go statement", false;
    m.go_line = w.size() > 1 ? w[1] : "";
    m.go_version = language_version(m.go_line);
    if (w.size() != 2 || m.go_version.empty())
      return error = fmt::format("invalid go version '{}': must match format 1.23.0", m.go_line), false;
  } else if (verb == "replace") {
    auto arrow = std::find(w.begin(), w.end(), "=>");
    if (arrow == w.end() || arrow + 1 == w.end() || arrow == w.begin() + 1)
      return error =
                 "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path "
                 "[v1.2.3] => ../local/directory",
             false;
    if (arrow + 2 == w.end() && !is_local(*(arrow + 1)))
      return error =
                 "replacement module without version must be directory path (rooted or starting with . or "
                 "..)",
             false;
    std::string by = *(arrow + 1), dir = is_local(by) ? in_dir(m.dir, by) : "";
    if (arrow + 2 != w.end()) by += " " + *(arrow + 2);
    if (is_main) replace_.push_back({w[1], arrow == w.begin() + 3 ? w[2] : "", by, dir});
  } else if (verb == "require" || verb == "exclude") {
    if (w.size() != 3) return error = fmt::format("usage: {} module/path v1.2.3", verb), false;
    if (is_main && !is_canonical_version(w[2])) {
      // Only the network knows what a branch or a shortened version stands for.
      error = fmt::format("{} {}: version \"{}\" invalid: must be of the form v1.2.3", verb, w[1], w[2]);
      if (setting("GOPROXY") == "off") error = "module lookup disabled by GOPROXY=off";
      return false;
    }
    if (std::string why = version_fault(w[1], w[2]); is_main && !why.empty())
      return error = fmt::format("{} {}: version \"{}\" invalid: {}", verb, w[1], w[2], why), false;
    if (is_main && verb == "require") required_.push_back({w[1], w[2]});
  } else if (verb == "tool" || verb == "ignore") {
    if (w.size() != 2) return error = verb + " directive expects exactly one argument", false;
    if (verb == "ignore" && is_main) m.ignored.push_back(w[1]);
  } else if (verb == "godebug") {
    return godebug_line(w, m.godebug, error);
  } else if (verb != "retract" && verb != "toolchain") {
    return error = "unknown directive: " + verb, false;
  }
  return true;
}

bool Modules::read_mod(Module& m, bool is_main, std::string& error) {
  std::string file = m.dir + "/go.mod";
  if (!read_directives(file, error, [&](auto& w) { return mod_directive(w, m, is_main, error); }))
    return false;
  if (!m.named) {
    error =
        "error reading go.mod: missing module declaration. To specify the module path:\n\tgo mod edit "
        "-module=example.com/mod";
    return false;
  }
  if (std::string why = import_path_fault(m.path); !why.empty())
    return error = fmt::format("malformed module path \"{}\": {}", m.path, why), false;
  if (m.go_version.empty()) m.go_version = "go1.16";
  if (!m.go_line.empty() &&
      version_numbers(m.go_line) > version_numbers(std::string_view(running_).substr(2))) {
    error = fmt::format("{} requires go >= {} (running {})", is_main ? "go.mod" : file, m.go_line, running_);
    return false;
  }
  m.main = is_main;
  return true;
}

// go.work: the modules in the folders that it uses are all main modules.
bool Modules::read_work(const std::string& path, std::string& error) {
  std::string dir = fs::path(path).parent_path().string();
  std::vector<std::string> uses;
  bool ok = read_directives(path, error, [&](const std::vector<std::string>& w) {
    if (w[0] == "use" && w.size() == 2) {
      uses.push_back(in_dir(dir, w[1]));
      return true;
    }
    if (w[0] == "godebug") return godebug_line(w, work_godebug_, error);
    if (w[0] == "go" && w.size() == 2) work_go_line_ = w[1];
    if (w[0] == "go" || w[0] == "toolchain") return true;
    Module m;
    m.dir = dir;
    if (w[0] == "replace") return mod_directive(w, m, true, error);
    return error = "unknown directive: " + w[0], false;
  });
  for (const std::string& use : uses) {
    if (!ok) break;
    Module m;
    m.dir = use;
    ok = read_mod(m, true, error);
    modules_.push_back(m);
  }
  return ok;
}

// vendor/modules.txt: "# module version [=> replacement]" lines, each with its packages below; "## explicit;
// go 1.N" says that go.mod names the module, and its language version. Lines without version stand for
// replacements of all versions.
void Modules::read_vendor(const std::string& dir) {
  std::istringstream in(file_text(dir + "/modules.txt"));
  for (std::string line; std::getline(in, line);) {
    auto w = words(line);
    if (w.size() < 2) continue;
    if (w[0] == "#") {
      VendorLine v{w[1], {}, {}, false};
      size_t at = 2;
      if (at < w.size() && w[at] != "=>") v.version = w[at++];
      if (at < w.size() && w[at] == "=>")
        for (at++; at < w.size(); at++) v.by += (v.by.empty() ? "" : " ") + w[at];
      if (!v.version.empty())
        vendored_.push_back({.path = v.path,
                             .dir = {},
                             .go_version = "go1.16",
                             .go_line = {},
                             .version = v.version,
                             .replaced_by = v.by});
      vendor_lines_.push_back(std::move(v));
    }
    for (size_t i = 1; !vendored_.empty() && w[0] == "##" && i < w.size(); i++) {
      if (w[i].starts_with("explicit")) vendor_lines_.back().is_explicit = true;
      if (w[i] != "go" || i + 1 == w.size()) continue;
      vendored_.back().go_line = w[i + 1];
      vendored_.back().go_version = language_version(w[i + 1]);
    }
  }
  vendor_dir_ = dir;
}

// Whether go.mod and vendor/modules.txt say the same, with go's words for what differs.
bool Modules::check_vendor(std::string& error) const {
  std::string faults;
  auto fault = [&](const std::string& path, const std::string& version, std::string_view what) {
    faults += fmt::format("\n\t{}{}{}: {}", path, version.empty() ? "" : "@", version, what);
  };
  auto line_of = [&](const std::string& path, const std::string& version) {
    return std::find_if(vendor_lines_.begin(), vendor_lines_.end(),
                        [&](auto& v) { return v.path == path && v.version == version; });
  };
  auto replaced = [&](const VendorLine& v) {
    auto same = [&](const Replacement& r) {
      return r.path == v.path && (r.version.empty() || r.version == v.version) && r.by == v.by;
    };
    return std::any_of(replace_.begin(), replace_.end(), same);
  };
  for (auto& [path, version] : required_) {
    auto line = line_of(path, version);
    if (line == vendor_lines_.end() || !line->is_explicit)
      fault(path, version,
            "is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt");
  }
  for (const Replacement& r : replace_) {
    auto line = line_of(r.path, r.version);
    if (line == vendor_lines_.end() || line->by.empty())
      fault(r.path, r.version, "is replaced in go.mod, but not marked as replaced in vendor/modules.txt");
    else if (line->by != r.by)
      fault(r.path, r.version,
            fmt::format("is replaced by {} in go.mod, but marked as replaced by {} in vendor/modules.txt",
                        r.by, line->by));
  }
  for (const VendorLine& v : vendor_lines_) {
    bool required =
        std::find(required_.begin(), required_.end(), std::pair(v.path, v.version)) != required_.end();
    if (v.is_explicit && !required)
      fault(v.path, v.version,
            "is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod");
    if (!v.by.empty() && !replaced(v))
      fault(v.path, v.version, "is marked as replaced in vendor/modules.txt, but not replaced in go.mod");
  }
  if (faults.empty()) return true;
  error = fmt::format(
      "inconsistent vendoring in {}:{}\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n"
      "\tTo sync the vendor directory, run:\n\t\tgo mod vendor",
      modules_[0].dir, faults);
  return false;
}

bool Modules::add_replacements(std::string& error) {
  for (const Replacement& r : replace_) {
    auto required =
        std::find_if(required_.begin(), required_.end(), [&](auto& x) { return x.first == r.path; });
    if (r.dir.empty() ||
        (!r.version.empty() && (required == required_.end() || required->second != r.version)))
      continue;
    Module m;
    m.dir = r.dir;
    std::error_code e;
    if (!fs::exists(r.dir + "/go.mod", e)) {
      error = fmt::format("{}: reading {}/go.mod: open {}/go.mod: no such file or directory", r.path, r.dir,
                          r.dir);
      return false;
    }
    if (!read_mod(m, false, error)) return false;
    m.path = r.path;
    m.version = required == required_.end() ? r.version : required->second;
    m.replaced_by = r.by;
    modules_.push_back(m);
  }
  return true;
}

std::vector<Module> Modules::build_list() const {
  std::vector<Module> out = modules_;
  for (auto& [path, version] : required_) {
    auto named = [&](const Module& m) { return m.path == path; };
    if (std::any_of(out.begin(), out.end(), named)) continue;
    auto it = std::find_if(vendored_.begin(), vendored_.end(), named);
    out.push_back(it != vendored_.end() ? *it
                                        : Module{.path = path,
                                                 .dir = {},
                                                 .go_version = {},
                                                 .go_line = {},
                                                 .version = version,
                                                 .replaced_by = {}});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](auto& a, auto& b) { return a.main != b.main ? a.main : !a.main && a.path < b.path; });
  return out;
}

bool Modules::find(const std::string& start, const std::string& goroot_version, const std::string& mode,
                   std::string& error) {
  running_ = goroot_version.starts_with("go") ? goroot_version : "go1.27";
  std::error_code e;
  auto upward = [&](const char* name) {
    for (fs::path dir = start;; dir = dir.parent_path()) {
      if (fs::is_regular_file(dir / name, e)) return dir;
      if (dir == dir.root_path()) return fs::path();
    }
  };
  std::string work = setting("GOWORK");
  if (!work.empty() && work != "off" && work[0] != '/')
    return error = "GOWORK must be an absolute path", false;
  if (work.empty() && !upward("go.work").empty()) work = (upward("go.work") / "go.work").string();
  if (work != "off") work_file_ = work;
  fs::path dir = upward("go.mod");
  if (!work_file_.empty()) {
    workspace_ = true;
    if (!read_work(work_file_, error)) return false;
    // The module that this folder is in comes first: it names what "." is.
    for (size_t i = 1; i < modules_.size(); i++)
      if (modules_[i].dir == dir.string()) std::swap(modules_[0], modules_[i]);
  } else if (!dir.empty()) {
    Module m;
    m.dir = dir.string();
    if (!read_mod(m, true, error)) return false;
    modules_.push_back(m);
    bool has_vendor = fs::is_directory(dir / "vendor", e) &&
                      version_numbers(std::string_view(m.go_version).substr(2)) >= std::vector<int>{1, 14, 0};
    if (mode == "vendor" || (mode.empty() && has_vendor)) {
      read_vendor((dir / "vendor").string());
      return check_vendor(error);  // replaced modules are there, too
    }
  }
  return add_replacements(error);
}

const std::vector<std::pair<std::string, std::string>>& Modules::godebug() const {
  static const std::vector<std::pair<std::string, std::string>> None;
  return workspace_ ? work_godebug_ : main() ? main()->godebug : None;
}
std::string Modules::go_line() const {
  return workspace_ ? work_go_line_ : main() ? main()->go_line.empty() ? "1.16" : main()->go_line : "";
}

const Module* Modules::of(std::string_view path) const {
  const Module* best = nullptr;
  for (const Module& m : modules_)
    if (below(path, m.path) && (!best || m.path.size() > best->path.size())) best = &m;
  return best;
}

const Module* Modules::main_at(std::string_view dir) const {
  const Module* best = nullptr;
  for (const Module& m : modules_)
    if (m.main && below(dir, m.dir) && (!best || m.dir.size() > best->dir.size())) best = &m;
  return best;
}

const Module* Modules::vendored(std::string_view path) const {
  const Module* best = nullptr;
  for (const Module& m : vendored_)
    if (below(path, m.path) && (!best || m.path.size() > best->path.size())) best = &m;
  return best;
}
}  // namespace vole::driver
