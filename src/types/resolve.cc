// Collecting what a package declares, and the checks that look at a package as a whole: imports, methods'
// base types, directives.
#include <algorithm>

#include "syntax/lexer.h"
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

DeclInfo* Checker::add_decl(Object* obj, FileInfo* f) {
  auto* d = scratch_.make<DeclInfo>();
  d->obj = obj;
  d->file = f;
  decls_.push_back(d);
  obj->order = static_cast<u32>(decls_.size());
  return d;
}

DeclInfo* Checker::declare_package_object(Ident* id, Object* obj, FileInfo* f) {
  DeclInfo* d = add_decl(obj, f);
  if (id->name == "init") {
    error(id->pos, "cannot declare init - must be func");
    return d;
  }
  if (id->name == "main" && pkg_->name == "main") {
    error(id->pos, "cannot declare main - must be func");
    return d;
  }
  id->obj = obj;
  if (id->name == "_") return d;
  Symbol* s = symbol(obj->name);
  if (s->package) {
    redeclared(obj, s->package);
    return d;
  }
  s->package = obj;
  obj->parent = pkg_->scope;
  pkg_->scope->elems.emplace(obj->name, obj);
  return d;
}

void Checker::collect_objects() {
  for (FileInfo* f : files_) {
    env_.file = f;
    env_.version = f->version;
    for (Decl* decl : f->file->decls) {
      switch (decl->kind) {
        case NodeKind::ImportDecl: collect_import(decl->cast<ImportDecl>(), f); break;
        case NodeKind::ConstDecl: collect_const(decl->cast<ConstDecl>(), f); break;
        case NodeKind::VarDecl: collect_var(decl->cast<VarDecl>(), f); break;
        case NodeKind::FuncDecl: collect_func(decl->cast<FuncDecl>(), f); break;
        case NodeKind::TypeDecl: {
          auto* t = decl->cast<TypeDecl>();
          auto* obj = new_object<TypeName>(t->name->pos, t->name->name, nullptr);
          obj->is_alias = t->alias;
          DeclInfo* d = declare_package_object(t->name, obj, f);
          d->tdecl = t;
          if (!t->alias && t->name->name != "_") local_types_.push_back({f->index, obj->order, 0, obj});
          break;
        }
        default: break;
      }
    }
  }
  // Names of the file scopes must not be package-level names as well.
  for (const FileConflict& c : file_objects_) {
    Symbol* s = find_symbol(c.obj->name);
    if (!s || !s->package) continue;
    Report r;
    if (auto* p = c.obj->as<PkgName>()) {
      r.add(s->package->pos,
            fmt::format("{} already declared through import of package {} (\"{}\")", c.obj->name.text(),
                        p->imported->name.text(), p->imported->path.text()));
      r.add(p->pos, fmt::format("other declaration of {}", p->name.text()));
    } else {
      r.add(s->package->pos,
            fmt::format("{} already declared through dot-import of package {} (\"{}\")", c.obj->name.text(),
                        c.obj->pkg->name.text(), c.obj->pkg->path.text()));
      if (c.obj->pos.known()) r.add(c.obj->pos, fmt::format("other declaration of {}", c.obj->name.text()));
    }
    report(r);
  }
  std::sort(pkg_->imports.begin(), pkg_->imports.end(),
            [](Package* a, Package* b) { return a->path.text() < b->path.text(); });
}

// Why the text of an import path is not acceptable; empty when it is.
static std::string illegal_import_path(std::string_view s) {
  if (s.empty()) return "empty string";
  constexpr std::string_view Illegal = "!\"#$%&'()*,:;<=>?[\\]^{|}`";
  for (size_t i = 0; i < s.size(); i++) {
    u8 c = static_cast<u8>(s[i]);
    u32 rune = c;
    if (c >= 0x80) {
      size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
      bool valid = c >= 0xc2 && c < 0xf5 && i + n <= s.size();
      rune = c & (0xffu >> (n + 1));
      for (size_t k = 1; valid && k < n; k++) {
        valid = (static_cast<u8>(s[i + k]) & 0xc0) == 0x80;
        rune = rune << 6 | (static_cast<u8>(s[i + k]) & 0x3f);
      }
      if (valid) i += n - 1;
      else rune = 0xfffd;
    }
    bool space = rune <= ' ' || rune == 0x7f || rune == 0x85 || rune == 0xa0 || rune == 0x2028 ||
                 rune == 0x2029 || rune == 0x3000;
    if (space || rune == 0xfffd ||
        (rune < 0x80 && Illegal.find(static_cast<char>(rune)) != std::string_view::npos))
      return "invalid character " + describe_rune(rune);
  }
  return "";
}

