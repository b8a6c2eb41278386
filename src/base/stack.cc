#include "base/stack.h"

#include <pthread.h>

namespace vole {
// The lowest address of this thread's stack. The main thread's limit is read once: raising it later is not
// noticed.
static const char* stack_end() {
  pthread_attr_t attr;
  void* low = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attr) != 0) return nullptr;
  pthread_attr_getstack(&attr, &low, &size);
  pthread_attr_destroy(&attr);
  return static_cast<const char*>(low);
}

size_t stack_left() {
  thread_local const char* const end = stack_end();
  return static_cast<size_t>(static_cast<const char*>(__builtin_frame_address(0)) - end);
}
}  // namespace vole
