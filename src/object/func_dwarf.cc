// A function's debugging entry with its variables and inlined calls, its location and range lists, line rows
// and frame instructions.
#include "object/func_dwarf.h"

#include <algorithm>

namespace vole::object {
using dwarf::Abbrev;
using dwarf::Bytes;

namespace {
class Writer {
 public:
  Writer(const Symbol& s, const target::TargetInfo& target, TableNames& names)
      : s_(s), f_(*s.func), target_(target), names_(names) {}

  FuncDwarf write() {
    group_inlined();
    group_variables();
    bool leaf = vars_[0].empty() && children_[0].empty();
    abbrev(leaf ? Abbrev::LeafFunc : Abbrev::Func);
    entry().text(s_.name.text());
    fixup(Fixup::Address, 0);
    entry().u32_(s_.size);
    entry().uleb(1);
    entry().u8_(dwarf::OpCallFrameCfa);
    entry().uleb(names_.file(f_.decl));
    entry().uleb(f_.start_line);
    variables(0);
    inlined_calls(0);
    if (!leaf) entry().u8_(0);
    rows();
    frame();
    return std::move(out_);
  }

 private:
  using Range = std::pair<u32, u32>;

  Bytes& entry() { return out_.entry; }
  void abbrev(Abbrev a) { entry().u8_(static_cast<u8>(a)); }
  void fixup(Fixup::Kind kind, u32 value) {
    out_.fixups.u(entry().size() - fixed_);
    out_.fixups.u(u64{value} * Fixup::Count + kind);
    if (kind == Fixup::Address) entry().u64_(0);
    else entry().u32_(0);
    fixed_ = entry().size();
  }
  static void begin_list(Bytes& b, u8 base_address) {
    b.u8_(base_address);
    b.u64_(0);
  }

  // ---- variables

  void group_variables() {
    vars_.resize(f_.inlines.size() + 1);
    for (const DebugVar& v : f_.vars)
      if (static_cast<size_t>(v.inl + 1) < vars_.size()) vars_[static_cast<size_t>(v.inl + 1)].push_back(&v);
  }

  void variables(u32 owner) {
    for (const DebugVar* v : vars_[owner]) variable(*v);
  }

  void variable(const DebugVar& v) {
    u32 list = static_cast<u32>(out_.locations.size());
    bool found = location_list(v);
    abbrev(v.is_param ? found ? Abbrev::Param : Abbrev::ParamGone : found ? Abbrev::Var : Abbrev::VarGone);
    entry().text(v.name.text());
    entry().uleb(v.decl.known() ? v.decl.line() : 0);
    fixup(Fixup::Type, names_.name(v.type));
    if (found) fixup(Fixup::Locations, list);
  }

  static void place(const VarLoc& l, Bytes& expr) {
    if (l.kind == VarLoc::Reg) {
      expr.u8_(dwarf::OpReg0 + static_cast<u32>(l.value));
    } else if (l.kind == VarLoc::Const) {
      expr.u8_(dwarf::OpConsts);
      expr.sleb(l.value);
      expr.u8_(dwarf::OpStackValue);
    } else {
      expr.u8_(dwarf::OpFbreg);
      expr.sleb(l.value);
    }
  }

  // Where v is while its pieces are at `here`; empty when that says nothing.
  static Bytes composite(const DebugVar& v, std::vector<const VarLoc*> here) {
    bool text = v.type == "string" || v.type.text().starts_with("[]");  // means nothing without its pointer
    Bytes expr;
    if (here.empty() ||
        (text && std::none_of(here.begin(), here.end(), [](auto* l) { return l->piece_offset == 0; })))
      return expr;
    std::sort(here.begin(), here.end(),
              [](auto* a, auto* b) { return std::pair(a->piece_offset, a) < std::pair(b->piece_offset, b); });
    u32 at = 0;
    for (const VarLoc* l : here) {
      if (l->piece_size == 0) {
        place(*l, expr);
        break;
      }
      if (l->piece_offset < at) continue;
      if (l->piece_offset > at) expr.u8_(dwarf::OpPiece), expr.uleb(l->piece_offset - at);
      place(*l, expr);
      expr.u8_(dwarf::OpPiece);
      expr.uleb(l->piece_size);
      at = l->piece_offset + l->piece_size;
    }
    if (at && at < v.size) expr.u8_(dwarf::OpPiece), expr.uleb(v.size - at);  // the rest is not known
    return expr;
  }

