// The predeclared types, constants, functions and package unsafe, and the arenas that types live in.
#include <atomic>

#include "types/internal.h"

namespace vole::types {
namespace {
struct OwnedArena {
  Arena arena;
  OwnedArena* next;
};
std::atomic<OwnedArena*> all_arenas{nullptr};  // keeps them reachable for leak checkers
thread_local OwnedArena* my_arena = nullptr;
}  // namespace

Arena& type_arena() {
  if (__builtin_expect(!my_arena, 0)) {
    my_arena = new OwnedArena;
    my_arena->next = all_arenas.load(std::memory_order_relaxed);
    while (!all_arenas.compare_exchange_weak(my_arena->next, my_arena)) {
    }
  }
  return my_arena->arena;
}

namespace {
struct BasicRow {
  BasicKind kind;
  u16 info;
  const char* name;
};
constexpr BasicRow Rows[] = {
    {BasicKind::Invalid, 0, "invalid type"},
    {BasicKind::Bool, IsBoolean, "bool"},
    {BasicKind::Int, IsInteger, "int"},
    {BasicKind::Int8, IsInteger, "int8"},
    {BasicKind::Int16, IsInteger, "int16"},
    {BasicKind::Int32, IsInteger, "int32"},
    {BasicKind::Int64, IsInteger, "int64"},
    {BasicKind::Uint, IsInteger | IsUnsigned, "uint"},
    {BasicKind::Uint8, IsInteger | IsUnsigned, "uint8"},
    {BasicKind::Uint16, IsInteger | IsUnsigned, "uint16"},
    {BasicKind::Uint32, IsInteger | IsUnsigned, "uint32"},
    {BasicKind::Uint64, IsInteger | IsUnsigned, "uint64"},
    {BasicKind::Uintptr, IsInteger | IsUnsigned, "uintptr"},
    {BasicKind::Float32, IsFloat, "float32"},
    {BasicKind::Float64, IsFloat, "float64"},
    {BasicKind::Complex64, IsComplex, "complex64"},
    {BasicKind::Complex128, IsComplex, "complex128"},
    {BasicKind::String, IsString, "string"},
    {BasicKind::UnsafePointer, 0, "Pointer"},
    {BasicKind::UntypedBool, IsBoolean | IsUntyped, "untyped bool"},
    {BasicKind::UntypedInt, IsInteger | IsUntyped, "untyped int"},
    {BasicKind::UntypedRune, IsInteger | IsUntyped, "untyped rune"},
    {BasicKind::UntypedFloat, IsFloat | IsUntyped, "untyped float"},
    {BasicKind::UntypedComplex, IsComplex | IsUntyped, "untyped complex"},
    {BasicKind::UntypedString, IsString | IsUntyped, "untyped string"},
    {BasicKind::UntypedNil, IsUntyped, "untyped nil"},
};
constexpr size_t BasicCount = std::size(Rows);

constexpr const char* BuiltinNames[] = {
    "append", "cap",     "clear",    "close",  "complex", "copy",      "delete",  "imag",       "len",
    "make",   "max",     "min",      "new",    "panic",   "print",     "println", "real",       "recover",
    "Add",    "Alignof", "Offsetof", "Sizeof", "Slice",   "SliceData", "String",  "StringData",
};

// Everything the universe holds, made once.
struct Universe {
  Basic* basics[BasicCount];
  Basic* byte_type;
  Basic* rune_type;
  Interface* empty_interface;
  Scope scope;
  Scope unsafe_scope;
  Package* unsafe;
  TypeName *byte_name, *rune_name;
  Object *iota, *any, *comparable;
  Named *error_type, *comparable_type;
  Alias* any_alias;

  template <class T>
  T* define(Scope& s, const char* name, Type* type) {
    T* o = type_arena().make<T>();
    o->kind = T::Kind;
    o->name = Name::intern(name);
    o->type = type;
    o->parent = &s;
    if (&s == &unsafe_scope) o->pkg = unsafe;
    s.elems.emplace(o->name, o);
    return o;
  }
  Basic* make_basic(BasicKind kind, const char* name) {
    Basic* b = make_type<Basic>();
    b->basic = kind;
    b->name = Name::intern(name);
    return b;
  }

