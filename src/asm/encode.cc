#include "asm/encode.h"

#include <asmjit/x86.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "abi/abi.h"
#include "asm/listing.h"
#include "asm/mnemonics.h"

namespace vole::assembler {
namespace {
namespace x86 = asmjit::x86;
namespace I = asmjit::x86::Inst;
constexpr i32 RelocMark = 0x5a5a5a5a;
constexpr u32 JccIds[16] = {I::kIdJo, I::kIdJno, I::kIdJb, I::kIdJae, I::kIdJe, I::kIdJne, I::kIdJbe, I::kIdJa, I::kIdJs, I::kIdJns, I::kIdJp, I::kIdJnp, I::kIdJl, I::kIdJge, I::kIdJle, I::kIdJg};

object::Symbol* float_symbol(object::Object& object, bool single, double x) {
  u64 bits = 0;
  if (single) {
    float f = static_cast<float>(x);
    std::memcpy(&bits, &f, 4);
  } else {
    std::memcpy(&bits, &x, 8);
  }
  object::Symbol* s = object.get(single ? fmt::format("$f32.{:08x}", bits) : fmt::format("$f64.{:016x}", bits));
  if (s->kind == object::SymKind::Undef) {
    size_t n = single ? 4 : 8;
    s->bytes = object.copy_bytes({reinterpret_cast<const u8*>(&bits), n});
    s->size = n;
    s->align = static_cast<u32>(n);
    s->dupok = true;
    s->kind = object::SymKind::RoData;
  }
  return s;
}

struct Encoder {
  const Function& f;
  Scope& scope;
  object::Object& object;
  diag::Diagnostics& diags;
  u32 pos_base;
  asmjit::CodeHolder code;
  x86::Assembler as;
  std::vector<asmjit::Label> at_index;                     // label in front of every statement
  absl::flat_hash_map<std::string_view, u32> label_index;   // statement a name stands in front of
  std::vector<u8> short_jump;                              // second round: this statement's forward jump fits in a byte
  std::vector<u32> offset_of;                              // by statement, of the latest round
  std::vector<i32> sp_at;                                  // by statement: sp in front of it
  std::vector<std::pair<u32, u32>> short_only;             // offset of a distance in a byte, statement it leads to
  std::vector<object::Reloc> relocs;
  std::vector<object::PcValue> pcsp;
  std::vector<object::FuncInfo::PcPos> lines;
  i32 sp = 0;          // bytes between SP and the return address now
  i32 body_sp = 0;     // the same right behind the prologue
  i32 bp = 0;          // 8 when the frame pointer is saved
  u32 align = 16;
  bool check = false;
  bool ok = true;
  const Statement* now = nullptr;

  Encoder(const Function& fn, Scope& sc, object::Object& o, diag::Diagnostics& d, u32 base) : f(fn), scope(sc), object(o), diags(d), pos_base(base) {}

  bool error(std::string_view what) {
    if (ok) diags.report(diag::Code::Syntax, Pos(pos_base, now ? now->line : f.line, now ? now->col : 1), "{}", what);
    ok = false;
    return false;
  }
  u32 offset() const { return static_cast<u32>(as.offset()); }
  void bytes(std::initializer_list<u8> list) {
    for (u8 b : list) as.db(b);
  }
  void sp_is(i32 value) {
    u32 at = offset();
    if (value == sp) return;
    close_sp(at);
    sp = value;
  }
  void close_sp(u32 at) {
    u32 from = pcsp.empty() ? 0 : pcsp.back().end;
    if (at > from) pcsp.push_back({at, sp});
  }

  // ---- operands ----------------------------------------------------------------------------------------------------------------

  static asmjit::Operand gp(u8 n, u8 size) {
    switch (size) {
      case 1: return x86::gpb(n);
      case 2: return x86::gpw(n);
      case 4: return x86::gpd(n);
      default: return x86::gpq(n);
    }
  }
  asmjit::Operand reg(RegName r, u8 size) {
    switch (r.cls) {
      case RegClass::Gp: return gp(r.num, size);
      case RegClass::SP: return gp(4, size);
      case RegClass::GpByte: return x86::gpb(r.num);
      case RegClass::GpHigh: return x86::gpb_hi(r.num);
      case RegClass::Xmm: return x86::xmm(r.num);
      case RegClass::Ymm: return x86::ymm(r.num);
      case RegClass::Zmm: return x86::zmm(r.num);
      case RegClass::Mask: return x86::k(r.num);
      case RegClass::Mmx: return x86::mm(r.num);
      case RegClass::Fp: return x86::st(r.num);
      case RegClass::Segment: return x86::SReg(r.num);
      case RegClass::Control: return x86::CReg(r.num);
      case RegClass::Debug: return x86::DReg(r.num);
      default: error("register cannot be an operand"); return asmjit::Operand();
    }
  }
  object::Symbol* pending = nullptr;   // of the memory operand being encoded
  i64 pending_addend = 0;
  bool pending_abs = false;

