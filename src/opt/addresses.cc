// A scaled index (i << 1..3) that several addresses share is computed again for each: inside an address it
// costs nothing, in a register it costs one.
#include "opt/pass.h"

namespace vole::opt {
bool split_scaled(Func& f, Context&) {
  std::vector<u8> taken(f.next_value, 0);  // the first address keeps the shift it has
  bool changed = false;
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      Value* s = v->op == Op::PtrAdd ? v->args[1] : nullptr;
      if (!s || s->op != Op::Shl || !s->args[1]->is_const() || static_cast<u64>(s->args[1]->imm) > 3 ||
          s->args[0]->is_const())
        continue;
      if (s->id >= taken.size() || !taken[s->id]++) continue;
      Value* again = f.new_value(Op::Shl, s->ty, s->operands(), s->pos);
      again->inl = s->inl;
      again->flags = s->flags;
      f.insert_before(v, again);
      v->args[1] = again;
      changed = true;
    }
  }
  return changed;
}
}  // namespace vole::opt
