// Building blocks of amd64 selection: operands, addresses, comparisons, and shorthand for instructions.
#pragma once
#include "target/amd64/amd64.h"

namespace vole::target {
using codegen::Allocator;
using codegen::Form;
using codegen::Mem;
using codegen::MInst;
using codegen::NoReg;
using object::Symbol;
using ssa::Ty;
using ssa::Value;

u16 move_op(Ty ty);
MInst mem_inst(u16 op, Form form, u8 size, Reg r, const Mem& m);
Symbol* float_constant(object::Object& object, Ty ty, u64 bits);
// Memory at a leaf that is an address (SymAddr, Alloca, InArg, OutArg, CallerSP) plus disp.
Mem leaf_mem(Allocator& ra, const Value* v, i64 disp);

// The source operand of an instruction.
struct Opnd {
  enum Kind : u8 { InReg, Imm, InMem } kind = InReg;
  Reg r = NoReg;
  i64 imm = 0;
  Mem m;
};

// A prepared comparison: operands are in place, only the instruction is to be written. `parity`: FCmp Eq/Ne
// also needs PF.
struct Compare {
  u16 op = 0;
  u8 size = 0;
  Opnd a, b;
  u8 cc = 0;
  bool parity = false;
};

extern const u16 SetCc[16], CmovCc[16];

struct Selector {
  Allocator& ra;
  const Amd64& t;

  static u8 width(Ty ty) { return ssa::size_of(ty) == 8 ? 8 : 4; }  // of arithmetic on ty
  static bool fits32(i64 x) { return x == static_cast<i32>(x); }
  static i64 const_of(const Value* v) {  // sign-extended from its type
    switch (v->ty) {
      case Ty::I8: return static_cast<i8>(v->imm);
      case Ty::I16: return static_cast<i16>(v->imm);
      case Ty::I32: return static_cast<i32>(v->imm);
      default: return v->imm;
    }
  }
  void rr(u16 op, u8 size, Reg d, Reg s, u8 size1 = 0);
  void r(u16 op, u8 size, Reg d);
  void ri(u16 op, u8 size, Reg d, i64 imm);
  void rri(u16 op, u8 size, Reg d, Reg s, i64 imm);
  void rm(u16 op, u8 size, Reg d, const Mem& m, u8 size1 = 0);
  void mr(u16 op, u8 size, const Mem& m, Reg s);
  void mi(u16 op, u8 size, const Mem& m, i64 imm);
  void m(u16 op, u8 size, const Mem& m);
  void none(u16 op);
  void apply(u16 op, u8 size, Reg d, const Opnd& o);  // op d, o
  Mem slot(u32 s) {
    Mem mm;
    mm.kind = codegen::MemKind::Slot;
    mm.slot = s;
    return mm;
  }
  static Mem at(Reg base, i32 disp) {
    Mem mm;
    mm.kind = codegen::MemKind::Reg;
    mm.base = base;
    mm.disp = disp;
    return mm;
  }

  Mem address(Value* p, i64 disp);
  Opnd operand(Value* v, bool allow_mem = true);
  Compare prepare(Value* c);          // c: any i8 value, perhaps a folded comparison
  Compare prepare_compare(Value* c);  // c: ICmp or FCmp
  void write(const Compare& c);
  void set_bool(const Compare& c, Reg d);  // d = 0 or 1

  void integer(Value* v);
  void add(Value* v);
  void shift(Value* v);
  void divide(Value* v);
  void bits(Value* v);
  void wide(Value* v);
  void floating(Value* v);
  void convert(Value* v);
  void select_value(Value* v);
  void compare_value(Value* v);
  void load(Value* v);
  void store(Value* v);
  void barrier_store(Value* v);
  void block_move(Value* v);
  void block_zero(Value* v);
  void string_op(u8 opcode, bool rep_quad);  // stos, movs
  void locked(MInst i);
  void nil_check(Value* v);
  void bounds(Value* v);
  void atomic(Value* v);
  void call(Value* v);
  void terminator(Value* v);
};
}  // namespace vole::target