  x86::Mem memory(const Operand& o, u32 size) {
    i64 disp = o.disp;
    x86::Gp base;
    bool has_base = true;
    x86::Reg index;
    bool has_index = o.index.cls != RegClass::None && o.index.cls != RegClass::Tls;
    if (has_index) {
      switch (o.index.cls) {
        case RegClass::Gp: index = x86::gpq(o.index.num); break;
        case RegClass::Xmm: index = x86::xmm(o.index.num); break;
        case RegClass::Ymm: index = x86::ymm(o.index.num); break;
        case RegClass::Zmm: index = x86::zmm(o.index.num); break;
        default: error("bad index register");
      }
    }
    u32 shift = o.scale == 8 ? 3 : o.scale == 4 ? 2 : o.scale == 2 ? 1 : 0;
    if (o.index.cls == RegClass::Tls || o.base.cls == RegClass::Tls) {
      // 0(reg)(TLS*1) after get_tls(reg), or (TLS): g's slot.
      x86::Mem m = x86::ptr(static_cast<u64>(static_cast<i64>(abi::TlsG) + disp), size);
      m.setSegment(x86::fs);
      return m;
    }
    switch (o.base.cls) {
      case RegClass::None: has_base = false; break;
      case RegClass::Gp: base = x86::gpq(o.base.num); break;
      case RegClass::SP:
        base = x86::rsp;
        if (o.named) disp += sp - bp;
        break;
      case RegClass::FP:
        base = x86::rsp;
        disp += sp + 8;
        break;
      case RegClass::SB:
        pending = scope.symbol(o, false);
        pending_addend = disp;
        pending_abs = has_index;
        if (!has_index) return x86::ptr(x86::rip, RelocMark, size);
        return x86::ptr(static_cast<u64>(RelocMark), index, shift, size);
      default: error("bad base register");
    }
    if (disp != static_cast<i32>(disp)) error("offset too large");
    i32 d = static_cast<i32>(disp);
    if (has_base && has_index) return x86::Mem(base, index, shift, d, size);
    if (has_base) return x86::Mem(base, d, size);
    if (has_index) return x86::Mem(static_cast<u64>(static_cast<i64>(d)), index, shift, size);
    return x86::ptr(static_cast<u64>(static_cast<i64>(d)), size);
  }

  void finish_reloc(u32 start) {
    if (!pending) return;
    u32 end = offset();
    for (u32 at = end; at-- > start;) {
      if (end - at < 4) continue;
      i32 word;
      std::memcpy(&word, as.bufferData() + at, 4);
      if (word != RelocMark) continue;
      std::memset(as.bufferData() + at, 0, 4);
      if (pending_abs) {
        relocs.push_back({at, object::RelocKind::Abs32, pending, pending_addend});
      } else {
        relocs.push_back({at, object::RelocKind::PcRel32, pending, pending_addend - static_cast<i64>(end - at)});
      }
      pending = nullptr;
      return;
    }
    pending = nullptr;
    error("no place for the symbol's address");
  }

  static i64 narrow(i64 x, u8 size) {
    switch (size) {
      case 1: return static_cast<i8>(x);
      case 2: return static_cast<i16>(x);
      case 4: return static_cast<i32>(x);
      default: return x;
    }
  }
  // Size 0 tells the encoder to go by the other operands.
  asmjit::Operand convert(const Operand& o, u8 size) {
    switch (o.kind) {
      case Operand::Imm: return asmjit::Imm(narrow(o.imm, size));
      case Operand::Reg: return reg(o.reg, size);
      case Operand::Mem: return memory(o, size);
      default: error("operand not allowed here"); return asmjit::Operand();
    }
  }

  void emit(u32 id, std::initializer_list<asmjit::Operand> list) { emit_all(id, list.begin(), list.size()); }
  void emit_all(u32 id, const asmjit::Operand* o, size_t n) {
    if (!ok) return;
    u32 start = offset();
    asmjit::Error e;
    switch (n) {
      case 0: e = as.emit(id); break;
      case 1: e = as.emit(id, o[0]); break;
      case 2: e = as.emit(id, o[0], o[1]); break;
      case 3: e = as.emit(id, o[0], o[1], o[2]); break;
      case 4: e = as.emit(id, o[0], o[1], o[2], o[3]); break;
      case 5: e = as.emit(id, o[0], o[1], o[2], o[3], o[4]); break;
      default: e = asmjit::kErrorInvalidInstruction;
    }
    if (e != asmjit::kErrorOk) {
      error(fmt::format("invalid instruction: {} ({})", now ? now->op : "", asmjit::DebugUtils::errorAsString(e)));
      return;
    }
    finish_reloc(start);
  }

