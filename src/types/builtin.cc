// Calls of predeclared functions and of package unsafe's.
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

namespace {
struct BuiltinRow {
  const char* name;
  u32 args;
  bool variadic;
};
constexpr BuiltinRow Rows[] = {
    // clang-format off
    {"append", 1, true}, {"cap", 1, false}, {"clear", 1, false}, {"close", 1, false}, {"complex", 2, false},
    {"copy", 2, false}, {"delete", 2, false}, {"imag", 1, false}, {"len", 1, false}, {"make", 1, true},
    {"max", 1, true}, {"min", 1, true}, {"new", 1, false}, {"panic", 1, false}, {"print", 0, true},
    {"println", 0, true}, {"real", 1, false}, {"recover", 0, false}, {"Add", 2, false}, {"Alignof", 1, false},
    {"Offsetof", 1, false}, {"Sizeof", 1, false}, {"Slice", 2, false}, {"SliceData", 1, false},
    {"String", 2, false}, {"StringData", 1, false},
    // clang-format on
};

// float for complex and back; null for other types.
Type* complex_of(Type* t) {
  auto* b = t->underlying()->as<Basic>();
  switch (b ? b->basic : BasicKind::Invalid) {
    case BasicKind::Float32: return basic(BasicKind::Complex64);
    case BasicKind::Float64: return basic(BasicKind::Complex128);
    case BasicKind::UntypedFloat: return basic(BasicKind::UntypedComplex);
    default: return nullptr;
  }
}
Type* float_of(Type* t) {
  auto* b = t->underlying()->as<Basic>();
  switch (b ? b->basic : BasicKind::Invalid) {
    case BasicKind::Complex64: return basic(BasicKind::Float32);
    case BasicKind::Complex128: return basic(BasicKind::Float64);
    case BasicKind::UntypedComplex: return basic(BasicKind::UntypedFloat);
    default: return nullptr;
  }
}
bool is_byte_slice(Type* u) {
  auto* s = u ? u->as<Slice>() : nullptr;
  return s && identical(s->elem, ByteType);
}
}  // namespace

Type* Checker::slice_elem(Operand& x, std::string* cause) {
  Type* elem = nullptr;
  bool ok = for_all_types(x.type, [&](Type*, Type* u) {
    auto* s = u ? u->as<Slice>() : nullptr;
    if (!s) {
      *cause = x.is_nil() ? "argument must be a slice; have untyped nil"
                          : "argument must be a slice; have " + str(x);
      return false;
    }
    if (!elem) {
      elem = s->elem;
    } else if (!identical(elem, s->elem)) {
      *cause = fmt::format("mismatched slice element types {} and {} in {}", str(elem), str(s->elem), str(x));
      return false;
    }
    return true;
  });
  return ok ? elem : nullptr;
}

// Whether the size depends on type arguments.
bool Checker::has_var_size(Type* t) {
  t = unalias(t);
  switch (t->kind) {
    case TypeKind::Array: return has_var_size(static_cast<Array*>(t)->elem);
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(t)->fields)
        if (has_var_size(f->type)) return true;
      return false;
    case TypeKind::TypeParam: return true;
    case TypeKind::Named: {
      auto* n = static_cast<Named*>(t);
      if (!n->origin && n->obj->pkg != pkg_) return false;
      auto it = var_size_.find(n);
      if (it != var_size_.end()) return it->second;
      TypeName* obj = shown_object(n);
      if (i32 at = path_index(obj); at >= 0) {
        path_cycle_error(static_cast<size_t>(at));
        return true;
      }
      if (too_deep(obj->pos)) return true;
      push(obj);
      bool var = has_var_size(n->rhs_ && !n->origin ? n->rhs_ : n->resolved());
      pop();
      var_size_[n] = var;
      return var;
    }
    default: return false;
  }
}

