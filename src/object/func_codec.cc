#include "object/func_codec.h"

#include "source/pos_codec.h"

namespace vole::object {
namespace {
void write_values(const std::vector<PcValue>& v, Encoder& e) {
  e.u(v.size());
  u32 at = 0;
  i32 last = 0;
  for (const PcValue& x : v) {
    e.u(x.end - at);
    e.s(x.value - last);
    at = x.end;
    last = x.value;
  }
}
void read_values(std::vector<PcValue>& v, Decoder& d) {
  v.resize(d.count(2));
  u32 at = 0;
  i32 last = 0;
  for (PcValue& x : v) {
    at += static_cast<u32>(d.u());
    last += static_cast<i32>(d.s());
    x = {at, last};
  }
}
void write_maps(const std::vector<std::vector<u8>>& maps, Encoder& e) {
  e.u(maps.size());
  for (auto& m : maps) e.bytes(m);
}
void read_maps(std::vector<std::vector<u8>>& maps, Decoder& d) {
  maps.resize(d.count());
  for (auto& m : maps) {
    auto b = d.bytes();
    m.assign(b.begin(), b.end());
  }
}
Name name(Decoder& d) { return Name::intern(d.text()); }
}  // namespace

u32 FuncCodec::base(u32 index) {
  auto [it, fresh] = base_ids_.try_emplace(index, static_cast<u32>(bases_.size()));
  if (fresh) bases_.push_back(index);
  return it->second;
}

// A position as difference to the one before: most stay on the same file and near its line.
void FuncCodec::pos(Pos p, Pos previous, Encoder& e) {
  if (!p.known()) return e.u(0);
  bool same = previous.known() && p.base_index() == previous.base_index();
  e.u(same ? 1 : 2);
  if (!same) e.u(base(p.base_index()));
  e.s(static_cast<i64>(p.line()) - (same ? previous.line() : 0));
  e.u(p.col());
}

Pos FuncCodec::pos(Pos previous, Decoder& d) {
  u64 form = d.u();
  if (form == 0) return {};
  u32 base = previous.base_index();
  i64 line = previous.line();
  if (form == 2) {
    u64 i = d.u();
    if (i >= bases_.size()) return d.fail(), Pos();
    base = bases_[i];
    line = 0;
  }
  line += d.s();
  u32 col = static_cast<u32>(d.u());
  if (line < 0 || base == 0) return d.fail(), Pos();
  return Pos(base, static_cast<u32>(line), col);
}

void FuncCodec::write_bases(Encoder& e) {
  e.u(bases_.size());
  for (u32 i : bases_) source::write_pos_base(i, e);
}

void FuncCodec::read_bases(Decoder& d) {
  size_t n = d.count(4);
  for (size_t i = 0; i < n && !d.failed(); i++) bases_.push_back(source::read_pos_base(d));
}

void FuncCodec::write(const FuncInfo& f, Encoder& e) {
  e.u(f.frame_size);
  e.u(f.args_size);
  e.u(f.start_line);
  pos(f.decl, {}, e);
  e.u(f.func_id);
  e.u(f.flags);
  e.u(f.deferreturn);
  write_values(f.pcsp, e);
  e.u(f.lines.size());
  u32 at = 0;
  Pos last = f.decl;
  for (auto& l : f.lines) {
    e.u(l.end - at);
    pos(l.pos, last, e);
    e.s(l.inl);
    at = l.end;
    if (l.pos.known()) last = l.pos;
  }
  write_values(f.stackmap_index, e);
  write_values(f.unsafe_point, e);
  e.u(f.inlines.size());
  for (auto& n : f.inlines) {
    e.s(n.parent);
    e.text(n.func.text());
    pos(n.call_pos, {}, e);
    e.u(n.start_line);
    e.u(n.parent_pc);
    e.u(n.func_id);
  }
  e.u(f.locals_bits);
  e.u(f.args_bits);
  write_maps(f.locals_maps, e);
  write_maps(f.args_maps, e);
  e.u(f.open_coded_defers ? f.open_coded_defers->id + 1 : 0);
  e.u(f.vars.size());
  for (auto& v : f.vars) {
    e.text(v.name.text());
    e.text(v.type.text());
    pos(v.decl, {}, e);
    e.b(v.is_param);
    e.u(v.locs.size());
    for (auto& l : v.locs) {
      e.u(l.from);
      e.u(l.to - l.from);
      e.u(l.kind);
      e.s(l.value);
      e.u(l.piece_offset);
      e.u(l.piece_size);
    }
  }
  e.u(f.arg_info.size());
  for (u8 b : f.arg_info) e.u(b);
}

void FuncCodec::read(Decoder& d, FuncInfo& f, std::deque<Symbol>& symbols) {
  auto symbol = [&]() -> Symbol* {
    u64 id = d.u();
    if (id == 0) return nullptr;
    if (id > symbols.size()) return d.fail(), nullptr;
    return &symbols[id - 1];
  };
  f.frame_size = static_cast<u32>(d.u());
  f.args_size = static_cast<u32>(d.u());
  f.start_line = static_cast<u32>(d.u());
  f.decl = pos({}, d);
  f.func_id = static_cast<u8>(d.u());
  f.flags = static_cast<u8>(d.u());
  f.deferreturn = static_cast<u32>(d.u());
  read_values(f.pcsp, d);
  f.lines.resize(d.count(3));
  u32 at = 0;
  Pos last = f.decl;
  for (auto& l : f.lines) {
    at += static_cast<u32>(d.u());
    l.end = at;
    l.pos = pos(last, d);
    l.inl = static_cast<i32>(d.s());
    if (l.pos.known()) last = l.pos;
  }
  read_values(f.stackmap_index, d);
  read_values(f.unsafe_point, d);
  f.inlines.resize(d.count(6));
  for (auto& n : f.inlines) {
    n.parent = static_cast<i32>(d.s());
    n.func = name(d);
    n.call_pos = pos({}, d);
    n.start_line = static_cast<u32>(d.u());
    n.parent_pc = static_cast<u32>(d.u());
    n.func_id = static_cast<u8>(d.u());
  }
  f.locals_bits = static_cast<u32>(d.u());
  f.args_bits = static_cast<u32>(d.u());
  read_maps(f.locals_maps, d);
  read_maps(f.args_maps, d);
  f.open_coded_defers = symbol();
  f.vars.resize(d.count(5));
  for (auto& v : f.vars) {
    v.name = name(d);
    v.type = name(d);
    v.decl = pos({}, d);
    v.is_param = d.b();
    v.locs.resize(d.count(6));
    for (auto& l : v.locs) {
      l.from = static_cast<u32>(d.u());
      l.to = l.from + static_cast<u32>(d.u());
      u64 kind = d.u();
      l.kind = kind <= VarLoc::Const ? static_cast<VarLoc::Kind>(kind) : VarLoc::Reg;
      l.value = static_cast<i32>(d.s());
      l.piece_offset = static_cast<u16>(d.u());
      l.piece_size = static_cast<u16>(d.u());
    }
  }
  f.arg_info.resize(d.count());
  for (u8& b : f.arg_info) b = static_cast<u8>(d.u());
}
}  // namespace vole::object
