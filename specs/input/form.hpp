#pragma once

#include "troupe/specs/values/request.hpp"
#include "troupe/specs/values/shared_bytes.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// A file of a multipart form. A value.
struct form_file {
  /// The field's name.
  std::string field = {};
  /// The name that the client gives it; never use it as a path.
  std::string name = {};
  /// `text/plain` when the client does not say (RFC 7578 section 4.4).
  std::string content_type = {};
  /// A part of a spooled body, not a copy. It lives as long as this object,
  /// even after the request is answered.
  shared_bytes bytes = {};
};

/// A form, urlencoded or multipart: fields and files in the order in which
/// they came, repeated ones kept. A value.
class form {
public:
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::vector<form_file> files = {};

  /// Returns a field's first value, or null.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;

  /// Returns a field's first value.
  /// @throws validation_error `missing`, with the field's name
  [[nodiscard]] const std::string& at(std::string_view name) const;

  /// Returns a field's first value as a number.
  /// @throws validation_error when it is missing or not a finite number
  [[nodiscard]] double number(std::string_view name) const;

  /// Returns every value of a field.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

  /// Returns the first file of a field, or null.
  [[nodiscard]] const form_file*
  find_file(std::string_view field) const noexcept;

  /// Returns the first file of a field.
  /// @throws validation_error `missing`, with the field's name
  [[nodiscard]] const form_file& file(std::string_view field) const;

  /// Returns the fields as an object for `read_value`: each a `field_text`, an
  /// array of them where a name is repeated. Files are left out.
  [[nodiscard]] nlohmann::json document() const;
};

/// A body that is not text: an image, say.
struct raw_body {
  std::string bytes = {};
  /// In lower case, without parameters; "" when the client did not say.
  std::string content_type = {};
};

/// The most fields and files of a form.
inline constexpr std::size_t max_form_parts = 1000;

/// The longest header section of a part, in bytes.
inline constexpr std::size_t max_part_head = 16UL * 1024;

/// The most that the fields of a form, without its files, hold together, in
/// bytes and with their names: they are copied into memory.
inline constexpr std::size_t max_form_text = 4UL * 1024 * 1024;

/// Parses `application/x-www-form-urlencoded` (WHATWG URL section 5.1).
/// @throws http_error 400 for more than `max_form_parts` fields, 413 for more
///         than `max_form_text`
form parse_urlencoded(std::string_view body);

/// Parses `multipart/form-data` (RFC 7578, RFC 2046 section 5.1); copies.
/// A part with `filename` or, without one, `filename*` is a file.
/// @param boundary without the two dashes
/// @throws http_error 400 that says what is wrong, 413 for fields of more than
///         `max_form_text`
form parse_multipart(std::string_view body, std::string_view boundary);

/// As above, but the files are parts of `body`.
form parse_multipart(const shared_bytes& body, std::string_view boundary);

/// Reads a request's body as a form, by its `Content-Type`.
/// @throws http_error 400 for a broken one, 415 for a body of another type
form read_form(const request& req);

/// Returns a parameter of a field value as `Content-Type` has them, unquoted:
/// `boundary` in `multipart/form-data; boundary="x"`; "" when there is none.
/// Names are compared without case (RFC 9110 section 5.6.6).
std::string header_parameter(std::string_view value, std::string_view name);

} // namespace troupe
