#include "driver/build_context.h"

#include <algorithm>
#include <cstring>
#include <iterator>

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

bool BuildContext::has_tag(std::string_view tag) const {
  if (tag == goos || tag == goarch || tag == "gc") return true;
  if (tag == "unix") return in(UnixOs, goos);
  if (tag == "cgo") return cgo;
  if (tag == "linux" && goos == "android") return true;
  if (tag == "darwin" && goos == "ios") return true;
  if (tag == "solaris" && goos == "illumos") return true;
  if (tag.starts_with("goexperiment.")) return in(Experiments, tag.substr(13));
  if (tag == "amd64.v1") return goarch == "amd64";
  if (tag == "arm64.v8.0") return goarch == "arm64";
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

bool BuildContext::matches_text(std::string_view text, std::string& error) const {
  error.clear();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  // Only comments and blank lines may stand before the constraint.
  bool in_block = false;
  while (!text.empty()) {
    size_t eol = text.find('\n');
    std::string_view line = text.substr(0, eol);
    text = eol == std::string_view::npos ? std::string_view() : text.substr(eol + 1);
    while (!line.empty() && (line[0] == ' ' || line[0] == '\t' || line[0] == '\r')) line.remove_prefix(1);
    for (;;) {
      if (in_block) {
        size_t end = line.find("*/");
        if (end == std::string_view::npos) break;
        in_block = false;
        line.remove_prefix(end + 2);
      }
      while (!line.empty() && std::strchr(" \t\r", line[0])) line.remove_prefix(1);
      if (!line.starts_with("/*")) break;
      in_block = true;
      line.remove_prefix(2);
    }
    if (in_block || line.empty()) continue;
    if (!line.starts_with("//")) return true;
    if (!line.starts_with("//go:build") || (line.size() > 10 && line[10] != ' ' && line[10] != '\t'))
      continue;
    auto c = source::Constraint::parse_line(line, error);
    return c && c->eval([&](std::string_view tag) { return has_tag(tag); });
  }
  return true;
}
}  // namespace vole::driver
