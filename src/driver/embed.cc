#include "driver/embed.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"

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
  std::string text;
  if (!read_file(dir + "/" + name, text, error)) return false;
  out.push_back({name, arena.copy_string(text)});
  return true;
}
}  // namespace

namespace {
bool valid_pattern(std::string_view p) {
  if (p == ".") return true;
  if (p.empty()) return false;
  for (size_t at = 0; at <= p.size();) {
    size_t slash = std::min(p.find('/', at), p.size());
    std::string_view element = p.substr(at, slash - at);
    if (element.empty() || element == "." || element == "..") return false;
    at = slash + 1;
  }
  return true;
}

// Names that a module's zip file could not hold (golang.org/x/mod/module, CheckFilePath), and folders of
// version control.
bool bad_name(std::string_view name) {
  constexpr std::string_view Vcs[] = {".bzr", ".hg", ".git", ".svn"};
  constexpr std::string_view Devices[] = {
      // clang-format off
      "con", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3",
      "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "aux", "nul", "prn",
      // clang-format on
  };
  if (name.empty() || name.ends_with('.')) return true;
  if (std::find(std::begin(Vcs), std::end(Vcs), name) != std::end(Vcs)) return true;
  for (char c : name) {
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    if (static_cast<u8>(c) < 0x80 && !letter && !(c >= '0' && c <= '9') &&
        std::string_view("!#$%&()+,-.=@[]^_{}~ ").find(c) == std::string_view::npos)
      return true;
  }
  std::string stem(name.substr(0, name.find('.')));
  std::transform(stem.begin(), stem.end(), stem.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(std::begin(Devices), std::end(Devices), stem) != std::end(Devices);
}

fs::file_type type_of(const std::string& path) {
  std::error_code e;
  return fs::symlink_status(path, e).type();
}

// Why a match may not be embedded: it, or a folder on the way, is a link, another module's, or badly named.
std::string fault_of(const std::string& dir, const std::string& match, std::string_view what) {
  std::error_code e;
  for (std::string at = match;;) {
    std::string path = dir + "/" + at;
    if (fs::exists(path + "/go.mod", e))
      return fmt::format("cannot embed {} {}: in different module", what, match);
    if (at != match && type_of(path) != fs::file_type::directory)
      return fmt::format("cannot embed {} {}: in non-directory {}", what, match, at);
    size_t slash = at.rfind('/');
    std::string element = at.substr(slash == std::string::npos ? 0 : slash + 1);
    if (bad_name(element))
      return at == match ? fmt::format("cannot embed {} {}: invalid name {}", what, match, element)
                         : fmt::format("cannot embed {} {}: in invalid directory {}", what, match, at);
    if (slash == std::string::npos) return "";
    at.resize(slash);
  }
}

// Regular files below a folder but those that are hidden (unless `all`), badly named or another module's.
void files_below(const std::string& dir, const std::string& folder, bool all, std::vector<std::string>& out) {
  std::error_code e;
  for (fs::directory_iterator it(dir + "/" + folder, e), end; !e && it != end; it.increment(e)) {
    std::string name = it->path().filename().string(), rel = folder == "." ? name : folder + "/" + name;
    if (bad_name(name) || (!all && hidden(name))) continue;
    fs::file_type type = type_of(it->path().string());
    if (type == fs::file_type::regular) out.push_back(rel);
    if (type == fs::file_type::directory && !fs::exists(it->path() / "go.mod", e))
      files_below(dir, rel, all, out);
  }
}
}  // namespace

bool match_embed(const std::string& dir, std::string_view pattern, std::vector<std::string>& out,
                 std::string& error) {
  bool all = pattern.starts_with("all:");
  std::string_view plain = all ? pattern.substr(4) : pattern;
  auto fail = [&](std::string text) { return error = fmt::format("pattern {}: {}", pattern, text), false; };
  if (!valid_pattern(plain)) return fail("invalid pattern syntax");
  std::vector<std::string> matches;
  if (plain == ".") matches.push_back(".");
  else glob(dir, "", plain, matches);
  size_t before = out.size();
  for (const std::string& m : matches) {
    fs::file_type type = type_of(dir + "/" + m);
    bool folder = type == fs::file_type::directory;
    if (m != ".")
      if (std::string why = fault_of(dir, m, folder ? "directory" : "file"); !why.empty()) return fail(why);
    if (!folder && type != fs::file_type::regular) return fail("cannot embed irregular file " + m);
    if (!folder) {
      out.push_back(m);
      continue;
    }
    std::vector<std::string> inside;
    files_below(dir, m, all, inside);
    if (inside.empty())
      return fail(fmt::format("cannot embed directory {}: contains no embeddable files", m));
    std::sort(inside.begin(), inside.end());
    out.insert(out.end(), inside.begin(), inside.end());
  }
  return out.size() > before || fail("no matching files found");
}

bool resolve_embed(const std::string& dir, std::string_view pattern, Arena& arena,
                   std::vector<irgen::EmbedFile>& out, std::string& error) {
  std::vector<std::string> names;
  if (!match_embed(dir, pattern, names, error)) return false;
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return add_file(dir, name, arena, out, error); });
}
}  // namespace vole::driver
