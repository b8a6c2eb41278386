// Functions of the standard library that become operations instead of calls.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

namespace {
using Args = std::span<const Val>;
using Lower = void (*)(Builder& b, Args a, const Signature* sig, Vals& out);

const TypeInfo* result(Builder& b, const Signature* sig, size_t i = 0) { return b.ti(sig->results[i]->type); }
void give(Builder& b, const Signature* sig, Vals& out, Value* v) {
  out.push_back(b.val(result(b, sig), {v}));
}

void atomic_load(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* p = b.nil_check(a[0].v());
  give(b, sig, out, b.emit(Op::AtomicLoad, result(b, sig)->ty(), {p}));
}
void atomic_store(Builder& b, Args a, const Signature*, Vals&) {
  Value* p = b.nil_check(a[0].v());
  b.emit(Op::AtomicStore, Ty::None, {p, a[1].v()});
}
void atomic_xchg(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* p = b.nil_check(a[0].v());
  give(b, sig, out, b.emit(Op::AtomicXchg, a[1].v()->ty, {p, a[1].v()}));
}
void atomic_add(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* p = b.nil_check(a[0].v());
  Value* old = b.emit(Op::AtomicAdd, a[1].v()->ty, {p, a[1].v()});
  give(b, sig, out, b.emit(Op::Add, old->ty, {old, a[1].v()}));
}
void atomic_cas(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* p = b.nil_check(a[0].v());
  give(b, sig, out, b.emit(Op::AtomicCas, Ty::I8, {p, a[1].v(), a[2].v()}));
}
template <Op O>
void atomic_bits(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* p = b.nil_check(a[0].v());
  Value* old = b.emit(O, a[1].v()->ty, {p, a[1].v()});
  if (!sig->results.empty()) give(b, sig, out, old);
}

template <u32 Width>
void ctz(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* x = a[0].v();
  if (Width < 32) x = b.emit(Op::Or, Ty::I32, {b.widen(x, false, Ty::I32), b.c(Ty::I32, i64{1} << Width)});
  give(b, sig, out, b.widen(b.emit(Op::Ctz, x->ty, {x}), false));
}
void len(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* x = a[0].v();
  if (ssa::size_of(x->ty) < 4) x = b.widen(x, false, Ty::I32);
  Value* clz = b.widen(b.emit(Op::Clz, x->ty, {x}), false);
  give(b, sig, out, b.sub(b.c64(ssa::size_of(x->ty) * 8), clz));
}
void ones(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* x = a[0].v();
  if (ssa::size_of(x->ty) < 4) x = b.widen(x, false, Ty::I32);
  give(b, sig, out, b.widen(b.emit(Op::PopCnt, x->ty, {x}), false));
}
void bswap(Builder& b, Args a, const Signature* sig, Vals& out) {
  give(b, sig, out, b.emit(Op::BSwap, a[0].v()->ty, {a[0].v()}));
}
void rotl(Builder& b, Args a, const Signature* sig, Vals& out) {
  give(b, sig, out, b.emit(Op::RotL, a[0].v()->ty, {a[0].v(), a[1].v()}));
}

void two(Builder& b, const Signature* sig, Vals& out, Value* op, Ty t0, Ty t1) {
  Value* first = b.emit(Op::Extract, t0, {op}, 0);
  Value* second = b.emit(Op::Extract, t1, {op}, 1);
  out.push_back(b.val(result(b, sig, 0), {first}));
  out.push_back(b.val(result(b, sig, 1), {second}));
}
void add64(Builder& b, Args a, const Signature* sig, Vals& out) {
  two(b, sig, out, b.emit(Op::AddC, Ty::None, {a[0].v(), a[1].v(), a[2].v()}), Ty::I64, Ty::I64);
}
void sub64(Builder& b, Args a, const Signature* sig, Vals& out) {
  two(b, sig, out, b.emit(Op::SubB, Ty::None, {a[0].v(), a[1].v(), a[2].v()}), Ty::I64, Ty::I64);
}
void mul64(Builder& b, Args a, const Signature* sig, Vals& out) {
  two(b, sig, out, b.emit(Op::Mul128U, Ty::None, {a[0].v(), a[1].v()}), Ty::I64, Ty::I64);
}
void div64(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value *hi = a[0].v(), *lo = a[1].v(), *y = a[2].v();
  Block *nonzero = b.new_block(), *zero = b.new_block(true), *fits = b.new_block(), *over = b.new_block(true);
  b.branch(b.icmp(Cond::Ne, y, b.c64(0)), nonzero, zero, 1);
  b.enter_sealed(zero);
  b.rt_panic(Rt::panicdivide);
  b.enter_sealed(nonzero);
  b.branch(b.icmp(Cond::GtU, y, hi), fits, over, 1);
  b.enter_sealed(over);
  b.rt_panic(Rt::panicoverflow);
  b.enter_sealed(fits);
  two(b, sig, out, b.emit(Op::Div128U, Ty::None, {hi, lo, y}), Ty::I64, Ty::I64);
}
void mul_uintptr(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* m = b.emit(Op::Mul128U, Ty::None, {a[0].v(), a[1].v()});
  Value* hi = b.emit(Op::Extract, Ty::I64, {m}, 0);
  Value* lo = b.emit(Op::Extract, Ty::I64, {m}, 1);
  out.push_back(b.val(result(b, sig, 0), {lo}));
  out.push_back(b.val(result(b, sig, 1), {b.icmp(Cond::Ne, hi, b.c64(0))}));
}

template <Op O>
void float_op(Builder& b, Args a, const Signature* sig, Vals& out) {
  Value* x = a[0].v();
  if (a.size() == 2) give(b, sig, out, b.emit(O, x->ty, {x, a[1].v()}));
  else give(b, sig, out, b.emit(O, x->ty, {x}));
}
void bit_cast(Builder& b, Args a, const Signature* sig, Vals& out) {
  give(b, sig, out, b.emit(Op::BitCast, result(b, sig)->ty(), {a[0].v()}));
}

void caller_pc(Builder& b, Args, const Signature* sig, Vals& out) {
  give(b, sig, out, b.emit(Op::CallerPC, Ty::I64));
}
void caller_sp(Builder& b, Args, const Signature* sig, Vals& out) {
  give(b, sig, out, b.emit(Op::CallerSP, Ty::I64));
}
void closure_ptr(Builder& b, Args, const Signature* sig, Vals& out) {
  b.use_ctxt();
  give(b, sig, out, b.emit(Op::PtrToInt, Ty::I64, {b.ctxt_}));
}
void get_g(Builder& b, Args, const Signature* sig, Vals& out) {
  give(b, sig, out, b.emit(Op::GetG, Ty::Ptr));
}
void prefetch(Builder& b, Args a, const Signature*, Vals&) {
  Value* p = a[0].v();
  if (p->ty != Ty::Ptr) p = b.emit(Op::IntToPtr, Ty::Ptr, {p});
  b.emit(Op::Prefetch, Ty::None, {p});
}
void publication(Builder& b, Args, const Signature*, Vals&) { b.emit(Op::PublicationBarrier, Ty::None); }
void breakpoint(Builder& b, Args, const Signature*, Vals&) { b.emit(Op::Breakpoint, Ty::None); }
void keep_alive(Builder& b, Args a, const Signature*, Vals&) { b.emit(Op::KeepAlive, Ty::None, {a[0].w[1]}); }
// Marks the pointers of a value as kept, those of strings excepted: words of it from `at` on.
int escape_words(Builder& b, const Val& v, const TypeInfo* t, int at) {
  if (t->is_string() || !t->ptr_bytes) return at + t->n;
  if (t->kind == abi::KArray) return escape_words(b, v, t->elem, at);
  if (t->kind == abi::KStruct) {
    for (const TypeInfo* f : t->fields) at = escape_words(b, v, f, at);
    return at;
  }
  for (int end = at + t->n; at < end; at++) {
    if (v.w[at]->ty == Ty::Ptr) b.emit(Op::KeepAlive, Ty::None, {v.w[at]}, 1);
  }
  return at;
}
void escape_non_string(Builder& b, Args a, const Signature*, Vals&) {
  if (!a[0].mem) escape_words(b, a[0], a[0].t, 0);
  else if (a[0].t->ptr_bytes) b.emit(Op::KeepAlive, Ty::None, {a[0].w[0]}, 2);
}
void bool_to_byte(Builder& b, Args a, const Signature* sig, Vals& out) { give(b, sig, out, a[0].v()); }
void const_select(Builder& b, Args a, const Signature* sig, Vals& out) {
  give(b, sig, out, b.select(b.icmp(Cond::Ne, a[0].v(), b.c(a[0].v()->ty, 0)), a[1].v(), a[2].v()));
}
void bytes_tmp(Builder& b, Args a, const Signature* sig, Vals& out) {
  out.push_back(b.val(result(b, sig), {a[0].v(), a[1].v()}));
}

using Key = std::pair<Name, Name>;
using Table = absl::flat_hash_map<Key, Lower>;

Table* make_table() {
  auto* t = new Table;
  auto add = [&](const char* pkg, std::initializer_list<const char*> names, Lower l) {
    for (const char* n : names) (*t)[{Name::intern(pkg), Name::intern(n)}] = l;
  };
  const char* ra = "internal/runtime/atomic";
  add(ra,
      {"Load", "Load8", "Load64", "Loadp", "Loaduint", "Loaduintptr", "Loadint32", "Loadint64", "LoadAcq",
       "LoadAcq64", "LoadAcquintptr"},
      atomic_load);
  add(ra,
      {"Store", "Store8", "Store64", "Storeint32", "Storeint64", "Storeuintptr", "StorepNoWB", "StoreRel",
       "StoreRel64", "StoreReluintptr"},
      atomic_store);
  add(ra, {"Xchg", "Xchg8", "Xchg64", "Xchgint32", "Xchgint64", "Xchguintptr"}, atomic_xchg);
  add(ra, {"Xadd", "Xadd64", "Xaddint32", "Xaddint64", "Xadduintptr"}, atomic_add);
  add(ra, {"Cas", "Cas64", "CasRel", "Casp1", "Casint32", "Casint64", "Casuintptr"}, atomic_cas);
  add(ra, {"And", "And8", "And32", "And64", "Anduintptr"}, atomic_bits<Op::AtomicAnd>);
  add(ra, {"Or", "Or8", "Or32", "Or64", "Oruintptr"}, atomic_bits<Op::AtomicOr>);
  const char* sa = "sync/atomic";
  add(sa, {"LoadInt32", "LoadInt64", "LoadUint32", "LoadUint64", "LoadUintptr", "LoadPointer"}, atomic_load);
  add(sa, {"StoreInt32", "StoreInt64", "StoreUint32", "StoreUint64", "StoreUintptr"}, atomic_store);
  add(sa, {"SwapInt32", "SwapInt64", "SwapUint32", "SwapUint64", "SwapUintptr"}, atomic_xchg);
  add(sa, {"AddInt32", "AddInt64", "AddUint32", "AddUint64", "AddUintptr"}, atomic_add);
  add(sa,
      {"CompareAndSwapInt32", "CompareAndSwapInt64", "CompareAndSwapUint32", "CompareAndSwapUint64",
       "CompareAndSwapUintptr"},
      atomic_cas);
  add(sa, {"AndInt32", "AndInt64", "AndUint32", "AndUint64", "AndUintptr"}, atomic_bits<Op::AtomicAnd>);
  add(sa, {"OrInt32", "OrInt64", "OrUint32", "OrUint64", "OrUintptr"}, atomic_bits<Op::AtomicOr>);
  const char* sys = "internal/runtime/sys";
  add(sys, {"GetCallerPC"}, caller_pc);
  add(sys, {"GetCallerSP"}, caller_sp);
  add(sys, {"GetClosurePtr"}, closure_ptr);
  add(sys, {"TrailingZeros8"}, ctz<8>);
  add(sys, {"TrailingZeros32"}, ctz<32>);
  add(sys, {"TrailingZeros64"}, ctz<64>);
  add(sys, {"Len8", "Len64"}, len);
  add(sys, {"OnesCount64"}, ones);
  add(sys, {"Bswap32", "Bswap64"}, bswap);
  add(sys, {"Prefetch", "PrefetchStreamed"}, prefetch);
  add("internal/runtime/math", {"MulUintptr"}, mul_uintptr);
  add("internal/runtime/math", {"Add64"}, add64);
  const char* bits = "math/bits";
  add(bits, {"Len", "Len8", "Len16", "Len32", "Len64"}, len);
  add(bits, {"TrailingZeros8"}, ctz<8>);
  add(bits, {"TrailingZeros16"}, ctz<16>);
  add(bits, {"TrailingZeros32"}, ctz<32>);
  add(bits, {"TrailingZeros64", "TrailingZeros"}, ctz<64>);
  add(bits, {"OnesCount", "OnesCount16", "OnesCount32", "OnesCount64"}, ones);
  add(bits, {"ReverseBytes32", "ReverseBytes64"}, bswap);
  add(bits, {"RotateLeft", "RotateLeft8", "RotateLeft16", "RotateLeft32", "RotateLeft64"}, rotl);
  add(bits, {"Add", "Add64"}, add64);
  add(bits, {"Sub", "Sub64"}, sub64);
  add(bits, {"Mul", "Mul64"}, mul64);
  add(bits, {"Div", "Div64"}, div64);
  add("math", {"sqrt", "Sqrt"}, float_op<Op::FSqrt>);
  add("math", {"Abs"}, float_op<Op::FAbs>);
  add("math", {"Copysign"}, float_op<Op::FCopySign>);
  add("math", {"Float64bits", "Float32bits", "Float64frombits", "Float32frombits"}, bit_cast);
  add("math/big", {"mulWW"}, mul64);
  add("internal/abi", {"EscapeNonString"}, escape_non_string);
  add("crypto/internal/constanttime", {"boolToUint8"}, bool_to_byte);
  add("crypto/internal/constanttime", {"Select"}, const_select);
  add("runtime", {"KeepAlive"}, keep_alive);
  add("runtime", {"slicebytetostringtmp"}, bytes_tmp);
  add("runtime", {"publicationBarrier"}, publication);
  add("runtime", {"Breakpoint"}, breakpoint);
  add("runtime", {"getg"}, get_g);
  return t;
}
}  // namespace

