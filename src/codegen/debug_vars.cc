#include "codegen/debug_vars.h"

#include <algorithm>

#include "codegen/alloc.h"

namespace vole::codegen {
using ssa::Op;

namespace {
u64 piece_key(const Value* dbg) { return u64{dbg->debug_var} << 32 | static_cast<u32>(dbg->imm); }

const Binding* find(const std::vector<Binding>& list, u32 piece) {
  auto it =
      std::lower_bound(list.begin(), list.end(), piece, [](const Binding& b, u32 p) { return b.piece < p; });
  return it != list.end() && it->piece == piece ? &*it : nullptr;
}
bool same(const std::vector<Binding>& a, const std::vector<Binding>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Binding& x, const Binding& y) {
    return x.piece == y.piece && x.value == y.value;
  });
}
}  // namespace

// ---- data flow ----------------------------------------------------------------------------------

u32 VarFlow::piece_of(const Value* dbg) const { return pieces_.at(piece_key(dbg)); }

void VarFlow::number_pieces(Func& f, MachineFunc& mf) {
  pieces_.clear();
  for (Block* b : an_->order)
    for (Value* v = b->first; v; v = v->next) {
      if (v->op != Op::Dbg || v->debug_var >= f.debug_vars.size()) continue;
      auto [it, fresh] = pieces_.try_emplace(piece_key(v), static_cast<u32>(mf.var_pieces.size()));
      if (fresh)
        mf.var_pieces.push_back(
            {v->debug_var, static_cast<u16>(v->imm), static_cast<u16>(ssa::size_of(v->args[0]->ty))});
    }
}

// Variables of an inlined call are of interest only where code of the call is.
void VarFlow::mark_calls(const Block* b) {
  if (f_->inlines.empty()) return;
  call_stamp_.resize(f_->inlines.size());
  call_stamps_++;
  for (const Value* v = b->first; v; v = v->next)
    for (i32 n = v->inl;
         n >= 0 && std::exchange(call_stamp_[static_cast<size_t>(n)], call_stamps_) != call_stamps_;)
      n = f_->inlines[static_cast<size_t>(n)].parent;
}

bool VarFlow::in_call(u32 piece) const {
  i32 call = f_->debug_vars[mf_->var_pieces[piece].var].inl;
  return call < 0 || call_stamp_[static_cast<size_t>(call)] == call_stamps_;
}

std::vector<Binding> VarFlow::join(const Block* b) {
  std::vector<Binding> result;
  const ssa::Pred* first = nullptr;
  for (const ssa::Pred& p : b->preds)
    if (visited_[p.from->id] && !first) first = &p;
  if (!first) return result;
  stamp_++;
  for (u32 id : an_->live_in(b)) live_stamp_[id] = stamp_;
  mark_calls(b);
  for (const Binding& x : out_[first->from->id]) {
    if (!in_call(x.piece)) continue;
    bool agree = true, everywhere = true;
    for (const ssa::Pred& p : b->preds) {
      if (!visited_[p.from->id] || &p == first) continue;
      const Binding* y = find(out_[p.from->id], x.piece);
      everywhere &= y != nullptr;
      agree &= y && y->value == x.value;
    }
    if (!everywhere) continue;
    if (agree && (x.value->op == Op::Const || live_stamp_[x.value->id] == stamp_)) {
      result.push_back(x);
      continue;
    }
    for (size_t i = 0; i < b->params.size(); i++) {
      bool merges = true;
      for (const ssa::Pred& p : b->preds)
        if (visited_[p.from->id])
          merges &= p.from->succs[p.succ].args[i] == find(out_[p.from->id], x.piece)->value;
      if (!merges) continue;
      result.push_back({x.piece, b->params[i]});
      break;
    }
  }
  return result;
}

std::vector<Binding> VarFlow::transfer(const Block* b) {
  std::vector<Binding> out = in_[b->id];
  size_t old = out.size();
  for (const Value* v = b->first; v; v = v->next) {
    if (v->op != Op::Dbg) continue;
    auto it = pieces_.find(piece_key(v));
    if (it != pieces_.end()) out.push_back({it->second, v->args[0]});
  }
  if (out.size() == old) return out;
  // The last binding of a piece counts.
  std::stable_sort(out.begin(), out.end(),
                   [](const Binding& x, const Binding& y) { return x.piece < y.piece; });
  size_t n = 0;
  for (size_t i = 0; i < out.size(); i++)
    if (i + 1 == out.size() || out[i + 1].piece != out[i].piece) out[n++] = out[i];
  out.resize(n);
  return out;
}

