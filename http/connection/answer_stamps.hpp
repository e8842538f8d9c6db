#pragma once

#include "troupe/http/limits/timer_wheel.hpp"

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

  /// Makes an id that no other thread or process makes.
  std::string next_id();

private:
  std::string date_;
  timer_wheel::time_point date_until_{};
  std::string id_prefix_;
  std::uint64_t next_id_ = 0;
};

} // namespace troupe
