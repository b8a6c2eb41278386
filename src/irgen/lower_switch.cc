// Expression and type switches.
#include <algorithm>

#include "irgen/builder.h"

namespace vole::irgen {
using namespace syntax;
using namespace types;

namespace {
struct IntCase {
  i64 value;
  Block* to;
};
}  // namespace

// Compares v with sorted constants: a jump table where they are dense, else halves until few are left.
static void search(Builder& b, Value* v, bool is_signed, std::span<IntCase> cases, Block* otherwise) {
  if (!b.cur) return;
  if (cases.size() >= 8) {
    u64 range = static_cast<u64>(cases.back().value) - static_cast<u64>(cases.front().value);
    if (range < cases.size() * 2 + 8) {
      Value* wide = b.widen(v, is_signed);
      Value* off = b.sub(wide, b.c64(cases.front().value));
      Value* args[] = {off};
      Value* sw = b.f->new_value(Op::Switch, Ty::None, args, b.pos);
      b.f->append(b.cur, sw);
      size_t k = 0;
      for (u64 i = 0; i <= range; i++) {
        bool hit =
            k < cases.size() && static_cast<u64>(cases[k].value) - static_cast<u64>(cases.front().value) == i;
        b.f->add_edge(b.cur, hit ? cases[k++].to : otherwise);
      }
      b.f->add_edge(b.cur, otherwise);
      b.cur = nullptr;
      return;
    }
  }
  if (cases.size() <= 4) {
    for (IntCase& cs : cases) {
      Block* next = b.new_block();
      b.branch(b.icmp(Cond::Eq, v, b.c(v->ty, cs.value)), cs.to, next);
      b.enter_sealed(next);
    }
    b.jump(otherwise);
    return;
  }
  size_t mid = cases.size() / 2;
  Block *low = b.new_block(), *high = b.new_block();
  b.branch(b.icmp(is_signed ? Cond::LtS : Cond::LtU, v, b.c(v->ty, cases[mid].value)), low, high);
  b.enter_sealed(low);
  search(b, v, is_signed, cases.first(mid), otherwise);
  b.enter_sealed(high);
  search(b, v, is_signed, cases.subspan(mid), otherwise);
}

static bool const_equal(const ConstValue* a, const ConstValue* b) {
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case ConstValue::Bool: return a->boolean == b->boolean;
    case ConstValue::String: return a->string() == b->string();
    case ConstValue::Int: return a->integer == b->integer;
    case ConstValue::Float: return a->real == b->real;
    default: return false;
  }
}

void Builder::switch_stmt(SwitchStmt* s) {
  if (s->init) stmt(s->init);
  pos = s->pos;
  size_t n = s->clauses.size();
  std::vector<Block*> bodies(n);
  for (size_t i = 0; i < n; i++) bodies[i] = new_block();
  Block* done = new_block();
  Block* otherwise = done;
  for (size_t i = 0; i < n; i++)
    if (s->clauses[i]->is_default) otherwise = bodies[i];

  const ConstValue* tag_const = s->tag ? s->tag->cval : nullptr;
  const TypeInfo* tt = s->tag ? ti(s->tag) : bool_type();
  Val tag;
  bool ints = s->tag && tt->is_integer(), strings = s->tag && tt->is_string();
  size_t total = 0;
  for (CaseClause* cl : s->clauses)
    for (Expr* e : cl->exprs) {
      total++;
      if (!e->cval || (tag_const && !same(ti(e), tt))) ints = strings = false;
    }
  if (tag_const && (ints || strings)) {
    // A constant tag decides now; clauses that cannot be reached are not built.
    Block* hit = otherwise;
    for (size_t i = 0; i < n && hit == otherwise; i++)
      for (Expr* e : s->clauses[i]->exprs)
        if (const_equal(e->cval, tag_const)) hit = bodies[i];
    jump(hit);
  } else if (ints && total >= 4) {
    tag = expr(s->tag);
    std::vector<IntCase> cases;
    for (size_t i = 0; i < n; i++)
      for (Expr* e : s->clauses[i]->exprs) cases.push_back({constant(e->cval, tt).v()->imm, bodies[i]});
    bool sg = tt->is_signed;
    u32 shift = 64 - ssa::size_of(tt->ty()) * 8;
    if (!sg && shift)  // constants are kept sign-extended; unsigned order needs them zero-extended
      for (IntCase& cs : cases) cs.value = static_cast<i64>(static_cast<u64>(cs.value) << shift >> shift);
    std::stable_sort(cases.begin(), cases.end(), [&](const IntCase& a, const IntCase& b) {
      return sg ? a.value < b.value : static_cast<u64>(a.value) < static_cast<u64>(b.value);
    });
    search(*this, tag.v(), sg, cases, otherwise);
  } else if (strings && total >= 4) {
    // By length, then by content.
    tag = bytes_as_string(s->tag);
    struct StrCase {
      std::string_view text;
      Block* to;
    };
    std::vector<StrCase> all;
    for (size_t i = 0; i < n; i++)
      for (Expr* e : s->clauses[i]->exprs) all.push_back({e->cval->string(), bodies[i]});
    std::stable_sort(all.begin(), all.end(),
                     [](const StrCase& a, const StrCase& b) { return a.text.size() < b.text.size(); });
    std::vector<IntCase> lens;
    std::vector<std::pair<size_t, size_t>> groups;
    for (size_t i = 0; i < all.size();) {
      size_t j = i;
      while (j < all.size() && all[j].text.size() == all[i].text.size()) j++;
      lens.push_back({static_cast<i64>(all[i].text.size()), new_block()});
      groups.push_back({i, j});
      i = j;
    }
    search(*this, tag.w[1], true, lens, otherwise);
    for (size_t g = 0; g < lens.size(); g++) {
      enter_sealed(lens[g].to);
      for (size_t i = groups[g].first; i < groups[g].second; i++) {
        Block* next = new_block();
        Value* eq = all[i].text.empty() ? c(Ty::I8, 1)
                                        : mem_equal_const(tag.w[0], sym_addr(u.string_data(all[i].text)),
                                                          static_cast<i64>(all[i].text.size()));
        branch(eq, all[i].to, next);
        enter_sealed(next);
        if (!cur) break;
      }
      jump(otherwise);
    }
  } else {
    if (s->tag) tag = tag_const ? constant(tag_const, tt) : copy_to_temp(expr(s->tag));
    for (size_t i = 0; i < n; i++)
      for (Expr* e : s->clauses[i]->exprs) {
        if (!cur) break;
        pos = e->pos;
        Block* next = new_block();
        if (!s->tag) {
          cond(e, bodies[i], next);
        } else if (e->mode == Mode::Nil) {
          branch(icmp(Cond::Eq, tag.w[0], nil()), bodies[i], next);
        } else {
          Val v = expr(e);
          branch(compare_vals(Tok::Eql, tag, v), bodies[i], next);
        }
        enter_sealed(next);
      }
    jump(otherwise);
  }

  targets_.push_back({s, done, nullptr});
  Block* outer_fall = fallthrough_;
  for (size_t i = 0; i < n; i++) {
    fallthrough_ = i + 1 < n ? bodies[i + 1] : done;
    // The block after may fall into this one, so it is sealed only here.
    enter_sealed(bodies[i]);
    stmts(s->clauses[i]->body);
    jump(done);
  }
  fallthrough_ = outer_fall;
  targets_.pop_back();
  enter_sealed(done);
}

