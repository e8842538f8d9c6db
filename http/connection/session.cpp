#include "troupe/http/connection/session.hpp"

#include "troupe/http/around/auth.hpp"
#include "troupe/http/around/gzip.hpp"
#include "troupe/http/wire/field_list.hpp"
#include "troupe/http/wire/request_timeout.hpp"
#include "troupe/specs/values/path.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>

namespace troupe {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

/// A refused request's body is read to the end and dropped, so that the
/// connection lives on, as long as it is no larger than this.
constexpr std::uint64_t max_discard = 64UL * 1024;

} // namespace

session::session(std::shared_ptr<io_thread> io, asio::ip::tcp::socket socket)
  : io_(std::move(io)), socket_(std::move(socket)) {
  // nop
}

session::~session() = default;

// -- life ---------------------------------------------------------------------

void session::start() {
  guarded([&] {
    error_code ec;
    socket_.non_blocking(true, ec);
    socket_.set_option(asio::ip::tcp::no_delay{true}, ec);
    if (auto peer = socket_.remote_endpoint(ec); !ec)
      remote_ = peer.address().to_string() + ':' + std::to_string(peer.port());
    io_->add(*this);
    set_timeout(io_->shared().options.limits.header_timeout);
    do_read();
  });
}

void session::close() {
  if (state_ == state::closed)
    return;
  auto self = shared_from_this();
  state_ = state::closed;
  io_->clear_timer(*this);
  cancel_work(errc::cancelled);
  if (pipe_ != nullptr)
    pipe_->close();
  pipe_ = nullptr;
  file_ = nullptr;
  constexpr int client_closed = 499;
  end_active(client_closed);
  error_code ec;
  socket_.close(ec);
  io_->remove(*this);
  if (std::exchange(counted_, false))
    io_->end_work();
}

void session::close_if_idle() {
  if (state_ == state::lingering) {
    close();
    return;
  }
  // A request that is on its way already is still served.
  error_code ec;
  if (state_ == state::idle && input_.empty()
      && (socket_.available(ec) == 0 || ec))
    close();
}

void session::set_timeout(milliseconds from_now) {
  io_->set_timer(*this, timer_wheel::clock::now() + from_now);
}

void session::watch_work(timer_wheel::time_point now) {
  auto at = std::min(stalled_until_, heartbeat_due());
  if (auto ex = exchange_.lock(); ex != nullptr && !ex->ended())
    at = std::min(at, ex->next_look(now));
  if (at != timer_wheel::time_point::max())
    io_->set_timer(*this, at);
  else
    io_->clear_timer(*this);
}

void session::on_timer() {
  auto self = shared_from_this();
  guarded([&] {
    switch (state_) {
      case state::header:
      case state::body:
        refuse(make_failure(errc::request_timeout));
        break;
      case state::working:
      case state::writing: {
        auto now = timer_wheel::clock::now();
        if (stalled_until_ <= now) {
          close();
          break;
        }
        // Its end may already be on its way.
        auto ex = exchange_.lock();
        // The model is not idle while it waits for the reader.
        if (ex != nullptr && stalled_until_ != timer_wheel::time_point::max())
          ex->touch(now);
        if (ex != nullptr && !ex->ended() && ex->expired(now)) {
          ex = nullptr;
          auto serial = serial_;
          cancel_work(errc::deadline_exceeded);
          // The in-band record still waits for a slow reader.
          if (serial == serial_ && state_ == state::writing)
            watch_work(now);
          break;
        }
        if (heartbeat_due() <= now)
          send_heartbeat();
        else
          watch_work(now);
        break;
      }
      default:
        close();
    }
  });
}

// -- reading ------------------------------------------------------------------

void session::do_read() {
  if (reading_ || input_ended_ || state_ == state::closed)
    return;
  auto [memory, size] = input_.prepare();
  // A full buffer waits until the request in work is answered.
  if (size == 0)
    return;
  reading_ = true;
  socket_.async_read_some(
    asio::buffer(memory, size),
    [self = shared_from_this()](const error_code& ec, std::size_t n) {
      self->guarded([&] { self->on_read(ec, n); });
    });
}

