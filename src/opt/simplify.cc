// Constant folding and algebra on single values, in one walk over reverse postorder so that operands are
// simplified before their users.
#include <cmath>
#include <cstring>

#include "opt/fold.h"
#include "opt/pass.h"

namespace vole::opt {
namespace {
u32 width_of(Ty t) { return ssa::size_of(t) * 8; }
i64 sign_extend(i64 x, Ty t) {
  switch (t) {
    case Ty::I8: return static_cast<i8>(x);
    case Ty::I16: return static_cast<i16>(x);
    case Ty::I32: return static_cast<i32>(x);
    default: return x;
  }
}
u64 zero_extend(i64 x, Ty t) {
  u32 w = width_of(t);
  return w >= 64 ? static_cast<u64>(x) : static_cast<u64>(x) & ((u64{1} << w) - 1);
}
Cond swap_cond(Cond c) {
  switch (c) {
    case Cond::LtS: return Cond::GtS;
    case Cond::LeS: return Cond::GeS;
    case Cond::GtS: return Cond::LtS;
    case Cond::GeS: return Cond::LeS;
    case Cond::LtU: return Cond::GtU;
    case Cond::LeU: return Cond::GeU;
    case Cond::GtU: return Cond::LtU;
    case Cond::GeU: return Cond::LeU;
    default: return c;
  }
}
Cond negate_cond(Cond c) {
  switch (c) {
    case Cond::Eq: return Cond::Ne;
    case Cond::Ne: return Cond::Eq;
    case Cond::LtS: return Cond::GeS;
    case Cond::LeS: return Cond::GtS;
    case Cond::GtS: return Cond::LeS;
    case Cond::GeS: return Cond::LtS;
    case Cond::LtU: return Cond::GeU;
    case Cond::LeU: return Cond::GtU;
    case Cond::GtU: return Cond::LeU;
    case Cond::GeU: return Cond::LtU;
  }
  return c;
}
// Zero or one in the low byte, nothing else.
bool is_bool(const Value* v) {
  return v->op == Op::ICmp || v->op == Op::FCmp || v->op == Op::AtomicCas ||
         (v->is_const() && v->ty == Ty::I8 && (v->imm & ~1) == 0);
}

struct Simplifier {
  Func& f;
  Replacements repl;
  bool changed = false;

  Value* constant(Value* at, Ty ty, i64 x) {
    Value* c = f.new_value(Op::Const, ty, {}, at->pos, ssa::is_int(ty) ? sign_extend(x, ty) : x);
    c->inl = at->inl;
    f.insert_before(at, c);
    return c;
  }
  // v becomes another operation in place.
  void become(Value* v, Op op, std::initializer_list<Value*> args, i64 imm = 0) {
    v->op = op;
    v->imm = imm;
    v->sub = 0;
    f.set_args(v, std::span<Value* const>(args.begin(), args.size()));
    changed = true;
  }
  Value* with_const(Value* v, i64 x) {  // v turns into a constant itself: no new value, no sweep
    v->op = Op::Const;
    v->imm = ssa::is_int(v->ty) ? sign_extend(x, v->ty) : x;
    v->nargs = 0;
    v->flags = 0;
    v->sub = 0;
    changed = true;
    return nullptr;
  }

