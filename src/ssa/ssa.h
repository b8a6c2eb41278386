// The intermediate representation between irgen and code generation: functions of basic blocks in SSA form.
//
// Shape: a Func owns Blocks in layout order; a Block has parameters (instead of phi nodes), a doubly linked
// list of instructions in execution order, and a last one that ends it. Edges carry the arguments for the
// target's parameters. Instructions with effects execute in list order; pure ones may move. Values are
// scalars: strings, slices, interfaces, complex numbers and small structs were split into their words by
// irgen; larger ones live in stack objects (Alloca). `ptr` values are what the collector and the stack copier
// look for; every ptr live across a call is recorded in that call's stack map.
//
// Lifetime: everything lives in the Func's arena. Thread safety: one thread works on a Func; Modules are
// read-only while functions are compiled.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/name.h"
#include "object/object.h"
#include "source/pos.h"

namespace vole::ssa {
using object::Symbol;

enum class Ty : u8 { None, I8, I16, I32, I64, F32, F64, Ptr };
constexpr u32 size_of(Ty t) {
  constexpr u8 Sizes[] = {0, 1, 2, 4, 8, 4, 8, 8};
  return Sizes[static_cast<int>(t)];
}
constexpr bool is_int(Ty t) { return t >= Ty::I8 && t <= Ty::I64; }
constexpr bool is_float(Ty t) { return t == Ty::F32 || t == Ty::F64; }

enum class Op : u8 {
#define VOLE_OP(name, text, nargs, flags) name,
#include "ssa/ops.def"
#undef VOLE_OP
};

// clang-format off
enum class Cond : u8 {
  Eq, Ne, LtS, LeS, GtS, GeS, LtU, LeU, GtU, GeU, Lt = LtS, Le = LeS, Gt = GtS, Ge = GeS
};
// clang-format on

// What a Bounds instruction checks (index, limit) and which runtime function it calls on failure; U: the
// index was an unsigned type (message). Index: index < limit unsigned. All others: index <= limit unsigned.
// clang-format off
enum class BoundsKind : u8 {
  Index, IndexU, SliceAlen, SliceAlenU, SliceAcap, SliceAcapU, SliceB, SliceBU, Slice3Alen, Slice3AlenU,
  Slice3Acap, Slice3AcapU, Slice3B, Slice3BU, Slice3C, Slice3CU,
  Convert,  // slice to array: (slice length, array length): panics unless limit <= index
};
// clang-format on

enum ValueFlag : u8 {
  Bounded = 1,  // shifts: the count is below the width. Div/Rem: dividend and divisor cannot be MinInt and -1
  NoBarrier = 2,  // Store/Move/Zero: the destination is fresh or not in the heap: no write barrier
  NonNil = 4,     // ptr result known not nil
  NoReturn = 8,   // calls: never return; Unreachable follows
  NoEscape = 16,  // calls: no pointer given is kept. OutArg: what is stored there is for such a call
  Pinned =
      32,     // Alloca: must stay in memory (read by the deferreturn block, address observed by the runtime)
  Cold = 64,  // calls: unlikely path
  WasNew = 64,        // Alloca: escape analysis made it of a New, where its Zero stands
  ClosureCode = 128,  // Store: of the code pointer into a new closure
};

// Memory layout of an object as the collector sees it.
struct Layout {
  i64 size = 0;
  u32 align = 1;
  std::span<const u8> ptr_mask;  // one bit a word, up to the last pointer; empty: no pointers
  u64 ptr_words = 0;             // words covered by ptr_mask
  Symbol* type =
      nullptr;  // type descriptor (needed by New and by barriers on Move/Zero); may be null otherwise
  bool has_pointers() const { return ptr_words != 0; }
};

// Where one scalar of a signature travels.
struct ArgLoc {
  Ty ty;
  bool in_reg;
  u8 reg;            // index in the ABI's integer (ints, ptr) or float sequence
  u32 stack_offset;  // !in_reg: offset in the stack argument area. in_reg: offset of its slot in the spill
                     // area (relative to the area's start), arguments only
};
// Calling convention applied to a function type: made by irgen, used by call sites and by the function
// itself. Only register scalars appear in `args`/`results` and so as Call/Ret operands; stack-assigned values
// are accessed through OutArg/InArg offsets.
struct Sig {
  std::span<const ArgLoc> args;
  std::span<const ArgLoc> results;
  u32 stack_args = 0;    // bytes of stack arguments and results (results aligned up)
  u32 spill_offset = 0;  // start of the spill area (= stack_args aligned)
  u32 spill_size = 0;
  bool abi0 = false;  // everything on the stack
  // Words of the stack argument+result area that hold pointers (offsets in bytes): arguments, then results
  // from results_offset on
  std::span<const u32> stack_ptr_offsets;
  u32 stack_results_offset = 0;
};

struct Block;
struct Func;
struct DebugVarInfo {
  Name name;
  Name type;  // link string of its type
  Pos decl;
  bool is_param;
  u32 size = 0;        // 0: unknown
  i32 inl = -1;        // the inlined call it belongs to; -1: the function itself
  i32 stack_arg = -1;  // where it lies in the incoming area, when it came on the stack and stays there
};

struct Value {
  Op op;
  Ty ty = Ty::None;
  u8 flags = 0;
  union {
    Cond cond;
    BoundsKind bounds_kind;
    u8 sub = 0;
  };
  u32 id = 0;    // dense in its Func
  i32 inl = -1;  // node of Func::inlines, -1: the function itself
  u16 nargs = 0, cap = 0;
  Value** args = nullptr;
  i64 imm = 0;
  union {
    i64 imm2 = 0;    // Move, Zero: byte count
    const Sig* sig;  // calls
    u32 debug_var;   // Dbg: index in Func::debug_vars; Alloca: 1 + index of the variable it holds, 0: none
  };
  union {
    Symbol* sym = nullptr;  // SymAddr, Call, TailCall
    const Layout* layout;   // Alloca, New, Move, Zero
  };
  Pos pos;
  Block* block = nullptr;  // null once removed
  Value* prev = nullptr;
  Value* next = nullptr;

