#include "troupe/http/wire/request_id.hpp"

#include <algorithm>

namespace troupe {

bool is_request_id(std::string_view text) noexcept {
  constexpr std::string_view refused = "\"'`\\";
  return !text.empty() && text.size() <= max_request_id
         && std::all_of(text.begin(), text.end(), [&](char c) {
              return c > 0x20 && c < 0x7F
                     && refused.find(c) == std::string_view::npos;
            });
}

} // namespace troupe