  // Returns what v is equal to, or null when it stays (perhaps changed in place).
  Value* simplify(Value* v) {
    u32 n = v->nargs;
    Value* a = n > 0 ? v->args[0] : nullptr;
    Value* b = n > 1 ? v->args[1] : nullptr;
    if ((ssa::op_info(v->op).flags & ssa::OpCommutes) && n == 2 && a->is_const() && !b->is_const()) {
      std::swap(v->args[0], v->args[1]);
      std::swap(a, b);
    }
    if (ssa::is_pure(v) && n >= 1 && n <= 3 && v->op != Op::Extract) {
      bool all = true;
      for (u32 i = 0; i < n; i++) all &= v->args[i]->is_const();
      i64 out;
      if (all && fold_constant(v, out)) return with_const(v, out);
    }
    switch (v->op) {
      case Op::Add: {
        if (b->is_const(0)) return a;
        if (a == b) break;
        if (b->is_const() && a->op == Op::Add && a->args[1]->is_const()) {
          Value* c = constant(v, v->ty, a->args[1]->imm + b->imm);
          become(v, Op::Add, {a->args[0], c});
        } else if (b->is_const() && a->op == Op::Sub && a->args[1]->is_const()) {
          Value* c = constant(v, v->ty, b->imm - a->args[1]->imm);
          become(v, Op::Add, {a->args[0], c});
        } else if (b->op == Op::Neg) {
          become(v, Op::Sub, {a, b->args[0]});
        } else if (a->op == Op::Sub && a->args[1] == b) {
          return a->args[0];
        }
        break;
      }
      case Op::Sub:
        if (b->is_const(0)) return a;
        if (a == b) return with_const(v, 0);
        if (b->is_const()) {
          Value* c = constant(v, v->ty, static_cast<i64>(0 - static_cast<u64>(b->imm)));
          become(v, Op::Add, {a, c});
          return simplify(v);
        }
        if (a->is_const(0)) {
          become(v, Op::Neg, {b});
          break;
        }
        if (a->op == Op::Add && a->args[1] == b) return a->args[0];
        if (a->op == Op::Add && a->args[0] == b) return a->args[1];
        if (b->op == Op::Neg) become(v, Op::Add, {a, b->args[0]});
        break;
      case Op::Mul:
        if (b->is_const(0)) return with_const(v, 0);
        if (b->is_const(1)) return a;
        if (b->is_const(-1)) {
          become(v, Op::Neg, {a});
          break;
        }
        if (b->is_const()) {
          u64 k = zero_extend(b->imm, v->ty);
          if (k && !(k & (k - 1))) {
            Value* c = constant(v, Ty::I64, __builtin_ctzll(k));
            become(v, Op::Shl, {a, c});
            v->flags |= ssa::Bounded;
          }
        }
        break;
      case Op::DivU:
        if (b->is_const(1)) return a;
        if (b->is_const()) {
          u64 k = zero_extend(b->imm, v->ty);
          if (k && !(k & (k - 1))) {
            Value* c = constant(v, Ty::I64, __builtin_ctzll(k));
            become(v, Op::ShrU, {a, c});
            v->flags |= ssa::Bounded;
          }
        }
        break;
      case Op::DivS:
        if (b->is_const(1)) return a;
        if (b->is_const(-1)) become(v, Op::Neg, {a});
        break;
      case Op::RemU:
        if (b->is_const(1)) return with_const(v, 0);
        if (b->is_const()) {
          u64 k = zero_extend(b->imm, v->ty);
          if (k && !(k & (k - 1))) {
            Value* c = constant(v, v->ty, static_cast<i64>(k - 1));
            become(v, Op::And, {a, c});
          }
        }
        break;
      case Op::RemS:
        if (b->is_const(1) || b->is_const(-1)) return with_const(v, 0);
        break;
      case Op::And:
        if (b->is_const(0)) return with_const(v, 0);
        if (b->is_const() && sign_extend(b->imm, v->ty) == -1) return a;
        if (a == b) return a;
        if (b->is_const() && a->op == Op::And && a->args[1]->is_const()) {
          Value* c = constant(v, v->ty, a->args[1]->imm & b->imm);
          become(v, Op::And, {a->args[0], c});
        } else if (b->is_const(1) && v->ty == Ty::I8 && is_bool(a)) {
          return a;
        }
        break;
      case Op::Or:
        if (b->is_const(0) || a == b) return a;
        if (b->is_const() && sign_extend(b->imm, v->ty) == -1) return with_const(v, -1);
        break;
      case Op::Xor:
        if (b->is_const(0)) return a;
        if (a == b) return with_const(v, 0);
        if (b->is_const() && sign_extend(b->imm, v->ty) == -1) {
          become(v, Op::Not, {a});
        } else if (b->is_const(1) && a->op == Op::ICmp) {
          Cond c = negate_cond(a->cond);
          become(v, Op::ICmp, {a->args[0], a->args[1]});
          v->cond = c;
        }
        break;
      case Op::Not:
        if (a->op == Op::Not) return a->args[0];
        break;
      case Op::Neg:
        if (a->op == Op::Neg) return a->args[0];
        if (a->op == Op::Sub) become(v, Op::Sub, {a->args[1], a->args[0]});
        break;
      case Op::Shl:
      case Op::ShrU:
      case Op::ShrS: {
        if (a->is_const(0)) return with_const(v, 0);
        if (!b->is_const()) break;
        u64 k = zero_extend(b->imm, b->ty);
        if (k == 0) return a;
        if (k >= width_of(v->ty)) {
          if (v->op != Op::ShrS) return with_const(v, 0);
          Value* c = constant(v, Ty::I64, width_of(v->ty) - 1);
          become(v, Op::ShrS, {a, c});
        }
        v->flags |= ssa::Bounded;
        break;
      }
      case Op::RotL:
        if (b->is_const() && zero_extend(b->imm, b->ty) % width_of(v->ty) == 0) return a;
        break;
      case Op::ICmp: return compare(v, a, b);
      case Op::Select:
        if (a->is_const()) return a->imm & 0xff ? v->args[1] : v->args[2];
        if (v->args[1] == v->args[2]) return b;
        if (v->ty == Ty::I8 && v->args[1]->is_const(1) && v->args[2]->is_const(0) && is_bool(a)) return a;
        break;
      case Op::Trunc:
        if (a->op == Op::Trunc) {
          become(v, Op::Trunc, {a->args[0]});
        } else if ((a->op == Op::ZExt || a->op == Op::SExt)) {
          Value* x = a->args[0];
          if (x->ty == v->ty) return x;
          if (ssa::size_of(x->ty) > ssa::size_of(v->ty)) {
            become(v, Op::Trunc, {x});
          } else {
            become(v, a->op, {x});
          }
        }
        break;
      case Op::ZExt:
      case Op::SExt:
        if (a->op == v->op) {
          become(v, v->op, {a->args[0]});
        } else if (v->op == Op::SExt && a->op == Op::ZExt) {
          become(v, Op::ZExt, {a->args[0]});
        }
        break;
      case Op::PtrToInt:
        if (a->op == Op::IntToPtr) return a->args[0];
        break;
      case Op::PtrAdd:
        if (b->is_const(0)) return a;
        if (b->is_const() && a->op == Op::PtrAdd && a->args[1]->is_const()) {
          Value* c = constant(v, Ty::I64, a->args[1]->imm + b->imm);
          become(v, Op::PtrAdd, {a->args[0], c});
        } else if (b->is_const() && a->op == Op::SymAddr &&
                   a->imm + b->imm == static_cast<i32>(a->imm + b->imm) && a->imm + b->imm >= 0) {
          Symbol* s = a->sym;
          i64 off = a->imm + b->imm;
          become(v, Op::SymAddr, {}, off);
          v->sym = s;
        }
        break;
      case Op::BitCast:
        if (a->op == Op::BitCast && a->args[0]->ty == v->ty) return a->args[0];
        break;
        // clang-format off
      case Op::Load: case Op::Store: case Op::WBStore: case Op::Zero: case Op::Move: case Op::AtomicLoad:
      case Op::AtomicStore:
        // clang-format on
        // A constant step belongs to the access.
        if (a->op == Op::PtrAdd && a->args[1]->is_const() &&
            v->imm + a->args[1]->imm == static_cast<i32>(v->imm + a->args[1]->imm)) {
          v->imm += a->args[1]->imm;
          v->args[0] = a->args[0];
          changed = true;
        }
        break;
      case Op::Br:
        // Conditions that only repeat or invert another.
        for (int steps = 0; steps < 8; steps++) {
          Value* c = v->args[0];
          if (c->op == Op::Xor && c->args[1]->is_const(1) && is_bool(c->args[0])) {
            v->args[0] = c->args[0];
            swap_succs(v);
          } else if (c->op == Op::ICmp && c->cond == Cond::Eq && c->args[0]->ty == Ty::I8 &&
                     c->args[1]->is_const(0) && is_bool(c->args[0])) {
            v->args[0] = c->args[0];
            swap_succs(v);
          } else if (c->op == Op::ICmp && c->cond == Cond::Ne && c->args[0]->ty == Ty::I8 &&
                     c->args[1]->is_const(0)) {
            v->args[0] = c->args[0];
            changed = true;
          } else {
            break;
          }
        }
        break;
      default: break;
    }
    return nullptr;
  }

