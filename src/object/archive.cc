#include "object/archive.h"

#include <fmt/format.h>

#include <ar.h>

#include <cstring>

namespace vole::object {
namespace {
// A decimal number padded with blanks.
bool number(const char* p, size_t n, u64& v) {
  v = 0;
  size_t i = 0;
  for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) v = v * 10 + static_cast<u64>(p[i] - '0');
  if (i == 0) return false;
  for (; i < n; i++)
    if (p[i] != ' ') return false;
  return true;
}
}  // namespace

bool read_archive(std::span<const u8> bytes, std::vector<Member>& out, std::string& error) {
  auto fail = [&](const char* what) {
    error = std::string("malformed archive: ") + what;
    return false;
  };
  if (bytes.size() < SARMAG || std::memcmp(bytes.data(), ARMAG, SARMAG) != 0) return fail("no archive");
  std::string_view long_names;
  for (size_t at = SARMAG; at < bytes.size();) {
    if (bytes.size() - at < sizeof(ar_hdr)) return fail("truncated header");
    ar_hdr h;
    std::memcpy(&h, bytes.data() + at, sizeof h);
    at += sizeof h;
    u64 size;
    if (std::memcmp(h.ar_fmag, ARFMAG, 2) != 0 || !number(h.ar_size, sizeof h.ar_size, size))
      return fail("bad header");
    if (bytes.size() - at < size) return fail("truncated member");
    std::span<const u8> content = bytes.subspan(at, size);
    at += size + (size & 1);
    std::string_view name(h.ar_name, sizeof h.ar_name);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (name == "/" || name == "/SYM64/") continue;
    if (name == "//") {
      long_names = {reinterpret_cast<const char*>(content.data()), content.size()};
      continue;
    }
    if (name.size() > 1 && name[0] == '/') {
      u64 offset;
      if (!number(name.data() + 1, name.size() - 1, offset) || offset >= long_names.size())
        return fail("bad member name");
      name = long_names.substr(offset);
      name = name.substr(0, name.find('\n'));
    }
    if (name.ends_with('/')) name.remove_suffix(1);
    out.push_back({std::string(name), content});
  }
  return true;
}

std::string make_archive(std::span<const Member> members) {
  std::string out = "!<arch>\n";
  for (const Member& m : members) {
    out += fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", m.name + "/", 0, 0, 0, 644, m.bytes.size());
    out.append(reinterpret_cast<const char*>(m.bytes.data()), m.bytes.size());
    if (out.size() % 2) out += '\n';
  }
  return out;
}
}  // namespace vole::object