  Universe() {
    unsafe = new Package;
    unsafe->path = unsafe->name = Name::intern("unsafe");
    unsafe->scope = &unsafe_scope;
    unsafe->complete = true;
    for (size_t i = 0; i < BasicCount; i++) {
      basics[i] = make_basic(Rows[i].kind, Rows[i].name);
      if (Rows[i].kind == BasicKind::Invalid || Rows[i].kind >= BasicKind::UntypedBool) continue;
      define<TypeName>(Rows[i].kind == BasicKind::UnsafePointer ? unsafe_scope : scope, Rows[i].name,
                       basics[i]);
    }
    byte_type = make_basic(BasicKind::Uint8, "byte");
    rune_type = make_basic(BasicKind::Int32, "rune");
    byte_name = define<TypeName>(scope, "byte", byte_type);
    rune_name = define<TypeName>(scope, "rune", rune_type);
    byte_name->is_alias = rune_name->is_alias = true;

    empty_interface = make_type<Interface>();
    empty_interface->type_set = type_arena().make<TypeSet>();
    empty_interface->type_set->list.all = true;

    auto* any_name = define<TypeName>(scope, "any", nullptr);
    any_alias = make_type<Alias>();
    any_alias->obj = any_name;
    any_alias->rhs = any_alias->actual = empty_interface;
    any_name->type = any_alias;
    any_name->is_alias = true;
    any = any_name;

    comparable_type = define_named("comparable");
    Interface* ci = make_type<Interface>();
    ci->type_set = type_arena().make<TypeSet>();
    ci->type_set->list.all = true;
    ci->type_set->comparable = true;
    comparable_type->rhs_ = comparable_type->under_ = ci;
    comparable = comparable_type->obj;

    error_type = define_named("error");
    Interface* ei = make_type<Interface>();
    Func* f = type_arena().make<Func>();
    f->kind = ObjectKind::Func;
    f->name = Name::intern("Error");
    f->is_interface_method = true;
    f->recv_named = error_type;
    Signature* sig = make_type<Signature>();
    Var* res = new_var(basics[static_cast<size_t>(BasicKind::String)]);
    res->is_result = true;
    sig->results = type_arena().copy(std::span<Var* const>(&res, 1));
    sig->recv = new_var(error_type);
    sig->recv->is_param = true;
    f->type = sig;
    ei->methods = type_arena().copy(std::span<Func* const>(&f, 1));
    ei->type_set = type_arena().make<TypeSet>();
    ei->type_set->methods = ei->methods;
    ei->type_set->list.all = true;
    error_type->rhs_ = error_type->under_ = ei;

    auto constant = [&](const char* name, BasicKind kind, bool value) {
      Const* c = define<Const>(scope, name, basics[static_cast<size_t>(kind)]);
      ConstValue* v = type_arena().make<ConstValue>();
      v->kind = kind == BasicKind::UntypedBool ? ConstValue::Bool : ConstValue::Int;
      v->boolean = value;
      c->value = v;
      return c;
    };
    constant("true", BasicKind::UntypedBool, true);
    constant("false", BasicKind::UntypedBool, false);
    iota = constant("iota", BasicKind::UntypedInt, false);

    Object* nil = type_arena().make<Object>();
    nil->kind = ObjectKind::Nil;
    nil->name = Name::intern("nil");
    nil->type = basics[static_cast<size_t>(BasicKind::UntypedNil)];
    nil->parent = &scope;
    scope.elems.emplace(nil->name, nil);

    for (u8 i = 0; i < std::size(BuiltinNames); i++)
      define<Builtin>(i >= static_cast<u8>(BuiltinId::UnsafeAdd) ? unsafe_scope : scope, BuiltinNames[i],
                      basics[0])
          ->id = i;
  }

  Named* define_named(const char* name) {
    TypeName* tn = define<TypeName>(scope, name, nullptr);
    Named* n = make_type<Named>();
    n->obj = tn;
    n->state = 2;
    tn->type = n;
    return n;
  }
  static Var* new_var(Type* t) {
    Var* v = type_arena().make<Var>();
    v->kind = ObjectKind::Var;
    v->type = t;
    return v;
  }
};
Universe& u() {
  static Universe* u = new Universe;
  return *u;
}
}  // namespace

Package* const Unsafe = u().unsafe;
Basic* const InvalidType = u().basics[0];
Basic* const ByteType = u().byte_type;
Basic* const RuneType = u().rune_type;
Interface* const EmptyInterface = u().empty_interface;
Object* const UniverseIota = u().iota;
Object* const UniverseAny = u().any;
Object* const UniverseComparable = u().comparable;

u16 basic_info(BasicKind k) { return Rows[static_cast<size_t>(k)].info; }
Scope* universe() { return &u().scope; }
Basic* basic(BasicKind k) { return u().basics[static_cast<size_t>(k)]; }
TypeName* universe_byte() { return u().byte_name; }
TypeName* universe_rune() { return u().rune_name; }
Type* universe_error() { return u().error_type; }
Type* universe_any() { return u().empty_interface; }
TypeName* universe_any_name() { return static_cast<TypeName*>(u().any); }
Type* universe_comparable() { return u().comparable_type; }

// ---- names --------------------------------------------------------------------------------------

namespace {
struct UpperRange {
  u32 first, last, stride;
};
constexpr UpperRange UpperRanges[] = {
#include "types/upper.inc"
};
}  // namespace

bool is_exported(std::string_view name) {
  if (name.empty()) return false;
  u8 c = static_cast<u8>(name[0]);
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  u32 r = 0;
  size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  if (name.size() < n) return false;
  r = c & (0xff >> (n + 1));
  for (size_t i = 1; i < n; i++) r = r << 6 | (static_cast<u8>(name[i]) & 0x3f);
  for (const UpperRange& range : UpperRanges)
    if (r >= range.first && r <= range.last) return (r - range.first) % range.stride == 0;
  return false;
}
bool Object::exported() const { return is_exported(name.text()); }

bool equal_fold(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (size_t i = 0; i < a.size(); i++)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}
bool same_package(const Package* a, const Package* b) { return a == b || (a && b && a->path == b->path); }
bool same_id(const Object* obj, const Package* pkg, Name name, bool fold_case) {
  if (obj->name == name) {
    if (fold_case || obj->pkg == pkg || obj->exported()) return true;
    return same_package(obj->pkg, pkg);
  }
  return fold_case && equal_fold(obj->name.text(), name.text());
}
}  // namespace vole::types