void session::on_read(const error_code& ec, std::size_t n) {
  reading_ = false;
  if (state_ == state::closed)
    return;
  if (ec == asio::error::eof) {
    on_end_of_input();
    return;
  }
  if (ec) {
    close();
    return;
  }
  input_.commit(n);
  if (state_ == state::lingering)
    input_.consume(input_.data().size());
  else
    process_input();
  do_read();
}

void session::on_end_of_input() {
  input_ended_ = true;
  switch (state_) {
    case state::writing:
      keep_alive_ = false;
      // A whole answer still goes out; the producer of more is told to stop.
      if (pipe_ != nullptr && !stream_end_
          && io_->shared().options.on_half_close == half_close::cancel)
        close();
      break;
    case state::working:
      keep_alive_ = false;
      if (io_->shared().options.on_half_close == half_close::cancel)
        close();
      break;
    default:
      close();
  }
}

void session::process_input() {
  if (processing_)
    return;
  processing_ = true;
  while (!input_.empty()
         && (state_ == state::idle || state_ == state::header
             || state_ == state::body)) {
    const auto& limits = io_->shared().options.limits;
    if (state_ == state::idle) {
      parser_.emplace(limits);
      state_ = state::header;
      header_timed_ = false;
      counted_ = true;
      io_->begin_work();
    }
    std::size_t consumed = 0;
    auto step = parser_->put(input_.data(), consumed);
    input_.consume(consumed);
    if (step == request_parser::progress::broken) {
      // What the header deserved stands, even when the body then misbehaves.
      if (early_) {
        keep_alive_ = false;
        on_request();
      } else {
        if (const auto& text = parser_->log_text(); !text.empty())
          io_->shared().log(log_level::error,
                            "request " + request_id_ + ": " + text);
        refuse(parser_->error());
      }
      break;
    }
    if (step == request_parser::progress::header_done) {
      on_header();
      continue;
    }
    if (step == request_parser::progress::done) {
      on_request();
      continue;
    }
    if (consumed > 0 && !input_.empty())
      continue;
    // Nothing more to do without more bytes.
    if (consumed == 0 && input_.data().size() >= input_buffer::max_capacity) {
      refuse(make_failure(errc::header_too_large));
      break;
    }
    if (state_ == state::body)
      set_timeout(limits.body_timeout);
    else if (!std::exchange(header_timed_, true))
      set_timeout(limits.header_timeout);
    break;
  }
  processing_ = false;
}

void session::on_header() {
  auto& req = parser_->request();
  snapshot_ = io_->snapshot();
  keep_alive_ = parser_->keep_alive();
  http_11_ = parser_->is_http_11();
  head_only_ = req.method == method::head;
  auto id = req.header(io_->shared().options.request_id_header);
  request_id_ = !id.empty() && id.size() <= 128 && is_field_value(id)
                  ? std::string{id}
                  : io_->next_request_id();
  early_ = locate();
  if (auto own = enter_middleware())
    early_ = std::move(own);
  else if (!early_)
    early_ = admit();
  auto announced = parser_->announced_body();
  auto limit = entry_ != nullptr && entry_->endpoint.max_body_bytes
                 ? *entry_->endpoint.max_body_bytes
                 : io_->shared().options.limits.max_body_bytes;
  if (!early_ && announced && *announced > limit)
    early_ = refusal(make_failure(errc::payload_too_large));
  if (!parser_->body_pending()) {
    on_request();
    return;
  }
  state_ = state::body;
  if (early_) {
    // Nobody wants the body. A client that waits for leave to send it, or
    // announced a large one, is told at once.
    if (parser_->expects_continue() || !announced || *announced > max_discard) {
      keep_alive_ = false;
      on_request();
      return;
    }
    parser_->discard_body();
    limit = max_discard;
  } else if (parser_->expects_continue()) {
    send_continue();
  }
  parser_->limit_body(limit);
}

std::optional<reply> session::locate() {
  auto& req = parser_->request();
  entry_ = nullptr;
  if (is_normalised(req.target)) {
    req.path = req.target;
    return std::nullopt;
  }
  auto result =
    normalise_target(req.target, io_->shared().options.encoded_slash);
  if (auto* why = std::get_if<failure>(&result))
    return render_detail(*why);
  req.path = std::move(std::get<std::string>(result));
  return std::nullopt;
}

