#pragma once

#include "troupe/http/framing/field_guard.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/values/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe {

/// Looks at a chunked body (RFC 9112 section 7.1) as it arrives, each byte of
/// its framing once, and refuses at the first one that may not stand there or
/// is one too many. The parser gets whole units only: the line before a chunk,
/// data, the end with its trailer section.
class chunk_guard {
public:
  explicit chunk_guard(const connection_limits& limits) noexcept
    : limits_(&limits), trailers_(limits.max_header_count) {
    // nop
  }

  /// @param bytes begin after what was passed last time
  /// @returns how many of them may pass on; then, `refused` may be true
  std::size_t pass(std::string_view bytes);

  /// Whether the body has ended.
  [[nodiscard]] bool done() const noexcept {
    return trailers_.done();
  }

  [[nodiscard]] bool refused() const noexcept {
    return refused_;
  }

  [[nodiscard]] const failure& why() const noexcept {
    return why_;
  }

private:
  enum class state : std::uint8_t {
    size,
    extension,
    line_feed,
    data,
    data_end,
    data_line_feed,
    trailers,
  };

  void look_at_size(char c);
  void end_line();
  const char* look_at_trailers(const char* p, const char* last);
  void refuse(errc code, std::string_view detail);

  const connection_limits* limits_;
  state state_ = state::size;
  bool refused_ = false;
  bool has_digits_ = false;
  std::uint64_t size_ = 0;
  /// What is still to come of the chunk's data.
  std::uint64_t left_ = 0;
  /// Of the line before a chunk, so far.
  std::size_t line_ = 0;
  /// Of all chunks: of their data, and of the lines before them.
  std::uint64_t data_ = 0;
  std::uint64_t overhead_ = 0;
  std::size_t trailer_bytes_ = 0;
  /// Looked at but not passed.
  std::size_t held_ = 0;
  field_guard trailers_;
  failure why_;
};

} // namespace troupe
