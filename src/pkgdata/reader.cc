#include <fmt/format.h>

#include "base/codec.h"
#include "pkgdata/pkgdata.h"
#include "pkgdata/tags.h"
#include "syntax/parse.h"
#include "types/check.h"

namespace vole::pkgdata {
using namespace types;

namespace {
// What both readers of the head need.
struct Head {
  std::vector<std::string_view> strings;
  std::string_view path, name, go_version;
  std::vector<std::string_view> packages;
};

bool read_packages(Decoder& d, Head& h) {
  if (d.u() != Version) return false;
  h.packages.resize(d.count());
  for (auto& p : h.packages) p = d.text();
  return !d.failed();
}

bool read_head(Decoder& d, Head& h) {
  if (!read_packages(d, h)) return false;
  h.strings.resize(d.count());
  for (auto& s : h.strings) s = d.text();
  auto str = [&]() -> std::string_view {
    u64 i = d.u();
    if (i >= h.strings.size()) return d.fail(), std::string_view();
    return h.strings[i];
  };
  h.path = str();
  h.name = str();
  h.go_version = str();
  return !d.failed();
}

class Reader {
 public:
  Reader(std::span<const u8> data, const std::function<Package*(std::string_view)>& import)
      : d_(data), import_(import) {}

  std::unique_ptr<Package> read(std::string& error) {
    pkg_ = std::make_unique<Package>();
    if (!read_head(d_, head_)) return fail(error, "damaged or of another version");
    for (std::string_view s : head_.strings) names_.push_back(Name::intern(s));
    pkg_->path = Name::intern(head_.path);
    pkg_->name = Name::intern(head_.name);
    pkg_->go_version = Name::intern(head_.go_version);
    pkg_->scope = pkg_->arena.make<Scope>();
    pkg_->scope->parent = universe();
    if (!packages()) return fail(error, missing_.c_str());
    type_names();
    for (size_t i = 0; i < types_.size() && !d_.failed(); i++) define(types_[i]);
    constants();
    variables();
    functions();
    auto texts = files();
    if (d_.failed() || !d_.at_end()) return fail(error, "damaged");
    diag::Diagnostics diags;
    Config config;
    config.import = [&](Name path, std::string& why) {
      Package* p = path == "unsafe" ? Unsafe : import_(path.text());
      if (!p) why = fmt::format("package {} is not loaded", path.text());
      return p;
    };
    restore(*pkg_, parse_files(texts, diags), config, diags);
    if (!diags.empty()) return fail(error, diags.all()[0].text.c_str());
    for (Interface* t : interfaces_)
      t->all_methods();  // from here on the package is shared between threads and must not change
    return std::move(pkg_);
  }

 private:
  std::unique_ptr<Package> fail(std::string& error, const char* what) {
    error = fmt::format("export data of {}: {}", head_.path, what);
    return nullptr;
  }
  Name str() {
    u64 i = d_.u();
    if (i >= names_.size()) return d_.fail(), Name();
    return names_[i];
  }
  template <class T>
  T* object(Name name, Type* type) {
    T* o = pkg_->arena.make<T>();
    o->kind = T::Kind;
    o->name = name;
    o->pkg = pkg_.get();
    o->type = type;
    return o;
  }
  void declare(Object* o) {
    o->parent = pkg_->scope;
    pkg_->scope->elems.emplace(o->name, o);
  }
  template <class T>
  std::span<T> list(const std::vector<T>& v) {
    return pkg_->arena.copy(v);
  }

  bool packages() {
    auto find = [&](std::string_view path) -> Package* {
      if (path == pkg_->path) return pkg_.get();
      if (path == "unsafe") return Unsafe;
      Package* p = import_(path);
      if (!p) missing_ = fmt::format("package {} is not loaded", path);
      return p;
    };
    for (std::string_view path : head_.packages) {
      packages_.push_back(find(path));
      if (!packages_.back()) return false;
      if (packages_.back() != pkg_.get()) pkg_->imports.push_back(packages_.back());
    }
    return true;
  }
  Package* package() {
    u64 i = d_.u();
    if (i >= packages_.size()) return d_.fail(), pkg_.get();
    return packages_[i];
  }
  // 0: none (the universe)
  Package* package_or_none() {
    u64 i = d_.u();
    if (i == 0) return nullptr;
    if (i > packages_.size()) return d_.fail(), nullptr;
    return packages_[i - 1];
  }

