// Templates of `list -f`: Go's text/template over JSON values, as far as a listing has a use for it.
//
// Taken are fields and chains (.Module.Path), variables, literals, parentheses, pipelines, if/else if/else,
// range (with break, continue, else and variables), with, comments, trimmed white space, and the functions
// and or not len index slice print printf println eq ne lt le gt ge join context. Not taken are named
// templates (define, block, template), methods and the escaping functions.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace vole::driver {
using Json = nlohmann::ordered_json;

class Template {
 public:
  // Null after setting `error` to text/template's message ("template: main:1: …").
  static std::unique_ptr<Template> parse(std::string_view text, std::string& error);
  ~Template();

  // Appends the template filled in with `data`, an object; `context` is what the function of that name gives.
  // A field that an object does not have is an error, so objects name all fields they could have. False after
  // setting `error`.
  bool execute(const Json& data, const Json& context, std::string& out, std::string& error) const;

  struct Node;

 private:
  Template();
  std::unique_ptr<Node> root_;
};

// A value as a template prints it: text as it is, lists as "[a b]", objects with a "Path" as modules ("path
// version => other").
std::string template_text(const Json& value);
}  // namespace vole::driver
