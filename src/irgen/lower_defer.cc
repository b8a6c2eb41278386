// go and defer. Both need a function without arguments: a call of anything else is wrapped in a closure over
// the evaluated operands.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

void Builder::go_defer(Expr* ce, bool is_defer) {
  auto* e = unparen(ce)->cast<CallExpr>();
  pos = e->pos;
  Value* fn = nullptr;
  bool on_stack = is_defer && !rf_ && loop_depth_ == 0 && top()->back_labels_.empty();
  const char* why = is_defer ? "deferwrap" : "gowrap";
  static const AbiSig NoArgs{};

  auto wrap = [&](std::span<const Val> captured, auto&& body) {
    Builder child(u, inst);
    child.start_nested(*this, why, &NoArgs, e->pos);
    child.f->wrapper = true;
    child.f->func_id = abi::FuncWrapper;
    Vals in = child.load_captured(captured);
    child.pos = e->pos;
    body(child, in);
    if (child.cur) child.do_return({});
    child.finish();
    Symbol* s = child.f->sym;
    u.finish_func(std::move(child.f));
    return make_closure(s, captured, on_stack);
  };

  if (e->callee == CallExpr::Builtin) {
    e = spread_operands(e);
    auto id = static_cast<BuiltinId>(e->builtin);
    Vals captured;
    std::vector<Expr*> exprs;
    for (Expr* a : e->args) {
      if (a->mode == Mode::TypeExpr || a->cval || a->mode == Mode::Nil) continue;
      const TypeInfo* t = ti(a);
      Val v = id == BuiltinId::Panic ? expr_as(a, any_type()) : expr(a);
      (void)t;
      captured.push_back(v);
      exprs.push_back(a);
    }
    fn = wrap(captured, [&](Builder& child, Vals& in) {
      for (size_t i = 0; i < exprs.size(); i++) child.overrides_[exprs[i]] = in[i];
      child.builtin(e);
    });
  } else {
    PreparedCall p;
    auto* lit = unparen(e->fun)->as<FuncLit>();
    if (lit && e->args.empty() && lit->type_expr->results.empty()) {
      fn = func_lit(lit, on_stack).v();
    } else {
      Vals out;
      Func* callee = static_callee(e->fun, nullptr);
      if (!prepare_call(e, p)) return;
      (void)callee;
      bool simple = p.args.empty() && p.sig->sig.stack_args == 0;
      if (simple && p.callee.kind == Callee::Static) {
        fn = sym_addr(u.func_value(p.callee.sym));
      } else if (simple && p.callee.kind == Callee::Closure) {
        fn = p.callee.v;
      } else {
        Vals captured;
        if (p.callee.v) captured.push_back(pv(p.callee.v));
        for (const Val& v : p.args)
          if (v.t->size != 0) captured.push_back(v);
        fn = wrap(captured, [&](Builder& child, Vals& in) {
          Callee c2 = p.callee;
          size_t k = 0;
          if (c2.v) c2.v = in[k++].v();
          Vals args;
          for (const Val& v : p.args) args.push_back(v.t->size != 0 ? in[k++] : child.zero(v.t));
          child.call(p.sig, c2, args);
        });
      }
    }
  }
  pos = e->pos;
  if (!is_defer) {
    rt(Rt::newproc, {pv(fn)});
    return;
  }
  if (rf_) {
    rt(Rt::deferprocat, {pv(fn), load(any_type(), {rf_->body_ctrl, RangeFunc::Token, 0})});
  } else if (on_stack) {
    // The record lives in this frame; the runtime fills in all but the function.
    static constexpr i64 Pointers[] = {abi::DeferFn, abi::DeferLink, abi::DeferHead};
    const ssa::Layout* l = u.layout_of(abi::DeferSize, 8, Pointers);
    Addr d = alloca_layout(l, true);
    Value* z = emit(Op::Zero, Ty::None, {d.base});
    z->imm2 = abi::DeferSize;
    z->layout = l;
    z->flags |= ssa::NoBarrier;
    store(d.at(abi::DeferFn), fn);
    rt(Rt::deferprocStack, {pv(d.base)});
  } else {
    rt(Rt::deferproc, {pv(fn)});
  }
}
}  // namespace vole::irgen
