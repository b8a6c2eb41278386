// For tests of single steps: symbols of one object, taken through the linker's reader and the steps before.
#pragma once
#include <gtest/gtest.h>

#include "link/context.h"
#include "target/target.h"

namespace vole::link {
class StepsTest : public testing::Test {
 protected:
  static const target::TargetInfo& machine() { return target::machines().front()->info; }
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
    std::vector<u8> file = object::write_elf(object, machine());
    object::Object read;
    std::string error;
    EXPECT_TRUE(object::read_elf(file, machine(), read, error)) << error;
    object::Object* objects[] = {&read};
    std::vector<std::string> errors;
    Options options;
    options.target = &machine();
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
