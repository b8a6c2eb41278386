#include "base/task_graph.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/stack.h"

namespace vole {
struct TaskGraph::State {
  TaskGraph& graph;
  std::mutex mu;
  std::condition_variable wake;
  std::vector<u32> ready;  // heap, best task on top
  size_t left;
  bool stopped = false;

  bool later(u32 a, u32 b) const {
    const Task &x = graph.tasks_[a], &y = graph.tasks_[b];
    return x.priority != y.priority ? x.priority > y.priority : a > b;
  }
  void push(u32 t) {
    ready.push_back(t);
    std::push_heap(ready.begin(), ready.end(), [&](u32 a, u32 b) { return later(a, b); });
  }
  u32 pop() {
    std::pop_heap(ready.begin(), ready.end(), [&](u32 a, u32 b) { return later(a, b); });
    u32 t = ready.back();
    ready.pop_back();
    return t;
  }
  void work() {
    std::unique_lock lock(mu);
    for (;;) {
      wake.wait(lock, [&] { return !ready.empty() || left == 0 || stopped; });
      if (left == 0 || stopped) return;
      u32 t = pop();
      lock.unlock();
      graph.tasks_[t].run();
      lock.lock();
      left--;
      for (u32 d : graph.tasks_[t].dependants)
        if (--graph.tasks_[d].missing == 0) push(d);
      wake.notify_all();
    }
  }
};

u32 TaskGraph::add(std::function<void()> run, const std::vector<u32>& after, i64 priority) {
  u32 id = static_cast<u32>(tasks_.size());
  tasks_.push_back({std::move(run), {}, static_cast<u32>(after.size()), priority});
  for (u32 a : after) {
    VOLE_CHECK(a < id);
    tasks_[a].dependants.push_back(id);
  }
  return id;
}

void TaskGraph::run(unsigned threads) {
  State state{*this, {}, {}, {}, tasks_.size()};
  state_ = &state;
  for (u32 t = 0; t < tasks_.size(); t++)
    if (tasks_[t].missing == 0) state.push(t);
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, thread_stack_size(threads));
  std::vector<pthread_t> ids;
  auto work = [](void* s) -> void* {
    static_cast<State*>(s)->work();
    return nullptr;
  };
  while (ids.size() < std::max(threads, 1u)) {
    pthread_t id;
    if (pthread_create(&id, &attr, work, &state) != 0) break;  // memory is short: fewer will do
    ids.push_back(id);
  }
  if (ids.empty()) state.work();
  for (pthread_t id : ids) pthread_join(id, nullptr);
  pthread_attr_destroy(&attr);
  state_ = nullptr;
}

void TaskGraph::stop() {
  std::lock_guard lock(state_->mu);
  state_->stopped = true;
  state_->wake.notify_all();
}
}  // namespace vole
