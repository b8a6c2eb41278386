// Identical code folding: instances of one generic function whose code, relocations and tables are the same become one function. Tracebacks show
// instances as "F[...]", so nobody can tell them apart; other functions stay as they are, because their names would.
//
// Folding callees makes callers alike, so rounds go on until one folds nothing. (Tallam et al., Safe ICF: Pointer Safe and Unwinding Aware
// Identical Code Folding in Gold, 2010; here function pointers are not comparable, so only unwinding has to be regarded.)
#include <string>

#include "link/context.h"

namespace vole::link {
using object::FuncInfo;
using object::SymKind;

namespace {
constexpr int MaxRounds = 8;

// The name without what stands between its outermost brackets; empty when there are none.
std::string generic_name(std::string_view name) {
  size_t open = name.find('['), close = name.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return "";
  return std::string(name.substr(0, open + 1)) + std::string(name.substr(close));
}

// Everything about a function that running, unwinding or printing it can show, as bytes.
class Key {
 public:
  Key(Context& c, const Entity& e, std::string name) : c_(c), out_(std::move(name)) {
    const object::Symbol& s = *e.sym;
    add(s.size, s.align, s.abi0, s.no_split, s.wrapper);
    bytes(s.bytes);
    for (const object::Reloc& r : s.relocs) add(r.offset, static_cast<u64>(r.kind), static_cast<u64>(r.addend), c_.entity_of[e.object][r.target->id]);
    tables(*s.func, e.object);
  }
  std::string take() { return std::move(out_); }

 private:
  template <class... T>
  void add(T... values) {
    u64 all[] = {static_cast<u64>(values)...};
    out_.append(reinterpret_cast<const char*>(all), sizeof all);
  }
  void bytes(std::span<const u8> b) {
    add(b.size());
    out_.append(reinterpret_cast<const char*>(b.data()), b.size());
  }
  void text(std::string_view s) { bytes({reinterpret_cast<const u8*>(s.data()), s.size()}); }
  void place(Pos p) {
    text(p.file());
    add(p.line());
  }
  void runs(const std::vector<object::PcValue>& values) {
    add(values.size());
    for (auto& v : values) add(v.end, v.value);
  }
  void maps(u32 bits, const std::vector<std::vector<u8>>& list) {
    add(bits, list.size());
    for (auto& m : list) bytes(m);
  }
  void tables(const FuncInfo& f, u32 object) {
    add(f.frame_size, f.args_size, f.start_line, f.func_id, f.flags, f.deferreturn);
    place(f.decl);
    runs(f.pcsp);
    runs(f.stackmap_index);
    runs(f.unsafe_point);
    for (auto& l : f.lines) {
      add(l.end, l.inl);
      place(l.pos);
    }
    for (auto& n : f.inlines) {
      std::string name = generic_name(n.func.text());
      text(name.empty() ? n.func.text() : name);
      add(n.parent, n.start_line, n.parent_pc, n.func_id);
    }
    maps(f.locals_bits, f.locals_maps);
    maps(f.args_bits, f.args_maps);
    bytes(f.arg_info);
    add(f.open_coded_defers ? c_.entity_of[object][f.open_coded_defers->id] + 1 : 0);
  }

  Context& c_;
  std::string out_;
};
}  // namespace

void fold_identical(Context& c) {
  std::vector<std::pair<u32, std::string>> candidates;   // entity, generic name
  for (u32 i = 0; i < c.entities.size(); i++) {
    Entity& e = c.entities[i];
    if (!e.live || !e.sym || e.sym->kind != SymKind::Text || !e.sym->func || e.sym->alias_of) continue;
    if (std::string name = generic_name(e.name.text()); !name.empty()) candidates.push_back({i, std::move(name)});
  }
  for (int round = 0; round < MaxRounds; round++) {
    absl::flat_hash_map<std::string, u32> first;
    absl::flat_hash_map<u32, u32> folded;
    for (auto& [i, name] : candidates) {
      if (!c.entities[i].live) continue;
      auto [it, fresh] = first.try_emplace(Key(c, c.entities[i], name).take(), i);
      if (fresh) continue;
      folded[i] = it->second;
      c.entities[i].live = false;
    }
    if (folded.empty()) return;
    for (auto& map : c.entity_of)
      for (u32& index : map)
        if (auto it = folded.find(index); it != folded.end()) index = it->second;
    for (auto& [name, index] : c.by_name)
      if (auto it = folded.find(index); it != folded.end()) index = it->second;
  }
}
}  // namespace vole::link
