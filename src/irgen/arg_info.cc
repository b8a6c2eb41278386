// What tracebacks print of a function's arguments: gc's byte string (FUNCDATA_ArgInfo) of offset and size
// pairs from the start of the incoming area, with braces around the parts of strings, slices, interfaces,
// structs and arrays.
#include <algorithm>

#include "irgen/builder.h"

namespace vole::irgen {
namespace {
constexpr u8 End = 0xff, Open = 0xfe, Close = 0xfd, Dots = 0xfc, TooFar = 0xfb, Special = 0xf0;
constexpr int MaxValues = 10, MaxDepth = 4;

struct Writer {
  std::vector<u8>& out;
  int values = 0;

  // Whether there is room for one more; says once that there is not.
  bool more() {
    if (values < MaxValues) return true;
    out.push_back(Dots);
    return false;
  }

  // Each returns false when its value is left out. A group that is cut short is closed all the same.
  bool word(i64 off, i64 size) {
    if (!more()) return false;
    values++;
    if (off >= Special) {
      out.push_back(TooFar);
    } else {
      out.push_back(static_cast<u8>(off));
      out.push_back(static_cast<u8>(size));
    }
    return true;
  }

  // `part(i)` writes one of `count` parts. A group without parts counts as a value.
  template <class Part>
  bool group(int depth, i64 count, Part part) {
    if (!more()) return false;
    out.push_back(Open);
    if (count == 0 || depth == MaxDepth) {
      if (count) out.push_back(Dots);
      values++;
    } else {
      for (i64 i = 0; i < count && part(i); i++) {
      }
    }
    out.push_back(Close);
    return true;
  }

  bool words(int depth, i64 off, i64 count, i64 size = 8) {
    return group(depth, count, [&](i64 i) { return word(off + i * size, size); });
  }

  bool value(const TypeInfo* t, i64 off, int depth) {
    switch (t->kind) {
      case abi::KInterface:
      case abi::KString: return words(depth, off, 2);
      case abi::KSlice: return words(depth, off, 3);
      case abi::KComplex64: return words(depth, off, 2, 4);
      case abi::KComplex128: return words(depth, off, 2);
      case abi::KArray:
        return group(depth, t->len,
                     [&](i64 i) { return value(t->elem, off + i * t->elem->size, depth + 1); });
      case abi::KStruct:
        return group(depth, static_cast<i64>(t->fields.size()), [&](i64 i) {
          size_t k = static_cast<size_t>(i);
          return value(t->fields[k], off + t->offsets[k], depth + 1);
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
