// Symbols, layouts, conventions and data of a package; the order in which its parts are built.
#define XXH_INLINE_ALL
#include "irgen/unit.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace types;

std::unique_ptr<ssa::Module> build(Package& pkg, object::Object& object, const Options& options,
                                   diag::Diagnostics& diags) {
  auto module = std::make_unique<ssa::Module>();
  module->object = &object;
  module->package = options.link_path ? options.link_path : Name::intern(package_prefix(&pkg));
  Unit u(pkg, object, options, diags, *module);
  u.build();
  return module;
}

Unit::Unit(Package& pkg, object::Object& object, const Options& options, diag::Diagnostics& diags,
           ssa::Module& module)
    : pkg(pkg),
      object(object),
      options(options),
      diags(diags),
      module(module),
      prefix(package_prefix(&pkg)) {}

// Tells the linker which names cross the package's border by //go:linkname.
void Unit::mark_linknames() {
  auto mark = [](Symbol* s, LinkMark m) {
    s->linkname |= m == LinkMark::Linkname;
    s->linkname_std |= m == LinkMark::LinknameStd;
  };
  for (Func* f : pkg.funcs)
    if (f->link_mark != LinkMark::None && !is_generic(f)) mark(func_symbol(f), f->link_mark);
  for (Var* v : pkg.vars)
    if (v->link_mark != LinkMark::None) mark(global(v), v->link_mark);
}

void Unit::build() {
  build_functions();
  build_vars();
  build_embeds();
  build_abi_wrappers();
  mark_linknames();
  emit_owned_types();
  drain();
  for (Symbol* s : touched_)
    std::stable_sort(s->relocs.begin(), s->relocs.end(),
                     [](const Reloc& a, const Reloc& b) { return a.offset < b.offset; });
}

// Makes everything that has been asked for, which may ask for more.
void Unit::drain() {
  for (;;) {
    if (!instances_.empty()) {
      PendingInstance p = instances_.front();
      instances_.pop_front();
      build_instance(p.ref, p.inst);
    } else if (!wrappers_.empty()) {
      PendingWrapper w = std::move(wrappers_.front());
      wrappers_.pop_front();
      build_wrapper(w);
    } else if (!pending_descriptors_.empty()) {
      auto [t, s] = pending_descriptors_.front();
      pending_descriptors_.pop_front();
      emit_descriptor(t, s);
    } else if (!eqs_.empty()) {
      auto [sig, s] = eqs_.front();
      eqs_.pop_front();
      build_eq(sig, s);
    } else if (!hashes_.empty()) {
      auto [sig, s] = hashes_.front();
      hashes_.pop_front();
      build_hash(sig, s);
    } else {
      return;
    }
  }
}

bool is_generic(const Func* f) { return !f->sig()->tparams.empty() || !f->sig()->recv_tparams.empty(); }

// Functions that the unwinder and tracebacks know. Wrappers are left out of call stacks and do not come
// between recover and its panic.
static u8 special_function(std::string_view link_name) {
  static const absl::flat_hash_map<std::string_view, abi::FuncId> Ids = {
      // clang-format off
      {abi::rt_name(Rt::gopanic), abi::FuncGopanic}, {abi::rt_name(Rt::sigpanic), abi::FuncSigpanic},
      {abi::rt_name(Rt::panicwrap), abi::FuncPanicwrap}, {abi::rt_name(Rt::main), abi::FuncRuntimeMain},
      {abi::rt_name(Rt::corostart), abi::FuncCorostart}, {abi::rt_name(Rt::deferreturn), abi::FuncWrapper},
      {"reflect.callReflect", abi::FuncWrapper}, {"reflect.callMethod", abi::FuncWrapper},
      // clang-format on
  };
  auto it = Ids.find(link_name);
  return it == Ids.end() ? abi::FuncNormal : it->second;
}

void Unit::build_functions() {
  for (Func* f : pkg.funcs) {
    if (!f->decl || !f->decl->body || is_generic(f) || f->name == "_") continue;
    Symbol* s = func_symbol(f);
    CrashNote note("irgen", s->name.text().data(), s->name.text().size());
    Builder b(*this, nullptr);
    b.build_decl(f, f->sig(), f->decl, s);
    b.f->func_id = special_function(s->name.text());
    finish_func(std::move(b.f));
    if (f->init_index || (f->name == "init" && !f->recv_named)) init_funcs_.push_back(s);
  }
}

