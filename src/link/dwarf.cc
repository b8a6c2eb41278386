// Units of packages, and the sections' headers. Functions bring their entries, lists, rows and frames with
// them; what is filled in is where they are and where what they refer to is.
#include "link/dwarf.h"

#include <array>
#include <cstring>

#include "object/func_tables.h"

namespace vole::link {
using dwarf::Abbrev;
using dwarf::Bytes;
using object::Fixup;
using object::FuncTables;

namespace {
constexpr u32 Unused = 0xffffffff, Used = 0xfffffffe;

// The header that location and range list sections begin with.
constexpr u64 ListHeaderSize = 12;
Bytes list_header(u64 section_size) {
  Bytes b;
  b.u32_(section_size - 4);
  b.u16_(5);
  b.u8_(8);
  b.u8_(0);
  b.u32_(0);
  return b;
}

// The common part of all frames: at a function's start the frame address is the stack pointer plus what the
// call put there, which is the return address.
Bytes common_frame(const target::TargetInfo& target) {
  const target::DwarfInfo& dwarf = target.dwarf;
  u32 pushed = target.frame.return_address;
  Bytes b;
  size_t length = b.begin_length();
  b.u32_(0xffffffff);
  b.u8_(4);
  b.u8_(0);  // augmentation
  b.u8_(8);
  b.u8_(0);
  b.uleb(1);
  b.sleb(-8);
  b.uleb(dwarf.return_address);
  b.u8_(dwarf::DefCfa), b.uleb(dwarf.stack_pointer), b.uleb(pushed);
  if (pushed) b.u8_(u64{dwarf::Offset} | dwarf.return_address), b.uleb(pushed / 8);
  while (b.size() % 8 != 4) b.u8_(0);
  b.end_length(length);
  return b;
}
constexpr u64 FrameHeaderSize = 24;
u64 frame_size(const FuncTables& f) {
  return f.frame.empty() ? 0 : FrameHeaderSize + align_up(f.frame.size() + 4, 8) - 4;
}

u8* put(u8* at, std::span<const u8> bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}
}  // namespace

// One package's part of each section.
class Dwarf::Unit {
 public:
  Unit(Context& c, u32 object)
      : c_(c),
        object_(*c.objects[object]),
        types_(object_.names.size(), Unused),
        origins_(object_.names.size(), Unused) {}

  std::vector<u32> funcs, globals;  // entities
  std::array<u64, SectionCount> size{}, start{};

  // Sizes, and which names the unit uses.
  void measure() {
    u64 entries = 0;
    for (u32 i : funcs) {
      FuncTables f = object::read_tables(c_.entities[i].sym->tables);
      entries += f.entry.size();
      size[Line] += f.rows.size();
      size[Locations] += f.locations.size();
      size[Ranges] += f.ranges.size();
      size[Frame] += frame_size(f);
      object::for_each_fixup(f.fixups, [&](const Fixup& x) {
        if (x.kind == Fixup::Type) types_[x.value] = Used;
        if (x.kind == Fixup::Origin) origins_[x.value] = Used;
      });
    }
    head_ = make_head();
    size[Info] = head_.size() + entries;
    for (u32 i : globals) size[Info] += global(c_.entities[i], 0).size();
    size[Info] += 1;  // end of the unit's children
    line_head_ = make_line_head(size[Line]);
    size[Line] += line_head_.size();
  }

  void want_types(DwarfTypes& types) {
    for (size_t i = 0; i < types_.size(); i++)
      if (types_[i] == Used) types_[i] = types.want(object_.names[i]);
    for (u32 i : globals) global_types_.push_back(types.want(c_.entities[i].sym->go_type));
  }

