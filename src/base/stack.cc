#include "base/stack.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>

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

size_t thread_stack_size(unsigned threads) {
  // Reserved, not used: pages come when touched.
  constexpr size_t Most = size_t{256} << 20, Least = size_t{1} << 20, Page = 4096;
  constexpr unsigned Part = 8;  // of what the process may have at all
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return Most;
  return std::clamp(static_cast<size_t>(limit.rlim_cur) / Part / std::max(threads, 1u), Least, Most) & -Page;
}

void on_large_stack(const std::function<void()>& f) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, thread_stack_size(1));
  auto call = [](void* p) -> void* {
    (*static_cast<const std::function<void()>*>(p))();
    return nullptr;
  };
  pthread_t id;
  if (pthread_create(&id, &attr, call, const_cast<std::function<void()>*>(&f)) == 0)
    pthread_join(id, nullptr);
  else f();
  pthread_attr_destroy(&attr);
}
}  // namespace vole
