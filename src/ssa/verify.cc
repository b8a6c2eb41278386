// What holds for a well-formed function. Passes may assume all of it and must leave it so.
//
// Structure   every block has exactly one terminator, its last instruction; links of the instruction list
//             agree; a value stands in one block;
//             the number of successors fits the terminator; the entry has no predecessors; block and value
//                 ids are below next_block/next_value and unique.
// Edges       each edge has as many arguments as the target has parameters, of their types; predecessor lists
//             name exactly the edges that exist.
// Dominance   a use comes after its definition in the same block or in a block the definition dominates; edge
//             arguments are used at the end of
//             the source block. Blocks the entry does not reach are exempt. The deferreturn block, which the
//                 runtime may enter, uses nothing
//             defined elsewhere but Allocas and what is made again at each use.
// Types       operand counts (ops.def) and types per operation; results of Ret and arguments of calls follow
//             the signature.
// Signature   every register argument of the function has a place of its own in the spill area; ABI0 has none
//             in registers.
// Placement   Alloca and ClosurePtr in the entry block; Extract directly behind its operation or another
//             extract of it.
#include <fmt/format.h>

#include "ssa/dom.h"

namespace vole::ssa {
namespace {
struct Verifier {
  const Func& f;
  std::vector<std::string> faults;
  std::vector<u8> value_seen;
  std::vector<u32> order;  // position in its block, by value id

  template <class... A>
  void fault(fmt::format_string<A...> fm, A&&... a) {
    if (faults.size() < 50)
      faults.push_back(std::string(f.name.text()) + ": " + fmt::format(fm, std::forward<A>(a)...));
  }
  static bool int_or_ptr(Ty t) { return is_int(t) || t == Ty::Ptr; }

