#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// How many workers a model has: as many as it needs, within these.
struct worker_range {
  std::size_t min = 1;
  std::size_t max = 1;

  friend bool operator==(const worker_range&, const worker_range&) = default;
};

/// How many workers a model has. A number by itself never changes; with a
/// larger `max` there are more workers while requests wait, and fewer again
/// when they have little to do. To those that only ask, it is the least.
struct worker_count {
  worker_count(std::size_t n = 1) noexcept : min(n) {
    // nop
  }

  worker_count(std::size_t least, std::size_t most) noexcept
    : min(least), max(most) {
    // nop
  }

  operator std::size_t() const noexcept {
    return min;
  }

  [[nodiscard]] worker_range range() const noexcept {
    return {min, std::max(min, max)};
  }

  /// Takes another range; the rest stays.
  void range(worker_range x) noexcept {
    min = x.min;
    max = x.max > x.min ? x.max : 0;
  }

  std::size_t min = 1;
  /// 0 means `min`.
  std::size_t max = 0;
  /// How long requests wait without a break before workers are added. Each
  /// step doubles their number at most, and the next waits for its workers.
  std::chrono::milliseconds grow_after{200};
  /// For how long the workers are watched before some are taken away, half of
  /// them at most.
  std::chrono::milliseconds shrink_after{30'000};
  /// Those that stay would have been busy for at most this part of that time; 0
  /// takes none away.
  double utilisation = 0.7;
};

/// What follows when a model is given up.
enum class escalation : std::uint8_t {
  /// Its requests are refused; the server stays ready.
  model_not_ready,
  /// The server is not ready either, until the model is again.
  server_not_ready,
  /// As above, and `server::run` ends with 1.
  exit,
};

std::string_view to_string(escalation x) noexcept;

/// A model that was given up.
struct given_up_model {
  std::string name = {};
  /// With the text of the exception behind it.
  std::string reason = {};
  /// What follows.
  troupe::escalation escalation = troupe::escalation::model_not_ready;
};

/// What the death of a worker means for the other models of its group.
enum class group_strategy : std::uint8_t {
  one_for_one,
  /// All workers of all models of the group are started again, each after what
  /// it is doing; when one model is given up, so are the others.
  one_for_all,
};

std::string_view to_string(group_strategy x) noexcept;

/// When the workers of a model are started first.
enum class load_time : std::uint8_t {
  /// With the server.
  start,
  /// When the first request comes, which waits for them. A model that is added
  /// or replaced while serving is loaded at once, so that a broken one is
  /// refused.
  first_request,
};

std::string_view to_string(load_time x) noexcept;

/// What the end of a worker or of the model means for others, and when there
/// are workers at all.
struct supervision_options {
  /// Models that belong together name the same group; "" for none.
  std::string group = {};
  /// The same for all models of a group.
  group_strategy strategy = group_strategy::one_for_one;
  /// Unset: `exit` for a required model, `model_not_ready` for another.
  std::optional<troupe::escalation> escalate = {};
  /// A model that had no request for this long is unloaded: its workers end,
  /// and the next request, which waits for them, starts them again. Zero:
  /// never.
  std::chrono::milliseconds keep_alive{0};
  load_time load = load_time::start;

  friend bool operator==(const supervision_options&,
                         const supervision_options&) = default;
};

} // namespace troupe
