// The linker as a list of steps. After each step a fact holds that the later ones rely on.
#include "link/link.h"

#include <algorithm>
#include <memory>

#include "link/context.h"
#include "link/dwarf.h"

namespace vole::link {
bool link(std::span<object::Object* const> objects, const Options& options, std::vector<std::string>& errors) {
  // Inputs may come in any order (packages compile in parallel): from here on they are sorted by path.
  std::vector<object::Object*> sorted(objects.begin(), objects.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->package.text() < b->package.text(); });
  object::Object made;  // what the linker itself defines
  object::Symbol* module = made.get("runtime.firstmoduledata");
  module->kind = object::SymKind::NoPtrData;
  module->align = 8;
  module->size = sizeof(abi::ModuleData);
  sorted.push_back(&made);
  Context c{.objects = sorted, .options = options, .errors = errors};
  auto failed = [&] { return !errors.empty(); };

  resolve(c);           // every name has at most one definition
  if (failed()) return false;
  if (!c.find(options.entry) || !c.find(options.entry)->sym) {
    c.error("no entry point " + options.entry);
    return false;
  }
  mark_reachable(c);    // the program's symbols are known; no undefined one among them
  if (failed()) return false;
  fold_identical(c);    // no two live instances are the same
  lay_out(c);           // text, read-only data and types have addresses
  std::unique_ptr<Dwarf> dwarf;
  if (!options.strip_debug) dwarf = std::make_unique<Dwarf>(c);
  TaskGraph tables;
  tables.add([&] { build_pclntab(c); });
  tables.add([&] { check_nosplit(c); });
  if (dwarf) dwarf->add_measuring(tables);
  tables.run(options.threads);   // the function tables are complete, the size of the debug information is known
  if (failed()) return false;
  add_build_info(c);
  lay_out_data(c);      // everything has an address
  resolve_aliases(c);
  order_init_tasks(c);
  collect_types(c);
  add_module_data(c);   // the runtime's view of all this is complete
  resolve_aliases(c);   // (the sections behind the module's tables have moved)
  write_executable(c, dwarf.get());
  return !failed();
}
}  // namespace vole::link
