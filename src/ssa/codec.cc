// Grammar (base/codec.h's encoding):
//   func   = name · pos · flags · func_id · pragma · inlines {parent s, name, pos, line, func_id} · markers
//            {kind, name, addend s} · sig
//            · blocks {likely, params {type}} · then for each block: instructions {op+1 …} 0 · edges {block,
//            args}
//   inst   = op+1 · type · flags · sub · inl s · pos · imm s · args {value} · what the op needs (symbol,
//            layout, signature, size)
// Values count in the order of blocks: all parameters first, then instructions.
#include "ssa/codec.h"

#include "source/pos_codec.h"

namespace vole::ssa {
namespace {
bool has_symbol(Op op) { return op == Op::SymAddr || op == Op::Call; }
bool has_layout(Op op) { return op == Op::Alloca || op == Op::New || op == Op::Move || op == Op::Zero; }
u32 flags_of(const Func& f) {
  return f.no_split | f.no_inline << 1 | f.wrapper << 2 | f.is_closure << 3 | f.needs_ctxt << 4 |
         f.reflect_method << 5 | f.dupok << 6;
}
void set_flags(Func& f, u64 x) {
  f.no_split = x & 1, f.no_inline = x >> 1 & 1, f.wrapper = x >> 2 & 1, f.is_closure = x >> 3 & 1,
  f.needs_ctxt = x >> 4 & 1, f.reflect_method = x >> 5 & 1;
  f.dupok = x >> 6 & 1;
}
}  // namespace

u32 FuncWriter::name(Name n) {
  auto [it, fresh] = name_ids_.try_emplace(n, static_cast<u32>(names_.size()));
  if (fresh) names_.push_back(n);
  return it->second;
}
void FuncWriter::pos(Pos p, Encoder& e) {
  if (!p.known()) return e.u(0);
  auto [it, fresh] = base_ids_.try_emplace(p.base_index(), static_cast<u32>(bases_.size()));
  if (fresh) bases_.push_back(p.base_index());
  e.u(it->second + 1);
  e.u(p.line());
  e.u(p.col());
}
void FuncWriter::sig(const Sig& s, Encoder& e) {
  for (auto list : {s.args, s.results}) {
    e.u(list.size());
    for (const ArgLoc& a : list) {
      e.u(static_cast<u64>(a.ty) << 1 | a.in_reg);
      e.u(a.reg);
      e.u(a.stack_offset);
    }
  }
  e.u(s.stack_args);
  e.u(s.spill_offset);
  e.u(s.spill_size);
  e.b(s.abi0);
  e.u(s.stack_ptr_offsets.size());
  for (u32 o : s.stack_ptr_offsets) e.u(o);
  e.u(s.stack_results_offset);
}
void FuncWriter::layout(const Layout& l, Encoder& e) {
  e.s(l.size);
  e.u(l.align);
  e.bytes(l.ptr_mask);
  e.u(l.ptr_words);
  e.u(l.type ? name(l.type->name) + 1 : 0);
}

void FuncWriter::write(const Func& f, Encoder& e) {
  e.u(name(f.name));
  pos(f.pos, e);
  e.u(flags_of(f));
  e.u(f.func_id);
  e.u(f.pragma);
  e.u(f.inlines.size());
  for (const object::InlineNode& n : f.inlines) {
    e.s(n.parent);
    e.u(name(n.func));
    pos(n.call_pos, e);
    e.u(n.start_line);
    e.u(n.func_id);
  }
  e.u(f.markers.size());
  for (const object::Reloc& r : f.markers) {
    e.u(static_cast<u64>(r.kind));
    e.u(name(r.target->name));
    e.s(r.addend);
  }
  sig(*f.sig, e);
  std::vector<u32> ids(f.next_value, 0), blocks(f.next_block, 0);
  u32 next = 0, next_block = 0;
  e.u(f.blocks.size());
  for (Block* b : f.blocks) {
    blocks[b->id] = next_block++;
    e.s(b->likely);
    e.u(b->params.size());
    for (Value* p : b->params) {
      ids[p->id] = next++;
      e.u(static_cast<u64>(p->ty));
    }
  }
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (v->op != Op::Dbg) ids[v->id] = next++;
    }
  }
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (v->op == Op::Dbg) continue;
      e.u(static_cast<u64>(v->op) + 1);
      e.u(static_cast<u64>(v->ty));
      e.u(v->flags);
      e.u(v->sub);
      e.s(v->inl);
      pos(v->pos, e);
      e.s(v->imm);
      e.u(v->nargs);
      for (Value* a : v->operands()) e.u(ids[a->id]);
      if (has_symbol(v->op)) e.u(name(v->sym->name));
      if (has_layout(v->op)) {
        e.b(v->layout != nullptr);
        if (v->layout) layout(*v->layout, e);
      }
      if (v->op == Op::Move || v->op == Op::Zero) e.s(v->imm2);
      if (is_call(v)) sig(*v->sig, e);
    }
    e.u(0);
    e.u(b->succs.size());
    for (const Edge& s : b->succs) {
      e.u(blocks[s.to->id]);
      e.u(s.args.size());
      for (Value* a : s.args) e.u(ids[a->id]);
    }
  }
}

void FuncWriter::write_tables(Encoder& e) const {
  e.u(names_.size());
  for (Name n : names_) e.text(n.text());
  e.u(bases_.size());
  for (u32 i : bases_) source::write_pos_base(i, e);
}

bool FuncReader::read_tables(Decoder& d) {
  for (size_t n = d.count(); n > 0; n--) names_.push_back(Name::intern(d.text()));
  for (size_t n = d.count(4); n > 0 && !d.failed(); n--) bases_.push_back(source::read_pos_base(d));
  return !d.failed();
}

