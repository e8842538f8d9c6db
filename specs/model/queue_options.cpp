#include "troupe/specs/model/queue_options.hpp"

#include "troupe/specs/values/headers.hpp"

namespace troupe {

namespace {

constexpr double least_weight = 0.001;
constexpr double most_weight = 1000;

} // namespace

std::string queue_options::validate() const {
  const auto by_header = fair_by == fair_by::header;
  if (by_header && !is_token(fair_header))
    return "fair_header: fair_by \"header\" needs the name of a field, e.g. "
           "\"X-Tenant\"";
  if (!by_header && !fair_header.empty())
    return "fair_header: has no effect unless fair_by is \"header\"";
  if (!by_header && !weights.empty())
    return "weights: are for values of a header field; set fair_by to "
           "\"header\"";
  for (const auto& [client, weight] : weights)
    if (!(weight >= least_weight && weight <= most_weight))
      return "weights." + client + ": expected a number from 0.001 to 1000";
  if (max_per_client > 0 && fair_by == fair_by::traffic)
    return "max_per_client: nothing tells the clients apart; set fair_by to "
           "\"key\", \"address\" or \"header\"";
  return {};
}

} // namespace troupe
