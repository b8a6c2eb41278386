// Constants and their types: representability, the implicit conversion of untyped operands, explicit
// conversions, assignability.
#include <cmath>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;
using bignum::Float;
using bignum::Int;

// ---- representability ---------------------------------------------------------------------------

void Checker::overflow(Operand& x, Pos op_pos) {
  if (is_unknown(x.val)) {
    error(op_pos, "constant result is not representable");
    return;
  }
  if (is_typed(x.type)) {
    if (auto* b = x.type->underlying()->as<Basic>()) representable(x, b);
    return;
  }
  constexpr i64 MaxBits = 512;
  if (x.val->kind == ConstValue::Int && !x.val->integer.is_i64() && x.val->integer.bit_length() > MaxBits) {
    std::string_view op;
    if (auto* u = x.expr ? x.expr->as<UnaryExpr>() : nullptr) {
      if (u->op == Tok::Xor) op = "bitwise complement ";
    } else if (auto* b = x.expr ? x.expr->as<BinaryExpr>() : nullptr) {
      switch (b->op) {
        case Tok::Add: op = "addition "; break;
        case Tok::Sub: op = "subtraction "; break;
        case Tok::Xor: op = "bitwise XOR "; break;
        case Tok::Mul: op = "multiplication "; break;
        case Tok::Shl: op = "shift "; break;
        default: break;
      }
    }
    errorf(op_pos, "constant {}overflow", op);
    x.val = &UnknownValue;
  }
}

static bool fits_int(const Int& v, BasicKind k) {
  auto signed_bits = [&](int n) {
    return v.is_i64() && v.to_i64() >= -(i64{1} << (n - 1)) && v.to_i64() <= (i64{1} << (n - 1)) - 1;
  };
  auto unsigned_bits = [&](int n) {
    return v.is_i64() && v.to_i64() >= 0 && v.to_i64() <= (i64{1} << n) - 1;
  };
  switch (k) {
    case BasicKind::Int:
    case BasicKind::Int64: return v.is_i64();
    case BasicKind::Int8: return signed_bits(8);
    case BasicKind::Int16: return signed_bits(16);
    case BasicKind::Int32: return signed_bits(32);
    case BasicKind::Uint:
    case BasicKind::Uint64:
    case BasicKind::Uintptr: return v.is_u64();
    case BasicKind::Uint8: return unsigned_bits(8);
    case BasicKind::Uint16: return unsigned_bits(16);
    case BasicKind::Uint32: return unsigned_bits(32);
    default: return true;  // untyped
  }
}

// Rounds to the precision of a float type; false when out of range.
static bool round_to(const Float& v, bool single, Float* out) {
  double d = single ? static_cast<double>(v.to_float()) : v.to_double();
  if (!std::isfinite(d)) return false;
  if (out) *out = Float::from_double(d);
  return true;
}

bool Checker::representable_const(Value v, Basic* t, Value* rounded) {
  if (is_unknown(v)) return true;
  u16 info = basic_info(t->basic);
  if (info & IsInteger) {
    Value i = to_int(arena(), v);
    if (i->kind != ConstValue::Int) return false;
    if (rounded) *rounded = i;
    return fits_int(i->integer, t->basic);
  }
  if (info & IsFloat) {
    Value f = to_float(arena(), v);
    if (f->kind != ConstValue::Float) return false;
    if (t->basic == BasicKind::UntypedFloat) return true;
    Float r;
    if (!round_to(f->real, t->basic == BasicKind::Float32, rounded ? &r : nullptr)) return false;
    if (rounded) *rounded = make_float(arena(), r);
    return true;
  }
  if (info & IsComplex) {
    Value c = to_complex(arena(), v);
    if (c->kind != ConstValue::Complex) return false;
    if (t->basic == BasicKind::UntypedComplex) return true;
    Float re, im;
    bool single = t->basic == BasicKind::Complex64;
    if (!round_to(c->real, single, &re) || !round_to(c->imag, single, &im)) return false;
    if (rounded) *rounded = make_complex(arena(), re, im);
    return true;
  }
  if (info & IsString) return v->kind == ConstValue::String;
  if (info & IsBoolean) return v->kind == ConstValue::Bool;
  return false;
}

