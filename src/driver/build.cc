#include "driver/build.h"

#include <absl/container/flat_hash_set.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>

#include "base/codec.h"
#include "base/file.h"
#include "base/task_graph.h"
#include "driver/cache.h"
#include "driver/embed.h"
#include "driver/printer.h"
#include "link/link.h"
#include "object/archive.h"
#include "object/link_name.h"
#include "pkgdata/pkgdata.h"

namespace vole::driver {
namespace {
// Identifies this very compiler: the build id its linker gave it.
std::string compiler_id() {
  std::string id;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        for (int i = 0; i < info->dlpi_phnum; i++) {
          const ElfW(Phdr)& h = info->dlpi_phdr[i];
          if (h.p_type == PT_NOTE)
            static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(info->dlpi_addr + h.p_vaddr),
                                                   h.p_memsz);
        }
        return 1;  // the program itself comes first; its libraries do not matter
      },
      &id);
  return id;
}

// A package on its way through the build.
struct Unit : CompiledPackage {
  Hash128 key;                        // of everything that went into it
  std::span<const u8> exported_code;  // opt/exports.h
  Hash128 export_hash;                // of its export data and, by theirs, of what that refers to
  CacheEntry entry;                   // what is linked and imported: found in the cache or put there
  std::vector<u8> uncached;           // the object when the cache does not take it
  std::once_flag types_once;
  std::atomic<bool> types_wanted = false;
  size_t index = 0;  // in the build order
  std::once_flag functions_once;
  std::unique_ptr<opt::Exports> functions;  // what its functions let others know
  absl::flat_hash_set<Unit*> behind;        // units whose export hashes are part of its own
  absl::flat_hash_set<Unit*> visible;       // units whose export hashes are part of its key
  bool compiled = false;                    // in this process
};

class Build {
 public:
  Build(const std::vector<LoadedPackage*>& order, const BuildOptions& options)
      : options_(options),
        cache_(options.cache_dir),
        units_(order.size()),
        compiler_(compiler_id()),
        printer_(options, order.size()) {
    for (size_t i = 0; i < order.size(); i++) {
      units_[i].source = order[i];
      units_[i].index = i;
      units_[i].link_path = object::link_path(order[i]->import_path, order[i]->name);
      by_source_[order[i]] = &units_[i];
      by_path_[order[i]->import_path] = &units_[i];
      by_link_path_[units_[i].link_path] = &units_[i];
    }
  }

  bool run(const std::vector<LinkRequest>& programs, const std::vector<ArchiveRequest>& archives) {
    auto start = std::chrono::steady_clock::now();
    compile_all();
    printer_.clear_progress();
    bool ok = std::all_of(units_.begin(), units_.end(), [](const Unit& u) { return u.ok; });
    double compiled = seconds_since(start);
    if (ok)
      for (const LinkRequest& p : programs) ok &= link_program(p);
    if (ok && !options_.dry_run)
      for (const ArchiveRequest& a : archives) ok &= write_archive(a);
    if (ok && options_.timings) print_timings(compiled, seconds_since(start));
    cache_.trim();
    return ok;
  }

