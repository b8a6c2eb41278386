// Writes the executable: three loadable segments (code, read-only data, writable data), section headers, and a symbol table unless stripped.
// No interpreter and no dynamic section: the file runs by itself. Written to a temporary name and renamed.
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "link/context.h"
#include "link/dwarf.h"

namespace vole::link {
namespace {
struct Image {
  std::vector<u8> bytes;
  void place(u64 offset, const void* p, size_t n) {
    if (bytes.size() < offset + n) bytes.resize(offset + n);
    std::memcpy(bytes.data() + offset, p, n);
  }
};

bool write_file(const std::string& path, const std::vector<u8>& bytes, std::string& error) {
  std::string temporary = fmt::format("{}.tmp{}", path, getpid());
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
  auto fail = [&](int e) {
    error = fmt::format("cannot write {}: {}", path, std::strerror(e));
    if (fd >= 0) close(fd);
    unlink(temporary.c_str());
    return false;
  };
  if (fd < 0) return fail(errno);
  for (size_t at = 0; at < bytes.size();) {
    ssize_t n = write(fd, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(errno);
    at += static_cast<size_t>(n);
  }
  if (close(fd) != 0) {
    int e = errno;
    fd = -1;
    return fail(e);
  }
  fd = -1;
  if (rename(temporary.c_str(), path.c_str()) != 0) return fail(errno);
  return true;
}

class Writer {
 public:
  explicit Writer(Context& c) : c_(c) {}

  bool write() {
    constexpr u64 Page = 0x1000;
    Section &text = c_.section(SectionId::Text), &ro = c_.section(SectionId::RoData), &pcln = c_.section(SectionId::Pclntab),
            &first = c_.section(SectionId::BuildInfo), &data = c_.section(SectionId::Module), &last = c_.section(SectionId::NoPtrBss);
    u64 base = text.addr - Page;
    auto offset_of = [&](u64 addr) { return addr - base; };
    for (Section& s : c_.sections) {
      s.file_offset = offset_of(s.addr);
      if (!s.bytes.empty()) image_.place(s.file_offset, s.bytes.data(), s.bytes.size());
    }
    segment(PF_R | PF_X, base, 0, Page + text.size, Page + text.size);
    segment(PF_R, ro.addr, offset_of(ro.addr), pcln.addr + pcln.size - ro.addr, pcln.addr + pcln.size - ro.addr);
    u64 start = first.addr & ~(Page - 1);
    u64 file_end = data.addr + data.size, mem_end = last.addr + last.size;
    if (mem_end > start) segment(PF_R | PF_W, start, offset_of(start), file_end - start, mem_end - start);
    note();
    Elf64_Phdr stack{};
    stack.p_type = PT_GNU_STACK;
    stack.p_flags = PF_R | PF_W;
    stack.p_align = 16;
    segments_.push_back(stack);
    if (image_.bytes.size() < offset_of(file_end)) image_.bytes.resize(offset_of(file_end));
    sections();
    header();
    std::string error;
    if (write_file(c_.options.output, image_.bytes, error)) return true;
    c_.error(error);
    return false;
  }

 private:
  void segment(u32 flags, u64 addr, u64 offset, u64 file_size, u64 mem_size) {
    Elf64_Phdr p{};
    p.p_type = PT_LOAD;
    p.p_flags = flags;
    p.p_vaddr = p.p_paddr = addr;
    p.p_offset = offset;
    p.p_filesz = file_size;
    p.p_memsz = mem_size;
    p.p_align = 0x1000;
    segments_.push_back(p);
  }

  // .note.go.buildid, in the first page behind the program headers, where `go tool buildid` and the driver look.
  void note() {
    const std::string& id = c_.options.build_id;
    if (id.empty()) return;
    constexpr u64 At = 0x400;
    constexpr u32 GoBuildIdNote = 4;
    std::vector<u8> n;
    put32(n, 4);
    put32(n, static_cast<u32>(id.size()));
    put32(n, GoBuildIdNote);
    for (char c : {'G', 'o', '\0', '\0'}) n.push_back(static_cast<u8>(c));
    n.insert(n.end(), id.begin(), id.end());
    n.resize(align_up(n.size(), 4));
    image_.place(At, n.data(), n.size());
    Elf64_Phdr p{};
    p.p_type = PT_NOTE;
    p.p_flags = PF_R;
    p.p_offset = At;
    p.p_vaddr = p.p_paddr = c_.section(SectionId::Text).addr - 0x1000 + At;
    p.p_filesz = p.p_memsz = n.size();
    p.p_align = 4;
    segments_.push_back(p);
    note_size_ = n.size();
  }

  u32 add_string(std::vector<u8>& table, std::string_view s) {
    u32 at = static_cast<u32>(table.size());
    table.insert(table.end(), s.begin(), s.end());
    table.push_back(0);
    return at;
  }

  void sections() {
    headers_.push_back({});
    names_.push_back(0);
    u16 index_of[static_cast<size_t>(SectionId::Count)] = {};
    for (size_t i = 1; i < static_cast<size_t>(SectionId::Count); i++) {
      Section& s = c_.sections[i];
      if (s.size == 0) continue;
      Elf64_Shdr h{};
      auto id = static_cast<SectionId>(i);
      bool bss = id == SectionId::Bss || id == SectionId::NoPtrBss;
      h.sh_name = add_string(names_, s.name);
      h.sh_type = bss ? SHT_NOBITS : SHT_PROGBITS;
      h.sh_flags = SHF_ALLOC;
      if (id == SectionId::Text) h.sh_flags |= SHF_EXECINSTR;
      if (id >= SectionId::BuildInfo) h.sh_flags |= SHF_WRITE;
      h.sh_addr = s.addr;
      h.sh_offset = s.file_offset;
      h.sh_size = s.size;
      h.sh_addralign = 16;
      index_of[i] = static_cast<u16>(headers_.size());
      headers_.push_back(h);
    }
    if (note_size_) {
      Elf64_Shdr h{};
      h.sh_name = add_string(names_, ".note.go.buildid");
      h.sh_type = SHT_NOTE;
      h.sh_flags = SHF_ALLOC;
      h.sh_addr = c_.section(SectionId::Text).addr - 0x1000 + 0x400;
      h.sh_offset = 0x400;
      h.sh_size = note_size_;
      h.sh_addralign = 4;
      headers_.push_back(h);
    }
    if (!c_.options.strip_debug) {
      for (const DebugSection& d : make_dwarf(c_)) {
        Elf64_Shdr h{};
        h.sh_name = add_string(names_, d.name);
        h.sh_type = SHT_PROGBITS;
        h.sh_addralign = 1;
        append(h, d.bytes);
      }
    }
    if (!c_.options.strip_symbols) symbol_table(index_of);
    Elf64_Shdr h{};
    h.sh_name = add_string(names_, ".shstrtab");
    h.sh_type = SHT_STRTAB;
    h.sh_addralign = 1;
    append(h, names_);
  }

  void append(Elf64_Shdr h, const std::vector<u8>& bytes) {
    h.sh_offset = align_up(image_.bytes.size(), 8);
    h.sh_size = bytes.size();
    image_.place(h.sh_offset, bytes.data(), bytes.size());
    headers_.push_back(h);
  }

  void symbol_table(const u16* index_of) {
    std::vector<u8> strings{0}, symbols(sizeof(Elf64_Sym));
    for (size_t i = 1; i < static_cast<size_t>(SectionId::Count); i++) {
      for (u32 k : c_.sections[i].entities) {
        const Entity& e = c_.entities[k];
        Elf64_Sym s{};
        s.st_name = add_string(strings, e.name.text());
        s.st_info = ELF64_ST_INFO(STB_LOCAL, e.section == SectionId::Text ? STT_FUNC : STT_OBJECT);
        s.st_shndx = index_of[i];
        s.st_value = e.addr;
        s.st_size = e.sym->size;
        const u8* p = reinterpret_cast<const u8*>(&s);
        symbols.insert(symbols.end(), p, p + sizeof s);
      }
    }
    Elf64_Shdr h{};
    h.sh_name = add_string(names_, ".symtab");
    h.sh_type = SHT_SYMTAB;
    h.sh_link = static_cast<u32>(headers_.size()) + 1;
    h.sh_info = static_cast<u32>(symbols.size() / sizeof(Elf64_Sym));
    h.sh_entsize = sizeof(Elf64_Sym);
    h.sh_addralign = 8;
    append(h, symbols);
    h = {};
    h.sh_name = add_string(names_, ".strtab");
    h.sh_type = SHT_STRTAB;
    h.sh_addralign = 1;
    append(h, strings);
  }

  void header() {
    u64 at = align_up(image_.bytes.size(), 8);
    image_.place(at, headers_.data(), headers_.size() * sizeof(Elf64_Shdr));
    Elf64_Ehdr h{};
    std::memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    h.e_type = ET_EXEC;
    h.e_machine = EM_X86_64;
    h.e_version = EV_CURRENT;
    h.e_entry = c_.find(c_.options.entry)->addr;
    h.e_phoff = sizeof h;
    h.e_shoff = at;
    h.e_ehsize = sizeof h;
    h.e_phentsize = sizeof(Elf64_Phdr);
    h.e_phnum = static_cast<u16>(segments_.size());
    h.e_shentsize = sizeof(Elf64_Shdr);
    h.e_shnum = static_cast<u16>(headers_.size());
    h.e_shstrndx = static_cast<u16>(headers_.size() - 1);
    image_.place(0, &h, sizeof h);
    image_.place(sizeof h, segments_.data(), segments_.size() * sizeof(Elf64_Phdr));
  }

  Context& c_;
  Image image_;
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Shdr> headers_;
  std::vector<u8> names_;
  u64 note_size_ = 0;
};
}  // namespace

bool write_executable(Context& c) { return Writer(c).write(); }
}  // namespace vole::link
