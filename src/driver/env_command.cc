// vole env: the settings that commands follow, and changing those in the user's file (-w, -u).
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "driver/cache.h"
#include "driver/commands.h"
#include "driver/environment.h"
#include "driver/session.h"

namespace vole::driver {
namespace {
struct Variable {
  std::string value;
  bool changed = false;  // it is not what it would be on a fresh machine
};

// The variables by name.
class Variables {
 public:
  Variables(Session& s) {
    platform(s.platform());
    folders(s);
    modules(s);
    for (const char* name :
         {"GO111MODULE", "GOEXPERIMENT", "GOFLAGS", "GOINSECURE", "GOPRIVATE", "GOTMPDIR", "GOVCS"})
      add(name, setting(name));
    add("GOAUTH", setting("GOAUTH"), "netrc");
    add("GOFIPS140", setting("GOFIPS140"), "off");
    add("GOTOOLCHAIN", setting("GOTOOLCHAIN"), otherwise("GOTOOLCHAIN", "auto"));
    for (const char* name : {"GODEBUG", "GOPACKAGESDRIVER"}) {  // the process's environment alone sets them
      const char* v = std::getenv(name);
      add(name, v ? v : "");
    }
  }
  std::map<std::string, Variable> all;

 private:
  void add(const std::string& name, std::string value, std::string standard = "") {
    bool changed = !value.empty() && value != standard;
    all[name] = {value.empty() ? std::move(standard) : std::move(value), changed};
  }
  static std::string otherwise(const char* name, const char* standard) {
    std::string v = setting_of_goroot(name);
    return v.empty() ? standard : v;
  }

  void platform(const Platform& p) {
    add("GOHOSTARCH", "", "amd64");
    add("GOHOSTOS", "", "linux");
    add("GOARCH", p.goarch, "amd64");
    add("GOOS", p.goos, "linux");
    add("GOEXE", "", p.goos == "windows" ? ".exe" : "");
    add("CGO_ENABLED", "", "0");
    if (p.goarch == "amd64") add("GOAMD64", fmt::format("v{}", p.amd64_level), "v1");
    if (p.goarch == "arm64") add("GOARM64", p.arm64_level, "v8.0");
  }

  void folders(Session& s) {
    const char* home = std::getenv("HOME");
    std::string standard = home && *home ? std::string(home) + "/go" : "";
    add("GOPATH", setting("GOPATH"), standard);
    std::string path = all["GOPATH"].value;
    std::string first = path.substr(0, path.find(':'));
    add("GOMODCACHE", setting("GOMODCACHE"), first.empty() ? "" : first + "/pkg/mod");
    add("GOBIN", setting("GOBIN"), first.empty() ? "" : first + "/bin");
    bool cached = !setting("VOLECACHE").empty();
    std::string cache = Cache::default_dir();
    all["GOCACHE"] = {cache, cached};
    all["VOLECACHE"] = {cache.empty() ? "off" : cache, cached};
    all["GOENV"] = {settings_file(), std::getenv("GOENV") && *std::getenv("GOENV")};
    add("GOROOT", "", s.install().goroot);
    add("GOTOOLDIR", "", s.install().goroot + "/pkg/tool/linux_amd64");
    add("GOVERSION", "", s.install().go_version);
    all["VOLE_GOROOT"] = {s.install().goroot, !setting("VOLE_GOROOT").empty()};
  }

  void modules(Session& s) {
    const Modules& modules = s.loader().modules();
    const Module* main = modules.main();
    add("GOMOD", "", main ? main->dir + "/go.mod" : "/dev/null");
    add("GOWORK", "", setting("GOWORK") == "off" ? "off" : modules.work_file());
    std::string of_private = setting("GOPRIVATE");
    add("GONOPROXY", setting("GONOPROXY"), of_private);
    add("GONOSUMDB", setting("GONOSUMDB"), of_private);
    add("GOPROXY", setting("GOPROXY"), setting_of_goroot("GOPROXY"));
    add("GOSUMDB", setting("GOSUMDB"), setting_of_goroot("GOSUMDB"));
  }
};

std::string shell_quoted(const std::string& s) {
  std::string out = "'";
  for (char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Those that were asked for, in order; of names that are no settings the value is empty.
std::vector<std::pair<std::string, Variable>> selected(const Variables& variables, const Flags& f) {
  std::vector<std::pair<std::string, Variable>> out;
  for (const std::string& name : f.args) {
    auto it = variables.all.find(name);
    if (it != variables.all.end()) out.push_back(*it);
    else if (!f.changed) out.push_back({name, {setting(name), false}});
  }
  if (f.args.empty()) out.assign(variables.all.begin(), variables.all.end());
  if (f.changed) std::erase_if(out, [](auto& v) { return !v.second.changed; });
  return out;
}

int change(const Flags& f) {
  std::string error;
  if (f.write ? write_settings(f.args, error) : forget_settings(f.args, error)) return 0;
  return go_fail(error);
}
}  // namespace

int env_command(Flags flags) {
  if (flags.json && (flags.unset || flags.write))
    return go_fail(fmt::format("cannot use -json with -{}", flags.unset ? "u" : "w"));
  if (flags.unset && flags.write) return go_fail("cannot use -u with -w");
  // These mend what may keep everything else from working.
  if (flags.unset || flags.write) return change(flags);
  for (const std::string& a : flags.args)
    if (a.find('=') != std::string::npos)
      return go_fail(fmt::format("invalid variable name \"{}\" (use -w to set variable)", printable(a)));
  Session s(std::move(flags));
  if (!s.open()) return 1;
  const Flags& f = s.flags();
  Variables variables(s);
  nlohmann::json object = nlohmann::json::object();  // sorted, as go's
  for (auto& [name, v] : selected(variables, f)) {
    if (f.json) object[name] = v.value;
    else if (f.args.empty() || f.changed) std::printf("%s=%s\n", name.c_str(), shell_quoted(v.value).c_str());
    else std::printf("%s\n", v.value.c_str());
  }
  if (f.json)
    std::printf("%s\n", object.dump(1, '\t', false, nlohmann::json::error_handler_t::replace).c_str());
  return 0;
}
}  // namespace vole::driver