  // Between two changes one composite description; stretches with the same one are joined. False: no location
  // anywhere, nothing written.
  bool location_list(const DebugVar& v) {
    std::vector<u32> cuts;
    std::vector<const VarLoc*> by_start, here;
    for (const VarLoc& l : v.locs) {
      cuts.push_back(l.from);
      cuts.push_back(l.to);
      if (l.from < l.to) by_start.push_back(&l);
    }
    std::sort(by_start.begin(), by_start.end(), [](auto* a, auto* b) { return a->from < b->from; });
    size_t next = 0;
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    Bytes& out = out_.locations;
    Bytes open;
    u32 from = 0;
    bool any = false;
    auto close = [&](u32 to) {
      if (open.size() == 0) return;
      if (!std::exchange(any, true)) begin_list(out, dwarf::LocationBaseAddress);
      out.u8_(dwarf::OffsetPair);
      out.uleb(from);
      out.uleb(to);
      out.uleb(open.size());
      out.append(open);
    };
    for (size_t i = 0; i + 1 < cuts.size(); i++) {
      std::erase_if(here, [&](const VarLoc* l) { return l->to <= cuts[i]; });
      while (next < by_start.size() && by_start[next]->from <= cuts[i]) here.push_back(by_start[next++]);
      Bytes expr = composite(v, here);
      if (expr.bytes == open.bytes) continue;
      close(cuts[i]);
      open = std::move(expr);
      from = cuts[i];
    }
    if (!cuts.empty()) close(cuts.back());
    if (any) out.u8_(dwarf::EndOfList);
    return any;
  }

  // ---- inlined calls

  // The code ranges of each inlined call, those of calls in it included.
  void group_inlined() {
    ranges_.resize(f_.inlines.size());
    u32 at = 0;
    for (auto& l : f_.lines) {
      if (at >= code_end()) break;
      for (i32 n = l.inl; n >= 0 && static_cast<size_t>(n) < ranges_.size();
           n = f_.inlines[static_cast<size_t>(n)].parent) {
        auto& r = ranges_[static_cast<size_t>(n)];
        if (!r.empty() && r.back().second == at) r.back().second = l.end;
        else r.push_back({at, l.end});
      }
      at = l.end;
    }
    children_.resize(f_.inlines.size() + 1);
    for (u32 i = 0; i < f_.inlines.size(); i++)
      if (!ranges_[i].empty()) children_[static_cast<size_t>(f_.inlines[i].parent + 1)].push_back(i);
  }

  void inlined_calls(u32 parent) {
    for (u32 i : children_[parent]) {
      const InlineNode& n = f_.inlines[i];
      bool leaf = children_[i + 1].empty() && vars_[i + 1].empty(), single = ranges_[i].size() == 1;
      abbrev(single ? leaf ? Abbrev::LeafInlined : Abbrev::Inlined
             : leaf ? Abbrev::LeafInlinedRanges
                    : Abbrev::InlinedRanges);
      fixup(Fixup::Origin, names_.name(n.func));
      if (single) {
        fixup(Fixup::Address, ranges_[i][0].first);
        entry().uleb(ranges_[i][0].second - ranges_[i][0].first);
      } else {
        fixup(Fixup::Ranges, static_cast<u32>(out_.ranges.size()));
        range_list(ranges_[i]);
      }
      entry().uleb(names_.file(n.call_pos));
      entry().uleb(n.call_pos.known() ? n.call_pos.line() : 0);
      variables(i + 1);
      inlined_calls(i + 1);
      if (!leaf) entry().u8_(0);
    }
  }

