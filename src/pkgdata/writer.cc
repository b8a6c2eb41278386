#include <fmt/format.h>

#include <algorithm>

#include "base/codec.h"
#include "pkgdata/pkgdata.h"
#include "pkgdata/tags.h"
#include "syntax/ast.h"

namespace vole::pkgdata {
using namespace types;

namespace {
class Writer {
 public:
  explicit Writer(Package& p) : pkg_(p) {}

  std::vector<u8> write() {
    collect();
    body_.u(str(pkg_.path));
    body_.u(str(pkg_.name));
    body_.u(str(pkg_.go_version));
    Encoder rest =
        std::move(body_);  // tables come before what refers to them, but are complete only afterwards
    body_ = {};
    // Writing types may find more types (local ones): the list grows while it is walked.
    Encoder definitions;
    std::swap(definitions, body_);
    for (size_t i = 0; i < types_.size(); i++) define(types_[i]);
    objects();
    files();
    std::swap(definitions, body_);
    Encoder out;
    Encoder names;
    names.u(types_.size());
    for (TypeName* t : types_) type_name(t, names);
    out.u(Version);
    out.u(packages_.size());
    for (Package* p : packages_) out.text(p->path.text());
    out.u(strings_.size());
    for (std::string_view s : strings_) out.text(s);
    for (Encoder* part : {&rest, &names, &definitions})
      out.out.insert(out.out.end(), part->out.begin(), part->out.end());
    return std::move(out.out);
  }

 private:
  u64 str(Name n) { return str(n.text()); }
  u64 str(std::string_view s) {
    auto [it, fresh] = string_ids_.try_emplace(std::string(s), strings_.size());
    if (fresh) strings_.push_back(it->first);
    return it->second;
  }
  u64 package(Package* p) {
    auto [it, fresh] = package_ids_.try_emplace(p, packages_.size());
    if (fresh) packages_.push_back(p);
    return it->second;
  }

  // A package that generic functions import: importers check their bodies against it.
  void refer(Name path) {
    for (Package* p : pkg_.imports)
      if (p->path == path ||
          (p->path.text().starts_with("vendor/") && p->path.text().substr(7) == path.text()))
        package(p);
  }

  // Package-level objects in name order.
  void collect() {
    for (auto& [name, obj] : pkg_.scope->elems) objects_.push_back(obj);
    std::sort(objects_.begin(), objects_.end(),
              [](Object* a, Object* b) { return a->name.text() < b->name.text(); });
    for (Object* o : objects_)
      if (auto* t = o->as<TypeName>()) own(t);
  }
  u64 own(TypeName* t) {
    auto [it, fresh] = own_ids_.try_emplace(t, types_.size());
    if (fresh) types_.push_back(t);
    return it->second;
  }
  static bool is_local(const TypeName* t) { return t->parent == nullptr; }

  void type_name(TypeName* t, Encoder& e) {
    e.u(str(t->name));
    e.u((t->is_alias ? 1u : 0u) | (is_local(t) ? 2u : 0u));
    if (!is_local(t)) return;
    auto* n = t->type->as<Named>();
    e.u(n ? n->local_index : 0);
    e.u(str(n && n->enclosing ? n->enclosing->name : Name()));
    Named* recv = n && n->enclosing ? n->enclosing->recv_named : nullptr;
    e.u(str(recv ? recv->obj->name : Name()));
  }

  void define(TypeName* t) {
    if (auto* a = t->type->as<Alias>()) {
      tparams(a->tparams);
      type(a->rhs);
      return;
    }
    if (t->is_alias) {  // alias of a type that keeps no Alias node
      tparams({});
      type(t->type);
      return;
    }
    auto* n = t->type->cast<Named>();
    tparams(n->tparams);
    type(n->resolved());
    auto methods = n->methods();
    body_.u(methods.size());
    for (Func* m : methods) func(m, n->is_generic());
  }

  void tparams(std::span<TypeParam* const> list) {
    body_.u(list.size());
    for (TypeParam* p : list) {
      tparam_ids_[p] = tparam_ids_.size();
      body_.u(str(p->obj->name));
    }
    for (TypeParam* p : list) type(p->bound);
  }

  bool is_generic(const Func* f, bool of_generic) const { return of_generic || !f->sig()->tparams.empty(); }

