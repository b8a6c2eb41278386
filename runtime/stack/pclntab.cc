// Decoding of the tables pclntab.h describes.
#include "stack/pclntab.h"

namespace vole::runtime {
namespace {
struct FtabEntry {
  u32 entry_off, func_off;
};

u32 uvarint(const u8*& p) {
  u32 v = 0;
  for (int shift = 0;; shift += 7) {
    u8 b = *p++;
    v |= u32(b & 0x7f) << shift;
    if (b < 0x80) return v;
  }
}
}  // namespace

const FuncRecord* find_func(u64 pc) {
  const abi::ModuleData& md = rt_module;
  if (pc < md.minpc || pc >= md.maxpc) return nullptr;
  u32 off = u32(pc - md.text);
  const FtabEntry* ftab = static_cast<const FtabEntry*>(md.ftab.ptr);
  u64 lo = 0, hi = u64(md.ftab.len) - 1;  // the last entry is the end of text
  if (i64(hi) <= 0) return nullptr;
  while (hi - lo > 1) {
    u64 mid = (lo + hi) / 2;
    if (ftab[mid].entry_off <= off) lo = mid;
    else hi = mid;
  }
  if (ftab[lo].entry_off > off || ftab[lo].func_off == 0) return nullptr;
  return reinterpret_cast<const FuncRecord*>(static_cast<const u8*>(md.pclntable.ptr) + ftab[lo].func_off);
}

u64 func_end(const FuncRecord* f) {
  const FtabEntry* ftab = static_cast<const FtabEntry*>(rt_module.ftab.ptr);
  u64 lo = 0, hi = u64(rt_module.ftab.len) - 1;
  while (hi - lo > 1) {
    u64 mid = (lo + hi) / 2;
    if (ftab[mid].entry_off <= f->entry_off) lo = mid;
    else hi = mid;
  }
  return rt_module.text + ftab[hi].entry_off;
}

Str name_at(i32 offset) {
  if (offset <= 0) return Str("");
  return Str(static_cast<const char*>(rt_module.funcnametab.ptr) + offset);
}
Str func_name(const FuncRecord* f) { return f ? name_at(f->name_off) : Str(""); }

i32 pc_value(const FuncRecord* f, u32 table, u64 pc) {
  if (table == 0) return -1;
  const u8* p = static_cast<const u8*>(rt_module.pctab.ptr) + table;
  u64 at = f->entry();
  i32 value = -1;
  for (bool first = true;; first = false) {
    u32 delta = uvarint(p);
    if (delta == 0 && !first) return -1;
    value += i32(delta & 1 ? ~(delta >> 1) : delta >> 1);
    at += uvarint(p) * u32(abi::PcQuantum);
    if (pc < at) return value;
  }
}

i32 pcdata_value(const FuncRecord* f, int index, u64 pc) {
  return u32(index) < f->npcdata ? pc_value(f, f->pcdata()[index], pc) : -1;
}

const u8* funcdata(const FuncRecord* f, int index) {
  if (index >= f->nfuncdata) return nullptr;
  u32 off = f->funcdata()[index];
  return off == ~u32(0) ? nullptr : reinterpret_cast<const u8*>(rt_module.gofunc + off);
}

void file_line(const FuncRecord* f, u64 pc, Str& file, i32& line) {
  i32 file_index = pc_value(f, f->pcfile, pc);
  line = pc_value(f, f->pcln, pc);
  file = Str("?");
  if (file_index < 0 || line < 0) {
    line = 0;
    return;
  }
  u32 off = static_cast<const u32*>(rt_module.cutab.ptr)[f->cu_offset + u32(file_index)];
  if (off != ~u32(0)) file = Str(static_cast<const char*>(rt_module.filetab.ptr) + off);
}

InlineWalk::InlineWalk(const FuncRecord* f, u64 pc)
    : f_(f),
      tree_(reinterpret_cast<const InlinedCall*>(funcdata(f, abi::FuncdataInlTree))),
      index_(-1),
      pc_(pc) {
  if (tree_) index_ = pcdata_value(f, abi::PcdataInlTreeIndex, pc);
}

Source InlineWalk::source() const {
  Source s = {};
  file_line(f_, pc_, s.file, s.line);
  if (index_ >= 0) {
    const InlinedCall& c = tree_[index_];
    s.func = name_at(c.name_off);
    s.func_id = c.func_id;
    s.start_line = c.start_line;
    s.inlined = true;
  } else {
    s.func = func_name(f_);
    s.func_id = f_->func_id;
    s.start_line = f_->start_line;
  }
  return s;
}

void InlineWalk::next() {
  if (index_ < 0) {
    pc_ = 0;
    return;
  }
  pc_ = f_->entry() + u32(tree_[index_].parent_pc);
  index_ = pcdata_value(f_, abi::PcdataInlTreeIndex, pc_);
}
}  // namespace vole::runtime
