// Type expressions: names, instances, composite types; what may stand where a variable's type is expected.
#include "syntax/lexer.h"
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

Type* Checker::var_type(Expr* e) {
  Type* t = declared_type(e, nullptr);
  valid_var_type(e, t);
  return t;
}

// Constraint interfaces are no types of variables. Whether an interface is one shows when it is complete.
void Checker::valid_var_type(Expr* e, Type* t) {
  Type* u = unalias(t);
  if (u->kind == TypeKind::Named) {
    u = std::atomic_ref<Type*>(static_cast<Named*>(u)->under_).load(std::memory_order_acquire);
    if (u && (u->kind != TypeKind::Interface ||
              (static_cast<Interface*>(u)->type_set && static_cast<Interface*>(u)->is_method_set())))
      return;
  } else if (u->kind != TypeKind::Interface || u == EmptyInterface) {
    return;
  }
  later([e, t](Checker& c) {
    auto* i = t->underlying()->as<Interface>();
    if (!i || is_type_param(t)) return;
    TypeSet* s = types::type_set(i);
    if (s->is_method_set()) return;
    c.soft_error(e->pos,
                 fmt::format("cannot use type {} outside a type constraint: interface {}", c.str(t),
                             s->comparable ? "is (or embeds) comparable" : "contains type constraints"));
  });
}

Type* Checker::declared_type(Expr* e, TypeName* def) {
  Type* t = type_internal(e, def);
  if (is_generic(t)) {
    errorf(e->pos, "cannot use generic type {} without instantiation", str(t));
    t = InvalidType;
  }
  record_type(e, Mode::TypeExpr, t);
  return t;
}

Type* Checker::generic_type(Expr* e, std::string* cause) {
  Type* t = type_internal(e, nullptr);
  if (is_valid(t) && !is_generic(t)) {
    if (cause) *cause = str(t) + " is not a generic type";
    t = InvalidType;
  }
  record_type(e, Mode::TypeExpr, t);
  return t;
}

Type* Checker::type_internal(Expr* e, TypeName* def) {
  switch (e->kind) {
    case NodeKind::BadExpr: return InvalidType;
    case NodeKind::Ident:
    case NodeKind::SelectorExpr: {
      Operand x;
      if (auto* id = e->as<Ident>()) ident(x, id, true);
      else selector(x, e->cast<SelectorExpr>(), true);
      if (x.mode == Mode::TypeExpr) return x.type;
      if (x.mode == Mode::NoValue) errorf(e->pos, "{} used as type", str(x));
      else if (x.valid()) errorf(e->pos, "{} is not a type", str(x));
      return InvalidType;
    }
    case NodeKind::IndexExpr:
      verify_version(e->pos, 18, "type instantiation");
      return instantiated_type(e->cast<IndexExpr>());
    case NodeKind::ParenExpr: return declared_type(e->cast<ParenExpr>()->x, def);
    case NodeKind::ArrayType: {
      auto* a = e->cast<ArrayType>();
      if (!a->len) return new_slice(var_type(a->elem));
      i64 len = -1;
      if (a->len->kind == NodeKind::Ellipsis)
        error(e->pos, "invalid use of [...] array (outside a composite literal)");
      else len = array_length(a->len);
      Type* elem = var_type(a->elem);
      return len >= 0 ? note_type(e->pos, new_array(elem, len)) : InvalidType;
    }
    case NodeKind::Ellipsis: error(e->pos, "invalid use of ..."); return InvalidType;
    case NodeKind::StructType: return note_type(e->pos, struct_type(e->cast<StructType>()));
    case NodeKind::StarExpr: {
      Type* elem = var_type(e->cast<StarExpr>()->x);
      return is_valid(elem) ? new_pointer(elem) : InvalidType;
    }
    case NodeKind::FuncType: {
      auto* sig = make_type<Signature>();
      func_type(sig, nullptr, {}, e->cast<FuncType>(), nullptr);
      return sig;
    }
    case NodeKind::InterfaceType: return interface_type(e->cast<InterfaceType>(), def);
    case NodeKind::MapType: {
      auto* m = e->cast<MapType>();
      Type* key = var_type(m->key);
      auto* t = note_type(e->pos, static_cast<Map*>(new_map(key, var_type(m->value))));
      if (key->kind != TypeKind::Basic)
        later([m, t](Checker& c) {
          if (comparable(t->key)) return;
          c.errorf(m->key->pos, "invalid map key type {}{}", c.str(t->key),
                   is_type_param(t->key) ? " (missing comparable constraint)" : "");
        });
      return t;
    }
    case NodeKind::ChanType:
      return note_type(e->pos, new_chan(e->cast<ChanType>()->dir, var_type(e->cast<ChanType>()->elem)));
    default:
      errorf(e->pos, "{} is not a type", expr_string(e));
      use1(e);
      return InvalidType;
  }
}

