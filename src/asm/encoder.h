// One function on its way to bytes, for the files that encode it: encode.cc (frame, jumps, rounds),
// encode_operands.cc, encode_inst.cc.
#pragma once
#include <asmjit/x86.h>

#include <optional>

#include "asm/encode.h"
#include "asm/mnemonics.h"

namespace vole::assembler {
constexpr i32 RelocMark = 0x5a5a5a5a;  // stands where an address will be, until it is found again

struct Encoder {
  const Function& f;
  Scope& scope;
  object::Object& object;
  diag::Diagnostics& diags;
  u32 pos_base;

  asmjit::CodeHolder code;
  asmjit::x86::Assembler as;
  std::vector<asmjit::Label> at_index;                     // label in front of every statement
  absl::flat_hash_map<std::string_view, u32> label_index;  // statement a name stands in front of
  std::vector<u8> short_jump;                   // second round: this statement's forward jump fits in a byte
  std::vector<u32> offset_of;                   // by statement, of the latest round
  std::vector<i32> sp_at;                       // by statement: sp in front of it
  std::vector<std::pair<u32, u32>> short_only;  // offset of a distance in a byte, statement it leads to

  std::vector<object::Reloc> relocs;
  std::vector<object::PcValue> pcsp;
  std::vector<object::FuncInfo::PcPos> lines;

  i32 sp = 0;       // bytes between SP and the return address now
  i32 body_sp = 0;  // the same right behind the prologue
  i32 bp = 0;       // 8 when the frame pointer is saved
  u32 align = 16;
  bool check = false;
  bool ok = true;
  const Statement* now = nullptr;     // being encoded
  const Statement* faulty = nullptr;  // the last with an error
  Encoder(const Function& fn, Scope& sc, object::Object& o, diag::Diagnostics& d, u32 base)
      : f(fn), scope(sc), object(o), diags(d), pos_base(base) {}

  bool error(std::string_view what);
  u32 offset() const { return static_cast<u32>(as.offset()); }
  void bytes(std::initializer_list<u8> list) {
    for (u8 b : list) as.db(b);
  }
  void sp_is(i32 value);
  void close_sp(u32 at);

  // Operands (encode_operands.cc)
  static asmjit::Operand gp(u8 n, u8 size);
  asmjit::Operand reg(RegName r, u8 size);
  object::Symbol* pending = nullptr;  // of the memory operand being encoded
  i64 pending_addend = 0;
  bool pending_abs = false;
  asmjit::x86::Mem memory(const Operand& o, u32 size);
  void finish_reloc(u32 start);
  static i64 narrow(i64 x, u8 size);
  // Size 0 tells the encoder to go by the other operands.
  asmjit::Operand convert(const Operand& o, u8 size);
  void emit(u32 id, std::initializer_list<asmjit::Operand> list) { emit_all(id, list.begin(), list.size()); }
  void emit_all(u32 id, const asmjit::Operand* o, size_t n);

  // Jumps and the frame (encode.cc)
  // The statement a label or an offset from this one stands for.
  std::optional<u32> statement_at(u32 index, const Operand& o);
  void counter_jump(u32 index, const Mnemonic& m, const Operand& o);
  void finish_short_jumps();
  void jump(u32 index, const Mnemonic& m, const Operand& o);
  void leave();
  void prologue();
  asmjit::Label entry, morestack;
  void more_stack();

  // Instructions (encode_inst.cc)
  void move(const Mnemonic& m, const Statement& s);
  void instruction(u32 index);
  void push_word(i64 x);
  static bool is_reg(const Operand& o, RegClass c) { return o.kind == Operand::Reg && o.reg.cls == c; }
  // FADDD memory, F0; FADDD F2, F0 and FADDD F0, F2. Comparisons and exchanges name the other register only.
  void float_stack(const Mnemonic& m, const Statement& s);
  void float_move(const Mnemonic& m, const Statement& s);
  void shift(const Mnemonic& m, const Statement& s);
  // Whether 64-bit mode has it; the encoder does not look.
  static bool exists_alone(u32 id) {
    return asmjit::InstAPI::validate(asmjit::Arch::kX64, asmjit::BaseInst(id), nullptr, 0) ==
           asmjit::kErrorOk;
  }
  // Stores of system registers: 16 bits in memory whatever the name says, but the name's size is encoded.
  static bool system_store(std::string_view name);
  void normal(const Mnemonic& m, const Statement& s);

  // The whole function, once and in all (encode.cc)
  bool round();
  bool run();
  bool finish();
};
}  // namespace vole::assembler
