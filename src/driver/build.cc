#include "driver/build.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <sstream>

#include "base/task_graph.h"
#include "link/link.h"
#include "object/archive.h"

namespace vole::driver {
namespace {
// Package part of link names: dots in the path's last element are written %2e.
std::string link_path(const LoadedPackage& p) {
  if (p.name == "main") return "main";
  size_t slash = p.import_path.rfind('/');
  size_t last = slash == std::string::npos ? 0 : slash + 1;
  std::string out = p.import_path.substr(0, last);
  for (char c : p.import_path.substr(last)) {
    if (c == '.') out += "%2e";
    else out += c;
  }
  return out;
}

class Build {
 public:
  Build(const std::vector<LoadedPackage*>& order, const BuildOptions& options) : options_(options), packages_(order.size()) {
    for (size_t i = 0; i < order.size(); i++) {
      packages_[i].source = order[i];
      packages_[i].link_path = link_path(*order[i]);
      index_[order[i]] = static_cast<u32>(i);
    }
  }

  bool run() {
    auto start = std::chrono::steady_clock::now();
    compile_all();
    bool ok = true;
    for (CompiledPackage& p : packages_) ok &= p.ok;
    if (!ok) return false;
    double compiled = seconds_since(start);
    if (!options_.output.empty() && !link_program()) return false;
    if (options_.timings) print_timings(compiled, seconds_since(start));
    return true;
  }

 private:
  static double seconds_since(std::chrono::steady_clock::time_point t) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
  }

  void compile_all() {
    TaskGraph graph;
    for (u32 i = 0; i < packages_.size(); i++) {
      std::vector<u32> after;
      for (auto& import : packages_[i].source->imports)
        if (import.package) after.push_back(index_.at(import.package));
      graph.add([this, i] { compile_one(packages_[i]); }, after);
    }
    graph.run(options_.threads);
  }

  void compile_one(CompiledPackage& p) {
    for (auto& import : p.source->imports)
      if (import.package && !packages_[index_.at(import.package)].ok) return;  // its error has been shown
    compile_package(p, options_.compile, [&](std::string_view path) -> types::Package* {
      for (auto& import : p.source->imports)
        if (import.path == path && import.package) return packages_[index_.at(import.package)].types.get();
      return nullptr;
    });
    if (p.diags.empty()) return;
    p.diags.finish();
    std::lock_guard lock(print_);
    std::fprintf(stderr, "# %s\n", p.source->import_path.c_str());
    diag::RenderOptions r;
    r.rich = options_.rich_diagnostics;
    r.color = options_.color;
    r.limit = options_.diagnostic_limit;
    std::fputs(diag::render(p.diags, options_.work_dir, r).c_str(), stderr);
  }

  bool link_program() {
    std::vector<std::string> errors;
    std::vector<std::unique_ptr<object::Object>> runtime;
    std::ifstream in(options_.runtime_archive, std::ios::binary);
    std::stringstream s;
    s << in.rdbuf();
    std::string archive = s.str();
    std::vector<object::Member> members;
    std::string error;
    if (!in) errors.push_back("cannot read " + options_.runtime_archive);
    else if (!object::read_archive({reinterpret_cast<const u8*>(archive.data()), archive.size()}, members, error))
      errors.push_back(options_.runtime_archive + ": " + error);
    for (auto& m : members) {
      runtime.push_back(std::make_unique<object::Object>());
      if (!object::read_elf(m.bytes, *runtime.back(), error)) errors.push_back(fmt::format("{}({}): {}", options_.runtime_archive, m.name, error));
    }
    std::vector<object::Object*> objects;
    for (auto& o : runtime) objects.push_back(o.get());
    for (CompiledPackage& p : packages_) objects.push_back(p.object.get());
    link::Options l;
    l.output = options_.output;
    l.strip_symbols = options_.strip_symbols;
    l.strip_debug = options_.strip_debug;
    l.set_strings = options_.set_strings;
    l.build_version = options_.build_version;
    l.build_info = options_.build_info;
    l.default_goroot = options_.compile.goroot;
    l.threads = options_.threads;
    if (errors.empty() && link::link(objects, l, errors)) return true;
    std::fprintf(stderr, "# %s\n", packages_.back().source->import_path.c_str());
    constexpr size_t Most = 20;
    for (size_t i = 0; i < errors.size() && i < Most; i++) std::fprintf(stderr, "link: %s\n", errors[i].c_str());
    if (errors.size() > Most) std::fprintf(stderr, "link: too many errors\n");
    return false;
  }

  void print_timings(double compiled, double all) {
    Timings t;
    for (CompiledPackage& p : packages_) {
      t.parse += p.timings.parse;
      t.check += p.timings.check;
      t.irgen += p.timings.irgen;
      t.opt += p.timings.opt;
      t.codegen += p.timings.codegen;
      t.assemble += p.timings.assemble;
      t.lines += p.timings.lines;
    }
    double cpu = t.parse + t.check + t.irgen + t.opt + t.codegen + t.assemble;
    std::fprintf(stderr, "parse %.3f  check %.3f  irgen %.3f  opt %.3f  codegen %.3f  assemble %.3f  (CPU seconds)\n", t.parse, t.check,
                 t.irgen, t.opt, t.codegen, t.assemble);
    std::fprintf(stderr, "%zu packages, %zu lines, %.3f CPU seconds, %.0f lines per CPU-second; wall: compile %.3f, link %.3f\n", packages_.size(),
                 t.lines, cpu, cpu > 0 ? static_cast<double>(t.lines) / cpu : 0, compiled, all - compiled);
  }

  const BuildOptions& options_;
  std::vector<CompiledPackage> packages_;
  absl::flat_hash_map<const LoadedPackage*, u32> index_;
  std::mutex print_;
};
}  // namespace

bool build(const std::vector<LoadedPackage*>& order, const BuildOptions& options) { return Build(order, options).run(); }
}  // namespace vole::driver
