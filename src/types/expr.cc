// Expressions: dispatch, names, literals, operators.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

// ---- entries ------------------------------------------------------------------------------------

ExprKind Checker::raw_expr(const Target* target, Operand& x, Expr* e, Type* hint, bool allow_generic) {
  if (too_deep(e->pos)) {
    x.invalidate();
    x.expr = e;
    return ExprKind::Statement;
  }
  ExprKind kind = expr_internal(target, x, e, hint);
  if (!allow_generic) non_generic(target, x);
  record(x);
  return kind;
}

static constexpr u32 bit(Mode m) { return 1u << static_cast<u32>(m); }
static constexpr u32 NoValues = bit(Mode::NoValue) | bit(Mode::Builtin) | bit(Mode::TypeExpr);

void Checker::expr(const Target* target, Operand& x, Expr* e) {
  raw_expr(target, x, e, nullptr, false);
  exclude(x, NoValues);
  single_value(x);
}
void Checker::generic_expr(Operand& x, Expr* e, Type* hint) {
  raw_expr(nullptr, x, e, hint, true);
  exclude(x, NoValues);
  single_value(x);
}
void Checker::expr_or_type(Operand& x, Expr* e, bool allow_generic) {
  raw_expr(nullptr, x, e, nullptr, allow_generic);
  exclude(x, bit(Mode::NoValue));
  single_value(x);
}

static std::string_view nth_result(Arena& a, size_t n) {
  static constexpr std::string_view First[] = {"1st function result", "2nd function result",
                                               "3rd function result", "4th function result"};
  if (n < 4) return First[n];
  return a.copy_string(fmt::format("{}th function result", n + 1));
}

bool Checker::multi_expr(Expr* e, bool allow_comma_ok, Operands& out) {
  Operand x;
  raw_expr(nullptr, x, e, nullptr, false);
  exclude(x, NoValues);
  if (auto* t = x.valid() ? x.type->as<Tuple>() : nullptr) {
    for (size_t i = 0; i < t->vars.size(); i++) {
      Operand r;
      r.mode = Mode::Value;
      r.type = t->vars[i]->type;
      r.expr = e;
      r.label = nth_result(arena(), i);
      out.push_back(r);
    }
    return false;
  }
  out.push_back(x);
  if (!allow_comma_ok || (x.mode != Mode::MapIndex && x.mode != Mode::CommaOk)) return false;
  Operand ok;
  ok.mode = Mode::Value;
  ok.type = basic(BasicKind::UntypedBool);
  ok.expr = e;
  ok.label = "ok value of (comma, ok) expression";
  out.push_back(ok);
  return true;
}

void Checker::exclude(Operand& x, u32 modes) {
  if (!(modes & bit(x.mode))) return;
  std::string s = str(x);
  switch (x.mode) {
    case Mode::NoValue:
      errorf(x.pos(), "{} used as value{}", s, modes & bit(Mode::TypeExpr) ? "" : " or type");
      break;
    case Mode::Builtin: errorf(x.pos(), "{} must be called", s); break;
    default: errorf(x.pos(), "{} is not an expression", s); break;
  }
  x.invalidate();
}
void Checker::single_value(Operand& x) {
  if (x.mode != Mode::Value || x.type->kind != TypeKind::Tuple) return;
  errorf(x.pos(), "multiple-value {} in single-value context", str(x));
  x.invalidate();
}

void Checker::non_generic(const Target* target, Operand& x) {
  if (!x.valid() || x.mode == Mode::NoValue) return;
  const char* what = nullptr;
  switch (x.type->kind) {
    case TypeKind::Alias:
    case TypeKind::Named:
      if (is_generic(x.type)) what = "type";
      break;
    case TypeKind::Signature:
      if (static_cast<Signature*>(x.type)->tparams.empty()) break;
      if (target) {
        Vec<Type*> targs;
        func_inst(target, x.pos(), x, nullptr, true, targs);
        return;
      }
      what = "function";
      break;
    default: break;
  }
  if (!what) return;
  errorf(x.pos(), "cannot use generic {} {} without instantiation", what,
         x.expr ? expr_string(x.expr) : str(x.type));
  x.invalidate();
  x.type = InvalidType;
}

