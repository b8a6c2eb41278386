#include "driver/package_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include "base/file.h"
#include "driver/build.h"
#include "driver/flags.h"

namespace vole::driver {
namespace {
// A word taken apart: -NAME, -NAME=VALUE, --NAME.
struct Word {
  std::string_view name, value;
  bool has_value = false;
};
Word take_apart(std::string_view w) {
  if (w.size() < 2 || w[0] != '-') return {};
  w.remove_prefix(w[1] == '-' ? 2 : 1);
  size_t eq = w.find('=');
  if (eq == std::string_view::npos) return {w, {}, false};
  return {w.substr(0, eq), w.substr(eq + 1), true};
}

bool truth(const Word& w, bool& out) {
  constexpr std::string_view Yes[] = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::string_view No[] = {"0", "f", "F", "false", "FALSE", "False"};
  auto in = [&](auto& list) {
    return std::find(std::begin(list), std::end(list), w.value) != std::end(list);
  };
  out = !w.has_value || in(Yes);
  return out || in(No);
}

// Words that gc's tools take and vole has nothing for: to build otherwise than asked would be wrong.
constexpr std::string_view CompilerOthers[] = {
    // clang-format off
    "%", "B", "D", "E", "I", "K", "L", "S", "V", "W", "asan", "asmhdr", "bench", "blockprofile", "buildid",
    "clobberdead", "clobberdeadreg", "coveragecfg", "cpuprofile", "d", "dwarf", "dwarfbasentries",
    "dwarflocationlists", "dynlink", "embedcfg", "env", "errorurl", "gendwarfinl", "goversion", "h", "importcfg",
    "installsuffix", "j", "json", "linkobj", "linkshared", "live", "m", "memprofile", "memprofilerate", "msan",
    "mutexprofile", "nolocalimports", "o", "pack", "pgoprofile", "r", "race", "shared", "smallframes", "spectre",
    "std", "symabis", "t", "traceprofile", "u", "v", "w", "wb",
    // clang-format on
};
constexpr std::string_view AssemblerOthers[] = {"I",       "S",      "V",          "d",          "debug",
                                                "dynlink", "e",      "gensymabis", "linkshared", "o",
                                                "p",       "shared", "spectre",    "v"};
constexpr std::string_view LinkerOthers[] = {
    // clang-format off
    "B", "E", "H", "I", "L", "R", "T", "V", "asan", "aslr", "benchmark", "benchmarkprofile", "bindnow", "buildmode",
    "c", "capturehostobjs", "compressdwarf", "cpuprofile", "d", "debugnosplit", "debugtextsize", "debugtramp", "dumpdep",
    "extar", "extld", "f", "fipso", "funcalign", "g", "h", "importcfg", "installsuffix", "k", "libgcc", "linkmode",
    "linkshared", "memprofile", "memprofilerate", "msan", "n", "o", "pluginpath", "pruneweakmap", "quickpclntab", "r",
    "race", "randlayout", "strictdups", "tmpdir", "v",
    // clang-format on
};

template <size_t N>
bool refuse(const std::string_view (&others)[N], const char* flag, const std::string& word,
            std::string& error) {
  std::string_view name = take_apart(word).name;
  bool known = std::find(std::begin(others), std::end(others), name) != std::end(others);
  error = known ? fmt::format("-{}={} is not supported", flag, printable(word))
                : fmt::format("flag provided but not defined: {} (in -{})", printable(word), flag);
  return false;
}

bool check_lang(std::string_view v, std::string& error) {
  unsigned minor = 0;
  auto end = v.data() + v.size();
  bool ok = v.starts_with("go1.") && v.size() > 4;
  if (ok) {
    auto [at, e] = std::from_chars(v.data() + 4, end, minor);
    ok = e == std::errc() && at == end && (v[4] != '0' || v.size() == 5);
  }
  if (!ok)
    error = fmt::format("invalid value \"{}\" for -lang: should be something like \"go1.12\"", printable(v));
  else if (minor > LanguageMinor)
    error = fmt::format("invalid value \"{}\" for -lang: max known version is \"go1.{}\"", v, LanguageMinor);
  else return true;
  return false;
}

// -l alone switches inlining off; with a number gc counts: 1 is on, as are larger ones.
bool inlining(const Word& w, bool& out) {
  unsigned n = 1;
  auto end = w.value.data() + w.value.size();
  bool flag;
  if (w.has_value && w.value != "true" && w.value != "false") {
    auto [at, e] = std::from_chars(w.value.data(), end, n);
    if (e != std::errc() || at != end) return false;
  } else {
    truth(w, flag);
    n = flag;
  }
  out = n != 1;
  return true;
}
}  // namespace

bool WordsByPattern::read(const std::string& flag, const std::vector<std::string>& values,
                          std::string& error) {
  for (const std::string& value : values) {
    std::string_view v = value;
    while (v.starts_with(' ') || v.starts_with('\t')) v.remove_prefix(1);
    std::string pattern;
    if (!v.empty() && v[0] != '-') {
      size_t eq = v.find('=');
      if (eq == std::string_view::npos || v[0] == '\'' || v[0] == '"')
        return error = fmt::format("invalid value \"{}\" for flag -{}: missing =<value> in <pattern>=<value>",
                                   printable(v), flag),
               false;
      if (eq == 0)
        return error =
                   fmt::format("invalid value \"{}\" for flag -{}: missing <pattern> in <pattern>=<value>",
                               printable(v), flag),
               false;
      pattern = v.substr(0, eq);
      v.remove_prefix(eq + 1);
    }
    values_.push_back({pattern, split_words(v)});
  }
  return true;
}

const std::vector<std::string>& WordsByPattern::of(
    const std::function<bool(const std::string&)>& matches) const {
  static const std::vector<std::string> None;
  for (auto it = values_.rbegin(); it != values_.rend(); ++it)
    if (matches(it->first)) return it->second;
  return None;
}

bool read_compiler_words(const std::vector<std::string>& words, PackageFlags& out, std::string& error) {
  for (size_t i = 0; i < words.size(); i++) {
    Word w = take_apart(words[i]);
    bool flag, ok = true;
    if (w.name == "N") ok = truth(w, flag), out.optimize = !flag;
    else if (w.name == "l") ok = inlining(w, out.inline_calls);
    else if (w.name == "C") ok = truth(w, flag), out.columns = !flag;
    else if (w.name == "e") ok = truth(w, out.all_errors);
    else if (w.name == "disable" && w.has_value) out.disabled = w.value;
    else if (w.name == "lang" && !w.has_value && i + 1 < words.size()) out.lang = words[++i];
    else if (w.name == "lang") out.lang = w.value;
    // These say what is so anyhow, or what holds for each compiler in its own way.
    else if (w.name == "complete" || w.name == "+") ok = truth(w, flag);
    else if (w.name == "c" || w.name == "p" || w.name == "trimpath") i += !w.has_value;
    else if (words[i] == "-d=panic" || words[i] == "-d=checkptr=0") continue;
    else return refuse(CompilerOthers, "gcflags", words[i], error);
    if (!ok)
      return error = fmt::format("invalid value \"{}\" for -{} (in -gcflags)", printable(w.value), w.name),
             false;
  }
  return out.lang.empty() || check_lang(out.lang, error);
}

bool read_assembler_words(const std::vector<std::string>& words, PackageFlags& out, std::string& error) {
  for (size_t i = 0; i < words.size(); i++) {
    Word w = take_apart(words[i]);
    std::string define;
    if (w.name == "trimpath") {
      i += !w.has_value;
      continue;
    }
    if (w.name == "D") define = w.has_value ? std::string(w.value) : i + 1 < words.size() ? words[++i] : "";
    else if (words[i].starts_with("-D")) define = words[i].substr(2);
    else return refuse(AssemblerOthers, "asmflags", words[i], error);
    if (define.empty()) return error = "flag needs an argument: -D (in -asmflags)", false;
    size_t eq = define.find('=');
    out.asm_defines.push_back({define.substr(0, eq), eq == std::string::npos ? "1" : define.substr(eq + 1)});
  }
  return true;
}

bool read_linker_words(const std::vector<std::string>& words, BuildOptions& b, std::string& error) {
  for (size_t i = 0; i < words.size(); i++) {
    Word w = take_apart(words[i]);
    auto value = [&] { return w.has_value ? std::string(w.value) : i + 1 < words.size() ? words[++i] : ""; };
    bool ok = true;
    if (w.name == "s") {
      ok = truth(w, b.strip_symbols);
      b.strip_debug |= b.strip_symbols;
    } else if (w.name == "w") {
      bool strip;
      ok = truth(w, strip);
      b.strip_debug = strip;
    } else if (w.name == "X") {
      std::string set = value();
      size_t eq = set.find('=');
      if (eq == std::string::npos || set.rfind('.', eq) == std::string::npos)
        return error = "-X flag requires argument of the form importpath.name=value", false;
      b.set_strings.push_back({set.substr(0, eq), set.substr(eq + 1)});
    } else if (w.name == "checklinkname") {
      ok = truth(w, b.check_linknames);
    } else if (w.name == "extldflags" || w.name == "buildid") {
      value();
    } else if (w.name != "linkmode" || (w.has_value && w.value != "internal" && w.value != "auto") ||
               (!w.has_value && (i + 1 == words.size() || words[++i] != "internal"))) {
      return refuse(LinkerOthers, "ldflags", words[i], error);
    }
    if (!ok)
      return error = fmt::format("invalid boolean value \"{}\" for -{} (in -ldflags)", printable(w.value),
                                 w.name),
             false;
  }
  return true;
}
}  // namespace vole::driver
