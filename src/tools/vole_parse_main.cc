// vole-parse FILE...: parses each file, prints its diagnostics, and reports lines and time. Exit status 1
// when a file has errors.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "syntax/parse.h"

int main(int argc, char** argv) {
  using namespace vole;
  diag::Diagnostics diags;
  std::vector<std::string> texts;
  std::vector<std::unique_ptr<syntax::File>> files;
  for (int i = 1; i < argc; i++) {
    std::ifstream in(argv[i]);
    if (!in) {
      std::fprintf(stderr, "vole-parse: cannot read %s\n", argv[i]);
      return 1;
    }
    std::stringstream s;
    s << in.rdbuf();
    texts.push_back(s.str());
  }
  auto start = std::chrono::steady_clock::now();
  size_t lines = 0;
  for (int i = 1; i < argc; i++) {
    files.push_back(syntax::parse(Name::intern(argv[i]), texts[static_cast<size_t>(i - 1)], diags));
    lines += files.back()->line_count;
  }
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  diags.finish();
  std::fputs(diag::render(diags, "", {.limit = 0}).c_str(), stdout);
  std::fprintf(stderr, "%zu files, %zu lines, %.3f s\n", files.size(), lines, seconds);
  return diags.empty() ? 0 : 1;
}
