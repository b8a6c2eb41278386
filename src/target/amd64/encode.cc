// From machine instructions to bytes. Straight-line code of all blocks goes through AsmJit's assembler into
// one buffer; the jumps at block ends are written here, first all short, then lengthened until everything is
// in reach; then the pieces are put together and every recorded place (relocations, calls, line changes, SP
// changes) moves with its block.
//
// The prologue: compare SP with the goroutine's guard, jump to a cold block that lets the runtime grow the
// stack, make the frame, zero the stack objects that hold pointers. Leaf functions with small frames need no
// check; without any frame they have no prologue at all.
#include <asmjit/x86.h>
#include <fmt/format.h>

#include <algorithm>

#include "abi/abi.h"
#include "abi/runtime.h"
#include "target/amd64/amd64.h"
#include "target/amd64/select.h"

namespace vole::target {
using namespace codegen;
namespace x86 = asmjit::x86;
namespace Inst = asmjit::x86::Inst;

namespace {
constexpr i32 RelocMark = 0x5a5a5a5a;

struct Piece {  // straight-line code of one block in the buffer
  u32 begin, end;
  u32 first_reloc, first_call, first_sp, first_line;
};
struct SpChange {
  u32 at;  // buffer offset from which `delta` holds
  i32 delta;
};
struct LineChange {
  u32 at;
  u32 mark;
};

struct Encoder {
  Encoder(ssa::Func& func, MachineFunc& machine, object::Object& obj, Encoded& result)
      : f(func), mf(machine), object(obj), out(result) {}
  ssa::Func& f;
  const TargetInfo& info = amd64_info();
  MachineFunc& mf;
  object::Object& object;
  Encoded& out;
  asmjit::CodeHolder code;
  x86::Assembler as;
  std::vector<Piece> pieces;
  std::vector<object::Reloc> relocs;
  struct CallAt {
    u32 start, ret;
    u32 call;
  };
  std::vector<CallAt> calls;
  std::vector<SpChange> sp;
  std::vector<LineChange> lines;
  u32 morestack = ~0u, first = ~0u;
  i32 full = 0;  // SP delta inside the body
  u32 table_reloc_base = 0;

  static x86::Gp gp(Reg r, u8 size) {
    switch (size) {
      case 1: return x86::gpb(r);
      case 2: return x86::gpw(r);
      case 4: return x86::gpd(r);
      default: return x86::gpq(r);
    }
  }
  static asmjit::Operand reg(Reg r, u8 size) {
    if (is_float_reg(r)) return x86::xmm(static_cast<u32>(r - X0));
    return gp(r, size);
  }
  u32 offset() const { return static_cast<u32>(as.offset()); }

  x86::Mem memory(const MInst& i, u8 size, Symbol** sym, i64* addend) {
    x86::Mem m;
    i32 disp = i.disp;
    auto based = [&](Reg base) {
      if (i.index != NoReg && base != NoReg)
        return x86::Mem(gp(base, 8), gp(i.index, 8), i.scale, disp, size);
      return x86::Mem(gp(base, 8), disp, size);
    };
    switch (i.mem_kind) {
      case MemKind::Reg: return based(i.base);
      case MemKind::Slot: disp += mf.slots[i.slot].offset; return based(RSP);
      case MemKind::Local: disp += mf.locals[i.slot].offset; return based(RSP);
      case MemKind::InArg: disp += full + 8; return based(RSP);
      case MemKind::OutArg: return based(RSP);
      case MemKind::Sym:
        *sym = i.sym;
        *addend = disp;
        return x86::ptr(x86::rip, RelocMark, size);
      case MemKind::TlsG: {
        m = x86::ptr(static_cast<u64>(static_cast<i64>(abi::TlsG)), size);
        m.setSegment(x86::fs);
        return m;
      }
      case MemKind::None: break;
    }
    VOLE_UNREACHABLE("memory operand");
  }

  void check(asmjit::Error e, const MInst& i) {
    if (e == asmjit::kErrorOk) return;
    asmjit::String name;
    asmjit::InstAPI::instIdToString(asmjit::Arch::kX64, i.op, name);
    std::string what = fmt::format("encoding {} form {} size {} r0 {} r1 {} imm {}: {}", name.data(),
                                   static_cast<int>(i.form), i.size, i.r0, i.r1, i.imm,
                                   asmjit::DebugUtils::errorAsString(e));
    check_failed(__FILE__, __LINE__, what.c_str());
  }

