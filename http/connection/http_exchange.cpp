#include "troupe/http/connection/http_exchange.hpp"

#include "troupe/http/around/gzip.hpp"
#include "troupe/http/connection/session.hpp"
#include "troupe/http/wire/response_head.hpp"
#include "troupe/specs/values/json.hpp"
#include "troupe/specs/values/log_text.hpp"

#include <boost/asio/post.hpp>

namespace troupe {

template <class F>
void http_exchange::on_session_thread(F&& f) {
  if (session_->io().on_this_thread())
    f(*session_);
  else
    boost::asio::post(
      session_->io().context(),
      [s = session_, f = std::forward<F>(f)]() mutable { f(*s); });
}

void http_exchange::cancel() noexcept {
  exchange::cancel();
  std::unique_lock guard{mutex_};
  if (pipe_ != nullptr)
    pipe_->close();
}

void http_exchange::hand_on(handover to) {
  exchange::hand_on(to);
  on_session_thread([n = serial_, to = std::move(to)](session& s) mutable {
    s.hand_on(n, std::move(to));
  });
}

bool http_exchange::congested() const noexcept {
  const auto* pipe = begun_pipe_.load(std::memory_order_acquire);
  return pipe != nullptr && pipe->full();
}

std::shared_ptr<stream_pipe> http_exchange::close_beginning() {
  std::unique_lock guard{mutex_};
  may_begin_ = false;
  return pipe_;
}

void http_exchange::frame(std::string& out, std::string_view bytes) const {
  if (chunked)
    append_chunk(out, bytes);
  else
    out.append(bytes);
}

void http_exchange::append_item(std::string& out, payload item) const {
  const auto* document = item.json();
  if (document == nullptr) {
    frame(out, std::move(item).take_text());
    return;
  }
  std::string text;
  if (format == stream_format::events)
    text = "data: ";
  dump_json_to(text, *document);
  text += format == stream_format::events ? "\n\n" : "\n";
  frame(out, text);
}

flow http_exchange::do_write(payload item) {
  if (cancelled())
    return flow::cancelled;
  touch(deadline_clock::now());
  std::string content_type{item.content_type()};
  if (item.json() != nullptr)
    content_type = format == stream_format::events ? "text/event-stream"
                                                   : "application/x-ndjson";
  std::string bytes;
  append_item(bytes, std::move(item));
  std::shared_ptr<stream_pipe> pipe;
  {
    std::unique_lock guard{mutex_};
    if (cancelled() || !may_begin_)
      return flow::cancelled;
    if (pipe_ == nullptr) {
      pipe_ = std::make_shared<stream_pipe>(
        session_->io().shared().options.limits.stream_buffer_bytes);
      begun_pipe_.store(pipe_.get(), std::memory_order_release);
    }
    pipe = pipe_;
  }
  // An I/O thread must never wait for itself.
  auto may_block = waits && !session_->io().on_this_thread();
  switch (pipe->put(bytes, may_block)) {
    case stream_pipe::result::closed:
      return flow::cancelled;
    case stream_pipe::result::notify:
      on_session_thread([n = serial_, pipe, content_type](session& s) {
        s.flush(n, pipe, content_type);
      });
      break;
    case stream_pipe::result::taken:
      break;
  }
  return pipe->full() ? flow::full : flow::ok;
}

void http_exchange::deliver(wire_reply answer) {
  // On the producer's thread, for it takes its time: up to 10 ms for each MB.
  // An I/O thread does not take that much.
  constexpr std::size_t most_inline = 1024UL * 1024;
  auto& io = session_->io();
  if (answer.body.size() <= most_inline || !io.on_this_thread())
    compress(answer, io.shared().options.gzip, takes_gzip);
  on_session_thread([n = serial_, answer = std::move(answer)](
                      session& s) mutable { s.deliver(n, std::move(answer)); });
}

void http_exchange::end_stream(std::shared_ptr<stream_pipe> pipe,
                               stream_end end) {
  on_session_thread([n = serial_, pipe = std::move(pipe),
                     end = std::move(end)](session& s) mutable {
    s.end_stream(n, pipe, std::move(end));
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
  session_->io().shared().log(log_level::error, "request " + request_id + " of "
                                                  + log_quoted(request.path)
                                                  + ": " + text);
}

void http_exchange::do_finish(reply answer) {
  session_->io().shared().board->traffic.count_finished();
  or_plain_error([&] {
    auto pipe = close_beginning();
    if (pipe == nullptr) {
      deliver(to_wire(std::move(answer)));
      return;
    }
    stream_end end;
    if (!answer.body.empty())
      append_item(end.last, std::move(answer.body));
    if (chunked)
      end.last += "0\r\n\r\n";
    end_stream(std::move(pipe), std::move(end));
  });
}

void http_exchange::do_fail(failure why) {
  session_->io().shared().board->traffic.count_failed(why.code);
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
  // If the status is out: tell in band, and never end the body cleanly.
  auto text = format == stream_format::events
                ? "event: error\ndata: " + answer.body + "\n\n"
                : answer.body + '\n';
  stream_end end;
  frame(end.last, text);
  end.aborted = true;
  end.instead = std::move(answer);
  end_stream(std::move(pipe), std::move(end));
}

} // namespace troupe
