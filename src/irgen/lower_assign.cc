// Variables: declaring, reading, writing; assignment in all its forms.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

// Larger variables are allocated on the heap, as gc does.
constexpr i64 MaxStackVar = 128 * 1024;

// A variable for the debugger: v itself, or with the mark "&" a pointer to it. Its index, or -1.
i32 Builder::debug_var(Var* v, std::string_view mark, const TypeInfo* shown) {
  if (v->name.empty()) return -1;
  Name name = mark.empty() ? v->name : Name::intern(std::string(mark) + std::string(v->name.text()));
  Name type = mark.empty() ? link_string(shown) : Name::intern("*" + std::string(link_string(shown).text()));
  f->debug_vars.push_back(
      {name, type, v->pos, v->is_param || v->is_result, static_cast<u32>(mark.empty() ? shown->size : 8)});
  return static_cast<i32>(f->debug_vars.size()) - 1;
}

// Without optimisation a variable has a place in the frame as long as it exists, where debuggers find it and
// may change it; but not where the frame is bounded, in functions that may not split the stack.
bool Builder::in_values() const { return u.options.optimize || u.options.is_runtime || f->no_split; }

Local& Builder::declare(Var* v) {
  const TypeInfo* t = ti(v->type);
  auto it = locals_.find(v);
  Local l{Local::Slots, t, 0, {}, -1};
  if (it != locals_.end()) l = it->second;
  bool fresh = it == locals_.end();
  if (needs_heap(v, t) || t->size > MaxStackVar) {
    if (fresh) l.kind = Local::Heap, l.slot = new_slot(Ty::Ptr), l.dbg = debug_var(v, "&", t);
    write(l.slot, new_object(t).base);
    debug_value(l.dbg, 0, read(l.slot));
  } else if (fresh) {
    if (t->ssa_able && in_values()) {
      l.slot = new_slots(t);
      l.dbg = debug_var(v, "", t);
    } else {
      l.kind = Local::Mem;
      l.addr = alloca_for(t);
      if (l.addr.base->op == Op::Alloca) l.addr.base->debug_var = static_cast<u32>(debug_var(v, "", t) + 1);
    }
  }
  return locals_[v] = l;
}

void Builder::declare_init(Var* v, const Val* init) {
  Local& l = declare(v);
  if (l.kind == Local::Heap) {
    if (!init) return;  // New is zeroed
    // The object is fresh unless evaluating the value came after its allocation, which it did not.
    store({read(l.slot), 0, fresh_stamp()}, *init);
    return;
  }
  if (init) {
    write_local(l, *init);
  } else if (l.kind == Local::Mem) {
    zero_mem(l.addr, l.t);
  } else {
    write_local(l, zero(l.t));
  }
}

Local* Builder::find(Var* v) {
  auto it = locals_.find(v);
  return it == locals_.end() ? nullptr : &it->second;
}

Val Builder::read_local(Local& l) {
  if (l.kind == Local::Slots) {
    Val v;
    v.t = l.t;
    for (int i = 0; i < l.t->n; i++) v.w[v.n++] = read(l.slot + static_cast<u32>(i));
    return v;
  }
  return load(l.t, local_addr(l));
}

Addr Builder::local_addr(Local& l) {
  if (l.kind == Local::Mem) return l.addr;
  VOLE_CHECK(l.kind == Local::Heap);
  Value* p = read(l.slot);
  p->flags |= ssa::NonNil;
  return {p, 0, 0};
}

void Builder::debug_value(i32 dbg, u32 off, Value* v) {
  if (dbg < 0 || !cur) return;
  Value* d = emit(Op::Dbg, Ty::None, {v}, off);
  d->debug_var = static_cast<u32>(dbg);
}

void Builder::write_local(Local& l, const Val& v) {
  if (l.kind != Local::Slots) return store(local_addr(l), v);
  VOLE_DCHECK(!v.mem && v.n == l.t->n);
  for (int i = 0; i < v.n; i++) {
    write(l.slot + static_cast<u32>(i), v.w[i]);
    debug_value(l.dbg, static_cast<u32>(l.t->leaf[i].off), v.w[i]);
  }
}

// ---- left sides
// -------------------------------------------------------------------------------------------------

