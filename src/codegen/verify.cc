// The allocation's check (rules in verify.h).
//
// State: a sorted list of facts "this place holds that". Places are registers and words of the frame; what
// they hold is an SSA value, something the current instruction computed, one of the current call's results,
// zero, or g. Copies carry all facts of their source on; everything else leaves "computed". A claim that an
// instruction put its result into a register turns "computed" into the value. Along an edge the arguments
// become the parameters. Where paths meet, what all of them agree on stays. Values not live into a block are
// forgotten at its head, which keeps states small and separates a loop's iterations.
#include "codegen/verify.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace vole::codegen {
using ssa::Op;

namespace {
constexpr u32 Computed = 0x80000000u, Zero = 0xe0000000u, G = 0xe0000001u, ResultBase = 0xc0000000u;
constexpr bool transient(u32 label) { return label >= Computed && label < Zero; }
using State = std::vector<u64>;  // place << 32 | label, ascending
using Place = u32;               // registers, then frame words
constexpr Place FirstWord = target::RegCount;

// Live values, by plain backward data flow over bit sets of the values that cross blocks.
class Liveness {
 public:
  Liveness(const Func& f, const Analysis& an) : an_(an) {
    number(f);
    size_t words = (count_ + 63) / 64;
    in_.assign(f.next_block, std::vector<u64>(words, 0));
    out_ = in_;
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = an.order.size(); i-- > 0;) changed |= step(an.order[i], words);
    }
  }
  bool live_in(const Block* b, u32 id) const { return test(in_[b->id], id); }
  // Calls fn(value id) for what is live at b's end: live into a successor, or an edge argument.
  bool live_out(const Block* b, u32 id) const { return test(out_[b->id], id); }
  const std::vector<const Value*>& crossing() const { return crossing_; }

  // Operands that stand in a register or slot, or are made again, through what is folded.
  template <class F>
  static void leaves(const Analysis& an, const Value* v, F fn) {
    for (const Value* a : v->operands()) {
      if (an.is(a, Folded)) {
        leaves(an, a, fn);
      } else {
        fn(a);
      }
    }
  }
  static bool has_code(const Analysis& an, const Value* v) {
    return v->op != Op::Dbg && v->op != Op::Extract && !(an.facts[v->id] & (Dead | Folded | Remat));
  }

 private:
  bool test(const std::vector<u64>& set, u32 id) const {
    u32 i = index_[id];
    return i != ~0u && (set[i / 64] >> (i % 64) & 1);
  }
  void number(const Func& f) {
    index_.assign(f.next_value, ~0u);
    auto cross = [&](const Value* v) {
      if (an_.is(v, Remat) || index_[v->id] != ~0u) return;
      index_[v->id] = count_++;
      crossing_.push_back(v);
    };
    for (const Block* b : an_.order) {
      for (const Value* v = b->first; v; v = v->next) {
        if (!has_code(an_, v)) continue;
        leaves(an_, v, [&](const Value* a) {
          if (a->block != b) cross(a);
        });
      }
      for (const ssa::Edge& e : b->succs) {
        for (const Value* a : e.args) cross(a);
      }
    }
  }
  bool step(const Block* b, size_t words) {
    std::vector<u64>& out = out_[b->id];
    auto set = [&](std::vector<u64>& s, u32 i) { s[i / 64] |= u64{1} << (i % 64); };
    for (const ssa::Edge& e : b->succs) {
      for (size_t w = 0; w < words; w++) out[w] |= in_[e.to->id][w];
      for (const Value* a : e.args) {
        if (index_[a->id] != ~0u) set(out, index_[a->id]);
      }
    }
    std::vector<u64> live = out;
    for (const Value* v = b->last; v; v = v->prev) {
      if (u32 i = index_[v->id]; i != ~0u) live[i / 64] &= ~(u64{1} << (i % 64));
      if (!has_code(an_, v)) continue;
      leaves(an_, v, [&](const Value* a) {
        if (index_[a->id] != ~0u) set(live, index_[a->id]);
      });
    }
    for (const Value* p : b->params) {
      if (u32 i = index_[p->id]; i != ~0u) live[i / 64] &= ~(u64{1} << (i % 64));
    }
    if (live == in_[b->id]) return false;
    in_[b->id] = std::move(live);
    return true;
  }
  const Analysis& an_;
  std::vector<u32> index_;
  std::vector<const Value*> crossing_;
  u32 count_ = 0;
  std::vector<std::vector<u64>> in_, out_;
};

