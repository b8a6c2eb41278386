// Any bytes read as export data without a crash. What can be read can be written, and read again.
#include "pkgdata/pkgdata.h"

namespace {
using namespace vole;
types::Package* import(std::string_view path) {
  static auto* other = [] {
    auto* pkg = new types::Package;
    pkg->path = pkg->name = Name::intern("other");
    pkg->scope = pkg->arena.make<types::Scope>();
    pkg->complete = true;
    return pkg;
  }();
  return path == "unsafe" ? types::Unsafe : other;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  std::string error;
  std::vector<std::string> paths;
  pkgdata::references({data, size}, paths);
  auto package = pkgdata::read({data, size}, import, error);
  VOLE_CHECK(package || !error.empty());
  if (!package) return 0;
  std::vector<u8> again = pkgdata::write(*package);
  VOLE_CHECK(pkgdata::read(again, import, error));
  return 0;
}
