// vole: the program.
#include <csignal>

#include "driver/command.h"

int main(int argc, char** argv) {
  // A limit on file sizes is to be seen as an error of the write that met it.
  std::signal(SIGXFSZ, SIG_IGN);
  return vole::driver::main_command(argc, argv);
}
