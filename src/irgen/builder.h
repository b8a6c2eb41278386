// Builds the SSA of one function from its syntax tree. SSA form is constructed on the fly (Braun et al.,
// "Simple and Efficient Construction of Static Single Assignment Form"): a variable that lives in SSA has one
// slot a scalar; reading a slot in a block whose predecessors are known makes a block parameter only where
// definitions meet, and parameters that turn out trivial are forwarded to what they stand for and swept at
// the end.
//
// A Go value is a Val: its scalars when it has at most MaxLeaves of them, else the address of memory that
// holds it and is not changed before the value is used. Variables are Locals: SSA slots, a stack object, or a
// heap object whose address is in a slot.
#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>
#include <absl/container/node_hash_map.h>
#include <absl/functional/function_ref.h>

#include <memory>
#include <vector>

#include "irgen/unit.h"
#include "ssa/ssa.h"
#include "syntax/ast.h"

namespace vole::irgen {
using ssa::Block;
using ssa::Cond;
using ssa::Op;
using ssa::Value;

struct Addr {
  Value* base = nullptr;
  i64 off = 0;
  // Whether stores need no write barrier: 0 they do, 1 never (stack), else until the next safe point: the
  // value of fresh_stamp() when the object was allocated (afterwards it may have been marked already).
  u32 fresh = 0;
  Addr at(i64 d) const { return {base, off + d, fresh}; }
};

struct Val {
  const TypeInfo* t = nullptr;
  bool mem = false;
  u8 n = 0;
  i64 off = 0;
  Value* w[MaxLeaves] = {};
  Value* v() const {
    VOLE_DCHECK(!mem && n == 1);
    return w[0];
  }
  Addr addr() const { return {w[0], off, 0}; }
};

struct Local {
  enum Kind : u8 { Slots, Mem, Heap } kind;  // Mem: at addr; Heap: address in `slot`
  const TypeInfo* t;
  u32 slot = 0;
  Addr addr = {};
  i32 dbg = -1;
};

struct LValue {
  enum Kind : u8 { Blank, Slots, Mem, MapElem } kind = Blank;
  const TypeInfo* t = nullptr;
  u32 slot = 0;
  i32 dbg = -1;
  u32 dbg_off = 0;
  Addr addr = {};
  bool check_nil = false;  // Mem: addr.base still needs its nil check
  Value* index = nullptr;  // Mem: addr is the start of elements; bounds check against limit, then scale
  Value* limit = nullptr;
  bool index_unsigned = false;
  Val map, key;  // MapElem
  const TypeInfo* map_type = nullptr;
};

using Vals = absl::InlinedVector<Val, 4>;

// Control structure shared by the loop over a function and the function made of its body.
struct RangeFunc {
  class Builder* outer;
  syntax::RangeStmt* stmt;
  struct Exit {
    enum Kind : u8 { Break, Continue, Goto, Return } kind;
    syntax::Stmt* target;
  };
  std::vector<Exit> exits;
  // Offsets in the control object: state, next (1 + index of the exit taken), token for deferprocat, address
  // of the function's results (Builder::shared_results_).
  static constexpr i64 State = 0, Next = 8, Token = 16, Results = 32;
  Value* ctrl = nullptr;       // outer: the object
  Value* body_ctrl = nullptr;  // body: the same, captured
};

class Builder {
 public:
  Builder(Unit& unit, Instance* inst);
  ~Builder();

  // ---- whole functions (lower_func.cc) ----------------------------------------------------------
  void build_decl(types::Func* decl, types::Signature* sig, syntax::FuncDecl* d, Symbol* s);
  void start(Symbol* s, const AbiSig* sig, Pos pos);
  void finish();

  Unit& u;
  Instance* inst;
  std::unique_ptr<ssa::Func> f;
  Block* cur = nullptr;
  Pos pos;

