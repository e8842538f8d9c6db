#include "troupe/http/connection/responder.hpp"

#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/http/around/gzip.hpp"
#include "troupe/http/wire/field_list.hpp"
#include "troupe/http/wire/request_timeout.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
using std::chrono::milliseconds;
using clock = timer_wheel::clock;

namespace {

constexpr auto never = timer_wheel::time_point::max();

/// The status that `on_response` gets for a client that left.
constexpr int client_closed = 499;

} // namespace

// -- a request and its end ----------------------------------------------------

request_scope& responder::begin(snapshot_ptr table, std::string id,
                                const request* seen, bool readable) {
  if (scope_settings_ != io_.settings()) {
    scope_.reset();
    scope_settings_ = io_.settings();
  }
  const auto& shared = *scope_settings_;
  auto& result = scope_.emplace(shared, std::move(table), std::move(id), copy_);
  begin_watch(watch_, shared, io_.index(), seen, readable);
  if (watch_ != nullptr)
    result.trace = &watch_->trace();
  return result;
}

void responder::clear() {
  state_ = state::free;
  scope_.reset();
}

bool responder::end_of_input() {
  scope_->keep_alive = false;
  // A whole answer still goes out; the producer of more is told to stop.
  return (state_ == state::working || writer_.open())
         && io_.shared().options.on_half_close == half_close::cancel;
}

void responder::abandon() {
  // From now on the exchange's answer goes nowhere.
  state_ = state::free;
  cancel_work(errc::cancelled);
  end_watch(client_closed, true);
  writer_.drop();
  if (scope_)
    scope_->around.end(client_closed);
}

// -- to its owner -------------------------------------------------------------

time_limits responder::limits_of(const route_target& target) const {
  auto result = target.limits;
  if (may_hand_on(target))
    result.timeout = milliseconds{0};
  else if (const auto& own = scope_->entry->endpoint.timeout)
    result.timeout = *own;
  return result;
}

std::shared_ptr<http_exchange>
responder::make_exchange(const route_target& target, request req,
                         deadline_clock::time_point now) {
  auto& scope = *scope_;
  auto ex = make_sink<http_exchange>(reader_.share());
  ex->request = std::move(req);
  ex->request.max_json_memory =
    io_.shared().options.limits.max_json_memory_bytes;
  // Little text makes few values.
  constexpr std::size_t much = 16UL * 1024;
  if (ex->request.bytes().size() >= much)
    ex->request.json_memory =
      std::make_shared<json_charge>(io_.shared().bodies);
  ex->charge = std::move(scope.charge);
  ex->request_id = scope.request_id;
  ex->time.begin(now, limits_of(target));
  ex->facts.arrived = now;
  ex->facts.is_request = true;
  ex->facts.otherwise = target.series_or(io_.shared().board->unowned);
  ex->render_error = scope.entry->render_error;
  ex->endpoint_index = scope.entry->endpoint_index;
  ex->shard = io_.index();
  ex->chunked = scope.http_11;
  const auto& headers = ex->request.headers;
  std::string room;
  auto accept = joined(headers, "Accept", room);
  if (wants_events(accept)) {
    ex->format = stream_format::events;
    ex->only_events = !accepts_json(accept);
  }
  ex->takes_gzip = accepts_gzip(joined(headers, "Accept-Encoding", room));
  ex->watched = watch_ != nullptr;
  if (ex->watched)
    watch_->hand_over(*ex);
  return ex;
}

void responder::dispatch(request req) {
  state_ = state::working;
  auto& scope = *scope_;
  const auto& target = scope.snapshot->target(*scope.entry);
  scope.heartbeat = target.heartbeat;
  auto now = deadline_clock::now();
  auto ex = make_exchange(target, std::move(req), now);
  scope.exchange = ex;
  scope.around.begin(ex->request);
  if (auto text = ex->request.headers.find("X-Request-Timeout")) {
    auto asked = parse_request_timeout(*text);
    if (!asked) {
      ex->fail(make_failure(errc::bad_request,
                            "X-Request-Timeout: expected seconds as a "
                            "decimal number above 0, e.g. 2.5"));
      return;
    }
    ex->time.lower_deadline(now + *asked);
  }
  if (scope.entry->bound != nullptr) {
    scope.ticket = admission_ticket{scope.entry->bound};
    if (!scope.ticket) {
      ex->facts.refused(refusal_reason::concurrency);
      ex->fail(make_failure(errc::overloaded,
                            "The endpoint has as many requests in work as it "
                            "may"));
      return;
    }
  }
  if (may_hand_on(target))
    ex->time.bound_until_handed_on(target.limits.timeout);
  hand_over(target, std::move(ex));
  if (state_ == state::working)
    watch(now);
}

