// Units, functions, line programs, locations and frames. A package's code is contiguous, so that a unit has one range; all addresses in
// location and range lists are offsets from it.
#include "link/dwarf.h"

#include <algorithm>

namespace vole::link {
using object::DebugVar;
using object::FuncInfo;
using object::VarLoc;

namespace {
enum Tag : u8 {
  ArrayType = 0x01, FormalParameter = 0x05, MemberTag = 0x0d, PointerType = 0x0f, CompileUnit = 0x11, StructType = 0x13, TypedefTag = 0x16,
  InlinedSubroutine = 0x1d, SubrangeType = 0x21, BaseTypeTag = 0x24, Subprogram = 0x2e, VariableTag = 0x34, UnspecifiedType = 0x3b,
};
enum At : u8 {
  Location = 0x02, NameAt = 0x03, ByteSize = 0x0b, StmtList = 0x10, LowPc = 0x11, HighPc = 0x12, Language = 0x13, Inline = 0x20, Producer = 0x25,
  AbstractOrigin = 0x31, Count = 0x37, DataMemberLocation = 0x38, DeclFile = 0x3a, DeclLine = 0x3b, EncodingAt = 0x3e, External = 0x3f,
  FrameBase = 0x40, TypeAt = 0x49, Ranges = 0x55, CallFile = 0x58, CallLine = 0x59,
};
enum Form : u8 {
  Addr = 0x01, Data4 = 0x06, Data8 = 0x07, String = 0x08, Data1 = 0x0b, UData = 0x0f, RefAddr = 0x10, Ref4 = 0x13, SecOffset = 0x17, ExprLoc = 0x18,
  FlagPresent = 0x19,
};
enum Op : u8 { OpAddr = 0x03, OpConsts = 0x11, OpReg0 = 0x50, OpFbreg = 0x91, OpPiece = 0x93, OpCallFrameCfa = 0x9c, OpStackValue = 0x9f };
enum Lle : u8 { EndOfList = 0, OffsetPair = 4 };
enum Cfa : u8 { AdvanceLoc4 = 0x04, DefCfa = 0x0c, DefCfaOffset = 0x0e, Offset = 0x80, Restore = 0xc0 };
constexpr u8 RegBp = 6, RegSp = 7, RegReturn = 16;

std::vector<u8> abbreviations() {
  DwarfBytes b;
  auto def = [&](Abbrev a, Tag tag, bool children, std::initializer_list<std::pair<At, Form>> list) {
    b.uleb(static_cast<u8>(a));
    b.uleb(tag);
    b.u8_(children);
    for (auto& [at, form] : list) b.uleb(at), b.uleb(form);
    b.u16_(0);
  };
  def(Abbrev::Unit, CompileUnit, true, {{Producer, String}, {Language, Data1}, {NameAt, String}, {StmtList, SecOffset}, {LowPc, Addr}, {HighPc, Data8}});
  def(Abbrev::TypesUnit, CompileUnit, true, {{Producer, String}, {Language, Data1}, {NameAt, String}});
  for (Abbrev a : {Abbrev::Func, Abbrev::LeafFunc})
    def(a, Subprogram, a == Abbrev::Func,
        {{NameAt, String}, {LowPc, Addr}, {HighPc, Data4}, {FrameBase, ExprLoc}, {DeclFile, UData}, {DeclLine, UData}, {External, FlagPresent}});
  def(Abbrev::AbstractFunc, Subprogram, false, {{NameAt, String}, {Inline, Data1}, {External, FlagPresent}});
  for (Abbrev a : {Abbrev::Inlined, Abbrev::LeafInlined})
    def(a, InlinedSubroutine, a == Abbrev::Inlined, {{AbstractOrigin, Ref4}, {Ranges, SecOffset}, {CallFile, UData}, {CallLine, UData}});
  def(Abbrev::Param, FormalParameter, false, {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}, {Location, SecOffset}});
  def(Abbrev::ParamGone, FormalParameter, false, {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}});
  def(Abbrev::Var, VariableTag, false, {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}, {Location, SecOffset}});
  def(Abbrev::VarGone, VariableTag, false, {{NameAt, String}, {DeclLine, UData}, {TypeAt, RefAddr}});
  def(Abbrev::Global, VariableTag, false, {{NameAt, String}, {TypeAt, RefAddr}, {Location, ExprLoc}, {External, FlagPresent}});
  def(Abbrev::BaseType, BaseTypeTag, false, {{NameAt, String}, {EncodingAt, Data1}, {ByteSize, Data1}});
  def(Abbrev::Pointer, PointerType, false, {{NameAt, String}, {TypeAt, RefAddr}});
  def(Abbrev::PointerVoid, PointerType, false, {{NameAt, String}});
  for (Abbrev a : {Abbrev::Struct, Abbrev::EmptyStruct}) def(a, StructType, a == Abbrev::Struct, {{NameAt, String}, {ByteSize, UData}});
  def(Abbrev::Member, MemberTag, false, {{NameAt, String}, {DataMemberLocation, UData}, {TypeAt, RefAddr}});
  def(Abbrev::Array, ArrayType, true, {{NameAt, String}, {TypeAt, RefAddr}});
  def(Abbrev::Subrange, SubrangeType, false, {{Count, UData}});
  def(Abbrev::Typedef, TypedefTag, false, {{NameAt, String}, {TypeAt, RefAddr}});
  def(Abbrev::Unspecified, UnspecifiedType, false, {{NameAt, String}});
  b.u8_(0);
  return std::move(b.bytes);
}

