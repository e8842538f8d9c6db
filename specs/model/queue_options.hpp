#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace troupe {

/// What tells the clients of a model apart, for fairness.
enum class fair_by : std::uint8_t {
  /// Nothing: only requests of the model's own endpoint and those that come
  /// through specs have a share each. The default.
  traffic,
  /// The key that a client sends (`X-API-Key` or `Authorization`).
  key,
  /// The client's address without its port.
  address,
  /// The value of a header field, see `queue_options::fair_header`.
  header,
};

/// How requests wait for a worker of a model.
struct queue_options {
  /// How many requests wait at most; one more gets 503.
  std::size_t max_size = 256;
  /// How many requests of the predict endpoint may be in work at once, those
  /// that wait included; one more gets 503. 0 is no bound of the endpoint.
  std::size_t max_concurrency = 0;
  /// Whose requests share the workers: while several clients wait, each gets
  /// its part, whatever it sends; and when the queue is full, the client with
  /// the most waiting loses its newest request.
  troupe::fair_by fair_by = troupe::fair_by::traffic;
  /// The field for `fair_by::header`. Clients without it share one part.
  std::string fair_header = {};
  /// The parts of clients, by the value of that field; others have 1.
  std::map<std::string, double> weights = {};
  /// How many requests of one client may be in work at once, those that wait
  /// included; more is 429. 0 is no bound.
  std::size_t max_per_client = 0;
  /// Takes requests by the urgency of their `Priority` field (RFC 9218, `u=0`
  /// to `u=7`, 3 without), the most urgent first: whoever may call may say so.
  bool priority = false;

  friend bool operator==(const queue_options&, const queue_options&) = default;

  /// Returns whether it says who is served before whom.
  [[nodiscard]] bool orders() const noexcept {
    return fair_by != fair_by::traffic || max_per_client > 0 || priority;
  }

  /// @returns what is wrong, with the name of the option before a colon, or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe
