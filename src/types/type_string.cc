// Types as text: as gc's messages show them, and (canonical) as link names need them.
#include <fmt/format.h>

#include "types/const_value.h"
#include "types/internal.h"

namespace vole::types {
namespace {
class Writer {
 public:
  explicit Writer(const Qualifier& q) : q_(q), info_(q.package_info) {}
  std::string out;

  void type(Type* t) {
    if (!t) {
      out += "<nil>";
      return;
    }
    if (t->kind == TypeKind::Basic) return type1(t);
    if (!open_.insert(t)) {
      out += "<cycle>";
      return;
    }
    type1(t);
    open_.pop();
  }

  void signature(Signature* s) {
    if (!s->tparams.empty()) tparams(s->tparams);
    tuple(s->params, s->variadic);
    if (s->results.empty()) return;
    out += ' ';
    if (s->results.size() == 1 && (s->results[0]->name.empty() || q_.canonical)) type(s->results[0]->type);
    else tuple(s->results, false);
  }

  // [A, B C, D E]
  void tparams(std::span<TypeParam* const> list) {
    out += '[';
    Type* prev = nullptr;
    for (size_t i = 0; i < list.size(); i++) {
      if (i > 0) {
        if (list[i]->bound != prev) {
          out += ' ';
          type(prev);
        }
        out += ", ";
      }
      prev = list[i]->bound;
      type(list[i]);
    }
    if (prev) {
      out += ' ';
      type(prev);
    }
    out += ']';
  }

 private:
  void name(const TypeName* obj) {
    out += package_prefix(obj->pkg, q_);
    out += obj->name.text();
  }
  void targs(std::span<Type* const> list) {
    out += '[';
    for (size_t i = 0; i < list.size(); i++) {
      if (i) out += q_.canonical ? "," : ", ";
      type(list[i]);
    }
    out += ']';
  }
  void tuple(std::span<Var* const> vars, bool variadic) {
    out += '(';
    for (size_t i = 0; i < vars.size(); i++) {
      if (i) out += ", ";
      if (!vars[i]->name.empty() && q_.param_names && !q_.canonical) {
        out += vars[i]->name.text();
        out += ' ';
      }
      Type* t = vars[i]->type;
      if (!variadic || i + 1 < vars.size()) {
        type(t);
      } else if (auto* s = t ? t->as<Slice>() : nullptr) {
        out += "...";
        type(s->elem);
      } else {
        type(t);
        out += "...";
      }
    }
    out += ')';
  }

  void struct_type(Struct* s) {
    out += q_.canonical && s->fields.empty() ? "struct {" : q_.canonical ? "struct { " : "struct{";
    for (size_t i = 0; i < s->fields.size(); i++) {
      if (i) out += "; ";
      Var* f = s->fields[i];
      bool annotate = info_ && !f->exported();
      if (annotate) info_ = false;
      if (!f->embedded) {
        if (q_.canonical && !f->exported()) out += package_prefix(f->pkg, q_);
        out += f->name.text();
        out += ' ';
      }
      type(f->type);
      if (annotate) out += fmt::format(" /* package {} */ ", f->pkg ? f->pkg->path.text() : "");
      if (!s->tags.empty() && !s->tags[i].empty()) {
        out += ' ';
        append_quoted(out, s->tags[i].text());
      }
    }
    out += q_.canonical && !s->fields.empty() ? " }" : "}";
  }

  void interface(Interface* t) {
    if (!q_.canonical && t == universe_comparable()->underlying()) {
      out += "interface{comparable}";
      return;
    }
    if (t->implicit) {
      if (t->methods.empty() && t->embeddeds.size() == 1) return type(t->embeddeds[0]);
      out += "/* implicit */ ";
    }
    if (q_.canonical) {
      std::span<Func* const> methods = t->all_methods();
      out += methods.empty() ? "interface {" : "interface { ";
      for (size_t i = 0; i < methods.size(); i++) {
        if (i) out += "; ";
        if (!methods[i]->exported()) out += package_prefix(methods[i]->pkg, q_);
        out += methods[i]->name.text();
        signature(methods[i]->sig());
      }
      out += methods.empty() ? "}" : " }";
      return;
    }
    out += "interface{";
    bool first = true;
    for (Func* m : t->methods) {
      if (!first) out += "; ";
      first = false;
      out += m->name.text();
      if (m->type) signature(m->sig());
    }
    for (Type* e : t->embeddeds) {
      if (!first) out += "; ";
      first = false;
      type(e);
    }
    out += '}';
  }