bool Checker::offset_of(Operand& x, CallExpr* call) {
  Expr* arg = call->args[0];
  auto* sel = unparen(arg)->as<SelectorExpr>();
  if (!sel) {
    errorf(arg->pos, "invalid argument: {} is not a selector expression", expr_string(arg));
    use1(arg);
    return false;
  }
  expr(nullptr, x, sel->x);
  if (!x.valid()) return false;
  Type* base = deref_struct_ptr(x.type);
  Name name = sel->sel->name;
  Found f = find_member(base, false, pkg_, name);
  if (!f.obj) {
    errorf(x.pos(), "invalid argument: {} has no single field {}", str(base), name.text());
    return false;
  }
  auto* field = f.obj->as<Var>();
  if (!field) {
    errorf(arg->pos, "invalid argument: {} is a method value", expr_string(arg));
    return false;
  }
  if (f.indirect) {
    errorf(x.pos(), "invalid argument: field {} is embedded via a pointer in {}", name.text(), str(base));
    return false;
  }
  auto* selection = arena().make<Selection>();
  selection->kind = Selection::Field;
  selection->recv = base;
  selection->obj = field;
  selection->path = arena().copy(f.path);
  sel->selection = selection;
  sel->sel->obj = field;
  record_type(sel, Mode::Variable, field->type);
  if (has_var_size(base)) {
    x.mode = Mode::Value;
  } else {
    i64 at = 0;
    Type* t = base;
    for (u32 i : f.path) {
      auto* s = t->underlying()->cast<Struct>();
      i64 d = field_offsets(s)[i];
      if (d < 0 || __builtin_add_overflow(at, d, &at)) {
        errorf(x.pos(), "{} is too large", str(x));
        return false;
      }
      t = s->fields[i]->type;
    }
    x.mode = Mode::Constant;
    x.val = make_int(arena(), bignum::Int(at));
  }
  x.type = basic(BasicKind::Uintptr);
  return true;
}