  // ---- control flow ------------------------------------------------------------------------------------------------------------

  // The statement a label or an offset from this one stands for.
  std::optional<u32> statement_at(u32 index, const Operand& o) {
    if (o.kind == Operand::Label) {
      auto it = label_index.find(o.text);
      if (it != label_index.end()) return it->second;
      error(fmt::format("undefined label {}", o.text));
      return {};
    }
    i64 t = static_cast<i64>(index) + o.imm;
    if (t >= 0 && t <= static_cast<i64>(f.body.size())) return static_cast<u32>(t);
    error("jump out of the function");
    return {};
  }

  void counter_jump(u32 index, const Mnemonic& m, const Operand& o) {
    if (o.kind != Operand::Label && o.kind != Operand::PcRel) {
      error("bad jump target");
      return;
    }
    std::optional<u32> target = statement_at(index, o);
    if (!target) return;
    if (m.size == 4) bytes({0x67});
    bytes({m.cc, 0});
    short_only.push_back({offset() - 1, *target});
  }
  void finish_short_jumps() {
    for (auto [at, target] : short_only) {
      i64 distance = static_cast<i64>(offset_of[target]) - static_cast<i64>(at + 1);
      if (distance != static_cast<i8>(distance)) {
        error("jump target is too far away for this instruction");
        return;
      }
      as.bufferData()[at] = static_cast<u8>(distance);
    }
  }

  void jump(u32 index, const Mnemonic& m, const Operand& o) {
    bool conditional = m.shape == Shape::Jcc;
    u32 target = ~0u;
    switch (o.kind) {
      case Operand::Label: case Operand::PcRel: {
        std::optional<u32> t = statement_at(index, o);
        if (!t) return;
        target = *t;
        break;
      }
      case Operand::Mem:
        if (o.base.cls == RegClass::SB) {
          if (conditional) {
            bytes({0x0f, static_cast<u8>(0x80 | m.cc), 0, 0, 0, 0});
          } else {
            bytes({static_cast<u8>(m.shape == Shape::Call ? 0xe8 : 0xe9), 0, 0, 0, 0});
          }
          relocs.push_back({offset() - 4, object::RelocKind::Call32, scope.symbol(o, !o.local_symbol), o.disp - 4});
          return;
        }
        // JMP (AX) and CALL (AX) jump to AX itself; with an offset or index the target is read from memory.
        if (o.disp == 0 && o.index.cls == RegClass::None && o.base.cls == RegClass::Gp) {
          emit(m.shape == Shape::Call ? I::kIdCall : I::kIdJmp, {gp(o.base.num, 8)});
        } else {
          emit(m.shape == Shape::Call ? I::kIdCall : I::kIdJmp, {memory(o, 8)});
        }
        return;
      case Operand::Reg: emit(m.shape == Shape::Call ? I::kIdCall : I::kIdJmp, {reg(o.reg, 8)}); return;
      default: error("bad jump target"); return;
    }
    if (m.shape == Shape::Call) {
      as.call(at_index[target]);
      return;
    }
    if (!short_jump.empty() && short_jump[index]) as.short_();
    if (as.emit(conditional ? JccIds[m.cc] : static_cast<u32>(I::kIdJmp), at_index[target]) != asmjit::kErrorOk) error("jump cannot be encoded");
  }

  void leave() {
    i32 keep = sp;
    if (body_sp - bp) {
      as.add(x86::rsp, body_sp - bp);
      sp_is(bp);
    }
    if (bp) {
      as.pop(x86::rbp);
      sp_is(0);
    }
    as.ret();
    sp_is(keep);
  }

