#include "troupe/specs/openai/wire/fields.hpp"

#include "troupe/specs/openai/wire/error.hpp"

#include <algorithm>
#include <utility>

namespace troupe::openai {

validation_error field_error(const char* key, std::string message) {
  validation_error result{"value_error", std::move(message)};
  result.prepend(key);
  return result;
}

void expect_range(const char* key, double x, double lowest, double highest) {
  if (x >= lowest && x <= highest)
    return;
  throw field_error(key, "expected a number from "
                           + nlohmann::json(lowest).dump() + " to "
                           + nlohmann::json(highest).dump() + ", got "
                           + nlohmann::json(x).dump());
}

void expect_one_of(const char* key, std::string_view text,
                   std::initializer_list<std::string_view> known) {
  if (std::find(known.begin(), known.end(), text) != known.end())
    return;
  std::string message{"expected "};
  std::size_t n = 0;
  for (auto x : known) {
    if (n > 0)
      message += n + 1 == known.size() ? " or " : ", ";
    message += '\'';
    message.append(x).append("'");
    ++n;
  }
  throw field_error(key, message + ", got " + quote(text));
}

} // namespace troupe::openai
