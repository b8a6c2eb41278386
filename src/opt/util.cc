// What several passes do to a function: rewriting uses, making helper calls, splitting blocks.
#include "opt/pass.h"

namespace vole::opt {
void Replacements::apply() {
  if (!any_) return;
  for (Block* b : f_.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      for (u32 i = 0; i < v->nargs; i++) v->args[i] = resolve(v->args[i]);
    }
    for (ssa::Edge& e : b->succs) {
      for (Value*& a : e.args) a = resolve(a);
    }
  }
}

Sig* simple_sig(Func& f, std::span<const Ty> args, std::span<const Ty> results) {
  Sig* s = f.arena.make<Sig>();
  auto make = [&](std::span<const Ty> types, bool spill) {
    auto locs = f.arena.make_span<ssa::ArgLoc>(types.size());
    u8 ints = 0, floats = 0;
    for (size_t i = 0; i < types.size(); i++) {
      bool fl = ssa::is_float(types[i]);
      locs[i] = {types[i], true, fl ? floats++ : ints++, spill ? static_cast<u32>(8 * i) : 0};
    }
    return locs;
  };
  s->args = make(args, true);
  s->results = make(results, false);
  s->spill_size = static_cast<u32>(8 * args.size());
  return s;
}

Value* call_before(Func& f, Module& m, Value* at, std::string_view symbol, std::span<const Ty> arg_types,
                   std::span<Value* const> args, std::span<const Ty> results) {
  Value* c = f.new_value(Op::Call, Ty::None, args, at->pos);
  c->sym = m.object->get(symbol);
  c->sig = simple_sig(f, arg_types, results);
  c->inl = at->inl;
  f.insert_before(at, c);
  return c;
}

Block* split_before(Func& f, Value* at) {
  Block* b = at->block;
  Block* rest = f.new_block();
  rest->likely = b->likely;
  rest->loop_depth = b->loop_depth;
  // Layout order: right behind b.
  f.blocks.pop_back();
  for (size_t i = 0; i < f.blocks.size(); i++) {
    if (f.blocks[i] == b) {
      f.blocks.insert(f.blocks.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
      break;
    }
  }
  rest->first = at;
  rest->last = b->last;
  b->last = at->prev;
  (b->last ? b->last->next : b->first) = nullptr;
  at->prev = nullptr;
  for (Value* v = rest->first; v; v = v->next) v->block = rest;
  rest->succs.swap(b->succs);
  for (u32 i = 0; i < rest->succs.size(); i++) {
    for (ssa::Pred& p : rest->succs[i].to->preds) {
      if (p.from == b && p.succ == i) p.from = rest;
    }
  }
  return rest;
}
}  // namespace vole::opt