// The header that location and range list sections begin with.
DwarfBytes list_section() {
  DwarfBytes b;
  b.u32_(0);  // length, at the end
  b.u16_(5);
  b.u8_(8);
  b.u8_(0);
  b.u32_(0);
  return b;
}

struct Sections {
  DwarfBytes info, line, loclists = list_section(), rnglists = list_section(), frame;
};

// One package's unit.
class Unit {
 public:
  Unit(Context& c, DwarfTypes& types, Sections& out, std::span<const u32> funcs, std::span<const u32> globals)
      : c_(c), types_(types), out_(out), funcs_(funcs), globals_(globals) {}

  void write(std::string_view name) {
    const Entity &first = c_.entities[funcs_.front()], &last = c_.entities[funcs_.back()];
    base_ = first.addr;
    start_ = out_.info.size();
    size_t length = out_.info.begin_length();
    out_.info.u16_(5);
    out_.info.u8_(1);
    out_.info.u8_(8);
    out_.info.u32_(0);
    abbrev(Abbrev::Unit);
    out_.info.text("vole");
    out_.info.u8_(GoLanguage);
    out_.info.text(name);
    out_.info.u32_(out_.line.size());
    out_.info.u64_(base_);
    out_.info.u64_(last.addr + last.sym->size - base_);
    file_index(name);
    for (u32 i : funcs_) abstract_functions(*c_.entities[i].sym->func);
    for (u32 i : funcs_) function(c_.entities[i]);
    for (u32 i : globals_) global(c_.entities[i]);
    out_.info.u8_(0);
    out_.info.end_length(length);
    line_program();
  }

 private:
  void abbrev(Abbrev a) { out_.info.uleb(static_cast<u8>(a)); }

  u32 file_index(std::string_view name) {
    auto [it, fresh] = files_.try_emplace(std::string(name), static_cast<u32>(file_list_.size()));
    if (fresh) file_list_.push_back(it->first);
    return it->second;
  }
  u32 file_index(Pos p) { return p.known() ? file_index(p.file()) : 0; }

  void abstract_functions(const FuncInfo& f) {
    for (auto& n : f.inlines) {
      auto [it, fresh] = abstract_.try_emplace(n.func, static_cast<u32>(out_.info.size() - start_));
      if (!fresh) continue;
      abbrev(Abbrev::AbstractFunc);
      out_.info.text(n.func.text());
      out_.info.u8_(1);  // inlined
    }
  }