  void types(const Value* v) {
    auto is = [&](u32 i, Ty t) {
      if (v->args[i]->ty != t)
        fault("v{} {}: operand {} is {}, not {}", v->id, op_info(v->op).text, i, ty_text(v->args[i]->ty),
              ty_text(t));
    };
    auto result = [&](bool ok) {
      if (!ok) fault("v{} {}: result type {}", v->id, op_info(v->op).text, ty_text(v->ty));
    };
    auto same = [&] {
      for (u32 i = 0; i < v->nargs; i++) is(i, v->ty);
    };
    switch (v->op) {
        // clang-format off
      case Op::Add: case Op::Sub: case Op::Mul: case Op::DivS: case Op::DivU: case Op::RemS: case Op::RemU:
      case Op::MulHS: case Op::MulHU: case Op::Neg: case Op::Not: case Op::And: case Op::Or: case Op::Xor:
      case Op::Clz: case Op::Ctz: case Op::PopCnt: case Op::BSwap:
        // clang-format on
        result(is_int(v->ty));
        same();
        break;
        // clang-format off
      case Op::Shl: case Op::ShrS: case Op::ShrU: case Op::RotL:
        // clang-format on
        result(is_int(v->ty));
        is(0, v->ty);
        if (!is_int(v->args[1]->ty)) fault("v{}: shift count is {}", v->id, ty_text(v->args[1]->ty));
        break;
      case Op::ICmp:
        result(v->ty == Ty::I8);
        if (v->args[0]->ty != v->args[1]->ty || !int_or_ptr(v->args[0]->ty))
          fault("v{}: icmp of {} and {}", v->id, ty_text(v->args[0]->ty), ty_text(v->args[1]->ty));
        break;
      case Op::FCmp:
        result(v->ty == Ty::I8);
        if (v->args[0]->ty != v->args[1]->ty || !is_float(v->args[0]->ty))
          fault("v{}: fcmp of {} and {}", v->id, ty_text(v->args[0]->ty), ty_text(v->args[1]->ty));
        break;
      case Op::Select:
        is(0, Ty::I8);
        is(1, v->ty);
        is(2, v->ty);
        break;
      case Op::SExt:
      case Op::ZExt:
        result(is_int(v->ty) && is_int(v->args[0]->ty) && size_of(v->ty) > size_of(v->args[0]->ty));
        break;
      case Op::Trunc:
        result(is_int(v->ty) && is_int(v->args[0]->ty) && size_of(v->ty) < size_of(v->args[0]->ty));
        break;
      case Op::PtrToInt:
        result(v->ty == Ty::I64);
        is(0, Ty::Ptr);
        break;
      case Op::IntToPtr:
        result(v->ty == Ty::Ptr);
        is(0, Ty::I64);
        break;
        // clang-format off
      case Op::FAdd: case Op::FSub: case Op::FMul: case Op::FDiv: case Op::FNeg: case Op::FAbs:
      case Op::FSqrt: case Op::FMA: case Op::FRound: case Op::FMin: case Op::FMax: case Op::FCopySign:
        // clang-format on
        result(is_float(v->ty));
        same();
        break;
      case Op::SToF:
        result(is_float(v->ty) && (v->args[0]->ty == Ty::I32 || v->args[0]->ty == Ty::I64));
        break;
      case Op::UToF: result(is_float(v->ty) && v->args[0]->ty == Ty::I64); break;
      case Op::FToS: result((v->ty == Ty::I32 || v->ty == Ty::I64) && is_float(v->args[0]->ty)); break;
      case Op::FToU: result(v->ty == Ty::I64 && is_float(v->args[0]->ty)); break;
      case Op::FToF: result(is_float(v->ty) && is_float(v->args[0]->ty)); break;
      case Op::BitCast:
        result(size_of(v->ty) == size_of(v->args[0]->ty) && is_float(v->ty) != is_float(v->args[0]->ty));
        break;
      case Op::PtrAdd:
        result(v->ty == Ty::Ptr);
        is(0, Ty::Ptr);
        is(1, Ty::I64);
        break;
      case Op::Load:
        result(v->ty != Ty::None);
        is(0, Ty::Ptr);
        break;
        // clang-format off
      case Op::Store: case Op::Zero: case Op::NilCheck: case Op::AtomicLoad: case Op::AtomicStore:
      case Op::AtomicXchg: case Op::AtomicAdd: case Op::AtomicAnd: case Op::AtomicOr: case Op::AtomicCas:
      case Op::Prefetch:
        // clang-format on
        is(0, Ty::Ptr);
        break;
      case Op::WBStore:
      case Op::Move:
        is(0, Ty::Ptr);
        is(1, Ty::Ptr);
        break;
      case Op::Bounds:
        is(0, Ty::I64);
        is(1, Ty::I64);
        break;
        // clang-format off
      case Op::SymAddr: case Op::Alloca: case Op::InArg: case Op::OutArg: case Op::ClosurePtr: case Op::GetG:
      case Op::New:
        // clang-format on
        result(v->ty == Ty::Ptr);
        break;
      case Op::Br: is(0, Ty::I8); break;
      case Op::Switch: is(0, Ty::I64); break;
      case Op::CallClosure:
      case Op::CallCode:
        if (v->nargs == 0) {
          fault("v{}: call without target", v->id);
        } else {
          is(0, Ty::Ptr);
        }
        break;
      default: break;
    }
    if (is_call(v) || v->op == Op::TailCall) {
      if (!v->sig) {
        fault("v{}: call without signature", v->id);
        return;
      }
      u32 first = v->op == Op::CallClosure || v->op == Op::CallCode ? 1 : 0;
      size_t regs = 0;
      for (const ArgLoc& a : v->sig->args) {
        if (!a.in_reg) continue;
        if (first + regs < v->nargs) is(static_cast<u32>(first + regs), a.ty);
        regs++;
      }
      if (v->nargs != first + regs)
        fault("v{}: call has {} operands, signature asks for {}", v->id, v->nargs, first + regs);
    }
    if (v->op == Op::Ret && f.sig) {
      u32 regs = 0;
      for (const ArgLoc& a : f.sig->results) {
        if (!a.in_reg) continue;
        if (regs < v->nargs) is(regs, a.ty);
        regs++;
      }
      if (v->nargs != regs) fault("v{}: returns {} values, signature has {}", v->id, v->nargs, regs);
    }
    if (v->op == Op::Extract) {
      const Value* c = v->args[0];
      if (!(op_info(c->op).flags & OpMulti)) fault("v{}: extract of {}", v->id, op_info(c->op).text);
      const Value* p = v->prev;
      while (p && p != c && p->op == Op::Extract && p->args[0] == c) p = p->prev;
      if (p != c) fault("v{}: extract does not stand behind v{}", v->id, c->id);
    }
  }