void Checker::record(Operand& x) {
  if (!x.expr || !x.label.empty() || !x.valid()) return;
  x.expr->mode = x.mode;
  x.expr->type = x.mode == Mode::NoValue ? nullptr : x.type;
  x.expr->cval = x.mode == Mode::Constant ? x.val : nullptr;
}
void Checker::record_type(Expr* e, Mode mode, Type* t, Value v) {
  e->mode = mode;
  e->type = t;
  e->cval = v;
}

ExprKind Checker::expr_internal(const Target* target, Operand& x, Expr* e, Type* hint) {
  x = Operand();
  x.expr = e;
  auto fail = [&] {
    x.invalidate();
    x.expr = e;
    return ExprKind::Statement;
  };
  switch (e->kind) {
    case NodeKind::Ident: ident(x, e->cast<Ident>(), false); break;
    case NodeKind::BasicLit: basic_lit(x, e->cast<BasicLit>()); break;
    case NodeKind::FuncLit: func_lit(x, e->cast<FuncLit>()); break;
    case NodeKind::CompositeLit: composite_lit(x, e->cast<CompositeLit>(), hint); break;
    case NodeKind::ParenExpr: {
      ExprKind kind = raw_expr(nullptr, x, e->cast<ParenExpr>()->x, nullptr, false);
      x.expr = e;
      return kind;
    }
    case NodeKind::SelectorExpr: selector(x, e->cast<SelectorExpr>(), false); break;
    case NodeKind::IndexExpr:
      if (index_expr(x, e->cast<IndexExpr>())) {
        Vec<Type*> targs;
        func_inst(target, e->pos, x, e->cast<IndexExpr>(), true, targs);
      }
      break;
    case NodeKind::SliceExpr: slice_expr(x, e->cast<SliceExpr>()); break;
    case NodeKind::TypeAssertExpr: type_assert(x, e->cast<TypeAssertExpr>()); break;
    case NodeKind::CallExpr: return call_expr(x, e->cast<CallExpr>());
    case NodeKind::StarExpr: star(x, e->cast<StarExpr>()); break;
    case NodeKind::UnaryExpr:
      unary(x, e->cast<UnaryExpr>());
      if (x.valid() && e->cast<UnaryExpr>()->op == Tok::Arrow) {
        x.expr = e;
        return ExprKind::Statement;
      }
      break;
    case NodeKind::BinaryExpr: binary_spine(x, e->cast<BinaryExpr>()); break;
    case NodeKind::KeyValueExpr: error(e->pos, "no key:value expected"); return fail();
    case NodeKind::Ellipsis:
      error(e->pos, "invalid use of ...");
      return fail();
      // clang-format off
    case NodeKind::ArrayType: case NodeKind::StructType: case NodeKind::FuncType:
    case NodeKind::InterfaceType: case NodeKind::MapType: case NodeKind::ChanType:
      // clang-format on
      x.mode = Mode::TypeExpr;
      x.type = type_of(e);
      break;
    default: return fail();
  }
  if (!x.valid()) return fail();
  x.expr = e;
  return ExprKind::Expression;
}

// ---- names and literals -------------------------------------------------------------------------

void Checker::ident(Operand& x, Ident* e, bool want_type) {
  x.invalidate();
  x.type = InvalidType;
  x.expr = e;
  PkgName* dot_import = nullptr;
  Object* obj = lookup(e->name, &dot_import);
  if (!obj) {
    if (e->name == "_") error(e->pos, "cannot use _ as value or type");
    else errorf(e->pos, "undefined: {}", e->name.text());
    return;
  }
  if ((obj == UniverseAny || obj == UniverseComparable) && !allow(18) &&
      !verify_version(e->pos, 18, fmt::format("predeclared {}", e->name.text())))
    return;
  e->obj = obj;
  bool is_type = obj->kind == ObjectKind::TypeName;
  if (want_type && !is_type) {
    errorf(e->pos, "{} ({}) is not a type", obj->name.text(), object_kind(obj));
    if (obj->kind == ObjectKind::Var) obj->used = true;
    return;
  }
  if (!obj->type || (is_type && want_type && obj->pkg == pkg_)) obj_decl(obj);
  Type* t = obj->type ? obj->type : InvalidType;
  if (dot_import) dot_import->used = true;
  switch (obj->kind) {
    case ObjectKind::PkgName: errorf(e->pos, "use of package {} not in selector", obj->name.text()); return;
    case ObjectKind::Const:
      add_dep(obj);
      if (!is_valid(t)) return;
      if (obj == UniverseIota) {
        if (!env_.iota) {
          error(e->pos, "cannot use iota outside constant declaration");
          return;
        }
        x.val = env_.iota;
      } else {
        x.val = static_cast<Const*>(obj)->value ? static_cast<Const*>(obj)->value : &UnknownValue;
      }
      x.mode = Mode::Constant;
      break;
    case ObjectKind::TypeName: x.mode = Mode::TypeExpr; break;
    case ObjectKind::Var:
      if (obj->pkg == pkg_) obj->used = true;
      add_dep(obj);
      if (!is_valid(t)) return;
      note_use(static_cast<Var*>(obj));
      x.mode = Mode::Variable;
      break;
    case ObjectKind::Func:
      add_dep(obj);
      x.mode = Mode::Value;
      break;
    case ObjectKind::Builtin:
      x.id = static_cast<Builtin*>(obj)->id;
      x.mode = Mode::Builtin;
      break;
    case ObjectKind::Nil: x.mode = Mode::Nil; break;
    case ObjectKind::Label: return;
  }
  x.type = t;
}

