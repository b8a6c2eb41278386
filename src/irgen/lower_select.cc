// select, and the channel operations it shares with plain sends and receives.
#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

void Builder::send(const Val& ch, const Val& v) {
  Val held = v;
  Addr a = to_memory(held);
  rt(Rt::chansend1, {pv(ch.v()), pv(ptr(a))});
}

Val Builder::receive(UnaryExpr* e, Value** ok) {
  Val ch = expr(e->x);
  const TypeInfo* et = info(under(ty(e->x->type))->cast<Chan>()->elem);
  pos = e->pos;
  Addr tmp = alloca_for(et);
  zero_mem(tmp, et);
  if (ok) *ok = rt1(Rt::chanrecv2, {pv(ch.v()), pv(tmp.base)}).v();
  else rt(Rt::chanrecv1, {pv(ch.v()), pv(tmp.base)});
  return load(et, tmp);
}

namespace {
struct Comm {
  CommClause* clause;
  bool send = false;
  Val ch, value;
  const TypeInfo* elem = nullptr;
  Expr *lhs = nullptr, *ok = nullptr;
  bool define = false;
  Addr tmp;
  Block* block = nullptr;
};
}  // namespace

void Builder::select_stmt(SelectStmt* s) {
  CommClause* def = nullptr;
  std::vector<Comm> comms;
  for (CommClause* cl : s->clauses) {
    if (!cl->comm) {
      def = cl;
      continue;
    }
    pos = cl->comm->pos;
    Comm cm{cl};
    if (auto* x = cl->comm->as<SendStmt>()) {
      cm.send = true;
      cm.elem = info(under(ty(x->chan->type))->cast<Chan>()->elem);
      in_order(x->chan, x->value, [&](size_t i) {
        if (i == 0) cm.ch = expr(x->chan);
        else cm.value = copy_to_temp(expr_as(x->value, cm.elem));
      });
    } else {
      Expr* e = nullptr;
      if (auto* es = cl->comm->as<ExprStmt>()) {
        e = es->x;
      } else {
        auto* as = cl->comm->cast<AssignStmt>();
        e = as->rhs[0];
        cm.lhs = as->lhs[0];
        if (as->lhs.size() > 1) cm.ok = as->lhs[1];
        cm.define = as->define;
      }
      auto* recv = unparen(e)->cast<UnaryExpr>();
      cm.ch = expr(recv->x);
      cm.elem = info(under(ty(recv->x->type))->cast<Chan>()->elem);
    }
    comms.push_back(std::move(cm));
  }
  pos = s->pos;
  Block* done = new_block();
  targets_.push_back({s, done, nullptr});
  auto body = [&](CommClause* cl) {
    stmts(cl->body);
    jump(done);
  };
  // The received value and flag reach the clause's left sides.
  auto bind = [&](Comm& cm, Value* ok) {
    if (cm.send) return;
    pos = cm.clause->comm->pos;
    if (cm.lhs) {
      Val v = load(cm.elem, cm.tmp);
      define_or_assign(cm.lhs, cm.define, v);
    }
    if (cm.ok) define_or_assign(cm.ok, cm.define, val(bool_type(), {ok}));
  };
  auto receive_tmp = [&](Comm& cm) {
    cm.tmp = alloca_for(cm.elem);
    zero_mem(cm.tmp, cm.elem);
  };

  if (comms.empty() && !def) {
    rt(Rt::block, {});
    unreachable();
  } else if (comms.empty()) {
    body(def);
  } else if (comms.size() == 1 && !def) {
    Comm& cm = comms[0];
    if (cm.send) {
      send(cm.ch, cm.value);
      body(cm.clause);
    } else {
      receive_tmp(cm);
      Value* ok = rt1(Rt::chanrecv2, {pv(cm.ch.v()), pv(cm.tmp.base)}).v();
      bind(cm, ok);
      body(cm.clause);
    }
  } else if (comms.size() == 1) {
    Comm& cm = comms[0];
    Block *yes = new_block(), *no = new_block();
    Value* ok = nullptr;
    if (cm.send) {
      Value* sel = rt1(Rt::selectnbsend, {pv(cm.ch.v()), pv(ptr(to_memory(cm.value)))}).v();
      branch(sel, yes, no);
    } else {
      receive_tmp(cm);
      Vals r = rt(Rt::selectnbrecv, {pv(cm.tmp.base), pv(cm.ch.v())});
      ok = r[1].v();
      branch(r[0].v(), yes, no);
    }
    enter_sealed(yes);
    bind(cm, ok);
    body(cm.clause);
    enter_sealed(no);
    body(def);
  } else {
    // Cases for selectgo: sends from the front, receives from the back.
    i64 n = static_cast<i64>(comms.size());
    std::vector<i64> ptrs;
    for (i64 i = 0; i < 2 * n; i++) ptrs.push_back(i * 8);
    Addr cases = alloca_layout(u.layout_of(16 * n, 8, ptrs));
    Addr order = alloca_layout(u.layout_of(4 * n, 2, {}));
    i64 sends = 0, recvs = 0;
    std::vector<i64> at(comms.size());
    for (size_t i = 0; i < comms.size(); i++) {
      Comm& cm = comms[i];
      at[i] = cm.send ? sends++ : n - ++recvs;
      Addr elem;
      if (cm.send) {
        elem = to_memory(cm.value);
      } else {
        receive_tmp(cm);
        elem = cm.tmp;
      }
      store(cases.at(at[i] * 16), cm.ch.v());
      store(cases.at(at[i] * 16 + 8), ptr(elem));
    }
    Vals r = rt(Rt::selectgo, {pv(cases.base), pv(order.base), pv(nil()), iv(c64(sends)), iv(c64(recvs)),
                               val(bool_type(), {c(Ty::I8, def ? 0 : 1)})});
    Value *chosen = r[0].v(), *ok = r[1].v();
    if (def) {
      Block *none = new_block(), *some = new_block();
      branch(icmp(Cond::LtS, chosen, c64(0)), none, some);
      enter_sealed(none);
      body(def);
      enter_sealed(some);
    }
    for (size_t i = 0; i < comms.size(); i++) {
      Block* next = nullptr;
      if (i + 1 < comms.size()) {
        Block* mine = new_block();
        next = new_block();
        branch(icmp(Cond::Eq, chosen, c64(at[i])), mine, next);
        enter_sealed(mine);
      }
      bind(comms[i], ok);
      body(comms[i].clause);
      if (next) enter_sealed(next);
    }
  }
  targets_.pop_back();
  enter_sealed(done);
}
}  // namespace vole::irgen
