// Calls: what is called, with which arguments, under which convention.
#include <algorithm>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

Vals Builder::call(const AbiSig* sig, const Callee& callee, std::span<const Val> args) {
  absl::InlinedVector<Value*, 12> ops;
  if (callee.kind != Callee::Static) ops.push_back(callee.v);
  // Register words first: computing them must not come between stores to the outgoing area and the call.
  for (size_t i = 0; i < sig->params.size(); i++) {
    const ParamLoc& p = sig->params[i];
    if (!p.in_regs) continue;
    const Val& v = args[i];
    if (v.mem) {
      for (const Leaf& l : p.leaves) ops.push_back(load(l.ty, v.addr().at(l.off)));
    } else {
      VOLE_DCHECK(v.n == p.leaves.size());
      for (int j = 0; j < v.n; j++) ops.push_back(v.w[j]);
    }
  }
  for (size_t i = 0; i < sig->params.size(); i++) {
    const ParamLoc& p = sig->params[i];
    if (p.in_regs || p.type->size == 0) continue;
    Value* out = emit(Op::OutArg, Ty::Ptr, {}, p.stack_offset);
    out->flags |= ssa::NonNil;
    if (callee.no_escape) out->flags |= ssa::NoEscape;
    store({out, 0, 1}, retype(args[i], p.type));
  }
  // The stack copier and the collector look at an ABI0 callee's pointer results in the outgoing area during
  // the call.
  if (sig->sig.abi0)
    for (u32 off : sig->sig.stack_ptr_offsets)
      if (off >= sig->sig.stack_results_offset) store({emit(Op::OutArg, Ty::Ptr, {}, off), 0, 1}, nil());
  Op op = callee.kind == Callee::Static    ? Op::Call
          : callee.kind == Callee::Closure ? Op::CallClosure
                                           : Op::CallCode;
  Value* cv = emit_span(op, Ty::None, {ops.data(), ops.size()});
  cv->sig = &sig->sig;
  if (callee.kind == Callee::Static) cv->sym = callee.sym;
  if (callee.noreturn) cv->flags |= ssa::NoReturn;
  if (callee.no_escape) cv->flags |= ssa::NoEscape;
  calls_++;
  absl::InlinedVector<Value*, 8> words;
  for (size_t i = 0; i < sig->sig.results.size(); i++)
    words.push_back(emit(Op::Extract, sig->sig.results[i].ty, {cv}, static_cast<i64>(i)));
  Vals out;
  for (const ParamLoc& p : sig->results) {
    if (p.in_regs && p.type->ssa_able) {
      Val v;
      v.t = p.type;
      for (size_t j = 0; j < p.leaves.size(); j++) v.w[v.n++] = words[p.first + j];
      out.push_back(v);
    } else if (p.in_regs) {
      Addr a = alloca_for(p.type);
      for (size_t j = 0; j < p.leaves.size(); j++) store(a.at(p.leaves[j].off), words[p.first + j]);
      out.push_back(mem_val(p.type, a));
    } else if (p.type->size == 0) {
      out.push_back(zero(p.type));
    } else {
      Value* area = emit(Op::OutArg, Ty::Ptr, {}, p.stack_offset);
      area->flags |= ssa::NonNil;
      Val v = load(p.type, {area, 0, 0});
      out.push_back(v.mem ? copy_to_temp(v) : v);
    }
  }
  return out;
}

Vals Builder::rt(Rt r, std::initializer_list<Val> args) {
  return call(u.rt_sig(r), {Callee::Static, u.rt_symbol(r), nullptr, u.rt_noreturn(r)},
              std::span<const Val>(args.begin(), args.size()));
}

void Builder::rt_panic(Rt r, std::initializer_list<Val> args) {
  rt(r, args);
  unreachable();
}

// The declared function that an expression names, when it is one (not a method).
Func* Builder::static_callee(Expr* fun, std::span<Type*>* targs) {
  fun = unparen(fun);
  if (auto* ix = fun->as<IndexExpr>(); ix && ix->indices[0]->mode == Mode::TypeExpr) fun = unparen(ix->x);
  Ident* id = fun->as<Ident>();
  if (!id) {
    auto* s = fun->as<SelectorExpr>();
    if (!s || s->selection) return nullptr;
    id = s->sel;
  }
  if (targs) *targs = id->targs;
  return id->obj ? id->obj->as<Func>() : nullptr;
}