void Checker::basic_lit(Operand& x, BasicLit* e) {
  if (e->bad) return;
  bool number = e->lit == LitKind::Int || e->lit == LitKind::Float || e->lit == LitKind::Imag;
  if (number) {
    std::string_view s = e->text;
    if (!allow(13) && s.size() > 2) {
      char radix = static_cast<char>(s[1] | 0x20);
      if (s.find('_') != std::string_view::npos) version_error(e->pos, 13, "underscore in numeric literal");
      else if (s[0] == '0' && radix == 'b') version_error(e->pos, 13, "binary literal");
      else if (s[0] == '0' && radix == 'o') version_error(e->pos, 13, "0o/0O-style octal literal");
      else if (s[0] == '0' && radix == 'x' && e->lit != LitKind::Int)
        version_error(e->pos, 13, "hexadecimal floating-point literal");
    }
    constexpr size_t Limit = 10000;
    if (s.size() > Limit) {
      errorf(e->pos, "excessively long constant: {}... ({} chars)", s.substr(0, 10), s.size());
      return;
    }
  }
  Value v = literal_value(arena(), e->lit, e->text);
  if (!v) {
    errorf(e->pos, "malformed constant: {}", e->text);
    return;
  }
  static constexpr BasicKind Kinds[] = {BasicKind::UntypedInt, BasicKind::UntypedFloat,
                                        BasicKind::UntypedComplex, BasicKind::UntypedRune,
                                        BasicKind::UntypedString};
  x.mode = Mode::Constant;
  x.type = basic(Kinds[static_cast<size_t>(e->lit)]);
  x.val = v;
  overflow(x, e->pos);
}

void Checker::func_lit(Operand& x, FuncLit* e) {
  auto* sig = make_type<Signature>();
  func_type(sig, nullptr, {}, e->type_expr, nullptr);
  record_type(e->type_expr, Mode::TypeExpr, sig);
  e->sig = sig;
  if (!config_.ignore_bodies && e->body) {
    struct Captured {
      FuncLit* e;
      DeclInfo* decl;
      FuncContext* func;
      Value iota;
      u32 base;
    };
    Captured k{e, env_.decl, env_.func, env_.iota, env_.local_base};
    later([k](Checker& c) {
      Env outer = c.env_;
      c.env_.local_base = k.func ? k.base : static_cast<u32>(c.locals_.size());
      c.func_body(k.decl, k.e, k.e->sig, k.e->body, k.func, k.iota);
      c.env_ = outer;
    });
  }
  x.mode = Mode::Value;
  x.type = sig;
}

// ---- unary operators ----------------------------------------------------------------------------

bool Checker::op_defined(Operand& x, Tok op, u16 info) {
  if (all_basic(x.type, info)) return true;
  errorf(x.pos(), "invalid operation: operator {} not defined on {}", tok_text(op), str(x));
  x.invalidate();
  return false;
}