  void function(const Entity& e) {
    const FuncInfo& f = *e.sym->func;
    bool leaf = f.vars.empty() && std::none_of(f.lines.begin(), f.lines.end(), [](auto& l) { return l.inl >= 0; });
    abbrev(leaf ? Abbrev::LeafFunc : Abbrev::Func);
    out_.info.text(e.name.text());
    out_.info.u64_(e.addr);
    out_.info.u32_(e.sym->size);
    out_.info.uleb(1);
    out_.info.u8_(OpCallFrameCfa);
    out_.info.uleb(file_index(f.decl));
    out_.info.uleb(f.start_line);
    for (const DebugVar& v : f.vars) variable(v, e.addr - base_);
    inlined_calls(f, e.addr - base_);
    if (!leaf) out_.info.u8_(0);
  }

  void variable(const DebugVar& v, u64 func) {
    bool found = !v.locs.empty();
    abbrev(v.is_param ? found ? Abbrev::Param : Abbrev::ParamGone : found ? Abbrev::Var : Abbrev::VarGone);
    out_.info.text(v.name.text());
    out_.info.uleb(v.decl.known() ? v.decl.line() : 0);
    out_.info.u32_(types_.offset_of(types_.want(v.type.text())));
    if (!found) return;
    out_.info.u32_(out_.loclists.size());
    location_list(v, func);
  }

  static void place(const VarLoc& l, DwarfBytes& expr) {
    if (l.kind == VarLoc::Reg) {
      expr.u8_(OpReg0 + static_cast<u32>(l.value));
    } else if (l.kind == VarLoc::Const) {
      expr.u8_(OpConsts);
      expr.sleb(l.value);
      expr.u8_(OpStackValue);
    } else {
      expr.u8_(OpFbreg);
      expr.sleb(l.value);
    }
  }

  // Pieces of the variable have places of their own: between two changes of any of them, one composite description.
  void location_list(const DebugVar& v, u64 func) {
    std::vector<u32> cuts;
    for (const VarLoc& l : v.locs) cuts.push_back(l.from), cuts.push_back(l.to);
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    DwarfBytes& out = out_.loclists;
    for (size_t i = 0; i + 1 < cuts.size(); i++) {
      std::vector<const VarLoc*> here;
      for (const VarLoc& l : v.locs)
        if (l.from <= cuts[i] && cuts[i] < l.to) here.push_back(&l);
      bool text = v.type == "string" || v.type.text().starts_with("[]");   // means nothing without its pointer
      if (here.empty() || (text && std::none_of(here.begin(), here.end(), [](auto* l) { return l->piece_offset == 0; }))) continue;
      std::sort(here.begin(), here.end(), [](auto* a, auto* b) { return a->piece_offset < b->piece_offset; });
      DwarfBytes expr;
      u32 at = 0;
      for (const VarLoc* l : here) {
        if (l->piece_size == 0) {
          place(*l, expr);
          break;
        }
        if (l->piece_offset < at) continue;
        if (l->piece_offset > at) expr.u8_(OpPiece), expr.uleb(l->piece_offset - at);
        place(*l, expr);
        expr.u8_(OpPiece);
        expr.uleb(l->piece_size);
        at = l->piece_offset + l->piece_size;
      }
      if (u64 all = types_.size_of(v.type.text()); at && at < all) expr.u8_(OpPiece), expr.uleb(all - at);   // the rest is not known
      out.u8_(OffsetPair);
      out.uleb(func + cuts[i]);
      out.uleb(func + cuts[i + 1]);
      out.uleb(expr.size());
      out.append(expr);
    }
    out.u8_(EndOfList);
  }

