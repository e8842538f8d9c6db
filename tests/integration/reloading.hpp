#pragma once

#include "troupe/tests/integration/served.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// What tests of changes need: a program whose config changes, and clients that
/// go on asking meanwhile.
namespace troupe {

inline const header_list admin_header{{"X-API-Key", "admin"}};

/// A config with the admin endpoints and these further keys of the server.
inline std::string admin_config(const std::string& models,
                                const std::string& server = {}) {
  std::string result = R"({"server": {"admin": {"enabled": true})";
  if (!server.empty())
    result += ", " + server;
  result += "},\n\"models\": [" + models + "]}\n";
  return result;
}

/// A program with a config that changes.
class reloading {
public:
  explicit reloading(const std::string& config)
    : file(config),
      program(troupe_command({"serve", file.path(), "--port", "0"}),
              {{"TROUPE_ADMIN_KEY", "admin"}}),
      port(program.wait_for_port()) {
    if (port == 0
        || !eventually([this] { return get("/readyz").status == 200; }))
      ADD_FAILURE() << "not serving:\n" << program.err();
  }

  [[nodiscard]] http_response get(std::string_view path) const {
    return http_client{port}.get(path, admin_header);
  }

  [[nodiscard]] http_response admin(std::string_view verb,
                                    std::string_view path,
                                    const std::string& body = {}) const {
    return http_client{port}.request(verb, path, body, admin_header);
  }

  /// Writes another config and asks for it.
  [[nodiscard]] http_response reload(const std::string& config) const {
    file.write("c.json", config);
    return admin("POST", "/admin/reload");
  }

  temp_config file;
  running_program program;
  std::uint16_t port;
};

/// Clients that ask until they are stopped.
class askers {
public:
  askers(std::uint16_t port, std::vector<std::string> paths) {
    for (const auto& path : paths)
      for (int i = 0; i < 2; ++i)
        threads_.emplace_back([this, port, path] { ask(port, path); });
  }

  /// @returns how often which status came
  std::map<int, int> stop() {
    stopping_ = true;
    for (auto& t : threads_)
      t.join();
    threads_.clear();
    return counts_;
  }

  ~askers() {
    stop();
  }

private:
  void ask(std::uint16_t port, const std::string& path) {
    http_client client{port};
    std::map<int, int> mine;
    while (!stopping_) {
      auto x = client.post(path, R"({"input": 2})", admin_header);
      ++mine[x.status];
      if (x.status == 0)
        break;
    }
    std::unique_lock guard{mutex_};
    for (const auto& [status, n] : mine)
      counts_[status] += n;
  }

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<int, int> counts_;
  std::vector<std::thread> threads_;
};

inline void expect_only_200(const std::map<int, int>& counts) {
  EXPECT_GT(counts.count(200), 0U);
  for (const auto& [status, n] : counts)
    EXPECT_EQ(status, 200) << n << " times";
}

} // namespace troupe