struct Verifier {
  const Func& f;
  const MachineFunc& mf;
  const AllocLog& log;
  const Target& target;
  const Analysis& an;
  Liveness live;
  std::vector<std::string> faults;
  bool report = false;

  std::vector<Place> place_of_slot;
  std::vector<const Value*> owner;                                  // by instruction
  std::vector<std::vector<AllocLog::Claim>> claims_of;              // by machine block
  std::vector<const Block*> head_of;                                // by machine block: the block it begins
  std::vector<u32> edge_of;                                         // by machine block: the edge it is on
  absl::flat_hash_map<const Value*, std::vector<u32>> live_behind;  // by call: pointers needed later
  std::vector<std::vector<u32>> vars_before,
      vars_in;                // by machine block: events in force at its head, and those inside it
  std::vector<u32> vars_now;  // events in force
  std::vector<State> in;
  std::vector<u8> reached, queued;
  std::deque<u32> work;
  State s;
  const Value* region = nullptr;
  u32 block = 0, inst_index = 0;

  Verifier(const Func& func, const MachineFunc& machine, const AllocLog& l, const Target& t)
      : f(func), mf(machine), log(l), target(t), an(*l.analysis), live(func, *l.analysis) {
    place_slots();
    find_owners();
    find_blocks();
    pointers_behind_calls();
    follow_vars();
  }

  template <class... A>
  void fault(fmt::format_string<A...> fm, A&&... a) {
    if (!report || faults.size() >= 20) return;
    std::string at = region ? fmt::format("v{} ({})", region->id, ssa::op_info(region->op).text) : "moves";
    faults.push_back(
        fmt::format("{}: machine block {}, instruction {}, {}: ", f.name.text(), block, inst_index, at) +
        fmt::format(fm, std::forward<A>(a)...));
  }

  // ---- preparation ------------------------------------------------------------------------------
  void place_slots() {
    absl::flat_hash_map<i32, Place> words;
    for (const SlotInfo& slot : mf.slots)
      place_of_slot.push_back(
          words.try_emplace(slot.offset, FirstWord + static_cast<u32>(words.size())).first->second);
  }
  void find_owners() {
    owner.assign(mf.insts.size(), nullptr);
    for (size_t i = 0; i < log.regions.size(); i++) {
      u32 end = i + 1 < log.regions.size() ? log.regions[i + 1].first : static_cast<u32>(mf.insts.size());
      for (u32 k = log.regions[i].first; k < end; k++) owner[k] = log.regions[i].v;
    }
  }
  void find_blocks() {
    size_t n = log.exits.size();
    claims_of.resize(n);
    for (const AllocLog::Claim& c : log.claims) claims_of[c.block].push_back(c);
    head_of.assign(n, nullptr);
    for (const Block* b : an.order) head_of[log.entry_of[b->id]] = b;
    edge_of.assign(n, ~0u);
    for (u32 e = 0; e < log.edges.size(); e++) {
      if (!head_of[log.edges[e].via]) edge_of[log.edges[e].via] = e;
    }
    in.resize(n);
    reached.assign(n, 0);
    queued.assign(n, 0);
  }
  void pointers_behind_calls() {
    std::vector<u8> needed(f.next_value, 0);
    for (const Block* b : an.order) {
      std::vector<u32> now;  // all ever set in this block; `needed` says which are now
      auto need = [&](const Value* v) {
        if (v->ty != Ty::Ptr || an.is(v, Remat) || needed[v->id]) return;
        needed[v->id] = 1;
        now.push_back(v->id);
      };
      for (const Value* v : live.crossing()) {
        if (live.live_out(b, v->id)) need(v);
      }
      for (const Value* v = b->last; v; v = v->prev) {
        needed[v->id] = 0;
        if (!Liveness::has_code(an, v)) continue;
        if (ssa::is_call(v) && !v->has(ssa::NoReturn)) {
          std::vector<u32>& list = live_behind[v];
          for (u32 id : now) {
            if (needed[id]) list.push_back(id);
          }
          std::sort(list.begin(), list.end());
          list.erase(std::unique(list.begin(), list.end()), list.end());
        }
        Liveness::leaves(an, v, need);
      }
      for (u32 id : now) needed[id] = 0;
    }
  }