  void prologue() {
    bool calls = false;
    for (const Statement& s : f.body) calls |= s.op == "CALL";
    i64 frame = std::max<i64>(f.frame, 0);
    if (frame > (1 << 28)) {
      error("frame too large");
      return;
    }
    bool save = !f.no_frame && !(frame == 0 && f.no_split) && !(frame == 0 && !calls);
    bp = save ? 8 : 0;
    body_sp = static_cast<i32>(f.no_frame ? 0 : frame) + bp;
    check = !f.no_split && (calls || body_sp >= abi::StackSmall);
    if (check) {
      x86::Gp g = x86::r14;
      if (!f.abi_internal) {
        // Argument registers mean nothing in this convention, so CX is free.
        g = x86::rcx;
        x86::Mem tls = x86::ptr(static_cast<u64>(static_cast<i64>(abi::TlsG)), 8);
        tls.setSegment(x86::fs);
        as.mov(g, tls);
      }
      x86::Mem guard = x86::qword_ptr(g, abi::GStackGuard0);
      if (body_sp <= abi::StackSmall) {
        as.cmp(x86::rsp, guard);
      } else if (body_sp <= abi::StackBig) {
        as.lea(x86::r12, x86::ptr(x86::rsp, -(body_sp - abi::StackSmall)));
        as.cmp(x86::r12, guard);
      } else {
        as.mov(x86::r12, x86::rsp);
        as.sub(x86::r12, body_sp - abi::StackSmall);
        as.jb(morestack);
        as.cmp(x86::r12, guard);
      }
      as.jbe(morestack);
    }
    if (bp) {
      as.push(x86::rbp);
      sp_is(8);
      as.mov(x86::rbp, x86::rsp);
    }
    if (body_sp - bp) {
      as.sub(x86::rsp, body_sp - bp);
      sp_is(body_sp);
    }
  }
  asmjit::Label entry, morestack;

  void more_stack() {
    if (!check) return;
    close_sp(offset());
    sp = 0;
    as.bind(morestack);
    bytes({0xe8, 0, 0, 0, 0});
    relocs.push_back({offset() - 4, object::RelocKind::Call32, object.get(f.needs_ctxt ? "runtime.morestack" : "runtime.morestack_noctxt"), -4});
    as.jmp(entry);
  }

  // ---- instructions ------------------------------------------------------------------------------------------------------------

  void move(const Mnemonic& m, const Statement& s) {
    if (s.args.size() != 2) {
      error(fmt::format("{} needs two operands", s.op));
      return;
    }
    const Operand &src = s.args[0], &dst = s.args[1];
    if (src.kind == Operand::Reg && src.reg.cls == RegClass::Tls) return;   // get_tls: its uses name the slot themselves
    if (src.kind == Operand::Addr) {
      if (dst.kind != Operand::Reg) {
        error("address needs a register");
        return;
      }
      emit(I::kIdLea, {reg(dst.reg, 8), memory(src, 0)});
      return;
    }
    if (src.kind == Operand::Float) {
      i64 bits;
      std::memcpy(&bits, &src.real, 8);
      emit(I::kIdMov, {convert(dst, 8), asmjit::Imm(bits)});
      return;
    }
    if (src.kind == Operand::Reg && src.reg.cls == RegClass::Xmm && dst.kind == Operand::Reg && dst.reg.cls == RegClass::Mmx) {
      emit(I::kIdMovdq2q, {convert(dst, 8), convert(src, 8)});
      return;
    }
    auto vector = [](const Operand& o) { return o.kind == Operand::Reg && (o.reg.cls == RegClass::Xmm || o.reg.cls == RegClass::Mmx); };
    if (vector(src) || vector(dst)) {
      u32 id = m.size == 8 ? I::kIdMovq : I::kIdMovd;
      emit(id, {convert(dst, m.size), convert(src, m.size)});
      return;
    }
    if (src.kind == Operand::Imm && dst.kind == Operand::Reg && dst.reg.cls == RegClass::Gp && m.size == 8) {
      if (src.imm >= 0 && src.imm <= 0xffffffff) {
        emit(I::kIdMov, {gp(dst.reg.num, 4), asmjit::Imm(static_cast<i32>(src.imm))});
      } else {
        emit(I::kIdMov, {gp(dst.reg.num, 8), asmjit::Imm(src.imm)});
      }
      return;
    }
    emit(I::kIdMov, {convert(dst, m.size), convert(src, m.size)});
  }