  void func(Func* f, bool of_generic) {
    bool generic = is_generic(f, of_generic);
    body_.u(str(f->name));
    body_.u(f->pragma);
    body_.u(str(f->linkname));
    body_.u((f->ptr_recv ? PtrRecv : 0) | (generic ? Generic : 0) | (f->decl && f->decl->body ? HasBody : 0));
    body_.u(f->first_local_type);
    if (!generic) signature(f->sig());
  }

  void objects() {
    auto each = [&]<class T>(T*, auto&& f) {
      size_t n = 0;
      for (Object* o : objects_) n += o->as<T>() != nullptr;
      body_.u(n);
      for (Object* o : objects_)
        if (T* x = o->as<T>()) f(x);
    };
    each(static_cast<Const*>(nullptr), [&](Const* c) {
      body_.u(str(c->name));
      type(c->type);
      value(c->value);
    });
    each(static_cast<Var*>(nullptr), [&](Var* v) {
      body_.u(str(v->name));
      type(v->type);
      body_.u(str(v->linkname));
    });
    each(static_cast<Func*>(nullptr), [&](Func* f) { func(f, false); });
  }

  void value(const ConstValue* v) {
    body_.u(v->kind);
    switch (v->kind) {
      case ConstValue::Unknown: break;
      case ConstValue::Bool: body_.b(v->boolean); break;
      case ConstValue::String: body_.text(v->string()); break;
      case ConstValue::Int: integer(v->integer); break;
      case ConstValue::Float: body_.text(v->real.to_exact_string()); break;
      case ConstValue::Complex:
        body_.text(v->real.to_exact_string());
        body_.text(v->imag.to_exact_string());
        break;
    }
  }
  void integer(bignum::Int v) {
    body_.b(v.is_i64());
    if (v.is_i64()) body_.s(v.to_i64());
    else body_.text(v.to_string());
  }

  void tag(TypeTag t) { body_.u(static_cast<u64>(t)); }

  // A type; composite ones get the next index and are referred to by it from then on.
  void type(Type* t) {
    if (t == universe_any_name()->type) return tag(TypeTag::Any);  // under its name
    t = unalias(t);
    switch (t->kind) {
      case TypeKind::Basic:
        if (t == universe_byte()->type) return tag(TypeTag::Byte);
        if (t == universe_rune()->type) return tag(TypeTag::Rune);
        tag(TypeTag::Basic);
        return body_.u(static_cast<u64>(t->cast<Basic>()->basic));
      case TypeKind::TypeParam: tag(TypeTag::TypeParam); return body_.u(tparam_ids_.at(t->cast<TypeParam>()));
      case TypeKind::Named: return named(t->cast<Named>());
      default: break;
    }
    auto [it, fresh] = seen_.try_emplace(t, seen_.size());
    if (!fresh) {
      tag(TypeTag::Seen);
      return body_.u(it->second);
    }
    composite(t);
  }

  void named(Named* n) {
    if (n->origin) {
      auto [it, fresh] = seen_.try_emplace(n, seen_.size());
      if (!fresh) {
        tag(TypeTag::Seen);
        return body_.u(it->second);
      }
      tag(TypeTag::Instance);
      named(n->origin);
      body_.u(n->targs.size());
      for (Type* a : n->targs) type(a);
      return;
    }
    if (!n->obj->pkg) return tag(n == universe_error() ? TypeTag::Error : TypeTag::Comparable);
    if (n->obj->pkg == &pkg_) {
      tag(TypeTag::Own);
      return body_.u(own(n->obj));
    }
    tag(TypeTag::Imported);
    body_.u(package(n->obj->pkg));
    body_.u(str(n->obj->name));
    // Types declared in functions are found among the local ones of their package.
    body_.u(is_local(n->obj) ? n->local_index : 0);
  }