  void type1(Type* t) {
    switch (t->kind) {
      case TypeKind::Basic: {
        auto* b = static_cast<Basic*>(t);
        if (b->basic == BasicKind::UnsafePointer) out += package_prefix(Unsafe, q_);
        out += q_.canonical ? basic(b->basic)->name.text() : b->name.text();
        return;
      }
      case TypeKind::Array:
        out += fmt::format("[{}]", static_cast<Array*>(t)->len);
        return type(static_cast<Array*>(t)->elem);
      case TypeKind::Slice: out += "[]"; return type(static_cast<Slice*>(t)->elem);
      case TypeKind::Pointer: out += '*'; return type(static_cast<Pointer*>(t)->elem);
      case TypeKind::Map:
        out += "map[";
        type(static_cast<Map*>(t)->key);
        out += ']';
        return type(static_cast<Map*>(t)->elem);
      case TypeKind::Chan: {
        auto* c = static_cast<Chan*>(t);
        out += c->dir == syntax::ChanType::RecvOnly   ? "<-chan "
               : c->dir == syntax::ChanType::SendOnly ? "chan<- "
                                                      : "chan ";
        auto* inner = c->elem->as<Chan>();
        bool parens = c->dir == syntax::ChanType::Both && inner && inner->dir == syntax::ChanType::RecvOnly;
        if (parens) out += '(';
        type(c->elem);
        if (parens) out += ')';
        return;
      }
      case TypeKind::Struct: return struct_type(static_cast<Struct*>(t));
      case TypeKind::Tuple: return tuple(static_cast<Tuple*>(t)->vars, false);
      case TypeKind::Signature: out += "func"; return signature(static_cast<Signature*>(t));
      case TypeKind::Interface: return interface(static_cast<Interface*>(t));
      case TypeKind::Union: {
        auto* u = static_cast<Union*>(t);
        for (size_t i = 0; i < u->terms.size(); i++) {
          if (i) out += " | ";
          if (u->terms[i].tilde) out += '~';
          type(u->terms[i].type);
        }
        return;
      }
      case TypeKind::Named: {
        auto* n = static_cast<Named*>(t);
        name(n->obj);
        std::span<Type* const> args = n->targs;
        if (!q_.canonical && n->origin)
          args = args.subspan(std::min(args.size(), n->origin->implicit_tparams.size()));
        if (!args.empty()) targs(args);
        else if (!n->tparams.empty()) tparams(n->tparams);
        return;
      }
      case TypeKind::TypeParam: {
        auto* p = static_cast<TypeParam*>(t);
        out += p->obj->name.text();
        if (universe()->lookup(p->obj->name))
          out += fmt::format(" /* with {} declared at {} */", p->obj->name.text(), pos_string(p->obj->pos));
        return;
      }
      case TypeKind::Alias: {
        auto* a = static_cast<Alias*>(t);
        if (q_.canonical) return type(unalias(a));
        name(a->obj);
        if (!a->targs.empty()) targs(a->targs);
        else if (!a->tparams.empty()) tparams(a->tparams);
        return;
      }
    }
  }

  const Qualifier& q_;
  bool info_;
  Visited<Type> open_;  // types that are being written
};
}  // namespace

std::string pos_string(Pos pos) {
  if (!pos.known()) return "<unknown position>";
  return pos.col() ? fmt::format("{}:{}:{}", pos.file(), pos.line(), pos.col())
                   : fmt::format("{}:{}", pos.file(), pos.line());
}

std::string package_prefix(const Package* pkg, const Qualifier& q) {
  if (!pkg || (pkg == q.self && q.self)) return "";
  if (q.custom) {
    std::string s = q.custom(q.ctx, pkg);
    return s.empty() ? s : s + ".";
  }
  if (q.how == Qualifier::None) return "";
  return std::string(q.how == Qualifier::Path ? pkg->path.text() : pkg->name.text()) + ".";
}
std::string write_type(Type* t, const Qualifier& q) {
  Writer w(q);
  w.type(t);
  return std::move(w.out);
}
std::string write_signature(Signature* s, const Qualifier& q) {
  Writer w(q);
  w.signature(s);
  return std::move(w.out);
}
std::string write_tparams(std::span<TypeParam* const> list, const Qualifier& q) {
  Writer w(q);
  w.tparams(list);
  return std::move(w.out);
}

std::string type_string(Type* t, Package* relative_to, bool qualify_path) {
  Qualifier q;
  q.self = relative_to;
  q.how = qualify_path ? Qualifier::Path : Qualifier::Name;
  q.canonical = qualify_path;
  return write_type(t, q);
}
}  // namespace vole::types