  // Events in the order of instructions, as ranges are made of them: blocks aside hold no variables.
  void follow_vars() {
    vars_before.resize(log.exits.size());
    vars_in.resize(log.exits.size());
    std::vector<u32> blocks;
    for (u32 b : mf.order) {
      if (!mf.blocks[b].aside) blocks.push_back(b);
    }
    std::sort(blocks.begin(), blocks.end(), [&](u32 a, u32 b) {
      return std::pair(mf.blocks[a].begin, mf.blocks[a].end) <
             std::pair(mf.blocks[b].begin, mf.blocks[b].end);
    });
    u32 next = 0;
    vars_now.clear();
    for (u32 b : blocks) {
      const MBlock& m = mf.blocks[b];
      for (; next < log.var_values.size() && mf.var_events[next].first < m.begin; next++) var_event(next);
      vars_before[b] = vars_now;
      for (; next < log.var_values.size() && mf.var_events[next].first < m.end; next++) {
        vars_in[b].push_back(next);
        var_event(next);
      }
    }
  }
  void var_event(u32 i) {
    const VarEvent& e = mf.var_events[i];
    std::erase_if(vars_now,
                  [&](u32 x) { return e.kind == VarEvent::Restart || mf.var_events[x].piece == e.piece; });
    if (e.kind == VarEvent::Register || e.kind == VarEvent::Slot) vars_now.push_back(i);
  }
  void check_vars() {
    for (u32 i : vars_now) {
      const VarEvent& e = mf.var_events[i];
      Place p = e.kind == VarEvent::Register ? static_cast<Place>(e.value)
                                             : place_of_slot[static_cast<u32>(e.value)];
      if (!holds(p, log.var_values[i]))
        fault("variable {} should be in {} as v{}, which holds{}", mf.var_pieces[e.piece].var, name(p),
              log.var_values[i], show(p));
    }
  }

  // ---- facts ------------------------------------------------------------------------------------
  static u64 key(Place p, u32 label) { return u64{p} << 32 | label; }
  auto range(Place p) {
    return std::pair(std::lower_bound(s.begin(), s.end(), key(p, 0)),
                     std::lower_bound(s.begin(), s.end(), key(p + 1, 0)));
  }
  bool holds(Place p, u32 label) { return std::binary_search(s.begin(), s.end(), key(p, label)); }
  void forget(Place p) {
    auto [a, b] = range(p);
    s.erase(a, b);
  }
  void put(Place p, u32 label) {
    auto it = std::lower_bound(s.begin(), s.end(), key(p, label));
    if (it == s.end() || *it != key(p, label)) s.insert(it, key(p, label));
  }
  void set(Place p, u32 label) {
    forget(p);
    put(p, label);
  }
  std::vector<u32> labels(Place p) {
    std::vector<u32> r;
    auto [a, b] = range(p);
    for (auto it = a; it != b; ++it) r.push_back(static_cast<u32>(*it));
    return r;
  }
  void drop_transient() {
    std::erase_if(s, [](u64 k) { return transient(static_cast<u32>(k)); });
  }
  std::string show(Place p) {
    std::string r;
    for (u32 l : labels(p))
      r += l == Computed     ? " a result"
           : l == Zero       ? " zero"
           : l == G          ? " g"
           : l >= ResultBase ? fmt::format(" result {}", l - ResultBase)
                             : fmt::format(" v{}", l);
    return r.empty() ? " nothing known" : r;
  }
  static std::string name(Place p) {
    return p < FirstWord ? fmt::format("register {}", p) : fmt::format("frame word {}", p - FirstWord);
  }