  void swap_succs(Value* br) {
    Block* b = br->block;
    // Exchange the two edges and the indices that name them.
    for (ssa::Pred& p : b->succs[0].to->preds) {
      if (p.from == b && p.succ == 0) {
        p.succ = 2;
        break;
      }
    }
    for (ssa::Pred& p : b->succs[1].to->preds) {
      if (p.from == b && p.succ == 1) {
        p.succ = 0;
        break;
      }
    }
    for (ssa::Pred& p : b->succs[0].to->preds) {
      if (p.from == b && p.succ == 2) p.succ = 1;
    }
    std::swap(b->succs[0], b->succs[1]);
    br->imm = -br->imm;
    changed = true;
  }

  Value* compare(Value* v, Value* a, Value* b) {
    if (a->is_const() && !b->is_const()) {
      std::swap(v->args[0], v->args[1]);
      std::swap(a, b);
      v->cond = swap_cond(v->cond);
      changed = true;
    }
    if (a == b) {
      switch (v->cond) {
        case Cond::Eq:
        case Cond::LeS:
        case Cond::GeS:
        case Cond::LeU:
        case Cond::GeU: return with_const(v, 1);
        default: return with_const(v, 0);
      }
    }
    if (b->is_const(0)) {
      if (v->cond == Cond::LtU) return with_const(v, 0);
      if (v->cond == Cond::GeU) return with_const(v, 1);
      if (a->ty == Ty::Ptr &&
          (a->has(ssa::NonNil) || a->op == Op::Alloca || a->op == Op::SymAddr || a->op == Op::New)) {
        if (v->cond == Cond::Eq) return with_const(v, 0);
        if (v->cond == Cond::Ne) return with_const(v, 1);
      }
      bool eq = v->cond == Cond::Eq, ne = v->cond == Cond::Ne;
      if ((eq || ne) && a->op == Op::Sub && ssa::is_int(a->ty)) {
        Cond c = v->cond;
        become(v, Op::ICmp, {a->args[0], a->args[1]});
        v->cond = c;
        return nullptr;
      }
      if ((eq || ne) && a->op == Op::ZExt) {
        Value* x = a->args[0];
        Value* zero = constant(v, x->ty, 0);
        Cond c = v->cond;
        become(v, Op::ICmp, {x, zero});
        v->cond = c;
        a = x;
        b = zero;
      }
      // A truth value against false.
      if (a->ty == Ty::I8 && is_bool(a)) {
        if (ne) return a;
        if (eq && a->op == Op::ICmp) {
          Cond c = negate_cond(a->cond);
          become(v, Op::ICmp, {a->args[0], a->args[1]});
          v->cond = c;
        }
      }
    } else if (b->is_const(1) && v->cond == Cond::Eq && a->ty == Ty::I8 && is_bool(a)) {
      return a;
    } else if (b->is_const() && a->op == Op::Add && a->args[1]->is_const() &&
               (v->cond == Cond::Eq || v->cond == Cond::Ne)) {
      Value* c = constant(v, a->ty, b->imm - a->args[1]->imm);
      Cond cond = v->cond;
      become(v, Op::ICmp, {a->args[0], c});
      v->cond = cond;
    } else if (b->is_const() && (a->op == Op::ZExt || a->op == Op::SExt)) {
      // Compare in the narrow type when the constant fits it.
      Value* x = a->args[0];
      bool z = a->op == Op::ZExt;
      i64 k = sign_extend(b->imm, b->ty);
      bool fits = z ? k >= 0 && static_cast<u64>(k) == zero_extend(k, x->ty) : sign_extend(k, x->ty) == k;
      bool is_signed = v->cond >= Cond::LtS && v->cond <= Cond::GeS;
      bool eq = v->cond == Cond::Eq || v->cond == Cond::Ne;
      if (fits && (eq || z || is_signed)) {
        Cond c = v->cond;
        if (z && is_signed) c = static_cast<Cond>(static_cast<int>(c) + 4);
        Value* k2 = constant(v, x->ty, k);
        become(v, Op::ICmp, {x, k2});
        v->cond = c;
      }
    }
    return nullptr;
  }

