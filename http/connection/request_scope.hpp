#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/http/connection/around_request.hpp"
#include "troupe/http/connection/http_exchange.hpp"
#include "troupe/http/wire/body_budget.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// What a connection knows of the request that it serves, from the header
/// section to the end of the answer. The next request has a scope of its own,
/// so nothing of this one is left over, and a late call for it finds another
/// scope. For the connection's thread.
class request_scope {
public:
  /// A refused request's body is read to the end and dropped, so that the
  /// connection lives on, as long as it is no larger than this. In bytes.
  static constexpr std::size_t max_discard = 64UL * 1024;

  /// @param shared outlives this
  /// @param table the version that decides; null before the first
  /// @param copy see `around_request`
  request_scope(const front_shared& shared, snapshot_ptr table, std::string id,
                std::unique_ptr<request>& copy);

  request_scope(const request_scope&) = delete;
  request_scope& operator=(const request_scope&) = delete;

  /// Decides on the header section alone: normalises the path, enters the
  /// middlewares, looks the endpoint up, asks for the key, and looks at the
  /// announced length. Then `early` holds an answer that needs no owner:
  /// refusals, redirects, OPTIONS.
  /// @param from_page whether a browser sent it for a page
  /// @param announced the body's length, if the header section has it
  void decide(request& req, bool from_page,
              std::optional<std::uint64_t> announced);

  /// Whether somebody reads the body; otherwise it is thrown away.
  [[nodiscard]] bool wants_body() const noexcept;

  /// How much of a body is taken, in bytes; more is answered 413.
  [[nodiscard]] std::size_t body_limit() const noexcept;

  /// Renders a failure as the request's endpoint renders errors.
  [[nodiscard]] reply refusal(const failure& why) const;

  /// Names the request in a line of the log.
  [[nodiscard]] std::string log_name() const {
    return named_request(request_id,
                         trace != nullptr ? *trace : trace_context{});
  }

  /// Returns why the request was turned away, if it is answered with this
  /// status before it has an owner.
  [[nodiscard]] refusal_reason refusal_in(int status) const noexcept;

  /// Whether what comes from this exchange is for this request.
  [[nodiscard]] bool is(const exchange_identity& x) const noexcept {
    return !exchange.owner_before(x) && !x.owner_before(exchange);
  }

  snapshot_ptr snapshot;
  /// The endpoint that was found; in `snapshot`.
  const table_entry* entry = nullptr;
  /// The request with its owner; empty before, and for what needs none.
  std::weak_ptr<http_exchange> exchange;
  around_request around;
  /// An answer that waits for the rest of the request's body.
  std::optional<reply> early;
  std::string request_id;
  /// The trace that it belongs to; null when nobody observes the request.
  const trace_context* trace = nullptr;
  /// Its place in the endpoint's own bound, where there is one.
  admission_ticket ticket;
  /// Of the body, until its owner has it.
  body_charge charge;
  /// Sweeps the pool that a spec handed the request to; may be unset.
  std::function<void()> sweep;
  /// How long an event stream may be silent; zero means for ever.
  std::chrono::milliseconds heartbeat{0};
  // A request too broken to say is answered in full.
  bool head_only = false;
  bool keep_alive = true;
  bool http_11 = true;

private:
  [[nodiscard]] std::optional<reply> locate(request& req) const;
  [[nodiscard]] std::optional<reply> admit(request& req, bool from_page);
  [[nodiscard]] reply rendered(const error_renderer& render,
                               const failure& why) const;
  /// Whether what stands for a `%2F` may be in this path.
  [[nodiscard]] bool takes_slash(method m, std::string_view path) const;
  /// How errors look to those who ask for this path.
  [[nodiscard]] error_renderer renderer_of(method m,
                                           std::string_view path) const;

  const front_shared* shared_;
  method method_ = method::get;
  /// Whether the body may be JSON, which has a bound of its own.
  bool json_ = false;
};

} // namespace troupe
