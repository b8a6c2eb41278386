// Equality and hash functions, made from comparison signatures: types that compare alike share them.
#include <fmt/format.h>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace types;

// Structs irgen makes for itself (closures, map groups) are never compared.
static bool hidden(const TypeInfo* t) {
  if (t->kind == abi::KArray) return hidden(t->elem);
  if (t->kind != abi::KStruct || t->fields.empty()) return false;
  Var* v = t->under->cast<Struct>()->fields[0];
  return !v->pkg && !v->exported() && v->name != "_";
}

static i64 number(std::string_view s, size_t& i) {
  i64 n = 0;
  while (i < s.size() && s[i] >= '0' && s[i] <= '9') n = n * 10 + (s[i++] - '0');
  return n;
}

// The part of an array signature between ':' and its ']'; i is moved behind it.
static std::string element_sig(std::string_view s, size_t& i) {
  i++;
  size_t start = i;
  for (int depth = 0;; i++) {
    if (s[i] == '[') depth++;
    if (s[i] == ']' && depth-- == 0) break;
  }
  std::string r(s.substr(start, i - start));
  i++;
  return r;
}

static i64 sig_size(std::string_view s) {
  i64 n = 0;
  for (size_t i = 0; i < s.size();) {
    char c = s[i++];
    switch (c) {
      case 'M':
      case '_': n += number(s, i); break;
      case 'f': n += 4; break;
      case 'g': n += 8; break;
      case '[': {
        i64 count = number(s, i);
        n += count * sig_size(element_sig(s, i));
        break;
      }
      default: n += 16;
    }
  }
  return n;
}

Symbol* Unit::eq_function(const std::string& sig) {
  Symbol* s = sym("type:.eq." + sig);
  if (requested_.insert(s).second) eqs_.push_back({sig, s});
  return s;
}

Symbol* Unit::hash_function(const std::string& sig) {
  Symbol* s = sym("type:.hash." + sig);
  if (requested_.insert(s).second) hashes_.push_back({sig, s});
  return s;
}

// The runtime's own function for values of this kind, or Rt::Count.
static Rt known_alg(std::string_view sig, bool hash) {
  struct Known {
    std::string_view sig;
    Rt eq, hash;
  };
  static constexpr Known Table[] = {
      // clang-format off
      {"", Rt::memequal0, Rt::memhash0}, {"M1", Rt::memequal8, Rt::memhash8},
      {"M2", Rt::memequal16, Rt::memhash16}, {"M4", Rt::memequal32, Rt::memhash32},
      {"M8", Rt::memequal64, Rt::memhash64}, {"M16", Rt::memequal128, Rt::memhash128},
      {"s", Rt::strequal, Rt::strhash}, {"i", Rt::interequal, Rt::interhash},
      {"e", Rt::nilinterequal, Rt::nilinterhash}, {"f", Rt::f32equal, Rt::f32hash},
      {"g", Rt::f64equal, Rt::f64hash}, {"ff", Rt::c64equal, Rt::c64hash},
      {"gg", Rt::c128equal, Rt::c128hash},
      // clang-format on
  };
  for (const Known& k : Table)
    if (sig == k.sig) return hash ? k.hash : k.eq;
  return Rt::Count;
}

static bool only_memory(const std::string& sig) {
  return sig.size() > 1 && sig[0] == 'M' && sig.find_first_not_of("0123456789", 1) == std::string::npos;
}

Symbol* Unit::eq_closure(const TypeInfo* t) {
  if (hidden(t) || !comparable(t->type)) return nullptr;
  std::string sig = alg_signature(t);
  if (Rt k = known_alg(sig, false); k != Rt::Count) return func_value(sym(abi::rt_name(k)));
  Symbol* s = sym("type:.eqfunc." + sig);
  if (s->kind != SymKind::Undef) return s;
  if (only_memory(sig)) {
    put_ptr(s, 0, sym(abi::rt_name(Rt::memequal_varlen)));
    put_int(s, 8, 8, static_cast<u64>(t->size));
    size_t i = 1;
    put_int(s, 8, 8, static_cast<u64>(number(sig, i)));
    define(s, SymKind::RoData, 16, 8, true);
  } else {
    put_ptr(s, 0, eq_function(sig));
    define(s, SymKind::RoData, 8, 8, true);
  }
  return s;
}

