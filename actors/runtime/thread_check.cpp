#include "troupe/actors/runtime/thread_check.hpp"

#include <future>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {

void expect_threads(std::size_t n) {
  std::promise<void> all_started;
  auto go = all_started.get_future().share();
  std::vector<std::thread> threads;
  std::string error;
  threads.reserve(n);
  try {
    for (std::size_t i = 0; i < n; ++i)
      threads.emplace_back([go] { go.wait(); });
  } catch (const std::system_error& e) {
    error = "cannot start " + std::to_string(n) + " threads: " + e.what()
            + "; raise the limit of threads (ulimit -u, or the container's "
              "limit of pids)";
  }
  all_started.set_value();
  for (auto& t : threads)
    t.join();
  if (!error.empty())
    throw std::runtime_error(error);
}

} // namespace troupe
