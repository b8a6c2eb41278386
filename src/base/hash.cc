#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vole {
std::string Hash128::hex() const {
  std::string out;
  for (u64 v : {hi, lo})
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[v >> shift & 15];
  return out;
}

Hash128 hash_bytes(std::span<const u8> bytes) {
  XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
  return {h.high64, h.low64};
}

Hash128 hash_pieces(std::initializer_list<std::span<const u8>> pieces) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (auto p : pieces) XXH3_128bits_update(&state, p.data(), p.size());
  XXH128_hash_t h = XXH3_128bits_digest(&state);
  return {h.high64, h.low64};
}

Hasher::Hasher() : state_(XXH3_createState()) { XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_)); }
Hasher::~Hasher() { XXH3_freeState(static_cast<XXH3_state_t*>(state_)); }
void Hasher::add(std::string_view text) {
  add(text.size());
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state_), text.data(), text.size());
}
void Hasher::add(u64 v) { XXH3_128bits_update(static_cast<XXH3_state_t*>(state_), &v, sizeof v); }
void Hasher::add(Hash128 h) {
  add(h.hi);
  add(h.lo);
}
Hash128 Hasher::finish() const {
  XXH128_hash_t h = XXH3_128bits_digest(static_cast<XXH3_state_t*>(state_));
  return {h.high64, h.low64};
}
}  // namespace vole
