// Functions as the assembler read them, statement by statement, beside what it made of each: for comparing
// the bytes with another assembler's.
//
//   func NAME SIZE
//   at OFFSET bytes HEX sp N bp N line N: OP[.SUFFIX]... TAB OPERAND...     N: bytes under the return
//      address, and those of the saved frame pointer
//   reloc OFFSET KIND ADDEND TARGET                                         behind the function's statements
//
// Operands are written as Plan 9 assembly has them, constants evaluated, macros gone, labels as =OFFSET.
#include <fmt/format.h>

#include "asm/listing.h"

namespace vole::assembler {
namespace {
std::string register_name(RegName r) {
  static constexpr const char* General[] = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"};
  switch (r.cls) {
    case RegClass::Gp: return r.num < 8 ? General[r.num] : fmt::format("R{}", r.num);
    case RegClass::GpByte:
      return r.num < 4   ? fmt::format("{}L", "ACDB"[r.num])
             : r.num < 8 ? fmt::format("{}B", General[r.num])
                         : fmt::format("R{}B", r.num);
    case RegClass::GpHigh: return fmt::format("{}H", "ACDB"[r.num & 3]);
    case RegClass::Xmm: return fmt::format("X{}", r.num);
    case RegClass::Ymm: return fmt::format("Y{}", r.num);
    case RegClass::Zmm: return fmt::format("Z{}", r.num);
    case RegClass::Mask: return fmt::format("K{}", r.num);
    case RegClass::Mmx: return fmt::format("M{}", r.num);
    case RegClass::Fp: return fmt::format("F{}", r.num);
    case RegClass::Segment: return fmt::format("{}S", "ECSDFG"[r.num % 6]);
    case RegClass::Control: return fmt::format("CR{}", r.num);
    case RegClass::Debug: return fmt::format("DR{}", r.num);
    case RegClass::FP: return "FP";
    case RegClass::SP: return "SP";
    case RegClass::SB: return "SB";
    case RegClass::PC: return "PC";
    case RegClass::Tls: return "TLS";
    case RegClass::None: return "";
  }
  return "";
}

std::string memory(const Operand& o) {
  std::string s;
  if (o.symbol) s += fmt::format("{}{}", o.symbol.text(), o.local_symbol ? "<>" : "");
  if (o.named || o.base.cls == RegClass::FP) s += "name";
  s += s.empty() ? fmt::format("{}", o.disp) : fmt::format("{:+}", o.disp);
  if (o.base) s += fmt::format("({})", register_name(o.base));
  if (o.index) s += fmt::format("({}*{})", register_name(o.index), o.scale);
  return s;
}

std::string operand(const Operand& o, const Layout& layout, u32 index) {
  switch (o.kind) {
    case Operand::Imm: return fmt::format("${}", o.imm);
    case Operand::Float: return fmt::format("$({:a})", o.real);
    case Operand::String: return "$string";
    case Operand::Reg: return register_name(o.reg);
    case Operand::Mem: return memory(o);
    case Operand::Addr: return "$" + memory(o);
    case Operand::Label: {
      auto it = layout.labels.find(o.text);
      return fmt::format("={}", it == layout.labels.end() ? 0 : layout.offsets[it->second]);
    }
    case Operand::PcRel:
      return fmt::format("={}", layout.offsets[static_cast<size_t>(static_cast<i64>(index) + o.imm)]);
    case Operand::None: return "";
  }
  return "";
}
}  // namespace

void list_function(const Function& f, const Layout& layout, std::string& out) {
  const object::Symbol& sym = *f.symbol;
  auto add = [&]<class... A>(fmt::format_string<A...> fm, A&&... a) {
    fmt::format_to(std::back_inserter(out), fm, std::forward<A>(a)...);
  };
  add("func {} {}\n", sym.name.text(), sym.size);
  for (u32 i = 0; i < f.body.size(); i++) {
    const Statement& s = f.body[i];
    add("at {} bytes ", layout.offsets[i]);
    for (u32 k = layout.offsets[i]; k < layout.offsets[i + 1]; k++) add("{:02x}", sym.bytes[k]);
    add(" sp {} bp {} line {}: {}", layout.sp[i], layout.bp, s.line, s.op);
    for (std::string_view x : s.suffixes) add(".{}", x);
    for (const Operand& o : s.args) add("\t{}", operand(o, layout, i));
    out += '\n';
  }
  for (const object::Reloc& r : sym.relocs)
    add("reloc {} {} {} {}\n", r.offset, static_cast<int>(r.kind), r.addend, r.target->name.text());
}
}  // namespace vole::assembler