void Unit::build_instance(const FuncRef& r, Instance* inst) {
  Func* d = r.decl;
  if (!d->decl || !d->decl->body) return;
  CrashNote note("irgen", r.sym->name.text().data(), r.sym->name.text().size());
  Builder b(*this, inst);
  b.dupok_ = true;
  b.build_decl(d, d->sig(), d->decl, r.sym);
  finish_func(std::move(b.f));
}

void Unit::finish_func(std::unique_ptr<ssa::Func> f) {
  Symbol* s = f->sym;
  s->kind = SymKind::Text;
  s->dupok = f->dupok;
  s->no_split = f->no_split;
  s->abi0 = f->abi0;
  s->wrapper = f->wrapper;
  s->reflect_method = f->reflect_method;
  s->align = abi::MinFuncSize;
  module.funcs.push_back(std::move(f));
}

// ---- names of functions
// -------------------------------------------------------------------------------------------------

void append_targs(std::string& out, std::span<Type* const> targs) {
  if (targs.empty()) return;
  out += '[';
  for (size_t i = 0; i < targs.size(); i++) {
    if (i) out += ',';
    out += link_string(info(targs[i])).text();
  }
  out += ']';
}

std::string Unit::func_name(Func* f, std::span<Type* const> targs) {
  std::string s;
  if (f->pkg) {
    append_package_prefix(s, f->pkg);
    s += '.';
  }
  if (f->recv_named) {
    Named* n = f->recv_named;
    if (f->ptr_recv) s += "(*";
    s += n->obj->name.text();
    append_targs(s, n->targs);
    if (u32 index = (n->origin ? n->origin : n)->local_index) s += fmt::format("\xc2\xb7{}", index);
    if (f->ptr_recv) s += ')';
    s += '.';
  }
  s += f->name.text();
  if (f->name == "init" && !f->recv_named) s += fmt::format(".{}", f->init_index);
  append_targs(s, targs);
  return s;
}

Symbol* Unit::func_symbol(Func* f, std::span<Type* const> targs) {
  bool instance = !targs.empty() || (f->recv_named && !f->recv_named->targs.empty());
  if (!instance || targs.empty()) {
    auto it = func_syms_.find(f);
    if (it != func_syms_.end()) return it->second;
  }
  Symbol* s = f->linkname ? sym(f->linkname.text()) : sym(func_name(f, targs));
  if (targs.empty()) func_syms_[f] = s;
  if (!instance) return s;
  if (!requested_.insert(s).second) return s;
  Func* decl = f->origin ? f->origin : f;
  instance_store_.emplace_back();
  Instance* inst = &instance_store_.back();
  Signature* sig = decl->sig();
  if (f->recv_named) {
    for (size_t i = 0; i < f->recv_named->targs.size() && i < sig->recv_tparams.size(); i++) {
      inst->tparams.push_back(sig->recv_tparams[i]);
      inst->targs.push_back(f->recv_named->targs[i]);
    }
  }
  for (size_t i = 0; i < targs.size() && i < sig->tparams.size(); i++) {
    inst->tparams.push_back(sig->tparams[i]);
    inst->targs.push_back(targs[i]);
  }
  instances_.push_back({{decl, s, true}, inst});
  return s;
}

Symbol* Unit::func_value(Symbol* f) {
  Symbol* s = sym(std::string(f->name.text()) +
                  "\xc2\xb7"
                  "f");
  if (s->kind == SymKind::Undef) {
    put_ptr(s, 0, f);
    define(s, SymKind::RoData, 8, 8, true);
  }
  return s;
}

// ---- runtime functions
// -------------------------------------------------------------------------------------------------

const TypeInfo* Unit::byte_slice() {
  static Type* t = new_slice(basic(BasicKind::Uint8));
  return info(t);
}

static const TypeInfo* letter_type(Unit& u, char c) {
  switch (c) {
    case 'p': return info(basic(BasicKind::UnsafePointer));
    case 'i': return info(basic(BasicKind::Int));
    case 'u': return info(basic(BasicKind::Uintptr));
    case 'b': return info(basic(BasicKind::Bool));
    case 'h': return info(basic(BasicKind::Uint16));
    case 'w': return info(basic(BasicKind::Uint32));
    case 'r': return info(basic(BasicKind::Int32));
    case 'q': return info(basic(BasicKind::Uint64));
    case 'f': return info(basic(BasicKind::Float32));
    case 'd': return info(basic(BasicKind::Float64));
    case 'c': return info(basic(BasicKind::Complex64));
    case 'z': return info(basic(BasicKind::Complex128));
    case 's': return info(basic(BasicKind::String));
    case 'l': return u.byte_slice();
    case 'e': return info(universe_any());
    default: VOLE_UNREACHABLE("letter in abi/runtime.def");
  }
}