Checker::Code Checker::representation(Operand& x, Basic* t, Value* out) {
  Value v = x.val;
  if (representable_const(x.val, t, &v)) {
    *out = v;
    return Code::Ok;
  }
  if (is_basic(x.type, IsNumeric) && is_basic(t, IsNumeric))
    return !is_basic(x.type, IsInteger) && is_basic(t, IsInteger) ? Code::TruncatedFloat
                                                                  : Code::NumericOverflow;
  return Code::InvalidConstVal;
}

void Checker::representable(Operand& x, Basic* t) {
  Value v;
  Code code = representation(x, t, &v);
  if (code != Code::Ok) {
    invalid_conversion(code, x, t);
    x.invalidate();
    return;
  }
  x.val = v;
}

void Checker::invalid_conversion(Code code, Operand& x, Type* target) {
  std::string s = str(x), t = str(target);
  if (code == Code::TruncatedFloat) errorf(x.pos(), "{} truncated to {}", s, t);
  else if (code == Code::NumericOverflow) errorf(x.pos(), "{} overflows {}", s, t);
  else errorf(x.pos(), "cannot convert {} to type {}", s, t);
}

// ---- untyped operands ---------------------------------------------------------------------------

// The type an untyped x takes where `target` is wanted, and its value in that type. Null with a code when
// that cannot be.
Type* Checker::implicit_type(Operand& x, Type* target, Value* val, Code* code) {
  *val = nullptr;
  *code = Code::Ok;
  if (!x.valid() || is_typed(x.type) || !is_valid(target)) return x.type;
  auto fail = [&](Code c) {
    *code = c;
    return static_cast<Type*>(nullptr);
  };
  if (is_untyped(target)) {
    Type* m = max_type(x.type, target);
    return m ? m : fail(Code::InvalidUntyped);
  }
  if (x.is_nil()) return has_nil(target) ? target : fail(Code::InvalidUntyped);
  Type* u = target->underlying();
  if (auto* b = u->as<Basic>()) {
    if (x.mode == Mode::Constant) {
      Code c = representation(x, b, val);
      return c == Code::Ok ? target : fail(c);
    }
    // Results of comparisons and of shifts by variable amounts.
    u16 want = 0;
    switch (static_cast<Basic*>(x.type)->basic) {
      case BasicKind::UntypedBool: want = IsBoolean; break;
      case BasicKind::UntypedString: want = IsString; break;
      case BasicKind::UntypedNil: return fail(Code::InvalidUntyped);
      default: want = IsNumeric; break;
    }
    return is_basic(target, want) ? target : fail(Code::InvalidUntyped);
  }
  if (auto* i = u->as<Interface>()) {
    if (is_type_param(target)) {
      bool ok = for_all_types(target, [&](Type*, Type* t) {
        Value v;
        Code c;
        return t && implicit_type(x, t, &v, &c);
      });
      return ok ? target : fail(Code::InvalidUntyped);
    }
    return i->is_empty() ? default_type(x.type) : fail(Code::InvalidUntyped);
  }
  return fail(Code::InvalidUntyped);
}

void Checker::convert_untyped(Operand& x, Type* target) {
  Value v;
  Code code;
  Type* t = implicit_type(x, target, &v, &code);
  if (code != Code::Ok) {
    Type* shown = is_type_param(target) ? target : target->underlying();
    invalid_conversion(code, x, shown);
    x.invalidate();
    return;
  }
  if (v) {
    x.val = v;
    if (Expr* n = x.node(); n && n->type && is_untyped(n->type) && n->cval) n->cval = v;
  }
  if (t != x.type) {
    x.type = t;
    update_expr_type(x.node(), t, false);
  }
}

