#include "driver/build_context.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include "source/constraint.h"

namespace vole::driver {
namespace {
constexpr std::string_view KnownOs[] = {"aix",     "android", "darwin",  "dragonfly", "freebsd", "hurd",
                                        "illumos", "ios",     "js",      "linux",     "nacl",    "netbsd",
                                        "openbsd", "plan9",   "solaris", "wasip1",    "windows", "zos"};
constexpr std::string_view KnownArch[] = {
    "386",     "amd64",  "amd64p32", "arm",      "armbe",     "arm64",       "arm64be", "loong64",
    "mips",    "mipsle", "mips64",   "mips64le", "mips64p32", "mips64p32le", "ppc",     "ppc64",
    "ppc64le", "riscv",  "riscv64",  "s390",     "s390x",     "sparc",       "sparc64", "wasm"};
constexpr std::string_view UnixOs[] = {"aix",     "android", "darwin", "dragonfly", "freebsd", "hurd",
                                       "illumos", "ios",     "linux",  "netbsd",    "openbsd", "solaris"};
// Experiments that are on by default in Go 1.27 for linux; std selects files by them.
constexpr std::string_view Experiments[] = {
    "jsonv2", "regabiargs", "regabiwrappers", "greenteagc", "sizespecializedmalloc", "randomizedheapbase64",
    "dwarf5"};

template <size_t N>
bool in(const std::string_view (&list)[N], std::string_view s) {
  return std::find(std::begin(list), std::end(list), s) != std::end(list);
}
}  // namespace

// arm64.v8.N holds for every v8 of at least that minor, and for v9.M with M + 5 >= N; v9.N for v9.M alone.
bool BuildContext::has_arm64_tag(std::string_view level) const {
  if (level.size() != 4 || level[2] != '.') return false;
  int major = level[1] - '0', minor = level[3] - '0';
  int have_major = arm64_level[1] - '0', have_minor = arm64_level[3] - '0';
  if (major == have_major) return minor <= have_minor;
  return major == 8 && have_major == 9 && minor <= have_minor + 5;
}

bool BuildContext::has_tag(std::string_view tag) const {
  if (tag == goos || tag == goarch || tag == "gc") return true;
  if (tag == "unix") return in(UnixOs, goos);
  if (tag == "cgo") return cgo;
  if (tag == "linux" && goos == "android") return true;
  if (tag == "darwin" && goos == "ios") return true;
  if (tag == "solaris" && goos == "illumos") return true;
  if (tag.starts_with("goexperiment.")) return in(Experiments, tag.substr(13));
  if (goarch == "amd64" && tag.size() == 8 && tag.starts_with("amd64.v"))
    return tag[7] >= '1' && tag[7] - '0' <= amd64_level;
  if (goarch == "arm64" && tag.starts_with("arm64.v")) return has_arm64_tag(tag.substr(6));
  if (tag.starts_with("go1.")) {
    int v = 0;
    for (char c : tag.substr(4)) {
      if (c < '0' || c > '9' || v > 1000) return tags.contains(std::string(tag));
      v = v * 10 + (c - '0');
    }
    return v >= 1 && v <= LanguageMinor;
  }
  return tags.contains(std::string(tag));
}

// NAME_GOOS, NAME_GOARCH, NAME_GOOS_GOARCH, each optionally followed by _test; a part before the first
// underscore never counts.
bool BuildContext::matches_name(std::string_view file) const {
  std::string_view name = file.substr(0, file.find('.'));
  size_t first = name.find('_');
  if (first == std::string_view::npos) return true;
  name.remove_prefix(first);
  if (name.ends_with("_test")) name.remove_suffix(5);
  auto take_last = [&] {
    size_t at = name.rfind('_');
    if (at == std::string_view::npos) return std::string_view();
    std::string_view last = name.substr(at + 1);
    name = name.substr(0, at);
    return last;
  };
  std::string_view last = take_last();
  if (in(KnownArch, last)) {
    if (!has_tag(last)) return false;
    std::string_view os = take_last();
    return !in(KnownOs, os) || has_tag(os);
  }
  return !in(KnownOs, last) || has_tag(last);
}

namespace {
std::string_view trimmed(std::string_view s) {
  while (!s.empty() && std::strchr(" \t\r", s[0])) s.remove_prefix(1);
  while (!s.empty() && std::strchr(" \t\r", s.back())) s.remove_suffix(1);
  return s;
}

// The comment lines in front of the first statement, with what their place says.
struct HeaderLine {
  std::string_view text;  // a line comment, or empty
  bool blank;
};
std::vector<HeaderLine> header_lines(std::string_view text) {
  std::vector<HeaderLine> out;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  bool in_block = false;
  while (!text.empty()) {
    size_t eol = text.find('\n');
    std::string_view line = trimmed(text.substr(0, eol));
    text = eol == std::string_view::npos ? std::string_view() : text.substr(eol + 1);
    if (line.empty() && !in_block) out.push_back({{}, true});
    for (;;) {
      if (in_block) {
        size_t end = line.find("*/");
        if (end == std::string_view::npos) break;
        in_block = false;
        line = trimmed(line.substr(end + 2));
      }
      if (!line.starts_with("/*")) break;
      in_block = true;
      line.remove_prefix(2);
    }
    if (in_block || line.empty()) continue;
    if (!line.starts_with("//")) break;
    out.push_back({line, false});
  }
  return out;
}

bool is_go_build(std::string_view line) {
  return line.starts_with("//go:build") && (line.size() == 10 || line[10] == ' ' || line[10] == '\t');
}

// "+build A,B !C": all of a comma list, any of the words.
bool plus_build_holds(const BuildContext& c, std::string_view words) {
  while (!(words = trimmed(words)).empty()) {
    std::string_view word = words.substr(0, words.find_first_of(" \t"));
    words.remove_prefix(word.size());
    bool all = true;
    while (all && !word.empty()) {
      std::string_view tag = word.substr(0, word.find(','));
      word.remove_prefix(std::min(word.size(), tag.size() + 1));
      bool negated = tag.starts_with('!');
      if (negated) tag.remove_prefix(1);
      all = !tag.empty() && !tag.starts_with('!') && c.has_tag(tag) != negated;
    }
    if (all) return true;
  }
  return false;
}
}  // namespace

bool BuildContext::matches_text(std::string_view text, std::string& error) const {
  error.clear();
  std::vector<HeaderLine> lines = header_lines(text);
  const HeaderLine* go_build = nullptr;
  for (const HeaderLine& l : lines) {
    if (!is_go_build(l.text)) continue;
    if (go_build) return error = "multiple //go:build comments", false;
    go_build = &l;
  }
  if (go_build) {
    auto c = source::Constraint::parse_line(go_build->text, error);
    if (!c) error = "parsing //go:build line: " + error;
    return c && c->eval([&](std::string_view tag) { return has_tag(tag); });
  }
  // Lines in the comment right above the package clause are its documentation.
  size_t end = lines.size();
  while (end > 0 && !lines[end - 1].blank) end--;
  for (size_t i = 0; i < end; i++) {
    std::string_view line = lines[i].text;
    if (!line.starts_with("//")) continue;
    line = trimmed(line.substr(2));
    if (!line.starts_with("+build") || (line.size() > 6 && line[6] != ' ' && line[6] != '\t')) continue;
    if (!plus_build_holds(*this, line.substr(6))) return false;
  }
  return true;
}
}  // namespace vole::driver
