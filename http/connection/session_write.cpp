// The answering half of a connection; see session.hpp.
#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/http/around/gzip.hpp"
#include "troupe/http/connection/session.hpp"
#include "troupe/http/wire/response_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// How long a connection that we ended still takes in what is on its way.
constexpr std::chrono::milliseconds linger_time{2'000};

/// Writes of a streamed answer before other connections get their turn.
constexpr int max_rounds = 8;

/// How much of a file is in memory while it is sent.
constexpr std::size_t file_piece = 64UL * 1024;

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
  answer(refusal(why));
}

void session::answer(reply x) {
  io_->shared().board->traffic.count_finished();
  auto wire = to_wire(std::move(x));
  const auto& options = io_->shared().options.gzip;
  if (wire.body.size() >= options.min_bytes)
    compress(wire, options,
             accepts_gzip(parser_->request().header("Accept-Encoding")));
  deliver(serial_, std::move(wire));
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
  head.content_length = x.file != nullptr
                          ? static_cast<std::size_t>(x.file->size())
                          : x.body.size();
  head.keep_alive = keep_alive_;
  head.http_11 = http_11_;
  head.date = io_->date(moved_);
  head.request_id = request_id_;
  head.request_id_header = io_->shared().options.request_id_header;
  head.headers = &x.headers;
  head_.clear();
  append_head(head_, head);
  written_ = 0;
  status_ = x.status;
  state_ = state::writing;
}

void session::bound_unsent() {
  if (std::exchange(unsent_bounded_, true))
    return;
  // Less would cost a system call for each small piece.
  constexpr std::size_t least = 16UL * 1024;
  constexpr std::size_t most = std::numeric_limits<int>::max();
  auto value = static_cast<int>(
    std::clamp(io_->shared().options.limits.stream_buffer_bytes, least, most));
  // Without it (before Linux 3.12) the kernel takes what it likes.
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value,
               sizeof(value));
}

void session::deliver(std::uint64_t serial, wire_reply answer) {
  if (serial != serial_ || state_ != state::working)
    return;
  moved_ = timer_wheel::clock::now();
  leave_middleware(answer, false);
  begin_response(answer, has_no_body(answer.status) ? body_framing::none
                                                    : body_framing::length);
  body_.clear();
  if (!head_only_ && !has_no_body(answer.status)) {
    body_ = std::move(answer.body);
    file_ = std::move(answer.file);
    file_read_ = 0;
    if (file_ != nullptr)
      bound_unsent();
  }
  pump();
}

// -- streams ------------------------------------------------------------------

void session::flush(std::uint64_t serial,
                    const std::shared_ptr<stream_pipe>& pipe,
                    const std::string& content_type) {
  if (serial == serial_ && state_ == state::working) {
    moved_ = timer_wheel::clock::now();
    wire_reply head;
    head.content_type = content_type;
    // A proxy must not hold the items back; the second is for nginx.
    head.headers.add("Cache-Control", "no-cache");
    head.headers.add("X-Accel-Buffering", "no");
    leave_middleware(head, true);
    begin_response(head,
                   http_11_ ? body_framing::chunked : body_framing::close);
    bound_unsent();
    body_.clear();
    pipe_ = pipe;
    stream_end_.reset();
    events_ = content_type.starts_with("text/event-stream");
  } else if (state_ != state::writing || pipe_ != pipe) {
    pipe->close();
    return;
  }
  if (!blocked_)
    pump();
}

void session::hand_on(std::uint64_t serial, handover to) {
  auto ex = exchange_.lock();
  if (serial != serial_ || state_ != state::working || ex == nullptr
      || ex->cancelled()) {
    // Too late: the model need not begin.
    if (to.sweep)
      to.sweep();
    return;
  }
  heartbeat_ = to.heartbeat;
  sweep_ = std::move(to.sweep);
  watch_work(timer_wheel::clock::now());
}

timer_wheel::time_point session::heartbeat_due() const noexcept {
  if (state_ != state::writing || pipe_ == nullptr || !events_ || head_only_
      || blocked_ || stream_end_ || heartbeat_.count() <= 0)
    return timer_wheel::time_point::max();
  return last_sent_ + heartbeat_;
}

void session::send_heartbeat() {
  constexpr std::string_view comment = ":\n\n";
  body_.clear();
  written_ = 0;
  if (http_11_)
    append_chunk(body_, comment);
  else
    body_ = comment;
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
  moved_ = timer_wheel::clock::now();
  stream_end_ = std::move(end);
  if (!blocked_)
    pump();
}

// -- writing ------------------------------------------------------------------

void session::pump() {
  bool sent = false;
  for (int rounds = 0;; ++rounds) {
    // A fast producer and a fast reader must not keep the thread to
    // themselves.
    if (rounds == max_rounds) {
      blocked_ = true;
      asio::post(io_->context(), [self = shared_from_this()] {
        self->guarded([&] {
          self->blocked_ = false;
          self->moved_ = timer_wheel::clock::now();
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
        moved_ = timer_wheel::clock::now();
        stalled_until_ = moved_ + io_->shared().options.limits.write_timeout;
        watch_work(moved_);
        socket_.async_wait(asio::ip::tcp::socket::wait_write,
                           [self = shared_from_this()](const error_code& why) {
                             self->guarded([&] {
                               self->blocked_ = false;
                               self->stalled_until_ =
                                 timer_wheel::time_point::max();
                               if (self->state_ != state::writing)
                                 return;
                               self->moved_ = timer_wheel::clock::now();
                               if (auto ex = self->exchange_.lock())
                                 ex->touch(self->moved_);
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
    if (file_ != nullptr) {
      if (read_file())
        continue;
      return;
    }
    if (pipe_ == nullptr)
      break;
    sent = sent || total > 0;
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
    // Wait for the producer; the stream's limits still hold.
    moved_ = timer_wheel::clock::now();
    if (sent)
      last_sent_ = moved_;
    watch_work(moved_);
    return;
  }
  on_written();
}

bool session::read_file() {
  head_.clear();
  body_.clear();
  written_ = 0;
  if (file_read_ == file_->size()) {
    on_written();
    return false;
  }
  // From the page cache as a rule: the system reads ahead.
  if (!file_->read(file_read_, file_piece, body_)) {
    io_->shared().log(log_level::error,
                      "request " + request_id_ + ": cannot read on in "
                        + file_->path().string() + ", the answer is cut off");
    constexpr int failed = 500;
    end_active(failed);
    close();
    return false;
  }
  file_read_ += body_.size();
  return true;
}

void session::on_written() {
  if (pipe_ != nullptr && stream_end_->aborted) {
    // What it became, not what it promised.
    if (stream_end_->instead)
      end_active(stream_end_->instead->status);
    close();
    return;
  }
  pipe_ = nullptr;
  file_ = nullptr;
  stalled_until_ = timer_wheel::time_point::max();
  end_active(status_);
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
  sweep_ = nullptr;
  remembered_ = false;
  request_id_.clear();
  // A request too broken to say is answered in full.
  head_only_ = false;
  http_11_ = true;
  if (!reading_)
    input_.trim();
  state_ = state::idle;
  io_->set_timer(*this, moved_ + io_->shared().options.limits.idle_timeout);
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
  auto sweep = std::exchange(sweep_, nullptr);
  ex->abandon(make_failure(why));
  if (sweep)
    sweep();
  if (snapshot == nullptr || matched == nullptr)
    return;
  troupe::sweep(snapshot->target(*matched), io_->index(), &io_->unit());
  io_->unit().run_ready();
}

} // namespace troupe