  // ---- instructions -----------------------------------------------------------------------------
  bool operand_of_region(u32 label) {
    if (transient(label)) return true;
    bool found = false;
    if (region) Liveness::leaves(an, region, [&](const Value* a) { found |= a->id == label; });
    return found;
  }
  void check_read(Place p) {
    if (p == target.stack_pointer) return;
    for (u32 l : labels(p)) {
      if (operand_of_region(l) || (l == Zero && p == target.zero) || (l == G && p == target.g)) return;
    }
    fault("reads {}, which holds{}", name(p), show(p));
  }
  void copy(Place to, Place from, u32 size) {
    std::vector<u32> ls = labels(from);
    forget(to);
    for (u32 l : ls) {
      if (l < Computed && an.by_id[l] && ssa::size_of(an.by_id[l]->ty) > size) l = Computed;
      put(to, l);
    }
  }
  void swap(Place a, Place b) {
    std::vector<u32> x = labels(a), y = labels(b);
    forget(a), forget(b);
    for (u32 l : x) put(b, l);
    for (u32 l : y) put(a, l);
  }
  void step(const MInst& i) {
    if (target.is_return(i) || target.is_tail_call(i)) return leave(i);
    Effects e = target.effects(i);
    if (e.copy == Effects::Swap)
      return swap(static_cast<u32>(std::countr_zero(e.reads)), static_cast<u32>(std::bit_width(e.reads) - 1));
    if (e.copy == Effects::Move) {
      for (RegSet r = e.read_slot >= 0 || e.write_slot >= 0 ? 0 : e.reads & ~e.writes; r; r &= r - 1)
        return copy(static_cast<u32>(std::countr_zero(e.writes)), static_cast<u32>(std::countr_zero(r)),
                    e.size);
      if (e.read_slot >= 0)
        return copy(static_cast<u32>(std::countr_zero(e.writes)),
                    place_of_slot[static_cast<u32>(e.read_slot)], e.size);
      if (e.write_slot >= 0)
        return copy(place_of_slot[static_cast<u32>(e.write_slot)],
                    static_cast<u32>(std::countr_zero(e.reads)), e.size);
      return;
    }
    for (RegSet r = e.reads; r; r &= r - 1) check_read(static_cast<u32>(std::countr_zero(r)));
    if (e.read_slot >= 0) check_read(place_of_slot[static_cast<u32>(e.read_slot)]);
    for (RegSet r = e.writes; r; r &= r - 1) set(static_cast<u32>(std::countr_zero(r)), Computed);
    if (e.write_slot >= 0) set(place_of_slot[static_cast<u32>(e.write_slot)], Computed);
    if (e.zeroes) put(static_cast<u32>(std::countr_zero(e.writes)), Zero);
    if (e.loads_g) put(static_cast<u32>(std::countr_zero(e.writes)), G);
    if (i.form == Form::Call || i.form == Form::CallR || i.form == Form::CallM)
      call(mf.calls[static_cast<size_t>(i.imm)]);
  }
  void fixed_registers() {
    if (!holds(target.zero, Zero)) fault("the zero register holds{}", show(target.zero));
    if (!holds(target.g, G)) fault("g's register holds{}", show(target.g));
  }
  void in_convention(std::span<const ssa::ArgLoc> locs, std::span<Value* const> values) {
    size_t n = 0;
    for (const ssa::ArgLoc& a : locs) {
      if (!a.in_reg) continue;
      Place p = ssa::is_float(a.ty) ? target.float_args[a.reg] : target.int_args[a.reg];
      const Value* v = values[n++];
      if (!holds(p, v->id)) fault("{} should hold v{}, and holds{}", name(p), v->id, show(p));
    }
  }
  void leave(const MInst& i) {
    if (!region) return fault("leaves the function");
    fixed_registers();
    in_convention(target.is_return(i) ? f.sig->results : region->sig->args, region->operands());
  }
  void call(const CallSite& site) {
    if (site.kind == CallSite::NoMap) {
      for (RegSet r = target.clobbered_by_leaf(); r; r &= r - 1)
        set(static_cast<u32>(std::countr_zero(r)), Computed);
      return;
    }
    fixed_registers();
    if (site.kind == CallSite::Panic) {
      for (u32 k = 0; k < 2 && region && region->op == Op::Bounds; k++) {
        if (!holds(target.int_args[k], region->args[k]->id))
          fault("{} should hold v{}, and holds{}", name(target.int_args[k]), region->args[k]->id,
                show(target.int_args[k]));
      }
      return;
    }
    if (!region || !ssa::is_call(region)) return fault("a call that is none");
    u32 first = region->op == Op::Call ? 0 : 1;
    in_convention(region->sig->args, region->operands().subspan(first));
    if (region->op == Op::CallClosure && !holds(target.context, region->args[0]->id))
      fault("the context register holds{}, not v{}", show(target.context), region->args[0]->id);
    if (!region->has(ssa::NoReturn)) check_map(site);
    bool fixed = !region->sig->abi0;
    for (Place p = 0; p < FirstWord; p++) {
      if (p != target.stack_pointer && !(fixed && (p == target.zero || p == target.g))) forget(p);
    }
    u32 n = 0;
    for (const ssa::ArgLoc& a : region->sig->results) {
      if (a.in_reg)
        set(ssa::is_float(a.ty) ? target.float_args[a.reg] : target.int_args[a.reg], ResultBase + n++);
    }
  }
  void check_map(const CallSite& site) {
    const std::vector<u32>& wanted = live_behind[region];
    std::vector<u32> found;
    for (u32 i = site.begin; i < site.end; i++) {
      Place p = place_of_slot[mf.live_slots[i]];
      bool any = false;
      for (u32 l : labels(p)) {
        if (!std::binary_search(wanted.begin(), wanted.end(), l)) continue;
        found.push_back(l);
        any = true;
      }
      if (!any) fault("the stack map names {}, which holds{}", name(p), show(p));
    }
    for (u32 id : wanted) {
      if (std::find(found.begin(), found.end(), id) == found.end())
        fault("the stack map has no word for v{}", id);
    }
  }

