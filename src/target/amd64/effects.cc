// What each machine instruction that selection uses does to registers and slots, for the verifier of
// allocations. Kept apart from encoding and selection on purpose: an error there must not be repeated here.
#include <asmjit/x86/x86globals.h>

#include "target/amd64/amd64.h"

namespace vole::target {
using namespace codegen;
namespace Inst = asmjit::x86::Inst;

namespace {
enum class Role : u8 { Read, Write, Both };

bool is_set(u16 op) {
  switch (op) {
      // clang-format off
    case Inst::kIdSeto: case Inst::kIdSetno: case Inst::kIdSetb: case Inst::kIdSetae: case Inst::kIdSete:
    case Inst::kIdSetne: case Inst::kIdSetbe: case Inst::kIdSeta: case Inst::kIdSets: case Inst::kIdSetns:
    case Inst::kIdSetp: case Inst::kIdSetnp: case Inst::kIdSetl: case Inst::kIdSetge: case Inst::kIdSetle:
    case Inst::kIdSetg:
      // clang-format on
      return true;
    default: return false;
  }
}

// Of the first operand. Scalar conversions keep the upper lanes of their destination, which nobody looks at.
Role role(const MInst& i) {
  if (is_set(i.op)) return Role::Write;
  switch (i.op) {
      // clang-format off
    case Inst::kIdMov: case Inst::kIdMovzx: case Inst::kIdMovsx: case Inst::kIdMovsxd: case Inst::kIdLea:
    case Inst::kIdMovaps: case Inst::kIdMovups: case Inst::kIdMovss: case Inst::kIdMovsd: case Inst::kIdMovd:
    case Inst::kIdMovq: case Inst::kIdPopcnt: case Inst::kIdBsf: case Inst::kIdBsr: case Inst::kIdCvttsd2si:
    case Inst::kIdCvttss2si: case Inst::kIdCvtsi2sd: case Inst::kIdCvtsi2ss: case Inst::kIdCvtss2sd:
    case Inst::kIdCvtsd2ss: case Inst::kIdSqrtsd: case Inst::kIdSqrtss: case Inst::kIdRoundsd:
    case Inst::kIdRoundss:
      // clang-format on
      return Role::Write;
      // clang-format off
    case Inst::kIdCmp: case Inst::kIdTest: case Inst::kIdUcomisd: case Inst::kIdUcomiss: case Inst::kIdBt:
    case Inst::kIdPrefetcht0: case Inst::kIdPrefetchnta: case Inst::kIdJmp:
      // clang-format on
      return Role::Read;
    case Inst::kIdImul: return i.form == Form::RRI || i.form == Form::RMI ? Role::Write : Role::Both;
    default: return Role::Both;
  }
}

void add(RegSet& set, Reg r) {
  if (r != NoReg) set |= bit(r);
}

bool is_plain_move(const MInst& i) {
  switch (i.op) {
    case Inst::kIdMov: return i.size >= 4;
    case Inst::kIdMovaps:
    case Inst::kIdMovss:
    case Inst::kIdMovsd:
    case Inst::kIdMovq:
    case Inst::kIdMovd: return true;
    default: return false;
  }
}

bool makes_zero(const MInst& i) {
  return i.form == Form::RR && i.r0 == i.r1 &&
         (i.op == Inst::kIdXor || i.op == Inst::kIdXorps || i.op == Inst::kIdSbb);
}

void implicit(const MInst& i, Effects& e) {
  constexpr RegSet Accumulator = bit(RAX), Pair = bit(RAX) | bit(RDX);
  switch (i.op) {
    case PseudoString:
      e.reads |= bit(RDI) | bit(RCX) | (i.size == 0xa4 || i.size == 0xa5 ? bit(RSI) : Accumulator);
      if (!i.size1) e.reads &= ~bit(RCX);
      e.writes |= bit(RDI) | bit(RSI) | bit(RCX);
      break;
    case Inst::kIdCdq:
    case Inst::kIdCqo: e.reads |= Accumulator, e.writes |= bit(RDX); break;
    case Inst::kIdDiv:
    case Inst::kIdIdiv: e.reads |= Pair, e.writes |= Pair; break;
    case Inst::kIdMul: e.reads |= Accumulator, e.writes |= Pair; break;
    case Inst::kIdImul:
      if (i.form == Form::R || i.form == Form::M) e.reads |= Accumulator, e.writes |= Pair;
      break;
    case Inst::kIdCmpxchg: e.reads |= Accumulator, e.writes |= Accumulator; break;
    default: break;
  }
}

bool only_reads_explicit(const MInst& i) {
  bool one = i.form == Form::R || i.form == Form::M;
  return i.op == Inst::kIdDiv || i.op == Inst::kIdIdiv || i.op == Inst::kIdMul ||
         (i.op == Inst::kIdImul && one);
}

void first_operand(const MInst& i, Role r, Effects& e) {
  if (r != Role::Write) add(e.reads, i.r0);
  if (r != Role::Read) add(e.writes, i.r0);
}

// Instructions whose first operand is memory.
void to_memory(const MInst& i, Effects& e) {
  bool probe = i.op == Inst::kIdTest && i.size == 1;  // of a nil check: any register does
  if (i.form == Form::MR && !probe) add(e.reads, i.r0);
  if (i.op == Inst::kIdXchg || i.op == Inst::kIdXadd) add(e.writes, i.r0);
  if (i.mem_kind != MemKind::Slot) return;
  Role r = only_reads_explicit(i) ? Role::Read : role(i);
  if (r != Role::Write) e.read_slot = i.slot;
  if (r != Role::Read) e.write_slot = i.slot;
}
}  // namespace

Effects Amd64::effects(const MInst& i) const {
  Effects e;
  e.size = i.size;
  if (i.mem_kind == MemKind::Reg) add(e.reads, i.base), add(e.reads, i.index);
  implicit(i, e);
  switch (i.form) {
    case Form::None:
    case Form::Call:
    case Form::CallM: break;
    case Form::CallR:
    case Form::JmpR: add(e.reads, i.r0); break;
    case Form::R:
    case Form::RI:
      first_operand(i, only_reads_explicit(i) ? Role::Read : role(i), e);
      break;
      // clang-format off
    case Form::RR: case Form::RRI: case Form::RRR:
      // clang-format on
      if (i.op == Inst::kIdXchg) {
        e.reads = e.writes = bit(i.r0) | bit(i.r1);
        e.copy = Effects::Swap;
        break;
      }
      if (makes_zero(i)) {
        add(e.writes, i.r0);
        e.zeroes = true;
        break;
      }
      first_operand(i, role(i), e);
      add(e.reads, i.r1);
      if (i.form == Form::RRR) add(e.reads, i.r2);
      if (i.form == Form::RR && is_plain_move(i)) e.copy = Effects::Move;
      break;
      // clang-format off
    case Form::RM: case Form::RMI: case Form::RRM:
      // clang-format on
      first_operand(i, role(i), e);
      if (i.form == Form::RRM) add(e.reads, i.r1);
      if (i.mem_kind == MemKind::Slot) e.read_slot = i.slot;
      if (i.form == Form::RM && i.mem_kind == MemKind::Slot && is_plain_move(i)) e.copy = Effects::Move;
      e.loads_g = i.mem_kind == MemKind::TlsG;
      break;
      // clang-format off
    case Form::MR: case Form::MI: case Form::M:
      // clang-format on
      to_memory(i, e);
      if (i.form == Form::MR && i.mem_kind == MemKind::Slot && is_plain_move(i)) e.copy = Effects::Move;
      break;
    case Form::TailJmp: break;
  }
  return e;
}

// What a call of a routine outside the convention leaves changed: the write barrier keeps all general
// registers but R11.
RegSet Amd64::clobbered_by_leaf() const { return bit(R11) | RegSet{0xffff} << X0; }
}  // namespace vole::target
