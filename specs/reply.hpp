#pragma once

#include "troupe/specs/headers.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace troupe {

/// What an answer or one item of a stream carries: nothing, a JSON document,
/// or bytes with a content type. A value.
class payload {
public:
  struct bytes {
    std::string data;
    std::string content_type;
  };

  payload() = default;

  /*implicit*/ payload(nlohmann::json document) : value_(std::move(document)) {
    // nop
  }

  payload(std::string data, std::string content_type)
    : value_(bytes{std::move(data), std::move(content_type)}) {
    // nop
  }

  [[nodiscard]] bool empty() const noexcept {
    return std::holds_alternative<std::monostate>(value_);
  }

  /// Returns the document, or null when this is none.
  [[nodiscard]] const nlohmann::json* json() const noexcept {
    return std::get_if<nlohmann::json>(&value_);
  }

  [[nodiscard]] nlohmann::json* json() noexcept {
    return std::get_if<nlohmann::json>(&value_);
  }

  /// Returns the bytes, or null when this is none.
  [[nodiscard]] const bytes* raw() const noexcept {
    return std::get_if<bytes>(&value_);
  }

  [[nodiscard]] bytes* raw() noexcept {
    return std::get_if<bytes>(&value_);
  }

  /// Returns `application/json` for a document, the bytes' own type, or "".
  [[nodiscard]] std::string_view content_type() const noexcept;

  /// Serialises a document (compact, invalid UTF-8 replaced) or moves the
  /// bytes out.
  [[nodiscard]] std::string take_text() &&;

private:
  std::variant<std::monostate, nlohmann::json, bytes> value_;
};

/// A whole answer. `Content-Length`, `Date` and `Connection` belong to the
/// front; setting them here has no effect.
struct reply {
  int status = 200;
  header_map headers = {};
  payload body = {};
};

/// Makes an answer from text.
reply text_reply(std::string text, int status = 200,
                 std::string content_type = "text/plain; charset=utf-8");

/// Makes an answer from a document.
reply json_reply(nlohmann::json document, int status = 200);

} // namespace troupe
