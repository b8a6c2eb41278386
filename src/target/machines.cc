// Where machines are registered: the one file outside target/<machine>/ that names them.
#include "target/amd64/amd64.h"
#include "target/target.h"

namespace vole::target {
std::span<const Machine* const> machines() {
  static const Machine amd64_machine{amd64_info(), amd64()};
  static const Machine* const all[] = {&amd64_machine};
  return all;
}

const Machine* find(std::string_view goarch) {
  for (const Machine* m : machines())
    if (m->info.name == goarch) return m;
  return nullptr;
}
}  // namespace vole::target
