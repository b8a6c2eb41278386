// The syntax tree of one file. The parser makes it; the checker (types/) writes its findings into the fields
// marked "checker:" of the same nodes; irgen/ reads both. Nodes live in arenas of their File: declarations
// and generic function bodies in `decl_arena` (kept while importers may instantiate them), all other function
// bodies in `body_arena` (dropped once the package is compiled).
//
// A node is told apart by `kind` and reached with as<T>() / cast<T>(). Lists are spans in the same arena.
// After the parser has returned, the shape never changes. Before checking completes one thread uses a
// package's trees; afterwards they are read-only.
#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/name.h"
#include "source/pos.h"
#include "syntax/token.h"

namespace vole::types {
struct Type;
struct Object;
struct Var;
struct Func;
struct Scope;
struct ConstValue;
struct Selection;
struct Signature;
struct Package;
}  // namespace vole::types

namespace vole::syntax {
template <class T>
using List = std::span<T>;

// clang-format off
enum class NodeKind : u8 {
  // expressions and types
  BadExpr, Ident, BasicLit, CompositeLit, KeyValueExpr, FuncLit, ParenExpr, SelectorExpr, IndexExpr,
  SliceExpr, TypeAssertExpr,
  StarExpr, UnaryExpr, BinaryExpr, CallExpr, Ellipsis,
  ArrayType, StructType, FuncType, InterfaceType, MapType, ChanType,
  // statements
  BadStmt, EmptyStmt, DeclStmt, LabeledStmt, ExprStmt, SendStmt, IncDecStmt, AssignStmt, GoStmt, DeferStmt,
  ReturnStmt, BranchStmt,
  BlockStmt, IfStmt, CaseClause, SwitchStmt, TypeSwitchStmt, CommClause, SelectStmt, ForStmt, RangeStmt,
  // declarations
  BadDecl, ImportDecl, ConstDecl, TypeDecl, VarDecl, FuncDecl,
};
// clang-format on

struct Node {
  NodeKind kind;
  Pos pos;  // what gc reports for this node: see the comment at each kind where it is not the first token

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
  bool is_expr() const { return kind <= NodeKind::ChanType; }
};

// checker: what an expression denotes (the specification's "expression kinds").
enum class Mode : u8 {
  Invalid,   // an error was reported; stay silent
  NoValue,   // call without result
  Builtin,   // the builtin itself, only as callee
  TypeExpr,  // a type
  Constant,  // `cval` holds the value
  Variable,  // addressable
  MapIndex,  // m[k]: not addressable, assignable; comma-ok allowed
  Value,
  Nil,
  CommaOk,  // value that also allows a comma-ok form (receive, type assertion)
};

struct Expr : Node {
  Mode mode = Mode::Invalid;   // checker:
  bool comma_ok_used = false;  // checker: used in its two-result form; `type` then is the first result's type
  types::Type* type = nullptr;  // checker: final type (untyped ones converted; "untyped nil" takes the target
                                // type). A call with several results has a Tuple
  const types::ConstValue* cval = nullptr;  // checker: value when mode is Constant, represented in `type`
};

struct Stmt : Node {};
struct Decl : Node {};
struct BlockStmt;
struct FuncType;
struct FuncDecl;
struct FuncLit;

// ---- expressions --------------------------------------------------------------------------------

struct BadExpr : Expr {
  static constexpr NodeKind Kind = NodeKind::BadExpr;
};

struct Ident : Expr {
  static constexpr NodeKind Kind = NodeKind::Ident;
  Name name;
  types::Object* obj = nullptr;  // checker: use or definition; null for `_` and unresolved
  std::span<types::Type*>
      targs;  // checker: full type arguments when this names an instantiated generic function
};

struct BasicLit : Expr {
  static constexpr NodeKind Kind = NodeKind::BasicLit;
  LitKind lit;
  bool bad;               // not a literal of its kind; reported already
  std::string_view text;  // as written
};

struct CompositeLit : Expr {  // pos: the `{` when there is no type, else the type's pos
  static constexpr NodeKind Kind = NodeKind::CompositeLit;
  Expr* lit_type = nullptr;  // null when elided
  List<Expr*> elems;  // KeyValueExpr or plain. Struct keys are Idents whose obj the checker sets to the field
                      // (promoted fields: `path`)
  Pos rbrace;
  bool keyed = false;
};

struct KeyValueExpr : Expr {
  static constexpr NodeKind Kind = NodeKind::KeyValueExpr;
  Expr* key;
  Expr* value;
  std::span<const u32>
      path;  // checker: struct literal keys: field index path (more than one for promoted fields, Go 1.27)
};

struct FuncLit : Expr {
  static constexpr NodeKind Kind = NodeKind::FuncLit;
  FuncType* type_expr;
  BlockStmt* body;
  Pos end;
  types::Signature* sig = nullptr;  // checker:
  std::span<types::Var*> captures;  // checker: variables of enclosing functions used inside (also by nested
                                    // literals), in order of first use
};

struct ParenExpr : Expr {
  static constexpr NodeKind Kind = NodeKind::ParenExpr;
  Expr* x;
};

struct SelectorExpr : Expr {  // pos: of x; sel->pos is the name
  static constexpr NodeKind Kind = NodeKind::SelectorExpr;
  Expr* x;
  Ident* sel;  // checker: sel->obj: the field, method, or package member; sel->targs as for Ident
  const types::Selection* selection = nullptr;  // checker: null for package-qualified names
};

struct IndexExpr : Expr {  // x[i] or instantiation x[T1, T2]; pos: of x
  static constexpr NodeKind Kind = NodeKind::IndexExpr;
  Expr* x;
  List<Expr*> indices;  // at least one
  Pos lbrack;
};

struct SliceExpr : Expr {
  static constexpr NodeKind Kind = NodeKind::SliceExpr;
  Expr* x;
  Expr* index[3];  // null where absent
  bool full;       // x[a:b:c]
};

struct TypeAssertExpr : Expr {  // x.(T); T is null for x.(type)
  static constexpr NodeKind Kind = NodeKind::TypeAssertExpr;
  Expr* x;
  Expr* target;
};

struct StarExpr : Expr {  // *x: dereference or pointer type
  static constexpr NodeKind Kind = NodeKind::StarExpr;
  Expr* x;
};

struct UnaryExpr : Expr {  // + - ! ^ & <- ~
  static constexpr NodeKind Kind = NodeKind::UnaryExpr;
  Tok op;
  Expr* x;
};

struct BinaryExpr : Expr {  // pos: of x; op_pos: of the operator
  static constexpr NodeKind Kind = NodeKind::BinaryExpr;
  Tok op;
  Expr* x;
  Expr* y;
  Pos op_pos;
};

struct CallExpr : Expr {
  static constexpr NodeKind Kind = NodeKind::CallExpr;
  Expr* fun;
  List<Expr*> args;
  bool has_dots;  // f(xs...)
  Pos lparen, rparen;
  enum Callee : u8 { Function, Conversion, Builtin } callee = Function;  // checker:
  u8 builtin = 0;  // checker: types::BuiltinId when callee == Builtin
};

struct Ellipsis : Expr {  // ...T in parameter lists, [...]T in array types
  static constexpr NodeKind Kind = NodeKind::Ellipsis;
  Expr* elem;  // null in [...]T
};

struct ArrayType : Expr {  // [N]T, [...]T (len is Ellipsis), []T (len null)
  static constexpr NodeKind Kind = NodeKind::ArrayType;
  Expr* len;
  Expr* elem;
};

// A field, parameter, result, type parameter, or interface element. `name` is null when absent (embedded
// field, unnamed parameter). Grouped names (a, b int) become several Fields that share `type_expr`.
struct Field {
  Ident* name;
  Expr* type_expr;
  BasicLit* tag;     // struct fields
  bool embedded;     // struct fields and interface elements
  bool group_start;  // first of its group
};

struct StructType : Expr {
  static constexpr NodeKind Kind = NodeKind::StructType;
  List<Field*> fields;
};

struct FuncType : Expr {
  static constexpr NodeKind Kind = NodeKind::FuncType;
  List<Field*> tparams;  // only in declarations and (Go 1.27) methods
  List<Field*> params;
  List<Field*> results;
};

struct InterfaceType : Expr {
  static constexpr NodeKind Kind = NodeKind::InterfaceType;
  List<Field*> elems;  // methods: name and FuncType; embedded: type or union (BinaryExpr with Tok::Or,
                       // UnaryExpr with Tok::Tilde)
};

struct MapType : Expr {
  static constexpr NodeKind Kind = NodeKind::MapType;
  Expr* key;
  Expr* value;
};

struct ChanType : Expr {
  static constexpr NodeKind Kind = NodeKind::ChanType;
  enum Dir : u8 { Both, SendOnly, RecvOnly } dir;
  Expr* elem;
};

// ---- statements ---------------------------------------------------------------------------------

struct BadStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::BadStmt;
};
struct EmptyStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::EmptyStmt;
  bool implicit;
};
struct DeclStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::DeclStmt;
  List<Decl*> decls;
};

