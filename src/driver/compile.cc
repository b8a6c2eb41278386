#include "driver/compile.h"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "asm/asm.h"
#include "codegen/codegen.h"
#include "driver/embed.h"
#include "irgen/irgen.h"
#include "opt/opt.h"
#include "syntax/parse.h"
#include "target/target.h"
#include "types/check.h"

namespace vole::driver {
namespace {
// Adds the processor time of its scope to a phase.
class Timer {
 public:
  explicit Timer(double& phase) : phase_(phase), start_(now()) {}
  ~Timer() { phase_ += now() - start_; }

 private:
  static double now() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }
  double& phase_;
  double start_;
};

// Functions whose frames no stack can hold. Who calls one of them has room for its operands in its own frame:
// that is the same fault, said once.
class FrameFaults {
 public:
  void add(const ssa::Func& f, const codegen::Oversize& size) {
    Fault fault{f.sym, f.pos, size, {}};
    for (ssa::Block* b : f.blocks)
      for (ssa::Value* v = b->first; v; v = v->next)
        if (v->op == ssa::Op::Call) fault.calls.insert(v->sym);
    faults_.push_back(std::move(fault));
  }
  void report(diag::Diagnostics& diags) const {
    for (const Fault& f : faults_) {
      auto called = [&](const Fault& other) { return other.sym != f.sym && f.calls.contains(other.sym); };
      if (std::any_of(faults_.begin(), faults_.end(), called)) continue;
      std::string callee = f.size.callee ? fmt::format(" + {} MB callee", f.size.callee >> 20) : "";
      diags.report(diag::Code::Other, f.pos, "stack frame too large (>1GB): {} MB locals + {} MB args{}",
                   f.size.locals >> 20, f.size.args >> 20, callee);
    }
  }

 private:
  struct Fault {
    object::Symbol* sym;
    Pos pos;
    codegen::Oversize size;
    absl::flat_hash_set<object::Symbol*> calls;
  };
  std::vector<Fault> faults_;
};

assembler::Options asm_options(const CompiledPackage& p, const CompileOptions& o) {
  assembler::Options a;
  a.package = Name::intern(p.link_path);
  a.defines = {{"GOOS_" + o.platform.goos, "1"},
               {"GOARCH_" + o.platform.goarch, "1"},
               {fmt::format("GOAMD64_v{}", o.platform.amd64_level), "1"}};
  auto& defines = p.source->flags.asm_defines;
  a.defines.insert(a.defines.end(), defines.begin(), defines.end());
  a.include_dirs = include_dirs(*p.source, o);
  return a;
}

// Packages of std without assembly some of whose functions package runtime, or the compiler, supplies under
// their names.
bool has_bodies_in_runtime(const LoadedPackage& p) {
  constexpr std::string_view Names[] = {"bytes",           "internal/poll", "net",           "os",
                                        "runtime/metrics", "runtime/pprof", "runtime/trace", "sync",
                                        "syscall",         "time",          "unsafe"};
  return p.is_std && std::find(std::begin(Names), std::end(Names), p.import_path) != std::end(Names);
}

// Whether a dump of `phase` for this function was asked for.
bool dumps(const CompileOptions& o, std::string_view phase, std::string_view func) {
  std::string_view d = o.dump;
  size_t colon = d.find(':');
  if (d.substr(0, colon) != phase) return false;
  return colon == std::string_view::npos || func.find(d.substr(colon + 1)) != std::string_view::npos;
}
}  // namespace

std::vector<std::string> include_dirs(const LoadedPackage& p, const CompileOptions& o) {
  return {p.dir, o.goroot + "/pkg/include", o.goroot + "/src/runtime"};
}

