// The order of passes: one row each. Rows marked `always` are needed for correctness and run with -N too.
#include "opt/opt.h"

#include <cstdio>

#include "opt/callgraph.h"
#include "opt/pass.h"

namespace vole::opt {
namespace {
struct Row {
  const char* name;
  bool (*run)(Func&, Context&);
  bool always;
};
constexpr Row Rows[] = {
    {"clean", clean_graph,
     true},  // unreachable blocks go: later rows and the code generator need not think of them
    {"simplify", simplify, false},
    {"params", trivial_params, false},
    {"clean2", clean_graph, false},  // constant branches found by simplify
    {"gvn", gvn, false},
    {"simplify2", simplify, false},  // what forwarded loads made constant
    {"clean3", clean_graph, false},
    {"bounds", prove_bounds, false},
    {"divide", divide_by_constants, false},  // behind gvn, which makes equal divisions one
    {"barriers", lower_barriers, true},      // before New becomes a call: fresh objects are still visible
    {"new", lower_new, true},
    {"blocks", lower_blocks, true},
    {"params2", trivial_params, false},
    {"scaled", split_scaled, false},
    {"dead", remove_dead, true},
};

bool disabled(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    if (comma == list.npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

void check(Func& f, const char* row) {
  auto faults = ssa::verify(f);
  if (faults.empty()) return;
  std::string text = ssa::print(f);
  std::fprintf(stderr, "%s\nafter %s: %s\n", text.c_str(), row, faults[0].c_str());
  check_failed(__FILE__, __LINE__, "malformed function after a pass");
}
}  // namespace

void run(Func& f, Module& module, const Options& options) {
  CrashNote note("opt", f.name.text().data(), f.name.text().size());
  Context c{module, options};
  if (options.verify_each) check(f, "irgen");
  for (const Row& row : Rows) {
    if (!row.always && (!options.optimize || disabled(options.disabled, row.name))) continue;
    row.run(f, c);
    if (options.verify_each) check(f, row.name);
  }
}

bool run_one(Func& f, Module& module, const Options& options, std::string_view name) {
  Context c{module, options};
  for (const Row& row : Rows) {
    if (row.name == name) return row.run(f, c), true;
  }
  return false;
}

namespace {
// A function on its way through the module passes: rows by name, skipped when switched off, checked when
// asked for.
struct Step {
  Func& f;
  Context& c;
  template <class Pass>
  bool operator()(const char* name, Pass pass) {
    if (disabled(c.options.disabled, name)) return false;
    bool changed = pass();
    if (c.options.verify_each) check(f, name);
    return changed;
  }
  void clean() {
    (*this)("simplify", [&] { return simplify(f, c); });
    (*this)("params", [&] { return trivial_params(f, c); });
    (*this)("clean", [&] { return clean_graph(f, c); });
  }
};
// Copying a closure's maker may show what the closures it was given are: a few rounds follow such chains.
constexpr int MaxRounds = 4;
}  // namespace

void run_module(Module& m, const Options& options) {
  if (!options.optimize) return;
  Context c{m, options};
  for (auto& f : m.funcs) {
    Step step{*f, c};
    clean_graph(*f, c);
    step.clean();
  }
  CallGraph g(c);
  for (Func* f : g.bottom_up()) {
    CrashNote note("opt", f->name.text().data(), f->name.text().size());
    Step step{*f, c};
    for (int round = 0; round < MaxRounds; round++) {
      bool copied = options.inline_calls && step("inline", [&] { return inline_calls(*f, g, c); });
      if (copied) step.clean();
      if (!copied && round > 0) break;
      step("escape", [&] { return escape(*f, g, c); });
      if (step("promote", [&] { return promote(*f, c); })) {
        step.clean();
      } else if (!copied) {
        break;
      }
    }
    step("dead", [&] { return remove_dead(*f, c); });
  }
}
}  // namespace vole::opt
