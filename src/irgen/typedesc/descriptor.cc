// Type descriptors and itabs as GOROOT's internal/abi lays them out. A descriptor is the common part, the
// part of its kind, an uncommon part (types with a name or methods), the variable-length lists of its kind,
// then the methods.
#include <fmt/format.h>

#include <cstring>

#include "irgen/unit.h"

namespace vole::irgen {
using namespace types;

static void append_varint(std::string& out, u64 n) {
  while (n >= 0x80) out += static_cast<char>(n | 0x80), n >>= 7;
  out += static_cast<char>(n);
}

Symbol* Unit::name_symbol(std::string_view name, std::string_view tag, const Package* in, bool exported,
                          bool embedded) {
  std::string id = "type:.namedata.";
  id += name;
  id += exported ? '.' : '-';
  if (!tag.empty()) id += content_name(tag);
  if (in) {
    id += '@';
    append_package_prefix(id, in);
  }
  if (embedded) id += ".embedded";
  Symbol* s = sym(id);
  if (s->kind != SymKind::Undef) return s;
  std::string b(
      1, static_cast<char>((exported ? 1 : 0) | (tag.empty() ? 0 : 2) | (in ? 4 : 0) | (embedded ? 8 : 0)));
  append_varint(b, name.size());
  b += name;
  if (!tag.empty()) {
    append_varint(b, tag.size());
    b += tag;
  }
  put_bytes(s, 0, b);
  u64 size = b.size();
  if (in) {
    put_ptr(s, static_cast<i64>(size), import_path_symbol(in), 0, RelocKind::TypeOff);
    size += 4;
  }
  define(s, SymKind::TypeName, size, 1, true);
  return s;
}

Symbol* Unit::import_path_symbol(const Package* p) {
  std::string path = p->name == "main" ? "main" : std::string(p->path.text());
  Symbol* s = sym("type:.importpath." + path + ".");
  if (s->kind != SymKind::Undef) return s;
  std::string b(1, '\0');
  append_varint(b, path.size());
  b += path;
  put_bytes(s, 0, b);
  define(s, SymKind::TypeName, b.size(), 1, true);
  return s;
}

// Whether this package emits the descriptor of t.
bool Unit::owns_descriptor(const TypeInfo* t, bool& dupok) {
  Type* base = unalias(t->type);
  if (auto* p = base->as<Pointer>()) {
    Type* e = unalias(p->elem);
    if (e->kind == TypeKind::Named || e->kind == TypeKind::Basic) base = e;
  }
  dupok = false;
  if (base->kind == TypeKind::Basic || base == universe_error()) return options.is_runtime;
  if (auto* n = base->as<Named>()) {
    if (!n->targs.empty()) return dupok = true;
    return n->obj->pkg == &pkg;
  }
  return dupok = true;
}

Symbol* Unit::descriptor(const TypeInfo* t) {
  auto it = descriptors_.find(t);
  if (it != descriptors_.end()) return it->second;
  Symbol* s = sym("type:" + std::string(link_string(t).text()));
  descriptors_[t] = s;
  bool dupok;
  if (owns_descriptor(t, dupok) && requested_.insert(s).second) pending_descriptors_.push_back({t, s});
  return s;
}

static Named* named_of(Type* t) {
  t = unalias(t);
  if (auto* n = t->as<Named>()) return n;
  return nullptr;
}

// The package whose unexported names need no qualification in t's descriptor.
static const Package* type_package(Type* t) {
  t = unalias(t);
  if (t == types::basic(BasicKind::UnsafePointer)) return types::Unsafe;
  Named* n = named_of(t);
  if (!n) {
    Type* e = nullptr;
    switch (t->kind) {
      case TypeKind::Pointer: e = t->cast<Pointer>()->elem; break;
      case TypeKind::Slice: e = t->cast<Slice>()->elem; break;
      case TypeKind::Array: e = t->cast<Array>()->elem; break;
      case TypeKind::Chan: e = t->cast<Chan>()->elem; break;
      default: break;
    }
    if (e) n = named_of(e);
  }
  return n ? n->obj->pkg : nullptr;
}

static bool exported_name(Name n) {
  u8 c = n.empty() ? 0 : static_cast<u8>(n.text()[0]);
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  Object o{ObjectKind::TypeName, n};
  return o.exported();
}

Type* Unit::map_group_type(Map* m) {
  Type*& g = map_groups_[m];
  if (g) return g;
  Type *key = m->key, *elem = m->elem;
  if (info(key)->size > abi::MapMaxKeyBytes) key = new_pointer(key);
  if (info(elem)->size > abi::MapMaxElemBytes) elem = new_pointer(elem);
  auto structure = [&](std::initializer_list<std::pair<const char*, Type*>> fields) {
    std::vector<Var*> vars;
    for (auto& [name, t] : fields) {
      Var* v = arena().make<Var>();
      v->kind = ObjectKind::Var;
      v->name = Name::intern(name);
      v->type = t;
      v->is_field = true;
      v->field_index = static_cast<u32>(vars.size());
      vars.push_back(v);
    }
    return new_struct(vars, {});
  };
  Type* slot = structure({{"key", key}, {"elem", elem}});
  Type* made =
      structure({{"ctrl", types::basic(BasicKind::Uint64)}, {"slots", new_array(slot, abi::MapGroupSlots)}});
  return map_groups_[m] = made;
}

static bool need_key_update(const TypeInfo* t) {
  switch (t->kind) {
    case abi::KFloat32:
    case abi::KFloat64:
    case abi::KComplex64:
    case abi::KComplex128:
    case abi::KInterface:
    case abi::KString: return true;
    case abi::KArray: return need_key_update(t->elem);
    case abi::KStruct:
      for (const TypeInfo* f : t->fields)
        if (need_key_update(f)) return true;
      return false;
    default: return false;
  }
}

static bool hash_might_panic(const TypeInfo* t) {
  switch (t->kind) {
    case abi::KInterface: return true;
    case abi::KArray: return hash_might_panic(t->elem);
    case abi::KStruct:
      for (const TypeInfo* f : t->fields)
        if (hash_might_panic(f)) return true;
      return false;
    default: return false;
  }
}

// A slice header at `off` over n elements that stand in the same symbol from `elements` on.
static void put_slice(Unit& u, Symbol* s, i64 off, i64 elements, size_t n) {
  u.put_ptr(s, off, s, elements);
  u.put_int(s, off + 8, 8, n);
  u.put_int(s, off + 16, 8, n);
}

void Unit::emit_descriptor(const TypeInfo* t, Symbol* s) {
  Type* type = unalias(t->type);
  bool dupok;
  owns_descriptor(t, dupok);
  bool named = type->kind == TypeKind::Named || type->kind == TypeKind::Basic;
  std::vector<const MethodSetEntry*> methods;
  if (!t->is_interface())
    for (const MethodSetEntry& m : method_set(type))
      if (m.func->sig()->tparams.empty() && !(m.func->pragma & syntax::Nointerface)) methods.push_back(&m);
  bool uncommon = named || !methods.empty();

  // Sizes of the parts.
  i64 kind_size, data = 0;
  Interface* iface = nullptr;
  switch (t->kind) {
    case abi::KArray: kind_size = abi::ArrayTypeSize; break;
    case abi::KSlice: kind_size = abi::SliceTypeSize; break;
    case abi::KPointer: kind_size = abi::PtrTypeSize; break;
    case abi::KChan: kind_size = abi::ChanTypeSize; break;
    case abi::KFunc: {
      auto* sig = t->under->cast<Signature>();
      kind_size = abi::FuncTypeSize;
      data = 8 * static_cast<i64>(sig->params.size() + sig->results.size());
      break;
    }
    case abi::KInterface:
      iface = t->under->cast<Interface>();
      kind_size = abi::InterfaceTypeSize;
      data = abi::ImethodSize * static_cast<i64>(iface->all_methods().size());
      break;
    case abi::KMap: kind_size = abi::MapTypeSize; break;
    case abi::KStruct:
      kind_size = abi::StructTypeSize, data = abi::StructFieldSize * static_cast<i64>(t->fields.size());
      break;
    default: kind_size = abi::TypeCommonSize;
  }
  i64 lists = kind_size + (uncommon ? abi::UncommonSize : 0);
  i64 method_table = lists + data;
  i64 total = method_table + abi::MethodSize * static_cast<i64>(methods.size());
  s->size = static_cast<u64>(total);

  // Common part.
  put_int(s, abi::TypeSize, 8, static_cast<u64>(t->size));
  put_int(s, abi::TypePtrBytes, 8, static_cast<u64>(t->ptr_bytes));
  put_int(s, abi::TypeHash, 4, type_hash(t));
  u8 flags = 0;
  if (uncommon) flags |= abi::TFlagUncommon;
  if (named) flags |= abi::TFlagNamed;
  if (is_regular_memory(t)) flags |= abi::TFlagRegularMemory;
  if (t->direct_iface) flags |= abi::TFlagDirectIface;
  std::string str(reflect_name(t).text());
  bool exported = false;
  if (str.empty() || str[0] != '*') {
    str.insert(str.begin(), '*');
    flags |= abi::TFlagExtraStar;
    if (Named* n = named_of(type)) exported = exported_name(n->obj->name);
  } else if (auto* p = type->as<Pointer>()) {
    if (Named* n = named_of(p->elem)) exported = exported_name(n->obj->name);
  }
  bool on_demand = t->ptr_bytes / 8 > abi::MaxPtrmaskBytes * 8;
  if (on_demand) flags |= abi::TFlagGCMaskOnDemand;
  put_int(s, abi::TypeTFlag, 1, flags);
  put_int(s, abi::TypeAlign, 1, t->align);
  put_int(s, abi::TypeFieldAlign, 1, t->align);
  put_int(s, abi::TypeKind, 1, t->kind);
  if (Symbol* eq = eq_closure(t)) put_ptr(s, abi::TypeEqual, eq);
  if (on_demand) {
    Symbol* m = sym("type:.gcmask." + std::string(link_string(t).text()));
    if (m->kind == SymKind::Undef) define(m, SymKind::NoPtrBss, 8, 8, true);
    put_ptr(s, abi::TypeGCData, m);
  } else if (t->ptr_bytes) {
    std::span<const u8> mask = pointer_mask(t);
    std::string id = "runtime.gcbits.";
    for (u8 b : mask) id += fmt::format("{:02x}", b);
    Symbol* m = sym(id);
    if (m->kind == SymKind::Undef) {
      put_bytes(m, 0, {reinterpret_cast<const char*>(mask.data()), mask.size()});
      define(m, SymKind::RoData, mask.size(), 8, true);
    }
    put_ptr(s, abi::TypeGCData, m);
  }
  put_ptr(s, abi::TypeStr, name_symbol(str, {}, nullptr, exported, false), 0, RelocKind::TypeOff);
  if (named || (t->kind == abi::KStruct && !method_set(new_pointer(type)).empty())) {
    // reflect could not make *T with its methods.
    const TypeInfo* pt = pointer_to(t);
    put_ptr(s, abi::TypePtrToThis, descriptor(pt), 0, RelocKind::TypeOff);
  } else if (t->kind != abi::KPointer) {
    // Only if something else needs *T.
    put_ptr(s, abi::TypePtrToThis, sym("type:*" + std::string(link_string(t).text())), 0,
            RelocKind::WeakTypeOff);
  }

  // The part of its kind.
  switch (t->kind) {
    case abi::KArray:
      put_ptr(s, abi::ArrayElem, descriptor(t->elem));
      put_ptr(s, abi::ArraySlice, descriptor(info(new_slice(t->elem->type))));
      put_int(s, abi::ArrayLen, 8, static_cast<u64>(t->len));
      break;
    case abi::KSlice: put_ptr(s, abi::SliceElem, descriptor(info(t->under->cast<Slice>()->elem))); break;
    case abi::KPointer: put_ptr(s, abi::PtrElem, descriptor(info(t->under->cast<Pointer>()->elem))); break;
    case abi::KChan: {
      auto* c = t->under->cast<Chan>();
      put_ptr(s, abi::ChanElem, descriptor(info(c->elem)));
      put_int(s, abi::ChanDir, 8,
              c->dir == syntax::ChanType::Both       ? abi::BothDir
              : c->dir == syntax::ChanType::SendOnly ? abi::SendDir
                                                     : abi::RecvDir);
      break;
    }
    case abi::KFunc: {
      auto* sig = t->under->cast<Signature>();
      put_int(s, abi::FuncInCount, 2, sig->params.size());
      put_int(s, abi::FuncOutCount, 2, sig->results.size() | (sig->variadic ? 1 << 15 : 0));
      i64 at = lists;
      for (Var* v : sig->params) put_ptr(s, at, descriptor(info(v->type))), at += 8;
      for (Var* v : sig->results) put_ptr(s, at, descriptor(info(v->type))), at += 8;
      break;
    }
    case abi::KInterface: {
      const Package* home =
          type->kind == TypeKind::Named && type != universe_error() ? type->cast<Named>()->obj->pkg : nullptr;
      if (home) put_ptr(s, abi::InterfacePkgPath, import_path_symbol(home));
      auto ms = iface->all_methods();
      put_slice(*this, s, abi::InterfaceMethods, lists, ms.size());
      for (size_t i = 0; i < ms.size(); i++) {
        Func* m = ms[i];
        bool ex = m->exported();
        i64 at = lists + abi::ImethodSize * static_cast<i64>(i);
        put_ptr(s, at + abi::ImethodName,
                name_symbol(m->name.text(), {}, !ex && m->pkg != home ? m->pkg : nullptr, ex, false), 0,
                RelocKind::TypeOff);
        put_ptr(s, at + abi::ImethodType, descriptor(info(m->sig())), 0, RelocKind::TypeOff);
      }
      break;
    }
    case abi::KMap: {
      auto* m = t->under->cast<Map>();
      const TypeInfo *kt = info(m->key), *vt = info(m->elem);
      const TypeInfo* group = info(map_group_type(m));
      const TypeInfo* slot = group->fields[1]->elem;
      put_ptr(s, abi::MapKey, descriptor(kt));
      put_ptr(s, abi::MapElem, descriptor(vt));
      put_ptr(s, abi::MapGroup, descriptor(group));
      put_ptr(s, abi::MapHasher, hash_closure(kt));
      put_int(s, abi::MapGroupSize, 8, static_cast<u64>(group->size));
      put_int(s, abi::MapKeysOff, 8, static_cast<u64>(group->offsets[1]));
      put_int(s, abi::MapKeyStride, 8, static_cast<u64>(slot->size));
      put_int(s, abi::MapElemsOff, 8, static_cast<u64>(group->offsets[1] + slot->offsets[1]));
      put_int(s, abi::MapElemStride, 8, static_cast<u64>(slot->size));
      put_int(s, abi::MapElemOff, 8, static_cast<u64>(slot->offsets[1]));
      u32 mf = 0;
      if (need_key_update(kt)) mf |= abi::MapNeedKeyUpdate;
      if (hash_might_panic(kt)) mf |= abi::MapHashMightPanic;
      if (kt->size > abi::MapMaxKeyBytes) mf |= abi::MapIndirectKey;
      if (vt->size > abi::MapMaxElemBytes) mf |= abi::MapIndirectElem;
      put_int(s, abi::MapFlags, 4, mf);
      // A named map and its underlying map must hash alike, whoever makes the second.
      if (t->under != type) s->relocs.push_back({0, RelocKind::Keep, descriptor(info(t->under)), 0});
      break;
    }
    case abi::KStruct: {
      auto* st = t->under->cast<Struct>();
      const Package* home = nullptr;
      for (Var* v : st->fields)
        if (!v->exported()) {
          home = v->pkg;
          break;
        }
      if (home) put_ptr(s, abi::StructPkgPath, import_path_symbol(home));
      put_slice(*this, s, abi::StructFields, lists, st->fields.size());
      for (size_t i = 0; i < st->fields.size(); i++) {
        Var* v = st->fields[i];
        i64 at = lists + abi::StructFieldSize * static_cast<i64>(i);
        std::string_view tag = i < st->tags.size() ? st->tags[i].text() : std::string_view();
        put_ptr(s, at + abi::StructFieldName,
                name_symbol(v->name.text(), tag, nullptr, v->exported(), v->embedded));
        put_ptr(s, at + abi::StructFieldType, descriptor(t->fields[i]));
        put_int(s, at + abi::StructFieldOffset, 8, static_cast<u64>(t->offsets[i]));
      }
      break;
    }
    default: break;
  }

  if (uncommon) {
    const Package* home = type_package(type);
    if (home) put_ptr(s, kind_size + abi::UncommonPkgPath, import_path_symbol(home), 0, RelocKind::TypeOff);
    size_t exported_count = 0;
    for (const MethodSetEntry* m : methods) exported_count += m->func->exported();
    put_int(s, kind_size + abi::UncommonMcount, 2, methods.size());
    put_int(s, kind_size + abi::UncommonXcount, 2, exported_count);
    put_int(s, kind_size + abi::UncommonMoff, 4, static_cast<u64>(method_table - kind_size));
    for (size_t i = 0; i < methods.size(); i++) {
      Func* m = methods[i]->func;
      bool ex = m->exported();
      i64 at = method_table + abi::MethodSize * static_cast<i64>(i);
      put_ptr(s, at + abi::MethodName,
              name_symbol(m->name.text(), {}, !ex && m->pkg != home ? m->pkg : nullptr, ex, false), 0,
              RelocKind::TypeOff);
      put_ptr(s, at + abi::MethodMtyp, descriptor(info(m->sig())), 0, RelocKind::MethodTypeOff);
      put_ptr(s, at + abi::MethodIfn, iface_method_symbol(t, m), 0, RelocKind::MethodOff);
      put_ptr(s, at + abi::MethodTfn, method_symbol(t, *methods[i]), 0, RelocKind::MethodOff);
    }
  }
  if (s->relocs.empty()) touched_.push_back(s);
  define(s, SymKind::TypeDesc, static_cast<u64>(total), 8, dupok);
}

// Names, hidden parts and all: descriptors of declared types exist whether this package uses them or not.
void Unit::emit_owned_types() {
  for (TypeName* n : pkg.type_names) {
    if (n->is_alias || !n->type || n->type->kind != TypeKind::Named) continue;
    auto* named = n->type->cast<Named>();
    if (named->is_generic() || named->has_tparams || !named->implicit_tparams.empty() || n->name == "_")
      continue;
    if (auto* i = under(named)->as<Interface>(); i && !i->is_method_set()) continue;
    descriptor(info(named));
    descriptor(info(new_pointer(named)));
  }
  if (!options.is_runtime) return;
  for (int k = static_cast<int>(BasicKind::Bool); k <= static_cast<int>(BasicKind::UnsafePointer); k++) {
    Type* b = types::basic(static_cast<BasicKind>(k));
    descriptor(info(b));
    descriptor(info(new_pointer(b)));
    descriptor(info(new_pointer(new_slice(b))));
  }
  for (Type* t : {universe_error(), universe_any()}) {
    descriptor(info(t));
    descriptor(info(new_pointer(t)));
    descriptor(info(new_pointer(new_slice(t))));
  }
  Type* err[] = {universe_error()};
  Type* str[] = {types::basic(BasicKind::String)};
  descriptor(info(new_signature(err, str, false)));
}

Symbol* Unit::itab(const TypeInfo* concrete, const TypeInfo* iface) {
  std::string id = "go:itab.";
  id += link_string(concrete).text();
  id += ',';
  id += link_string(iface).text();
  Symbol* s = sym(id);
  if (!requested_.insert(s).second) return s;
  auto methods = iface->under->cast<Interface>()->all_methods();
  put_ptr(s, abi::ItabInter, descriptor(iface));
  put_ptr(s, abi::ItabType, descriptor(concrete));
  put_int(s, abi::ItabHash, 4, type_hash(concrete));
  for (size_t i = 0; i < methods.size(); i++)
    put_ptr(s, abi::ItabFun + 8 * static_cast<i64>(i), iface_method_symbol(concrete, methods[i]), 0,
            RelocKind::WeakAbs64);
  define(s, SymKind::Itab, abi::ItabFun + 8 * methods.size(), 8, true);
  return s;
}
}  // namespace vole::irgen