std::optional<reply> session::admit() {
  auto& req = parser_->request();
  const auto& options = io_->shared().options;
  if (snapshot_ == nullptr)
    return refusal(make_failure(errc::not_ready));
  if (req.path == "*" && req.method == method::options)
    return reply{204, {{"Allow", to_string(method_set::all())}}, {}};
  auto match = snapshot_->table.find(req.method, req.path);
  entry_ = match.entry;
  switch (match.code) {
    case table_match::status::found:
      break;
    case table_match::status::not_found:
      return rendered(match.render_error, make_failure(errc::not_found));
    case table_match::status::redirect: {
      auto location = percent_encode_path(
        std::string_view{req.path}.substr(0, req.path.size() - 1));
      if (auto query = req.query(); !query.empty())
        location.append("?").append(query);
      return reply{307, {{"Location", location}}, {}};
    }
    case table_match::status::method_not_allowed: {
      auto allow = to_string(match.allow);
      if (req.method == method::options)
        return reply{204, {{"Allow", allow}}, {}};
      auto why = make_failure(errc::method_not_allowed);
      why.headers.add("Allow", allow);
      return refusal(why);
    }
  }
  if (auto why = check_access(entry_->endpoint.access, req, options))
    return refusal(*why);
  for (std::size_t i = 0; i < match.params.size(); ++i) {
    std::string text{match.params[i].text};
    std::replace(text.begin(), text.end(), in_segment_slash, '/');
    req.params.emplace_back(match.params[i].name, std::move(text));
  }
  return std::nullopt;
}

void session::on_request() {
  state_ = state::working;
  ++serial_;
  if (early_) {
    auto x = std::move(*early_);
    early_.reset();
    answer(std::move(x));
  } else if (entry_->kind == endpoint_kind::builtin) {
    answer(answer_builtin(static_cast<builtin>(entry_->endpoint_index),
                          io_->shared(), parser_->request().header("Accept")));
  } else {
    dispatch_request();
  }
}

void session::dispatch_request() {
  const auto& target = snapshot_->target(*entry_);
  heartbeat_ = target.heartbeat;
  sweep_ = nullptr;
  auto now = deadline_clock::now();
  // A spec may hand it on to a model, whose timeout then holds instead of the
  // server's.
  const auto may_hand_on = !target.spec.empty() && !entry_->endpoint.timeout;
  auto allowed = may_hand_on
                   ? milliseconds{0}
                   : entry_->endpoint.timeout.value_or(target.timeout);
  auto ex = make_sink<http_exchange>(shared_from_this(), serial_);
  ex->request = std::move(parser_->request());
  ex->request.remote = remote_;
  ex->request_id = request_id_;
  ex->created = now;
  ex->render_error = entry_->render_error;
  ex->endpoint_index = entry_->endpoint_index;
  ex->shard = io_->index();
  ex->chunked = http_11_;
  const auto& headers = ex->request.headers;
  std::string room;
  if (wants_events(joined(headers, "Accept", room)))
    ex->format = stream_format::events;
  ex->takes_gzip = accepts_gzip(joined(headers, "Accept-Encoding", room));
  exchange_ = ex;
  begin_active(ex->request);
  if (auto text = ex->request.headers.find("X-Request-Timeout")) {
    auto asked = parse_request_timeout(*text);
    if (!asked) {
      ex->fail(make_failure(errc::bad_request,
                            "X-Request-Timeout: expected seconds as a "
                            "decimal number above 0, e.g. 2.5"));
      return;
    }
    if (allowed.count() == 0 || *asked < allowed)
      allowed = *asked;
  }
  if (allowed.count() > 0)
    ex->deadline = now + allowed;
  if (may_hand_on)
    ex->bound_until_handed_on(target.timeout);
  ex->limits = target.limits;
  // The refusal leaves the exchange with us.
  auto keep = ex;
  if (auto refusal = dispatch(target, std::move(ex), &io_->unit()))
    keep->fail(std::move(*refusal));
  keep = nullptr;
  io_->unit().run_ready();
  if (state_ == state::working)
    watch_work(now);
}

} // namespace troupe
