// The checker of one package: state and the functions its files share.
//
// Order of work (check.cc): collect the package's objects; find aliases and types that are only each other;
// declare every object (types first), each on first need, with `path_` as the stack of declarations under
// way; then the delayed actions, among them all function bodies; then initialisation order, unused imports,
// instantiation cycles. A delayed action runs when everything declared around it is complete: at the end of
// the statement it came from, or at the end of the package.
//
// Expressions are checked top down. What is found is kept in an Operand on the way and written to the syntax
// node. An untyped expression gets its final type later, when its context is known: update_expr_type walks
// down again then. A node whose `type` is untyped is one that still waits.
//
// Local names are on one stack for the whole function (`locals_`), with the innermost meaning of a name in
// its Symbol; leaving a scope pops. Function literals are checked at the end of their statement, at the
// latest when the scope around them closes, so that they see the same stack.
#pragma once
#include <fmt/format.h>

#include "diag/diag.h"
#include "syntax/print.h"
#include "types/check.h"
#include "types/const_value.h"
#include "types/internal.h"

namespace vole::types {
using syntax::Expr;
using syntax::expr_string;
using syntax::List;
using syntax::Mode;
using syntax::Tok;

// Language versions as minor numbers; 0 stands for "newest".
constexpr int NewestGo = 27;

struct Operand {
  Mode mode = Mode::Invalid;
  u8 id = 0;  // BuiltinId
  Type* type = InvalidType;
  Value val = nullptr;
  Expr* expr = nullptr;
  std::string_view label;  // shown instead of the expression ("1st function result"); such operands have no
                           // node of their own
  bool valid() const { return mode != Mode::Invalid; }
  void invalidate() { mode = Mode::Invalid; }
  bool is_nil() const { return mode == Mode::Nil; }
  Pos pos() const { return expr ? expr->pos : Pos(); }
  Expr* node() const { return label.empty() ? expr : nullptr; }
};
using Operands = Vec<Operand, 4>;

enum class ExprKind : u8 { Conversion, Expression, Statement };

// What an assignment is for, put into words only when a message needs it.
struct Context {
  const char* text;
  const Expr* fun = nullptr;  // "argument to F"
  std::string str() const { return fun ? text + expr_string(fun) : text; }
};

// Where a function value goes, for inferring its type arguments from there.
struct Target {
  Signature* sig;
  std::string_view name;
  const Expr* expr = nullptr;
  std::string desc() const { return expr ? expr_string(expr) : std::string(name); }
};

// "go1.21" (or "go1.21.3") as 21; 0 when it is no such version.
int minor_version(std::string_view v);

struct FileInfo;
struct DeclInfo {
  Object* obj;
  FileInfo* file;
  std::span<Var*> lhs;  // var a, b = f()
  Expr* type_expr = nullptr;
  Expr* init = nullptr;
  syntax::TypeDecl* tdecl = nullptr;
  syntax::FuncDecl* fdecl = nullptr;
  syntax::VarDecl* vdecl = nullptr;
  Value iota = nullptr;         // constants
  Vec<Func*, 2> methods;        // of a type, waiting to be collected
  Vec<u32, 4> deps;             // orders of the package objects used; may repeat
  u32 last_from = 0;            // order of the last object that noted a dependency on this one
  i32 path = -1;                // index in path_
  bool inherited = false;       // constant whose type and value come from an earlier line
  bool checked_values = false;  // vars of one multi-value initializer: emitted
};

struct FileInfo {
  syntax::File* file;
  int version;  // minor; 0 newest
  u32 index;
  bool imports_embed = false, imports_unsafe = false;
};

// A function under check: what its frame holds and what its literals capture.
struct FuncContext {
  syntax::Node* node;  // FuncDecl, FuncLit, or the synthetic literal of a range-over-func body
  FuncContext* outer;
  bool is_range_body = false;
  Vec<Var*, 8> captures;
  Vec<Var*, 16> locals;  // declared with var, :=; for "declared and not used"
};

struct Symbol {
  Name name;
  i32 local = -1;  // innermost local meaning, an index in locals_
  Object* package = nullptr;
  Object* universe = nullptr;
  struct FileObject {
    FileInfo* file;
    Object* obj;
    PkgName* dot_import;  // set for names that came by `import .`
    FileObject* next;
  };
  FileObject* files = nullptr;
};

struct Env {
  DeclInfo* decl = nullptr;  // who depends on what is used
  FileInfo* file = nullptr;
  u32 local_base = 0;  // locals below are not visible
  int version = 0;
  Value iota = nullptr;
  Pos errpos;  // inherited constant initializers: where to report
  bool in_tparam_list = false;
  Signature* sig = nullptr;
  FuncContext* func = nullptr;
  bool has_call_or_recv = false;
};

// A message of several lines, each with its own position or none.
struct Report {
  struct Line {
    Pos pos;
    std::string text;
  };
  Vec<Line, 3> lines;
  bool soft = false;
  void add(Pos pos, std::string text) { lines.push_back({pos, std::move(text)}); }
  bool empty() const { return lines.empty(); }
};

class Unifier;

class Checker final : SignatureHook, RenameHook {
 public:
  Checker(Package* pkg, const Config& config, diag::Diagnostics& diags);
  ~Checker();
  void run();
  void restore(std::vector<std::unique_ptr<syntax::File>> files);  // restore.cc

