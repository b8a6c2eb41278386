#include "driver/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>

#include "base/file.h"
#include "base/scratch.h"
#include "driver/platform.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
using Settings = std::map<std::string, std::string, std::less<>>;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// The name that a line sets; empty when it is a comment or something else.
std::string_view name_in(std::string_view line) {
  size_t eq = line.find('=');
  if (eq == std::string_view::npos || line.substr(0, eq).find('#') != std::string_view::npos) return {};
  return line.substr(0, eq);
}

Settings read_settings(const std::string& file) {
  Settings out;
  for (const std::string& line : lines_of(file.empty() ? "" : file_text(file)))
    if (std::string_view name = name_in(line); !name.empty() && line[0] >= 'A' && line[0] <= 'Z')
      out[std::string(name)] = line.substr(name.size() + 1);
  return out;
}

Settings& user_settings() {
  static Settings read = read_settings(settings_file());
  return read;
}
Settings goroot_settings;

std::string of_process(std::string_view name) {
  const char* v = std::getenv(std::string(name).c_str());
  return v ? v : "";
}

template <size_t N>
bool in(const std::string_view (&list)[N], std::string_view s) {
  return std::find(std::begin(list), std::end(list), s) != std::end(list);
}

// Names that the file may set: go's, and vole's own.
bool is_known(std::string_view name) {
  constexpr std::string_view Known[] = {
      // clang-format off
      "AR", "CC", "CGO_CFLAGS", "CGO_CFLAGS_ALLOW", "CGO_CFLAGS_DISALLOW", "CGO_CPPFLAGS", "CGO_CPPFLAGS_ALLOW",
      "CGO_CPPFLAGS_DISALLOW", "CGO_CXXFLAGS", "CGO_CXXFLAGS_ALLOW", "CGO_CXXFLAGS_DISALLOW", "CGO_ENABLED",
      "CGO_FFLAGS", "CGO_FFLAGS_ALLOW", "CGO_FFLAGS_DISALLOW", "CGO_LDFLAGS", "CGO_LDFLAGS_ALLOW",
      "CGO_LDFLAGS_DISALLOW", "CXX", "FC", "GCCGO", "GO111MODULE", "GO386", "GOAMD64", "GOARCH", "GOARM", "GOARM64",
      "GOAUTH", "GOBIN", "GOCACHE", "GOCACHEPROG", "GOEXPERIMENT", "GOFIPS140", "GOFLAGS", "GOINSECURE", "GOMIPS",
      "GOMIPS64", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOOS", "GOPATH", "GOPPC64", "GOPRIVATE", "GOPROXY",
      "GORISCV64", "GOSUMDB", "GOTMPDIR", "GOTOOLCHAIN", "GOVCS", "GOWASM", "GO_EXTLINK_ENABLED", "PKG_CONFIG",
      "VOLECACHE", "VOLECACHE_MB", "VOLE_GOROOT",
      // clang-format on
  };
  return in(Known, name) || user_settings().contains(name) || goroot_settings.contains(name);
}

// Why the file may not set a name, or not to this value; empty when it may.
std::string write_fault(std::string_view name, std::string_view value) {
  constexpr std::string_view Fixed[] = {"GOEXE",          "GOGCCFLAGS", "GOHOSTARCH", "GOHOSTOS",
                                        "GOMOD",          "GOROOT",     "GOWORK",     "GOTELEMETRY",
                                        "GOTELEMETRYDIR", "GOTOOLDIR",  "GOVERSION"};
  if (in(Fixed, name)) return fmt::format("{} cannot be modified", name);
  if (name == "GOENV" || name == "GODEBUG")
    return fmt::format("{} can only be set using the OS environment", name);
  if (!is_known(name)) return fmt::format("unknown go command variable {}", printable(name));
  bool relative = !value.empty() && value[0] != '/';
  if (name == "GO111MODULE" && !value.empty() && value != "auto" && value != "on" && value != "off")
    return fmt::format("invalid GO111MODULE value \"{}\"", printable(value));
  if (name == "GOPATH" && value.starts_with('~'))
    return fmt::format("GOPATH entry cannot start with shell metacharacter '~': \"{}\"", printable(value));
  if ((name == "GOPATH" || name == "GOMODCACHE") && relative)
    return fmt::format("{} entry is relative; must be absolute path: \"{}\"", name, printable(value));
  if (name == "GOTMPDIR" && relative) return "GOTMPDIR must be an absolute path";
  if (name == "VOLECACHE" && relative && value != "off") return "VOLECACHE is not an absolute path";
  if (value.find_first_of("\v\r\n") != std::string_view::npos)
    return fmt::format("invalid newline in {}=... value", name);
  return "";
}

// What follows for the platform, were these the settings.
bool check_platform(const Settings& changes, const std::vector<std::string>& forgotten, std::string& error) {
  bool touched = false;
  auto value = [&](const char* name) {
    auto it = changes.find(name);
    bool forget = std::find(forgotten.begin(), forgotten.end(), name) != forgotten.end();
    touched |= it != changes.end() || forget;
    return it != changes.end() ? it->second : forget ? of_process(name) : setting(name);
  };
  Platform p;
  std::string goos = value("GOOS"), goarch = value("GOARCH");
  if (!goos.empty()) p.goos = goos;
  if (!goarch.empty()) p.goarch = goarch;
  if (!touched || is_pair(p)) return true;
  return error = "unsupported GOOS/GOARCH pair " + printable(p.pair()), false;
}

