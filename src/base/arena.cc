#include "base/arena.h"

#include <cstdlib>

#include "base/scratch.h"

namespace vole {
void* Arena::allocate_slow(size_t size, size_t align) {
  size_t want = slabs_.empty() ? 16 << 10 : slabs_.back().size * 2;
  if (want > 1 << 20) want = 1 << 20;
  if (want < size + align) want = size + align;
  char* data = static_cast<char*>(std::malloc(want));
  if (!data) out_of_memory();
  slabs_.push_back({data, want});
  reserved_ += want;
  cur_ = reinterpret_cast<size_t>(data);
  end_ = cur_ + want;
  size_t p = (cur_ + align - 1) & ~(align - 1);
  cur_ = p + size;
  return reinterpret_cast<void*>(p);
}

void Arena::free_slabs() {
  for (Slab& s : slabs_) std::free(s.data);
  slabs_.clear();
}

void Arena::reset() {
  if (slabs_.empty()) return;
  for (size_t i = 1; i < slabs_.size(); i++) {
    reserved_ -= slabs_[i].size;
    std::free(slabs_[i].data);
  }
  slabs_.resize(1);
  cur_ = reinterpret_cast<size_t>(slabs_[0].data);
  end_ = cur_ + slabs_[0].size;
}
}  // namespace vole
