#include "driver/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/file.h"
#include "driver/environment.h"

namespace vole::driver {
namespace {
constexpr std::string_view Pairs[] = {
    // clang-format off
    "aix/ppc64", "android/386", "android/amd64", "android/arm", "android/arm64", "darwin/amd64",
    "darwin/arm64", "dragonfly/amd64", "freebsd/386", "freebsd/amd64", "freebsd/arm", "freebsd/arm64",
    "illumos/amd64", "ios/amd64", "ios/arm64", "js/wasm", "linux/386", "linux/amd64", "linux/arm",
    "linux/arm64", "linux/loong64", "linux/mips", "linux/mips64", "linux/mips64le", "linux/mipsle",
    "linux/ppc64", "linux/ppc64le", "linux/riscv64", "linux/s390x", "netbsd/386", "netbsd/amd64",
    "netbsd/arm", "netbsd/arm64", "openbsd/386", "openbsd/amd64", "openbsd/arm", "openbsd/arm64",
    "openbsd/ppc64", "openbsd/riscv64", "plan9/386", "plan9/amd64", "plan9/arm", "solaris/amd64",
    "wasip1/wasm", "windows/386", "windows/amd64", "windows/arm64",
    // clang-format on
};

void take(const char* name, std::string& out) {
  if (std::string v = setting(name); !v.empty()) out = v;
}

// v8.0 to v8.9 or v9.0 to v9.5, then ",lse" and ",crypto" in any order.
bool valid_arm64(std::string_view s) {
  if (s.size() < 4 || s[0] != 'v' || s[2] != '.') return false;
  if (!(s[1] == '8' && s[3] >= '0' && s[3] <= '9') && !(s[1] == '9' && s[3] >= '0' && s[3] <= '5'))
    return false;
  for (s.remove_prefix(4); !s.empty();) {
    if (s.starts_with(",lse")) s.remove_prefix(4);
    else if (s.starts_with(",crypto")) s.remove_prefix(7);
    else return false;
  }
  return true;
}
}  // namespace

bool is_pair(const Platform& p) {
  return std::find(std::begin(Pairs), std::end(Pairs), p.pair()) != std::end(Pairs);
}

bool read_platform(Platform& out, std::string& error) {
  take("GOOS", out.goos);
  take("GOARCH", out.goarch);
  if (!is_pair(out)) {
    error = "unsupported GOOS/GOARCH pair " + printable(out.pair());
    return false;
  }
  std::string level = "v1";
  take("GOAMD64", level);
  if (level.size() != 2 || level[0] != 'v' || level[1] < '1' || level[1] > '4') {
    if (out.goarch == "amd64") return error = "invalid GOAMD64: must be v1, v2, v3, v4", false;
  } else {
    out.amd64_level = level[1] - '0';
  }
  take("GOARM64", out.arm64_level);
  if (out.goarch == "arm64" && !valid_arm64(out.arm64_level)) {
    error =
        "invalid GOARM64: must start with v8.{0-9} or v9.{0-5} and may optionally end in \",lse\" and/or "
        "\",crypto\"";
    return false;
  }
  return true;
}

bool can_build(const Platform& p) { return p.goos == "linux" && target::find(p.goarch); }

const target::Machine& Platform::machine() const {
  const target::Machine* m = target::find(goarch);
  VOLE_CHECK(m != nullptr);
  return *m;
}
}  // namespace vole::driver
