#include "driver/generated.h"

#include <fmt/format.h>

namespace vole::driver {
std::string generated_file(std::string_view import_path, std::string_view go_version, std::string& file) {
  if (import_path == "internal/runtime/sys") {
    file = "zversion.go";
    return "package sys\n";
  }
  if (import_path == "internal/buildcfg") {
    file = "zbootstrap.go";
    std::string out = "package buildcfg\n\nimport \"runtime\"\n\n";
    constexpr std::pair<const char*, const char*> Constants[] = {
        {"DefaultGO386", "sse2"},      {"DefaultGOAMD64", "v1"},     {"DefaultGOARM", "7"},          {"DefaultGOARM64", "v8.0"},
        {"DefaultGOMIPS", "hardfloat"}, {"DefaultGOMIPS64", "hardfloat"}, {"DefaultGOPPC64", "power8"}, {"DefaultGORISCV64", "rva20u64"},
        {"defaultGOEXPERIMENT", ""},   {"defaultGO_EXTLINK_ENABLED", ""}, {"defaultGO_LDSO", ""},     {"DefaultGOFIPS140", "off"},
        {"DefaultCGO_ENABLED", ""},
    };
    for (auto& [name, value] : Constants) out += fmt::format("const {} = `{}`\n", name, value);
    out += fmt::format("const version = `{}`\nconst defaultGOOS = runtime.GOOS\nconst defaultGOARCH = runtime.GOARCH\n", go_version);
    return out;
  }
  return "";
}
}  // namespace vole::driver
