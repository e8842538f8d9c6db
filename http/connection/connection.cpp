#include "troupe/http/connection/connection.hpp"

#include "troupe/http/connection/head_decision.hpp"
#include "troupe/http/limits/connection_times.hpp"
#include "troupe/http/wire/free_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace troupe {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using clock = timer_wheel::clock;

connection::connection(std::shared_ptr<io_thread> io, tcp::socket socket,
                       connection_ticket ticket)
  : io_(std::move(io)),
    shared_(io_->settings()),
    socket_(std::move(socket)),
    ticket_(std::move(ticket)),
    arrival_(shared_->options.limits),
    answers_(*this, *io_, socket_) {
  // nop
}

// -- life ---------------------------------------------------------------------

void connection::start() {
  guarded([&] {
    error_code ec;
    socket_.non_blocking(true, ec);
    socket_.set_option(tcp::no_delay{true}, ec);
    if (auto peer = socket_.remote_endpoint(ec); !ec)
      remote_ = remote_text(peer.address().to_string(), peer.port());
    io_->add(*this);
    auto timeout = shared_->options.limits.header_timeout;
    if (ticket_.reserve())
      timeout = std::min(timeout, connection_times::reserve);
    else
      io_->idle().add(*this, clock::now());
    set_timeout(timeout);
    do_read();
    if (io_->quiescing())
      quiesce();
  });
}

void connection::close() {
  if (state_ == state::closed)
    return;
  auto self = shared_from_this();
  state_ = state::closed;
  count_input(false);
  io_->clear_timer(*this);
  io_->idle().remove(*this);
  answers_.abandon();
  error_code ec;
  socket_.close(ec);
  io_->remove(*this);
  ticket_ = {};
  end_work();
}

void connection::quiesce() {
  switch (state_) {
    case state::header:
    case state::body:
      await_rest();
      break;
    case state::idle:
      io_->idle().remove(*this);
      begin_work();
      set_timeout(parser_ ? connection_times::arrival
                          : connection_times::first_request);
      break;
    case state::lingering:
      close();
      break;
    default:
      break;
  }
}

// -- reading ------------------------------------------------------------------