  void sp_now(i32 delta) {
    u32 at = offset();
    if (!sp.empty() && sp.back().at == at) {
      sp.back().delta = delta;
    } else {
      sp.push_back({at, delta});
    }
  }

  void call_reloc(u32 start, const MInst& i) {
    u32 end = offset();
    relocs.push_back({end - 4, object::RelocKind::Call32, i.sym, -4});
    calls.push_back({start, end, static_cast<u32>(i.imm)});
  }
  void raw(std::initializer_list<u8> bytes) {
    for (u8 b : bytes) as.db(b);
  }
  void leave() {
    if (mf.frame) as.add(x86::rsp, mf.frame);
    if (mf.frame) sp_now(mf.frame_pointer ? 8 : 0);
    if (mf.frame_pointer) {
      as.pop(x86::rbp);
      sp_now(0);
    }
  }

  void inst(const MInst& i) {
    using asmjit::Operand;
    u8 s1 = i.size1 ? i.size1 : i.size;
    switch (i.op) {
      case PseudoRet:
        leave();
        as.ret();
        return;
      case PseudoTail: {
        leave();
        raw({0xe9, 0, 0, 0, 0});
        relocs.push_back({offset() - 4, object::RelocKind::Call32, i.sym, -4});
        return;
      }
      case PseudoEnter:
        if (mf.frame_pointer) {
          as.push(x86::rbp);
          sp_now(8);
          as.mov(x86::rbp, x86::rsp);
        }
        if (mf.frame) {
          as.sub(x86::rsp, mf.frame);
          sp_now(full);
        }
        return;
      case PseudoString:
        if (i.size1) {
          raw({0xf3, 0x48, i.size});
        } else {
          raw({i.size});
        }
        return;
      case PseudoLock: raw({0xf0}); return;
      default: break;
    }
    Symbol* sym = nullptr;
    i64 addend = 0;
    asmjit::Error e = asmjit::kErrorOk;
    u32 start = offset();
    switch (i.form) {
      case Form::None: e = as.emit(i.op); break;
      case Form::R: e = as.emit(i.op, reg(i.r0, i.size)); break;
      case Form::RR:
        if (i.op == Inst::kIdMovq || i.op == Inst::kIdMovd) {
          e = as.emit(i.op, reg(i.r0, i.size), reg(i.r1, i.size));
        } else {
          e = as.emit(i.op, reg(i.r0, i.size), reg(i.r1, s1));
        }
        break;
      case Form::RRR: e = as.emit(i.op, reg(i.r0, i.size), reg(i.r1, s1), reg(i.r2, s1)); break;
      case Form::RI: e = as.emit(i.op, reg(i.r0, i.size), asmjit::Imm(narrow(i.imm, i.size, i.op))); break;
      case Form::RRI:
        e = as.emit(i.op, reg(i.r0, i.size), reg(i.r1, i.size), asmjit::Imm(narrow(i.imm, i.size, i.op)));
        break;
      case Form::RM:
        e = as.emit(i.op, reg(i.r0, i.size), memory(i, i.op == Inst::kIdLea ? 0 : s1, &sym, &addend));
        break;
      case Form::MR: e = as.emit(i.op, memory(i, i.size, &sym, &addend), reg(i.r0, i.size)); break;
      case Form::MI:
        e = as.emit(i.op, memory(i, i.size, &sym, &addend), asmjit::Imm(narrow(i.imm, i.size, i.op)));
        break;
      case Form::M: e = as.emit(i.op, memory(i, i.size, &sym, &addend)); break;
      case Form::Call:
        raw({0xe8, 0, 0, 0, 0});
        call_reloc(start, i);
        return;
      case Form::CallR:
        e = as.call(gp(i.r0, 8));
        calls.push_back({start, offset(), static_cast<u32>(i.imm)});
        break;
      case Form::CallM: {
        MInst m = i;
        e = as.call(memory(m, 8, &sym, &addend));
        calls.push_back({start, offset(), static_cast<u32>(i.imm)});
        break;
      }
      case Form::JmpR: e = as.jmp(gp(i.r0, 8)); break;
      default: VOLE_UNREACHABLE("instruction form");
    }
    check(e, i);
    if (sym) {
      // The displacement is the marked word; what follows it in the instruction counts for PC-relative
      // addresses.
      u32 end = offset();
      const u8* p = as.bufferData();
      for (u32 at = end - 4; at > start; at--) {
        i32 word;
        std::memcpy(&word, p + at, 4);
        if (word != RelocMark) continue;
        std::memset(as.bufferData() + at, 0, 4);
        relocs.push_back({at, object::RelocKind::PcRel32, sym, addend - static_cast<i64>(end - at)});
        return;
      }
      VOLE_UNREACHABLE("no displacement");
    }
  }

