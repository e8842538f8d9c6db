#pragma once

#include "troupe/http/limits/timer_wheel.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// The parts of an answer that do not depend on the request: the date, and a
/// new id. For one thread.
class answer_stamps {
public:
  answer_stamps();

  /// The value of `Date`, at most a second old; good until the next call.
  std::string_view date(timer_wheel::time_point now);

  /// Makes an id that no other thread or process makes. Of two thousand million
  /// from one thread none is longer than 15 characters, which a `std::string`
  /// holds without an allocation.
  std::string next_id();

private:
  std::string date_;
  timer_wheel::time_point date_until_{};
  std::array<char, 8> id_prefix_{};
  std::uint64_t next_id_ = 0;
};

} // namespace troupe
