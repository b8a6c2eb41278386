#include "base/base.h"

#include <cstdio>
#include <cstdlib>

#include "base/scratch.h"

namespace vole {
static thread_local CrashNote* current_note = nullptr;

CrashNote::CrashNote(const char* phase, const char* data, size_t len)
    : phase_(phase), data_(data), len_(len), outer_(current_note) {
  current_note = this;
}
CrashNote::~CrashNote() { current_note = outer_; }

void check_failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "vole: internal error: %s (%s:%d)\n", what, file, line);
  for (CrashNote* n = current_note; n; n = n->outer_)
    std::fprintf(stderr, "  while in %s %.*s\n", n->phase_, static_cast<int>(n->len_), n->data_);
  remove_scratch();
  std::abort();
}
}  // namespace vole
