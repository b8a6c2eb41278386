// The order in which package variables are initialised (specification, "Package initialization").
//
// A variable waits for the variables its initialiser mentions, directly or through functions. The
// specification takes, again and again, the earliest declared variable that waits for nothing. Functions are
// taken out of the graph first: each of a function's users gets what the function uses. That is done by
// components (functions that call each other in a circle share one set), which is linear where removing one
// function at a time is not.
#include <algorithm>
#include <queue>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;

namespace {
// Tarjan's strongly connected components over functions only; for each component the variables and constants
// it reaches.
struct FuncReach {
  std::vector<DeclInfo*>& decls;
  std::vector<u32> index, low, comp;
  std::vector<bool> on_stack;
  std::vector<u32> stack;
  std::vector<std::vector<u32>> reach;  // by component: orders of vars and consts, sorted
  u32 next = 0;

  explicit FuncReach(std::vector<DeclInfo*>& d)
      : decls(d), index(d.size() + 1), low(d.size() + 1), comp(d.size() + 1, ~0u), on_stack(d.size() + 1) {}
  bool is_func(u32 order) const { return decls[order - 1]->obj->kind == ObjectKind::Func; }

  void visit(u32 root) {
    struct Frame {
      u32 v;
      size_t i;
    };
    std::vector<Frame> frames{{root, 0}};
    index[root] = low[root] = ++next;
    stack.push_back(root);
    on_stack[root] = true;
    while (!frames.empty()) {
      Frame& f = frames.back();
      auto& deps = decls[f.v - 1]->deps;
      if (f.i < deps.size()) {
        u32 w = deps[f.i++];
        if (!is_func(w)) continue;
        if (!index[w]) {
          index[w] = low[w] = ++next;
          stack.push_back(w);
          on_stack[w] = true;
          frames.push_back({w, 0});
        } else if (on_stack[w]) {
          low[f.v] = std::min(low[f.v], index[w]);
        }
        continue;
      }
      u32 v = f.v;
      frames.pop_back();
      if (!frames.empty()) low[frames.back().v] = std::min(low[frames.back().v], low[v]);
      if (low[v] != index[v]) continue;
      // v is the root of a component; components it calls are done.
      u32 c = static_cast<u32>(reach.size());
      std::vector<u32> members, out;
      for (;;) {
        u32 w = stack.back();
        stack.pop_back();
        on_stack[w] = false;
        comp[w] = c;
        members.push_back(w);
        if (w == v) break;
      }
      std::vector<u32> called;
      for (u32 w : members)
        for (u32 d : decls[w - 1]->deps) {
          if (!is_func(d)) out.push_back(d);
          else if (comp[d] != c) called.push_back(comp[d]);
        }
      std::sort(called.begin(), called.end());
      called.erase(std::unique(called.begin(), called.end()), called.end());
      for (u32 k : called) out.insert(out.end(), reach[k].begin(), reach[k].end());
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      reach.push_back(std::move(out));
    }
  }
  const std::vector<u32>& of(u32 f) {
    if (!index[f]) visit(f);
    return reach[comp[f]];
  }
};

// A way from `from` back to `to` along the declared dependencies, for the message.
bool find_path(std::vector<DeclInfo*>& decls, u32 from, u32 to, std::vector<bool>& seen,
               std::vector<u32>& path) {
  if (seen[from]) return false;
  seen[from] = true;
  Vec<u32, 16> deps(decls[from - 1]->deps.begin(), decls[from - 1]->deps.end());
  std::sort(deps.begin(), deps.end());
  for (u32 d : deps) {
    if (d == to) {
      path.push_back(d);
      return true;
    }
    if (find_path(decls, d, to, seen, path)) {
      path.push_back(d);
      return true;
    }
  }
  return false;
}
}  // namespace