void Checker::star(Operand& x, StarExpr* e) {
  expr_or_type(x, e->x, false);
  if (!x.valid()) return;
  if (x.mode == Mode::TypeExpr) {
    valid_var_type(e->x, x.type);
    x.type = new_pointer(x.type);
    return;
  }
  Type* base = nullptr;
  bool ok = for_all_types(x.type, [&](Type*, Type* u) {
    auto* p = u ? u->as<Pointer>() : nullptr;
    if (!p) {
      errorf(x.pos(), "invalid operation: cannot indirect {}", str(x));
      return false;
    }
    if (base && !identical(p->elem, base)) {
      errorf(x.pos(), "invalid operation: pointers of {} must have identical base types", str(x));
      return false;
    }
    base = p->elem;
    return true;
  });
  if (!ok || !is_complete(base)) {
    x.invalidate();
    return;
  }
  x.mode = Mode::Variable;
  x.type = base;
}

void Checker::unary(Operand& x, UnaryExpr* e) {
  expr(nullptr, x, e->x);
  if (!x.valid()) return;
  Tok op = e->op;
  switch (op) {
    case Tok::And:
      if (unparen(e->x)->kind != NodeKind::CompositeLit && x.mode != Mode::Variable) {
        errorf(x.pos(), "invalid operation: cannot take address of {}", str(x));
        x.invalidate();
        return;
      }
      note_address(e->x);
      x.mode = Mode::Value;
      x.type = new_pointer(x.type);
      return;
    case Tok::Arrow: {
      Type* elem = chan_elem(x.pos(), x, true);
      if (!elem || !is_complete(elem)) {
        x.invalidate();
        return;
      }
      x.mode = Mode::CommaOk;
      x.type = elem;
      env_.has_call_or_recv = true;
      return;
    }
    case Tok::Tilde:
      if (!all_basic(x.type, IsInteger)) {
        error(e->pos, "cannot use ~ outside of interface or type constraint");
        x.invalidate();
        return;
      }
      error(e->pos, "cannot use ~ outside of interface or type constraint (use ^ for bitwise complement)");
      op = Tok::Xor;
      break;
    default: break;
  }
  if (!op_defined(x, op, op == Tok::Xor ? IsInteger : op == Tok::Not ? IsBoolean : IsNumeric)) return;
  if (x.mode == Mode::Constant) {
    if (is_unknown(x.val)) return;
    u32 bits = is_basic(x.type, IsUnsigned) ? static_cast<u32>(size_of(x.type)) * 8 : 0;
    x.val = unary_value(arena(), op, x.val, bits);
    x.expr = e;
    overflow(x, e->pos);
    return;
  }
  x.mode = Mode::Value;
}

Type* Checker::chan_elem(Pos pos, Operand& x, bool recv) {
  std::string cause;
  Type* u = common_under(x.type, &cause, recv ? &Checker::can_recv : &Checker::can_send);
  if (u) return u->cast<Chan>()->elem;
  const char* what = recv ? "receive from" : "send to";
  if (is_type_param(x.type)) errorf(pos, "invalid operation: cannot {} {}: {}", what, str(x), cause);
  else errorf(pos, "invalid operation: cannot {} {} {}", what, cause, str(x));
  return nullptr;
}

// ---- binary operators ---------------------------------------------------------------------------

static bool is_comparison(Tok op) { return op >= Tok::Eql && op <= Tok::Geq; }
static bool is_shift(Tok op) { return op == Tok::Shl || op == Tok::Shr; }

// a + b + c + … nests to the left, in generated code thousands of levels deep: the left spine is walked in a
// loop.
void Checker::binary_spine(Operand& x, BinaryExpr* e) {
  Vec<BinaryExpr*, 8> spine;
  for (BinaryExpr* b = e; b; b = b->x->as<BinaryExpr>()) spine.push_back(b);
  expr(nullptr, x, spine.back()->x);
  for (size_t i = spine.size(); i-- > 0;) {
    BinaryExpr* b = spine[i];
    Operand y;
    expr(nullptr, y, b->y);
    if (x.valid() && !y.valid()) {
      x.invalidate();
    } else if (x.valid()) {
      binary_op(x, y, b, b->x, b->y, b->op);
    }
    x.expr = b;
    if (i > 0) record(x);
  }
}

