// Chooses one definition for every name. Order of the objects decides between equal definitions (dupok), so
// the result does not depend on timing; a definition with content beats a zero one (Bss, weak_def) of a
// linknamed variable.
#include <fmt/format.h>

#include "link/context.h"

namespace vole::link {
using object::Symbol;
using object::SymKind;

namespace {
bool is_bss(const Symbol& s) { return s.kind == SymKind::Bss || s.kind == SymKind::NoPtrBss; }

// How strongly a definition claims its name.
int strength(const Symbol& s) {
  if (s.kind == SymKind::Undef) return 0;
  if (s.weak_def) return 1;
  if (is_bss(s)) return 2;
  return 3;
}
}  // namespace

void resolve(Context& c) {
  c.entity_of.resize(c.objects.size());
  for (u32 o = 0; o < c.objects.size(); o++) {
    auto& map = c.entity_of[o];
    map.resize(c.objects[o]->symbols.size());
    for (Symbol& s : c.objects[o]->symbols) {
      u32 index = static_cast<u32>(c.entities.size());
      if (!s.local) {
        auto [it, fresh] = c.by_name.try_emplace(s.name, index);
        index = it->second;
        if (!fresh) {
          map[s.id] = index;
          Entity& e = c.entities[index];
          int have = e.sym ? strength(*e.sym) : 0, offered = strength(s);
          if (offered > have) {
            e.sym = &s;
            e.object = o;
          } else if (offered == 3 && have == 3 && !(s.dupok && e.sym->dupok)) {
            c.error(fmt::format("duplicated definition of symbol {}, from {} and {}", s.name.text(),
                                c.objects[e.object]->package.text(), c.objects[o]->package.text()));
          }
          continue;
        }
      }
      map[s.id] = index;
      Entity e;
      e.name = s.name;
      e.object = o;
      if (s.kind != SymKind::Undef) e.sym = &s;
      c.entities.push_back(e);
    }
  }
}
}  // namespace vole::link