 private:
  friend class Unifier;
  friend class Mono;

  // ---- check.cc: driver, delayed actions, reporting
  struct Action {
    void (*run)(Checker&, void*);
    void* data;
    int version;
    FileInfo* file;
  };
  template <class F>
  void later(F f) {
    F* data = new (scratch_.allocate(sizeof(F), alignof(F))) F(std::move(f));
    static_assert(std::is_trivially_destructible_v<F>);
    delayed_.push_back(
        {[](Checker& c, void* d) { (*static_cast<F*>(d))(c); }, data, env_.version, env_.file});
  }
  void process_delayed(size_t top);
  // The diagnostic made, null when it would only be a consequence of others.
  diag::Diagnostic* report(Report& r);
  diag::Diagnostic* error(Pos pos, std::string text);
  diag::Diagnostic* soft_error(Pos pos, std::string text);
  template <class... A>
  void errorf(Pos pos, fmt::format_string<A...> f, A&&... a) {
    error(pos, fmt::format(f, std::forward<A>(a)...));
  }
  bool allow(int minor) const { return env_.version == 0 || env_.version >= minor; }
  void version_error(Pos pos, int minor, const std::string& what);
  bool verify_version(Pos pos, int minor, const std::string& what) {
    if (allow(minor)) return true;
    version_error(pos, minor, what);
    return false;
  }
  std::string str(Type* t) { return write_type(t, qualifier_); }
  std::string str(const Operand& x);
  std::string types_summary(std::span<Type* const> list, bool variadic, bool has_dots);
  std::string object_string(Object* o);
  std::string object_kind(Object* o);
  std::string func_string(Func* f, bool package_info);
  static std::string qualify(const void* self, const Package* pkg);
  void mark_imports(const Package* pkg);

  // ---- scopes and names
  Symbol* symbol(Name n);
  Symbol* find_symbol(Name n);
  Object* lookup(Name n, PkgName** dot_import = nullptr);
  struct ScopeMark {
    u32 start;
    size_t delayed;
  };
  ScopeMark open_scope() {
    ScopeMark m{scope_start_, delayed_.size()};
    scope_start_ = static_cast<u32>(locals_.size());
    return m;
  }
  void close_scope(ScopeMark m);
  void close_stmt_scope(ScopeMark m) {
    process_delayed(m.delayed);
    close_scope(m);
  }
  void declare_local(Object* obj, bool silent = false);
  void declare_file(FileInfo* file, Object* obj, PkgName* dot_import);
  void redeclared(Object* obj, Object* alt);
  Var* new_var(Pos pos, Name name, Type* type);
  Var* new_local(syntax::Ident* id);
  template <class T>
  T* new_object(Pos pos, Name name, Type* type) {
    T* o = pkg_->arena.make<T>();
    o->kind = T::Kind;
    o->pos = pos;
    o->name = name;
    o->pkg = pkg_;
    o->type = type;
    return o;
  }
  DeclInfo* decl_of(const Object* o) const {
    return o->order && o->pkg == pkg_ ? decls_[o->order - 1] : nullptr;
  }
  void add_dep(Object* to);
  void note_use(Var* v);
  void note_write(Expr* lhs);
  void note_address(Expr* x);

