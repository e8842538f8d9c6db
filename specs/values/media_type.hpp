#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// A media type (RFC 9110 section 8.3.1) of an answer: `application/json`,
/// which most have and which takes no memory, or a text of its own.
class media_type {
public:
  media_type() = default;

  /*implicit*/ media_type(std::string own) : own_(std::move(own)) {
    // nop
  }

  /*implicit*/ media_type(const char* own) : own_(own) {
    // nop
  }

  static media_type json() noexcept {
    media_type result;
    result.is_json_ = true;
    return result;
  }

  /// Returns the text; "" for none.
  [[nodiscard]] std::string_view view() const noexcept {
    return is_json_ ? std::string_view{"application/json"}
                    : std::string_view{own_};
  }

  /*implicit*/ operator std::string_view() const noexcept {
    return view();
  }

  friend bool operator==(const media_type& lhs, std::string_view rhs) noexcept {
    return lhs.view() == rhs;
  }

private:
  bool is_json_ = false;
  std::string own_;
};

} // namespace troupe
