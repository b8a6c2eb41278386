// The commands of `vole`, each a function from its flags to an exit status.
#pragma once
#include "driver/flags.h"

namespace vole::driver {
int build_command(Flags flags);
int run_command(Flags flags);
int list_command(Flags flags);
int env_command(Flags flags);
int clean_command(Flags flags);
int version_command(Flags flags);
}  // namespace vole::driver