  void write(const std::array<DebugSection, SectionCount>& sections, const DwarfTypes& types) {
    for (size_t s = 0; s < SectionCount; s++) out_[s] = sections[s].at + start[s];
    u8* info = out_[Info];
    set32(&head_.bytes[0], static_cast<u32>(size[Info] - 4));
    set32(&head_.bytes[line_offset_at_], static_cast<u32>(start[Line]));
    const Entity &first = c_.entities[funcs.front()], &last = c_.entities[funcs.back()];
    set64(&head_.bytes[line_offset_at_ + 4], first.addr);
    set64(&head_.bytes[line_offset_at_ + 12], last.addr + last.sym->size - first.addr);
    info = put(info, head_.bytes);
    out_[Line] = put(out_[Line], line_head_.bytes);
    for (u32 i : funcs) info = function(c_.entities[i], info, sections, types);
    for (size_t i = 0; i < globals.size(); i++)
      info = put(info, global(c_.entities[globals[i]], types.offset_of(global_types_[i])).bytes);
    *info = 0;
  }

 private:
  // The unit's entry and the abstract functions that inlined calls refer to.
  Bytes make_head() {
    Bytes b;
    b.u32_(0);  // length, and below what write() fills in
    b.u16_(5);
    b.u8_(1);
    b.u8_(8);
    b.u32_(0);
    b.u8_(static_cast<u8>(Abbrev::Unit));
    b.text("vole");
    b.u8_(dwarf::GoLanguage);
    b.text(object_.package.text());
    line_offset_at_ = b.size();
    b.u32_(0);
    b.u64_(0);
    b.u64_(0);
    for (size_t i = 0; i < origins_.size(); i++) {
      if (origins_[i] != Used) continue;
      origins_[i] = static_cast<u32>(b.size());
      b.u8_(static_cast<u8>(Abbrev::AbstractFunc));
      b.text(object_.names[i].text());
      b.u8_(1);  // inlined
    }
    return b;
  }

  Bytes make_line_head(u64 rows) {
    Bytes b;
    b.u32_(0);
    b.u16_(5);
    b.u8_(8);
    b.u8_(0);
    size_t header = b.begin_length();
    b.u8_(1);  // instruction length
    b.u8_(1);  // operations
    b.u8_(1);  // rows are statements
    b.u8_(static_cast<u8>(dwarf::LineBase));
    b.u8_(dwarf::LineRange);
    b.u8_(dwarf::OpcodeBase);
    for (u8 n : {0, 1, 1, 1, 1, 0, 0, 0, 1}) b.u8_(n);
    b.u8_(1), b.uleb(1), b.uleb(dwarf::String);  // folders: a path each
    b.uleb(1), b.text("/");
    b.u8_(2), b.uleb(1), b.uleb(dwarf::String), b.uleb(2), b.uleb(dwarf::UData);  // files: path and folder
    b.uleb(object_.files.size());
    for (Name f : object_.files) b.text(f ? f.text() : object_.package.text()), b.uleb(0);
    b.end_length(header);
    set32(&b.bytes[0], static_cast<u32>(b.size() + rows - 4));
    return b;
  }

  u8* function(const Entity& e, u8* info, const std::array<DebugSection, SectionCount>& sections,
               const DwarfTypes& types) {
    FuncTables f = object::read_tables(e.sym->tables);
    u8* end = put(info, f.entry);
    u8 *locations = out_[Locations], *ranges = out_[Ranges], *rows = out_[Line];
    out_[Locations] = put(locations, f.locations);
    out_[Ranges] = put(ranges, f.ranges);
    out_[Line] = put(rows, f.rows);
    if (!f.rows.empty()) set64(rows + FuncTables::RowsAddress, e.addr);
    auto list = [&](u8* lists, u32 at, SectionIndex s) {
      set64(lists + at + FuncTables::ListAddress, e.addr);
      return static_cast<u32>(lists + at - sections[s].at);
    };
    object::for_each_fixup(f.fixups, [&](const Fixup& x) {
      u8* at = info + x.at;
      switch (x.kind) {
        case Fixup::Address: set64(at, e.addr + x.value); break;
        case Fixup::Type: set32(at, types.offset_of(types_[x.value])); break;
        case Fixup::Origin: set32(at, origins_[x.value]); break;
        case Fixup::Locations: set32(at, list(locations, x.value, Locations)); break;
        case Fixup::Ranges: set32(at, list(ranges, x.value, Ranges)); break;
        case Fixup::Count: break;
      }
    });
    frame(e, f);
    return end;
  }