  // Immediates as the operand size sees them.
  static i64 narrow(i64 imm, u8 size, u16 op) {
    switch (size) {
      case 1: return static_cast<i8>(imm);
      case 2: return static_cast<i16>(imm);
      case 4: return static_cast<i32>(imm);
      default: return imm;
    }
  }

  u32 add_block(bool cold) {
    MBlock b;
    b.begin = static_cast<u32>(mf.insts.size());
    b.cold = cold;
    b.aside = true;  // no variable is where the last block of the body left it
    mf.blocks.push_back(b);
    mf.marks.push_back({b.begin, f.pos, -1});
    return static_cast<u32>(mf.blocks.size() - 1);
  }
  void put(u16 op, Form form, u8 size, Reg r0, Reg r1 = NoReg, i64 imm = 0) {
    MInst i;
    i.op = op;
    i.form = form;
    i.size = size;
    i.r0 = r0;
    i.r1 = r1;
    i.imm = imm;
    mf.insts.push_back(i);
  }
  void put_mem(u16 op, Form form, u8 size, Reg r, Reg base, i32 disp) {
    Mem m;
    m.kind = MemKind::Reg;
    m.base = base;
    m.disp = disp;
    mf.insts.push_back(mem_inst(op, form, size, r, m));
  }

  void zero_locals() {
    for (u32 l = 0; l < mf.locals.size(); l++) {
      const ssa::Layout& lay = *mf.locals[l].alloca->layout;
      if (!lay.has_pointers()) continue;
      i64 n = static_cast<i64>(lay.ptr_words) * 8;
      // The loop clears 16 bytes a step; an odd last word is cleared by itself in front.
      Mem m;
      m.kind = MemKind::Local;
      m.slot = l;
      if (n <= 512) {
        i64 i = 0;
        for (; i + 16 <= n; i += 16) {
          m.disp = static_cast<i32>(i);
          mf.insts.push_back(mem_inst(Inst::kIdMovups, Form::MR, 16, X15, m));
        }
        if (i < n) {
          m.disp = static_cast<i32>(i);
          MInst s = mem_inst(Inst::kIdMov, Form::MI, 8, NoReg, m);
          mf.insts.push_back(s);
        }
        continue;
      }
      // R12 and R13 carry no arguments.
      mf.insts.push_back(mem_inst(Inst::kIdLea, Form::RM, 8, R12, m));
      if (n % 16) {
        m.disp = static_cast<i32>(n - 8);
        mf.insts.push_back(mem_inst(Inst::kIdMov, Form::MI, 8, NoReg, m));
      }
      put(Inst::kIdMov, Form::RI, 4, R13, NoReg, n / 16);
      u32 from = first_setup, loop = add_block(false),
          rest = add_block(false);  // both begin here; `rest` is moved behind the loop below
      mf.blocks[from].end = mf.blocks[loop].begin;
      mf.blocks[from].how = MEnd::Jump;
      mf.blocks[from].to = loop;
      put_mem(Inst::kIdMovups, Form::MR, 16, X15, R12, 0);
      put(Inst::kIdAdd, Form::RI, 8, R12, NoReg, 16);
      put(Inst::kIdDec, Form::R, 4, R13);
      mf.blocks[loop].end = static_cast<u32>(mf.insts.size());
      mf.blocks[loop].how = MEnd::Branch;
      mf.blocks[loop].cond = NE;
      mf.blocks[loop].to = loop;
      mf.blocks[loop].other = rest;
      mf.blocks[rest].begin = static_cast<u32>(mf.insts.size());
      prologue.push_back(loop);
      prologue.push_back(rest);
      first_setup = rest;
    }
  }
  u32 first_setup = ~0u;
  std::vector<u32> prologue, frameless;  // frameless: blocks that start before the frame is made

