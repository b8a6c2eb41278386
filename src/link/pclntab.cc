// Function tables in gc's format (magic 0xfffffff1), as debug/gosym and the runtime read them: names, files,
// pc-value tables, one record a function, and behind them the function data (stack maps, inline trees) that
// records refer to by offset from `gofunc`. Objects hold the tables encoded; here equal ones become one, and
// names and files get their offsets.
#include <algorithm>
#include <string>

#include "link/context.h"
#include "link/tables.h"
#include "object/func_tables.h"

namespace vole::link {
using object::FuncTables;

namespace {
constexpr u32 NoData = 0xffffffff;

// Byte strings kept once; gives their offsets. The strings given must outlive the pool.
class Pool {
 public:
  explicit Pool(u32 align) : align_(align) {}
  u32 add(std::span<const u8> bytes) {
    auto [it, fresh] =
        at_.try_emplace(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), 0);
    if (fresh) it->second = append(bytes);
    return it->second;
  }
  u32 append(std::span<const u8> bytes) {
    data.resize(align_up(data.size(), align_));
    u32 at = static_cast<u32>(data.size());
    data.insert(data.end(), bytes.begin(), bytes.end());
    return at;
  }
  std::vector<u8> data;

 private:
  u32 align_;
  absl::flat_hash_map<std::string_view, u32> at_;
};

// Texts with a zero behind each, kept once.
class NamePool {
 public:
  u32 add(Name n) {
    auto [it, fresh] = at_.try_emplace(n, static_cast<u32>(data.size()));
    if (fresh) append(n.text());
    return it->second;
  }
  u32 append(std::string_view s) {
    u32 at = static_cast<u32>(data.size());
    data.insert(data.end(), s.begin(), s.end());
    data.push_back(0);
    return at;
  }
  size_t count() const { return at_.size(); }
  std::vector<u8> data;

 private:
  absl::flat_hash_map<Name, u32> at_;
};

class Builder {
 public:
  explicit Builder(Context& c) : c_(c), file_base_(c.objects.size(), NoData) {
    pctab_.data.push_back(0);      // offset 0 means "no table",
    funcnames_.data.push_back(0);  // or no name
  }

  void build() {
    const Section& text = c_.section(SectionId::Text);
    starts_.reserve(text.entities.size());
    for (u32 i : text.entities) add_function(c_.entities[i], text.addr);
    finish(text);
  }

 private:
  u32 pc_table(std::span<const u8> table) { return table.empty() ? 0 : pctab_.add(table); }
  u32 func_data(std::span<const u8> bytes) { return bytes.empty() ? NoData : funcdata_.add(bytes); }

  // Where the object's files begin in cutab.
  u32 file_base(u32 object) {
    u32& base = file_base_[object];
    if (base != NoData) return base;
    base = static_cast<u32>(cutab_.size() / 4);
    const Name unknown = Name::intern("??");
    for (Name f : c_.objects[object]->files) put32(cutab_, filetab_.add(f ? f : unknown));
    return base;
  }

  // Nodes name functions by offset in funcnametab; those of the object count its names.
  u32 inline_tree(std::span<const u8> nodes, const object::Object& o) {
    if (nodes.empty()) return NoData;
    u32 at = funcdata_.append(nodes);
    for (size_t i = FuncTables::InlineName; i < nodes.size(); i += FuncTables::InlineSize)
      set32(&funcdata_.data[at + i], funcnames_.add(o.names[get32(&nodes[i])]));
    return at;
  }

  u32 function_name(const Entity& e) {
    std::string_view shown = e.name.text();
    return shown.ends_with(".abi0") ? funcnames_.append(shown.substr(0, shown.size() - 5))
                                    : funcnames_.add(e.name);
  }

  void add_function(const Entity& e, u64 text) {
    const object::Object& o = *c_.objects[e.object];
    bool has_tables =
        !e.sym->tables.empty();  // C++ functions of the runtime archive have only a record with their name
    FuncTables f = has_tables ? object::read_tables(e.sym->tables) : FuncTables();
    u32 data[6] = {NoData, NoData, NoData, NoData, NoData, NoData};
    data[abi::FuncdataArgsPointerMaps] = func_data(f.args_map);
    data[abi::FuncdataLocalsPointerMaps] = func_data(f.locals_map);
    data[abi::FuncdataInlTree] = inline_tree(f.inlines, o);
    data[abi::FuncdataArgInfo] = func_data(f.arg_info);
    size_t data_count = std::size(data);
    while (data_count > 0 && data[data_count - 1] == NoData) data_count--;

    u32 pcdata[] = {pc_table(f.unsafe_point), pc_table(f.stackmap_index), pc_table(f.pcinline)};
    u32 pcdata_count = has_tables ? std::size(pcdata) : 0;
    records_.resize(align_up(records_.size(), 8));
    starts_.push_back({static_cast<u32>(e.addr - text), static_cast<u32>(records_.size())});
    put32(records_, static_cast<u32>(e.addr - text));
    put32(records_, function_name(e));
    put32(records_, f.args_size);
    put32(records_, f.deferreturn);
    put32(records_, pc_table(f.pcsp));
    put32(records_, pc_table(f.pcfile));
    put32(records_, pc_table(f.pcline));
    put32(records_, pcdata_count);
    put32(records_, has_tables ? file_base(e.object) : 0);
    put32(records_, f.start_line);
    records_.push_back(f.func_id);
    records_.push_back(f.flags);
    records_.push_back(0);
    records_.push_back(static_cast<u8>(data_count));
    for (u32 i = 0; i < pcdata_count; i++) put32(records_, pcdata[i]);
    for (size_t i = 0; i < data_count; i++) put32(records_, data[i]);
  }

