// Records of meta.h are cut one after the other from chunks; growing arrays have mappings of their own.
#include "mem/meta.h"

#include "os/os.h"

namespace vole::runtime {
constinit u64 meta_bytes = 0;

namespace {
constexpr u64 kChunk = 256 << 10, kMapUnit = 4096;
constinit u8 *next = nullptr, *end = nullptr;

void* map(u64 size) {
  void* p = os::map(size);
  if (!p) out_of_memory(size, meta_bytes);
  meta_bytes += size;
  return p;
}
}  // namespace

void* meta_alloc(u64 size) {
  size = align_up(size, 16);
  if (size > u64(end - next)) {
    u64 chunk = max<u64>(align_up(size, kMapUnit), kChunk);
    next = static_cast<u8*>(map(chunk));
    end = next + chunk;
  }
  void* p = next;
  next += size;
  return p;
}

void* meta_grow(void* old, u64 old_bytes, u64 new_bytes) {
  void* p = map(align_up(new_bytes, kMapUnit));
  if (old) {
    memcpy(p, old, old_bytes);
    os::unmap(old, align_up(old_bytes, kMapUnit));
    meta_bytes -= align_up(old_bytes, kMapUnit);
  }
  return p;
}

void out_of_memory(u64 bytes, u64 in_use) {
  print("runtime: out of memory: cannot allocate ", bytes, "-byte block (", in_use, " in use)\n");
  fatal("out of memory");
}
}  // namespace vole::runtime
