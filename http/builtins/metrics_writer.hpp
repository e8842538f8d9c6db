#pragma once

#include "troupe/specs/observe/histogram.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Writes the text format of Prometheus, version 0.0.4: families, each with its
/// samples.
class metrics_writer {
public:
  using label = std::pair<std::string_view, std::string_view>;
  using labels = std::initializer_list<label>;

  /// Begins a family. The name must live until the next one.
  void family(std::string_view name, std::string_view type,
              std::string_view help);

  void sample(labels of, std::uint64_t value);
  void sample(labels of, double value);

  /// One histogram of the family.
  /// @param unit what the bounds and the sum are divided by
  template <std::size_t N>
  void histogram(labels of, const std::array<std::uint64_t, N>& bounds,
                 const histogram_counts<N>& counts, double unit) {
    histogram(of, bounds, counts.buckets, counts.sum, unit);
  }

  std::string take() && {
    return std::move(text_);
  }

private:
  void histogram(labels of, std::span<const std::uint64_t> bounds,
                 std::span<const std::uint64_t> buckets, std::uint64_t sum,
                 double unit);
  void begin(std::string_view suffix, labels of, const label* more);
  void append_label(char separator, const label& x);
  void end(std::string_view value);

  std::string_view name_;
  std::string text_;
};

} // namespace troupe
