// vole: the program.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <gmp.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scratch.h"
#include "base/stack.h"
#include "driver/command.h"

namespace {
// Descriptors 0 to 2 that are closed would be given to the first files opened.
void open_standard_files() {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
}

void* must(void* p) { return p ? p : (vole::out_of_memory(), p); }

// Output that could not be written is an error like any other.
int flush_output(int status) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return status;
  std::fprintf(stderr, "vole: write /dev/stdout: %s\n", vole::error_text(errno).c_str());
  return status ? status : 1;
}
}  // namespace

int main(int argc, char** argv) {
  // A limit on file sizes is to be seen as an error of the write that met it.
  std::signal(SIGXFSZ, SIG_IGN);
  open_standard_files();
  vole::install_endings();
  mp_set_memory_functions([](size_t n) { return must(std::malloc(n)); },
                          [](void* p, size_t, size_t n) { return must(std::realloc(p, n)); },
                          [](void* p, size_t) { std::free(p); });
  int status = 1;
  vole::on_large_stack([&] { status = vole::driver::main_command(argc, argv); });
  return flush_output(status);
}
