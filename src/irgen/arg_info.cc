// What tracebacks print of a function's arguments: gc's byte string (FUNCDATA_ArgInfo) of offset and size
// pairs from the start of the incoming area, with braces around the parts of strings, slices, interfaces,
// structs and arrays.
#include <algorithm>

#include "irgen/builder.h"

namespace vole::irgen {
namespace {
constexpr u8 End = 0xff, Open = 0xfe, Close = 0xfd, Dots = 0xfc, TooFar = 0xfb, Special = 0xf0;
constexpr int MaxValues = 10, MaxDepth = 5;

struct Writer {
  std::vector<u8>& out;
  int values = 0;

  // False once enough has been written.
  bool word(i64 off, i64 size) {
    if (values == MaxValues) {
      out.push_back(Dots);
      return false;
    }
    values++;
    if (off >= Special) {
      out.push_back(TooFar);
    } else {
      out.push_back(static_cast<u8>(off));
      out.push_back(static_cast<u8>(size));
    }
    return true;
  }

  template <class Parts>
  bool group(int depth, Parts parts) {
    out.push_back(Open);
    if (depth >= MaxDepth) {
      out.push_back(Dots);
      values++;
    } else if (!parts()) {
      return false;
    }
    out.push_back(Close);
    return true;
  }

  bool words(int depth, i64 off, int count, i64 size = 8) {
    return group(depth, [&] {
      for (int i = 0; i < count; i++)
        if (!word(off + i * size, size)) return false;
      return true;
    });
  }

  bool value(const TypeInfo* t, i64 off, int depth) {
    switch (t->kind) {
      case abi::KInterface:
      case abi::KString: return words(depth, off, 2);
      case abi::KSlice: return words(depth, off, 3);
      case abi::KComplex64: return words(depth, off, 2, 4);
      case abi::KComplex128: return words(depth, off, 2);
      case abi::KArray:
        if (t->len == 0) return word(off, 0);
        return group(depth, [&] {
          for (i64 i = 0; i < t->len; i++)
            if (!value(t->elem, off + i * t->elem->size, depth + 1)) return false;
          return true;
        });
      case abi::KStruct:
        if (t->fields.empty()) return word(off, 0);
        return group(depth, [&] {
          for (size_t i = 0; i < t->fields.size(); i++)
            if (!value(t->fields[i], off + t->offsets[i], depth + 1)) return false;
          return true;
        });
      default: return word(off, t->size);
    }
  }
};
}  // namespace

std::vector<u8> arg_info(const AbiSig& sig) {
  std::vector<u8> out;
  Writer w{out};
  for (const ParamLoc& p : sig.params) {
    i64 off = p.stack_offset;
    if (p.in_regs && !p.leaves.empty())
      off = sig.sig.spill_offset + i64{sig.sig.args[p.first].stack_offset} - p.leaves[0].off;
    if (!w.value(p.type, off, 0)) break;
  }
  if (!out.empty()) out.push_back(End);
  return out;
}
}  // namespace vole::irgen
