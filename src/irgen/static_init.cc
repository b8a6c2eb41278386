// Values that need no code: laid out in the data of package variables, or in read-only images inside
// functions. For a package variable every part of its initialiser that can be is placed statically, and only
// the rest is code in P.init.
#include <bit>

#include <fmt/format.h>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

static const TypeInfo* type_of(Unit& u, Type* t, Instance* inst) {
  return info(t->has_tparams && inst ? u.subst(t, inst) : t);
}

static Func* named_function(Expr* e) {
  if (auto* id = e->as<Ident>()) return id->obj && id->targs.empty() ? id->obj->as<Func>() : nullptr;
  if (auto* s = e->as<SelectorExpr>(); s && !s->selection)
    return s->sel->obj && s->sel->targs.empty() ? s->sel->obj->as<Func>() : nullptr;
  return nullptr;
}

// The address of a package variable or a fixed part of one.
bool Unit::static_address(Expr* e, Symbol*& s, i64& off) {
  e = unparen(e);
  Var* v = nullptr;
  if (auto* id = e->as<Ident>()) v = id->obj ? id->obj->as<Var>() : nullptr;
  else if (auto* sel = e->as<SelectorExpr>(); sel && !sel->selection) v = sel->sel->obj->as<Var>();
  if (v) {
    if (v->owner || !v->pkg || v->is_param || v->is_result) return false;
    s = global(v);
    off = 0;
    return true;
  }
  if (auto* sel = e->as<SelectorExpr>()) {
    if (sel->selection->kind != Selection::Field || !static_address(sel->x, s, off)) return false;
    Type* t = sel->selection->recv;
    if (t->has_tparams) return false;
    for (u32 i : sel->selection->path) {
      if (under(t)->kind == TypeKind::Pointer) return false;
      const TypeInfo* st = info(t);
      off += st->offsets[i];
      t = st->fields[i]->type;
    }
    return true;
  }
  if (auto* ix = e->as<IndexExpr>()) {
    if (!ix->indices[0]->cval || !ix->x->type || ix->x->type->has_tparams ||
        under(ix->x->type)->kind != TypeKind::Array)
      return false;
    if (!static_address(ix->x, s, off)) return false;
    const TypeInfo* at = info(ix->x->type);
    const ConstValue* cv = ix->indices[0]->cval;
    u64 i = cv->kind == ConstValue::Int ? cv->integer.low_bits() : cv->real.to_int().low_bits();
    if (i >= static_cast<u64>(at->len)) return false;
    off += static_cast<i64>(i) * at->elem->size;
    return true;
  }
  return false;
}

// Whether the value is the same whenever it is evaluated and refers to no memory of its own that could be
// written.
bool Unit::is_static(Expr* e, const TypeInfo* t, Instance* inst, int depth) {
  e = unparen(e);
  if (depth > 200) return false;
  if (e->mode == Mode::Nil) return true;
  if (e->cval && e->mode == Mode::Constant) return true;
  const TypeInfo* et = e->type ? type_of(*this, e->type, inst) : nullptr;
  if (!et || et->is_interface() != t->is_interface()) return false;
  if (named_function(e)) return true;
  if (auto* un = e->as<UnaryExpr>(); un && un->op == Tok::And) {
    Symbol* s;
    i64 off;
    return static_address(un->x, s, off);
  }
  if (auto* cl = e->as<CompositeLit>()) {
    if (et->kind != abi::KStruct && et->kind != abi::KArray) return false;
    for (size_t i = 0; i < cl->elems.size(); i++) {
      auto* kv = cl->elems[i]->as<KeyValueExpr>();
      const TypeInfo* ft = et->elem;
      if (et->kind == abi::KStruct) {
        ft = et;
        if (kv && !kv->path.empty()) {
          for (u32 k : kv->path) {
            if (ft->kind != abi::KStruct) return false;
            ft = ft->fields[k];
          }
        } else {
          ft = et->fields[kv ? unparen(kv->key)->cast<Ident>()->obj->as<Var>()->field_index : i];
        }
      }
      if (!is_static(kv ? kv->value : cl->elems[i], ft, inst, depth + 1)) return false;
    }
    return true;
  }
  return false;
}

