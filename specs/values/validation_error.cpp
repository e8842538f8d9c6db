#include "troupe/specs/values/validation_error.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>

namespace troupe {

failure validation_error::to_failure() const {
  nlohmann::json::array_t loc{"body"};
  // Repeats no more of a client's keys than a message may.
  auto left = max_echo_bytes;
  for (const auto& step : location_) {
    if (!step.is_string()) {
      loc.push_back(step);
      continue;
    }
    const auto& key = step.get_ref<const std::string&>();
    loc.emplace_back(clipped(key, left));
    left -= std::min(left, key.size());
  }
  nlohmann::json item{
    {"loc", std::move(loc)}, {"msg", message_}, {"type", type_}};
  failure result;
  result.code = errc::unprocessable;
  result.detail = nlohmann::json::array({std::move(item)});
  return result;
}

validation_error missing_field(std::string_view name) {
  validation_error result{"missing", "Field required"};
  result.prepend(std::string{name});
  return result;
}

} // namespace troupe
