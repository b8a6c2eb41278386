// The machines vole makes code for, by name.
#pragma once
#include <span>
#include <string_view>

#include "target/info.h"

namespace vole::codegen {
class Target;
}

namespace vole::target {
// What a machine supplies. Immutable; shared by threads.
struct Machine {
  const TargetInfo& info;
  const codegen::Target& code;  // selection and encoding
};
std::span<const Machine* const> machines();
const Machine* find(std::string_view goarch);  // null: vole makes no code for it
}  // namespace vole::target
