// The build cache: compiled packages by the hash of everything that went into them.
//
// One file an entry, DIR/ab/abcdef…: magic "vole", format version u32, XXH3-128 of what follows (16 bytes),
// the key (16 bytes), export data length u64, export data, ELF object. Written to a temporary name and
// renamed, so readers see whole files only, whoever is killed when. A file that does not check out is removed
// and counts as missing. A cache that cannot be written is no error: builds then compile again.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "base/hash.h"

namespace vole::driver {
// A file mapped for reading.
class MappedFile {
 public:
  static std::unique_ptr<MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  std::span<const u8> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const u8* data, size_t size) : data_(data), size_(size) {}
  const u8* data_;
  size_t size_;
};

struct CacheEntry {
  std::unique_ptr<MappedFile> file;
  std::span<const u8> export_data, object;  // in the file; export data: declarations (pkgdata/) and what is
                                            // known about functions (opt/exports.h)
};

class Cache {
 public:
  // `dir` empty: no cache.
  explicit Cache(std::string dir) : dir_(std::move(dir)) {}
  // The folder from VOLECACHE ("off" switches caching off), else below the user's cache folder; empty when
  // there is none.
  static std::string default_dir();

  // The entry of a key, or one without a file. Thread safe.
  CacheEntry get(Hash128 key);
  // Stores an entry and returns it, or one without a file when that cannot be done. Thread safe, also against
  // other processes.
  CacheEntry put(Hash128 key, std::span<const u8> export_data, std::span<const u8> object);
  // Removes the entries used longest ago until the cache is within its bound. At most once an hour, unless
  // `now`.
  void trim(bool now = false);
  // Removes everything. Returns false after setting `error`.
  static bool clean(const std::string& dir, std::string& error);

 private:
  std::string path_of(Hash128 key) const;
  std::string dir_;
};
}  // namespace vole::driver
