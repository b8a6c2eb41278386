// Any bytes parse without a crash, and expressions of what was parsed can be printed.
#include "syntax/parse.h"
#include "syntax/print.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  std::string text(reinterpret_cast<const char*>(data), size);
  diag::Diagnostics diags;
  auto file = syntax::parse(Name::intern("fuzz.go"), text, diags);
  VOLE_CHECK(!file->has_errors || !diags.empty());
  diags.finish();
  diag::render(diags, "", {});
  for (syntax::Decl* d : file->decls)
    if (auto* v = d->as<syntax::VarDecl>()) syntax::expr_list_string(v->values);
  return 0;
}
