#include "troupe/http/observe/trace/tracer.hpp"

#include <cmath>
#include <utility>

namespace troupe {

namespace {

constexpr int ratio_bits = 63;

} // namespace

tracer::tracer(const telemetry_options& options,
               std::shared_ptr<span_sink> sink)
  : sampler_(options.sampler),
    below_(static_cast<std::uint64_t>(std::ldexp(options.sample, ratio_bits))),
    sink_(std::move(sink)) {
  // nop
}

bool tracer::chosen(const trace_context::trace_bytes& id) const noexcept {
  std::uint64_t x = 0;
  for (std::size_t i = id.size() - sizeof(x); i < id.size(); ++i)
    x = x << 8U | id[i];
  return x >> 1U < below_;
}

trace_start tracer::start(const header_map& headers) const {
  trace_start result;
  auto& place = result.trace.context;
  place = trace_of(headers);
  auto sampled = false;
  if (place) {
    result.parent = place.span_id;
    sampled = sampler_ == sampling::parent_or_ratio ? place.sampled()
                                                    : chosen(place.trace_id);
  } else {
    place.trace_id = new_trace_id();
    place.flags = trace_context::random_flag;
    sampled = chosen(place.trace_id);
  }
  place.span_id = new_span_id();
  place.flags =
    static_cast<std::uint8_t>((place.flags & ~trace_context::sampled_flag)
                              | (sampled ? trace_context::sampled_flag : 0));
  if (sampled)
    result.trace.sink = sink_;
  return result;
}

} // namespace troupe
