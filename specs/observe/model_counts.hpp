#pragma once

#include "troupe/specs/observe/histogram.hpp"
#include "troupe/specs/observe/refusal_reason.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace troupe {

/// Why the work for a request was ended although it was begun or waited.
enum class cancel_reason : std::uint8_t {
  none,
  /// The client left.
  client,
  /// The deadline passed.
  deadline,
};

inline constexpr std::size_t cancel_reason_count = 3;

std::string_view to_string(cancel_reason x) noexcept;

/// How many classes of statuses histograms tell apart.
inline constexpr std::size_t status_class_count = 4;

/// Returns the class of a status, from 0 for 2xx to 3 for 5xx.
[[nodiscard]] constexpr std::size_t status_class(int status) noexcept {
  return status < 300 ? 0 : status < 400 ? 1 : status < 500 ? 2 : 3;
}

/// Returns its label, e.g. `2xx`.
std::string_view status_class_name(std::size_t x) noexcept;

/// How many tokens one request had, for language models.
struct token_counts {
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  /// The part of `in` that the model had kept from before.
  std::uint32_t cached = 0;

  friend bool operator==(const token_counts&, const token_counts&) = default;
};

/// What was counted of one model, all threads together. A value.
struct model_counts {
  using times = histogram_counts<time_bounds.size()>;
  using sizes = histogram_counts<size_bounds.size()>;

  /// By status; 0 has those beyond the most that are told apart.
  std::map<int, std::uint64_t> by_status = {};
  std::array<times, status_class_count> request{};
  std::array<times, status_class_count> predict{};
  times queue{};
  times first_item{};
  times between_items{};
  sizes batch{};
  std::array<std::uint64_t, refusal_reason_count> refused{};
  std::array<std::uint64_t, cancel_reason_count> cancelled{};
  std::uint64_t tokens_in = 0;
  std::uint64_t tokens_out = 0;
  std::uint64_t tokens_cached = 0;
  std::uint64_t restarts = 0;
  /// At the moment, in all its queues.
  std::uint64_t queued = 0;
  std::uint64_t running = 0;
};

} // namespace troupe
