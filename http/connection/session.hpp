#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/http/connection/http_exchange.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/wire/input_buffer.hpp"
#include "troupe/http/wire/request_parser.hpp"
#include "troupe/http/wire/response_head.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// One connection. Lives on its I/O thread; all members are for that thread
/// only. Requests are answered one at a time, in order; what the client
/// pipelines waits in the input buffer, which is bounded.
class session final : public std::enable_shared_from_this<session>,
                      private timer_wheel::entry {
public:
  session(std::shared_ptr<io_thread> io, boost::asio::ip::tcp::socket socket);
  ~session() override;

  void start();

  /// Closes at once; what is in work is cancelled.
  void close();

  /// For a shutdown: closes unless a request is in work or half-read.
  void close_if_idle();

  // -- from http_exchange, on this thread -------------------------------------

  [[nodiscard]] io_thread& io() noexcept {
    return *io_;
  }

  // `serial` is the request's; what comes for another one is too late and
  // ignored.

  /// The whole answer of the request in work.
  void deliver(std::uint64_t serial, wire_reply answer);

  /// More bytes of a streamed answer wait in the pipe.
  void flush(std::uint64_t serial, const std::shared_ptr<stream_pipe>& pipe,
             const std::string& content_type);

  /// The request in work waits for a model now.
  void hand_on(std::uint64_t serial, handover to);

  /// The streamed answer is complete, or cut off.
  void end_stream(std::uint64_t serial,
                  const std::shared_ptr<stream_pipe>& pipe, stream_end end);

private:
  enum class state : std::uint8_t {
    /// Between requests.
    idle,
    /// In the header section.
    header,
    /// In the body.
    body,
    /// The answer is being made.
    working,
    /// The answer is being sent.
    writing,
    /// The last answer is out; what still comes in is thrown away, so that
    /// no reset overtakes the answer (RFC 9112 section 9.6).
    lingering,
    closed,
  };

  /// Runs a handler; an exception ends this connection.
  template <class F>
  void guarded(F&& f) {
    try {
      f();
    } catch (const std::exception& e) {
      io_->shared().log(log_level::error,
                        std::string{"exception on a connection: "} + e.what());
      close();
    }
  }

  // -- reading ----------------------------------------------------------------

  void do_read();
  void on_read(const boost::system::error_code& ec, std::size_t n);
  void on_end_of_input();
  void process_input();
  void on_header();
  /// Normalises the path. @returns the refusal of one that is malformed.
  std::optional<reply> locate();
  /// Decides on the header alone. @returns an answer that needs no owner:
  /// refusals, redirects, OPTIONS.
  std::optional<reply> admit();
  void on_request();
  void dispatch_request();

  // -- around a request -------------------------------------------------------

  /// How errors look to who asks for this path.
  [[nodiscard]] error_renderer renderer_of(const request& req) const;
  /// What a renderer makes of `why`; one that throws makes it a plain 500.
  reply rendered(const error_renderer& render, const failure& why);
  /// The same, as errors of the request's endpoint look.
  reply refusal(const failure& why);
  /// Calls each `before`. @returns the answer of one that gave one.
  std::optional<reply> enter_middleware();
  /// Calls `after` of those that were entered.
  void leave_middleware(wire_reply& x, bool streamed);
  /// Keeps what `after` and `on_response` are shown.
  void remember(const request& req);
  /// Counts a request among the active ones and tells of it; each is ended
  /// once, whatever becomes of it.
  void begin_active(const request& req);
  void end_active(int status);

  // -- answering --------------------------------------------------------------

  /// Answers what cannot be read on; the connection ends with it.
  void refuse(const failure& why);
  void answer(reply x);
  void send_continue();
  void begin_response(const wire_reply& x, body_framing framing);
  /// Keeps what the kernel takes beyond what the client's window lets out as
  /// small as our own buffer; by itself it takes megabytes for a slow reader.
  void bound_unsent();
  void pump();
  /// Fetches the next piece of the file that is sent. @returns whether there
  /// was one; the end or a failure is dealt with.
  bool read_file();
  void on_written();
  void next_request();
  void cancel_work(errc why);
  void linger();
  void set_timeout(std::chrono::milliseconds from_now);
  /// Sets the timer for what the request in work has to fear next: one of its
  /// limits, a reader that takes nothing, a silent event stream.
  void watch_work(timer_wheel::time_point now);
  [[nodiscard]] timer_wheel::time_point heartbeat_due() const noexcept;
  void send_heartbeat();
  void on_timer() override;

  std::shared_ptr<io_thread> io_;
  boost::asio::ip::tcp::socket socket_;
  std::string remote_;
  input_buffer input_;
  std::optional<request_parser> parser_;
  state state_ = state::idle;
  bool reading_ = false;
  bool input_ended_ = false;
  bool processing_ = false;
  /// Whether the request is among those in work.
  bool counted_ = false;
  /// Whether the header's deadline runs; it is not extended by single bytes.
  bool header_timed_ = false;

  // -- the request in work ----------------------------------------------------

  std::uint64_t serial_ = 0;
  snapshot_ptr snapshot_;
  const table_entry* entry_ = nullptr;
  std::weak_ptr<http_exchange> exchange_;
  /// An answer that waits for the rest of the request's body.
  std::optional<reply> early_;
  /// How long an event stream may be silent; zero means for ever.
  std::chrono::milliseconds heartbeat_{0};
  /// Sweeps the pool that a spec handed the request to; may be unset.
  std::function<void()> sweep_;
  std::string request_id_;
  bool head_only_ = false;
  bool keep_alive_ = true;
  bool http_11_ = true;

  /// How many middlewares were entered and not left.
  std::size_t entered_ = 0;
  bool active_ = false;
  /// Whether callbacks heard of it.
  bool told_ = false;
  /// The request without its body, only when somebody is shown it; kept for the
  /// next one.
  std::unique_ptr<request> seen_;
  /// Whether it is that of the request in work.
  bool remembered_ = false;
  deadline_clock::time_point began_ = {};

  // -- the answer on its way --------------------------------------------------

  std::string head_;
  std::string body_;
  std::size_t written_ = 0;
  /// When the answer began, or went on after it had waited.
  timer_wheel::time_point moved_{};
  bool unsent_bounded_ = false;
  /// Whether we wait: for the socket to take more, or for our next turn.
  bool blocked_ = false;
  /// Until when the socket has to take more; `max()` when it need not.
  timer_wheel::time_point stalled_until_ = timer_wheel::time_point::max();
  /// Whether the answer is an event stream.
  bool events_ = false;
  /// When its last bytes went out.
  timer_wheel::time_point last_sent_{};
  /// The rest of a streamed answer; null for a whole one.
  std::shared_ptr<stream_pipe> pipe_;
  std::optional<stream_end> stream_end_;
  /// The answer's body when it is a file, and how much of it was read.
  std::shared_ptr<file_source> file_;
  std::uint64_t file_read_ = 0;
  int status_ = 0;
};

} // namespace troupe
