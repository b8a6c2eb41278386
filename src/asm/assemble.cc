// Functions and data of one file. Statements of a function are collected up to the next TEXT and encoded by
// asm/encode.cc; DATA and GLOBL fill data symbols.
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "asm/encode.h"
#include "asm/parser.h"
#include "object/link_name.h"

namespace vole::assembler {
namespace {
// clang-format off
enum TextFlag : i64 {
  DupOk = 2, NoSplit = 4, RoData = 8, NoPtr = 16, Wrapper = 32, NeedCtxt = 64, TlsBss = 256, NoFrame = 512,
  ReflectMethod = 1024, TopFrame = 2048
};
// clang-format on

struct File {
  Name path;
  const Options& options;
  object::Object& object;
  diag::Diagnostics& diags;
  u32 pos_base;
  Scope scope;
  struct Data {
    std::vector<u8> bytes;
    std::vector<object::Reloc> relocs;
  };
  absl::flat_hash_map<object::Symbol*, Data> data;
  std::vector<object::Symbol*> data_order;
  bool ok = true;

  void error(const Statement& s, std::string_view what) {
    diags.report(diag::Code::Syntax, Pos(pos_base, s.line, s.col), "{}", what);
    ok = false;
  }

  void define_data(const Statement& s) {
    if (s.args.size() != 2 || s.args[0].kind != Operand::Mem || !s.args[0].symbol)
      return error(s, "expected DATA name+offset(SB)/width, value");
    const Operand &name = s.args[0], &v = s.args[1];
    if (s.width == 0 || s.width > 64 || name.disp < 0 || name.disp > (1 << 26))
      return error(s, "bad width or offset in DATA");
    object::Symbol* sym = scope.symbol(name, false);
    auto [it, fresh] = data.try_emplace(sym);
    if (fresh) data_order.push_back(sym);
    Data& d = it->second;
    u64 at = static_cast<u64>(name.disp);
    if (d.bytes.size() < at + s.width) d.bytes.resize(at + s.width);
    switch (v.kind) {
      case Operand::Imm: std::memcpy(d.bytes.data() + at, &v.imm, std::min<u64>(s.width, 8)); break;
      case Operand::Float:
        if (s.width == 4) {
          float x = static_cast<float>(v.real);
          std::memcpy(d.bytes.data() + at, &x, 4);
        } else if (s.width == 8) {
          std::memcpy(d.bytes.data() + at, &v.real, 8);
        } else {
          error(s, "bad width of a floating-point number");
        }
        break;
      case Operand::String:
        std::memcpy(d.bytes.data() + at, v.text.data(), std::min<u64>(s.width, v.text.size()));
        break;
      case Operand::Addr:
        if (!v.symbol || s.width != 8) return error(s, "an address needs 8 bytes");
        d.relocs.push_back({static_cast<u32>(at), object::RelocKind::Abs64, scope.symbol(v, false), v.disp});
        break;
      default: error(s, "bad value in DATA");
    }
  }

  void define_global(const Statement& s) {
    if (s.args.size() < 2 || s.args[0].kind != Operand::Mem || !s.args[0].symbol)
      return error(s, "expected GLOBL name(SB), flags, $size");
    i64 flags = s.args.size() == 3 ? s.args[1].imm : 0;
    i64 size = s.args.back().imm;
    if (size < 0 || s.args.back().kind != Operand::Imm) return error(s, "bad size in GLOBL");
    if (flags & TlsBss) return;
    object::Symbol* sym = scope.symbol(s.args[0], false);
    sym->kind = flags & RoData ? object::SymKind::RoData
                               : object::SymKind::NoPtrBss;  // with DATA, before or after, NoPtrData
    sym->size = static_cast<u64>(size);
    sym->dupok = flags & DupOk;
    sym->align = size >= 64 ? 64 : size >= 32 ? 32 : size >= 16 ? 16 : size >= 8 ? 8 : 1;
  }

  void finish_data() {
    for (object::Symbol* sym : data_order) {
      Data& d = data[sym];
      if (sym->kind == object::SymKind::Undef) {
        diags.report(diag::Code::Syntax, Pos(pos_base, 1, 1), "DATA for {} without GLOBL", sym->name.text());
        ok = false;
        continue;
      }
      if (d.bytes.size() > sym->size) {
        diags.report(diag::Code::Syntax, Pos(pos_base, 1, 1), "DATA for {} goes beyond the size GLOBL gives",
                     sym->name.text());
        ok = false;
        continue;
      }
      if (sym->kind == object::SymKind::NoPtrBss) sym->kind = object::SymKind::NoPtrData;
      sym->bytes = object.copy_bytes(d.bytes);
      sym->relocs = std::move(d.relocs);
      std::sort(sym->relocs.begin(), sym->relocs.end(), [](auto& a, auto& b) { return a.offset < b.offset; });
    }
  }

