#pragma once

#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/connection/responder.hpp"
#include "troupe/http/limits/arrival.hpp"
#include "troupe/http/limits/connection_gate.hpp"
#include "troupe/http/limits/last_input.hpp"
#include "troupe/http/wire/input_buffer.hpp"
#include "troupe/http/wire/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// One connection: its socket, what it reads, its timer, and how long it lives.
/// Answers are the `responder`'s. Lives on its I/O thread; all members without
/// a note are for that thread only. Requests are answered one at a time, in
/// order; what the client pipelines waits in the input buffer, which is
/// bounded.
class connection final : public std::enable_shared_from_this<connection>,
                         public turn_queue::member,
                         public idle_connections::member,
                         private responder::reader,
                         private timer_wheel::entry {
public:
  /// @param ticket its place; one of the reserve serves one built-in
  connection(std::shared_ptr<io_thread> io, boost::asio::ip::tcp::socket socket,
             connection_ticket ticket = {});
  ~connection() override = default;

  void start();

  /// Closes at once; what is in work is cancelled.
  void close() override;

  /// For a shutdown: ends what is idle, after a moment for bytes that are on
  /// their way, and gives a half-read request a bounded time for its rest. A
  /// connection that was only just made may still bring its first request.
  void quiesce();

  bool close_if_idle() override {
    if (state_ != state::idle || unread() > 0)
      return false;
    close();
    return true;
  }

  void take_turn() override {
    guarded([&] {
      waits_for_turn_ = false;
      serve(turn_queue::queued_turn);
    });
  }

  // -- from http_exchange -----------------------------------------------------

  /// Safe from every thread.
  [[nodiscard]] io_thread& io() noexcept {
    return *io_;
  }

  /// The settings of the time when the connection was made. Safe from every
  /// thread.
  [[nodiscard]] const front_shared& shared() const noexcept {
    return *shared_;
  }

  [[nodiscard]] responder& answers() noexcept {
    return answers_;
  }

private:
  enum class state : std::uint8_t {
    /// Between requests.
    idle,
    /// In the header section.
    header,
    /// In the body.
    body,
    /// The answer is being made, or sent.
    answering,
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
    // Runs the actors of this thread that it sent to: nothing else would wake
    // them.
    io_->unit().run_ready();
  }

  // -- reading ----------------------------------------------------------------

  void do_read();
  /// Tells the I/O thread when the buffer has become large, or small again.
  void count_input(bool large) noexcept {
    if (large == input_is_large_)
      return;
    input_is_large_ = large;
    if (large)
      io_->add_large_input();
    else
      io_->remove_large_input();
  }
  void on_read(const boost::system::error_code& ec, std::size_t n);
  void on_end_of_input();
  [[nodiscard]] bool expects_input() const noexcept {
    return state_ == state::idle || state_ == state::header
           || state_ == state::body;
  }
  /// Serves at most that many requests; the rest waits for a turn.
  void process_input(int allowed);
  /// The same, and reads on.
  void serve(int allowed);
  void begin_request();
  /// Counts its request as work, once.
  void begin_work() noexcept {
    if (!std::exchange(counted_, true))
      io_->begin_work();
  }
  void end_work() {
    if (std::exchange(counted_, false))
      io_->end_work();
  }
  /// Lets the parser have what is there.
  /// @returns whether to go on; if not, more bytes are needed, or none wanted
  bool parse_some();
  /// Nothing of the next request has come but an empty line.
  void await_request();
  /// Gives the next request `idle_timeout`, unless the place is needed.
  void fall_idle(timer_wheel::time_point now);
  /// Sets the timer for the rest of the request.
  void await_rest();
  void on_header();
  /// Makes the scope of a request whose header section is not complete, unless
  /// there is one.
  void begin_broken();
  void on_broken();
  void on_request();

  // -- answering --------------------------------------------------------------

  /// Answers a request that cannot be read to its end; the connection ends with
  /// it.
  void refuse(const failure& why);
  /// Answers on the spot.
  void answer(reply x);
  void send_continue() {
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    boost::system::error_code ec;
    // A socket that cannot take 25 bytes is broken anyway.
    socket_.write_some(boost::asio::buffer(text.data(), text.size()), ec);
  }
  void on_answered(bool keep_alive) override;
  void await_socket() override;
  void await_turn() override;
  void wake_at(timer_wheel::time_point at) override {
    if (at != timer_wheel::time_point::max())
      io_->set_timer(*this, at);
    else
      io_->clear_timer(*this);
  }
  [[nodiscard]] bool at_end() const override {
    return input_ended_ && input_.empty();
  }
  [[nodiscard]] bool owes_answers() override {
    return last_input_.owes([this] { return unread(); });
  }
  /// Returns how many bytes have come that nobody has looked at.
  [[nodiscard]] std::size_t unread() const {
    boost::system::error_code ec;
    const auto n = socket_.available(ec);
    return input_.data().size() + (ec ? 0 : n);
  }
  [[nodiscard]] std::uint64_t received() const override {
    return received_;
  }
  std::shared_ptr<connection> share() override {
    return shared_from_this();
  }
  void next_request();
  void linger();
  void set_timeout(std::chrono::milliseconds from_now) {
    io_->set_timer(*this, timer_wheel::clock::now() + from_now);
  }
  void on_timer() override;

  std::shared_ptr<io_thread> io_;
  std::shared_ptr<const front_shared> shared_;
  boost::asio::ip::tcp::socket socket_;
  connection_ticket ticket_;
  std::string remote_;
  input_buffer input_;
  std::optional<request_parser> parser_;
  arrival arrival_;
  last_input last_input_;
  responder answers_;
  /// Bytes of the request that came last.
  std::uint64_t received_ = 0;
  state state_ = state::idle;
  bool reading_ = false;
  bool input_ended_ = false;
  bool input_is_large_ = false;
  bool processing_ = false;
  bool waits_for_turn_ = false;
  /// Whether a request is among those in work.
  bool counted_ = false;
};

} // namespace troupe
