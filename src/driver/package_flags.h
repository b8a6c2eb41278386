// -gcflags, -asmflags and -ldflags: words for compiler, assembler and linker, and for which packages they
// are.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/base.h"

namespace vole::driver {
struct BuildOptions;
struct LoadedPackage;

// What words for the compiler and the assembler say, for one package.
struct PackageFlags {
  bool optimize = true;      // -N switches it off
  bool inline_calls = true;  // -l switches it off
  bool columns = true;       // -C leaves them out of messages
  bool all_errors = false;   // -e
  std::string disabled;      // -disable=a,b: passes to leave out (docs/debugging.md)
  std::string lang;          // -lang=go1.N
  std::vector<std::pair<std::string, std::string>> asm_defines;  // -D
};

// The values of one flag, each "[PATTERN=]WORDS".
class WordsByPattern {
 public:
  // False after setting `error`: a value that is not of this form. `flag`: its name, for messages.
  bool read(const std::string& flag, const std::vector<std::string>& values, std::string& error);
  // The words of the last value that is for such a package.
  const std::vector<std::string>& of(const std::function<bool(const std::string& pattern)>& matches) const;
  // All words of all values, value by value.
  const std::vector<std::pair<std::string, std::vector<std::string>>>& all() const { return values_; }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>>
      values_;  // pattern ("" : packages named) → words
};

// False after setting `error`, which names the word that vole does not know or does not follow.
bool read_compiler_words(const std::vector<std::string>& words, PackageFlags& out, std::string& error);
bool read_assembler_words(const std::vector<std::string>& words, PackageFlags& out, std::string& error);
bool read_linker_words(const std::vector<std::string>& words, BuildOptions& out, std::string& error);
}  // namespace vole::driver