bool VarFlow::run(Func& f, const Analysis& an, MachineFunc& mf) {
  an_ = &an;
  f_ = &f;
  mf_ = &mf;
  mf.var_pieces.clear();
  if (f.debug_vars.empty()) return false;
  number_pieces(f, mf);
  if (mf.var_pieces.empty()) return false;
  in_.assign(f.next_block, {});
  out_.assign(f.next_block, {});
  visited_.assign(f.next_block, 0);
  live_stamp_.assign(f.next_value, 0);
  call_stamp_.clear();
  stamp_ = call_stamps_ = 0;
  // Paths not walked yet count as agreeing; later rounds take back what they disagree with.
  constexpr int MaxRounds = 8;
  bool changed = true;
  for (int round = 0; changed && round < MaxRounds; round++) {
    changed = false;
    for (Block* b : an.order) {
      std::vector<Binding> in = join(b);
      if (visited_[b->id] && same(in, in_[b->id])) continue;
      in_[b->id] = std::move(in);
      std::vector<Binding> out = transfer(b);
      changed |= !visited_[b->id] || !same(out, out_[b->id]);
      out_[b->id] = std::move(out);
      visited_[b->id] = 1;
    }
  }
  if (changed)
    for (auto& list : in_) list.clear();
  return true;
}

// ---- following the allocator --------------------------------------------------------------------

void VarTracker::start(MachineFunc& mf, u32 values, AllocLog* log) {
  mf_ = &mf;
  log_ = log;
  on_ = true;
  first_.assign(values, None);
  next_.assign(mf.var_pieces.size(), None);
  value_.assign(mf.var_pieces.size(), None);
  bound_.clear();
}

void VarTracker::forget() {
  for (u32 piece : bound_) {
    u32& v = value_[piece];
    if (v == None) continue;
    first_[v] = None;
    v = None;
  }
  bound_.clear();
}

void VarTracker::start_block() {
  mf_->var_events.push_back({static_cast<u32>(mf_->insts.size()), 0, VarEvent::Restart, 0});
  if (log_) log_->var_values.push_back(None);
}

void VarTracker::unbind(u32 piece) {
  if (value_[piece] == None) return;
  u32* p = &first_[value_[piece]];
  while (*p != piece) p = &next_[*p];
  *p = next_[piece];
  value_[piece] = None;
}

void VarTracker::write(u32 piece, VarEvent at) {
  at.first = static_cast<u32>(mf_->insts.size());
  at.piece = piece;
  mf_->var_events.push_back(at);
  if (log_) log_->var_values.push_back(value_[piece]);
}

void VarTracker::bind(u32 piece, const Value* v, VarEvent at) {
  unbind(piece);
  bound_.push_back(piece);
  value_[piece] = v->id;
  next_[piece] = first_[v->id];
  first_[v->id] = piece;
  write(piece, at);
}

void VarTracker::moved(const Value* v, VarEvent at) {
  for (u32 p = first_[v->id]; p != None; p = next_[p]) write(p, at);
}

// ---- ranges -------------------------------------------------------------------------------------

namespace {
class Ranges {
 public:
  Ranges(const Func& f, const MachineFunc& mf, const Encoded& code, const Target& target,
         object::FuncInfo& info)
      : f_(f),
        mf_(mf),
        code_(code),
        target_(target),
        info_(info),
        now_(mf.var_pieces.size(), NotSeen),
        since_(mf.var_pieces.size()) {
    depth_ = static_cast<i32>(whole_frame(mf, target.frame) + target.frame.return_address);
  }

  void run() {
    for (const ssa::DebugVarInfo& v : f_.debug_vars)
      info_.vars.push_back({v.name, v.type, v.decl, v.is_param, {}, v.size, v.inl});
    u32 end = static_cast<u32>(code_.bytes.size());
    for (size_t i = 0; i < f_.debug_vars.size();
         i++)  // the incoming area begins at the canonical frame address
      if (i32 at = f_.debug_vars[i].stack_arg; at >= 0)
        info_.vars[i].locs.push_back({0, end, object::VarLoc::Frame, at, 0, 0});
    for (const LocalInfo& l : mf_.locals)
      if (u32 n = l.alloca->debug_var; n > 0 && n <= info_.vars.size())
        info_.vars[n - 1].locs.push_back({0, end, object::VarLoc::Frame, l.offset - depth_, 0, 0});
    if (!mf_.var_events.empty()) {
      arguments();
      walk();
    }
    std::erase_if(info_.vars, [](const object::DebugVar& v) { return v.name.empty() || v.name == "_"; });
  }

