// The settings that commands follow: the process's environment, and behind it the file of settings that
// `vole env -w` writes (GOENV names it; go's own by default, as both read the same) and GOROOT/go.env.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace vole::driver {
// The value of a setting; empty when nothing sets it. An empty variable counts as none.
std::string setting(std::string_view name);
// What GOROOT/go.env says, when the process's environment and the user's file do not.
std::string setting_of_goroot(std::string_view name);
// Reads GOROOT/go.env.
void read_goroot_settings(const std::string& goroot);

// The user's file of settings; empty when there is to be none.
std::string settings_file();

// Changes the user's file: NAME=VALUE each, or names to forget. False after setting `error` to go's message;
// what is only odd is said on standard error.
bool write_settings(const std::vector<std::string>& assignments, std::string& error);
bool forget_settings(const std::vector<std::string>& names, std::string& error);
}  // namespace vole::driver