bool write_file(const std::string& path, std::string_view text, std::string& error) {
  std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  Scratch unfinished(temporary);
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), why = errno;
  unfinished.made();
  bool ok = fd >= 0;
  while (ok && !text.empty()) {
    ssize_t n = write(fd, text.data(), text.size());
    if (n > 0) text.remove_prefix(static_cast<size_t>(n));
    else if (n == 0 || errno != EINTR) ok = false, why = errno;
  }
  if (fd >= 0 && close(fd) != 0 && ok) ok = false, why = errno;
  if (ok && rename(temporary.c_str(), path.c_str()) != 0) ok = false, why = errno;
  if (ok) return true;
  if (fd >= 0) unlink(temporary.c_str());
  return error = fmt::format("writing go env config: open {}: {}", printable(path), error_text(why)), false;
}

// Sets what `changes` says in the file, takes out what is forgotten; of lines that set one name the last is
// kept. Runs of settings between comments are sorted.
bool update(const Settings& changes, const std::vector<std::string>& forgotten, std::string& error) {
  std::string file = settings_file(), text;
  if (file.empty()) return error = "cannot find go env config: GOENV=off", false;
  std::error_code e;
  bool exists = fs::exists(file, e);
  if ((exists || changes.empty()) && !read_file(file, text, error))
    return error = "reading go env config: " + error, false;
  std::vector<std::string> lines = lines_of(text), out;
  Settings rest = changes;
  for (size_t i = 0; i < lines.size(); i++) {
    std::string name(name_in(lines[i]));
    auto sets_it = [&](const std::string& l) { return name_in(l) == name; };
    if (!name.empty() && std::any_of(lines.begin() + static_cast<long>(i) + 1, lines.end(), sets_it))
      continue;
    if (!name.empty() && std::find(forgotten.begin(), forgotten.end(), name) != forgotten.end()) continue;
    auto it = name.empty() ? rest.end() : rest.find(name);
    out.push_back(it == rest.end() ? lines[i] : name + "=" + it->second);
    if (it != rest.end()) rest.erase(it);
  }
  for (auto& [name, value] : rest) out.push_back(name + "=" + value);
  for (auto from = out.begin(); from != out.end();) {
    auto to = std::find_if(from, out.end(), [](auto& l) { return name_in(l).empty(); });
    std::stable_sort(from, to, [](auto& a, auto& b) { return name_in(a) < name_in(b); });
    from = to == out.end() ? to : to + 1;
  }
  std::string all;
  for (const std::string& l : out) all += l + "\n";
  // A link stays one: what it names is written.
  fs::path target = fs::weakly_canonical(file, e);
  fs::create_directories(target.parent_path(), e);
  return write_file(target.string(), all, error);
}
}  // namespace

std::string settings_file() {
  std::string file = of_process("GOENV");
  if (!file.empty()) return file == "off" ? "" : file;
  std::string config = of_process("XDG_CONFIG_HOME"), home = of_process("HOME");
  if (!config.empty()) return config[0] == '/' ? config + "/go/env" : "";
  return home.empty() ? "" : home + "/.config/go/env";
}

std::string setting(std::string_view name) {
  std::string value = of_process(name);
  if (!value.empty()) return value;
  auto it = user_settings().find(name);
  return it != user_settings().end() ? it->second : setting_of_goroot(name);
}

std::string setting_of_goroot(std::string_view name) {
  auto it = goroot_settings.find(name);
  return it == goroot_settings.end() ? "" : it->second;
}

void read_goroot_settings(const std::string& goroot) { goroot_settings = read_settings(goroot + "/go.env"); }

bool write_settings(const std::vector<std::string>& assignments, std::string& error) {
  if (assignments.empty()) return error = "no KEY=VALUE arguments given", false;
  Settings changes;
  for (const std::string& a : assignments) {
    size_t eq = a.find('=');
    if (eq == std::string::npos)
      return error = "arguments must be KEY=VALUE: invalid argument: " + printable(a), false;
    std::string name = a.substr(0, eq), value = a.substr(eq + 1);
    if (error = write_fault(name, value); !error.empty()) return false;
    if (!changes.emplace(name, value).second) return error = "multiple values for key: " + name, false;
    if (std::string now = of_process(name); !now.empty() && now != value)
      std::fprintf(stderr,
                   "warning: vole env -w %s=... does not override conflicting OS environment variable\n",
                   name.c_str());
  }
  return check_platform(changes, {}, error) && update(changes, {}, error);
}

bool forget_settings(const std::vector<std::string>& names, std::string& error) {
  if (names.empty()) return error = "'vole env -u' requires an argument", false;
  for (const std::string& name : names)
    if (error = write_fault(name, ""); !error.empty()) return false;
  return check_platform({}, names, error) && update({}, names, error);
}
}  // namespace vole::driver
