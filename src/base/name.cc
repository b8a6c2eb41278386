#include "base/name.h"

#include <mutex>
#include <vector>

#include "base/arena.h"

namespace vole {
namespace {
constexpr size_t ShardCount = 64;

// One open-addressing table per shard; the shard is chosen by the hash's top bits so that threads rarely
// meet.
struct Shard {
  std::mutex mu;
  Arena arena;
  std::vector<const NameEntry*> slots{256};
  size_t used = 0;

  const NameEntry** find(std::string_view text, u32 hash) {
    size_t mask = slots.size() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
      const NameEntry* e = slots[i];
      if (!e || (e->hash == hash && std::string_view(e->data, e->len) == text)) return &slots[i];
    }
  }
  void grow() {
    std::vector<const NameEntry*> old(slots.size() * 2);
    old.swap(slots);
    for (const NameEntry* e : old)
      if (e) *find({e->data, e->len}, e->hash) = e;
  }
};

// Leaked on purpose: names live until the process ends.
Shard* shards() {
  static Shard* s = new Shard[ShardCount];
  return s;
}

u32 hash_text(std::string_view s) {
  u64 h = 0x9e3779b97f4a7c15u ^ (s.size() * 0xff51afd7ed558ccdu);
  const char* p = s.data();
  size_t n = s.size();
  auto mix = [&](u64 w) {
    h = (h ^ w) * 0xbf58476d1ce4e5b9u;
    h ^= h >> 29;
  };
  for (; n >= 8; p += 8, n -= 8) {
    u64 w;
    std::memcpy(&w, p, 8);
    mix(w);
  }
  u64 w = 0;
  std::memcpy(&w, p, n);
  mix(w);
  return static_cast<u32>(h >> 32);
}
}  // namespace

Name Name::intern(std::string_view text) {
  u32 hash = hash_text(text);
  Shard& s = shards()[hash >> 26];
  std::lock_guard lock(s.mu);
  const NameEntry** slot = s.find(text, hash);
  if (!*slot) {
    if ((s.used + 1) * 3 > s.slots.size() * 2) {
      s.grow();
      slot = s.find(text, hash);
    }
    std::string_view copy = s.arena.copy_string(text);
    *slot = s.arena.make<NameEntry>(copy.data(), static_cast<u32>(copy.size()), hash);
    s.used++;
  }
  return Name(*slot);
}
}  // namespace vole
