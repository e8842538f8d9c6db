#pragma once

#include "troupe/specs/exchange.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace troupe {

/// What a hook may know of the request that it works for. Made on the stack
/// for each call; a view, valid during the call.
class context {
public:
  explicit context(exchange& ex, std::uint32_t worker = 0) noexcept
    : exchange_(&ex), worker_(worker) {
    // nop
  }

  /// Headers, query, path parameters, body, client address.
  [[nodiscard]] const troupe::request& request() const noexcept {
    return exchange_->request;
  }

  /// Returns a request header's first value, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    return request().header(name);
  }

  /// Returns a path parameter, or "".
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept {
    return request().param(name);
  }

  /// When the client hears 504; `max()` means never.
  [[nodiscard]] deadline_clock::time_point deadline() const noexcept {
    return exchange_->deadline;
  }

  /// Returns whether the work is wanted no more: the client left, the
  /// deadline passed, or the server is at the end of its drain. A long
  /// `predict` asks now and then and returns early.
  [[nodiscard]] bool cancelled() const noexcept {
    return exchange_->cancelled();
  }

  [[nodiscard]] std::string_view request_id() const noexcept {
    return exchange_->request_id;
  }

  /// The number of the worker in its pool, from 0.
  [[nodiscard]] std::uint32_t worker() const noexcept {
    return worker_;
  }

private:
  exchange* exchange_;
  std::uint32_t worker_;
};

} // namespace troupe
