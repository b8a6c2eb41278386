// The textual form's reader.
//
//   file    := { func | data }
//   data    := "data" symbol INT                                  a zeroed data symbol of INT bytes, to refer
//              to
//   func    := "func" symbol sig { "!" flag } [ "deferreturn=" block ] "{" { var } { block } "}"
//   sig     := "(" [ loc { "," loc } ] ")" [ "->" "(" [ loc {"," loc} ] ")" ] { "stack=" INT | "results=" INT
//              | "spill=" INT "," INT | "ptrs=[" INT.. "]" | "abi0" }
//   loc     := type [ ":" ("r" reg ["+" spill offset] | "s" offset) ]    without a place: the next register
//              of its class, and room behind the last one
//   var     := "var" STRING STRING [ "param" ]
//   block   := "b" N [ "(" value ":" type { "," value ":" type } ")" ] [ "cold" ] ":" { inst }
//   inst    := [ value [ ":" type ] "=" ] op [ "." cond ] [ symbol [","] ] [ value { "," value } ] { "#" INT
//              | "size=" INT | "var=" INT
//              | "layout(" size "," align [ "," 0/1 per word ] [ "," symbol ] ")" | "sig" sig ";" | "!" flag
//              | "inl=" INT | "at" line ":" col }
//              [ "->" edge { "," edge } ]
//   edge    := block [ "(" value { "," value } ")" ]
//   symbol  := "@" STRING or @ followed by a word;  value := "v" N;  types i8 i16 i32 i64 f32 f64 ptr;  //
//              comments to the end of the line
#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "ssa/ssa.h"
#include "ssa/text.h"

namespace vole::ssa {
namespace {
struct Parser {
  std::string_view text;
  object::Object& object;
  std::string& error;
  size_t at = 0;
  u32 line = 1;
  bool failed = false;
  Func* f = nullptr;
  u32 pos_base = 0;
  absl::flat_hash_map<u32, Value*> values;
  absl::flat_hash_map<u32, Block*> blocks;
  struct Fix {
    Value** slot;
    u32 id, line;
  };
  struct EdgeFix {
    Block* from;
    u32 succ, index, id, line;
  };
  std::vector<Fix> fixes;
  std::vector<EdgeFix> edge_fixes;

