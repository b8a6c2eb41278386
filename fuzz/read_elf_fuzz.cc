// Any bytes read as an object without a crash.
#include "object/object.h"
#include "target/target.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  vole::object::Object o;
  std::string error;
  vole::object::read_elf({data, size}, vole::target::machines().front()->info, o, error);
  return 0;
}
