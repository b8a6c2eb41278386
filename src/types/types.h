// Types and objects: what the checker makes of a package and what irgen, pkgdata and other packages' checkers
// read.
//
// Types are compared with identical() (structural, as the specification says); Basic, Named (by declaration;
// instances by origin and arguments) and TypeParam are unique, so pointer equality decides for them and is
// the fast path for all. Aliases are resolved away except for their name in messages.
//
// Lifetime: universe objects live for ever; everything else lives in the arena of the Package that made it,
// and packages live as long as any importer may be compiled. Thread safety: a package's objects are built by
// the one thread that checks it; once `Package::complete` is set everything reachable is immutable, except
// instances of generic types, whose expansion is guarded (see Named::expand).
#pragma once
#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/name.h"
#include "bignum/bignum.h"
#include "source/pos.h"
#include "syntax/ast.h"

namespace vole::types {
struct Package;
struct Scope;
struct Object;
struct TypeName;
struct Var;
struct Func;
struct Named;
struct TypeParam;

// ---- types --------------------------------------------------------------------------------------

// clang-format off
enum class TypeKind : u8 {
  Basic, Pointer, Slice, Array, Map, Chan, Struct, Tuple, Signature, Interface, Named, TypeParam, Union, Alias
};
// clang-format on

// clang-format off
enum class BasicKind : u8 {
  Invalid, Bool, Int, Int8, Int16, Int32, Int64, Uint, Uint8, Uint16, Uint32, Uint64, Uintptr, Float32,
  Float64, Complex64, Complex128, String, UnsafePointer, UntypedBool, UntypedInt, UntypedRune, UntypedFloat,
  UntypedComplex, UntypedString, UntypedNil,
};
// clang-format on

struct Type {
  TypeKind kind;
  bool has_tparams = false;  // mentions a type parameter (so substitution may change it); set when complete,
                             // may be conservatively true
  mutable std::atomic<u32> hash{0};  // type_hash() once it is known for good, else 0
  std::atomic<void*> irgen_info{
      nullptr};  // cache slot of irgen (layout, descriptor symbol); never read by types/

