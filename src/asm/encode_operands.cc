// Operands as the encoder library takes them. An address that the linker fills in is encoded as a mark, found
// again in the bytes and noted.
#include <fmt/format.h>

#include <cstring>

#include "abi/abi.h"
#include "asm/encoder.h"

namespace vole::assembler {
namespace x86 = asmjit::x86;
namespace I = asmjit::x86::Inst;
asmjit::Operand Encoder::gp(u8 n, u8 size) {
  switch (size) {
    case 1: return x86::gpb(n);
    case 2: return x86::gpw(n);
    case 4: return x86::gpd(n);
    default: return x86::gpq(n);
  }
}

asmjit::Operand Encoder::reg(RegName r, u8 size) {
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

x86::Mem Encoder::memory(const Operand& o, u32 size) {
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

void Encoder::finish_reloc(u32 start) {
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
      relocs.push_back(
          {at, object::RelocKind::PcRel32, pending, pending_addend - static_cast<i64>(end - at)});
    }
    pending = nullptr;
    return;
  }
  pending = nullptr;
  error("no place for the symbol's address");
}

i64 Encoder::narrow(i64 x, u8 size) {
  switch (size) {
    case 1: return static_cast<i8>(x);
    case 2: return static_cast<i16>(x);
    case 4: return static_cast<i32>(x);
    default: return x;
  }
}

asmjit::Operand Encoder::convert(const Operand& o, u8 size) {
  switch (o.kind) {
    case Operand::Imm: return asmjit::Imm(narrow(o.imm, size));
    case Operand::Reg: return reg(o.reg, size);
    case Operand::Mem: return memory(o, size);
    default: error("operand not allowed here"); return asmjit::Operand();
  }
}

void Encoder::emit_all(u32 id, const asmjit::Operand* o, size_t n) {
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
    error(fmt::format("invalid instruction: {} ({})", now ? now->op : "",
                      asmjit::DebugUtils::errorAsString(e)));
    return;
  }
  finish_reloc(start);
}
}  // namespace vole::assembler