struct LabeledStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::LabeledStmt;
  Ident* label;
  Stmt* stmt;
};

struct ExprStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::ExprStmt;
  Expr* x;
};
struct SendStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::SendStmt;
  Expr* chan;
  Expr* value;
};
struct IncDecStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::IncDecStmt;
  Expr* x;
  bool inc;
};

struct AssignStmt : Stmt {  // pos: of the operator
  static constexpr NodeKind Kind = NodeKind::AssignStmt;
  List<Expr*> lhs;
  List<Expr*> rhs;
  Tok op;       // Tok::None for =, else the binary operator of op=
  bool define;  // :=
};

struct GoStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::GoStmt;
  Expr* call;
};
struct DeferStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::DeferStmt;
  Expr* call;
};
struct ReturnStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::ReturnStmt;
  List<Expr*> results;
};

struct BranchStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::BranchStmt;
  enum What : u8 { Break, Continue, Goto, Fallthrough } what;
  Ident* label;  // null when absent
  Stmt* target =
      nullptr;  // checker: break/continue: the for/range/switch/select statement meant; goto: the LabeledStmt
};

struct BlockStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::BlockStmt;
  List<Stmt*> stmts;
  Pos rbrace;
};

struct IfStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::IfStmt;
  Stmt* init;  // may be null
  Expr* cond;
  BlockStmt* then;
  Stmt* els;  // null, IfStmt or BlockStmt
};

