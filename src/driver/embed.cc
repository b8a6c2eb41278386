#include "driver/embed.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
bool hidden(std::string_view name) { return name.starts_with('.') || name.starts_with('_'); }

// Relative paths below `dir` that match the slash-separated pattern element by element.
void glob(const std::string& dir, const std::string& done, std::string_view rest,
          std::vector<std::string>& out) {
  size_t slash = rest.find('/');
  std::string element(rest.substr(0, slash));
  std::error_code e;
  std::vector<std::string> names;
  if (element.find_first_of("*?[\\") == std::string::npos) {
    if (fs::exists(dir + "/" + done + element, e)) names.push_back(element);
  } else {
    for (fs::directory_iterator it(dir + "/" + done, e), end; !e && it != end; it.increment(e)) {
      std::string name = it->path().filename().string();
      if (fnmatch(element.c_str(), name.c_str(), 0) == 0) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
  }
  for (const std::string& n : names) {
    if (slash == std::string_view::npos) out.push_back(done + n);
    else glob(dir, done + n + "/", rest.substr(slash + 1), out);
  }
}

bool add_file(const std::string& dir, const std::string& name, Arena& arena,
              std::vector<irgen::EmbedFile>& out, std::string& error) {
  std::ifstream in(dir + "/" + name, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  if (!in) {
    error = fmt::format("cannot read {}", name);
    return false;
  }
  out.push_back({name, arena.copy_string(s.str())});
  return true;
}
}  // namespace

bool resolve_embed(const std::string& dir, std::string_view pattern, Arena& arena,
                   std::vector<irgen::EmbedFile>& out, std::string& error) {
  bool all = pattern.starts_with("all:");
  std::string_view plain = all ? pattern.substr(4) : pattern;
  bool bad = plain.empty() || plain.starts_with('/') || plain.ends_with('/') ||
             plain.find("//") != std::string_view::npos;
  for (size_t at = 0; !bad && at <= plain.size();) {
    size_t slash = std::min(plain.find('/', at), plain.size());
    std::string_view element = plain.substr(at, slash - at);
    bad = element == ".." || (element == "." && plain != ".");
    at = slash + 1;
  }
  if (bad) {
    error = fmt::format("pattern {}: invalid pattern syntax", pattern);
    return false;
  }
  std::vector<std::string> matches;
  glob(dir, "", plain, matches);
  size_t before = out.size();
  for (const std::string& m : matches) {
    std::error_code e;
    if (!fs::is_directory(dir + "/" + m, e)) {
      if (!fs::is_regular_file(dir + "/" + m, e)) {
        error = fmt::format("pattern {}: cannot embed irregular file {}", pattern, m);
        return false;
      }
      if (!add_file(dir, m, arena, out, error)) return false;
      continue;
    }
    std::vector<std::string> inside;
    for (fs::recursive_directory_iterator it(dir + "/" + m, e), end; !e && it != end; it.increment(e)) {
      if (!all && hidden(it->path().filename().string())) {
        if (it->is_directory()) it.disable_recursion_pending();
        continue;
      }
      if (it->is_directory() && fs::exists(it->path() / "go.mod", e)) it.disable_recursion_pending();
      if (it->is_regular_file()) inside.push_back(fs::relative(it->path(), dir).string());
    }
    std::sort(inside.begin(), inside.end());
    for (const std::string& name : inside)
      if (!add_file(dir, name, arena, out, error)) return false;
  }
  if (out.size() == before) {
    error = fmt::format("pattern {}: no matching files found", pattern);
    return false;
  }
  return true;
}
}  // namespace vole::driver
