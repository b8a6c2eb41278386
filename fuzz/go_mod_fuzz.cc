// Any bytes read as go.mod, go.work and vendor/modules.txt without a crash. The first byte says which file
// the rest is.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "driver/module.h"

namespace {
std::string make_folder() {
  std::string dir = (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + std::string("/vole-fuzz-XXXXXX");
  VOLE_CHECK(mkdtemp(dir.data()));
  return dir;
}
void write(const std::string& path, std::string_view text) {
  FILE* f = std::fopen(path.c_str(), "w");
  VOLE_CHECK(f);
  std::fwrite(text.data(), 1, text.size(), f);
  std::fclose(f);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace vole;
  // A module with a vendor folder, and a workspace beside it.
  static const std::string module = make_folder(), work = make_folder();
  static const bool made = mkdir((module + "/vendor").c_str(), 0755) == 0;
  if (!made || size == 0) return -1;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  int kind = data[0] % 3;
  write(module + "/go.mod", kind == 0 ? text : "module m\ngo 1.27\n");
  write(module + "/vendor/modules.txt", kind == 1 ? text : "");
  write(work + "/go.work", kind == 2 ? text : "go 1.27\n");
  driver::Modules modules;
  std::string error;
  bool ok = modules.find(kind == 2 ? work : module, "go1.27", "", error);
  VOLE_CHECK(ok || !error.empty());
  modules.of("example.com/a/b");
  modules.vendored_version("example.com/a/b");
  return 0;
}
