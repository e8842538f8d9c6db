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
    /// Whether requests of this connection wait that had come when the end of
    /// the server was first seen.
    [[nodiscard]] virtual bool owes_answers() = 0;
    /// How many bytes of the request have come.
    [[nodiscard]] virtual std::uint64_t received() const = 0;
    /// For exchanges, which outlive the request's end.
    virtual std::shared_ptr<connection> share() = 0;

  protected:
    ~reader() = default;
  };

  responder(reader& owner, io_thread& io, boost::asio::ip::tcp::socket& socket)
    : reader_(owner),
      io_(io),
      settings_(io.settings()),
      scope_settings_(settings_),
      writer_(socket, settings_->options.limits) {
    // nop
  }

  // -- for the reading half ---------------------------------------------------

  /// Makes the scope of the next request.
  /// @param seen what observers may see of it; null for nothing
  /// @param readable whether its request line was read
  request_scope& begin(snapshot_ptr table, std::string id,
                       const request* seen = nullptr, bool readable = true);

  /// The observed request is one of a built-in.
  void observe_builtin() noexcept {
    if (watch_ != nullptr)
      watch_->is_builtin();
  }

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

  /// What became of the work, before its answer or the end of its stream.
  void work_ended(const exchange_identity& from, const work_end& x) {
    if (watch_ != nullptr && scope_ && scope_->is(from))
      watch_->work_ended(x);
  }

  /// The whole answer.
  void deliver(const exchange_identity& from, wire_reply&& answer,
               time_point now);

  /// More bytes of a streamed answer wait in the pipe.
  void flush(const exchange_identity& from,
             const std::shared_ptr<stream_pipe>& pipe);

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
  /// Whether a spec may hand the request on to a model, whose timeout then
  /// holds instead of the server's.
  [[nodiscard]] bool may_hand_on(const route_target& target) const noexcept {
    return !target.spec.empty() && !scope_->entry->endpoint.timeout;
  }
  /// Returns the limits of the request, with its endpoint's own timeout.
  [[nodiscard]] time_limits limits_of(const route_target& target) const;
  std::shared_ptr<http_exchange> make_exchange(const route_target& target,
                                               request req,
                                               deadline_clock::time_point now);
  void hand_over(const route_target& target, std::shared_ptr<http_exchange> ex);
  response_frame frame(bool streamed, time_point now);
  void send_whole(wire_reply&& answer, time_point now);
  void begin_stream(const std::shared_ptr<stream_pipe>& pipe);
  void pump();
  void on_complete();
  void on_broken();
  /// Nothing more of the answer goes out.
  void end_watch(int status, bool left = false) {
    if (watch_ != nullptr && scope_)
      watch_->end({status, reader_.received(), writer_.sent(), left},
                  scope_->entry, scope_->request_id);
  }
  void cancel_work(errc why);
  /// Sets the timer for what ends the request in work next: one of its limits,
  /// a reader that takes nothing, a silent event stream.
  void watch(time_point now);
  /// When an event stream begins without an item; `max()` means never.
  [[nodiscard]] time_point early_begin() const noexcept;

  reader& reader_;
  io_thread& io_;
  /// Of the connection, for its whole life.
  std::shared_ptr<const front_shared> settings_;
  /// Of the request.
  std::shared_ptr<const front_shared> scope_settings_;
  state state_ = state::free;
  std::optional<request_scope> scope_;
  response_writer writer_;
  /// For `around_request`.
  std::unique_ptr<request> copy_;
  /// Null where nobody wants to know.
  std::unique_ptr<request_watch> watch_;
};

} // namespace troupe
