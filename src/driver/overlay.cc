#include "driver/overlay.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
using Json = nlohmann::ordered_json;

constexpr std::string_view Blanks = " \t\r\n";

// Goes over JSON for the place where it stops to be any.
struct FaultFinder : nlohmann::json_sax<Json> {
  size_t at = 0;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t position, const std::string&, const Json::exception&) override {
    at = position ? position - 1 : 0;
    return false;
  }
};

std::string syntax_fault(std::string_view text) {
  FaultFinder finder;
  Json::sax_parse(text, &finder);
  size_t last = text.find_last_not_of(Blanks);
  if (last == std::string_view::npos || finder.at > last) return "unexpected end of JSON input";
  std::string_view before = text.substr(0, finder.at);
  bool first = before.find_first_not_of(Blanks) == std::string_view::npos;
  return fmt::format("invalid character '{}' {}", printable(text.substr(finder.at, 1)),
                     first                  ? "looking for beginning of value"
                     : Json::accept(before) ? "after top-level value"
                                            : "in the middle of a value");
}

std::string_view type_name(const Json& j) {
  return j.is_array()     ? "array"
         : j.is_string()  ? "string"
         : j.is_boolean() ? "bool"
         : j.is_object()  ? "object"
                          : "number";
}

// The value of Replace; names of fields match whatever their case.
bool replacements(const Json& all, Json& out, std::string& error) {
  out = Json::object();
  if (all.is_null()) return true;
  if (!all.is_object())
    return error = fmt::format("json: cannot unmarshal {} into an object with Replace", type_name(all)),
           false;
  for (auto& [key, value] : all.items()) {
    std::string lower = key;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower != "replace" || value.is_null()) continue;
    if (!value.is_object())
      return error =
                 fmt::format("json: cannot unmarshal {} into Replace, a map of file names", type_name(value)),
             false;
    out = value;
  }
  for (auto& [file, instead] : out.items())
    if (!instead.is_string())
      return error = fmt::format("json: cannot unmarshal {} into Replace[\"{}\"], a file name",
                                 type_name(instead), printable(file)),
             false;
  return true;
}
}  // namespace

bool read_overlay(const std::string& path, const std::string& cwd,
                  absl::flat_hash_map<std::string, std::string>& out, std::string& error) {
  std::string text;
  if (!read_file(path, text, error, Pipes::Yes)) return error = "reading overlay: " + error, false;
  Json all = Json::parse(text, nullptr, false), replace;
  if (all.is_discarded()) error = syntax_fault(text);
  if (all.is_discarded() || !replacements(all, replace, error))
    return error = "parsing overlay JSON: " + error, false;
  auto absolute = [&](const std::string& p) {
    return (p[0] == '/' ? fs::path(p) : fs::path(cwd) / p).lexically_normal().string();
  };
  absl::flat_hash_map<std::string, std::string> written;  // absolute name → as the file has it
  for (auto& [file, instead] : replace.items()) {
    if (file.empty()) return error = "empty string key in overlay map", false;
    auto [it, fresh] = written.try_emplace(absolute(file), file);
    if (!fresh)
      return error = fmt::format("duplicate paths {} and {} in overlay map", printable(it->second),
                                 printable(file)),
             false;
    std::string to = instead.get<std::string>();
    out[it->first] = to.empty() ? to : absolute(to);
  }
  return true;
}
}  // namespace vole::driver