  void frame(const Entity& e, const FuncTables& f) {
    u64 size = frame_size(f);
    if (size == 0) return;
    u8* at = out_[Frame];
    set32(at, static_cast<u32>(size - 4));
    set32(at + 4, 0);  // the common part
    set64(at + 8, e.addr);
    set64(at + 16, e.sym->size);
    put(at + FrameHeaderSize, f.frame);
    out_[Frame] = at + size;
  }

  static Bytes global(const Entity& e, u32 type) {
    Bytes b;
    b.u8_(static_cast<u8>(Abbrev::Global));
    b.text(e.name.text());
    b.u32_(type);
    b.uleb(9);
    b.u8_(dwarf::OpAddr);
    b.u64_(e.addr);
    return b;
  }

  Context& c_;
  const object::Object& object_;
  std::vector<u32> types_, origins_;  // by name: number of the type, offset of the abstract function
  std::vector<u32> global_types_;
  Bytes head_, line_head_;
  size_t line_offset_at_ = 0;
  std::array<u8*, SectionCount> out_{};
};

Dwarf::Dwarf(Context& c) : c_(c), types_(c) {}
Dwarf::~Dwarf() = default;

void Dwarf::divide() {
  std::vector<Unit*> by_object(c_.objects.size());
  for (u32 i : c_.section(SectionId::Text).entities) {
    const Entity& e = c_.entities[i];
    if (e.sym->tables.empty()) continue;  // C++
    Unit*& u = by_object[e.object];
    if (!u) u = units_.emplace_back(std::make_unique<Unit>(c_, e.object)).get();
    u->funcs.push_back(i);
  }
  for (SectionId id : {SectionId::NoPtrData, SectionId::Data, SectionId::Bss, SectionId::NoPtrBss})
    for (u32 i : c_.section(id).entities)
      if (const Entity& e = c_.entities[i]; e.sym->go_type && by_object[e.object])
        by_object[e.object]->globals.push_back(i);
}

void Dwarf::add_measuring(TaskGraph& tasks) {
  divide();
  std::vector<u32> measured;
  for (auto& u : units_) measured.push_back(tasks.add([&u] { u->measure(); }));
  tasks.add([this] { place(); }, measured);
}

void Dwarf::place() {
  for (auto& u : units_) u->want_types(types_);
  type_unit_ = types_.finish();
  abbreviations_ = dwarf::abbreviations();
  std::array<u64, SectionCount> at{abbreviations_.size(), type_unit_.size(), 0,
                                   ListHeaderSize,        ListHeaderSize,    common_frame(c_.machine).size()};
  for (auto& u : units_)
    for (size_t s = 0; s < SectionCount; s++) {
      u->start[s] = at[s];
      at[s] += u->size[s];
    }
  for (size_t s = 0; s < SectionCount; s++) sections[s].size = at[s];
}

void Dwarf::write_shared() {
  put(sections[Abbrevs].at, abbreviations_);
  put(sections[Info].at, type_unit_);
  put(sections[Locations].at, list_header(sections[Locations].size).bytes);
  put(sections[Ranges].at, list_header(sections[Ranges].size).bytes);
  put(sections[Frame].at, common_frame(c_.machine).bytes);
}

void Dwarf::add_writing(TaskGraph& tasks) {
  tasks.add([this] { write_shared(); });
  for (auto& u : units_) tasks.add([this, &u] { u->write(sections, types_); });
}
}  // namespace vole::link
