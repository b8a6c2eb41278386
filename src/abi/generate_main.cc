// Writes the contract's numbers for those who cannot include C++: `abi-generate asm` for the runtime's
// assembly stubs, `abi-generate go` for the overlay's package runtime. Run by the build; the tables are the
// .def files.
#include <cstdio>
#include <cstring>

#include "abi/abi.h"

namespace {
using namespace vole::abi;

void write_asm() {
  std::puts("// Made by abi-generate from src/abi/*.def.");
#define VOLE_OFFSET(name, value) std::printf("#define %s %d\n", #name, value);
#include "abi/layout.def"
#undef VOLE_OFFSET
}

// A Go array's elements, sixteen a line.
template <class F>
void elements(int n, F at) {
  for (int i = 0; i < n; i++) std::printf("%s%d,", i % 16 ? " " : "\n\t", at(i));
  std::puts("\n}");
}

// The first class whose objects hold `size` bytes.
int class_of(int size) {
  int c = 1;
  while (ClassSizes[c] < size) c++;
  return c;
}

void write_go() {
  std::puts("// Made by abi-generate from src/abi/*.def.\n\npackage runtime\n\nconst (");
  std::printf("\tnumClasses      = %d\n", NumClasses);
  std::printf("\tpageSize        = %d\n", PageSize);
  std::printf("\tmaxSmall        = %d // larger objects have pages of their own\n", MaxSmall);
  std::printf("\theaderSize      = %d\n", HeaderSize);
  std::printf(
      "\theaderThreshold = %d // larger objects with pointers start with a word for their type\n)\n\n",
      HeaderThreshold);
  std::printf("var classSizes = [numClasses]uint16{");
  elements(NumClasses, [](int i) { return ClassSizes[i]; });
  std::printf("\n// Class of a size up to headerThreshold, by (size+7)/8.\nvar smallClass = [%d]uint8{",
              HeaderThreshold / 8 + 1);
  elements(HeaderThreshold / 8 + 1, [](int i) { return class_of(i * 8); });
}
}  // namespace

int main(int argc, char** argv) {
  const char* what = argc == 2 ? argv[1] : "";
  if (!std::strcmp(what, "asm")) return write_asm(), 0;
  if (!std::strcmp(what, "go")) return write_go(), 0;
  std::fprintf(stderr, "usage: abi-generate asm|go\n");
  return 2;
}
