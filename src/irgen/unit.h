// The package being built: its symbols, what has been asked for and is still to be made (instances,
// descriptors, wrappers, comparison functions), and the caches that all of its functions share. One thread
// works on a Unit.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <deque>
#include <string>
#include <vector>

#include "abi/runtime.h"
#include "irgen/abi_sig.h"
#include "irgen/irgen.h"
#include "irgen/layout.h"

namespace vole::irgen {
using object::Reloc;
using object::RelocKind;
using object::Symbol;
using object::SymKind;

using abi::Rt;

// Type arguments in force inside a function's body. Shared by the function and its closures.
struct Instance {
  std::vector<types::TypeParam*> tparams;
  std::vector<Type*> targs;
  absl::flat_hash_map<Type*, Type*> cache;
  std::string suffix;  // "[int,string]" of the outermost function, for local types
};

// A function or method with everything that decides its symbol.
struct FuncRef {
  types::Func* decl;  // the generic declaration for instances
  Symbol* sym;
  bool instance;
};

struct ItabMethods;

class Unit {
 public:
  Unit(types::Package& pkg, object::Object& object, const Options& options, diag::Diagnostics& diags,
       ssa::Module& module);

  void build();

  types::Package& pkg;
  object::Object& object;
  const Options& options;
  diag::Diagnostics& diags;
  ssa::Module& module;
  std::string prefix;  // package part of link names

  // ---- symbols ----------------------------------------------------------------------------------
  Symbol* sym(std::string_view name) { return object.get(name); }
  Symbol* rt_symbol(Rt r);
  const AbiSig* rt_sig(Rt r);
  bool rt_noreturn(Rt r) const;
  // The symbol of a function; asks for its body when it is an instance.
  Symbol* func_symbol(types::Func* f, std::span<Type* const> targs = {});
  std::string func_name(types::Func* f, std::span<Type* const> targs);
  // name·f: the read-only func value of a function.
  Symbol* func_value(Symbol* f);
  Symbol* global(types::Var* v);
  Symbol* string_data(std::string_view text);
  Symbol* zero_value(i64 size);  // at least `size` zero bytes
  Symbol* static_temp(const TypeInfo* t, bool read_only);
  Symbol* ro_bytes(std::string_view bytes, u32 align);  // content-addressed read-only data

  // ---- types ------------------------------------------------------------------------------------
  const ssa::Layout* layout(const TypeInfo* t);
  const ssa::Layout* layout_of(i64 size, u32 align, std::span<const i64> pointer_offsets);
  Symbol* descriptor(const TypeInfo* t);  // type:…, emitted here when this package must
  bool implements(const TypeInfo* concrete, const TypeInfo* iface);
  Symbol* itab(const TypeInfo* concrete, const TypeInfo* iface);
  Symbol* eq_closure(const TypeInfo* t);  // null: not comparable
  Symbol* hash_closure(const TypeInfo* t);
  Symbol* eq_function(const std::string& sig);
  Symbol* hash_function(const std::string& sig);
  const AbiSig* abi(types::Signature* sig, const TypeInfo* recv, bool abi0 = false);
  Type* subst(Type* t, Instance* inst);
  const TypeInfo* byte_slice();
  // The struct that a closure (with_code: code pointer first) or another hidden object is, so that it has a
  // layout and a descriptor.
  const TypeInfo* hidden_struct(std::span<const TypeInfo* const> fields, bool with_code);
  // The method of a concrete type under an interface: symbol of the function that takes the interface's data
  // word.
  Symbol* iface_method_symbol(const TypeInfo* concrete, types::Func* method);
  const TypeInfo* pointer_to(const TypeInfo* t);
  // The function T.M or (*T).M itself, a wrapper where it is promoted or T has it by value.
  Symbol* method_symbol(const TypeInfo* recv, const types::MethodSetEntry& m,
                        std::span<Type* const> targs = {});
  // Function value of an interface's method expression.
  Symbol* iface_method_expr(const TypeInfo* iface, types::Func* m);
  Symbol* method_value_wrapper(const TypeInfo* recv, types::Func* m, std::span<Type* const> targs = {});

  // ---- data -------------------------------------------------------------------------------------
  void put_int(Symbol* s, i64 off, u32 size, u64 value);
  void put_ptr(Symbol* s, i64 off, Symbol* target, i64 addend = 0, RelocKind kind = RelocKind::Abs64);
  void put_bytes(Symbol* s, i64 off, std::string_view bytes);
  void define(Symbol* s, SymKind kind, u64 size, u32 align, bool dupok);
  void set_var_layout(Symbol* s, const TypeInfo* t);  // kind and pointer map of a variable, from what was put