Symbol* Unit::rt_symbol(Rt r) {
  Symbol*& s = rt_syms_[static_cast<int>(r)];
  if (!s) s = sym(abi::rt_name(r));
  return s;
}

bool Unit::rt_noreturn(Rt r) const { return abi::rt_info(r).results == "!"; }

const AbiSig* Unit::rt_sig(Rt r) {
  const AbiSig*& s = rt_sigs_[static_cast<int>(r)];
  if (s) return s;
  const abi::RtInfo& d = abi::rt_info(r);
  std::vector<const TypeInfo*> params, results;
  for (char c : d.params) params.push_back(letter_type(*this, c));
  for (char c : d.results)
    if (c != '!') results.push_back(letter_type(*this, c));
  return s = assign_abi(arena(), params, results, false);
}

const AbiSig* Unit::abi(Signature* sig, const TypeInfo* recv, bool abi0) {
  auto& cache = abi0 ? sigs0_ : sigs_;
  const AbiSig*& s = cache[{sig, recv}];
  if (s) return s;
  std::vector<const TypeInfo*> params, results;
  if (recv) params.push_back(recv);
  for (Var* v : sig->params) params.push_back(info(v->type));
  for (Var* v : sig->results) results.push_back(info(v->type));
  const AbiSig* made = assign_abi(arena(), params, results, abi0);
  cache[{sig, recv}] = made;
  return made;
}

Type* Unit::subst(Type* t, Instance* inst) {
  Type*& r = inst->cache[t];
  if (!r) {
    Type* made = substitute(t, TypeSubst{inst->tparams, inst->targs});
    inst->cache[t] = made;
    return made;
  }
  return r;
}

const TypeInfo* Unit::hidden_struct(std::span<const TypeInfo* const> fields, bool with_code) {
  std::string key = with_code ? "F" : "H";
  for (const TypeInfo* f : fields) {
    key += ';';
    key += link_string(f).text();
  }
  Type*& t = canonical_[Name::intern(key)];
  if (!t) {
    std::vector<Var*> vars;
    auto add = [&](std::string_view name, Type* ft) {
      Var* v = arena().make<Var>();
      v->kind = ObjectKind::Var;
      v->name = Name::intern(name);
      v->type = ft;
      v->is_field = true;
      v->field_index = static_cast<u32>(vars.size());
      vars.push_back(v);
    };
    if (with_code)
      add("\xc2\xb7"
          "F",
          basic(BasicKind::Uintptr));
    for (size_t i = 0; i < fields.size(); i++) add(fmt::format("\xc2\xb7{}", i), fields[i]->type);
    t = new_struct(vars, {});
  }
  return info(t);
}

// ---- layouts
// -------------------------------------------------------------------------------------------------

const ssa::Layout* Unit::layout(const TypeInfo* t) {
  const ssa::Layout*& l = layouts_[t];
  if (l) return l;
  auto* made = arena().make<ssa::Layout>();
  made->size = t->size;
  made->align = t->align;
  made->ptr_words = static_cast<u64>(t->ptr_bytes / 8);
  made->ptr_mask = pointer_mask(t);
  layouts_[t] = made;
  made->type = t->has_pointers() ? descriptor(t) : sym("type:" + std::string(link_string(t).text()));
  return made;
}

const ssa::Layout* Unit::layout_of(i64 size, u32 align, std::span<const i64> pointer_offsets) {
  auto* l = arena().make<ssa::Layout>();
  l->size = size;
  l->align = align;
  if (!pointer_offsets.empty()) {
    std::span<u8> mask = arena().make_span<u8>(static_cast<size_t>((size / 8 + 63) / 64 * 8));
    for (i64 off : pointer_offsets) {
      mask[static_cast<size_t>(off / 64)] |= static_cast<u8>(1 << (off / 8 % 8));
      l->ptr_words = std::max(l->ptr_words, static_cast<u64>(off / 8 + 1));
    }
    l->ptr_mask = mask;
  }
  return l;
}

// ---- data
// -------------------------------------------------------------------------------------------------

static void reserve(Unit& u, Symbol* s, i64 end) {
  if (static_cast<i64>(s->bytes.size()) >= end) return;
  i64 n = std::max<i64>({end, static_cast<i64>(s->size), static_cast<i64>(s->bytes.size()) * 2, 16});
  if (s->size && n > static_cast<i64>(s->size))
    n = static_cast<i64>(s->size) >= end ? static_cast<i64>(s->size) : end;
  std::span<u8> bytes = u.arena().make_span<u8>(static_cast<size_t>(n));
  std::copy(s->bytes.begin(), s->bytes.end(), bytes.begin());
  s->bytes = bytes;
}

