// Writes the executable: three loadable segments (code, read-only data, writable data), section headers,
// debug information and a symbol table unless stripped. No interpreter and no dynamic section: the file runs
// by itself. All parts get their places first, then they are made in parallel.
#include <elf.h>

#include <cstring>

#include "link/context.h"
#include "link/dwarf.h"
#include "link/image.h"

namespace vole::link {
namespace {
class Writer {
 public:
  Writer(Context& c, Dwarf* dwarf) : c_(c), dwarf_(dwarf) {}

  void write() {
    load();
    build_id();
    stack();
    section_headers();
    u64 headers_at = align_up(end_, 8);
    Image image(headers_at + headers_.size() * sizeof(Elf64_Shdr));
    if (!image.valid()) return c_.error("out of memory");
    fill(image);
    if (!c_.errors.empty()) return;
    std::memcpy(image.at(NoteAt), note_.data(), note_.size());
    std::memcpy(image.at(names_at_), names_.data(), names_.size());
    std::memcpy(image.at(headers_at), headers_.data(), headers_.size() * sizeof(Elf64_Shdr));
    header(image, headers_at);
    std::string error;
    if (!image.write(c_.options.output, error)) c_.error(error);
  }

 private:
  static constexpr u64 Page = 0x1000, NoteAt = 0x400;

  // ---- segments

  // File offsets of the loaded sections; the headers are in the first page, before the text.
  void load() {
    Section &text = c_.section(SectionId::Text), &ro = c_.section(SectionId::RoData),
            &pcln = c_.section(SectionId::Pclntab), &first = c_.section(SectionId::BuildInfo),
            &data = c_.section(SectionId::Module), &last = c_.section(SectionId::NoPtrBss);
    u64 base = text.addr - Page;
    for (Section& s : c_.sections) s.file_offset = s.addr - base;
    segment(PF_R | PF_X, base, 0, Page + text.size, Page + text.size);
    segment(PF_R, ro.addr, ro.file_offset, pcln.addr + pcln.size - ro.addr, pcln.addr + pcln.size - ro.addr);
    u64 start = first.addr & ~(Page - 1), file_end = data.addr + data.size, mem_end = last.addr + last.size;
    if (mem_end > start) segment(PF_R | PF_W, start, start - base, file_end - start, mem_end - start);
    end_ = file_end - base;
  }

  void segment(u32 flags, u64 addr, u64 offset, u64 file_size, u64 mem_size) {
    Elf64_Phdr p{};
    p.p_type = PT_LOAD;
    p.p_flags = flags;
    p.p_vaddr = p.p_paddr = addr;
    p.p_offset = offset;
    p.p_filesz = file_size;
    p.p_memsz = mem_size;
    p.p_align = Page;
    segments_.push_back(p);
  }

  // .note.go.buildid, in the first page behind the program headers, where `go tool buildid` and the driver
  // look.
  void build_id() {
    const std::string& id = c_.options.build_id;
    if (id.empty()) return;
    constexpr u32 GoBuildIdNote = 4;
    put32(note_, 4);
    put32(note_, static_cast<u32>(id.size()));
    put32(note_, GoBuildIdNote);
    for (char c : {'G', 'o', '\0', '\0'}) note_.push_back(static_cast<u8>(c));
    note_.insert(note_.end(), id.begin(), id.end());
    note_.resize(align_up(note_.size(), 4));
    Elf64_Phdr p{};
    p.p_type = PT_NOTE;
    p.p_flags = PF_R;
    p.p_offset = NoteAt;
    p.p_vaddr = p.p_paddr = note_address();
    p.p_filesz = p.p_memsz = note_.size();
    p.p_align = 4;
    segments_.push_back(p);
  }
  u64 note_address() { return c_.section(SectionId::Text).addr - Page + NoteAt; }

  void stack() {
    Elf64_Phdr p{};
    p.p_type = PT_GNU_STACK;
    p.p_flags = PF_R | PF_W;
    p.p_align = 16;
    segments_.push_back(p);
  }

  // ---- sections

  u32 name(std::string_view s) {
    u32 at = static_cast<u32>(names_.size());
    names_.insert(names_.end(), s.begin(), s.end());
    names_.push_back(0);
    return at;
  }

  void section_headers() {
    headers_.push_back({});
    names_.push_back(0);
    for (size_t i = 1; i < static_cast<size_t>(SectionId::Count); i++)
      if (c_.sections[i].size) loaded(static_cast<SectionId>(i));
    if (!note_.empty()) {
      Elf64_Shdr h{};
      h.sh_name = name(".note.go.buildid");
      h.sh_type = SHT_NOTE;
      h.sh_flags = SHF_ALLOC;
      h.sh_addr = note_address();
      h.sh_offset = NoteAt;
      h.sh_size = note_.size();
      h.sh_addralign = 4;
      headers_.push_back(h);
    }
    if (dwarf_)
      for (auto& s : dwarf_->sections) debug_at_.push_back(append(s.name, SHT_PROGBITS, s.size, 1));
    if (!c_.options.strip_symbols) symbol_table();
    constexpr const char* OwnName = ".shstrtab";
    names_at_ = append(OwnName, SHT_STRTAB, names_.size() + std::strlen(OwnName) + 1, 1);
  }

