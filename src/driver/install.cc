#include "driver/install.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "driver/environment.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
std::string read_line(const std::string& path) {
  std::istringstream in(file_text(path));
  std::string line;
  std::getline(in, line);
  return line;
}

// The version of a source tree; Debian's packages leave the VERSION file out, the language version stands in
// the sources.
std::string tree_version(const std::string& root) {
  std::string v = read_line(root + "/VERSION");
  if (!v.empty()) return v;
  std::istringstream in(file_text(root + "/src/internal/goversion/goversion.go"));
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("const Version = ")) return "go1." + line.substr(16);
  return "";
}

bool is_1_27(const std::string& v) {
  constexpr std::string_view Want = "go1.27";
  return v.starts_with(Want) && (v.size() == Want.size() || v[Want.size()] < '0' || v[Want.size()] > '9');
}
}  // namespace

bool find_install(Install& out, std::string& error) {
  std::error_code e;
  fs::path self = fs::read_symlink("/proc/self/exe", e);
  fs::path prefix = self.parent_path().parent_path();
  for (const char* name : {"VOLE_GOROOT", "GOROOT"}) {
    if (std::string v = setting(name); !v.empty()) {
      out.goroot = v;
      break;
    }
  }
  if (out.goroot.empty()) out.goroot = (prefix / "goroot").string();
  out.goroot = fs::weakly_canonical(out.goroot, e).string();
  out.go_version = tree_version(out.goroot);
  if (out.go_version.empty()) {
    error = fmt::format("cannot find the Go sources at {}: set VOLE_GOROOT to a Go 1.27 source tree",
                        printable(out.goroot));
    return false;
  }
  if (!is_1_27(out.go_version)) {
    error = fmt::format("{} holds {}, Go 1.27 is needed", printable(out.goroot), printable(out.go_version));
    return false;
  }
  read_goroot_settings(out.goroot);
  out.overlay = (prefix / "share/vole/golib").string();
  out.runtime_archive = (prefix / "lib/vole/runtime-amd64.a").string();
  return true;
}

std::string version_string(const Install& install) { return install.go_version + " vole"; }
}  // namespace vole::driver