  bool run() {
    for (Block* b : ssa::reverse_postorder(f)) {
      for (Value* v = b->first; v;) {
        Value* next = v->next;
        repl.resolve_args(v);
        if (Value* r = simplify(v)) {
          repl.replace(v, r);
          changed = true;
          if (!ssa::is_terminator(v)) f.remove(v);
        }
        v = next;
      }
    }
    repl.apply();
    return changed;
  }
};
}  // namespace

bool fold_constant(const Value* v, i64& out) {
  Ty ty = v->ty, src = v->args[0]->ty;
  i64 a = v->args[0]->imm, b = v->nargs > 1 ? v->args[1]->imm : 0;
  if (ssa::is_float(ty) || ssa::is_float(src)) {
    // Only exact bit operations and the plain arithmetic the hardware does the same way.
    auto get = [](i64 bits, Ty t) {
      if (t == Ty::F32) {
        float x;
        u32 w = static_cast<u32>(bits);
        std::memcpy(&x, &w, 4);
        return static_cast<double>(x);
      }
      double x;
      std::memcpy(&x, &bits, 8);
      return x;
    };
    auto put = [](double x, Ty t) {
      if (t == Ty::F32) {
        float y = static_cast<float>(x);
        u32 w;
        std::memcpy(&w, &y, 4);
        return static_cast<i64>(w);
      }
      i64 w;
      std::memcpy(&w, &x, 8);
      return w;
    };
    if (v->op == Op::BitCast) {
      out = src == Ty::F32  ? static_cast<i64>(static_cast<i32>(a))
            : ty == Ty::F32 ? static_cast<i64>(static_cast<u32>(a))
                            : a;
      return true;
    }
    if (v->op == Op::SToF) {
      // One rounding only: convert straight to the wanted type.
      i64 x = sign_extend(a, src);
      out = ty == Ty::F32 ? put(static_cast<double>(static_cast<float>(x)), ty)
                          : put(static_cast<double>(x), ty);
      return true;
    }
    if (!ssa::is_float(src)) return false;
    double x = get(a, src), y = v->nargs > 1 ? get(b, src) : 0;
    if (x != x || y != y) return false;
    bool single = ty == Ty::F32;
    auto result = [&](double r, float s) {
      out = single ? put(static_cast<double>(s), ty) : put(r, ty);
      return true;
    };
    float xs = static_cast<float>(x), ys = static_cast<float>(y);
    switch (v->op) {
      case Op::FAdd: return result(x + y, xs + ys);
      case Op::FSub: return result(x - y, xs - ys);
      case Op::FMul: return result(x * y, xs * ys);
      case Op::FDiv: return y != 0 && result(x / y, xs / ys);
      case Op::FNeg: return result(-x, -xs);
      case Op::FToF: return result(x, static_cast<float>(x));
      case Op::FCmp: {
        bool r = false;
        switch (v->cond) {
          case Cond::Eq: r = x == y; break;
          case Cond::Ne: r = x != y; break;
          case Cond::Lt: r = x < y; break;
          case Cond::Le: r = x <= y; break;
          case Cond::Gt: r = x > y; break;
          default: r = x >= y; break;
        }
        out = r;
        return true;
      }
      default: return false;
    }
  }
  if (!ssa::is_int(ty)) {
    if (v->op == Op::IntToPtr) return out = a, true;
    return false;
  }
  if (!ssa::is_int(src) && src != Ty::Ptr) return false;
  u32 w = width_of(ty);
  u64 ua = zero_extend(a, src), ub = v->nargs > 1 ? zero_extend(b, v->args[1]->ty) : 0;
  i64 sa = sign_extend(a, src), sb = v->nargs > 1 ? sign_extend(b, v->args[1]->ty) : 0;
  switch (v->op) {
    case Op::Add: out = static_cast<i64>(ua + ub); return true;
    case Op::Sub: out = static_cast<i64>(ua - ub); return true;
    case Op::Mul: out = static_cast<i64>(ua * ub); return true;
    case Op::DivU:
      if (!ub) return false;
      out = static_cast<i64>(ua / ub);
      return true;
    case Op::RemU:
      if (!ub) return false;
      out = static_cast<i64>(ua % ub);
      return true;
    case Op::DivS:
      if (!sb) return false;
      out = sb == -1 ? static_cast<i64>(0 - static_cast<u64>(sa)) : sa / sb;
      return true;
    case Op::RemS:
      if (!sb) return false;
      out = sb == -1 ? 0 : sa % sb;
      return true;
    case Op::MulHU: out = static_cast<i64>(static_cast<unsigned __int128>(ua) * ub >> w); return true;
    case Op::MulHS: out = static_cast<i64>(static_cast<__int128>(sa) * sb >> w); return true;
    case Op::And: out = a & b; return true;
    case Op::Or: out = a | b; return true;
    case Op::Xor: out = a ^ b; return true;
    case Op::Not: out = ~a; return true;
    case Op::Neg: out = static_cast<i64>(0 - ua); return true;
    case Op::Shl: out = ub >= w ? 0 : static_cast<i64>(ua << ub); return true;
    case Op::ShrU: out = ub >= w ? 0 : static_cast<i64>(ua >> ub); return true;
    case Op::ShrS: out = ub >= w ? (sa < 0 ? -1 : 0) : sa >> ub; return true;
    case Op::RotL: {
      u32 k = static_cast<u32>(ub % w);
      out = k ? static_cast<i64>(ua << k | ua >> (w - k)) : a;
      return true;
    }
    case Op::Clz: out = ua ? __builtin_clzll(ua) - static_cast<int>(64 - w) : w; return true;
    case Op::Ctz: out = ua ? __builtin_ctzll(ua) : w; return true;
    case Op::PopCnt: out = __builtin_popcountll(ua); return true;
    case Op::BSwap: out = static_cast<i64>(__builtin_bswap64(ua) >> (64 - w)); return true;
    case Op::SExt: out = sa; return true;
    case Op::ZExt: out = static_cast<i64>(ua); return true;
    case Op::Trunc: out = a; return true;
    case Op::PtrToInt: out = a; return true;
    case Op::ICmp:
      switch (v->cond) {
        case Cond::Eq: out = ua == ub; break;
        case Cond::Ne: out = ua != ub; break;
        case Cond::LtS: out = sa < sb; break;
        case Cond::LeS: out = sa <= sb; break;
        case Cond::GtS: out = sa > sb; break;
        case Cond::GeS: out = sa >= sb; break;
        case Cond::LtU: out = ua < ub; break;
        case Cond::LeU: out = ua <= ub; break;
        case Cond::GtU: out = ua > ub; break;
        case Cond::GeU: out = ua >= ub; break;
      }
      return true;
    default: return false;
  }
}

bool simplify(Func& f, Context&) { return Simplifier{f, Replacements(f)}.run(); }
}  // namespace vole::opt
