#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The most parameters that a pattern may have.
inline constexpr std::size_t max_pattern_parameters = 16;

/// How a pattern's segment matches. The order is the rank: a smaller value
/// beats a larger one.
enum class segment_kind : std::uint8_t {
  /// `text`: that text.
  literal,
  /// `{name}:text`: anything, at least one byte, before the **last** colon of
  /// the segment, and that text after it.
  suffix,
  /// `{name}`: any non-empty segment.
  parameter,
  /// `{name...}`: one or more segments, only at the end.
  rest,
};

/// One segment of a pattern.
struct pattern_segment {
  segment_kind kind = segment_kind::literal;
  /// The literal, or what follows the colon of a suffix segment. Decoded.
  std::string text = {};
  /// The parameter's name; empty for literals.
  std::string name = {};

  bool operator==(const pattern_segment&) const = default;
};

/// A parsed endpoint pattern: `/v1/models/{name}:predict`, `/files/{path...}`.
/// A value.
struct pattern {
  /// As it was written.
  std::string text = {};
  /// Normalised: escapes decoded, no trailing slash.
  std::vector<pattern_segment> segments = {};

  /// The normalised form: what decides whether two patterns are the same but
  /// for parameter names, e.g. `/v1/models/{}:predict`.
  [[nodiscard]] std::string canonical() const;

  [[nodiscard]] bool has_parameters() const noexcept;
};

/// Parses and normalises a pattern: percent-decoded once (`%2F` stands for
/// `in_segment_slash`), a trailing slash dropped, dot segments and empty
/// segments refused.
/// @throws std::invalid_argument with a message that shows the place and a
///         correct example.
pattern parse_pattern(std::string_view text);

/// Splits a path at its slashes; `/` has no segments.
/// The views point into `path`.
void split_path(std::string_view path, std::vector<std::string_view>& out);

/// How two patterns relate.
enum class pattern_relation : std::uint8_t {
  /// No path matches both.
  disjoint,
  /// The same paths: a clash.
  equal,
  /// Every segment of the first ranks at least as high: it wins, legally.
  first_shadows,
  /// The other way round.
  second_shadows,
  /// Some path matches both, and neither ranks higher: a clash.
  ambiguous,
};

/// Compares two patterns, optionally with literals compared without case.
pattern_relation relate(const pattern& lhs, const pattern& rhs,
                        bool ignore_case = false);

/// Returns some path that both patterns match, for messages.
/// @pre `relate(lhs, rhs) != pattern_relation::disjoint`
std::string common_path(const pattern& lhs, const pattern& rhs);

} // namespace troupe
