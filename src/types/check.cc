// The order of work of the checker, delayed actions, scopes, and reporting.
#include "types/check.h"

#include <algorithm>

#include "base/stack.h"
#include "types/checker.h"

namespace vole::types {
int minor_version(std::string_view v) {
  if (!v.starts_with("go1")) return 0;
  v.remove_prefix(3);
  if (v.empty()) return 1;
  if (v[0] != '.') return 0;
  int n = 0;
  for (size_t i = 1; i < v.size() && v[i] >= '0' && v[i] <= '9'; i++) n = n * 10 + (v[i] - '0');
  return n;
}
std::unique_ptr<Package> check(Name path, std::vector<std::unique_ptr<syntax::File>> files,
                               const Config& config, diag::Diagnostics& diags) {
  auto pkg = std::make_unique<Package>();
  pkg->path = path;
  pkg->files = std::move(files);
  CrashNote note("type checking package", path.text().data(), path.text().size());
  Checker checker(pkg.get(), config, diags);
  checker.run();
  return pkg;
}

Checker::Checker(Package* pkg, const Config& config, diag::Diagnostics& diags)
    : pkg_(pkg), config_(config), diags_(diags) {
  qualifier_.self = pkg;
  qualifier_.custom = &Checker::qualify;
  qualifier_.ctx = this;
  // An import may restore another package in the middle of this one.
  outer_signature_hook_ = signature_hook;
  outer_rename_hook_ = rename_hook;
  signature_hook = this;
  rename_hook = this;
}
Checker::~Checker() {
  signature_hook = outer_signature_hook_;
  rename_hook = outer_rename_hook_;
}

// Recursion follows the nesting of the source and chains of declarations. It may take a quarter of the stack:
// what the checker lets pass is walked by others, with larger frames.
void Checker::limit_depth() {
  stack_limit_ = static_cast<const char*>(__builtin_frame_address(0)) - stack_left() / 4;
}
bool Checker::too_deep(Pos pos) {
  if (static_cast<const char*>(__builtin_frame_address(0)) > stack_limit_) return false;
  if (!too_deep_) error(pos, "nesting is too deep");
  too_deep_ = true;
  return true;
}

void Checker::run() {
  limit_depth();
  pkg_->scope = arena().make<Scope>();
  pkg_->scope->parent = universe();
  pkg_->go_version = config_.go_version;
  module_version_ = minor_version(config_.go_version.text());
  for (auto& [name, obj] : universe()->elems) symbol(name)->universe = obj;
  if (module_version_ > NewestGo && !pkg_->files.empty())
    errorf(Pos(pkg_->files[0]->package_pos.base_index(), 1, 1),
           "package requires newer Go version {} (application built with go1.{})", config_.go_version.text(),
           NewestGo);
  for (auto& file : pkg_->files) {
    if (pkg_->name.empty()) {
      pkg_->name = file->package_name;
      if (pkg_->name == "_") error(file->name_pos, "invalid package name _");
    } else if (file->package_name != pkg_->name) {
      errorf(Pos(file->package_pos.base_index(), 1, 1), "package {}; expected package {}",
             file->package_name.text(), pkg_->name.text());
      continue;
    }
    auto* f = scratch_.make<FileInfo>(file.get(), module_version_, static_cast<u32>(files_.size()));
    if (int v = minor_version(file->go_version.text())) {
      f->version = std::max(v, 21);
      if (v > NewestGo) errorf(file->name_pos, "file requires newer Go version {}", file->go_version.text());
    }
    files_.push_back(f);
  }
  restricted_directives();
  collect_objects();
  associate_methods();
  direct_cycles();
  package_objects();
  env_ = {};
  process_delayed(0);
  finish_package();
  env_ = {};
  init_order();
  if (config_.report_unused) unused_imports();
  if (diags_.empty()) mono_check();
  if (diags_.empty()) restrictions();
  bool broken = !diags_.empty();  // what follows is reported only when all else is right
  if (!broken) check_pragmas();
  linknames(broken);
  embeds(broken);
  pkg_->complete = true;
  for (DeclInfo* d : decls_) d->~DeclInfo();
}

// Everything that is worked out on demand is worked out now, so that the package is immutable from here on.
void Checker::finish_package() {
  for (size_t i = 0; i < named_.size(); i++) named_[i]->resolved();
  for (size_t i = 0; i < pending_methods_.size(); i++)
    for (Func* f : pending_methods_[i]->methods()) func_signature(f);
  for (size_t i = 0; i < interfaces_.size(); i++) types::type_set(interfaces_[i]);
  // Types declared in functions are numbered in source order; bodies were not checked in that order.
  std::sort(local_types_.begin(), local_types_.end(), [](const LocalType& a, const LocalType& b) {
    return a.decl != b.decl ? a.decl < b.decl : a.seq < b.seq;
  });
  u32 n = 0;
  Func* numbered = nullptr;
  for (const LocalType& t : local_types_) {
    auto* named = t.name->type ? t.name->type->as<Named>() : nullptr;
    if (!named) continue;
    if (t.seq) {
      // Functions restored from export data know where their numbers start.
      Func* f = named->enclosing;
      bool restored = f && f->first_local_type && f != numbered;
      if (restored) n = f->first_local_type - 1;
      named->local_index = ++n;
      if (f && !f->first_local_type) f->first_local_type = n;
      numbered = f;
      pkg_->local_types.push_back(named);
    }
    if (named->tparams.empty() && named->implicit_tparams.empty()) pkg_->type_names.push_back(t.name);
  }
}

void Checker::process_delayed(size_t top) {
  if (delayed_.size() <= top) return;
  int version = env_.version;
  FileInfo* file = env_.file;
  for (size_t i = top; i < delayed_.size(); i++) {
    Action a = delayed_[i];
    env_.version = a.version;
    env_.file = a.file;
    a.run(*this, a.data);
  }
  delayed_.resize(top);
  env_.version = version;
  env_.file = file;
}

// ---- reporting ----------------------------------------------------------------------------------

diag::Diagnostic* Checker::report(Report& r) {
  VOLE_DCHECK(!r.empty());
  std::string& first = r.lines[0].text;
  // Consequences of errors already reported.
  if (has_error_) {
    auto mentions = [&](const char* s) {
      size_t at = first.find(s);
      return at != std::string::npos && at > 0;
    };
    if (mentions("invalid operand") || mentions("invalid type")) return nullptr;
  }
  has_error_ = true;
  diag::Diagnostic d;
  d.code = diag::Code::Other;
  d.pos = env_.errpos.known() ? env_.errpos : r.lines[0].pos;
  d.text = std::move(first);
  d.soft = r.soft;
  if (d.text.find("requires go1.") != std::string::npos && d.text.find(" or later") != std::string::npos) {
    Name declared = env_.file ? env_.file->file->go_version : Name();
    if (declared && minor_version(declared.text()) == env_.file->version)
      d.text += fmt::format(" (file declares //go:build {})", declared.text());
    else
      d.text += fmt::format(" (-lang was set to {}; check go.mod)",
                            config_.go_version ? config_.go_version.text() : "go1.27");
  }
  for (size_t i = 1; i < r.lines.size(); i++) d.notes.push_back({r.lines[i].pos, std::move(r.lines[i].text)});
  return &diags_.add(std::move(d));
}
diag::Diagnostic* Checker::error(Pos pos, std::string text) {
  Report r;
  r.add(pos, std::move(text));
  return report(r);
}
diag::Diagnostic* Checker::soft_error(Pos pos, std::string text) {
  Report r;
  r.soft = true;
  r.add(pos, std::move(text));
  return report(r);
}
void Checker::version_error(Pos pos, int minor, const std::string& what) {
  errorf(pos, "{} requires go1.{} or later", what, minor);
}

// Packages are shown by name, by quoted path where two in the import graph share a name.
std::string Checker::qualify(const void* self, const Package* pkg) {
  auto* c = const_cast<Checker*>(static_cast<const Checker*>(self));
  if (pkg == c->pkg_) return "";
  if (!c->imports_marked_) {
    c->imports_marked_ = true;
    c->mark_imports(c->pkg_);
  }
  auto it = c->package_names_.find(pkg->name);
  if (it != c->package_names_.end() && it->second.size() > 1) return fmt::format("\"{}\"", pkg->path.text());
  return std::string(pkg->name.text());
}
void Checker::mark_imports(const Package* pkg) {
  if (!seen_packages_.try_emplace(pkg, true).second) return;
  Vec<const Package*, 2>& list = package_names_[pkg->name];
  bool known = false;
  for (const Package* p : list) known = known || p->path == pkg->path;
  if (!known) list.push_back(pkg);
  for (Package* p : pkg->imports) mark_imports(p);
}

static std::string_view mode_word(Mode m) {
  switch (m) {
    case Mode::Invalid: return "invalid operand";
    case Mode::NoValue: return "no value";
    case Mode::Builtin: return "built-in";
    case Mode::TypeExpr: return "type";
    case Mode::Constant: return "constant";
    case Mode::Variable: return "variable";
    case Mode::MapIndex: return "map index expression";
    case Mode::Value: return "value";
    case Mode::Nil: return "nil";
    case Mode::CommaOk: return "comma, ok expression";
  }
  return "";
}

// "x (variable of type T)", "5 (untyped int constant)", …
std::string Checker::str(const Operand& x) {
  if (x.mode == Mode::Nil) {
    if (!is_valid(x.type)) return "nil (with invalid type)";
    return is_untyped_nil(x.type) ? "nil" : fmt::format("nil (of type {})", str(x.type));
  }
  std::string out, e;
  if (!x.label.empty()) e = x.label;
  else if (x.expr) e = expr_string(x.expr);
  else if (x.mode == Mode::TypeExpr) e = str(x.type);
  else if (x.mode == Mode::Constant) e = value_string(x.val);
  if (!e.empty()) out = e + " (";
  bool has_type = false;
  if (x.mode > Mode::TypeExpr && x.type) {
    if (is_untyped(x.type)) {
      out += static_cast<Basic*>(x.type)->name.text();
      out += ' ';
    } else {
      has_type = true;
    }
  }
  out += mode_word(x.mode);
  if (x.mode == Mode::Constant)
    if (std::string s = value_string(x.val); s != e) out += " " + s;
  if (has_type) {
    if (!is_valid(x.type)) {
      out += " with invalid type";
    } else {
      std::string desc = is_generic(x.type) ? "generic " : "";
      TypeParam* p = as_type_param(x.type);
      if (!p && (x.type->kind == TypeKind::Alias || x.type->kind == TypeKind::Named)) {
        std::string_view what = composite_kind(x.type);
        if (what.empty())
          if (auto* b = x.type->underlying()->as<Basic>()) what = b->name.text();
        desc += what;
        desc += ' ';
      }
      out += " of " + desc + "type " + str(x.type);
      if (p) {
        out += " constrained by " + str(p->bound);
        if (has_empty_type_set(p)) out += " with empty type set";
      }
    }
  }
  if (!e.empty()) out += ')';
  return out;
}

std::string Checker::types_summary(std::span<Type* const> list, bool variadic, bool has_dots) {
  std::string out = "(";
  for (size_t i = 0; i < list.size(); i++) {
    Type* t = list[i];
    std::string s;
    if (!t || !is_valid(t)) {
      s = "unknown type";
    } else if (is_untyped(t)) {
      s = is_basic(t, IsNumeric) ? "number" : std::string(static_cast<Basic*>(t)->name.text().substr(8));
    } else {
      s = str(t);
    }
    if (i + 1 == list.size()) {
      if (variadic) {
        auto* slice = t ? t->as<Slice>() : nullptr;
        s = "..." + (slice ? str(slice->elem) : s);
      } else if (has_dots) {
        s += "...";
      }
    }
    if (i) out += ", ";
    out += s;
  }
  return out + ")";
}

std::string Checker::func_string(Func* f, bool package_info) {
  Qualifier q = qualifier_;
  if (package_info) {
    q = {};
    q.how = Qualifier::Path;
    q.package_info = true;
  }
  q.param_names = false;
  return std::string(f->name.text()) + write_signature(func_signature(f), q);
}

std::string Checker::object_kind(Object* o) {
  switch (o->kind) {
    case ObjectKind::PkgName: return "package name";
    case ObjectKind::Const: return "constant";
    case ObjectKind::TypeName:
      if (o->type && is_type_param(o->type) && !static_cast<TypeName*>(o)->is_alias) return "type parameter";
      return static_cast<TypeName*>(o)->is_alias ? "type alias" : "defined type";
    case ObjectKind::Var: {
      auto* v = static_cast<Var*>(o);
      if (v->is_field) return "struct field";
      if (v->is_result) return "result variable";
      if (v->is_param) return env_.sig && env_.sig->recv == v ? "receiver" : "parameter";
      return v->order ? "package-level variable" : "local variable";
    }
    case ObjectKind::Func:
      return static_cast<Func*>(o)->sig() && static_cast<Func*>(o)->sig()->recv ? "method" : "function";
    case ObjectKind::Label: return "label";
    case ObjectKind::Builtin: return "built-in function";
    case ObjectKind::Nil: return "untyped nil";
  }
  return "";
}

// "var x int", for notes.
std::string Checker::object_string(Object* o) {
  const char* word = o->kind == ObjectKind::Const      ? "const"
                     : o->kind == ObjectKind::TypeName ? "type"
                                                       : "var";
  if (o->kind == ObjectKind::Func)
    return "func " + std::string(o->name.text()) + write_signature(static_cast<Func*>(o)->sig(), qualifier_);
  return fmt::format("{} {} {}", word, o->name.text(),
                     o->type ? str(o->kind == ObjectKind::TypeName ? o->type->underlying() : o->type) : "");
}

// ---- names --------------------------------------------------------------------------------------

Symbol* Checker::find_symbol(Name n) {
  auto it = symbols_.find(n);
  return it == symbols_.end() ? nullptr : it->second;
}
Symbol* Checker::symbol(Name n) {
  auto [it, fresh] = symbols_.try_emplace(n, nullptr);
  if (fresh) {
    it->second = scratch_.make<Symbol>();
    it->second->name = n;
  }
  return it->second;
}

Object* Checker::lookup(Name n, PkgName** dot_import) {
  Symbol* s = find_symbol(n);
  if (!s) return nullptr;
  if (s->local >= static_cast<i32>(env_.local_base)) return locals_[static_cast<size_t>(s->local)].obj;
  for (auto* f = s->files; f; f = f->next) {
    if (f->file != env_.file) continue;
    if (dot_import) *dot_import = f->dot_import;
    return f->obj;
  }
  return s->package ? s->package : s->universe;
}

void Checker::close_scope(ScopeMark m) {
  for (size_t i = locals_.size(); i-- > scope_start_;) locals_[i].sym->local = locals_[i].shadowed;
  locals_.resize(scope_start_);
  scope_start_ = m.start;
}

void Checker::redeclared(Object* obj, Object* alt) {
  Report r;
  r.add(obj->pos, fmt::format("{} redeclared in this block", obj->name.text()));
  if (alt->pos.known()) r.add(alt->pos, fmt::format("other declaration of {}", alt->name.text()));
  report(r);
}

void Checker::declare_local(Object* obj, bool silent) {
  if (obj->name == "_") return;
  Symbol* s = symbol(obj->name);
  if (s->local >= static_cast<i32>(scope_start_)) {
    if (!silent) redeclared(obj, locals_[static_cast<size_t>(s->local)].obj);
    return;
  }
  locals_.push_back({s, obj, s->local});
  s->local = static_cast<i32>(locals_.size()) - 1;
  if (auto* v = obj->as<Var>(); v && env_.func && !v->is_param && !v->is_result)
    env_.func->locals.push_back(v);
}

void Checker::declare_file(FileInfo* file, Object* obj, PkgName* dot_import) {
  Symbol* s = symbol(obj->name);
  for (auto* f = s->files; f; f = f->next) {
    if (f->file != file) continue;
    if (dot_import) {
      Report r;
      r.add(dot_import->pos, fmt::format("{} redeclared in this block", obj->name.text()));
      if (f->obj->pos.known()) r.add(f->obj->pos, fmt::format("other declaration of {}", obj->name.text()));
      report(r);
    } else {
      redeclared(obj, f->obj);
    }
    return;
  }
  s->files = scratch_.make<Symbol::FileObject>(file, obj, dot_import, s->files);
  file_objects_.push_back({file, obj, dot_import});
}

Var* Checker::new_var(Pos pos, Name name, Type* type) { return new_object<Var>(pos, name, type); }
Var* Checker::new_local(syntax::Ident* id) {
  Var* v = new_var(id->pos, id->name, nullptr);
  v->owner = env_.func ? env_.func->node : nullptr;
  if (id->name != "_") id->obj = v;
  return v;
}

void Checker::add_dep(Object* to) {
  if (!env_.decl || !to->order || to->pkg != pkg_) return;
  DeclInfo* d = decls_[to->order - 1];
  u32 from = env_.decl->obj->order;
  if (d->last_from == from) return;
  d->last_from = from;
  env_.decl->deps.push_back(to->order);
}

// ---- what becomes of local variables ------------------------------------------------------------

// A use of v here: functions between here and its owner capture it.
void Checker::note_use(Var* v) {
  if (!v->owner) return;
  for (FuncContext* f = env_.func; f && f->node != v->owner; f = f->outer) {
    v->captured = true;
    for (Var* c : f->captures)
      if (c == v) return;
    f->captures.push_back(v);
  }
}

// The variable that x is part of (through fields and array elements, not through pointers), if any.
static Var* root_variable(Expr* x) {
  for (;;) {
    x = syntax::unparen(x);
    if (auto* id = x->as<syntax::Ident>()) return id->obj ? id->obj->as<Var>() : nullptr;
    if (auto* s = x->as<syntax::SelectorExpr>()) {
      if (!s->selection || s->selection->kind != Selection::Field || s->selection->indirect) return nullptr;
      x = s->x;
    } else if (auto* i = x->as<syntax::IndexExpr>()) {
      if (!i->x->type || i->x->type->underlying()->kind != TypeKind::Array) return nullptr;
      x = i->x;
    } else {
      return nullptr;
    }
  }
}
void Checker::note_write(Expr* lhs) {
  if (Var* v = root_variable(lhs)) v->reassigned = true;
}
void Checker::note_address(Expr* x) {
  if (Var* v = root_variable(x)) v->address_taken = true;
}

// ---- hooks --------------------------------------------------------------------------------------

void Checker::want_signature(Func* f) {
  if (f->pkg == pkg_ && f->order) obj_decl(f);
}
void Checker::new_instance_methods(Named* n) { pending_methods_.push_back(n); }
void Checker::renamed(TypeParam* fresh, TypeParam* original) {
  auto it = mono_canon_.find(original);
  mono_canon_[fresh] = it == mono_canon_.end() ? original : it->second;
}
}  // namespace vole::types
