#include "troupe/specs/json/event_template.hpp"

#include "troupe/specs/json/json_string.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

event_template::event_template(std::string with_0, std::string_view with_1)
  : event_(std::move(with_0)) {
  auto differs =
    std::mismatch(event_.begin(), event_.end(), with_1.begin(), with_1.end());
  auto digit = static_cast<std::size_t>(differs.first - event_.begin());
  // The text has its quotes beside it.
  head_ = digit - 1;
  tail_ = event_.substr(digit + 2);
}

std::string_view event_template::with(std::string_view text) {
  event_.resize(head_);
  append_json_string(event_, text);
  event_ += tail_;
  return event_;
}

} // namespace troupe
