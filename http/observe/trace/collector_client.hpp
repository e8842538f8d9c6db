#pragma once

#include "troupe/http/collector_url.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// What came of one attempt to send.
struct collector_answer {
  /// 0 when there was none.
  int status = 0;
  std::string body = {};
  /// What `Retry-After` asks for, in seconds.
  std::optional<std::chrono::seconds> retry_after = {};
  /// Why there was no answer.
  std::string error = {};
};

/// Posts JSON to one URL, over TCP or TLS. For one thread.
class collector_client {
public:
  using fields = std::vector<std::pair<std::string, std::string>>;

  /// @param ca_file what the collector's certificate is checked against; ""
  ///        takes the system's
  /// @throws std::runtime_error when there are no usable certificates
  collector_client(collector_url where, fields headers,
                   const std::string& ca_file);
  ~collector_client();

  collector_client(const collector_client&) = delete;
  collector_client& operator=(const collector_client&) = delete;

  /// Sends the text and waits for the answer, at most that long.
  collector_answer post(const std::string& text,
                        std::chrono::milliseconds timeout);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe
