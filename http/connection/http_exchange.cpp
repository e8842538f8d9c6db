#include "troupe/http/connection/http_exchange.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/around/gzip.hpp"
#include "troupe/http/connection/connection.hpp"
#include "troupe/http/wire/free_text.hpp"
#include "troupe/http/wire/response_head.hpp"
#include "troupe/specs/json/event_stream.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace troupe {

namespace {

constexpr std::string_view event_stream = "text/event-stream";

/// How long one of several readers that share a call may hold the others up, in
/// all.
constexpr std::chrono::milliseconds longest_in_company{1'000};

/// RFC 9112 section 7.1.
constexpr std::string_view last_chunk = "0\r\n\r\n";

} // namespace

/// `f` gets the connection's responder, and which exchange this is; the
/// exchange may be gone by then.
template <class F>
void http_exchange::on_its_thread(F&& f) {
  if (connection_->io().on_this_thread()) {
    runtime_pause ours;
    f(connection_->answers(), weak_from_this());
    return;
  }
  boost::asio::post(connection_->io().context(),
                    [c = connection_, self = weak_from_this(),
                     f = std::forward<F>(f)]() mutable {
                      f(c->answers(), std::move(self));
                      // Runs the actors of this thread that the end of the
                      // answer sent to.
                      c->io().unit().run_ready();
                    });
}

void http_exchange::cancel() noexcept {
  exchange::cancel();
  std::unique_lock guard{mutex_};
  if (pipe_ != nullptr)
    pipe_->close();
}

void http_exchange::hand_on(handover to) {
  exchange::hand_on(to);
  on_its_thread([next = std::move(to)](responder& r,
                                       const exchange_identity& self) mutable {
    r.hand_on(self, std::move(next));
  });
}

bool http_exchange::congested() const noexcept {
  const auto* pipe = begun_pipe_.load(std::memory_order_acquire);
  return pipe != nullptr && pipe->full();
}

std::chrono::milliseconds http_exchange::patience() const noexcept {
  auto result = time.slow_reader();
  if (auto n = company.load(); n > 1 && result.count() > 0)
    result =
      std::clamp(result / n, std::chrono::milliseconds{1}, longest_in_company);
  return result;
}

bool http_exchange::end_if_too_slow() {
  const auto* pipe = begun_pipe_.load(std::memory_order_acquire);
  if (pipe == nullptr || !pipe->overdue(time.slow_reader()))
    return false;
  end_too_slow();
  return true;
}

void http_exchange::end_too_slow() {
  hurried_ = true;
  abandon(make_failure(errc::deadline_exceeded,
                       "The items of the stream were taken too slowly"));
}

std::shared_ptr<stream_pipe> http_exchange::close_beginning() {
  std::unique_lock guard{mutex_};
  may_begin_ = false;
  // A late item must not follow the end.
  if (pipe_ != nullptr)
    pipe_->close();
  return pipe_;
}

void http_exchange::frame(std::string& out, std::string_view bytes) const {
  if (chunked)
    append_chunk(out, bytes);
  else
    out.append(bytes);
}

std::shared_ptr<stream_pipe> http_exchange::begin_events() {
  std::unique_lock guard{mutex_};
  if (cancelled() || !may_begin_ || pipe_ != nullptr)
    return nullptr;
  make_pipe(event_stream);
  return pipe_;
}

void http_exchange::make_pipe(std::string_view content_type) {
  began_as_events_.store(content_type.starts_with(event_stream),
                         std::memory_order_release);
  const auto& shared = connection_->shared();
  const auto& limits = shared.options.limits;
  stream_pipe::bounds bounds;
  bounds.credit = limits.stream_buffer_bytes;
  bounds.backlog = limits.stream_backlog_bytes;
  bounds.pace = limits.min_stream_bytes_per_second;
  pipe_ = std::make_shared<stream_pipe>(bounds, shared.bodies,
                                        std::string{content_type});
  begun_pipe_.store(pipe_.get(), std::memory_order_release);
}

bool http_exchange::is_own_type(std::string_view content_type) const noexcept {
  return !began_as_events_.load(std::memory_order_acquire)
         || content_type.starts_with(event_stream);
}

void http_exchange::append_item(std::string& out, payload item) const {
  const auto* document = item.json();
  if (document != nullptr && sends_events()) {
    append_event(out, *document);
  } else if (document != nullptr) {
    dump_json_to(out, *document);
    out += '\n';
  } else if (is_own_type(item.content_type())) {
    out += std::move(item).take_text();
  } else {
    append_text_event(out, std::move(item).take_text());
  }
}

bool http_exchange::begin_item(std::string_view content_type) {
  if (cancelled())
    return false;
  const auto now = deadline_clock::now();
  touch(now);
  facts.item(now);
  time.begin_stream();
  if (begun_pipe_.load(std::memory_order_acquire) != nullptr)
    return true;
  std::unique_lock guard{mutex_};
  if (cancelled() || !may_begin_)
    return false;
  if (pipe_ == nullptr)
    make_pipe(content_type);
  return true;
}

flow http_exchange::send_item(std::string_view bytes) {
  auto& pipe = *begun_pipe_.load(std::memory_order_acquire);
  const chunk_line before{bytes.size()};
  const std::array parts{before.text(), bytes, chunk_end};
  std::span<const std::string_view> framed{parts};
  if (!chunked || bytes.empty())
    framed = framed.subspan(1, 1);
  // An I/O thread must never wait for itself.
  auto may_block = waits && !connection_->io().on_this_thread();
  switch (pipe.put(framed, may_block, patience())) {
    case stream_pipe::result::closed:
      return flow::cancelled;
    case stream_pipe::result::too_slow:
      end_too_slow();
      return flow::cancelled;
    case stream_pipe::result::notify:
      on_its_thread(
        [pipe = pipe_](responder& to, const exchange_identity& self) {
          to.flush(self, pipe);
        });
      break;
    case stream_pipe::result::taken:
      break;
  }
  return pipe.full() ? flow::full : flow::ok;
}

flow http_exchange::do_write(payload item) {
  auto content_type = item.content_type();
  if (item.json() != nullptr)
    content_type = sends_events() ? event_stream : "application/x-ndjson";
  if (!begin_item(content_type))
    return flow::cancelled;
  if (const auto* own = item.raw();
      own != nullptr && is_own_type(own->content_type))
    return send_item(own->data);
  // One large item is no reason to keep its memory.
  constexpr std::size_t kept = 16UL * 1024;
  item_.clear();
  append_item(item_, std::move(item));
  auto result = send_item(item_);
  if (item_.capacity() > kept)
    free_text(item_);
  return result;
}

flow http_exchange::do_write_events(std::string_view text) {
  return begin_item(event_stream) ? send_item(text) : flow::cancelled;
}

std::optional<work_end> http_exchange::watched_end() const {
  return watched ? std::optional{end_of(*this)} : std::nullopt;
}

void http_exchange::deliver(wire_reply&& answer) {
  // On the producer's thread, because it takes up to 10 ms for each MB. An I/O
  // thread does not take that much.
  constexpr std::size_t most_inline = 1024UL * 1024;
  auto& io = connection_->io();
  if (answer.body.size() <= most_inline || !io.on_this_thread())
    compress(answer, connection_->shared().options.gzip, takes_gzip);
  answer.charge = {connection_->shared().bodies, answer.body.size()};
  if (io.on_this_thread()) {
    runtime_pause ours;
    if (watched)
      connection_->answers().work_ended(weak_from_this(), end_of(*this));
    connection_->answers().deliver(weak_from_this(), std::move(answer),
                                   *facts.ended_at());
    return;
  }
  on_its_thread([answer = std::move(answer), work = watched_end()](
                  responder& to, const exchange_identity& self) mutable {
    if (work)
      to.work_ended(self, *work);
    to.deliver(self, std::move(answer), deadline_clock::now());
  });
}

void http_exchange::end_stream(std::shared_ptr<stream_pipe> pipe,
                               stream_end end) {
  on_its_thread([pipe = std::move(pipe), end = std::move(end),
                 work = watched_end()](responder& to,
                                       const exchange_identity& self) mutable {
    if (work)
      to.work_ended(self, *work);
    to.end_stream(self, pipe, std::move(end));
  });
}

template <class F>
void http_exchange::or_plain_error(F&& f) {
  std::string text;
  try {
    f();
    return;
  } catch (...) {
    failure_from_current_exception(text);
  }
  log_error("its answer cannot be sent: " + text);
  end_with(to_wire(render_detail(make_failure(errc::internal))));
}

void http_exchange::log_error(const std::string& text) const {
  connection_->shared().log(log_level::error, log_name() + " of "
                                                + log_quoted(request.path)
                                                + ": " + text);
}

void http_exchange::do_finish(reply answer) {
  facts.finished(deadline_clock::now(), answer.status);
  connection_->shared().board->traffic.count_finished();
  or_plain_error([&] {
    auto pipe = close_beginning();
    if (pipe == nullptr) {
      deliver(to_wire(std::move(answer)));
      return;
    }
    // Its status comes too late for the head.
    if (answer.status >= 400 && began_as_events_) {
      end_with(to_wire(std::move(answer)));
      return;
    }
    stream_end end;
    if (!answer.body.empty()) {
      std::string item;
      append_item(item, std::move(answer.body));
      frame(end.last, item);
    }
    if (chunked)
      end.last += last_chunk;
    end_stream(std::move(pipe), std::move(end));
  });
}

void http_exchange::do_fail(failure why) {
  facts.failed(deadline_clock::now(), why.code, why.effective_status());
  connection_->shared().board->traffic.count_failed(why.code);
  or_plain_error([&] {
    std::string thrown;
    auto answer = render(why, thrown);
    if (!thrown.empty())
      log_error("the error's renderer threw: " + thrown);
    end_with(to_wire(std::move(answer)));
  });
}

void http_exchange::end_with(wire_reply answer) {
  auto pipe = close_beginning();
  if (pipe == nullptr) {
    deliver(std::move(answer));
    return;
  }
  // If the status is out: tell in band. A reader of events knows the record of
  // an error, and loses it when the body is cut off; lines have no such record,
  // so their body never ends cleanly.
  std::string text;
  stream_end end;
  end.cut = !began_as_events_.load(std::memory_order_acquire);
  if (end.cut)
    text = answer.body + '\n';
  else if (answer.status >= 400)
    append_text_event(text, answer.body, "error");
  else if (!answer.body.empty())
    // The owner makes an answer of its failures.
    append_text_event(text, answer.body);
  frame(end.last, text);
  end.closes = true;
  end.hurried = hurried_;
  if (!end.cut && chunked)
    end.last += last_chunk;
  end.instead = std::move(answer);
  end_stream(std::move(pipe), std::move(end));
}

} // namespace troupe