void Unit::put_int(Symbol* s, i64 off, u32 size, u64 value) {
  if (value == 0) return;
  reserve(*this, s, off + size);
  for (u32 i = 0; i < size; i++) s->bytes[static_cast<size_t>(off) + i] = static_cast<u8>(value >> (8 * i));
}

void Unit::put_ptr(Symbol* s, i64 off, Symbol* target, i64 addend, RelocKind kind) {
  if (s->relocs.empty()) touched_.push_back(s);
  reserve(*this, s, off + (kind == RelocKind::Abs64 || kind == RelocKind::WeakAbs64 ? 8 : 4));
  s->relocs.push_back({static_cast<u32>(off), kind, target, addend});
}

void Unit::put_bytes(Symbol* s, i64 off, std::string_view bytes) {
  if (bytes.empty()) return;
  reserve(*this, s, off + static_cast<i64>(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), s->bytes.begin() + off);
}

void Unit::define(Symbol* s, SymKind kind, u64 size, u32 align, bool dupok) {
  s->kind = kind;
  s->size = size;
  s->align = align;
  s->dupok = dupok;
  if (s->bytes.size() > size) s->bytes = s->bytes.first(size);
}

void Unit::set_var_layout(Symbol* s, const TypeInfo* t) {
  bool content = !s->bytes.empty() || !s->relocs.empty();
  s->size = static_cast<u64>(t->size);
  s->align = std::max(s->align, t->align);
  // Assembly uses large variables with aligned vector operations: gc's linker aligns by size up to 32.
  if (t->size >= 16) s->align = std::max<u32>(s->align, t->size >= 32 ? 32 : 16);
  if (s->bytes.size() > s->size) s->bytes = s->bytes.first(s->size);
  if (t->has_pointers()) {
    s->kind = content ? SymKind::Data : SymKind::Bss;
    s->gc_mask = pointer_mask(t);
    s->gc_mask_words = static_cast<u64>(t->ptr_bytes / 8);
  } else {
    s->kind = content ? SymKind::NoPtrData : SymKind::NoPtrBss;
  }
  s->go_type = link_string(t);
}

std::string content_name(std::string_view bytes) {
  XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

Symbol* Unit::string_data(std::string_view text) {
  bool plain = text.size() <= 40;
  for (char c : text) plain &= c > ' ' && c < 0x7f;
  Symbol* s = sym(plain ? fmt::format("go:string.\"{}\"", text) : "go:string." + content_name(text));
  if (s->kind == SymKind::Undef) {
    put_bytes(s, 0, text);
    define(s, SymKind::RoData, text.size(), 1, true);
  }
  return s;
}

Symbol* Unit::ro_bytes(std::string_view bytes, u32 align) {
  Symbol* s = sym(fmt::format("go:bytes.{}.{}", content_name(bytes), align));
  if (s->kind == SymKind::Undef) {
    put_bytes(s, 0, bytes);
    define(s, SymKind::RoData, bytes.size(), align, true);
  }
  return s;
}

Symbol* Unit::zero_value(i64 size) {
  if (size <= abi::ZeroValSize) return sym(abi::rt_data::zeroVal);
  i64 n = abi::ZeroValSize;
  while (n < size) n *= 2;
  Symbol* s = sym(fmt::format("go:zero.{}", n));
  if (s->kind == SymKind::Undef) define(s, SymKind::NoPtrBss, static_cast<u64>(n), 8, true);
  return s;
}

Symbol* Unit::static_temp(const TypeInfo* t, bool read_only) {
  Symbol* s = sym(fmt::format("{}..stmp_{}", prefix, temps_++));
  s->size = static_cast<u64>(t->size);
  if (read_only) define(s, SymKind::RoData, static_cast<u64>(t->size), t->align, false);
  else s->align = t->align;
  return s;
}

Symbol* Unit::global(Var* v) {
  auto it = var_syms_.find(v);
  if (it != var_syms_.end()) return it->second;
  VOLE_CHECK(!v->owner && v->pkg);
  Symbol* s;
  if (v->linkname) {
    s = sym(v->linkname.text());
  } else {
    std::string n = package_prefix(v->pkg);
    n += '.';
    n += v->name.text();
    s = sym(n);
  }
  var_syms_[v] = s;
  return s;
}

u32 type_hash(const TypeInfo* t) { return link_string(t).hash(); }
}  // namespace vole::irgen
