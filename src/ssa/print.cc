// The textual form's writer. The grammar stands at the top of parse.cc; what is written here is read there.
#include <fmt/format.h>

#include <iterator>

#include "ssa/ssa.h"
#include "ssa/text.h"

namespace vole::ssa {
namespace {
using Out = std::back_insert_iterator<std::string>;

struct Printer {
  std::string s;
  template <class... A>
  void put(fmt::format_string<A...> f, A&&... a) {
    fmt::format_to(std::back_inserter(s), f, std::forward<A>(a)...);
  }

  void symbol(const Symbol* sym) { put("@\"{}\"", sym ? sym->name.text() : std::string_view("?")); }

  void locs(std::span<const ArgLoc> list) {
    s += '(';
    for (size_t i = 0; i < list.size(); i++) {
      const ArgLoc& a = list[i];
      if (i) s += ", ";
      put("{}:{}", ty_text(a.ty), a.in_reg ? 'r' : 's');
      if (a.in_reg) {
        put("{}", a.reg);
        if (a.stack_offset) put("+{}", a.stack_offset);
      } else {
        put("{}", a.stack_offset);
      }
    }
    s += ')';
  }

  void sig(const Sig& g) {
    locs(g.args);
    s += " -> ";
    locs(g.results);
    if (g.stack_args) put(" stack={}", g.stack_args);
    if (g.stack_results_offset) put(" results={}", g.stack_results_offset);
    if (g.spill_offset || g.spill_size) put(" spill={},{}", g.spill_offset, g.spill_size);
    if (!g.stack_ptr_offsets.empty()) {
      s += " ptrs=[";
      for (size_t i = 0; i < g.stack_ptr_offsets.size(); i++)
        put("{}{}", i ? "," : "", g.stack_ptr_offsets[i]);
      s += ']';
    }
    if (g.abi0) s += " abi0";
  }

  void layout(const Layout& l) {
    put(" layout({}, {}", l.size, l.align);
    if (l.ptr_words) {
      s += ", ";
      for (u64 i = 0; i < l.ptr_words; i++) s += l.ptr_mask[i / 8] >> (i % 8) & 1 ? '1' : '0';
    }
    if (l.type) {
      s += ", ";
      symbol(l.type);
    }
    s += ')';
  }

  void value(const Func& f, const Value* v) {
    s += "  ";
    if (v->ty != Ty::None) put("v{}: {} = ", v->id, ty_text(v->ty));
    // Instructions without a type but with results by extract still need a name.
    if (v->ty == Ty::None && (op_info(v->op).flags & OpMulti)) put("v{} = ", v->id);
    s += op_info(v->op).text;
    if (v->op == Op::ICmp || v->op == Op::FCmp) put(".{}", text::CondNames[static_cast<int>(v->cond)]);
    if (v->op == Op::Bounds) put(".{}", text::BoundsNames[static_cast<int>(v->bounds_kind)]);
    bool wants_sym = v->op == Op::SymAddr || v->op == Op::Call || v->op == Op::TailCall;
    if (wants_sym) {
      s += ' ';
      symbol(v->sym);
    }
    for (u32 i = 0; i < v->nargs; i++) put("{} v{}", i || wants_sym ? "," : "", v->args[i]->id);
    if (v->imm || v->op == Op::Const) put(" #{}", v->imm);
    if (v->op == Op::Move || v->op == Op::Zero) put(" size={}", v->imm2);
    if (v->op == Op::Dbg) put(" var={}", v->debug_var);
    if ((v->op == Op::Alloca || v->op == Op::New || v->op == Op::Move || v->op == Op::Zero) && v->layout)
      layout(*v->layout);
    if ((is_call(v) || v->op == Op::TailCall) && v->sig) {
      s += " sig";
      sig(*v->sig);
      s += " ;";
    }
    for (int i = 0; i < 8; i++) {
      if (v->flags >> i & 1) put(" !{}", text::FlagNames[i]);
    }
    if (v->inl >= 0) put(" inl={}", v->inl);
    if (v->pos.known()) put(" at {}:{}", v->pos.line(), v->pos.col());
    if (is_terminator(v) && v->block) {
      for (size_t i = 0; i < v->block->succs.size(); i++) {
        const Edge& e = v->block->succs[i];
        put("{} b{}", i ? "," : " ->", e.to->id);
        if (!e.args.empty()) {
          s += '(';
          for (size_t j = 0; j < e.args.size(); j++)
            put("{}v{}", j ? ", " : "", e.args[j] ? e.args[j]->id : ~0u);
          s += ')';
        }
      }
    }
    s += '\n';
  }

  void func(const Func& f) {
    put("func @\"{}\" ", f.name.text());
    if (f.sig) {
      sig(*f.sig);
    } else {
      s += "() -> ()";
    }
    auto flag = [&](bool on, const char* name) {
      if (on) put(" !{}", name);
    };
    flag(f.no_split, "nosplit");
    flag(f.no_inline, "noinline");
    flag(f.wrapper, "wrapper");
    flag(f.needs_ctxt, "ctxt");
    flag(f.top_frame, "topframe");
    flag(f.has_defer, "defer");
    flag(f.has_recover, "recover");
    flag(f.dupok, "dupok");
    if (f.deferreturn_block) put(" deferreturn=b{}", f.deferreturn_block->id);
    s += " {\n";
    for (const DebugVarInfo& d : f.debug_vars)
      put("  var \"{}\" \"{}\"{}\n", d.name.text(), d.type.text(), d.is_param ? " param" : "");
    for (const Block* b : f.blocks) {
      put("b{}", b->id);
      if (!b->params.empty()) {
        s += '(';
        for (size_t i = 0; i < b->params.size(); i++)
          put("{}v{}: {}", i ? ", " : "", b->params[i]->id, ty_text(b->params[i]->ty));
        s += ')';
      }
      if (b->likely < 0) s += " cold";
      s += ":\n";
      for (const Value* v = b->first; v; v = v->next) value(f, v);
    }
    s += "}\n";
  }
};
}  // namespace

std::string print(const Func& f) {
  Printer p;
  p.func(f);
  return std::move(p.s);
}
}  // namespace vole::ssa
