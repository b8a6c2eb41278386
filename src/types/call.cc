// Calls, instantiation of generic functions, selectors.
#include <algorithm>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;

static Type* invalid_sig() { return InvalidType; }

// ---- instantiation ------------------------------------------------------------------------------

bool Checker::func_inst(const Target* target, Pos pos, Operand& x, IndexExpr* inst, bool infer_rest,
                        Vec<Type*>& targs) {
  Pos at = inst ? inst->pos : pos;
  if (inst) x.expr = inst;
  bool version_ok = verify_version(at, 18, "function instantiation");
  List<Expr*> xlist;
  if (inst) {
    xlist = inst->indices;
    if (!type_list(xlist, targs)) {
      x.invalidate();
      return false;
    }
  }
  auto* sig = x.type->underlying()->cast<Signature>();
  size_t got = targs.size(), want = sig->tparams.size();
  if (got > want) {
    errorf(xlist[got - 1]->pos, "got {} type arguments but want {}", got, want);
    x.invalidate();
    return false;
  }
  if (got < want) {
    if (!infer_rest) return true;
    Operands args;
    Vec<Var*, 1> params;
    std::span<TypeParam*> tparams = rename_type_params(sig->tparams);
    if (target) {
      if (version_ok && !allow(21)) {
        if (inst) version_error(at, 21, "partially instantiated function in assignment");
        else version_error(at, 21, "implicitly instantiated function in assignment");
      }
      // The target's type is the argument, the function's own type the parameter.
      Signature* own = clone_signature(sig);
      own->tparams = {};
      own->recv_tparams = {};
      own->recv = nullptr;
      note_tparams(own);
      Vec<Type*> to(tparams.begin(), tparams.end());
      params.push_back(new_var(x.pos(), Name(), substitute(own, {sig->tparams, to})));
      Operand arg;
      arg.mode = Mode::Value;
      arg.expr = x.expr;
      arg.label = arena().copy_string(target->desc());
      arg.type = target->sig;
      args.push_back(arg);
    }
    Report err;
    if (!infer(pos, tparams, targs, params, args, target != nullptr, err)) {
      if (!err.empty()) report(err);
      x.invalidate();
      return false;
    }
  }
  x.type = instantiate_func(x.pos(), x.expr, sig, targs, xlist);
  x.mode = Mode::Value;
  return false;
}

// The identifier that names what is instantiated carries the type arguments.
void Checker::record_instance(Expr* e, std::span<Type* const> targs) {
  e = unparen(e);
  if (auto* i = e->as<IndexExpr>()) e = unparen(i->x);
  if (auto* s = e->as<SelectorExpr>()) e = s->sel;
  if (auto* id = e->as<Ident>()) id->targs = arena().copy(targs);
}

Signature* Checker::instantiate_func(Pos pos, Expr* e, Signature* sig, std::span<Type* const> targs,
                                     List<Expr*> xlist) {
  Signature* inst = instantiate_signature(sig, targs);
  record_instance(e, targs);
  std::span<TypeParam*> tparams = sig->tparams;
  std::span<Type*> kept = scratch_.copy(targs);
  later([pos, tparams, kept, xlist](Checker& c) {
    std::string why;
    i64 bad = c.verify(tparams, kept, &why);
    if (bad >= 0)
      c.soft_error(static_cast<size_t>(bad) < xlist.size() ? xlist[static_cast<size_t>(bad)]->pos : pos, why);
    else c.mono_instance(pos, tparams, kept, xlist);
  });
  return inst;
}

// ---- calls --------------------------------------------------------------------------------------

static ExprKind builtin_kind(BuiltinId id) {
  switch (id) {
      // clang-format off
    case BuiltinId::Clear: case BuiltinId::Close: case BuiltinId::Copy: case BuiltinId::Delete:
    case BuiltinId::Panic: case BuiltinId::Print:
    // clang-format on
    case BuiltinId::Println:
    case BuiltinId::Recover: return ExprKind::Statement;
    default: return ExprKind::Expression;
  }
}

