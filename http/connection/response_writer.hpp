#pragma once

#include "troupe/http/connection/stream_end.hpp"
#include "troupe/http/limits/timer_wheel.hpp"
#include "troupe/http/options.hpp"
#include "troupe/http/wire/stream_pipe.hpp"
#include "troupe/http/wire/wire_reply.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// What an answer's head says about the request and the connection.
struct response_frame {
  bool keep_alive = true;
  bool http_11 = true;
  /// Whether only the head is sent (RFC 9110 section 9.3.2).
  bool head_only = false;
  std::string_view date = {};
  std::string_view request_id = {};
  std::string_view request_id_header = {};
  /// Whole lines of the front's own.
  std::string_view more_fields = {};
};

/// Writes one answer after another to a socket that does not block: the head,
/// then a body from memory, from a file, or from a pipe that a producer fills.
/// Waits for nothing itself; the connection does that by what `send` returns.
/// For the connection's thread only.
class response_writer {
public:
  using time_point = timer_wheel::time_point;

  enum class progress : std::uint8_t {
    /// All of the answer is out.
    complete,
    /// All of a failed stream is out: the connection must be cut.
    cut,
    /// The producer is behind; send again when the pipe has more.
    starved,
    /// The socket takes no more; send again, after `resume`, when it does.
    blocked,
    /// Enough for now: send again, after `resume`, when others had their turn.
    turn_over,
    /// The socket failed, or the file did (`error` says why).
    broken,
  };

  /// Neither is copied.
  response_writer(boost::asio::ip::tcp::socket& socket,
                  const connection_limits& limits) noexcept
    : socket_(socket), limits_(limits) {
    // nop
  }

  /// Begins a whole answer. Nothing is sent yet.
  void begin(const response_frame& frame, wire_reply&& answer, time_point now);

  /// Begins a streamed one: `head` has no body.
  /// @param heartbeat how long an event stream may be silent; 0 means for ever
  void begin_stream(const response_frame& frame, const wire_reply& head,
                    std::shared_ptr<stream_pipe> pipe,
                    std::chrono::milliseconds heartbeat, time_point now);

  /// Takes the end of the stream; it is sent after what the pipe holds.
  void end_stream(stream_end end, time_point now) {
    if (end.hurried)
      all_until_ = now + limits_.write_timeout;
    end_ = std::move(end);
  }

  /// Sends as much as the socket takes.
  progress send();

  /// Whether `send` has to wait for the socket, or for a turn.
  [[nodiscard]] bool waits() const noexcept {
    return waits_;
  }

  /// The socket takes more, or the turn has come.
  void resume(time_point now) noexcept {
    waits_ = false;
    stalled_until_ = time_point::max();
    last_progress_ = now;
  }

  /// Returns when the connection must look at this again: the reader took
  /// nothing for too long, or an event stream was silent; `max()` means never.
  [[nodiscard]] time_point due() const noexcept;

  /// Whether the socket has taken nothing since.
  [[nodiscard]] bool stalled() const noexcept {
    return stalled_until_ != time_point::max();
  }

  [[nodiscard]] bool gave_up(time_point now) const noexcept {
    return stalled_until_ <= now || all_until_ <= now;
  }

  [[nodiscard]] bool heartbeat_due(time_point now) const noexcept {
    return next_heartbeat() <= now;
  }

  /// Puts a comment on the event stream.
  /// @pre `heartbeat_due`, or the stream has only just begun
  void add_heartbeat();

  /// Whether the answer comes from this pipe.
  [[nodiscard]] bool
  sends(const std::shared_ptr<stream_pipe>& pipe) const noexcept {
    return pipe_ == pipe;
  }

  /// Whether a producer may still add to the answer.
  [[nodiscard]] bool open() const noexcept {
    return pipe_ != nullptr && !end_;
  }

  /// How the stream ended; nothing while it has not, or for a whole answer.
  [[nodiscard]] const std::optional<stream_end>& end() const noexcept {
    return end_;
  }

  /// Returns how many bytes of the answer the socket has taken; 0 without one.
  [[nodiscard]] std::uint64_t sent() const noexcept {
    return sent_;
  }

  [[nodiscard]] int status() const noexcept {
    return status_;
  }

  /// When the answer began, or last went on.
  [[nodiscard]] time_point last_progress() const noexcept {
    return last_progress_;
  }

  /// Of a file that cannot be read on; "" as a rule.
  [[nodiscard]] const std::string& error() const noexcept {
    return error_;
  }

  /// Lets go of the answer; its producer is told to stop.
  void drop();

private:
  void begin_head(const response_frame& frame, const wire_reply& x,
                  bool streamed, std::size_t length);
  void bound_unsent();
  /// @returns what ended the attempt; nothing when all of it is out
  std::optional<progress> write_out();
  /// Fetches the next piece of the file. @returns how it ended; nothing when
  /// there is more to send
  std::optional<progress> read_file();
  [[nodiscard]] time_point next_heartbeat() const noexcept;

  boost::asio::ip::tcp::socket& socket_;
  const connection_limits& limits_;
  std::string head_;
  struct paid_text {
    std::string text;
    /// Of a whole answer.
    answer_charge charge;
  };
  paid_text body_;
  /// Of both together.
  std::size_t written_ = 0;
  /// Of the whole answer.
  std::uint64_t sent_ = 0;
  /// The rest of a streamed answer; null for a whole one.
  std::shared_ptr<stream_pipe> pipe_;
  std::optional<stream_end> end_;
  /// The answer's body when it is a file, and how much of it was read.
  std::shared_ptr<file_source> file_;
  std::uint64_t file_read_ = 0;
  std::string error_;
  int status_ = 0;
  bool head_only_ = false;
  bool chunked_ = false;
  bool unsent_bounded_ = false;
  bool waits_ = false;
  time_point last_progress_{};
  struct {
    /// Of an event stream; zero for other answers.
    std::chrono::milliseconds every{0};
    /// When the last bytes of a stream went out.
    time_point last_sent{};
  } beat_;
  /// Until when the socket has to take more; `max()` when it need not.
  time_point stalled_until_ = time_point::max();
  /// Until when it has to take everything; `max()` as a rule.
  time_point all_until_ = time_point::max();
};

} // namespace troupe