bool Checker::is_shift_operand(Expr* e) {
  for (size_t i = shift_operands_.size(); i-- > 0;) {
    if (shift_operands_[i] != e) continue;
    shift_operands_[i] = shift_operands_.back();
    shift_operands_.pop_back();
    return true;
  }
  return false;
}

// Gives an untyped expression, and the parts that take their type from it, type t. With `final` t is what the
// program will see.
void Checker::update_expr_type(Expr* e, Type* t, bool final) {
  while (e && e->type && is_untyped(e->type) && e->mode != Mode::Invalid) {
    Expr* next = nullptr;
    bool constant = e->cval != nullptr;
    switch (e->kind) {
      case NodeKind::ParenExpr: next = e->cast<ParenExpr>()->x; break;
      case NodeKind::UnaryExpr:
        if (!constant) next = e->cast<UnaryExpr>()->x;
        break;
      case NodeKind::BinaryExpr: {
        auto* b = e->cast<BinaryExpr>();
        if (constant) break;
        if (b->op >= Tok::Eql && b->op <= Tok::Geq) break;  // the operands have types of their own
        if (b->op != Tok::Shl && b->op != Tok::Shr) update_expr_type(b->y, t, final);
        next = b->x;
        break;
      }
      default: break;
    }
    if (!final && is_untyped(t)) {
      e->type = t;
      e = next;
      continue;
    }
    if (!shift_operands_.empty() && is_shift_operand(e) && !all_basic(t, IsInteger)) {
      Operand shown;
      errorf(e->pos, "invalid operation: shifted operand {} (type {}) must be integer", expr_string(e),
             str(t));
      e->type = t;
      e->mode = Mode::Invalid;
      return;
    }
    if (constant) {
      Operand c;
      c.mode = e->mode;
      c.expr = e;
      c.type = e->type;
      c.val = e->cval;
      Value v;
      Code code;
      implicit_type(c, t, &v, &code);
      if (code != Code::Ok) {
        invalid_conversion(code, c, is_type_param(t) ? t : t->underlying());
        e->mode = Mode::Invalid;
        return;
      }
      if (v) e->cval = v;
    }
    e->type = t;
    if (next == nullptr) return;
    e = next;
  }
}

// ---- common underlying types --------------------------------------------------------------------

bool Checker::no_send_only(Type* t, Type* u, std::string* cause) {
  auto* c = u ? u->as<Chan>() : nullptr;
  if (!c || c->dir != ChanType::SendOnly) return true;
  if (cause) *cause = "receive from send-only channel " + str(t);
  return false;
}
bool Checker::can_recv(Type* t, Type* u, std::string* cause) {
  if (!u) return *cause = "no specific channel type", false;
  auto* c = u->as<Chan>();
  if (!c) return *cause = "non-channel " + str(t), false;
  if (c->dir == ChanType::SendOnly) return *cause = "send-only channel " + str(t), false;
  return true;
}
bool Checker::can_send(Type* t, Type* u, std::string* cause) {
  if (!u) return *cause = "no specific channel type", false;
  auto* c = u->as<Chan>();
  if (!c) return *cause = "non-channel " + str(t), false;
  if (c->dir == ChanType::RecvOnly) return *cause = "receive-only channel " + str(t), false;
  return true;
}
bool Checker::can_call(Type* t, Type* u, std::string* cause) {
  if (!u || u->kind == TypeKind::Signature) return true;
  *cause = str(t) + " is not a function";
  return false;
}
bool Checker::can_make(Type*, Type* u, std::string* cause) {
  if (!u) return *cause = "no specific type", false;
  if (u->kind == TypeKind::Slice || u->kind == TypeKind::Map || u->kind == TypeKind::Chan) return true;
  *cause = "type must be slice, map, or channel";
  return false;
}

