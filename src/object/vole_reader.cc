#include "object/vole_reader.h"

#include <fmt/format.h>

#include <cstring>

#include "object/elf_format.h"
#include "object/func_tables.h"

namespace vole::object {
namespace {
class Reader {
 public:
  Reader(std::span<const u8> bytes, const target::TargetInfo& target, std::span<const Elf64_Shdr> headers,
         std::span<const u8> names, Object& out, std::string& error)
      : bytes_(bytes), target_(target), headers_(headers), names_(names), out_(out), error_(error) {}

  bool read() { return find_sections() && package() && symbols() && relocations() && extra(); }

 private:
  bool fail(std::string_view what) {
    error_ = fmt::format("malformed object: {}", what);
    return false;
  }
  std::string_view text(std::span<const u8> table, u32 at) const {
    if (at >= table.size()) return {};
    const char* p = reinterpret_cast<const char*>(table.data()) + at;
    return {p, strnlen(p, table.size() - at)};
  }

  // Sections 1 … KindCount-1 are the kinds' contents; the others are found by name.
  bool find_sections() {
    if (headers_.size() <= format::KindCount) return fail("sections missing");
    for (size_t i = 1; i < headers_.size(); i++) {
      const Elf64_Shdr& h = headers_[i];
      if (h.sh_type != SHT_NOBITS && (h.sh_offset > bytes_.size() || bytes_.size() - h.sh_offset < h.sh_size))
        return fail("section content beyond the end");
      std::string_view n = text(names_, h.sh_name);
      std::span<const u8> c =
          h.sh_type == SHT_NOBITS ? std::span<const u8>() : bytes_.subspan(h.sh_offset, h.sh_size);
      if (i < format::KindCount) {
        if (n != format::SectionNames[i]) return fail("section order");
        content_[i] = c;
        sizes_[i] = h.sh_size;
      } else if (n == ".symtab") {
        symtab_ = c;
      } else if (n == ".strtab") {
        strtab_ = c;
      } else if (n == ".vole.pkg") {
        pkg_ = c;
      } else if (n == ".vole.sym") {
        sym_ = c;
      } else if (n == ".vole.func") {
        func_ = c;
      } else if (h.sh_type == SHT_RELA && h.sh_info < format::KindCount) {
        rela_[h.sh_info] = c;
      }
    }
    return true;
  }

  bool package() {
    Decoder d(pkg_);
    if (d.u() != format::Version) return fail("another version");
    out_.package = Name::intern(d.text());
    size_t n = d.count();
    for (size_t i = 0; i < n; i++) out_.imports.push_back(Name::intern(d.text()));
    for (auto* list : {&out_.files, &out_.names}) {
      n = d.count();
      for (size_t i = 0; i < n; i++) list->push_back(Name::intern(d.text()));
    }
    init_task_ = d.u();
    out_.is_std = d.u();
    return d.failed() ? fail("package facts") : true;
  }

  template <class T>
  static T entry(std::span<const u8> table, size_t i) {
    T v;
    std::memcpy(&v, table.data() + i * sizeof(T), sizeof(T));
    return v;
  }