  // ---- resolve.cc: collecting objects
  void collect_objects();
  void collect_import(syntax::ImportDecl* d, FileInfo* f);
  void collect_const(syntax::ConstDecl* d, FileInfo* f);
  void collect_var(syntax::VarDecl* d, FileInfo* f);
  void collect_func(syntax::FuncDecl* d, FileInfo* f);
  DeclInfo* declare_package_object(syntax::Ident* id, Object* obj, FileInfo* f);
  DeclInfo* add_decl(Object* obj, FileInfo* f);
  void arity(Pos pos, List<syntax::Ident*> names, List<Expr*> inits, bool is_const, bool inherited);
  void associate_methods();
  void direct_cycles();
  void package_objects();
  void unused_imports();
  void linknames(bool broken);
  void embeds(bool broken);
  void restricted_directives();
  void check_pragmas();

  // ---- decl.cc
  void obj_decl(Object* obj);
  bool valid_cycle(Object* obj, size_t start);
  void cycle_error(std::span<Object* const> cycle, size_t start);
  void path_cycle_error(size_t start);  // from path_[start] on
  TypeName* shown_object(Named* n);
  void const_decl(Const* obj, Expr* type_expr, Expr* init, bool inherited, Value iota);
  void var_decl(Var* obj, std::span<Var*> lhs, Expr* type_expr, Expr* init);
  void type_decl(TypeName* obj, syntax::TypeDecl* d);
  void func_decl(Func* obj, DeclInfo* info);
  void collect_methods(TypeName* obj);
  void check_field_uniqueness(Named* n);
  std::span<TypeParam*> collect_type_params(List<syntax::Field*> list, std::span<TypeParam*>* dst);
  TypeParam* declare_type_param(syntax::Ident* id, u32 index);
  Type* bound_type(Expr* x);
  void decl_stmt(List<syntax::Decl*> list);
  i32 path_index(const Object* obj) const;
  void push(Object* obj);
  void pop();
  bool is_complete(Type* t);
  void valid_type(Named* t);
  bool valid_type(Type* t, Vec<Named*>& nest, Vec<Named*>& path);
  struct Holds {
    enum State : u8 { Open, Unknown, Done } state;
    Vec<u32, 2> params;  // indices of the type parameters held
  };
  Holds::State holds(Named* n, Vec<Named*>& open);
  Holds::State holds(Type* t, Named* in, Vec<u32, 2>& params, Vec<Named*>& open);

  // ---- type_expr.cc, signature.cc, interface.cc
  Type* type_of(Expr* e) { return declared_type(e, nullptr); }
  Type* var_type(Expr* e);
  void valid_var_type(Expr* e, Type* t);
  Type* declared_type(Expr* e, TypeName* def);
  Type* generic_type(Expr* e, std::string* cause);
  Type* type_internal(Expr* e, TypeName* def);
  Type* instantiated_type(syntax::IndexExpr* e);
  i64 array_length(Expr* e);
  bool type_list(List<Expr*> list, Vec<Type*>& out);
  Type* struct_type(syntax::StructType* e);
  Type* interface_type(syntax::InterfaceType* e, TypeName* def);
  void check_type_set(Interface* t, Pos pos);
  Type* parse_union(Expr* e);
  Term parse_term(Expr* e);
  bool is_imported_constraint(Type* t);
  void func_type(Signature* sig, syntax::Field* recv, List<syntax::Field*> tparams, syntax::FuncType* ft,
                 Func* method);
  void collect_recv(Signature* sig, syntax::Field* recv, Func* method);
  std::span<Var*> collect_params(List<syntax::Field*> list, bool results, bool* variadic);
  void valid_recv(Pos pos, Type* recv);
  struct RecvParts {
    bool ptr = false;
    Expr* base = nullptr;
    syntax::IndexExpr* index = nullptr;
  };
  static RecvParts unpack_recv(Expr* e);

