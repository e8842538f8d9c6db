#pragma once

#include "troupe/tests/integration/served.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// `troupe node` with a config.
class node_program {
public:
  /// @param front where to join, on the loopback
  explicit node_program(std::string_view config, std::uint16_t front,
                        std::vector<std::string> more = {},
                        const running_program::environment& environment = {})
    : config_(config), program(command(front, std::move(more)), environment) {
    // nop
  }

private:
  [[nodiscard]] std::vector<std::string>
  command(std::uint16_t front, std::vector<std::string> more) const {
    auto result = troupe_command(
      {"node", config_.path(), "--join", "127.0.0.1:" + std::to_string(front)});
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }

  temp_config config_;

public:
  running_program program;
};

/// `troupe serve` with a config whose models wait for nodes, and the port where
/// those join.
class front_program {
public:
  /// @param models the text of the config's `models`
  /// @param cluster further members of `cluster`, each after a comma
  explicit front_program(const std::string& models,
                         const std::string& cluster = {},
                         const running_program::environment& environment = {},
                         std::uint16_t cluster_port = free_port())
    : cluster_port(cluster_port),
      config_(R"({"cluster":{"listen":"127.0.0.1:)"
              + std::to_string(cluster_port) + R"(","heartbeat_ms":200)"
              + cluster + R"(},"models":)" + models + '}'),
      program(troupe_command({"serve", config_.path(), "--port", "0"}),
              environment),
      port(program.wait_for_port()) {
    if (port == 0
        || !eventually([this] { return get("/livez").status == 200; }))
      ADD_FAILURE() << "not serving:\n" << program.err();
  }

  [[nodiscard]] http_client connect() const {
    return http_client{port};
  }

  [[nodiscard]] http_response get(std::string_view target) const {
    return connect().get(target);
  }

  [[nodiscard]] http_response post(std::string_view target,
                                   const std::string& body,
                                   const header_list& headers = {}) const {
    return connect().post(target, body, headers);
  }

  [[nodiscard]] bool becomes_ready() const {
    return eventually([this] { return get("/readyz").status == 200; });
  }

  /// Whether the metrics say this, soon.
  [[nodiscard]] bool shows(const std::string& line) const {
    return eventually(
      [&] { return contains(get("/metrics").body, line + '\n'); });
  }

  std::uint16_t cluster_port;

private:
  temp_config config_;

public:
  running_program program;
  std::uint16_t port;
};

} // namespace troupe
