// Selection of amd64 instructions: integers, comparisons, calls and control flow. Memory is in select_mem.cc,
// floats in select_float.cc.
//
// Every function follows one discipline: empty fixed registers first (take, use_fixed), then bring operands
// into place (they stay pinned), then release what dies, then define the result. Between a comparison and the
// reader of its flags nothing is allocated, because making a zero uses xor.
#include "target/amd64/select.h"

#include <asmjit/x86/x86globals.h>

#include "abi/abi.h"

namespace vole::target {
using namespace codegen;
namespace Inst = asmjit::x86::Inst;
using ssa::Cond;
using ssa::Op;

// ---- shorthand ----------------------------------------------------------------------------------

void Selector::rr(u16 op, u8 size, Reg d, Reg s, u8 size1) {
  MInst i;
  i.op = op;
  i.form = Form::RR;
  i.size = size;
  i.size1 = size1;
  i.r0 = d;
  i.r1 = s;
  ra.emit(i);
}
void Selector::r(u16 op, u8 size, Reg d) {
  MInst i;
  i.op = op;
  i.form = Form::R;
  i.size = size;
  i.r0 = d;
  ra.emit(i);
}
void Selector::ri(u16 op, u8 size, Reg d, i64 imm) {
  MInst i;
  i.op = op;
  i.form = Form::RI;
  i.size = size;
  i.r0 = d;
  i.imm = imm;
  ra.emit(i);
}
void Selector::rri(u16 op, u8 size, Reg d, Reg s, i64 imm) {
  MInst i;
  i.op = op;
  i.form = Form::RRI;
  i.size = size;
  i.r0 = d;
  i.r1 = s;
  i.imm = imm;
  ra.emit(i);
}
void Selector::rm(u16 op, u8 size, Reg d, const Mem& mm, u8 size1) {
  MInst i = mem_inst(op, Form::RM, size, d, mm);
  i.size1 = size1;
  ra.emit(i);
}
void Selector::mr(u16 op, u8 size, const Mem& mm, Reg s) { ra.emit(mem_inst(op, Form::MR, size, s, mm)); }
void Selector::mi(u16 op, u8 size, const Mem& mm, i64 imm) {
  MInst i = mem_inst(op, Form::MI, size, NoReg, mm);
  i.imm = imm;
  ra.emit(i);
}
void Selector::m(u16 op, u8 size, const Mem& mm) { ra.emit(mem_inst(op, Form::M, size, NoReg, mm)); }
void Selector::none(u16 op) {
  MInst i;
  i.op = op;
  ra.emit(i);
}
void Selector::apply(u16 op, u8 size, Reg d, const Opnd& o) {
  switch (o.kind) {
    case Opnd::InReg: rr(op, size, d, o.r); break;
    case Opnd::Imm: ri(op, size, d, o.imm); break;
    case Opnd::InMem: rm(op, size, d, o.m); break;
  }
}

// ---- operands -----------------------------------------------------------------------------------

Mem Selector::address(Value* p, i64 disp) {
  Mem mm;
  mm.kind = MemKind::Reg;
  Value* base = p;
  if (ra.folded(p)) {
    VOLE_DCHECK(p->op == Op::PtrAdd);
    base = p->args[0];
    Value* index = p->args[1];
    if (index->is_const()) {
      disp += index->imm;
    } else if (ra.folded(index)) {
      mm.index = ra.use(index->args[0]);
      mm.scale = static_cast<u8>(index->args[1]->imm);
    } else {
      mm.index = ra.use(index);
    }
  }
  switch (base->op) {
    case Op::SymAddr:
      if (mm.index != NoReg) break;
      [[fallthrough]];
      // clang-format off
    case Op::Alloca: case Op::InArg: case Op::OutArg: case Op::CallerSP:
      // clang-format on
      if (fits32(base->imm + disp)) {
        Mem l = leaf_mem(ra, base, disp);
        l.index = mm.index;
        l.scale = mm.scale;
        return l;
      }
      break;
    default: break;
  }
  mm.base = ra.use(base);
  if (!fits32(disp)) {
    Reg big = ra.temp(t.int_regs);
    ri(Inst::kIdMov, 8, big, disp);
    rr(Inst::kIdAdd, 8, big, mm.base);
    mm.base = big;
    disp = 0;
  }
  mm.disp = static_cast<i32>(disp);
  return mm;
}

Opnd Selector::operand(Value* v, bool allow_mem) {
  Opnd o;
  if (v->is_const() && !ssa::is_float(v->ty) && fits32(const_of(v)) && !ra.in_reg(v)) {
    o.kind = Opnd::Imm;
    o.imm = const_of(v);
    return o;
  }
  if (ra.folded(v)) {
    VOLE_DCHECK(v->op == Op::Load);
    o.kind = Opnd::InMem;
    o.m = address(v->args[0], v->imm);
    return o;
  }
  if (allow_mem && ra.only_in_slot(v) && ra.dies(v) && ssa::size_of(v->ty) >= 4) {
    o.kind = Opnd::InMem;
    o.m = slot(ra.slot_of(v));
    return o;
  }
  o.r = ra.use(v);
  return o;
}

// ---- comparisons --------------------------------------------------------------------------------

namespace {
u8 int_cc(Cond c) {
  switch (c) {
    case Cond::Eq: return E;
    case Cond::Ne: return NE;
    case Cond::LtS: return L;
    case Cond::LeS: return LE;
    case Cond::GtS: return G;
    case Cond::GeS: return GE;
    case Cond::LtU: return B;
    case Cond::LeU: return BE;
    case Cond::GtU: return A;
    case Cond::GeU: return AE;
  }
  return E;
}
u8 swapped(u8 cc) {
  switch (cc) {
    case L: return G;
    case LE: return GE;
    case G: return L;
    case GE: return LE;
    case B: return A;
    case BE: return AE;
    case A: return B;
    case AE: return BE;
    default: return cc;
  }
}
}  // namespace

Compare Selector::prepare(Value* c) {
  Compare x;
  bool own = c->op == Op::ICmp || c->op == Op::FCmp;
  if (!own || !(ra.folded(c))) {
    x.op = Inst::kIdTest;
    x.size = 1;
    x.a.r = x.b.r = ra.use(c);
    x.cc = NE;
    return x;
  }
  return prepare_compare(c);
}

Compare Selector::prepare_compare(Value* c) {
  Compare x;
  Value *a = c->args[0], *b = c->args[1];
  if (c->op == Op::FCmp) {
    x.op = a->ty == Ty::F32 ? Inst::kIdUcomiss : Inst::kIdUcomisd;
    x.size = static_cast<u8>(ssa::size_of(a->ty));
    if (c->cond == Cond::Lt || c->cond == Cond::Le) std::swap(a, b);
    x.a.r = ra.use(a);
    if (ra.only_in_slot(b) && ra.dies(b)) {
      x.b.kind = Opnd::InMem;
      x.b.m = slot(ra.slot_of(b));
    } else {
      x.b.r = ra.use(b);
    }
    switch (c->cond) {
      case Cond::Eq: x.cc = E, x.parity = true; break;
      case Cond::Ne: x.cc = NE, x.parity = true; break;
      case Cond::Lt:
      case Cond::Gt: x.cc = A; break;
      default: x.cc = AE; break;
    }
    return x;
  }
  x.size = static_cast<u8>(ssa::size_of(a->ty));
  x.cc = int_cc(c->cond);
  if (ra.folded(a) && a->op == Op::And) {
    // (p & q) against zero.
    Value *p = a->args[0], *q = a->args[1];
    if (p->is_const()) std::swap(p, q);
    x.op = Inst::kIdTest;
    x.a.r = ra.use(p);
    if (q->is_const() && fits32(const_of(q))) {
      x.b.kind = Opnd::Imm;
      x.b.imm = const_of(q);
      if (x.size == 8 && x.b.imm >= 0) x.size = 4;
      if (x.size == 2) x.size = 4, x.b.imm &= 0xffff;
    } else if (ra.folded(q)) {
      x.b = operand(q);
    } else {
      x.b.r = ra.use(q);
    }
    return x;
  }
  if (a->is_const() && !b->is_const()) {
    std::swap(a, b);
    x.cc = swapped(x.cc);
  }
  if (b->is_const() && const_of(b) == 0 && !ra.folded(a) && !(ra.only_in_slot(a) && ra.dies(a))) {
    x.op = Inst::kIdTest;
    x.a.r = x.b.r = ra.use(a);
    return x;
  }
  x.op = Inst::kIdCmp;
  bool imm = b->is_const() && fits32(const_of(b));
  if (ra.folded(a)) {
    x.a = operand(a);
  } else if (imm && ra.only_in_slot(a) && ra.dies(a)) {
    x.a.kind = Opnd::InMem;
    x.a.m = slot(ra.slot_of(a));
  } else {
    x.a.r = ra.use(a);
  }
  if (imm) {
    x.b.kind = Opnd::Imm;
    x.b.imm = const_of(b);
  } else if (x.a.kind == Opnd::InMem) {
    x.b.r = ra.use(b);
  } else if (ra.folded(b)) {
    x.b = operand(b);
  } else if (ra.only_in_slot(b) && ra.dies(b)) {
    x.b.kind = Opnd::InMem;
    x.b.m = slot(ra.slot_of(b));
  } else {
    x.b.r = ra.use(b);
  }
  return x;
}

void Selector::write(const Compare& c) {
  if (c.a.kind == Opnd::InMem) {
    if (c.b.kind == Opnd::Imm) {
      mi(c.op, c.size, c.a.m, c.b.imm);
    } else {
      mr(c.op, c.size, c.a.m, c.b.r);
    }
    return;
  }
  if (c.op == Inst::kIdTest && c.b.kind == Opnd::InMem) {
    mr(c.op, c.size, c.b.m, c.a.r);
    return;
  }
  apply(c.op, c.size, c.a.r, c.b);
}

void Selector::set_bool(const Compare& c, Reg d) {
  auto set = [&](u8 cc, Reg x) {
    MInst i;
    i.op = SetCc[cc];
    i.form = Form::R;
    i.size = 1;
    i.r0 = x;
    ra.emit(i);
  };
  set(c.cc, d);
}

const u16 SetCc[16] = {Inst::kIdSeto, Inst::kIdSetno, Inst::kIdSetb,  Inst::kIdSetae,
                       Inst::kIdSete, Inst::kIdSetne, Inst::kIdSetbe, Inst::kIdSeta,
                       Inst::kIdSets, Inst::kIdSetns, Inst::kIdSetp,  Inst::kIdSetnp,
                       Inst::kIdSetl, Inst::kIdSetge, Inst::kIdSetle, Inst::kIdSetg};
const u16 CmovCc[16] = {Inst::kIdCmovo, Inst::kIdCmovno, Inst::kIdCmovb,  Inst::kIdCmovae,
                        Inst::kIdCmove, Inst::kIdCmovne, Inst::kIdCmovbe, Inst::kIdCmova,
                        Inst::kIdCmovs, Inst::kIdCmovns, Inst::kIdCmovp,  Inst::kIdCmovnp,
                        Inst::kIdCmovl, Inst::kIdCmovge, Inst::kIdCmovle, Inst::kIdCmovg};

void Selector::compare_value(Value* v) {
  Compare c = prepare_compare(v);
  ra.release();
  Reg d = ra.def(v);
  if (!c.parity) {
    write(c);
    set_bool(c, d);
    return;
  }
  Reg p = ra.temp(t.int_regs);
  write(c);
  set_bool(c, d);
  r(SetCc[c.cc == E ? NP : P], 1, p);
  rr(c.cc == E ? Inst::kIdAnd : Inst::kIdOr, 4, d, p);
}

void Selector::select_value(Value* v) {
  Value *a = v->args[1], *b = v->args[2];
  Compare c = prepare(v->args[0]);
  if (ssa::is_float(v->ty)) {
    Reg src = ra.use(a);
    Reg d = ra.def_reusing(v, b);
    write(c);
    u32 mid = ra.new_mblock(false), cont = ra.new_mblock(false);
    ra.end_branch(c.cc, mid, cont);
    ra.open(mid);
    t.move(ra.mf(), d, src, v->ty);
    ra.end_jump(cont);
    ra.open(cont);
    return;
  }
  Opnd src;
  if (ra.only_in_slot(a) && ra.dies(a) && ssa::size_of(v->ty) >= 4) {
    src.kind = Opnd::InMem;
    src.m = slot(ra.slot_of(a));
  } else {
    src.r = ra.use(a);
  }
  Reg d = ra.def_reusing(v, b);
  write(c);
  apply(CmovCc[c.cc], width(v->ty), d, src);
}

// ---- integers -----------------------------------------------------------------------------------

void Selector::add(Value* v) {
  Value *a = v->args[0], *b = v->args[1];
  bool ptr = v->op == Op::PtrAdd;
  u8 w = width(v->ty);
  if (a->is_const() && !ptr && !b->is_const()) std::swap(a, b);
  if (ptr && (a->op == Op::Alloca || a->op == Op::OutArg || a->op == Op::InArg) && !ra.in_reg(a)) {
    Mem mm = leaf_mem(ra, a, 0);
    if (b->is_const() && fits32(b->imm + mm.disp)) {
      mm.disp += static_cast<i32>(b->imm);
    } else if (ra.folded(b)) {
      mm.index = ra.use(b->args[0]);
      mm.scale = static_cast<u8>(b->args[1]->imm);
    } else {
      mm.index = ra.use(b);
    }
    ra.release();
    rm(Inst::kIdLea, 8, ra.def(v), mm);
    return;
  }
  if (ptr && ra.folded(b) && b->op == Op::Shl) {
    Mem mm = at(ra.use(a), 0);
    mm.index = ra.use(b->args[0]);
    mm.scale = static_cast<u8>(b->args[1]->imm);
    ra.release();
    rm(Inst::kIdLea, 8, ra.def(v), mm);
    return;
  }
  Opnd o = operand(b);
  bool a_dies = ra.dies(a);
  if (o.kind == Opnd::Imm && (!a_dies || !ra.in_reg(a)) && !a->is_const()) {
    Reg s = ra.use(a);
    ra.release();
    Reg d = ra.def(v);
    if (d == s) {
      ri(Inst::kIdAdd, w, d, o.imm);
    } else {
      rm(Inst::kIdLea, w, d, at(s, static_cast<i32>(o.imm)));
    }
    return;
  }
  if (o.kind == Opnd::InReg && !a_dies) {
    if (!ptr && ra.dies(b) && !ra.folded(b)) {
      Reg s = ra.use(a);
      Reg d = ra.def_reusing(v, b);
      rr(Inst::kIdAdd, w, d, s);
      return;
    }
    Mem mm = at(ra.use(a), 0);
    mm.index = o.r;
    ra.release();
    rm(Inst::kIdLea, w, ra.def(v), mm);
    return;
  }
  Reg d = ra.def_reusing(v, a);
  apply(Inst::kIdAdd, w, d, o);
}

void Selector::integer(Value* v) {
  Value *a = v->args[0], *b = v->nargs > 1 ? v->args[1] : nullptr;
  u8 w = width(v->ty);
  switch (v->op) {
    case Op::Add:
    case Op::PtrAdd: add(v); return;
    case Op::Sub: {
      Opnd o = operand(b);
      if (o.kind == Opnd::Imm && o.imm != INT32_MIN && !ra.dies(a) && !a->is_const()) {
        Reg s = ra.use(a);
        ra.release();
        rm(Inst::kIdLea, w, ra.def(v), at(s, static_cast<i32>(-o.imm)));
        return;
      }
      Reg d = ra.def_reusing(v, a);
      apply(Inst::kIdSub, w, d, o);
      return;
    }
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::Mul: {
      if (a->is_const() && !b->is_const()) std::swap(a, b);
      u16 op = v->op == Op::And   ? Inst::kIdAnd
               : v->op == Op::Or  ? Inst::kIdOr
               : v->op == Op::Xor ? Inst::kIdXor
                                  : Inst::kIdImul;
      if (v->op == Op::And && b->is_const() && !a->is_const() &&
          (b->imm == 0xff || b->imm == 0xffff || b->imm == 0xffffffff) && ssa::size_of(v->ty) >= 4) {
        Reg s = ra.use(a);
        ra.release();
        Reg d = ra.def(v);
        if (b->imm == 0xffffffff) {
          rr(Inst::kIdMov, 4, d, s);
        } else {
          rr(Inst::kIdMovzx, 4, d, s, b->imm == 0xff ? 1 : 2);
        }
        return;
      }
      if (v->op == Op::Mul && b->is_const() && fits32(const_of(b)) && !a->is_const()) {
        i64 k = const_of(b);
        Reg s = ra.use(a);
        ra.release();
        Reg d = ra.def(v);
        if (k == 3 || k == 5 || k == 9) {
          Mem mm = at(s, 0);
          mm.index = s;
          mm.scale = k == 3 ? 1 : k == 5 ? 2 : 3;
          rm(Inst::kIdLea, w, d, mm);
        } else {
          rri(Inst::kIdImul, w, d, s, k);
        }
        return;
      }
      Opnd o = operand(b);
      if (o.kind == Opnd::InReg && !ra.dies(a) && ra.dies(b) && !b->is_const()) {
        Reg s = ra.use(a);
        Reg d = ra.def_reusing(v, b);
        rr(op, w, d, s);
        return;
      }
      Reg d = ra.def_reusing(v, a);
      apply(op, w, d, o);
      return;
    }
    case Op::Neg: r(Inst::kIdNeg, w, ra.def_reusing(v, a)); return;
    case Op::Not: r(Inst::kIdNot, w, ra.def_reusing(v, a)); return;
    case Op::BSwap: {
      Reg d = ra.def_reusing(v, a);
      if (v->ty == Ty::I16) {
        ri(Inst::kIdRol, 2, d, 8);
      } else if (v->ty != Ty::I8) {
        r(Inst::kIdBswap, w, d);
      }
      return;
    }
    case Op::Trunc:
    case Op::PtrToInt:
    case Op::IntToPtr: ra.def_reusing(v, a); return;
    case Op::SExt:
    case Op::ZExt: {
      u8 from = static_cast<u8>(ssa::size_of(a->ty));
      bool sign = v->op == Op::SExt;
      u8 to = width(v->ty);
      u16 op = from == 4 ? (sign ? Inst::kIdMovsxd : Inst::kIdMov) : sign ? Inst::kIdMovsx : Inst::kIdMovzx;
      u8 size = sign ? to : 4;
      if (ra.folded(a) || (ra.only_in_slot(a) && ra.dies(a))) {
        Mem mm = ra.folded(a) ? address(a->args[0], a->imm) : slot(ra.slot_of(a));
        ra.release();
        rm(op, size, ra.def(v), mm, from);
        return;
      }
      Reg s = ra.use(a);
      ra.release();
      Reg d = ra.def(v);
      rr(op, size, d, s, from == 4 && !sign ? 4 : from);
      return;
    }
    default: VOLE_UNREACHABLE("integer operation");
  }
}

void Selector::shift(Value* v) {
  Value *a = v->args[0], *n = v->args[1];
  u32 bits = ssa::size_of(v->ty) * 8;
  u8 w = width(v->ty);
  bool narrow = bits < 32;
  if (v->op == Op::RotL) {
    u8 size = static_cast<u8>(bits / 8);
    if (n->is_const()) {
      Reg d = ra.def_reusing(v, a);
      ri(Inst::kIdRol, size, d, n->imm & (bits - 1));
      return;
    }
    ra.use_fixed(n, RCX);
    Reg d = ra.def_reusing(v, a);
    rr(Inst::kIdRol, size, d, RCX, 1);
    return;
  }
  u16 op = v->op == Op::Shl ? Inst::kIdShl : v->op == Op::ShrU ? Inst::kIdShr : Inst::kIdSar;
  auto extend = [&](Reg d) {  // narrow right shifts work on 32 bits
    if (narrow && v->op != Op::Shl)
      rr(v->op == Op::ShrU ? Inst::kIdMovzx : Inst::kIdMovsx, 4, d, d, static_cast<u8>(bits / 8));
  };
  if (n->is_const()) {
    u64 count = static_cast<u64>(n->imm);
    if (ssa::size_of(n->ty) < 8) count &= (u64{1} << (8 * ssa::size_of(n->ty))) - 1;
    if (count >= bits) {
      if (v->op != Op::ShrS) {
        Reg d = ra.def(v);
        rr(Inst::kIdXor, 4, d, d);
        return;
      }
      count = bits - 1;
    }
    Reg d = ra.def_reusing(v, a);
    extend(d);
    if (count == 1 && v->op == Op::Shl) {
      rr(Inst::kIdAdd, w, d, d);
    } else if (count) {
      ri(op, w, d, static_cast<i64>(count));
    }
    return;
  }
  ra.use_fixed(n, RCX);
  Reg d = ra.def_reusing(v, a);
  extend(d);
  u32 limit =
      narrow ? 32 : bits;  // narrow operands were extended: counts up to 31 come out right by themselves
  u8 count_size = static_cast<u8>(ssa::size_of(n->ty));
  if (v->has(ssa::Bounded)) {
    rr(op, w, d, RCX, 1);
    return;
  }
  if (v->op == Op::ShrS) {
    Reg top = ra.temp(t.int_regs);
    ri(Inst::kIdMov, 4, top, limit - 1);
    ri(Inst::kIdCmp, count_size, RCX, limit);
    rr(Inst::kIdCmovae, 4, RCX, top);
    rr(op, w, d, RCX, 1);
    return;
  }
  Reg mask = ra.temp(t.int_regs);
  rr(op, w, d, RCX, 1);
  ri(Inst::kIdCmp, count_size, RCX, limit);
  rr(Inst::kIdSbb, w, mask, mask);
  rr(Inst::kIdAnd, w, d, mask);
}

void Selector::divide(Value* v) {
  Value *x = v->args[0], *y = v->args[1];
  u8 w = width(v->ty);
  u32 bytes = ssa::size_of(v->ty);
  bool is_signed = v->op == Op::DivS || v->op == Op::RemS;
  bool want_quotient = v->op == Op::DivS || v->op == Op::DivU;
  ra.use_fixed(x, RAX);
  ra.take(RDX);
  Reg d = ra.use(y);
  if (bytes < 4) {
    // 32 bits hold every quotient of narrower operands.
    u16 ext = is_signed ? Inst::kIdMovsx : Inst::kIdMovzx;
    Reg wide = ra.temp(t.int_regs);
    rr(ext, 4, RAX, RAX, static_cast<u8>(bytes));
    rr(ext, 4, wide, d, static_cast<u8>(bytes));
    d = wide;
  }
  if (!is_signed) {
    rr(Inst::kIdXor, 4, RDX, RDX);
    r(Inst::kIdDiv, w, d);
  } else if (bytes < 4 || v->has(ssa::Bounded) || (y->is_const() && const_of(y) != -1)) {
    none(w == 8 ? Inst::kIdCqo : Inst::kIdCdq);
    r(Inst::kIdIdiv, w, d);
  } else {
    u32 minus_one = ra.new_mblock(true), normal = ra.new_mblock(false), join = ra.new_mblock(false);
    ri(Inst::kIdCmp, w, d, -1);
    ra.end_branch(E, minus_one, normal);
    ra.open_aside(minus_one);
    if (want_quotient) {
      r(Inst::kIdNeg, w, RAX);
    } else {
      rr(Inst::kIdXor, 4, RDX, RDX);
    }
    ra.close_aside(join);
    ra.open(normal);
    none(w == 8 ? Inst::kIdCqo : Inst::kIdCdq);
    r(Inst::kIdIdiv, w, d);
    ra.end_jump(join);
    ra.open(join);
  }
  ra.release();
  ra.def_fixed(v, want_quotient ? RAX : RDX);
}

void Selector::bits(Value* v) {
  Value* a = v->args[0];
  u32 n = ssa::size_of(v->ty) * 8;
  u8 w = width(v->ty);
  switch (v->op) {
    case Op::PopCnt: {
      Reg s = ra.use(a);
      if (n < 32) {
        Reg wide = ra.temp(t.int_regs);
        rr(Inst::kIdMovzx, 4, wide, s, static_cast<u8>(n / 8));
        s = wide;
      }
      ra.release();
      Reg d = ra.def(v);
      rr(Inst::kIdPopcnt, w, d, s);
      return;
    }
    case Op::Ctz: {
      if (n == 64) {
        Reg s = ra.use(a);
        Reg none_set = ra.temp(t.int_regs);
        Reg d = ra.def(v);
        ri(Inst::kIdMov, 4, none_set, 64);
        rr(Inst::kIdBsf, 8, d, s);
        rr(Inst::kIdCmove, 8, d, none_set);
        return;
      }
      // A bit set above the width ends the search there.
      Reg d = ra.def_reusing(v, a);
      if (n == 32) {
        ri(Inst::kIdBts, 8, d, 32);
        rr(Inst::kIdBsf, 8, d, d);
      } else {
        ri(Inst::kIdOr, 4, d, i64{1} << n);
        rr(Inst::kIdBsf, 4, d, d);
      }
      return;
    }
    case Op::Clz: {
      if (n == 64) {
        Reg s = ra.use(a);
        Reg none_set = ra.temp(t.int_regs);
        Reg d = ra.def(v);
        ri(Inst::kIdMov, 8, none_set, -1);
        rr(Inst::kIdBsr, 8, d, s);
        rr(Inst::kIdCmove, 8, d, none_set);
        r(Inst::kIdNeg, 8, d);
        ri(Inst::kIdAdd, 8, d, 63);
        return;
      }
      // 2x+1 is never zero and has its top bit one place higher.
      Reg d = ra.def_reusing(v, a);
      if (n == 32) {
        rr(Inst::kIdMov, 4, d, d);
      } else {
        rr(Inst::kIdMovzx, 4, d, d, static_cast<u8>(n / 8));
      }
      Mem twice = at(d, 1);
      twice.index = d;
      rm(Inst::kIdLea, 8, d, twice);
      rr(Inst::kIdBsr, 8, d, d);
      r(Inst::kIdNeg, 4, d);
      ri(Inst::kIdAdd, 4, d, n);
      return;
    }
    default: VOLE_UNREACHABLE("bit operation");
  }
}

// Operations on double words: fixed registers or the carry flag.
void Selector::wide(Value* v) {
  switch (v->op) {
    case Op::MulHS:
    case Op::MulHU: {
      u32 n = ssa::size_of(v->ty);
      if (n < 4) {
        Reg d = ra.temp(t.int_regs), s = ra.temp(t.int_regs);
        u16 ext = v->op == Op::MulHS ? Inst::kIdMovsx : Inst::kIdMovzx;
        Reg a = ra.use(v->args[0]), b = ra.use(v->args[1]);
        rr(ext, 4, d, a, static_cast<u8>(n));
        rr(ext, 4, s, b, static_cast<u8>(n));
        rr(Inst::kIdImul, 4, d, s);
        ri(Inst::kIdSar, 4, d, n * 8);
        ra.release();
        ra.def_fixed(v, d);
        return;
      }
      ra.use_fixed(v->args[0], RAX);
      ra.take(RDX);
      Reg b = ra.use(v->args[1]);
      r(v->op == Op::MulHS ? Inst::kIdImul : Inst::kIdMul, width(v->ty), b);
      ra.release();
      ra.def_fixed(v, RDX);
      return;
    }
    case Op::Mul128U: {
      ra.use_fixed(v->args[0], RAX);
      ra.take(RDX);
      Reg b = ra.use(v->args[1]);
      r(Inst::kIdMul, 8, b);
      ra.release();
      const Reg regs[] = {RDX, RAX};
      ra.define_extracts(v, regs);
      return;
    }
    case Op::Div128U: {
      ra.use_fixed(v->args[0], RDX);
      ra.use_fixed(v->args[1], RAX);
      Reg y = ra.use(v->args[2]);
      r(Inst::kIdDiv, 8, y);
      ra.release();
      const Reg regs[] = {RAX, RDX};
      ra.define_extracts(v, regs);
      return;
    }
    case Op::AddC:
    case Op::SubB: {
      Value* c = v->args[2];
      Reg sum = ra.temp(t.int_regs), carry = ra.temp(t.int_regs);
      Reg a = ra.use(v->args[0]);
      t.move(ra.mf(), sum, a, Ty::I64);
      Opnd b = operand(v->args[1]);
      bool with = !c->is_const(0);
      if (with) {
        Reg cr = ra.use(c);
        t.move(ra.mf(), carry, cr, Ty::I64);
        // Sets CF when the incoming carry is not zero.
        r(Inst::kIdNeg, 8, carry);
      }
      apply(v->op == Op::AddC ? (with ? Inst::kIdAdc : Inst::kIdAdd) : (with ? Inst::kIdSbb : Inst::kIdSub),
            8, sum, b);
      if (ra.extract(v, 1)) {
        r(SetCc[B], 1, carry);
        rr(Inst::kIdMovzx, 4, carry, carry, 1);
      }
      ra.release();
      const Reg regs[] = {sum, carry};
      ra.define_extracts(v, regs);
      return;
    }
    default: VOLE_UNREACHABLE("wide operation");
  }
}

// ---- calls and control flow ---------------------------------------------------------------------

void Selector::call(Value* v) {
  Allocator::CallTarget target;
  CallSite::Kind kind = CallSite::Normal;
  u32 first = 0;
  if (v->op == Op::Call) {
    target.inst.form = Form::Call;
    target.inst.sym = v->sym;
    if (v->block == ra.func().deferreturn_block && v == v->block->first) kind = CallSite::DeferReturn;
  } else if (v->op == Op::CallClosure) {
    target.inst = mem_inst(Inst::kIdCall, Form::CallM, 8, NoReg, at(RDX, 0));
    target.value = v->args[0];
    target.reg = RDX;
    first = 1;
  } else {
    Value* code = v->args[0];
    first = 1;
    target.reg = R12;
    if (ra.folded(code)) {
      // Only the plain form: base in R12.
      Value* p = code->args[0];
      if (ra.folded(p) || !fits32(code->imm)) {
        ra.take(R12);
        Mem mm = address(p, code->imm);
        rm(Inst::kIdMov, 8, R12, mm);
        target.inst.form = Form::CallR;
        target.inst.r0 = R12;
      } else {
        target.value = p;
        target.inst = mem_inst(Inst::kIdCall, Form::CallM, 8, NoReg, at(R12, static_cast<i32>(code->imm)));
      }
    } else {
      target.value = code;
      target.inst.form = Form::CallR;
      target.inst.r0 = R12;
    }
  }
  const ssa::Sig& sig = *v->sig;
  if (sig.abi0) {
    // The caller's map covers the argument block; results hold nothing yet.
    for (u32 off : sig.stack_ptr_offsets) {
      if (off < sig.stack_results_offset) continue;
      Mem mm;
      mm.kind = MemKind::OutArg;
      mm.disp = static_cast<i32>(off);
      mi(Inst::kIdMov, 8, mm, 0);
    }
  }
  ra.call(v, first, target, kind);
  if (sig.abi0 && !v->has(ssa::NoReturn)) {
    rr(Inst::kIdXorps, 16, X15, X15);
    Mem tls;
    tls.kind = MemKind::TlsG;
    rm(Inst::kIdMov, 8, R14, tls);
  }
  Reg regs[64];
  size_t n = 0;
  for (const ssa::ArgLoc& l : sig.results) {
    if (l.in_reg && n < 64) regs[n++] = ssa::is_float(l.ty) ? t.float_args[l.reg] : t.int_args[l.reg];
  }
  ra.define_extracts(v, {regs, n});
}

void Selector::terminator(Value* v) {
  switch (v->op) {
    case Op::Jump: ra.end_jump(ra.edge(0)); return;
    case Op::Br: {
      if (v->args[0]->is_const()) {
        ra.end_jump(ra.edge(v->args[0]->imm & 0xff ? 0 : 1));
        return;
      }
      Compare c = prepare(v->args[0]);
      write(c);
      if (!c.parity) {
        ra.end_branch(c.cc, ra.edge(0), ra.edge(1));
        return;
      }
      // Unordered operands count as not equal.
      u32 second = ra.new_mblock(false);
      ra.end_branch(NE, c.cc == E ? ra.edge(1) : ra.edge(0), second);
      ra.open(second);
      ra.end_branch(P, c.cc == E ? ra.edge(1) : ra.edge(0), c.cc == E ? ra.edge(0) : ra.edge(1));
      return;
    }
    case Op::Switch: {
      u32 n = static_cast<u32>(v->block->succs.size()) - 1;
      if (n == 0) {
        ra.end_jump(ra.edge(0));
        return;
      }
      Reg x = ra.use(v->args[0]);
      Reg base = ra.temp(t.int_regs), off = ra.temp(t.int_regs);
      ri(Inst::kIdCmp, 8, x, n);
      u32 indirect = ra.new_mblock(false);
      ra.end_branch(AE, ra.edge(n), indirect);
      ra.open(indirect);
      MachineFunc& mf = ra.mf();
      std::vector<u32> table(n);
      for (u32 i = 0; i < n; i++) table[i] = ra.edge(i);
      Symbol* sym = ra.object().make_local(
          Name::intern(std::string(ra.func().name.text()) + ".jump" + std::to_string(mf.tables.size())));
      mf.tables.push_back(std::move(table));
      mf.table_syms.push_back(sym);
      Mem mm;
      mm.kind = MemKind::Sym;
      mm.sym = sym;
      rm(Inst::kIdLea, 8, base, mm);
      Mem entry = at(base, 0);
      entry.index = x;
      entry.scale = 2;
      rm(Inst::kIdMovsxd, 8, off, entry, 4);
      rr(Inst::kIdAdd, 8, base, off);
      MInst i;
      i.op = Inst::kIdJmp;
      i.form = Form::JmpR;
      i.r0 = base;
      ra.emit(i);
      ra.end_stop();
      return;
    }
    case Op::Ret: {
      ra.to_result_regs(v);
      MInst i;
      i.op = PseudoRet;
      ra.emit(i);
      ra.end_stop();
      return;
    }
    case Op::TailCall: {
      ra.to_arg_regs(v, 0);
      MInst i;
      i.op = PseudoTail;
      i.sym = v->sym;
      ra.emit(i);
      ra.end_stop();
      return;
    }
    case Op::Unreachable:
      none(Inst::kIdUd2);
      ra.end_stop();
      return;
    default: VOLE_UNREACHABLE("terminator");
  }
}

void Amd64::select(Allocator& ra, Value* v) const {
  Selector s{ra, *this};
  switch (v->op) {
      // clang-format off
    case Op::Add: case Op::Sub: case Op::Mul: case Op::Neg: case Op::Not: case Op::And: case Op::Or:
    case Op::Xor: case Op::BSwap: case Op::SExt: case Op::ZExt: case Op::Trunc: case Op::PtrToInt:
    case Op::IntToPtr: case Op::PtrAdd:
      // clang-format on
      return s.integer(v);
    case Op::DivS:
    case Op::DivU:
    case Op::RemS:
    case Op::RemU: return s.divide(v);
    case Op::Shl:
    case Op::ShrS:
    case Op::ShrU:
    case Op::RotL: return s.shift(v);
    case Op::Clz:
    case Op::Ctz:
    case Op::PopCnt: return s.bits(v);
    case Op::MulHS:
    case Op::MulHU:
    case Op::AddC:
    case Op::SubB:
    case Op::Mul128U:
    case Op::Div128U: return s.wide(v);
    case Op::ICmp:
    case Op::FCmp: return s.compare_value(v);
    case Op::Select:
      return s.select_value(v);
      // clang-format off
    case Op::FAdd: case Op::FSub: case Op::FMul: case Op::FDiv: case Op::FNeg: case Op::FAbs: case Op::FSqrt:
    case Op::FMA: case Op::FRound: case Op::FMin: case Op::FMax: case Op::FCopySign:
      // clang-format on
      return s.floating(v);
    case Op::SToF:
    case Op::UToF:
    case Op::FToS:
    case Op::FToU:
    case Op::FToF:
    case Op::BitCast: return s.convert(v);
    case Op::Load: return s.load(v);
    case Op::Store: return s.store(v);
    case Op::WBStore: return s.barrier_store(v);
    case Op::Move: return s.block_move(v);
    case Op::Zero: return s.block_zero(v);
    case Op::NilCheck: return s.nil_check(v);
    case Op::Bounds:
      return s.bounds(v);
      // clang-format off
    case Op::AtomicLoad: case Op::AtomicStore: case Op::AtomicXchg: case Op::AtomicAdd: case Op::AtomicAnd:
    case Op::AtomicOr: case Op::AtomicCas: case Op::Prefetch:
      // clang-format on
      return s.atomic(v);
    case Op::Pause: return s.none(Inst::kIdPause);
    case Op::Breakpoint: return s.none(Inst::kIdInt3);
    case Op::PublicationBarrier:
    case Op::KeepAlive: return;
    case Op::CallerPC: {
      Mem m;
      m.kind = MemKind::InArg;
      m.disp = -8;
      return s.rm(Inst::kIdMov, 8, ra.def(v), m);
    }
    case Op::Call:
    case Op::CallClosure:
    case Op::CallCode: return s.call(v);
    default:
      if (ssa::is_terminator(v)) return s.terminator(v);
      VOLE_UNREACHABLE("operation without selection (was it lowered?)");
  }
}
}  // namespace vole::target
