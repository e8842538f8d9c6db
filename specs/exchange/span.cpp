#include "troupe/specs/exchange/span.hpp"

namespace troupe {

namespace {

span span_below(const trace_context& parent, std::string_view name,
                deadline_clock::time_point begin,
                deadline_clock::time_point end) {
  span result;
  result.place = child_of(parent);
  result.parent = parent.span_id;
  result.name = name;
  result.begin = begin;
  result.end = end;
  return result;
}

} // namespace

trace_context
record_span(const request_trace& of, std::string_view name,
            deadline_clock::time_point begin, deadline_clock::time_point end,
            std::vector<std::pair<std::string, span::attribute>> attributes,
            bool failed) {
  if (!of.recorded())
    return of.context;
  auto x = span_below(of.context, name, begin, end);
  x.attributes = std::move(attributes);
  x.failed = failed;
  auto place = x.place;
  std::vector<span> spans;
  spans.push_back(std::move(x));
  of.sink->take(std::move(spans));
  return place;
}

void append_work(std::vector<span>& out, const trace_context& parent,
                 const work_times& times) {
  out.push_back(span_below(parent, "queue", times.created,
                           times.started.value_or(times.ended)));
  if (times.started)
    out.push_back(span_below(parent, "predict", *times.started,
                             times.predicted.value_or(times.ended)));
}

} // namespace troupe