 private:
  // Up to where the first block begins, arguments are in the registers they came in, also those nobody reads.
  void arguments() {
    const Block* entry = f_.blocks[0];
    u32 piece_at = 0;
    for (const Value* v = entry->first; v && (v->op == Op::Dbg || is_remat(v)); v = v->next) {
      if (v->op != Op::Dbg || v->debug_var >= f_.debug_vars.size()) continue;
      const Value* a = v->args[0];
      u32 piece = piece_at++;  // the entry's pieces are numbered first, in this order
      if (a->op != Op::Param || a->block != entry || piece >= mf_.var_pieces.size()) continue;
      const VarPiece& p = mf_.var_pieces[piece];
      if (p.var != v->debug_var || p.offset != static_cast<u16>(v->imm)) continue;
      u32 index = 0;
      for (const ssa::ArgLoc& l : f_.sig->args) {
        if (!l.in_reg) continue;
        if (entry->params[index++] != a) continue;
        Reg r = ssa::is_float(l.ty) ? target_.float_args[l.reg] : target_.int_args[l.reg];
        u32 end = std::max(first_event(piece), 1u);  // at the first instruction nothing has been overwritten
        if (end > 0)
          info_.vars[p.var].locs.push_back(
              {0, end, object::VarLoc::Reg, target_.debug_register(r), p.offset, shown_size(p)});
      }
    }
  }
  u32 first_event(u32 piece) const {
    for (const VarEvent& e : mf_.var_events)
      if (e.kind != VarEvent::Restart && e.piece == piece)
        return e.first < code_.inst_offset.size() ? code_.inst_offset[e.first] : 0;
    return 0;
  }
  // Size of a piece, 0 when it is all of its variable.
  u16 shown_size(const VarPiece& p) const {
    u32 all = f_.debug_vars[p.var].size;
    return p.offset == 0 && (all == 0 || p.size >= all) ? 0 : p.size;
  }

  // Machine blocks in the order of their instructions; those aside (edge moves, failed checks) hold no
  // variables.
  void walk() {
    std::vector<u32> blocks;
    for (u32 b : mf_.order)
      if (!mf_.blocks[b].aside) blocks.push_back(b);
    std::stable_sort(blocks.begin(), blocks.end(),
                     [&](u32 a, u32 b) { return mf_.blocks[a].begin < mf_.blocks[b].begin; });
    size_t next = 0;
    for (u32 b : blocks) {
      const MBlock& m = mf_.blocks[b];
      while (next < mf_.var_events.size() && mf_.var_events[next].first < m.begin)
        apply(mf_.var_events[next++], 0, false);
      u32 start = code_.block_offset[b], end = code_.block_end[b];
      for (u32 p : seen_) since_[p] = start;
      while (next < mf_.var_events.size() && mf_.var_events[next].first < m.end) {
        const VarEvent& e = mf_.var_events[next++];
        apply(e, code_.inst_offset[e.first], true);
      }
      for (u32 p : seen_) close(p, end);
    }
  }

  static constexpr VarEvent NotSeen{0, 0, VarEvent::Restart, 0};
  void apply(const VarEvent& e, u32 at, bool inside) {
    if (e.kind == VarEvent::Restart) {
      for (u32 p : seen_) {
        if (inside) close(p, at);
        now_[p] = NotSeen;
      }
      seen_.clear();
      return;
    }
    if (now_[e.piece].kind == VarEvent::Restart) seen_.push_back(e.piece);  // not there since the last one
    else if (inside) close(e.piece, at);
    now_[e.piece] = e;
    since_[e.piece] = at;
  }

  void close(u32 piece, u32 end) {
    const VarEvent& e = now_[piece];
    u32 from = since_[piece];
    since_[piece] = end;
    if (e.kind == VarEvent::Gone || e.kind == VarEvent::Restart || from >= end) return;
    const VarPiece& p = mf_.var_pieces[piece];
    object::VarLoc l{from, end, object::VarLoc::Reg, 0, p.offset, shown_size(p)};
    switch (e.kind) {
      case VarEvent::Register: l.value = target_.debug_register(static_cast<Reg>(e.value)); break;
      case VarEvent::Slot:
        l.kind = object::VarLoc::Frame;
        l.value = mf_.slots[static_cast<size_t>(e.value)].offset - depth_;
        break;
      default: l.kind = object::VarLoc::Const; l.value = e.value;
    }
    auto& locs = info_.vars[p.var].locs;
    if (!locs.empty()) {
      object::VarLoc& last = locs.back();
      if (last.to == l.from && last.kind == l.kind && last.value == l.value &&
          last.piece_offset == l.piece_offset) {
        last.to = l.to;
        return;
      }
    }
    locs.push_back(l);
  }

  const Func& f_;
  const MachineFunc& mf_;
  const Encoded& code_;
  const Target& target_;
  object::FuncInfo& info_;
  std::vector<VarEvent> now_;  // by piece; Restart: nothing has been said since the last restart
  std::vector<u32> seen_;      // pieces of which something has been said
  std::vector<u32> since_;
  i32 depth_;  // of SP below the canonical frame address
};
}  // namespace

void describe_vars(const Func& f, const MachineFunc& mf, const Encoded& code, const Target& target,
                   object::FuncInfo& info) {
  if (!f.debug_vars.empty()) Ranges(f, mf, code, target, info).run();
}
}  // namespace vole::codegen