void Builder::type_switch(TypeSwitchStmt* s) {
  if (s->init) stmt(s->init);
  pos = s->pos;
  Expr* x = unparen(s->x);
  Val v = copy_to_temp(expr(x));
  size_t n = s->clauses.size();
  Block* done = new_block();
  Value* typ = iface_type(v);
  targets_.push_back({s, done, nullptr});
  CaseClause* def = nullptr;
  std::vector<Block*> bodies(n);
  struct Bound {
    Val v;
    bool set = false;
  };
  std::vector<Bound> bound(n);

  for (size_t i = 0; i < n; i++) {
    CaseClause* cl = s->clauses[i];
    bodies[i] = new_block();
    if (cl->is_default) {
      def = cl;
      continue;
    }
    for (Expr* e : cl->exprs) {
      pos = e->pos;
      Block* next = new_block();
      bool single = cl->exprs.size() == 1;
      if (e->mode == Mode::Nil) {
        branch(icmp(Cond::Eq, typ, nil()), bodies[i], next);
      } else {
        const TypeInfo* t = ti(e);
        if (t->is_interface()) {
          if (is_empty_interface(t)) {
            Block* hit = single ? new_block() : bodies[i];
            branch(icmp(Cond::Ne, typ, nil()), hit, next);
            if (single) {
              enter_sealed(hit);
              bound[i] = {val(t, {typ, v.w[1]}), true};
              jump(bodies[i]);
            }
          } else {
            Block *ask = new_block(), *hit = single ? new_block() : bodies[i];
            branch(icmp(Cond::Ne, typ, nil()), ask, next);
            enter_sealed(ask);
            Value* tab = assert_itab(typ, t, true);
            branch(icmp(Cond::Ne, tab, nil()), hit, next);
            if (single) {
              enter_sealed(hit);
              bound[i] = {val(t, {tab, v.w[1]}), true};
              jump(bodies[i]);
            }
          }
        } else {
          Block* hit = single ? new_block() : bodies[i];
          branch(icmp(Cond::Eq, typ, type_addr(t)), hit, next);
          if (single) {
            enter_sealed(hit);
            if (cl->implicit) bound[i] = {iface_data(v.w[1], t), true};
            jump(bodies[i]);
          }
        }
      }
      enter_sealed(next);
    }
  }
  // What matched nothing.
  if (def) {
    for (size_t i = 0; i < n; i++)
      if (s->clauses[i] == def) jump(bodies[i]);
  } else {
    jump(done);
  }
  for (size_t i = 0; i < n; i++) {
    CaseClause* cl = s->clauses[i];
    enter_sealed(bodies[i]);
    if (cur && cl->implicit) {
      Val x2 = bound[i].set ? bound[i].v : v;
      x2 = convert_assign(x2, ti(cl->implicit->type));
      declare_init(cl->implicit, &x2);
    }
    stmts(cl->body);
    jump(done);
  }
  targets_.pop_back();
  enter_sealed(done);
}
}  // namespace vole::irgen