bool Builder::intrinsic(CallExpr* e, Func* fn, Vals& out) {
  if (!fn->pkg) return false;
  static const Table* table = make_table();
  static const Name Abi = Name::intern("internal/abi"), Pc0 = Name::intern("FuncPCABI0"),
                    PcI = Name::intern("FuncPCABIInternal");
  if (fn->pkg->path == Abi && (fn->name == Pc0 || fn->name == PcI)) {
    // The entry of a function named here; of any other func value the word it points to.
    const TypeInfo* up = basic(BasicKind::Uintptr);
    std::span<Type*> targs;
    Expr* arg = unparen(e->args[0]);
    if (Func* target = static_callee(arg, &targs)) {
      std::vector<Type*> args;
      for (Type* a : targs) args.push_back(ty(a));
      Symbol* s = u.func_symbol(target, args);
      if (fn->name == Pc0) s = u.sym(std::string(s->name.text()) + ".abi0");
      out.push_back(val(up, {emit(Op::PtrToInt, Ty::I64, {sym_addr(s)})}));
      return true;
    }
    Val v = expr(arg);
    Value* word = v.t->is_interface() ? v.w[1] : v.v();
    nil_check(word);
    out.push_back(val(up, {load(Ty::I64, {word, 0, 0})}));
    return true;
  }
  auto it = table->find(Key{fn->pkg->path, fn->name});
  if (it == table->end() || fn->recv_named) return false;
  auto* sig = under(ty(unparen(e->fun)->type))->cast<Signature>();
  absl::InlinedVector<Val, 6> args;
  eval_args(sig, e, args);
  pos = e->pos;
  it->second(*this, args, sig, out);
  return true;
}
}  // namespace vole::irgen