// Package reflect's own ways to look methods up: what counts is who calls them.
static bool is_method_lookup(std::string_view func) {
  constexpr std::string_view Names[] = {"reflect.(*rtype).Method",
                                        "reflect.(*rtype).MethodByName",
                                        "reflect.(*interfaceType).Method",
                                        "reflect.(*interfaceType).MethodByName",
                                        "reflect.Value.Method",
                                        "reflect.Value.MethodByName"};
  return std::find(std::begin(Names), std::end(Names), func) != std::end(Names);
}

// Calling Method or MethodByName of reflect.Type, reflect.Value or an interface like them keeps methods alive
// that nothing else mentions: the one named by a constant, or all.
void Builder::note_method_lookup(const Func* m) {
  std::string_view n = m->name.text();
  if ((n != "Method" && n != "MethodByName") || m->sig()->results.empty() || is_method_lookup(f->name.text()))
    return;
  auto* result = unalias(m->sig()->results[0]->type)->as<Named>();
  if (!result || !result->obj->pkg || result->obj->pkg->path != "reflect") return;
  if (n == "MethodByName" && lookup_name_)
    marker(RelocKind::UseNamedMethod, u.sym("go:methodname." + std::string(lookup_name_->string())));
  else f->reflect_method = true;
}

Builder::MethodTarget Builder::iface_call(const Val& iface, Func* m) {
  auto methods = iface.t->under->cast<Interface>()->all_methods();
  size_t i = 0;
  while (i < methods.size() && !(methods[i]->name == m->name && (m->exported() || methods[i]->pkg == m->pkg)))
    i++;
  VOLE_CHECK(i < methods.size());
  nil_check(iface.w[0]);
  note_method_lookup(methods[i]);
  marker(RelocKind::UseIfaceMethod, u.descriptor(iface.t), static_cast<i64>(i) * 8);
  Value* code = load(Ty::Ptr, {iface.w[0], abi::ItabFun + static_cast<i64>(i) * 8, 0});
  MethodTarget t;
  t.callee = {Callee::Code, nullptr, code, false};
  t.recv = pv(iface.w[1]);
  t.sig = u.abi(methods[i]->sig(), ptr_type());
  return t;
}

// The receiver of a pointer method that the value v of type t has by promotion: the path goes through an
// embedded pointer, or ends in one.
Val Builder::promoted_receiver(const Val& v, Type* t, std::span<const u32> path) {
  Type* end = nullptr;
  Addr a = field_addr(to_memory(v), t, path, &end);
  if (under(end)->kind == TypeKind::Pointer) return load(info(end), a);
  return val(info(new_pointer(end)), {ptr(a)});
}

