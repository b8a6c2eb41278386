#include <fmt/format.h>

#include <algorithm>

#include "driver/compile.h"

namespace vole::driver {
std::string go_asm_header(types::Package& package) {
  std::vector<types::Object*> objects;
  for (auto& [name, object] : package.scope->elems) objects.push_back(object);
  std::sort(objects.begin(), objects.end(), [](auto* a, auto* b) { return a->name.text() < b->name.text(); });
  std::string out;
  for (types::Object* o : objects) {
    if (auto* c = o->as<types::Const>()) {
      if (c->value && c->value->kind == types::ConstValue::Int)
        out += fmt::format("#define const_{} {}\n", c->name.text(), c->value->integer.to_string());
    } else if (auto* t = o->as<types::TypeName>()) {
      if (t->is_alias || !t->type) continue;
      auto* n = t->type->as<types::Named>();
      if (!n || n->is_generic()) continue;
      auto* s = types::under(n)->as<types::Struct>();
      if (!s) continue;
      out += fmt::format("#define {}__size {}\n", t->name.text(), types::size_of(s));
      auto offsets = types::field_offsets(s);
      for (size_t i = 0; i < s->fields.size(); i++) {
        if (s->fields[i]->name == "_") continue;
        out += fmt::format("#define {}_{} {}\n", t->name.text(), s->fields[i]->name.text(), offsets[i]);
      }
    }
  }
  return out;
}
}  // namespace vole::driver