  // ---- claims -----------------------------------------------------------------------------------
  bool is_result(Place p, const Value* v) {
    for (u32 l : labels(p)) {
      if (v->op == Op::Extract && ssa::is_call(v->args[0]) ? l == ResultBase + static_cast<u32>(v->imm)
                                                           : operand_of_region(l))
        return true;
    }
    return false;
  }
  void defined(Place p, const Value* v) {
    if (!is_result(p, v)) fault("v{} is said to be in {}, which holds{}", v->id, name(p), show(p));
    std::erase_if(s, [&](u64 k) { return static_cast<u32>(k) == v->id; });
    set(p, v->id);
  }
  void take(const AllocLog::Claim& c) {
    enter_region(c.at);
    Place p = c.slot == AllocLog::NoSlot ? c.reg : place_of_slot[c.slot];
    switch (c.kind) {
      case AllocLog::Claim::Use:
        if (!holds(p, c.v->id))
          fault("operand v{} is said to be in {}, which holds{}", c.v->id, name(p), show(p));
        break;
      case AllocLog::Claim::Made: set(p, c.v->id); break;
      case AllocLog::Claim::Defined: defined(p, c.v); break;
    }
  }
  void enter_region(const Value* v) {
    if (v == region) return;
    region = v;
    drop_transient();
  }