  // ---- types ------------------------------------------------------------------------------------
  const TypeInfo* ti(Type* t) { return info(t->has_tparams && inst ? u.subst(t, inst) : t); }
  Type* ty(Type* t) { return t->has_tparams && inst ? u.subst(t, inst) : t; }
  const TypeInfo* ti(const syntax::Expr* e) { return ti(e->type); }
  const TypeInfo* basic(types::BasicKind k) { return info(types::basic(k)); }
  const TypeInfo* ptr_type() { return basic(types::BasicKind::UnsafePointer); }
  const TypeInfo* int_type() { return basic(types::BasicKind::Int); }
  const TypeInfo* bool_type() { return basic(types::BasicKind::Bool); }
  const TypeInfo* string_type() { return basic(types::BasicKind::String); }
  const TypeInfo* basic_slice() { return u.byte_slice(); }
  const TypeInfo* any_type() { return info(types::universe_any()); }
  Type* elem_type(Type* t);  // of slice, array, pointer to array, pointer, channel, map, string

  // ---- blocks and slots (builder.cc) ------------------------------------------------------------
  Block* new_block(bool cold = false);
  void seal(Block* b);
  void open_loop(Block* header);
  void close_loop(Block* header);
  void enter(Block* b) { cur = b; }  // more predecessors may come
  // All predecessors are known; code for a block without any is not built.
  void enter_sealed(Block* b) {
    seal(b);
    cur = b->preds.empty() ? nullptr : b;
  }
  void jump(Block* to);
  void branch(Value* c, Block* t, Block* e, int likely = 0);
  void unreachable();
  u32 new_slots(const TypeInfo* t);
  u32 new_slot(Ty ty);
  void write(u32 slot, Value* v);
  Value* read(u32 slot);
  Value* emit(Op op, Ty ty, std::initializer_list<Value*> args = {}, i64 imm = 0);
  Value* emit_span(Op op, Ty ty, std::span<Value* const> args, i64 imm = 0);
  Value* entry_value(Op op, Ty ty, i64 imm = 0);  // appended to the entry block's head
  void marker(RelocKind k, Symbol* s, i64 addend = 0);

  // ---- small values -----------------------------------------------------------------------------
  Value* c64(i64 v) { return emit(Op::Const, Ty::I64, {}, v); }
  Value* c(Ty ty, i64 v) {
    u32 shift = 64 - ssa::size_of(ty) * 8;
    return emit(Op::Const, ty, {},
                ty == Ty::Ptr ? v : static_cast<i64>(static_cast<u64>(v) << shift) >> shift);
  }
  Value* nil() { return emit(Op::Const, Ty::Ptr, {}, 0); }
  Value* sym_addr(Symbol* s, i64 off = 0);
  Value* icmp(Cond c, Value* a, Value* b);
  Value* fcmp(Cond c, Value* a, Value* b);
  Value* add(Value* a, Value* b);
  Value* sub(Value* a, Value* b);
  Value* mul(Value* a, i64 k);
  Value* bool_not(Value* b) { return emit(Op::Xor, Ty::I8, {b, c(Ty::I8, 1)}); }
  Value* select(Value* c, Value* a, Value* b) { return emit(Op::Select, a->ty, {c, a, b}); }
  Value* widen(Value* v, bool is_signed, Ty to = Ty::I64);
  Val val(const TypeInfo* t, std::initializer_list<Value*> words);
  Val mem_val(const TypeInfo* t, Addr a);
  Val zero(const TypeInfo* t);
  Val sub_val(const Val& v, const TypeInfo* t, int first_leaf, i64 off);
  Val retype(Val v, const TypeInfo* t) {
    v.t = t;
    return v;
  }
  Val string_const(std::string_view s, const TypeInfo* t);