Type* Checker::common_under(Type* t, std::string* cause, bool (Checker::*cond)(Type*, Type*, std::string*)) {
  if (!is_type_param(t)) {
    Type* u = t->underlying();
    return cond && !(this->*cond)(t, u, cause) ? nullptr : u;
  }
  Type *ct = nullptr, *cu = nullptr;
  bool ok = for_all_types(t, [&](Type* x, Type* u) {
    if (cond && !(this->*cond)(x, u, cause)) return false;
    if (!u) {
      if (cause) *cause = "no specific type";
      return false;
    }
    if (!cu) {
      ct = x;
      cu = u;
      return true;
    }
    auto *a = cu->as<Chan>(), *b = u->as<Chan>();
    if (a && b) {
      if (!identical(a->elem, b->elem)) {
        if (cause) *cause = fmt::format("channels {} and {} have different element types", str(ct), str(x));
        return false;
      }
      if (a->dir == b->dir) return true;
      if (a->dir == ChanType::Both) {
        ct = x;
        cu = u;
      } else if (b->dir != ChanType::Both) {
        if (cause) *cause = fmt::format("channels {} and {} have conflicting directions", str(ct), str(x));
        return false;
      }
      return true;
    }
    if (identical(cu, u)) return true;
    if (cause) *cause = fmt::format("{} and {} have different underlying types", str(ct), str(x));
    return false;
  });
  return ok ? cu : nullptr;
}

bool Checker::make_target(Type* t, std::string_view name, const Expr* e, Target& out) {
  if (!t) return false;
  Type* u = common_under(t, nullptr);
  auto* sig = u ? u->as<Signature>() : nullptr;
  if (!sig) return false;
  out.sig = sig;
  out.name = name;
  out.expr = e;
  return true;
}

// ---- explicit conversions -----------------------------------------------------------------------

void Checker::conversion(Operand& x, Type* t) {
  bool const_arg = x.mode == Mode::Constant;
  bool const_type = is_basic(t, IsConstType);
  auto constant_fits = [&](Type* to, Value* v) {
    auto* b = to->underlying()->as<Basic>();
    if (!b) return false;
    if (representable_const(x.val, b, v)) return true;
    if (!is_basic(x.type, IsInteger) || !is_basic(b, IsString)) return false;
    u32 rune = 0xfffd;
    if (x.val->kind == ConstValue::Int && x.val->integer.is_u64() && x.val->integer.to_u64() <= 0x10ffff)
      rune = static_cast<u32>(x.val->integer.to_u64());
    if (rune >= 0xd800 && rune < 0xe000) rune = 0xfffd;
    if (v) {
      char buf[4];
      size_t n = 0;
      if (rune < 0x80) buf[n++] = static_cast<char>(rune);
      else if (rune < 0x800)
        buf[n++] = static_cast<char>(0xc0 | rune >> 6), buf[n++] = static_cast<char>(0x80 | (rune & 0x3f));
      else if (rune < 0x10000)
        buf[n++] = static_cast<char>(0xe0 | rune >> 12),
        buf[n++] = static_cast<char>(0x80 | (rune >> 6 & 0x3f)),
        buf[n++] = static_cast<char>(0x80 | (rune & 0x3f));
      else
        buf[n++] = static_cast<char>(0xf0 | rune >> 18),
        buf[n++] = static_cast<char>(0x80 | (rune >> 12 & 0x3f)),
        buf[n++] = static_cast<char>(0x80 | (rune >> 6 & 0x3f)),
        buf[n++] = static_cast<char>(0x80 | (rune & 0x3f));
      *v = make_string(arena(), arena().copy_string({buf, n}));
    }
    return true;
  };
  bool ok = false;
  std::string cause;
  if (const_arg && const_type) {
    Value v = x.val;
    ok = constant_fits(t, &v);
    if (ok) x.val = v;
    if (!ok && is_basic(x.type, IsInteger) && is_basic(t, IsInteger)) {
      errorf(x.pos(), "constant {} overflows {}", value_string(x.val), str(t));
      x.invalidate();
      return;
    }
  } else if (const_arg && is_type_param(t)) {
    ok = for_all_types(t, [&](Type*, Type* u) {
      if (!u) {
        cause = str(t) + " does not contain specific types";
        return false;
      }
      if (is_basic(x.type, IsString) && is_bytes_or_runes(u)) return true;
      if (constant_fits(u, nullptr)) return true;
      if (is_basic(x.type, IsInteger) && is_basic(u, IsInteger))
        cause = fmt::format("constant {} overflows {} (in {})", value_string(x.val), str(u), str(t));
      else cause = fmt::format("cannot convert {} to type {} (in {})", str(x), str(u), str(t));
      return false;
    });
    x.mode = Mode::Value;
  } else if (convertible(x, t, &cause)) {
    ok = true;
    x.mode = Mode::Value;
  }
  if (!ok) {
    if (!cause.empty()) errorf(x.pos(), "cannot convert {} to type {}: {}", str(x), str(t), cause);
    else errorf(x.pos(), "cannot convert {} to type {}", str(x), str(t));
    x.invalidate();
    return;
  }
  if (is_untyped(x.type)) {
    Type* final = t;
    if (is_untyped_nil(x.type)) {
    } else if (is_non_type_param_interface(t) || (const_arg && !const_type)) {
      final = default_type(x.type);
    } else if (x.mode == Mode::Constant && is_basic(x.type, IsInteger) && all_basic(t, IsString)) {
      final = x.type;
    }
    update_expr_type(x.node(), final, true);
  }
  x.type = t;
}