  // ---- expr.cc
  ExprKind raw_expr(const Target* target, Operand& x, Expr* e, Type* hint, bool allow_generic);
  ExprKind expr_internal(const Target* target, Operand& x, Expr* e, Type* hint);
  void expr(const Target* target, Operand& x, Expr* e);
  void generic_expr(Operand& x, Expr* e, Type* hint = nullptr);
  void expr_or_type(Operand& x, Expr* e, bool allow_generic);
  bool multi_expr(Expr* e, bool allow_comma_ok,
                  Operands& out);  // true when the second one is a comma-ok value
  void exclude(Operand& x, u32 modes);
  void single_value(Operand& x);
  void non_generic(const Target* target, Operand& x);
  void record(Operand& x);
  void record_type(Expr* e, Mode mode, Type* t, Value v = nullptr);
  void ident(Operand& x, syntax::Ident* e, bool want_type);
  void basic_lit(Operand& x, syntax::BasicLit* e);
  void func_lit(Operand& x, syntax::FuncLit* e);
  void unary(Operand& x, syntax::UnaryExpr* e);
  void star(Operand& x, syntax::StarExpr* e);
  void binary_spine(Operand& x, syntax::BinaryExpr* e);
  void binary_op(Operand& x, Operand& y, syntax::BinaryExpr* e, Expr* lhs, Expr* rhs, Tok op);
  void shift(Operand& x, Operand& y, syntax::BinaryExpr* e, Tok op);
  void comparison(Operand& x, Operand& y, Tok op, bool switch_case);
  std::string incomparable_cause(Type* t);
  std::string comparable_error(Type* t, bool dynamic);
  void match_types(Operand& x, Operand& y);
  bool op_defined(Operand& x, Tok op, u16 info);
  void type_assert(Operand& x, syntax::TypeAssertExpr* e);
  void type_assertion(Expr* e, Operand& x, Type* t, bool type_switch);
  Type* chan_elem(Pos pos, Operand& x, bool recv);
  bool use(List<Expr*> list, bool lhs = false);
  bool use1(Expr* e, bool lhs = false);
  bool is_shift_operand(Expr* e);

  // ---- convert.cc
  enum class Code : u8 { Ok, TruncatedFloat, NumericOverflow, InvalidConstVal, InvalidUntyped };
  void overflow(Operand& x, Pos op_pos);
  bool representable_const(Value v, Basic* t, Value* rounded);
  Code representation(Operand& x, Basic* t, Value* out);
  void representable(Operand& x, Basic* t);
  void invalid_conversion(Code code, Operand& x, Type* target);
  void convert_untyped(Operand& x, Type* target);
  Type* implicit_type(Operand& x, Type* target, Value* val, Code* code);
  void update_expr_type(Expr* e, Type* t, bool final);
  void conversion(Operand& x, Type* t);
  bool convertible(const Operand& x, Type* t, std::string* cause);
  bool assignable(const Operand& x, Type* t, std::string* cause);
  // Underlying type common to all types of t's type set; null with a reason when there is none. Channels
  // combine as the specification says.
  Type* common_under(Type* t, std::string* cause,
                     bool (Checker::*cond)(Type*, Type*, std::string*) = nullptr);
  bool no_send_only(Type* t, Type* u, std::string* cause);
  bool can_recv(Type* t, Type* u, std::string* cause);
  bool can_send(Type* t, Type* u, std::string* cause);
  bool can_call(Type* t, Type* u, std::string* cause);
  bool can_make(Type* t, Type* u, std::string* cause);
  bool make_target(Type* t, std::string_view name, const Expr* e, Target& out);

  // ---- implements.cc
  using Equal = bool (*)(void* ctx, Type* x, Type* y);
  bool has_all_methods(Type* v, Type* t, bool is_static, Equal equal, void* ctx, std::string* cause);
  bool implements(Type* v, Type* t, bool constraint, std::string* cause);
  bool assertable_to(Type* v, Type* t, std::string* cause);
  std::string interface_ptr_error(Type* t);
  // Index of the first argument that does not satisfy its constraint, -1 when all do.
  i64 verify(std::span<TypeParam* const> tparams, std::span<Type* const> targs, std::string* cause);
  bool validate_targ_count(Pos pos, std::string_view name, size_t want, size_t got);
  std::string terms_string(const TermList& list);

  // ---- call.cc
  ExprKind call_expr(Operand& x, syntax::CallExpr* e);
  // Type arguments given with a function; true when `targs` holds a partial list (infer was off).
  bool func_inst(const Target* target, Pos pos, Operand& x, syntax::IndexExpr* inst, bool infer,
                 Vec<Type*>& targs);
  Signature* instantiate_func(Pos pos, Expr* e, Signature* sig, std::span<Type* const> targs,
                              List<Expr*> xlist);
  void record_instance(Expr* e, std::span<Type* const> targs);
  void generic_expr_list(List<Expr*> list, Operands& out, Vec<Vec<Type*>, 4>& targs);
  void expr_list(List<Expr*> list, Operands& out);
  // The signature after inference; arguments are checked against it. `ok` tells whether the call is usable.
  Signature* arguments(syntax::CallExpr* call, Signature* sig, Vec<Type*>& targs, List<Expr*> xlist,
                       Operands& args, Vec<Vec<Type*>, 4>& atargs);
  void selector(Operand& x, syntax::SelectorExpr* e, bool want_type);
  bool package_selector(Operand& x, syntax::SelectorExpr* e, PkgName* p);
  std::string lookup_error(Type* t, Name sel, Object* alt, bool struct_lit);
  syntax::Node* method_value_root(Expr* x);

