#pragma once

#include "troupe/http/around/middleware.hpp"
#include "troupe/http/around_options.hpp"

#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// A bucket of tokens for each client: one request takes one, time fills it
/// again. Bounded: the client that was seen longest ago is forgotten. Pure; not
/// thread-safe.
class token_buckets {
public:
  using clock = std::chrono::steady_clock;

  /// @param per_second tokens that come back, above 0
  /// @param burst tokens of a full bucket, at least 1
  /// @param max_clients at least 1
  token_buckets(double per_second, double burst, std::size_t max_clients);

  /// Takes a token. `now` must not go back.
  /// @returns zero, or how long until there is one.
  clock::duration take(std::string_view client, clock::time_point now);

  /// Returns how many clients are remembered.
  [[nodiscard]] std::size_t size() const noexcept {
    return index_.size();
  }

private:
  struct bucket {
    std::string client;
    double tokens;
    clock::time_point filled;
  };

  double per_second_;
  double burst_;
  std::size_t max_clients_;
  /// The one seen last in front.
  std::list<bucket> buckets_;
  /// By views of the names in `buckets_`.
  std::unordered_map<std::string_view, std::list<bucket>::iterator> index_;
};

/// Answers 429 with `Retry-After` to a client that is over its limit.
class rate_limit final : public middleware {
public:
  /// @param exempt paths that are never limited: probes
  /// @pre `options.validate()` finds nothing, `per_second` is above 0
  rate_limit(rate_limit_options options, std::vector<std::string> exempt = {});

  std::optional<reply> before(request& req) override;

private:
  std::string key_header_;
  std::vector<std::string> exempt_;
  std::mutex mutex_;
  token_buckets buckets_;
};

} // namespace troupe
