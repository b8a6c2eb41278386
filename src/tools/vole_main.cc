// vole: the program.
#include "driver/command.h"

int main(int argc, char** argv) { return vole::driver::main_command(argc, argv); }