  // ---- memory (memory.cc) -----------------------------------------------------------------------
  Value* ptr(const Addr& a);
  Value* ptr_add(Value* p, Value* delta);
  Value* load(Ty ty, const Addr& a);
  void store(const Addr& a, Value* v, bool no_barrier = false);
  Val load(const TypeInfo* t, const Addr& a);  // mem types: the address itself
  void store(const Addr& a, const Val& v);
  void move(const Addr& dst, const Addr& src, const TypeInfo* t);
  void zero_mem(const Addr& a, const TypeInfo* t);
  Addr alloca_for(const TypeInfo* t, bool pinned = false);
  Addr alloca_layout(const ssa::Layout* l, bool pinned = false);
  Addr new_object(const TypeInfo* t);
  Addr new_layout(const ssa::Layout* l);
  u32 fresh_stamp() const { return calls_ + 2; }
  bool is_fresh(const Addr& a) const { return a.fresh == 1 || a.fresh == fresh_stamp(); }
  Addr to_memory(const Val& v);  // address of memory holding v (a temporary when v is in SSA form)
  Val copy_to_temp(const Val& v);
  Value* nil_check(Value* p);
  void bounds(ssa::BoundsKind k, Value* index, Value* limit);
  Value* scaled(Addr base, Value* index, i64 size);

  // ---- calls (lower_call.cc) --------------------------------------------------------------------
  struct Callee {
    enum Kind : u8 { Static, Closure, Code } kind = Static;
    Symbol* sym = nullptr;
    Value* v = nullptr;
    bool noreturn = false;
    bool no_escape = false;  // keeps no pointer it is given
  };
  Vals call(const AbiSig* sig, const Callee& callee, std::span<const Val> args);
  Vals rt(Rt r, std::initializer_list<Val> args);
  Val rt1(Rt r, std::initializer_list<Val> args) { return rt(r, args)[0]; }
  Val pv(Value* v) { return val(ptr_type(), {v}); }
  Val iv(Value* v) { return val(int_type(), {v}); }
  void rt_panic(Rt r, std::initializer_list<Val> args = {});
  Vals call_expr(syntax::CallExpr* e);
  // Evaluates callee and arguments without calling.
  struct PreparedCall {
    Callee callee;
    const AbiSig* sig = nullptr;
    absl::InlinedVector<Val, 6> args;
  };
  bool prepare_call(syntax::CallExpr* e, PreparedCall& p);
  void eval_args(types::Signature* sig, syntax::CallExpr* e, absl::InlinedVector<Val, 6>& out);
  struct MethodTarget {
    Callee callee;
    const AbiSig* sig;
    Val recv;
  };
  Val promoted_receiver(const Val& v, types::Type* t, std::span<const u32> path);
  MethodTarget method_target(syntax::SelectorExpr* s);
  MethodTarget iface_call(const Val& iface, types::Func* m);
  void note_method_lookup(const types::Func* m);
  const types::ConstValue* lookup_name_ =
      nullptr;  // while a call with one constant string is prepared: that string
  bool intrinsic(syntax::CallExpr* e, types::Func* fn, Vals& out);
  types::Func* static_callee(syntax::Expr* fun, std::span<types::Type*>* targs);

  // ---- order of evaluation (order.cc) -----------------------------------------------------------
  static bool has_call(syntax::Expr* e);
  bool is_early(syntax::Expr* e);
  void hoist(syntax::Expr* e, std::vector<syntax::Expr*>& done);
  // Calls eval(i) for every operand, after the calls in all of them.
  void in_order(std::span<syntax::Expr* const> list, absl::FunctionRef<void(size_t)> eval);
  void in_order(syntax::Expr* x, syntax::Expr* y, absl::FunctionRef<void(size_t)> eval) {
    syntax::Expr* list[] = {x, y};
    in_order(list, eval);
  }