  // ---- blocks -----------------------------------------------------------------------------------
  void run_block(u32 mb) {
    block = mb;
    const MBlock& m = mf.blocks[mb];
    inst_index = m.begin;
    s = in[mb];
    const auto& claims = claims_of[mb];
    region = !claims.empty() && claims[0].inst == m.begin ? claims[0].at
             : m.begin < m.end                            ? owner[m.begin]
                                                          : nullptr;
    if (head_of[mb] || edge_of[mb] != ~0u) drop_transient();
    size_t c = 0, end = claims.size(), var = 0;
    vars_now = vars_before[mb];
    for (u32 k = m.begin; k < m.end; k++) {
      for (; c < end && claims[c].inst <= k; c++) take(claims[c]);
      inst_index = k;
      if (report) {
        for (; var < vars_in[mb].size() && mf.var_events[vars_in[mb][var]].first <= k; var++)
          var_event(vars_in[mb][var]);
        check_vars();
      }
      enter_region(owner[k]);
      step(mf.insts[k]);
    }
    for (; c < end; c++) take(claims[c]);
  }
  void flow(u32 to, State state) {
    if (!reached[to]) {
      reached[to] = 1;
      in[to] = std::move(state);
    } else {
      State both;
      std::set_intersection(in[to].begin(), in[to].end(), state.begin(), state.end(),
                            std::back_inserter(both));
      if (both == in[to]) return;
      in[to] = std::move(both);
    }
    if (!queued[to]) queued[to] = 1, work.push_back(to);
  }
  // The state behind an edge, in the target's names.
  void flow_edge(const AllocLog::Edge& e) {
    const ssa::Edge& edge = e.from->succs[e.succ];
    const Block* to = edge.to;
    State next;
    for (u64 k : s) {
      u32 label = static_cast<u32>(k), place = static_cast<u32>(k >> 32);
      if (label >= Zero || (label < Computed && live.live_in(to, label))) next.push_back(k);
      for (size_t i = 0; i < edge.args.size() && label < Computed; i++) {
        if (edge.args[i]->id == label) next.push_back(key(place, to->params[i]->id));
      }
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    flow(log.entry_of[to->id], std::move(next));
  }
  // Inside one instruction that takes several ways, an operand may be the result of one of them.
  void flow_inside(u32 to) {
    State next = s;
    for (u64 k : s) {
      if (operand_of_region(static_cast<u32>(k))) next.push_back(k >> 32 << 32 | Computed);
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    flow(to, std::move(next));
  }
  void leave_to(u32 to) {
    if (!(to & EdgeRef)) return flow_inside(to);
    const AllocLog::Edge& e = log.edges[to & ~EdgeRef];
    if (log.entry_of[e.from->succs[e.succ].to->id] == e.via) {
      flow_edge(e);
    } else {
      flow(e.via, s);
    }
  }
  void leave_block(u32 mb) {
    const MBlock& m = mf.blocks[mb];
    if (edge_of[mb] != ~0u) return flow_edge(log.edges[edge_of[mb]]);
    if (m.how == MEnd::Jump || m.how == MEnd::Branch) leave_to(log.exits[mb].to);
    if (m.how == MEnd::Branch) leave_to(log.exits[mb].other);
    if (m.how == MEnd::Stop && m.begin < m.end && mf.insts[m.end - 1].form == Form::JmpR) {
      u32 base = log.edge_base[region->block->id];
      for (u32 i = 0; i + 1 < region->block->succs.size(); i++) leave_to(EdgeRef | (base + i));
    }
  }
  void start() {
    s.clear();
    put(target.zero, Zero);
    put(target.g, G);
    State fixed = s;
    const Block* entry = f.blocks[0];
    size_t n = 0;
    for (const ssa::ArgLoc& a : f.sig->args) {
      if (a.in_reg)
        put(ssa::is_float(a.ty) ? target.float_args[a.reg] : target.int_args[a.reg], entry->params[n++]->id);
    }
    if (an.closure_ptr) put(target.context, an.closure_ptr->id);
    flow(log.entry_of[entry->id], s);
    if (f.deferreturn_block) flow(log.entry_of[f.deferreturn_block->id], fixed);
  }
  void run() {
    start();
    while (!work.empty()) {
      u32 mb = work.front();
      work.pop_front();
      queued[mb] = 0;
      run_block(mb);
      leave_block(mb);
    }
    report = true;
    for (u32 mb = 0; mb < in.size(); mb++) {
      if (reached[mb]) run_block(mb);
    }
  }
};
}  // namespace

std::vector<std::string> verify_allocation(const Func& f, const MachineFunc& mf, const AllocLog& log,
                                           const Target& target) {
  Verifier v(f, mf, log, target);
  v.run();
  return std::move(v.faults);
}
}  // namespace vole::codegen
