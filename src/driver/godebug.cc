#include "driver/godebug.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>

#include "base/file.h"

namespace vole::driver {
namespace {
bool has_blank(std::string_view s) { return s.find_first_of(" \t") != std::string_view::npos; }

// The minor version of "1.27.4" or "go1.27"; -1 when it is no version.
int minor_of(std::string_view version) {
  if (version.starts_with("go")) version.remove_prefix(2);
  if (!version.starts_with("1.")) return -1;
  version.remove_prefix(2);
  int n = 0;
  size_t i = 0;
  for (; i < version.size() && version[i] >= '0' && version[i] <= '9' && i < 4; i++)
    n = n * 10 + (version[i] - '0');
  return i ? n : -1;
}
}  // namespace

// Entries stand on a line each: {Name: "x", Package: "y", Changed: 23, Old: "1"}.
GodebugTable::GodebugTable(const std::string& goroot) {
  std::istringstream in(file_text(goroot + "/src/internal/godebugs/table.go"));
  static const std::regex Entry(R"re(^\s*\{Name: "([^"]*)")re"), Changed(R"re(Changed: (\d+))re"),
      Old(R"re(Old: "([^"]*)")re");
  for (std::string line; std::getline(in, line);) {
    std::smatch m;
    if (!std::regex_search(line, m, Entry)) continue;
    Setting s{m[1], {}, 0};
    if (std::regex_search(line, m, Changed)) s.changed = std::atoi(m[1].str().c_str());
    if (std::regex_search(line, m, Old)) s.old = m[1];
    settings_.push_back(std::move(s));
  }
}

std::string GodebugTable::fault(std::string_view what, std::string_view key, std::string_view value,
                                const std::string& running) const {
  if (has_blank(key)) return "key contains space";
  if (has_blank(value)) return "value contains space";
  if (key.find(',') != std::string_view::npos) return "key contains comma";
  if (value.find(',') != std::string_view::npos) return "value contains comma";
  if (key == "default") {
    if (!value.starts_with("go") || minor_of(value) < 0) return "value for default= must be goVERSION";
    if (minor_of(value) > minor_of(running))
      return fmt::format("default={} too new (toolchain is {})", value, running);
    return "";
  }
  auto same = [&](const Setting& s) { return s.name == key; };
  if (std::any_of(settings_.begin(), settings_.end(), same)) return "";
  return fmt::format("unknown {} \"{}\"", what, key);
}

std::vector<std::string> godebug_directives(const LoadedPackage& p, const GodebugTable& table,
                                            const std::string& running, diag::Diagnostics& diags) {
  constexpr std::string_view Word = "//go:debug";
  std::vector<std::string> out;
  for (const SourceFile& f : p.go_files) {
    if (f.text.find(Word) == std::string::npos) continue;
    u32 base = source::add_pos_base(Name::intern(f.shown), Name::intern(f.path), 0), number = 0;
    std::string_view rest = f.text;
    for (bool in_block = false; !rest.empty();) {
      number++;
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
      if (in_block || line.starts_with("/*")) {
        in_block = line.find("*/") == std::string_view::npos;
        continue;
      }
      if (line.empty() || (line.starts_with("//") && !line.starts_with(Word))) continue;
      if (!line.starts_with(Word)) break;  // directives stand in front of the package clause
      std::string_view text = line.substr(Word.size());
      if (!text.empty() && text[0] != ' ' && text[0] != '\t') continue;
      while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
      size_t eq = text.find('=');
      std::string why = eq == std::string_view::npos ? "missing key=value"
                                                     : table.fault("//go:debug setting", text.substr(0, eq),
                                                                   text.substr(eq + 1), running);
      if (why.empty()) out.emplace_back(text);
      else diags.add({diag::Code::Other, Pos(base, number, 1), "invalid //go:debug: " + why, {}, {}, false});
    }
  }
  return out;
}

bool default_godebug(const LoadedPackage& p, const Modules& modules, const std::string& goroot,
                     const std::string& running, std::string& out, diag::Diagnostics& diags,
                     std::string& error) {
  GodebugTable table(goroot);
  std::map<std::string, std::string> set;
  for (auto& [key, value] : modules.godebug()) {
    if (std::string why = table.fault("godebug", key, value, running); !why.empty())
      return error = "error loading go.mod:\n" + why, false;
    set[key] = value;
  }
  for (const std::string& line : godebug_directives(p, table, running, diags)) {
    size_t eq = line.find('=');
    set[line.substr(0, eq)] = line.substr(eq + 1);
  }
  std::string version = p.is_std ? "" : modules.go_line();
  if (auto it = set.find("default"); it != set.end()) {
    version = it->second;
    set.erase(it);
  }
  if (int minor = minor_of(version); minor >= 0)
    for (const GodebugTable::Setting& s : table.all())
      if (minor < s.changed) set.try_emplace(s.name, s.old);
  for (auto& [key, value] : set) out += (out.empty() ? "" : ",") + key + "=" + value;
  return diags.empty();
}
}  // namespace vole::driver
