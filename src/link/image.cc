#include "link/image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/scratch.h"

namespace vole::link {
namespace {
constexpr size_t HugePage = size_t{2} << 20;
}

Image::Image(u64 size) : size_(size) {
  // Whole huge pages, where the system has them, make thousands of page faults a few.
  mapped_ = size + HugePage;
  void* p =
      mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  base_ = p == MAP_FAILED ? nullptr : static_cast<u8*>(p);
  if (!base_) return;
  data_ = base_ + (-reinterpret_cast<size_t>(base_) & (HugePage - 1));
  madvise(data_, size, MADV_HUGEPAGE);
}

Image::~Image() {
  if (base_) munmap(base_, mapped_);
}

bool Image::write(const std::string& path, std::string& error) const {
  std::string temporary = fmt::format("{}.tmp{}", path, getpid());
  Scratch unfinished(temporary);
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
  unfinished.made();
  auto fail = [&](int e) {
    error = fmt::format("cannot write {}: {}", path, error_text(e));
    if (fd >= 0) close(fd);
    unlink(temporary.c_str());
    return false;
  };
  if (fd < 0) return fail(errno);
  for (u64 at = 0; at < size_;) {
    ssize_t n = ::write(fd, data_ + at, size_ - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(errno);
    at += static_cast<u64>(n);
  }
  if (close(fd) != 0) {
    int e = errno;
    fd = -1;
    return fail(e);
  }
  fd = -1;
  return rename(temporary.c_str(), path.c_str()) == 0 || fail(errno);
}
}  // namespace vole::link