  bool fail(std::string_view what) {
    if (!failed) error = fmt::format("{}: {}", line, what);
    failed = true;
    return false;
  }
  void skip() {
    while (at < text.size()) {
      char c = text[at];
      if (c == '\n') line++;
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else if (text.substr(at, 2) == "//") {
        while (at < text.size() && text[at] != '\n') at++;
      } else {
        break;
      }
    }
  }
  bool peek(std::string_view tok) {
    skip();
    return text.substr(at, tok.size()) == tok;
  }
  bool accept(std::string_view tok) {
    if (!peek(tok)) return false;
    bool wordy = isalnum(static_cast<unsigned char>(tok.back())) || tok.back() == '_';
    if (wordy && at + tok.size() < text.size() &&
        (isalnum(static_cast<unsigned char>(text[at + tok.size()])) || text[at + tok.size()] == '_'))
      return false;
    at += tok.size();
    return true;
  }
  bool expect(std::string_view tok) { return accept(tok) || fail(fmt::format("expected '{}'", tok)); }
  std::string_view word() {
    skip();
    size_t b = at;
    while (at < text.size() && (isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_')) at++;
    return text.substr(b, at - b);
  }
  i64 integer() {
    skip();
    bool neg = at < text.size() && text[at] == '-';
    size_t b = at + neg;
    int base = 10;
    if (text.substr(b, 2) == "0x") base = 16, b += 2;
    u64 v = 0;
    auto r = std::from_chars(text.data() + b, text.data() + text.size(), v, base);
    if (r.ec != std::errc()) {
      fail("expected a number");
      return 0;
    }
    at = static_cast<size_t>(r.ptr - text.data());
    return static_cast<i64>(neg ? 0 - v : v);
  }
  std::string_view string() {
    skip();
    if (at >= text.size() || text[at] != '"') {
      fail("expected a string");
      return {};
    }
    size_t e = text.find('"', at + 1);
    if (e == text.npos) {
      fail("string without end");
      return {};
    }
    auto r = text.substr(at + 1, e - at - 1);
    at = e + 1;
    return r;
  }
  Symbol* symbol() {
    if (!expect("@")) return nullptr;
    if (at < text.size() && text[at] == '"') return object.get(string());
    size_t b = at;
    while (at < text.size() &&
           (isalnum(static_cast<unsigned char>(text[at])) || strchr("_.:*/$%-", text[at])))
      at++;
    if (b == at) return fail("expected a symbol name"), nullptr;
    return object.get(text.substr(b, at - b));
  }
  Ty type() {
    std::string_view w = word();
    for (int i = 1; i < 8; i++) {
      if (w == ty_text(static_cast<Ty>(i))) return static_cast<Ty>(i);
    }
    fail(fmt::format("unknown type '{}'", w));
    return Ty::I64;
  }
  u32 numbered(char c) {
    skip();
    if (at < text.size() && text[at] == c && at + 1 < text.size() &&
        isdigit(static_cast<unsigned char>(text[at + 1]))) {
      at++;
      return static_cast<u32>(integer());
    }
    fail(fmt::format("expected {}N", c));
    return 0;
  }
  Block* block_ref() {
    u32 id = numbered('b');
    auto [it, fresh] = blocks.try_emplace(id, nullptr);
    if (fresh) {
      Block* b = f->arena.make<Block>();
      b->id = id;
      b->func = f;
      it->second = b;
      f->next_block = std::max(f->next_block, id + 1);
    }
    return it->second;
  }

  // Arguments have places in the spill area: `with_spill`. One that names none gets the next.
  std::span<ArgLoc> locs(bool with_spill, u32& spill_size) {
    std::vector<ArgLoc> list;
    u8 ints = 0, floats = 0;
    auto next_place = [&](ArgLoc& a) {
      u32 sz = std::max(size_of(a.ty), 1u);
      spill_size = (spill_size + sz - 1) / sz * sz;
      if (with_spill) a.stack_offset = spill_size;
      spill_size += sz;
    };
    expect("(");
    while (!failed && !peek(")")) {
      ArgLoc a{};
      a.ty = type();
      a.in_reg = true;
      if (accept(":")) {
        skip();
        char c = at < text.size() ? text[at++] : 0;
        if (c == 'r') {
          a.reg = static_cast<u8>(integer());
          if (at < text.size() && text[at] == '+') {
            at++;
            a.stack_offset = static_cast<u32>(integer());
            spill_size = std::max(spill_size, a.stack_offset + size_of(a.ty));
          } else {
            next_place(a);
          }
        } else if (c == 's') {
          a.in_reg = false;
          a.stack_offset = static_cast<u32>(integer());
        } else {
          fail("expected r or s");
        }
      } else {
        a.reg = is_float(a.ty) ? floats : ints;
        next_place(a);
      }
      if (a.in_reg) (is_float(a.ty) ? floats : ints)++;
      list.push_back(a);
      if (!accept(",")) break;
    }
    expect(")");
    return f->arena.copy(list);
  }
  Sig* sig() {
    Sig* g = f->arena.make<Sig>();
    u32 spill = 0, none = 0;
    g->args = locs(true, spill);
    g->spill_size = (spill + 7) & ~7u;
    if (accept("->")) g->results = locs(false, none);
    for (;;) {
      if (accept("stack=")) {
        g->stack_args = static_cast<u32>(integer());
        if (!g->spill_offset) g->spill_offset = g->stack_args;
      } else if (accept("results=")) {
        g->stack_results_offset = static_cast<u32>(integer());
      } else if (accept("spill=")) {
        g->spill_offset = static_cast<u32>(integer());
        expect(",");
        g->spill_size = static_cast<u32>(integer());
      } else if (accept("ptrs=[")) {
        std::vector<u32> p;
        while (!failed && !peek("]")) {
          p.push_back(static_cast<u32>(integer()));
          if (!accept(",")) break;
        }
        expect("]");
        g->stack_ptr_offsets = f->arena.copy(p);
      } else if (accept("abi0")) {
        g->abi0 = true;
      } else {
        return g;
      }
    }
  }
  const Layout* layout() {
    Layout* l = f->arena.make<Layout>();
    l->size = integer();
    expect(",");
    l->align = static_cast<u32>(integer());
    while (!failed && accept(",")) {
      if (peek("@")) {
        l->type = symbol();
        continue;
      }
      std::string_view bits = word();
      auto mask = f->arena.make_span<u8>((bits.size() + 7) / 8);
      for (size_t i = 0; i < bits.size(); i++) {
        if (bits[i] == '1') mask[i / 8] = static_cast<u8>(mask[i / 8] | 1u << (i % 8)), l->ptr_words = i + 1;
      }
      l->ptr_mask = mask;
    }
    expect(")");
    return l;
  }
  void define(u32 id, Value* v) {
    v->id = id;
    f->next_value = std::max(f->next_value, id + 1);
    if (!values.try_emplace(id, v).second) fail(fmt::format("v{} defined twice", id));
  }

  static Op find_op(std::string_view w, bool& ok) {
    for (int i = 0; i <= static_cast<int>(Op::Unreachable); i++) {
      if (w == op_info(static_cast<Op>(i)).text) return static_cast<Op>(i);
    }
    ok = false;
    return Op::Jump;
  }

  void inst(Block* b) {
    Ty ty = Ty::None;
    bool named = false;
    u32 id = 0;
    skip();
    if (text[at] == 'v' && at + 1 < text.size() && isdigit(static_cast<unsigned char>(text[at + 1]))) {
      id = numbered('v');
      named = true;
      if (accept(":")) ty = type();
      expect("=");
    }
    std::string_view w = word();
    bool ok = true;
    Op op = find_op(w, ok);
    if (!ok) {
      fail(fmt::format("unknown operation '{}'", w));
      return;
    }
    Value* v = new (f->arena.allocate(sizeof(Value), alignof(Value))) Value();
    v->op = op;
    v->ty = ty;
    if (named) define(id, v);
    auto sub = [&](auto& names) {
      if (!expect(".")) return;
      std::string_view n = word();
      u8 i = 0;
      for (const char* t : names) {
        if (n == t) {
          v->sub = i;
          return;
        }
        i++;
      }
      fail(fmt::format("unknown condition '{}'", n));
    };
    if (op == Op::ICmp || op == Op::FCmp) sub(text::CondNames);
    if (op == Op::Bounds) sub(text::BoundsNames);
    u32 inst_line = line;  // operands stand on the line of their operation
    if (op == Op::SymAddr || op == Op::Call || op == Op::TailCall) {
      v->sym = symbol();
      accept(",");
    }
    std::vector<u32> args;
    skip();
    while (!failed && line == inst_line && text[at] == 'v' && at + 1 < text.size() &&
           isdigit(static_cast<unsigned char>(text[at + 1]))) {
      args.push_back(numbered('v'));
      if (!accept(",")) break;
      skip();
    }
    if (!args.empty()) {
      std::vector<Value*> none(args.size(), nullptr);
      f->set_args(v, none);
      for (size_t i = 0; i < args.size(); i++) fixes.push_back({&v->args[i], args[i], line});
    }
    for (;;) {
      if (accept("#")) {
        v->imm = integer();
      } else if (accept("size=")) {
        v->imm2 = integer();
      } else if (accept("var=")) {
        v->debug_var = static_cast<u32>(integer());
      } else if (accept("layout(")) {
        v->layout = layout();
      } else if (accept("sig")) {
        v->sig = sig();
        expect(";");
      } else if (accept("!")) {
        std::string_view n = word();
        bool found = false;
        for (int i = 0; i < 8; i++) {
          if (n == text::FlagNames[i]) v->flags = static_cast<u8>(v->flags | 1 << i), found = true;
        }
        if (!found) fail(fmt::format("unknown flag '{}'", n));
      } else if (accept("inl=")) {
        v->inl = static_cast<i32>(integer());
      } else if (accept("at")) {
        u32 l = static_cast<u32>(integer());
        expect(":");
        v->pos = Pos(pos_base, l, static_cast<u32>(integer()));
      } else {
        break;
      }
    }
    f->append(b, v);
    if (accept("->")) {
      do {
        Block* to = block_ref();
        u32 succ = static_cast<u32>(b->succs.size());
        f->add_edge(b, to);
        if (accept("(")) {
          u32 i = 0;
          do {
            b->succs[succ].args.push_back(nullptr);
            u32 id2 = numbered('v');
            edge_fixes.push_back({b, succ, i++, id2, line});
          } while (!failed && accept(","));
          expect(")");
        }
      } while (!failed && accept(","));
    }
  }

  void func(std::vector<std::unique_ptr<Func>>& out) {
    auto owned = std::make_unique<Func>();
    f = owned.get();
    values.clear();
    blocks.clear();
    fixes.clear();
    edge_fixes.clear();
    f->sym = symbol();
    if (failed) return;
    f->name = f->sym->name;
    f->sig = sig();
    i64 defer_block = -1;
    for (;;) {
      if (accept("deferreturn=")) {
        defer_block = numbered('b');
        continue;
      }
      if (!accept("!")) break;
      std::string_view n = word();
      struct {
        const char* name;
        bool Func::* field;
      } flags[] = {{"nosplit", &Func::no_split},    {"noinline", &Func::no_inline},
                   {"wrapper", &Func::wrapper},     {"ctxt", &Func::needs_ctxt},
                   {"topframe", &Func::top_frame},  {"defer", &Func::has_defer},
                   {"recover", &Func::has_recover}, {"dupok", &Func::dupok}};
      bool found = false;
      for (auto& fl : flags) {
        if (n == fl.name) f->*fl.field = true, found = true;
      }
      if (!found) fail(fmt::format("unknown flag '{}'", n));
    }
    expect("{");
    while (!failed && accept("var")) {
      DebugVarInfo d{};
      d.name = Name::intern(string());
      d.type = Name::intern(string());
      d.is_param = accept("param");
      f->debug_vars.push_back(d);
    }
    Block* b = nullptr;
    while (!failed && !accept("}")) {
      skip();
      if (at >= text.size()) {
        fail("function without end");
        return;
      }
      if (text[at] == 'b' && at + 1 < text.size() && isdigit(static_cast<unsigned char>(text[at + 1]))) {
        b = block_ref();
        f->blocks.push_back(b);
        if (accept("(")) {
          while (!failed && !peek(")")) {
            u32 id = numbered('v');
            expect(":");
            Value* p = f->add_param(b, type());
            define(id, p);
            if (!accept(",")) break;
          }
          expect(")");
        }
        if (accept("cold")) b->likely = -1;
        expect(":");
      } else if (!b) {
        fail("instruction outside a block");
      } else {
        inst(b);
      }
    }
    if (failed) return;
    // Values without a written name get numbers behind all others.
    for (Block* blk : f->blocks) {
      for (Value* v = blk->first; v; v = v->next) {
        auto it = values.find(v->id);
        if (it == values.end() || it->second != v) v->id = f->next_value++;
      }
    }
    auto find = [&](u32 id, u32 at_line) -> Value* {
      auto it = values.find(id);
      if (it != values.end()) return it->second;
      line = at_line;
      fail(fmt::format("v{} is not defined", id));
      return nullptr;
    };
    for (Fix& x : fixes) *x.slot = find(x.id, x.line);
    for (EdgeFix& x : edge_fixes) x.from->succs[x.succ].args[x.index] = find(x.id, x.line);
    for (auto& [id, blk] : blocks) {
      if (!blk->first) fail(fmt::format("b{} is not defined or empty", id));
    }
    if (defer_block >= 0) f->deferreturn_block = blocks[static_cast<u32>(defer_block)];
    if (!failed) out.push_back(std::move(owned));
  }
};
}  // namespace

bool parse(std::string_view text, object::Object& object, std::vector<std::unique_ptr<Func>>& out,
           std::string& error) {
  Parser p{text, object, error};
  p.pos_base = source::add_pos_base(Name::intern("text.ssa"), Name(), 0);
  for (p.skip(); !p.failed && p.at < text.size(); p.skip()) {
    if (p.accept("func")) {
      p.func(out);
    } else if (p.accept("data")) {
      Symbol* s = p.symbol();
      if (!s) break;
      s->kind = object::SymKind::NoPtrBss;
      s->size = static_cast<u64>(p.integer());
      s->align = 16;
    } else {
      p.fail("expected func or data");
    }
  }
  return !p.failed;
}
}  // namespace vole::ssa
