#pragma once

#include "troupe/specs/values/file_source.hpp"
#include "troupe/specs/values/headers.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace troupe {

/// What an answer or one item of a stream carries: nothing, a JSON document,
/// the text of one, bytes with a content type, or a file. A value; copies share
/// the file.
class payload {
public:
  struct bytes {
    std::string data;
    std::string content_type;
  };

  /// JSON that is written already; only for those who look at nothing in it
  /// (`exchange::takes_json_text`).
  struct json_text {
    std::string text;
  };

  /// As an answer it is sent piece by piece; as an item of a stream it is read
  /// as a whole.
  struct file {
    std::shared_ptr<file_source> source;
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

  /*implicit*/ payload(json_text written) : value_(std::move(written)) {
    // nop
  }

  /*implicit*/ payload(file content) : value_(std::move(content)) {
    // nop
  }

  [[nodiscard]] bool empty() const noexcept {
    return std::holds_alternative<std::monostate>(value_);
  }

  /// Returns the document, or null for another kind.
  [[nodiscard]] const nlohmann::json* json() const noexcept {
    return std::get_if<nlohmann::json>(&value_);
  }

  [[nodiscard]] nlohmann::json* json() noexcept {
    return std::get_if<nlohmann::json>(&value_);
  }

  /// Returns whether it is JSON: a document, or the text of one.
  [[nodiscard]] bool is_json() const noexcept {
    return json() != nullptr || std::holds_alternative<json_text>(value_);
  }

  /// Returns the bytes, or null for another kind.
  [[nodiscard]] const bytes* raw() const noexcept {
    return std::get_if<bytes>(&value_);
  }

  [[nodiscard]] bytes* raw() noexcept {
    return std::get_if<bytes>(&value_);
  }

  /// Returns the file, or null for another kind.
  [[nodiscard]] const file* from_file() const noexcept {
    return std::get_if<file>(&value_);
  }

  /// Returns `application/json` for JSON, the type of bytes or a file,
  /// or "".
  [[nodiscard]] std::string_view content_type() const noexcept;

  /// Serialises a document (compact, invalid UTF-8 replaced) and empties it,
  /// moves the bytes out or reads the whole file.
  /// @throws std::runtime_error when a file cannot be read any more
  [[nodiscard]] std::string take_text() &&;

private:
  std::variant<std::monostate, nlohmann::json, json_text, bytes, file> value_;
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

/// Makes an answer of a file, which is opened now and sent in pieces while the
/// client reads: `Content-Length` is its size, and no more than one piece of
/// 64 KiB is in memory.
/// @param path never a text from a client, unless it was looked up in a list
/// @param download_name under which a browser saves it instead of showing it
///        (`Content-Disposition: attachment`, RFC 6266); "" for none
/// @throws http_error 404 when there is no such regular file
/// @throws std::runtime_error when it cannot be opened: 500, the log says why
reply file_reply(const std::filesystem::path& path,
                 std::string content_type = "application/octet-stream",
                 std::string_view download_name = {});

} // namespace troupe