  void instruction(u32 index) {
    const Statement& s = f.body[index];
    if (s.op == "PCALIGN") {
      i64 n = s.args.empty() ? 0 : s.args[0].imm;
      if (n < 2 || n > 2048 || (n & (n - 1))) {
        error("alignment must be a power of two");
        return;
      }
      align = std::max(align, static_cast<u32>(n));
      as.align(asmjit::AlignMode::kCode, static_cast<u32>(n));
      return;
    }
    if (s.op == "NOP" || s.op == "PCALIGNMAX") return;
    const Mnemonic* found = find_mnemonic(s.op);
    if (!found) {
      error(fmt::format("unrecognized instruction \"{}\"", s.op));
      return;
    }
    const Mnemonic& m = *found;
    const auto& a = s.args;
    switch (m.shape) {
      case Shape::Nothing: return;
      case Shape::Undef: as.ud2(); return;
      case Shape::Ret:
        if (!a.empty() && a[0].kind == Operand::Mem && a[0].base.cls == RegClass::SB) {
          Mnemonic jmp;
          jmp.shape = Shape::Jump;
          jump(index, jmp, a[0]);
          return;
        }
        leave();
        return;
      case Shape::Jump: case Shape::Call: case Shape::Jcc:
        if (a.size() != 1) {
          error(fmt::format("{} needs one operand", s.op));
          return;
        }
        jump(index, m, a[0]);
        return;
      case Shape::CounterJump:
        if (a.size() != 1) {
          error(fmt::format("{} needs one operand", s.op));
          return;
        }
        counter_jump(index, m, a[0]);
        return;
      case Shape::Prefix: bytes({m.cc}); return;
      case Shape::Opcode:
        for (u32 shift = 32; shift > 0; shift -= 8) {
          u8 byte = static_cast<u8>(m.id >> (shift - 8));
          if (m.id >> (shift - 8)) as.db(byte);
        }
        return;
      case Shape::Float: float_stack(m, s); return;
      case Shape::FloatMove: float_move(m, s); return;
      case Shape::String:
        if (m.size == 2) bytes({0x66});
        if (m.size == 8) bytes({0x48});
        bytes({m.cc});
        return;
      case Shape::Bytes:
        for (const Operand& o : a) {
          if (o.kind != Operand::Imm) {
            error(fmt::format("{} needs constants", s.op));
            return;
          }
          as.embed(&o.imm, m.size);
        }
        return;
      case Shape::Push: case Shape::Pop: {
        if (a.empty()) {
          emit(m.id, {});
        } else if (a[0].kind == Operand::Imm) {
          if (m.size == 2) push_word(a[0].imm);
          else emit(m.id, {asmjit::Imm(a[0].imm)});
        } else {
          emit(m.id, {convert(a[0], m.size)});
        }
        sp_is(sp + (m.shape == Shape::Push ? m.size : -m.size));
        return;
      }
      case Shape::AdjustSp: {
        if (a.size() != 1 || a[0].kind != Operand::Imm) {
          error(fmt::format("{} needs a constant", s.op));
          return;
        }
        i32 by = static_cast<i32>(a[0].imm);
        emit(I::kIdLea, {asmjit::x86::rsp, asmjit::x86::ptr(asmjit::x86::rsp, -by)});  // flags stay as they are
        sp_is(sp + by);
        return;
      }
      case Shape::Move: move(m, s); return;
      case Shape::Lea: {
        if (a.size() != 2 || (a[0].kind != Operand::Mem && a[0].kind != Operand::Addr)) {
          error(fmt::format("{} needs an address and a register", s.op));
          return;
        }
        Operand address = a[0];
        if (m.size <= 4 && address.disp == static_cast<u32>(address.disp)) address.disp = static_cast<i32>(address.disp);   // only the low half counts
        emit(I::kIdLea, {convert(a[1], m.size), memory(address, 0)});
        return;
      }
      case Shape::Extend:
        if (a.size() != 2) {
          error(fmt::format("{} needs two operands", s.op));
          return;
        }
        if (m.size == 2 && m.size_src == 2) {   // the encoder lacks this form: it is the wider one behind an operand-size prefix
          bytes({0x66});
          emit(m.id, {convert(a[1], 4), convert(a[0], 2)});
          return;
        }
        emit(m.id, {convert(a[1], m.size), convert(a[0], m.size_src)});
        return;
      case Shape::CvtIntReg: {
        if (a.size() != 2) {
          error(fmt::format("{} needs two operands", s.op));
          return;
        }
        bool to_int = a[1].kind == Operand::Reg && a[1].reg.cls == RegClass::Gp;
        u8 real = m.id == I::kIdCvtsd2si || m.id == I::kIdCvttsd2si ? 8 : 4;
        emit(m.id, {convert(a[1], m.size), convert(a[0], to_int ? real : m.size)});
        return;
      }
      case Shape::Compare:
        if (a.size() != 2) {
          error(fmt::format("{} needs two operands", s.op));
          return;
        }
        emit(m.id, {convert(a[0], m.size), convert(a[1], m.size)});
        return;
      case Shape::Setcc:
        if (a.size() != 1) {
          error(fmt::format("{} needs one operand", s.op));
          return;
        }
        emit(m.id, {convert(a[0], 1)});
        return;
      case Shape::Shift: shift(m, s); return;
      case Shape::Normal: normal(m, s); return;
    }
  }