bool Checker::convertible(const Operand& x, Type* target, std::string* cause) {
  if (assignable(x, target, cause)) return true;
  Type *v = unalias(x.type), *t = unalias(target);
  Type *vu = v->underlying(), *tu = t->underlying();
  TypeParam *vp = v->as<TypeParam>(), *tp = t->as<TypeParam>();
  if (!vp && !tp && identical_ignore_tags(vu, tu)) return true;
  auto *pv = v->as<Pointer>(), *pt = t->as<Pointer>();
  if (pv && pt && !is_type_param(pv->elem) && !is_type_param(pt->elem) &&
      identical_ignore_tags(pv->elem->underlying(), pt->elem->underlying()))
    return true;
  auto pointer = [](Type* u) { return u->kind == TypeKind::Pointer; };
  auto basic_kind = [](Type* u, BasicKind k) {
    return u->kind == TypeKind::Basic && static_cast<Basic*>(u)->basic == k;
  };
  auto literal = [](Type* u, u16 info) {
    return u->kind == TypeKind::Basic && (basic_info(static_cast<Basic*>(u)->basic) & info);
  };
  if (literal(vu, IsInteger | IsFloat) && literal(tu, IsInteger | IsFloat)) return true;
  if (literal(vu, IsComplex) && literal(tu, IsComplex)) return true;
  if ((literal(vu, IsInteger) || is_bytes_or_runes(vu)) && literal(tu, IsString)) return true;
  if (literal(vu, IsString) && is_bytes_or_runes(tu)) return true;
  if ((pointer(vu) || basic_kind(vu, BasicKind::Uintptr)) && basic_kind(tu, BasicKind::UnsafePointer))
    return true;
  if (basic_kind(vu, BasicKind::UnsafePointer) && (pointer(tu) || basic_kind(tu, BasicKind::Uintptr)))
    return true;
  if (auto* s = vu->as<Slice>()) {
    Array* a = tu->as<Array>();
    int since = 20;
    if (auto* p = tu->as<Pointer>()) {
      a = p->elem->underlying()->as<Array>();
      since = 17;
    }
    if (a && identical(s->elem, a->elem)) {
      if (allow(since)) return true;
      if (cause)
        *cause = since == 20 ? "conversion of slice to array requires go1.20 or later"
                             : "conversion of slice to array pointer requires go1.17 or later";
      return false;
    }
  }
  if (!vp && !tp) return false;

  auto explain = [&](std::string text) {
    if (!cause) return;
    if (!cause->empty()) text += "\n\t" + *cause;
    *cause = std::move(text);
  };
  Operand y = x;
  if (vp && tp)
    return for_all_terms(vp, [&](const Term* a) {
      if (!a) return false;
      y.type = a->type;
      return for_all_terms(tp, [&](const Term* b) {
        if (!b) return false;
        if (convertible(y, b->type, cause)) return true;
        explain(fmt::format("cannot convert {} (in {}) to type {} (in {})", str(a->type), str(vp),
                            str(b->type), str(tp)));
        return false;
      });
    });
  if (vp)
    return for_all_terms(vp, [&](const Term* a) {
      if (!a) return false;
      y.type = a->type;
      if (convertible(y, t, cause)) return true;
      explain(fmt::format("cannot convert {} (in {}) to type {}", str(a->type), str(vp), str(target)));
      return false;
    });
  return for_all_terms(tp, [&](const Term* b) {
    if (!b) return false;
    if (convertible(x, b->type, cause)) return true;
    explain(fmt::format("cannot convert {} to type {} (in {})", str(x.type), str(b->type), str(tp)));
    return false;
  });
}

