// The second half of reading a package from export data: its generic functions come as source text and are
// declared and checked here, against the package's objects. What is computed on demand is computed, so that
// the package is immutable afterwards.
#include <algorithm>

#include "types/check.h"
#include "types/checker.h"

namespace vole::types {
using namespace syntax;

void restore(Package& pkg, std::vector<std::unique_ptr<File>> files, const Config& config,
             diag::Diagnostics& diags) {
  Checker checker(&pkg, config, diags);
  checker.restore(std::move(files));
}

// The function or method of the package that `d` declares.
Func* Checker::restored_func(FuncDecl* d) {
  if (!d->recv) {
    Object* o = pkg_->scope->lookup(d->name->name);
    return o ? o->as<Func>() : nullptr;
  }
  auto* base = unpack_recv(d->recv->type_expr).base->as<Ident>();
  Object* o = base ? pkg_->scope->lookup(base->name) : nullptr;
  Named* n = o && o->type ? as_named(o->type) : nullptr;
  if (!n) return nullptr;
  for (Func* m : n->methods_)
    if (m->name == d->name->name) return m;
  return nullptr;
}

void Checker::restore(std::vector<std::unique_ptr<File>> files) {
  limit_depth();
  module_version_ = minor_version(pkg_->go_version.text());
  for (auto& [name, obj] : universe()->elems) symbol(name)->universe = obj;
  for (auto& [name, obj] : pkg_->scope->elems) symbol(name)->package = obj;
  std::vector<Package*> imports = pkg_->imports;
  for (auto& file : files) {
    auto* f = scratch_.make<FileInfo>(file.get(), module_version_, static_cast<u32>(files_.size()));
    if (int v = minor_version(file->go_version.text())) f->version = std::max(v, 21);
    files_.push_back(f);
    env_.file = f;
    env_.version = f->version;
    for (Decl* decl : file->decls) {
      if (auto* i = decl->as<ImportDecl>()) collect_import(i, f);
      auto* d = decl->as<FuncDecl>();
      if (!d) continue;
      Func* obj = restored_func(d);
      if (!obj || obj->type) {
        error(d->name->pos, "a function that the package does not have");
        return;
      }
      d->pragma = obj->pragma;
      d->obj = obj;
      d->name->obj = obj;
      obj->decl = d;
      obj->file = f->file;
      obj->pos = d->name->pos;
      add_decl(obj, f)->fdecl = d;
    }
    pkg_->files.push_back(std::move(file));
  }
  pkg_->imports = imports;
  for (size_t i = 0; i < decls_.size(); i++) obj_decl(decls_[i]->obj);
  env_ = {};
  process_delayed(0);
  for (auto& [name, obj] : pkg_->scope->elems) {
    Named* n = obj->kind == ObjectKind::TypeName && obj->type ? obj->type->as<Named>() : nullptr;
    if (n) named_.push_back(n);
  }
  finish_package();
  pkg_->type_names.clear();  // of interest only where a package is compiled
  pkg_->complete = true;
  for (DeclInfo* d : decls_) d->~DeclInfo();
}
}  // namespace vole::types
