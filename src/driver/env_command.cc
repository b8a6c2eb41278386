// vole env and vole version.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "driver/cache.h"
#include "driver/commands.h"
#include "driver/session.h"

namespace vole::driver {
namespace {
std::string from_environment(const char* name, const std::string& otherwise) {
  const char* v = std::getenv(name);
  return v && *v ? v : otherwise;
}

// The variables, sorted by name.
std::map<std::string, std::string> variables(const Install& install, const Platform& platform,
                                             const std::string& go_mod) {
  std::string home = from_environment("HOME", "");
  std::string path = from_environment("GOPATH", home.empty() ? "" : home + "/go");
  return {
      {"CGO_ENABLED", "0"},
      {platform.goarch == "arm64" ? "GOARM64" : "GOAMD64",
       platform.goarch == "arm64" ? platform.arm64_level : fmt::format("v{}", platform.amd64_level)},
      {"GOARCH", platform.goarch},
      {"GOCACHE", Cache::default_dir()},
      {"GOEXE", platform.goos == "windows" ? ".exe" : ""},
      {"GOFLAGS", from_environment("GOFLAGS", "")},
      {"GOHOSTARCH", "amd64"},
      {"GOHOSTOS", "linux"},
      {"GOMOD", go_mod},
      {"GOMODCACHE", from_environment("GOMODCACHE", path.empty() ? "" : path + "/pkg/mod")},
      {"GOOS", platform.goos},
      {"GOPATH", path},
      {"GOROOT", install.goroot},
      {"GOVERSION", install.go_version},
      {"GOWORK", from_environment("GOWORK", "")},
      {"VOLECACHE", Cache::default_dir().empty() ? "off" : Cache::default_dir()},
      {"VOLE_GOROOT", install.goroot},
  };
}

std::string shell_quoted(const std::string& s) {
  std::string out = "'";
  for (char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Finds the build information in an executable: the blob behind "\xff Go buildinf:" with its strings inline
// (debug/buildinfo's format).
bool read_build_info(const std::string& file, std::string& version, std::string& info, std::string& error) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return error = std::strerror(errno), false;
  std::string all{std::istreambuf_iterator<char>(in), {}};
  constexpr size_t Header = 32, Align = 16;
  for (size_t at = all.find("\xff Go buildinf:"); at != std::string::npos;
       at = all.find("\xff Go buildinf:", at + 1)) {
    if (at % Align != 0 || at + Header >= all.size() || !(all[at + 15] & 2)) continue;
    size_t pos = at + Header;
    auto read_string = [&](std::string& out) {
      u64 length = 0;
      for (unsigned shift = 0; pos < all.size() && shift < 63; shift += 7) {
        u8 b = static_cast<u8>(all[pos++]);
        length |= static_cast<u64>(b & 0x7f) << shift;
        if (!(b & 0x80)) break;
      }
      if (length > all.size() - pos) return false;
      out = all.substr(pos, length);
      pos += length;
      return true;
    };
    if (!read_string(version) || !read_string(info)) continue;
    constexpr size_t Guard = 16;
    info = info.size() >= 2 * Guard ? info.substr(Guard, info.size() - 2 * Guard) : "";
    return true;
  }
  return error = "not a Go executable", false;
}
}  // namespace

int env_command(Flags flags) {
  bool json = flags.json, changed = flags.changed;
  std::vector<std::string> names = flags.args;
  Session s(std::move(flags));
  if (!s.open()) return 1;
  const Module* main = s.loader().modules().main();
  auto all = variables(s.install(), s.platform(), main ? main->dir + "/go.mod" : "/dev/null");
  if (changed) std::erase_if(all, [](auto& v) { return !std::getenv(v.first.c_str()); });
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  auto show = [&](const std::string& name, bool with_name) {
    auto it = all.find(name);
    std::string value = it != all.end() ? it->second : from_environment(name.c_str(), "");
    if (json) out[name] = value;
    else if (with_name) std::printf("%s=%s\n", name.c_str(), shell_quoted(value).c_str());
    else std::printf("%s\n", value.c_str());
  };
  for (const std::string& n : names) show(n, false);
  if (names.empty())
    for (auto& [name, value] : all) show(name, true);
  if (json) std::printf("%s\n", out.dump(1, '\t').c_str());
  return 0;
}

int version_command(Flags flags) {
  if (flags.args.empty()) {
    Install install;
    std::string error;
    if (!find_install(install, error)) return fail(error);
    std::printf("vole version %s linux/amd64\n", version_string(install).c_str());
    return 0;
  }
  int status = 0;
  for (const std::string& file : flags.args) {
    std::string version, info, error;
    if (!read_build_info(file, version, info, error)) {
      status = fail(fmt::format("{}: {}", file, error));
      continue;
    }
    std::printf("%s: %s\n", file.c_str(), version.c_str());
    if (!flags.module_info) continue;
    for (size_t at = 0; at < info.size();) {
      size_t end = std::min(info.find('\n', at), info.size());
      std::printf("\t%s\n", info.substr(at, end - at).c_str());
      at = end + 1;
    }
  }
  return status;
}
}  // namespace vole::driver