  void push_word(i64 x) {
    if (x == static_cast<i8>(x)) {
      bytes({0x66, 0x6a, static_cast<u8>(x)});
    } else {
      bytes({0x66, 0x68, static_cast<u8>(x), static_cast<u8>(x >> 8)});
    }
  }

  static bool is_reg(const Operand& o, RegClass c) { return o.kind == Operand::Reg && o.reg.cls == c; }

  // FADDD memory, F0; FADDD F2, F0 and FADDD F0, F2. Comparisons and exchanges name the other register only.
  void float_stack(const Mnemonic& m, const Statement& s) {
    const auto& a = s.args;
    if (a.size() != 2 || !is_reg(a[1], RegClass::Fp) || (a[0].kind != Operand::Mem && !is_reg(a[0], RegClass::Fp))) {
      error(fmt::format("{} needs registers of the floating-point stack, or memory and F0", s.op));
      return;
    }
    bool one = s.op.starts_with("FC") || s.op.starts_with("FU") || s.op.ends_with("P") || m.id == I::kIdFxch;
    if (a[0].kind == Operand::Mem || (one && a[1].reg.num == 0)) {
      emit(m.id, {convert(a[0], m.size)});
    } else if (one) {
      emit(m.id, {convert(a[1], m.size)});
    } else {
      emit(m.id, {convert(a[1], m.size), convert(a[0], m.size)});
    }
  }
  void float_move(const Mnemonic& m, const Statement& s) {
    const auto& a = s.args;
    bool store = a.size() == 2 && is_reg(a[0], RegClass::Fp) && (a[1].kind == Operand::Mem || a[0].reg.num == 0);
    u32 id = store ? m.store : m.id;
    if (a.size() != 2 || !id || (!store && !is_reg(a[1], RegClass::Fp))) {
      error(fmt::format("{}: bad operands", s.op));
      return;
    }
    emit(id, {convert(a[store ? 1 : 0], m.size)});
  }

  void shift(const Mnemonic& m, const Statement& s) {
    const auto& a = s.args;
    auto count = [&](const Operand& o) -> asmjit::Operand {
      if (o.kind == Operand::Imm) return asmjit::Imm(o.imm);
      if (o.kind == Operand::Reg && (o.reg.cls == RegClass::Gp || o.reg.cls == RegClass::GpByte) && o.reg.num == 1) return x86::cl;
      error("shift count must be a constant or CX");
      return asmjit::Operand();
    };
    if (a.size() == 1) {
      emit(m.id, {convert(a[0], m.size), asmjit::Imm(1)});
    } else if (a.size() == 2) {
      emit(m.id, {convert(a[1], m.size), count(a[0])});
    } else if (a.size() == 3 && (s.op.starts_with("SHL") || s.op.starts_with("SHR"))) {
      emit(s.op.starts_with("SHL") ? I::kIdShld : I::kIdShrd, {convert(a[2], m.size), convert(a[1], m.size), count(a[0])});
    } else {
      error(fmt::format("{}: bad operands", s.op));
    }
  }

  // Whether 64-bit mode has it; the encoder does not look.
  static bool exists_alone(u32 id) { return asmjit::InstAPI::validate(asmjit::Arch::kX64, asmjit::BaseInst(id), nullptr, 0) == asmjit::kErrorOk; }
  // Stores of system registers: 16 bits in memory whatever the name says, but the name's size is encoded.
  static bool system_store(std::string_view name) {
    std::string_view base = name.substr(0, name.size() - 1);
    return base == "SLDT" || base == "SMSW" || base == "STR";
  }