  void inlined_calls(const FuncInfo& f, u64 func) {
    if (f.inlines.empty()) return;
    using Range = std::pair<u32, u32>;
    std::vector<std::vector<Range>> ranges(f.inlines.size());
    u32 at = 0;
    for (auto& l : f.lines) {
      for (i32 n = l.inl; n >= 0 && static_cast<size_t>(n) < ranges.size(); n = f.inlines[static_cast<size_t>(n)].parent) {
        auto& r = ranges[static_cast<size_t>(n)];
        if (!r.empty() && r.back().second == at) r.back().second = l.end;
        else r.push_back({at, l.end});
      }
      at = l.end;
    }
    std::vector<std::vector<u32>> children(f.inlines.size() + 1);
    for (u32 i = 0; i < f.inlines.size(); i++)
      if (!ranges[i].empty()) children[static_cast<size_t>(f.inlines[i].parent + 1)].push_back(i);
    auto write = [&](auto& self, u32 parent) -> void {
      for (u32 i : children[parent]) {
        const object::InlineNode& n = f.inlines[i];
        bool leaf = children[i + 1].empty();
        abbrev(leaf ? Abbrev::LeafInlined : Abbrev::Inlined);
        out_.info.u32_(abstract_.at(n.func));
        out_.info.u32_(out_.rnglists.size());
        for (auto& [from, to] : ranges[i]) {
          out_.rnglists.u8_(OffsetPair);
          out_.rnglists.uleb(func + from);
          out_.rnglists.uleb(func + to);
        }
        out_.rnglists.u8_(EndOfList);
        out_.info.uleb(file_index(n.call_pos));
        out_.info.uleb(n.call_pos.known() ? n.call_pos.line() : 0);
        self(self, i + 1);
        if (!leaf) out_.info.u8_(0);
      }
    };
    write(write, 0);
  }

  void global(const Entity& e) {
    abbrev(Abbrev::Global);
    out_.info.text(e.name.text());
    out_.info.u32_(types_.offset_of(types_.want(e.sym->go_type.text())));
    out_.info.uleb(9);
    out_.info.u8_(OpAddr);
    out_.info.u64_(e.addr);
  }

