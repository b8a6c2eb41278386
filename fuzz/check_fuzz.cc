// Whatever parses, with or without mistakes, is checked without a crash. Imports fail: packages come from the driver.
#include "syntax/parse.h"
#include "types/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  std::string text(reinterpret_cast<const char*>(data), size);
  diag::Diagnostics diags;
  std::vector<std::unique_ptr<syntax::File>> files;
  files.push_back(syntax::parse(Name::intern("fuzz.go"), text, diags));
  types::Config config;
  config.import = [](Name path, std::string& error) -> types::Package* {
    if (path == "unsafe") return types::Unsafe;
    error = "no packages here";
    return nullptr;
  };
  types::check(Name::intern("p"), std::move(files), config, diags);
  diags.finish();
  diag::render(diags, "", {});
  return 0;
}
