#pragma once

#include "troupe/http/framing/field_guard.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/values/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe {

/// Looks at a request line and header section as they arrive, each byte once,
/// and refuses at the first byte that may not stand there or is one too many.
/// What becomes of a section depends on its bytes alone, never on the pieces in
/// which they came; the parser sees complete sections only.
class head_guard {
public:
  enum class verdict : std::uint8_t {
    more,
    /// An empty line before the request, which is to be dropped (RFC 9112
    /// section 2.2): look again without its two bytes. Once at most.
    empty_line,
    done,
    /// `why` says for what reason.
    refused,
  };

  explicit head_guard(const connection_limits& limits) noexcept
    : limits_(&limits), fields_(limits.max_header_count) {
    // nop
  }

  /// @param bytes all since the section's beginning; those that the last call
  ///        had are not looked at again
  verdict look(std::string_view bytes);

  /// Whether a byte of the request itself was seen.
  [[nodiscard]] bool started() const noexcept {
    return at_ > 0;
  }

  /// How many bytes were looked at: all of the section once it is complete.
  [[nodiscard]] std::size_t size() const noexcept {
    return at_;
  }

  /// The second number of the version, from 0 to 9, and where it stands.
  [[nodiscard]] int minor_version() const noexcept {
    return minor_;
  }
  [[nodiscard]] std::size_t minor_version_at() const noexcept {
    return method_size_ + 1 + target_size_ + 1 + minor_place;
  }

  [[nodiscard]] const failure& why() const noexcept {
    return why_;
  }

private:
  /// Of the last digit in `HTTP/1.1`.
  static constexpr std::size_t minor_place = 7;

  enum class state : std::uint8_t {
    begin,
    empty_line,
    after_empty_line,
    method,
    target,
    version,
    line_feed,
    fields,
  };

  const char* look_at_line(const char* p, const char* last);
  void look_at_version(char c);
  const char* look_at_fields(const char* p, const char* last);
  void refuse(errc code, std::string_view detail);

  const connection_limits* limits_;
  state state_ = state::begin;
  bool empty_line_seen_ = false;
  bool refused_ = false;
  std::uint8_t version_size_ = 0;
  char major_ = '1';
  int minor_ = 1;
  /// How many bytes of each have come so far.
  std::size_t method_size_ = 0;
  std::size_t target_size_ = 0;
  std::size_t at_ = 0;
  field_guard fields_;
  failure why_;
};

} // namespace troupe