  void make_prologue() {
    u32 body = mf.order[0];
    bool has_locals = !mf.locals.empty();
    full = mf.frame + (mf.frame_pointer ? 8 : 0);
    bool abi0 = f.abi0 || f.sig->abi0;
    bool check = !f.no_split && (mf.has_call || mf.has_any_call || full > abi::StackSmall);
    if (!check && !mf.has_any_call) f.sym->no_split = true;
    u32 head = add_block(false);
    prologue.push_back(head);
    first = head;
    if (abi0) {
      // Called from assembly: the fixed registers have no meaning yet.
      Mem tls;
      tls.kind = MemKind::TlsG;
      mf.insts.push_back(mem_inst(Inst::kIdMov, Form::RM, 8, R14, tls));
      put(Inst::kIdXorps, Form::RR, 16, X15, X15);
    }
    u32 setup = head;
    if (check) {
      morestack = ~0u;
      auto guard = [&](Reg r) { put_mem(Inst::kIdCmp, Form::RM, 8, r, R14, abi::GStackGuard0); };
      u32 second = ~0u;
      if (full <= abi::StackSmall) {
        guard(RSP);
      } else if (full <= abi::StackBig) {
        put_mem(Inst::kIdLea, Form::RM, 8, R12, RSP, -(full - abi::StackSmall));
        guard(R12);
      } else {
        // The frame may be larger than SP itself: a borrow means overflow.
        put(Inst::kIdMov, Form::RR, 8, R12, RSP);
        put(Inst::kIdSub, Form::RI, 8, R12, NoReg, full - abi::StackSmall);
        mf.blocks[head].end = static_cast<u32>(mf.insts.size());
        second = add_block(false);
        prologue.push_back(second);
        guard(R12);
        mf.blocks[second].end = static_cast<u32>(mf.insts.size());
      }
      if (second == ~0u) mf.blocks[head].end = static_cast<u32>(mf.insts.size());
      setup = add_block(false);
      prologue.push_back(setup);
      make_morestack(head);
      auto branch = [&](u32 b, u8 cc, u32 other) {
        mf.blocks[b].how = MEnd::Branch;
        mf.blocks[b].cond = cc;
        mf.blocks[b].to = morestack;
        mf.blocks[b].other = other;
      };
      if (second != ~0u) {
        branch(head, B, second);
        branch(second, BE, setup);
      } else {
        branch(head, BE, setup);
      }
      mf.blocks[setup].begin = static_cast<u32>(mf.insts.size());
      mf.marks.push_back({mf.blocks[setup].begin, f.pos, -1});
    }
    first_setup = setup;
    frameless = prologue;
    if (morestack != ~0u) frameless.push_back(morestack);
    if (full) put(PseudoEnter, Form::None, 0, NoReg);
    if (has_locals && mf.has_any_call) zero_locals();
    mf.blocks[first_setup].end = static_cast<u32>(mf.insts.size());
    mf.blocks[first_setup].how = MEnd::Jump;
    mf.blocks[first_setup].to = body;
    mf.order.insert(mf.order.begin(), prologue.begin(), prologue.end());
    if (morestack != ~0u) mf.order.push_back(morestack);
  }

  void make_morestack(u32 head) {
    morestack = add_block(true);
    auto spill = [&](bool back) {
      if (f.sig->abi0) return;
      for (const ssa::ArgLoc& a : f.sig->args) {
        if (!a.in_reg) continue;
        Reg r = ssa::is_float(a.ty) ? info.float_args[a.reg] : info.int_args[a.reg];
        u8 size = static_cast<u8>(ssa::size_of(a.ty));
        i32 at = 8 + static_cast<i32>(f.sig->spill_offset + a.stack_offset);
        if (back && size < 4) {
          put_mem(Inst::kIdMovzx, Form::RM, 4, r, RSP, at);
          mf.insts.back().size1 = size;
        } else {
          put_mem(move_op(a.ty), back ? Form::RM : Form::MR, size, r, RSP, at);
        }
      }
    };
    spill(false);
    CallSite site;
    site.kind = CallSite::MoreStack;
    mf.calls.push_back(site);
    MInst c;
    c.form = Form::Call;
    c.sym = object.get(abi::rt_name(f.needs_ctxt ? abi::Rt::morestack : abi::Rt::morestack_noctxt));
    c.imm = static_cast<i64>(mf.calls.size() - 1);
    mf.insts.push_back(c);
    spill(true);
    mf.blocks[morestack].end = static_cast<u32>(mf.insts.size());
    mf.blocks[morestack].how = MEnd::Jump;
    mf.blocks[morestack].to = head;
  }