// `e` is null for x op= y.
void Checker::binary_op(Operand& x, Operand& y, BinaryExpr* e, Expr* lhs, Expr* rhs, Tok op) {
  if (is_shift(op)) return shift(x, y, e, op);
  match_types(x, y);
  if (!x.valid()) return;
  if (is_comparison(op)) return comparison(x, y, op, false);
  if (!identical(x.type, y.type)) {
    if (is_valid(x.type) && is_valid(y.type)) {
      std::string what =
          e ? expr_string(e) : fmt::format("{} {}= {}", expr_string(lhs), tok_text(op), expr_string(rhs));
      errorf(x.pos(), "invalid operation: {} (mismatched types {} and {})", what, str(x.type), str(y.type));
    }
    x.invalidate();
    return;
  }
  u16 info = 0;
  switch (op) {
    case Tok::Add: info = IsNumeric | IsString; break;
    case Tok::Sub:
    case Tok::Mul:
    case Tok::Div: info = IsNumeric; break;
    case Tok::AndAnd:
    case Tok::OrOr: info = IsBoolean; break;
    default: info = IsInteger; break;
  }
  if (!op_defined(x, op, info)) return;
  if (op == Tok::Div || op == Tok::Rem) {
    bool complex = x.mode == Mode::Constant && is_basic(x.type, IsComplex);
    bool never_zero = x.mode == Mode::Constant || all_basic(x.type, IsInteger);
    if (never_zero && y.mode == Mode::Constant && is_zero_divisor(y.val, complex)) {
      error(y.pos(), "invalid operation: division by zero");
      x.invalidate();
      return;
    }
  }
  if (x.mode == Mode::Constant && y.mode == Mode::Constant) {
    if (is_unknown(x.val) || is_unknown(y.val)) {
      x.val = &UnknownValue;
      return;
    }
    if (x.val->kind == ConstValue::String) {
      constexpr size_t MaxLength = 2'000'000'000;  // of a symbol
      if (size_t n = x.val->string_size() + y.val->string_size(); n > MaxLength) {
        errorf(e ? e->op_pos : x.pos(), "constant string too long ({} bytes > {} bytes)", n, MaxLength);
        x.val = &UnknownValue;
        return;
      }
    }
    x.val = binary_value(arena(), x.val, op, y.val, op == Tok::Div && is_basic(x.type, IsInteger));
    x.expr = e;
    overflow(x, e ? e->op_pos : x.pos());
    return;
  }
  x.mode = Mode::Value;
}

void Checker::shift(Operand& x, Operand& y, BinaryExpr* e, Tok op) {
  Value xval = nullptr;
  if (x.mode == Mode::Constant) xval = to_int(arena(), x.val);
  bool int_const = xval && xval->kind == ConstValue::Int;
  if (!all_basic(x.type, IsInteger) && !(is_untyped(x.type) && int_const)) {
    errorf(x.pos(), "invalid operation: shifted operand {} must be integer", str(x));
    x.invalidate();
    return;
  }
  Value yval = nullptr;
  if (y.mode == Mode::Constant) {
    yval = to_int(arena(), y.val);
    if (yval->kind == ConstValue::Int && yval->integer.sign() < 0) {
      errorf(y.pos(), "invalid operation: negative shift count {}", str(y));
      x.invalidate();
      return;
    }
    if (is_untyped(y.type)) {
      // Not converted: the count keeps its own type, it only has to be representable.
      representable(y, basic(BasicKind::Uint));
      if (!y.valid()) {
        x.invalidate();
        return;
      }
    }
  } else if (all_basic(y.type, IsInteger)) {
    if (!all_basic(y.type, IsUnsigned) && !allow(13) &&
        !verify_version(y.pos(), 13, fmt::format("invalid operation: signed shift count {}", str(y)))) {
      x.invalidate();
      return;
    }
  } else if (is_untyped(y.type)) {
    convert_untyped(y, basic(BasicKind::Uint));
    if (!y.valid()) {
      x.invalidate();
      return;
    }
  } else {
    errorf(y.pos(), "invalid operation: shift count {} must be integer", str(y));
    x.invalidate();
    return;
  }
  if (x.mode == Mode::Constant) {
    if (y.mode == Mode::Constant) {
      if (is_untyped(y.type)) update_expr_type(y.node(), basic(BasicKind::Uint), true);
      if (is_unknown(x.val) || is_unknown(y.val)) {
        x.val = &UnknownValue;
        if (!is_basic(x.type, IsInteger)) x.type = basic(BasicKind::UntypedInt);
        return;
      }
      constexpr u64 Limit = 1023 - 1 + 52;  // enough for the smallest float64
      if (yval->kind != ConstValue::Int || !yval->integer.is_u64() || yval->integer.to_u64() > Limit) {
        errorf(y.pos(), "invalid operation: invalid shift count {}", str(y));
        x.invalidate();
        return;
      }
      if (!is_basic(x.type, IsInteger)) x.type = basic(BasicKind::UntypedInt);
      x.val = shift_value(arena(), xval, op, yval->integer.to_u64());
      x.expr = e;
      overflow(x, e ? e->op_pos : x.pos());
      return;
    }
    // A constant shifted by a variable amount: its type is that of the context, which must be an integer
    // type.
    if (is_untyped(x.type)) {
      if (Expr* node = x.node(); node && node->type && is_untyped(node->type))
        shift_operands_.push_back(node);
      x.mode = Mode::Value;
      return;
    }
  }
  if (!all_basic(x.type, IsInteger)) {
    errorf(x.pos(), "invalid operation: shifted operand {} must be integer", str(x));
    x.invalidate();
    return;
  }
  if (y.mode == Mode::Constant && is_untyped(y.type))
    update_expr_type(y.node(), basic(BasicKind::Uint), true);
  x.mode = Mode::Value;
}

