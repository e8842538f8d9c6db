#include "troupe/specs/input/validation_note.hpp"

#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

bool is_note(const json& x) {
  if (!x.is_object())
    return false;
  auto loc = x.find("loc");
  auto msg = x.find("msg");
  return loc != x.end() && msg != x.end() && loc->is_array()
         && msg->is_string();
}

std::string place_of(const json& location) {
  std::string result;
  // The first step is where the value was: `body`.
  for (std::size_t i = 1; i < location.size(); ++i) {
    const auto& step = location[i];
    if (step.is_string()) {
      if (!result.empty())
        result += '.';
      result += step.get_ref<const std::string&>();
    } else {
      result += '[' + step.dump() + ']';
    }
  }
  return result;
}

} // namespace

std::string validation_note::text() const {
  return place.empty() ? message : place + ": " + message;
}

std::vector<validation_note> notes_of(const json& detail) {
  std::vector<validation_note> result;
  if (!detail.is_array())
    return result;
  for (const auto& x : detail) {
    if (!is_note(x))
      return {};
    result.push_back({place_of(x["loc"]), x["msg"].get<std::string>()});
  }
  return result;
}

} // namespace troupe
