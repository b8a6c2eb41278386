// vole version: the version of vole, or what programs were built with: their build information.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "driver/cache.h"
#include "driver/commands.h"
#include "driver/session.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
struct BuildInfo {
  std::string version, text;
};

// Finds the build information in an executable: the blob behind "\xff Go buildinf:" with its strings inline
// (debug/buildinfo's format).
bool find_build_info(std::string_view all, BuildInfo& out) {
  constexpr size_t Header = 32, Align = 16, Guard = 16;
  constexpr std::string_view Mark = "\xff Go buildinf:";
  for (size_t at = all.find(Mark); at != std::string_view::npos; at = all.find(Mark, at + 1)) {
    if (at % Align != 0 || at + Header >= all.size() || !(all[at + 15] & 2)) continue;
    size_t pos = at + Header;
    auto read_string = [&](std::string& to) {
      u64 length = 0;
      for (unsigned shift = 0; pos < all.size() && shift < 63; shift += 7) {
        u8 b = static_cast<u8>(all[pos++]);
        length |= static_cast<u64>(b & 0x7f) << shift;
        if (!(b & 0x80)) break;
      }
      if (length > all.size() - pos) return false;
      to = all.substr(pos, length);
      pos += length;
      return true;
    };
    if (!read_string(out.version) || !read_string(out.text)) continue;
    size_t size = out.text.size();
    out.text = size >= 2 * Guard ? out.text.substr(Guard, size - 2 * Guard) : "";
    return true;
  }
  return false;
}

bool read_build_info(const std::string& file, BuildInfo& out) {
  auto mapped = MappedFile::open(file);
  if (!mapped) return false;
  auto bytes = mapped->bytes();
  return find_build_info({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, out);
}

// The build information with the names of debug.BuildInfo's fields.
nlohmann::ordered_json to_json(const BuildInfo& info) {
  using Json = nlohmann::ordered_json;
  Json out{{"GoVersion", info.version},
           {"Path", ""},
           {"Main", {{"Path", ""}, {"Version", ""}, {"Sum", ""}, {"Replace", nullptr}}}};
  Json deps = Json::array(), settings = Json::array(), *last = &out["Main"];
  std::istringstream in(info.text);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> w;
    for (size_t at = 0; at <= line.size();) {
      size_t end = std::min(line.find('\t', at), line.size());
      w.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    w.resize(std::max<size_t>(w.size(), 4));
    Json module{{"Path", w[1]}, {"Version", w[2]}, {"Sum", w[3]}, {"Replace", nullptr}};
    if (w[0] == "path") out["Path"] = w[1];
    else if (w[0] == "mod") out["Main"] = module;
    else if (w[0] == "dep") deps.push_back(module), last = &deps.back();
    else if (w[0] == "=>") (*last)["Replace"] = module;
    else if (size_t eq = w[1].find('='); w[0] == "build" && eq != std::string::npos)
      settings.push_back({{"Key", w[1].substr(0, eq)}, {"Value", w[1].substr(eq + 1)}});
  }
  out["Deps"] = deps.empty() ? Json(nullptr) : deps;
  out["Settings"] = settings;
  return out;
}

class Versions {
 public:
  explicit Versions(const Flags& flags) : flags_(flags) {}

  int show(const std::string& name) {
    std::error_code e;
    fs::file_status status = fs::status(name, e);
    if (e || !fs::exists(status)) {
      std::fprintf(stderr, "stat %s: %s\n", printable(name).c_str(),
                   error_text(e ? e.value() : ENOENT).c_str());
      return 1;
    }
    if (fs::is_directory(status)) return folder(name), 0;
    if (file(name)) return 0;
    say(name, fs::is_regular_file(status) ? "not a Go executable" : "not a regular file");
    return 1;
  }

 private:
  static void say(const std::string& name, const char* what) {
    std::fprintf(stderr, "%s: %s\n", printable(name).c_str(), what);
  }

  // Programs below a folder; of what is none only -v speaks.
  void folder(const std::string& name) {
    std::vector<std::string> names;
    std::error_code e, ignored;
    fs::recursive_directory_iterator it(name, fs::directory_options::skip_permission_denied, e), end;
    for (; !e && it != end; it.increment(e))
      if (it->is_symlink(ignored) || fs::is_regular_file(it->symlink_status(ignored)))
        names.push_back(it->path().string());
    std::sort(names.begin(), names.end());
    for (const std::string& n : names) {
      bool regular = fs::is_regular_file(n, ignored);
      if ((!regular || !file(n)) && flags_.verbose) say(n, regular ? "not a Go executable" : "symlink");
    }
  }

  bool file(const std::string& name) {
    BuildInfo info;
    if (!read_build_info(name, info)) return false;
    if (flags_.json) return std::printf("%s\n", to_json(info).dump(1, '\t').c_str()), true;
    std::printf("%s: %s\n", name.c_str(), info.version.c_str());
    std::istringstream lines(info.text);
    for (std::string line; flags_.module_info && std::getline(lines, line);)
      std::printf("\t%s\n", line.c_str());
    return true;
  }

  const Flags& flags_;
};
}  // namespace

int version_command(Flags flags) {
  const char* alone = flags.module_info ? "-m" : flags.verbose ? "-v" : flags.json ? "-json" : nullptr;
  if (flags.args.empty() && alone)
    return go_fail(fmt::format("'vole version' only accepts {} flag with arguments", alone)), 2;
  if (flags.json && !flags.module_info) return go_fail("'vole version' with -json flag requires -m flag"), 2;
  if (flags.args.empty()) {
    Install install;
    std::string error;
    if (!find_install(install, error)) return fail(error);
    std::printf("vole version %s linux/amd64\n", version_string(install).c_str());
    return 0;
  }
  Versions versions(flags);
  int status = 0;
  for (const std::string& name : flags.args) status |= versions.show(name);
  return status;
}
}  // namespace vole::driver
