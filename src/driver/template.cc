// A template is parsed once into a tree of nodes (text, actions, control structures) whose pipelines are
// lists of commands, and walked for each value. Values are JSON; objects stand for structs. The first fault
// is kept; after it the parser sees the end of its text and the walk ends.
#include "driver/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/base.h"

namespace vole::driver {
namespace {
struct Pipe;
struct Operand {
  enum Kind { Dot, Variable, Function, Literal, Parens } kind = Dot;
  std::string name;  // of a variable or function
  Json literal;
  std::shared_ptr<Pipe> inner;      // of Parens
  std::vector<std::string> fields;  // .A.B after it
  std::string text;                 // as written, for messages
};
struct Pipe {
  std::vector<std::string> variables;  // $a := …, for range also $i, $a := …
  bool declares = false;
  std::vector<std::vector<Operand>> commands;
  int line = 1;
};

const std::set<std::string_view> Functions = {"and",   "or",     "not",     "len",  "index",  "slice",
                                              "print", "printf", "println", "eq",   "ne",     "lt",
                                              "le",    "gt",     "ge",      "join", "context"};
}  // namespace

struct Template::Node {
  // clang-format off
  enum Kind {
    Sequence, Text, Action, If, Range, With, Break,
    Continue } kind = Sequence; std::string text; Pipe pipe; std::vector<Node> body, otherwise;
  };
// clang-format on

namespace {
using Node = Template::Node;

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
 public:
  Parser(std::string_view text, std::string& error) : text_(text), error_(error) {}

  Node parse() {
    Node root;
    std::string end = list(root.body);
    if (!end.empty()) fail(fmt::format("unexpected {{{{{}}}}}", end));
    return root;
  }

 private:
  void fail(const std::string& what) {
    if (error_.empty()) error_ = fmt::format("template: main:{}: {}", line_, what);
    at_ = text_.size();
  }

