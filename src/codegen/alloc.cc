#include "codegen/alloc.h"

#include <algorithm>
#include <bit>

namespace vole::codegen {
using ssa::Op;
using Claim = AllocLog::Claim;

namespace {
constexpr u32 Never = ~0u;
}  // namespace

// Calls fn for every operand that stands in a register or slot, looking through folded ones.
template <class F>
void Allocator::for_leaves(Value* v, F fn) {
  for (u32 i = 0; i < v->nargs; i++) {
    Value* a = v->args[i];
    if (an_.is(a, Folded)) {
      for_leaves(a, fn);
    } else {
      fn(a);
    }
  }
}

// ---- state --------------------------------------------------------------------------------------

// The load that an instruction does on the way: what can fault is where the load stands.
const Value* Allocator::folded_load(const Value* v) const {
  if (ssa::is_call(v)) return nullptr;
  for (const Value* a : v->operands()) {
    if (!folded(a)) continue;
    if (a->op == ssa::Op::Load) return a;
    if (const Value* l = folded_load(a)) return l;
  }
  return nullptr;
}

void Allocator::mark(const Value* v) {
  if (const Value* l = folded_load(v); l && l->pos.known()) v = l;
  Pos p = v->pos.known() ? v->pos : mark_pos_;
  if (p == mark_pos_ && v->inl == mark_inl_ && !mf_->marks.empty()) return;
  mark_pos_ = p;
  mark_inl_ = v->inl;
  mf_->marks.push_back({static_cast<u32>(mf_->insts.size()), p, v->inl});
}

u32 Allocator::next_use(u32 id) {
  if (an_.facts[id] & Remat) return Never - 1;
  u32& at = use_at_[id];
  u32 end = an_.use_begin[id + 1];
  while (at < end && an_.uses[at] <= pos_) at++;
  if (at < end) return an_.uses[at];
  return live_out(id) ? std::max(block_end_, an_.loop_end[block_->id]) + 64 : Never;
}

bool Allocator::dies(const Value* v) {
  if (an_.is(v, Remat)) return true;
  u32 n = next_use(v->id);
  if (n <= block_end_ + 1) return false;
  return !live_out(v->id);
}

// Word-sized register arguments are kept where the caller left room for them: tracebacks show them, and the
// frame is smaller.
i32 Allocator::home_of(const Value* v) const {
  const Block* entry = f_->blocks[0];
  if (v->op != Op::Param || v->block != entry || f_->sig->abi0 || ssa::size_of(v->ty) != 8) return -1;
  for (size_t i = 0; i < entry->params.size(); i++) {
    if (entry->params[i] == v) return static_cast<i32>(f_->sig->spill_offset + f_->sig->args[i].stack_offset);
  }
  return -1;
}

u32 Allocator::slot_of(const Value* v) {
  u32& s = slot_[v->id];
  if (s == ~0u) {
    s = static_cast<u32>(mf_->slots.size());
    SlotInfo info{an_.def[v->id], std::max(an_.last[v->id], an_.def[v->id])};
    if (v->op == Op::Param && !v->block->preds.empty()) {
      // Written on the edges: its own from there on, so that slot-to-slot copies on one edge never meet.
      for (const ssa::Pred& p : v->block->preds) {
        if (!an_.start[p.from->id]) continue;
        info.from = std::min(info.from, an_.end[p.from->id]);
        info.to = std::max(info.to, an_.end[p.from->id]);
      }
    }
    info.home = home_of(v);
    mf_->slots.push_back(info);
  }
  return s;
}

u32 Allocator::temp_slot() {
  mf_->slots.push_back({pos_, pos_});
  return static_cast<u32>(mf_->slots.size() - 1);
}

void Allocator::assign(Value* v, Reg r) {
  VOLE_DCHECK(!(occupied_ & bit(r)));
  val_[r] = v;
  reg_[v->id] = r;
  occupied_ |= bit(r);
  moved(v);
}

void Allocator::drop(Reg r) {
  if (Value* v = val_[r]) {
    reg_[v->id] = NoReg;
    val_[r] = nullptr;
    moved(v);
  }
  occupied_ &= ~bit(r);
}

void Allocator::spill(Value* v) {
  if (an_.is(v, Remat) || slot_valid_[v->id]) return;
  Mem m;
  m.kind = MemKind::Slot;
  m.slot = slot_of(v);
  target_->store(*mf_, m, reg_[v->id], v->ty);
  slot_valid_[v->id] = 1;
}

// An operand of the current instruction: still needed even when it dies here.
bool Allocator::is_operand(const Value* v) const {
  return !released_ && std::find(leaves_.begin(), leaves_.end(), v) != leaves_.end();
}

void Allocator::evict(Reg r) {
  Value* v = val_[r];
  if (v && !an_.is(v, Remat) && !slot_valid_[v->id] && (is_operand(v) || !dies(v))) spill(v);
  drop(r);
}

Reg Allocator::choose(RegSet allowed, Reg hint) {
  RegSet free = allowed & ~occupied_ & ~pinned_;
  if (free) {
    if (hint != NoReg && (free & bit(hint))) return hint;
    for (Reg r : allowed& target::GeneralRegs ? target_->order_int : target_->order_float) {
      if (free & bit(r)) return r;
    }
    return static_cast<Reg>(std::countr_zero(free));
  }
  RegSet candidates = allowed & ~pinned_;
  VOLE_CHECK(candidates != 0);
  Reg best = NoReg;
  u64 best_score = 0;
  for (RegSet s = candidates; s; s &= s - 1) {
    Reg r = static_cast<Reg>(std::countr_zero(s));
    Value* v = val_[r];
    u64 score = v ? next_use(v->id) : Never;
    score = (score == Never ? u64{Never} : score - pos_) * 4 + 4;
    if (v && is_operand(v)) score = 2;
    if (v && !an_.is(v, Remat) && !slot_valid_[v->id]) score = score * 3 / 4;  // costs a store
    if (score > best_score) best_score = score, best = r;
  }
  evict(best);
  return best;
}

Reg Allocator::use(Value* v) {
  VOLE_DCHECK(!an_.is(v, Folded));
  Reg r = reg_[v->id];
  if (r == NoReg) {
    r = choose(target_->regs_of(v->ty), hint_[v->id]);
    if (an_.is(v, Remat)) {
      target_->remat(*this, r, v);
      claim(Claim::Made, v, r);
    } else {
      VOLE_DCHECK(slot_valid_[v->id]);
      Mem m;
      m.kind = MemKind::Slot;
      m.slot = slot_of(v);
      target_->load(*mf_, r, m, v->ty);
    }
    assign(v, r);  // behind the load, as the debugger will read it from here on
  }
  pinned_ |= bit(r);
  claim(Claim::Use, v, r);
  return r;
}

void Allocator::take(Reg r) {
  if (Value* w = val_[r]) {
    RegSet free = target_->regs_of(w->ty) & ~occupied_ & ~pinned_ & ~bit(r);
    bool was_pinned = pinned_ & bit(r);
    u32 n = next_use(w->id);
    if (an_.is(w, Remat) && !was_pinned) {
      drop(r);
    } else if (free && (was_pinned || is_operand(w) ||
                        (n != Never && (n < an_.next_call(pos_ + 1) || !slot_valid_[w->id])))) {
      Reg to = choose(free, NoReg);
      target_->move(*mf_, to, r, w->ty);
      drop(r);
      assign(w, to);
      if (was_pinned) pinned_ = (pinned_ & ~bit(r)) | bit(to);
    } else {
      evict(r);
    }
  }
  VOLE_DCHECK(!val_[r]);
  occupied_ |= bit(r);
  pinned_ |= bit(r);
  temps_ |= bit(r);
}

Reg Allocator::use_fixed(Value* v, Reg r) {
  if (reg_[v->id] == r) {
    claim(Claim::Use, v, r);
    if (dies(v) && std::count(leaves_.begin(), leaves_.end(), v) < 2) {
      drop(r);
      occupied_ |= bit(r);
      pinned_ |= bit(r);
      temps_ |= bit(r);
      return r;
    }
    // Lives on: its home moves away, the copy stays here.
    RegSet allowed = target_->regs_of(v->ty) & ~bit(r) & ~pinned_;
    RegSet free = allowed & ~occupied_;
    if (free && (!slot_valid_[v->id] || next_use(v->id) < an_.next_call(pos_ + 1)) && !an_.is(v, Remat)) {
      Reg to = choose(free, NoReg);
      target_->move(*mf_, to, r, v->ty);
      drop(r);
      assign(v, to);
    } else {
      spill(v);
      drop(r);
    }
    occupied_ |= bit(r);
    pinned_ |= bit(r);
    temps_ |= bit(r);
    return r;
  }
  take(r);
  if (reg_[v->id] != NoReg) {
    target_->move(*mf_, r, reg_[v->id], v->ty);
  } else if (an_.is(v, Remat)) {
    target_->remat(*this, r, v);
    claim(Claim::Made, v, r);
  } else {
    Mem m;
    m.kind = MemKind::Slot;
    m.slot = slot_of(v);
    VOLE_DCHECK(slot_valid_[v->id]);
    target_->load(*mf_, r, m, v->ty);
  }
  claim(Claim::Use, v, r);
  return r;
}

Reg Allocator::temp(RegSet allowed) {
  Reg r = choose(allowed, NoReg);
  occupied_ |= bit(r);
  pinned_ |= bit(r);
  temps_ |= bit(r);
  return r;
}

void Allocator::release() {
  released_ = true;
  for (u32 i = 0; i < leaves_.size(); i++) {
    Value* a = leaves_[i];
    Reg r = reg_[a->id];
    if (r == NoReg || an_.is(a, Remat)) {
      if (r != NoReg) pinned_ &= ~bit(r);
      continue;
    }
    if (dies(a)) {
      pinned_ &= ~bit(r);
      drop(r);
    }
  }
}

Reg Allocator::def_in(Value* v, RegSet allowed) {
  Reg r = choose(allowed, hint_[v->id]);
  assign(v, r);
  pinned_ |= bit(r);
  return r;
}

void Allocator::def_fixed(Value* v, Reg r) {
  if (temps_ & bit(r)) {
    temps_ &= ~bit(r);
    occupied_ &= ~bit(r);
  } else if (val_[r]) {
    evict(r);
  }
  assign(v, r);
  pinned_ |= bit(r);
}

void Allocator::forget(Value* v) {
  Reg r = reg_[v->id];
  if (r != NoReg) drop(r);
}

Reg Allocator::def_reusing(Value* v, Value* a) {
  Reg ra = reg_[a->id];
  if (ra != NoReg && dies(a)) {
    claim(Claim::Use, a, ra);
    drop(ra);
    assign(v, ra);
    pinned_ |= bit(ra);
    return ra;
  }
  if (ra == NoReg && !dies(a)) ra = use(a);
  RegSet allowed = target_->regs_of(v->ty);
  Reg r = choose(allowed, hint_[v->id]);
  assign(v, r);
  pinned_ |= bit(r);
  if (ra != NoReg) {
    target_->move(*mf_, r, ra, a->ty);
  } else if (an_.is(a, Remat)) {
    target_->remat(*this, r, a);
    claim(Claim::Made, a, r);
  } else {
    Mem m;
    m.kind = MemKind::Slot;
    m.slot = slot_of(a);
    target_->load(*mf_, r, m, a->ty);
  }
  claim(Claim::Use, a, r);
  return r;
}

void Allocator::add_live(Value* v) {
  live_index_[v->id] = static_cast<u32>(live_.size());
  live_.push_back(v->id);
}

void Allocator::remove_live(Value* v) {
  u32 i = live_index_[v->id];
  if (i == ~0u) return;
  u32 other = live_.back();
  live_[i] = other;
  live_index_[other] = i;
  live_.pop_back();
  live_index_[v->id] = ~0u;
  moved(v);
}

// A slot counts while its value is live; later it may be another's.
VarEvent Allocator::whereabouts(const Value* v) const {
  VarEvent at{0, 0, VarEvent::Gone, 0};
  if (v->op == Op::Const && v->imm == static_cast<i32>(v->imm) && !ssa::is_float(v->ty)) {
    at.kind = VarEvent::Const;
    at.value = static_cast<i32>(v->imm);
  } else if (reg_[v->id] != NoReg) {
    at.kind = VarEvent::Register;
    at.value = reg_[v->id];
  } else if (slot_valid_[v->id] && slot_[v->id] != ~0u && live_index_[v->id] != ~0u) {
    at.kind = VarEvent::Slot;
    at.value = static_cast<i32>(slot_[v->id]);
  }
  return at;
}

// What calls and returns move into place overwrites registers that still count as holding values.
void Allocator::leave_registers() {
  if (!vars_.on()) return;
  for (RegSet s = occupied_; s; s &= s - 1) {
    const Value* v = val_[std::countr_zero(s)];
    if (!v || !vars_.follows(v)) continue;
    bool kept = slot_valid_[v->id] && slot_[v->id] != ~0u && live_index_[v->id] != ~0u;
    vars_.moved(v, kept ? VarEvent{0, 0, VarEvent::Slot, static_cast<i32>(slot_[v->id])}
                        : VarEvent{0, 0, VarEvent::Gone, 0});
  }
}

void Allocator::start_vars(Block* b) {
  if (!vars_.on()) return;
  for (const Binding& x : var_flow_.in(b)) vars_.bind(x.piece, x.value, whereabouts(x.value));
}

void Allocator::kill_operands(Value* v) {
  for (Value* a : leaves_) {
    if (an_.is(a, Remat)) continue;
    if (dies(a)) {
      if (reg_[a->id] != NoReg) drop(reg_[a->id]);
      remove_live(a);
    }
  }
}

void Allocator::end_instruction() {
  released_ = false;
  for (RegSet s = temps_; s; s &= s - 1) {
    Reg r = static_cast<Reg>(std::countr_zero(s));
    if (!val_[r]) occupied_ &= ~bit(r);
  }
  temps_ = 0;
  pinned_ = 0;
}

void Allocator::store_early(Value* v) {
  if (an_.is(v, SpillEarly) && reg_[v->id] != NoReg) spill(v);
}

// ---- machine blocks -----------------------------------------------------------------------------

u32 Allocator::new_mblock(bool cold) {
  MBlock b;
  b.cold = cold || cold_;
  mf_->blocks.push_back(b);
  return static_cast<u32>(mf_->blocks.size() - 1);
}
void Allocator::end_branch(u8 cond, u32 to, u32 other) {
  MBlock& b = mf_->blocks[cur_];
  b.how = MEnd::Branch;
  b.cond = cond;
  b.to = to;
  b.other = other;
  b.end = static_cast<u32>(mf_->insts.size());
}
void Allocator::end_jump(u32 to) {
  MBlock& b = mf_->blocks[cur_];
  b.how = MEnd::Jump;
  b.to = to;
  b.end = static_cast<u32>(mf_->insts.size());
}
void Allocator::end_stop() {
  MBlock& b = mf_->blocks[cur_];
  b.how = MEnd::Stop;
  b.end = static_cast<u32>(mf_->insts.size());
}
void Allocator::open(u32 mb) {
  cur_ = mb;
  mf_->blocks[mb].begin = static_cast<u32>(mf_->insts.size());
  chain_[layout_index_[block_->id]].push_back(mb);
  mf_->marks.push_back({static_cast<u32>(mf_->insts.size()), mark_pos_, mark_inl_});
}
void Allocator::open_aside(u32 mb) {
  cur_ = mb;
  mf_->blocks[mb].begin = static_cast<u32>(mf_->insts.size());
  mf_->blocks[mb].aside = true;
  mf_->marks.push_back({static_cast<u32>(mf_->insts.size()), mark_pos_, mark_inl_});
  edge_blocks_[layout_index_[block_->id]].push_back(mb);
}
void Allocator::close_aside(u32 back) {
  if (back == ~0u) {
    end_stop();
  } else {
    end_jump(back);
  }
}

// ---- calls --------------------------------------------------------------------------------------

namespace {
template <class F>
void each_reg_loc(const Target& t, std::span<const ssa::ArgLoc> locs, F fn) {
  for (const ssa::ArgLoc& a : locs) {
    if (!a.in_reg) continue;
    fn(ssa::is_float(a.ty) ? t.float_args[a.reg] : t.int_args[a.reg]);
  }
}
}  // namespace

Value* Allocator::extract(Value* v, u32 index) {
  for (Value* e = v->next; e && e->op == Op::Extract && e->args[0] == v; e = e->next) {
    if (e->imm == index && wanted(e)) return e;
  }
  return nullptr;
}

void Allocator::define_extracts(Value* v, std::span<const Reg> regs) {
  for (Value* e = v->next; e && e->op == Op::Extract && e->args[0] == v; e = e->next) {
    if (!wanted(e)) continue;
    Reg r = regs[static_cast<size_t>(e->imm)];
    if (val_[r]) {
      // A second extract of the same result.
      Reg to = choose(target_->regs_of(e->ty), NoReg);
      target_->move(*mf_, to, r, e->ty);
      assign(e, to);
    } else {
      def_fixed(e, r);
    }
    add_live(e);
    pinned_ |= bit(reg_[e->id]);
  }
}

void Allocator::to_arg_regs(Value* v, u32 first_arg) {
  leave_registers();
  std::vector<Place> places;
  u32 i = first_arg;
  each_reg_loc(*target_, v->sig->args, [&](Reg r) { places.push_back({r, v->args[i++]}); });
  parallel_copy(places);
}

void Allocator::to_result_regs(Value* v) {
  leave_registers();
  std::vector<Place> places;
  u32 i = 0;
  each_reg_loc(*target_, f_->sig->results, [&](Reg r) { places.push_back({r, v->args[i++]}); });
  parallel_copy(places);
}

void Allocator::call(Value* v, u32 first_arg, CallTarget t, CallSite::Kind kind) {
  // Save what lives on.
  if (!v->has(ssa::NoReturn)) {
    for (RegSet s = occupied_; s; s &= s - 1) {
      Reg r = static_cast<Reg>(std::countr_zero(s));
      Value* w = val_[r];
      if (w && !an_.is(w, Remat) && !slot_valid_[w->id] && !dies(w)) spill(w);
    }
    mf_->has_call = true;
  }
  mf_->has_any_call = true;
  leave_registers();
  std::vector<Place> places;
  places.reserve(16);
  u32 i = first_arg;
  each_reg_loc(*target_, v->sig->args, [&](Reg r) { places.push_back({r, v->args[i++]}); });
  if (t.value) places.push_back({t.reg, t.value});
  parallel_copy(places);
  mf_->out_area = std::max(mf_->out_area, (v->sig->spill_offset + v->sig->spill_size + 7) & ~7u);
  mf_->out_area = std::max(mf_->out_area, (v->sig->stack_args + 7) & ~7u);
  CallSite site;
  site.kind = kind;
  site.begin = static_cast<u32>(mf_->live_slots.size());
  if (v->sig->abi0) site.sig = v->sig;
  if (!v->has(ssa::NoReturn)) {
    for (u32 id : live_) {
      Value* w = an_.by_id[id];
      if (w->ty != Ty::Ptr || dies(w)) continue;
      VOLE_DCHECK(slot_valid_[id]);
      mf_->live_slots.push_back(slot_of(w));
    }
  }
  site.end = static_cast<u32>(mf_->live_slots.size());
  t.inst.imm = static_cast<i64>(mf_->calls.size());
  mf_->calls.push_back(site);
  emit(t.inst);
  for (RegSet s = occupied_; s; s &= s - 1) drop(static_cast<Reg>(std::countr_zero(s)));
  temps_ = 0;
  pinned_ = 0;
}

u32 Allocator::unmapped_callsite() {
  mf_->has_any_call = true;
  CallSite site;
  site.kind = CallSite::NoMap;
  mf_->calls.push_back(site);
  return static_cast<u32>(mf_->calls.size() - 1);
}

u32 Allocator::panic_callsite(u32 out_bytes) {
  mf_->has_any_call = true;
  mf_->out_area = std::max(mf_->out_area, out_bytes);
  CallSite site;
  site.kind = CallSite::Panic;
  mf_->calls.push_back(site);
  return static_cast<u32>(mf_->calls.size() - 1);
}

// ---- blocks -------------------------------------------------------------------------------------

void Allocator::compute_hints(Block* b) {
  for (Value* v = b->last; v; v = v->prev) {
    if (v == b->last) {
      if (v->op == Op::Ret) {
        u32 i = 0;
        each_reg_loc(*target_, f_->sig->results, [&](Reg r) { hint_[v->args[i++]->id] = r; });
      }
      for (const ssa::Edge& e : b->succs) {
        if (!started_[e.to->id]) continue;
        for (size_t i = 0; i < e.args.size(); i++) {
          if (reg_of_param_[e.to->params[i]->id] != NoReg)
            hint_[e.args[i]->id] = reg_of_param_[e.to->params[i]->id];
        }
      }
      continue;
    }
    if (ssa::is_call(v) && v->sig) {
      u32 i = v->op == Op::Call ? 0 : 1;
      each_reg_loc(*target_, v->sig->args, [&](Reg r) { hint_[v->args[i++]->id] = r; });
      continue;
    }
    if (hint_[v->id] != NoReg) {
      int k = target_->hinted_operand(v);
      if (k >= 0 && hint_[v->args[k]->id] == NoReg) hint_[v->args[k]->id] = hint_[v->id];
    }
  }
}

void Allocator::start_block(Block* b) {
  block_ = b;
  block_seq_++;
  pos_ = an_.start[b->id];
  block_end_ = an_.end[b->id];
  cold_ = b->likely < 0;
  for (RegSet s = occupied_; s; s &= s - 1) drop(static_cast<Reg>(std::countr_zero(s)));
  occupied_ = pinned_ = temps_ = 0;
  for (u32 id : live_) live_index_[id] = ~0u;
  live_.clear();
  for (const ssa::Edge& e : b->succs) {
    for (u32 id : an_.live_in(e.to)) out_stamp_[id] = block_seq_;
  }
  mf_->blocks[mb_of_[b->id]].cold = cold_;
  mf_->blocks[mb_of_[b->id]].loop_head = an_.header[b->id];
  open(mb_of_[b->id]);
  if (vars_.on()) vars_.start_block();
  log_region(nullptr);
  compute_hints(b);
  leaves_.clear();

  if (b->preds.empty() || b == f_->blocks[0]) {
    if (b != f_->blocks[0]) return;  // the deferreturn block
    u32 i = 0;
    each_reg_loc(*target_, f_->sig->args, [&](Reg r) {
      Value* p = b->params[i++];
      if (wanted(p)) {
        assign(p, r);
        add_live(p);
      }
    });
    if (an_.closure_ptr && wanted(an_.closure_ptr)) {
      assign(an_.closure_ptr, target_->context);
      add_live(an_.closure_ptr);
      store_early(an_.closure_ptr);
    }
    for (Value* p : b->params) store_early(p);
    return;
  }

  // Best predecessor already walked: hot, then the one laid out in front.
  Block* primary = nullptr;
  u32 primary_succ = 0;
  for (const ssa::Pred& p : b->preds) {
    if (!ended_[p.from->id]) continue;
    auto score = [&](Block* x) {
      return (x->likely < 0 ? 0 : 2) + (layout_index_[x->id] + 1 == layout_index_[b->id] ? 1 : 0);
    };
    if (!primary || score(p.from) > score(primary)) primary = p.from, primary_succ = p.succ;
  }
  VOLE_CHECK(primary != nullptr);
  auto [pb, pe] = end_range_[primary->id];
  stamp_++;
  for (u32 i = pb; i < pe; i++) {
    tmp_reg_[ends_[i].id] = ends_[i].reg;
    tmp_valid_[ends_[i].id] = ends_[i].valid;
    tmp_stamp_[ends_[i].id] = stamp_;
  }
  bool single = b->preds.size() == 1;
  u32 next_call = an_.next_call(pos_);
  u32 n_int = 0;
  for (u32 id : an_.live_in(b)) {
    Value* v = an_.by_id[id];
    VOLE_CHECK(tmp_stamp_[id] == stamp_);
    Reg r = tmp_reg_[id];
    bool valid = tmp_valid_[id];
    add_live(v);
    if (r != NoReg && !single) {
      u32 next = next_use(id);
      bool keep;
      if (an_.header[b->id] == 0) {
        keep = next <= next_call;
      } else if (an_.header[b->id] == 2) {
        keep = next <= next_call && next <= an_.loop_end[b->id];
      } else {
        keep = next <= an_.loop_end[b->id] || (!valid && n_int < 8);
      }
      if (!keep) r = NoReg;
    }
    if (r == NoReg) valid = true;
    if (r != NoReg) {
      assign(v, r);
      if (!is_float_reg(r)) n_int++;
    }
    slot_valid_[id] = valid;
  }
  if (single && b->params.empty()) return;
  if (!single) {
    // A slot counts as written only when it is on every path known so far; where the value has no register,
    // the edges will write it. Edges not walked yet are back edges, where nothing written before the header
    // is lost.
    for (const ssa::Pred& p : b->preds) {
      if (!ended_[p.from->id] || p.from == primary) continue;
      auto [qb, qe] = end_range_[p.from->id];
      for (u32 i = qb; i < qe; i++) {
        u32 id = ends_[i].id;
        if (live_index_[id] != ~0u && reg_[id] != NoReg && !ends_[i].valid) slot_valid_[id] = 0;
      }
    }
  }
  const auto& args = primary->succs[primary_succ].args;
  for (size_t i = 0; i < b->params.size(); i++) {
    Value* p = b->params[i];
    if (!wanted(p)) continue;
    add_live(p);
    slot_valid_[p->id] = 0;
    bool in_slot = next_use(p->id) > next_call;
    RegSet allowed = target_->regs_of(p->ty);
    RegSet free = allowed & ~occupied_;
    if (!free || (in_slot && !single)) {
      reg_of_param_[p->id] = NoReg;
      slot_valid_[p->id] = 1;
      slot_of(p);
      continue;
    }
    Reg want = hint_[p->id];
    Value* a = args[i];
    if (!an_.is(a, Remat) && tmp_stamp_[a->id] == stamp_ && tmp_reg_[a->id] != NoReg &&
        (free & bit(tmp_reg_[a->id])))
      want = tmp_reg_[a->id];
    Reg r = choose(free, want);
    assign(p, r);
    reg_of_param_[p->id] = r;
  }
  u32 sb = static_cast<u32>(starts_.size());
  for (u32 id : live_) starts_.push_back({id, reg_[id], slot_valid_[id] != 0});
  start_range_[b->id] = {sb, static_cast<u32>(starts_.size())};
  started_[b->id] = 1;
  for (const ssa::Pred& p : b->preds) {
    if (ended_[p.from->id]) edge_moves(p.from, p.succ);
  }
  // Early stores of parameters belong behind the edges' moves, at the head of the block; edge_moves wrote
  // elsewhere.
  mf_->blocks[mb_of_[b->id]].begin = static_cast<u32>(mf_->insts.size());
  mf_->marks.push_back({static_cast<u32>(mf_->insts.size()), mark_pos_, mark_inl_});
  cur_ = mb_of_[b->id];
  for (Value* p : b->params) {
    if (wanted(p)) store_early(p);
  }
}

// Leads from the state at the end of `from` to the state its successor starts with.
void Allocator::edge_moves(Block* from, u32 succ) {
  Block* to = from->succs[succ].to;
  auto [pb, pe] = end_range_[from->id];
  stamp_++;
  RegSet busy = 0;
  for (u32 i = pb; i < pe; i++) {
    tmp_reg_[ends_[i].id] = ends_[i].reg;
    tmp_valid_[ends_[i].id] = ends_[i].valid;
    tmp_stamp_[ends_[i].id] = stamp_;
  }
  std::vector<Move> moves;
  auto add = [&](Value* src, Value* dst, Reg dst_reg, bool to_slot) {
    // Register first: its source stays readable for the slot.
    if (an_.is(src, Remat)) {
      if (dst_reg != NoReg) moves.push_back({dst_reg, NoReg, src, dst, Move::RematToReg});
      if (to_slot) moves.push_back({NoReg, NoReg, src, dst, Move::RematToSlot});
      return;
    }
    VOLE_CHECK(tmp_stamp_[src->id] == stamp_);
    Reg r = tmp_reg_[src->id];
    if (r != NoReg) {
      busy |= bit(r);
      if (dst_reg != NoReg) moves.push_back({dst_reg, r, src, dst, Move::RegToReg});
      if (to_slot) moves.push_back({NoReg, r, src, dst, Move::RegToSlot});
    } else {
      VOLE_DCHECK(tmp_valid_[src->id]);
      if (dst_reg != NoReg) moves.push_back({dst_reg, NoReg, src, dst, Move::SlotToReg});
      if (to_slot && src != dst) moves.push_back({NoReg, NoReg, src, dst, Move::SlotToSlot});
    }
  };
  auto [sb, se] = start_range_[to->id];
  for (u32 i = sb; i < se; i++) {
    Value* v = an_.by_id[starts_[i].id];
    if (v->op == Op::Param && v->block == to) continue;
    add(v, v, starts_[i].reg, starts_[i].valid && !(tmp_stamp_[v->id] == stamp_ && tmp_valid_[v->id]));
  }
  for (size_t i = 0; i < to->params.size(); i++) {
    Value* p = to->params[i];
    if (!wanted(p)) continue;
    Reg r = reg_of_param_[p->id];
    add(from->succs[succ].args[i], p, r, r == NoReg);
  }
  edge_pos_ = an_.end[from->id];
  bool needed = false;
  for (Move& m : moves) needed |= m.kind != Move::RegToReg || m.dst != m.src;
  if (!needed) return;
  u32 saved = cur_;
  bool saved_cold = cold_;
  cold_ = from->likely < 0 || to->likely < 0;
  u32 mb = new_mblock(cold_);
  mf_->blocks[mb].begin = static_cast<u32>(mf_->insts.size());
  mf_->blocks[mb].aside = true;
  Pos pos = from->last->pos.known() ? from->last->pos : mark_pos_;
  mf_->marks.push_back({static_cast<u32>(mf_->insts.size()), pos, from->last->inl});
  cur_ = mb;
  log_region(nullptr);
  emit_moves(moves, busy);
  end_jump(mb_of_[to->id]);
  edge_to_[edge_base_[from->id] + succ] = mb;
  edge_blocks_[layout_index_[from->id]].push_back(mb);
  cur_ = saved;
  cold_ = saved_cold;
  mf_->marks.push_back({static_cast<u32>(mf_->insts.size()), mark_pos_, mark_inl_});
}

void Allocator::block_body(Block* b) {
  for (Value* v = b->first; v; v = v->next) {
    if (v->op == Op::Dbg && vars_.on())
      vars_.bind(var_flow_.piece_of(v), v->args[0], whereabouts(v->args[0]));
    if (v->op == Op::Dbg || v->op == Op::Extract || v->op == Op::ClosurePtr) continue;
    if (an_.facts[v->id] & (Dead | Folded | Remat)) continue;
    pos_ = an_.def[v->id];
    mark(v);
    leaves_.clear();
    for_leaves(v, [&](Value* a) { leaves_.push_back(a); });
    log_region(v);
    if (v == b->last) {
      end_block(b);
      return;
    }
    target_->select(*this, v);
    if (log_) log_results(v);
    kill_operands(v);
    end_instruction();
    if (v->ty != Ty::None && reg_[v->id] != NoReg) {
      if (wanted(v)) {
        add_live(v);
        store_early(v);
      } else {
        drop(reg_[v->id]);
      }
    }
    for (Value* e = v->next; e && e->op == Op::Extract && e->args[0] == v; e = e->next) {
      if (wanted(e)) store_early(e);
    }
  }
}

void Allocator::end_block(Block* b) {
  Value* t = b->last;
  target_->select(*this, t);
  end_instruction();
  u32 eb = static_cast<u32>(ends_.size());
  if (!b->succs.empty()) {
    // Edge arguments are still in live_, as nothing was killed at the terminator.
    for (u32 id : live_) {
      bool edge_arg = false;
      if (!live_out(id)) {
        for (const ssa::Edge& e : b->succs) {
          for (Value* a : e.args) edge_arg |= a->id == id;
        }
      }
      if (live_out(id) || edge_arg) ends_.push_back({id, reg_[id], slot_valid_[id] != 0});
    }
  }
  end_range_[b->id] = {eb, static_cast<u32>(ends_.size())};
  ended_[b->id] = 1;
  for (u32 i = 0; i < b->succs.size(); i++) {
    if (started_[b->succs[i].to->id]) edge_moves(b, i);
  }
}

void Allocator::log_results(const Value* v) {
  if (v->ty != Ty::None && reg_[v->id] != NoReg) claim(Claim::Defined, v, reg_[v->id]);
  for (Value* e = v->next; e && e->op == Op::Extract && e->args[0] == v; e = e->next) {
    if (wanted(e)) claim(Claim::Defined, e, reg_[e->id]);
  }
}

// Edges and exits while references to edges are still that.
void Allocator::log_layout() {
  log_->analysis = &an_;
  log_->entry_of = mb_of_;
  log_->edge_base = edge_base_;
  for (const MBlock& b : mf_->blocks) log_->exits.push_back({b.to, b.other});
  for (Block* b : an_.order) {
    for (u32 i = 0; i < b->succs.size(); i++) log_->edges.push_back({b, i, edge_to_[edge_base_[b->id] + i]});
  }
}

void Allocator::finish_layout() {
  if (log_) log_layout();
  for (MBlock& b : mf_->blocks) {
    auto fix = [&](u32& t) {
      if (t != ~0u && (t & EdgeRef)) t = edge_to_[t & ~EdgeRef];
    };
    fix(b.to);
    fix(b.other);
  }
  for (auto& t : mf_->tables) {
    for (u32& x : t) x = edge_to_[x & ~EdgeRef];
  }
  for (int cold = 0; cold < 2; cold++) {
    for (size_t i = 0; i < an_.order.size(); i++) {
      for (u32 mb : chain_[i]) {
        if (mf_->blocks[mb].cold == (cold != 0)) mf_->order.push_back(mb);
      }
      for (u32 mb : edge_blocks_[i]) {
        if (mf_->blocks[mb].cold == (cold != 0)) mf_->order.push_back(mb);
      }
    }
  }
}

void Allocator::run(Func& f, object::Object& object, const Target& target, MachineFunc& mf, bool debug_info,
                    AllocLog* log) {
  log_ = log;
  if (log_) log_->clear();
  f_ = &f;
  object_ = &object;
  target_ = &target;
  mf_ = &mf;
  an_.run(f, target.rules());
  u32 n = f.next_value, nb = f.next_block;
  reg_.assign(n, NoReg);
  hint_.assign(n, NoReg);
  reg_of_param_.assign(n, NoReg);
  slot_valid_.assign(n, 0);
  slot_.assign(n, ~0u);
  use_at_.assign(an_.use_begin.begin(), an_.use_begin.begin() + n);
  live_index_.assign(n, ~0u);
  out_stamp_.assign(n, 0);
  tmp_reg_.assign(n, NoReg);
  tmp_valid_.assign(n, 0);
  tmp_stamp_.assign(n, 0);
  written_.assign(n, 0);
  write_stamp_ = 0;
  stamp_ = 0;
  block_seq_ = 0;
  live_.clear();
  ends_.clear();
  starts_.clear();
  end_range_.assign(nb, {0, 0});
  start_range_.assign(nb, {0, 0});
  ended_.assign(nb, 0);
  started_.assign(nb, 0);
  mb_of_.assign(nb, ~0u);
  edge_base_.assign(nb, 0);
  edge_to_.clear();
  layout_index_.assign(nb, ~0u);
  chain_.resize(std::max(chain_.size(), an_.order.size()));
  edge_blocks_.resize(std::max(edge_blocks_.size(), an_.order.size()));
  std::fill(std::begin(val_), std::end(val_), nullptr);
  occupied_ = pinned_ = temps_ = 0;
  mark_pos_ = f.pos;
  mark_inl_ = -2;
  cold_ = false;
  for (u32 i = 0; i < an_.order.size(); i++) {
    Block* b = an_.order[i];
    layout_index_[b->id] = i;
    chain_[i].clear();
    edge_blocks_[i].clear();
    mb_of_[b->id] = new_mblock(false);
  }
  for (Block* b : an_.order) {
    edge_base_[b->id] = static_cast<u32>(edge_to_.size());
    for (const ssa::Edge& e : b->succs) edge_to_.push_back(mb_of_[e.to->id]);
  }
  local_of_.assign(n, ~0u);
  bool follow = debug_info && var_flow_.run(f, an_, mf);
  vars_.stop();
  for (Block* b : an_.order) {
    if (follow && b == an_.order[0]) vars_.start(mf, n, log_);
    if (follow) vars_.forget();
    start_block(b);
    start_vars(b);
    block_body(b);
  }
  finish_layout();
}

u32 Allocator::local_of(const Value* alloca) {
  u32& l = local_of_[alloca->id];
  if (l == ~0u) {
    l = static_cast<u32>(mf_->locals.size());
    mf_->locals.push_back({alloca});
  }
  return l;
}
}  // namespace vole::codegen