/// The answer may be out on return, and the next request in work.
void responder::hand_over(const route_target& target,
                          std::shared_ptr<http_exchange> ex) {
  io_.submit({std::move(ex), scope_->snapshot, &target});
}

void responder::hand_on(const exchange_identity& from, handover to) {
  auto ex = from.lock();
  if (!works_on(from) || ex == nullptr || ex->cancelled()) {
    // Too late: the model need not begin.
    if (to.sweep)
      to.sweep();
    return;
  }
  scope_->heartbeat = to.heartbeat;
  scope_->sweep = std::move(to.sweep);
  watch(clock::now());
}

void responder::cancel_work(errc why) {
  if (!scope_)
    return;
  auto ex = scope_->exchange.lock();
  if (ex == nullptr || ex->ended())
    return;
  // The answer may go out at once, and the next request take their place.
  auto snapshot = scope_->snapshot;
  const auto* matched = scope_->entry;
  auto sweep = std::exchange(scope_->sweep, nullptr);
  ex->abandon(make_failure(why));
  if (sweep)
    sweep();
  if (snapshot == nullptr || matched == nullptr)
    return;
  troupe::sweep(snapshot->target(*matched), io_.index(), &io_.unit());
  io_.unit().run_ready();
}

// -- answers ------------------------------------------------------------------

void responder::answer(reply x, std::string_view accept) {
  state_ = state::working;
  auto& board = *io_.shared().board;
  board.traffic.count_finished();
  board.unowned.answered(x.status, scope_->refusal_in(x.status));
  auto wire = to_wire(std::move(x));
  const auto& options = io_.shared().options.gzip;
  if (wire.body.size() >= options.min_bytes)
    compress(wire, options, accepts_gzip(accept));
  send_whole(std::move(wire), clock::now());
}

response_frame responder::frame(bool streamed, time_point now) {
  auto& scope = *scope_;
  // The end of a stream to an old client is that of the connection.
  scope.keep_alive = scope.keep_alive && !reader_.at_end()
                     && (!streamed || scope.http_11)
                     && (!io_.draining() || reader_.owes_answers());
  response_frame result{
    scope.keep_alive, scope.http_11,    scope.head_only,
    io_.date(now),    scope.request_id, io_.shared().options.request_id_header};
  if (watch_ != nullptr)
    result.more_fields = watch_->fields(now);
  return result;
}

void responder::send_whole(wire_reply&& answer, time_point now) {
  scope_->around.leave(answer, false, now);
  writer_.begin(frame(false, now), std::move(answer), now);
  state_ = state::writing;
  pump();
}

void responder::deliver(const exchange_identity& from, wire_reply&& answer,
                        time_point now) {
  if (works_on(from))
    send_whole(std::move(answer), now);
}

void responder::begin_stream(const std::shared_ptr<stream_pipe>& pipe) {
  auto now = clock::now();
  wire_reply head;
  head.content_type = pipe->content_type();
  // A proxy must not hold the items back; the second is for nginx.
  head.headers.add("Cache-Control", "no-cache");
  head.headers.add("X-Accel-Buffering", "no");
  scope_->around.leave(head, true, now);
  if (watch_ != nullptr)
    if (auto ex = scope_->exchange.lock())
      watch_->work_ended(end_of(*ex));
  writer_.begin_stream(frame(true, now), head, pipe, scope_->heartbeat, now);
  state_ = state::writing;
}

void responder::flush(const exchange_identity& from,
                      const std::shared_ptr<stream_pipe>& pipe) {
  if (works_on(from)) {
    begin_stream(pipe);
  } else if (state_ != state::writing || !writer_.sends(pipe)) {
    pipe->close();
    return;
  }
  pump();
}