void Checker::init_order() {
  size_t n = decls_.size();
  // a, b = f(): whichever variable was checked collected what f mentions; all of them wait for it.
  for (DeclInfo* d : decls_) {
    if (d->lhs.size() < 2) continue;
    DeclInfo* first = decl_of(d->lhs[0]);
    if (first == d) continue;
    for (u32 dep : d->deps) first->deps.push_back(dep);
  }
  for (DeclInfo* d : decls_)
    if (d->lhs.size() > 1) d->deps = decl_of(d->lhs[0])->deps;
  FuncReach funcs(decls_);
  struct Node {
    std::vector<u32> users;  // nodes that wait for this one
    u32 waits = 0;
    bool active = false, done = false;
  };
  std::vector<Node> nodes(n + 1);
  auto is_node = [&](u32 o) {
    ObjectKind k = decls_[o - 1]->obj->kind;
    return k == ObjectKind::Var || k == ObjectKind::Const;
  };
  for (u32 o = 1; o <= n; o++) {
    if (!is_node(o)) continue;
    nodes[o].active = true;
    std::vector<u32> on;
    auto use = [&](DeclInfo* decl) {
      for (u32 d : decl->deps) {
        if (is_node(d)) {
          on.push_back(d);
        } else if (decls_[d - 1]->obj->kind == ObjectKind::Func) {
          const auto& r = funcs.of(d);
          on.insert(on.end(), r.begin(), r.end());
        }
      }
    };
    // Variables with one initialiser wait together: what it uses was noted for the one that was looked at
    // first.
    DeclInfo* decl = decls_[o - 1];
    if (decl->lhs.size() > 1)
      for (Var* v : decl->lhs) use(decl_of(v));
    else use(decl);
    std::sort(on.begin(), on.end());
    on.erase(std::unique(on.begin(), on.end()), on.end());
    nodes[o].waits = static_cast<u32>(on.size());
    for (u32 d : on) nodes[d].users.push_back(o);
  }

  // Constants first, then by number of open dependencies, then in source order.
  struct Key {
    bool is_var;
    u32 waits, order;
    bool operator>(const Key& o) const {
      if (is_var != o.is_var) return is_var;
      return waits != o.waits ? waits > o.waits : order > o.order;
    }
  };
  std::priority_queue<Key, std::vector<Key>, std::greater<Key>> queue;
  auto push = [&](u32 o) { queue.push({decls_[o - 1]->obj->kind == ObjectKind::Var, nodes[o].waits, o}); };
  for (u32 o = 1; o <= n; o++)
    if (nodes[o].active) push(o);
  while (!queue.empty()) {
    Key k = queue.top();
    queue.pop();
    Node& node = nodes[k.order];
    if (node.done || node.waits != k.waits) continue;
    node.done = true;
    if (node.waits > 0) {
      std::vector<bool> seen(n + 1);
      std::vector<u32> cycle;
      if (find_path(decls_, k.order, k.order, seen, cycle)) {
        Object* obj = decls_[cycle[0] - 1]->obj;
        if (cycle.size() == 1) {
          errorf(obj->pos, "initialization cycle: {} refers to itself", obj->name.text());
        } else {
          Report r;
          r.add(obj->pos, fmt::format("initialization cycle for {}", obj->name.text()));
          for (size_t i = cycle.size(); i-- > 0;) {
            Object* next = decls_[cycle[i] - 1]->obj;
            r.add(obj->pos, fmt::format("{} refers to {}", obj->name.text(), next->name.text()));
            obj = next;
          }
          report(r);
        }
      }
    }
    for (u32 user : node.users) {
      if (nodes[user].done) continue;
      nodes[user].waits--;
      push(user);
    }
    DeclInfo* d = decls_[k.order - 1];
    auto* v = d->obj->as<Var>();
    if (!v || !d->init) continue;
    if (d->lhs.size() > 1) {
      DeclInfo* first = decl_of(d->lhs[0]);
      if (first->checked_values) continue;
      first->checked_values = true;
      pkg_->init_order.push_back({d->lhs, d->init, d->vdecl});
    } else {
      pkg_->init_order.push_back({arena().copy(std::span<Var* const>(&v, 1)), d->init, d->vdecl});
    }
  }
}
}  // namespace vole::types
