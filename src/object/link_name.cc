#include "object/link_name.h"

namespace vole::object {
void append_link_path(std::string& out, std::string_view import_path) {
  constexpr char Hex[] = "0123456789abcdef";
  size_t slash = import_path.rfind('/');
  size_t last = slash == std::string_view::npos ? 0 : slash + 1;
  for (size_t i = 0; i < import_path.size(); i++) {
    auto c = static_cast<unsigned char>(import_path[i]);
    if (c <= ' ' || (c == '.' && i >= last) || c == '%' || c == '"' || c >= 0x7f)
      ((out += '%') += Hex[c >> 4]) += Hex[c & 15];
    else out += import_path[i];
  }
}

std::string link_path(std::string_view import_path, std::string_view package_name) {
  if (package_name == "main") return "main";
  std::string out;
  append_link_path(out, import_path);
  return out;
}

std::string link_name(std::string_view path_and_name) {
  size_t dot = path_and_name.rfind('.');
  if (dot == std::string_view::npos) return std::string(path_and_name);
  return link_path(path_and_name.substr(0, dot)).append(path_and_name.substr(dot));
}

std::string_view package_of(std::string_view link_name) {
  std::string_view head = link_name.substr(0, link_name.find_first_of("[("));
  size_t slash = head.rfind('/');
  size_t dot = head.find('.', slash == head.npos ? 0 : slash);
  return dot == head.npos ? std::string_view() : head.substr(0, dot);
}
}  // namespace vole::object
