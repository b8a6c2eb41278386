// What the linker tells the runtime: initialisation order, type and itab tables, strings, and
// runtime.firstmoduledata itself. The tables stand in a section of their own (.go.module) between the
// initialised and the zeroed data.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "link/context.h"
#include "object/link_name.h"

namespace vole::link {
// Packages after those they import; among ready ones the smallest path first (specification, "Package
// initialization").
void order_init_tasks(Context& c) {
  absl::flat_hash_map<Name, u32> index;
  for (u32 o = 0; o < c.objects.size(); o++)
    if (c.objects[o]->package) index[c.objects[o]->package] = o;
  std::vector<u8> in_runtime(c.objects.size()), done(c.objects.size());
  std::vector<u32> work;
  auto visit_runtime = [&](u32 o) {
    if (!in_runtime[o]) in_runtime[o] = 1, work.push_back(o);
  };
  if (auto it = index.find(Name::intern("runtime")); it != index.end()) visit_runtime(it->second);
  while (!work.empty()) {
    u32 o = work.back();
    work.pop_back();
    for (Name i : c.objects[o]->imports)
      if (auto it = index.find(i); it != index.end()) visit_runtime(it->second);
  }
  // Objects are sorted by path, so repeatedly taking the first ready one is the order wanted; a heap of
  // indices keeps it fast.
  std::vector<u32> missing(c.objects.size());
  std::vector<std::vector<u32>> importers(c.objects.size());
  std::vector<u32> ready;
  for (u32 o = 0; o < c.objects.size(); o++) {
    for (Name i : c.objects[o]->imports)
      if (auto it = index.find(i); it != index.end()) {
        missing[o]++;
        importers[it->second].push_back(o);
      }
    if (missing[o] == 0) ready.push_back(o);
  }
  auto later = std::greater<u32>();
  std::make_heap(ready.begin(), ready.end(), later);
  while (!ready.empty()) {
    std::pop_heap(ready.begin(), ready.end(), later);
    u32 o = ready.back();
    ready.pop_back();
    if (const object::Symbol* task = c.objects[o]->init_task)
      (in_runtime[o] ? c.runtime_init_tasks : c.init_tasks).push_back(c.entity_of[o][task->id]);
    for (u32 i : importers[o])
      if (--missing[i] == 0) {
        ready.push_back(i);
        std::push_heap(ready.begin(), ready.end(), later);
      }
  }
}

// The string of a type as reflection shows it: that of its name record, without the star that the record may
// have in common with the pointer type.
static std::string_view shown_string(const Context& c, const Entity& type) {
  for (const object::Reloc& r : type.sym->relocs) {
    if (r.offset != abi::TypeStr) continue;
    const object::Symbol* name = c.entities[c.entity_of[type.object][r.target->id]].sym;
    const u8* p = name->bytes.data() + 1;
    u64 size = 0;
    for (int shift = 0;; shift += 7) {
      size |= u64{*p & 0x7fu} << shift;
      if (!(*p++ & 0x80)) break;
    }
    std::string_view s(reinterpret_cast<const char*>(p), size);
    return type.sym->bytes[abi::TypeTFlag] & abi::TFlagExtraStar ? s.substr(1) : s;
  }
  return {};
}

void collect_types(Context& c) {
  for (u32 i : c.section(SectionId::RoData).entities)
    if (c.entities[i].sym->kind == object::SymKind::Itab) c.itabs.push_back(i);
  for (u32 i : c.section(SectionId::Types).entities) {
    const Entity& e = c.entities[i];
    if (e.sym->kind != object::SymKind::TypeDesc || e.sym->bytes.size() < abi::TypeCommonSize) continue;
    u8 kind = e.sym->bytes[abi::TypeKind] & 31, flags = e.sym->bytes[abi::TypeTFlag];
    // What reflection can make at run time must be found where the program has it already.
    bool composite = kind == abi::KPointer || kind == abi::KChan || kind == abi::KMap ||
                     kind == abi::KSlice || kind == abi::KArray || kind == abi::KFunc || kind == abi::KStruct;
    if (composite && !(flags & abi::TFlagNamed)) c.typelinks.push_back(i);
  }
  // reflect searches by the string that it shows, which holds package names where link names hold paths.
  std::vector<std::pair<std::string_view, u32>> order;
  for (u32 i : c.typelinks) order.push_back({shown_string(c, c.entities[i]), i});
  std::sort(order.begin(), order.end(), [&](auto& a, auto& b) {
    return a.first != b.first ? a.first < b.first
                              : c.entities[a.second].name.text() < c.entities[b.second].name.text();
  });
  for (size_t i = 0; i < order.size(); i++) c.typelinks[i] = order[i].second;
}

namespace {
// Appends data to .go.module and remembers where.
class DataArea {
 public:
  explicit DataArea(Context& c) : c_(c), s_(c.section(SectionId::Module)) { s_.size = 0; }
  u64 append(std::span<const u8> bytes, u64 align = 8) {
    u64 at = align_up(s_.addr + s_.size, align);
    s_.size = at - s_.addr + bytes.size();
    pieces.push_back({at, {bytes.begin(), bytes.end()}});
    return at;
  }
  u64 append_text(std::string_view s) { return append({reinterpret_cast<const u8*>(s.data()), s.size()}, 1); }
  u64 append_pointers(const std::vector<u32>& entities) {
    std::vector<u8> b;
    for (u32 i : entities) put64(b, c_.entities[i].addr);
    return append(b);
  }
  std::vector<Piece> pieces;

