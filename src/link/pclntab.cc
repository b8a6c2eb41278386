// Function tables in gc's format (magic 0xfffffff1), as debug/gosym and the runtime read them: names, files, pc-value tables, one record a
// function, and behind them the function data (stack maps, inline trees) that records refer to by offset from `gofunc`.
#include <algorithm>
#include <string>

#include "link/context.h"
#include "link/tables.h"

namespace vole::link {
using object::FuncInfo;
using object::PcValue;

namespace {
constexpr u32 NoData = 0xffffffff;

void put_varint(std::vector<u8>& b, u32 v) {
  for (; v >= 0x80; v >>= 7) b.push_back(static_cast<u8>(v | 0x80));
  b.push_back(static_cast<u8>(v));
}

// Byte strings kept once; gives their offsets.
class Pool {
 public:
  explicit Pool(u32 align) : align_(align) {}
  u32 add(const std::vector<u8>& bytes) {
    auto [it, fresh] = at_.try_emplace(std::string(bytes.begin(), bytes.end()), 0);
    if (fresh) {
      data.resize(align_up(data.size(), align_));
      it->second = static_cast<u32>(data.size());
      data.insert(data.end(), bytes.begin(), bytes.end());
    }
    return it->second;
  }
  u32 add_text(std::string_view s) {
    std::vector<u8> bytes(s.begin(), s.end());
    bytes.push_back(0);
    return add(bytes);
  }
  std::vector<u8> data;

 private:
  u32 align_;
  absl::flat_hash_map<std::string, u32> at_;
};

class Builder {
 public:
  explicit Builder(Context& c) : c_(c) { pctab_.data.push_back(0); }  // offset 0 means "no table"

  void build() {
    const Section& text = c_.section(SectionId::Text);
    for (u32 i : text.entities) add_function(c_.entities[i], text.addr);
    finish(text);
  }

 private:
  // Runs of values → offset in pctab. Runs with equal values are joined: a zero delta would end the table.
  u32 pc_table(std::span<const PcValue> runs) {
    if (runs.empty()) return 0;
    std::vector<u8> out;
    i32 last = -1;
    u32 start = 0;
    for (size_t i = 0; i < runs.size(); i++) {
      if (i + 1 < runs.size() && runs[i + 1].value == runs[i].value) continue;
      i32 delta = runs[i].value - last;
      put_varint(out, static_cast<u32>(delta) << 1 ^ static_cast<u32>(delta >> 31));
      put_varint(out, runs[i].end - start);
      last = runs[i].value;
      start = runs[i].end;
    }
    out.push_back(0);
    return pctab_.add(out);
  }

  u32 file_index(Pos pos) {
    Name shown = pos.known() ? pos.base().shown : Name::intern("?");
    auto [it, fresh] = files_.try_emplace(shown, static_cast<u32>(cutab_.size() / 4));
    if (fresh) put32(cutab_, filetab_.add_text(shown.text()));
    return it->second;
  }

  u32 bitmap_data(const std::vector<std::vector<u8>>& maps, u32 nbits) {
    if (maps.empty()) return NoData;
    std::vector<u8> out;
    put32(out, static_cast<u32>(maps.size()));
    put32(out, nbits);
    for (auto& m : maps) {
      size_t want = (nbits + 7) / 8;
      out.insert(out.end(), m.begin(), m.begin() + static_cast<long>(std::min(want, m.size())));
      out.resize(out.size() + (want - std::min(want, m.size())));
    }
    return funcdata_.add(out);
  }

  u32 inline_tree(const FuncInfo& f) {
    if (f.inlines.empty()) return NoData;
    std::vector<u8> out;
    for (auto& n : f.inlines) {
      out.push_back(n.func_id);
      out.insert(out.end(), 3, 0);
      put32(out, funcnames_.add_text(n.func.text()));
      put32(out, n.parent_pc);
      put32(out, n.start_line);
    }
    return funcdata_.add(out);
  }