  // Nodes up to "end", "else" or the end of the text; which of them it was. After "else" the rest of the
  // action is not read yet.
  std::string list(std::vector<Node>& out) {
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) != "{{") {
        literal_text(out);
        continue;
      }
      open();
      if (text_.substr(at_, 2) == "/*") {
        comment();
        continue;
      }
      blanks();
      size_t start = at_;
      std::string word = name();
      if (word == "end" || word == "else") return word;
      if (word == "if" || word == "range" || word == "with") {
        out.push_back(control(word));
      } else if (word == "break" || word == "continue") {
        if (!loops_) fail(fmt::format("{{{{{}}}}} outside {{{{range}}}}", word));
        close();
        out.push_back({word == "break" ? Node::Break : Node::Continue, {}, {}, {}, {}});
      } else if (word == "define" || word == "block" || word == "template") {
        fail(word + " is not supported");
      } else {
        at_ = start;
        Node n{Node::Action, {}, pipe(), {}, {}};
        close();
        out.push_back(std::move(n));
      }
    }
    return "";
  }

  Node control(const std::string& word) {
    size_t depth = variables_.size();
    Node n{word == "if" ? Node::If : word == "range" ? Node::Range : Node::With, {}, pipe(), {}, {}};
    close();
    loops_ += n.kind == Node::Range;
    std::string end = list(n.body);
    loops_ -= n.kind == Node::Range;
    if (end == "else") {
      blanks();
      size_t start = at_;
      std::string next = name();
      if (n.kind != Node::Range && next == word) {  // else if, else with: no end of its own
        n.otherwise.push_back(control(word));
        variables_.resize(depth);
        return n;
      }
      at_ = start;
      close();
      end = list(n.otherwise);
      if (end == "else") fail("expected end; found {{else}}");
    }
    if (end.empty()) fail("unexpected EOF");
    close();
    variables_.resize(depth);
    return n;
  }

  void literal_text(std::vector<Node>& out) {
    size_t end = std::min(text_.find("{{", at_), text_.size());
    std::string s(text_.substr(at_, end - at_));
    line_ += static_cast<int>(std::count(s.begin(), s.end(), '\n'));
    at_ = end;
    if (text_.substr(end, 3) == "{{-" && end + 3 < text_.size() && is_blank(text_[end + 3]))
      while (!s.empty() && is_blank(s.back())) s.pop_back();
    if (!s.empty()) out.push_back({Node::Text, std::move(s), {}, {}, {}});
  }
  void open() {
    at_ += 2;
    if (at_ + 1 < text_.size() && text_[at_] == '-' && is_blank(text_[at_ + 1])) at_ += 2;
    if (text_.find("}}", at_) == std::string_view::npos) fail("unclosed action");
  }
  void close() {
    blanks();
    bool trims = at_ > 0 && is_blank(text_[at_ - 1]) && text_.substr(at_, 3) == "-}}";
    if (!trims && text_.substr(at_, 2) != "}}") {
      return fail(at_ >= text_.size() ? "unclosed action"
                                      : fmt::format("unexpected \"{}\" in operand", text_[at_]));
    }
    at_ += trims ? 3 : 2;
    if (trims) blanks();
  }
  void comment() {
    size_t end = text_.find("*/", at_);
    if (end == std::string_view::npos) return fail("unclosed comment");
    line_ += static_cast<int>(
        std::count(text_.begin() + static_cast<long>(at_), text_.begin() + static_cast<long>(end), '\n'));
    at_ = end + 2;
    close();
  }
  void blanks() {
    for (; at_ < text_.size() && is_blank(text_[at_]); at_++) line_ += text_[at_] == '\n';
  }
  std::string name() {
    size_t start = at_;
    while (at_ < text_.size() && is_name(text_[at_])) at_++;
    return std::string(text_.substr(start, at_ - start));
  }
  bool take(std::string_view s) {
    if (text_.substr(at_, s.size()) != s) return false;
    at_ += s.size();
    return true;
  }

  Pipe pipe() {
    Pipe p;
    blanks();
    p.line = line_;
    declarations(p);
    do {
      p.commands.emplace_back();
      for (blanks(); !ends_command(); blanks()) p.commands.back().push_back(operand());
      if (p.commands.back().empty()) fail("missing value for command");
    } while (take("|"));
    for (auto& v : p.variables)
      if (p.declares) variables_.push_back(v);
    return p;
  }
  bool ends_command() {
    return at_ >= text_.size() || text_[at_] == '|' || text_[at_] == ')' || text_.substr(at_, 2) == "}}" ||
           text_.substr(at_, 3) == "-}}";
  }
  // "$a := ", "$a = ", "$i, $a := "; nothing is taken when the variables turn out to be operands.
  void declarations(Pipe& p) {
    size_t start = at_;
    while (at_ < text_.size() && text_[at_] == '$') {
      at_++;
      p.variables.push_back("$" + name());
      blanks();
      if (take(",")) {
        blanks();
        continue;
      }
      p.declares = take(":=");
      if (p.declares || take("=")) return;
      break;
    }
    p.variables.clear();
    at_ = start;
  }

  Operand operand() {
    size_t start = at_;
    Operand o;
    char c = text_[at_];
    if (c == '"' || c == '`') {
      o.kind = Operand::Literal;
      o.literal = string_literal(c);
    } else if (std::isdigit(static_cast<unsigned char>(c)) ||
               ((c == '-' || c == '+') && at_ + 1 < text_.size() &&
                std::isdigit(static_cast<unsigned char>(text_[at_ + 1])))) {
      at_++;
      std::string digits(1, c);
      digits += name();
      auto number = Json::parse(digits[0] == '+' ? digits.substr(1) : digits, nullptr, false);
      if (!number.is_number()) fail(fmt::format("bad number syntax: \"{}\"", digits));
      o.kind = Operand::Literal;
      o.literal = number;
    } else if (c == '(') {
      at_++;
      o.kind = Operand::Parens;
      if (++depth_ > 100) fail("parentheses nested too deep");
      o.inner = std::make_shared<Pipe>(pipe());
      depth_--;
      if (!take(")")) fail("unclosed left paren");
    } else if (c == '$') {
      at_++;
      o.kind = Operand::Variable;
      o.name = "$" + name();
      if (o.name != "$" && std::find(variables_.begin(), variables_.end(), o.name) == variables_.end())
        fail(fmt::format("undefined variable \"{}\"", o.name));
    } else if (is_name(c)) {
      word(o);
    } else if (c != '.') {
      fail(fmt::format("unexpected \"{}\" in command", c));
    }
    if (c == '.' && (at_ + 1 >= text_.size() || !is_name(text_[at_ + 1]))) at_++;  // dot alone
    while (at_ + 1 < text_.size() && text_[at_] == '.' && is_name(text_[at_ + 1])) {
      at_++;
      o.fields.push_back(name());
    }
    o.text = text_.substr(start, at_ - start);
    return o;
  }
  void word(Operand& o) {
    o.name = name();
    o.kind = Operand::Literal;
    if (o.name == "true" || o.name == "false") o.literal = o.name == "true";
    else if (o.name != "nil") o.kind = Operand::Function;
    if (o.kind == Operand::Function && !Functions.contains(o.name))
      fail(fmt::format("function \"{}\" not defined", o.name));
  }
  std::string string_literal(char quote) {
    std::string out;
    for (at_++; at_ < text_.size() && text_[at_] != quote; at_++) {
      char c = text_[at_];
      if (c == '\n' && quote == '"') break;
      if (quote == '"' && c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
      }
      out += c;
    }
    if (!take(std::string_view(&quote, 1))) fail("unterminated quoted string");
    return out;
  }

  std::string_view text_;
  std::string& error_;
  size_t at_ = 0;
  int line_ = 1, loops_ = 0, depth_ = 0;
  std::vector<std::string> variables_;
};

