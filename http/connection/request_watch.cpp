#include "troupe/http/connection/request_watch.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace troupe {

namespace {

using std::chrono::nanoseconds;
using namespace std::string_view_literals;

constexpr int status_timeout = 408;
constexpr int status_too_many = 429;
constexpr int status_unavailable = 503;
constexpr int status_gateway_timeout = 504;
constexpr int first_server_error = 500;
constexpr int first_error = 400;

/// What is kept of a path that a client sent; a line shows less.
constexpr std::size_t kept_path = 512;

std::string_view path_of(std::string_view target) noexcept {
  return target.substr(0, std::min(target.find('?'), kept_path));
}

void append_timing(std::string& out, const char* name, nanoseconds value) {
  std::array<char, 64> text{};
  const auto ms = static_cast<double>(value.count()) / 1e6;
  const auto n =
    std::snprintf(text.data(), text.size(), "%s;dur=%.3f", name, ms);
  if (!out.ends_with(' '))
    out += ", ";
  out.append(text.data(), static_cast<std::size_t>(n));
}

} // namespace

work_end end_of(const exchange& ex) {
  work_end result;
  const auto& facts = ex.facts;
  result.times = {ex.time.created(), ex.time.started_at(), facts.predict_end(),
                  facts.ended_at().value_or(request_watch::time_point{})};
  result.model = facts.model();
  result.worker = facts.worker();
  result.code = facts.failure_code();
  result.refusal = facts.refusal();
  return result;
}

void request_watch::begin(const front_shared& shared, const request& req,
                          bool readable, time_point now) {
  shared_ = &shared;
  active_ = true;
  taken_ = false;
  work_ = {};
  began_ = now;
  method_ = readable ? to_string(req.method) : std::string_view{"-"};
  path_.assign(readable ? path_of(req.target) : std::string_view{"-"});
  client_ = req.remote;
  if (shared_->traces != nullptr)
    start_ = shared_->traces->start(req.headers);
  else
    start_.trace.context = trace_of(req.headers);
}

void request_watch::hand_over(exchange& ex) {
  taken_ = true;
  if (!start_.trace.context)
    return;
  ex.trace = start_.trace;
  ex.facts.in_detail = ex.trace.recorded();
}

std::string_view request_watch::fields(const work_end& so_far, time_point now) {
  fields_.clear();
  if (shared_->traces != nullptr) {
    fields_.append("Traceresponse: "sv);
    append_traceparent(fields_, trace());
    fields_.append("\r\n"sv);
  }
  if (shared_->options.server_timing) {
    fields_ += "Server-Timing: ";
    const auto& times = so_far.times;
    if (times.started) {
      append_timing(fields_, "queue", *times.started - times.created);
      append_timing(fields_, "run",
                    (times.ended != time_point{} ? times.ended : now)
                      - *times.started);
    }
    append_timing(fields_, "total", now - began_);
    fields_ += "\r\n";
  }
  return fields_;
}

request_outcome
request_watch::outcome_of(const answer_end& how) const noexcept {
  if (how.left || work_.code == errc::cancelled)
    return request_outcome::cancelled;
  if (work_.code == errc::deadline_exceeded
      || (!taken_
          && (how.status == status_timeout
              || how.status == status_gateway_timeout)))
    return request_outcome::expired;
  if (work_.refusal != refusal_reason::none
      || (!taken_ && how.status >= first_error
          && (how.status < first_server_error || how.status == status_too_many
              || how.status == status_unavailable)))
    return request_outcome::refused;
  return how.status >= first_server_error && !(taken_ && !has_work())
           ? request_outcome::failed
           : request_outcome::served;
}

void request_watch::log(const answer_end& how, const table_entry* entry,
                        std::string_view request_id, time_point now) const {
  access_record x;
  x.arrived = began_;
  x.total = now - began_;
  if (has_work()) {
    const auto& times = work_.times;
    x.queue = times.started.value_or(times.ended) - times.created;
    if (times.started)
      x.run = times.ended - *times.started;
  }
  x.bytes_in = how.bytes_in;
  x.bytes_out = how.bytes_out;
  x.status = how.status;
  x.outcome = outcome_of(how);
  if (work_.worker != request_facts::no_worker)
    x.worker = work_.worker;
  x.trace = trace().trace_id;
  x.request_id = request_id;
  x.method = method_;
  if (entry != nullptr)
    x.route = entry->endpoint.pattern;
  x.path = path_;
  if (work_.model != nullptr)
    x.model = work_.model->name();
  x.client = client_;
  if (work_.refusal != refusal_reason::none)
    x.reason = to_string(work_.refusal);
  shared_->access->put(lane_, x);
}

void request_watch::record(const answer_end& how, const table_entry* entry,
                           std::string_view request_id, time_point now) const {
  const auto& trace = start_.trace;
  span server;
  server.place = trace.context;
  server.parent = start_.parent;
  server.kind = span_kind::server;
  server.name = method_;
  if (entry != nullptr)
    server.name.append(" ").append(entry->endpoint.pattern);
  server.begin = began_;
  server.end = now;
  server.failed = how.status >= first_server_error;
  auto& out = server.attributes;
  out.emplace_back("http.request.method", std::string{method_});
  if (entry != nullptr)
    out.emplace_back("http.route", entry->endpoint.pattern);
  out.emplace_back("url.path", path_);
  out.emplace_back("http.response.status_code", std::int64_t{how.status});
  out.emplace_back("client.address", client_);
  out.emplace_back("troupe.request_id", std::string{request_id});
  out.emplace_back("troupe.outcome", std::string{to_string(outcome_of(how))});
  if (work_.model != nullptr)
    out.emplace_back("troupe.model", work_.model->name());
  if (work_.worker != request_facts::no_worker)
    out.emplace_back("troupe.worker", std::int64_t{work_.worker});
  std::vector<span> spans;
  spans.push_back(std::move(server));
  if (has_work()) {
    // The calls of a spec have spans of their own.
    if (entry != nullptr && entry->kind == endpoint_kind::predict)
      append_work(spans, trace.context, work_.times);
    span encode;
    encode.place = child_of(trace.context);
    encode.parent = trace.context.span_id;
    encode.name = "encode";
    encode.begin = work_.times.predicted.value_or(work_.times.ended);
    encode.end = now;
    spans.push_back(std::move(encode));
  }
  trace.sink->take(std::move(spans));
}

void request_watch::end(const answer_end& how, const table_entry* entry,
                        std::string_view request_id) {
  if (!std::exchange(active_, false))
    return;
  const auto now = deadline_clock::now();
  if (shared_->access != nullptr)
    log(how, entry, request_id, now);
  if (start_.trace.recorded())
    record(how, entry, request_id, now);
}

void begin_watch(std::unique_ptr<request_watch>& watch,
                 const front_shared& shared, std::uint32_t lane,
                 const request* seen, bool readable) {
  if (seen == nullptr || !request_watch::wanted(shared)) {
    watch.reset();
    return;
  }
  if (watch == nullptr)
    watch = std::make_unique<request_watch>(lane);
  watch->begin(shared, *seen, readable, deadline_clock::now());
}

} // namespace troupe