  Type(TypeKind k) : kind(k) {}
  template <class T>
  T* as() {
    return kind == T::Kind ? static_cast<T*>(this) : nullptr;
  }
  template <class T>
  const T* as() const {
    return kind == T::Kind ? static_cast<const T*>(this) : nullptr;
  }
  template <class T>
  T* cast() {
    VOLE_DCHECK(kind == T::Kind);
    return static_cast<T*>(this);
  }
  template <class T>
  const T* cast() const {
    VOLE_DCHECK(kind == T::Kind);
    return static_cast<const T*>(this);
  }
  // The underlying type: resolves Named and Alias; a TypeParam's is its constraint interface.
  Type* underlying();
};

struct Basic : Type {
  static constexpr TypeKind Kind = TypeKind::Basic;
  BasicKind basic;
  Name name;
};
struct Pointer : Type {
  static constexpr TypeKind Kind = TypeKind::Pointer;
  Type* elem;
};
struct Slice : Type {
  static constexpr TypeKind Kind = TypeKind::Slice;
  Type* elem;
};
struct Array : Type {
  static constexpr TypeKind Kind = TypeKind::Array;
  Type* elem;
  i64 len;                    // -1: unknown (error)
  std::atomic<i64> size{-2};  // size_of(), -2 until it is asked for
};
struct Map : Type {
  static constexpr TypeKind Kind = TypeKind::Map;
  Type* key;
  Type* elem;
};
struct Chan : Type {
  static constexpr TypeKind Kind = TypeKind::Chan;
  syntax::ChanType::Dir dir;
  Type* elem;
};
struct StructLayout {
  std::span<const i64> offsets;  // -1 from the first field that does not fit
  i64 size;                      // -1: does not fit
  i64 align;
};
struct Struct : Type {
  static constexpr TypeKind Kind = TypeKind::Struct;
  std::span<Var*> fields;
  std::span<Name> tags;                              // unquoted; empty span when no field has one
  std::atomic<const StructLayout*> layout{nullptr};  // once it is asked for
};
struct Tuple : Type {  // results of a call; nullptr stands for none
  static constexpr TypeKind Kind = TypeKind::Tuple;
  std::span<Var*> vars;
};
struct Signature : Type {
  static constexpr TypeKind Kind = TypeKind::Signature;
  std::span<TypeParam*> tparams;       // of a generic function or method
  std::span<TypeParam*> recv_tparams;  // of a method of a generic type, as this declaration names them
  Var* recv = nullptr;                 // methods; not part of identity
  std::span<Var*> params;
  std::span<Var*> results;
  bool variadic = false;  // the last parameter then has a Slice type (or string for append([]byte, s...))
};
struct Union : Type {
  static constexpr TypeKind Kind = TypeKind::Union;
  struct Term {
    bool tilde;
    Type* type;
  };
  std::span<Term> terms;
};
struct TypeSet;  // internal to types/: computed on demand
struct Interface : Type {
  static constexpr TypeKind Kind = TypeKind::Interface;
  std::span<Func*> methods;  // explicitly declared
  std::span<Type*> embeddeds;
  std::span<Pos> embed_pos;
  bool implicit = false;  // the interface around a constraint literal such as [T ~int]
  bool complete = true;   // false while the checker collects its elements
  TypeSet* type_set = nullptr;
  // All methods including embedded ones, in abi order: exported names first, then by name, then by package
  // path.
  std::span<Func* const> all_methods();
  bool is_empty() { return all_methods().empty() && is_method_set(); }
  bool is_method_set();  // false when it holds type terms or comparable
};
struct TypeParam : Type {
  static constexpr TypeKind Kind = TypeKind::TypeParam;
  TypeName* obj;
  u32 index;              // in its list
  Type* bound = nullptr;  // constraint
  u64 id;                 // unique in the process
};
struct Alias : Type {
  static constexpr TypeKind Kind = TypeKind::Alias;
  TypeName* obj;
  std::span<TypeParam*> tparams;
  std::span<Type*> targs;
  Alias* origin = nullptr;  // generic alias this is an instance of
  Type* rhs = nullptr;     // as declared; null while being declared; of an instance: substituted on first use
                           // (alias_rhs)
  Type* actual = nullptr;  // never an Alias once resolved
};
struct Named : Type {
  static constexpr TypeKind Kind = TypeKind::Named;
  TypeName* obj;                  // of the declaration, also for instances
  Named* origin = nullptr;        // generic type this is an instance of; null otherwise
  std::span<Type*> targs;         // of an instance
  std::span<TypeParam*> tparams;  // of a generic type (not of instances)
  // Declared methods in source order; for instances, methods with substituted signatures (Func::origin points
  // at the generic one).
  std::span<Func*> methods();
  Func* method(Package* pkg, Name name);  // declared method by name, or null
  // Underlying type, never Named. For instances computed on first use; thread safe.
  Type* resolved();
  bool is_generic() const { return !tparams.empty(); }

  // Type parameters of the generic function or method a local type is declared in (it depends on them like on
  // its own). Instances made by substitute() carry their arguments first in `targs`, before explicit ones.
  std::span<TypeParam*> implicit_tparams;

  // checker and pkgdata only:
  Type* rhs_ = nullptr;  // right-hand side of the declaration; of an instance: substituted on first use
  Type* under_ = nullptr;
  std::span<Func*> methods_;
  std::atomic<u8> state{0};   // 0 declared, 1 expanding, 2 complete
  u32 local_index = 0;        // type declared inside a function: gc's ·N number, else 0
  Func* enclosing = nullptr;  // function it is declared in, null at package level
};

inline Type* under(Type* t) { return t->underlying(); }
Type* unalias(Type* t);
bool identical(const Type* a, const Type* b);
// "go/types" string: qualified by package path with `qualify_path`, else by package name unless pkg ==
// `relative_to`.
std::string type_string(Type* t, Package* relative_to = nullptr, bool qualify_path = false);

// ---- constants ----------------------------------------------------------------------------------

struct StringParts;  // internal to types/: operands of a concatenation
struct ConstValue {
  enum Kind : u8 { Unknown, Bool, String, Int, Float, Complex } kind = Unknown;
  bool boolean = false;
  std::string_view literal;  // in an arena; a string that is no concatenation
  const StringParts* parts = nullptr;
  bignum::Int integer;
  bignum::Float real,
      imag;  // Float uses real. Floats that must be exact are kept as rationals inside bignum::Float

  // Of a String. Long concatenations are put together when their text is first asked for; thread safe.
  std::string_view string() const { return parts ? joined() : literal; }
  size_t string_size() const;