// ---- assignability ------------------------------------------------------------------------------

bool Checker::assignable(const Operand& x, Type* target, std::string* cause) {
  if (!x.valid() || !is_valid(target)) return true;
  Type *v = unalias(x.type), *t = unalias(target);
  if (v == t || identical(v, t)) return true;
  Type *vu = v->underlying(), *tu = t->underlying();
  TypeParam *vp = v->as<TypeParam>(), *tp = t->as<TypeParam>();
  Operand y = x;
  if (is_untyped(vu)) {
    Value val;
    Code code;
    if (tp)
      return for_all_terms(
          tp, [&](const Term* term) { return term && implicit_type(y, term->type, &val, &code); });
    return implicit_type(y, t, &val, &code) != nullptr;
  }
  if (!vp && !tp && (!has_name(v) || !has_name(t)) && identical(vu, tu)) return true;
  if ((tu->kind == TypeKind::Interface && !tp) || is_interface_ptr(tu)) {
    if (implements(v, t, false, cause)) return true;
    if (!vp) return false;
    if (cause) cause->clear();
  }
  if (vu->kind == TypeKind::Interface && !vp && implements(t, v, false, nullptr)) {
    if (cause) *cause = "need type assertion";
    return false;
  }
  if (auto* vc = vu->as<Chan>(); vc && vc->dir == ChanType::Both)
    if (auto* tc = tu->as<Chan>(); tc && identical(vc->elem, tc->elem)) return !has_name(v) || !has_name(t);
  if (!vp && !tp) return false;

  auto explain = [&](std::string text) {
    if (!cause) return;
    if (!cause->empty()) text += "\n\t" + *cause;
    *cause = std::move(text);
  };
  if (!has_name(v) && tp)
    return for_all_terms(tp, [&](const Term* term) {
      if (!term) return false;
      if (assignable(x, term->type, cause)) return true;
      explain(fmt::format("cannot assign {} to {} (in {})", str(x.type), str(term->type), str(tp)));
      return false;
    });
  if (vp && !has_name(t))
    return for_all_terms(vp, [&](const Term* term) {
      if (!term) return false;
      y.type = term->type;
      if (assignable(y, t, cause)) return true;
      explain(fmt::format("cannot assign {} (in {}) to {}", str(term->type), str(vp), str(target)));
      return false;
    });
  return false;
}
}  // namespace vole::types
