#include "ssa/interp.h"

#include <cmath>
#include <cstring>

namespace vole::ssa {
namespace {
u64 mask(u64 x, Ty t) { return size_of(t) >= 8 ? x : x & ((u64{1} << (8 * size_of(t))) - 1); }
i64 sext(u64 x, Ty t) {
  u32 s = 64 - 8 * size_of(t);
  return static_cast<i64>(x << s) >> s;
}
template <class F>
F bits_as(u64 x) {
  F f;
  std::memcpy(&f, &x, sizeof f);
  return f;
}
template <class F>
u64 as_bits(F f) {
  u64 x = 0;
  std::memcpy(&x, &f, sizeof f);
  return x;
}
template <class F>
bool float_op(const Value* v, F a, F b, u64& out) {
  switch (v->op) {
    case Op::FAdd: out = as_bits<F>(a + b); return true;
    case Op::FSub: out = as_bits<F>(a - b); return true;
    case Op::FMul: out = as_bits<F>(a * b); return true;
    case Op::FDiv: out = as_bits<F>(a / b); return true;
    case Op::FNeg: out = as_bits<F>(-a); return true;
    case Op::FAbs: out = as_bits<F>(std::fabs(a)); return true;
    case Op::FSqrt: out = as_bits<F>(std::sqrt(a)); return true;
    default: return false;
  }
}
bool condition(Cond c, u64 ua, u64 ub, i64 sa, i64 sb) {
  switch (c) {
    case Cond::Eq: return ua == ub;
    case Cond::Ne: return ua != ub;
    case Cond::LtS: return sa < sb;
    case Cond::LeS: return sa <= sb;
    case Cond::GtS: return sa > sb;
    case Cond::GeS: return sa >= sb;
    case Cond::LtU: return ua < ub;
    case Cond::LeU: return ua <= ub;
    case Cond::GtU: return ua > ub;
    case Cond::GeU: return ua >= ub;
  }
  return false;
}
}  // namespace

bool interpret(const Func& f, std::span<const std::unique_ptr<Func>> all, std::span<const u64> args,
               std::vector<u64>& results, u64& steps) {
  std::vector<u64> val(f.next_value, 0);
  std::vector<std::vector<u64>> multi(f.next_value);
  std::vector<std::unique_ptr<u8[]>> frames;
  const Block* b = f.blocks[0];
  for (size_t i = 0; i < b->params.size(); i++) val[b->params[i]->id] = mask(args[i], b->params[i]->ty);
  for (;;) {
    const Edge* taken = nullptr;
    for (const Value* v = b->first; v; v = v->next) {
      if (steps == 0) return false;
      steps--;
      auto u = [&](u32 i) { return val[v->args[i]->id]; };
      auto s = [&](u32 i) { return sext(val[v->args[i]->id], v->args[i]->ty); };
      u32 w = size_of(v->ty) * 8;
      u64 r = 0;
      switch (v->op) {
        case Op::Const: r = static_cast<u64>(v->imm); break;
        case Op::Add:
        case Op::PtrAdd: r = u(0) + u(1); break;
        case Op::Sub: r = u(0) - u(1); break;
        case Op::Mul: r = u(0) * u(1); break;
        case Op::DivU:
          if (!u(1)) return false;
          r = u(0) / u(1);
          break;
        case Op::RemU:
          if (!u(1)) return false;
          r = u(0) % u(1);
          break;
        case Op::DivS:
          if (!u(1)) return false;
          r = s(1) == -1 ? 0 - u(0) : static_cast<u64>(s(0) / s(1));
          break;
        case Op::RemS:
          if (!u(1)) return false;
          r = s(1) == -1 ? 0 : static_cast<u64>(s(0) % s(1));
          break;
        case Op::MulHU: r = static_cast<u64>(static_cast<unsigned __int128>(u(0)) * u(1) >> w); break;
        case Op::MulHS: r = static_cast<u64>(static_cast<__int128>(s(0)) * s(1) >> w); break;
        case Op::Neg: r = 0 - u(0); break;
        case Op::Not: r = ~u(0); break;
        case Op::And: r = u(0) & u(1); break;
        case Op::Or: r = u(0) | u(1); break;
        case Op::Xor: r = u(0) ^ u(1); break;
        case Op::Shl: r = u(1) >= w ? 0 : u(0) << u(1); break;
        case Op::ShrU: r = u(1) >= w ? 0 : u(0) >> u(1); break;
        case Op::ShrS: r = static_cast<u64>(s(0) >> (u(1) >= w ? 63 : u(1))); break;
        case Op::RotL: {
          u64 k = u(1) % w;
          r = k ? u(0) << k | u(0) >> (w - k) : u(0);
          break;
        }
        case Op::Clz: r = u(0) ? static_cast<u64>(__builtin_clzll(u(0))) - (64 - w) : w; break;
        case Op::Ctz: r = u(0) ? static_cast<u64>(__builtin_ctzll(u(0))) : w; break;
        case Op::PopCnt: r = static_cast<u64>(__builtin_popcountll(u(0))); break;
        case Op::BSwap: r = __builtin_bswap64(u(0)) >> (64 - w); break;
        case Op::ICmp: r = condition(v->cond, u(0), u(1), s(0), s(1)); break;
        case Op::FCmp: {
          double x =
              v->args[0]->ty == Ty::F32 ? static_cast<double>(bits_as<float>(u(0))) : bits_as<double>(u(0));
          double y =
              v->args[0]->ty == Ty::F32 ? static_cast<double>(bits_as<float>(u(1))) : bits_as<double>(u(1));
          switch (v->cond) {
            case Cond::Eq: r = x == y; break;
            case Cond::Ne: r = x != y; break;
            case Cond::Lt: r = x < y; break;
            case Cond::Le: r = x <= y; break;
            case Cond::Gt: r = x > y; break;
            default: r = x >= y; break;
          }
          break;
        }
        case Op::Select: r = u(0) & 0xff ? u(1) : u(2); break;
        case Op::SExt: r = static_cast<u64>(s(0)); break;
        case Op::ZExt:
        case Op::Trunc:
        case Op::PtrToInt:
        case Op::IntToPtr:
        case Op::BitCast: r = u(0); break;
        case Op::SToF:
          r = v->ty == Ty::F32 ? as_bits(static_cast<float>(s(0))) : as_bits(static_cast<double>(s(0)));
          break;
        case Op::FToF:
          r = v->ty == Ty::F32            ? as_bits(static_cast<float>(bits_as<double>(u(0))))
              : v->args[0]->ty == Ty::F32 ? as_bits(static_cast<double>(bits_as<float>(u(0))))
                                          : u(0);
          break;
        case Op::AddC: {
          unsigned __int128 sum = static_cast<unsigned __int128>(u(0)) + u(1) + (u(2) ? 1 : 0);
          multi[v->id] = {static_cast<u64>(sum), static_cast<u64>(sum >> 64)};
          break;
        }
        case Op::SubB: {
          u64 c = u(2) ? 1 : 0;
          multi[v->id] = {u(0) - u(1) - c, static_cast<u64>(u(0) < u(1) || (c && u(0) == u(1)))};
          break;
        }
        case Op::Mul128U: {
          unsigned __int128 p = static_cast<unsigned __int128>(u(0)) * u(1);
          multi[v->id] = {static_cast<u64>(p >> 64), static_cast<u64>(p)};
          break;
        }
        case Op::Extract: r = multi[v->args[0]->id][static_cast<size_t>(v->imm)]; break;
        case Op::Alloca:
          frames.push_back(std::make_unique<u8[]>(static_cast<size_t>(v->layout->size + 8)));
          r = reinterpret_cast<u64>(frames.back().get());
          break;
        case Op::Load: std::memcpy(&r, reinterpret_cast<const u8*>(u(0)) + v->imm, size_of(v->ty)); break;
        case Op::Store: {
          u64 x = u(1);
          std::memcpy(reinterpret_cast<u8*>(u(0)) + v->imm, &x, size_of(v->args[1]->ty));
          break;
        }
        case Op::Zero:
          std::memset(reinterpret_cast<u8*>(u(0)) + v->imm, 0, static_cast<size_t>(v->imm2));
          break;
        case Op::Move:
          std::memmove(reinterpret_cast<u8*>(u(0)) + v->imm, reinterpret_cast<u8*>(u(1)),
                       static_cast<size_t>(v->imm2));
          break;
        case Op::Call: {
          const Func* callee = nullptr;
          for (auto& g : all) {
            if (g->sym == v->sym) callee = g.get();
          }
          if (!callee) return false;
          std::vector<u64> call_args;
          for (u32 i = 0; i < v->nargs; i++) call_args.push_back(u(i));
          if (!interpret(*callee, all, call_args, multi[v->id], steps)) return false;
          break;
        }
        case Op::Dbg:
        case Op::KeepAlive: break;
        case Op::Jump: taken = &b->succs[0]; break;
        case Op::Br: taken = &b->succs[u(0) & 0xff ? 0 : 1]; break;
        case Op::Switch: taken = &b->succs[std::min<u64>(u(0), b->succs.size() - 1)]; break;
        case Op::Ret:
          results.clear();
          for (u32 i = 0; i < v->nargs; i++) results.push_back(u(i));
          return true;
        default: {
          bool ok;
          if (v->nargs >= 1 && v->args[0]->ty == Ty::F32) {
            ok = float_op<float>(v, bits_as<float>(u(0)), v->nargs > 1 ? bits_as<float>(u(1)) : 0, r);
          } else {
            ok = v->nargs >= 1 &&
                 float_op<double>(v, bits_as<double>(u(0)), v->nargs > 1 ? bits_as<double>(u(1)) : 0, r);
          }
          if (!ok) return false;
        }
      }
      if (v->ty != Ty::None) val[v->id] = mask(r, v->ty);
    }
    std::vector<u64> next;
    for (const Value* a : taken->args) next.push_back(val[a->id]);
    b = taken->to;
    for (size_t i = 0; i < next.size(); i++) val[b->params[i]->id] = next[i];
  }
}
}  // namespace vole::ssa