std::unique_ptr<Func> FuncReader::read(Decoder d, object::Object& object) const {
  auto out = std::make_unique<Func>();
  Func& f = *out;
  auto name_at = [&] {
    u64 id = d.u();
    if (id >= names_.size()) d.fail();
    return name(id);
  };
  auto symbol = [&](Name n) -> Symbol* { return d.failed() ? nullptr : object.get(n); };
  auto pos = [&]() -> Pos {
    u64 base = d.u();
    if (base == 0) return {};
    u32 line = static_cast<u32>(d.u()), col = static_cast<u32>(d.u());
    if (base > bases_.size()) return d.fail(), Pos();
    return Pos(bases_[base - 1], line, col);
  };
  auto type = [&](u64 x) -> Ty {
    if (x > static_cast<u64>(Ty::Ptr)) d.fail(), x = 0;
    return static_cast<Ty>(x);
  };
  // Signatures and layouts outlive the function: copies of its calls refer to them.
  auto sig = [&]() -> Sig* {
    Sig s;
    std::vector<ArgLoc> lists[2];
    for (auto& list : lists) {
      for (size_t n = d.count(3); n > 0 && !d.failed(); n--) {
        u64 x = d.u();
        u8 reg = static_cast<u8>(d.u());
        list.push_back({type(x >> 1), (x & 1) != 0, reg, static_cast<u32>(d.u())});
      }
    }
    s.stack_args = static_cast<u32>(d.u());
    s.spill_offset = static_cast<u32>(d.u());
    s.spill_size = static_cast<u32>(d.u());
    s.abi0 = d.b();
    std::vector<u32> offsets(d.count());
    for (u32& o : offsets) o = static_cast<u32>(d.u());
    s.stack_results_offset = static_cast<u32>(d.u());
    s.args = object.arena.copy(lists[0]);
    s.results = object.arena.copy(lists[1]);
    s.stack_ptr_offsets = object.arena.copy(offsets);
    return object.arena.make<Sig>(s);
  };
  auto layout = [&]() -> Layout* {
    Layout l;
    l.size = d.s();
    l.align = static_cast<u32>(d.u());
    l.ptr_mask = object.arena.copy(d.bytes());
    l.ptr_words = d.u();
    if (u64 t = d.u()) l.type = symbol(t <= names_.size() ? name(t - 1) : (d.fail(), Name()));
    return object.arena.make<Layout>(l);
  };

  f.name = name_at();
  f.sym = symbol(f.name);
  f.pos = f.end_pos = pos();
  set_flags(f, d.u());
  f.func_id = static_cast<u8>(d.u());
  f.pragma = static_cast<u32>(d.u());
  for (size_t n = d.count(5); n > 0 && !d.failed(); n--) {
    object::InlineNode node;
    node.parent = static_cast<i32>(d.s());
    node.func = name_at();
    node.call_pos = pos();
    node.start_line = static_cast<u32>(d.u());
    node.func_id = static_cast<u8>(d.u());
    f.inlines.push_back(node);
  }
  for (size_t n = d.count(3); n > 0 && !d.failed(); n--) {
    object::Reloc r;
    r.kind = static_cast<object::RelocKind>(d.u());
    r.target = symbol(name_at());
    r.addend = d.s();
    f.markers.push_back(r);
  }
  f.sig = sig();
  std::vector<Value*> values;
  size_t blocks = d.count(2);
  for (size_t i = 0; i < blocks && !d.failed(); i++) {
    Block* b = f.new_block();
    b->likely = static_cast<i8>(d.s());
    for (size_t n = d.count(); n > 0; n--) values.push_back(f.add_param(b, type(d.u())));
  }
  struct Use {
    Value* v;
    std::vector<u32> args;
  };
  struct EdgeUse {
    Block* from;
    u32 to;
    std::vector<u32> args;
  };
  std::vector<Use> uses;
  std::vector<EdgeUse> edges;
  auto ids = [&] {
    std::vector<u32> list(d.count());
    for (u32& x : list) x = static_cast<u32>(d.u());
    return list;
  };
  for (Block* b : f.blocks) {
    while (u64 op = d.u()) {
      if (op > static_cast<u64>(Op::Unreachable) + 1) d.fail();
      if (d.failed()) return nullptr;
      Value* v = f.new_value(static_cast<Op>(op - 1), type(d.u()));
      v->flags = static_cast<u8>(d.u());
      v->sub = static_cast<u8>(d.u());
      v->inl = static_cast<i32>(d.s());
      v->pos = pos();
      v->imm = d.s();
      uses.push_back({v, ids()});
      if (has_symbol(v->op)) v->sym = symbol(name_at());
      if (has_layout(v->op) && d.b()) v->layout = layout();
      if (v->op == Op::Move || v->op == Op::Zero) v->imm2 = d.s();
      if (is_call(v)) v->sig = sig();
      f.append(b, v);
      values.push_back(v);
    }
    for (size_t n = d.count(2); n > 0 && !d.failed(); n--) {
      u32 to = static_cast<u32>(d.u());
      edges.push_back({b, to, ids()});
    }
  }
  std::vector<Value*> args;
  auto resolve = [&](const std::vector<u32>& list) {
    args.clear();
    for (u32 x : list) {
      if (x >= values.size()) return false;
      args.push_back(values[x]);
    }
    return true;
  };
  for (Use& u : uses) {
    if (!resolve(u.args)) return nullptr;
    f.set_args(u.v, args);
  }
  for (EdgeUse& e : edges) {
    if (e.to >= f.blocks.size() || !resolve(e.args)) return nullptr;
    f.add_edge(e.from, f.blocks[e.to], args);
  }
  return d.failed() ? nullptr : std::move(out);
}
}  // namespace vole::ssa
