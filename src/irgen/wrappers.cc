// Functions the language implies: promoted methods, (*T).M for T.M, interface method expressions, method
// values, and the bridges between the two calling conventions.
#include "irgen/builder.h"

#include <fmt/format.h>

namespace vole::irgen {
using namespace types;

// The declared type behind a receiver type, or null for literals.
static Named* receiver_named(Type* t) {
  t = unalias(t);
  if (auto* p = t->as<Pointer>()) t = unalias(p->elem);
  return t->as<Named>();
}

static std::string wrapper_name(const TypeInfo* recv, Func* m, std::span<Type* const> targs) {
  Type* t = unalias(recv->type);
  bool is_ptr = t->kind == TypeKind::Pointer;
  Named* n = receiver_named(t);
  std::string s;
  const Package* home = nullptr;
  if (n) {
    home = n->obj->pkg;
    if (home) {
      append_package_prefix(s, home);
      s += '.';
    }
    // The type's own name, without its package: T, T[int], T·1.
    std::string link(link_string(info(n)).text());
    std::string own = home ? link.substr(package_prefix(home).size() + 1) : link;
    s += is_ptr ? "(*" + own + ")" : own;
  } else {
    s += "go.";
    std::string_view link = link_string(recv).text();
    if (is_ptr) s += fmt::format("({})", link);
    else s += link;
  }
  if (!m->exported() && m->pkg && m->pkg != home) {
    s += '.';
    append_package_prefix(s, m->pkg);
  }
  s += '.';
  s += m->name.text();
  append_targs(s, targs);
  return s;
}

Symbol* Unit::method_symbol(const TypeInfo* recv, const MethodSetEntry& m, std::span<Type* const> targs) {
  bool is_ptr = unalias(recv->type)->kind == TypeKind::Pointer;
  if (m.path.empty() && !m.func->is_interface_method && m.func->ptr_recv == is_ptr)
    return func_symbol(m.func, targs);
  Symbol* s = sym(wrapper_name(recv, m.func, targs));
  Named* n = receiver_named(recv->type);
  // The package that declares a type makes the wrappers of its methods.
  if (targs.empty() && n && n->targs.empty() && n->obj->pkg && n->obj->pkg != &pkg) return s;
  if (requested_.insert(s).second)
    wrappers_.push_back({PendingWrapper::Method,
                         recv,
                         m.func,
                         {m.path.begin(), m.path.end()},
                         {targs.begin(), targs.end()},
                         s});
  return s;
}

// The same type each time, so that what is known of it (its method set) is found again.
const TypeInfo* Unit::pointer_to(const TypeInfo* t) {
  const TypeInfo*& p = pointers_[t];
  if (!p) p = info(new_pointer(t->type));
  return p;
}

bool Unit::implements(const TypeInfo* concrete, const TypeInfo* iface) {
  // In an interface a value has the methods of its pointer in its method set only when it is that pointer.
  auto methods = iface->under->cast<Interface>()->all_methods();
  return std::all_of(methods.begin(), methods.end(), [&](const Func* m) {
    const MethodSetEntry* e = find_in_method_set(concrete->type, m);
    return e && identical(e->func->sig(), m->sig());
  });
}

Symbol* Unit::iface_method_symbol(const TypeInfo* concrete, Func* method) {
  const TypeInfo* recv = concrete->direct_iface ? concrete : pointer_to(concrete);
  const MethodSetEntry* e = find_in_method_set(recv->type, method);
  VOLE_CHECK(e);
  return method_symbol(recv, *e);
}

Symbol* Unit::iface_method_expr(const TypeInfo* iface, Func* m) {
  Symbol* s = sym(wrapper_name(iface, m, {}));
  if (requested_.insert(s).second)
    wrappers_.push_back({PendingWrapper::IfaceMethodExpr, iface, m, {}, {}, s});
  return s;
}

Symbol* Unit::method_value_wrapper(const TypeInfo* recv, Func* m, std::span<Type* const> targs) {
  Symbol* s = sym(wrapper_name(recv, m, targs) + "-fm");
  if (requested_.insert(s).second)
    wrappers_.push_back({PendingWrapper::MethodValue, recv, m, {}, {targs.begin(), targs.end()}, s});
  return s;
}

void Unit::build_wrapper(const PendingWrapper& w) {
  Builder b(*this, nullptr);
  Func* m = w.func;
  Signature* sig = m->sig();
  if (w.recv->is_interface()) {
    // The interface at hand knows the signature without type parameters.
    for (Func* im : w.recv->under->cast<Interface>()->all_methods())
      if (im->name == m->name && (m->exported() || im->pkg == m->pkg)) sig = im->sig();
  } else if (const MethodSetEntry* e = find_in_method_set(w.recv->type, m)) {
    m = e->func;
    sig = m->sig();
  }
  if (!w.targs.empty()) sig = substitute(sig, {sig->tparams, w.targs})->cast<Signature>();
  bool bound = w.kind == PendingWrapper::MethodValue;
  b.start(w.sym, abi(sig, bound ? nullptr : w.recv), m->pos);
  b.f->wrapper = true;
  b.f->func_id = abi::FuncWrapper;
  b.f->dupok = true;
  if (bound) b.note_method_lookup(m);
  Vals args;
  for (const ParamLoc& p : b.abi_->params) args.push_back(b.param_value(p));
  for (const ParamLoc& p : b.abi_->results) b.results_.push_back({nullptr, p.type, {}, false, {}});
  Val recv;
  Vals rest;
  if (bound) {
    Val like;
    like.t = w.recv;
    recv = b.load_captured({&like, 1})[0];
    rest = args;
  } else {
    recv = args[0];
    rest.assign(args.begin() + 1, args.end());
  }
  Builder::Callee callee;
  const AbiSig* target = nullptr;
  Vals out_args;
  auto to_iface = [&](const Val& v) {
    Builder::MethodTarget t = b.iface_call(v, m);
    callee = t.callee;
    target = t.sig;
    out_args.push_back(t.recv);
  };
  if (w.recv->is_interface()) {
    to_iface(recv);
  } else {
    Type* t = unalias(w.recv->type);
    bool is_ptr = t->kind == TypeKind::Pointer && (w.kind != PendingWrapper::MethodValue || true);
    std::span<const u32> path(w.path);
    if (bound) {
      const MethodSetEntry* e = find_in_method_set(w.recv->type, m);
      if (e) path = e->path;
    }
    bool ptr_recv = !m->is_interface_method && m->ptr_recv;
    if (is_ptr && path.empty() && !ptr_recv && !m->is_interface_method) {
      // (*T).M for T.M: a nil pointer is the caller's mistake, with a message of its own.
      Block *ok = b.new_block(), *bad = b.new_block(true);
      b.branch(b.icmp(Cond::Ne, recv.v(), b.nil()), ok, bad, 1);
      b.enter_sealed(bad);
      b.rt_panic(Rt::panicwrap);
      b.enter_sealed(ok);
      const TypeInfo* et = info(t->cast<Pointer>()->elem);
      recv.w[0]->flags |= 0;
      out_args.push_back(b.load(et, {recv.v(), 0, 0}));
      target = abi(sig, et);
      callee = {Builder::Callee::Static, func_symbol(m, w.targs), nullptr, false};
    } else if (path.empty()) {
      out_args.push_back(recv);
      target = abi(sig, w.recv);
      callee = {Builder::Callee::Static, func_symbol(m, w.targs), nullptr, false};
    } else {
      Type* end = nullptr;
      Val v;
      if (is_ptr) {
        b.nil_check(recv.v());
        Addr a = b.field_addr({recv.v(), 0, 0}, t->cast<Pointer>()->elem, path, &end);
        if (ptr_recv && under(end)->kind != TypeKind::Pointer) {
          v = b.val(info(new_pointer(end)), {b.ptr(a)});
          end = v.t->type;
        } else {
          v = b.load(info(end), a);
        }
      } else if (ptr_recv) {
        v = b.promoted_receiver(recv, t, path);
        end = v.t->type;
      } else {
        v = b.field_path(recv, t, path, &end);
      }
      if (m->is_interface_method) {
        to_iface(v);
      } else {
        if (!ptr_recv && under(end)->kind == TypeKind::Pointer && unalias(end)->kind == TypeKind::Pointer) {
          b.nil_check(v.v());
          end = unalias(end)->cast<Pointer>()->elem;
          v = b.load(info(end), {v.v(), 0, 0});
        }
        out_args.push_back(v);
        target = abi(sig, info(end));
        callee = {Builder::Callee::Static, func_symbol(m, w.targs), nullptr, false};
      }
    }
  }
  for (const Val& v : rest) out_args.push_back(v);
  Vals results = b.call(target, callee, out_args);
  b.do_return(results);
  b.finish();
  finish_func(std::move(b.f));
}

// ---- calling conventions
// -------------------------------------------------------------------------------------------------

// Functions defined in assembly get an ABIInternal entry that calls the ABI0 one; Go functions that assembly
// calls get the opposite.
void Unit::build_abi_wrappers() {
  for (Func* f : pkg.funcs) {
    if (f->name == "_" || is_generic(f) || !f->decl) continue;
    Symbol* s = func_symbol(f);
    const AsmSymbols& as = options.asm_symbols;
    bool has_body = f->decl->body != nullptr;
    Signature* sig = f->sig();
    const TypeInfo* recv = sig->recv ? info(sig->recv->type) : nullptr;
    std::string abi0_name = std::string(s->name.text()) + ".abi0";
    bool asm_defines = as.abi0_defs.contains(s->name);
    if (!has_body && !as.abiinternal_defs.contains(s->name) &&
        (asm_defines || (options.is_runtime && f->link_mark == LinkMark::None))) {
      Builder b(*this, nullptr);
      b.start(s, abi(sig, recv), f->decl->pos);
      b.f->wrapper = true;
      b.f->func_id = abi::FuncWrapper;
      b.f->no_split = !options.is_runtime || (f->pragma & syntax::Nosplit);
      b.f->no_escape = f->pragma & syntax::Noescape;
      Vals args;
      for (const ParamLoc& p : b.abi_->params) args.push_back(b.param_value(p));
      for (const ParamLoc& p : b.abi_->results) b.results_.push_back({nullptr, p.type, {}, false, {}});
      Vals results =
          b.call(abi(sig, recv, true), {Builder::Callee::Static, sym(abi0_name), nullptr, false}, args);
      b.do_return(results);
      b.finish();
      finish_func(std::move(b.f));
    }
    // Assembly of another package may name a function with a linkname.
    if (has_body && (as.abi0_refs.contains(s->name) || f->link_mark != LinkMark::None)) {
      Builder b(*this, nullptr);
      b.start(sym(abi0_name), abi(sig, recv, true), f->decl->pos);
      b.f->wrapper = true;
      b.f->abi0 = true;
      b.f->func_id = abi::FuncWrapper;
      b.f->no_split = true;
      Vals args;
      for (const ParamLoc& p : b.abi_->params)
        args.push_back(p.type->size ? b.param_value(p) : b.zero(p.type));
      for (const ParamLoc& p : b.abi_->results) b.results_.push_back({nullptr, p.type, {}, false, {}});
      Vals results = b.call(abi(sig, recv), {Builder::Callee::Static, s, nullptr, false}, args);
      b.do_return(results);
      b.finish();
      finish_func(std::move(b.f));
    }
  }
}
}  // namespace vole::irgen
