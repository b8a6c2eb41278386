// vole clean: what builds left in the folders of packages, and caches.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "driver/cache.h"
#include "driver/commands.h"
#include "driver/environment.h"
#include "driver/output.h"
#include "driver/session.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
// Removes one file or folder, or says that it would.
bool remove(const fs::path& path, const Flags& f) {
  if (f.dry_run || f.show) std::printf("rm -%s %s\n", fs::is_directory(path) ? "r" : "f", path.c_str());
  std::error_code e;
  if (!f.dry_run) fs::remove_all(path, e);
  if (e) fail(fmt::format("cannot remove {}: {}", path.string(), e.message()));
  return !e;
}

// Programs that `vole build`, `vole test -c` and old tools leave in a package's folder: DIR, DIR.test, and
// for programs the name of each file. Only files that are programs or objects go.
bool clean_package(const LoadedPackage& p, const Flags& f) {
  std::vector<std::string> names{Session::program_name(p), fs::path(p.dir).filename().string()};
  names.push_back(names[1] + ".test");
  if (p.name == "main")
    for (const SourceFile& s : p.go_files) names.push_back(fs::path(std::string(s.name())).stem().string());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  bool ok = true;
  for (const std::string& name : names) {
    fs::path path = fs::path(p.dir) / name;
    std::error_code e;
    if (fs::symlink_status(path, e).type() == fs::file_type::regular && fs::file_size(path, e) > 0 &&
        is_object(path.string()))
      ok &= remove(path, f);
  }
  for (const char* name : {"_obj", "_test"}) {
    std::error_code e;
    if (fs::symlink_status(fs::path(p.dir) / name, e).type() == fs::file_type::directory)
      ok &= remove(fs::path(p.dir) / name, f);
  }
  return ok;
}

int clean_cache(const Flags& f) {
  std::string dir = Cache::default_dir(), error;
  if (!dir.empty() && dir[0] != '/') return go_fail("VOLECACHE is not an absolute path");
  if (f.dry_run || f.show) std::printf("rm -r %s\n", dir.c_str());
  if (f.dry_run) return 0;
  return Cache::clean(dir, error) ? 0 : fail(error);
}

// The module cache is made of read-only files.
int clean_modules(const Flags& f) {
  std::string dir = setting("GOMODCACHE");
  if (dir.empty()) {
    std::string path = setting("GOPATH");
    if (const char* home = std::getenv("HOME"); path.empty()) path = std::string(home ? home : "") + "/go";
    dir = path.substr(0, path.find(':')) + "/pkg/mod";
  }
  std::error_code e;
  if (dir[0] != '/' || !fs::is_directory(dir, e)) return 0;
  for (fs::recursive_directory_iterator it(dir, e), end; !f.dry_run && !e && it != end; it.increment(e))
    if (it->is_directory(e) && !it->is_symlink(e))
      fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, e);
  return remove(dir, f) ? 0 : 1;
}
}  // namespace

int clean_command(Flags flags) {
  bool caches = flags.cache || flags.test_cache || flags.mod_cache || flags.fuzz_cache;
  if (caches && !flags.args.empty())
    return fail("clean: cannot use -cache, -testcache or -modcache with package arguments");
  int status = flags.cache ? clean_cache(flags) : 0;
  if (flags.mod_cache) status |= clean_modules(flags);
  if (caches) return status;
  Session s(std::move(flags));
  if (!s.open(true)) return 1;
  if (s.flags().args.empty() && !s.loader().modules().main()) return 0;
  if (!s.load(false, true)) return 1;
  std::vector<LoadedPackage*> packages = s.roots();
  if (s.flags().recursive) packages = s.loader().closure(packages);
  for (LoadedPackage* p : packages)
    if (!p->dir.empty() && !p->is_std && !clean_package(*p, s.flags())) status = 1;
  return status;
}
}  // namespace vole::driver