bool truth(const Json& v) {
  if (v.is_boolean()) return v.get<bool>();
  if (v.is_number()) return v != 0;
  if (v.is_string()) return !v.get_ref<const std::string&>().empty();
  return !v.empty();  // lists and objects; null is empty
}

class Executor {
 public:
  Executor(const Json& data, const Json& context, std::string& out, std::string& error)
      : context_(context), out_(out), error_(error), dot_(&data) {
    variables_.push_back({"$", data});
  }

  enum class Flow { Next, Break, Continue };
  Flow run(const std::vector<Node>& nodes) {
    for (const Node& n : nodes)
      if (Flow f = run(n); f != Flow::Next || !error_.empty()) return f;
    return Flow::Next;
  }

 private:
  Json fail(const std::string& at, const std::string& what) {
    if (error_.empty())
      error_ = fmt::format("template: main:{}: executing \"main\" at <{}>: {}", line_, at, what);
    return nullptr;
  }

  Flow run(const Node& n) {
    switch (n.kind) {
      case Node::Text: out_ += n.text; return Flow::Next;
      case Node::Action: {
        Json v = value(n.pipe);
        if (!error_.empty()) return Flow::Next;
        if (n.pipe.variables.empty()) out_ += template_text(v);
        else assign(n.pipe, n.pipe.variables[0], v);
        return Flow::Next;
      }
      case Node::Break: return Flow::Break;
      case Node::Continue: return Flow::Continue;
      case Node::Sequence: return run(n.body);
      default: break;
    }
    size_t depth = variables_.size();
    Json v = value(n.pipe);
    if (!error_.empty()) return Flow::Next;
    if (n.kind != Node::Range && !n.pipe.variables.empty()) assign(n.pipe, n.pipe.variables[0], v);
    Flow f = n.kind == Node::Range ? range(n, v) : branch(n, v);
    variables_.resize(depth);
    return f;
  }

  Flow branch(const Node& n, const Json& v) {
    if (!truth(v)) return run(n.otherwise);
    const Json* old = dot_;
    if (n.kind == Node::With) dot_ = &v;
    Flow f = run(n.body);
    dot_ = old;
    return f;
  }

  Flow range(const Node& n, const Json& v) {
    if (!v.is_structured() && !v.is_null() && !v.is_number_integer())
      return fail(template_text(v), "range can't iterate over it"), Flow::Next;
    if (!truth(v)) return run(n.otherwise);
    const Json* old = dot_;
    auto step = [&](const Json& key, const Json& element) {
      size_t depth = variables_.size();
      auto& names = n.pipe.variables;
      if (!names.empty()) assign(n.pipe, names.back(), element);
      if (names.size() > 1) assign(n.pipe, names[0], key);
      dot_ = &element;
      Flow f = run(n.body);
      dot_ = old;
      variables_.resize(depth);
      return f != Flow::Break && error_.empty();
    };
    if (v.is_number()) {
      for (i64 i = 0; i < v.get<i64>(); i++)
        if (Json x = i; !step(x, x)) break;
    } else if (v.is_array()) {
      for (size_t i = 0; i < v.size(); i++)
        if (!step(i, v[i])) break;
    } else {
      std::vector<std::string> keys;
      for (auto& [key, element] : v.items()) keys.push_back(key);
      std::sort(keys.begin(), keys.end());
      for (auto& key : keys)
        if (!step(key, v[key])) break;
    }
    return Flow::Next;
  }

  void assign(const Pipe& p, const std::string& name, Json v) {
    if (p.declares) return variables_.push_back({name, std::move(v)});
    auto it = std::find_if(variables_.rbegin(), variables_.rend(), [&](auto& x) { return x.first == name; });
    if (it == variables_.rend()) fail(name, "undefined variable");
    else it->second = std::move(v);
  }

  Json value(const Pipe& p) {
    line_ = p.line;
    std::optional<Json> v;
    for (auto& command : p.commands) v = call(command, v);
    return *v;
  }

