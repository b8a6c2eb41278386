// Reading whole files that users name: whatever stands behind a name, reading ends and says what is wrong.
#pragma once
#include <string>

#include "base/base.h"

namespace vole {
// The system's words for an error number, as Go's programs print them: "no such file or directory".
std::string error_text(int number);

enum class Pipes { No, Yes };

// Reads a regular file; with Pipes::Yes also what a pipe or terminal holds until its end (a pipe that nobody
// writes to is empty). False after setting `error`: "open NAME: no such file or directory", "read NAME: is a
// directory", "read NAME: not a regular file".
bool read_file(const std::string& path, std::string& out, std::string& error, Pipes pipes = Pipes::No);
// The same for callers to whom a file that cannot be read is an empty one.
std::string file_text(const std::string& path);

// The text with control characters and what is no UTF-8 written as escapes: \n, \x1b. File names are shown
// so.
std::string printable(std::string_view text);
// The same for text of several lines: line ends and tabs stay.
std::string printable_lines(std::string_view text);
}  // namespace vole
