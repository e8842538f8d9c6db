#pragma once

#include "troupe/tests/support/config_file.hpp"
#include "troupe/tests/support/free_port.hpp"
#include "troupe/tests/support/http_client.hpp"
#include "troupe/tests/support/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

using nlohmann::json;

/// The program of this build, or another one, such as an installed one.
inline std::string troupe_path() {
  const auto* other = std::getenv("TROUPE_TEST_PROGRAM");
  return other != nullptr ? other : TROUPE_PROGRAM;
}

/// Runs `troupe` with these arguments.
inline std::vector<std::string>
troupe_command(std::initializer_list<std::string> args) {
  std::vector<std::string> result{troupe_path()};
  result.insert(result.end(), args);
  return result;
}

/// Parses a body; a null stands for text that is not JSON.
inline nlohmann::json json_of(const http_response& x) {
  auto result = nlohmann::json::parse(x.body, nullptr, false);
  return result.is_discarded() ? nlohmann::json{} : result;
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// How often `what` occurs.
inline std::size_t count(const std::string& text, std::string_view what) {
  std::size_t result = 0;
  for (auto i = text.find(what); i != std::string::npos;
       i = text.find(what, i + what.size()))
    ++result;
  return result;
}

/// `troupe serve` with a config, ready to be asked.
class served {
public:
  explicit served(std::string_view config,
                  const running_program::environment& environment = {},
                  std::uint16_t wanted_port = 0)
    : config_(config),
      program(troupe_command({"serve", config_.path(), "--port",
                              std::to_string(wanted_port)}),
              environment),
      port(program.wait_for_port()) {
    if (port == 0 || !eventually([this] { return get("/livez").status == 200; })
        || !eventually([this] { return ready() || !program.alive(); })
        || !program.alive())
      ADD_FAILURE() << "not serving:\n" << program.err();
  }

  [[nodiscard]] http_client connect() const {
    return http_client{port};
  }

  [[nodiscard]] bool ready() const {
    return get("/readyz").status == 200;
  }

  /// On a connection of its own.
  [[nodiscard]] http_response get(std::string_view target,
                                  const header_list& headers = {}) const {
    return connect().get(target, headers);
  }

  /// On a connection of its own.
  [[nodiscard]] http_response post(std::string_view target,
                                   const std::string& body,
                                   const header_list& headers = {}) const {
    return connect().post(target, body, headers);
  }

  /// A connection that the server has accepted.
  [[nodiscard]] http_client accepted() const {
    auto result = connect();
    EXPECT_EQ(result.get("/livez").status, 200);
    return result;
  }

  /// Returns when the server has read what was sent on accepted connections:
  /// it has one I/O thread, which takes them in the order of arrival.
  void read_everything(http_client& barrier) const {
    EXPECT_EQ(barrier.get("/livez").status, 200);
    EXPECT_EQ(barrier.get("/livez").status, 200);
  }

private:
  temp_config config_;

public:
  running_program program;
  std::uint16_t port;
};

/// A request to a `fault` model that holds its worker until the client leaves.
/// Returns when the worker has begun.
inline http_client hold_worker(const served& server, std::string_view path) {
  auto result = server.connect();
  result.send(request_text("POST", path, R"({"mode":"hang","after_items":1})"));
  http_response head;
  EXPECT_TRUE(result.read_head(head));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(result.read_chunk(), "{\"index\":0}\n");
  return result;
}

} // namespace troupe
