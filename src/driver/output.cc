#include "driver/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "driver/session.h"

namespace vole::driver {
namespace fs = std::filesystem;

// Whether a file begins as programs, objects and archives do, on any system.
bool is_object(const std::string& path) {
  constexpr std::string_view Starts[] = {
      "\x7f"
      "ELF",
      "!<arch>\n",
      "<bigaf>\n",
      "\xce\xfa\xed\xfe",
      "\xcf\xfa\xed\xfe",
      "\xca\xfe\xba\xbe",
      "MZ",
      std::string_view("\0asm", 4),
      std::string_view("\0\0\1\xeb", 4),
      "go object "};
  std::ifstream in(path, std::ios::binary);
  char head[16] = {};
  in.read(head, sizeof head);
  std::string_view have(head, static_cast<size_t>(in.gcount()));
  return have.empty() ||
         std::any_of(std::begin(Starts), std::end(Starts), [&](auto s) { return have.starts_with(s); });
}

// What is no program, object or archive may be a source: it is never written over. False after a message.
bool may_replace(const std::string& output) {
  std::error_code e;
  if (fs::is_directory(output, e))
    return fail(fmt::format("build output \"{}\" already exists and is a directory", output)), false;
  if (fs::is_regular_file(output, e) && !is_object(output))
    return fail(fmt::format("build output \"{}\" already exists and is not an object file", output)), false;
  return true;
}

// Devices, pipes and links are written through, not replaced.
bool written_through(const std::string& output) {
  std::error_code e;
  fs::file_type type = fs::symlink_status(output, e).type();
  return type != fs::file_type::not_found && type != fs::file_type::none && type != fs::file_type::regular;
}

bool copy_through(const std::string& from, const std::string& to) {
  std::ifstream in(from, std::ios::binary);
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  out << in.rdbuf();
  out.flush();
  if (in && out) return true;
  return fail(fmt::format("cannot write {}: {}", to, std::strerror(errno))), false;
}

}  // namespace vole::driver