ExprKind Checker::call_expr(Operand& x, CallExpr* call) {
  IndexExpr* inst = call->fun->as<IndexExpr>();
  if (inst) {
    if (!index_expr(x, inst)) {
      IndexExpr* e = inst;
      inst = nullptr;
      x.expr = e;
    } else {
      x.expr = inst;
    }
    record(x);
  } else {
    expr_or_type(x, call->fun, true);
  }
  auto done = [&](ExprKind kind) {
    x.expr = call;
    return kind;
  };
  switch (x.mode) {
    case Mode::Invalid: use(call->args); return done(ExprKind::Statement);
    case Mode::TypeExpr: {
      call->callee = CallExpr::Conversion;
      non_generic(nullptr, x);
      if (!x.valid()) return done(ExprKind::Conversion);
      Type* t = x.type;
      x.invalidate();
      if (!is_complete(t)) return done(ExprKind::Conversion);
      size_t n = call->args.size();
      if (n == 0) {
        errorf(call->pos, "missing argument in conversion to {}", str(t));
      } else if (n > 1) {
        use(call->args);
        errorf(call->args[n - 1]->pos, "too many arguments in conversion to {}", str(t));
      } else {
        Target target;
        bool has_target = make_target(t, "conversion", nullptr, target);
        expr(has_target ? &target : nullptr, x, call->args[0]);
        if (x.valid()) {
          auto* i = t->underlying()->as<Interface>();
          if (i && !is_type_param(t) && !i->is_method_set()) {
            errorf(
                call->pos,
                "cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                str(t));
            x.invalidate();
          } else if (call->has_dots) {
            errorf(call->args[0]->pos, "invalid use of ... in conversion to {}", str(t));
            x.invalidate();
          } else {
            conversion(x, t);
          }
        }
      }
      return done(ExprKind::Conversion);
    }
    case Mode::Builtin: {
      auto id = static_cast<BuiltinId>(x.id);
      call->callee = CallExpr::Builtin;
      call->builtin = x.id;
      if (!builtin(x, call, id)) x.invalidate();
      x.label = {};  // which the first argument may have brought along
      if (x.valid() && x.mode != Mode::Constant) env_.has_call_or_recv = true;
      return done(builtin_kind(id));
    }
    default: break;
  }

  std::string cause;
  Type* u = common_under(x.type, &cause, &Checker::can_call);
  auto* sig = u ? u->as<Signature>() : nullptr;
  if (!sig) {
    errorf(x.pos(), "invalid operation: cannot call {}: {}", str(x), cause);
    use(call->args);
    x.invalidate();
    return done(ExprKind::Statement);
  }
  bool was_generic = !sig->tparams.empty();
  List<Expr*> xlist;
  Vec<Type*> targs;
  if (inst) {
    xlist = inst->indices;
    if (!type_list(xlist, targs)) {
      use(call->args);
      x.invalidate();
      return done(ExprKind::Statement);
    }
    size_t got = targs.size(), want = sig->tparams.size();
    if (got > want) {
      errorf(xlist[want]->pos, "got {} type arguments but want {}", got, want);
      use(call->args);
      x.invalidate();
      return done(ExprKind::Statement);
    }
    if (got == want && want > 0) {
      verify_version(inst->pos, 18, "function instantiation");
      sig = instantiate_func(inst->pos, inst, sig, targs, xlist);
      targs.clear();
      xlist = {};
    }
  }
  Operands args;
  Vec<Vec<Type*>, 4> atargs;
  generic_expr_list(call->args, args, atargs);
  sig = arguments(call, sig, targs, xlist, args, atargs);
  if (was_generic && sig->tparams.empty()) record_type(call->fun, Mode::Value, sig);
  switch (sig->results.size()) {
    case 0: x.mode = Mode::NoValue; break;
    case 1: {
      x.mode = Mode::Value;
      x.type = sig->results[0]->type;
      if (!is_complete(x.type)) {
        x.invalidate();
        return done(ExprKind::Statement);
      }
      break;
    }
    default:
      x.mode = Mode::Value;
      x.type = tuple_of(sig->results);
      break;
  }
  env_.has_call_or_recv = true;
  if (x.mode == Mode::Value && !sig->tparams.empty() && is_parameterized(sig->tparams, x.type))
    x.invalidate();
  return done(ExprKind::Statement);
}

void Checker::expr_list(List<Expr*> list, Operands& out) {
  if (list.size() == 1) {
    multi_expr(list[0], false, out);
    return;
  }
  for (Expr* e : list) {
    Operand x;
    expr(nullptr, x, e);
    out.push_back(x);
  }
}

// Arguments, which may be generic functions with all or some type arguments missing (those given are in
// `targs` then).
void Checker::generic_expr_list(List<Expr*> list, Operands& out, Vec<Vec<Type*>, 4>& targs) {
  bool infer_rest = !(list.size() > 0 && allow(21));
  for (size_t i = 0; i < list.size(); i++) {
    Expr* e = list[i];
    Operand x;
    auto* inst = e->as<IndexExpr>();
    if (inst) {
      x.expr = e;
      if (index_expr(x, inst)) {
        Vec<Type*> partial;
        if (func_inst(nullptr, x.pos(), x, inst, infer_rest, partial)) {
          targs.resize(list.size());
          targs[i] = partial;
          x.expr = inst;
        } else {
          record(x);
        }
        out.push_back(x);
        continue;
      }
      x.expr = e;
      record(x);
      exclude(x, 1u << static_cast<u32>(Mode::NoValue) | 1u << static_cast<u32>(Mode::Builtin) |
                     1u << static_cast<u32>(Mode::TypeExpr));
      out.push_back(x);
      continue;
    }
    if (list.size() > 1) {
      generic_expr(x, e);
      out.push_back(x);
      continue;
    }
    raw_expr(nullptr, x, e, nullptr, true);
    exclude(x, 1u << static_cast<u32>(Mode::NoValue) | 1u << static_cast<u32>(Mode::Builtin) |
                   1u << static_cast<u32>(Mode::TypeExpr));
    auto* t = x.valid() ? x.type->as<Tuple>() : nullptr;
    if (!t) {
      out.push_back(x);
      continue;
    }
    for (Var* v : t->vars) {
      Operand r;
      r.mode = Mode::Value;
      r.expr = e;
      r.type = v->type;
      out.push_back(r);
    }
  }
}

Signature* Checker::arguments(CallExpr* call, Signature* sig, Vec<Type*>& targs, List<Expr*> xlist,
                              Operands& args, Vec<Vec<Type*>, 4>& atargs) {
  size_t nargs = args.size(), npars = sig->params.size();
  bool ddd = call->has_dots;
  Vec<Var*, 8> params(sig->params.begin(), sig->params.end());
  bool adjusted = false;
  if (sig->variadic) {
    if (ddd) {
      if (call->args.size() == 1 && nargs > 1) {
        errorf(call->pos, "cannot use ... with {}-valued {}", nargs, expr_string(call->args[0]));
        return sig;
      }
    } else if (nargs + 1 >= npars) {
      // One parameter of the element type for each argument.
      Var* last = params.back();
      params.pop_back();
      if (nargs >= npars) {
        auto* slice = last->type->as<Slice>();
        Var* elem = new_var(last->pos, last->name, slice ? slice->elem : InvalidType);
        while (params.size() < nargs) params.push_back(elem);
      }
      adjusted = true;
      npars = nargs;
    } else {
      npars--;
    }
  } else if (ddd) {
    errorf(call->pos, "cannot use ... in call to non-variadic {}", expr_string(call->fun));
    return sig;
  }

  if (nargs != npars) {
    Pos at = call->pos;
    const char* what = "not enough";
    if (nargs > npars) {
      at = args[npars].pos();
      what = "too many";
    } else if (nargs > 0) {
      at = args[nargs - 1].pos();
    }
    Vec<Type*> have, want;
    for (Operand& a : args) have.push_back(a.type);
    for (Var* v : sig->params) want.push_back(v->type);
    Report r;
    r.add(at, fmt::format("{} arguments in call to {}", what, expr_string(call->fun)));
    r.add({}, "have " + types_summary(have, false, ddd));
    r.add({}, "want " + types_summary(want, sig->variadic, false));
    report(r);
    return sig;
  }

  // Type parameters of the function and of generic arguments are inferred together, under names of their own.
  Vec<TypeParam*> tparams;
  size_t n = sig->tparams.size();
  auto substitute_params = [&](const TypeSubst& s) {
    Var *prev = nullptr, *made = nullptr;
    for (Var*& v : params) {
      if (v == prev) {
        v = made;
        continue;
      }
      prev = v;
      Type* t = substitute(v->type, s);
      if (t != v->type) v = clone_var(v, t);
      made = v;
    }
  };
  if (n > 0) {
    if (!allow(18)) {
      if (call->fun->kind == NodeKind::IndexExpr) version_error(call->fun->pos, 18, "function instantiation");
      else version_error(call->pos, 18, "implicit function instantiation");
    }
    std::span<TypeParam*> fresh = rename_type_params(sig->tparams);
    tparams.assign(fresh.begin(), fresh.end());
    Vec<Type*> to(fresh.begin(), fresh.end());
    substitute_params({sig->tparams, to});
    targs.resize(n, nullptr);
  }
  Vec<size_t, 2> generic_args;
  for (size_t i = 0; i < args.size(); i++) {
    auto* asig = args[i].valid() ? args[i].type->as<Signature>() : nullptr;
    if (!asig || asig->tparams.empty()) continue;
    std::span<TypeParam*> fresh = rename_type_params(asig->tparams);
    Vec<Type*> to(fresh.begin(), fresh.end());
    Signature* copy = clone_signature(asig);
    copy->tparams = {};
    note_tparams(copy);
    Type* renamed = substitute(copy, {asig->tparams, to});
    copy = renamed == copy ? copy : static_cast<Signature*>(renamed);
    copy->tparams = fresh;
    copy->has_tparams = true;
    args[i].type = copy;
    tparams.insert(tparams.end(), fresh.begin(), fresh.end());
    if (i < atargs.size()) targs.insert(targs.end(), atargs[i].begin(), atargs[i].end());
    targs.resize(tparams.size(), nullptr);
    generic_args.push_back(i);
  }
  if (!generic_args.empty())
    verify_version(args[generic_args[0]].pos(), 21, "implicitly instantiated function as argument");

  Signature* rsig = sig;
  if (!tparams.empty()) {
    Report err;
    if (!infer(call->lparen, tparams, targs, params, args, false, err)) {
      if (!err.empty()) {
        err.lines[0].text = fmt::format("in call to {}, {}", expr_string(call->fun), err.lines[0].text);
        report(err);
      }
      return sig;
    }
    if (n > 0) {
      std::span<Type* const> own(targs.data(), n);
      rsig = instantiate_func(call->lparen, call->fun, sig, own, xlist);
      if (adjusted) substitute_params({std::span<TypeParam* const>(tparams.data(), n), own});
      else params.assign(rsig->params.begin(), rsig->params.end());
    }
    size_t j = n;
    for (size_t i : generic_args) {
      auto* asig = args[i].type->cast<Signature>();
      size_t k = j + asig->tparams.size();
      args[i].type = instantiate_func(call->lparen, args[i].expr, asig, {targs.data() + j, k - j}, {});
      record(args[i]);
      j = k;
    }
  }
  Context ctx{"argument to ", call->fun};
  for (size_t i = 0; i < args.size(); i++) assignment(args[i], params[i]->type, ctx);
  return rsig;
}

// ---- selectors ----------------------------------------------------------------------------------

// pkg.Name; false when x is to be invalid.
bool Checker::package_selector(Operand& x, SelectorExpr* e, PkgName* p) {
  p->used = true;
  Package* pkg = p->imported;
  Name sel = e->sel->name;
  e->x->cast<Ident>()->obj = p;
  Object* obj = pkg->scope->lookup(sel);
  if (!obj) {
    if (!pkg->complete) return false;  // the import failed
    Object* alt = nullptr;
    for (auto& [name, o] : pkg->scope->elems)
      if (o->exported() && equal_fold(name.text(), sel.text()) && (!alt || name.text() < alt->name.text()))
        alt = o;
    if (alt) errorf(e->sel->pos, "undefined: {} (but have {})", expr_string(e), alt->name.text());
    else errorf(e->sel->pos, "undefined: {}", expr_string(e));
    return false;
  }
  if (!obj->exported())
    errorf(e->sel->pos, "name {} not exported by package {}", sel.text(), pkg->name.text());
  e->sel->obj = obj;
  x.type = obj->type ? obj->type : InvalidType;
  switch (obj->kind) {
    case ObjectKind::Const:
      x.mode = Mode::Constant;
      x.val = static_cast<Const*>(obj)->value ? static_cast<Const*>(obj)->value : &UnknownValue;
      break;
    case ObjectKind::TypeName: x.mode = Mode::TypeExpr; break;
    case ObjectKind::Var: x.mode = Mode::Variable; break;
    case ObjectKind::Func: x.mode = Mode::Value; break;
    case ObjectKind::Builtin:
      x.mode = Mode::Builtin;
      x.id = static_cast<Builtin*>(obj)->id;
      break;
    default: return false;
  }
  x.expr = e;
  return true;
}

std::string Checker::lookup_error(Type* t, Name sel, Object* alt, bool struct_lit) {
  enum { Missing, Misspelled, Unexported, Inaccessible } e = Missing;
  auto tail = [](std::string_view s) {
    size_t n = 1;
    while (n < s.size() && (static_cast<u8>(s[n]) & 0xc0) == 0x80) n++;
    return s.size() > n ? s.substr(n) : s;
  };
  std::string_view name = sel.text(), other = alt ? alt->name.text() : "";
  if (alt) {
    if (alt->pkg == pkg_) {
      e = Misspelled;
    } else if (is_exported(name)) {
      if (is_exported(other)) e = Misspelled;
      else if (tail(name) == tail(other)) e = Unexported;
    } else if (is_exported(other)) {
      if (tail(name) == tail(other)) e = Misspelled;
    } else if (name == other) {
      e = Inaccessible;
    }
  }
  std::string ts = str(t);
  if (struct_lit) {
    switch (e) {
      case Missing: return fmt::format("unknown field {} in struct literal of type {}", name, ts);
      case Misspelled:
        return fmt::format("unknown field {} in struct literal of type {}, but does have {}", name, ts,
                           other);
      case Unexported:
        return fmt::format("unknown field {} in struct literal of type {}, but does have unexported {}", name,
                           ts, other);
      case Inaccessible:
        return fmt::format("cannot refer to unexported field {} in struct literal of type {}", other, ts);
    }
  }
  const char* what = !alt ? "object" : alt->kind == ObjectKind::Var ? "field" : "method";
  switch (e) {
    case Missing: return fmt::format("type {} has no field or method {}", ts, name);
    case Misspelled:
      return fmt::format("type {} has no field or method {}, but does have {} {}", ts, name, what, other);
    case Unexported:
      return fmt::format("type {} has no field or method {}, but does have unexported {} {}", ts, name, what,
                         other);
    case Inaccessible: return fmt::format("cannot refer to unexported {} {}", what, other);
  }
  return "";
}

void Checker::selector(Operand& x, SelectorExpr* e, bool want_type) {
  auto fail = [&] {
    x.invalidate();
    x.type = InvalidType;
    x.expr = e;
  };
  x = Operand();
  x.expr = e;
  Name sel = e->sel->name;
  if (auto* id = e->x->as<Ident>()) {
    Object* obj = lookup(id->name);
    if (auto* p = obj ? obj->as<PkgName>() : nullptr) {
      if (!package_selector(x, e, p)) fail();
      return;
    }
  }
  expr_or_type(x, e->x, false);
  if (x.mode == Mode::Builtin) {
    errorf(e->pos, "invalid use of {} in selector expression", str(x));
    return fail();
  }
  if (!x.valid()) return fail();
  if (!is_complete(x.type)) return fail();
  if (want_type) {
    errorf(e->sel->pos, "{} is not a type", expr_string(e));
    return fail();
  }
  if (!path_.empty())
    if (auto* p = x.type->underlying()->as<Pointer>(); p && !is_complete(p->elem)) return fail();

  Found f = find_member(x.type, x.mode == Mode::Variable, pkg_, sel);
  if (!f.obj) {
    if (!is_valid(x.type->underlying())) return fail();
    if (f.ambiguous) {
      errorf(e->sel->pos, "ambiguous selector {}.{}", expr_string(x.expr), sel.text());
      return fail();
    }
    if (f.needs_ptr_recv) {
      if (x.mode == Mode::TypeExpr)
        errorf(e->sel->pos, "invalid method expression {}.{} (needs pointer receiver (*{}).{})", str(x.type),
               sel.text(), str(x.type), sel.text());
      else errorf(e->sel->pos, "cannot call pointer method {} on {}", sel.text(), str(x.type));
      return fail();
    }
    std::string why;
    if (is_interface_ptr(x.type)) why = interface_ptr_error(x.type);
    else
      why = lookup_error(x.type, sel, find_member(x.type, x.mode == Mode::Variable, pkg_, sel, true).obj,
                         false);
    errorf(e->sel->pos, "{}.{} undefined ({})", expr_string(x.expr), sel.text(), why);
    return fail();
  }

  e->sel->obj = f.obj;
  auto* selection = arena().make<Selection>();
  selection->recv = x.type;
  selection->obj = f.obj;
  selection->indirect = f.indirect;
  if (auto* v = f.obj->as<Var>()) {
    if (x.mode == Mode::TypeExpr) {
      errorf(e->x->pos, "operand for field selector {} must be value of type {}", sel.text(), str(x.type));
      return fail();
    }
    selection->kind = Selection::Field;
    selection->path = arena().copy(f.path);
    e->selection = selection;
    x.mode = x.mode == Mode::Variable || f.indirect ? Mode::Variable : Mode::Value;
    x.type = v->type ? v->type : invalid_sig();
    x.expr = e;
    return;
  }

  auto* m = static_cast<Func*>(f.obj);
  Signature* sig = func_signature(m);
  if (m->pkg == pkg_) {
    Func* decl = m->origin ? m->origin : m;
    add_dep(decl);
  }
  if (!sig) return fail();
  f.path.pop_back();
  selection->path = arena().copy(f.path);
  e->selection = selection;
  if (x.mode == Mode::TypeExpr) {
    selection->kind = Selection::MethodExpr;
    if (!sig->recv) {
      error(e->pos, "illegal cycle in method declaration");
      return fail();
    }
    Name name;
    if (!sig->params.empty() && !sig->params[0]->name.empty()) {
      name = sig->recv->name;
      if (name.empty()) name = Name::intern("_");
    }
    Var* recv = new_var(sig->recv->pos, name, x.type);
    recv->is_param = true;
    Vec<Var*> params{recv};
    params.insert(params.end(), sig->params.begin(), sig->params.end());
    auto* t = make_type<Signature>();
    t->tparams = sig->tparams;
    t->params = type_arena().copy(params);
    t->results = sig->results;
    t->variadic = sig->variadic;
    note_tparams(t);
    x.type = t;
  } else {
    selection->kind = Selection::MethodValue;
    // A pointer receiver takes the operand's address (unless the way to the method goes through a pointer).
    if (m->ptr_recv && x.mode == Mode::Variable && !f.indirect) note_address(e->x);
    Signature* t = clone_signature(sig);
    t->recv = nullptr;
    t->recv_tparams = {};
    x.type = t;
  }
  x.mode = Mode::Value;
  x.expr = e;
}
}  // namespace vole::types