static std::string list_string(List<Expr*> list) { return "[" + syntax::expr_list_string(list) + "]"; }

Type* Checker::instantiated_type(IndexExpr* e) {
  std::string cause;
  Type* generic = generic_type(e->x, &cause);
  if (!cause.empty())
    errorf(e->x->pos, "invalid operation: {}{} ({})", expr_string(e->x), list_string(e->indices), cause);
  if (!is_valid(generic)) return generic;
  Vec<Type*> targs;
  if (!type_list(e->indices, targs)) return InvalidType;
  std::span<TypeParam*> tparams;
  TypeName* obj;
  auto* alias = generic->as<Alias>();
  if (alias && !alias->tparams.empty()) {
    tparams = alias->tparams;
    obj = alias->obj;
  } else {
    alias = nullptr;
    tparams = as_named(generic)->tparams;
    obj = as_named(generic)->obj;
  }
  // An instance with a wrong number of arguments is a type still (without underlying type), so that messages
  // can name it.
  if (alias && !validate_targ_count(e->x->pos, obj->name.text(), tparams.size(), targs.size()))
    return InvalidType;
  Type* inst =
      alias ? static_cast<Type*>(instantiate_alias(alias, targs)) : instantiate(as_named(generic), targs);
  if (!alias && !instance_objects_.contains(as_named(inst))) shown_object(as_named(inst))->pos = e->x->pos;
  std::span<Type*> kept = scratch_.copy(targs);
  later([e, tparams, kept, obj](Checker& c) {
    if (!c.validate_targ_count(e->x->pos, obj->name.text(), tparams.size(), kept.size())) return;
    std::string why;
    i64 bad = c.verify(tparams, kept, &why);
    if (bad >= 0) c.soft_error(e->indices[static_cast<size_t>(bad)]->pos, why);
    else c.mono_instance(e->pos, tparams, kept, e->indices);
  });
  return inst;
}

bool Checker::validate_targ_count(Pos pos, std::string_view name, size_t want, size_t got) {
  if (got == want) return true;
  errorf(pos, "{} type arguments for type {}: have {}, want {}", got < want ? "not enough" : "too many", name,
         got, want);
  return false;
}

bool Checker::type_list(List<Expr*> list, Vec<Type*>& out) {
  bool ok = true;
  for (Expr* e : list) {
    Type* t = var_type(e);
    if (!is_valid(t)) ok = false;
    out.push_back(t);
  }
  return ok;
}

i64 Checker::array_length(Expr* e) {
  if (auto* id = e->as<Ident>()) {
    Object* obj = lookup(id->name);
    if (!obj) {
      errorf(e->pos, "undefined array length {} or missing type constraint", id->name.text());
      return -1;
    }
    if (obj->kind != ObjectKind::Const) {
      errorf(e->pos, "invalid array length {}", id->name.text());
      return -1;
    }
  }
  Operand x;
  expr(nullptr, x, e);
  if (x.mode != Mode::Constant) {
    if (x.valid()) errorf(x.pos(), "array length {} must be constant", str(x));
    return -1;
  }
  if (is_untyped(x.type) || is_basic(x.type, IsInteger)) {
    Value v = to_int(arena(), x.val);
    if (v->kind == ConstValue::Int && v->integer.is_i64() && v->integer.to_i64() >= 0) {
      update_expr_type(e, basic(BasicKind::Int), true);
      return v->integer.to_i64();
    }
  }
  if (is_basic(x.type, IsInteger)) errorf(x.pos(), "invalid array length {}", str(x));
  else errorf(x.pos(), "array length {} must be integer", str(x));
  return -1;
}

