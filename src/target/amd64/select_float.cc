// Selection of amd64 instructions on floating point numbers (SSE scalar) and of conversions.
#include <asmjit/x86/x86globals.h>

#include "target/amd64/select.h"

namespace vole::target {
using namespace codegen;
namespace Inst = asmjit::x86::Inst;
using ssa::Op;

void Selector::floating(Value* v) {
  bool d64 = v->ty == Ty::F64;
  u8 size = d64 ? 8 : 4;
  Value* a = v->args[0];
  auto constant = [&](u64 bits64, u64 bits32) {
    Reg x = ra.temp(t.float_regs);
    Mem mm;
    mm.kind = MemKind::Sym;
    mm.sym = float_constant(ra.object(), v->ty, d64 ? bits64 : bits32);
    rm(move_op(v->ty), size, x, mm);
    return x;
  };
  constexpr u64 Sign64 = u64{1} << 63, Sign32 = u64{1} << 31;
  switch (v->op) {
    case Op::FAdd:
    case Op::FSub:
    case Op::FMul:
    case Op::FDiv: {
      Value* b = v->args[1];
      u16 op = v->op == Op::FAdd   ? (d64 ? Inst::kIdAddsd : Inst::kIdAddss)
               : v->op == Op::FSub ? (d64 ? Inst::kIdSubsd : Inst::kIdSubss)
               : v->op == Op::FMul ? (d64 ? Inst::kIdMulsd : Inst::kIdMulss)
                                   : (d64 ? Inst::kIdDivsd : Inst::kIdDivss);
      Opnd o;
      if (b->is_const() && b->imm != 0 && !ra.in_reg(b)) {
        o.kind = Opnd::InMem;
        o.m.kind = MemKind::Sym;
        o.m.sym = float_constant(ra.object(), v->ty, static_cast<u64>(b->imm));
      } else {
        o = operand(b);
      }
      bool commutes = v->op == Op::FAdd || v->op == Op::FMul;
      if (commutes && o.kind == Opnd::InReg && !ra.dies(a) && ra.dies(b) && !b->is_const()) {
        Reg s = ra.use(a);
        Reg d = ra.def_reusing(v, b);
        rr(op, size, d, s);
        return;
      }
      Reg d = ra.def_reusing(v, a);
      apply(op, size, d, o);
      return;
    }
    case Op::FNeg: {
      Reg m = constant(Sign64, Sign32);
      Reg d = ra.def_reusing(v, a);
      rr(Inst::kIdXorps, 16, d, m);
      return;
    }
    case Op::FAbs: {
      Reg m = constant(~Sign64, ~Sign32 & 0xffffffff);
      Reg d = ra.def_reusing(v, a);
      rr(Inst::kIdAndps, 16, d, m);
      return;
    }
    case Op::FCopySign: {
      Reg m = constant(Sign64, Sign32);
      Reg sign = ra.use(v->args[1]);
      Reg s = ra.temp(t.float_regs);
      rr(Inst::kIdMovaps, 16, s, sign);
      Reg d = ra.def_reusing(v, a);
      rr(Inst::kIdAndps, 16, s, m);
      rr(Inst::kIdAndnps, 16, m, d);  // m = ~m & a
      rr(Inst::kIdMovaps, 16, d, m);
      rr(Inst::kIdOrps, 16, d, s);
      return;
    }
    case Op::FSqrt: {
      u16 op = d64 ? Inst::kIdSqrtsd : Inst::kIdSqrtss;
      if (ra.folded(a)) {
        Mem mm = address(a->args[0], a->imm);
        ra.release();
        Reg d = ra.def(v);
        rr(Inst::kIdXorps, 16, d, d);
        rm(op, size, d, mm);
        return;
      }
      Reg s = ra.use(a);
      ra.release();
      rr(op, size, ra.def(v), s);
      return;
    }
    case Op::FMA: {
      Reg x = ra.use(v->args[0]), y = ra.use(v->args[1]);
      Reg d = ra.def_reusing(v, v->args[2]);
      MInst i;
      i.op = d64 ? Inst::kIdVfmadd231sd : Inst::kIdVfmadd231ss;
      i.form = Form::RRR;
      i.size = size;
      i.r0 = d;
      i.r1 = x;
      i.r2 = y;
      ra.emit(i);
      return;
    }
    case Op::FRound: {
      Reg s = ra.use(a);
      ra.release();
      Reg d = ra.def(v);
      rri(d64 ? Inst::kIdRoundsd : Inst::kIdRoundss, size, d, s, (v->imm & 3) | 8);
      return;
    }
    case Op::FMin:
    case Op::FMax: {
      // min: m = minsd(x, y) is y when either is NaN or both are zeros; minsd(m, x) is then x; the bits of
      // both together are right in all cases. max(x, y) = -min(-x, -y).
      bool max = v->op == Op::FMax;
      u16 op = d64 ? Inst::kIdMinsd : Inst::kIdMinss;
      Reg x = ra.use(a), y = ra.use(v->args[1]);
      Reg neg = max ? constant(Sign64, Sign32) : NoReg;
      Reg xs = x;
      if (max) {
        xs = ra.temp(t.float_regs);
        rr(Inst::kIdMovaps, 16, xs, x);
        rr(Inst::kIdXorps, 16, xs, neg);
      }
      Reg ys = y;
      if (max) {
        ys = ra.temp(t.float_regs);
        rr(Inst::kIdMovaps, 16, ys, y);
        rr(Inst::kIdXorps, 16, ys, neg);
      }
      Reg m = ra.temp(t.float_regs);
      Reg d = ra.def(v);
      rr(Inst::kIdMovaps, 16, m, xs);
      rr(op, size, m, ys);
      rr(Inst::kIdMovaps, 16, d, m);
      rr(op, size, d, xs);
      rr(Inst::kIdOrps, 16, d, m);
      if (max) rr(Inst::kIdXorps, 16, d, neg);
      return;
    }
    default: VOLE_UNREACHABLE("floating operation");
  }
}

void Selector::convert(Value* v) {
  Value* a = v->args[0];
  bool from64 = a->ty == Ty::F64, to64 = v->ty == Ty::F64;
  switch (v->op) {
    case Op::SToF: {
      u16 op = to64 ? Inst::kIdCvtsi2sd : Inst::kIdCvtsi2ss;
      u8 from = static_cast<u8>(ssa::size_of(a->ty));
      if (ra.folded(a)) {
        Mem mm = address(a->args[0], a->imm);
        ra.release();
        Reg d = ra.def(v);
        rr(Inst::kIdXorps, 16, d, d);
        rm(op, from, d, mm, from);
        return;
      }
      Reg s = ra.use(a);
      Reg d = ra.def(v);
      rr(Inst::kIdXorps, 16, d, d);
      rr(op, from, d, s, from);
      return;
    }
    case Op::UToF: {
      u16 op = to64 ? Inst::kIdCvtsi2sd : Inst::kIdCvtsi2ss;
      Reg s = ra.use(a);
      Reg half = ra.temp(t.int_regs), low = ra.temp(t.int_regs);
      Reg d = ra.def(v);
      rr(Inst::kIdXorps, 16, d, d);
      rr(Inst::kIdTest, 8, s, s);
      u32 big = ra.new_mblock(false), small = ra.new_mblock(false), join = ra.new_mblock(false);
      ra.end_branch(S, big, small);
      ra.open_aside(big);
      // Halve, keeping the lost bit sticky so that rounding is the same, convert, double.
      rr(Inst::kIdMov, 8, half, s);
      rr(Inst::kIdMov, 8, low, s);
      ri(Inst::kIdShr, 8, half, 1);
      ri(Inst::kIdAnd, 4, low, 1);
      rr(Inst::kIdOr, 8, half, low);
      rr(op, 8, d, half, 8);
      rr(to64 ? Inst::kIdAddsd : Inst::kIdAddss, to64 ? 8 : 4, d, d);
      ra.close_aside(join);
      ra.open(small);
      rr(op, 8, d, s, 8);
      ra.end_jump(join);
      ra.open(join);
      return;
    }
    case Op::FToS: {
      u16 op = from64 ? Inst::kIdCvttsd2si : Inst::kIdCvttss2si;
      Reg s = ra.use(a);
      ra.release();
      rr(op, static_cast<u8>(ssa::size_of(v->ty)), ra.def(v), s, from64 ? 8 : 4);
      return;
    }
    case Op::FToU: {
      u16 op = from64 ? Inst::kIdCvttsd2si : Inst::kIdCvttss2si;
      Reg s = ra.use(a);
      Reg limit = ra.temp(t.float_regs), less = ra.temp(t.float_regs);
      Reg top = ra.temp(t.int_regs);
      Reg d = ra.def(v);
      Mem mm;
      mm.kind = MemKind::Sym;
      mm.sym = float_constant(ra.object(), a->ty, from64 ? 0x43e0000000000000u : 0x5f000000u);
      rm(move_op(a->ty), from64 ? 8 : 4, limit, mm);
      rr(from64 ? Inst::kIdUcomisd : Inst::kIdUcomiss, from64 ? 8 : 4, s, limit);
      u32 big = ra.new_mblock(false), small = ra.new_mblock(false), join = ra.new_mblock(false);
      ra.end_branch(AE, big, small);
      ra.open_aside(big);
      rr(Inst::kIdMovaps, 16, less, s);
      rr(from64 ? Inst::kIdSubsd : Inst::kIdSubss, from64 ? 8 : 4, less, limit);
      rr(op, 8, d, less, from64 ? 8 : 4);
      ri(Inst::kIdMov, 8, top, INT64_MIN);
      rr(Inst::kIdOr, 8, d, top);  // what is out of range stays 1<<63
      ra.close_aside(join);
      ra.open(small);
      rr(op, 8, d, s, from64 ? 8 : 4);
      ra.end_jump(join);
      ra.open(join);
      return;
    }
    case Op::FToF: {
      if (a->ty == v->ty) {
        ra.def_reusing(v, a);
        return;
      }
      u16 op = to64 ? Inst::kIdCvtss2sd : Inst::kIdCvtsd2ss;
      if (ra.folded(a)) {
        Mem mm = address(a->args[0], a->imm);
        ra.release();
        Reg d = ra.def(v);
        rr(Inst::kIdXorps, 16, d, d);
        rm(op, to64 ? 4 : 8, d, mm);
        return;
      }
      Reg s = ra.use(a);
      ra.release();
      rr(op, to64 ? 4 : 8, ra.def(v), s);
      return;
    }
    case Op::BitCast: {
      if (ra.folded(a) || (ra.only_in_slot(a) && ra.dies(a))) {
        Mem mm = ra.folded(a) ? address(a->args[0], a->imm) : slot(ra.slot_of(a));
        ra.release();
        rm(move_op(v->ty), static_cast<u8>(ssa::size_of(v->ty)), ra.def(v), mm);
        return;
      }
      Reg s = ra.use(a);
      t.move(ra.mf(), ra.def(v), s, v->ty);
      return;
    }
    default: VOLE_UNREACHABLE("conversion");
  }
}
}  // namespace vole::target
