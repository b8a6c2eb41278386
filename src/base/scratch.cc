#include "base/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace vole {
namespace {
constexpr size_t Slots = 256;
// Paths stay allocated: a handler may be reading one while its owner is done with it.
std::atomic<const char*> slots[Slots];
std::atomic<bool> ending = false;
std::atomic<int> making = 0;  // threads that are about to make something
thread_local int making_here = 0;

// From here on nothing is made any more.
void stop_making() {
  ending = true;
  constexpr int Patience = 10'000;  // a thread that waits for a disk may take long; then what it makes stays
  for (int i = 0; making > making_here && i < Patience; i++) sched_yield();
}

struct Entry {
  u64 inode, offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

void remove_tree(int at, const char* name, int depth) {
  constexpr int Deepest = 16;
  if (unlinkat(at, name, 0) == 0 || depth == Deepest) return;
  int dir = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir < 0) return;
  alignas(Entry) char buffer[2048];
  for (long n; (n = syscall(SYS_getdents64, dir, buffer, sizeof buffer)) > 0;)
    for (long i = 0; i < n;) {
      auto* e = reinterpret_cast<const Entry*>(buffer + i);
      i += e->length;
      if (std::strcmp(e->name, ".") != 0 && std::strcmp(e->name, "..") != 0)
        remove_tree(dir, e->name, depth + 1);
    }
  close(dir);
  unlinkat(at, name, AT_REMOVEDIR);
}

void say(const char* what) {
  char line[256] = "vole: ";
  std::strncat(line, what, sizeof line - 8);
  std::strcat(line, "\n");
  [[maybe_unused]] ssize_t n = write(2, line, std::strlen(line));
}

void end_by(int signal) {
  remove_scratch();
  ::signal(signal, SIG_DFL);
  raise(signal);
}
}  // namespace

Scratch::Scratch(const std::string& path) : slot_(Slots) {
  const char* copy = strdup(path.c_str());
  if (!copy) out_of_memory();
  making_here++;
  making++;
  while (ending) {
    making--;
    pause();
    making++;
  }
  for (size_t i = 0; i < Slots; i++) {
    const char* none = nullptr;
    if (slots[i].compare_exchange_strong(none, copy)) {
      slot_ = i;
      return;
    }
  }
}

void Scratch::made() {
  if (!making_) return;
  making_ = false;
  making--;
  making_here--;
}

Scratch::~Scratch() {
  made();
  if (slot_ < Slots) slots[slot_].store(nullptr);
}

void remove_scratch() {
  stop_making();
  for (auto& slot : slots)
    if (const char* path = slot.exchange(nullptr)) remove_tree(AT_FDCWD, path, 0);
}

void die(const char* what) {
  static std::atomic_flag dying = ATOMIC_FLAG_INIT;
  // Threads that meet the same end wait for the first.
  while (dying.test_and_set()) pause();
  say(what);
  remove_scratch();
  _exit(1);
}

void out_of_memory() { die("out of memory"); }

void install_endings() {
  std::set_new_handler(out_of_memory);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    struct sigaction now;
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) continue;
    std::memset(&now, 0, sizeof now);
    now.sa_handler = end_by;
    now.sa_flags = SA_RESETHAND | SA_NODEFER;
    sigaction(signal, &now, nullptr);
  }
}
}  // namespace vole