  bool symbols() {
    Decoder d(sym_);
    size_t n = symtab_.size() / sizeof(Elf64_Sym);
    for (size_t i = 1; i < n; i++) {
      Elf64_Sym e = entry<Elf64_Sym>(symtab_, i);
      u64 flags = d.u();
      Name name = Name::intern(text(strtab_, e.st_name));
      Symbol* s = out_.append(name);
      s->local = flags & format::Local;
      if (e.st_shndx >= format::KindCount) return fail("symbol kind");
      s->kind = static_cast<SymKind>(e.st_shndx);
      s->dupok = flags & format::Dupok;
      s->weak_def = flags & format::WeakDef;
      s->no_split = flags & format::NoSplit;
      s->reflect_method = flags & format::ReflectMethod;
      s->abi0 = flags & format::Abi0;
      s->wrapper = flags & format::Wrapper;
      s->linkname = flags & format::Linkname;
      s->linkname_std = flags & format::LinknameStd;
      s->align = static_cast<u32>(d.u());
      u64 bytes = d.u();
      reloc_counts_.push_back(d.u());
      s->size = e.st_size;
      if (s->align == 0 || s->align > 1 << 20 || (s->align & (s->align - 1))) return fail("alignment");
      if (s->kind != SymKind::Undef) {
        size_t k = e.st_shndx;
        if (e.st_value > sizes_[k] || sizes_[k] - e.st_value < e.st_size || bytes > e.st_size)
          return fail("symbol outside its section");
        if (bytes) {
          if (content_[k].size() != sizes_[k]) return fail("bytes in a zeroed section");
          s->bytes = {const_cast<u8*>(content_[k].data()) + e.st_value, bytes};
        }
      }
      offsets_.push_back(e.st_value);
      if (flags & format::HasMask) {
        s->gc_mask_words = d.u();
        s->gc_mask = d.bytes();
        if (s->gc_mask_words > s->gc_mask.size() * 8 || s->gc_mask_words > s->size / 8 + 1)
          return fail("pointer mask");
      }
      if (flags & format::HasType) s->go_type = Name::intern(d.text());
      if (flags & format::HasFunc) with_func_.push_back(s);
      if (d.failed()) return fail("symbol facts");
    }
    if (init_task_ > out_.symbols.size()) return fail("initialisation task");
    if (init_task_) out_.init_task = &out_.symbols[init_task_ - 1];
    return true;
  }

  bool reloc_kind(u64 type, RelocKind& k) const {
    if (type < format::FirstOwnReloc) {
      const target::ElfReloc* r = target_.elf_reloc(static_cast<u32>(type));
      if (r) k = r->kind;
      return r;
    }
    if (type > format::FirstOwnReloc + static_cast<u32>(RelocKind::UseNamedMethod)) return false;
    k = static_cast<RelocKind>(type - format::FirstOwnReloc);
    return true;
  }

  // Relocations stand in symbol order, as many for each symbol as .vole.sym says.
  bool relocations() {
    size_t next[format::KindCount] = {};
    for (Symbol& s : out_.symbols) {
      u64 n = reloc_counts_[s.id];
      if (n == 0) continue;
      auto k = static_cast<size_t>(s.kind);
      if (n > rela_[k].size() / sizeof(Elf64_Rela) - next[k]) return fail("relocations missing");
      s.relocs.reserve(n);
      for (u64 i = 0; i < n; i++) {
        Elf64_Rela r = entry<Elf64_Rela>(rela_[k], next[k]++);
        Reloc out;
        u64 target = ELF64_R_SYM(r.r_info);
        if (!reloc_kind(ELF64_R_TYPE(r.r_info), out.kind) || target > out_.symbols.size())
          return fail("relocation");
        if (target == 0 && out.kind != RelocKind::Tls32) return fail("relocation without a symbol");
        if (r.r_offset < offsets_[s.id] || r.r_offset - offsets_[s.id] > s.size)
          return fail("relocation outside its symbol");
        out.offset = static_cast<u32>(r.r_offset - offsets_[s.id]);
        out.target = target ? &out_.symbols[target - 1] : nullptr;
        out.addend = r.r_addend;
        s.relocs.push_back(out);
      }
    }
    return true;
  }

  bool extra() {
    Decoder d(func_);
    for (Symbol* s : with_func_) {
      s->tables = d.bytes();
      if (d.failed() || !check_tables(s->tables, out_.files.size(), out_.names.size()))
        return fail("function tables");
    }
    return true;
  }

  std::span<const u8> bytes_;
  const target::TargetInfo& target_;
  std::span<const Elf64_Shdr> headers_;
  std::span<const u8> names_;
  Object& out_;
  std::string& error_;
  std::span<const u8> content_[format::KindCount], rela_[format::KindCount], symtab_, strtab_, pkg_, sym_,
      func_;
  u64 sizes_[format::KindCount] = {}, init_task_ = 0;
  std::vector<u64> offsets_, reloc_counts_;
  std::vector<Symbol*> with_func_;
};
}  // namespace

bool read_vole_object(std::span<const u8> bytes, const target::TargetInfo& target,
                      std::span<const Elf64_Shdr> headers, std::span<const u8> names, Object& out,
                      std::string& error) {
  return Reader(bytes, target, headers, names, out, error).read();
}
}  // namespace vole::object