  void encode_pieces() {
    pieces.reserve(mf.order.size());
    inst_at.assign(mf.var_events.empty() ? 0 : mf.insts.size() + 1, 0);
    // Blocks come in any order, marks in instruction order: find the mark in force by bisection at block
    // starts.
    for (u32 b : mf.order) {
      MBlock& mb = mf.blocks[b];
      Piece p{offset(),
              0,
              static_cast<u32>(relocs.size()),
              static_cast<u32>(calls.size()),
              static_cast<u32>(sp.size()),
              static_cast<u32>(lines.size())};
      bool outside = std::find(frameless.begin(), frameless.end(), b) != frameless.end();
      sp.push_back({p.begin, outside ? 0 : full});
      auto it = std::upper_bound(mf.marks.begin(), mf.marks.end(), mb.begin,
                                 [](u32 at, const Mark& m) { return at < m.first; });
      size_t mark = it == mf.marks.begin() ? 0 : static_cast<size_t>(it - mf.marks.begin()) - 1;
      if (!mf.marks.empty()) lines.push_back({p.begin, static_cast<u32>(mark)});
      for (u32 k = mb.begin; k < mb.end; k++) {
        while (mark + 1 < mf.marks.size() && mf.marks[mark + 1].first <= k) {
          mark++;
          lines.push_back({offset(), static_cast<u32>(mark)});
        }
        if (!inst_at.empty()) inst_at[k] = offset();
        inst(mf.insts[k]);
      }
      // The jump belongs to whatever was marked last within the block.
      while (mark + 1 < mf.marks.size() && mf.marks[mark + 1].first < mb.end) mark++;
      p.end = offset();
      pieces.push_back(p);
    }
  }
  // A block without code that only jumps on is no target: whoever jumps to it jumps on at once.
  u32 through(u32 b) {
    for (int steps = 0; steps < 32; steps++) {
      const MBlock& m = mf.blocks[b];
      if (m.how != MEnd::Jump || m.begin != m.end || m.to == b) break;
      b = m.to;
    }
    return b;
  }

