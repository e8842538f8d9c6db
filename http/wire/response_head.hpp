#pragma once

#include "troupe/specs/values/headers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// How the end of a body is marked.
enum class body_framing : std::uint8_t {
  /// `Content-Length`.
  length,
  /// `Transfer-Encoding: chunked`.
  chunked,
  /// By closing the connection; for HTTP/1.0 clients.
  close,
  /// No body at all: 1xx, 204, 304.
  none,
};

/// What the front says about an answer; the rest comes from its owner.
struct response_head {
  int status = 200;
  std::string_view content_type = {};
  body_framing framing = body_framing::length;
  std::size_t content_length = 0;
  bool keep_alive = true;
  /// Whether the client speaks HTTP/1.1; 1.0 must be told of keep-alive.
  bool http_11 = true;
  std::string_view date = {};
  std::string_view request_id = {};
  /// The field that carries it.
  std::string_view request_id_header = "X-Request-Id";
  /// Whole lines of the front's own.
  std::string_view more_fields = {};
  /// The owner's fields. Those that the front sets itself and those that
  /// would garble the message are left out.
  const header_map* headers = nullptr;
};

/// Appends status line and header section, with the empty line, to `out`.
void append_head(std::string& out, const response_head& head);

/// Returns the reason phrase of a status, or "".
std::string_view reason_phrase(int status) noexcept;

/// Formats a time as `Date` wants it (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

/// What stands before the data of a chunk (RFC 9112 section 7.1); `chunk_end`
/// comes after it. A value.
class chunk_line {
public:
  /// @param size of the data; with none a chunk would end the body
  explicit chunk_line(std::size_t size) noexcept;

  [[nodiscard]] std::string_view text() const noexcept {
    return {text_.data(), size_};
  }

private:
  std::array<char, 18> text_{};
  std::size_t size_ = 0;
};

inline constexpr std::string_view chunk_end = "\r\n";

/// Appends `data` as one chunk (RFC 9112 section 7.1); nothing for no data,
/// which would end the body.
void append_chunk(std::string& out, std::string_view data);

} // namespace troupe