  // ---- expressions ------------------------------------------------------------------------------
  Val expr(syntax::Expr* e);
  Val expr_as(syntax::Expr* e, const TypeInfo* target);  // with the implicit conversion of an assignment
  void expr_to(syntax::Expr* e, const TypeInfo* target,
               const Addr& dst);     // into fresh memory that the expression cannot see
  Vals expr_multi(syntax::Expr* e);  // call with several results
  void cond(syntax::Expr* e, Block* t, Block* el, int likely = 0);
  void effect(syntax::Expr* e);
  Val convert_assign(const Val& v, const TypeInfo* to, syntax::Expr* from = nullptr);
  Val constant(const types::ConstValue* c, const TypeInfo* t);
  Addr address(syntax::Expr* e);  // of an addressable expression
  bool addressable_mem(syntax::Expr* e);
  Val ident(syntax::Ident* e);
  Val selector(syntax::SelectorExpr* e);
  Val index(syntax::IndexExpr* e);
  Val slice(syntax::SliceExpr* e);
  Val unary(syntax::UnaryExpr* e);
  Val binary(syntax::BinaryExpr* e);
  Val func_value_of(types::Func* fn, std::span<types::Type*> targs, const TypeInfo* t);
  Val field_path(Val v, Type* t, std::span<const u32> path, Type** out_type);
  Addr field_addr(Addr a, Type* t, std::span<const u32> path, Type** out_type);
  Val composite(syntax::CompositeLit* e);
  Val composite(syntax::CompositeLit* e, const TypeInfo* t);
  void composite_to(syntax::CompositeLit* e, const TypeInfo* t, const Addr& dst);
  Val composite_slice(syntax::CompositeLit* e, const TypeInfo* t);
  Val composite_map(syntax::CompositeLit* e, const TypeInfo* t);
  bool mentions_nothing(syntax::Expr* e);
  Val address_of(syntax::Expr* x, const TypeInfo* ptr);
  Value* index_value(syntax::Expr* e, bool& is_unsigned);
  Val type_assert(syntax::TypeAssertExpr* e, Value** ok);
  Val receive(syntax::UnaryExpr* e, Value** ok);
  Vals comma_ok(syntax::Expr* e);

  // ---- arithmetic and comparison ----------------------------------------------------------------
  Val arith(syntax::Tok op, const Val& a, const Val& b, const TypeInfo* t, syntax::Expr* y);
  Val shift(syntax::Tok op, const Val& a, const Val& b, const TypeInfo* t, syntax::Expr* y);
  Val concat(syntax::BinaryExpr* e);
  void concat_operands(syntax::Expr* e, std::vector<syntax::Expr*>& out);
  Val concat_vals(std::span<const Val> parts, const TypeInfo* t);
  Value* equal(const Val& a, const Val& b);  // values of one type
  Value* compare(syntax::Tok op, syntax::Expr* x, syntax::Expr* y);
  Value* compare_vals(syntax::Tok op, const Val& a, const Val& b);
  Value* string_equal(const Val& a, const Val& b, std::string_view const_b, bool b_is_const);
  Value* mem_equal_const(Value* a, Value* b, i64 n);
  Value* iface_equal(const Val& a, const Val& b);
  void eq_by_sig(const std::string& sig, Value* p, Value* q, i64& off, Block* no);
  Val bytes_as_string(syntax::Expr* e);  // string(b) without a copy, when e is that; else expr

  // ---- conversions and interfaces ---------------------------------------------------------------
  Val convert(syntax::Expr* e, const TypeInfo* to);
  Value* address_number(syntax::Expr* e, std::vector<Value*>& pointers);
  Value* pointer_of(syntax::Expr* e);
  Val convert_val(const Val& v, const TypeInfo* to, syntax::Expr* from);
  Value* convert_number(Value* v, const TypeInfo* from, const TypeInfo* to);
  Val make_iface(const Val& v, const TypeInfo* to, syntax::Expr* from);
  Val iface_to_iface(const Val& v, const TypeInfo* to);
  Value* iface_type(const Val& v);  // type word, nil for a nil interface
  Value* type_addr(const TypeInfo* t, bool use_iface = false);
  Value* holds(const Val& x, const TypeInfo* t);
  Value* assert_itab(Value* typ, const TypeInfo* to, bool can_fail);
  Val iface_data(Value* data, const TypeInfo* t);
  void panic_value(const Val& eface);

  // ---- maps, channels ---------------------------------------------------------------------------
  enum MapFast : u8 { MapSlow, Map32, Map64, Map64Ptr, MapStr };
  MapFast map_fast(types::Map* m);
  Val map_get(const Val& m, const TypeInfo* mt, const Val& key, Value** ok);
  Addr map_assign(const Val& m, const TypeInfo* mt, const Val& key);
  void map_delete(const Val& m, const TypeInfo* mt, const Val& key);
  Val map_key(syntax::Expr* e, types::Map* m);

