// vole build and vole run.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "driver/commands.h"
#include "driver/output.h"
#include "driver/session.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
std::vector<LoadedPackage*> programs_of(const std::vector<LoadedPackage*>& roots) {
  std::vector<LoadedPackage*> out;
  for (LoadedPackage* p : roots)
    if (p->name == "main") out.push_back(p);
  return out;
}

// Where the program of p goes; go's rules for -o. False after a message.
bool output_of(const LoadedPackage& p, const Session& s, bool several, const std::string& scratch,
               std::string& out) {
  const std::string& o = s.flags().output;
  std::error_code e;
  std::string name = Session::program_name(p);
  if (o.empty()) {
    // Several programs are only built to see whether they build.
    out = several ? scratch + "/" + name : name;
    return several || may_replace(out);
  }
  bool folder = o.ends_with('/') || fs::is_directory(o, e);
  e.clear();  // a missing file is none
  if (!folder && several && o != "/dev/null")
    return fail("cannot write multiple packages to non-directory " + o), false;
  out = o == "/dev/null" ? scratch + "/" + name : folder ? (fs::path(o) / name).string() : o;
  fs::path parent = folder ? fs::path(o) : fs::path(out).parent_path();
  if (!parent.empty()) fs::create_directories(parent, e);
  if (e)
    return fail(fmt::format("cannot make folder {}: {}", printable(parent.string()), error_text(e.value()))),
           false;
  return may_replace(out);
}

int build_programs(Session& s, const std::vector<LoadedPackage*>& mains, const std::string& scratch,
                   bool run) {
  BuildOptions b;
  if (!s.build_options(b)) return 1;
  if (s.flags().keep_work) b.objects_dir = scratch;
  std::vector<LinkRequest> programs;
  std::vector<std::pair<std::string, std::string>> through;  // built file → where it is written to
  for (LoadedPackage* p : mains) {
    LinkRequest r;
    r.main = p;
    if (run) r.output = scratch + "/" + Session::program_name(*p);
    else if (!output_of(*p, s, s.roots().size() > 1, scratch, r.output)) return 1;
    if (!run && written_through(r.output)) {
      through.push_back({fmt::format("{}/{}.out", scratch, through.size()), r.output});
      r.output = through.back().first;
    }
    if (!s.godebug_of(*p, r.godebug)) return 1;
    r.build_info = s.build_info(*p, r.godebug);
    programs.push_back(r);
  }
  std::vector<LoadedPackage*> order;
  if (programs.empty()) order = s.loader().closure(s.roots());
  else if (!s.with_runtime(s.roots(), order)) return 1;
  std::vector<ArchiveRequest> archives;
  if (const std::string& o = s.flags().output;
      programs.empty() && !o.empty() && s.roots().size() == 1 && !run) {
    std::string out;
    if (!output_of(*s.roots()[0], s, false, scratch, out)) return 1;
    archives.push_back({s.roots()[0], out});
  }
  if (!build(order, programs, b, archives)) return 1;
  for (auto& [from, to] : through)
    if (!b.dry_run && !copy_through(from, to)) return 1;
  return 0;
}

// Runs a program in the foreground and returns its status as `go run` does.
int execute(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> args{const_cast<char*>(program.c_str())};
  for (const std::string& a : arguments) args.push_back(const_cast<char*>(a.c_str()));
  args.push_back(nullptr);
  // The program gets the terminal's signals; this process waits for it and then cleans up.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    execv(args[0], args.data());
    std::fprintf(stderr, "vole: cannot run %s: %s\n", args[0], std::strerror(errno));
    _exit(127);
  }
  if (pid < 0) return fail(std::string("fork: ") + std::strerror(errno));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) std::fprintf(stderr, "signal: %s\n", strsignal(WTERMSIG(status)));
  else if (WEXITSTATUS(status) != 0) std::fprintf(stderr, "exit status %d\n", WEXITSTATUS(status));
  return status == 0 ? 0 : 1;
}
}  // namespace

int build_command(Flags flags) {
  bool compile_only = flags.compile_only;
  Session s(std::move(flags));
  if (!s.open() || !s.load(false, false)) return 1;
  auto mains = programs_of(s.roots());
  if (compile_only) mains.clear();
  TemporaryFolder scratch;
  if (!scratch.make(s.flags().keep_work)) return 1;
  if (s.flags().keep_work || s.flags().show) std::fprintf(stderr, "WORK=%s\n", scratch.path().c_str());
  return build_programs(s, mains, scratch.path(), false);
}

int run_command(Flags flags) {
  if (flags.args.empty()) return fail("no go files listed");
  Session s(std::move(flags));
  if (!s.open() || !s.load(true, false)) return 1;
  auto mains = programs_of(s.roots());
  if (mains.empty())
    return fail(
        fmt::format("package {} is not a main package", s.roots().empty() ? "" : s.roots()[0]->import_path));
  if (mains.size() > 1) return fail("cannot run multiple packages");
  TemporaryFolder scratch;
  if (!scratch.make(s.flags().keep_work)) return 1;
  if (s.flags().keep_work || s.flags().show) std::fprintf(stderr, "WORK=%s\n", scratch.path().c_str());
  int status = build_programs(s, mains, scratch.path(), true);
  std::string program = scratch.path() + "/" + Session::program_name(*mains[0]);
  if (status != 0 || s.flags().dry_run) return status;
  return execute(program, s.rest());
}
}  // namespace vole::driver
