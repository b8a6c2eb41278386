// Any bytes read as what importers know about functions without a crash, and so do the bodies in it.
#include "opt/exports.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  std::vector<std::string> packages;
  opt::Exports::packages({data, size}, packages);
  auto exports = opt::Exports::read({data, size});
  if (!exports) return 0;
  object::Object object;
  for (auto& [name, entry] : exports->entries()) exports->body(entry, object);
  return 0;
}