  // Where the runtime looks for arguments when the stack grows at entry.
  void signature() {
    if (!f.sig) return;
    const Sig& sig = *f.sig;
    std::vector<std::pair<u32, u32>> taken;
    for (size_t i = 0; i < sig.args.size(); i++) {
      const ArgLoc& a = sig.args[i];
      if (!a.in_reg) continue;
      if (sig.abi0) fault("argument {} of an ABI0 function is in a register", i);
      u32 end = a.stack_offset + size_of(a.ty);
      if (end > sig.spill_size)
        fault("argument {} has no place in the spill area ({} bytes): offset {}, size {}", i, sig.spill_size,
              a.stack_offset, size_of(a.ty));
      for (auto [from, to] : taken) {
        if (a.stack_offset < to && from < end)
          fault("argument {} shares its place in the spill area with another", i);
      }
      taken.push_back({a.stack_offset, end});
    }
    if (!taken.empty() && sig.spill_offset < sig.stack_args)
      fault("the spill area begins inside the stack arguments");
  }

  void structure() {
    value_seen.assign(f.next_value, 0);
    order.assign(f.next_value, 0);
    std::vector<u8> block_seen(f.next_block, 0);
    auto mark = [&](const Value* v, const Block* b) {
      if (v->id >= f.next_value || value_seen[v->id]++) fault("v{}: id out of range or used twice", v->id);
      if (v->block != b) fault("v{}: stands in b{} but names another block", v->id, b->id);
    };
    if (f.blocks.empty()) {
      fault("no blocks");
      return;
    }
    if (!f.blocks[0]->preds.empty()) fault("the entry has predecessors");
    for (const Block* b : f.blocks) {
      if (b->id >= f.next_block || block_seen[b->id]++) {
        fault("b{}: id out of range or used twice", b->id);
        return;
      }
      for (const Value* p : b->params) {
        mark(p, b);
        if (p->op != Op::Param) fault("v{}: parameter of b{} is {}", p->id, b->id, op_info(p->op).text);
      }
      u32 n = 1;
      const Value* prev = nullptr;
      for (const Value* v = b->first; v; prev = v, v = v->next) {
        mark(v, b);
        if (v->id < f.next_value) order[v->id] = n++;
        if (v->prev != prev) fault("v{}: list links disagree", v->id);
        if (is_terminator(v) != (v == b->last))
          fault("b{}: terminator is not the last instruction (v{})", b->id, v->id);
        const OpInfo& info = op_info(v->op);
        if (info.nargs >= 0 && v->nargs != info.nargs)
          fault("v{}: {} has {} operands", v->id, info.text, v->nargs);
        if (v->op == Op::Param) fault("v{}: param in the instruction list", v->id);
        if ((v->op == Op::Alloca || v->op == Op::ClosurePtr) && b != f.blocks[0])
          fault("v{}: {} outside the entry block", v->id, info.text);
      }
      if (prev != b->last) fault("b{}: list end disagrees", b->id);
      if (!b->last || !is_terminator(b->last)) {
        fault("b{}: no terminator", b->id);
        continue;
      }
      size_t n_succ = b->succs.size();
      switch (b->last->op) {
        case Op::Jump:
          if (n_succ != 1) fault("b{}: jump with {} successors", b->id, n_succ);
          break;
        case Op::Br:
          if (n_succ != 2) fault("b{}: br with {} successors", b->id, n_succ);
          break;
        case Op::Switch:
          if (n_succ < 1) fault("b{}: switch without successors", b->id);
          break;
        default:
          if (n_succ != 0) fault("b{}: {} with successors", b->id, op_info(b->last->op).text);
      }
    }
    size_t edges = 0, preds = 0;
    for (const Block* b : f.blocks) {
      preds += b->preds.size();
      for (size_t i = 0; i < b->succs.size(); i++) {
        const Edge& e = b->succs[i];
        edges++;
        if (e.to->id >= f.next_block || !block_seen[e.to->id]) {
          fault("b{}: edge to a block that is not in the function", b->id);
          continue;
        }
        bool found = false;
        for (const Pred& p : e.to->preds) found |= p.from == b && p.succ == i;
        if (!found) fault("b{} -> b{}: missing in the predecessors", b->id, e.to->id);
        if (e.args.size() != e.to->params.size()) {
          fault("b{} -> b{}: {} arguments for {} parameters", b->id, e.to->id, e.args.size(),
                e.to->params.size());
          continue;
        }
        for (size_t j = 0; j < e.args.size(); j++) {
          if (!e.args[j]) {
            fault("b{} -> b{}: argument {} is null", b->id, e.to->id, j);
          } else if (e.args[j]->ty != e.to->params[j]->ty) {
            fault("b{} -> b{}: argument {} is {}, parameter {}", b->id, e.to->id, j, ty_text(e.args[j]->ty),
                  ty_text(e.to->params[j]->ty));
          }
        }
      }
    }
    if (edges != preds) fault("{} edges but {} predecessor entries", edges, preds);
    if (f.sig) {
      size_t regs = 0;
      for (const ArgLoc& a : f.sig->args) regs += a.in_reg;
      if (regs != f.blocks[0]->params.size())
        fault("the entry has {} parameters, the signature {}", f.blocks[0]->params.size(), regs);
    }
  }