bool Checker::builtin(Operand& x, CallExpr* call, BuiltinId id) {
  const BuiltinRow& row = Rows[static_cast<size_t>(id)];
  if (call->has_dots && id != BuiltinId::Append) {
    errorf(call->pos, "invalid operation: invalid use of ... with built-in {}", row.name);
    use(call->args);
    return false;
  }
  // Whether len and cap of an array are constant depends on calls and receives inside the argument only.
  bool outer_calls = env_.has_call_or_recv;
  bool is_len = id == BuiltinId::Len || id == BuiltinId::Cap;
  if (is_len) env_.has_call_or_recv = false;
  struct Restore {
    bool* slot;
    bool value, on;
    ~Restore() {
      if (on) *slot = value;
    }
  } restore{&env_.has_call_or_recv, outer_calls, is_len};

  Operands args;
  size_t nargs = call->args.size();
  if (id != BuiltinId::Make && id != BuiltinId::New && id != BuiltinId::UnsafeOffsetof) {
    expr_list(call->args, args);
    nargs = args.size();
    for (Operand& a : args)
      if (!a.valid()) return false;
    if (nargs > 0) x = args[0];
  }
  const char* wrong = nargs < row.args                    ? "not enough"
                      : !row.variadic && nargs > row.args ? "too many"
                                                          : nullptr;
  if (wrong) {
    errorf(call->pos, "invalid operation: {} arguments for {} (expected {}, found {})", wrong,
           expr_string(call), row.args, nargs);
    return false;
  }
  Type* int_type = basic(BasicKind::Int);

  switch (id) {
    case BuiltinId::Append: {
      std::string cause;
      Type* elem = slice_elem(x, &cause);
      if (!elem) {
        errorf(x.pos(), "invalid append: {}", cause);
        return false;
      }
      Type* result = x.type;
      // append([]byte, string...)
      if (nargs == 2 && call->has_dots && assignable(x, new_slice(ByteType), nullptr)) {
        bool has_string = false;
        bool fits = for_all_types(args[1].type, [&](Type*, Type* u) {
          if (is_byte_slice(u)) return true;
          if (!u || !is_basic(u, IsString)) return false;
          has_string = true;
          return true;
        });
        if (fits && has_string) {
          if (is_untyped(args[1].type)) update_expr_type(args[1].node(), basic(BasicKind::String), true);
          x.mode = Mode::Value;
          x.type = result;
          return true;
        }
      }
      Type* params[] = {x.type, new_slice(elem)};
      Signature* sig = new_signature(params, std::span<Type* const>(&result, 1), true);
      Vec<Type*> targs;
      Vec<Vec<Type*>, 4> atargs;
      arguments(call, sig, targs, {}, args, atargs);
      x.mode = Mode::Value;
      x.type = result;
      return true;
    }

    case BuiltinId::Cap:
    case BuiltinId::Len: {
      Mode mode = Mode::Invalid;
      Value val = nullptr;
      bool len = id == BuiltinId::Len;
      Type* u = array_ptr_deref(x.type->underlying());
      switch (u->kind) {
        case TypeKind::Basic:
          if (!len || !is_basic(u, IsString)) break;
          if (x.mode == Mode::Constant) {
            mode = Mode::Constant;
            val = is_unknown(x.val) ? &UnknownValue
                                    : make_int(arena(), bignum::Int(static_cast<i64>(x.val->string_size())));
          } else {
            mode = Mode::Value;
          }
          break;
        case TypeKind::Array:
          mode = Mode::Value;
          if (!env_.has_call_or_recv) {
            mode = Mode::Constant;
            i64 n = static_cast<Array*>(u)->len;
            val = n >= 0 ? make_int(arena(), bignum::Int(n)) : &UnknownValue;
          }
          break;
        case TypeKind::Slice:
        case TypeKind::Chan: mode = Mode::Value; break;
        case TypeKind::Map:
          if (len) mode = Mode::Value;
          break;
        case TypeKind::Interface:
          if (is_type_param(x.type) && for_all_types(x.type, [&](Type*, Type* t) {
                if (!t) return false;
                switch (array_ptr_deref(t)->kind) {
                  case TypeKind::Basic: return len && is_basic(t, IsString);
                  case TypeKind::Array:
                  case TypeKind::Slice:
                  case TypeKind::Chan: return true;
                  case TypeKind::Map: return len;
                  default: return false;
                }
              }))
            mode = Mode::Value;
          break;
        default: break;
      }
      if (mode == Mode::Invalid) {
        if (is_valid(x.type->underlying()))
          errorf(x.pos(), "invalid argument: {} for built-in {}", str(x), row.name);
        return false;
      }
      x.mode = mode;
      x.type = int_type;
      x.val = val;
      return true;
    }

    case BuiltinId::Clear:
      verify_version(call->fun->pos, 21, "clear");
      if (!for_all_types(x.type, [&](Type*, Type* u) {
            if (u && (u->kind == TypeKind::Map || u->kind == TypeKind::Slice)) return true;
            errorf(x.pos(),
                   "invalid argument: cannot clear {}: argument must be (or constrained by) map or slice",
                   str(x));
            return false;
          }))
        return false;
      x.mode = Mode::NoValue;
      return true;

    case BuiltinId::Close:
      if (!for_all_types(x.type, [&](Type*, Type* u) {
            auto* c = u ? u->as<Chan>() : nullptr;
            if (!c) {
              errorf(x.pos(), "invalid operation: cannot close non-channel {}", str(x));
              return false;
            }
            if (c->dir == ChanType::RecvOnly) {
              errorf(x.pos(), "invalid operation: cannot close receive-only channel {}", str(x));
              return false;
            }
            return true;
          }))
        return false;
      x.mode = Mode::NoValue;
      return true;

    case BuiltinId::Complex: {
      Operand& y = args[1];
      bool ux = is_untyped(x.type), uy = is_untyped(y.type);
      if (ux && !uy) {
        convert_untyped(x, y.type);
      } else if (!ux && uy) {
        convert_untyped(y, x.type);
      } else if (ux && uy) {
        if (x.mode == Mode::Constant && y.mode == Mode::Constant) {
          for (Operand* o : {&x, &y})
            if (is_basic(o->type, IsNumeric) && imag_part(o->val).sign() == 0)
              o->type = basic(BasicKind::UntypedFloat);
        } else {
          convert_untyped(x, basic(BasicKind::Float64));
          convert_untyped(y, basic(BasicKind::Float64));
        }
      }
      if (!x.valid() || !y.valid()) return false;
      if (!identical(x.type, y.type)) {
        errorf(x.pos(), "invalid operation: {} (mismatched types {} and {})", expr_string(call), str(x.type),
               str(y.type));
        return false;
      }
      break;
    }

    case BuiltinId::Copy: {
      std::string cause;
      Type* dst = slice_elem(x, &cause);
      if (!dst) {
        errorf(x.pos(), "invalid copy: {}", cause);
        return false;
      }
      Operand& y = args[1];
      bool special =
          assignable(x, new_slice(ByteType), nullptr) && for_all_types(y.type, [&](Type*, Type* u) {
            return is_byte_slice(u) || (u && is_basic(u, IsString));
          });
      if (!special) {
        Type* src = slice_elem(y, &cause);
        if (!src) {
          if (!all_basic(y.type, IsString)) {
            errorf(y.pos(), "invalid copy: {}", cause);
            return false;
          }
          src = ByteType;
        }
        if (!identical(dst, src)) {
          errorf(x.pos(), "invalid copy: arguments {} and {} have different element types {} and {}", str(x),
                 str(y), str(dst), str(src));
          return false;
        }
      }
      if (is_untyped(y.type)) update_expr_type(y.node(), default_type(y.type), true);
      x.mode = Mode::Value;
      x.type = int_type;
      return true;
    }

    case BuiltinId::Delete: {
      Type* key = nullptr;
      if (!for_all_types(x.type, [&](Type*, Type* u) {
            auto* m = u ? u->as<Map>() : nullptr;
            if (!m) {
              errorf(x.pos(), "invalid argument: {} is not a map", str(x));
              return false;
            }
            if (key && !identical(m->key, key)) {
              errorf(x.pos(), "invalid argument: maps of {} must have identical key types", str(x));
              return false;
            }
            key = m->key;
            return true;
          }))
        return false;
      x = args[1];
      assignment(x, key, {"argument to delete"});
      if (!x.valid()) return false;
      x.mode = Mode::NoValue;
      return true;
    }

    case BuiltinId::Imag:
    case BuiltinId::Real:
      if (is_untyped(x.type)) {
        if (x.mode == Mode::Constant) {
          if (is_basic(x.type, IsNumeric)) x.type = basic(BasicKind::UntypedComplex);
        } else {
          convert_untyped(x, basic(BasicKind::Complex128));
          if (!x.valid()) return false;
        }
      }
      break;

    case BuiltinId::Make: {
      Expr* arg0 = call->args[0];
      Type* t = var_type(arg0);
      if (!is_valid(t)) {
        for (size_t i = 1; i < call->args.size(); i++) use1(call->args[i]);
        return false;
      }
      std::string cause;
      Type* u = common_under(t, &cause, &Checker::can_make);
      if (!u) {
        errorf(arg0->pos, "invalid argument: cannot make {}: {}", expr_string(arg0), cause);
        return false;
      }
      size_t min = u->kind == TypeKind::Slice ? 2 : 1;
      if (nargs < min || min + 1 < nargs) {
        errorf(call->pos, "invalid operation: {} expects {} or {} arguments; found {}", expr_string(call),
               min, min + 1, nargs);
        return false;
      }
      i64 sizes[2] = {-1, -1};
      for (size_t i = 1; i < nargs; i++) sizes[i - 1] = index(call->args[i], -1);
      if (sizes[0] >= 0 && sizes[1] >= 0 && sizes[0] > sizes[1])
        error(call->args[1]->pos, "invalid argument: length and capacity swapped");
      x.mode = Mode::Value;
      x.type = t;
      return true;
    }

    case BuiltinId::Max:
    case BuiltinId::Min: {
      verify_version(call->fun->pos, 21, fmt::format("built-in {}", row.name));
      Tok op = id == BuiltinId::Max ? Tok::Gtr : Tok::Lss;
      for (size_t i = 0; i < nargs; i++) {
        Operand& a = args[i];
        if (!all_basic(a.type, IsOrdered)) {
          errorf(a.pos(), "invalid argument: {} cannot be ordered", str(a));
          return false;
        }
        if (i == 0) continue;
        match_types(x, a);
        if (!x.valid()) return false;
        if (!identical(x.type, a.type)) {
          errorf(a.pos(), "invalid argument: mismatched types {} (previous argument) and {} (type of {})",
                 str(x.type), str(a.type), expr_string(a.expr));
          return false;
        }
        if (x.mode == Mode::Constant && a.mode == Mode::Constant) {
          if (!is_unknown(a.val) && !is_unknown(x.val) && compare_values(a.val, op, x.val)) x = a;
        } else {
          x.mode = Mode::Value;
        }
      }
      if (x.mode != Mode::Constant) {
        x.mode = Mode::Value;
        assignment(x, EmptyInterface,
                   {id == BuiltinId::Max ? "argument to built-in max" : "argument to built-in min"});
        if (!x.valid()) return false;
      }
      for (Operand& a : args) update_expr_type(a.node(), x.type, true);
      return true;
    }

    case BuiltinId::New: {
      Expr* arg = call->args[0];
      expr_or_type(x, arg, false);
      exclude(x, 1u << static_cast<u32>(Mode::NoValue) | 1u << static_cast<u32>(Mode::Builtin));
      if (!x.valid()) return false;
      if (x.mode == Mode::TypeExpr) {
        valid_var_type(arg, x.type);
      } else {
        if (is_untyped(x.type)) {
          assignment(x, nullptr, {"argument to new"});
          if (!x.valid()) return false;
        }
        if (!allow(26)) verify_version(call->fun->pos, 26, fmt::format("new({})", expr_string(arg)));
      }
      x.mode = Mode::Value;
      x.type = new_pointer(x.type);
      return true;
    }

    case BuiltinId::Panic:
      assignment(x, EmptyInterface, {"argument to panic"});
      if (!x.valid()) return false;
      x.mode = Mode::NoValue;
      return true;

    case BuiltinId::Print:
    case BuiltinId::Println:
      for (Operand& a : args) {
        assignment(a, nullptr,
                   {id == BuiltinId::Print ? "argument to built-in print" : "argument to built-in println"});
        if (!a.valid()) return false;
      }
      x.mode = Mode::NoValue;
      return true;

    case BuiltinId::Recover:
      x.mode = Mode::Value;
      x.type = EmptyInterface;
      return true;

    case BuiltinId::UnsafeAdd:
      verify_version(call->fun->pos, 17, "unsafe.Add");
      assignment(x, basic(BasicKind::UnsafePointer), {"argument to unsafe.Add"});
      if (!x.valid() || !valid_index(args[1], "length", true)) return false;
      x.mode = Mode::Value;
      x.type = basic(BasicKind::UnsafePointer);
      return true;

    case BuiltinId::UnsafeAlignof:
      assignment(x, nullptr, {"argument to unsafe.Alignof"});
      if (!x.valid()) return false;
      if (has_var_size(x.type)) {
        x.mode = Mode::Value;
      } else {
        x.mode = Mode::Constant;
        x.val = make_int(arena(), bignum::Int(align_of(x.type)));
      }
      x.type = basic(BasicKind::Uintptr);
      return true;

    case BuiltinId::UnsafeOffsetof: return offset_of(x, call);

    case BuiltinId::UnsafeSizeof:
      assignment(x, nullptr, {"argument to unsafe.Sizeof"});
      if (!x.valid()) return false;
      if (has_var_size(x.type)) {
        x.mode = Mode::Value;
      } else {
        i64 size = size_of(x.type);
        if (size < 0) {
          errorf(x.pos(), "{} is too large", str(x));
          return false;
        }
        x.mode = Mode::Constant;
        x.val = make_int(arena(), bignum::Int(size));
      }
      x.type = basic(BasicKind::Uintptr);
      return true;

    case BuiltinId::UnsafeSlice: {
      verify_version(call->fun->pos, 17, "unsafe.Slice");
      Type* u = common_under(x.type, nullptr);
      auto* p = u ? u->as<Pointer>() : nullptr;
      if (!p) {
        errorf(x.pos(), "invalid argument: {} is not a pointer", str(x));
        return false;
      }
      if (!valid_index(args[1], "length", false)) return false;
      x.mode = Mode::Value;
      x.type = new_slice(p->elem);
      return true;
    }

    case BuiltinId::UnsafeSliceData: {
      verify_version(call->fun->pos, 20, "unsafe.SliceData");
      Type* u = common_under(x.type, nullptr);
      auto* s = u ? u->as<Slice>() : nullptr;
      if (!s) {
        errorf(x.pos(), "invalid argument: {} is not a slice", str(x));
        return false;
      }
      x.mode = Mode::Value;
      x.type = new_pointer(s->elem);
      return true;
    }

    case BuiltinId::UnsafeString:
      verify_version(call->fun->pos, 20, "unsafe.String");
      assignment(x, new_pointer(ByteType), {"argument to unsafe.String"});
      if (!x.valid() || !valid_index(args[1], "length", false)) return false;
      x.mode = Mode::Value;
      x.type = basic(BasicKind::String);
      return true;

    case BuiltinId::UnsafeStringData:
      verify_version(call->fun->pos, 20, "unsafe.StringData");
      assignment(x, basic(BasicKind::String), {"argument to unsafe.StringData"});
      if (!x.valid()) return false;
      x.mode = Mode::Value;
      x.type = new_pointer(ByteType);
      return true;
  }

  // complex, real, imag: the result's type follows from the operand's.
  auto* f = id == BuiltinId::Complex ? complex_of : float_of;
  Type* result = nullptr;
  if (TypeParam* p = as_type_param(x.type)) {
    Vec<Term> terms;
    bool ok = for_all_terms(p, [&](const Term* t) {
      Type* r = t ? f(t->type) : nullptr;
      if (r) terms.push_back({t->tilde, r});
      return r != nullptr;
    });
    if (ok) {
      soft_error(
          x.pos(),
          fmt::format("{} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)",
                      str(x), row.name));
      result = InvalidType;
    }
  } else {
    result = f(x.type);
  }
  if (!result) {
    if (id == BuiltinId::Complex)
      errorf(x.pos(), "invalid argument: arguments have type {}, expected floating-point", str(x.type));
    else errorf(x.pos(), "invalid argument: argument has type {}, expected complex type", str(x.type));
    return false;
  }
  if (!is_valid(result)) return false;
  if (id == BuiltinId::Complex) {
    if (x.mode == Mode::Constant && args[1].mode == Mode::Constant) {
      Value re = to_float(arena(), x.val), im = to_float(arena(), args[1].val);
      x.val = is_unknown(re) || is_unknown(im) ? &UnknownValue : make_complex(arena(), re->real, im->real);
    } else {
      x.mode = Mode::Value;
    }
  } else if (x.mode == Mode::Constant) {
    if (!is_unknown(x.val))
      x.val = make_float(arena(), id == BuiltinId::Real ? real_part(x.val) : imag_part(x.val));
  } else {
    x.mode = Mode::Value;
  }
  x.type = result;
  return true;
}
}  // namespace vole::types