  void composite(Type* t) {
    switch (t->kind) {
      case TypeKind::Pointer: tag(TypeTag::Pointer); return type(t->cast<Pointer>()->elem);
      case TypeKind::Slice: tag(TypeTag::Slice); return type(t->cast<Slice>()->elem);
      case TypeKind::Array:
        tag(TypeTag::Array);
        body_.s(t->cast<Array>()->len);
        return type(t->cast<Array>()->elem);
      case TypeKind::Map:
        tag(TypeTag::Map);
        type(t->cast<Map>()->key);
        return type(t->cast<Map>()->elem);
      case TypeKind::Chan:
        tag(TypeTag::Chan);
        body_.u(t->cast<Chan>()->dir);
        return type(t->cast<Chan>()->elem);
      case TypeKind::Struct: {
        auto* s = t->cast<Struct>();
        tag(TypeTag::Struct);
        body_.u(s->fields.size());
        body_.b(!s->tags.empty());
        for (size_t i = 0; i < s->fields.size(); i++) {
          Var* f = s->fields[i];
          body_.u(str(f->name));
          body_.u(f->pkg ? package(f->pkg) + 1 : 0);
          body_.b(f->embedded);
          type(f->type);
          if (!s->tags.empty()) body_.u(str(s->tags[i]));
        }
        return;
      }
      case TypeKind::Tuple: {
        auto vars = t->cast<Tuple>()->vars;
        tag(TypeTag::Tuple);
        body_.u(vars.size());
        for (Var* v : vars) type(v->type);
        return;
      }
      case TypeKind::Signature: tag(TypeTag::Signature); return signature(t->cast<Signature>());
      case TypeKind::Interface: {
        auto* i = t->cast<Interface>();
        tag(TypeTag::Interface);
        body_.b(i->implicit);
        body_.u(i->methods.size());
        for (Func* m : i->methods) {
          body_.u(str(m->name));
          body_.u(m->pkg ? package(m->pkg) + 1 : 0);
          signature(m->sig());
        }
        body_.u(i->embeddeds.size());
        for (Type* e : i->embeddeds) type(e);
        return;
      }
      case TypeKind::Union: {
        auto terms = t->cast<Union>()->terms;
        tag(TypeTag::Union);
        body_.u(terms.size());
        for (auto& x : terms) {
          body_.b(x.tilde);
          type(x.type);
        }
        return;
      }
      default: VOLE_UNREACHABLE("type kind in export data");
    }
  }

  void signature(Signature* s) {
    tparams(s->tparams);
    auto vars = [&](std::span<Var*> list) {
      body_.u(list.size());
      for (Var* v : list) {
        body_.u(str(v->name));
        type(v->type);
      }
    };
    vars(s->params);
    vars(s->results);
    body_.b(s->variadic);
  }

  // Files with generic functions, reduced to their imports and those functions. `/*line*/` comments keep the
  // positions.
  void files() {
    Encoder e;
    size_t n = 0;
    for (auto& f : pkg_.files) {
      std::string text = "package " + std::string(pkg_.name.text()) + "\n";
      for (syntax::ImportDecl* i : f->imports)
        text += fmt::format("import {} \"{}\"\n", i->name ? i->name->name.text() : std::string_view(),
                            i->path.text());
      bool any = false;
      for (syntax::Decl* d : f->decls) {
        auto* fd = d->as<syntax::FuncDecl>();
        if (!fd || fd->text.empty() || !fd->obj) continue;
        any = true;
        text += fmt::format("/*line {}:{}:{}*/{}\n", fd->pos.file(), fd->pos.line(),
                            std::max(fd->pos.col(), 1u), fd->text);
      }
      if (!any) continue;
      n++;
      for (syntax::ImportDecl* i : f->imports) refer(i->path);
      e.text(f->path.text());
      e.u(str(f->go_version));
      e.text(text);
    }
    body_.u(n);
    body_.out.insert(body_.out.end(), e.out.begin(), e.out.end());
  }

  Package& pkg_;
  Encoder body_;
  std::vector<Object*> objects_;
  std::vector<TypeName*> types_;
  std::vector<Package*> packages_;
  std::vector<std::string> strings_;
  absl::flat_hash_map<std::string, u64> string_ids_;
  absl::flat_hash_map<TypeName*, u64> own_ids_;
  absl::flat_hash_map<Package*, u64> package_ids_;
  absl::flat_hash_map<TypeParam*, u64> tparam_ids_;
  absl::flat_hash_map<Type*, u64> seen_;
};
}  // namespace

std::vector<u8> write(Package& package) { return Writer(package).write(); }
}  // namespace vole::pkgdata