  // ---- infer.cc
  bool infer(Pos pos, std::span<TypeParam* const> tparams, Vec<Type*>& targs, std::span<Var* const> params,
             Operands& args, bool reverse, Report& err);

  // ---- builtin.cc
  bool builtin(Operand& x, syntax::CallExpr* call, BuiltinId id);
  Type* slice_elem(Operand& x, std::string* cause);
  bool has_var_size(Type* t);
  bool offset_of(Operand& x, syntax::CallExpr* call);

  // ---- literal.cc, index.cc
  void composite_lit(Operand& x, syntax::CompositeLit* e, Type* hint);
  void struct_lit(Operand& x, syntax::CompositeLit* e, Type* base, Struct* t);
  void map_lit(Operand& x, syntax::CompositeLit* e, Map* t);
  i64 indexed_elems(List<Expr*> elems, Type* t, i64 length);
  bool index_expr(Operand& x, syntax::IndexExpr* e);  // true: a generic function with type arguments
  void map_index(Operand& x, syntax::IndexExpr* e, Type* key, Type* elem);
  void slice_expr(Operand& x, syntax::SliceExpr* e);
  Expr* single_index(syntax::IndexExpr* e);
  i64 index(Expr* e, i64 max, Type** type = nullptr);  // constant index or -1
  bool valid_index(Operand& x, const char* what, bool allow_negative);

  // ---- assign.cc
  void assignment(Operand& x, Type* t, const Context& ctx);
  void init_const(Const* lhs, Operand& x);
  void init_var(Var* lhs, Operand& x, const Context& ctx);
  Type* lhs_var(Expr* lhs);  // null for `_`
  void assign_var(Expr* lhs, Expr* rhs, Operand* x, Context ctx);
  void init_vars(std::span<Var* const> lhs, List<Expr*> rhs, syntax::ReturnStmt* ret);
  void assign_vars(List<Expr*> lhs, List<Expr*> rhs);
  void short_var_decl(Pos pos, List<Expr*> lhs, List<Expr*> rhs);
  void assign_error(List<Expr*> rhs, size_t l, size_t r);
  void return_error(Pos at, std::span<Var* const> lhs, Operands& rhs);
  void record_comma_ok(Expr* e);

  // ---- stmt.cc, range.cc
  enum StmtFlags : u32 { BreakOk = 1, ContinueOk = 2, FallthroughOk = 4, FinalCase = 8, InTypeSwitch = 16 };
  void func_body(DeclInfo* decl, syntax::Node* node, Signature* sig, syntax::BlockStmt* body,
                 FuncContext* outer, Value iota);
  void usage(FuncContext& f);
  void stmt_list(u32 flags, List<syntax::Stmt*> list);
  void stmt(u32 flags, syntax::Stmt* s);
  void stmt1(u32 flags, syntax::Stmt* s);
  void suspended_call(const char* keyword, Expr* call);
  void return_stmt(syntax::ReturnStmt* s);
  void inc_dec(syntax::IncDecStmt* s);
  void assign_stmt(syntax::AssignStmt* s);
  void condition(Expr* e, const char* what);
  void switch_stmt(u32 inner, syntax::SwitchStmt* s);
  void type_switch_stmt(u32 inner, syntax::TypeSwitchStmt* s);
  void select_stmt(u32 inner, syntax::SelectStmt* s);
  void for_stmt(u32 inner, syntax::ForStmt* s);
  void range_stmt(u32 inner, syntax::RangeStmt* s);
  struct RangeTypes {
    Type *key = nullptr, *value = nullptr;
    std::string cause;
    bool ok = false;
    bool is_func = false;
  };
  RangeTypes range_types(Type* t);

  // ---- init_order.cc
  void init_order();

