#pragma once

#include "troupe/http/connection/request_watch.hpp"
#include "troupe/http/connection/stream_end.hpp"
#include "troupe/http/wire/body_budget.hpp"
#include "troupe/http/wire/stream_pipe.hpp"
#include "troupe/http/wire/wire_reply.hpp"
#include "troupe/specs/exchange/exchange.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

class connection;

/// How the items of a stream look on the wire.
enum class stream_format : std::uint8_t {
  /// `application/x-ndjson`: one document a line. The default.
  ndjson,
  /// `text/event-stream`, when `Accept` or the endpoint's owner asks for it.
  events,
};

class http_exchange;

/// Identifies an exchange among all of its connection, also after its end.
using exchange_identity = std::weak_ptr<http_exchange>;

/// The exchange of one HTTP request. Serialises on the producer's thread and
/// hands the bytes to the connection's thread, directly when that is the
/// calling one. The end may come from another thread than the items (a
/// deadline, a drain): the mutex decides whether a stream had begun.
class http_exchange : public exchange,
                      public std::enable_shared_from_this<http_exchange> {
public:
  explicit http_exchange(std::shared_ptr<connection> c)
    : connection_(std::move(c)) {
    // nop
  }

  std::atomic<stream_format> format{stream_format::ndjson};

  /// Whether the client understands chunks; else the body ends with the
  /// connection.
  bool chunked = true;

  /// Whether the connection wants to know how the work ended.
  bool watched = false;

  /// Whether the client takes gzip.
  bool takes_gzip = false;

  /// Whether the client, or the endpoint's owner, wants an event stream and
  /// nothing else: it may begin before the first item. Set before anybody else
  /// has the exchange, and by `prefer_events`.
  std::atomic<bool> only_events{false};

  /// The body's share of the server's budget, held while the exchange has the
  /// request.
  body_charge charge = {};

  /// Begins the stream before its first item, so that the connection can keep
  /// it alive. From now on items and failures are events.
  /// @returns where the items will be; null when the answer has begun
  std::shared_ptr<stream_pipe> begin_events();

  void cancel() noexcept override;
  void hand_on(handover to) override;
  void prefer_events() override {
    format = stream_format::events;
    only_events = true;
  }
  [[nodiscard]] bool congested() const noexcept override;
  [[nodiscard]] bool takes_json_text() const noexcept override {
    return true;
  }
  bool end_if_too_slow() override;

protected:
  flow do_write(payload item) override;
  flow do_write_events(std::string_view text) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  [[nodiscard]] bool sends_events() const noexcept {
    return format.load(std::memory_order_relaxed) == stream_format::events;
  }
  /// Whether bytes of this type go out as they are.
  [[nodiscard]] bool is_own_type(std::string_view content_type) const noexcept;
  /// Appends an item as the client sees it, without framing.
  void append_item(std::string& out, payload item) const;
  void frame(std::string& out, std::string_view bytes) const;
  /// @pre the mutex is held
  void make_pipe(std::string_view content_type);
  /// Notes that an item comes, and begins the stream with the first one.
  /// @returns whether somebody reads it
  bool begin_item(std::string_view content_type);
  /// Sends an item that has begun.
  flow send_item(std::string_view bytes);
  /// Ends a stream whose reader keeps others waiting.
  void end_too_slow();
  /// How long the reader may hold the producer up; zero means for ever.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;
  /// @pre the facts have its end
  void deliver(wire_reply&& answer);
  [[nodiscard]] std::optional<work_end> watched_end() const;
  void end_stream(std::shared_ptr<stream_pipe> pipe, stream_end end);
  /// Ends with an error: as the whole answer, or after the items.
  void end_with(wire_reply answer);
  /// Makes and sends the end. What `f` throws becomes a 500: otherwise the
  /// client would get no answer.
  template <class F>
  void or_plain_error(F&& f);
  void log_error(const std::string& text) const;
  /// Lets no stream begin any more. @returns the one that has, or null.
  std::shared_ptr<stream_pipe> close_beginning();
  template <class F>
  void on_its_thread(F&& f);

  std::shared_ptr<connection> connection_;
  mutable std::mutex mutex_;
  /// Made with the first item, or by `begin_events`, and never changed again;
  /// guarded by the mutex, as is the flag.
  std::shared_ptr<stream_pipe> pipe_;
  bool may_begin_ = true;
  /// The same pipe once it is made, for what is asked for each item.
  std::atomic<stream_pipe*> begun_pipe_{nullptr};
  /// Of the producer alone: the memory of the last item.
  std::string item_;
  /// Whether the head of the stream says that events follow.
  std::atomic<bool> began_as_events_{false};
  /// Whether the client must take the rest soon.
  std::atomic<bool> hurried_{false};
};

} // namespace troupe
