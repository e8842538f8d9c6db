#include "troupe/http/connection/response_writer.hpp"

#include "troupe/http/wire/free_text.hpp"
#include "troupe/http/wire/response_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Writes of one answer before other connections get their turn.
constexpr int max_rounds = 8;

/// How much of a file is in memory while it is sent.
constexpr std::size_t file_piece = 64UL * 1024;

/// What a connection keeps of the memory of its last answer.
constexpr std::size_t kept_body = 16UL * 1024;

/// RFC 9110 section 6.4.1.
bool has_no_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

} // namespace

// -- beginning ----------------------------------------------------------------

void response_writer::begin_head(const response_frame& frame,
                                 const wire_reply& x, bool streamed,
                                 std::size_t length) {
  response_head head;
  head.status = x.status;
  head.content_type = x.content_type;
  if (has_no_body(x.status))
    head.framing = body_framing::none;
  else if (streamed)
    head.framing = frame.http_11 ? body_framing::chunked : body_framing::close;
  head.content_length = length;
  head.keep_alive = frame.keep_alive;
  head.http_11 = frame.http_11;
  head.date = frame.date;
  head.request_id = frame.request_id;
  head.request_id_header = frame.request_id_header;
  head.more_fields = frame.more_fields;
  head.headers = &x.headers;
  head_.clear();
  append_head(head_, head);
  body_.text.clear();
  written_ = 0;
  pipe_ = nullptr;
  end_.reset();
  file_ = nullptr;
  status_ = x.status;
  head_only_ = frame.head_only;
  chunked_ = streamed && frame.http_11;
  beat_.every = std::chrono::milliseconds{0};
  all_until_ = time_point::max();
}

void response_writer::begin(const response_frame& frame, wire_reply&& answer,
                            time_point now) {
  last_progress_ = now;
  begin_head(frame, answer, false,
             answer.file != nullptr
               ? static_cast<std::size_t>(answer.file->size())
               : answer.body.size());
  if (head_only_ || has_no_body(answer.status))
    return;
  body_ = {std::move(answer.body), std::move(answer.charge)};
  file_ = std::move(answer.file);
  file_read_ = 0;
  if (file_ != nullptr)
    bound_unsent();
}

void response_writer::begin_stream(const response_frame& frame,
                                   const wire_reply& head,
                                   std::shared_ptr<stream_pipe> pipe,
                                   std::chrono::milliseconds heartbeat,
                                   time_point now) {
  last_progress_ = now;
  beat_.last_sent = now;
  begin_head(frame, head, true, 0);
  bound_unsent();
  pipe_ = std::move(pipe);
  if (head.content_type.view().starts_with("text/event-stream"))
    beat_.every = heartbeat;
}

/// Keeps what the kernel takes beyond what the client's window lets out as
/// small as our own buffer; by itself it takes megabytes for a slow reader.
void response_writer::bound_unsent() {
  if (std::exchange(unsent_bounded_, true))
    return;
  // Less would cost a system call for each small piece.
  constexpr std::size_t least = 16UL * 1024;
  constexpr std::size_t most = std::numeric_limits<int>::max();
  auto value =
    static_cast<int>(std::clamp(limits_.stream_buffer_bytes, least, most));
  // Without it (before Linux 3.12) the kernel takes what it likes.
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value,
               sizeof(value));
}

// -- heart-beats --------------------------------------------------------------

response_writer::time_point response_writer::next_heartbeat() const noexcept {
  if (!open() || head_only_ || waits_ || beat_.every.count() <= 0)
    return time_point::max();
  return beat_.last_sent + beat_.every;
}

response_writer::time_point response_writer::due() const noexcept {
  return std::min({stalled_until_, all_until_, next_heartbeat()});
}

void response_writer::add_heartbeat() {
  constexpr std::string_view comment = ":\n\n";
  if (head_only_)
    return;
  if (chunked_)
    append_chunk(body_.text, comment);
  else
    body_.text += comment;
}

// -- sending ------------------------------------------------------------------

std::optional<response_writer::progress> response_writer::write_out() {
  auto total = head_.size() + body_.text.size();
  while (written_ < total) {
    auto in_head = std::min(written_, head_.size());
    std::array<asio::const_buffer, 2> rest{asio::buffer(head_) + in_head,
                                           asio::buffer(body_.text)
                                             + (written_ - in_head)};
    error_code ec;
    auto n = socket_.write_some(rest, ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) {
      waits_ = true;
      last_progress_ = timer_wheel::clock::now();
      stalled_until_ = last_progress_ + limits_.write_timeout;
      return progress::blocked;
    }
    if (ec)
      return progress::broken;
    written_ += n;
    sent_ += n;
  }
  return std::nullopt;
}

std::optional<response_writer::progress> response_writer::read_file() {
  head_.clear();
  body_.text.clear();
  written_ = 0;
  if (file_read_ == file_->size()) {
    file_ = nullptr;
    return progress::complete;
  }
  // From the page cache as a rule: the system reads ahead.
  if (!file_->read(file_read_, file_piece, body_.text)) {
    error_ = "cannot read the rest of " + file_->path().string()
             + ", the answer is cut off";
    return progress::broken;
  }
  file_read_ += body_.text.size();
  return std::nullopt;
}

response_writer::progress response_writer::send() {
  bool sent = false;
  for (int rounds = 0;; ++rounds) {
    // A fast producer and a fast reader must not keep the thread to
    // themselves.
    if (rounds == max_rounds) {
      waits_ = true;
      return progress::turn_over;
    }
    sent = sent || written_ < head_.size() + body_.text.size();
    if (auto stop = write_out())
      return *stop;
    if (file_ != nullptr) {
      if (auto stop = read_file())
        return *stop;
      continue;
    }
    if (pipe_ == nullptr)
      return progress::complete;
    head_.clear();
    written_ = 0;
    auto more = pipe_->take(body_.text);
    if (!more && end_ && !end_->last.empty()) {
      body_.text = std::exchange(end_->last, {});
      more = true;
    }
    if (more) {
      if (head_only_)
        body_.text.clear();
      continue;
    }
    if (end_)
      return end_->cut ? progress::cut : progress::complete;
    last_progress_ = timer_wheel::clock::now();
    if (sent)
      beat_.last_sent = last_progress_;
    return progress::starved;
  }
}

void response_writer::drop() {
  if (pipe_ != nullptr)
    pipe_->close();
  pipe_ = nullptr;
  file_ = nullptr;
  sent_ = 0;
  // The connection may be idle for long now.
  if (body_.text.capacity() > kept_body)
    free_text(body_.text);
  body_.charge = {};
  stalled_until_ = time_point::max();
  all_until_ = time_point::max();
}

} // namespace troupe
