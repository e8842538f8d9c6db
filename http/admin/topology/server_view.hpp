#pragma once

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/admin/topology/actor_handles.hpp"
#include "troupe/http/options.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <mutex>

namespace troupe {

/// Looks into a server that serves. Thread-safe.
class server_view {
public:
  /// How long actors have for their answers. The document is made within 200
  /// ms, even when some actors hang.
  static constexpr std::chrono::milliseconds patience{120};

  /// The runtime and the system outlive it.
  server_view(const server_options& options, const runtime& rt,
              caf::actor_system& sys)
    : runtime_(&rt), system_(&sys) {
    show(options);
  }

  /// These are the options from now on.
  void show(const server_options& options) {
    auto next = std::make_shared<const server_options>(options);
    std::unique_lock guard{mutex_};
    options_.swap(next);
  }

  /// The server serves: these are its actors.
  void open(actor_handles actors) {
    actors_.store(std::make_shared<const actor_handles>(std::move(actors)));
  }

  /// The actors are about to end.
  void close() {
    actors_.store(nullptr);
  }

  /// Returns the document of `GET /admin/topology`.
  [[nodiscard]] nlohmann::json topology() const;

private:
  [[nodiscard]] std::shared_ptr<const server_options> options() const {
    std::unique_lock guard{mutex_};
    return options_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const server_options> options_;
  const runtime* runtime_;
  caf::actor_system* system_;
  actor_handles_cell actors_;
  std::chrono::steady_clock::time_point begin_ =
    std::chrono::steady_clock::now();
};

} // namespace troupe