static void put_constant(Unit& u, Symbol* s, i64 off, const TypeInfo* t, const ConstValue* cv) {
  auto real = [&] { return cv->kind == ConstValue::Int ? bignum::Float(cv->integer) : cv->real; };
  auto float_at = [&](i64 at, const bignum::Float& f, bool f32) {
    if (f32) u.put_int(s, at, 4, std::bit_cast<u32>(f.to_float()));
    else u.put_int(s, at, 8, std::bit_cast<u64>(f.to_double()));
  };
  switch (t->kind) {
    case abi::KBool: u.put_int(s, off, 1, cv->boolean); break;
    case abi::KString:
      if (cv->string_size() == 0) break;
      u.put_ptr(s, off, u.string_data(cv->string()));
      u.put_int(s, off + 8, 8, cv->string_size());
      break;
    case abi::KFloat32: float_at(off, real(), true); break;
    case abi::KFloat64: float_at(off, real(), false); break;
    case abi::KComplex64:
    case abi::KComplex128: {
      bool f32 = t->kind == abi::KComplex64;
      float_at(off, real(), f32);
      if (cv->kind == ConstValue::Complex) float_at(off + (f32 ? 4 : 8), cv->imag, f32);
      break;
    }
    default: {
      u64 bits = cv->kind == ConstValue::Int ? cv->integer.low_bits() : cv->real.to_int().low_bits();
      u.put_int(s, off, static_cast<u32>(t->size), bits);
    }
  }
}

bool Unit::static_value(Symbol* s, i64 off, const TypeInfo* t, Expr* e, Instance* inst,
                        std::vector<DynamicInit>* dynamic, bool read_only) {
  e = unparen(e);
  if (e->mode == Mode::Nil) return true;
  const TypeInfo* et = e->type && e->type->kind != TypeKind::Tuple ? type_of(*this, e->type, inst) : nullptr;
  auto give_up = [&] {
    if (!dynamic) return false;
    dynamic->push_back({s, off, t, e});
    return true;
  };
  if (!et) return give_up();

  if (t->is_interface() && !et->is_interface()) {
    bool constant = e->cval && e->mode == Mode::Constant;
    Symbol* d = nullptr;
    i64 doff = 0;
    // Only what is static as a whole: a half-made value must not be seen through the interface.
    auto* un = e->as<UnaryExpr>();
    bool address =
        un && un->op == Tok::And &&
        (static_address(un->x, d, doff) || (dynamic && unparen(un->x)->kind == NodeKind::CompositeLit));
    bool composite = e->kind == NodeKind::CompositeLit && !et->direct_iface && is_static(e, et, inst);
    if (!constant && !address && !composite && !named_function(e)) return give_up();
    Symbol* tab = is_empty_interface(t) ? descriptor(et) : itab(et, t);
    put_ptr(s, off, tab);
    s->relocs.push_back({0, RelocKind::UseIface, descriptor(et), 0});
    if (et->direct_iface) return static_value(s, off + 8, et, e, inst, dynamic, read_only);
    if (et->size == 0) {
      put_ptr(s, off + 8, sym(abi::rt_data::zerobase));
      return true;
    }
    Symbol* tmp = static_temp(et, true);
    static_value(tmp, 0, et, e, inst, nullptr, true);
    put_ptr(s, off + 8, tmp);
    return true;
  }
  if (e->cval && e->mode == Mode::Constant) {
    put_constant(*this, s, off, t, e->cval);
    return true;
  }
  if (t->is_interface()) return give_up();
  if (Func* fn = named_function(e)) {
    put_ptr(s, off, func_value(func_symbol(fn)));
    return true;
  }
  switch (e->kind) {
    case NodeKind::UnaryExpr: {
      auto* un = e->cast<UnaryExpr>();
      if (un->op != Tok::And) return give_up();
      Symbol* target;
      i64 at;
      if (static_address(un->x, target, at)) {
        put_ptr(s, off, target, at);
        return true;
      }
      auto* cl = unparen(un->x)->as<CompositeLit>();
      if (!cl || !dynamic) return give_up();
      const TypeInfo* ct = type_of(*this, cl->type, inst);
      if (ct->kind == abi::KMap || (ct->kind == abi::KPointer)) return give_up();
      if (ct->size == 0) {
        put_ptr(s, off, sym(abi::rt_data::zerobase));
        return true;
      }
      Symbol* tmp = static_temp(ct, false);
      static_value(tmp, 0, ct, cl, inst, dynamic, false);
      set_var_layout(tmp, ct);
      put_ptr(s, off, tmp);
      return true;
    }
    case NodeKind::CompositeLit: {
      auto* cl = e->cast<CompositeLit>();
      if (et->kind == abi::KPointer) {  // elided &T
        if (!dynamic) return false;
        const TypeInfo* ct = info(et->under->cast<Pointer>()->elem);
        if (ct->kind != abi::KStruct && ct->kind != abi::KArray) return give_up();
        Symbol* tmp = static_temp(ct, false);
        std::vector<DynamicInit>* dyn = dynamic;
        if (ct->size == 0) {
          put_ptr(s, off, sym(abi::rt_data::zerobase));
          return true;
        }
        if (!static_elements(tmp, 0, ct, cl, inst, dyn, false)) return give_up();
        set_var_layout(tmp, ct);
        put_ptr(s, off, tmp);
        return true;
      }
      if (et->kind == abi::KSlice) {
        if (!dynamic) return false;
        i64 next = 0, len = 0;
        for (Expr* x : cl->elems) {
          if (auto* kv = x->as<KeyValueExpr>())
            next = static_cast<i64>(kv->key->cval->kind == ConstValue::Int
                                        ? kv->key->cval->integer.low_bits()
                                        : kv->key->cval->real.to_int().low_bits());
          len = std::max(len, ++next);
        }
        const TypeInfo* elem = info(et->under->cast<Slice>()->elem);
        const TypeInfo* at = info(new_array(elem->type, len));
        if (at->size == 0) {
          put_ptr(s, off, sym(abi::rt_data::zerobase));
        } else {
          Symbol* tmp = static_temp(at, false);
          static_elements(tmp, 0, at, cl, inst, dynamic, false);
          set_var_layout(tmp, at);
          put_ptr(s, off, tmp);
        }
        put_int(s, off + 8, 8, static_cast<u64>(len));
        put_int(s, off + 16, 8, static_cast<u64>(len));
        return true;
      }
      if (et->kind != abi::KStruct && et->kind != abi::KArray) return give_up();
      return static_elements(s, off, et, cl, inst, dynamic, read_only);
    }
    case NodeKind::FuncLit: {
      auto* fl = e->cast<FuncLit>();
      if (!dynamic || !fl->captures.empty() || inst) return give_up();
      put_ptr(s, off, func_value(build_global_closure(fl)));
      return true;
    }
    case NodeKind::CallExpr: {
      auto* call = e->cast<CallExpr>();
      if (call->callee != CallExpr::Conversion || !dynamic) return give_up();
      // Conversions that change nothing about the bits.
      Expr* x = unparen(call->args[0]);
      if (x->mode == Mode::Nil) return true;
      const TypeInfo* xt =
          x->type && x->type->kind != TypeKind::Tuple ? type_of(*this, x->type, inst) : nullptr;
      if (!xt || xt->kind != et->kind || xt->is_interface() || xt->kind == abi::KString) return give_up();
      if (xt->is_integer() || xt->is_float() || xt->is_complex()) return give_up();
      return static_value(s, off, et, x, inst, dynamic, read_only);
    }
    default: return give_up();
  }
}