  Json call(const std::vector<Operand>& command, const std::optional<Json>& last) {
    const Operand& first = command[0];
    if (first.kind != Operand::Function || !first.fields.empty()) {
      if (command.size() > 1 || last)
        return fail(first.text, "can't give argument to non-function " + first.text);
      return value(first);
    }
    std::vector<Json> args;
    bool is_and = first.name == "and";
    size_t count = command.size() - 1 + (last ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
      args.push_back(i + 1 < command.size() ? value(command[i + 1]) : *last);
      if (!error_.empty()) return nullptr;
      if ((is_and || first.name == "or") && (truth(args.back()) != is_and || i + 1 == count))
        return args.back();  // the rest is not evaluated
    }
    return function(first, args);
  }

  Json value(const Operand& o) {
    Json v;
    switch (o.kind) {
      case Operand::Dot: v = *dot_; break;
      case Operand::Literal: v = o.literal; break;
      case Operand::Parens: v = value(*o.inner); break;
      case Operand::Function: v = function(o, {}); break;
      case Operand::Variable:
        v = std::find_if(variables_.rbegin(), variables_.rend(), [&](auto& x) {
              return x.first == o.name;
            })->second;
        break;
    }
    for (const std::string& f : o.fields) {
      if (v.is_null()) return fail(o.text, "nil pointer evaluating field " + f);
      if (!v.is_object() || !v.contains(f))
        return fail(o.text, fmt::format("can't evaluate field {} in it", f));
      Json next = v[f];
      v = std::move(next);
    }
    return v;
  }

  Json function(const Operand& f, const std::vector<Json>& a) {
    const std::string& n = f.name;
    auto want = [&](size_t least, size_t most) {
      if (a.size() >= least && a.size() <= most) return true;
      fail(f.text, fmt::format("wrong number of args for {}: want {}{} got {}", n,
                               most > least ? "at least " : "", least, a.size()));
      return false;
    };
    constexpr size_t Any = 1000;
    if (n == "print") return printed(a, false);
    if (n == "println") return printed(a, true) + "\n";
    bool none = n == "context", one = n == "not" || n == "len",
         two = n == "join" || n == "ne" || n == "lt" || n == "le" || n == "gt" || n == "ge";
    if (!want(none ? 0 : two || n == "eq" ? 2 : 1, none ? 0 : one ? 1 : two ? 2 : n == "slice" ? 3 : Any))
      return nullptr;
    if (n == "context") return context_;
    if (n == "not") return !truth(a[0]);
    if (n == "and" || n == "or") return a[0];
    if (n == "len") return length(f, a[0]);
    if (n == "printf") return formatted(f, a);
    if (n == "join") return joined(f, a);
    if (n == "index") return indexed(f, a);
    if (n == "slice") return sliced(f, a);
    return compared(f, a);
  }

  Json length(const Operand& f, const Json& v) {
    if (v.is_string()) return v.get_ref<const std::string&>().size();
    if (!v.is_structured()) return fail(f.text, "error calling len: len of it");
    return v.size();
  }

  static std::string printed(const std::vector<Json>& a, bool blanks) {
    std::string out;
    for (size_t i = 0; i < a.size(); i++) {
      if (i && (blanks || (!a[i].is_string() && !a[i - 1].is_string()))) out += ' ';
      out += template_text(a[i]);
    }
    return out;
  }

  Json joined(const Operand& f, const std::vector<Json>& a) {
    if (!a[0].is_array() || !a[1].is_string()) return fail(f.text, "join wants a list and a separator");
    std::string out;
    for (size_t i = 0; i < a[0].size(); i++)
      out += (i ? a[1].get<std::string>() : "") + template_text(a[0][i]);
    return out;
  }

  Json indexed(const Operand& f, const std::vector<Json>& a) {
    Json v = a[0];
    for (size_t i = 1; i < a.size(); i++) {
      Json next;
      if (v.is_object() && a[i].is_string()) {
        next = v.contains(a[i].get<std::string>()) ? v[a[i].get<std::string>()] : Json("");
      } else if (v.is_array() && a[i].is_number_integer()) {
        i64 at = a[i].get<i64>();
        if (at < 0 || at >= static_cast<i64>(v.size()))
          return fail(f.text, fmt::format("error calling index: index out of range: {}", at));
        next = v[static_cast<size_t>(at)];
      } else {
        return fail(f.text, "error calling index: can't index item");
      }
      v = std::move(next);
    }
    return v;
  }

