#include "driver/pattern.h"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "driver/path_check.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
constexpr std::string_view Dots = "...", Vendor = "vendor";
constexpr char VendorMark = '\0';  // stands for a vendor folder in names, and is nothing that "..." matches

bool is_local(std::string_view path) {
  return path == "." || path == ".." || path.starts_with("./") || path.starts_with("../") ||
         path.starts_with("/");
}

std::string clean(const fs::path& path) {
  std::string out = path.lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

bool lies_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || root.empty() || path[root.size()] == '/');
}

// Vendor elements that are not the last become marks.
std::string marked(std::string_view path) {
  std::string out;
  for (size_t at = 0; at <= path.size();) {
    size_t slash = std::min(path.find('/', at), path.size());
    std::string_view element = path.substr(at, slash - at);
    if (element == Vendor && slash < path.size()) out += VendorMark;
    else out += element;
    if (slash < path.size()) out += '/';
    at = slash + 1;
  }
  return out;
}

bool glob(std::string_view pattern, std::string_view name) {
  size_t dots = pattern.find(Dots);
  if (dots == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, dots))) return false;
  std::string_view rest = pattern.substr(dots + Dots.size());
  for (size_t at = dots; at <= name.size(); at++) {
    if (glob(rest, name.substr(at))) return true;
    if (at < name.size() && name[at] == VendorMark) break;
  }
  return false;
}

bool source_name(std::string_view n) { return n.ends_with(".go") && n[0] != '_' && n[0] != '.'; }

bool has_sources(const std::string& dir) {
  std::error_code e, ignored;
  for (fs::directory_iterator it(dir, e), end; !e && it != end; it.increment(e))
    if (source_name(it->path().filename().string()) && !it->is_directory(ignored)) return true;
  return false;
}

bool is_module_root(const std::string& dir) {
  std::error_code e;
  return fs::is_regular_file(dir + "/go.mod", e);
}

// Walks trees of folders for packages. Other modules, hidden folders, testdata and what is ignored are no
// part of a tree, links are not followed.
class Walk {
 public:
  Walk(std::string pattern, diag::Diagnostics& diags)
      : pattern_(std::move(pattern)), prefix_(pattern_.substr(0, pattern_.find(Dots))), diags_(diags) {}

  // Names in the tree begin with `root`, a pattern's text for it.
  void tree(const std::string& dir, const std::string& root, const Module* module) {
    module_ = module;
    visit(dir, root);
  }
  std::vector<std::string> found;

 private:
  bool may_match(std::string_view name) const {
    return name.size() <= prefix_.size() ? prefix_.starts_with(name) : name.starts_with(prefix_);
  }
  bool is_ignored(std::string_view dir) const {
    if (!module_ || dir.size() <= module_->dir.size()) return false;
    std::string_view rel = dir.substr(module_->dir.size() + 1);
    return std::any_of(module_->ignored.begin(), module_->ignored.end(), [&](std::string_view i) {
      if (i.starts_with("./")) return rel == i.substr(2);
      return rel == i || rel.ends_with("/" + std::string(i));
    });
  }

  void visit(const std::string& dir, const std::string& name) {
    bool sources = false;
    std::vector<std::string> below;
    std::error_code e;
    for (fs::directory_iterator it(dir, e), end; !e && it != end; it.increment(e)) {
      std::error_code ignored;
      std::string n = it->path().filename().string();
      bool folder = it->symlink_status(ignored).type() == fs::file_type::directory;
      if (!folder) sources |= source_name(n) && !it->is_directory(ignored);
      else if (n[0] != '_' && n[0] != '.' && n != "testdata") below.push_back(std::move(n));
    }
    if (e)
      diags_.add({diag::Code::Other,
                  {},
                  fmt::format("pattern {}: open {}: {}", pattern_, printable(dir), error_text(e.value())),
                  {},
                  {},
                  false});
    if (sources && !name.empty() && name != "builtin" && matches_pattern(pattern_, name))
      found.push_back(name);
    bool vendor = pattern_.find(Vendor) != std::string::npos || !module_;
    std::sort(below.begin(), below.end());
    for (const std::string& n : below) {
      std::string path = dir + "/" + n, its_name = name.empty() ? n : name + "/" + n;
      if (!may_match(its_name) || is_module_root(path) || is_ignored(path) || (n == Vendor && !vendor))
        continue;
      visit(path, its_name);
    }
  }

