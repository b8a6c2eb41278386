// Gives every live symbol its address. Order within a section: objects by package path, symbols by their
// place in the object; so the output depends on nothing else. Read-only data, types and function tables share
// the read-only segment behind the text.
#include <absl/container/flat_hash_set.h>

#include "link/context.h"

namespace vole::link {
using object::SymKind;

namespace {
constexpr u64 ImageBase = 0x400000, PageSize = 0x1000;

SectionId section_of(SymKind k) {
  switch (k) {
    case SymKind::Text: return SectionId::Text;
    case SymKind::RoData:
    case SymKind::Itab: return SectionId::RoData;
    case SymKind::TypeDesc:
    case SymKind::TypeName: return SectionId::Types;
    case SymKind::Data: return SectionId::Data;
    case SymKind::NoPtrData: return SectionId::NoPtrData;
    case SymKind::Bss: return SectionId::Bss;
    case SymKind::NoPtrBss: return SectionId::NoPtrBss;
    default: return SectionId::None;
  }
}

void place(Context& c, Section& s, u64 start) {
  s.addr = start;
  u64 at = start;
  for (u32 i : s.entities) {
    Entity& e = c.entities[i];
    u64 align = e.sym->align ? e.sym->align : 1;
    if (e.section == SectionId::Text && align < abi::MinFuncSize) align = abi::MinFuncSize;
    at = align_up(at, align);
    e.addr = at;
    at += e.sym->size;
  }
  s.size = at - start;
}
}  // namespace

void lay_out(Context& c) {
  static constexpr const char* Names[] = {"",           ".text",         ".rodata",    ".go.types",
                                          ".gopclntab", ".go.buildinfo", ".noptrdata", ".data",
                                          ".go.module", ".bss",          ".noptrbss"};
  for (size_t i = 0; i < std::size(Names); i++) c.sections[i].name = Names[i];
  // Strings that -X sets have content, whatever their definition says.
  absl::flat_hash_set<Name> given;
  for (auto& [name, value] : c.options.set_strings) given.insert(Name::intern(name));
  for (u32 o = 0; o < c.objects.size(); o++) {
    for (auto& s : c.objects[o]->symbols) {
      u32 i = c.entity_of[o][s.id];
      Entity& e = c.entities[i];
      if (!e.live || e.sym != &s || s.alias_of) continue;
      e.section = section_of(s.kind);
      if (e.section == SectionId::Bss && given.contains(s.name)) e.section = SectionId::Data;
      if (e.section != SectionId::None) c.section(e.section).entities.push_back(i);
    }
  }
  place(c, c.section(SectionId::Text), ImageBase + PageSize);
  Section& text = c.section(SectionId::Text);
  place(c, c.section(SectionId::RoData), align_up(text.addr + text.size, PageSize));
  Section& ro = c.section(SectionId::RoData);
  // Offset 0 of the types section means "none".
  Section& types = c.section(SectionId::Types);
  place(c, types, align_up(ro.addr + ro.size, 64) + 8);
  types.addr -= 8;
  types.size += 8;
}

// Names that stand for a place in another symbol.
void resolve_aliases(Context& c) {
  for (Entity& e : c.entities)
    if (e.live && e.sym->alias_of)
      e.addr =
          c.entities[c.entity_of[e.object][e.sym->alias_of->id]].addr + static_cast<u64>(e.sym->alias_offset);
}

// The writable sections follow the function tables, whose size is known by now.
void lay_out_data(Context& c) {
  Section& p = c.section(SectionId::Pclntab);
  u64 at = align_up(p.addr + p.size, PageSize);
  for (SectionId id : {SectionId::BuildInfo, SectionId::NoPtrData, SectionId::Data, SectionId::Module,
                       SectionId::Bss, SectionId::NoPtrBss}) {
    Section& s = c.section(id);
    at = align_up(at, 64);
    u64 made = s.entities.empty() ? s.size : 0;  // sections without symbols: the size their maker set
    place(c, s, at);
    if (made) s.size = made;
    at += s.size;
  }
}
}  // namespace vole::link