  void loaded(SectionId id) {
    const Section& s = c_.section(id);
    bool bss = id == SectionId::Bss || id == SectionId::NoPtrBss;
    Elf64_Shdr h{};
    h.sh_name = name(s.name);
    h.sh_type = bss ? SHT_NOBITS : SHT_PROGBITS;
    h.sh_flags = SHF_ALLOC;
    if (id == SectionId::Text) h.sh_flags |= SHF_EXECINSTR;
    if (id >= SectionId::BuildInfo) h.sh_flags |= SHF_WRITE;
    h.sh_addr = s.addr;
    h.sh_offset = s.file_offset;
    h.sh_size = s.size;
    h.sh_addralign = 16;
    index_of_[static_cast<size_t>(id)] = static_cast<u16>(headers_.size());
    headers_.push_back(h);
  }

  // A section that is not loaded, behind all others so far. Returns its offset.
  u64 append(const char* title, u32 type, u64 size, u64 align) {
    Elf64_Shdr h{};
    h.sh_name = name(title);
    h.sh_type = type;
    h.sh_addralign = align;
    h.sh_offset = align_up(end_, 8);
    h.sh_size = size;
    end_ = h.sh_offset + size;
    headers_.push_back(h);
    return h.sh_offset;
  }

  void symbol_table() {
    u64 count = 1, text = 1;
    for (const Section& s : c_.sections) {
      count += s.entities.size();
      for (u32 k : s.entities) text += c_.entities[k].name.text().size() + 1;
    }
    symbols_at_ = append(".symtab", SHT_SYMTAB, count * sizeof(Elf64_Sym), 8);
    Elf64_Shdr& h = headers_.back();
    h.sh_link = static_cast<u32>(headers_.size());
    h.sh_info = static_cast<u32>(count);
    h.sh_entsize = sizeof(Elf64_Sym);
    strings_at_ = append(".strtab", SHT_STRTAB, text, 1);
  }

  // ---- contents

  void fill(Image& image) {
    TaskGraph tasks;
    add_contents(c_, image, tasks);
    if (dwarf_) {
      for (size_t i = 0; i < debug_at_.size(); i++) dwarf_->sections[i].at = image.at(debug_at_[i]);
      dwarf_->add_writing(tasks);
    }
    if (symbols_at_) tasks.add([&] { write_symbols(image); });
    tasks.run(c_.options.threads);
  }

  void write_symbols(Image& image) {
    u8 *symbol = image.at(symbols_at_) + sizeof(Elf64_Sym), *strings = image.at(strings_at_),
       *text = strings + 1;
    for (size_t i = 1; i < static_cast<size_t>(SectionId::Count); i++) {
      for (u32 k : c_.sections[i].entities) {
        const Entity& e = c_.entities[k];
        Elf64_Sym s{};
        s.st_name = static_cast<u32>(text - strings);
        s.st_info = ELF64_ST_INFO(STB_LOCAL, e.section == SectionId::Text ? STT_FUNC : STT_OBJECT);
        s.st_shndx = index_of_[i];
        s.st_value = e.addr;
        s.st_size = e.sym->size;
        std::memcpy(symbol, &s, sizeof s);
        symbol += sizeof s;
        std::string_view n = e.name.text();
        std::memcpy(text, n.data(), n.size());
        text += n.size() + 1;
      }
    }
  }

  void header(Image& image, u64 headers_at) {
    Elf64_Ehdr h{};
    std::memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    h.e_type = ET_EXEC;
    h.e_machine = c_.machine.elf_machine;
    h.e_version = EV_CURRENT;
    h.e_entry = c_.find(c_.options.entry)->addr;
    h.e_phoff = sizeof h;
    h.e_shoff = headers_at;
    h.e_ehsize = sizeof h;
    h.e_phentsize = sizeof(Elf64_Phdr);
    h.e_phnum = static_cast<u16>(segments_.size());
    h.e_shentsize = sizeof(Elf64_Shdr);
    h.e_shnum = static_cast<u16>(headers_.size());
    h.e_shstrndx = static_cast<u16>(headers_.size() - 1);
    std::memcpy(image.at(0), &h, sizeof h);
    std::memcpy(image.at(sizeof h), segments_.data(), segments_.size() * sizeof(Elf64_Phdr));
  }

  Context& c_;
  Dwarf* dwarf_;
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Shdr> headers_;
  std::vector<u8> names_, note_;
  std::vector<u64> debug_at_;
  u64 end_ = 0, symbols_at_ = 0, strings_at_ = 0, names_at_ = 0;
  u16 index_of_[static_cast<size_t>(SectionId::Count)] = {};
};
}  // namespace

void write_executable(Context& c, Dwarf* dwarf) { Writer(c, dwarf).write(); }
}  // namespace vole::link
