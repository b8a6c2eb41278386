// For tests of single steps: symbols of one object, taken through the linker's reader and the steps before.
#pragma once
#include <gtest/gtest.h>

#include "link/context.h"

namespace vole::link {
class StepsTest : public testing::Test {
 protected:
  object::Symbol* text(const char* name, u64 size) {
    object::Symbol* s = object.get(name);
    s->kind = object::SymKind::Text;
    s->size = size;
    return s;
  }
  // Calls steps(context) once symbols are resolved and what "start" reaches is marked; returns the linker's
  // errors.
  template <class Steps>
  std::vector<std::string> link(Steps&& steps) {
    std::vector<u8> file = object::write_elf(object);
    object::Object read;
    std::string error;
    EXPECT_TRUE(object::read_elf(file, read, error)) << error;
    object::Object* objects[] = {&read};
    std::vector<std::string> errors;
    Options options;
    options.entry = "start";
    Context c{.objects = objects, .options = options, .errors = errors};
    resolve(c);
    mark_reachable(c);
    steps(c);
    return errors;
  }
  object::Object object;
};
}  // namespace vole::link
