// Modules: go.mod, go.work and vendor/modules.txt, which module a package belongs to.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace vole::driver {
struct Module {
  std::string path, dir;
  std::string go_version;  // "go1.27"
  std::string go_line;     // as go.mod has it, "1.27.1"
  bool main = false;
  bool named = false;                                        // go.mod has a module line
  std::vector<std::string> ignored;                          // by ignore lines: "./x" or "x"
  std::vector<std::pair<std::string, std::string>> godebug;  // by godebug lines
  std::string version;      // that go.mod asks for, "v1.2.3"; empty for main modules
  std::string replaced_by;  // the folder, or module and version, that a replace directive names, as written
};

// The modules of a build. Module roots are prefixes of import paths; the longest one wins.
class Modules {
 public:
  // Finds and reads go.mod (or go.work) at or above `dir`, and what it names: modules that are used or
  // replaced by folders, vendored packages. A missing go.mod is no error. Returns false and sets `error` to
  // go's message when a file is malformed or asks for a newer Go. `goroot_version` ("go1.27.4") is what runs;
  // `mode` is the -mod flag.
  bool find(const std::string& dir, const std::string& goroot_version, const std::string& mode,
            std::string& error);

  // Main modules and those whose folders are known.
  const std::vector<Module>& all() const { return modules_; }
  // Those and all others that the main module asks for (without folder), sorted by path after the main ones.
  std::vector<Module> build_list() const;
  // The main module, or null when there is none.
  const Module* main() const { return modules_.empty() || !modules_[0].main ? nullptr : &modules_[0]; }
  // The module whose path is a prefix of `import_path`, or null.
  const Module* of(std::string_view import_path) const;
  // The main module that the folder lies in, or null.
  const Module* main_at(std::string_view dir) const;
  // Whether packages of other modules come from `vendor`; its folder.
  const std::string& vendor_dir() const { return vendor_dir_; }
  // The vendored module that a package belongs to, or null.
  const Module* vendored(std::string_view import_path) const;
  // godebug lines of go.work, else of the main module; and the version of its go line.
  const std::vector<std::pair<std::string, std::string>>& godebug() const;
  std::string go_line() const;
  // The go.work in use, or empty.
  const std::string& work_file() const { return work_file_; }
  // Adds a module as go.mod would.
  void add(Module m) { modules_.push_back(std::move(m)); }

 private:
  bool read_mod(Module& m, bool is_main, std::string& error);
  bool read_work(const std::string& path, std::string& error);
  void read_vendor(const std::string& dir);
  bool check_vendor(std::string& error) const;
  bool mod_directive(const std::vector<std::string>& words, Module& m, bool is_main, std::string& error);
  bool add_replacements(std::string& error);

  struct Replacement {
    std::string path, version, by, dir;  // `version` empty: all; `dir` empty: by another module
  };
  std::vector<Module> modules_;
  std::vector<Replacement> replace_;
  std::string running_, vendor_dir_;
  std::vector<std::pair<std::string, std::string>> required_;  // by the main module: path, version
  std::vector<Module> vendored_;  // of vendor/modules.txt, those that have packages there
  struct VendorLine {
    std::string path, version, by;
    bool is_explicit = false;
  };
  std::vector<VendorLine> vendor_lines_;
  bool workspace_ = false;
  std::string work_go_line_, work_file_;
  std::vector<std::pair<std::string, std::string>> work_godebug_;
};
}  // namespace vole::driver
