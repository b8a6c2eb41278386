#include "source/pos.h"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace vole::source {
namespace {
// Chunks never move, so readers index without a lock.
constexpr u32 ChunkBits = 10, ChunkSize = 1 << ChunkBits, MaxChunks = 1 << 14;
std::atomic<PosBase*> chunks[MaxChunks];
std::mutex mu;
u32 next_index = 1;
}  // namespace

u32 add_pos_base(PosBase base) {
  std::lock_guard lock(mu);
  u32 index = base.index = next_index++;
  VOLE_CHECK(index < ChunkSize * MaxChunks);
  std::atomic<PosBase*>& chunk = chunks[index >> ChunkBits];
  if (!chunk.load(std::memory_order_relaxed)) chunk.store(new PosBase[ChunkSize], std::memory_order_release);
  chunk.load(std::memory_order_relaxed)[index & (ChunkSize - 1)] = base;
  return index;
}

u32 Pos::shown_col() const {
  const PosBase& b = base();
  if (b.hide_column || col() == 0) return 0;
  return line() == b.first_line ? static_cast<u32>(std::max(0, static_cast<i32>(col()) + b.col_delta))
                                : col();
}

const PosBase& Pos::base() const {
  return chunks[base_ >> ChunkBits].load(std::memory_order_acquire)[base_ & (ChunkSize - 1)];
}
}  // namespace vole::source
