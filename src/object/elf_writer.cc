// Writes an Object as an ELF relocatable (layout: elf_format.h). The same Object gives the same bytes.
#include <elf.h>

#include <cstring>

#include "base/codec.h"
#include "object/elf_format.h"
#include "object/func_tables.h"

namespace vole::object {
namespace {
class Writer {
 public:
  Writer(const Object& o, const target::TargetInfo& target) : o_(o), target_(target) {
    for (u32 k = 0; k < RelocKinds; k++) {
      i64 type = target.elf_type(static_cast<RelocKind>(k));
      reloc_types_[k] = type < 0 ? format::FirstOwnReloc + k : static_cast<u32>(type);
    }
  }

  std::vector<u8> write() {
    out_.resize(sizeof(Elf64_Ehdr));
    strings_.push_back(0);
    names_.push_back(0);
    headers_.push_back({});
    place_symbols();
    contents();
    symbol_table();
    relocations();
    extra();
    finish();
    return std::move(out_);
  }

 private:
  u32 name(std::string_view s) {
    u32 at = static_cast<u32>(names_.size());
    names_.insert(names_.end(), s.begin(), s.end());
    names_.push_back(0);
    return at;
  }
  static u64 align(u64 v, u64 a) { return (v + a - 1) / a * a; }

  // The bytes a symbol has in the file: none in zeroed sections.
  static std::span<const u8> stored(const Symbol& s) {
    return s.kind == SymKind::Bss || s.kind == SymKind::NoPtrBss || s.kind == SymKind::Undef
               ? std::span<const u8>()
               : s.bytes;
  }

  void place_symbols() {
    offsets_.resize(o_.symbols.size());
    for (const Symbol& s : o_.symbols) {
      auto k = static_cast<size_t>(s.kind);
      if (k == 0) continue;
      u64 a = s.align ? s.align : 1;
      sizes_[k] = align(sizes_[k], a);
      aligns_[k] = std::max(aligns_[k], a);
      offsets_[s.id] = sizes_[k];
      sizes_[k] += s.size;
    }
  }

  void contents() {
    for (size_t k = 1; k < format::KindCount; k++) {
      auto kind = static_cast<SymKind>(k);
      bool bss = kind == SymKind::Bss || kind == SymKind::NoPtrBss;
      Elf64_Shdr h{};
      h.sh_name = name(format::SectionNames[k]);
      h.sh_type = bss ? SHT_NOBITS : SHT_PROGBITS;
      h.sh_flags = kind == SymKind::Debug ? 0 : SHF_ALLOC;
      if (kind == SymKind::Text) h.sh_flags |= SHF_EXECINSTR;
      if (kind >= SymKind::Data && kind <= SymKind::NoPtrBss) h.sh_flags |= SHF_WRITE;
      h.sh_addralign = std::max<u64>(aligns_[k], 1);
      out_.resize(align(out_.size(), h.sh_addralign));
      h.sh_offset = out_.size();
      h.sh_size = sizes_[k];
      if (!bss) out_.resize(out_.size() + sizes_[k]);
      headers_.push_back(h);
    }
    for (const Symbol& s : o_.symbols)
      if (!stored(s).empty())
        std::memcpy(out_.data() + headers_[static_cast<size_t>(s.kind)].sh_offset + offsets_[s.id],
                    s.bytes.data(), s.bytes.size());
  }

  void append(const char* section, u32 type, std::span<const u8> bytes, u32 link, u32 info, u64 entry) {
    Elf64_Shdr h{};
    h.sh_name = name(section);
    h.sh_type = type;
    out_.resize(align(out_.size(), 8));
    h.sh_offset = out_.size();
    h.sh_size = bytes.size();
    h.sh_link = link;
    h.sh_info = info;
    h.sh_entsize = entry;
    h.sh_addralign = entry ? 8 : 1;
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    headers_.push_back(h);
  }
  template <class T>
  static std::span<const u8> raw(const std::vector<T>& v) {
    return {reinterpret_cast<const u8*>(v.data()), v.size() * sizeof(T)};
  }

  void symbol_table() {
    std::vector<Elf64_Sym> symbols(1);
    for (const Symbol& s : o_.symbols) {
      Elf64_Sym e{};
      e.st_name = static_cast<u32>(strings_.size());
      std::string_view n = s.name.text();
      strings_.insert(strings_.end(), n.begin(), n.end());
      strings_.push_back(0);
      bool text = s.kind == SymKind::Text, undef = s.kind == SymKind::Undef;
      // Local symbols would have to come first in the table; all are global here and vole's own flag says
      // which are not.
      e.st_info =
          ELF64_ST_INFO(s.dupok || s.weak_def || s.local ? STB_WEAK : STB_GLOBAL, undef  ? STT_NOTYPE
                                                                                  : text ? STT_FUNC
                                                                                         : STT_OBJECT);
      e.st_other = s.local ? STV_HIDDEN : STV_DEFAULT;
      e.st_shndx = static_cast<u16>(s.kind);
      e.st_value = offsets_[s.id];
      e.st_size = s.size;
      symbols.push_back(e);
    }
    symtab_ = static_cast<u32>(headers_.size());
    append(".symtab", SHT_SYMTAB, raw(symbols), symtab_ + 1, 1, sizeof(Elf64_Sym));
    append(".strtab", SHT_STRTAB, strings_, 0, 0, 0);
  }