Symbol* Unit::hash_closure(const TypeInfo* t) {
  std::string sig = alg_signature(t);
  if (Rt k = known_alg(sig, true); k != Rt::Count) return func_value(sym(abi::rt_name(k)));
  Symbol* s = sym("type:.hashfunc." + sig);
  if (s->kind != SymKind::Undef) return s;
  if (only_memory(sig)) {
    put_ptr(s, 0, sym(abi::rt_name(Rt::memhash_varlen)));
    size_t i = 1;
    put_int(s, 8, 8, static_cast<u64>(number(sig, i)));
    define(s, SymKind::RoData, 16, 8, true);
  } else {
    put_ptr(s, 0, hash_function(sig));
    define(s, SymKind::RoData, 8, 8, true);
  }
  return s;
}

// Compares what `sig` describes at p+off and q+off; goes to `no` at the first difference. Up to the next part
// that may panic, what is cheap comes first: the text of strings is read when everything else is equal, their
// lengths too.
void Builder::eq_by_sig(const std::string& sig, Value* p, Value* q, i64& off, Block* no) {
  auto need = [&](Value* same) {
    Block* next = new_block();
    branch(same, next, no);
    enter_sealed(next);
  };
  auto both = [&](const TypeInfo* t) { need(equal(load(t, {p, off, 0}), load(t, {q, off, 0}))); };
  absl::InlinedVector<i64, 8> strings;
  auto texts = [&] {
    for (i64 at : strings) {
      Value* n = load(Ty::I64, {p, at + 8, 0});
      Val a = pv(load(Ty::Ptr, {p, at, 0})), b = pv(load(Ty::Ptr, {q, at, 0}));
      need(rt1(Rt::memequal, {a, b, val(basic(BasicKind::Uintptr), {n})}).v());
    }
    strings.clear();
  };
  for (size_t i = 0; i < sig.size();) {
    char ch = sig[i++];
    if (ch == 'e' || ch == 'i' || ch == '[') texts();
    switch (ch) {
      case 'M': {
        i64 n = number(sig, i);
        need(mem_equal_const(ptr({p, off, 0}), ptr({q, off, 0}), n));
        off += n;
        break;
      }
      case '_': off += number(sig, i); break;
      case 's':
        need(icmp(Cond::Eq, load(Ty::I64, {p, off + 8, 0}), load(Ty::I64, {q, off + 8, 0})));
        strings.push_back(off);
        off += 16;
        break;
      case 'e': both(any_type()), off += 16; break;
      case 'i': both(info(types::universe_error())), off += 16; break;
      case 'f': both(basic(BasicKind::Float32)), off += 4; break;
      case 'g': both(basic(BasicKind::Float64)), off += 8; break;
      case '[': {
        i64 n = number(sig, i);
        std::string elem = element_sig(sig, i);
        i64 size = sig_size(elem);
        u32 slot = new_slot(Ty::I64);
        write(slot, c64(0));
        Block *header = new_block(), *body = new_block(), *done = new_block();
        jump(header);
        cur = header;
        branch(icmp(Cond::LtS, read(slot), c64(n)), body, done);
        enter_sealed(body);
        Value* at = read(slot);
        Value* pe = scaled({p, off, 0}, at, size);
        Value* qe = scaled({q, off, 0}, at, size);
        i64 inner = 0;
        eq_by_sig(elem, pe, qe, inner, no);
        write(slot, add(read(slot), c64(1)));
        jump(header);
        seal(header);
        enter_sealed(done);
        off += n * size;
        break;
      }
    }
  }
  texts();
}