  void add_function(const Entity& e, u64 text) {
    const object::Symbol& s = *e.sym;
    static const FuncInfo None;
    const FuncInfo& f = s.func ? *s.func : None;
    std::vector<PcValue> files, lines, inl;
    for (auto& l : f.lines) {
      files.push_back({l.end, static_cast<i32>(file_index(l.pos))});
      lines.push_back({l.end, static_cast<i32>(l.pos.line())});
      inl.push_back({l.end, l.inl});
    }
    std::vector<u32> data(6, NoData);
    data[abi::FuncdataArgsPointerMaps] = bitmap_data(f.args_maps, f.args_bits);
    data[abi::FuncdataLocalsPointerMaps] = bitmap_data(f.locals_maps, f.locals_bits);
    data[abi::FuncdataInlTree] = inline_tree(f);
    if (!f.arg_info.empty()) data[abi::FuncdataArgInfo] = funcdata_.add(f.arg_info);
    while (!data.empty() && data.back() == NoData) data.pop_back();

    // C++ functions of the runtime archive carry no tables, only a record with their name.
    u32 pcdata[3] = {pc_table(f.unsafe_point), pc_table(f.stackmap_index), f.inlines.empty() ? 0 : pc_table(inl)};
    u32 npcdata = s.func ? 3 : 0;
    records_.resize(align_up(records_.size(), 8));
    starts_.push_back({static_cast<u32>(e.addr - text), static_cast<u32>(records_.size())});
    std::string_view shown = s.name.text();
    if (shown.ends_with(".abi0")) shown.remove_suffix(5);
    put32(records_, static_cast<u32>(e.addr - text));
    put32(records_, funcnames_.add_text(shown));
    put32(records_, f.args_size);
    put32(records_, f.deferreturn);
    put32(records_, pc_table(f.pcsp));
    put32(records_, pc_table(files));
    put32(records_, pc_table(lines));
    put32(records_, npcdata);
    put32(records_, 0);  // all functions share one file table
    put32(records_, f.start_line);
    records_.push_back(f.func_id);
    records_.push_back(f.flags);
    records_.push_back(0);
    records_.push_back(static_cast<u8>(data.size()));
    for (u32 i = 0; i < npcdata; i++) put32(records_, pcdata[i]);
    for (u32 d : data) put32(records_, d);
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
    std::vector<u8>& out = s.bytes;
    constexpr size_t HeaderSize = 8 + 8 * 8;
    out.resize(HeaderSize);
    auto append = [&](const std::vector<u8>& bytes) {
      out.resize(align_up(out.size(), 32));
      u64 at = out.size();
      out.insert(out.end(), bytes.begin(), bytes.end());
      return at;
    };
    Tables& t = c_.tables;
    u64 names = append(funcnames_.data), cu = append(cutab_), files = append(filetab_.data), pcs = append(pctab_.data);
    std::vector<u8> pcln = ftab;
    pcln.insert(pcln.end(), records_.begin(), records_.end());
    u64 funcs = append(pcln);
    u64 find = append(find_func_table(text));
    u64 data = append(funcdata_.data);
    set32(&out[0], abi::PclntabMagic);
    out[6] = abi::PcQuantum;
    out[7] = 8;
    u64 header[] = {starts_.size(), files_.size(), 0, names, cu, files, pcs, funcs};
    for (size_t i = 0; i < std::size(header); i++) set64(&out[8 + 8 * i], header[i]);
    s.size = out.size();
    t = {s.addr, {s.addr + names, funcnames_.data.size()}, {s.addr + cu, cutab_.size() / 4}, {s.addr + files, filetab_.data.size()},
         {s.addr + pcs, pctab_.data.size()}, {s.addr + funcs, pcln.size()}, {s.addr + funcs, starts_.size() + 1}, s.addr + find, s.addr + data};
  }

  Context& c_;
  Pool funcnames_{1}, filetab_{1}, pctab_{1}, funcdata_{8};
  std::vector<u8> cutab_, records_;
  std::vector<std::pair<u32, u32>> starts_;  // text offset, record offset
  absl::flat_hash_map<Name, u32> files_;
};
}  // namespace

void build_pclntab(Context& c) { Builder(c).build(); }
}  // namespace vole::link
