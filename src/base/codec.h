// Byte encoding of vole's own file contents: variable-length integers (LEB128; signed ones zigzag), strings
// and bytes with their length. The Decoder trusts nothing: reading past the end or an impossible value sets
// failed() and yields zeros from there on.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace vole {
class Encoder {
 public:
  std::vector<u8> out;
  void u(u64 v) {
    for (; v >= 0x80; v >>= 7) out.push_back(static_cast<u8>(v | 0x80));
    out.push_back(static_cast<u8>(v));
  }
  void s(i64 v) { u(static_cast<u64>(v) << 1 ^ static_cast<u64>(v >> 63)); }
  void b(bool v) { out.push_back(v); }
  void bytes(std::span<const u8> v) {
    u(v.size());
    out.insert(out.end(), v.begin(), v.end());
  }
  void text(std::string_view v) { bytes({reinterpret_cast<const u8*>(v.data()), v.size()}); }
};

class Decoder {
 public:
  explicit Decoder(std::span<const u8> in) : p_(in.data()), end_(in.data() + in.size()) {}
  bool failed() const { return failed_; }
  bool at_end() const { return p_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - p_); }
  void fail() {
    failed_ = true;
    p_ = end_;
  }
  u64 u() {
    u64 v = 0;
    for (int shift = 0; p_ < end_ && shift < 64; shift += 7) {
      u8 c = *p_++;
      v |= static_cast<u64>(c & 0x7f) << shift;
      if (c < 0x80) return v;
    }
    fail();
    return 0;
  }
  i64 s() {
    u64 v = u();
    return static_cast<i64>(v >> 1) ^ -static_cast<i64>(v & 1);
  }
  bool b() {
    if (p_ >= end_) return fail(), false;
    return *p_++ != 0;
  }
  // A count of things that take at least `min_bytes` each: so that a damaged count cannot ask for more memory
  // than the input justifies.
  size_t count(size_t min_bytes = 1) {
    u64 n = u();
    if (n > left() / (min_bytes ? min_bytes : 1)) return fail(), 0;
    return static_cast<size_t>(n);
  }
  std::span<const u8> bytes() {
    size_t n = count();
    std::span<const u8> v(p_, n);
    p_ += n;
    return v;
  }
  std::string_view text() {
    auto v = bytes();
    return {reinterpret_cast<const char*>(v.data()), v.size()};
  }

 private:
  const u8* p_;
  const u8* end_;
  bool failed_ = false;
};
}  // namespace vole