void connection::do_read() {
  if (reading_ || input_ended_ || waits_for_turn_ || state_ == state::closed)
    return;
  // Hardly anything more is to come.
  if (!expects_input())
    input_.trim();
  auto [memory, size] = input_.prepare(
    expects_input() && (input_is_large_ || io_->has_large_input()));
  count_input(input_.large());
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

void connection::on_read(const error_code& ec, std::size_t n) {
  reading_ = false;
  if (state_ == state::closed)
    return;
  if (ec) {
    ec == asio::error::eof ? on_end_of_input() : close();
    return;
  }
  input_.commit(n);
  if (state_ == state::lingering)
    input_.consume(input_.data().size());
  else
    process_input(io_->turns().fresh_turn());
  do_read();
}

void connection::on_end_of_input() {
  input_ended_ = true;
  // What was sent before is served.
  if (waits_for_turn_)
    return;
  if (state_ != state::answering || answers_.end_of_input())
    close();
}

void connection::serve(int allowed) {
  process_input(allowed);
  // No more bytes come to complete this request or to begin another one.
  if (input_ended_ && !waits_for_turn_ && expects_input())
    close();
  do_read();
}

void connection::process_input(int allowed) {
  if (processing_ || waits_for_turn_)
    return;
  processing_ = true;
  const auto end = clock::now() + turn_queue::turn_time;
  auto served = state_ != state::idle;
  while (!input_.empty() && expects_input()) {
    if (state_ == state::idle) {
      begin_request();
      const auto over = std::exchange(served, true) && clock::now() >= end;
      if (allowed-- == 0 || over) {
        waits_for_turn_ = true;
        io_->clear_timer(*this);
        io_->wait_for_turn(shared_from_this());
        break;
      }
    }
    if (!parse_some())
      break;
  }
  processing_ = false;
}

void connection::begin_request() {
  const auto& limits = shared_->options.limits;
  io_->idle().remove(*this);
  // An empty line before the request may have come already.
  if (!parser_ || parser_->started())
    parser_.emplace(limits);
  arrival_ = arrival{limits};
  received_ = 0;
  state_ = state::header;
  begin_work();
}

bool connection::parse_some() {
  using parsed = request_parser::progress;
  std::size_t consumed = 0;
  auto in_body = state_ == state::body;
  auto step = parser_->put(input_.data(), consumed);
  input_.consume(consumed);
  received_ += consumed;
  last_input_.take(consumed);
  if (in_body)
    arrival_.take(consumed);
  // Counted by what came, not by what was announced.
  if (in_body && step != parsed::broken && answers_.scope().wants_body()
      && !answers_.scope().charge.resize(parser_->request().body.size())) {
    refuse(make_failure(errc::overloaded,
                        "Request bodies already take all the "
                        "memory that they may use; try again later"));
    return false;
  }
  switch (step) {
    case parsed::broken:
      on_broken();
      return false;
    case parsed::header_done:
      on_header();
      return true;
    case parsed::done:
      on_request();
      return true;
    case parsed::need_more:
      break;
  }
  if (consumed > 0 && !input_.empty())
    return true;
  if (!parser_->started())
    await_request();
  else if (consumed == 0 && input_.data().size() >= input_buffer::max_capacity)
    refuse(make_failure(errc::header_too_large));
  else
    await_rest();
  return false;
}

void connection::await_request() {
  state_ = state::idle;
  end_work();
  // A connection of the reserve keeps the time of its start.
  if (!ticket_.reserve())
    fall_idle(clock::now());
}

void connection::fall_idle(clock::time_point now) {
  io_->set_timer(*this, now + shared_->options.limits.idle_timeout);
  io_->idle().add(*this, now);
}

void connection::await_rest() {
  if (ticket_.reserve())
    return;
  auto now = clock::now();
  auto due = state_ == state::body ? arrival_.await_body(now)
                                   : arrival_.await_header(now);
  if (io_->quiescing())
    due = last_input_.bounded(due, now);
  io_->set_timer(*this, due);
}

void connection::on_broken() {
  // The answer to the header section stands, even when the body is then
  // malformed.
  if (answers_.has_scope() && answers_.scope().early) {
    answers_.scope().keep_alive = false;
    on_request();
    return;
  }
  begin_broken();
  if (const auto& text = parser_->log_text(); !text.empty())
    io_->shared().log(log_level::error,
                      answers_.scope().log_name() + ": " + text);
  refuse(parser_->error());
}

void connection::begin_broken() {
  if (answers_.has_scope())
    return;
  parser_->keep_whole_fields(input_.data());
  auto& req = parser_->request();
  req.remote = remote_;
  answers_
    .begin(nullptr, io_->request_id_of(req), &req, parser_->header_complete())
    .around.enter_broken(req);
}

void connection::on_header() {
  auto& req = parser_->request();
  req.remote = io_->shared().proxies.client_of(req.headers, remote_);
  auto& scope = answers_.begin(io_->snapshot(), io_->request_id_of(req), &req);
  auto step = decide_on_head(scope, *parser_, ticket_.reserve());
  if (step == head_step::answer)
    on_request();
  else
    state_ = state::body;
  if (step == head_step::invite_body)
    send_continue();
}

void connection::on_request() {
  auto& scope = answers_.scope();
  if (scope.early) {
    auto x = std::move(*scope.early);
    scope.early.reset();
    answer(std::move(x));
  } else if (scope.entry->kind == endpoint_kind::builtin) {
    answers_.observe_builtin();
    answer(answer_builtin(static_cast<builtin>(scope.entry->endpoint_index),
                          io_->shared(), parser_->request()));
  } else {
    state_ = state::answering;
    answers_.dispatch(std::move(parser_->request()));
  }
}

// -- answering ----------------------------------------------------------------

void connection::refuse(const failure& why) {
  begin_broken();
  auto& scope = answers_.scope();
  scope.keep_alive = false;
  // The connection may live on for a while.
  free_text(parser_->request().body);
  answer(scope.refusal(why));
}

void connection::answer(reply x) {
  state_ = state::answering;
  answers_.answer(std::move(x), parser_->request().header("Accept-Encoding"));
}

void connection::await_socket() {
  socket_.async_wait(
    tcp::socket::wait_write, [self = shared_from_this()](const error_code& ec) {
      self->guarded([&] { self->answers_.go_on(static_cast<bool>(ec)); });
    });
}

void connection::await_turn() {
  asio::post(io_->context(), [self = shared_from_this()] {
    self->guarded([&] { self->answers_.go_on(false); });
  });
}

void connection::on_answered(bool keep_alive) {
  // Work until what was sent before the end is answered, too.
  if (!keep_alive || !io_->quiescing())
    end_work();
  if (state_ != state::answering)
    return;
  answers_.clear();
  if (keep_alive)
    next_request();
  else
    linger();
}

void connection::next_request() {
  if (!reading_) {
    input_.trim();
    count_input(input_.large());
  }
  state_ = state::idle;
  fall_idle(answers_.last_progress());
  // Called from `process_input` for an answer made on the spot; it goes on by
  // itself then.
  if (!processing_)
    serve(io_->turns().fresh_turn());
}

void connection::linger() {
  if (input_ended_) {
    close();
    return;
  }
  state_ = state::lingering;
  input_.consume(input_.data().size());
  error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  set_timeout(connection_times::linger);
  do_read();
}

// -- time ---------------------------------------------------------------------

void connection::on_timer() {
  auto self = shared_from_this();
  guarded([&] {
    switch (state_) {
      case state::header:
      case state::body:
        refuse(make_failure(errc::request_timeout));
        break;
      case state::answering:
        answers_.on_timer();
        break;
      default:
        close();
    }
  });
}

} // namespace troupe
