// Reads ELF relocatables: vole's own (vole_reader.cc) and those clang made for the runtime archive. Of the
// latter every allocated section becomes symbols (a section compiled with -ffunction-sections holds one),
// relocations are turned into vole's kinds. Input is not trusted: each offset is checked before use.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "object/object.h"
#include "object/vole_reader.h"

namespace vole::object {
namespace {
class Reader {
 public:
  Reader(std::span<const u8> bytes, const target::TargetInfo& target, Object& out, std::string& error)
      : bytes_(bytes), target_(target), out_(out), error_(error) {}

  bool read() {
    if (!header() || !headers()) return false;
    if (is_vole_) return read_vole_object(bytes_, target_, headers_, names_, out_, error_);
    return clang_sections() && symbols() && relocations();
  }

 private:
  bool fail(std::string_view what) {
    error_ = fmt::format("malformed object: {}", what);
    return false;
  }
  template <class T>
  bool at(u64 offset, T& v) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return false;
    std::memcpy(&v, bytes_.data() + offset, sizeof(T));
    return true;
  }
  bool content(const Elf64_Shdr& h, std::span<const u8>& s) const {
    if (h.sh_type == SHT_NOBITS) {
      s = {};
      return true;
    }
    if (h.sh_offset > bytes_.size() || bytes_.size() - h.sh_offset < h.sh_size) return false;
    s = bytes_.subspan(h.sh_offset, h.sh_size);
    return true;
  }
  static std::string_view text(std::span<const u8> table, u32 offset) {
    if (offset >= table.size()) return {};
    const char* p = reinterpret_cast<const char*>(table.data()) + offset;
    return {p, strnlen(p, table.size() - offset)};
  }

  bool header() {
    if (!at(0, ehdr_) || std::memcmp(ehdr_.e_ident, ELFMAG, SELFMAG) != 0) return fail("not an ELF file");
    if (ehdr_.e_ident[EI_CLASS] != ELFCLASS64 || ehdr_.e_machine != target_.elf_machine ||
        ehdr_.e_type != ET_REL)
      return fail(fmt::format("not a relocatable for {}", target_.name));
    if (ehdr_.e_shentsize != sizeof(Elf64_Shdr)) return fail("section header size");
    return true;
  }

  bool headers() {
    headers_.resize(ehdr_.e_shnum);
    for (size_t i = 0; i < headers_.size(); i++)
      if (!at(ehdr_.e_shoff + i * sizeof(Elf64_Shdr), headers_[i]))
        return fail("section headers beyond the end");
    if (ehdr_.e_shstrndx >= headers_.size() || !content(headers_[ehdr_.e_shstrndx], names_))
      return fail("section names");
    for (const Elf64_Shdr& h : headers_) is_vole_ |= text(names_, h.sh_name) == ".vole.pkg";
    return true;
  }

  bool clang_sections() {
    made_.resize(headers_.size());
    for (size_t i = 1; i < headers_.size(); i++) {
      const Elf64_Shdr& h = headers_[i];
      if (!(h.sh_flags & SHF_ALLOC) || (h.sh_type != SHT_PROGBITS && h.sh_type != SHT_NOBITS)) continue;
      std::string_view name = text(names_, h.sh_name);
      if (name.starts_with(".eh_frame")) continue;
      std::span<const u8> data;
      if (!content(h, data)) return fail("section content beyond the end");
      if (h.sh_size > (u64{1} << 32)) return fail("section too large");
      Symbol* s = out_.make_local(Name::intern(name));
      bool exec = h.sh_flags & SHF_EXECINSTR, write = h.sh_flags & SHF_WRITE;
      s->kind = exec                      ? SymKind::Text
                : h.sh_type == SHT_NOBITS ? SymKind::NoPtrBss
                : write                   ? SymKind::NoPtrData
                                          : SymKind::RoData;
      s->align = static_cast<u32>(std::max<u64>(h.sh_addralign, 1));
      s->size = h.sh_size;
      s->bytes = {const_cast<u8*>(data.data()), data.size()};
      made_[i] = s;
    }
    return true;
  }