  void normal(const Mnemonic& m, const Statement& s) {
    const auto& a = s.args;
    std::string_view name = s.op;
    bool vex = name.starts_with("V");
    u8 size = m.size;
    // A floating-point constant lies in memory.
    if (a.size() == 2 && (a[0].kind == Operand::Float || a[0].kind == Operand::Imm) && a[1].kind == Operand::Reg && a[1].reg.cls == RegClass::Xmm &&
        (name.ends_with("SD") || name.ends_with("SS"))) {
      double x = a[0].kind == Operand::Float ? a[0].real : static_cast<double>(a[0].imm);
      bool single = name.ends_with("SS");
      if (x == 0 && !std::signbit(x) && (name == "MOVSD" || name == "MOVSS")) {
        emit(I::kIdXorps, {reg(a[1].reg, 16), reg(a[1].reg, 16)});
        return;
      }
      pending = float_symbol(object, single, x);
      pending_addend = 0;
      pending_abs = false;
      emit(m.id, {reg(a[1].reg, 16), x86::ptr(x86::rip, RelocMark, single ? 4 : 8)});
      return;
    }
    if (name == "IMULQ" || name == "IMULL" || name == "IMULW") {
      if (a.size() == 2 && a[0].kind == Operand::Imm) {
        emit(m.id, {convert(a[1], size), convert(a[1], size), asmjit::Imm(narrow(a[0].imm, size))});
        return;
      }
    }
    if (a.size() == 3 && (name == "CMPSD" || name == "CMPSS" || name == "CMPPD" || name == "CMPPS")) {
      // The predicate comes last here too.
      emit(m.id, {convert(a[1], 16), convert(a[0], 0), asmjit::Imm(a[2].imm)});
      return;
    }
    if (name.starts_with("CRC32")) {
      if (a.size() != 2) {
        error(fmt::format("{} needs two operands", name));
        return;
      }
      emit(m.id, {convert(a[1], size == 8 ? 8 : 4), convert(a[0], size)});
      return;
    }
    asmjit::Operand list[6];
    size_t n = 0;
    bool uses_mask = false;
    asmjit::InstOptions options = asmjit::InstOptions::kNone;
    u32 vector = std::max<u32>(m.size, 16);
    for (const Operand& o : a) {
      if (o.kind == Operand::Reg && o.reg.cls == RegClass::Ymm) vector = std::max(vector, 32u);
      if (o.kind == Operand::Reg && o.reg.cls == RegClass::Zmm) vector = 64;
    }
    bool broadcast = false;
    for (std::string_view x : s.suffixes) {
      if (x == "Z") options |= asmjit::InstOptions::kX86_ZMask;
      else if (x == "BCST") broadcast = true;
      else if (x == "SAE") options |= asmjit::InstOptions::kX86_SAE;
      else if (x == "RN_SAE") options |= asmjit::InstOptions::kX86_ER | asmjit::InstOptions::kX86_RN_SAE;
      else if (x == "RD_SAE") options |= asmjit::InstOptions::kX86_ER | asmjit::InstOptions::kX86_RD_SAE;
      else if (x == "RU_SAE") options |= asmjit::InstOptions::kX86_ER | asmjit::InstOptions::kX86_RU_SAE;
      else if (x == "RZ_SAE") options |= asmjit::InstOptions::kX86_ER | asmjit::InstOptions::kX86_RZ_SAE;
      else {
        error(fmt::format("unknown suffix .{}", x));
        return;
      }
    }
    for (size_t i = a.size(); i-- > 0;) {
      const Operand& o = a[i];
      // A mask behind the destination guards it.
      if (vex && n == 1 && o.kind == Operand::Reg && o.reg.cls == RegClass::Mask && !name.starts_with("VPBROADCASTM") && !name.starts_with("VPMOVM2") && !uses_mask) {
        as.setExtraReg(x86::k(o.reg.num));
        uses_mask = true;
        continue;
      }
      if (n == 6) {
        error("too many operands");
        return;
      }
      u8 sz = size;
      if (!sz && (is_reg(o, RegClass::Gp) || is_reg(o, RegClass::SP))) sz = name.ends_with("Q") || name.ends_with("64") ? 8 : 4;
      if (o.kind == Operand::Imm) {
        list[n++] = asmjit::Imm(size ? narrow(o.imm, size) : o.imm);
      } else if (o.kind == Operand::Mem && (!size || broadcast)) {
        x86::Mem mem = memory(o, 0);
        if (broadcast) {
          u32 element = name.ends_with("Q") || name.ends_with("PD") ? 8 : 4;
          u32 count = vector / element;
          mem.setBroadcast(count == 2 ? x86::Mem::Broadcast::k1To2 : count == 4 ? x86::Mem::Broadcast::k1To4 : count == 8 ? x86::Mem::Broadcast::k1To8 : x86::Mem::Broadcast::k1To16);
        }
        list[n++] = mem;
      } else {
        list[n++] = convert(o, sz);
      }
    }
    if (!ok) return;
    if (system_store(name)) {
      if (size == 2 && !a.empty() && a[0].kind == Operand::Mem) bytes({0x66});
      if (size == 8) options |= asmjit::InstOptions::kX86_Rex | asmjit::InstOptions::kX86_OpCodeW;
    }
    if (name == "UMONITOR" && a.size() == 1 && is_reg(a[0], RegClass::Gp)) list[0] = x86::ptr(x86::gpq(a[0].reg.num));
    if (n == 0 && !exists_alone(m.id)) {
      error(fmt::format("invalid instruction: {}", name));
      return;
    }
    if (options != asmjit::InstOptions::kNone) as.setInstOptions(options);
    emit_all(m.id, list, n);
  }

