#include "object/object.h"

namespace vole::object {
Symbol* Object::get(Name name) {
  std::lock_guard lock(mu_);
  auto [it, fresh] = by_name_.try_emplace(name, nullptr);
  if (fresh) it->second = append(name);
  return it->second;
}

Symbol* Object::append(Name name) {
  Symbol& s = symbols.emplace_back();
  s.name = name;
  s.id = static_cast<u32>(symbols.size() - 1);
  return &s;
}

Symbol* Object::find(Name name) {
  std::lock_guard lock(mu_);
  auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : it->second;
}

Symbol* Object::make_local(Name name) {
  std::lock_guard lock(mu_);
  Symbol* s = append(name);
  s->local = true;
  return s;
}

FuncInfo* Object::make_func_info() {
  std::lock_guard lock(mu_);
  return &func_infos.emplace_back();
}

std::span<u8> Object::copy_bytes(std::span<const u8> bytes) {
  std::lock_guard lock(mu_);
  return arena.copy(bytes);
}
}  // namespace vole::object
