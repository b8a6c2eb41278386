#include "driver/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <vector>

#include "base/scratch.h"
#include "driver/environment.h"

namespace vole::driver {
namespace fs = std::filesystem;

namespace {
constexpr char Magic[4] = {'v', 'o', 'l', 'e'};
constexpr u32 FormatVersion = 2;
constexpr u64 DefaultBound = u64{4} << 30;
constexpr time_t TouchAfter = 3600, TrimEvery = 3600;  // seconds
struct Header {
  char magic[4];
  u32 version;
  u64 sum_hi, sum_lo;  // of what follows
  u64 key_hi, key_lo;
  u64 export_size;
};

u64 bound() {
  u64 mb = std::strtoull(setting("VOLECACHE_MB").c_str(), nullptr, 10);
  return mb ? mb << 20 : DefaultBound;
}
}  // namespace

std::unique_ptr<MappedFile> MappedFile::open(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return nullptr;
  struct stat st;
  void* p = MAP_FAILED;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
    p = mmap(nullptr, static_cast<size_t>(st.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (p == MAP_FAILED) return nullptr;
  return std::unique_ptr<MappedFile>(
      new MappedFile(static_cast<const u8*>(p), static_cast<size_t>(st.st_size)));
}
MappedFile::~MappedFile() { munmap(const_cast<u8*>(data_), size_); }

std::string Cache::default_dir() {
  if (std::string v = setting("VOLECACHE"); !v.empty()) return v == "off" ? "" : v;
  if (const char* v = std::getenv("XDG_CACHE_HOME"); v && *v == '/') return std::string(v) + "/vole";
  if (const char* v = std::getenv("HOME"); v && *v == '/') return std::string(v) + "/.cache/vole";
  return "";
}

std::string Cache::path_of(Hash128 key) const {
  std::string hex = key.hex();
  return dir_ + "/" + hex.substr(0, 2) + "/" + hex;
}

namespace {
void set_parts(CacheEntry& e, size_t export_size) {
  e.export_data = e.file->bytes().subspan(sizeof(Header), export_size);
  e.object = e.file->bytes().subspan(sizeof(Header) + export_size);
}
}  // namespace

CacheEntry Cache::get(Hash128 key) {
  if (dir_.empty()) return {};
  std::string path = path_of(key);
  CacheEntry e;
  e.file = MappedFile::open(path);
  if (!e.file) return {};
  std::span<const u8> all = e.file->bytes();
  Header h;
  bool good = all.size() >= sizeof h;
  if (good) {
    std::memcpy(&h, all.data(), sizeof h);
    size_t checked = offsetof(Header, key_hi);
    good = std::memcmp(h.magic, Magic, sizeof Magic) == 0 && h.version == FormatVersion &&
           hash_bytes(all.subspan(checked)) == Hash128{h.sum_hi, h.sum_lo} &&
           h.export_size <= all.size() - sizeof h;
    good = good && h.key_hi == key.hi && h.key_lo == key.lo;
  }
  if (!good) {
    unlink(path.c_str());
    return {};
  }
  set_parts(e, h.export_size);
  struct stat st;
  if (stat(path.c_str(), &st) == 0 && time(nullptr) - st.st_mtime > TouchAfter)
    utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return e;
}

namespace {
// Writes all of the pieces. Returns false when the file does not take them.
bool write_pieces(int fd, std::initializer_list<std::span<const u8>> pieces) {
  for (std::span<const u8> rest : pieces)
    while (!rest.empty()) {
      ssize_t n = write(fd, rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      rest = rest.subspan(static_cast<size_t>(n));
    }
  return true;
}
}  // namespace

CacheEntry Cache::put(Hash128 key, std::span<const u8> export_data, std::span<const u8> object) {
  if (dir_.empty()) return {};
  static std::atomic<u32> serial{0};
  std::string path = path_of(key);
  std::error_code ec;
  fs::create_directories(fs::path(path).parent_path(), ec);
  Header h;
  std::memcpy(h.magic, Magic, sizeof Magic);
  h.version = FormatVersion;
  h.key_hi = key.hi, h.key_lo = key.lo;
  h.export_size = export_data.size();
  std::span<const u8> header(reinterpret_cast<const u8*>(&h), sizeof h);
  Hash128 sum = hash_pieces({header.subspan(offsetof(Header, key_hi)), export_data, object});
  h.sum_hi = sum.hi;
  h.sum_lo = sum.lo;
  std::string temporary = fmt::format("{}.{}.{}.tmp", path, getpid(), serial++);
  Scratch unfinished(temporary);
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  unfinished.made();
  if (fd < 0) return {};
  bool ok = write_pieces(fd, {header, export_data, object});
  ok = close(fd) == 0 && ok;
  CacheEntry e;
  if (ok) e.file = MappedFile::open(temporary);
  if (!ok || rename(temporary.c_str(), path.c_str()) != 0) {
    unlink(temporary.c_str());
    return {};
  }
  if (e.file) set_parts(e, export_data.size());
  return e;
}

void Cache::trim(bool now) {
  if (dir_.empty()) return;
  std::string stamp = dir_ + "/trimmed";
  struct stat st;
  time_t at = time(nullptr);
  if (!now && stat(stamp.c_str(), &st) == 0 && at - st.st_mtime < TrimEvery) return;
  int fd = ::open(stamp.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return;
  futimens(fd, nullptr);
  close(fd);
  struct File {
    fs::path path;
    u64 size;
    time_t used;
  };
  std::vector<File> files;
  u64 total = 0;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(dir_, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path() == stamp || stat(it->path().c_str(), &st) != 0 || !S_ISREG(st.st_mode)) continue;
    bool abandoned = it->path().extension() == ".tmp" && at - st.st_mtime > TrimEvery;
    if (abandoned) unlink(it->path().c_str());
    else
      files.push_back({it->path(), static_cast<u64>(st.st_size), st.st_mtime}),
          total += static_cast<u64>(st.st_size);
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& f : files) {
    if (total <= bound()) break;
    if (unlink(f.path.c_str()) == 0) total -= f.size;
  }
}

bool Cache::clean(const std::string& dir, std::string& error) {
  if (dir.empty()) return true;
  std::error_code ec;
  for (fs::directory_iterator it(dir, ec), end; !ec && it != end; it.increment(ec)) {
    std::string name = it->path().filename().string();
    bool ours = name == "trimmed" ||
                (name.size() == 2 && name.find_first_not_of("0123456789abcdef") == std::string::npos);
    if (ours) fs::remove_all(it->path(), ec);
  }
  if (ec && ec != std::errc::no_such_file_or_directory) {
    error = fmt::format("cannot clean {}: {}", dir, ec.message());
    return false;
  }
  return true;
}
}  // namespace vole::driver
