#pragma once

#include "troupe/http/wire/stream_pipe.hpp"
#include "troupe/http/wire/wire_reply.hpp"
#include "troupe/specs/exchange/exchange.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

class session;

/// How the items of a stream look on the wire.
enum class stream_format : std::uint8_t {
  /// `application/x-ndjson`: one document a line. The default.
  ndjson,
  /// `text/event-stream`, when `Accept` or the endpoint's owner asks for it.
  events,
};

/// How a streamed answer ends.
struct stream_end {
  /// What is sent behind the items.
  std::string last = {};
  /// Cut the connection afterwards, so that the end is no clean one.
  bool aborted = false;
  /// The whole answer to give if no byte of the stream is out yet.
  std::optional<wire_reply> instead = {};
};

/// The exchange of one HTTP request. Serialises on the producer's thread and
/// hands the bytes to the connection's thread, directly when that is the
/// calling one. The end may come from another thread than the items (a
/// deadline, a drain): the mutex decides whether a stream had begun.
class http_exchange : public exchange {
public:
  /// @param serial which of the connection's requests this is
  http_exchange(std::shared_ptr<session> s, std::uint64_t serial)
    : session_(std::move(s)), serial_(serial) {
    // nop
  }

  stream_format format = stream_format::ndjson;

  /// Whether the client understands chunks; else the body ends with the
  /// connection.
  bool chunked = true;

  /// Whether the client takes gzip.
  bool takes_gzip = false;

  void cancel() noexcept override;
  void hand_on(handover to) override;
  void prefer_events() override {
    format = stream_format::events;
  }
  [[nodiscard]] bool congested() const noexcept override;

protected:
  flow do_write(payload item) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  void append_item(std::string& out, payload item) const;
  void frame(std::string& out, std::string_view bytes) const;
  void deliver(wire_reply answer);
  void end_stream(std::shared_ptr<stream_pipe> pipe, stream_end end);
  /// Ends with an error: as the whole answer, or behind the items.
  void end_with(wire_reply answer);
  /// Makes and sends the end. The client hears of nothing else, so what `f`
  /// throws becomes a 500.
  template <class F>
  void or_plain_error(F&& f);
  void log_error(const std::string& text) const;
  /// Lets no stream begin any more. @returns the one that has, or null.
  std::shared_ptr<stream_pipe> close_beginning();
  template <class F>
  void on_session_thread(F&& f);

  std::shared_ptr<session> session_;
  std::uint64_t serial_;
  mutable std::mutex mutex_;
  /// Made with the first item; guarded by the mutex, as is the flag.
  std::shared_ptr<stream_pipe> pipe_;
  bool may_begin_ = true;
  /// The same pipe, for `congested`, which is asked often.
  std::atomic<const stream_pipe*> begun_pipe_{nullptr};
};

} // namespace troupe
