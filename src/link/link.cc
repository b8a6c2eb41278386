// The linker as a list of steps. After each step a fact holds that the later ones rely on.
#include "link/link.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "link/context.h"
#include "link/dwarf.h"

namespace vole::link {
namespace {
using Clock = std::chrono::steady_clock;

// Records how long each phase takes, when somebody wants to know.
class PhaseTimer {
 public:
  explicit PhaseTimer(std::vector<Phase>* phases) : phases_(phases) {}
  void end(const char* name) {
    Clock::time_point now = Clock::now();
    if (phases_) phases_->push_back({name, std::chrono::duration<double>(now - last_).count()});
    last_ = now;
  }

 private:
  std::vector<Phase>* phases_;
  Clock::time_point last_ = Clock::now();
};

// Function tables, and the measure of what debug information there will be.
void make_tables(Context& c, Dwarf* dwarf) {
  TaskGraph tasks;
  tasks.add([&] { build_pclntab(c); });
  tasks.add([&] { check_nosplit(c); });
  if (dwarf) dwarf->add_measuring(tasks);
  tasks.run(c.options.threads);
}
}  // namespace

// What a program must have, with gc's words for what it lacks.
static void check_program(Context& c) {
  auto defined = [&](std::string_view name) {
    Entity* e = c.find(name);
    return e && e->sym;
  };
  if (!defined(c.options.entry)) return c.error("no entry point " + c.options.entry);
  bool has_main =
      std::any_of(c.objects.begin(), c.objects.end(), [](auto* o) { return o->package.text() == "main"; });
  if (has_main && !defined("main.main"))
    c.error("runtime.main_main·f: function main is undeclared in the main package");
}

bool link(std::span<object::Object* const> objects, const Options& options,
          std::vector<std::string>& errors) {
  PhaseTimer timer(options.phases);
  // Inputs may come in any order (packages compile in parallel): from here on they are sorted by path.
  std::vector<object::Object*> sorted(objects.begin(), objects.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](auto* a, auto* b) { return a->package.text() < b->package.text(); });
  object::Object made;  // what the linker itself defines
  object::Symbol* module = made.get("runtime.firstmoduledata");
  module->kind = object::SymKind::NoPtrData;
  module->align = 8;
  module->size = sizeof(abi::ModuleData);
  sorted.push_back(&made);
  Context c{.objects = sorted, .options = options, .errors = errors};

  resolve(c);  // every name has at most one definition
  timer.end("resolve");
  if (errors.empty()) check_program(c);
  if (errors.empty() && options.check_linknames) check_linknames(c);
  if (errors.empty()) mark_reachable(c);  // the program's symbols are known; no undefined one among them
  timer.end("reach");
  if (!errors.empty()) return false;
  fold_identical(c);  // no two live instances are the same
  timer.end("fold");
  lay_out(c);  // text, read-only data and types have addresses
  timer.end("layout");
  std::unique_ptr<Dwarf> dwarf;
  if (!options.strip_debug) dwarf = std::make_unique<Dwarf>(c);
  make_tables(c, dwarf.get());
  timer.end("tables");
  if (!errors.empty()) return false;
  add_build_info(c);
  lay_out_data(c);  // everything has an address
  resolve_aliases(c);
  order_init_tasks(c);
  collect_types(c);
  add_module_data(c);  // the runtime's view of all this is complete
  resolve_aliases(c);  // (the sections behind the module's tables have moved)
  timer.end("module");
  write_executable(c, dwarf.get());
  timer.end("write");
  return errors.empty();
}
}  // namespace vole::link
