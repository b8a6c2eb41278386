// Selection of amd64 instructions that touch memory: loads and stores, block moves, write barriers, checks,
// atomics.
#include <asmjit/x86/x86globals.h>

#include <bit>

#include "abi/abi.h"
#include "abi/runtime.h"
#include "target/amd64/select.h"

namespace vole::target {
using namespace codegen;
namespace Inst = asmjit::x86::Inst;
using ssa::BoundsKind;
using ssa::Op;

void Selector::load(Value* v) {
  Mem mm = address(v->args[0], v->imm);
  ra.release();
  Reg d = ra.def(v);
  switch (v->ty) {
    case Ty::I8: rm(Inst::kIdMovzx, 4, d, mm, 1); break;
    case Ty::I16: rm(Inst::kIdMovzx, 4, d, mm, 2); break;
    case Ty::I32: rm(Inst::kIdMov, 4, d, mm); break;
    case Ty::F32:
    case Ty::F64: rm(move_op(v->ty), static_cast<u8>(ssa::size_of(v->ty)), d, mm); break;
    default: rm(Inst::kIdMov, 8, d, mm); break;
  }
}

void Selector::store(Value* v) {
  Value* x = v->args[1];
  u8 size = static_cast<u8>(ssa::size_of(x->ty));
  Mem mm = address(v->args[0], v->imm);
  if (x->is_const() && !ra.in_reg(x) &&
      (ssa::is_float(x->ty) ? (x->ty == Ty::F32 || fits32(x->imm)) : fits32(const_of(x)))) {
    mi(Inst::kIdMov, size, mm, x->ty == Ty::F32 ? static_cast<i32>(x->imm) : const_of(x));
    return;
  }
  if (ra.folded(x)) x = x->args[0];  // a truncation: the low bytes are stored
  Reg r = x->op == Op::GetG ? R14 : ra.use(x);
  mr(codegen::is_float_reg(r) ? move_op(x->ty) : static_cast<u16>(Inst::kIdMov), size, mm, r);
}

// A pointer store the collector must see while it marks: both the new and the old pointer go to the barrier
// buffer (see the runtime's gcWriteBarrierN: returns the place in R11, changes nothing else but flags and
// perhaps vector registers).
void Selector::barrier_store(Value* v) {
  Value* x = v->args[1];
  ra.take(R11);
  Mem mm = address(v->args[0], v->imm);
  bool nil = x->is_const(0);
  Reg r = nil ? NoReg : ra.use(x);
  Reg old = ra.temp(t.int_regs);
  u32 test = ra.new_mblock(false), slow = ra.new_mblock(true), write_block = ra.new_mblock(false),
      rest = ra.new_mblock(false);
  MachineFunc& mf = ra.mf();
  mf.blocks[test].unsafe = mf.blocks[slow].unsafe = mf.blocks[write_block].unsafe = true;
  ra.end_jump(test);
  ra.open(test);
  Mem flag;
  flag.kind = MemKind::Sym;
  flag.sym = ra.object().get(abi::rt_data::writeBarrier);
  mi(Inst::kIdCmp, 4, flag, 0);
  ra.end_branch(NE, slow, write_block);
  ra.open_aside(slow);
  struct Saved {
    Reg reg;
    u32 slot;
    Ty ty;
  };
  Saved saved[16];
  size_t n = 0;
  for (RegSet s = ra.occupied() & ra.target().float_regs; s; s &= s - 1) {
    Reg f = static_cast<Reg>(std::countr_zero(s));
    if (Value* w = ra.value_in(f)) saved[n++] = {f, ra.temp_slot(), w->ty};
  }
  for (size_t i = 0; i < n; i++) t.store(mf, slot(saved[i].slot), saved[i].reg, saved[i].ty);
  MInst c;
  c.form = Form::Call;
  c.sym = ra.object().get(abi::rt_name(nil ? abi::Rt::gcWriteBarrier1 : abi::Rt::gcWriteBarrier2));
  c.imm = ra.unmapped_callsite();
  ra.emit(c);
  if (!nil) mr(Inst::kIdMov, 8, at(R11, 0), r);
  rm(Inst::kIdMov, 8, old, mm);
  mr(Inst::kIdMov, 8, at(R11, nil ? 0 : 8), old);
  for (size_t i = 0; i < n; i++) t.load(mf, saved[i].reg, slot(saved[i].slot), saved[i].ty);
  rr(Inst::kIdXorps, 16, X15, X15);
  ra.close_aside(write_block);
  ra.open(write_block);
  if (nil) {
    mi(Inst::kIdMov, 8, mm, 0);
  } else {
    mr(Inst::kIdMov, 8, mm, r);
  }
  ra.end_jump(rest);
  ra.open(rest);
}

namespace {
constexpr i64 InlineMove = 192, InlineZero = 256;
}

void Selector::block_move(Value* v) {
  i64 n = v->imm2;
  if (n <= 0) return;
  if (n <= InlineMove) {
    Mem d = address(v->args[0], v->imm), s = address(v->args[1], 0);
    auto off = [](Mem m, i64 by) {
      m.disp += static_cast<i32>(by);
      return m;
    };
    if (n >= 16) {
      Reg x = ra.temp(t.float_regs), y = n >= 32 ? ra.temp(t.float_regs) : x;
      i64 i = 0;
      for (; i + 32 <= n; i += 32) {
        rm(Inst::kIdMovups, 16, x, off(s, i));
        rm(Inst::kIdMovups, 16, y, off(s, i + 16));
        mr(Inst::kIdMovups, 16, off(d, i), x);
        mr(Inst::kIdMovups, 16, off(d, i + 16), y);
      }
      if (i + 16 <= n) {
        rm(Inst::kIdMovups, 16, x, off(s, i));
        mr(Inst::kIdMovups, 16, off(d, i), x);
        i += 16;
      }
      if (i < n) {
        // The last piece overlaps what was copied; the objects are the same or disjoint, so that is harmless.
        // Whole words stay whole words.
        i64 rest = n - i;
        if (rest == 8) {
          rm(Inst::kIdMovsd, 8, x, off(s, i));
          mr(Inst::kIdMovsd, 8, off(d, i), x);
        } else {
          rm(Inst::kIdMovups, 16, x, off(s, n - 16));
          mr(Inst::kIdMovups, 16, off(d, n - 16), x);
        }
      }
      return;
    }
    Reg x = ra.temp(t.int_regs);
    i64 i = 0;
    while (i < n) {
      i64 left = n - i;
      u8 size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
      if (left < 8 && left > 4 && n >= 8) i = n - 8, size = 8;
      if (left == 3 && n >= 4) i = n - 4, size = 4;
      if (size >= 4) {
        rm(Inst::kIdMov, size, x, off(s, i));
      } else {
        rm(Inst::kIdMovzx, 4, x, off(s, i), size);
      }
      mr(Inst::kIdMov, size, off(d, i), x);
      i += size;
    }
    return;
  }
  // Large ones are calls by now; this serves code compiled without the optimiser's help.
  ra.take(RDI);
  ra.take(RSI);
  ra.take(RCX);
  Mem d = address(v->args[0], v->imm), s = address(v->args[1], 0);
  // Both addresses are formed before either register changes: operands never stand in these three.
  rm(Inst::kIdLea, 8, RDI, d);
  rm(Inst::kIdLea, 8, RSI, s);
  ri(Inst::kIdMov, 4, RCX, n / 8);
  string_op(0xa5, true);
  for (i64 i = 0; i < n % 8; i++) string_op(0xa4, false);
}

void Selector::block_zero(Value* v) {
  i64 n = v->imm2;
  if (n <= 0) return;
  if (n <= InlineZero) {
    Mem d = address(v->args[0], v->imm);
    auto off = [&](i64 by) {
      Mem m = d;
      m.disp += static_cast<i32>(by);
      return m;
    };
    i64 i = 0;
    for (; i + 16 <= n; i += 16) mr(Inst::kIdMovups, 16, off(i), X15);
    i64 rest = n - i;
    if (rest > 8 && n >= 16) {
      mr(Inst::kIdMovups, 16, off(n - 16), X15);
      return;
    }
    if (rest && rest < 8 && n >= 8 && rest != 4 && rest != 2 && rest != 1) {
      mi(Inst::kIdMov, 8, off(n - 8), 0);
      return;
    }
    while (i < n) {
      i64 left = n - i;
      u8 size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
      mi(Inst::kIdMov, size, off(i), 0);
      i += size;
    }
    return;
  }
  ra.take(RDI);
  ra.take(RCX);
  ra.take(RAX);
  Mem d = address(v->args[0], v->imm);
  rm(Inst::kIdLea, 8, RDI, d);
  rr(Inst::kIdXor, 4, RAX, RAX);
  ri(Inst::kIdMov, 4, RCX, n / 8);
  string_op(0xab, true);
  for (i64 i = 0; i < n % 8; i++) string_op(0xaa, false);
}

void Selector::string_op(u8 opcode, bool rep_quad) {
  MInst i;
  i.op = PseudoString;
  i.size = opcode;
  i.size1 = rep_quad;
  ra.emit(i);
}

void Selector::nil_check(Value* v) {
  Value* p = v->args[0];
  if (p->has(ssa::NonNil) || p->op == Op::Alloca || p->op == Op::SymAddr || p->op == Op::InArg ||
      p->op == Op::OutArg)
    return;
  // An access through p that follows before anything else can be seen faults in its stead.
  u32 steps = 0;
  for (Value* x = v->next; x && steps < 12; x = x->next, steps++) {
    if ((x->op == Op::Load || x->op == Op::Store) && x->args[0] == p) {
      u32 size = ssa::size_of(x->op == Op::Load ? x->ty : x->args[1]->ty);
      if (x->imm >= 0 && x->imm + size <= abi::PanicBoundsFirstSmallPage &&
          (x->op == Op::Store || !ra.is_dead(x)))
        return;
    }
    if (ssa::op_info(x->op).flags &
        (ssa::OpWrites | ssa::OpTraps | ssa::OpEffect | ssa::OpTerm | ssa::OpCall)) {
      if (x->op != Op::Dbg) break;
    }
  }
  Reg r = ra.use(p);
  mr(Inst::kIdTest, 1, at(r, 0), RAX);
}

void Selector::bounds(Value* v) {
  Value *x = v->args[0], *limit = v->args[1];
  u8 fail = v->bounds_kind == BoundsKind::Index || v->bounds_kind == BoundsKind::IndexU ? AE
            : v->bounds_kind == BoundsKind::Convert                                     ? B
                                                                                        : A;
  Compare c;
  c.op = Inst::kIdCmp;
  c.size = 8;
  if (x->is_const() && fits32(x->imm) && !limit->is_const()) {
    // limit against the constant, seen from the other side.
    c.a.r = ra.use(limit);
    c.b.kind = Opnd::Imm;
    c.b.imm = x->imm;
    fail = fail == AE ? BE : fail == A ? B : A;
  } else {
    c.a.r = ra.use(x);
    if (limit->is_const() && fits32(limit->imm)) {
      c.b.kind = Opnd::Imm;
      c.b.imm = limit->imm;
    } else if (ra.only_in_slot(limit) && ra.dies(limit)) {
      c.b.kind = Opnd::InMem;
      c.b.m = slot(ra.slot_of(limit));
    } else {
      c.b.r = ra.use(limit);
    }
  }
  write(c);
  u32 bad = ra.new_mblock(true), good = ra.new_mblock(false);
  ra.end_branch(fail, bad, good);
  ra.open_aside(bad);
  const Allocator::Place places[] = {{RAX, x}, {RBX, limit}};
  ra.parallel_copy(places);
  MInst i;
  i.form = Form::Call;
  i.sym = ra.object().get(abi::rt_bounds(static_cast<unsigned>(v->bounds_kind)));
  i.imm = ra.panic_callsite(16);
  ra.emit(i);
  none(Inst::kIdUd2);
  ra.close_aside(~0u);
  ra.open(good);
}

void Selector::atomic(Value* v) {
  Value* p = v->args[0];
  switch (v->op) {
    case Op::AtomicLoad: load(v); return;
    case Op::Prefetch: {
      MInst i = mem_inst(v->imm == 1 ? Inst::kIdPrefetchnta : Inst::kIdPrefetcht0, Form::M, 1, NoReg,
                         address(p, 0));
      ra.emit(i);
      return;
    }
    case Op::AtomicStore:
    case Op::AtomicXchg: {
      Value* x = v->args[1];
      u8 size = static_cast<u8>(ssa::size_of(x->ty));
      Mem mm = address(p, v->imm);
      Reg src = ra.use(x);
      if (v->op == Op::AtomicXchg && ra.wanted(v)) {
        Reg d = ra.def(v);
        t.move(ra.mf(), d, src, x->ty);
        mr(Inst::kIdXchg, size, mm, d);
      } else {
        Reg d = ra.temp(t.int_regs);
        t.move(ra.mf(), d, src, x->ty);
        mr(Inst::kIdXchg, size, mm, d);
      }
      return;
    }
    case Op::AtomicAdd: {
      Value* x = v->args[1];
      u8 size = static_cast<u8>(ssa::size_of(x->ty));
      Mem mm = address(p, v->imm);
      Reg src = ra.use(x);
      bool wanted = ra.wanted(v);
      Reg d = wanted ? ra.def(v) : ra.temp(t.int_regs);
      t.move(ra.mf(), d, src, x->ty);
      locked(mem_inst(Inst::kIdXadd, Form::MR, size, d, mm));
      return;
    }
    case Op::AtomicAnd:
    case Op::AtomicOr: {
      Value* x = v->args[1];
      u8 size = static_cast<u8>(ssa::size_of(x->ty));
      u16 op = v->op == Op::AtomicAnd ? Inst::kIdAnd : Inst::kIdOr;
      if (!ra.wanted(v)) {
        Mem mm = address(p, v->imm);
        Reg src = ra.use(x);
        locked(mem_inst(op, Form::MR, size, src, mm));
        return;
      }
      ra.take(RAX);
      Mem mm = address(p, v->imm);
      Reg src = ra.use(x), next = ra.temp(t.int_regs);
      if (size < 4) {
        rm(Inst::kIdMovzx, 4, RAX, mm, size);
      } else {
        rm(Inst::kIdMov, size, RAX, mm);
      }
      u32 again = ra.new_mblock(false), done = ra.new_mblock(false);
      ra.end_jump(again);
      ra.open(again);
      rr(Inst::kIdMov, size == 8 ? 8 : 4, next, RAX);
      rr(op, size == 8 ? 8 : 4, next, src);
      locked(mem_inst(Inst::kIdCmpxchg, Form::MR, size, next, mm));
      ra.end_branch(NE, again, done);
      ra.open(done);
      ra.release();
      ra.def_fixed(v, RAX);
      return;
    }
    case Op::AtomicCas: {
      Value* x = v->args[2];
      u8 size = static_cast<u8>(ssa::size_of(x->ty));
      ra.use_fixed(v->args[1], RAX);
      Mem mm = address(p, v->imm);
      Reg src = ra.use(x);
      locked(mem_inst(Inst::kIdCmpxchg, Form::MR, size, src, mm));
      if (ra.wanted(v)) {
        ra.release();
        Reg d = ra.def(v);
        r(SetCc[E], 1, d);
      }
      return;
    }
    default: VOLE_UNREACHABLE("atomic operation");
  }
}

void Selector::locked(MInst i) {
  MInst lock;
  lock.op = PseudoLock;
  ra.emit(lock);
  ra.emit(i);
}
}  // namespace vole::target