  Value* arg(u32 i) const {
    VOLE_DCHECK(i < nargs);
    return args[i];
  }
  std::span<Value*> operands() const { return {args, nargs}; }
  bool has(ValueFlag f) const { return flags & f; }
  bool is_const() const { return op == Op::Const; }
  bool is_const(i64 v) const { return op == Op::Const && imm == v; }
};

struct Edge {
  Block* to = nullptr;
  std::vector<Value*> args;  // parallel to to->params
};

struct Pred {
  Block* from;
  u32 succ;  // from->succs[succ] is this edge
};

struct Block {
  u32 id = 0;
  Func* func = nullptr;
  std::vector<Value*> params;
  Value* first = nullptr;
  Value* last = nullptr;  // the terminator once the block is complete
  std::vector<Edge> succs;
  std::vector<Pred> preds;
  i8 likely = 0;       // -1: cold (panics); set by irgen and passes
  u32 loop_depth = 0;  // after compute_loops
  Value* terminator() const { return last; }
};

// Escape facts of one function for its callers, by parameter word (Sig::args order; then the closure pointer
// last).
struct EscapeSummary {
  // 0: neither the pointer nor what it points to is kept or changed. ContentLeaks: pointers in the object
  // itself are kept; DeepLeaks: pointers behind those only. Filled: pointers from elsewhere may have been
  // stored in the object; DeepFilled: in objects behind it
  enum : u8 { Leaks = 1, FlowsToResult = 2, ContentLeaks = 4, DeepLeaks = 8, Filled = 16, DeepFilled = 32 };
  std::vector<u8> params;
};

struct Func {
  Name name;  // link name
  Symbol* sym = nullptr;
  Sig* sig = nullptr;
  Pos pos;  // of the `func` keyword (start line)
  Pos end_pos;
  std::vector<Block*> blocks;  // layout order; [0] is the entry; its params are Sig::args, then nothing
  Block* deferreturn_block = nullptr;  // functions with defers: starts with the call to runtime.deferreturn;
                                       // reads stack objects only
  u32 next_value = 0, next_block = 0;
  bool no_split = false, no_inline = false, wrapper = false, is_closure = false, needs_ctxt = false,
       top_frame = false, has_defer = false, has_recover = false, dupok = false, abi0 = false,
       is_generic_instance = false, reflect_method = false,
       no_escape = false;  // keeps none of its pointer arguments, whatever its body seems to do
  u8 func_id = 0;
  u32 pragma = 0;
  std::vector<object::InlineNode> inlines;
  std::vector<DebugVarInfo> debug_vars;
  std::vector<u8> arg_info;            // what tracebacks print of the arguments: FUNCDATA_ArgInfo
  std::vector<object::Reloc> markers;  // UseIface… and Keep relocations the function's symbol gets
  EscapeSummary escape;
  bool has_escape_summary = false;
  u32 inline_cost = 0;  // set by the inliner; 0: not known yet
  Arena arena;

  Block* new_block();
  // Makes a value that stands nowhere yet.
  Value* new_value(Op op, Ty ty, std::span<Value* const> args = {}, Pos pos = {}, i64 imm = 0);
  Value* add_param(Block* b, Ty ty);  // appends a block parameter; edges must be extended by the caller
  void append(Block* b, Value* v);    // at the end (terminators too)
  void insert_before(Value* at, Value* v);
  void insert_after(Value* at, Value* v);
  void remove(Value* v);  // from its block
  void set_args(Value* v, std::span<Value* const> args);
  void add_edge(Block* from, Block* to,
                std::span<Value* const> args = {});  // appends to from->succs and to->preds
  void remove_edge(Block* from, u32 succ);           // keeps preds and indices consistent
  void redirect_edge(Block* from, u32 succ, Block* to, std::span<Value* const> args = {});
  void remove_block(Block* b);  // unreachable block: its out edges, then itself from `blocks`
};

// The code of one package on its way to an object. Data symbols are filled directly in `object` by irgen.
struct Module {
  object::Object* object = nullptr;
  Name package;
  std::vector<std::unique_ptr<Func>> funcs;
};

// Facts about operations.
struct OpInfo {
  const char* text;
  i8 nargs;
  u16 flags;
};
// clang-format off
enum OpFlag : u16 {
  OpPure = 1, OpReads = 2, OpWrites = 4, OpTraps = 8, OpCommutes = 16, OpEffect = 32, OpMulti = 64,
  OpTerm = 128, OpCall = 256
};
// clang-format on
const OpInfo& op_info(Op op);
inline bool is_call(const Value* v) { return op_info(v->op).flags & OpCall; }
inline bool is_terminator(const Value* v) { return op_info(v->op).flags & OpTerm; }
inline bool is_pure(const Value* v) { return op_info(v->op).flags & OpPure; }
const char* ty_text(Ty t);

// Text form (grammar at the top of ssa/parse.cc). print and parse are inverse.
std::string print(const Func& f);
// Parses one or more functions and `data` stubs; symbols are created in `object`. On error returns false and
// sets `error` ("line: message").
bool parse(std::string_view text, object::Object& object, std::vector<std::unique_ptr<Func>>& out,
           std::string& error);
// Returns all faults found (empty: well formed). Rules at the top of ssa/verify.cc.
std::vector<std::string> verify(const Func& f);
}  // namespace vole::ssa