bool Unit::static_elements(Symbol* s, i64 off, const TypeInfo* t, CompositeLit* cl, Instance* inst,
                           std::vector<DynamicInit>* dynamic, bool read_only) {
  i64 next = 0;
  for (size_t i = 0; i < cl->elems.size(); i++) {
    Expr* x = cl->elems[i];
    auto* kv = x->as<KeyValueExpr>();
    Expr* value = kv ? kv->value : x;
    const TypeInfo* ft;
    i64 at = off;
    if (t->kind == abi::KArray) {
      if (kv)
        next = static_cast<i64>(kv->key->cval->kind == ConstValue::Int
                                    ? kv->key->cval->integer.low_bits()
                                    : kv->key->cval->real.to_int().low_bits());
      ft = t->elem;
      at += next++ * ft->size;
    } else {
      ft = t;
      auto step = [&](u32 k) {
        at += ft->offsets[k];
        ft = ft->fields[k];
      };
      if (kv && !kv->path.empty())
        for (u32 k : kv->path) step(k);
      else step(kv ? unparen(kv->key)->cast<Ident>()->obj->as<Var>()->field_index : static_cast<u32>(i));
      // A blank field keeps nothing.
      if (!kv && t->under->cast<Struct>()->fields[i]->name == "_" && is_static(value, ft, inst)) continue;
    }
    if (!static_value(s, at, ft, value, inst, dynamic, read_only)) return false;
  }
  return true;
}

