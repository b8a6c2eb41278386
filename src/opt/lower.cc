// Rows that correctness needs: operations the code generator does not know become ones it does.
//
// Write barriers. A pointer store into the heap must tell the collector of the old and the new pointer while
// it marks. Single stores become WBStore, which the target expands around a test of runtime.writeBarrier.
// Small block moves become word stores first. Large ones keep their shape: a cold block in front calls
// runtime.wbMove or wbZero, which shade what is about to be overwritten and written; then the plain move
// runs.
#include "abi/runtime.h"
#include "opt/pass.h"

namespace vole::opt {
namespace {
// Addresses the collector does not watch: the frame, the argument areas.
bool on_stack(Value* p) {
  Value* r = address_root(p);
  return r->op == Op::Alloca || r->op == Op::InArg || r->op == Op::OutArg || r->op == Op::CallerSP;
}

Value* sym_addr(Func& f, Value* at, Symbol* s) {
  Value* v = f.new_value(Op::SymAddr, Ty::Ptr, {}, at->pos);
  v->sym = s;
  v->flags |= ssa::NonNil;
  f.insert_before(at, v);
  return v;
}
Value* word(Func& f, Value* at, i64 x) {
  Value* v = f.new_value(Op::Const, Ty::I64, {}, at->pos, x);
  f.insert_before(at, v);
  return v;
}
bool is_ptr_word(const Layout& l, i64 offset) {
  u64 w = static_cast<u64>(offset) / 8;
  return w < l.ptr_words && (l.ptr_mask[w / 8] >> (w % 8) & 1);
}
u64 count_ptr_words(const Layout& l) {
  u64 n = 0;
  for (u64 w = 0; w < l.ptr_words; w++) n += l.ptr_mask[w / 8] >> (w % 8) & 1;
  return n;
}

// Words of a block of `size` bytes: calls fn(offset, type), largest pieces first at aligned offsets.
template <class F>
void each_piece(i64 size, const Layout* l, F fn) {
  i64 at = 0;
  while (at < size) {
    i64 left = size - at;
    if (left >= 8) {
      fn(at, l && is_ptr_word(*l, at) ? Ty::Ptr : Ty::I64);
      at += 8;
    } else {
      i64 n = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      fn(at, n == 4 ? Ty::I32 : n == 2 ? Ty::I16 : Ty::I8);
      at += n;
    }
  }
}

void barrier_for_block(Func& f, Module& m, Value* v) {
  bool move = v->op == Op::Move;
  const Layout& l = *v->layout;
  i64 size = v->imm2;
  u64 pointers = count_ptr_words(l);
  if (pointers <= 4 && size <= 64) {
    // As single words: loads first, since source and destination may be the same.
    struct Piece {
      i64 at;
      Value* x;
    };
    std::vector<Piece> pieces;
    each_piece(size, &l, [&](i64 at, Ty ty) {
      Value* x;
      if (move) {
        x = f.new_value(Op::Load, ty, std::span(&v->args[1], 1), v->pos, at);
      } else {
        x = f.new_value(Op::Const, ty, {}, v->pos);
      }
      x->inl = v->inl;
      f.insert_before(v, x);
      pieces.push_back({at, x});
    });
    for (Piece& p : pieces) {
      Value* args[] = {v->args[0], p.x};
      Value* s =
          f.new_value(p.x->ty == Ty::Ptr ? Op::WBStore : Op::Store, Ty::None, args, v->pos, v->imm + p.at);
      s->inl = v->inl;
      f.insert_before(v, s);
    }
    f.remove(v);
    return;
  }
  VOLE_CHECK(l.type != nullptr);
  // if writeBarrier.enabled { wbMove(typ, dst, src) }
  Block* head = v->block;
  Block* rest = split_before(f, v);
  Block* slow = f.new_block();
  slow->likely = -1;
  slow->loop_depth = head->loop_depth;
  auto add = [&](Block* b, Op op, Ty ty, std::initializer_list<Value*> args, i64 imm = 0) {
    Value* x = f.new_value(op, ty, std::span<Value* const>(args.begin(), args.size()), v->pos, imm);
    x->inl = v->inl;
    f.append(b, x);
    return x;
  };
  Value* flag_addr = add(head, Op::SymAddr, Ty::Ptr, {});
  flag_addr->sym = m.object->get(abi::rt_data::writeBarrier);
  Value* flag = add(head, Op::Load, Ty::I32, {flag_addr});
  Value* zero = add(head, Op::Const, Ty::I32, {});
  Value* on = add(head, Op::ICmp, Ty::I8, {flag, zero});
  on->cond = Cond::Ne;
  add(head, Op::Br, Ty::None, {on}, -1);
  f.add_edge(head, slow);
  f.add_edge(head, rest);
  Value* type = add(slow, Op::SymAddr, Ty::Ptr, {});
  type->sym = l.type;
  Value* jump = add(slow, Op::Jump, Ty::None, {});
  f.add_edge(slow, rest);
  Value* dst = v->args[0];
  if (v->imm) {
    Value* off = word(f, jump, v->imm);
    Value* args[] = {dst, off};
    dst = f.new_value(Op::PtrAdd, Ty::Ptr, args, v->pos);
    f.insert_before(jump, dst);
  }
  const Ty types[] = {Ty::Ptr, Ty::Ptr, Ty::Ptr};
  if (move) {
    Value* args[] = {type, dst, v->args[1]};
    call_before(f, m, jump, abi::rt_name(abi::Rt::wbMove), types, args, {});
  } else {
    Value* args[] = {type, dst};
    call_before(f, m, jump, abi::rt_name(abi::Rt::wbZero), std::span(types, 2), args, {});
  }
  v->flags |= ssa::NoBarrier;
}
}  // namespace

bool lower_barriers(Func& f, Context& c) {
  if (!c.options.write_barriers) return false;
  bool changed = false;
  std::vector<Value*> blocks;
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (v->has(ssa::NoBarrier)) continue;
      if (v->op == Op::Store) {
        if (v->args[1]->ty == Ty::Ptr && !on_stack(v->args[0])) {
          v->op = Op::WBStore;
          changed = true;
        }
      } else if (v->op == Op::Move || v->op == Op::Zero) {
        if (v->layout && v->layout->has_pointers() && v->imm2 > 0 && !on_stack(v->args[0]))
          blocks.push_back(v);
      }
    }
  }
  for (Value* v : blocks) barrier_for_block(f, c.module, v);
  return changed || !blocks.empty();
}

