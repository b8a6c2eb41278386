#include "driver/path_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/file.h"

namespace vole::driver {
namespace {
// The length of the character that starts s, in UTF-8.
size_t character(std::string_view s) {
  size_t n = 1;
  while (n < s.size() && (static_cast<unsigned char>(s[n]) & 0xc0) == 0x80) n++;
  return n;
}

bool letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)); }

bool is_device(std::string_view name) {
  constexpr std::string_view Devices[] = {
      // clang-format off
      "con", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3",
      "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "aux", "nul", "prn",
      // clang-format on
  };
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(std::begin(Devices), std::end(Devices), lower) != std::end(Devices);
}

std::string element_fault(std::string_view e) {
  if (e.empty()) return "empty path element";
  if (e.find_first_not_of('.') == std::string_view::npos)
    return fmt::format("invalid path element \"{}\"", e);
  if (e.back() == '.') return "trailing dot in path element";
  for (size_t i = 0; i < e.size();) {
    size_t n = character(e.substr(i));
    if (n > 1 || (!letter_or_digit(e[i]) && std::string_view("-._~+").find(e[i]) == std::string_view::npos))
      return fmt::format("invalid char '{}'", printable(e.substr(i, n)));
    i += n;
  }
  std::string_view stem = e.substr(0, e.find('.'));
  if (is_device(stem)) return fmt::format("\"{}\" disallowed as path element component on Windows", stem);
  size_t tilde = stem.rfind('~');
  if (tilde != std::string_view::npos && tilde + 1 < stem.size() &&
      stem.find_first_not_of("0123456789", tilde + 1) == std::string_view::npos)
    return "trailing tilde and digits in path element";
  return "";
}

std::string_view number(std::string_view& s) {
  size_t n = 0;
  while (n < s.size() && s[n] >= '0' && s[n] <= '9') n++;
  std::string_view out = s.substr(0, n);
  s.remove_prefix(n);
  return out.size() > 1 && out[0] == '0' ? std::string_view() : out;
}
}  // namespace

std::string import_path_fault(std::string_view path) {
  if (path.empty()) return "empty string";
  if (path[0] == '-') return "leading dash";
  if (path.find("//") != std::string_view::npos) return "double slash";
  if (path.back() == '/') return "trailing slash";
  for (size_t at = 0; at <= path.size();) {
    size_t slash = std::min(path.find('/', at), path.size());
    if (std::string why = element_fault(path.substr(at, slash - at)); !why.empty()) return why;
    at = slash + 1;
  }
  return "";
}

std::string module_path_fault(std::string_view path) {
  if (std::string why = import_path_fault(path); !why.empty()) return why;
  std::string_view first = path.substr(0, path.find('/'));
  if (first.find('.') == std::string_view::npos) return "missing dot in first path element";
  if (first[0] == '-') return "leading dash in first path element";
  return "";
}

std::string version_fault(std::string_view path, std::string_view version) {
  std::string_view major = version.substr(0, version.find('.'));
  if (path.starts_with("gopkg.in/")) {
    std::string_view suffix =
        path.substr(path.rfind('.') == std::string_view::npos ? 0 : path.rfind('.') + 1);
    return suffix == major ? "" : fmt::format("should be {}, not {}", suffix, major);
  }
  std::string_view last = path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
  bool suffixed = last.size() > 1 && last[0] == 'v' && last[1] >= '1' && last[1] <= '9' && last != "v1" &&
                  last.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (suffixed) return last == major ? "" : fmt::format("should be {}, not {}", last, major);
  if (major == "v0" || major == "v1" || version.ends_with("+incompatible")) return "";
  return fmt::format("should be v0 or v1, not {}", major);
}

bool is_canonical_version(std::string_view v) {
  if (!v.starts_with('v')) return false;
  v.remove_prefix(1);
  for (int i = 0; i < 3; i++) {
    if (i && (v.empty() || v[0] != '.')) return false;
    if (i) v.remove_prefix(1);
    if (number(v).empty()) return false;
  }
  if (v == "+incompatible") return true;
  return v.empty() || v[0] == '-';
}
}  // namespace vole::driver
