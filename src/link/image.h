// The executable in memory: every part has its place, so that parts can be made by several threads at once.
#pragma once
#include <span>
#include <string>

#include "base/base.h"

namespace vole::link {
class Image {
 public:
  // Zeroed bytes; not valid when memory is short.
  explicit Image(u64 size);
  ~Image();
  Image(const Image&) = delete;
  bool valid() const { return data_ != nullptr; }
  u8* at(u64 offset) { return data_ + offset; }
  u64 size() const { return size_; }
  // Writes it to a temporary name beside `path` and renames. Returns false after setting `error` to one line;
  // `path` is as it was then.
  bool write(const std::string& path, std::string& error) const;

 private:
  u8 *base_ = nullptr, *data_ = nullptr;  // of the mapping; of the image in it
  u64 size_, mapped_ = 0;
};
}  // namespace vole::link