bool lower_new(Func& f, Context& c) {
  bool changed = false;
  const Ty ptr[] = {Ty::Ptr};
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v; v = v->next) {
      if (v->op != Op::New) continue;
      VOLE_CHECK(v->layout && v->layout->type);
      Value* type = sym_addr(f, v, v->layout->type);
      Value* call =
          call_before(f, c.module, v, abi::rt_name(abi::Rt::newobject), ptr, std::span(&type, 1), ptr);
      v->op = Op::Extract;
      v->imm = 0;
      v->layout = nullptr;
      v->flags = ssa::NonNil;
      f.set_args(v, std::span(&call, 1));
      changed = true;
    }
  }
  return changed;
}

bool lower_blocks(Func& f, Context& c) {
  constexpr i64 InlineMove = 192, InlineZero = 256;
  bool changed = false;
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v;) {
      Value* next = v->next;
      bool move = v->op == Op::Move;
      // The outgoing area may already hold arguments of the call being set up: no other call in between.
      if ((move || v->op == Op::Zero) && v->imm2 > (move ? InlineMove : InlineZero) &&
          address_root(v->args[0])->op != Op::OutArg &&
          !(move && address_root(v->args[1])->op == Op::OutArg)) {
        Value* dst = v->args[0];
        if (v->imm) {
          Value* args[] = {dst, word(f, v, v->imm)};
          dst = f.new_value(Op::PtrAdd, Ty::Ptr, args, v->pos);
          f.insert_before(v, dst);
        }
        Value* n = word(f, v, v->imm2);
        if (move) {
          const Ty types[] = {Ty::Ptr, Ty::Ptr, Ty::I64};
          Value* args[] = {dst, v->args[1], n};
          call_before(f, c.module, v, abi::rt_name(abi::Rt::memmove), types, args, {});
        } else {
          const Ty types[] = {Ty::Ptr, Ty::I64};
          Value* args[] = {dst, n};
          call_before(f, c.module, v, abi::rt_name(abi::Rt::memclrNoHeapPointers), types, args, {});
        }
        f.remove(v);
        changed = true;
      }
      v = next;
    }
  }
  return changed;
}
}  // namespace vole::opt
