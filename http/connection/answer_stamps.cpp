#include "troupe/http/connection/answer_stamps.hpp"

#include "troupe/http/wire/response_head.hpp"

#include <random>

namespace troupe {

answer_stamps::answer_stamps() {
  std::random_device random;
  constexpr char digits[] = "0123456789abcdef";
  for (int i = 0; i < 12; ++i)
    id_prefix_ += digits[random() % 16];
  id_prefix_ += '-';
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
  return id_prefix_ + std::to_string(++next_id_);
}

} // namespace troupe