// "struct containing []int cannot be compared" and the like; empty when the kind of type says it all.
std::string Checker::comparable_error(Type* t, bool dynamic) {
  Type* u = t->underlying();
  Visited<Type> seen;
  if (auto* s = u->as<Struct>()) {
    for (Var* f : s->fields) {
      seen.clear();
      if (!comparable_type(f->type, dynamic, seen))
        return fmt::format("struct containing {} cannot be compared", str(f->type));
    }
  } else if (u->kind == TypeKind::Array) {
    return str(t) + " cannot be compared";
  } else if (auto* i = u->as<Interface>()) {
    return types::type_set(i)->is_empty() ? "empty type set" : "incomparable types in type set";
  }
  return "";
}
std::string Checker::incomparable_cause(Type* t) {
  switch (t->underlying()->kind) {
    case TypeKind::Slice:
    case TypeKind::Signature:
    case TypeKind::Map: return std::string(composite_kind(t)) + " can only be compared to nil";
    default: return comparable_error(t, true);
  }
}

void Checker::comparison(Operand& x, Operand& y, Tok op, bool switch_case) {
  if (!is_valid(x.type) || !is_valid(y.type)) {
    x.invalidate();
    return;
  }
  if (switch_case) op = Tok::Eql;
  Operand* bad = nullptr;
  std::string cause;
  if (!assignable(x, y.type, nullptr) && !assignable(y, x.type, nullptr)) {
    bad = &y;
    cause = fmt::format("mismatched types {} and {}", str(x.type), str(y.type));
  } else if (op == Tok::Eql || op == Tok::Neq) {
    if (x.is_nil() || y.is_nil()) {
      if (!has_nil(x.is_nil() ? y.type : x.type)) bad = &y;
    } else if (!comparable(x.type)) {
      bad = &x;
      cause = incomparable_cause(x.type);
    } else if (!comparable(y.type)) {
      bad = &y;
      cause = incomparable_cause(y.type);
    }
  } else {
    if (!all_basic(x.type, IsOrdered)) bad = &x;
    else if (!all_basic(y.type, IsOrdered)) bad = &y;
  }
  if (!bad) {
    if (x.mode == Mode::Constant && y.mode == Mode::Constant) {
      x.val = is_unknown(x.val) || is_unknown(y.val) ? &UnknownValue
                                                     : make_bool(compare_values(x.val, op, y.val));
    } else {
      x.mode = Mode::Value;
      // The operands will not get a type from the context any more.
      update_expr_type(x.node(), default_type(x.type), true);
      update_expr_type(y.node(), default_type(y.type), true);
    }
    x.type = basic(BasicKind::UntypedBool);
    return;
  }
  if (cause.empty()) {
    if (is_type_param(x.type) || is_type_param(y.type)) {
      if (!is_type_param(x.type)) bad = &y;
      cause = fmt::format("type parameter {} cannot use operator {}", str(bad->type), tok_text(op));
    } else {
      std::string what(composite_kind(bad->type));
      cause =
          fmt::format("operator {} not defined on {}", tok_text(op), what.empty() ? str(bad->type) : what);
    }
  }
  auto text = [](const Operand& o) { return o.label.empty() ? expr_string(o.expr) : std::string(o.label); };
  if (switch_case) errorf(x.pos(), "invalid case {} in switch on {} ({})", text(x), text(y), cause);
  else errorf(bad->pos(), "invalid operation: {} {} {} ({})", text(x), tok_text(op), text(y), cause);
  x.invalidate();
}

