// The plumbing of the SSA form: op facts, and the few operations through which blocks, edges and values are
// changed so that lists and predecessor indices stay consistent.
#include "ssa/ssa.h"

#include <cstring>

namespace vole::ssa {
namespace {
constexpr u16 parse_flags(const char* s) {
  u16 f = 0;
  for (; *s; s++) {
    switch (*s) {
      case 'P': f |= OpPure; break;
      case 'R': f |= OpReads; break;
      case 'W': f |= OpWrites; break;
      case 'T': f |= OpTraps; break;
      case 'C': f |= OpCommutes; break;
      case 'S': f |= OpEffect; break;
      case 'X': f |= OpMulti; break;
      case 'J': f |= OpTerm; break;
      case 'A': f |= OpCall; break;
    }
  }
  return f;
}
constexpr OpInfo Infos[] = {
#define VOLE_OP(name, text, nargs, flags) {text, nargs, parse_flags(#flags)},
#include "ssa/ops.def"
#undef VOLE_OP
};
}  // namespace

const OpInfo& op_info(Op op) { return Infos[static_cast<int>(op)]; }

const char* ty_text(Ty t) {
  constexpr const char* Texts[] = {"void", "i8", "i16", "i32", "i64", "f32", "f64", "ptr"};
  return Texts[static_cast<int>(t)];
}

Block* Func::new_block() {
  Block* b = arena.make<Block>();
  b->id = next_block++;
  b->func = this;
  blocks.push_back(b);
  return b;
}

Value* Func::new_value(Op op, Ty ty, std::span<Value* const> args, Pos pos, i64 imm) {
  Value* v = new (arena.allocate(sizeof(Value), alignof(Value))) Value();
  v->op = op;
  v->ty = ty;
  v->id = next_value++;
  v->imm = imm;
  v->pos = pos;
  if (!args.empty()) set_args(v, args);
  return v;
}

Value* Func::add_param(Block* b, Ty ty) {
  Value* v = new_value(Op::Param, ty);
  v->block = b;
  v->imm = static_cast<i64>(b->params.size());
  b->params.push_back(v);
  return v;
}

void Func::append(Block* b, Value* v) {
  v->block = b;
  v->next = nullptr;
  v->prev = b->last;
  (b->last ? b->last->next : b->first) = v;
  b->last = v;
}

void Func::insert_before(Value* at, Value* v) {
  Block* b = at->block;
  v->block = b;
  v->next = at;
  v->prev = at->prev;
  (at->prev ? at->prev->next : b->first) = v;
  at->prev = v;
}

void Func::insert_after(Value* at, Value* v) {
  if (at->next) {
    insert_before(at->next, v);
  } else {
    append(at->block, v);
  }
}

void Func::remove(Value* v) {
  Block* b = v->block;
  VOLE_DCHECK(b != nullptr && v->op != Op::Param);
  (v->prev ? v->prev->next : b->first) = v->next;
  (v->next ? v->next->prev : b->last) = v->prev;
  v->prev = v->next = nullptr;
  v->block = nullptr;
}

void Func::set_args(Value* v, std::span<Value* const> args) {
  VOLE_CHECK(args.size() < 65536);
  if (args.size() > v->cap) {
    v->args = static_cast<Value**>(arena.allocate(args.size() * sizeof(Value*), alignof(Value*)));
    v->cap = static_cast<u16>(args.size());
  }
  if (!args.empty()) std::memmove(v->args, args.data(), args.size() * sizeof(Value*));
  v->nargs = static_cast<u16>(args.size());
}

void Func::add_edge(Block* from, Block* to, std::span<Value* const> args) {
  to->preds.push_back({from, static_cast<u32>(from->succs.size())});
  Edge e;
  e.to = to;
  e.args.assign(args.begin(), args.end());
  from->succs.push_back(std::move(e));
}

namespace {
void drop_pred(Block* to, Block* from, u32 succ) {
  for (size_t i = 0; i < to->preds.size(); i++) {
    if (to->preds[i].from == from && to->preds[i].succ == succ) {
      to->preds.erase(to->preds.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  }
  VOLE_UNREACHABLE("edge without predecessor entry");
}
}  // namespace

void Func::remove_edge(Block* from, u32 succ) {
  drop_pred(from->succs[succ].to, from, succ);
  // Edges behind it move down by one. Ascending order keeps (from, index) pairs unique while they change.
  for (u32 i = succ + 1; i < from->succs.size(); i++) {
    for (Pred& p : from->succs[i].to->preds) {
      if (p.from == from && p.succ == i) {
        p.succ = i - 1;
        break;
      }
    }
  }
  from->succs.erase(from->succs.begin() + succ);
}

void Func::redirect_edge(Block* from, u32 succ, Block* to, std::span<Value* const> args) {
  Edge& e = from->succs[succ];
  drop_pred(e.to, from, succ);
  e.to = to;
  std::vector<Value*> copy(args.begin(), args.end());
  e.args.swap(copy);
  to->preds.push_back({from, succ});
}

void Func::remove_block(Block* b) {
  while (!b->succs.empty()) remove_edge(b, static_cast<u32>(b->succs.size() - 1));
  for (size_t i = 0; i < blocks.size(); i++) {
    if (blocks[i] == b) {
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  }
  if (deferreturn_block == b) deferreturn_block = nullptr;
}
}  // namespace vole::ssa
