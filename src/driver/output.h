// What a build may write over, and how: a user's files are never replaced by accident.
#pragma once
#include <string>

namespace vole::driver {
// Whether a file is empty or begins as programs, objects and archives do, on any system.
bool is_object(const std::string& path);
// Whether a build may write to `output`: it is missing, an object, or nothing that holds bytes. False after a
// message.
bool may_replace(const std::string& output);
// Whether it is a device, pipe or link: opened and written to, not replaced.
bool written_through(const std::string& output);
// Writes the bytes of `from` into what `to` names. False after a message.
bool copy_through(const std::string& from, const std::string& to);
}  // namespace vole::driver