  void dominance() {
    DomTree dom(f);
    auto use = [&](const Value* v, const Block* at, u32 position, const Value* user) {
      if (!v || v->id >= f.next_value || !value_seen[v->id] || !v->block) {
        fault("v{}: uses a value that is not in the function (v{})", user->id, v ? v->id : ~0u);
        return;
      }
      if (!dom.reachable(at)) return;
      bool ok =
          v->block == at ? order[v->id] < position : dom.reachable(v->block) && dom.dominates(v->block, at);
      if (!ok)
        fault("v{} {} in b{}: v{} does not dominate it", user->id, op_info(user->op).text, at->id, v->id);
      if (at == f.deferreturn_block && v->block != at && v->op != Op::Alloca && v->op != Op::InArg &&
          v->op != Op::Const && v->op != Op::SymAddr)
        fault("v{}: the deferreturn block reads v{}", user->id, v->id);
    };
    for (const Block* b : f.blocks) {
      for (const Value* v = b->first; v; v = v->next) {
        for (u32 i = 0; i < v->nargs; i++) use(v->args[i], b, order[v->id], v);
      }
      for (const Edge& e : b->succs) {
        for (const Value* a : e.args) use(a, b, ~0u, b->last);
      }
    }
  }
};
}  // namespace

std::vector<std::string> verify(const Func& f) {
  Verifier v{f};
  v.signature();
  v.structure();
  if (!v.faults.empty()) return std::move(v.faults);
  v.dominance();
  if (!v.faults.empty()) return std::move(v.faults);
  for (const Block* b : f.blocks) {
    for (const Value* x = b->first; x; x = x->next) v.types(x);
  }
  return std::move(v.faults);
}
}  // namespace vole::ssa