  // ---- functions --------------------------------------------------------------------------------
  ssa::Func* new_func(Symbol* s, const AbiSig* sig, Pos pos);
  void finish_func(std::unique_ptr<ssa::Func> f);
  int next_glob_closure() { return ++glob_closures_; }
  u32 next_temp() { return temps_++; }
  Arena& arena() { return object.arena; }
  const types::Initializer* current_init = nullptr;
  bool is_generic_context = false;

  // typedesc/
  void emit_descriptor(const TypeInfo* t, Symbol* s);
  Symbol* name_symbol(std::string_view name, std::string_view tag, const types::Package* pkg, bool exported,
                      bool embedded);
  Symbol* import_path_symbol(const types::Package* pkg);
  bool owns_descriptor(const TypeInfo* t, bool& dupok);
  Type* map_group_type(types::Map* m);

  // static_init.cc
  struct DynamicInit {
    Symbol* sym;
    i64 off;
    const TypeInfo* type;
    syntax::Expr* expr;
  };
  // Places the value of `e` (converted to `t`) at sym+off; parts that need code are appended to `dynamic`
  // (or, when it is null, make the result false with nothing guaranteed about the bytes).
  bool static_value(Symbol* s, i64 off, const TypeInfo* t, syntax::Expr* e, Instance* inst,
                    std::vector<DynamicInit>* dynamic, bool read_only);
  bool static_elements(Symbol* s, i64 off, const TypeInfo* t, syntax::CompositeLit* cl, Instance* inst,
                       std::vector<DynamicInit>* dynamic, bool read_only);
  bool is_static(syntax::Expr* e, const TypeInfo* t, Instance* inst, int depth = 0);

  Symbol* build_global_closure(syntax::FuncLit* e);
  bool static_address(syntax::Expr* e, Symbol*& s, i64& off);

 private:
  friend class Builder;
  void build_functions();
  void build_abi_wrappers();
  void build_init();
  void build_embeds();
  void mark_linknames();
  void build_vars();
  void drain();
  void build_instance(const FuncRef& r, Instance* inst);
  std::string method_name(types::Func* f, std::span<Type* const> targs);
  void emit_owned_types();

  struct PendingInstance {
    FuncRef ref;
    Instance* inst;
  };
  struct PendingWrapper {
    enum Kind : u8 { Method, IfaceMethodExpr, MethodValue } kind;
    const TypeInfo* recv;
    types::Func* func;
    std::vector<u32> path;
    std::vector<Type*> targs;  // of a generic method
    Symbol* sym;
  };
  void build_wrapper(const PendingWrapper& w);
  void build_eq(const std::string& sig, Symbol* s);
  void build_hash(const std::string& sig, Symbol* s);

  absl::flat_hash_map<const types::Func*, Symbol*> func_syms_;
  absl::flat_hash_map<const types::Var*, Symbol*> var_syms_;
  absl::flat_hash_map<const TypeInfo*, const ssa::Layout*> layouts_;
  absl::flat_hash_map<const TypeInfo*, Symbol*> descriptors_;
  absl::flat_hash_map<const TypeInfo*, const TypeInfo*> pointers_;
  absl::flat_hash_set<Symbol*> requested_;  // instances, wrappers, descriptors, … that are queued or made
  absl::flat_hash_map<std::pair<const types::Signature*, const TypeInfo*>, const AbiSig*> sigs_, sigs0_;
  absl::flat_hash_map<Name, Type*> canonical_;
  Symbol* rt_syms_[static_cast<int>(Rt::Signatures)] = {};
  const AbiSig* rt_sigs_[static_cast<int>(Rt::Signatures)] = {};
  std::deque<PendingInstance> instances_;
  std::deque<std::pair<const TypeInfo*, Symbol*>> pending_descriptors_;
  std::deque<PendingWrapper> wrappers_;
  std::deque<std::pair<std::string, Symbol*>> eqs_, hashes_;
  std::deque<Instance> instance_store_;
  std::vector<Symbol*> init_funcs_;
  absl::flat_hash_map<const Type*, Type*> map_groups_;
  std::vector<Symbol*> touched_;  // symbols with relocations to sort at the end
  int glob_closures_ = 0;
  u32 temps_ = 0;
  u32 names_ = 0;
  bool in_var_init_ = false;
};

// Declared with type parameters of its own or of its receiver.
bool is_generic(const types::Func* f);
void append_targs(std::string& out, std::span<Type* const> targs);  // "[int,string]"
// Stable 32-bit hash of a type: of its link string.
u32 type_hash(const TypeInfo* t);
std::string content_name(std::string_view bytes);
}  // namespace vole::irgen
