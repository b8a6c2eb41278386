// Blocks, slots and small values: the mechanics of SSA construction.
#include "irgen/builder.h"

namespace vole::irgen {
Builder::Builder(Unit& unit, Instance* inst) : u(unit), inst(inst) {}
Builder::~Builder() = default;

void Builder::start(Symbol* s, const AbiSig* sig, Pos p) {
  f = std::make_unique<ssa::Func>();
  f->name = s->name;
  f->sym = s;
  f->sig = const_cast<ssa::Sig*>(&sig->sig);
  f->pos = p;
  f->end_pos = p;
  f->dupok = f->is_generic_instance = dupok_;
  f->arg_info = arg_info(*sig);
  abi_ = sig;
  pos = p;
  cur = new_block();
  state(cur).sealed = true;
  for (const ssa::ArgLoc& a : f->sig->args) f->add_param(cur, a.ty);
}

Builder::BlockState& Builder::state(Block* b) {
  if (b->id >= blocks_.size()) blocks_.resize(b->id + 8);
  return blocks_[b->id];
}

Block* Builder::new_block(bool cold) {
  Block* b = f->new_block();
  if (cold) b->likely = -1;
  return b;
}

void Builder::jump(Block* to) {
  if (!cur) return;
  Value* v = f->new_value(Op::Jump, Ty::None, {}, pos);
  f->append(cur, v);
  f->add_edge(cur, to);
  cur = nullptr;
}

void Builder::branch(Value* cnd, Block* t, Block* e, int likely) {
  if (!cur) return;
  if (cnd->op == Op::Const) return jump(cnd->imm & 1 ? t : e);
  if (t == e) return jump(t);
  Value* args[] = {cnd};
  Value* v = f->new_value(Op::Br, Ty::None, args, pos, likely);
  f->append(cur, v);
  f->add_edge(cur, t);
  f->add_edge(cur, e);
  cur = nullptr;
}

void Builder::unreachable() {
  if (!cur) return;
  f->append(cur, f->new_value(Op::Unreachable, Ty::None, {}, pos));
  cur = nullptr;
}

u32 Builder::new_slot(Ty t) {
  slot_ty_.push_back(t);
  return static_cast<u32>(slot_ty_.size() - 1);
}

u32 Builder::new_slots(const TypeInfo* t) {
  u32 first = static_cast<u32>(slot_ty_.size());
  for (int i = 0; i < t->n; i++) slot_ty_.push_back(t->leaf[i].ty);
  return first;
}

Value* Builder::emit_span(Op op, Ty t, std::span<Value* const> args, i64 imm) {
  if (!cur) {
    // Code after a panic in the middle of an expression: goes to a block nobody reaches.
    cur = new_block();
    state(cur).sealed = true;
  }
  Value* v = f->new_value(op, t, args, pos, imm);
  f->append(cur, v);
  return v;
}

Value* Builder::emit(Op op, Ty t, std::initializer_list<Value*> args, i64 imm) {
  return emit_span(op, t, std::span<Value* const>(args.begin(), args.size()), imm);
}

Value* Builder::entry_value(Op op, Ty t, i64 imm) {
  Block* entry = f->blocks[0];
  Value* v = f->new_value(op, t, {}, f->pos, imm);
  if (entry_last_) f->insert_after(entry_last_, v);
  else if (entry->first) f->insert_before(entry->first, v);
  else f->append(entry, v);
  entry_last_ = v;
  return v;
}

void Builder::marker(RelocKind k, Symbol* s, i64 addend) {
  for (const Reloc& r : f->markers)
    if (r.kind == k && r.target == s && r.addend == addend) return;
  f->markers.push_back({0, k, s, addend});
}

// ---- slots
// -------------------------------------------------------------------------------------------------

Value* Builder::resolve_value(Value* v) {
  while (v->id < forward_.size() && forward_[v->id]) {
    Value*& to = forward_[v->id];
    if (to->id < forward_.size() && forward_[to->id])
      to = forward_[to->id];  // halves the path for the next one
    v = to;
  }
  return v;
}

void Builder::write(u32 slot, Value* v) {
  if (!cur) return;
  def(slot, cur, v);
  if (loop_depth_ == 0) return;
  if (slot >= slot_writes_.size()) slot_writes_.resize(slot_ty_.size());
  slot_writes_[slot].push_back(writes_++);
}

// Enters the header of a loop whose body is only entered through it; close_loop ends the loop after its last
// jump back.
void Builder::open_loop(Block* header) {
  jump(header);
  cur = header;
  BlockState& st = state(header);
  st.loop_entry = header->preds.empty() ? nullptr : header->preds[0].from;
  st.first_write = writes_;
  loop_depth_++;
}

void Builder::close_loop(Block* header) {
  loop_depth_--;
  state(header).end_write = writes_;
  seal(header);
}

bool Builder::written(u32 slot, u32 first, u32 end) const {
  if (slot >= slot_writes_.size()) return false;
  auto& list = slot_writes_[slot];
  auto it = std::lower_bound(list.begin(), list.end(), first);
  return it != list.end() && *it < end;
}

Value* Builder::read(u32 slot) {
  if (!cur) return undefined(slot_ty_[slot]);
  return read_in(slot, cur);
}

Value* Builder::undefined(Ty t) {
  Value*& v = undef_[static_cast<int>(t)];
  if (!v) v = entry_value(Op::Const, t, 0);
  return v;
}

Value* Builder::read_in(u32 slot, Block* b) {
  // Follow chains of single predecessors without recursion.
  Block* at = b;
  Value* v = nullptr;
  for (;;) {
    auto it = defs_.find(static_cast<u64>(at->id) << 32 | slot);
    if (it != defs_.end()) {
      v = resolve_value(it->second);
      break;
    }
    BlockState& st = state(at);
    if (!st.sealed) {
      v = f->add_param(at, slot_ty_[slot]);
      state(at).incomplete.push_back({slot, v});
      def(slot, at, v);
      break;
    }
    if (at->preds.empty()) {
      v = undefined(slot_ty_[slot]);
      break;
    }
    if (at->preds.size() == 1) {
      at = at->preds[0].from;
      continue;
    }
    // Past loops that leave the slot alone: a parameter for each loop on the way would turn out trivial, in
    // nests of loops many of them.
    if (st.loop_entry && !written(slot, st.first_write, st.end_write)) {
      at = st.loop_entry;
      continue;
    }
    v = f->add_param(at, slot_ty_[slot]);
    def(slot, at, v);
    v = add_operands(slot, at, v);
    def(slot, at, v);
    break;
  }
  if (at != b) def(slot, b, v);
  return v;
}

// Gives parameter `param` of `b` its operand on every edge; forwards it when they all agree.
Value* Builder::add_operands(u32 slot, Block* b, Value* param) {
  Value* only = nullptr;
  bool trivial = true;
  for (size_t i = 0; i < b->preds.size(); i++) {
    ssa::Pred p = b->preds[i];
    Value* v = read_in(slot, p.from);
    p = b->preds[i];
    p.from->succs[p.succ].args.push_back(v);
    if (v == param) continue;
    if (only && only != v) trivial = false;
    only = v;
  }
  if (!trivial) return param;
  if (!only) only = undefined(slot_ty_[slot]);
  if (param->id >= forward_.size()) forward_.resize(param->id + 64);
  forward_[param->id] = only;
  any_forward_ = true;
  return only;
}

void Builder::seal(Block* b) {
  BlockState& st = state(b);
  if (st.sealed) return;
  st.sealed = true;
  auto incomplete = std::move(st.incomplete);
  for (auto& [slot, param] : incomplete) add_operands(slot, b, param);
}

// ---- finishing
// -------------------------------------------------------------------------------------------------

void Builder::finish() {
  if (cur) unreachable();
  for (size_t i = 0; i < f->blocks.size(); i++) seal(f->blocks[i]);

  // Blocks without a way in (after returns, labels nobody jumps to) go, with their edges.
  std::vector<u8> seen(f->next_block);
  std::vector<Block*> work{f->blocks[0]};
  seen[f->blocks[0]->id] = 1;
  while (!work.empty()) {
    Block* b = work.back();
    work.pop_back();
    for (ssa::Edge& e : b->succs)
      if (!seen[e.to->id]) seen[e.to->id] = 1, work.push_back(e.to);
  }
  if (f->deferreturn_block) seen[f->deferreturn_block->id] = 1;
  bool dead = false;
  for (Block* b : f->blocks) dead |= !seen[b->id];
  if (dead) {
    std::vector<Block*> gone;
    for (Block* b : f->blocks)
      if (!seen[b->id]) gone.push_back(b);
    for (Block* b : gone)
      while (!b->succs.empty()) f->remove_edge(b, static_cast<u32>(b->succs.size() - 1));
    std::erase_if(f->blocks, [&](Block* b) { return !seen[b->id]; });
  }
  for (Block* b : f->blocks)
    if (!b->last || !ssa::is_terminator(b->last))
      f->append(b, f->new_value(Op::Unreachable, Ty::None, {}, pos));

  forward_.resize(f->next_value);
  simplify_params();
  if (any_forward_) drop_forwarded();
}

// Removing edges and forwarding others may have made more parameters trivial: those that get one value, or
// themselves, on all edges. When one is found, only parameters that it was passed to can become trivial by
// that.
void Builder::simplify_params() {
  struct Use {
    Value* param;
    u32 next;  // index in `uses`; 0 ends the list
  };
  std::vector<Use> uses(1);
  std::vector<u32> first_use(f->next_value), last_use(f->next_value);
  std::vector<Value*> work;
  for (Block* b : f->blocks) {
    if (b == f->blocks[0]) continue;
    for (Value* p : b->params) {
      if (forward_[p->id]) continue;
      work.push_back(p);
      for (const ssa::Pred& e : b->preds) {
        Value* a = resolve_value(e.from->succs[e.succ].args[static_cast<size_t>(p->imm)]);
        if (a->op != Op::Param || a == p) continue;
        u32 use = static_cast<u32>(uses.size());
        uses.push_back({p, first_use[a->id]});
        first_use[a->id] = use;
        if (!last_use[a->id]) last_use[a->id] = use;
      }
    }
  }
  auto only_value = [&](Value* p) {
    Value* only = nullptr;
    for (const ssa::Pred& e : p->block->preds) {
      Value* a = resolve_value(e.from->succs[e.succ].args[static_cast<size_t>(p->imm)]);
      if (a == p || a == only) continue;
      if (only) return static_cast<Value*>(nullptr);
      only = a;
    }
    return only;
  };
  std::vector<u8> waits(f->next_value, 1);
  for (size_t next = 0; next < work.size(); next++) {
    Value* p = work[next];
    waits[p->id] = 0;
    if (forward_[p->id]) continue;
    Value* only = only_value(p);
    if (!only) continue;
    forward_[p->id] = only;
    any_forward_ = true;
    for (u32 use = first_use[p->id]; use; use = uses[use].next)
      if (Value* user = uses[use].param; !waits[user->id]) waits[user->id] = 1, work.push_back(user);
    if (!first_use[p->id]) continue;
    // From now on these get `only`.
    uses[last_use[p->id]].next = first_use[only->id];
    if (!last_use[only->id]) last_use[only->id] = last_use[p->id];
    first_use[only->id] = first_use[p->id];
  }
}

// Takes parameters that stand for other values out, and puts those in their place.
void Builder::drop_forwarded() {
  for (Block* b : f->blocks) {
    if (b != f->blocks[0] && !b->params.empty()) {
      size_t k = 0;
      for (size_t i = 0; i < b->params.size(); i++) {
        if (forward_[b->params[i]->id]) continue;
        if (k != i) {
          b->params[k] = b->params[i];
          b->params[k]->imm = static_cast<i64>(k);
          for (const ssa::Pred& e : b->preds) e.from->succs[e.succ].args[k] = e.from->succs[e.succ].args[i];
        }
        k++;
      }
      b->params.resize(k);
      for (const ssa::Pred& e : b->preds) e.from->succs[e.succ].args.resize(k);
    }
  }
  for (Block* b : f->blocks) {
    for (Value* v = b->first; v; v = v->next)
      for (u32 i = 0; i < v->nargs; i++) v->args[i] = resolve_value(v->args[i]);
    for (ssa::Edge& e : b->succs)
      for (Value*& a : e.args) a = resolve_value(a);
  }
}

// ---- small values
// -------------------------------------------------------------------------------------------------

Value* Builder::sym_addr(Symbol* s, i64 off) {
  Value* v = emit(Op::SymAddr, Ty::Ptr, {}, off);
  v->sym = s;
  v->flags |= ssa::NonNil;
  return v;
}

Value* Builder::icmp(Cond cnd, Value* a, Value* b) {
  VOLE_DCHECK(a->ty == b->ty);
  if (a->op == Op::Const && b->op == Op::Const && (cnd == Cond::Eq || cnd == Cond::Ne))
    return c(Ty::I8, (a->imm == b->imm) == (cnd == Cond::Eq));
  Value* v = emit(Op::ICmp, Ty::I8, {a, b});
  v->cond = cnd;
  return v;
}

Value* Builder::fcmp(Cond cnd, Value* a, Value* b) {
  Value* v = emit(Op::FCmp, Ty::I8, {a, b});
  v->cond = cnd;
  return v;
}

Value* Builder::add(Value* a, Value* b) {
  if (a->op == Op::Const && b->op == Op::Const && a->ty == Ty::I64)
    return c64(static_cast<i64>(static_cast<u64>(a->imm) + static_cast<u64>(b->imm)));
  if (b->is_const(0)) return a;
  if (a->is_const(0)) return b;
  return emit(Op::Add, a->ty, {a, b});
}

Value* Builder::sub(Value* a, Value* b) {
  if (a->op == Op::Const && b->op == Op::Const && a->ty == Ty::I64)
    return c64(static_cast<i64>(static_cast<u64>(a->imm) - static_cast<u64>(b->imm)));
  if (b->is_const(0)) return a;
  return emit(Op::Sub, a->ty, {a, b});
}

Value* Builder::mul(Value* a, i64 k) {
  if (k == 1) return a;
  if (a->op == Op::Const) return c64(static_cast<i64>(static_cast<u64>(a->imm) * static_cast<u64>(k)));
  if (k > 0 && (k & (k - 1)) == 0) {
    Value* v = emit(Op::Shl, a->ty, {a, c64(__builtin_ctzll(static_cast<u64>(k)))});
    v->flags |= ssa::Bounded;
    return v;
  }
  return emit(Op::Mul, a->ty, {a, c(a->ty, k)});
}

Value* Builder::widen(Value* v, bool is_signed, Ty to) {
  if (v->ty == to) return v;
  if (ssa::size_of(v->ty) > ssa::size_of(to)) return emit(Op::Trunc, to, {v});
  if (v->op == Op::Const) {
    u32 bits = ssa::size_of(v->ty) * 8;
    u64 x = static_cast<u64>(v->imm);
    if (is_signed) return c(to, static_cast<i64>(x << (64 - bits)) >> (64 - bits));
    return c(to, static_cast<i64>(x & (~u64{0} >> (64 - bits))));
  }
  return emit(is_signed ? Op::SExt : Op::ZExt, to, {v});
}

Val Builder::val(const TypeInfo* t, std::initializer_list<Value*> words) {
  Val v;
  v.t = t;
  VOLE_DCHECK(t->ssa_able && t->n == words.size());
  for (Value* w : words) v.w[v.n++] = w;
  return v;
}

Val Builder::mem_val(const TypeInfo* t, Addr a) {
  Val v;
  v.t = t;
  v.mem = true;
  v.w[0] = a.base;
  v.off = a.off;
  return v;
}

Val Builder::zero(const TypeInfo* t) {
  Val v;
  v.t = t;
  if (t->ssa_able) {
    for (int i = 0; i < t->n; i++) v.w[v.n++] = c(t->leaf[i].ty, 0);
    return v;
  }
  if (t->size <= abi::ZeroValSize) return mem_val(t, {sym_addr(u.zero_value(t->size)), 0});
  Addr a = alloca_for(t);
  zero_mem(a, t);
  return mem_val(t, a);
}

// The part of v that starts at scalar `first_leaf` and byte `off`.
Val Builder::sub_val(const Val& v, const TypeInfo* t, int first_leaf, i64 off) {
  if (v.mem) return load(t, v.addr().at(off));
  Val r;
  r.t = t;
  for (int i = 0; i < t->n; i++) r.w[r.n++] = v.w[first_leaf + i];
  return r;
}

Val Builder::string_const(std::string_view s, const TypeInfo* t) {
  if (s.empty()) return zero(t);
  return val(t, {sym_addr(u.string_data(s)), c64(static_cast<i64>(s.size()))});
}
}  // namespace vole::irgen