  bool run(const std::vector<Token>& tokens) {
    // Functions first by name, so that addresses of them are known as code wherever they stand.
    std::vector<Statement> statements;
    Parser p(tokens, options.package, diags, pos_base);
    for (Statement s; p.next(s);) {
      if (s.op == "TEXT" && s.args[0].symbol) scope.text_names.insert(s.args[0].symbol);
      statements.push_back(std::move(s));
    }
    Function f;
    bool in_function = false;
    auto flush = [&] {
      if (in_function) ok &= encode_function(f, scope, object, diags, pos_base);
      in_function = false;
    };
    for (Statement& s : statements) {
      if (s.op == "TEXT") {
        flush();
        if (!s.args[0].symbol || s.args[0].kind != Operand::Mem) {
          error(s, "TEXT needs a symbol(SB)");
          continue;
        }
        i64 flags = s.args[1].imm;
        f = Function();
        f.symbol = scope.symbol(s.args[0], true);
        f.frame = s.frame;
        f.args =
            s.has_args && s.frame_args != static_cast<i64>(0x80000000) ? static_cast<u32>(s.frame_args) : 0;
        f.line = s.line;
        f.no_split = flags & NoSplit;
        f.no_frame = flags & NoFrame;
        f.top_frame = flags & TopFrame;
        f.needs_ctxt = flags & NeedCtxt;
        f.abi_internal = s.args[0].abi_internal;
        f.symbol->dupok = flags & DupOk;
        f.symbol->wrapper = flags & Wrapper;
        f.symbol->reflect_method = flags & ReflectMethod;
        f.symbol->abi0 = !f.abi_internal;
        in_function = true;
      } else if (s.op == "DATA") {
        define_data(s);
      } else if (s.op == "GLOBL") {
        define_global(s);
      } else if (in_function) {
        f.body.push_back(std::move(s));
      } else if (s.op != "END") {
        error(s, fmt::format("{} outside a function", s.op));
      }
    }
    flush();
    finish_data();
    return ok && !p.failed();
  }
};
}  // namespace

// Symbols of this file: local ones by their own name, functions with the suffix of their calling convention.
object::Symbol* Scope::symbol(const Operand& o, bool code) {
  if (o.local_symbol) {
    auto [it, fresh] = locals.try_emplace(o.symbol, nullptr);
    if (fresh) it->second = object->make_local(o.symbol);
    return it->second;
  }
  bool is_code = code || text_names.contains(o.symbol);
  object::Symbol* s = is_code && !o.abi_internal ? object->get(std::string(o.symbol.text()) + ".abi0")
                                                 : object->get(o.symbol);
  // What assembly takes from other packages is checked as what //go:linkname takes.
  if (s->kind == object::SymKind::Undef && object::package_of(o.symbol.text()) != package) s->linkname = true;
  return s;
}

bool assemble(Name path, std::string_view text, const Options& options, object::Object& object,
              diag::Diagnostics& diags) {
  u32 base = source::add_pos_base({.shown = path, .path = path, .hide_column = true});
  CrashNote note("asm", path.text().data(), path.text().size());
  Preprocessor pre(options, diags, base, false);
  std::vector<Token> tokens;
  if (!pre.run(path.text(), text, tokens)) return false;
  File f{path, options, object, diags, base, {}, {}, {}};
  f.scope.object = &object;
  f.scope.package = options.package.text();
  f.scope.listing = options.listing;
  return f.run(tokens);
}

bool scan_symabis(Name path, std::string_view text, const Options& options, SymAbis& out,
                  diag::Diagnostics& diags) {
  u32 base = source::add_pos_base({.shown = path, .path = path, .hide_column = true});
  Preprocessor pre(options, diags, base, true);
  std::vector<Token> tokens;
  if (!pre.run(path.text(), text, tokens)) return false;
  // Constants may be unknown here (go_asm.h does not exist yet), so statements are not parsed: every name in
  // front of (SB) counts.
  absl::flat_hash_set<Name> seen[4];
  std::vector<Name>* lists[4] = {&out.abi0_defs, &out.abiinternal_defs, &out.abi0_refs,
                                 &out.abiinternal_refs};
  for (size_t i = 0; i < tokens.size();) {
    size_t e = i;
    while (tokens[e].kind != Tok::Newline && tokens[e].kind != Tok::End && !tokens[e].is(";")) e++;
    size_t b = i;
    while (b + 1 < e && tokens[b].kind == Tok::Ident && tokens[b + 1].is(":")) b += 2;
    std::string_view op = b < e ? tokens[b].text : std::string_view();
    if (op != "GLOBL" && op != "FUNCDATA") {
      bool def = op == "TEXT";
      for (size_t k = b + 1; k < e; k++) {
        if (tokens[k].kind != Tok::Ident) continue;
        // name [<ABI>] [+-offset] (SB)
        size_t q = k + 1;
        bool internal = false, local = false;
        std::string whole(tokens[k].text);
        while (q + 1 < e && tokens[q].is(".") && tokens[q + 1].kind == Tok::Ident && !tokens[q].space) {
          whole += ".";
          whole += tokens[q + 1].text;
          q += 2;
        }
        if (q < e && tokens[q].is("<")) {
          local = q + 1 < e && tokens[q + 1].is(">");
          internal = q + 1 < e && tokens[q + 1].text == "ABIInternal";
          while (q < e && !tokens[q].is(">")) q++;
          q++;
        }
        while (q < e && (tokens[q].is("+") || tokens[q].is("-") || tokens[q].kind == Tok::Int)) q++;
        if (q + 1 >= e || !tokens[q].is("(") || tokens[q + 1].text != "SB") continue;
        bool first = def;
        def = false;
        if (local) continue;
        std::vector<Token> one;
        Parser p(one, options.package, diags, base);
        Name name = p.name_of(whole);
        int which = (first ? 0 : 2) + (internal ? 1 : 0);
        if (seen[which].insert(name).second) lists[which]->push_back(name);
      }
    }
    i = e + 1;
  }
  return true;
}
}  // namespace vole::assembler
