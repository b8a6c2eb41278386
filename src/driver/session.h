// What every command that works on packages needs: where vole and the Go sources are, the modules around the
// working folder, the loader, and the packages that the command's arguments name.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/scratch.h"
#include "driver/build.h"
#include "driver/flags.h"
#include "driver/install.h"
#include "driver/load.h"

namespace vole::driver {
// Prints "vole: MESSAGE" and returns the exit status 1.
int fail(const std::string& message);

// Prints "go: MESSAGE", as go words what is wrong with modules and the environment; returns 1.
int go_fail(const std::string& message);

// A folder for files of one run, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() = default;
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  // Makes it where TMPDIR says; false after a message. `keep`: it stays.
  bool make(bool keep);
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::optional<Scratch> scratch_;
  bool keep_ = false;
};

class Session {
 public:
  explicit Session(Flags flags) : flags_(std::move(flags)) {}

  // Changes folder (-C), finds the installation and the modules, reads the overlay. `listing`: packages are
  // loaded to be listed (LoadOptions). Returns false after printing what is wrong.
  bool open(bool listing = false);

  // Loads what the arguments name. `only_first`: one package, the arguments after it go to rest() (run). With
  // `tolerant`, packages that cannot be loaded are left out without a word. Returns false after printing what
  // is wrong.
  bool load(bool only_first, bool tolerant);

  const std::vector<LoadedPackage*>& roots() const { return roots_; }
  // The arguments that named a root.
  const std::vector<std::string>& matched(LoadedPackage* root) { return matched_[root]; }
  const std::vector<std::string>& rest() const { return rest_; }
  Loader& loader() { return *loader_; }
  const Install& install() const { return install_; }
  const Flags& flags() const { return flags_; }
  const std::string& cwd() const { return cwd_; }
  const Platform& platform() const { return context_; }

  // The build options that the flags say; false after a message.
  bool build_options(BuildOptions& out);
  // The packages and all that they import, each after those it imports; when there is a program among them,
  // also the runtime. False after a message.
  bool with_runtime(const std::vector<LoadedPackage*>& packages, std::vector<LoadedPackage*>& out);
  // The text of a program's build information.
  std::string build_info(const LoadedPackage& p, const std::string& godebug) const;
  // The settings that a program starts with (DefaultGODEBUG). False after a message.
  bool godebug_of(const LoadedPackage& p, std::string& out);
  // The name go gives a package's program: the last element of its path that is no version, or the file's
  // name.
  static std::string program_name(const LoadedPackage& p);

 private:
  void add_root(LoadedPackage* p, const std::string& argument);
  void load_pattern(const std::string& argument, diag::Diagnostics& diags);
  void load_all(diag::Diagnostics& diags);
  std::string checksum(const Module& m) const;
  bool show(diag::Diagnostics& diags);
  bool names_package(const std::string& pattern, const LoadedPackage& p);
  bool package_flags(BuildOptions& out, std::string& error);

  Flags flags_;
  Install install_;
  BuildContext context_;
  std::unique_ptr<Loader> loader_;
  std::string cwd_;
  bool listing_ = false;
  std::vector<LoadedPackage*> roots_;
  absl::flat_hash_map<LoadedPackage*, std::vector<std::string>> matched_;
  std::vector<std::string> rest_;
};
}  // namespace vole::driver