 private:
  std::string_view joined() const;
};

// ---- objects ------------------------------------------------------------------------------------

enum class ObjectKind : u8 { PkgName, Const, TypeName, Var, Func, Label, Builtin, Nil };

struct Object {
  ObjectKind kind;
  Name name;
  Package* pkg = nullptr;  // null in the universe
  Pos pos;
  Type* type = nullptr;
  Scope* parent = nullptr;  // declaring scope; null for local objects
  bool used = false;
  u32 order = 0;  // checker: 1 + index among its package's declarations; 0 for local and universe objects
  template <class T>
  T* as() {
    return kind == T::Kind ? static_cast<T*>(this) : nullptr;
  }
  template <class T>
  const T* as() const {
    return kind == T::Kind ? static_cast<const T*>(this) : nullptr;
  }
  bool exported() const;
};
struct PkgName : Object {
  static constexpr ObjectKind Kind = ObjectKind::PkgName;
  Package* imported;
};
struct Const : Object {
  static constexpr ObjectKind Kind = ObjectKind::Const;
  const ConstValue* value = nullptr;
};
struct TypeName : Object {
  static constexpr ObjectKind Kind = ObjectKind::TypeName;
  bool is_alias = false;
};
// What //go:linkname says of a function or variable, with or without another name: other packages may refer
// to it (LinknameStd: those of the standard library), or it is another package's.
enum class LinkMark : u8 { None, Linkname, LinknameStd };
struct Var : Object {
  static constexpr ObjectKind Kind = ObjectKind::Var;
  bool is_field = false, embedded = false, is_param = false, is_result = false;
  bool captured = false;  // used by a function literal (or range-over-func body) inside its function
  bool address_taken =
      false;  // &x, x[:] of an array, method call with pointer receiver on x, or captured by reference
  bool reassigned = false;        // assigned after its declaration (so capture by value is not allowed)
  bool loop_var = false;          // per-iteration variable of a for statement
  syntax::Node* owner = nullptr;  // local variables: the FuncDecl or FuncLit whose frame holds it; null for
                                  // package variables and fields
  u32 field_index = 0;
  Var* origin = nullptr;  // field or parameter of an instance: the generic one
  Name linkname;          // package variables: symbol name that //go:linkname gives
  LinkMark link_mark = LinkMark::None;
  void* irgen_data = nullptr;  // for irgen: while its package is compiled
};
struct Func : Object {
  static constexpr ObjectKind Kind = ObjectKind::Func;
  Signature* sig() const { return static_cast<Signature*>(type); }
  syntax::FuncDecl* decl = nullptr;  // null for interface methods and for functions read from export data
                                     // until their body is asked for
  Func* origin = nullptr;            // method of an instantiated type: the generic declaration
  Named* recv_named = nullptr;  // methods: the receiver's base type (instance or plain); null for functions
  bool ptr_recv = false;
  bool is_interface_method = false;
  Name linkname;  // symbol name that //go:linkname gives
  LinkMark link_mark = LinkMark::None;
  u32 pragma = 0;
  u32 init_index = 0;            // the n-th `init` function
  u32 first_local_type = 0;      // local_index of the first type declared in its body, 0 when there is none
  syntax::File* file = nullptr;  // for generic bodies: the file whose imports its body sees
};
struct Builtin : Object {
  static constexpr ObjectKind Kind = ObjectKind::Builtin;
  u8 id;  // BuiltinId
};

// clang-format off
enum class BuiltinId : u8 {
  Append, Cap, Clear, Close, Complex, Copy, Delete, Imag, Len, Make, Max, Min, New, Panic, Print, Println,
  Real, Recover, UnsafeAdd, UnsafeAlignof, UnsafeOffsetof, UnsafeSizeof, UnsafeSlice, UnsafeSliceData,
  UnsafeString, UnsafeStringData,
};
// clang-format on

// x.f: how a selector reaches a field or method.
struct Selection {
  enum Kind : u8 { Field, MethodValue, MethodExpr } kind;  // MethodValue also for calls x.m()
  Type* recv;                                              // type of x
  Object* obj;                                             // Var (field) or Func
  std::span<const u32> path;  // field indices to walk; for methods without the last step (the method itself)
  bool indirect;              // some step (or x) is a pointer that is dereferenced
};

struct Scope {
  Scope* parent = nullptr;
  absl::flat_hash_map<Name, Object*> elems;
  bool is_func = false;
  Object* lookup(Name n) const {
    auto it = elems.find(n);
    return it == elems.end() ? nullptr : it->second;
  }
};

// Result of lookup_field_or_method.
struct Lookup {
  Object* obj = nullptr;  // null: not found (or ambiguous)
  std::vector<u32> path;  // embedded fields walked, then the field's or method's own index
  bool indirect = false;  // a pointer was dereferenced on the path
  bool ambiguous = false;
  bool ptr_recv_needed = false;  // found, but has a pointer receiver and T is not addressable
};
Lookup lookup_field_or_method(Type* t, bool addressable, Package* pkg, Name name, bool fold_case = false);

// The method set of t (of *T when t is a pointer to a named or struct type), in abi order, promoted methods
// included. Cached and thread safe.
struct MethodSetEntry {
  Func* func;
  std::span<const u32> path;  // embedded fields to walk from t
  bool indirect;
};
std::span<const MethodSetEntry> method_set(Type* t);
const MethodSetEntry* find_in_method_set(
    Type* t, const Func* m);  // what implements interface method m; null when nothing does

// ---- packages -----------------------------------------------------------------------------------

// One step of package variable initialisation: lhs... = rhs, in order.
struct Initializer {
  std::span<Var*> lhs;
  syntax::Expr* rhs;
  syntax::VarDecl* decl;
};

struct Package {
  Name path;  // import path; "main" stays as given by the driver
  Name name;
  Scope* scope = nullptr;         // package-level objects
  std::vector<Package*> imports;  // direct, sorted by path
  std::vector<std::unique_ptr<syntax::File>> files;
  std::vector<Initializer> init_order;
  std::vector<Func*>
      funcs;  // all declared functions and methods with or without body, source order (files in given order)
  std::vector<TypeName*> type_names;  // package-level and local non-generic declared types, source order
  std::vector<Named*> local_types;    // types declared in functions, generic ones included
  std::vector<Var*> vars;             // package-level, source order (blank ones included)
  struct EmbedVar {
    Var* var;
    syntax::VarDecl* decl;
  };
  std::vector<EmbedVar> embeds;
  Name go_version;  // from go.mod, "go1.27"
  bool complete = false;
  bool imports_unsafe = false;
  Arena arena;
};

extern Package* const Unsafe;  // package unsafe
Scope* universe();
Basic* basic(BasicKind k);
TypeName* universe_byte();  // aliases keep their own TypeName objects
TypeName* universe_rune();
Type* universe_error();         // the Named type error
Type* universe_any();           // empty interface
TypeName* universe_any_name();  // its alias
Type* universe_comparable();

// ---- construction and substitution (irgen uses these to monomorphise; thread safe) --------------

Type* new_pointer(Type* elem);
Type* new_slice(Type* elem);
Type* new_array(Type* elem, i64 len);
Type* new_map(Type* key, Type* elem);
Type* new_chan(syntax::ChanType::Dir dir, Type* elem);
Signature* new_signature(std::span<Type* const> params, std::span<Type* const> results, bool variadic);
Tuple* new_tuple(std::span<Type* const> types);
Struct* new_struct(std::span<Var* const> fields, std::span<const Name> tags);

// For export data: parts that are filled in later or have their final parts already.
Named* new_named(TypeName* obj);  // `obj`'s type; not complete
Alias* new_alias(TypeName* obj);
TypeParam* make_type_param(TypeName* obj, u32 index);  // without a bound
Union* new_union(std::span<const Union::Term> terms);
Interface* new_interface(std::span<Func* const> methods, std::span<Type* const> embeddeds,
                         bool implicit);  // methods in abi order
Signature* make_signature(std::span<TypeParam*> tparams, std::span<Var*> params, std::span<Var*> results,
                          bool variadic);

// Returns the one instance of `generic` with these arguments, process wide.
Named* instantiate(Named* generic, std::span<Type* const> targs);

// Replaces type parameters: tparams[i] by targs[i]. Returns t itself when nothing changes. Composite results
// may be fresh (compare with identical()).
struct TypeSubst {
  std::span<TypeParam* const> tparams;
  std::span<Type* const> targs;
};
Type* substitute(Type* t, const TypeSubst& s);

// ---- sizes (amd64 and arm64 agree) --------------------------------------------------------------

i64 size_of(Type* t);
i64 align_of(Type* t);
// Offsets of all fields; cached, thread safe.
std::span<const i64> field_offsets(Struct* s);
bool comparable(Type* t);                    // by ==, strictly or not
bool implements(Type* t, Interface* iface);  // method set check, no message
}  // namespace vole::types
