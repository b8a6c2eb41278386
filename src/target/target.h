// The machines vole generates code for.
#pragma once
#include "codegen/codegen.h"

namespace vole::target {
const codegen::Target& amd64();
}
