#include "troupe/http/front/refusal_log.hpp"

#include <utility>

namespace troupe {

std::optional<std::string> refusal_log::line(clock::time_point now) {
  if ((refused_ == 0 && dropped_ == 0) || now < next_)
    return std::nullopt;
  next_ = now + interval;
  std::string result{"too many connections"};
  const auto* separator = ": ";
  if (auto n = std::exchange(refused_, 0); n > 0) {
    result.append(separator).append(std::to_string(n));
    result.append(" answered 503");
    separator = ", ";
  }
  if (auto n = std::exchange(dropped_, 0); n > 0) {
    result.append(separator).append(std::to_string(n));
    result.append(" idle ones closed for new ones");
  }
  return result;
}

std::optional<refusal_log::clock::time_point>
refusal_log::due() const noexcept {
  if (refused_ == 0 && dropped_ == 0)
    return std::nullopt;
  return next_;
}

} // namespace troupe