// Turns a pending nil or bounds check into code.
void Builder::resolve(LValue& l) {
  if (l.kind != LValue::Mem) return;
  if (l.check_nil) nil_check(l.addr.base), l.check_nil = false;
  if (l.index) {
    bounds(l.index_unsigned ? ssa::BoundsKind::IndexU : ssa::BoundsKind::Index, l.index, l.limit);
    l.addr = {scaled(l.addr, l.index, l.t->size), 0, l.addr.fresh};
    l.index = nullptr;
  }
}

LValue Builder::lvalue(Expr* e) {
  e = unparen(e);
  LValue l;
  switch (e->kind) {
    case NodeKind::Ident: {
      auto* id = e->cast<Ident>();
      if (id->name == "_") return l;
      auto* v = id->obj->as<Var>();
      VOLE_CHECK(v);
      if (Local* loc = find(v)) {
        l.t = loc->t;
        if (loc->kind == Local::Slots) {
          l.kind = LValue::Slots, l.slot = loc->slot, l.dbg = loc->dbg;
        } else {
          l.kind = LValue::Mem, l.addr = local_addr(*loc);
        }
        return l;
      }
      l.kind = LValue::Mem;
      l.t = ti(v->type);
      l.addr = {sym_addr(u.global(v)), 0, 0};
      return l;
    }
    case NodeKind::SelectorExpr: {
      auto* s = e->cast<SelectorExpr>();
      if (!s->selection) {  // package variable
        l.kind = LValue::Mem;
        l.t = ti(e);
        l.addr = {sym_addr(u.global(s->sel->obj->as<Var>())), 0, 0};
        return l;
      }
      Type* t = ty(s->selection->recv);
      bool is_ptr = under(t)->kind == TypeKind::Pointer;
      if (is_ptr || unparen(s->x)->mode != Mode::Variable) {
        Val x = expr(s->x);
        if (is_ptr) {
          l.kind = LValue::Mem, l.addr = {x.v(), 0, 0}, l.check_nil = true;
          t = under(t)->cast<Pointer>()->elem;
        } else {
          l.kind = LValue::Mem, l.addr = to_memory(x);
        }
        l.t = info(t);
      } else {
        l = lvalue(s->x);
      }
      for (u32 i : s->selection->path) {
        if (under(t)->kind == TypeKind::Pointer) {
          resolve(l);
          Val p = read_lvalue(l);
          l = {};
          l.kind = LValue::Mem, l.addr = {p.v(), 0, 0}, l.check_nil = true;
          t = under(t)->cast<Pointer>()->elem;
          l.t = info(t);
        }
        if (l.index) resolve(l);
        const TypeInfo* st = info(t);
        l.t = st->fields[i];
        if (l.kind == LValue::Slots)
          l.slot += st->leaf_start[i], l.dbg_off += static_cast<u32>(st->offsets[i]);
        else l.addr.off += st->offsets[i];
        t = l.t->type;
      }
      return l;
    }
    case NodeKind::IndexExpr: {
      auto* x = e->cast<IndexExpr>();
      Type* xt = ty(x->x->type);
      Type* xu = under(xt);
      if (auto* m = xu->as<Map>()) {
        l.kind = LValue::MapElem;
        l.map_type = info(xt);
        in_order(x->x, x->indices[0], [&](size_t i) {
          if (i == 0) l.map = expr(x->x);
          else l.key = copy_to_temp(expr_as(x->indices[0], info(m->key)));  // the map may keep it
        });
        l.t = info(m->elem);
        return l;
      }
      if (xu->kind == TypeKind::Array) {
        LValue base;
        Value* i = nullptr;
        in_order(x->x, x->indices[0], [&](size_t k) {
          if (k == 0) base = lvalue(x->x), resolve(base);
          else i = index_value(x->indices[0], l.index_unsigned);
        });
        const TypeInfo* at = base.t;
        if (base.kind == LValue::Slots) {
          bounds(ssa::BoundsKind::Index, i, c64(at->len));
          base.t = at->elem;
          // Nothing has been kept of an array without elements; what follows is never reached.
          if (!at->elem->ssa_able) base.kind = LValue::Mem, base.addr = {nil(), 0, 0};
          return base;
        }
        l.kind = LValue::Mem;
        l.t = at->elem;
        l.addr = base.addr;
        l.index = i;
        l.limit = c64(at->len);
        return l;
      }
      Val base;
      Value* i = nullptr;
      in_order(x->x, x->indices[0], [&](size_t k) {
        if (k == 0) base = expr(x->x);
        else i = index_value(x->indices[0], l.index_unsigned);
      });
      l.kind = LValue::Mem;
      if (auto* p = xu->as<Pointer>()) {
        const TypeInfo* at = info(p->elem);
        l.t = at->elem;
        l.addr = {base.v(), 0, 0};
        l.check_nil = true;
        l.limit = c64(at->len);
      } else {
        l.t = info(xu->cast<Slice>()->elem);
        l.addr = {base.w[0], 0, 0};
        l.limit = base.w[1];
      }
      l.index = i;
      return l;
    }
    case NodeKind::StarExpr: {
      Val p = expr(e->cast<StarExpr>()->x);
      l.kind = LValue::Mem;
      l.t = ti(e);
      l.addr = {p.v(), 0, 0};
      l.check_nil = true;
      return l;
    }
    default: {
      // Composite literals and results that are only read through an address.
      Val v = expr(e);
      l.kind = LValue::Mem, l.t = v.t, l.addr = to_memory(v);
      return l;
    }
  }
}