// Finds the method that x.M names for the types at hand and evaluates its receiver.
Builder::MethodTarget Builder::method_target(SelectorExpr* s) {
  if (auto* m = s->selection->obj->as<Func>()) note_method_lookup(m);
  const Selection* sel = s->selection;
  Type* recv = ty(sel->recv);
  auto* m = static_cast<Func*>(sel->obj);
  std::span<const u32> path = sel->path;
  Lookup l;
  if (sel->recv->has_tparams) {
    l = lookup_field_or_method(recv, true, m->pkg, m->name);
    m = static_cast<Func*>(l.obj);
    VOLE_CHECK(m);
    path = std::span<const u32>(l.path).first(l.path.size() - 1);
  }
  auto static_method = [&](MethodTarget t) {
    std::vector<Type*> targs;
    for (Type* x : s->sel->targs) targs.push_back(ty(x));
    t.callee = {Callee::Static, u.func_symbol(m, targs), nullptr, false};
    // The selector of a generic method has a generic type: its callers know the convention of the instance.
    t.sig = targs.empty() ? u.abi(static_cast<Signature*>(under(ty(s->type))), t.recv.t) : nullptr;
    return t;
  };
  Type* at = recv;
  // Where the receiver is in memory and the method wants its address, walk addresses; else values.
  const TypeInfo* ri = info(recv);
  bool recv_is_ptr = under(recv)->kind == TypeKind::Pointer;
  bool concrete_ptr = !m->is_interface_method && m->ptr_recv;
  if (concrete_ptr) {
    Addr a;
    if (recv_is_ptr) {
      Value* p = expr(s->x).v();
      if (path.empty()) {
        at = recv;
        MethodTarget t;
        t.recv = val(info(recv), {p});
        return static_method(t);
      }
      at = under(recv)->cast<Pointer>()->elem;
      nil_check(p);
      a = {p, 0, 0};
    } else {
      bool only_value = unparen(s->x)->mode != Mode::Variable;
      if (only_value) {
        // A value whose path goes through an embedded pointer.
        MethodTarget t;
        t.recv = promoted_receiver(expr(s->x), recv, path);
        return static_method(t);
      }
      LValue lv = lvalue(s->x);
      if (lv.kind == LValue::Slots) {
        // Held in SSA form: the path goes through an embedded pointer or ends in one.
        MethodTarget t;
        t.recv = promoted_receiver(read_lvalue(lv), recv, path);
        return static_method(t);
      }
      resolve(lv);
      a = lv.addr;
    }
    Type* end = nullptr;
    a = field_addr(a, at, path, &end);
    MethodTarget t;
    if (auto* p = under(end)->as<Pointer>()) t.recv = val(info(end), {load(Ty::Ptr, a)}), (void)p;
    else t.recv = val(info(new_pointer(end)), {ptr(a)});
    return static_method(t);
  }
  Type* end = nullptr;
  Val v = field_path(expr(s->x), recv, path, &end);
  (void)ri;
  if (m->is_interface_method || info(end)->is_interface()) {
    // Type parameters instantiated with interfaces arrive here, too.
    return iface_call(v, m);
  }
  MethodTarget t;
  if (auto* p = under(end)->as<Pointer>()) {
    nil_check(v.v());
    const TypeInfo* et = info(p->elem);
    v = load(et, {v.v(), 0, 0});
  }
  t.recv = v;
  return static_method(t);
}

void Builder::eval_args(Signature* sig, CallExpr* e, absl::InlinedVector<Val, 6>& out) {
  size_t n = sig->params.size();
  // f(g()) with several results
  Vals multi;
  bool spread = e->args.size() == 1 && unparen(e->args[0])->kind == NodeKind::CallExpr && e->args[0]->type &&
                e->args[0]->type->kind == TypeKind::Tuple;
  if (spread) multi = expr_multi(e->args[0]);
  size_t count = spread ? multi.size() : e->args.size();
  size_t fixed = sig->variadic && !e->has_dots ? n - 1 : n;
  bool collect = sig->variadic && !e->has_dots;  // the rest goes into a slice
  const TypeInfo* st = n ? ti(sig->params[n - 1]->type) : nullptr;
  const TypeInfo* et = collect ? info(st->under->cast<Slice>()->elem) : nullptr;
  Vals vals(count);
  auto type_of = [&](size_t i) { return i < fixed ? ti(sig->params[i]->type) : et; };
  if (spread)
    for (size_t i = 0; i < count; i++) vals[i] = convert_assign(multi[i], type_of(i));
  else in_order(e->args, [&](size_t i) { vals[i] = expr_as(e->args[i], type_of(i)); });
  out.insert(out.end(), vals.begin(), vals.begin() + static_cast<std::ptrdiff_t>(fixed));
  if (!collect) return;
  i64 extra = static_cast<i64>(count - fixed);
  if (extra == 0) {
    out.push_back(zero(st));
    return;
  }
  const TypeInfo* at = info(new_array(et->type, extra));
  Addr a = new_object(at);
  for (i64 i = 0; i < extra; i++) store(a.at(i * et->size), vals[fixed + static_cast<size_t>(i)]);
  out.push_back(val(st, {a.base, c64(extra), c64(extra)}));
}

