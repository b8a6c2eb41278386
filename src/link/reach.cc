// Finds what the program needs: everything the roots refer to, transitively. Methods are the hard part: a
// method is entered in its type's descriptor, but most are never called that way. The rule has two halves.
//
// Which types can reflection (or an interface) hold a value of?
//   1. Those that the program converts to an interface (UseIface, also of what stands in static data).
//   2. With a type, all that reflect can step to from it: element, key, field (embedded or not, exported or
//      not), pointer to it, parameters and results of a function type, those of an interface's methods. Each is
//      a type descriptor that its descriptor refers to, so the descriptors' graph is followed. Type arguments
//      are reached only as such parts.
//   3. With a method that is kept, its function type (Mtyp) and so its parameters and results: Method(i).Type,
//      and Value.Call gives values of them. A method that is not kept shows no type.
//   Packages that take values apart (encoding/*, text/template, net/rpc) do so by these steps only.
//
// Which methods of such a type can be called?
//   1. Those that have the name and type of an interface method that is called somewhere (UseIfaceMethod).
//   2. Exported ones that are looked up by a constant name (UseNamedMethod: MethodByName("M")), of every type.
//   3. All exported ones when the program looks methods up otherwise (reflect_method: Method(i), or
//      MethodByName of what is no constant, directly, as a method value, or through an interface like
//      reflect.Type; text/template and net/rpc do).
//
// Both halves feed each other, so method entries wait in `methods_` and are tried again until nothing
// changes.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include "link/context.h"

namespace vole::link {
using object::Reloc;
using object::RelocKind;
using object::Symbol;
using object::SymKind;

namespace {
class Reach {
 public:
  explicit Reach(Context& c) : c_(c) {}

  void run() {
    for (std::string_view root :
         {std::string_view(c_.options.entry), std::string_view("main.main"), UnreachableMethod})
      mark(c_.find(root));
    // Initialisation tasks always run, whatever they keep.
    for (u32 o = 0; o < c_.objects.size(); o++)
      if (const Symbol* task = c_.objects[o]->init_task) mark_index(c_.entity_of[o][task->id]);
    do {
      flood();
    } while (try_methods());
  }

 private:
  // One method table entry of a live type: Mtyp, Ifn and Tfn relocations.
  struct Method {
    u32 entity;          // the type descriptor
    size_t first_reloc;  // MethodTypeOff, then MethodOff, MethodOff
  };

  void mark(Entity* e) {
    if (e) mark_index(static_cast<u32>(e - c_.entities.data()));
  }
  void mark_index(u32 i) {
    Entity& e = c_.entities[i];
    if (e.live) return;
    e.live = true;
    if (e.sym) work_.push_back(i);
    else c_.error(fmt::format("undefined symbol: {}", e.name.text()));
  }

  void flood() {
    while (!work_.empty()) {
      u32 i = work_.back();
      work_.pop_back();
      scan(i);
    }
  }

  void scan(u32 index) {
    Entity e = c_.entities[index];
    if (e.sym->reflect_method) all_methods_ = true;
    const auto& map = c_.entity_of[e.object];
    if (e.sym->alias_of) return mark_index(map[e.sym->alias_of->id]);
    const auto& relocs = e.sym->relocs;
    for (size_t r = 0; r < relocs.size(); r++) {
      const Reloc& rel = relocs[r];
      switch (rel.kind) {
        case RelocKind::WeakTypeOff:
        case RelocKind::WeakAbs64: break;
        case RelocKind::MethodTypeOff: methods_.push_back({index, r}); break;
        case RelocKind::MethodOff: break;
        case RelocKind::UseIface: use_iface(map[rel.target->id]); break;
        case RelocKind::UseIfaceMethod:
          called_.insert(method_key(rel.target, rel.addend));
          mark_index(map[rel.target->id]);
          break;
        case RelocKind::UseNamedMethod: {
          std::string_view n = rel.target->name.text();
          named_.insert(Name::intern(n.substr(n.rfind('.') + 1)));
          break;
        }
        default: mark_index(map[rel.target->id]);
      }
    }
    // A type reached from a type that is converted to an interface can itself be reached by reflection.
    if (e.methods_reachable) spread(e);
  }