  // hooks
  void want_signature(Func* f) override;
  void new_instance_methods(Named* n) override;
  void renamed(TypeParam* fresh, TypeParam* original) override;
  // mono.cc
  void mono_instance(Pos pos, std::span<TypeParam* const> tparams, std::span<Type* const> targs,
                     List<Expr*> xlist);
  void mono_check();

  void finish_package();
  Func* restored_func(syntax::FuncDecl* d);

  Arena& arena() { return pkg_->arena; }

  Package* pkg_;
  const Config& config_;
  diag::Diagnostics& diags_;
  Arena scratch_;
  Qualifier qualifier_;
  int module_version_ = 0;
  std::vector<FileInfo*> files_;
  std::vector<DeclInfo*> decls_;
  std::vector<Object*> path_;
  std::vector<Action> delayed_;
  std::vector<PkgName*> imports_;
  std::vector<Named*> pending_methods_;  // instances whose methods lack signatures
  struct LocalType {
    u32 file, decl, seq;
    TypeName* name;
  };
  std::vector<LocalType> local_types_;
  struct LocalEmbed {
    syntax::VarDecl* decl;
    FileInfo* file;
  };
  std::vector<LocalEmbed> local_embeds_;
  std::vector<Named*> named_;  // declared here, to be resolved at the end
  std::vector<Interface*> interfaces_;
  struct MethodDecl {
    Func* func;
    syntax::Ident* base;
    bool ptr;
  };
  std::vector<MethodDecl> methods_;
  absl::flat_hash_map<Name, Symbol*> symbols_;
  struct Local {
    Symbol* sym;
    Object* obj;
    i32 shadowed;
  };
  std::vector<Local> locals_;
  u32 scope_start_ = 0;
  Env env_;
  std::vector<Expr*> shift_operands_;  // untyped constant left operands of shifts by a variable amount
  bool has_error_ = false;
  const char* stack_limit_ = nullptr;  // frames below are input that nests too deeply
  SignatureHook* outer_signature_hook_ = nullptr;
  RenameHook* outer_rename_hook_ = nullptr;
  bool too_deep_ = false;
  void limit_depth();
  bool too_deep(Pos pos);
  absl::flat_hash_map<Name, Vec<const Package*, 2>> package_names_;
  absl::flat_hash_map<const Package*, bool> seen_packages_;
  bool imports_marked_ = false;
  u32 init_count_ = 0;

  // restrictions.cc: composite types as written, to be looked at when all is complete
  struct TypeUse {
    Pos pos;
    Type* type;
  };
  std::vector<TypeUse> type_uses_, instance_args_;
  template <class T>
  T* note_type(Pos pos, T* t) {
    type_uses_.push_back({pos, t});
    return t;
  }
  void note_instance(Pos pos, std::span<Type* const> targs);
  void check_sizes();
  void restrictions();

  // instantiation graph (mono.cc)
  struct MonoVertex {
    i64 weight = 0;
    i64 pre = -1;
    i64 len = 0;
    TypeName* obj;
  };
  struct MonoEdge {
    u32 dst, src;
    i64 weight;
    Pos pos;
    Type* type;
  };
  std::vector<MonoVertex> mono_vertices_;
  std::vector<MonoEdge> mono_edges_;
  absl::flat_hash_map<TypeParam*, TypeParam*> mono_canon_;
  absl::flat_hash_map<TypeName*, i64> mono_index_;
  u32 mono_type_param(TypeParam* p);
  i64 mono_local_type(Named* n);
  void mono_assign(Pos pos, TypeParam* p, Type* targ);
  void mono_walk(Pos pos, TypeParam* p, Type* targ, Type* t);
  absl::flat_hash_map<Named*, TypeName*> instance_objects_;
  absl::flat_hash_map<Named*, bool> var_size_;
  absl::flat_hash_map<Named*, bool> valid_;
  absl::flat_hash_map<Named*, Holds> held_;
  struct FileConflict {
    FileInfo* file;
    Object* obj;
    PkgName* dot_import;
  };
  std::vector<FileConflict> file_objects_;
};

// ---- branches.cc: labels, targets of break, continue and goto; reports like gc's parser does
void check_branches(syntax::BlockStmt* body, Arena& scratch, diag::Diagnostics& diags);
// ---- terminating.cc
bool is_terminating(syntax::Stmt* s, Name label);
}  // namespace vole::types