  bool round() {
    code.reset();
    asmjit::Environment env(asmjit::Arch::kX64);
    code.init(env);
    code.attach(&as);
    relocs.clear();
    short_only.clear();
    pcsp.clear();
    lines.clear();
    sp = 0;
    at_index.clear();
    for (size_t i = 0; i <= f.body.size(); i++) at_index.push_back(as.newLabel());
    entry = as.newLabel();
    morestack = as.newLabel();
    offset_of.assign(f.body.size() + 1, 0);
    sp_at.assign(f.body.size(), 0);
    as.bind(entry);
    auto line = [&](u32 n) {
      Pos p(pos_base, n, 1);
      if (lines.empty() || !(lines.back().pos == p)) {
        if (!lines.empty()) lines.back().end = offset();
        if (!lines.empty() && lines.size() > 1 && lines[lines.size() - 2].end == lines.back().end) lines.pop_back();
        lines.push_back({0, p, -1});
      }
    };
    line(f.line);
    prologue();
    for (u32 i = 0; i < f.body.size() && ok; i++) {
      now = &f.body[i];
      line(now->line);
      offset_of[i] = offset();
      sp_at[i] = sp;
      as.bind(at_index[i]);
      instruction(i);
    }
    offset_of[f.body.size()] = offset();
    if (!ok) return false;
    as.bind(at_index[f.body.size()]);
    finish_short_jumps();
    more_stack();
    if (!lines.empty()) lines.back().end = offset();
    close_sp(offset());
    return true;
  }

  bool run() {
    std::vector<Statement> const& body = f.body;
    for (u32 i = 0; i < body.size(); i++) {
      for (std::string_view l : body[i].labels) {
        if (!label_index.try_emplace(l, i).second) {
          now = &body[i];
          return error(fmt::format("label {} defined twice", l));
        }
      }
    }
    if (!round()) return false;
    // Second round with short forward jumps where the first left room. Distances only shrink, except across alignments.
    short_jump.assign(body.size(), 0);
    bool any = false;
    for (u32 i = 0; i < body.size(); i++) {
      if (body[i].args.size() != 1 || body[i].op.empty() || body[i].op[0] != 'J') continue;
      const Operand& o = body[i].args[0];
      u32 t = ~0u;
      if (o.kind == Operand::Label) {
        auto it = label_index.find(o.text);
        if (it != label_index.end()) t = it->second;
      } else if (o.kind == Operand::PcRel) {
        t = static_cast<u32>(static_cast<i64>(i) + o.imm);
      }
      if (t == ~0u || t <= i) continue;
      u32 slack = 0;
      for (u32 k = i; k < t; k++) {
        if (body[k].op == "PCALIGN") slack += static_cast<u32>(body[k].args[0].imm);
      }
      if (offset_of[t] - offset_of[i] + slack < 124) short_jump[i] = 1, any = true;
    }
    if (any && !round()) return false;
    return finish();
  }

  bool finish() {
    code.flatten();
    code.resolveUnresolvedLinks();
    const asmjit::CodeBuffer& buffer = code.textSection()->buffer();
    object::Symbol* sym = f.symbol;
    if (sym->kind != object::SymKind::Undef) {
      now = nullptr;
      return error(fmt::format("{} defined twice", sym->name.text()));
    }
    sym->kind = object::SymKind::Text;
    sym->bytes = object.copy_bytes({buffer.data(), buffer.size()});
    sym->size = buffer.size();
    sym->align = align;
    sym->no_split = !check;
    sym->relocs = std::move(relocs);
    object::FuncInfo* info = object.make_func_info();
    info->frame_size = static_cast<u32>(body_sp);
    info->args_size = f.args;
    info->start_line = f.line;
    info->decl = Pos(pos_base, f.line, 1);
    if (f.symbol->wrapper) info->func_id = abi::FuncWrapper;
    info->flags = static_cast<u8>(abi::FuncFlagAsm | (f.top_frame ? abi::FuncFlagTopFrame : 0));
    if (f.symbol->wrapper) info->func_id = abi::FuncWrapper;
    info->pcsp = std::move(pcsp);
    std::erase_if(lines, [](const auto& l) { return l.end == 0; });
    info->lines = std::move(lines);
    sym->func = info;
    if (scope.listing) list_function(f, {offset_of, sp_at, bp, label_index}, *scope.listing);
    return true;
  }
};
}  // namespace

bool encode_function(const Function& f, Scope& scope, object::Object& object, diag::Diagnostics& diags, u32 pos_base) {
  Encoder e(f, scope, object, diags, pos_base);
  return e.run();
}
}  // namespace vole::assembler