  Json sliced(const Operand& f, const std::vector<Json>& a) {
    i64 size = static_cast<i64>(a[0].is_string() ? a[0].get_ref<const std::string&>().size() : a[0].size());
    i64 bounds[2] = {0, size};
    for (size_t i = 1; i < a.size(); i++) bounds[i - 1] = a[i].is_number_integer() ? a[i].get<i64>() : -1;
    auto [from, to] = bounds;
    if (from < 0 || to < from || to > size || !(a[0].is_string() || a[0].is_array()))
      return fail(f.text, "error calling slice: index out of range");
    if (a[0].is_string())
      return a[0].get_ref<const std::string&>().substr(static_cast<size_t>(from),
                                                       static_cast<size_t>(to - from));
    return Json(std::vector<Json>(a[0].begin() + from, a[0].begin() + to));
  }

  Json compared(const Operand& f, const std::vector<Json>& a) {
    const std::string& n = f.name;
    if (n == "eq") return std::any_of(a.begin() + 1, a.end(), [&](const Json& x) { return x == a[0]; });
    if (n == "ne") return a[0] != a[1];
    bool alike = (a[0].is_number() && a[1].is_number()) || (a[0].is_string() && a[1].is_string());
    if (!alike) return fail(f.text, fmt::format("error calling {}: incompatible types for comparison", n));
    return n == "lt" ? a[0] < a[1] : n == "le" ? a[0] <= a[1] : n == "gt" ? a[0] > a[1] : a[0] >= a[1];
  }

  // Go's verbs: %s %v %d %t as a template prints the value, %q quoted, %% itself; "-", width and precision
  // are taken.
  Json formatted(const Operand& f, const std::vector<Json>& a) {
    if (!a[0].is_string()) return fail(f.text, "wrong type for value; expected string");
    const std::string& format = a[0].get_ref<const std::string&>();
    std::string out;
    size_t next = 1;
    for (size_t i = 0; i < format.size(); i++) {
      if (format[i] != '%') {
        out += format[i];
        continue;
      }
      size_t start = ++i;
      while (i < format.size() && (std::isdigit(static_cast<unsigned char>(format[i])) ||
                                   std::string_view("-+# .").find(format[i]) != std::string_view::npos))
        i++;
      if (i == format.size()) {
        out += "%!(NOVERB)";
        break;
      }
      out += format[i] == '%'
                 ? "%"
                 : verb(format[i], format.substr(start, i - start), next < a.size() ? &a[next++] : nullptr);
    }
    return out;
  }
  static std::string verb(char c, const std::string& flags, const Json* v) {
    if (!v) return fmt::format("%!{}(MISSING)", c);
    if (std::string_view("svdtq").find(c) == std::string_view::npos)
      return fmt::format("%!{}({})", c, template_text(*v));
    std::string s = c == 'q' ? Json(template_text(*v)).dump(-1, ' ', false, Json::error_handler_t::replace)
                             : template_text(*v);
    bool left = flags.find('-') != std::string::npos;
    size_t digit = flags.find_first_of("123456789");
    size_t width = digit == std::string::npos || flags.substr(0, digit).find('.') != std::string::npos
                       ? 0
                       : std::min(1000ul, std::strtoul(flags.c_str() + digit, nullptr, 10));
    if (s.size() < width) s.insert(left ? s.size() : 0, width - s.size(), ' ');
    return s;
  }

  const Json& context_;
  std::string& out_;
  std::string& error_;
  const Json* dot_;
  std::vector<std::pair<std::string, Json>> variables_;
  int line_ = 1;
};
}  // namespace

std::string template_text(const Json& v) {
  if (v.is_string()) return v.get<std::string>();
  if (v.is_null()) return "<nil>";
  if (v.is_object() && v.contains("Path")) {
    std::string out = v["Path"].get<std::string>();
    if (std::string version = v.value("Version", ""); !version.empty()) out += " " + version;
    if (v.contains("Replace") && v["Replace"].is_object()) out += " => " + template_text(v["Replace"]);
    return out;
  }
  if (!v.is_structured()) return v.dump();  // numbers and booleans
  std::string out = v.is_object() ? "map[" : "[", between;
  for (auto& [key, x] : v.items()) {
    out += between + (v.is_object() ? key + ":" : "") + template_text(x);
    between = " ";
  }
  return out + "]";
}

Template::Template() = default;
Template::~Template() = default;

std::unique_ptr<Template> Template::parse(std::string_view text, std::string& error) {
  error.clear();
  std::unique_ptr<Template> t(new Template);
  t->root_ = std::make_unique<Node>(Parser(text, error).parse());
  if (!error.empty()) return nullptr;
  return t;
}

bool Template::execute(const Json& data, const Json& context, std::string& out, std::string& error) const {
  error.clear();
  Executor(data, context, out, error).run(root_->body);
  return error.empty();
}
}  // namespace vole::driver