  // Bucket table over the text: for each 256 bytes the first function that reaches into them.
  std::vector<u8> find_func_table(const Section& text) {
    constexpr u64 Sub = abi::FindFuncBucketSize / abi::FindFuncSubbuckets;
    size_t buckets = (text.size + abi::FindFuncBucketSize - 1) / abi::FindFuncBucketSize;
    std::vector<u8> out;
    size_t f = 0;
    auto index_at = [&](u64 offset) {
      while (f + 1 < starts_.size() && starts_[f + 1].first <= offset) f++;
      return static_cast<u32>(f);
    };
    for (size_t b = 0; b < buckets; b++) {
      u32 base = index_at(b * abi::FindFuncBucketSize);
      put32(out, base);
      for (u64 j = 0; j < abi::FindFuncSubbuckets; j++) {
        u32 i = index_at(b * abi::FindFuncBucketSize + j * Sub);
        out.push_back(static_cast<u8>(std::min<u32>(i - base, 255)));
      }
    }
    return out;
  }

  void finish(const Section& text) {
    u32 ftab_size = static_cast<u32>(starts_.size() * 8 + 4);
    u32 shift = static_cast<u32>(align_up(ftab_size, 8));
    std::vector<u8> ftab;
    for (auto& [pc, off] : starts_) {
      put32(ftab, pc);
      put32(ftab, off + shift);
    }
    put32(ftab, static_cast<u32>(text.size));
    ftab.resize(shift);

    Section& s = c_.section(SectionId::Pclntab);
    const Section& types = c_.section(SectionId::Types);
    s.addr = align_up(types.addr + types.size, 64);
    constexpr size_t HeaderSize = 8 + 8 * 8;
    s.size = HeaderSize;
    auto append = [&](std::vector<u8> bytes) {
      u64 at = align_up(s.size, 32);
      s.size = at + bytes.size();
      c_.pieces.push_back({s.addr + at, std::move(bytes)});
      return at;
    };
    auto range = [&](u64 at, u64 len) { return Range{s.addr + at, len}; };
    Tables& t = c_.tables;
    t.header = s.addr;
    u64 counts[] = {funcnames_.data.size(), cutab_.size() / 4, filetab_.data.size(), pctab_.data.size(),
                    ftab.size() + records_.size()};
    ftab.insert(ftab.end(), records_.begin(), records_.end());
    std::vector<u8> find = find_func_table(text);
    u64 names = append(std::move(funcnames_.data)), cu = append(std::move(cutab_)),
        files = append(std::move(filetab_.data)), pcs = append(std::move(pctab_.data)),
        funcs = append(std::move(ftab));
    t.funcnametab = range(names, counts[0]);
    t.cutab = range(cu, counts[1]);
    t.filetab = range(files, counts[2]);
    t.pctab = range(pcs, counts[3]);
    t.pclntable = range(funcs, counts[4]);
    t.ftab = range(funcs, starts_.size() + 1);
    t.findfunctab = s.addr + append(std::move(find));
    t.gofunc = s.addr + append(std::move(funcdata_.data));
    std::vector<u8> header(HeaderSize);
    set32(&header[0], abi::PclntabMagic);
    header[6] = static_cast<u8>(c_.machine.code_step);
    header[7] = 8;
    u64 words[] = {starts_.size(), filetab_.count(), 0, names, cu, files, pcs, funcs};
    for (size_t i = 0; i < std::size(words); i++) set64(&header[8 + 8 * i], words[i]);
    c_.pieces.push_back({s.addr, std::move(header)});
  }

  Context& c_;
  NamePool funcnames_, filetab_;
  Pool pctab_{1}, funcdata_{8};
  std::vector<u8> cutab_, records_;
  std::vector<std::pair<u32, u32>> starts_;  // text offset, record offset
  std::vector<u32> file_base_;               // by object
};
}  // namespace

void build_pclntab(Context& c) { Builder(c).build(); }
}  // namespace vole::link
