#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/call_stopper.hpp"
#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe {

struct worker_slot;

/// What a hook may know of the request that it works for. Made on the stack
/// for each call; a view, valid during the call.
class context {
public:
  explicit context(exchange& ex, const worker_slot* slot = nullptr,
                   call_stopper* calls = nullptr) noexcept
    : exchange_(&ex), slot_(slot), calls_(calls) {
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

  /// Returns the first value of a query parameter, decoded.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const {
    return request().query_param(name);
  }

  /// Returns the client's address, e.g. `127.0.0.1:40312`; "" without a
  /// socket.
  [[nodiscard]] std::string_view client() const noexcept {
    return request().remote;
  }

  /// When the client hears 504; `max()` means never.
  [[nodiscard]] deadline_clock::time_point deadline() const noexcept {
    return exchange_->time.due();
  }

  /// Returns whether nobody wants the work any more: the client left, the
  /// deadline passed, or the server is at the end of its drain. A long
  /// `predict` asks now and then and returns early.
  [[nodiscard]] bool cancelled() const noexcept {
    return exchange_->cancelled();
  }

  [[nodiscard]] std::string_view request_id() const noexcept {
    return exchange_->request_id;
  }

  /// The trace that the request belongs to; empty without one. A hook that asks
  /// other servers for this request passes it on by `to_traceparent`.
  [[nodiscard]] const trace_context& trace() const noexcept {
    return exchange_->trace.context;
  }

  /// The number of the worker in its pool, from 0.
  [[nodiscard]] std::uint32_t worker() const noexcept;

  /// Hands a value to the server's loggers; dropped when there are none.
  /// @throws std::domain_error when it is nested deeper than `max_answer_depth`
  void log(std::string_view key, const nlohmann::json& value) const;

  /// Says how many tokens the request has taken and made so far, for a language
  /// model; `in` may be known before the first of `out`. Part of `/metrics` and
  /// of the access log. The spec `openai` says it for answers that tell their
  /// counts.
  void count_tokens(token_counts so_far) const noexcept {
    exchange_->facts.tokens(so_far);
  }

  /// Of a spec's handler: ends the calls that handlers of the same spec ordered
  /// under `name` (`model_call::name`), whichever thread has them.
  /// @returns how many it ended; 0 for a name that nobody uses
  std::size_t stop_calls(std::string_view name) const {
    return calls_ == nullptr ? 0 : calls_->stop(name);
  }

  /// What the hooks keep for this request: made by the first call, the same
  /// object in each later one, gone with the request. One type for a model.
  /// @throws std::bad_any_cast when asked for another type than before
  template <class T>
  T& store() const {
    auto& slot = exchange_->store;
    if (!slot.has_value())
      slot.emplace<T>();
    return std::any_cast<T&>(slot);
  }

private:
  exchange* exchange_;
  const worker_slot* slot_;
  call_stopper* calls_;
};

} // namespace troupe
