// vole-ssa [-all] [-print[=FUNC]] [-time] PACKAGE|FILE.go...: checks a package with all it imports
// ($VOLE_GOROOT, overlay in $VOLE_GOLIB), builds its SSA, verifies every function and prints what was asked
// for. -all builds the imports, too. Exit status 1 on diagnostics or faults.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "driver/load.h"
#include "irgen/irgen.h"
#include "object/link_name.h"
#include "syntax/parse.h"
#include "types/check.h"

using namespace vole;

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char** argv) {
  bool all = false, print = false, timing = false;
  std::string only;
  std::vector<std::string> what;
  for (int i = 1; i < argc; i++) {
    std::string a = argv[i];
    if (a == "-all") all = true;
    else if (a == "-print") print = true;
    else if (a.starts_with("-print=")) print = true, only = a.substr(7);
    else if (a == "-time") timing = true;
    else what.push_back(a);
  }
  const char* goroot = std::getenv("VOLE_GOROOT");
  const char* golib = std::getenv("VOLE_GOLIB");
  if (!goroot || what.empty()) {
    std::fprintf(stderr,
                 "usage: VOLE_GOROOT=... vole-ssa [-all] [-print[=FUNC]] [-time] PACKAGE|FILE.go...\n");
    return 2;
  }
  driver::BuildContext context;
  driver::Loader loader(
      context, {.goroot = goroot, .golib = golib ? golib : "", .trim_paths = false, .overlay = {}}, {});
  diag::Diagnostics diags;
  std::vector<driver::LoadedPackage*> targets;
  if (what[0].ends_with(".go")) {
    targets.push_back(loader.load_files(what, diags));
  } else {
    for (auto& w : what) targets.push_back(loader.load(w, diags));
  }
  auto fail = [&] {
    diags.finish();
    std::fputs(diag::render(diags, "", {.limit = 0}).c_str(), stdout);
    return 1;
  };
  for (auto* t : targets)
    if (!t) return fail();
  absl::flat_hash_map<driver::LoadedPackage*, std::unique_ptr<types::Package>> checked;
  double check_time = 0, build_time = 0, verify_time = 0;
  size_t lines = 0, funcs = 0, faults = 0, failed = 0;
  for (driver::LoadedPackage* lp : loader.order()) {
    double t0 = now();
    diag::Diagnostics d;
    std::vector<std::unique_ptr<syntax::File>> files;
    size_t package_lines = 0;
    for (auto& f : lp->go_files) {
      files.push_back(syntax::parse(Name::intern(f.path), f.text, d));
      package_lines += files.back()->line_count;
    }
    types::Config config;
    config.has_assembly = !lp->asm_files.empty() || lp->import_path == "runtime";
    config.allow_unsafe_internals = lp->is_std;
    config.report_unused = true;
    config.is_std = [](Name) { return true; };
    config.import = [&](Name path, std::string& error) -> types::Package* {
      for (auto& im : lp->imports)
        if (path == im.path) {
          if (!im.package) return types::Unsafe;
          auto it = checked.find(im.package);
          if (it != checked.end() && it->second) return it->second.get();
          error = "import failed: " + im.path;
          return nullptr;
        }
      error = "no such import " + std::string(path.text());
      return nullptr;
    };
    std::unique_ptr<types::Package> pkg;
    if (d.empty()) pkg = types::check(Name::intern(lp->import_path), std::move(files), config, d);
    check_time += now() - t0;
    bool target = all;
    for (auto* t : targets) target |= t == lp;
    if (!d.empty()) {
      d.finish();
      failed++;
      std::printf("# %s\n%s", lp->import_path.c_str(), diag::render(d, "", {.limit = 5}).c_str());
      checked[lp] = std::move(pkg);
      continue;
    }
    if (target) {
      lines += package_lines;
      t0 = now();
      object::Object object;
      object.package = Name::intern(lp->import_path);
      irgen::Options options;
      options.is_runtime = lp->import_path == "runtime";
      options.link_path = Name::intern(object::link_path(pkg->path.text(), pkg->name.text()));
      auto module = irgen::build(*pkg, object, options, d);
      build_time += now() - t0;
      t0 = now();
      size_t here = 0;
      for (auto& f : module->funcs) {
        funcs++;
        if (print && (only.empty() || f->name == only)) std::printf("%s\n", ssa::print(*f).c_str());
        for (auto& s : ssa::verify(*f)) {
          if (here++ < 10) std::printf("FAULT %s: %s\n", lp->import_path.c_str(), s.c_str());
          faults++;
        }
      }
      if (print && only == "data")
        for (auto& s : object.symbols) {
          if (s.kind == object::SymKind::Undef || s.kind == object::SymKind::Text) continue;
          std::printf("%s kind=%d size=%llu bytes=%zu relocs=%zu%s\n", std::string(s.name.text()).c_str(),
                      static_cast<int>(s.kind), static_cast<unsigned long long>(s.size), s.bytes.size(),
                      s.relocs.size(), s.dupok ? " dupok" : "");
          for (auto& r : s.relocs)
            std::printf("    +%u %d -> %s+%lld\n", r.offset, static_cast<int>(r.kind),
                        std::string(r.target->name.text()).c_str(), static_cast<long long>(r.addend));
        }
      verify_time += now() - t0;
    }
    checked[lp] = std::move(pkg);
  }
  if (timing)
    std::printf("%zu lines, %zu functions; parse+check %.3f s, build %.3f s (%.0f lines/s), verify %.3f s\n",
                lines, funcs, check_time, build_time,
                build_time > 0 ? static_cast<double>(lines) / build_time : 0.0, verify_time);
  std::printf("%zu packages failed, %zu faults\n", failed, faults);
  return failed || faults ? 1 : 0;
}
