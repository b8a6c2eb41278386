#include "source/pos.h"

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

u32 add_pos_base(Name shown, Name path, i32 line_delta, bool hide_column, bool directive) {
  std::lock_guard lock(mu);
  u32 index = next_index++;
  VOLE_CHECK(index < ChunkSize * MaxChunks);
  std::atomic<PosBase*>& chunk = chunks[index >> ChunkBits];
  if (!chunk.load(std::memory_order_relaxed)) chunk.store(new PosBase[ChunkSize], std::memory_order_release);
  chunk.load(std::memory_order_relaxed)[index & (ChunkSize - 1)] = {shown, path, line_delta, index, hide_column, directive};
  return index;
}

const PosBase& Pos::base() const {
  return chunks[base_ >> ChunkBits].load(std::memory_order_acquire)[base_ & (ChunkSize - 1)];
}
}  // namespace vole::source