  struct LocalType {
    Named* named;
    Name func, recv;
  };

  void type_names() {
    size_t n = d_.count(2);
    for (size_t i = 0; i < n; i++) {
      Name name = str();
      u64 flags = d_.u();
      auto* t = object<TypeName>(name, nullptr);
      t->is_alias = flags & 1;
      if (t->is_alias) {
        auto* a = new_alias(t);
        t->type = a;
      } else {
        auto* n = new_named(t);
        t->type = n;
        if (flags & 2) {
          n->local_index = static_cast<u32>(d_.u());
          Name func = str(), recv = str();
          locals_.push_back({n, func, recv});
          pkg_->local_types.push_back(n);
        }
      }
      if (!(flags & 2)) declare(t);
      types_.push_back(t);
    }
  }

  void define(TypeName* t) {
    auto tp = tparams();
    if (auto* a = t->type->as<Alias>()) {
      a->tparams = tp;
      a->rhs = type();
      a->has_tparams = a->rhs->has_tparams;
      return;
    }
    auto* n = t->type->cast<Named>();
    n->tparams = tp;
    n->rhs_ = n->under_ = type();
    size_t count = d_.count(5);
    std::vector<Func*> methods;
    for (size_t i = 0; i < count; i++) {
      Func* m = func(n);
      methods.push_back(m);
    }
    n->methods_ = list(methods);
    n->state.store(2, std::memory_order_relaxed);
  }

  std::span<TypeParam*> tparams() {
    std::vector<TypeParam*> out;
    size_t n = d_.count();
    for (size_t i = 0; i < n; i++) {
      auto* obj = object<TypeName>(str(), nullptr);
      out.push_back(make_type_param(obj, static_cast<u32>(i)));
      tparams_.push_back(out.back());
    }
    for (TypeParam* p : out) p->bound = type();
    return list(out);
  }

  Func* func(Named* recv) {
    auto* f = object<Func>(str(), nullptr);
    f->pragma = static_cast<u32>(d_.u());
    f->linkname = str();
    u64 flags = d_.u();
    f->ptr_recv = flags & PtrRecv;
    f->recv_named = recv;
    f->first_local_type = static_cast<u32>(d_.u());
    funcs_[{recv ? recv->obj->name : Name(), f->name}] = f;
    if (flags & Generic) return f;  // restore() gives it its signature
    Signature* s = signature();
    f->type = s;
    if (recv) {
      s->recv = object<Var>(Name(), f->ptr_recv ? new_pointer(recv) : recv);
      s->recv->is_param = true;
    }
    return f;
  }

  void constants() {
    size_t n = d_.count(3);
    for (size_t i = 0; i < n; i++) {
      Name name = str();
      auto* c = object<Const>(name, type());
      c->value = value();
      declare(c);
    }
  }
  void variables() {
    size_t n = d_.count(3);
    for (size_t i = 0; i < n; i++) {
      Name name = str();
      auto* v = object<Var>(name, type());
      v->linkname = str();
      declare(v);
    }
  }
  void functions() {
    size_t n = d_.count(5);
    for (size_t i = 0; i < n && !d_.failed(); i++) declare(func(nullptr));
    for (LocalType& l : locals_) {
      auto it = funcs_.find({l.recv, l.func});
      if (it != funcs_.end()) l.named->enclosing = it->second;
    }
  }

