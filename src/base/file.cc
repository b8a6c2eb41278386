#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace vole {
namespace {
// A descriptor that closes itself.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

// Bytes of the character at the start of s, 0 when it is none.
size_t utf8_length(std::string_view s) {
  u8 c = static_cast<u8>(s[0]);
  size_t n = c < 0x80 ? 1 : c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
  if (c >= 0xf5 || n > s.size()) return 0;
  for (size_t i = 1; i < n; i++)
    if ((static_cast<u8>(s[i]) & 0xc0) != 0x80) return 0;
  return n;
}
}  // namespace

std::string error_text(int number) {
  std::string text = std::strerror(number);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

bool read_file(const std::string& path, std::string& out, std::string& error, Pipes pipes) {
  out.clear();
  // Without waiting: a pipe has no writer, or a device no end.
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat st;
  if (file.number < 0 || fstat(file.number, &st) != 0)
    return error = fmt::format("open {}: {}", printable(path), error_text(errno)), false;
  auto fail = [&](std::string_view why) {
    error = fmt::format("read {}: {}", printable(path), why);
    return false;
  };
  if (S_ISDIR(st.st_mode)) return fail(error_text(EISDIR));
  bool regular = S_ISREG(st.st_mode);
  if (!regular && pipes == Pipes::No) return fail("not a regular file");
  constexpr size_t Piece = 64 << 10, Most = size_t{1} << 30;
  for (size_t have = 0;;) {
    size_t left =
        regular && static_cast<size_t>(st.st_size) > have ? static_cast<size_t>(st.st_size) - have : 0;
    // One byte more than there should be tells the end without another call.
    out.resize(have + (left ? left + 1 : Piece));
    ssize_t n = read(file.number, out.data() + have, out.size() - have);
    int e = errno;
    out.resize(have + (n > 0 ? static_cast<size_t>(n) : 0));
    if (n == 0) return true;
    if (n > 0) have = out.size();
    if (have > Most) return fail(error_text(EFBIG));
    if (n > 0 || e == EINTR) continue;
    if (e != EAGAIN) return fail(error_text(e));
    pollfd wait{file.number, POLLIN, 0};
    poll(&wait, 1, -1);
  }
}

std::string file_text(const std::string& path) {
  std::string text, error;
  if (!read_file(path, text, error)) text.clear();
  return text;
}

static std::string escaped(std::string_view s, bool lines) {
  std::string out;
  while (!s.empty()) {
    u8 c = static_cast<u8>(s[0]);
    size_t n = utf8_length(s);
    bool kept = lines && (c == '\n' || c == '\t');
    bool control = !kept && (c < 0x20 || c == 0x7f || (n == 2 && c == 0xc2 && static_cast<u8>(s[1]) < 0xa0));
    if (n && !control) out += s.substr(0, n);
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else if (n == 2) out += fmt::format("\\u{:04x}", static_cast<u8>(s[1])), s.remove_prefix(1);
    else out += fmt::format("\\x{:02x}", c);
    s.remove_prefix(n == 0 || control ? 1 : n);
  }
  return out;
}

std::string printable(std::string_view text) { return escaped(text, false); }
std::string printable_lines(std::string_view text) { return escaped(text, true); }
}  // namespace vole