struct CaseClause : Stmt {
  static constexpr NodeKind Kind = NodeKind::CaseClause;
  List<Expr*> exprs;  // empty and is_default for default
  List<Stmt*> body;
  bool is_default;
  Pos colon;
  types::Var* implicit = nullptr;  // checker: type switches with x := y.(type): the clause's variable (null
                                   // if unused list is empty body? always set when there is a name)
};

struct SwitchStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::SwitchStmt;
  Stmt* init;
  Expr* tag;  // null: switch true
  List<CaseClause*> clauses;
  Pos rbrace;
};

struct TypeSwitchStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::TypeSwitchStmt;
  Stmt* init;
  Ident* name;  // null when there is none
  Expr* x;      // the operand (without .(type))
  List<CaseClause*> clauses;
  Pos rbrace;
};

struct CommClause : Stmt {
  static constexpr NodeKind Kind = NodeKind::CommClause;
  Stmt* comm;  // SendStmt, ExprStmt(<-c), AssignStmt(v, ok = <-c or :=); null for default
  List<Stmt*> body;
  Pos colon;
};

struct SelectStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::SelectStmt;
  List<CommClause*> clauses;
  Pos rbrace;
};

struct ForStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::ForStmt;
  Stmt* init;
  Expr* cond;
  Stmt* post;
  BlockStmt* body;
  bool per_iteration = false;  // checker: variables of init are per iteration (language version >= 1.22)
};