Symbol* Unit::build_global_closure(FuncLit* e) {
  Builder owner(*this, nullptr);
  static const AbiSig NoArgs{};
  owner.start(sym(prefix + ".init"), &NoArgs, e->pos);
  owner.global_init_ = true;
  Val v = owner.func_lit(e);
  // func_lit gave the address of the func value, name·f.
  std::string_view n = v.v()->sym->name.text();
  return sym(n.substr(0, n.size() - 3));
}

// ---- package variables
// -------------------------------------------------------------------------------------------------

void Unit::build_vars() {
  std::unique_ptr<Builder> init;
  static const AbiSig NoArgs{};
  auto code = [&]() -> Builder& {
    if (!init) {
      init = std::make_unique<Builder>(*this, nullptr);
      init->start(sym(prefix + ".init"), &NoArgs, {});
      init->global_init_ = true;
    }
    return *init;
  };
  for (const Initializer& in : pkg.init_order) {
    auto blank = [](Var* v) { return v->name == "_"; };
    if (in.lhs.size() != 1) {
      Builder& b = code();
      b.pos = in.rhs->pos;
      Vals vals = b.comma_ok(in.rhs);
      for (size_t i = 0; i < in.lhs.size(); i++) {
        if (blank(in.lhs[i])) continue;
        b.store({b.sym_addr(global(in.lhs[i])), 0, 0}, b.convert_assign(vals[i], info(in.lhs[i]->type)));
      }
      continue;
    }
    Var* v = in.lhs[0];
    const TypeInfo* t = info(v->type);
    if (blank(v)) {
      Expr* e = unparen(in.rhs);
      if (e->cval || e->mode == Mode::Nil || is_static(e, t, nullptr)) continue;
      if (t->is_interface()) {
        // var _ I = T{}: nothing happens unless the value needs code.
        auto* un = e->as<UnaryExpr>();
        Expr* x = un && un->op == Tok::And ? unparen(un->x) : e;
        const TypeInfo* xt = x->type && x->type->kind != TypeKind::Tuple ? info(x->type) : nullptr;
        if (x->kind == NodeKind::CompositeLit && xt && x->cast<CompositeLit>()->elems.empty()) continue;
        if (auto* conv = e->as<CallExpr>();
            conv && conv->callee == CallExpr::Conversion && unparen(conv->args[0])->mode == Mode::Nil)
          continue;
      }
      Builder& b = code();
      b.pos = e->pos;
      b.effect(e);
      continue;
    }
    Symbol* s = global(v);
    s->size = static_cast<u64>(t->size);
    std::vector<DynamicInit> dynamic;
    static_value(s, 0, t, in.rhs, nullptr, &dynamic, false);
    for (DynamicInit& d : dynamic) {
      Builder& b = code();
      b.pos = d.expr->pos;
      Val x = b.expr_as(d.expr, d.type);
      b.store({b.sym_addr(d.sym), d.off, 0}, x);
    }
  }
  for (Var* v : pkg.vars) {
    if (v->name == "_") continue;
    Symbol* s = global(v);
    bool content = !s->bytes.empty() || !s->relocs.empty();
    set_var_layout(s, info(v->type));
    if (v->link_mark != LinkMark::None && !content) s->weak_def = true;
  }
  std::vector<Symbol*> fns;
  if (init) {
    init->do_return({});
    init->finish();
    fns.push_back(init->f->sym);
    finish_func(std::move(init->f));
  }
  fns.insert(fns.end(), init_funcs_.begin(), init_funcs_.end());
  if (fns.empty()) return;
  Symbol* task = sym(prefix + "..inittask");
  task->size = 8 + 8 * fns.size();
  put_int(task, 4, 4, fns.size());
  for (size_t i = 0; i < fns.size(); i++) put_ptr(task, 8 + 8 * static_cast<i64>(i), fns[i]);
  define(task, SymKind::NoPtrData, task->size, 8, false);
  object.init_task = task;
}

// ---- //go:embed
// -------------------------------------------------------------------------------------------------