void responder::end_stream(const exchange_identity& from,
                           const std::shared_ptr<stream_pipe>& pipe,
                           stream_end end) {
  if (works_on(from) && end.instead) {
    pipe->close();
    send_whole(std::move(*end.instead), clock::now());
    return;
  }
  if (state_ != state::writing || !writer_.sends(pipe))
    return;
  auto now = clock::now();
  const auto hurried = end.hurried;
  writer_.end_stream(std::move(end), now);
  // The writer may wait for its socket already.
  if (hurried)
    watch(now);
  pump();
}

// -- sending ------------------------------------------------------------------

void responder::pump() {
  if (writer_.waits())
    return;
  using sent = response_writer::progress;
  switch (writer_.send()) {
    case sent::complete:
      on_complete();
      break;
    case sent::cut:
      if (const auto& instead = writer_.end()->instead) {
        end_watch(instead->status);
        scope_->around.end(instead->status);
      }
      reader_.close();
      break;
    case sent::starved:
      watch(writer_.last_progress());
      break;
    case sent::blocked:
      watch(writer_.last_progress());
      reader_.await_socket();
      break;
    case sent::turn_over:
      reader_.await_turn();
      break;
    case sent::broken:
      on_broken();
      break;
  }
}

void responder::go_on(bool failed) {
  if (state_ != state::writing)
    return;
  auto now = clock::now();
  if (writer_.stalled())
    if (auto ex = scope_->exchange.lock())
      ex->touch(now);
  writer_.resume(now);
  if (failed)
    reader_.close();
  else
    pump();
}

void responder::on_complete() {
  auto status = writer_.status();
  auto keep_alive = scope_->keep_alive;
  if (const auto& end = writer_.end()) {
    keep_alive = keep_alive && !end->closes;
    // The status that was sent, not the one that was planned.
    if (end->instead)
      status = end->instead->status;
  }
  end_watch(status);
  writer_.drop();
  scope_->around.end(status);
  if (state_ == state::writing)
    reader_.on_answered(keep_alive);
}

void responder::on_broken() {
  if (const auto& text = writer_.error(); !text.empty()) {
    io_.shared().log(log_level::error, scope_->log_name() + ": " + text);
    constexpr int failed = 500;
    end_watch(failed);
    scope_->around.end(failed);
  }
  reader_.close();
}

// -- time ---------------------------------------------------------------------

responder::time_point responder::early_begin() const noexcept {
  if (state_ != state::working || scope_->heartbeat.count() <= 0
      || scope_->head_only)
    return never;
  auto ex = scope_->exchange.lock();
  if (ex == nullptr || ex->ended() || !ex->only_events)
    return never;
  return ex->time.created() + scope_->heartbeat;
}

void responder::watch(timer_wheel::time_point now) {
  auto at = std::min(writer_.due(), early_begin());
  if (auto ex = scope_->exchange.lock(); ex != nullptr && !ex->ended())
    at = std::min(at, ex->time.next_look(now));
  reader_.wake_at(at);
}

void responder::on_timer() {
  auto now = clock::now();
  if (writer_.gave_up(now)) {
    reader_.close();
    return;
  }
  // Its end may already be on its way.
  auto ex = scope_->exchange.lock();
  // The model is not idle while it waits for the reader.
  if (ex != nullptr && writer_.stalled())
    ex->touch(now);
  if (ex != nullptr && !ex->ended() && ex->expired(now)) {
    exchange_identity expired = ex;
    ex = nullptr;
    cancel_work(errc::deadline_exceeded);
    // The in-band record still waits for a slow reader.
    if (state_ == state::writing && scope_->is(expired))
      watch(now);
    return;
  }
  if (ex != nullptr && early_begin() <= now) {
    if (auto pipe = ex->begin_events()) {
      begin_stream(pipe);
      writer_.add_heartbeat();
      pump();
      return;
    }
  }
  if (writer_.heartbeat_due(now)) {
    writer_.add_heartbeat();
    pump();
  } else {
    watch(now);
  }
}

} // namespace troupe