void Checker::match_types(Operand& x, Operand& y) {
  if (is_typed(x.type) && is_typed(y.type)) return;
  auto may_convert = [&] {
    if (all_basic(x.type, IsNumeric) != all_basic(y.type, IsNumeric)) return false;
    if (is_non_type_param_interface(x.type) || is_non_type_param_interface(y.type)) return true;
    if (all_basic(x.type, IsBoolean) != all_basic(y.type, IsBoolean)) return false;
    if (all_basic(x.type, IsString) != all_basic(y.type, IsString)) return false;
    if (x.is_nil()) return has_nil(y.type);
    if (y.is_nil()) return has_nil(x.type);
    if (x.type->underlying()->kind == TypeKind::Pointer || y.type->underlying()->kind == TypeKind::Pointer)
      return false;
    return true;
  };
  // Two untyped constants of one kind, the most frequent case.
  if (x.type == y.type && !x.is_nil()) return;
  if (!may_convert()) return;
  convert_untyped(x, y.type);
  if (!x.valid()) return;
  convert_untyped(y, x.type);
  if (!y.valid()) x.invalidate();
}

// ---- type assertions ----------------------------------------------------------------------------

void Checker::type_assert(Operand& x, TypeAssertExpr* e) {
  if (!e->target) {
    error(e->pos, "invalid syntax tree: use of .(type) outside type switch");
    use1(e->x);
    x.invalidate();
    return;
  }
  expr(nullptr, x, e->x);
  if (!x.valid()) return;
  if (is_type_param(x.type)) {
    errorf(x.pos(), "invalid operation: cannot use type assertion on type parameter value {}", str(x));
    x.invalidate();
    return;
  }
  if (x.type->underlying()->kind != TypeKind::Interface) {
    errorf(x.pos(), "invalid operation: {} is not an interface", str(x));
    x.invalidate();
    return;
  }
  Type* t = var_type(e->target);
  if (!is_valid(t) || !is_complete(t)) {
    x.invalidate();
    return;
  }
  type_assertion(e, x, t, false);
  x.mode = Mode::CommaOk;
  x.type = t;
}

void Checker::type_assertion(Expr* e, Operand& x, Type* t, bool type_switch) {
  std::string cause;
  if (assertable_to(x.type, t, &cause)) return;
  if (type_switch) {
    errorf(e->pos, "impossible type switch case: {}\n\t{} cannot have dynamic type {} {}", expr_string(e),
           str(x), str(t), cause);
    return;
  }
  errorf(e->pos, "impossible type assertion: {}\n\t{} does not implement {} {}", expr_string(e), str(t),
         str(x.type), cause);
}

// ---- expressions whose values do not matter -----------------------------------------------------

// Checks expressions that follow an error, so that what they mention counts as used. False when one of them
// is wrong itself.
bool Checker::use(List<Expr*> list, bool lhs) {
  bool ok = true;
  for (Expr* e : list)
    if (!use1(e, lhs)) ok = false;
  return ok;
}
bool Checker::use1(Expr* e, bool lhs) {
  if (!e) return true;
  Operand x;
  x.mode = Mode::Value;
  Expr* n = unparen(e);
  if (auto* id = n->as<Ident>()) {
    if (id->name == "_") return true;
    // Being assigned to is no use.
    Var* v = nullptr;
    if (lhs)
      if (Object* obj = lookup(id->name); obj && obj->pkg == pkg_) v = obj->as<Var>();
    bool used = v && v->used;
    expr_or_type(x, n, true);
    if (v) v->used = used;
  } else if (auto* kv = n->as<KeyValueExpr>()) {
    return use1(kv->value);
  } else {
    raw_expr(nullptr, x, e, nullptr, true);
  }
  return x.valid();
}
}  // namespace vole::types