Val Builder::read_lvalue(LValue& l) {
  switch (l.kind) {
    case LValue::Blank: return {};
    case LValue::Slots: {
      Val v;
      v.t = l.t;
      for (int i = 0; i < l.t->n; i++) v.w[v.n++] = read(l.slot + static_cast<u32>(i));
      return v;
    }
    case LValue::Mem: resolve(l); return load(l.t, l.addr);
    case LValue::MapElem: return map_get(l.map, l.map_type, l.key, nullptr);
  }
  return {};
}

void Builder::assign(LValue& l, const Val& v) {
  switch (l.kind) {
    case LValue::Blank: return;
    case LValue::Slots:
      for (int i = 0; i < v.n; i++) {
        write(l.slot + static_cast<u32>(i), v.w[i]);
        debug_value(l.dbg, l.dbg_off + static_cast<u32>(l.t->leaf[i].off), v.w[i]);
      }
      return;
    case LValue::Mem:
      resolve(l);
      store(l.addr, v);
      return;
    case LValue::MapElem: {
      Val held = v;
      Addr a = map_assign(l.map, l.map_type, l.key);
      store(a, held);
      return;
    }
  }
}

// ---- assignment statements
// -------------------------------------------------------------------------------------------------

bool Builder::is_map_elem(Expr* e) {
  auto* x = unparen(e)->as<IndexExpr>();
  return x && under(ty(x->x->type))->kind == TypeKind::Map;
}

static bool defines(Ident* id) {
  return id->obj && id->obj->kind == ObjectKind::Var && id->obj->pos == id->pos;
}

// One left side that takes `v`: a new variable or an old one.
void Builder::define_or_assign(Expr* lhs, bool define, const Val& v) {
  auto* id = unparen(lhs)->as<Ident>();
  if (id && id->name == "_") return;
  if (define && id && defines(id)) {
    auto* var = id->obj->as<Var>();
    Val x = convert_assign(v, ti(var->type));
    declare_init(var, &x);
    return;
  }
  LValue l = lvalue(lhs);
  assign(l, convert_assign(v, l.t));
}

