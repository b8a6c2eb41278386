// Identical code folding: instances of one generic function whose code, relocations and tables are the same
// become one function. Tracebacks show instances as "F[...]", so nobody can tell them apart; other functions
// stay as they are, because their names would.
//
// Folding callees makes callers alike, so rounds go on until one folds nothing. (Tallam et al., Safe ICF:
// Pointer Safe and Unwinding Aware Identical Code Folding in Gold, 2010; here function pointers are not
// comparable, so only unwinding has to be regarded.)
#include <string>

#include "link/context.h"
#include "object/func_tables.h"

namespace vole::link {
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
    for (const object::Reloc& r : s.relocs)
      add(r.offset, static_cast<u64>(r.kind), static_cast<u64>(r.addend),
          c_.entity_of[e.object][r.target->id]);
    tables(object::read_tables(s.tables), *c.objects[e.object]);
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
  // Files and names by their text: objects number them differently.
  void tables(const object::FuncTables& f, const object::Object& o) {
    add(f.frame_size, f.args_size, f.start_line, f.func_id, f.flags, f.deferreturn);
    for (auto t : {f.pcsp, f.pcline, f.pcinline, f.unsafe_point, f.stackmap_index, f.args_map, f.locals_map,
                   f.arg_info})
      bytes(t);
    object::for_each_run(f.pcfile, [&](u32 end, i32 file) {
      add(end);
      text(o.files[static_cast<size_t>(file)].text());
    });
    add(f.inlines.size());
    for (size_t i = 0; i < f.inlines.size(); i += object::FuncTables::InlineSize) {
      std::span<const u8> node = f.inlines.subspan(i, object::FuncTables::InlineSize);
      std::string_view full = o.names[get32(&node[object::FuncTables::InlineName])].text();
      std::string name = generic_name(full);
      text(name.empty() ? full : name);
      bytes(node.first(object::FuncTables::InlineName));
      bytes(node.subspan(object::FuncTables::InlineName + 4));
    }
  }

  Context& c_;
  std::string out_;
};
}  // namespace

// Live instances of functions that have more than one, with the function's name.
static std::vector<std::pair<u32, std::string>> instances(Context& c) {
  std::vector<std::pair<u32, std::string>> all;
  absl::flat_hash_map<std::string, u32> count;
  for (u32 i = 0; i < c.entities.size(); i++) {
    const Entity& e = c.entities[i];
    if (!e.live || !e.sym || e.sym->kind != SymKind::Text || e.sym->tables.empty() || e.sym->alias_of)
      continue;
    std::string name = generic_name(e.name.text());
    if (name.empty()) continue;
    count[name]++;
    all.push_back({i, std::move(name)});
  }
  std::erase_if(all, [&](auto& x) { return count[x.second] < 2; });
  return all;
}

void fold_identical(Context& c) {
  std::vector<std::pair<u32, std::string>> candidates = instances(c);
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