  // A symbol at the start of its section takes the section over; one inside becomes an alias: (section
  // symbol, offset).
  bool symbols() {
    for (const Elf64_Shdr& h : headers_) {
      if (h.sh_type != SHT_SYMTAB) continue;
      std::span<const u8> strings;
      if (h.sh_link >= headers_.size() || !content(headers_[h.sh_link], strings)) return fail("symbol names");
      if (h.sh_size > bytes_.size()) return fail("symbols beyond the end");
      refs_.resize(h.sh_size / sizeof(Elf64_Sym));
      for (size_t i = 1; i < refs_.size(); i++) {
        Elf64_Sym s;
        if (!at(h.sh_offset + i * sizeof s, s)) return fail("symbols beyond the end");
        if (!symbol(s, text(strings, s.st_name), refs_[i])) return false;
      }
    }
    return true;
  }

  struct Ref {
    Symbol* sym = nullptr;
    i64 offset = 0;
  };

  bool symbol(const Elf64_Sym& s, std::string_view name, Ref& ref) {
    if (s.st_shndx == SHN_UNDEF) {
      if (!name.empty()) ref.sym = out_.get(name);
      return true;
    }
    if (s.st_shndx >= SHN_LORESERVE || ELF64_ST_TYPE(s.st_info) == STT_FILE) return true;
    if (s.st_shndx >= made_.size()) return fail("symbol in no section");
    Symbol* section = made_[s.st_shndx];
    if (!section) return true;
    if (s.st_value > section->size) return fail("symbol outside its section");
    ref = {section, static_cast<i64>(s.st_value)};
    if (ELF64_ST_BIND(s.st_info) == STB_LOCAL || ELF64_ST_TYPE(s.st_info) == STT_SECTION) return true;
    // A visible name: its own symbol, cut out of the section's bytes.
    Symbol* own = out_.get(name);
    own->kind = section->kind;
    own->dupok = ELF64_ST_BIND(s.st_info) == STB_WEAK;  // inline functions, one copy in every object
    own->align = s.st_value == 0 ? section->align : 1;
    own->size = s.st_size;
    own->alias_of = section;
    own->alias_offset = static_cast<i64>(s.st_value);
    if (s.st_value == 0) section->name = own->name;  // what symbol tables and tracebacks show
    return true;
  }

  bool relocations() {
    for (const Elf64_Shdr& h : headers_) {
      if (h.sh_type != SHT_RELA) continue;
      if (h.sh_info >= made_.size()) return fail("relocations of no section");
      Symbol* holder = made_[h.sh_info];
      if (!holder) continue;
      for (u64 at_entry = 0; at_entry + sizeof(Elf64_Rela) <= h.sh_size; at_entry += sizeof(Elf64_Rela)) {
        Elf64_Rela r;
        if (!at(h.sh_offset + at_entry, r)) return fail("relocations beyond the end");
        if (!relocation(r, *holder)) return false;
      }
      std::sort(holder->relocs.begin(), holder->relocs.end(),
                [](const Reloc& a, const Reloc& b) { return a.offset < b.offset; });
    }
    return true;
  }

  bool relocation(const Elf64_Rela& r, Symbol& holder) {
    u64 index = ELF64_R_SYM(r.r_info);
    if (index >= refs_.size() || !refs_[index].sym) return fail("relocation to no symbol");
    Reloc out;
    out.offset = static_cast<u32>(r.r_offset);
    out.target = refs_[index].sym;
    out.addend = r.r_addend + refs_[index].offset;
    const target::ElfReloc* known = target_.elf_reloc(static_cast<u32>(ELF64_R_TYPE(r.r_info)));
    if (!known) return fail(fmt::format("relocation type {}", ELF64_R_TYPE(r.r_info)));
    out.kind = known->kind;
    u64 width = out.kind == RelocKind::Abs64 ? 8 : 4;
    if (r.r_offset > holder.size || holder.size - r.r_offset < width)
      return fail("relocation outside its section");
    holder.relocs.push_back(out);
    return true;
  }

  std::span<const u8> bytes_;
  const target::TargetInfo& target_;
  Object& out_;
  std::string& error_;
  Elf64_Ehdr ehdr_{};
  std::vector<Elf64_Shdr> headers_;
  std::span<const u8> names_;
  bool is_vole_ = false;
  std::vector<Symbol*> made_;
  std::vector<Ref> refs_;
};
}  // namespace

bool read_elf(std::span<const u8> bytes, const target::TargetInfo& target, Object& out, std::string& error) {
  return Reader(bytes, target, out, error).read();
}
}  // namespace vole::object