  void line_program() {
    enum : u8 { Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4, SetColumn = 5, NegateStmt = 6, EndSequence = 1, SetAddress = 2 };
    constexpr i64 LineBase = -4, LineRange = 12, OpcodeBase = 10;
    // Rows first: they decide which files there are.
    DwarfBytes rows;
    for (u32 k : funcs_) {
      const Entity& e = c_.entities[k];
      const FuncInfo& f = *e.sym->func;
      if (f.lines.empty()) continue;
      rows.u8_(0), rows.uleb(9), rows.u8_(SetAddress), rows.u64_(e.addr);
      u32 at = 0, row_at = 0, file = 1;
      i64 line = 1;
      for (auto& l : f.lines) {
        if (l.pos.known()) {
          u32 want = file_index(l.pos);
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
      rows.u8_(AdvancePc), rows.uleb(e.sym->size - row_at);
      rows.u8_(0), rows.uleb(1), rows.u8_(EndSequence);
    }
    DwarfBytes& out = out_.line;
    size_t length = out.begin_length();
    out.u16_(5);
    out.u8_(8);
    out.u8_(0);
    size_t header = out.begin_length();
    out.u8_(1);   // instruction length
    out.u8_(1);   // operations
    out.u8_(1);   // rows are statements
    out.u8_(static_cast<u8>(LineBase));
    out.u8_(LineRange);
    out.u8_(OpcodeBase);
    for (u8 n : {0, 1, 1, 1, 1, 0, 0, 0, 1}) out.u8_(n);
    out.u8_(1), out.uleb(1), out.uleb(String);   // folders: a path each
    out.uleb(1), out.text("/");
    out.u8_(2), out.uleb(1), out.uleb(String), out.uleb(2), out.uleb(UData);   // files: path and folder
    out.uleb(file_list_.size());
    for (const std::string& f : file_list_) out.text(f), out.uleb(0);
    out.end_length(header);
    out.append(rows);
    out.end_length(length);
  }

  Context& c_;
  DwarfTypes& types_;
  Sections& out_;
  std::span<const u32> funcs_, globals_;
  u64 base_ = 0;
  size_t start_ = 0;
  absl::flat_hash_map<std::string, u32> files_;
  std::vector<std::string> file_list_;
  absl::flat_hash_map<Name, u32> abstract_;
};

// The frame address is the stack pointer plus what the depth table says; the return address stands below it, the saved frame pointer
// below that once the frame is complete.
void frames(Context& c, std::span<const u32> funcs, DwarfBytes& out) {
  size_t cie = out.begin_length();
  out.u32_(0xffffffff);
  out.u8_(4);
  out.u8_(0);   // augmentation
  out.u8_(8);
  out.u8_(0);
  out.uleb(1);
  out.sleb(-8);
  out.uleb(RegReturn);
  out.u8_(DefCfa), out.uleb(RegSp), out.uleb(8);
  out.u8_(Offset | RegReturn), out.uleb(1);
  while (out.size() % 8 != 4) out.u8_(0);
  out.end_length(cie);
  for (u32 i : funcs) {
    const Entity& e = c.entities[i];
    const FuncInfo& f = *e.sym->func;
    if (f.pcsp.empty()) continue;
    size_t fde = out.begin_length();
    out.u32_(cie);
    out.u64_(e.addr);
    out.u64_(e.sym->size);
    u32 at = 0, last_at = 0;
    i32 depth = 0;
    bool saved = false;
    for (const object::PcValue& run : f.pcsp) {
      if (run.value != depth) {
        if (at != last_at) out.u8_(AdvanceLoc4), out.u32_(at - last_at);
        last_at = at;
        out.u8_(DefCfaOffset), out.uleb(static_cast<u64>(std::max(0, run.value) + 8));
        bool full = f.frame_size > 0 && static_cast<u32>(run.value) >= f.frame_size;
        if (full && !saved) out.u8_(Offset | RegBp), out.uleb(2);
        if (!full && saved) out.u8_(Restore | RegBp);
        saved = full;
        depth = run.value;
      }
      at = run.end;
    }
    while (out.size() % 8 != 4) out.u8_(0);
    out.end_length(fde);
  }
}
}  // namespace

std::vector<DebugSection> make_dwarf(Context& c) {
  std::vector<std::vector<u32>> funcs(c.objects.size()), globals(c.objects.size());
  DwarfTypes types(c);
  std::vector<u32> all;
  for (u32 i : c.section(SectionId::Text).entities) {
    const Entity& e = c.entities[i];
    if (!e.sym->func) continue;   // C++
    funcs[e.object].push_back(i);
    all.push_back(i);
    for (const DebugVar& v : e.sym->func->vars) types.want(v.type.text());
  }
  for (SectionId id : {SectionId::NoPtrData, SectionId::Data, SectionId::Bss, SectionId::NoPtrBss})
    for (u32 i : c.section(id).entities)
      if (const Entity& e = c.entities[i]; e.sym->go_type) {
        globals[e.object].push_back(i);
        types.want(e.sym->go_type.text());
      }
  Sections out;
  types.finish(out.info);
  for (size_t o = 0; o < funcs.size(); o++)
    if (!funcs[o].empty()) Unit(c, types, out, funcs[o], globals[o]).write(c.objects[o]->package.text());
  frames(c, all, out.frame);
  out.loclists.end_length(0);
  out.rnglists.end_length(0);
  std::vector<DebugSection> list;
  list.push_back({".debug_abbrev", abbreviations()});
  list.push_back({".debug_info", std::move(out.info.bytes)});
  list.push_back({".debug_line", std::move(out.line.bytes)});
  list.push_back({".debug_loclists", std::move(out.loclists.bytes)});
  list.push_back({".debug_rnglists", std::move(out.rnglists.bytes)});
  list.push_back({".debug_frame", std::move(out.frame.bytes)});
  return list;
}
}  // namespace vole::link
