#include "troupe/specs/exchange/call_span.hpp"

namespace troupe {

namespace {

/// Of answers that say that the server failed.
constexpr int least_failure = 500;

void append_call(std::vector<span>& out, const exchange& call,
                 const trace_context::span_bytes& parent, std::string_view verb,
                 std::string_view step) {
  const auto& facts = call.facts;
  const work_times times{call.time.created(), call.time.started_at(),
                         facts.predict_end(),
                         facts.ended_at().value_or(call.time.created())};
  span own;
  own.place = call.trace.context;
  own.parent = parent;
  own.name = verb;
  own.begin = times.created;
  own.end = times.ended;
  own.failed = facts.failure_code() && facts.status() >= least_failure;
  if (const auto* model = facts.model()) {
    own.name.append(" ").append(model->name());
    own.attributes.emplace_back("troupe.model", model->name());
  }
  if (!step.empty())
    own.attributes.emplace_back("troupe.step", std::string{step});
  if (facts.worker() != request_facts::no_worker)
    own.attributes.emplace_back("troupe.worker", std::int64_t{facts.worker()});
  if (auto code = facts.failure_code())
    own.attributes.emplace_back("error.type", std::string{to_string(*code)});
  out.push_back(std::move(own));
  append_work(out, call.trace.context, times);
}

} // namespace

void record_call(const exchange& call, const trace_context::span_bytes& parent,
                 std::string_view verb, std::string_view step) noexcept {
  if (!call.trace.recorded())
    return;
  try {
    std::vector<span> spans;
    append_call(spans, call, parent, verb, step);
    call.trace.sink->take(std::move(spans));
  } catch (...) { // NOLINT(bugprone-empty-catch): no memory for a span
  }
}

} // namespace troupe