  void use_iface(u32 i) {
    mark_index(i);
    Entity& e = c_.entities[i];
    if (e.methods_reachable) return;
    e.methods_reachable = true;
    if (e.sym) spread(e);
  }

  void spread(const Entity& e) {
    const auto& map = c_.entity_of[e.object];
    for (const Reloc& rel : e.sym->relocs)
      if (rel.target && rel.target->name.text().starts_with("type:") &&
          (rel.kind == RelocKind::Abs64 || rel.kind == RelocKind::TypeOff))
        use_iface(map[rel.target->id]);
  }

  // The name in a name symbol: "type:.namedata.NAME." of an exported method, "type:.namedata.NAME-" and more
  // of another. The more says which package's name it is where its type does not: a method and the
  // interface's may differ in that.
  static std::string_view method_name(const Symbol* name) {
    constexpr std::string_view Prefix = "type:.namedata.";
    std::string_view n = name->name.text();
    if (n.starts_with(Prefix)) n.remove_prefix(Prefix.size());
    return n.substr(0, n.find_first_of(".-"));
  }
  static Name method_key(std::string_view name, const Symbol* type) {
    std::string key(name);
    ((key += '\n') += type->name.text());
    return Name::intern(key);
  }

  // A method of an interface type is identified by its name symbol and type symbol: the relocations of its
  // entry in the method array, which the descriptor's slice header points to. `offset` is the entry's offset
  // in the array.
  Name method_key(const Symbol* iface, i64 offset) {
    const Symbol* def = iface;
    if (Entity* e = c_.find(iface->name.text()); e && e->sym) def = e->sym;
    for (const Reloc& r : def->relocs)
      if (r.kind == RelocKind::Abs64 && r.offset == abi::InterfaceMethods) offset += r.addend;
    const Symbol *name = nullptr, *type = nullptr;
    for (const Reloc& r : def->relocs) {
      if (r.kind != RelocKind::TypeOff) continue;
      if (r.offset == offset) name = r.target;
      if (r.offset == offset + 4) type = r.target;
    }
    return name && type ? method_key(method_name(name), type) : Name();
  }

  // Marks the methods that have become callable; true when there were any.
  bool try_methods() {
    bool any = false;
    std::vector<Method> rest;
    std::vector<Method> now;
    now.swap(methods_);
    for (const Method& m : now) {
      Entity e = c_.entities[m.entity];
      const auto& relocs = e.sym->relocs;
      if (!e.methods_reachable || !wanted(e, relocs[m.first_reloc])) {
        rest.push_back(m);
        continue;
      }
      any = true;
      const auto& map = c_.entity_of[e.object];
      use_iface(map[relocs[m.first_reloc].target->id]);  // the method's type
      for (size_t r = m.first_reloc + 1; r < m.first_reloc + 3 && r < relocs.size(); r++)
        mark_index(map[relocs[r].target->id]);
    }
    methods_.insert(methods_.end(), rest.begin(), rest.end());
    return any;
  }

  bool wanted(const Entity& type, const Reloc& mtyp) {
    // The method's name precedes Mtyp by four bytes in the same table.
    const Symbol* name = nullptr;
    for (const Reloc& r : type.sym->relocs)
      if (r.kind == RelocKind::TypeOff && r.offset + 4 == mtyp.offset) name = r.target;
    if (!name) return true;
    std::string_view plain = method_name(name);
    bool exported =
        plain.data() + plain.size() < name->name.text().end() && plain.data()[plain.size()] == '.';
    if (exported && (all_methods_ || named_.contains(Name::intern(plain)))) return true;
    return called_.contains(method_key(plain, mtyp.target));
  }

  Context& c_;
  std::vector<u32> work_;
  std::vector<Method> methods_;
  absl::flat_hash_set<Name> called_, named_;
  bool all_methods_ = false;
};
}  // namespace

void mark_reachable(Context& c) { Reach(c).run(); }
}  // namespace vole::link