void Unit::build_embeds() {
  for (const Package::EmbedVar& ev : pkg.embeds) {
    std::vector<EmbedFile> files;
    bool failed = false;
    for (const Embed& pattern : ev.decl->embeds) {
      std::string error;
      if (!options.embed || !options.embed(pattern.pattern, files, error)) {
        diags.add(
            {diag::Code::Syntax,
             pattern.pattern_pos,
             error.empty() ? fmt::format("pattern {}: no matching files found", pattern.pattern) : error,
             {},
             {},
             false});
        failed = true;
      }
    }
    if (failed) continue;
    Symbol* s = global(ev.var);
    const TypeInfo* t = info(ev.var->type);
    bool bytes = t->kind == abi::KSlice && info(t->under->cast<Slice>()->elem)->kind == abi::KUint8;
    auto* named = unalias(ev.var->type)->as<Named>();
    bool fs = named && named->obj->name == "FS" && named->obj->pkg && named->obj->pkg->path == "embed";
    auto fault = [&](std::string text) {
      diags.add({diag::Code::Other, ev.var->pos, std::move(text), {}, {}, false});
    };
    if (!t->is_string() && !bytes && !fs) {
      fault(fmt::format("go:embed cannot apply to var of type {}", type_string(ev.var->type, &pkg)));
      continue;
    }
    if (!fs && files.size() > 1) {
      fault(fmt::format("invalid go:embed: multiple files for type {}", type_string(ev.var->type, &pkg)));
      continue;
    }
    if (t->is_string()) {
      if (!files.empty() && !files[0].bytes.empty()) {
        put_ptr(s, 0, ro_bytes(files[0].bytes, 1));
        put_int(s, 8, 8, files[0].bytes.size());
      }
    } else if (t->kind == abi::KSlice) {
      if (!files.empty()) {
        Symbol* data = sym(fmt::format("{}..embed_{}", prefix, temps_++));
        put_bytes(data, 0, files[0].bytes);
        define(data, SymKind::NoPtrData, std::max<size_t>(files[0].bytes.size(), 1), 1, false);
        put_ptr(s, 0, data);
        put_int(s, 8, 8, files[0].bytes.size());
        put_int(s, 16, 8, files[0].bytes.size());
      }
    } else {
      // embed.FS: pointer to a slice of {name, data string; hash [16]byte}, sorted by directory, then name;
      // directories end in a slash.
      auto split = [](std::string_view n) {
        if (n.ends_with('/')) n.remove_suffix(1);
        size_t i = n.rfind('/');
        return i == std::string_view::npos
                   ? std::pair<std::string_view, std::string_view>{".", n}
                   : std::pair<std::string_view, std::string_view>{n.substr(0, i), n.substr(i + 1)};
      };
      for (size_t i = 0; i < files.size(); i++) {
        std::string dir = files[i].name;
        while (true) {
          size_t k = dir.rfind('/', dir.size() >= 2 ? dir.size() - 2 : 0);
          if (k == std::string::npos || dir.size() < 2) break;
          dir.resize(k + 1);
          bool have = false;
          for (const EmbedFile& f : files) have |= f.name == dir;
          if (have) break;
          files.push_back({dir, {}});
        }
      }
      std::sort(files.begin(), files.end(),
                [&](const EmbedFile& a, const EmbedFile& b) { return split(a.name) < split(b.name); });
      files.erase(std::unique(files.begin(), files.end(),
                              [](const EmbedFile& a, const EmbedFile& b) { return a.name == b.name; }),
                  files.end());
      Symbol* list = sym(fmt::format("{}..embed_{}", prefix, temps_++));
      i64 n = static_cast<i64>(files.size());
      list->size = static_cast<u64>(24 + 48 * n);
      put_ptr(list, 0, list, 24);
      put_int(list, 8, 8, static_cast<u64>(n));
      put_int(list, 16, 8, static_cast<u64>(n));
      for (i64 i = 0; i < n; i++) {
        const EmbedFile& f = files[static_cast<size_t>(i)];
        i64 at = 24 + 48 * i;
        put_ptr(list, at, string_data(f.name));
        put_int(list, at + 8, 8, f.name.size());
        if (f.name.ends_with('/') || f.bytes.empty()) continue;
        put_ptr(list, at + 16, ro_bytes(f.bytes, 1));
        put_int(list, at + 24, 8, f.bytes.size());
        std::string h = content_name(f.bytes);
        for (u32 k = 0; k < 16; k++)
          put_int(list, at + 32 + k, 1, static_cast<u64>(std::stoi(h.substr(k * 2, 2), nullptr, 16)));
      }
      define(list, SymKind::RoData, list->size, 8, false);
      put_ptr(s, 0, list);
    }
    set_var_layout(s, t);
  }
}
}  // namespace vole::irgen