bool Builder::prepare_call(CallExpr* e, PreparedCall& p) {
  Expr* fun = unparen(e->fun);
  auto* sig = under(ty(fun->type))->cast<Signature>();
  auto* s = fun->as<SelectorExpr>();
  Expr* inner = fun;
  if (auto* ix = fun->as<IndexExpr>(); ix && ix->indices[0]->mode == Mode::TypeExpr) {
    inner = unparen(ix->x);
    if (auto* s2 = inner->as<SelectorExpr>(); s2 && s2->selection) s = s2;
  }
  if (s && s->selection && s->selection->kind == Selection::MethodValue) {
    bool args_first = !has_call(s->x) && std::any_of(e->args.begin(), e->args.end(), has_call);
    if (args_first) eval_args(sig, e, p.args);
    MethodTarget t = method_target(s);
    p.callee = t.callee;
    // Generic methods: the selector's own signature is generic; the call's is not.
    p.sig = t.callee.kind == Callee::Code ? t.sig : u.abi(sig, t.recv.t);
    p.args.insert(p.args.begin(), t.recv);
    if (!args_first) eval_args(sig, e, p.args);
    return cur != nullptr;
  }
  p.sig = u.abi(sig, nullptr);
  std::span<Type*> targs;
  if (Func* fn = static_callee(fun, &targs)) {
    std::vector<Type*> args;
    for (Type* a : targs) args.push_back(ty(a));
    Symbol* target = u.func_symbol(fn, args);
    // This package's own assembly is called without a wrapper in between: code after vfork depends on having
    // one frame.
    if (fn->decl && !fn->decl->body && u.options.asm_symbols.abi0_defs.contains(target->name)) {
      target = u.sym(std::string(target->name.text()) + ".abi0");
      p.sig = u.abi(sig, nullptr, true);
    }
    bool no_escape = fn->decl && !fn->decl->body && (fn->pragma & Noescape);
    p.callee = {Callee::Static, target, nullptr, false, no_escape};
    eval_args(sig, e, p.args);
    return cur != nullptr;
  }
  bool args_first = !has_call(fun) && std::any_of(e->args.begin(), e->args.end(), has_call);
  if (args_first) eval_args(sig, e, p.args);
  Val f2 = expr(fun);
  if (!args_first) eval_args(sig, e, p.args);
  if (f2.v()->op == Op::SymAddr && f2.v()->imm == 0 &&
      f2.v()->sym->name.text().ends_with("\xc2\xb7"
                                         "f")) {
    std::string_view n = f2.v()->sym->name.text();
    p.callee = {Callee::Static, u.sym(n.substr(0, n.size() - 3)), nullptr, false};
  } else {
    p.callee = {Callee::Closure, nullptr, f2.v(), false};
  }
  return cur != nullptr;
}

Vals Builder::call_expr(CallExpr* e) {
  if (e->callee == CallExpr::Builtin) return builtin(e);
  if (e->callee == CallExpr::Conversion) return {convert(e->args[0], ti(e))};
  Vals out;
  std::span<Type*> targs;
  if (Func* fn = static_callee(e->fun, &targs)) {
    if (intrinsic(e, fn, out)) return out;
  }
  PreparedCall p;
  bool constant_name =
      e->args.size() == 1 && e->args[0]->cval && e->args[0]->cval->kind == ConstValue::String;
  lookup_name_ = constant_name ? e->args[0]->cval : nullptr;
  prepare_call(e, p);
  lookup_name_ = nullptr;
  pos = e->lparen;  // where tracebacks place a call that spans lines
  if (p.callee.kind == Callee::Closure) nil_check(p.callee.v);
  // uintptr arguments made from pointers keep those alive during the call.
  absl::InlinedVector<Value*, 4> keep;
  if (Func* fn = static_callee(e->fun, nullptr); fn && fn->pragma & (UintptrKeepAlive | UintptrEscapes))
    for (const Val& v : p.args)
      if (!v.mem && v.n == 1 && v.w[0]->op == Op::PtrToInt) keep.push_back(v.w[0]->arg(0));
  out = call(p.sig, p.callee, p.args);
  for (Value* v : keep) emit(Op::KeepAlive, Ty::None, {v});
  return out;
}
}  // namespace vole::irgen
