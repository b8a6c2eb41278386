// Link strings and reflect strings of types, in gc's formats.
#include <algorithm>
#include <charconv>

#include "irgen/unit.h"
#include "object/link_name.h"

namespace vole::irgen {
using namespace types;

static void append_int(std::string& out, i64 n) {
  char buf[24];
  auto r = std::to_chars(buf, buf + sizeof buf, n);
  out.append(buf, r.ptr);
}

void append_package_prefix(std::string& out, const Package* pkg) {
  if (pkg->name == "main") out += "main";
  else object::append_link_path(out, pkg->path.text());
}

std::string package_prefix(const Package* pkg) {
  std::string s;
  append_package_prefix(s, pkg);
  return s;
}

std::string quote(std::string_view s) {
  std::string out = "\"";
  constexpr char Hex[] = "0123456789abcdef";
  for (char ch : s) {
    u8 c = static_cast<u8>(ch);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      default:
        if (c < ' ' || c == 0x7f) {
          out += "\\x";
          out += Hex[c >> 4];
          out += Hex[c & 15];
        } else {
          out += ch;
        }
    }
  }
  out += '"';
  return out;
}

static void append_whole(std::string& out, Type* t, bool link);

static void append_params(std::string& out, std::span<Var*> params, bool variadic, bool link) {
  out += '(';
  for (size_t i = 0; i < params.size(); i++) {
    if (i) out += ", ";
    if (variadic && i + 1 == params.size()) {
      out += "...";
      Type* last = params[i]->type;
      if (auto* s = under(last)->as<Slice>()) append_type(out, s->elem, link);
      else append_type(out, last, link);
    } else {
      append_type(out, params[i]->type, link);
    }
  }
  out += ')';
}

static void append_signature(std::string& out, Signature* sig, bool link) {
  append_params(out, sig->params, sig->variadic, link);
  if (sig->results.size() == 1) {
    out += ' ';
    append_type(out, sig->results[0]->type, link);
  } else if (sig->results.size() > 1) {
    out += ' ';
    append_params(out, sig->results, false, link);
  }
}

static void append_struct(std::string& out, Struct* s, bool link) {
  out += "struct {";
  for (size_t i = 0; i < s->fields.size(); i++) {
    Var* f = s->fields[i];
    if (i) out += ';';
    out += ' ';
    bool show = !f->embedded;
    const char* sep = " ";
    if (f->embedded && link) {
      // An embedded alias keeps its own name: struct { Int = int }.
      Type* t = unalias(f->type);
      if (auto* p = t->as<Pointer>()) t = unalias(p->elem);
      Object* named = nullptr;
      if (auto* n = t->as<Named>()) named = n->obj;
      // An embedded int is a field that belongs to its package, although its type does not.
      bool match = named ? named->name == f->name && (named->pkg == f->pkg || f->exported())
                         : t->kind == TypeKind::Basic && f->exported() && t->cast<Basic>()->name == f->name;
      if (!match) show = true, sep = " = ";
    }
    if (show) {
      if (link && !f->exported() && f->pkg) {
        append_package_prefix(out, f->pkg);
        out += '.';
      }
      out += f->name.text();
      out += sep;
    }
    append_type(out, f->type, link);
    if (i < s->tags.size() && !s->tags[i].empty()) {
      out += ' ';
      out += quote(s->tags[i].text());
    }
  }
  out += s->fields.empty() ? "}" : " }";
}

// The text of a type that is part of another one. Long texts are replaced by a hash, or those of nested types
// would take space by the square of their depth.
void append_type(std::string& out, Type* t, bool link) {
  constexpr size_t MaxPart = 4096;
  t = unalias(t);
  size_t start = out.size();
  bool composite =
      t->kind == TypeKind::Struct || t->kind == TypeKind::Signature || t->kind == TypeKind::Interface;
  if (composite && !t->has_tparams) {
    const TypeInfo* ti = info(t);  // kept there: a type may be part of others many times over
    out += (link ? link_string(ti) : reflect_name(ti)).text();
  } else {
    append_whole(out, t, link);
  }
  if (out.size() - start <= MaxPart) return;
  std::string hash = content_name(std::string_view(out).substr(start));
  out.resize(start);
  out += "..." + hash;
}

