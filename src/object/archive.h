// Unix archives (ar): a list of named members. Read in place.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace vole::object {
struct Member {
  std::string name;
  std::span<const u8> bytes;  // points into the archive's bytes
};
// Lists the members (symbol index and name table left out). On malformed input returns false and sets `error`
// to one line.
bool read_archive(std::span<const u8> bytes, std::vector<Member>& out, std::string& error);
// The bytes of an archive with these members, whose names are at most 15 characters.
std::string make_archive(std::span<const Member> members);
}  // namespace vole::object
