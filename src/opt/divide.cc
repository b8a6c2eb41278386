// Division by constants as multiplication (Granlund and Montgomery, "Division by invariant integers using
// multiplication", 1994).
//
// With l = ceil(log2 d): signed 64-bit n / d = ((n + high(m, n)) >> (l - 1)) + (n < 0), where m =
// floor(2^(63+l) / d) + 1 - 2^64. Narrower signed types do the same in one 64-bit product. Unsigned 32-bit n
// / d is the high half of n * ceil(2^64 / d). Unsigned 64-bit: the high half of n * m, m = floor(2^(64+s) /
// d) + 1 for the smallest s that is exact enough; where m needs 65 bits, the missing n is added in two
// halves. Powers of two are shifts; a negative dividend is biased so that the shift rounds towards zero. A
// remainder is n - (n / d) * d.
#include "opt/pass.h"

namespace vole::opt {
namespace {
using u128 = unsigned __int128;

struct Divider {
  Func& f;
  Value* at = nullptr;  // the division at hand: what replaces it stands in front

  Value* op(Op o, Ty ty, std::initializer_list<Value*> args) {
    Value* v = f.new_value(o, ty, std::span<Value* const>(args.begin(), args.size()), at->pos);
    v->inl = at->inl;
    f.insert_before(at, v);
    return v;
  }
  Value* constant(Ty ty, i64 x) {
    Value* v = op(Op::Const, ty, {});
    v->imm = x;
    return v;
  }
  Value* shift(Op o, Value* x, u32 by) {
    if (by == 0) return x;
    Value* v = op(o, x->ty, {x, constant(Ty::I64, by)});
    v->flags |= ssa::Bounded;
    return v;
  }
  static u32 log2_up(u64 d) { return d <= 1 ? 0 : 64 - static_cast<u32>(__builtin_clzll(d - 1)); }
  static bool never_negative(const Value* n) {
    if (n->is_const()) return n->imm >= 0;
    return n->op == Op::ZExt || (n->op == Op::And && n->args[1]->is_const() && n->args[1]->imm >= 0) ||
           (n->op == Op::ShrU && n->args[1]->is_const() && n->args[1]->imm > 0);
  }

  Value* by_power(Value* n, u32 k) {  // signed; 2^k, k > 0
    u32 w = ssa::size_of(n->ty) * 8;
    if (never_negative(n)) return shift(Op::ShrU, n, k);
    Value* bias = shift(Op::ShrU, k == 1 ? n : shift(Op::ShrS, n, w - 1), w - k);
    return shift(Op::ShrS, op(Op::Add, n->ty, {n, bias}), k);
  }
  Value* signed_quotient(Value* n, u64 d) {  // d >= 2, n is i32 or i64
    if (!(d & (d - 1))) return by_power(n, static_cast<u32>(__builtin_ctzll(d)));
    u32 l = log2_up(d);
    if (n->ty == Ty::I32) {
      Value* wide = op(Op::SExt, Ty::I64, {n});
      i64 m = static_cast<i64>((u64{1} << (31 + l)) / d + 1);
      Value* q = shift(Op::ShrS, op(Op::Mul, Ty::I64, {wide, constant(Ty::I64, m)}), 31 + l);
      return op(Op::Trunc, Ty::I32, {op(Op::Sub, Ty::I64, {q, shift(Op::ShrS, wide, 63)})});
    }
    i64 m = static_cast<i64>(static_cast<u64>((u128{1} << (63 + l)) / d + 1));
    Value* high = op(Op::MulHS, Ty::I64, {n, constant(Ty::I64, m)});
    Value* q = shift(Op::ShrS, op(Op::Add, Ty::I64, {high, n}), l - 1);
    return op(Op::Sub, Ty::I64, {q, shift(Op::ShrS, n, 63)});
  }
  Value* unsigned_quotient(Value* n, u64 d) {  // d >= 3, no power of two
    if (n->ty == Ty::I32) {
      Value* wide = op(Op::ZExt, Ty::I64, {n});
      Value* m = constant(Ty::I64, static_cast<i64>(~u64{0} / d + 1));
      return op(Op::Trunc, Ty::I32, {op(Op::MulHU, Ty::I64, {wide, m})});
    }
    u32 l = log2_up(d);
    for (u32 s = 0; s < l; s++) {
      u128 power = u128{1} << (64 + s), m = power / d + 1;
      if (m >> 64 || m * d - power > u128{1} << s) continue;
      return shift(Op::ShrU,
                   op(Op::MulHU, Ty::I64, {n, constant(Ty::I64, static_cast<i64>(static_cast<u64>(m)))}), s);
    }
    u64 m = static_cast<u64>(((u128{1} << 64) * ((u128{1} << l) - d)) / d + 1);
    Value* t = op(Op::MulHU, Ty::I64, {n, constant(Ty::I64, static_cast<i64>(m))});
    Value* half = shift(Op::ShrU, op(Op::Sub, Ty::I64, {n, t}), 1);
    return shift(Op::ShrU, op(Op::Add, Ty::I64, {half, t}), l - 1);
  }

  // What stands for the division; null when it stays.
  Value* divide(Value* v) {
    at = v;
    bool is_signed = v->op == Op::DivS || v->op == Op::RemS,
         remainder = v->op == Op::RemS || v->op == Op::RemU;
    Value* n = v->args[0];
    u32 w = ssa::size_of(v->ty) * 8;
    i64 x = v->args[1]->imm;
    u64 d = static_cast<u64>(x);
    if (!is_signed && w < 64) d &= (u64{1} << w) - 1;
    bool negative = is_signed && x < 0;
    if (negative) d = 0 - d;
    if (d < 2 || (!is_signed && !(d & (d - 1))) || (is_signed && d >> (w - 1)))
      return nullptr;  // others are simplify's; MinInt is rare
    Value* wide = w < 32 ? op(is_signed ? Op::SExt : Op::ZExt, Ty::I32, {n}) : n;
    Value* q = is_signed ? signed_quotient(wide, d) : unsigned_quotient(wide, d);
    if (remainder) {
      Value* back = op(Op::Mul, wide->ty, {q, constant(wide->ty, static_cast<i64>(d))});
      if (!(d & (d - 1))) back = shift(Op::Shl, q, static_cast<u32>(__builtin_ctzll(d)));
      q = op(Op::Sub, wide->ty, {wide, back});
    } else if (negative) {
      q = op(Op::Neg, wide->ty, {q});
    }
    return w < 32 ? op(Op::Trunc, v->ty, {q}) : q;
  }
};
}  // namespace

bool divide_by_constants(Func& f, Context&) {
  Replacements repl(f);
  Divider d{f};
  for (Block* b : f.blocks) {
    for (Value* v = b->first; v;) {
      Value* next = v->next;
      if (v->op >= Op::DivS && v->op <= Op::RemU && v->args[1]->is_const() && !v->args[0]->is_const()) {
        if (Value* q = d.divide(v)) {
          repl.replace(v, q);
          f.remove(v);
        }
      }
      v = next;
    }
  }
  repl.apply();
  return repl.any();
}
}  // namespace vole::opt
