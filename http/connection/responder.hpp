#pragma once

#include "troupe/http/connection/http_exchange.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/connection/request_scope.hpp"
#include "troupe/http/connection/response_writer.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// The answering half of a connection: sends a request to ROUTER, takes what
/// comes back, and has the `response_writer` send it. One request at a time.
/// For the connection's thread.
class responder {
public:
  using time_point = timer_wheel::time_point;

  /// The other half. It outlives this.
  class reader {
  public:
    /// The whole answer is out; the request's scope is still there.
    virtual void on_answered(bool keep_alive) = 0;
    /// The connection cannot go on.
    virtual void close() = 0;
    /// Calls `go_on` when the socket takes more, or others had their turn.
    virtual void await_socket() = 0;
    virtual void await_turn() = 0;
    /// Asks for `on_timer`; `max()` for never.
    virtual void wake_at(time_point at) = 0;
    /// Whether no further request of this connection can be answered.
    [[nodiscard]] virtual bool at_end() const = 0;
    /// For exchanges, which outlive the request's end.
    virtual std::shared_ptr<connection> share() = 0;

  protected:
    ~reader() = default;
  };

  responder(reader& owner, io_thread& io, boost::asio::ip::tcp::socket& socket)
    : reader_(owner), io_(io), writer_(socket, io.shared().options.limits) {
    // nop
  }

  // -- for the reading half ---------------------------------------------------

  /// Makes the scope of the next request.
  request_scope& begin(snapshot_ptr table, std::string id);

  /// @pre `begin` was called, and `clear` was not since
  [[nodiscard]] request_scope& scope() noexcept {
    return *scope_;
  }

  [[nodiscard]] bool has_scope() const noexcept {
    return scope_.has_value();
  }

  /// Answers on the spot.
  /// @param accept the request's `Accept-Encoding`
  void answer(reply x, std::string_view accept);

  /// Sends the request to ROUTER.
  void dispatch(request req);

  /// Whether a request has an answer to come, or on its way.
  [[nodiscard]] bool busy() const noexcept {
    return state_ != state::free;
  }

  /// The client has ended its sending side. @returns whether that ends its
  /// request, too
  bool end_of_input();

  /// Cancels what is in work, if anything is; ends a request without an answer.
  void abandon();

  /// Forgets the request.
  void clear();

  /// The socket takes more, or others had their turn.
  /// @param failed whether the socket broke
  void go_on(bool failed);

  void on_timer();

  /// When the answer began or last went on.
  [[nodiscard]] time_point last_progress() const noexcept {
    return writer_.last_progress();
  }

  // -- from http_exchange -----------------------------------------------------

  // `from` names the request. A call for one that is not in work any more is
  // ignored.

  /// The whole answer.
  void deliver(const exchange_identity& from, wire_reply&& answer,
               time_point now);

  /// More bytes of a streamed answer wait in the pipe.
  void flush(const exchange_identity& from,
             const std::shared_ptr<stream_pipe>& pipe,
             const std::string& content_type);

  /// It waits for a model now.
  void hand_on(const exchange_identity& from, handover to);

  /// The streamed answer is complete, or cut off.
  void end_stream(const exchange_identity& from,
                  const std::shared_ptr<stream_pipe>& pipe, stream_end end);

private:
  enum class state : std::uint8_t {
    /// No request is to be answered.
    free,
    /// The answer is being made.
    working,
    /// The answer is being sent.
    writing,
  };

  [[nodiscard]] bool works_on(const exchange_identity& x) const noexcept {
    return state_ == state::working && scope_->is(x);
  }
  [[nodiscard]] bool may_hand_on(const route_target& target) const noexcept;
  /// Returns the limits of the request, with its endpoint's own timeout.
  [[nodiscard]] time_limits limits_of(const route_target& target) const;
  std::shared_ptr<http_exchange> make_exchange(const route_target& target,
                                               request req,
                                               deadline_clock::time_point now);
  void hand_over(const route_target& target, std::shared_ptr<http_exchange> ex);
  response_frame frame(bool streamed, time_point now);
  void send_whole(wire_reply&& answer, time_point now);
  void begin_stream(const std::shared_ptr<stream_pipe>& pipe,
                    const std::string& content_type);
  void pump();
  void on_complete();
  void on_broken();
  void cancel_work(errc why);
  /// Sets the timer for what ends the request in work next: one of its limits,
  /// a reader that takes nothing, a silent event stream.
  void watch(time_point now);
  /// When an event stream begins without an item; `max()` means never.
  [[nodiscard]] time_point early_begin() const noexcept;

  reader& reader_;
  io_thread& io_;
  state state_ = state::free;
  std::optional<request_scope> scope_;
  response_writer writer_;
  /// For `around_request`.
  std::unique_ptr<request> copy_;
};

} // namespace troupe
