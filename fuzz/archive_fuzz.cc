// Any bytes read as an archive without a crash, and what is said to be a member lies in them.
#include "object/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  std::vector<object::Member> members;
  std::string error;
  bool ok = object::read_archive({data, size}, members, error);
  VOLE_CHECK(ok || !error.empty());
  for (auto& m : members)
    VOLE_CHECK(m.bytes.empty() || (m.bytes.data() >= data && m.bytes.data() + m.bytes.size() <= data + size));
  return 0;
}
