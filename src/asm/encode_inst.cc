// Instructions by shape (mnemonics.h): most pass their operands on, destination first; moves, shifts, the old
// floating-point stack and vector suffixes have rules of their own.
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "asm/encoder.h"

namespace vole::assembler {
namespace x86 = asmjit::x86;
namespace I = asmjit::x86::Inst;
namespace {
object::Symbol* float_symbol(object::Object& object, bool single, double x) {
  u64 bits = 0;
  if (single) {
    float f = static_cast<float>(x);
    std::memcpy(&bits, &f, 4);
  } else {
    std::memcpy(&bits, &x, 8);
  }
  object::Symbol* s =
      object.get(single ? fmt::format("$f32.{:08x}", bits) : fmt::format("$f64.{:016x}", bits));
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
}  // namespace

void Encoder::move(const Mnemonic& m, const Statement& s) {
  if (s.args.size() != 2) {
    error(fmt::format("{} needs two operands", s.op));
    return;
  }
  const Operand &src = s.args[0], &dst = s.args[1];
  if (src.kind == Operand::Reg && src.reg.cls == RegClass::Tls)
    return;  // get_tls: its uses name the slot themselves
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
  if (src.kind == Operand::Reg && src.reg.cls == RegClass::Xmm && dst.kind == Operand::Reg &&
      dst.reg.cls == RegClass::Mmx) {
    emit(I::kIdMovdq2q, {convert(dst, 8), convert(src, 8)});
    return;
  }
  auto vector = [](const Operand& o) {
    return o.kind == Operand::Reg && (o.reg.cls == RegClass::Xmm || o.reg.cls == RegClass::Mmx);
  };
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

void Encoder::instruction(u32 index) {
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
      // clang-format off
    case Shape::Jump: case Shape::Call: case Shape::Jcc:
      // clang-format on
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
    case Shape::Push:
    case Shape::Pop: {
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
      if (m.size <= 4 && address.disp == static_cast<u32>(address.disp))
        address.disp = static_cast<i32>(address.disp);  // only the low half counts
      emit(I::kIdLea, {convert(a[1], m.size), memory(address, 0)});
      return;
    }
    case Shape::Extend:
      if (a.size() != 2) {
        error(fmt::format("{} needs two operands", s.op));
        return;
      }
      if (m.size == 2 &&
          m.size_src ==
              2) {  // the encoder lacks this form: it is the wider one behind an operand-size prefix
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

void Encoder::push_word(i64 x) {
  if (x == static_cast<i8>(x)) {
    bytes({0x66, 0x6a, static_cast<u8>(x)});
  } else {
    bytes({0x66, 0x68, static_cast<u8>(x), static_cast<u8>(x >> 8)});
  }
}

void Encoder::float_stack(const Mnemonic& m, const Statement& s) {
  const auto& a = s.args;
  if (a.size() != 2 || !is_reg(a[1], RegClass::Fp) ||
      (a[0].kind != Operand::Mem && !is_reg(a[0], RegClass::Fp))) {
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

void Encoder::float_move(const Mnemonic& m, const Statement& s) {
  const auto& a = s.args;
  bool store =
      a.size() == 2 && is_reg(a[0], RegClass::Fp) && (a[1].kind == Operand::Mem || a[0].reg.num == 0);
  u32 id = store ? m.store : m.id;
  if (a.size() != 2 || !id || (!store && !is_reg(a[1], RegClass::Fp))) {
    error(fmt::format("{}: bad operands", s.op));
    return;
  }
  emit(id, {convert(a[store ? 1 : 0], m.size)});
}

void Encoder::shift(const Mnemonic& m, const Statement& s) {
  const auto& a = s.args;
  auto count = [&](const Operand& o) -> asmjit::Operand {
    if (o.kind == Operand::Imm) return asmjit::Imm(o.imm);
    if (o.kind == Operand::Reg && (o.reg.cls == RegClass::Gp || o.reg.cls == RegClass::GpByte) &&
        o.reg.num == 1)
      return x86::cl;
    error("shift count must be a constant or CX");
    return asmjit::Operand();
  };
  if (a.size() == 1) {
    emit(m.id, {convert(a[0], m.size), asmjit::Imm(1)});
  } else if (a.size() == 2) {
    emit(m.id, {convert(a[1], m.size), count(a[0])});
  } else if (a.size() == 3 && (s.op.starts_with("SHL") || s.op.starts_with("SHR"))) {
    emit(s.op.starts_with("SHL") ? I::kIdShld : I::kIdShrd,
         {convert(a[2], m.size), convert(a[1], m.size), count(a[0])});
  } else {
    error(fmt::format("{}: bad operands", s.op));
  }
}

bool Encoder::system_store(std::string_view name) {
  std::string_view base = name.substr(0, name.size() - 1);
  return base == "SLDT" || base == "SMSW" || base == "STR";
}

void Encoder::normal(const Mnemonic& m, const Statement& s) {
  const auto& a = s.args;
  std::string_view name = s.op;
  bool vex = name.starts_with("V");
  u8 size = m.size;
  // A floating-point constant lies in memory.
  if (a.size() == 2 && (a[0].kind == Operand::Float || a[0].kind == Operand::Imm) &&
      a[1].kind == Operand::Reg && a[1].reg.cls == RegClass::Xmm &&
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
    if (vex && n == 1 && o.kind == Operand::Reg && o.reg.cls == RegClass::Mask &&
        !name.starts_with("VPBROADCASTM") && !name.starts_with("VPMOVM2") && !uses_mask) {
      as.setExtraReg(x86::k(o.reg.num));
      uses_mask = true;
      continue;
    }
    if (n == 6) {
      error("too many operands");
      return;
    }
    u8 sz = size;
    if (!sz && (is_reg(o, RegClass::Gp) || is_reg(o, RegClass::SP)))
      sz = name.ends_with("Q") || name.ends_with("64") ? 8 : 4;
    if (o.kind == Operand::Imm) {
      list[n++] = asmjit::Imm(size ? narrow(o.imm, size) : o.imm);
    } else if (o.kind == Operand::Mem && (!size || broadcast)) {
      x86::Mem mem = memory(o, 0);
      if (broadcast) {
        u32 element = name.ends_with("Q") || name.ends_with("PD") ? 8 : 4;
        u32 count = vector / element;
        mem.setBroadcast(count == 2   ? x86::Mem::Broadcast::k1To2
                         : count == 4 ? x86::Mem::Broadcast::k1To4
                         : count == 8 ? x86::Mem::Broadcast::k1To8
                                      : x86::Mem::Broadcast::k1To16);
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
  if (name == "UMONITOR" && a.size() == 1 && is_reg(a[0], RegClass::Gp))
    list[0] = x86::ptr(x86::gpq(a[0].reg.num));
  if (n == 0 && !exists_alone(m.id)) {
    error(fmt::format("invalid instruction: {}", name));
    return;
  }
  if (options != asmjit::InstOptions::kNone) as.setInstOptions(options);
  emit_all(m.id, list, n);
}
}  // namespace vole::assembler
