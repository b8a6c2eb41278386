// Any bytes are assembled or refused with a message, without a crash; the scan for symbols comes before.
// Headers are those of VOLE_GOROOT.
#include <cstdlib>

#include "asm/asm.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  std::string text(reinterpret_cast<const char*>(data), size);
  assembler::Options options;
  options.package = Name::intern("p");
  if (const char* goroot = std::getenv("VOLE_GOROOT"))
    options.include_dirs.push_back(std::string(goroot) + "/src/runtime");
  options.go_asm_h = "#define T_size 16\n#define T_f 8\n#define const_c 5\n";
  diag::Diagnostics scanned, diags;
  assembler::SymAbis abis;
  assembler::scan_symabis(Name::intern("fuzz.s"), text, options, abis, scanned);
  object::Object object;
  bool ok = assembler::assemble(Name::intern("fuzz.s"), text, options, object, diags);
  VOLE_CHECK(ok == diags.empty());
  return 0;
}
