// Most names need no table: vector instructions are called as Intel calls them, and integer ones are Intel's
// name with a size letter. Written out are the names Plan 9 chose itself: double words are L, moves and
// conversions have names of their own, conditions have several spellings.
#include "asm/mnemonics.h"

#include <absl/container/flat_hash_map.h>
#include <asmjit/core/inst.h>
#include <asmjit/x86/x86globals.h>

#include <cctype>
#include <mutex>
#include <string>

namespace vole::assembler {
namespace {
namespace I = asmjit::x86::Inst;

struct Alias {
  const char* name;
  const char* intel;
};
constexpr Alias Aliases[] = {
    // clang-format off
    {"MOVOU", "movdqu"}, {"MOVO", "movdqa"}, {"MOVOA", "movdqa"}, {"MOVNTO", "movntdq"},
    {"MASKMOVOU", "maskmovdqu"}, {"MASKMOVDQU", "maskmovdqu"}, {"PSHUFL", "pshufd"}, {"PADDL", "paddd"},
    {"PSUBL", "psubd"}, {"PMULLD", "pmulld"}, {"PCMPEQL", "pcmpeqd"}, {"PCMPGTL", "pcmpgtd"},
    {"PSLLL", "pslld"}, {"PSRLL", "psrld"}, {"PSRAL", "psrad"}, {"PSLLO", "pslldq"}, {"PSRLO", "psrldq"},
    {"PUNPCKLLQ", "punpckldq"}, {"PUNPCKHLQ", "punpckhdq"}, {"PUNPCKLWL", "punpcklwd"},
    {"PUNPCKHWL", "punpckhwd"}, {"PACKSSLW", "packssdw"}, {"PMULULQ", "pmuludq"}, {"PMADDWL", "pmaddwd"},
    {"CVTPL2PD", "cvtdq2pd"}, {"CVTPL2PS", "cvtdq2ps"}, {"CVTPD2PL", "cvtpd2dq"}, {"CVTPS2PL", "cvtps2dq"},
    {"CVTTPD2PL", "cvttpd2dq"}, {"CVTTPS2PL", "cvttps2dq"}, {"PMOVSXLQ", "pmovsxdq"},
    {"PMOVZXLQ", "pmovzxdq"}, {"CMPXCHG8B", "cmpxchg8b"}, {"CMPXCHG16B", "cmpxchg16b"},
    {"PREFETCHT0", "prefetcht0"}, {"FXSAVE64", "fxsave64"}, {"FXRSTOR64", "fxrstor64"}, {"CDQE", "cdqe"},
    {"FSTCW", "fnstcw"}, {"FSTSW", "fnstsw"}, {"FSTENV", "fnstenv"}, {"FSAVE", "fnsave"}, {"FINIT", "fninit"},
    {"FCLEX", "fnclex"}, {"CWD", "cwd"}, {"CDQ", "cdq"}, {"CQO", "cqo"},
    // clang-format on
};

struct Fixed {
  const char* name;
  Mnemonic m;
};
const Fixed Table[] = {
    // clang-format off
    {"MOVB", {I::kIdMov, Shape::Move, 1}}, {"MOVW", {I::kIdMov, Shape::Move, 2}},
    {"MOVL", {I::kIdMov, Shape::Move, 4}}, {"MOVQ", {I::kIdMov, Shape::Move, 8}},
    {"MOVD", {I::kIdMov, Shape::Move, 8}}, {"MOVBLZX", {I::kIdMovzx, Shape::Extend, 4, 1}},
    {"MOVBQZX", {I::kIdMovzx, Shape::Extend, 8, 1}}, {"MOVBWZX", {I::kIdMovzx, Shape::Extend, 2, 1}},
    {"MOVWLZX", {I::kIdMovzx, Shape::Extend, 4, 2}}, {"MOVWQZX", {I::kIdMovzx, Shape::Extend, 8, 2}},
    {"MOVLQZX", {I::kIdMov, Shape::Extend, 4, 4}}, {"MOVBLSX", {I::kIdMovsx, Shape::Extend, 4, 1}},
    {"MOVBQSX", {I::kIdMovsx, Shape::Extend, 8, 1}}, {"MOVBWSX", {I::kIdMovsx, Shape::Extend, 2, 1}},
    {"MOVWLSX", {I::kIdMovsx, Shape::Extend, 4, 2}}, {"MOVWQSX", {I::kIdMovsx, Shape::Extend, 8, 2}},
    {"MOVLQSX", {I::kIdMovsxd, Shape::Extend, 8, 4}}, {"LEAQ", {I::kIdLea, Shape::Lea, 8}},
    {"LEAL", {I::kIdLea, Shape::Lea, 4}}, {"LEAW", {I::kIdLea, Shape::Lea, 2}},
    {"CMPB", {I::kIdCmp, Shape::Compare, 1}}, {"CMPW", {I::kIdCmp, Shape::Compare, 2}},
    {"CMPL", {I::kIdCmp, Shape::Compare, 4}}, {"CMPQ", {I::kIdCmp, Shape::Compare, 8}},
    {"CVTSL2SD", {I::kIdCvtsi2sd, Shape::CvtIntReg, 4}}, {"CVTSQ2SD", {I::kIdCvtsi2sd, Shape::CvtIntReg, 8}},
    {"CVTSL2SS", {I::kIdCvtsi2ss, Shape::CvtIntReg, 4}}, {"CVTSQ2SS", {I::kIdCvtsi2ss, Shape::CvtIntReg, 8}},
    {"CVTSD2SL", {I::kIdCvtsd2si, Shape::CvtIntReg, 4}}, {"CVTSD2SQ", {I::kIdCvtsd2si, Shape::CvtIntReg, 8}},
    {"CVTSS2SL", {I::kIdCvtss2si, Shape::CvtIntReg, 4}}, {"CVTSS2SQ", {I::kIdCvtss2si, Shape::CvtIntReg, 8}},
    {"CVTTSD2SL", {I::kIdCvttsd2si, Shape::CvtIntReg, 4}},
    {"CVTTSD2SQ", {I::kIdCvttsd2si, Shape::CvtIntReg, 8}},
    {"CVTTSS2SL", {I::kIdCvttss2si, Shape::CvtIntReg, 4}},
    {"CVTTSS2SQ", {I::kIdCvttss2si, Shape::CvtIntReg, 8}}, {"JMP", {0, Shape::Jump}},
    {"CALL", {0, Shape::Call}}, {"RET", {0, Shape::Ret}}, {"MOVSB", {0, Shape::String, 1, 0, 0xa4}},
    {"MOVSW", {0, Shape::String, 2, 0, 0xa5}}, {"MOVSL", {0, Shape::String, 4, 0, 0xa5}},
    {"MOVSQ", {0, Shape::String, 8, 0, 0xa5}}, {"STOSB", {0, Shape::String, 1, 0, 0xaa}},
    {"STOSW", {0, Shape::String, 2, 0, 0xab}}, {"STOSL", {0, Shape::String, 4, 0, 0xab}},
    {"STOSQ", {0, Shape::String, 8, 0, 0xab}}, {"LODSB", {0, Shape::String, 1, 0, 0xac}},
    {"LODSW", {0, Shape::String, 2, 0, 0xad}}, {"LODSL", {0, Shape::String, 4, 0, 0xad}},
    {"LODSQ", {0, Shape::String, 8, 0, 0xad}}, {"SCASB", {0, Shape::String, 1, 0, 0xae}},
    {"SCASW", {0, Shape::String, 2, 0, 0xaf}}, {"SCASL", {0, Shape::String, 4, 0, 0xaf}},
    {"SCASQ", {0, Shape::String, 8, 0, 0xaf}}, {"CMPSB", {0, Shape::String, 1, 0, 0xa6}},
    {"CMPSW", {0, Shape::String, 2, 0, 0xa7}}, {"CMPSL", {0, Shape::String, 4, 0, 0xa7}},
    {"CMPSQ", {0, Shape::String, 8, 0, 0xa7}}, {"INSB", {0, Shape::String, 1, 0, 0x6c}},
    {"INSW", {0, Shape::String, 2, 0, 0x6d}}, {"INSL", {0, Shape::String, 4, 0, 0x6d}},
    {"OUTSB", {0, Shape::String, 1, 0, 0x6e}}, {"OUTSW", {0, Shape::String, 2, 0, 0x6f}},
    {"OUTSL", {0, Shape::String, 4, 0, 0x6f}}, {"MOVSWW", {I::kIdMovsx, Shape::Extend, 2, 2}},
    {"MOVZWW", {I::kIdMovzx, Shape::Extend, 2, 2}}, {"MOVQOZX", {I::kIdMovq2dq, Shape::Normal}},
    {"ICEBP", {0xf1, Shape::Opcode}}, {"IRETL", {0xcf, Shape::Opcode}},
    {"SYSENTER64", {0x480f34, Shape::Opcode}}, {"SYSEXIT64", {0x480f35, Shape::Opcode}},
    {"UD1", {0x0fb9, Shape::Opcode}}, {"WRPKRU", {0x0f01ef, Shape::Opcode}},
    {"FCOMDPP", {0xded9, Shape::Opcode}}, {"FUCOMPP", {0xdae9, Shape::Opcode}},
    {"RSM", {0x0faa, Shape::Opcode}}, {"XLAT", {0xd7, Shape::Opcode}},
    {"REP", {0, Shape::Prefix, 0, 0, 0xf3}}, {"REPN", {0, Shape::Prefix, 0, 0, 0xf2}},
    {"LOCK", {0, Shape::Prefix, 0, 0, 0xf0}}, {"XACQUIRE", {0, Shape::Prefix, 0, 0, 0xf2}},
    {"XRELEASE", {0, Shape::Prefix, 0, 0, 0xf3}}, {"WAIT", {0x9b, Shape::Opcode}},
    {"LOOPNE", {0, Shape::CounterJump, 8, 0, 0xe0}}, {"LOOPEQ", {0, Shape::CounterJump, 8, 0, 0xe1}},
    {"LOOP", {0, Shape::CounterJump, 8, 0, 0xe2}}, {"JCXZL", {0, Shape::CounterJump, 4, 0, 0xe3}},
    {"JCXZQ", {0, Shape::CounterJump, 8, 0, 0xe3}}, {"FCMOVCC", {I::kIdFcmovnb, Shape::Float}},
    {"FCMOVCS", {I::kIdFcmovb, Shape::Float}}, {"FCMOVHI", {I::kIdFcmovnbe, Shape::Float}},
    {"FCMOVLS", {I::kIdFcmovbe, Shape::Float}}, {"FCMOVUN", {I::kIdFcmovu, Shape::Float}},
    {"BYTE", {0, Shape::Bytes, 1}}, {"WORD", {0, Shape::Bytes, 2}}, {"LONG", {0, Shape::Bytes, 4}},
    {"QUAD", {0, Shape::Bytes, 8}}, {"FUNCDATA", {0, Shape::Nothing}}, {"PCDATA", {0, Shape::Nothing}},
    {"NOPROF", {0, Shape::Nothing}}, {"END", {0, Shape::Nothing}}, {"UNDEF", {0, Shape::Undef}},
    {"PUSHQ", {I::kIdPush, Shape::Push, 8}}, {"POPQ", {I::kIdPop, Shape::Pop, 8}},
    {"PUSHW", {I::kIdPush, Shape::Push, 2}}, {"POPW", {I::kIdPop, Shape::Pop, 2}},
    {"PUSHFQ", {I::kIdPushfq, Shape::Push, 8}}, {"POPFQ", {I::kIdPopfq, Shape::Pop, 8}},
    {"ADJSP", {I::kIdLea, Shape::AdjustSp}}, {"IMUL3W", {I::kIdImul, Shape::Normal, 2}},
    {"IMUL3L", {I::kIdImul, Shape::Normal, 4}}, {"IMUL3Q", {I::kIdImul, Shape::Normal, 8}},
    {"INT", {I::kIdInt, Shape::Normal}}, {"PINSRD", {I::kIdPinsrd, Shape::Normal, 4}},
    {"PINSRQ", {I::kIdPinsrq, Shape::Normal, 8}}, {"PINSRB", {I::kIdPinsrb, Shape::Normal, 4}},
    {"PINSRW", {I::kIdPinsrw, Shape::Normal, 4}}, {"PEXTRD", {I::kIdPextrd, Shape::Normal, 4}},
    {"PEXTRQ", {I::kIdPextrq, Shape::Normal, 8}}, {"PEXTRB", {I::kIdPextrb, Shape::Normal, 4}},
    {"PEXTRW", {I::kIdPextrw, Shape::Normal, 4}}, {"PMOVMSKB", {I::kIdPmovmskb, Shape::Normal, 4}},
    {"MOVMSKPD", {I::kIdMovmskpd, Shape::Normal, 4}}, {"MOVMSKPS", {I::kIdMovmskps, Shape::Normal, 4}},
    {"VPMOVMSKB", {I::kIdVpmovmskb, Shape::Normal, 4}}, {"VMOVD", {I::kIdVmovd, Shape::Normal, 4}},
    {"VMOVQ", {I::kIdVmovq, Shape::Normal, 8}}, {"KMOVB", {I::kIdKmovb, Shape::Normal, 4}},
    {"KMOVW", {I::kIdKmovw, Shape::Normal, 4}}, {"KMOVD", {I::kIdKmovd, Shape::Normal, 4}},
    {"KMOVQ", {I::kIdKmovq, Shape::Normal, 8}}, {"VPINSRB", {I::kIdVpinsrb, Shape::Normal, 4}},
    {"VPINSRW", {I::kIdVpinsrw, Shape::Normal, 4}}, {"VPEXTRB", {I::kIdVpextrb, Shape::Normal, 4}},
    {"VPEXTRW", {I::kIdVpextrw, Shape::Normal, 4}}, {"VPINSRD", {I::kIdVpinsrd, Shape::Normal, 4}},
    {"VPINSRQ", {I::kIdVpinsrq, Shape::Normal, 8}}, {"VPEXTRD", {I::kIdVpextrd, Shape::Normal, 4}},
    {"VPEXTRQ", {I::kIdVpextrq, Shape::Normal, 8}},
    // clang-format on
};

// The old floating-point stack. Arithmetic is F, an operation, and a letter for the other operand: D and F
// are doubles and singles (or registers), L and W integers; moves know more kinds. A P behind it pops.
struct FloatMove {
  const char* kind;
  u32 load, store, store_pop;
  u8 size;
};
constexpr FloatMove FloatMoves[] = {
    // clang-format off
    {"D", I::kIdFld, I::kIdFst, I::kIdFstp, 8}, {"F", I::kIdFld, I::kIdFst, I::kIdFstp, 4},
    {"X", I::kIdFld, 0, I::kIdFstp, 10}, {"W", I::kIdFild, I::kIdFist, I::kIdFistp, 2},
    {"L", I::kIdFild, I::kIdFist, I::kIdFistp, 4}, {"V", I::kIdFild, 0, I::kIdFistp, 8},
    {"B", I::kIdFbld, 0, I::kIdFbstp, 10},
    // clang-format on
};

// Every spelling of a condition, with the machine's code.
constexpr struct {
  const char* name;
  u8 cc;
} Conditions[] = {
    // clang-format off
    {"OS", 0}, {"O", 0}, {"OC", 1}, {"NO", 1}, {"CS", 2}, {"C", 2}, {"B", 2}, {"LO", 2}, {"NAE", 2},
    {"CC", 3}, {"NC", 3}, {"AE", 3}, {"HS", 3}, {"NB", 3}, {"EQ", 4}, {"E", 4}, {"Z", 4}, {"NE", 5},
    {"NZ", 5}, {"LS", 6}, {"BE", 6}, {"NA", 6}, {"HI", 7}, {"A", 7}, {"NBE", 7}, {"MI", 8}, {"S", 8},
    {"PL", 9}, {"NS", 9}, {"PS", 10}, {"P", 10}, {"PE", 10}, {"PC", 11}, {"NP", 11}, {"PO", 11}, {"LT", 12},
    {"L", 12}, {"NGE", 12}, {"GE", 13}, {"NL", 13}, {"LE", 14}, {"NG", 14}, {"GT", 15}, {"G", 15},
    {"NLE", 15},
    // clang-format on
};
constexpr u32 Cmov[16] = {I::kIdCmovo,  I::kIdCmovno, I::kIdCmovb,  I::kIdCmovae, I::kIdCmove, I::kIdCmovne,
                          I::kIdCmovbe, I::kIdCmova,  I::kIdCmovs,  I::kIdCmovns, I::kIdCmovp, I::kIdCmovnp,
                          I::kIdCmovl,  I::kIdCmovge, I::kIdCmovle, I::kIdCmovg};
constexpr u32 Set[16] = {I::kIdSeto,  I::kIdSetno, I::kIdSetb,  I::kIdSetae, I::kIdSete, I::kIdSetne,
                         I::kIdSetbe, I::kIdSeta,  I::kIdSets,  I::kIdSetns, I::kIdSetp, I::kIdSetnp,
                         I::kIdSetl,  I::kIdSetge, I::kIdSetle, I::kIdSetg};

u32 intel_id(std::string_view name) {
  std::string lower;
  for (char c : name) lower += static_cast<char>(tolower(static_cast<unsigned char>(c)));
  return asmjit::InstAPI::stringToInstId(asmjit::Arch::kX64, lower.data(), lower.size());
}

bool make_float_move(std::string_view kind, Mnemonic& m) {
  bool pop = kind.size() == 2 && kind[1] == 'P';
  if (kind.size() != (pop ? 2 : 1)) return false;
  for (const FloatMove& f : FloatMoves) {
    if (kind[0] != f.kind[0]) continue;
    m = {pop ? 0 : f.load, Shape::FloatMove, f.size, 0, 0, pop ? f.store_pop : f.store};
    return true;
  }
  return false;
}

bool make_float(std::string_view name, Mnemonic& m) {
  if (name == "FXCHD") return m = {I::kIdFxch, Shape::Float}, true;
  if (name.starts_with("FCMOV") || name.starts_with("FCOMI") || name.starts_with("FUCOM"))
    return m = {intel_id(name), Shape::Float}, m.id != 0;
  if (name.starts_with("FMOV")) return make_float_move(name.substr(4), m);
  static constexpr std::string_view Operations[] = {"ADD", "SUBR", "SUB", "MUL", "DIVR", "DIV", "COM"};
  for (std::string_view op : Operations) {
    if (!name.substr(1).starts_with(op)) continue;
    std::string_view kind = name.substr(1 + op.size());
    if (kind.empty() || kind.size() > 2 || (kind.size() == 2 && kind[1] != 'P')) return false;
    bool integer = kind[0] == 'L' || kind[0] == 'W';
    if (!integer && kind[0] != 'D' && kind[0] != 'F') return false;
    std::string intel = std::string(integer ? "fi" : "f") + std::string(op) + (kind.size() == 2 ? "p" : "");
    m = {intel_id(intel), Shape::Float, static_cast<u8>(kind[0] == 'D' ? 8 : kind[0] == 'W' ? 2 : 4)};
    return m.id != 0;
  }
  return false;
}

// Conversions that halve a vector, and classifications into a mask, name the vector's length: memory alone
// would not tell it.
bool make_narrowing(std::string_view name, Mnemonic& m) {
  if (!name.starts_with("VCVT") && !name.starts_with("VFPCLASS")) return false;
  u8 size = name.back() == 'X' ? 16 : name.back() == 'Y' ? 32 : name.back() == 'Z' ? 64 : 0;
  if (!size) return false;
  m.id = intel_id(name.substr(0, name.size() - 1));
  m.size = size;
  return m.id != 0;
}

bool make(std::string_view name, Mnemonic& m) {
  for (const Fixed& f : Table) {
    if (name == f.name) return m = f.m, true;
  }
  for (const Alias& a : Aliases) {
    if (name == a.name) return m.id = intel_id(a.intel), true;
  }
  auto condition = [&](std::string_view s) {
    for (auto& c : Conditions) {
      if (s == c.name) return m.cc = c.cc, true;
    }
    return false;
  };
  if (name.starts_with("J") && condition(name.substr(1))) return m.shape = Shape::Jcc, true;
  if (name.starts_with("SET") && condition(name.substr(3))) {
    m.id = Set[m.cc];
    m.shape = Shape::Setcc;
    m.size = 1;
    return true;
  }
  if (name.starts_with("CMOV") && name.size() > 5) {
    char c = name[4];
    m.size = c == 'W' ? 2 : c == 'L' ? 4 : c == 'Q' ? 8 : 0;
    if (m.size && condition(name.substr(5))) return m.id = Cmov[m.cc], true;
  }
  if (name.starts_with("F") && make_float(name, m)) return true;
  u32 id = intel_id(name);
  if (id) return m.id = id, true;
  if (name.size() < 3) return false;
  if (make_narrowing(name, m)) return true;
  switch (name.back()) {
    case 'B': m.size = 1; break;
    case 'W': m.size = 2; break;
    case 'L': m.size = 4; break;
    case 'Q': m.size = 8; break;
    default: return false;
  }
  std::string_view base = name.substr(0, name.size() - 1);
  m.id = intel_id(base);
  if (base == "SHL" || base == "SHR" || base == "SAR" || base == "SAL" || base == "ROL" || base == "ROR" ||
      base == "RCL" || base == "RCR")
    m.shape = Shape::Shift;
  return m.id != 0;
}
}  // namespace

const Mnemonic* find_mnemonic(std::string_view name) {
  // Filled as names come up; entries never move.
  static std::mutex mu;
  static absl::flat_hash_map<std::string, std::pair<bool, Mnemonic>*>& known =
      *new absl::flat_hash_map<std::string, std::pair<bool, Mnemonic>*>();
  std::lock_guard lock(mu);
  auto [it, fresh] = known.try_emplace(std::string(name), nullptr);
  if (fresh) {
    it->second = new std::pair<bool, Mnemonic>();
    it->second->first = make(name, it->second->second);
  }
  return it->second->first ? &it->second->second : nullptr;
}
}  // namespace vole::assembler