// ---- structs ------------------------------------------------------------------------------------

static Ident* embedded_name(Expr* e) {
  if (auto* id = e->as<Ident>()) return id;
  if (auto* star = e->as<StarExpr>())
    return star->x->kind == NodeKind::StarExpr ? nullptr : embedded_name(star->x);
  if (auto* sel = e->as<SelectorExpr>()) return sel->sel;
  if (auto* index = e->as<IndexExpr>()) return embedded_name(index->x);
  if (auto* paren = e->as<ParenExpr>()) return embedded_name(paren->x);
  return nullptr;
}

Type* Checker::struct_type(StructType* e) {
  auto* t = make_type<Struct>();
  Vec<Var*, 16> fields;
  Vec<Name, 16> tags;
  bool any_tag = false;
  absl::flat_hash_map<Name, Var*> seen;
  Type* type = InvalidType;
  Expr* prev = nullptr;
  for (size_t i = 0; i < e->fields.size(); i++) {
    Field* f = e->fields[i];
    if (i == 0 || f->type_expr != prev) {
      type = var_type(f->type_expr);
      prev = f->type_expr;
    }
    Name tag;
    if (f->tag && f->tag->lit == LitKind::String) tag = Name::intern(unquote(f->tag->text));
    bool embedded = f->name == nullptr;
    Ident* id = embedded ? embedded_name(f->type_expr) : f->name;
    if (!id) {
      errorf(f->type_expr->pos, "invalid embedded field type {}", expr_string(f->type_expr));
      continue;
    }
    Var* v = new_var(id->pos, id->name, type);
    v->is_field = true;
    v->embedded = embedded;
    v->field_index = static_cast<u32>(fields.size());
    bool fresh = true;
    if (id->name != "_") {
      // Few fields: a scan; many: a table.
      Var* other = nullptr;
      if (e->fields.size() <= 12) {
        for (Var* g : fields)
          if (g->name == id->name) other = g;
      } else if (auto [it, first] = seen.try_emplace(id->name, v); !first) {
        other = it->second;
      }
      if (other) {
        Report r;
        r.add(id->pos, fmt::format("{} redeclared", id->name.text()));
        if (other->pos.known()) r.add(other->pos, fmt::format("other declaration of {}", id->name.text()));
        report(r);
        fresh = false;
      }
    }
    if (fresh) {
      if (!embedded) id->obj = v;
      fields.push_back(v);
      tags.push_back(tag);
      any_tag = any_tag || tag;
    }
    if (embedded) {
      Pos pos = f->type_expr->pos;
      Type* et = type;
      later([pos, et](Checker& c) {
        bool is_ptr;
        Type* base = deref(et, &is_ptr);
        Type* u = base->underlying();
        if (auto* b = u->as<Basic>()) {
          if (b->basic == BasicKind::UnsafePointer)
            c.error(pos, "embedded field type cannot be unsafe.Pointer");
        } else if (u->kind == TypeKind::Pointer) {
          c.error(pos, "embedded field type cannot be a pointer");
        } else if (u->kind == TypeKind::Interface) {
          if (is_type_param(base))
            c.error(pos, "embedded field type cannot be a (pointer to a) type parameter");
          else if (is_ptr) c.error(pos, "embedded field type cannot be a pointer to an interface");
        }
      });
    }
  }
  t->fields = type_arena().copy(fields);
  if (any_tag) t->tags = type_arena().copy(tags);
  note_tparams(t);
  return t;
}
}  // namespace vole::types
