#include "driver/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "base/file.h"
#include "driver/cache.h"
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
  // Its owner has seen to it that it is a regular file.
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
    return go_fail(fmt::format("build output \"{}\" already exists and is a directory", printable(output))),
           false;
  if (fs::is_regular_file(output, e) && !is_object(output))
    return go_fail(fmt::format("build output \"{}\" already exists and is not an object file",
                               printable(output))),
           false;
  return true;
}

// Devices, pipes and links are written through, not replaced.
bool written_through(const std::string& output) {
  std::error_code e;
  fs::file_type type = fs::symlink_status(output, e).type();
  return type != fs::file_type::not_found && type != fs::file_type::none && type != fs::file_type::regular;
}

// Writes to what is there: a pipe without reader waits for one, as with any program.
static bool write_through(const std::string& to, std::span<const u8> rest, std::string& error) {
  int fd = open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
  while (fd >= 0 && !rest.empty()) {
    ssize_t n = write(fd, rest.data(), rest.size());
    if (n < 0 && errno != EINTR) break;
    if (n > 0) rest = rest.subspan(static_cast<size_t>(n));
  }
  if (fd < 0 || !rest.empty()) error = error_text(errno);
  if (fd >= 0 && close(fd) != 0 && error.empty()) error = error_text(errno);
  return error.empty();
}

bool copy_through(const std::string& from, const std::string& to) {
  auto built = MappedFile::open(from);
  std::string error = built ? "" : "cannot read what was built";
  if (built && write_through(to, built->bytes(), error)) return true;
  return fail(fmt::format("cannot write {}: {}", printable(to), error)), false;
}

}  // namespace vole::driver
