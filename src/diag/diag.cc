#include "diag/diag.h"

#include <algorithm>
#include <fstream>
#include <unordered_map>

#include "base/file.h"

namespace vole::diag {
std::string_view code_name(Code c) {
  static constexpr std::string_view Names[] = {
#define VOLE_DIAG(name) #name,
#include "diag/codes.def"
#undef VOLE_DIAG
  };
  return Names[static_cast<size_t>(c)];
}

Diagnostic& Diagnostics::add(Diagnostic d) {
  list_.push_back(std::move(d));
  return list_.back();
}

namespace {
bool before(Pos a, Pos b) {
  if (a.known() != b.known()) return b.known();
  if (a.base_index() != b.base_index()) {
    std::string_view fa = a.file(), fb = b.file();
    if (fa != fb) return fa < fb;
  }
  return a.line() != b.line() ? a.line() < b.line() : a.col() < b.col();
}
bool same_line(Pos a, Pos b) { return a.line() == b.line() && a.file() == b.file(); }
}  // namespace

void Diagnostics::sort() {
  std::stable_sort(list_.begin(), list_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return before(a.pos, b.pos); });
}

// Leaves out consequences: a line has one syntax error, the first reported, and a message that comes twice in
// a row is said once for a line.
void Diagnostics::drop_repeats() {
  std::vector<Diagnostic> kept;
  Pos syntax, other;
  std::string last;
  for (Diagnostic& d : list_) {
    bool is_syntax = d.text.starts_with("syntax error");
    Pos& before = is_syntax ? syntax : other;
    if (before.known() && same_line(before, d.pos) && (is_syntax || last == d.text)) continue;
    before = d.pos;
    if (!is_syntax) last = d.text;
    kept.push_back(std::move(d));
  }
  list_ = std::move(kept);
}

void Diagnostics::finish() {
  drop_repeats();
  sort();
  auto same = [](const Diagnostic& a, const Diagnostic& b) {
    return same_line(a.pos, b.pos) && a.pos.col() == b.pos.col() && a.text == b.text;
  };
  list_.erase(std::unique(list_.begin(), list_.end(), same), list_.end());
}

namespace {
// Reads source lines for excerpts; each file once.
class Sources {
 public:
  std::string line(std::string_view path, u32 n) {
    auto [it, fresh] = files_.try_emplace(std::string(path));
    if (fresh) {
      std::ifstream in{std::string(path)};
      for (std::string s; std::getline(in, s);) it->second.push_back(s);
    }
    return n >= 1 && n <= it->second.size() ? it->second[n - 1] : std::string();
  }

 private:
  std::unordered_map<std::string, std::vector<std::string>> files_;
};

// A file name as go shows it: relative to `dir` when it lies in there, "./x.go" for files directly in it.
std::string shown_file(std::string_view file, std::string_view dir) {
  if (dir.empty()) return std::string(file);
  std::string prefix(dir);
  if (!prefix.ends_with('/')) prefix += '/';
  if (file.starts_with(prefix)) {
    std::string rest(file.substr(prefix.size()));
    return rest.find('/') == std::string::npos ? "./" + rest : rest;
  }
  size_t slash = dir.rfind('/');
  if (slash != std::string_view::npos && slash > 0 && file.starts_with(dir.substr(0, slash + 1)))
    return "../" + std::string(file.substr(slash + 1));
  return std::string(file);
}

std::string place(Pos pos, std::string_view dir, const RenderOptions& o) {
  if (!pos.known()) return "";
  const source::PosBase& base = pos.base();
  // The name of a file may be trimmed for line tables; messages say where it is.
  std::string_view file = base.path && !base.directive ? base.path.text() : pos.file();
  std::string s = fmt::format("{}:{}", printable(shown_file(file, dir)), pos.line());
  if (u32 col = pos.shown_col(); col && o.columns) s += fmt::format(":{}", col);
  return s + ": ";
}

std::string json_string(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (static_cast<u8>(c) < 0x20) out += fmt::format("\\u{:04x}", c);
    else out += c;
  }
  return out + '"';
}

void excerpt(std::string& out, Pos pos, Sources& sources, const RenderOptions& o) {
  if (!pos.known() || !pos.base().path) return;
  u32 physical = static_cast<u32>(static_cast<i64>(pos.line()) - pos.base().line_delta);
  std::string text = sources.line(pos.base().path.text(), physical);
  if (text.empty() || !pos.col()) return;
  std::string number = std::to_string(pos.line());
  out += fmt::format("{} | {}\n{:>{}} | ", number, text, "", number.size());
  for (size_t i = 0; i + 1 < pos.col() && i < text.size(); i++)
    if ((static_cast<u8>(text[i]) & 0xc0) != 0x80)
      out += text[i] == '\t' ? '\t' : ' ';  // columns count bytes, the eye characters
  out += o.color ? "\x1b[1;32m^\x1b[0m\n" : "^\n";
}
}  // namespace

std::string render(const Diagnostics& diags, std::string_view dir, const RenderOptions& o) {
  std::string out;
  Sources sources;
  size_t shown = 0;
  size_t limit = o.limit && diags.assembly() ? o.limit + 1 : o.limit;  // the official assembler says one more
  for (const Diagnostic& d : diags.all()) {
    if (limit && shown == limit) break;
    shown++;
    if (o.json) {
      out += fmt::format("{{\"file\":{},\"line\":{},\"col\":{},\"message\":{}}}\n", json_string(d.pos.file()),
                         d.pos.line(), d.pos.known() ? d.pos.shown_col() : 0, json_string(d.text));
      continue;
    }
    out += o.color ? fmt::format("\x1b[1m{}\x1b[0m", place(d.pos, dir, o)) : place(d.pos, dir, o);
    out += printable_lines(d.text);
    out += '\n';
    if (o.rich) excerpt(out, d.pos, sources, o);
    for (const Note& n : d.notes) {
      out += fmt::format("\t{}{}\n", place(n.pos, dir, o), printable_lines(n.text));
      if (o.rich) excerpt(out, n.pos, sources, o);
    }
    if (o.rich)
      for (const Fix& f : d.fixes) out += fmt::format("\tfix: {}\n", f.text);
    if (shown == limit && !diags.assembly())
      out += place(d.pos, dir, o) + "too many errors\n";  // as gc, also when there are no more
  }
  if (diags.assembly() && !o.json)
    out += shown == limit
               ? "asm: too many errors\n"
               : fmt::format("asm: assembly of {} failed\n", shown_file(diags.assembly().text(), dir));
  return out;
}
}  // namespace vole::diag
