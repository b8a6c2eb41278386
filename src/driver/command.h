// The command line: `vole COMMAND [flags] [arguments]`, with go's flags and wording.
#pragma once

namespace vole::driver {
// Runs one invocation and returns its exit status.
int main_command(int argc, char** argv);
}  // namespace vole::driver
