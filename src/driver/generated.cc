#include "driver/generated.h"

#include <fmt/format.h>

#include <tuple>

#include "base/base.h"
#include "base/file.h"

namespace vole::driver {
namespace {
std::string build_configuration(std::string_view go_version) {
  std::string out = "package buildcfg\n\nimport \"runtime\"\n\n";
  constexpr std::pair<const char*, const char*> Constants[] = {
      // clang-format off
      {"DefaultGO386", "sse2"}, {"DefaultGOAMD64", "v1"}, {"DefaultGOARM", "7"}, {"DefaultGOARM64", "v8.0"},
      {"DefaultGOMIPS", "hardfloat"}, {"DefaultGOMIPS64", "hardfloat"}, {"DefaultGOPPC64", "power8"},
      {"DefaultGORISCV64", "rva20u64"}, {"defaultGOEXPERIMENT", ""}, {"defaultGO_EXTLINK_ENABLED", ""},
      {"defaultGO_LDSO", ""}, {"DefaultGOFIPS140", "off"}, {"DefaultCGO_ENABLED", ""},
      // clang-format on
  };
  for (auto& [name, value] : Constants) out += fmt::format("const {} = `{}`\n", name, value);
  return out +
         fmt::format(
             "const version = `{}`\nconst defaultGOOS = runtime.GOOS\nconst defaultGOARCH = runtime.GOARCH\n",
             go_version);
}

// The C compilers and pkg-config that the go command and cgo look for, by the names their packages use
// ("DefaultCC" or "defaultCC").
std::string default_compilers(std::string_view package, std::string_view prefix) {
  std::string out = fmt::format("package {}\n\nconst {}PkgConfig = `pkg-config`\n\n", package, prefix);
  for (auto [function, clang, gcc] : {std::tuple{"CC", "clang", "gcc"}, std::tuple{"CXX", "clang++", "g++"}})
    out += fmt::format(
        "func {}{}(goos, goarch string) string {{\n\tswitch goos {{\n\tcase \"darwin\", \"ios\", "
        "\"freebsd\", "
        "\"openbsd\":\n\t\treturn \"{}\"\n\t}}\n"
        "\treturn \"{}\"\n}}\n\n",
        prefix, function, clang, gcc);
  return out;
}

// The time zone archive as a string constant.
std::string time_zones(const std::string& goroot) {
  std::string data = file_text(goroot + "/lib/time/zoneinfo.zip");
  std::string out = "package tzdata\n\nconst zipdata = \"";
  constexpr char Hex[] = "0123456789abcdef";
  out.reserve(out.size() + 4 * data.size());
  for (char c : data) {
    u8 b = static_cast<u8>(c);
    if (b >= ' ' && b < 0x7f && c != '"' && c != '\\') out += c;
    else (((out += "\\x") += Hex[b >> 4]) += Hex[b & 15]);
  }
  return out + "\"\n";
}
}  // namespace

std::string generated_file(std::string_view import_path, std::string_view go_version,
                           const std::string& goroot, std::string& file) {
  auto named = [&](const char* name, std::string text) {
    file = name;
    return text;
  };
  if (import_path == "internal/runtime/sys") return named("zversion.go", "package sys\n");
  if (import_path == "internal/buildcfg") return named("zbootstrap.go", build_configuration(go_version));
  if (import_path == "time/tzdata") return named("zzipdata.go", time_zones(goroot));
  if (import_path == "cmd/go/internal/cfg")
    return named("zdefaultcc.go", default_compilers("cfg", "Default"));
  if (import_path == "cmd/cgo") return named("zdefaultcc.go", default_compilers("main", "default"));
  return "";
}
}  // namespace vole::driver