  void assemble() {
    size_t n = mf.order.size();
    for (u32 b : mf.order) {
      MBlock& m = mf.blocks[b];
      if (m.how == MEnd::Jump || m.how == MEnd::Branch) m.to = through(m.to);
      if (m.how == MEnd::Branch) m.other = through(m.other);
      if (m.how == MEnd::Branch && m.to == m.other) m.how = MEnd::Jump;
    }
    for (auto& t : mf.tables) {
      for (u32& b : t) b = through(b);
    }
    // What is left unreached (empty blocks that were jumped through) disappears.
    std::vector<u8> wanted(mf.blocks.size(), 0);
    std::vector<u32> work{mf.order[0]};
    wanted[mf.order[0]] = 1;
    auto want = [&](u32 b) {
      if (!wanted[b]) {
        wanted[b] = 1;
        work.push_back(b);
      }
    };
    if (defer_block != ~0u) want(defer_block);
    for (auto& t : mf.tables) {
      for (u32 b : t) want(b);
    }
    while (!work.empty()) {
      const MBlock& m = mf.blocks[work.back()];
      work.pop_back();
      if (m.how == MEnd::Jump || m.how == MEnd::Branch) want(m.to);
      if (m.how == MEnd::Branch) want(m.other);
    }
    std::erase_if(mf.order, [&](u32 b) { return !wanted[b]; });
    encode_pieces();
    n = mf.order.size();
    std::vector<u32> index(mf.blocks.size(), ~0u);
    for (u32 i = 0; i < n; i++) index[mf.order[i]] = i;
    // Jumps of a piece: conditional to `a`, then unconditional to `b`; ~0u: none.
    struct Tail {
      u32 a = ~0u, b = ~0u;
      u8 cond = 0;
      bool long_a = false, long_b = false;
    };
    std::vector<Tail> tails(n);
    for (u32 i = 0; i < n; i++) {
      const MBlock& m = mf.blocks[mf.order[i]];
      u32 next = i + 1 < n ? mf.order[i + 1] : ~0u;
      Tail& t = tails[i];
      if (m.how == MEnd::Jump) {
        if (m.to != next) t.b = index[m.to];
      } else if (m.how == MEnd::Branch) {
        if (m.to == next) {
          t.a = index[m.other];
          t.cond = invert(m.cond);
        } else {
          t.a = index[m.to];
          t.cond = m.cond;
          if (m.other != next) t.b = index[m.other];
        }
      } else {
        VOLE_CHECK(m.how == MEnd::Stop);
      }
    }
    std::vector<u32> at(n + 1), tail_at(n);
    for (bool changed = true; changed;) {
      changed = false;
      u32 pc = 0;
      for (u32 i = 0; i < n; i++) {
        at[i] = pc;
        pc += pieces[i].end - pieces[i].begin;
        tail_at[i] = pc;
        if (tails[i].a != ~0u) pc += tails[i].long_a ? 6 : 2;
        if (tails[i].b != ~0u) pc += tails[i].long_b ? 5 : 2;
      }
      at[n] = pc;
      for (u32 i = 0; i < n; i++) {
        Tail& t = tails[i];
        u32 end = tail_at[i];
        if (t.a != ~0u) {
          end += t.long_a ? 6 : 2;
          i64 d = static_cast<i64>(at[t.a]) - end;
          if (!t.long_a && (d < -128 || d > 127)) t.long_a = changed = true;
        }
        if (t.b != ~0u) {
          end += t.long_b ? 5 : 2;
          i64 d = static_cast<i64>(at[t.b]) - end;
          if (!t.long_b && (d < -128 || d > 127)) t.long_b = changed = true;
        }
      }
    }
    finish(index, at, tail_at, tails);
  }