  // ---- builtins (lower_builtin.cc) --------------------------------------------------------------
  Vals builtin(syntax::CallExpr* e);
  syntax::CallExpr* spread_operands(syntax::CallExpr* e);
  Val len_cap(syntax::Expr* x, bool cap);
  Val make(syntax::CallExpr* e, const TypeInfo* t);
  Val append(syntax::CallExpr* e, const TypeInfo* t);
  Val copy(syntax::CallExpr* e);
  void clear(syntax::Expr* x);
  Val min_max(syntax::CallExpr* e, bool is_max);
  void print(syntax::CallExpr* e, bool ln);
  Val unsafe_slice(syntax::CallExpr* e, bool string);

  // ---- variables, assignment (lower_assign.cc) --------------------------------------------------
  bool in_values() const;                             // whether variables that can live in SSA values do
  Local& declare(types::Var* v);                      // fresh variable, not yet initialised
  void declare_init(types::Var* v, const Val* init);  // null: zero
  Local* find(types::Var* v);
  Val read_local(Local& l);
  Addr local_addr(Local& l);
  void write_local(Local& l, const Val& v);
  i32 debug_var(types::Var* v, std::string_view mark, const TypeInfo* shown);
  void debug_value(i32 dbg, u32 off, Value* v);
  void copy_local(Local& to, Local& from);
  struct CarriedVars;
  CarriedVars carried_vars(syntax::ForStmt* s);
  LValue lvalue(syntax::Expr* e);
  void assign(LValue& l, const Val& v);
  void assign_stmt(syntax::AssignStmt* s);
  void define_or_assign(syntax::Expr* lhs, bool define, const Val& v);
  Val read_lvalue(LValue& l);
  void resolve(LValue& l);  // pending checks
  bool is_map_elem(syntax::Expr* e);

  // ---- statements -------------------------------------------------------------------------------
  void stmt(syntax::Stmt* s);
  void stmts(std::span<syntax::Stmt*> list);
  void if_stmt(syntax::IfStmt* s);
  void for_stmt(syntax::ForStmt* s);
  void range_stmt(syntax::RangeStmt* s);
  void range_int(syntax::RangeStmt* s);
  void range_array(syntax::RangeStmt* s);
  void range_string(syntax::RangeStmt* s);
  void range_map(syntax::RangeStmt* s);
  void range_chan(syntax::RangeStmt* s);
  void range_func(syntax::RangeStmt* s);
  void range_vars(syntax::RangeStmt* s, const Val* key, const Val* value);
  void switch_stmt(syntax::SwitchStmt* s);
  void type_switch(syntax::TypeSwitchStmt* s);
  void select_stmt(syntax::SelectStmt* s);
  void branch_stmt(syntax::BranchStmt* s);
  void labeled(syntax::LabeledStmt* s, std::span<syntax::Stmt*> rest);
  void enter_label(syntax::LabeledStmt* s, std::span<syntax::Stmt*> rest);
  void return_stmt(syntax::ReturnStmt* s);
  void decl_stmt(syntax::Decl* d);
  void do_return(std::span<const Val> vals);  // empty with named results: as they stand
  void go_defer(syntax::Expr* call, bool is_defer);

  // ---- closures ---------------------------------------------------------------------------------
  Val func_lit(syntax::FuncLit* e, bool on_stack = false);
  Value* make_closure(Symbol* fn, std::span<const Val> captured, bool on_stack);
  Vals load_captured(std::span<const Val> like);  // in the closure's function: the values make_closure stored
  std::string closure_name(const char* why);
  bool by_value(types::Var* v, const TypeInfo* t);
  void bind_captures(std::span<types::Var* const> captures, Builder& outer);
  Vals capture_values(std::span<types::Var* const> captures);
  Val method_value(syntax::SelectorExpr* e);

  struct Target {
    syntax::Stmt* stmt;
    Block* brk;
    Block* cont;
  };
  std::vector<Target> targets_;
  Block* fallthrough_ = nullptr;