  const ConstValue* value() {
    auto* v = pkg_->arena.make<ConstValue>();
    u64 kind = d_.u();
    if (kind > ConstValue::Complex) return d_.fail(), v;
    v->kind = static_cast<ConstValue::Kind>(kind);
    switch (v->kind) {
      case ConstValue::Unknown: break;
      case ConstValue::Bool: v->boolean = d_.b(); break;
      case ConstValue::String: v->literal = pkg_->arena.copy_string(d_.text()); break;
      case ConstValue::Int: v->integer = d_.b() ? bignum::Int(d_.s()) : big(d_.text()); break;
      case ConstValue::Float: v->real = bignum::Float::from_exact_string(d_.text()); break;
      case ConstValue::Complex:
        v->real = bignum::Float::from_exact_string(d_.text());
        v->imag = bignum::Float::from_exact_string(d_.text());
        break;
    }
    return v;
  }
  bignum::Int big(std::string_view s) {
    size_t i = s.starts_with('-') ? 1 : 0;
    bool ok = s.size() > i;
    for (; i < s.size(); i++) ok = ok && s[i] >= '0' && s[i] <= '9';
    if (!ok) return d_.fail(), bignum::Int();
    return bignum::Int::from_string(s);
  }

  Type* bad() {
    d_.fail();
    return basic(BasicKind::Int);
  }

  Type* type() {
    if (++depth_ > 5000) d_.fail();
    Type* t = type_at();
    depth_--;
    return t;
  }
  Type* type_at() {
    if (d_.failed()) return bad();
    u64 tag = d_.u();
    switch (static_cast<TypeTag>(tag)) {
      case TypeTag::Seen: {
        u64 i = d_.u();
        return i < seen_.size() && seen_[i] ? seen_[i] : bad();
      }
      case TypeTag::Basic: {
        u64 k = d_.u();
        return k > static_cast<u64>(BasicKind::UntypedNil) ? bad() : basic(static_cast<BasicKind>(k));
      }
      case TypeTag::Byte: return universe_byte()->type;
      case TypeTag::Rune: return universe_rune()->type;
      case TypeTag::Error: return universe_error();
      case TypeTag::Any: return universe_any_name()->type;
      case TypeTag::Comparable: return universe_comparable();
      case TypeTag::Own: {
        u64 i = d_.u();
        return i < types_.size() ? types_[i]->type : bad();
      }
      case TypeTag::Imported: return imported();
      case TypeTag::TypeParam: {
        u64 i = d_.u();
        return i < tparams_.size() ? tparams_[i] : bad();
      }
      default: break;
    }
    if (tag > static_cast<u64>(TypeTag::Tuple)) return bad();
    size_t index = seen_.size();
    seen_.push_back(nullptr);
    Type* t = composite(static_cast<TypeTag>(tag));
    seen_[index] = t;
    return t;
  }

  Type* imported() {
    Package* p = package();
    Name name = str();
    u64 local = d_.u();
    if (local) {
      for (Named* n : p->local_types)
        if (n->local_index == local && n->obj->name == name) return n;
      return bad();
    }
    Object* o = p->scope->lookup(name);
    return o && o->kind == ObjectKind::TypeName && o->type ? o->type : bad();
  }

  Type* composite(TypeTag tag) {
    switch (tag) {
      case TypeTag::Instance: {
        Type* g = type();
        size_t n = d_.count();
        std::vector<Type*> targs;
        for (size_t i = 0; i < n; i++) targs.push_back(type());
        auto* generic = g->as<Named>();
        return generic && !generic->origin && !d_.failed() ? instantiate(generic, targs) : bad();
      }
      case TypeTag::Pointer: return new_pointer(type());
      case TypeTag::Slice: return new_slice(type());
      case TypeTag::Array: {
        i64 len = d_.s();
        return new_array(type(), len);
      }
      case TypeTag::Map: {
        Type* key = type();
        return new_map(key, type());
      }
      case TypeTag::Chan: {
        u64 dir = d_.u();
        return dir > 2 ? bad() : new_chan(static_cast<syntax::ChanType::Dir>(dir), type());
      }
      case TypeTag::Struct: return structure();
      case TypeTag::Tuple: {
        size_t n = d_.count();
        std::vector<Type*> types;
        for (size_t i = 0; i < n; i++) types.push_back(type());
        return new_tuple(types);
      }
      case TypeTag::Signature: return signature();
      case TypeTag::Interface: return interface();
      case TypeTag::Union: {
        size_t n = d_.count(2);
        std::vector<Union::Term> terms;
        for (size_t i = 0; i < n; i++) {
          bool tilde = d_.b();
          terms.push_back({tilde, type()});
        }
        return new_union(terms);
      }
      default: return bad();
    }
  }

