// Diagnostics as data. Parser and checker report; the driver sorts and renders. A Diagnostics belongs to one
// package and one thread. Message style is gc's: lower case, no full stop; the text is exactly what `go
// build` prints after "file:line:col: ".
#pragma once
#include <fmt/format.h>

#include <string>
#include <vector>

#include "source/pos.h"

namespace vole::diag {
enum class Code : u16 {
#define VOLE_DIAG(name) name,
#include "diag/codes.def"
#undef VOLE_DIAG
};
std::string_view code_name(Code c);

struct Note {
  Pos pos;
  std::string text;
};
struct Fix {  // what certainly makes it right, in words
  Pos pos;
  std::string text;
};
struct Diagnostic {
  Code code;
  Pos pos;
  std::string text;  // may hold several lines; continuation lines start with a tab as gc prints them
  std::vector<Note> notes;
  std::vector<Fix> fixes;
  bool soft = false;  // does not make types unusable (unused variable or import)
};

class Diagnostics {
 public:
  template <class... Args>
  Diagnostic& report(Code code, Pos pos, fmt::format_string<Args...> f, Args&&... args) {
    return add({code, pos, fmt::format(f, std::forward<Args>(args)...), {}, {}, false});
  }
  Diagnostic& add(Diagnostic d);
  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }
  const std::vector<Diagnostic>& all() const { return list_; }
  // The errors are the assembler's, of the file `path`, whose messages end in a line about the whole file.
  void of_assembly(Name path) { assembly_ = path; }
  Name assembly() const { return assembly_; }
  // Drops repeats on one line as gc does, and sorts by position (stable). Once, after the last report.
  void finish();
  void sort();

 private:
  void drop_repeats();
  std::vector<Diagnostic> list_;
  Name assembly_;
};

struct RenderOptions {
  bool rich = false;  // source line, caret, notes, fixes
  bool color = false;
  bool json = false;
  bool columns = true;  // behind line numbers
  size_t limit = 10;    // at the last of these: "too many errors"; 0 = no limit (-e)
};
// Renders sorted diagnostics as text. File names are shown relative to `dir` where that is shorter, as go
// build does ("./x.go:1:2: …").
std::string render(const Diagnostics& diags, std::string_view dir, const RenderOptions& options);
}  // namespace vole::diag