  void range_list(const std::vector<Range>& list) {
    begin_list(out_.ranges, dwarf::RangeBaseAddress);
    for (auto& [from, to] : list) {
      out_.ranges.u8_(dwarf::OffsetPair);
      out_.ranges.uleb(from);
      out_.ranges.uleb(to);
    }
    out_.ranges.u8_(dwarf::EndOfList);
  }

  // ---- lines and frame

  u32 code_end() const { return static_cast<u32>(s_.size) - f_.marks_size; }

  void rows() {
    if (f_.lines.empty()) return;
    using namespace dwarf;
    Bytes& rows = out_.rows;
    rows.u8_(0), rows.uleb(9), rows.u8_(SetAddress), rows.u64_(0);
    u32 at = 0, row_at = 0, file = 0;  // 0: each function names its file, since readers disagree on the first
    i64 line = 1;
    for (auto& l : f_.lines) {
      if (at >= code_end()) break;
      if (l.pos.known()) {
        u32 want = names_.file(l.pos);
        if (want != file) rows.u8_(SetFile), rows.uleb(file = want);
        i64 step = static_cast<i64>(l.pos.line()) - line, pc = at - row_at;
        i64 op = step - LineBase + LineRange * pc + OpcodeBase;
        if (step >= LineBase && step < LineBase + LineRange && op <= 255) {
          rows.u8_(static_cast<u64>(op));
        } else {
          if (step) rows.u8_(AdvanceLine), rows.sleb(step);
          if (pc) rows.u8_(AdvancePc), rows.uleb(static_cast<u64>(pc));
          rows.u8_(Copy);
        }
        line += step;
        row_at = at;
      }
      at = l.end;
    }
    rows.u8_(AdvancePc), rows.uleb(s_.size - row_at);
    rows.u8_(0), rows.uleb(1), rows.u8_(EndSequence);
  }

  // The frame address is the stack pointer plus what the depth table says and what the call put there. A
  // complete frame keeps the frame pointer right below the return address or, on machines with a link
  // register, that register at its lower end.
  void frame() {
    if (f_.pcsp.empty()) return;
    Bytes& out = out_.frame;
    u32 at = 0, last_at = 0;
    i32 depth = 0;
    bool saved = false;
    const target::FrameInfo& shape = target_.frame;
    u8 kept = shape.saved_pointer ? target_.dwarf.frame_pointer : target_.dwarf.return_address;
    for (const PcValue& run : f_.pcsp) {
      if (run.value != depth) {
        if (at != last_at) out.u8_(dwarf::AdvanceLoc4), out.u32_(at - last_at);
        last_at = at;
        out.u8_(dwarf::DefCfaOffset),
            out.uleb(static_cast<u32>(std::max(0, run.value)) + shape.return_address);
        bool full = f_.frame_size > 0 && static_cast<u32>(run.value) >= f_.frame_size;
        u32 below = shape.saved_pointer ? shape.return_address + shape.saved_pointer : f_.frame_size;
        if (full && !saved) out.u8_(u8(dwarf::Offset | kept)), out.uleb(below / 8);
        if (!full && saved) out.u8_(u8(dwarf::Restore | kept));
        saved = full;
        depth = run.value;
      }
      at = run.end;
    }
  }

  const Symbol& s_;
  const FuncInfo& f_;
  const target::TargetInfo& target_;
  TableNames& names_;
  FuncDwarf out_;
  size_t fixed_ = 0;
  std::vector<std::vector<Range>> ranges_;
  std::vector<std::vector<u32>> children_;          // by 1 + number of the call, 0: the function itself
  std::vector<std::vector<const DebugVar*>> vars_;  // the same
};
}  // namespace

FuncDwarf write_dwarf(const Symbol& s, const target::TargetInfo& target, TableNames& names) {
  return Writer(s, target, names).write();
}
}  // namespace vole::object
