#pragma once

#include "troupe/http/observe/access/line_ring.hpp"
#include "troupe/specs/text/line_writer.hpp"
#include "troupe/specs/values/trace_context.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// How a request ended, for the access log.
enum class request_outcome : std::uint8_t {
  /// It was answered, also with an error of its own (4xx).
  served,
  /// It was turned away although it was in order: full, not ready, draining,
  /// over a limit (429, 503).
  refused,
  /// Its client left.
  cancelled,
  /// Its time was over.
  expired,
  /// The server could not answer it (5xx).
  failed,
};

[[nodiscard]] std::string_view to_string(request_outcome x) noexcept;

/// What the access log says of one request. Its texts are views.
struct access_record {
  using nanoseconds = std::chrono::nanoseconds;

  /// When its header section was complete.
  std::chrono::steady_clock::time_point arrived = {};
  /// From there to the last byte of the answer.
  nanoseconds total{0};
  /// Until a worker or a handler took it.
  std::optional<nanoseconds> queue = {};
  /// From there to the end of its work.
  std::optional<nanoseconds> run = {};
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  int status = 0;
  request_outcome outcome = request_outcome::served;
  std::optional<std::uint32_t> worker = {};
  trace_context::trace_bytes trace = {};
  std::string_view request_id = {};
  /// One of our own words; `unknown` for a method that the server does not
  /// know.
  std::string_view method = {};
  /// The pattern of the endpoint; "" where none was found.
  std::string_view route = {};
  /// As it came, without the query.
  std::string_view path = {};
  /// A word, as the names of models are.
  std::string_view model = {};
  std::string_view client = {};
  /// Why it was refused, in a word; "" where it was not.
  std::string_view reason = {};
};

/// The longest line, in bytes.
inline constexpr std::size_t longest_access_line = line_ring::longest_line;

/// Writes its line.
/// @param to has room for the longest line
/// @param stamp when it arrived
/// @returns how long it is
std::size_t write_line(char* to, const access_record& x, std::string_view stamp,
                       log_format format);

} // namespace troupe