void Builder::assign_stmt(AssignStmt* s) {
  if (s->op != Tok::None) {
    Expr* lhs = s->lhs[0];
    const TypeInfo* t = ti(lhs);
    LValue l;
    if (s->op == Tok::Add && t->is_string() && !is_map_elem(lhs)) {
      std::vector<Expr*> ops{lhs};
      concat_operands(s->rhs[0], ops);
      std::vector<Val> parts(ops.size());
      in_order(ops, [&](size_t i) { i == 0 ? void(l = lvalue(lhs)) : void(parts[i] = expr_as(ops[i], t)); });
      parts[0] = read_lvalue(l);
      assign(l, concat_vals(parts, t));
      return;
    }
    Val y;
    in_order(lhs, s->rhs[0], [&](size_t i) {
      if (i == 0) l = lvalue(lhs);
      else y = s->op == Tok::Shl || s->op == Tok::Shr ? expr(s->rhs[0]) : expr_as(s->rhs[0], t);
    });
    if (l.kind == LValue::MapElem) {
      y = copy_to_temp(y);
      Addr a = map_assign(l.map, l.map_type, l.key);
      Val x = load(t, a);
      Val r = t->is_string() ? concat_vals(std::array<Val, 2>{x, y}, t) : arith(s->op, x, y, t, s->rhs[0]);
      store(a, r);
      return;
    }
    Val x = read_lvalue(l);
    assign(l, arith(s->op, x, y, t, s->rhs[0]));
    return;
  }
  size_t n = s->lhs.size();
  if (n == 1 && s->rhs.size() == 1) {
    Expr* lhs = unparen(s->lhs[0]);
    auto* id = lhs->as<Ident>();
    if (id && id->name == "_") {
      effect(s->rhs[0]);
      return;
    }
    if (s->define && id && defines(id)) {
      auto* var = id->obj->as<Var>();
      const TypeInfo* t = ti(var->type);
      if (!t->ssa_able) {
        Local& l = declare(var);
        expr_to(s->rhs[0], t, local_addr(l));
        return;
      }
      Val v = expr_as(s->rhs[0], t);
      declare_init(var, &v);
      return;
    }
    LValue l;
    auto* literal = unparen(s->rhs[0])->as<CompositeLit>();
    if (const TypeInfo* t = ti(lhs);
        literal && literal->elems.empty() && !t->ssa_able && !t->is_interface() && !is_map_elem(lhs)) {
      l = lvalue(lhs);
      resolve(l);
      zero_mem(l.addr, t);
      return;
    }
    Val v;
    in_order(lhs, s->rhs[0], [&](size_t i) {
      if (i == 0) l = lvalue(lhs);
      else v = expr_as(s->rhs[0], ti(lhs));
    });
    pos = s->pos;
    assign(l, v);
    return;
  }
  // The operands of the left sides are evaluated first, then the right sides, then the assignments happen
  // from left to right.
  std::vector<LValue> ls(n);
  Vals vals(n);
  std::vector<Expr*> operands(s->lhs.begin(), s->lhs.end());
  operands.insert(operands.end(), s->rhs.begin(), s->rhs.end());
  in_order(operands, [&](size_t i) {
    Expr* e = operands[i];
    if (i < n) {
      auto* id = unparen(e)->as<Ident>();
      if (!(id && (id->name == "_" || (s->define && defines(id))))) ls[i] = lvalue(e);
    } else if (s->rhs.size() == 1) {
      vals = comma_ok(e);
    } else {
      i -= n;
      auto* id = unparen(s->lhs[i])->as<Ident>();
      if (!id || id->name != "_") vals[i] = copy_to_temp(expr_as(e, id ? ti(id->obj->type) : ti(s->lhs[i])));
      else if (e->mode != Mode::Nil && !e->cval) vals[i] = expr(e);
    }
  });
  for (size_t i = 0; i < n; i++) {
    auto* id = unparen(s->lhs[i])->as<Ident>();
    if (id && id->name == "_") continue;
    if (ls[i].kind == LValue::Blank) define_or_assign(s->lhs[i], true, vals[i]);
    else assign(ls[i], convert_assign(vals[i], ls[i].t));
  }
}

void Builder::decl_stmt(Decl* d) {
  auto* vd = d->as<VarDecl>();
  if (!vd) return;
  size_t n = vd->names.size();
  if (vd->values.empty()) {
    for (Ident* id : vd->names)
      if (id->name != "_" && id->obj) declare_init(id->obj->as<Var>(), nullptr);
    return;
  }
  if (vd->values.size() == n) {
    auto* first = n == 1 && vd->names[0]->name != "_" ? vd->names[0]->obj->as<Var>() : nullptr;
    if (const TypeInfo* t = first ? ti(first->type) : nullptr; t && !t->ssa_able) {
      Local& l = declare(first);
      expr_to(vd->values[0], t, local_addr(l));
      return;
    }
    Vals vals(n);
    in_order(vd->values, [&](size_t i) {
      Expr* e = vd->values[i];
      if (vd->names[i]->name == "_") {
        if (!e->cval && e->mode != Mode::Nil) vals[i] = expr(e);
        return;
      }
      vals[i] = expr_as(e, ti(vd->names[i]->obj->type));
      if (n > 1) vals[i] = copy_to_temp(vals[i]);
    });
    for (size_t i = 0; i < n; i++)
      if (vd->names[i]->name != "_") declare_init(vd->names[i]->obj->as<Var>(), &vals[i]);
    return;
  }
  Vals vals = comma_ok(vd->values[0]);
  for (size_t i = 0; i < n; i++) {
    if (vd->names[i]->name == "_") continue;
    auto* var = vd->names[i]->obj->as<Var>();
    Val v = convert_assign(vals[i], ti(var->type));
    declare_init(var, &v);
  }
}
}  // namespace vole::irgen