  Type* structure() {
    size_t n = d_.count(4);
    bool tagged = d_.b();
    std::vector<Var*> fields;
    std::vector<Name> tags;
    for (size_t i = 0; i < n; i++) {
      auto* f = object<Var>(str(), nullptr);
      f->pkg = package_or_none();
      f->is_field = true;
      f->embedded = d_.b();
      f->field_index = static_cast<u32>(i);
      f->type = type();
      fields.push_back(f);
      if (tagged) tags.push_back(str());
    }
    return new_struct(fields, tags);
  }

  Type* interface() {
    bool implicit = d_.b();
    size_t n = d_.count(4);
    std::vector<Func*> methods;
    for (size_t i = 0; i < n; i++) {
      auto* m = object<Func>(str(), nullptr);
      m->pkg = package_or_none();
      m->is_interface_method = true;
      m->type = signature();
      methods.push_back(m);
    }
    size_t e = d_.count();
    std::vector<Type*> embeddeds;
    for (size_t i = 0; i < e; i++) embeddeds.push_back(type());
    Interface* t = new_interface(methods, embeddeds, implicit);
    for (Func* m : methods) {
      m->sig()->recv = object<Var>(Name(), t);
      m->sig()->recv->is_param = true;
    }
    interfaces_.push_back(t);
    return t;
  }

  Signature* signature() {
    auto tp = tparams();
    auto vars = [&](bool results) {
      std::vector<Var*> out;
      size_t n = d_.count(2);
      for (size_t i = 0; i < n; i++) {
        Name name = str();
        auto* v = object<Var>(name, type());
        v->is_param = !results;
        v->is_result = results;
        out.push_back(v);
      }
      return list(out);
    };
    auto params = vars(false), results = vars(true);
    bool variadic = d_.b();
    return make_signature(tp, params, results, variadic);
  }

  struct Text {
    std::string_view path, text;
    Name go_version;
  };
  std::vector<Text> files() {
    std::vector<Text> out;
    size_t n = d_.count(3);
    for (size_t i = 0; i < n; i++) {
      Text t;
      t.path = d_.text();
      t.go_version = str();
      t.text = d_.text();
      out.push_back(t);
    }
    return out;
  }
  std::vector<std::unique_ptr<syntax::File>> parse_files(const std::vector<Text>& texts,
                                                         diag::Diagnostics& diags) {
    std::vector<std::unique_ptr<syntax::File>> out;
    for (const Text& t : texts) {
      out.push_back(syntax::parse(Name::intern(t.path), pkg_->arena.copy_string(t.text), diags));
      out.back()->go_version = t.go_version;
    }
    return out;
  }

  Decoder d_;
  const std::function<Package*(std::string_view)>& import_;
  Head head_;
  std::string missing_;
  std::unique_ptr<Package> pkg_;
  std::vector<Name> names_;
  std::vector<Package*> packages_;
  std::vector<TypeName*> types_;
  std::vector<TypeParam*> tparams_;
  std::vector<Type*> seen_;
  std::vector<Interface*> interfaces_;
  std::vector<LocalType> locals_;
  absl::flat_hash_map<std::pair<Name, Name>, Func*> funcs_;
  int depth_ = 0;
};
}  // namespace

bool references(std::span<const u8> data, std::vector<std::string>& paths) {
  Decoder d(data);
  Head h;
  if (!read_packages(d, h)) return false;
  for (std::string_view p : h.packages) paths.emplace_back(p);
  return true;
}

std::unique_ptr<Package> read(std::span<const u8> data,
                              const std::function<Package*(std::string_view path)>& import,
                              std::string& error) {
  return Reader(data, import).read(error);
}
}  // namespace vole::pkgdata
