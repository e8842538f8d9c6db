#include "troupe/specs/worker/json_out.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/json_text.hpp"

#include <array>
#include <charconv>

namespace troupe::worker {

void append_string(std::string& out, std::string_view text) {
  const auto* end = text.data() + text.size();
  if (json_text::skip_plain(text.data(), end) != end) {
    dump_json_to(out, nlohmann::json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void append_number(std::string& out, std::uint64_t x) {
  std::array<char, 20> digits{};
  auto [end, ec] =
    std::to_chars(digits.data(), digits.data() + digits.size(), x);
  out.append(digits.data(), end);
}

} // namespace troupe::worker