 private:
  static double seconds_since(std::chrono::steady_clock::time_point t) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
  }

  // ---- packages

  void compile_all() {
    TaskGraph graph;
    absl::flat_hash_map<const LoadedPackage*, u32> ids;
    for (Unit& u : units_) {
      std::vector<u32> after;
      for (auto& import : u.source->imports)
        if (import.package) after.push_back(ids.at(import.package));
      ids[u.source] = graph.add([this, &u] { make(u); }, after);
    }
    graph.run(options_.threads);
  }

  // Finds the package in the cache or compiles it.
  void make(Unit& u) {
    for (auto& import : u.source->imports)
      if (import.package && !by_source_.at(import.package)->ok) return;  // its error has been shown
    for (auto& import : u.source->imports) {
      if (!import.package) continue;
      Unit* i = by_source_.at(import.package);
      u.visible.insert(i);
      u.visible.insert(i->behind.begin(), i->behind.end());
    }
    u.key = key_of(u);
    if (options_.compile.dump.empty() && !options_.rebuild) u.entry = cache_.get(u.key);
    printer_.step();
    if (u.entry.file) {
      u.ok = true;
      set_export_hash(u, u.entry.export_data);
      u.entry.export_data = split(u.entry.export_data, u.exported_code);
      return;
    }
    printer_.begin(*u.source);
    if (!options_.dry_run) compile(u);
    else set_export_hash(u, {}), u.ok = true;
  }

  void compile(Unit& u) {
    u.compiled = true;
    read_types(u);
    compile_package(
        u, options_.compile, [&](std::string_view path) { return imported(u, path); },
        [&](std::string_view package) -> const opt::Exports* {
          auto it = by_link_path_.find(std::string(package));
          return it == by_link_path_.end() || !u.visible.contains(it->second) ? nullptr
                                                                              : functions_of(*it->second);
        });
    if (!u.diags.empty()) return show(u);
    u.exported_code = u.exports;
    Encoder both;
    both.bytes(pkgdata::write(*u.types));
    both.bytes(u.exports);
    const std::vector<u8>& data = both.out;
    set_export_hash(u, data);
    std::vector<u8> elf = object::write_elf(*u.object, machine().info);
    if (!options_.objects_dir.empty()) keep_object(*u.source, elf);
    // Linking reads objects as others will from the cache; without one they stay in memory.
    u.object.reset();
    u.entry = cache_.put(u.key, data, elf);
    if (!u.entry.file) {
      u.uncached = std::move(elf);
      u.entry.object = u.uncached;
    }
    // Importers read declarations and generic bodies; the rest of the trees is done with.
    for (auto& f : u.types->files) f->body_arena.reset();
  }

  void keep_object(const LoadedPackage& p, std::span<const u8> elf) {
    std::string name = p.import_path;
    std::replace(name.begin(), name.end(), '/', '.');
    std::ofstream(options_.objects_dir + "/" + name + ".o", std::ios::binary)
        .write(reinterpret_cast<const char*>(elf.data()), static_cast<std::streamsize>(elf.size()));
  }

  void show(Unit& u) {
    u.diags.finish();
    diag::RenderOptions r;
    r.rich = options_.rich_diagnostics;
    r.color = options_.color;
    constexpr size_t Most = 10;  // messages a package
    r.limit = u.source->flags.all_errors ? 0 : Most;
    r.columns = u.source->flags.columns;
    printer_.failure(u.source->import_path, diag::render(u.diags, options_.work_dir, r));
  }

  // All that can change what compiling u gives: this compiler, the platform, the package's names and language
  // version, flags, its files with what they embed and include, and of its imports what they export. A file's
  // text stands for the overlay, its shown name for -trimpath.
  Hash128 key_of(Unit& u) {
    Hasher h;
    h.add(compiler_);
    h.add(u.source->import_path);
    h.add(u.link_path);
    h.add(u.source->go_version);
    h.add(options_.compile.platform.pair());
    h.add(options_.compile.platform.amd64_level);
    h.add(u.source->flags.optimize + 2u * u.source->flags.inline_calls);
    h.add(u.source->flags.disabled);
    h.add(options_.compile.bodies_elsewhere);
    for (auto& [name, value] : u.source->flags.asm_defines) {
      h.add(name);
      h.add(value);
    }
    absl::flat_hash_set<std::string> headers;
    for (auto* files : {&u.source->go_files, &u.source->asm_files}) {
      h.add(files->size());
      for (SourceFile& f : *files) {
        h.add(f.shown);
        h.add(f.text);
        add_embedded(u, f.text, h);
        if (files == &u.source->asm_files) add_headers(u, f.text, h, headers);
      }
    }
    for (auto& import : u.source->imports) {
      h.add(import.path);
      if (import.package) h.add(by_source_.at(import.package)->export_hash);
    }
    return h.finish();
  }

  // Files that assembly includes, and what these include. A name that no folder has is an input, too: it may
  // come to be there.
  void add_headers(Unit& u, std::string_view text, Hasher& h, absl::flat_hash_set<std::string>& seen) {
    for (size_t at = text.find("#include"); at != std::string_view::npos;
         at = text.find("#include", at + 1)) {
      std::string_view line = text.substr(at, text.find('\n', at) - at);
      size_t open = line.find('"'), close = line.find('"', open + 1);
      if (open == std::string_view::npos || close == std::string_view::npos) continue;
      std::string name(line.substr(open + 1, close - open - 1));
      if (name == "go_asm.h" || !seen.insert(name).second) continue;
      h.add(name);
      for (const std::string& dir : include_dirs(*u.source, options_.compile)) {
        std::string content, error;
        if (!read_file(dir + "/" + name, content, error)) continue;
        h.add(content);
        add_headers(u, content, h, seen);
        break;
      }
    }
  }

  // Files that //go:embed lines name belong to the package's input. (A line that only looks like a directive
  // does no harm.)
  void add_embedded(Unit& u, std::string_view text, Hasher& h) {
    constexpr std::string_view Directive = "//go:embed ";
    for (size_t at = text.find(Directive); at != std::string_view::npos; at = text.find(Directive, at + 1)) {
      std::string_view line = text.substr(at + Directive.size(), text.find('\n', at) - at - Directive.size());
      for (size_t i = 0; i < line.size();) {
        size_t end = std::min(line.find_first_of(" \t\r", i), line.size());
        std::string pattern(line.substr(i, end - i));
        std::erase_if(pattern, [](char c) { return c == '"' || c == '`'; });
        i = end + 1;
        Arena arena;
        std::vector<irgen::EmbedFile> files;
        std::string error;
        if (!pattern.empty() && resolve_embed(u.source->dir, pattern, arena, files, error))
          for (auto& f : files) {
            h.add(f.name);
            h.add(f.bytes);
          }
      }
    }
  }

  // Export data is two parts: declarations (returned) and what is known about functions.
  static std::span<const u8> split(std::span<const u8> data, std::span<const u8>& code) {
    Decoder d(data);
    std::span<const u8> declarations = d.bytes();
    code = d.bytes();
    return declarations;
  }

  void set_export_hash(Unit& u, std::span<const u8> data) {
    Hasher h;
    h.add(hash_bytes(data));
    auto add = [&](Unit* other) {
      h.add(other->export_hash);
      u.behind.insert(other);
      u.behind.insert(other->behind.begin(), other->behind.end());
    };
    std::span<const u8> code;
    std::vector<std::string> paths, packages;
    pkgdata::references(split(data, code), paths);
    if (!code.empty()) opt::Exports::packages(code, packages);
    for (const std::string& p : paths)
      // unsafe is no dependency: its hash may not be known yet, and says nothing.
      if (auto it = by_path_.find(p); it != by_path_.end() && it->second != &u && p != "unsafe")
        add(it->second);
    for (const std::string& p : packages)
      if (auto it = by_link_path_.find(p); it != by_link_path_.end() && u.visible.contains(it->second))
        add(it->second);
    u.export_hash = h.finish();
  }

  const opt::Exports* functions_of(Unit& u) {
    std::call_once(u.functions_once, [&] {
      if (!u.exported_code.empty()) u.functions = opt::Exports::read(u.exported_code);
    });
    return u.functions.get();
  }

  // ---- types of imported packages

  // The package that `path` names in u: as one of its files writes it, or in full.
  types::Package* imported(Unit& u, std::string_view path) {
    for (auto& import : u.source->imports)
      if (import.path == path && import.package) return types_of(*by_source_.at(import.package));
    auto it = by_path_.find(std::string(path));
    return it == by_path_.end() ? nullptr : types_of(*it->second);
  }

  types::Package* types_of(Unit& u) {
    if (u.compiled) return u.types.get();
    std::call_once(u.types_once, [&] {
      std::string error;
      u.types =
          pkgdata::read(u.entry.export_data, [&](std::string_view path) { return imported(u, path); }, error);
      if (!u.types) check_failed(__FILE__, __LINE__, error.c_str());
    });
    return u.types.get();
  }

  // Reads the types of all that a package to be compiled sees, in parallel: often it is the only one, behind
  // hundreds from the cache.
  void read_types(const Unit& u) {
    constexpr size_t Few = 8;
    std::vector<Unit*> unread;
    for (Unit* v : u.visible)
      if (!v->compiled && !v->types_wanted.exchange(true)) unread.push_back(v);
    if (unread.size() < Few) return;
    std::sort(unread.begin(), unread.end(),
              [](Unit* a, Unit* b) { return a->index < b->index; });  // imported ones first
    TaskGraph graph;
    for (Unit* v : unread) graph.add([this, v] { types_of(*v); });
    graph.run(options_.threads);
  }

  bool write_archive(const ArchiveRequest& a) {
    const Unit& u = *by_source_.at(a.package);
    object::Member members[] = {{"__.PKGDEF", u.entry.export_data}, {"_go_.o", u.entry.object}};
    std::ofstream out(a.output, std::ios::binary | std::ios::trunc);
    std::string bytes = object::make_archive(members);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (out) return true;
    printer_.failure(a.package->import_path, "cannot write " + a.output + "\n");
    return false;
  }

  // ---- linking

  // The units of a program: its main package and all that it imports.
  std::vector<Unit*> units_of(const LoadedPackage* main) {
    absl::flat_hash_set<const LoadedPackage*> wanted{main};
    std::vector<Unit*> out;
    for (size_t i = units_.size(); i-- > 0;) {
      bool runtime = units_[i].source->import_path == "runtime";  // belongs to every program
      if (!wanted.contains(units_[i].source) && !runtime) continue;
      out.push_back(&units_[i]);
      for (auto& import : units_[i].source->imports)
        if (import.package) wanted.insert(import.package);
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  bool link_program(const LinkRequest& program) {
    printer_.link(program.main->import_path, program.output);
    if (options_.dry_run) return true;
    std::vector<Unit*> units = units_of(program.main);
    std::vector<std::string> errors;
    auto archive = MappedFile::open(options_.runtime_archive);
    if (!archive) errors.push_back("cannot read " + options_.runtime_archive);
    std::string id = archive ? link_id(archive->bytes(), units, program) : "";
    if (errors.empty() && !options_.rebuild && has_build_id(program.output, id)) return true;
    std::vector<std::unique_ptr<object::Object>> runtime;
    if (archive) read_runtime(archive->bytes(), runtime, errors);
    auto start = std::chrono::steady_clock::now();
    read_objects(units);
    if (options_.timings) link_phases_.push_back({"read", seconds_since(start)});
    std::vector<object::Object*> objects;
    for (auto& o : runtime) objects.push_back(o.get());
    for (Unit* u : units) objects.push_back(u->object.get());
    const Platform& platform = options_.compile.platform;
    link::Options l;
    l.target = &machine().info;
    l.entry = fmt::format("_rt0_{}_{}", platform.goarch, platform.goos);
    l.output = program.output;
    l.strip_symbols = options_.strip_symbols;
    l.strip_debug = options_.strip_debug;
    l.check_linknames = options_.check_linknames;
    l.set_strings = options_.set_strings;
    l.build_version = options_.build_version;
    l.build_info = program.build_info;
    l.default_goroot = options_.default_goroot;
    l.default_godebug = program.godebug;
    l.build_id = id;
    l.threads = options_.threads;
    if (options_.timings) l.phases = &link_phases_;
    if (errors.empty() && link::link(objects, l, errors)) return true;
    std::string text;
    constexpr size_t Most = 20;
    for (size_t i = 0; i < errors.size() && i < Most; i++) text += errors[i] + "\n";
    if (errors.size() > Most) text += "too many errors\n";
    printer_.failure(program.main->import_path, text);
    return false;
  }

  std::string link_id(std::span<const u8> archive, const std::vector<Unit*>& units,
                      const LinkRequest& program) {
    Hasher h;
    h.add(compiler_);
    h.add(hash_bytes(archive));
    h.add(options_.build_version);
    h.add(program.build_info);
    h.add(program.godebug);
    h.add(options_.default_goroot);
    h.add(options_.check_linknames * 4u + options_.strip_symbols * 2u + options_.strip_debug);
    for (auto& [name, value] : options_.set_strings) {
      h.add(name);
      h.add(value);
    }
    for (Unit* u : units) h.add(u->key);
    return h.finish().hex();
  }

  // Whether the file is the program with this id: its build id stands in a note in the first page.
  static bool has_build_id(const std::string& path, const std::string& id) {
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char page[4096];
    ssize_t n = read(fd, page, sizeof page);
    close(fd);
    return n > 0 && std::string_view(page, static_cast<size_t>(n)).find(id) != std::string_view::npos;
  }

  void read_runtime(std::span<const u8> archive, std::vector<std::unique_ptr<object::Object>>& out,
                    std::vector<std::string>& errors) {
    std::vector<object::Member> members;
    std::string error;
    if (!object::read_archive(archive, members, error))
      errors.push_back(options_.runtime_archive + ": " + error);
    for (auto& m : members) {
      out.push_back(std::make_unique<object::Object>());
      if (!object::read_elf(m.bytes, machine().info, *out.back(), error))
        errors.push_back(fmt::format("{}({}): {}", options_.runtime_archive, m.name, error));
    }
  }

  void read_objects(const std::vector<Unit*>& units) {
    TaskGraph graph;
    for (Unit* u : units) {
      if (u->object) continue;
      graph.add([this, u] {
        std::string error;
        u->object = std::make_unique<object::Object>();
        CrashNote note("cached package", u->source->import_path.data(), u->source->import_path.size());
        if (!object::read_elf(u->entry.object, machine().info, *u->object, error))
          check_failed(__FILE__, __LINE__, error.c_str());
      });
    }
    graph.run(options_.threads);
  }

  void print_package(const Unit& u) {
    const Timings& t = u.timings;
    std::fprintf(
        stderr,
        "%-40s %7zu lines  parse %.3f  check %.3f  irgen %.3f  opt %.3f  codegen %.3f  assemble %.3f\n",
        u.source->import_path.c_str(), t.lines, t.parse, t.check, t.irgen, t.opt, t.codegen, t.assemble);
  }

  void print_timings(double compiled, double all) {
    Timings t;
    size_t fresh = 0;
    for (Unit& u : units_) {
      if (u.compiled) print_package(u);
      fresh += u.compiled;
      t.parse += u.timings.parse;
      t.check += u.timings.check;
      t.irgen += u.timings.irgen;
      t.opt += u.timings.opt;
      t.codegen += u.timings.codegen;
      t.assemble += u.timings.assemble;
      t.lines += u.timings.lines;
    }
    double cpu = t.parse + t.check + t.irgen + t.opt + t.codegen + t.assemble;
    std::fprintf(stderr,
                 "parse %.3f  check %.3f  irgen %.3f  opt %.3f  codegen %.3f  assemble %.3f  (CPU seconds)\n",
                 t.parse, t.check, t.irgen, t.opt, t.codegen, t.assemble);
    std::fprintf(stderr,
                 "%zu packages (%zu compiled), %zu lines, %.3f CPU seconds, %.0f lines per CPU-second; wall: "
                 "compile %.3f, link %.3f\n",
                 units_.size(), fresh, t.lines, cpu, cpu > 0 ? static_cast<double>(t.lines) / cpu : 0,
                 compiled, all - compiled);
    if (link_phases_.empty()) return;
    std::fputs("link:", stderr);
    for (const link::Phase& p : link_phases_) std::fprintf(stderr, "  %s %.3f", p.name, p.seconds);
    std::fputs("  (wall seconds)\n", stderr);
  }

  const target::Machine& machine() const { return options_.compile.platform.machine(); }

  const BuildOptions& options_;
  Cache cache_;
  std::deque<Unit> units_;
  std::string compiler_;
  absl::flat_hash_map<const LoadedPackage*, Unit*> by_source_;
  absl::flat_hash_map<std::string, Unit*> by_path_, by_link_path_;
  Printer printer_;
  std::vector<link::Phase> link_phases_;
};
}  // namespace

bool build(const std::vector<LoadedPackage*>& order, const std::vector<LinkRequest>& programs,
           const BuildOptions& options, const std::vector<ArchiveRequest>& archives) {
  // The process ends soon: taking millions of symbols apart one by one would only cost time.
  static Build* kept = nullptr;
  kept = new Build(order, options);
  return kept->run(programs, archives);
}
}  // namespace vole::driver