  template <class Tails>
  void finish(const std::vector<u32>& index, const std::vector<u32>& at, const std::vector<u32>& tail_at,
              const Tails& tails) {
    u32 n = static_cast<u32>(mf.order.size());
    out.bytes.resize(at[n]);
    const u8* from = as.bufferData();
    auto write = [&](u32 where, i64 value, u32 size) { std::memcpy(out.bytes.data() + where, &value, size); };
    auto add_line = [&](u32 end, u32 mark) {
      if (end == 0 || (!out.lines.empty() && out.lines.back().end >= end)) return;
      const Mark& m = mf.marks[mark];
      if (!out.lines.empty() && out.lines.back().pos == m.pos && out.lines.back().inl == m.inl) {
        out.lines.back().end = end;
      } else {
        out.lines.push_back({end, m.pos, m.inl});
      }
    };
    auto add_value = [](std::vector<object::PcValue>& v, u32 end, i32 value) {
      if (!v.empty() && v.back().end >= end) return;
      if (!v.empty() && v.back().value == value) {
        v.back().end = end;
      } else {
        v.push_back({end, value});
      }
    };
    bool any_unsafe = false;
    for (const MBlock& b : mf.blocks) any_unsafe |= b.unsafe;
    out.block_offset.assign(mf.blocks.size(), 0);
    out.block_end.assign(mf.blocks.size(), 0);
    out.inst_offset.assign(inst_at.size(), 0);
    for (u32 i = 0; i < n; i++) {
      const Piece& p = pieces[i];
      u32 size = p.end - p.begin;
      i64 shift = static_cast<i64>(at[i]) - p.begin;
      out.block_offset[mf.order[i]] = at[i];
      out.block_end[mf.order[i]] = at[i + 1];
      if (const MBlock& mb = mf.blocks[mf.order[i]]; !inst_at.empty())
        for (u32 k = mb.begin; k < mb.end; k++) out.inst_offset[k] = static_cast<u32>(inst_at[k] + shift);
      if (size) std::memcpy(out.bytes.data() + at[i], from + p.begin, size);
      u32 end_of = at[i + 1];
      auto limit = [&](const auto& list, u32 first_next) {
        return i + 1 < n ? first_next : static_cast<u32>(list.size());
      };
      const Piece* q = i + 1 < n ? &pieces[i + 1] : nullptr;
      for (u32 k = p.first_reloc, e = limit(relocs, q ? q->first_reloc : 0); k < e; k++) {
        object::Reloc r = relocs[k];
        r.offset = static_cast<u32>(r.offset + shift);
        out.relocs.push_back(r);
      }
      for (u32 k = p.first_call, e = limit(calls, q ? q->first_call : 0); k < e; k++) {
        out.calls.push_back({static_cast<u32>(calls[k].ret + shift), calls[k].call,
                             static_cast<u32>(calls[k].start + shift)});
      }
      for (u32 k = p.first_line, e = limit(lines, q ? q->first_line : 0); k < e; k++) {
        u32 end = k + 1 < e ? static_cast<u32>(lines[k + 1].at + shift) : end_of;
        add_line(end, lines[k].mark);
      }
      for (u32 k = p.first_sp, e = limit(sp, q ? q->first_sp : 0); k < e; k++) {
        u32 end = k + 1 < e ? static_cast<u32>(sp[k + 1].at + shift) : end_of;
        if (end > at[i] || k + 1 == e) add_value(out.pcsp, end, sp[k].delta);
      }
      if (any_unsafe)
        add_value(out.unsafe_point, end_of,
                  mf.blocks[mf.order[i]].unsafe ? abi::UnsafePointUnsafe : abi::UnsafePointSafe);
      u32 w = tail_at[i];
      const auto& t = tails[i];
      if (t.a != ~0u) {
        u32 len = t.long_a ? 6 : 2;
        i64 d = static_cast<i64>(at[t.a]) - (w + len);
        if (t.long_a) {
          out.bytes[w] = 0x0f;
          out.bytes[w + 1] = static_cast<u8>(0x80 | t.cond);
          write(w + 2, d, 4);
        } else {
          out.bytes[w] = static_cast<u8>(0x70 | t.cond);
          write(w + 1, d, 1);
        }
        w += len;
      }
      if (t.b != ~0u) {
        u32 len = t.long_b ? 5 : 2;
        i64 d = static_cast<i64>(at[t.b]) - (w + len);
        out.bytes[w] = t.long_b ? 0xe9 : 0xeb;
        write(w + 1, d, t.long_b ? 4 : 1);
      }
    }
    std::sort(out.relocs.begin(), out.relocs.end(),
              [](const object::Reloc& a, const object::Reloc& b) { return a.offset < b.offset; });
    // Jump tables: distances from the table to the blocks.
    for (size_t k = 0; k < mf.tables.size(); k++) {
      Symbol* s = mf.table_syms[k];
      const auto& table = mf.tables[k];
      std::vector<u8> zero(table.size() * 4, 0);
      s->kind = object::SymKind::RoData;
      s->align = 4;
      s->size = zero.size();
      s->bytes = object.copy_bytes(zero);
      for (u32 j = 0; j < table.size(); j++)
        s->relocs.push_back(
            {j * 4, object::RelocKind::PcRel32, f.sym, static_cast<i64>(at[index[table[j]]]) + j * 4});
    }
  }
  u32 defer_block = ~0u;
  std::vector<u32> inst_at;  // buffer offsets of instructions, for variables
};
}  // namespace

void Amd64::encode(ssa::Func& f, MachineFunc& mf, object::Object& object, Encoded& out) const {
  Encoder e(f, mf, object, out);
  asmjit::Environment env(asmjit::Arch::kX64);
  e.code.init(env);
  e.code.attach(&e.as);
  // The block with the call of deferreturn is entered by the runtime.
  if (f.deferreturn_block) {
    for (u32 b : mf.order) {
      const MBlock& m = mf.blocks[b];
      for (u32 k = m.begin; k < m.end; k++) {
        if (mf.insts[k].form == Form::Call &&
            mf.calls[static_cast<size_t>(mf.insts[k].imm)].kind == CallSite::DeferReturn)
          e.defer_block = b;
      }
    }
  }
  e.make_prologue();
  e.assemble();
}
}  // namespace vole::target