  std::string pattern_, prefix_;
  const Module* module_ = nullptr;
  diag::Diagnostics& diags_;
};

class Expansion {
 public:
  Expansion(const std::string& argument, const std::string& cwd, const Modules& modules,
            const std::string& goroot, diag::Diagnostics& diags)
      : argument_(argument), cwd_(cwd), modules_(modules), src_(goroot + "/src"), diags_(diags) {}

  std::vector<std::string> run() {
    size_t before = diags_.size();
    if (!is_pattern(argument_))
      return is_local(argument_) ? one(folder(absolute(argument_))) : one(literal());
    std::vector<std::string> out = argument_ == "std" || argument_ == "cmd" ? standard()
                                   : argument_ == "work"                    ? work()
                                   : argument_ == "tool"                    ? std::vector<std::string>()
                                   : is_local(argument_)                    ? folders()
                                                                            : packages();
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.empty() && diags_.size() == before)
      std::fprintf(stderr, "go: warning: \"%s\" matched no packages\n", printable(argument_).c_str());
    return out;
  }

 private:
  static std::vector<std::string> one(std::string path) {
    return path.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(path)};
  }
  std::string fault(std::string text) {
    diags_.add({diag::Code::Other, {}, std::move(text), {}, {}, false});
    return "";
  }
  std::string absolute(std::string_view path) const {
    return clean(path[0] == '/' ? fs::path(path) : fs::path(cwd_) / path);
  }

  std::string literal() {
    if (argument_.find('@') != std::string::npos)
      return fault(
          fmt::format("package {}: can only use path@version syntax with 'vole get' and 'vole install' in "
                      "module-aware mode",
                      printable(argument_)));
    std::string path = clean(argument_);
    if (std::string why = import_path_fault(path); !why.empty())
      return fault(fmt::format("malformed import path \"{}\": {}", printable(path), why));
    return path;
  }

  // The import path of a folder; empty after saying what is wrong with it.
  std::string folder(const std::string& dir) {
    std::error_code e;
    fs::file_status status = fs::status(dir, e);
    if (!fs::exists(status))
      return fault(fmt::format(
          "stat {}: {}", printable(dir),
          !e || e == std::errc::no_such_file_or_directory ? "directory not found" : error_text(e.value())));
    if (fs::is_directory(status) && !has_sources(dir)) {
      fs::directory_iterator readable(dir, e);
      return fault(e ? fmt::format("open {}: {}", printable(dir), error_text(e.value()))
                     : fmt::format("no Go files in {}", printable(dir)));
    }
    if (lies_below(dir, src_)) return dir.size() > src_.size() ? dir.substr(src_.size() + 1) : "";
    if (const Module* m = modules_.main_at(dir)) return in_module(*m, dir, fs::is_directory(status));
    if (!modules_.main())
      return fault(
          "go: go.mod file not found in current directory or any parent directory; see 'vole help modules'");
    std::string near = printable(fs::path(dir).lexically_relative(cwd_).string());
    return fault(fmt::format("{} outside main module or its selected dependencies",
                             dir == cwd_ ? "current directory" : "directory " + near));
  }

  std::string in_module(const Module& m, const std::string& dir, bool is_folder) {
    std::string path = m.path + dir.substr(m.dir.size());
    bool other = !is_folder;
    for (fs::path at = dir; !other && at.string().size() > m.dir.size(); at = at.parent_path())
      other = is_module_root(at.string());
    if (other)
      return fault(fmt::format("main module ({}) does not contain package {}", m.path, printable(path)));
    if (std::string why = import_path_fault(path); !why.empty())
      return fault(fmt::format("malformed import path \"{}\": {}", printable(path), why));
    return path;
  }

  std::vector<std::string> standard() {
    bool cmd = argument_ == "cmd";
    std::vector<std::string> out;
    all_below(src_ + (cmd ? "/cmd" : ""), cmd ? "cmd" : "", out);
    return out;
  }

  // Std and cmd hold what they vendor.
  static void all_below(const std::string& dir, const std::string& name, std::vector<std::string>& out) {
    if (!name.empty() && name != "builtin" && has_sources(dir)) out.push_back(name);
    std::error_code e;
    for (fs::directory_iterator it(dir, e), end; !e && it != end; it.increment(e)) {
      std::error_code ignored;
      std::string n = it->path().filename().string();
      if (n[0] == '_' || n[0] == '.' || n == "testdata" || is_module_root(it->path().string()) ||
          it->symlink_status(ignored).type() != fs::file_type::directory)
        continue;
      all_below(it->path().string(), name.empty() ? n : name + "/" + n, out);
    }
  }

  std::vector<std::string> work() {
    std::vector<std::string> out;
    for (const Module& m : modules_.all()) {
      if (!m.main) continue;
      Walk walk(m.path + "/...", diags_);
      walk.tree(m.dir, m.path, &m);
      out.insert(out.end(), walk.found.begin(), walk.found.end());
    }
    return out;
  }

  // "./a/...": folders below the one in front of the first dots; they match as they are written.
  std::vector<std::string> folders() {
    std::string head = argument_.substr(0, argument_.find(Dots));
    head = head.substr(0, head.rfind('/') + 1);
    std::string dir = absolute(head);
    std::error_code e;
    if (!fs::is_directory(fs::status(dir, e))) {
      fault(fmt::format("pattern {}: lstat {}: {}", printable(argument_), printable(head),
                        e ? error_text(e.value()) : error_text(ENOTDIR)));
      return {};
    }
    // Names are those of the folders: absolute, as is the pattern then.
    std::string pattern = clean(fs::path(absolute(head)) / argument_.substr(head.size()));
    Walk walk(pattern, diags_);
    walk.tree(dir, dir, modules_.main_at(dir));
    std::vector<std::string> out;
    for (const std::string& found : walk.found)
      if (std::string path = folder(found); !path.empty()) out.push_back(path);
    return out;
  }

  // "net/...", "...", "example.com/...": in std, cmd, and all modules whose folders are known.
  std::vector<std::string> packages() {
    Walk walk(argument_, diags_);
    walk.tree(src_, "", nullptr);
    walk.tree(src_ + "/cmd", "cmd", nullptr);
    for (const Module& m : modules_.all()) walk.tree(m.dir, m.path, &m);
    if (!modules_.vendor_dir().empty()) walk.tree(modules_.vendor_dir(), "", nullptr);
    return walk.found;
  }

  const std::string &argument_, &cwd_;
  const Modules& modules_;
  std::string src_;
  diag::Diagnostics& diags_;
};
}  // namespace

bool is_pattern(const std::string& a) {
  return a == "all" || a == "std" || a == "cmd" || a == "work" || a == "tool" ||
         a.find(Dots) != std::string::npos;
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::string p = marked(pattern), n = marked(name);
  if (pattern == "vendor/...") return false;  // as go
  if (!p.ends_with("/...")) return glob(p, n);
  // The folder itself is one of its tree; "x/vendor/..." names what is vendored there.
  return glob(p, n) || glob(std::string_view(p).substr(0, p.size() - 4), n);
}

std::vector<std::string> expand_pattern(const std::string& argument, const std::string& cwd,
                                        const Modules& modules, const std::string& goroot,
                                        diag::Diagnostics& diags) {
  return Expansion(argument, cwd, modules, goroot, diags).run();
}
}  // namespace vole::driver
