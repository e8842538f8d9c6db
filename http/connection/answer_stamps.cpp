#include "troupe/http/connection/answer_stamps.hpp"

#include "troupe/http/wire/response_head.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <random>
#include <string_view>
#include <tuple>

namespace troupe {

namespace {

/// Of which ids are made.
constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";

constexpr int base = static_cast<int>(digits.size());

} // namespace

answer_stamps::answer_stamps() {
  std::random_device random;
  std::uniform_int_distribution<std::size_t> any{0, digits.size() - 1};
  for (auto& x : id_prefix_)
    x = digits[any(random)];
}

std::string_view answer_stamps::date(timer_wheel::time_point now) {
  if (now >= date_until_) {
    using namespace std::chrono;
    auto wall = system_clock::now().time_since_epoch();
    date_ = http_date(duration_cast<seconds>(wall).count());
    date_until_ = now + (seconds{1} - wall % seconds{1});
  }
  return date_;
}

std::string answer_stamps::next_id() {
  constexpr std::size_t most_digits = 13;
  std::array<char, std::tuple_size_v<decltype(id_prefix_)> + 1 + most_digits>
    text{};
  auto* at = std::copy(id_prefix_.begin(), id_prefix_.end(), text.begin());
  *at++ = '-';
  at = std::to_chars(at, text.data() + text.size(), ++next_id_, base).ptr;
  return {text.data(), at};
}

} // namespace troupe
