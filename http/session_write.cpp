// The answering half of a connection; see session.hpp.
#include "troupe/http/response_head.hpp"
#include "troupe/http/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace troupe {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// How long a connection that we ended still takes in what is on its way.
constexpr std::chrono::milliseconds linger_time{2'000};

/// Writes of a streamed answer before other connections get their turn.
constexpr int max_rounds = 8;

/// RFC 9110 section 6.4.1.
bool has_no_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

} // namespace

// -- answers ------------------------------------------------------------------

void session::refuse(const failure& why) {
  if (request_id_.empty())
    request_id_ = io_->next_request_id();
  keep_alive_ = false;
  state_ = state::working;
  ++serial_;
  auto render = entry_ != nullptr ? entry_->render_error : render_detail;
  answer(render(why));
}

void session::answer(reply x) {
  io_->shared().board->traffic.count_finished();
  deliver(serial_, to_wire(std::move(x)));
}

void session::send_continue() {
  constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code ec;
  // A socket that cannot take 25 bytes has other troubles.
  socket_.write_some(asio::buffer(text.data(), text.size()), ec);
}

void session::begin_response(const wire_reply& x, body_framing framing) {
  keep_alive_ = keep_alive_ && !io_->quiescing() && !input_ended_
                && framing != body_framing::close;
  response_head head;
  head.status = x.status;
  head.content_type = x.content_type;
  head.framing = framing;
  head.content_length = x.body.size();
  head.keep_alive = keep_alive_;
  head.http_11 = http_11_;
  head.date = io_->date(timer_wheel::clock::now());
  head.request_id = request_id_;
  head.headers = &x.headers;
  head_.clear();
  append_head(head_, head);
  written_ = 0;
  state_ = state::writing;
}

void session::deliver(std::uint64_t serial, wire_reply answer) {
  if (serial != serial_ || state_ != state::working)
    return;
  begin_response(answer, has_no_body(answer.status) ? body_framing::none
                                                    : body_framing::length);
  body_.clear();
  if (!head_only_ && !has_no_body(answer.status))
    body_ = std::move(answer.body);
  pump();
}

// -- streams ------------------------------------------------------------------

void session::flush(std::uint64_t serial,
                    const std::shared_ptr<stream_pipe>& pipe,
                    const std::string& content_type) {
  if (serial == serial_ && state_ == state::working) {
    wire_reply head;
    head.content_type = content_type;
    // A proxy must not hold the items back.
    head.headers.add("Cache-Control", "no-cache");
    begin_response(head,
                   http_11_ ? body_framing::chunked : body_framing::close);
    body_.clear();
    pipe_ = pipe;
    stream_end_.reset();
  } else if (state_ != state::writing || pipe_ != pipe) {
    pipe->close();
    return;
  }
  if (!blocked_)
    pump();
}

void session::end_stream(std::uint64_t serial,
                         const std::shared_ptr<stream_pipe>& pipe,
                         stream_end end) {
  if (serial == serial_ && state_ == state::working && end.instead) {
    pipe->close();
    deliver(serial, std::move(*end.instead));
    return;
  }
  if (state_ != state::writing || pipe_ != pipe)
    return;
  stream_end_ = std::move(end);
  if (!blocked_)
    pump();
}

// -- writing ------------------------------------------------------------------

void session::pump() {
  for (int rounds = 0;; ++rounds) {
    // A fast producer and a fast reader must not keep the thread to
    // themselves.
    if (rounds == max_rounds) {
      blocked_ = true;
      asio::post(io_->context(), [self = shared_from_this()] {
        self->guarded([&] {
          self->blocked_ = false;
          if (self->state_ == state::writing)
            self->pump();
        });
      });
      return;
    }
    auto total = head_.size() + body_.size();
    while (written_ < total) {
      auto in_head = std::min(written_, head_.size());
      std::array<asio::const_buffer, 2> rest{asio::buffer(head_) + in_head,
                                             asio::buffer(body_)
                                               + (written_ - in_head)};
      error_code ec;
      auto n = socket_.write_some(rest, ec);
      if (ec == asio::error::would_block || ec == asio::error::try_again) {
        blocked_ = true;
        set_timeout(io_->shared().options.limits.write_timeout);
        socket_.async_wait(asio::ip::tcp::socket::wait_write,
                           [self = shared_from_this()](const error_code& why) {
                             self->guarded([&] {
                               self->blocked_ = false;
                               if (self->state_ != state::writing)
                                 return;
                               if (why)
                                 self->close();
                               else
                                 self->pump();
                             });
                           });
        return;
      }
      if (ec) {
        close();
        return;
      }
      written_ += n;
    }
    if (pipe_ == nullptr)
      break;
    head_.clear();
    written_ = 0;
    auto more = pipe_->take(body_);
    if (!more && stream_end_ && !stream_end_->last.empty()) {
      body_ = std::exchange(stream_end_->last, {});
      more = true;
    }
    if (more) {
      if (head_only_)
        body_.clear();
      continue;
    }
    if (stream_end_)
      break;
    // Wait for the producer; the stream's deadline still holds.
    if (deadline_ != deadline_clock::time_point::max())
      io_->set_timer(*this, deadline_);
    else
      io_->clear_timer(*this);
    return;
  }
  on_written();
}

void session::on_written() {
  if (pipe_ != nullptr && stream_end_->aborted) {
    close();
    return;
  }
  pipe_ = nullptr;
  if (std::exchange(counted_, false))
    io_->end_work();
  if (state_ != state::writing)
    return;
  if (keep_alive_)
    next_request();
  else
    linger();
}

void session::next_request() {
  entry_ = nullptr;
  snapshot_ = nullptr;
  exchange_.reset();
  request_id_.clear();
  // A request too broken to say is answered in full.
  head_only_ = false;
  http_11_ = true;
  state_ = state::idle;
  set_timeout(io_->shared().options.limits.idle_timeout);
  // Called from `process_input` for an answer made on the spot; it goes on by
  // itself then.
  if (processing_)
    return;
  process_input();
  do_read();
}

void session::linger() {
  if (input_ended_) {
    close();
    return;
  }
  state_ = state::lingering;
  input_.consume(input_.data().size());
  error_code ec;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  set_timeout(linger_time);
  do_read();
}

void session::cancel_work(errc why) {
  auto ex = exchange_.lock();
  if (ex == nullptr || ex->ended())
    return;
  // The answer may go out at once, and the next request take their place.
  auto snapshot = snapshot_;
  const auto* matched = entry_;
  ex->cancel();
  ex->fail(make_failure(why));
  if (snapshot == nullptr || matched == nullptr)
    return;
  const auto& target = snapshot->target(*matched);
  if (target.pool != nullptr)
    tell_on(&io_->unit(), target.pool, atom::sweep_v);
  else if (target.spec != nullptr)
    tell_on(&io_->unit(), target.spec, atom::sweep_v);
  io_->unit().run_ready();
}

} // namespace troupe
