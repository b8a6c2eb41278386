// Endless instantiation. A generic function that instantiates itself (or others in a circle) with types built
// from its own parameters would need infinitely many instances. Each type parameter is a node; an edge leads
// from a parameter mentioned in a type argument to the parameter it is given to, with weight 1 when the
// argument is more than the parameter itself. A cycle of positive weight is the error.
#include "types/checker.h"

namespace vole::types {
u32 Checker::mono_type_param(TypeParam* p) {
  auto it = mono_canon_.find(p);
  if (it != mono_canon_.end()) p = it->second;
  auto [slot, fresh] = mono_index_.try_emplace(p->obj, static_cast<i64>(mono_vertices_.size()));
  if (fresh) {
    MonoVertex v;
    v.obj = p->obj;
    mono_vertices_.push_back(v);
  }
  return static_cast<u32>(slot->second);
}

// A type declared in a generic function depends on its type parameters.
i64 Checker::mono_local_type(Named* n) {
  Named* decl = n->origin ? n->origin : n;
  if (decl->obj->pkg != pkg_ || decl->implicit_tparams.empty()) return -1;
  auto [slot, fresh] = mono_index_.try_emplace(decl->obj, static_cast<i64>(mono_vertices_.size()));
  i64 index = slot->second;
  if (fresh) {
    MonoVertex v;
    v.obj = decl->obj;
    mono_vertices_.push_back(v);
    for (TypeParam* p : decl->implicit_tparams) {
      u32 src = mono_type_param(p);
      mono_edges_.push_back({static_cast<u32>(index), src, 1, decl->obj->pos, p});
    }
  }
  return index;
}

void Checker::mono_walk(Pos pos, TypeParam* p, Type* targ, Type* t) {
  t = unalias(t);
  if (!t->has_tparams) return;
  auto flow = [&](u32 src) {
    mono_edges_.push_back({mono_type_param(p), src, t == targ ? 0 : 1, pos, targ});
  };
  auto walk = [&](Type* part) { mono_walk(pos, p, targ, part); };
  switch (t->kind) {
    case TypeKind::TypeParam: flow(mono_type_param(static_cast<TypeParam*>(t))); break;
    case TypeKind::Named: {
      auto* n = static_cast<Named*>(t);
      if (i64 src = mono_local_type(n); src >= 0) flow(static_cast<u32>(src));
      for_each_part(n, walk);
      break;
    }
    case TypeKind::Interface:
      for (Func* m : static_cast<Interface*>(t)->all_methods()) walk(m->type);
      break;
    default: for_each_part(t, walk);
  }
}

void Checker::mono_instance(Pos pos, std::span<TypeParam* const> tparams, std::span<Type* const> targs,
                            List<Expr*> xlist) {
  note_instance(pos, targs);
  for (size_t i = 0; i < tparams.size(); i++) {
    if (tparams[i]->obj->pkg != pkg_) continue;
    mono_walk(i < xlist.size() ? xlist[i]->pos : pos, tparams[i], targs[i], targs[i]);
  }
}

// Longest paths by relaxation; a path longer than there are nodes goes round a cycle of positive weight.
void Checker::mono_check() {
  bool again = true;
  while (again) {
    again = false;
    for (size_t i = 0; i < mono_edges_.size(); i++) {
      const MonoEdge& e = mono_edges_[i];
      MonoVertex &src = mono_vertices_[e.src], &dst = mono_vertices_[e.dst];
      i64 w = src.weight + e.weight;
      if (w <= dst.weight) continue;
      dst.pre = static_cast<i64>(i);
      dst.len = src.len + 1;
      if (dst.len == static_cast<i64>(mono_vertices_.size())) {
        // Walk back until a node repeats: that is the cycle.
        Vec<u32, 8> stack;
        std::vector<bool> seen(mono_vertices_.size());
        u32 v = e.dst;
        while (!seen[v]) {
          stack.push_back(v);
          seen[v] = true;
          v = mono_edges_[static_cast<size_t>(mono_vertices_[v].pre)].src;
        }
        size_t first = 0;
        while (stack[first] != v) first++;
        Qualifier q;
        q.how = Qualifier::Path;
        q.self = pkg_;
        Report r;
        r.add(mono_vertices_[v].obj->pos, "instantiation cycle:");
        for (size_t k = first; k < stack.size(); k++) {
          const MonoEdge& edge = mono_edges_[static_cast<size_t>(mono_vertices_[stack[k]].pre)];
          TypeName* obj = mono_vertices_[edge.dst].obj;
          const char* how =
              obj->type && is_type_param(obj->type) ? "instantiated as" : "implicitly parameterized by";
          r.add(edge.pos, fmt::format("{} {} {}", obj->name.text(), how, write_type(edge.type, q)));
        }
        report(r);
        return;
      }
      dst.weight = w;
      again = true;
    }
  }
}
}  // namespace vole::types
