#include "driver/module.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
// Words of a go.mod line; comments end it, quoted strings are one word.
std::vector<std::string> words(std::string_view line) {
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
      while (i < line.size() && !std::strchr(" \t\r()", line[i]) && line.substr(i, 2) != "//") i++;
      out.push_back(std::string(line.substr(start, i - start)));
    }
  }
  return out;
}

bool directive(const std::vector<std::string>& w, Module& m, std::string& error) {
  const std::string& verb = w[0];
  if (verb == "module") {
    if (w.size() != 2) return error = "usage: module module/path", false;
    m.path = w[1];
  } else if (verb == "go") {
    if (w.size() != 2 || w[1].empty() || w[1][0] < '0' || w[1][0] > '9')
      return error = fmt::format("invalid go version '{}': must match format 1.23", w.size() > 1 ? w[1] : ""), false;
    size_t first = w[1].find('.'), second = first == std::string::npos ? first : w[1].find('.', first + 1);
    m.go_version = "go" + w[1].substr(0, second);
  } else if (verb == "replace") {
    auto arrow = std::find(w.begin(), w.end(), "=>");
    if (arrow == w.end() || arrow + 1 == w.end() || arrow == w.begin() + 1)
      return error = "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory", false;
    const std::string& to = *(arrow + 1);
    if (to.starts_with("./") || to.starts_with("../") || to.starts_with("/"))
      m.replace.push_back({w[1], to[0] == '/' ? to : fs::path(m.dir + "/" + to).lexically_normal().string()});
  } else if (verb != "require" && verb != "exclude" && verb != "retract" && verb != "toolchain" && verb != "godebug" && verb != "tool" &&
             verb != "ignore") {
    return error = "unknown directive: " + verb, false;
  }
  return true;
}
}  // namespace

bool find_module(const std::string& start, Module& out, std::string& error) {
  std::error_code e;
  fs::path dir = start;
  while (!fs::is_regular_file(dir / "go.mod", e)) {
    if (dir == dir.root_path()) return true;
    dir = dir.parent_path();
  }
  out.dir = dir.string();
  std::ifstream in(dir / "go.mod");
  std::string block;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    number++;
    auto w = words(line);
    if (w.empty()) continue;
    bool ok = true;
    if (!block.empty()) {
      if (w[0] == ")") {
        block.clear();
        continue;
      }
      w.insert(w.begin(), block);
      ok = directive(w, out, error);
    } else if (w.size() == 2 && w[1] == "(") {
      block = w[0];
    } else {
      ok = directive(w, out, error);
    }
    if (!ok) {
      error = fmt::format("errors parsing go.mod:\ngo.mod:{}: {}", number, error);
      return false;
    }
  }
  if (out.path.empty()) {
    error = "error reading go.mod: missing module declaration. To specify the module path:\n\tgo mod edit -module=example.com/mod";
    return false;
  }
  if (out.go_version.empty()) out.go_version = "go1.16";
  return true;
}

namespace {
// Folders with Go files below `root`, as import paths starting with `prefix`.
void walk(const std::string& root, const std::string& prefix, bool skip_cmd, std::vector<std::string>& out) {
  std::error_code e;
  auto has_go = [&](const fs::path& d) {
    for (fs::directory_iterator it(d, e), end; !e && it != end; it.increment(e)) {
      std::string n = it->path().filename().string();
      if (n.ends_with(".go") && !n.ends_with("_test.go") && n[0] != '_' && n[0] != '.') return true;
    }
    return false;
  };
  if (has_go(root) && !prefix.empty()) out.push_back(prefix);
  for (fs::recursive_directory_iterator it(root, e), end; !e && it != end; it.increment(e)) {
    if (!it->is_directory(e)) continue;
    std::string n = it->path().filename().string();
    std::string rel = fs::relative(it->path(), root, e).string();
    bool nested = fs::exists(it->path() / "go.mod", e) && !skip_cmd;
    if (n == "testdata" || n[0] == '_' || n[0] == '.' || nested || (n == "vendor" && !skip_cmd) || (skip_cmd && rel == "cmd")) {
      it.disable_recursion_pending();
      continue;
    }
    if (has_go(it->path())) out.push_back(prefix.empty() ? rel : prefix + "/" + rel);
  }
  std::sort(out.begin(), out.end());
}
}  // namespace

std::vector<std::string> expand_pattern(const std::string& pattern, const std::string& cwd, const Module& module, const std::string& goroot,
                                        diag::Diagnostics& diags) {
  std::vector<std::string> out;
  if (pattern == "std") {
    walk(goroot + "/src", "", true, out);
    std::erase_if(out, [](const std::string& p) { return p == "builtin"; });
    return out;
  }
  bool tree = pattern == "..." || pattern.ends_with("/...");
  std::string base = tree ? pattern.substr(0, pattern.size() - std::min<size_t>(4, pattern.size())) : pattern;
  bool local = base == "." || base == ".." || base.starts_with("./") || base.starts_with("../") || base.starts_with("/");
  auto report = [&](std::string text) { diags.add({diag::Code::Other, {}, std::move(text), {}, {}, false}); };
  std::string dir, path = base;
  if (local) {
    dir = fs::path(base[0] == '/' ? base : cwd + "/" + base).lexically_normal().string();
    while (dir.size() > 1 && dir.ends_with('/')) dir.pop_back();
    if (module.path.empty()) {
      report("go.mod file not found in current directory or any parent directory; see 'go help modules'");
      return out;
    }
    if (dir != module.dir && !dir.starts_with(module.dir + "/")) {
      report(fmt::format("directory {} outside main module or its selected dependencies", pattern));
      return out;
    }
    path = module.path + dir.substr(module.dir.size());
  } else {
    dir = goroot + "/src/" + base;
    if (!module.path.empty() && (base == module.path || base.starts_with(module.path + "/"))) dir = module.dir + base.substr(module.path.size());
  }
  if (!tree) return {path};
  walk(dir, path, false, out);
  if (out.empty()) report(fmt::format("\"{}\" matched no packages", pattern));
  return out;
}
}  // namespace vole::driver
