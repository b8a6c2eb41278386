// A function's frame and jumps. Two rounds: the first finds where everything lies, the second makes forward
// jumps short where that leaves room.
#include <fmt/format.h>

#include "abi/abi.h"
#include "abi/runtime.h"
#include "asm/encoder.h"
#include "asm/listing.h"

namespace vole::assembler {
namespace x86 = asmjit::x86;
namespace I = asmjit::x86::Inst;
namespace {
constexpr u32 JccIds[16] = {I::kIdJo,  I::kIdJno, I::kIdJb,  I::kIdJae, I::kIdJe, I::kIdJne,
                            I::kIdJbe, I::kIdJa,  I::kIdJs,  I::kIdJns, I::kIdJp, I::kIdJnp,
                            I::kIdJl,  I::kIdJge, I::kIdJle, I::kIdJg};
}  // namespace

bool Encoder::error(std::string_view what) {
  if (ok || now != faulty)  // one error a statement
    diags.report(diag::Code::Syntax, Pos(pos_base, now ? now->line : f.line, now ? now->col : 1), "{}", what);
  ok = false;
  faulty = now;
  return false;
}

void Encoder::sp_is(i32 value) {
  u32 at = offset();
  if (value == sp) return;
  close_sp(at);
  sp = value;
}

void Encoder::close_sp(u32 at) {
  u32 from = pcsp.empty() ? 0 : pcsp.back().end;
  if (at > from) pcsp.push_back({at, sp});
}

std::optional<u32> Encoder::statement_at(u32 index, const Operand& o) {
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

void Encoder::counter_jump(u32 index, const Mnemonic& m, const Operand& o) {
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

void Encoder::finish_short_jumps() {
  for (auto [at, target] : short_only) {
    i64 distance = static_cast<i64>(offset_of[target]) - static_cast<i64>(at + 1);
    if (distance != static_cast<i8>(distance)) {
      error("jump target is too far away for this instruction");
      return;
    }
    as.bufferData()[at] = static_cast<u8>(distance);
  }
}

void Encoder::jump(u32 index, const Mnemonic& m, const Operand& o) {
  bool conditional = m.shape == Shape::Jcc;
  u32 target = ~0u;
  switch (o.kind) {
    case Operand::Label:
    case Operand::PcRel: {
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
        relocs.push_back(
            {offset() - 4, object::RelocKind::Call32, scope.symbol(o, !o.local_symbol), o.disp - 4});
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
  if (as.emit(conditional ? JccIds[m.cc] : static_cast<u32>(I::kIdJmp), at_index[target]) != asmjit::kErrorOk)
    error("jump cannot be encoded");
}

void Encoder::leave() {
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

void Encoder::prologue() {
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

void Encoder::more_stack() {
  if (!check) return;
  close_sp(offset());
  sp = 0;
  as.bind(morestack);
  bytes({0xe8, 0, 0, 0, 0});
  relocs.push_back({offset() - 4, object::RelocKind::Call32,
                    object.get(abi::rt_name(f.needs_ctxt ? abi::Rt::morestack : abi::Rt::morestack_noctxt)),
                    -4});
  as.jmp(entry);
}

bool Encoder::round() {
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
      if (!lines.empty() && lines.size() > 1 && lines[lines.size() - 2].end == lines.back().end)
        lines.pop_back();
      lines.push_back({0, p, -1});
    }
  };
  line(f.line);
  prologue();
  for (u32 i = 0; i < f.body.size(); i++) {
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

bool Encoder::run() {
  std::vector<Statement> const& body = f.body;
  for (u32 i = 0; i < body.size(); i++) {
    for (std::string_view l : body[i].labels) {
      if (!label_index.try_emplace(l, i).second) {
        now = &body[i];
        error(fmt::format("label {} defined twice", l));
      }
    }
  }
  if (!round() || !ok) return false;
  // Second round with short forward jumps where the first left room. Distances only shrink, except across
  // alignments.
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

bool Encoder::finish() {
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

bool encode_function(const Function& f, Scope& scope, object::Object& object, diag::Diagnostics& diags,
                     u32 pos_base) {
  Encoder e(f, scope, object, diags, pos_base);
  return e.run();
}
}  // namespace vole::assembler
