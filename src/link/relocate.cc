// Contents of the loaded sections: the bytes of all live symbols with relocations applied (every value is
// checked to fit its field), and what the linker made itself.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "link/context.h"
#include "link/image.h"

namespace vole::link {
using object::Reloc;
using object::RelocKind;

namespace {
u64 unreachable_method(Context& c) {
  const Entity* e = c.find(UnreachableMethod);
  return e ? e->addr : 0;
}

void apply(Context& c, const Entity& e, u8* at, const Reloc& r) {
  if (r.kind == RelocKind::Tls32) return set32(at, static_cast<u32>(abi::TlsG));
  const Entity& t = c.entities[c.entity_of[e.object][r.target->id]];
  u64 types = c.section(SectionId::Types).addr, text = c.section(SectionId::Text).addr;
  i64 s = static_cast<i64>(t.addr) + r.addend;
  auto out_of_range = [&] {
    c.error(fmt::format("relocation out of range: {} refers to {}", e.name.text(), t.name.text()));
  };
  auto checked32 = [&](i64 v, bool is_signed) {
    bool fits = is_signed ? v == static_cast<i32>(v) : v == static_cast<i64>(static_cast<u32>(v));
    if (!fits) out_of_range();
    set32(at, static_cast<u32>(v));
  };
  switch (r.kind) {
    case RelocKind::Abs64: set64(at, static_cast<u64>(s)); break;
    case RelocKind::Abs32: checked32(s, false); break;
    case RelocKind::PcRel32: checked32(s - static_cast<i64>(e.addr + r.offset), true); break;
    case RelocKind::Call32:
      if (!c.machine.patch(r.kind, at, s, e.addr + r.offset)) out_of_range();
      break;
    case RelocKind::TypeOff: checked32(s - static_cast<i64>(types), true); break;
    case RelocKind::TextOff: checked32(s - static_cast<i64>(text), true); break;
    case RelocKind::WeakAbs64: set64(at, t.live ? static_cast<u64>(s) : unreachable_method(c)); break;
    case RelocKind::WeakTypeOff: checked32(t.live ? s - static_cast<i64>(types) : 0, true); break;
    case RelocKind::MethodTypeOff:
      checked32(t.live && t.section != SectionId::None ? s - static_cast<i64>(types) : 0, true);
      break;
    case RelocKind::MethodOff: checked32(t.live ? s - static_cast<i64>(text) : -1, true); break;
    case RelocKind::Size32: set32(at, static_cast<u32>(t.sym ? t.sym->size : 0)); break;
    default: break;
  }
}

bool has_bytes(RelocKind k) { return k < RelocKind::Keep; }
bool is_wide(RelocKind k) { return k == RelocKind::Abs64 || k == RelocKind::WeakAbs64; }

// Fills the symbols [first, last) of a section. Gaps in the text trap.
void fill(Context& c, const Section& s, size_t first, size_t last, u8* section) {
  bool text = &s == &c.section(SectionId::Text);
  u64 done = s.addr;
  if (first > 0) {
    const Entity& before = c.entities[s.entities[first - 1]];
    done = before.addr + before.sym->size;
  }
  for (size_t i = first; i < last; i++) {
    const Entity& e = c.entities[s.entities[i]];
    u8* at = section + (e.addr - s.addr);
    if (text) c.machine.fill_traps(section + (done - s.addr), e.addr - done);
    done = e.addr + e.sym->size;
    if (!e.sym->bytes.empty())
      std::memcpy(at, e.sym->bytes.data(), std::min<u64>(e.sym->bytes.size(), e.sym->size));
    for (const Reloc& r : e.sym->relocs) {
      if (!has_bytes(r.kind)) continue;
      if (r.offset + (is_wide(r.kind) ? 8u : 4u) > e.sym->size)
        c.error(fmt::format("relocation outside of {}", e.name.text()));
      else apply(c, e, at + r.offset, r);
    }
  }
}

void place(Context& c, const std::vector<Piece>& pieces, Image& image) {
  for (const Piece& p : pieces)
    for (const Section& s : c.sections)
      if (p.addr >= s.addr && p.addr + p.bytes.size() <= s.addr + s.size) {
        std::memcpy(image.at(s.file_offset + (p.addr - s.addr)), p.bytes.data(), p.bytes.size());
        break;
      }
}
}  // namespace

void add_contents(Context& c, Image& image, TaskGraph& tasks) {
  constexpr size_t SymbolsPerTask = 2000;
  std::vector<u32> filled;
  for (SectionId id : {SectionId::Text, SectionId::RoData, SectionId::Types, SectionId::NoPtrData,
                       SectionId::Data, SectionId::Module}) {
    const Section& s = c.section(id);
    for (size_t first = 0; first < s.entities.size(); first += SymbolsPerTask)
      filled.push_back(tasks.add([&c, &s, &image, first] {
        fill(c, s, first, std::min(first + SymbolsPerTask, s.entities.size()), image.at(s.file_offset));
      }));
  }
  tasks.add([&c, &image] { place(c, c.pieces, image); });
  // The module's pieces stand where symbols without content are.
  tasks.add(
      [&c, &image] {
        place(c, c.module_pieces, image);
        std::memcpy(image.at(c.section(SectionId::BuildInfo).file_offset), c.build_info.data(),
                    c.build_info.size());
      },
      filled);
}
}  // namespace vole::link