  // ---- results and defers -----------------------------------------------------------------------
  struct Result {
    types::Var* var;
    const TypeInfo* t;
    Local local;
    bool has_local = false;
    Addr heap_slot = {};  // stack slot with the address of a result on the heap, for the deferreturn block
  };
  std::vector<Result> results_;
  // Where the body of a range over a function returns values, all results stand in one object, so that
  // iterators and deferred functions see them at once: its type and address.
  const TypeInfo* shared_results_ = nullptr;
  Value* shared_results_at_ = nullptr;
  bool range_returns_ = false;
  const AbiSig* abi_ = nullptr;
  bool named_results_ = false;
  bool has_defer_ = false;
  // Labels seen by the scan of the body, and those that a goto jumps back to: with any, every defer may run
  // more than once.
  absl::flat_hash_set<const syntax::Stmt*> seen_labels_, back_labels_;
  int loop_depth_ = 0;
  Block* return_block_ = nullptr;
  RangeFunc* rf_ = nullptr;  // this function is the body of a range over a function
  Builder* outer_ = nullptr;
  Value* ctxt_ = nullptr;
  bool range_defers_ = false;
  types::Signature* sig_ = nullptr;
  bool dupok_ = false;  // instances: the function and its closures may be made by several packages
  int closures_ = 0, wraps_ = 0, ranges_ = 0;
  bool global_init_ = false;  // initialisers of package variables: closures are init.funcN

  void prescan(std::span<syntax::Stmt*> body, bool in_range_func);
  void begin_results(types::Signature* sig);
  void bind_params(types::Signature* sig, types::Var* recv);
  void emit_return();
  void run_defers();
  Val param_value(const ParamLoc& p);
  void build_body(syntax::BlockStmt* body, Pos end);
  bool needs_heap(types::Var* v, const TypeInfo* t);
  Builder* top() {
    Builder* b = this;
    while (b->rf_) b = b->rf_->outer;
    return b;
  }
  void start_nested(Builder& outer, const char* why, const AbiSig* sig, Pos p);
  void use_ctxt();
  const AbiSig* abi_of(types::Signature* sig,
                       const TypeInfo* recv);  // of a declaration's signature, under this instance
  void send(const Val& ch, const Val& v);
  Block* label_block(syntax::LabeledStmt* s);
  void exit_range_func(RangeFunc::Exit e);
  void leave_through(const RangeFunc::Exit& e);

 private:
  friend class Unit;
  struct BlockState {
    bool sealed = false;
    absl::InlinedVector<std::pair<u32, Value*>, 2> incomplete;
    // Header of a loop: where it is entered from, and which part of all writes lies in the loop.
    Block* loop_entry = nullptr;
    u32 first_write = 0, end_write = 0;
  };
  BlockState& state(Block* b);
  Value* read_in(u32 slot, Block* b);
  Value* add_operands(u32 slot, Block* b, Value* param);
  Value* resolve_value(Value* v);
  Value* undefined(Ty ty);
  void def(u32 slot, Block* b, Value* v) { defs_[static_cast<u64>(b->id) << 32 | slot] = v; }

  std::vector<BlockState> blocks_;
  absl::flat_hash_map<u64, Value*> defs_;
  bool written(u32 slot, u32 first, u32 end) const;
  void simplify_params();
  void drop_forwarded();

  std::vector<Ty> slot_ty_;
  std::vector<absl::InlinedVector<u32, 2>>
      slot_writes_;  // by slot: numbers of the writes inside loops, ascending
  u32 writes_ = 0;
  std::vector<Value*> forward_;  // by value id: what a trivial parameter stands for
  bool any_forward_ = false;
  Value* undef_[8] = {};
  // Nodes: loops and callers hold on to a variable's Local while others are declared.
  absl::node_hash_map<const types::Var*, Local> locals_;
  absl::flat_hash_map<const syntax::Expr*, Val>
      overrides_;                                          // operands evaluated elsewhere (deferred builtins)
  absl::flat_hash_map<const syntax::Expr*, Val> hoisted_;  // computed ahead of their operand (in_order)
  absl::flat_hash_map<const syntax::Stmt*, Block*> labels_;
  u32 calls_ = 0;                // safe points emitted so far
  Value* entry_last_ = nullptr;  // entry-block values are inserted after this one
};
}  // namespace vole::irgen
