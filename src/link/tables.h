// Where the parts of the function tables ended up, for the module data.
#pragma once
#include "base/base.h"

namespace vole::link {
struct Range {
  u64 addr = 0, len = 0;  // elements, not bytes
};
struct Tables {
  u64 header = 0;
  Range funcnametab, cutab, filetab, pctab, pclntable, ftab;
  u64 findfunctab = 0, gofunc = 0;
};
}  // namespace vole::link