void compile_package(CompiledPackage& p, const CompileOptions& o,
                     const std::function<types::Package*(std::string_view)>& import,
                     const std::function<const opt::Exports*(std::string_view)>& exports) {
  LoadedPackage& src = *p.source;
  CrashNote note("package", src.import_path.data(), src.import_path.size());
  std::vector<std::unique_ptr<syntax::File>> files;
  {
    Timer t(p.timings.parse);
    bool broken = false;
    for (SourceFile& f : src.go_files) {
      files.push_back(
          syntax::parse(Name::intern(f.shown), f.text, p.diags, {.source = Name::intern(f.path)}));
      p.timings.lines += files.back()->line_count;
      broken |= files.back()->has_errors;
    }
    if (broken) return types::check_labels(files, p.diags);
  }
  bool is_runtime = src.is_std && src.import_path == "runtime";
  {
    Timer t(p.timings.check);
    types::Config config;
    config.import = [&](Name path, std::string& error) -> types::Package* {
      if (path == "unsafe") return types::Unsafe;
      types::Package* found = import(path.text());
      if (!found) error = fmt::format("could not import {} (not compiled)", path.text());
      return found;
    };
    config.go_version = src.is_std ? Name() : Name::intern(src.go_version);
    config.has_assembly =
        o.bodies_elsewhere || !src.asm_files.empty() || is_runtime || has_bodies_in_runtime(src);
    config.allow_unsafe_internals = src.is_std;
    config.is_std = [&](Name) { return src.is_std; };
    p.types = types::check(Name::intern(src.import_path), std::move(files), config, p.diags);
  }
  if (!p.diags.empty()) return;

  p.object = std::make_unique<object::Object>();
  object::Object& object = *p.object;
  object.package = Name::intern(src.name == "main" ? "main" : src.import_path);
  object.is_std = src.is_std;
  for (auto& i : src.imports)
    if (i.package) object.imports.push_back(Name::intern(i.package->import_path));
  irgen::Options g;
  g.link_path = Name::intern(p.link_path);
  g.is_runtime = is_runtime;
  g.optimize = src.flags.optimize;
  g.embed = [&](std::string_view pattern, std::vector<irgen::EmbedFile>& out, std::string& error) {
    return resolve_embed(src.dir, pattern, object.arena, out, error);
  };
  assembler::Options a = asm_options(p, o);
  {
    Timer t(p.timings.assemble);
    if (!src.asm_files.empty()) a.go_asm_h = go_asm_header(*p.types);
    for (SourceFile& f : src.asm_files) {
      assembler::SymAbis s;
      if (!assembler::scan_symabis(Name::intern(f.shown), f.text, a, s, p.diags)) {
        p.diags.of_assembly(Name::intern(f.path));
        return;
      }
      for (Name n : s.abi0_defs) g.asm_symbols.abi0_defs.insert(n);
      for (Name n : s.abiinternal_defs) g.asm_symbols.abiinternal_defs.insert(n);
      for (Name n : s.abi0_refs) g.asm_symbols.abi0_refs.insert(n);
    }
  }
  std::unique_ptr<ssa::Module> module;
  {
    Timer t(p.timings.irgen);
    module = irgen::build(*p.types, object, g, p.diags);
    if (!p.diags.empty()) return;
  }
  opt::Options oo;
  oo.optimize = src.flags.optimize;
  oo.inline_calls = src.flags.inline_calls;
  oo.disabled = src.flags.disabled;
  oo.verify_each = o.verify;
  oo.exports = exports;
  codegen::Options co;
  co.optimize = src.flags.optimize;
  {
    Timer t(p.timings.opt);
    opt::run_module(*module, oo);
    if (src.flags.optimize) {
      module->package = Name::intern(p.link_path);
      p.exports = opt::write_exports(*module, src.flags.inline_calls);
    }
  }
  FrameFaults too_large;
  for (auto& f : module->funcs) {
    CrashNote in("function", f->name.text().data(), f->name.text().size());
    if (dumps(o, "ssa", f->name.text())) std::fputs(ssa::print(*f).c_str(), stdout);
    if (o.verify)
      for (const std::string& fault : ssa::verify(*f))
        std::fprintf(stderr, "%s: %s\n", std::string(f->name.text()).c_str(), fault.c_str());
    {
      Timer t(p.timings.opt);
      opt::run(*f, *module, oo);
    }
    if (dumps(o, "opt", f->name.text())) std::fputs(ssa::print(*f).c_str(), stdout);
    Timer t(p.timings.codegen);
    std::vector<std::string> faults;
    if (o.verify) co.faults = &faults;
    auto over = codegen::compile(*f, object, o.platform.machine().code, co);
    if (over) too_large.add(*f, over);
    for (const std::string& fault : faults) p.diags.report(diag::Code::Other, f->pos, "{}", fault);
    f.reset();  // its arena goes with it
  }
  too_large.report(p.diags);
  {
    Timer t(p.timings.assemble);
    std::string listing;
    if (o.dump == "statements") a.listing = &listing;
    for (SourceFile& f : src.asm_files) {
      if (a.listing) listing += fmt::format("file {}\n", f.path);
      if (!assembler::assemble(Name::intern(f.shown), f.text, a, object, p.diags)) {
        p.diags.of_assembly(Name::intern(f.path));
        return;
      }
    }
    std::fputs(listing.c_str(), stdout);
  }
  p.ok = p.diags.empty();
}
}  // namespace vole::driver