  void relocations() {
    std::vector<Elf64_Rela> by_kind[format::KindCount];
    for (const Symbol& s : o_.symbols)
      for (const Reloc& r : s.relocs)
        by_kind[static_cast<size_t>(s.kind)].push_back(
            {offsets_[s.id] + r.offset,
             ELF64_R_INFO(static_cast<u64>(r.target ? r.target->id + 1 : 0),
                          reloc_types_[static_cast<size_t>(r.kind)]),
             r.addend});
    for (size_t k = 1; k < format::KindCount; k++)
      if (!by_kind[k].empty())
        append((std::string(".rela") + format::SectionNames[k]).c_str(), SHT_RELA, raw(by_kind[k]), symtab_,
               static_cast<u32>(k), sizeof(Elf64_Rela));
  }

  void extra() {
    Encoder syms, funcs;
    TableNames names;
    for (const Symbol& s : o_.symbols) {
      u32 flags = (s.dupok ? format::Dupok : 0) | (s.local ? format::Local : 0) |
                  (s.weak_def ? format::WeakDef : 0) | (s.no_split ? format::NoSplit : 0) |
                  (s.reflect_method ? format::ReflectMethod : 0) | (s.abi0 ? format::Abi0 : 0) |
                  (s.wrapper ? format::Wrapper : 0) | (s.linkname ? format::Linkname : 0) |
                  (s.linkname_std ? format::LinknameStd : 0) | (s.func ? format::HasFunc : 0) |
                  (s.gc_mask_words ? format::HasMask : 0) | (s.go_type ? format::HasType : 0);
      syms.u(flags);
      syms.u(s.align);
      syms.u(stored(s).size());
      syms.u(s.relocs.size());
      if (flags & format::HasMask) {
        syms.u(s.gc_mask_words);
        syms.bytes(s.gc_mask);
      }
      if (flags & format::HasType) syms.text(s.go_type.text());
      if (s.func) funcs.bytes(write_tables(s, target_, names));
    }
    Encoder pkg;
    pkg.u(format::Version);
    pkg.text(o_.package.text());
    pkg.u(o_.imports.size());
    for (Name i : o_.imports) pkg.text(i.text());
    for (auto* list : {&names.files, &names.names}) {
      pkg.u(list->size());
      for (Name n : *list) pkg.text(n.text());
    }
    pkg.u(o_.init_task ? o_.init_task->id + 1 : 0);
    pkg.u(o_.is_std);
    append(".vole.pkg", SHT_PROGBITS, pkg.out, 0, 0, 0);
    append(".vole.sym", SHT_PROGBITS, syms.out, 0, 0, 0);
    append(".vole.func", SHT_PROGBITS, funcs.out, 0, 0, 0);
  }

  void finish() {
    Elf64_Shdr h{};
    h.sh_name = name(".shstrtab");
    h.sh_type = SHT_STRTAB;
    h.sh_addralign = 1;
    h.sh_offset = out_.size();
    h.sh_size = names_.size();
    out_.insert(out_.end(), names_.begin(), names_.end());
    headers_.push_back(h);
    out_.resize(align(out_.size(), 8));
    Elf64_Ehdr e{};
    std::memcpy(e.e_ident, ELFMAG, SELFMAG);
    e.e_ident[EI_CLASS] = ELFCLASS64;
    e.e_ident[EI_DATA] = ELFDATA2LSB;
    e.e_ident[EI_VERSION] = EV_CURRENT;
    e.e_type = ET_REL;
    e.e_machine = target_.elf_machine;
    e.e_version = EV_CURRENT;
    e.e_shoff = out_.size();
    e.e_ehsize = sizeof e;
    e.e_shentsize = sizeof(Elf64_Shdr);
    e.e_shnum = static_cast<u16>(headers_.size());
    e.e_shstrndx = static_cast<u16>(headers_.size() - 1);
    std::memcpy(out_.data(), &e, sizeof e);
    auto bytes = raw(headers_);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }

  const Object& o_;
  const target::TargetInfo& target_;
  static constexpr u32 RelocKinds = static_cast<u32>(RelocKind::UseNamedMethod) + 1;
  u32 reloc_types_[RelocKinds];
  std::vector<u8> out_, strings_, names_;
  std::vector<Elf64_Shdr> headers_;
  std::vector<u64> offsets_;
  u64 sizes_[format::KindCount] = {}, aligns_[format::KindCount] = {};
  u32 symtab_ = 0;
};
}  // namespace

std::vector<u8> write_elf(const Object& obj, const target::TargetInfo& target) {
  return Writer(obj, target).write();
}
}  // namespace vole::object
