// Statements of Plan 9 assembly: an operation and its operands in source order.
#pragma once
#include "asm/lexer.h"

namespace vole::assembler {
// Registers, numbered within their class. Fp: the old floating-point stack; FP: the pseudo register of
// arguments.
// clang-format off
enum class RegClass : u8 {
  None, Gp, GpHigh, GpByte, Xmm, Ymm, Zmm, Mask, Mmx, Fp, Segment, Control, Debug, FP, SP, SB, PC, Tls
};
// clang-format on
struct RegName {
  RegClass cls = RegClass::None;
  u8 num = 0;
  explicit operator bool() const { return cls != RegClass::None; }
};
RegName find_register(std::string_view name);

struct Operand {
  enum Kind : u8 {
    None,
    Imm,     // $integer
    Float,   // $number
    String,  // $"text"
    Reg,
    Mem,    // disp(base)(index*scale); symbol(SB); name+disp(FP) and name-disp(SP)
    Addr,   // $ in front of a Mem
    Label,  // a name to jump to
    PcRel,  // n(PC)
  } kind = None;
  RegName reg;
  i64 imm = 0;
  double real = 0;
  std::string_view text;      // Label, String; Mem with FP or pseudo SP: the variable's name
  Name symbol;                // Mem with SB: full name, without ABI suffix
  bool local_symbol = false;  // name<>
  bool abi_internal = false;  // name<ABIInternal>
  RegName base, index;        // SB: symbol relative; FP: argument; SP with a name: automatic
  bool named = false;         // a name stood in front of (SP)
  u8 scale = 1;
  i64 disp = 0;
};

struct Statement {
  std::string_view op;  // with suffixes stripped
  std::vector<std::string_view> suffixes;
  std::vector<Operand> args;
  std::vector<std::string_view> labels;
  // TEXT: frame and argument sizes
  i64 frame = 0, frame_args = 0;
  bool has_args = false;
  u64 width = 0;  // DATA: bytes
  u32 line = 0, col = 0;
};

class Parser {
 public:
  Parser(const std::vector<Token>& tokens, Name package, diag::Diagnostics& diags, u32 pos_base);
  // Next statement that is well formed; false at the end. Faulty ones are reported and passed over (then
  // failed()).
  bool next(Statement& s);
  bool failed() const { return failed_; }
  Name name_of(std::string_view written) const { return full_name(written); }

 private:
  const Token& peek(size_t k = 0) const { return tokens_[std::min(at_ + k, tokens_.size() - 1)]; }
  bool accept(std::string_view punct) {
    if (!peek().is(punct)) return false;
    at_++;
    return true;
  }
  bool statement(Statement& s);
  bool expect(std::string_view punct);
  bool error(std::string_view what);
  bool operand(Operand& o);
  bool memory_tail(Operand& o);
  bool symbol_operand(Operand& o);
  bool text_frame(Statement& s);
  bool expression(Operand& o);
  struct Num {
    bool real = false;
    u64 i = 0;
    double f = 0;
  };
  bool sum(Num& n, int level);
  bool primary(Num& n);
  bool nested_primary(Num& n);
  Name full_name(std::string_view written) const;

  const std::vector<Token>& tokens_;
  std::string package_;
  diag::Diagnostics& diags_;
  u32 pos_base_;
  size_t at_ = 0;
  bool failed_ = false;
  u32 depth_ = 0;  // of signs and parentheses
};
}  // namespace vole::assembler