 private:
  Context& c_;
  Section& s_;
};

// Module information between the marks by which runtime/debug and tools find its ends.
std::string guarded_info(const Options& o) {
  constexpr std::string_view Start("\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16),
      End("\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);
  return o.build_info.empty() ? "" : std::string(Start) + o.build_info + std::string(End);
}

// One bit a word over a section with pointers.
std::vector<u8> section_mask(Context& c, const Section& s) {
  std::vector<u8> mask((s.size / 8 + 7) / 8 + 1);
  for (u32 i : s.entities) {
    const Entity& e = c.entities[i];
    u64 first = (e.addr - s.addr) / 8;
    for (u64 w = 0; w < e.sym->gc_mask_words; w++)
      if (e.sym->gc_mask[w / 8] >> (w % 8) & 1)
        mask[(first + w) / 8] |= static_cast<u8>(1 << (first + w) % 8);
  }
  return mask;
}
}  // namespace

// -X NAME=VALUE: the string variable NAME starts with VALUE. Names that the program does not hold are passed
// over, as gc does.
static void set_strings(Context& c, DataArea& area) {
  for (auto& [name, value] : c.options.set_strings) {
    Entity* e = c.find(object::link_name(name));
    if (!e || !e->live || !e->sym || e->sym->func) continue;
    if (e->section != SectionId::Data || e->sym->go_type.text() != "string") {
      std::string fault = fmt::format("{}: cannot set with -X: not a var of type string (type:{})", name,
                                      e->sym->go_type.text());
      if (std::find(c.errors.begin(), c.errors.end(), fault) == c.errors.end()) c.error(fault);
      continue;
    }
    std::vector<u8> header;
    put64(header, area.append_text(value));
    put64(header, value.size());
    area.pieces.push_back({e->addr, std::move(header)});
  }
}

// .go.buildinfo, read by debug/buildinfo and `go version`: a header, then two strings with their lengths
// (inline-strings form).
void add_build_info(Context& c) {
  if (c.options.build_version.empty()) return;
  std::vector<u8> b;
  constexpr std::string_view Magic = "\xff Go buildinf:";
  constexpr u8 InlineStrings = 2;
  b.assign(Magic.begin(), Magic.end());
  b.push_back(8);
  b.push_back(InlineStrings);
  b.resize(32);
  auto add = [&](const std::string& s) {
    u64 n = s.size();
    for (; n >= 0x80; n >>= 7) b.push_back(static_cast<u8>(n | 0x80));
    b.push_back(static_cast<u8>(n));
    b.insert(b.end(), s.begin(), s.end());
  };
  add(c.options.build_version);
  add(guarded_info(c.options));
  c.section(SectionId::BuildInfo).size = b.size();
  c.build_info = std::move(b);
}

// Fills .go.module at the addresses of the present layout.
static void build_module(Context& c) {
  c.module_pieces.clear();
  Entity* module = c.find("runtime.firstmoduledata");
  if (!module || !module->live) return;  // nothing refers to it: a program without Go's runtime
  DataArea area(c);
  set_strings(c, area);
  std::string info = guarded_info(c.options);
  const Tables& t = c.tables;
  abi::ModuleData m{};
  auto slice = [](u64 addr, u64 len) {
    return abi::GoSlice{reinterpret_cast<void*>(addr), static_cast<i64>(len), static_cast<i64>(len)};
  };
  auto text_of = [&](std::string_view s) {
    return abi::GoString{reinterpret_cast<const char*>(area.append_text(s)), static_cast<i64>(s.size())};
  };
  auto section = [&](SectionId id) -> Section& { return c.section(id); };
  m.pcheader = reinterpret_cast<void*>(t.header);
  m.funcnametab = slice(t.funcnametab.addr, t.funcnametab.len);
  m.cutab = slice(t.cutab.addr, t.cutab.len);
  m.filetab = slice(t.filetab.addr, t.filetab.len);
  m.pctab = slice(t.pctab.addr, t.pctab.len);
  m.pclntable = slice(t.pclntable.addr, t.pclntable.len);
  m.ftab = slice(t.ftab.addr, t.ftab.len);
  m.findfunctab = reinterpret_cast<void*>(t.findfunctab);
  m.gofunc = t.gofunc;
  m.text = m.minpc = section(SectionId::Text).addr;
  m.etext = m.maxpc = m.text + section(SectionId::Text).size;
  m.rodata = section(SectionId::RoData).addr;
  m.types = section(SectionId::Types).addr;
  m.etypes = m.types + section(SectionId::Types).size;
  m.data = section(SectionId::Data).addr;
  m.edata = m.data + section(SectionId::Data).size;
  m.bss = section(SectionId::Bss).addr;
  m.ebss = m.bss + section(SectionId::Bss).size;
  m.noptrbss = section(SectionId::NoPtrBss).addr;
  m.enoptrbss = m.end = m.noptrbss + section(SectionId::NoPtrBss).size;
  m.gcdata_mask = reinterpret_cast<const u8*>(area.append(section_mask(c, section(SectionId::Data))));
  m.gcbss_mask = reinterpret_cast<const u8*>(area.append(section_mask(c, section(SectionId::Bss))));
  m.typelinks = slice(area.append_pointers(c.typelinks), c.typelinks.size());
  m.itablinks = slice(area.append_pointers(c.itabs), c.itabs.size());
  m.inittasks = slice(area.append_pointers(c.init_tasks), c.init_tasks.size());
  m.runtime_inittasks = slice(area.append_pointers(c.runtime_init_tasks), c.runtime_init_tasks.size());
  m.modinfo = text_of(info);
  m.build_version = text_of(c.options.build_version);
  m.default_goroot = text_of(c.options.default_goroot);
  m.default_godebug = text_of(c.options.default_godebug);
  if (Entity* main = c.find("main.main"); main && main->live) m.main_main = main->addr, m.has_main = 1;
  m.noptrdata = section(SectionId::NoPtrData).addr;
  m.enoptrdata = m.noptrdata + section(SectionId::NoPtrData).size;
  std::vector<u8> bytes(sizeof m);
  std::memcpy(bytes.data(), &m, sizeof m);
  area.pieces.push_back({module->addr, std::move(bytes)});
  c.module_pieces = std::move(area.pieces);
}

// The tables' size does not depend on addresses: a first round measures it, then the sections behind move and
// a second one is final.
void add_module_data(Context& c) {
  build_module(c);
  lay_out_data(c);
  build_module(c);
}
}  // namespace vole::link