// The path without empty and "." elements.
static std::string canonical_path(std::string_view s) {
  std::string out;
  for (size_t at = 0; at <= s.size();) {
    size_t end = std::min(s.find('/', at), s.size());
    std::string_view element = s.substr(at, end - at);
    if (!element.empty() && element != ".") (out += out.empty() ? "" : "/") += element;
    at = end + 1;
  }
  return out;
}

std::string import_path_fault(std::string_view path) {
  if (std::string bad = illegal_import_path(path); !bad.empty())
    return fmt::format("invalid import path ({})", bad);
  std::string why;
  if (path == "main") why = "cannot import \"main\"";
  else if (path[0] == '/') why = "import path cannot be absolute path";
  else if (std::string c = canonical_path(path); path[0] != '.' && c != path)
    why = fmt::format("non-canonical import path \"{}\" (should be \"{}\")", path, c);
  return why.empty() ? "" : fmt::format("could not import {} ({})", path, why);
}

void Checker::collect_import(ImportDecl* d, FileInfo* f) {
  if (!d->path_lit || d->path_lit->lit != LitKind::String || d->path_lit->bad) return;
  if (std::string fault = import_path_fault(d->path.text()); !fault.empty()) {
    error(d->path_lit->pos, fault);
    return;
  }
  Package* imp = nullptr;
  bool fake = false;
  if (d->path == "unsafe") {
    imp = Unsafe;
    pkg_->imports_unsafe = true;
    f->imports_unsafe = true;
  } else {
    std::string why;
    if (config_.import) imp = config_.import(d->path, why);
    if (!imp) {
      error(d->path_lit->pos, why.empty() ? fmt::format("could not import {}", d->path.text()) : why);
      // A stand-in that has any name, so that one missing package gives one message.
      imp = arena().make<Package>();
      imp->path = d->path;
      std::string_view name = d->path.text();
      if (size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
      imp->name = Name::intern(name);
      imp->scope = arena().make<Scope>();
      fake = true;
    }
  }
  if (d->path == "embed") f->imports_embed = true;
  Name name = imp->name;
  if (d->name) {
    name = d->name->name;
    if (d->path == "C") {
      error(d->name->pos, "cannot rename import \"C\"");
      return;
    }
  }
  if (name == "init") {
    error(d->pos, "cannot import package as init - init must be a func");
    return;
  }
  if (std::find(pkg_->imports.begin(), pkg_->imports.end(), imp) == pkg_->imports.end())
    pkg_->imports.push_back(imp);
  auto* p = new_object<PkgName>(d->pos, name, InvalidType);
  p->imported = imp;
  p->used = fake;
  if (d->name) d->name->obj = p;
  imports_.push_back(p);
  if (name == ".") {
    Vec<Object*> objects;
    for (auto& [n, obj] : imp->scope->elems)
      if (obj->exported()) objects.push_back(obj);
    std::sort(objects.begin(), objects.end(),
              [](Object* a, Object* b) { return a->name.text() < b->name.text(); });
    p->pos = d->name->pos;
    for (Object* obj : objects) declare_file(f, obj, p);
    p->pos = d->pos;
  } else if (name != "_") {
    declare_file(f, p, nullptr);
  }
}

void Checker::arity(Pos pos, List<Ident*> names, List<Expr*> inits, bool is_const, bool inherited) {
  size_t l = names.size(), r = inits.size();
  if (l < r) {
    if (inherited) errorf(pos, "extra init expr at {}", pos_string(inits[l]->pos));
    else errorf(inits[l]->pos, "extra init expr {}", expr_string(inits[l]));
  } else if (l > r && (is_const || r != 1)) {
    errorf(names[r]->pos, "missing init expr for {}", names[r]->name.text());
  }
}

void Checker::collect_const(ConstDecl* d, FileInfo* f) {
  ConstDecl* from = d->inherited ? d->inherited : d;
  Value iota = make_int(arena(), bignum::Int(d->iota));
  for (size_t i = 0; i < d->names.size(); i++) {
    auto* obj = new_object<Const>(d->names[i]->pos, d->names[i]->name, nullptr);
    DeclInfo* info = declare_package_object(d->names[i], obj, f);
    info->type_expr = from->type_expr;
    info->init = i < from->values.size() ? from->values[i] : nullptr;
    info->inherited = from != d;
    info->iota = iota;
  }
  arity(d->pos, d->names, from->values, true, from != d);
}

void Checker::collect_var(VarDecl* d, FileInfo* f) {
  std::span<Var*> lhs = arena().make_span<Var*>(d->names.size());
  bool multi = d->values.size() == 1 && d->names.size() > 1;
  for (size_t i = 0; i < d->names.size(); i++) {
    auto* obj = new_object<Var>(d->names[i]->pos, d->names[i]->name, nullptr);
    lhs[i] = obj;
    DeclInfo* info = declare_package_object(d->names[i], obj, f);
    info->vdecl = d;
    info->type_expr = d->type_expr;
    if (multi) info->lhs = lhs;
    info->init = multi ? d->values[0] : i < d->values.size() ? d->values[i] : nullptr;
    pkg_->vars.push_back(obj);
  }
  if (!d->type_expr || !d->values.empty()) arity(d->pos, d->names, d->values, false, false);
}

Checker::RecvParts Checker::unpack_recv(Expr* e) {
  RecvParts r;
  r.base = unparen(e);
  if (auto* star = r.base->as<StarExpr>()) {
    r.ptr = true;
    r.base = unparen(star->x);
  }
  r.index = r.base->as<IndexExpr>();
  if (r.index) r.base = r.index->x;
  return r;
}

void Checker::collect_func(FuncDecl* d, FileInfo* f) {
  Name name = d->name->name;
  auto* obj = new_object<Func>(d->name->pos, name, nullptr);
  obj->decl = d;
  obj->pragma = d->pragma;
  obj->file = f->file;
  d->obj = obj;
  d->name->obj = obj;
  List<Field*> tparams = d->type_expr->tparams;
  DeclInfo* info = add_decl(obj, f);
  info->fdecl = d;
  if (name != "_") pkg_->funcs.push_back(obj);
  if (!d->recv) {
    if (name == "init" || (name == "main" && pkg_->name == "main")) {
      if (!tparams.empty())
        soft_error(tparams[0]->name->pos, fmt::format("func {} must have no type parameters", name.text()));
      if (!d->type_expr->params.empty() || !d->type_expr->results.empty())
        soft_error(d->name->pos,
                   fmt::format("func {} must have no arguments and no return values", name.text()));
    } else if (!tparams.empty()) {
      verify_version(tparams[0]->name->pos, 18, "type parameter");
    }
    if (name == "init") {
      obj->init_index = init_count_++;
      obj->parent = pkg_->scope;
      if (!d->body) soft_error(obj->pos, "func init must have a body");
    } else if (name != "_") {
      Symbol* s = symbol(name);
      if (s->package) {
        redeclared(obj, s->package);
      } else {
        s->package = obj;
        obj->parent = pkg_->scope;
        pkg_->scope->elems.emplace(name, obj);
      }
    }
    return;
  }
  RecvParts recv = unpack_recv(d->recv->type_expr);
  obj->ptr_recv = recv.ptr;
  if (auto* base = recv.base->as<Ident>(); base && name != "_") methods_.push_back({obj, base, recv.ptr});
  if (!tparams.empty()) verify_version(tparams[0]->name->pos, 27, "generic method");
}

// Finds the type each method belongs to, through aliases.
void Checker::associate_methods() {
  for (MethodDecl& m : methods_) {
    bool ptr = m.ptr;
    Name name = m.base->name;
    Visited<Object> seen;
    for (;;) {
      Symbol* s = find_symbol(name);
      auto* t = s && s->package ? s->package->as<TypeName>() : nullptr;
      if (!t || !seen.insert(t)) break;
      TypeDecl* d = decl_of(t)->tdecl;
      if (!d->alias) {
        m.func->ptr_recv = ptr;
        decl_of(t)->methods.push_back(m.func);
        break;
      }
      if (!d->tparams.empty()) break;
      Expr* e = unparen(d->type_expr);
      if (auto* star = e->as<StarExpr>()) {
        if (ptr) break;
        ptr = true;
        e = unparen(star->x);
      }
      auto* id = e->as<Ident>();
      if (!id) break;
      name = id->name;
    }
  }
}

// type A B; type B A: names that only stand for each other.
void Checker::direct_cycles() {
  absl::flat_hash_map<TypeName*, i64> index;
  for (DeclInfo* d : decls_) {
    auto* t = d->obj->as<TypeName>();
    if (!t) continue;
    Vec<TypeName*> path;
    for (;;) {
      auto it = index.find(t);
      if (it != index.end()) {
        if (it->second >= 0) {
          t->type = InvalidType;
          Vec<Object*> cycle(path.begin() + it->second, path.end());
          size_t first = 0;
          for (size_t i = 1; i < cycle.size(); i++)
            if (cycle[i]->pos < cycle[first]->pos) first = i;
          cycle_error({cycle.data(), cycle.size()}, first);
        }
        break;
      }
      index[t] = static_cast<i64>(path.size());
      path.push_back(t);
      auto* rhs = decl_of(t)->tdecl->type_expr->as<Ident>();
      Symbol* s = rhs ? find_symbol(rhs->name) : nullptr;
      t = s && s->package ? s->package->as<TypeName>() : nullptr;
      if (!t) break;
    }
    for (TypeName* p : path) index[p] = -1;
  }
}

void Checker::package_objects() {
  for (DeclInfo* d : decls_)
    if (d->tdecl && !d->tdecl->alias) obj_decl(d->obj);
  for (DeclInfo* d : decls_)
    if (d->tdecl && d->tdecl->alias) obj_decl(d->obj);
  for (DeclInfo* d : decls_)
    if (!d->tdecl) obj_decl(d->obj);
}

void Checker::unused_imports() {
  if (config_.ignore_bodies) return;
  for (PkgName* p : imports_) {
    if (p->used || p->name == "_") continue;
    std::string_view path = p->imported->path.text(), elem = path;
    if (size_t slash = elem.rfind('/'); slash != std::string_view::npos) elem.remove_prefix(slash + 1);
    bool plain = p->name.empty() || p->name == "." || p->name == elem;
    std::string as = plain ? "" : fmt::format(" as {}", p->name.text());
    if (auto* d = soft_error(p->pos, fmt::format("\"{}\" imported{} and not used", path, as)))
      d->fixes.push_back({p->pos, "remove the import"});
  }
}

// ---- directives ---------------------------------------------------------------------------------

// Directives that only the runtime, the standard library or cgo's output may use.
void Checker::restricted_directives() {
  if (config_.allow_unsafe_internals) return;
  for (FileInfo* f : files_)
    for (const Directive& d : f->file->restricted) {
      std::string_view verb = d.text.substr(0, d.text.find_first_of(" \t"));
      if (verb == "go:cgo_import_dynamic" && std::count(d.text.begin(), d.text.end(), ' ') >= 3) continue;
      bool cgo = verb.starts_with("go:cgo_");
      const char* who = cgo                             ? "only allowed in cgo-generated code"
                        : verb == "go:uintptrkeepalive" ? "is only allowed in the standard library"
                                                        : "only allowed in runtime";
      diags_.report(diag::Code::Other, d.pos, "//{} {}", cgo ? d.text : verb, who);
    }
}

void Checker::linknames(bool broken) {
  for (FileInfo* f : files_) {
    env_.file = f;
    for (const Linkname& l : f->file->linknames) {
      const char* directive = l.std_only ? "go:linknamestd" : "go:linkname";
      bool report_it = !broken;
      if (!f->imports_unsafe) {
        if (report_it)
          diags_.report(diag::Code::Other, l.pos, "//{} only allowed in Go files that import \"unsafe\"",
                        directive);
        continue;
      }
      if (l.target.text().find('[') != std::string_view::npos &&
          l.target.text().find(']') != std::string_view::npos) {
        if (report_it)
          diags_.report(diag::Code::Other, l.pos, "//{} reference of an instantiation is not allowed",
                        directive);
        continue;
      }
      Object* obj = pkg_->scope->lookup(l.local);
      Name* name = nullptr;
      LinkMark* mark = nullptr;
      if (auto* fn = obj ? obj->as<Func>() : nullptr) name = &fn->linkname, mark = &fn->link_mark;
      else if (auto* v = obj ? obj->as<Var>() : nullptr) name = &v->linkname, mark = &v->link_mark;
      if (!mark) {
        if (report_it && (f->version == 0 || f->version >= 18))
          diags_.report(diag::Code::Other, l.pos, "//{} must refer to declared function or variable",
                        directive);
      } else if (*mark != LinkMark::None) {
        if (report_it)
          diags_.report(diag::Code::Other, l.pos, "duplicate //{} for {}", directive, l.local.text());
      } else {
        *name = l.target;
        *mark = l.std_only ? LinkMark::LinknameStd : LinkMark::Linkname;
      }
    }
  }
}

void Checker::check_pragmas() {
  for (FileInfo* f : files_)
    for (const Directive& d : f->file->misplaced)
      diags_.report(diag::Code::Other, d.pos, "misplaced {} directive", d.text);
  for (Func* f : pkg_->funcs) {
    FuncDecl* d = f->decl;
    Pos at = !d->recv ? d->name->pos : d->recv->name ? d->recv->name->pos : d->recv->type_expr->pos;
    auto bad = [&](std::string_view text) { diags_.report(diag::Code::Other, at, "{}", text); };
    if ((d->pragma & Systemstack) && (d->pragma & Nosplit))
      bad("go:nosplit and go:systemstack cannot be combined");
    if (d->body) {
      if (d->pragma & Noescape) bad("can only use //go:noescape with external func implementations");
      if ((d->pragma & UintptrKeepAlive) && !(d->pragma & UintptrEscapes) && !(d->pragma & Nosplit))
        bad("go:uintptrkeepalive requires go:nosplit");
    } else if (!config_.has_assembly || d->name->name == "init") {
      bool linked = false;
      for (const Linkname& l : f->file->linknames) linked = linked || l.local == d->name->name;
      if (!linked)
        for (FileInfo* other : files_)
          for (const Linkname& l : other->file->linknames) linked = linked || l.local == d->name->name;
      if (!linked || d->recv) bad("missing function body");
    }
  }
}

void Checker::embeds(bool broken) {
  auto check = [&](VarDecl* d, FileInfo* f, bool within_func) {
    std::string_view why;
    if (!f->imports_embed)
      why = "go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)";
    else if (d->names.size() > 1) why = "go:embed cannot apply to multiple vars";
    else if (!d->values.empty()) why = "go:embed cannot apply to var with initializer";
    else if (!d->type_expr) why = "go:embed cannot apply to var without type";
    else if (within_func) why = "go:embed cannot apply to var inside func";
    else if (module_version_ && module_version_ < 16) why = "go:embed requires go1.16 or later";
    if (why.empty()) return true;
    if (broken) return false;
    diag::Diagnostic& diag = diags_.report(diag::Code::Other, d->embeds[0].pos, "{}", why);
    if (why.ends_with("or later"))
      diag.text += fmt::format(" (-lang was set to {}; check go.mod)", config_.go_version.text());
    return false;
  };
  for (const LocalEmbed& e : local_embeds_) check(e.decl, e.file, true);
  for (DeclInfo* d : decls_)
    if (d->vdecl && !d->vdecl->embeds.empty() && d->obj == d->vdecl->names[0]->obj &&
        check(d->vdecl, d->file, false))
      pkg_->embeds.push_back({static_cast<Var*>(d->obj), d->vdecl});
}
}  // namespace vole::types
