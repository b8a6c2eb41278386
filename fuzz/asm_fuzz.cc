// Any bytes are assembled without a crash, or refused with a message; so does the scan for symbols that comes before.
#include "asm/asm.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  std::string text(reinterpret_cast<const char*>(data), size);
  assembler::Options options;
  options.package = Name::intern("p");
  options.go_asm_h = "#define T_size 16\n#define T_f 8\n#define const_c 5\n";
  diag::Diagnostics scanned, diags;
  assembler::SymAbis abis;
  assembler::scan_symabis(Name::intern("fuzz.s"), text, options, abis, scanned);
  object::Object object;
  bool ok = assembler::assemble(Name::intern("fuzz.s"), text, options, object, diags);
  VOLE_CHECK(ok == diags.empty());
  return 0;
}
