// Amd64 as a machine with registers and slots: the moves the allocator asks for, and cheap leaves made again.
#include <asmjit/x86/x86globals.h>
#include <fmt/format.h>

#include "target/amd64/amd64.h"
#include "target/amd64/select.h"

namespace vole::target {
using namespace codegen;
namespace Inst = asmjit::x86::Inst;
using ssa::Op;

u16 move_op(Ty ty) {
  switch (ty) {
    case Ty::F32: return Inst::kIdMovss;
    case Ty::F64: return Inst::kIdMovsd;
    default: return Inst::kIdMov;
  }
}

MInst mem_inst(u16 op, Form form, u8 size, Reg r, const Mem& m) {
  MInst i;
  i.op = op;
  i.form = form;
  i.size = size;
  i.r0 = r;
  i.mem_kind = m.kind;
  i.base = m.base;
  i.index = m.index;
  i.scale = m.scale;
  i.disp = m.disp;
  i.sym = m.sym;
  if (m.kind == MemKind::Slot || m.kind == MemKind::Local) i.slot = m.slot;
  return i;
}

void Amd64::move(MachineFunc& mf, Reg dst, Reg src, Ty ty) const {
  if (dst == src) return;
  MInst i;
  i.form = Form::RR;
  i.r0 = dst;
  i.r1 = src;
  bool fd = codegen::is_float_reg(dst), fs = codegen::is_float_reg(src);
  if (fd && fs) {
    i.op = Inst::kIdMovaps;
    i.size = 16;
  } else if (fd || fs) {
    i.op = ssa::size_of(ty) == 8 ? Inst::kIdMovq : Inst::kIdMovd;
    i.size = ssa::size_of(ty) == 8 ? 8 : 4;
  } else {
    i.op = Inst::kIdMov;
    i.size = ssa::size_of(ty) == 8 ? 8 : 4;
  }
  mf.insts.push_back(i);
}

void Amd64::swap(MachineFunc& mf, Reg a, Reg b) const {
  MInst i;
  i.op = Inst::kIdXchg;
  i.form = Form::RR;
  i.size = 8;
  i.r0 = a;
  i.r1 = b;
  mf.insts.push_back(i);
}

// X15 is zero everywhere else; scratch_done makes it so again.
void Amd64::move_via_scratch(MachineFunc& mf, Reg reg, bool save) const {
  move(mf, save ? X15 : reg, save ? reg : X15, Ty::F64);
}
void Amd64::scratch_done(MachineFunc& mf) const {
  MInst i;
  i.op = Inst::kIdXorps;
  i.form = Form::RR;
  i.r0 = i.r1 = X15;
  mf.insts.push_back(i);
}

// Slots hold small integers as four bytes, so that they come back without a partial register.
void Amd64::load(MachineFunc& mf, Reg dst, const Mem& m, Ty ty) const {
  mf.insts.push_back(mem_inst(move_op(ty), Form::RM, ssa::size_of(ty) == 8 ? 8 : 4, dst, m));
}
void Amd64::store(MachineFunc& mf, const Mem& m, Reg src, Ty ty) const {
  mf.insts.push_back(mem_inst(move_op(ty), Form::MR, ssa::size_of(ty) == 8 ? 8 : 4, src, m));
}

void Amd64::copy_slot(MachineFunc& mf, u32 dst, u32 src) const {
  Mem m;
  m.kind = MemKind::Slot;
  m.slot = src;
  load(mf, X15, m, Ty::F64);
  m.slot = dst;
  store(mf, m, X15, Ty::F64);
}

Symbol* float_constant(object::Object& object, Ty ty, u64 bits) {
  Symbol* s = ty == Ty::F32 ? object.get(fmt::format("$f32.{:08x}", static_cast<u32>(bits)))
                            : object.get(fmt::format("$f64.{:016x}", bits));
  // Several functions may make it at once; they write the same.
  static std::mutex mu;
  std::lock_guard lock(mu);
  if (s->kind == object::SymKind::Undef) {
    size_t n = ty == Ty::F32 ? 4 : 8;
    s->bytes = object.copy_bytes({reinterpret_cast<const u8*>(&bits), n});
    s->size = n;
    s->align = static_cast<u32>(n);
    s->dupok = true;
    s->kind = object::SymKind::RoData;
  }
  return s;
}

namespace {
Mem leaf_address(Allocator& ra, const ssa::Value* v) {
  Mem m;
  m.disp = static_cast<i32>(v->imm);
  switch (v->op) {
    case Op::SymAddr:
      m.kind = MemKind::Sym;
      m.sym = v->sym;
      break;
    case Op::Alloca:
      m.kind = MemKind::Local;
      m.disp = 0;
      m.slot = ra.local_of(v);
      break;
    case Op::InArg: m.kind = MemKind::InArg; break;
    case Op::OutArg: m.kind = MemKind::OutArg; break;
    case Op::CallerSP:
      m.kind = MemKind::InArg;
      m.disp = 0;
      break;
    default: VOLE_UNREACHABLE("not an address");
  }
  return m;
}
}  // namespace

void Amd64::remat(Allocator& ra, Reg dst, const ssa::Value* v) const {
  MInst i;
  i.r0 = dst;
  switch (v->op) {
    case Op::Const:
      if (ssa::is_float(v->ty)) {
        if (v->imm == 0) {
          i.op = Inst::kIdXorps;
          i.form = Form::RR;
          i.r1 = dst;
          ra.emit(i);
        } else {
          Mem m;
          m.kind = MemKind::Sym;
          m.sym = float_constant(ra.object(), v->ty, static_cast<u64>(v->imm));
          ra.emit(mem_inst(move_op(v->ty), Form::RM, static_cast<u8>(ssa::size_of(v->ty)), dst, m));
        }
        return;
      }
      i.imm = v->imm;
      if (ssa::size_of(v->ty) < 8) i.imm = static_cast<i64>(static_cast<u32>(v->imm));
      if (i.imm == 0) {
        i.op = Inst::kIdXor;
        i.form = Form::RR;
        i.size = 4;
        i.r1 = dst;
      } else {
        i.op = Inst::kIdMov;
        i.form = Form::RI;
        i.size = i.imm >= 0 && i.imm <= 0xffffffff ? 4 : 8;
      }
      ra.emit(i);
      return;
    case Op::GetG: move(ra.mf(), dst, R14, Ty::Ptr); return;
    default: ra.emit(mem_inst(Inst::kIdLea, Form::RM, 8, dst, leaf_address(ra, v))); return;
  }
}

void Amd64::remat_to_slot(Allocator& ra, u32 slot, const ssa::Value* v, Reg free) const {
  Mem m;
  m.kind = MemKind::Slot;
  m.slot = slot;
  if (v->op == Op::Const && v->imm == static_cast<i32>(v->imm)) {
    MInst i = mem_inst(Inst::kIdMov, Form::MI, 8, NoReg, m);
    i.imm = v->imm;
    ra.emit(i);
    return;
  }
  if (v->op == Op::GetG) return store(ra.mf(), m, R14, Ty::Ptr);
  if (ssa::is_float(v->ty)) {
    remat(ra, X15, v);
    store(ra.mf(), m, X15, v->ty);
    scratch_done(ra.mf());
    return;
  }
  bool borrowed = free == NoReg;
  Reg r = borrowed ? RAX : free;
  if (borrowed) move(ra.mf(), X15, RAX, Ty::I64);
  remat(ra, r, v);
  store(ra.mf(), m, r, v->ty);
  if (borrowed) {
    move(ra.mf(), RAX, X15, Ty::I64);
    scratch_done(ra.mf());
  }
}

Mem leaf_mem(Allocator& ra, const ssa::Value* v, i64 disp) {
  Mem m = leaf_address(ra, v);
  m.disp += static_cast<i32>(disp);
  return m;
}

int Amd64::hinted_operand(const ssa::Value* v) const {
  switch (v->op) {
      // clang-format off
    case Op::Add: case Op::Sub: case Op::And: case Op::Or: case Op::Xor: case Op::Mul: case Op::Neg:
    case Op::Not: case Op::Shl: case Op::ShrS: case Op::ShrU: case Op::RotL: case Op::FAdd: case Op::FSub:
    case Op::FMul: case Op::FDiv: case Op::PtrAdd: case Op::Trunc: case Op::PtrToInt: case Op::IntToPtr:
    case Op::BSwap:
      // clang-format on
      return 0;
    default: return -1;
  }
}

const Target& amd64() {
  static const Amd64 machine;
  return machine;
}
}  // namespace vole::target
