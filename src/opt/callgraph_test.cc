// The order in which functions are optimised, and what is found by symbol.
#include "opt/callgraph.h"

#include <gmock/gmock.h>

namespace vole::opt {
namespace {
struct Case {
  object::Object object;
  ssa::Module module;
  Options options;
  Context context{module, options};
  explicit Case(std::string_view text) {
    module.object = &object;
    std::string error;
    EXPECT_TRUE(ssa::parse(text, object, module.funcs, error)) << error;
  }
};
std::vector<std::string> names(const CallGraph& g) {
  std::vector<std::string> r;
  for (const Func* f : g.bottom_up()) r.emplace_back(f->name.text());
  return r;
}

TEST(CallGraph, CalleesComeFirst) {
  Case c(R"(
func @top () { b0: v0 = call @middle sig () -> (); v1 = call @leaf sig () -> (); ret }
func @middle () { b0: v0 = call @leaf sig () -> (); v1 = call @elsewhere sig () -> (); ret }
func @leaf () { b0: ret }
)");
  EXPECT_THAT(names(CallGraph(c.context)), testing::ElementsAre("leaf", "middle", "top"));
}

TEST(CallGraph, FunctionsOfOneCycleShareAComponent) {
  Case c(R"(
func @top () { b0: v0 = call @even sig () -> (); ret }
func @even () { b0: v0 = call @odd sig () -> (); ret }
func @odd () { b0: v0 = call @even sig () -> (); ret }
func @alone () { b0: v0 = call @alone sig () -> (); ret }
)");
  CallGraph g(c.context);
  auto component = [&](std::string_view name) { return g.component(g.own(c.object.get(name))); };
  EXPECT_EQ(component("even"), component("odd"));
  EXPECT_NE(component("even"), component("top"));
  EXPECT_NE(component("even"), component("alone"));
  EXPECT_EQ(names(g).size(), 4u);
}

TEST(CallGraph, FindsFunctionsOfThisModuleAlone) {
  Case c("func @here () { b0: v0 = call @elsewhere sig () -> (); ret }");
  CallGraph g(c.context);
  EXPECT_EQ(g.find(c.object.get("here")), c.module.funcs[0].get());
  EXPECT_EQ(g.find(c.object.get("elsewhere")), nullptr);
  EXPECT_EQ(g.component(nullptr), 0u);
}

TEST(CallGraph, CodeOfAClosure) {
  Case c(R"(
func @body () { b0: ret }
func @f () {
b0:
  v0: ptr = new layout(16,8,10)
  v1: ptr = symaddr @body
  store v0, v1 !nobarrier
  v2 = callclosure v0 sig () -> ();
  ret
})");
  Value* object = c.module.funcs[1]->blocks[0]->first;
  EXPECT_EQ(code_of_closure(object, c.module), c.object.get("body"));
}
}  // namespace
}  // namespace vole::opt
