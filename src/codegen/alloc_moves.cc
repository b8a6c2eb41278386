// Parallel moves: several values change places at once, between registers, slots and constants, as calls and
// block parameters ask for.
#include <algorithm>
#include <bit>

#include "codegen/alloc.h"

namespace vole::codegen {
using ssa::Op;

// Register-to-register moves as one simultaneous step. Each destination has one source.
void Allocator::reg_moves(std::vector<Move>& moves) {
  u8 uses[target::RegCount] = {};
  Reg from[target::RegCount];
  Ty ty[target::RegCount];
  RegSet pending = 0;
  std::fill(std::begin(from), std::end(from), NoReg);
  for (Move& m : moves) {
    if (m.kind != Move::RegToReg || m.dst == m.src) continue;
    from[m.dst] = m.src;
    ty[m.dst] = m.from->ty;
    uses[m.src]++;
    pending |= bit(m.dst);
  }
  bool used_scratch = false;
  while (pending) {
    RegSet ready = 0;
    for (RegSet s = pending; s; s &= s - 1) {
      Reg d = static_cast<Reg>(std::countr_zero(s));
      if (uses[d] == 0) ready |= bit(d);
    }
    if (ready) {
      for (RegSet s = ready; s; s &= s - 1) {
        Reg d = static_cast<Reg>(std::countr_zero(s));
        target_->move(*mf_, d, from[d], ty[d]);
        uses[from[d]]--;
        pending &= ~bit(d);
      }
      continue;
    }
    // Only cycles are left.
    Reg d = static_cast<Reg>(std::countr_zero(pending));
    if (!is_float_reg(d)) {
      Reg s = from[d];
      target_->swap(*mf_, d, s);
      // d is done; whoever wanted d's old value finds it in s.
      pending &= ~bit(d);
      uses[s]--;
      for (RegSet p = pending; p; p &= p - 1) {
        Reg x = static_cast<Reg>(std::countr_zero(p));
        if (from[x] == d) {
          from[x] = s;
          uses[d]--;
          if (x == s) {
            pending &= ~bit(x);
          } else {
            uses[s]++;
          }
        } else if (from[x] == s) {
          from[x] = d;
          uses[s]--;
          uses[d]++;
        }
      }
    } else {
      // Save d, then walk the cycle backwards.
      target_->move_via_scratch(*mf_, d, true);
      used_scratch = true;
      Reg x = d;
      while (from[x] != d) {
        target_->move(*mf_, x, from[x], ty[x]);
        uses[from[x]]--;
        pending &= ~bit(x);
        x = from[x];
      }
      target_->move_via_scratch(*mf_, x, false);
      uses[d]--;
      pending &= ~bit(x);
    }
  }
  if (used_scratch) target_->scratch_done(*mf_);
}

void Allocator::emit_moves(std::vector<Move>& moves, RegSet busy) {
  auto slot_mem = [&](Value* v) {
    Mem m;
    m.kind = MemKind::Slot;
    m.slot = slot_of(v);
    return m;
  };
  for (Move& m : moves) {
    if (m.src != NoReg) busy |= bit(m.src);
  }
  // Slots of a loop header's parameters may be read and written on its back edge: what is read is saved
  // first.
  bool copied = false;  // slots, through the scratch register
  auto copy_slot = [&](u32 to, u32 from) {
    target_->copy_slot(*mf_, to, from);
    copied = true;
  };
  write_stamp_++;
  for (const Move& w : moves) {
    if (w.writes_slot()) written_[w.to->id] = write_stamp_;
  }
  for (Move& m : moves) {
    if (!m.reads_slot() || written_[m.from->id] != write_stamp_) continue;
    m.src_slot = static_cast<u32>(mf_->slots.size());
    mf_->slots.push_back({edge_pos_, edge_pos_});
    copy_slot(m.src_slot, slot_of(m.from));
  }
  for (Move& m : moves) {
    if (m.kind == Move::RegToSlot) target_->store(*mf_, slot_mem(m.to), m.src, m.from->ty);
  }
  for (Move& m : moves) {
    if (m.kind == Move::SlotToSlot)
      copy_slot(slot_of(m.to), m.src_slot != ~0u ? m.src_slot : slot_of(m.from));
    if (m.kind == Move::RematToSlot) {
      RegSet free = target_->int_regs & ~busy;
      target_->remat_to_slot(*this, slot_of(m.to), m.from,
                             free ? static_cast<Reg>(std::countr_zero(free)) : NoReg);
      if (log_) log_->claim(AllocLog::Claim::Made, *mf_, cur_, m.from, NoReg, slot_of(m.to));
    }
  }
  reg_moves(moves);
  for (Move& m : moves) {
    if (m.kind == Move::SlotToReg) {
      Mem src = slot_mem(m.from);
      if (m.src_slot != ~0u) src.slot = m.src_slot;
      target_->load(*mf_, m.dst, src, m.from->ty);
    }
    if (m.kind == Move::RematToReg) {
      target_->remat(*this, m.dst, m.from);
      claim(AllocLog::Claim::Made, m.from, m.dst);
    }
  }
  if (copied) target_->scratch_done(*mf_);
}

void Allocator::parallel_copy(std::span<const Place> places) {
  moves_.clear();
  for (const Place& p : places) {
    Reg src = reg_[p.v->id];
    Move::Kind kind = src != NoReg ? Move::RegToReg : an_.is(p.v, Remat) ? Move::RematToReg : Move::SlotToReg;
    moves_.push_back({p.dst, src, p.v, nullptr, kind});
  }
  emit_moves(moves_, occupied_);
}
}  // namespace vole::codegen