static void append_whole(std::string& out, Type* t, bool link) {
  switch (t->kind) {
    case TypeKind::Basic: {
      BasicKind k = t->cast<Basic>()->basic;
      if (k == BasicKind::UnsafePointer || k == BasicKind::UntypedNil) out += "unsafe.Pointer";
      else if (k == BasicKind::UntypedBool) out += "bool";
      else if (k == BasicKind::UntypedInt) out += "int";
      else if (k == BasicKind::UntypedRune) out += "int32";
      else if (k == BasicKind::UntypedFloat) out += "float64";
      else if (k == BasicKind::UntypedComplex) out += "complex128";
      else if (k == BasicKind::UntypedString) out += "string";
      else if (k == BasicKind::Uint8) out += "uint8";
      else if (k == BasicKind::Int32) out += "int32";
      else out += t->cast<Basic>()->name.text();
      break;
    }
    case TypeKind::Pointer:
      out += '*';
      append_type(out, t->cast<Pointer>()->elem, link);
      break;
    case TypeKind::Slice:
      out += "[]";
      append_type(out, t->cast<Slice>()->elem, link);
      break;
    case TypeKind::Array:
      out += '[';
      append_int(out, t->cast<Array>()->len);
      out += ']';
      append_type(out, t->cast<Array>()->elem, link);
      break;
    case TypeKind::Map:
      out += "map[";
      append_type(out, t->cast<Map>()->key, link);
      out += ']';
      append_type(out, t->cast<Map>()->elem, link);
      break;
    case TypeKind::Chan: {
      auto* c = t->cast<Chan>();
      if (c->dir == syntax::ChanType::RecvOnly) {
        out += "<-chan ";
      } else if (c->dir == syntax::ChanType::SendOnly) {
        out += "chan<- ";
      } else {
        out += "chan ";
        auto* inner = unalias(c->elem)->as<Chan>();
        if (inner && inner->dir == syntax::ChanType::RecvOnly) {
          out += '(';
          append_type(out, c->elem, link);
          out += ')';
          break;
        }
      }
      append_type(out, c->elem, link);
      break;
    }
    case TypeKind::Struct: append_struct(out, t->cast<Struct>(), link); break;
    case TypeKind::Signature:
      out += "func";
      append_signature(out, t->cast<Signature>(), link);
      break;
    case TypeKind::Interface: {
      auto methods = t->cast<Interface>()->all_methods();
      out += "interface {";
      for (size_t i = 0; i < methods.size(); i++) {
        out += i ? "; " : " ";
        Func* m = methods[i];
        if (!m->exported() && m->pkg) {
          if (link) append_package_prefix(out, m->pkg);
          else out += m->pkg->name.text();
          out += '.';
        }
        out += m->name.text();
        append_signature(out, m->sig(), link);
      }
      out += methods.empty() ? "}" : " }";
      break;
    }
    case TypeKind::Named: {
      auto* n = t->cast<Named>();
      if (n->obj->pkg) {
        if (link) append_package_prefix(out, n->obj->pkg);
        else out += n->obj->pkg->name.text();
        out += '.';
      }
      out += n->obj->name.text();
      if (!n->targs.empty()) {
        out += '[';
        // Arguments of the function around a local type come first.
        size_t implicit = n->origin ? n->origin->implicit_tparams.size() : 0;
        for (size_t i = 0; i < n->targs.size(); i++) {
          if (i) out += i == implicit ? ';' : ',';
          append_type(out, n->targs[i], true);
        }
        out += ']';
      }
      if (u32 index = (n->origin ? n->origin : n)->local_index; link && index) {
        out += "\xc2\xb7";
        append_int(out, index);
      }
      break;
    }
    case TypeKind::TypeParam: out += t->cast<TypeParam>()->obj->name.text(); break;
    case TypeKind::Tuple: append_params(out, t->cast<Tuple>()->vars, false, link); break;
    default: VOLE_UNREACHABLE("type in a link string");
  }
}

static Name known_text(const TypeInfo* t, std::atomic<const NameEntry*>& slot, bool link) {
  if (const NameEntry* e = slot.load(std::memory_order_acquire)) return Name(e);
  std::string s;
  append_whole(s, unalias(t->type), link);
  Name n = Name::intern(s);
  slot.store(n.entry(), std::memory_order_release);
  return n;
}
Name link_string(const TypeInfo* t) { return known_text(t, t->link_name, true); }
Name reflect_name(const TypeInfo* t) { return known_text(t, t->reflect_name, false); }
}  // namespace vole::irgen