void Unit::build_eq(const std::string& sig, Symbol* s) {
  Builder b(*this, nullptr);
  b.start(s, rt_sig(Rt::strequal), {});
  b.f->dupok = true;
  Value *p = b.f->blocks[0]->params[0], *q = b.f->blocks[0]->params[1];
  p->flags |= ssa::NonNil, q->flags |= ssa::NonNil;
  const TypeInfo* bt = b.bool_type();
  b.results_.push_back({nullptr, bt, {}, false, {}});
  Block* no = b.new_block();
  i64 off = 0;
  b.eq_by_sig(sig, p, q, off, no);
  Val yes = b.val(bt, {b.c(Ty::I8, 1)});
  b.do_return({&yes, 1});
  b.enter_sealed(no);
  Val r = b.val(bt, {b.c(Ty::I8, 0)});
  b.do_return({&r, 1});
  b.finish();
  finish_func(std::move(b.f));
}

static Value* hash_by_sig(Builder& b, const std::string& sig, Value* p, Value* h, i64& off) {
  const TypeInfo* up = b.basic(BasicKind::Uintptr);
  auto one = [&](Rt r, i64 size) {
    h = b.rt1(r, {b.pv(b.ptr({p, off, 0})), b.val(up, {h})}).v();
    off += size;
  };
  for (size_t i = 0; i < sig.size();) {
    char ch = sig[i++];
    switch (ch) {
      case 'M': {
        i64 n = number(sig, i);
        if (n == 4) {
          one(Rt::memhash32, 4);
        } else if (n == 8) {
          one(Rt::memhash64, 8);
        } else {
          h = b.rt1(Rt::memhash, {b.pv(b.ptr({p, off, 0})), b.val(up, {h}), b.val(up, {b.c64(n)})}).v();
          off += n;
        }
        break;
      }
      case '_': off += number(sig, i); break;
      case 's': one(Rt::strhash, 16); break;
      case 'e': one(Rt::nilinterhash, 16); break;
      case 'i': one(Rt::interhash, 16); break;
      case 'f': one(Rt::f32hash, 4); break;
      case 'g': one(Rt::f64hash, 8); break;
      case '[': {
        i64 n = number(sig, i);
        std::string elem = element_sig(sig, i);
        i64 size = sig_size(elem);
        u32 slot = b.new_slot(Ty::I64), hs = b.new_slot(Ty::I64);
        b.write(slot, b.c64(0));
        b.write(hs, h);
        Block *header = b.new_block(), *body = b.new_block(), *done = b.new_block();
        b.jump(header);
        b.cur = header;
        b.branch(b.icmp(Cond::LtS, b.read(slot), b.c64(n)), body, done);
        b.enter_sealed(body);
        Value* at = b.read(slot);
        i64 inner = 0;
        Value* r = hash_by_sig(b, elem, b.scaled({p, off, 0}, at, size), b.read(hs), inner);
        b.write(hs, r);
        b.write(slot, b.add(b.read(slot), b.c64(1)));
        b.jump(header);
        b.seal(header);
        b.enter_sealed(done);
        h = b.read(hs);
        off += n * size;
        break;
      }
    }
  }
  return h;
}

void Unit::build_hash(const std::string& sig, Symbol* s) {
  Builder b(*this, nullptr);
  b.start(s, rt_sig(Rt::memhash64), {});
  b.f->dupok = true;
  Value *p = b.f->blocks[0]->params[0], *h = b.f->blocks[0]->params[1];
  p->flags |= ssa::NonNil;
  b.results_.push_back({nullptr, b.basic(BasicKind::Uintptr), {}, false, {}});
  i64 off = 0;
  Val r = b.val(b.basic(BasicKind::Uintptr), {hash_by_sig(b, sig, p, h, off)});
  b.do_return({&r, 1});
  b.finish();
  finish_func(std::move(b.f));
}
}  // namespace vole::irgen
