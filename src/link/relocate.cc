// Copies the bytes of all live symbols into their sections and applies relocations; checks that every value fits its field.
#include <fmt/format.h>

#include <cstring>

#include "link/context.h"

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
  auto checked32 = [&](i64 v, bool is_signed) {
    bool fits = is_signed ? v == static_cast<i32>(v) : v == static_cast<i64>(static_cast<u32>(v));
    if (!fits) c.error(fmt::format("relocation out of range: {} refers to {}", e.name.text(), t.name.text()));
    set32(at, static_cast<u32>(v));
  };
  switch (r.kind) {
    case RelocKind::Abs64: set64(at, static_cast<u64>(s)); break;
    case RelocKind::Abs32: checked32(s, false); break;
    case RelocKind::PcRel32:
    case RelocKind::Call32: checked32(s - static_cast<i64>(e.addr + r.offset), true); break;
    case RelocKind::TypeOff: checked32(s - static_cast<i64>(types), true); break;
    case RelocKind::TextOff: checked32(s - static_cast<i64>(text), true); break;
    case RelocKind::WeakAbs64: set64(at, t.live ? static_cast<u64>(s) : unreachable_method(c)); break;
    case RelocKind::WeakTypeOff: checked32(t.live ? s - static_cast<i64>(types) : 0, true); break;
    case RelocKind::MethodTypeOff: checked32(t.live && t.section != SectionId::None ? s - static_cast<i64>(types) : 0, true); break;
    case RelocKind::MethodOff: checked32(t.live ? s - static_cast<i64>(text) : -1, true); break;
    case RelocKind::Size32: set32(at, static_cast<u32>(t.sym ? t.sym->size : 0)); break;
    default: break;
  }
}

bool has_bytes(RelocKind k) { return k < RelocKind::Keep; }
bool is_wide(RelocKind k) { return k == RelocKind::Abs64 || k == RelocKind::WeakAbs64; }

void fill(Context& c, Section& s) {
  s.bytes.assign(s.size, s.name == std::string_view(".text") ? 0xcc : 0);
  for (u32 i : s.entities) {
    const Entity& e = c.entities[i];
    u8* at = s.bytes.data() + (e.addr - s.addr);
    std::memset(at, 0, e.sym->size);
    if (!e.sym->bytes.empty()) std::memcpy(at, e.sym->bytes.data(), std::min<u64>(e.sym->bytes.size(), e.sym->size));
    for (const Reloc& r : e.sym->relocs) {
      if (!has_bytes(r.kind)) continue;
      if (r.offset + (is_wide(r.kind) ? 8u : 4u) > e.sym->size) c.error(fmt::format("relocation outside of {}", e.name.text()));
      else apply(c, e, at + r.offset, r);
    }
  }
}
}  // namespace

void relocate(Context& c) {
  for (SectionId id : {SectionId::Text, SectionId::RoData, SectionId::Types, SectionId::NoPtrData, SectionId::Data, SectionId::Module}) fill(c, c.section(id));
  for (auto& p : c.patches) {
    for (Section& s : c.sections) {
      if (p.addr < s.addr || p.addr + p.bytes.size() > s.addr + s.size) continue;
      if (s.bytes.empty()) c.error("runtime.firstmoduledata has no content to fill");
      else std::memcpy(s.bytes.data() + (p.addr - s.addr), p.bytes.data(), p.bytes.size());
      break;
    }
  }
}
}  // namespace vole::link
