// Runs tasks that depend on each other on a pool of threads with large stacks (the compiler recurses on what
// users nest).
#pragma once
#include <functional>
#include <vector>

#include "base/base.h"

namespace vole {
class TaskGraph {
 public:
  // Adds a task that runs after `after` (ids of tasks added before). Lower priority values run first among
  // ready ones. Returns its id.
  u32 add(std::function<void()> run, const std::vector<u32>& after = {}, i64 priority = 0);
  // Runs everything on `threads` threads (fewer when memory for their stacks is short) and returns when all
  // are done. A task that calls stop() keeps tasks not yet begun from running.
  void run(unsigned threads);
  void stop();

 private:
  struct Task {
    std::function<void()> run;
    std::vector<u32> dependants;
    u32 missing = 0;
    i64 priority = 0;
  };
  struct State;
  std::vector<Task> tasks_;
  State* state_ = nullptr;
};
}  // namespace vole