struct RangeStmt : Stmt {
  static constexpr NodeKind Kind = NodeKind::RangeStmt;
  Expr* key;  // null when absent
  Expr* value;
  Expr* extra;  // a third variable, one too many
  bool define;
  Expr* x;  // int, array, pointer to array, slice, string, map, channel, or func
  BlockStmt* body;
  bool per_iteration = false;    // checker:
  FuncLit* body_func = nullptr;  // checker: range over func: a synthetic literal describing the loop body as
                                 // func(K, V) bool (captures filled; body == this->body)
};

// ---- declarations -------------------------------------------------------------------------------

struct ImportDecl : Decl {
  static constexpr NodeKind Kind = NodeKind::ImportDecl;
  Ident* name;  // null, `_`, `.` or a name
  BasicLit* path_lit;
  Name path;  // unquoted
};

struct ConstDecl : Decl {  // one line of a const group
  static constexpr NodeKind Kind = NodeKind::ConstDecl;
  List<Ident*> names;
  Expr* type_expr;       // null when absent
  List<Expr*> values;    // empty: repeats the previous line's (see `inherited`)
  ConstDecl* inherited;  // the line whose type and values apply; null when this line has its own
  i64 iota;
};

struct TypeDecl : Decl {
  static constexpr NodeKind Kind = NodeKind::TypeDecl;
  Ident* name;
  List<Field*> tparams;
  bool alias;
  Expr* type_expr;
};

struct Embed {      // //go:embed patterns above a var
  Pos pos;          // of the directive
  Pos pattern_pos;  // of the pattern in it
  std::string_view pattern;
};

struct VarDecl : Decl {
  static constexpr NodeKind Kind = NodeKind::VarDecl;
  List<Ident*> names;
  Expr* type_expr;
  List<Expr*> values;
  List<Embed> embeds;
};

// clang-format off
enum Pragma : u32 {
  Noinline = 1, Nosplit = 2, Noescape = 4, Norace = 8, Nocheckptr = 16, UintptrKeepAlive = 32,
  UintptrEscapes = 64, Systemstack = 128, Nowritebarrier = 256, Nowritebarrierrec = 512,
  Yeswritebarrierrec = 1024, Registerparams = 2048, Nointerface = 4096, CgoUnsafeArgs = 8192,
};
// clang-format on

struct FuncDecl : Decl {
  static constexpr NodeKind Kind = NodeKind::FuncDecl;
  Field* recv;  // null for functions
  Ident* name;  // the declaration's position is that of what follows `func`
  FuncType* type_expr;
  BlockStmt* body;             // null when absent
  u32 pragma;                  // Pragma bits
  bool broken;                 // the body has syntax errors
  Pos end;                     // closing brace
  std::string_view text;       // source text from `func` to the closing brace, for generic functions (export
                               // data); empty otherwise
  types::Func* obj = nullptr;  // checker:
};

struct Linkname {  // //go:linkname local [target]; //go:linknamestd
  Pos pos;
  Name local;
  Name target;  // empty in the one-argument form
  bool std_only;
};

// A directive that only some packages may use, or that stands where it means nothing.
struct Directive {
  Pos pos;
  std::string_view text;  // without `//`
};

struct File {
  Name path;  // as given to the parser
  Name package_name;
  Pos package_pos;
  Pos name_pos;
  List<Decl*> decls;
  List<ImportDecl*> imports;
  std::vector<Linkname> linknames;
  std::vector<Directive> restricted;  // for the runtime or cgo alone
  std::vector<Directive>
      misplaced;    // before a declaration that takes no such directive: reported when nothing else is wrong
  Name go_version;  // from //go:build go1.N: "go1.N", empty when none
  u32 line_count = 0;
  bool cgo = false;         // imports "C"
  bool has_errors = false;  // syntax errors were reported: the tree is not to be checked (other messages of
                            // the parser leave a usable tree)
  std::unique_ptr<Arena> decl_arena, body_arena;
  std::string_view text;  // source bytes (kept alive by the caller while the trees are in use)
};

// Removes parentheses.
inline Expr* unparen(Expr* e) {
  while (auto* p = e->as<ParenExpr>()) e = p->x;
  return e;
}
inline const Expr* unparen(const Expr* e) { return unparen(const_cast<Expr*>(e)); }
}  // namespace vole::syntax
