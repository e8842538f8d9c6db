#pragma once

#include "troupe/specs/input/form.hpp"
#include "troupe/specs/input/json_value.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <type_traits>

namespace troupe {

/// Returns whether a body is to be read as JSON, by its `Content-Type`:
/// `application/json`, `text/json`, `...+json`, `text/plain` or none. So is a
/// urlencoded body that begins as an object, an array or a string does, because
/// that is how `curl -d` sends JSON.
[[nodiscard]] bool is_meant_as_json(const request& req);

/// Returns whether a body is to be read as a form: multipart, or urlencoded
/// and not meant as JSON.
[[nodiscard]] bool is_meant_as_form(const request& req);

/// Returns whether a body of this `Content-Type` may be read as JSON, before it
/// is there to be looked at.
[[nodiscard]] bool may_be_json(const request& req);

/// Refuses a body that is not meant as JSON.
/// @param or_form whether the model takes forms, too; for the message
/// @throws http_error 415 that names what is accepted
void expect_json(const request& req, bool or_form = false);

/// Whether a form's fields can be the members of a `T`: a struct, a map.
template <class T>
inline constexpr bool has_fields = [] {
  if constexpr (std::is_same_v<
                  T, std::string> || std::is_same_v<T, nlohmann::json>)
    return false;
  else if constexpr (reading::is_vector<T>::value || reading::is_array<T>::value
                     || reading::is_optional<T>::value)
    return false;
  else
    return std::is_class_v<T>;
}();

/// Reads the body into what a hook takes: a `form`, a `raw_body`, JSON, or a
/// value that `read_value` knows, whose members may come as a form's fields.
/// @throws json_syntax_error, validation_error, http_error 400, 413 or 415
template <class T>
T read_body(const request& req) {
  if constexpr (std::is_same_v<T, form>) {
    return read_form(req);
  } else if constexpr (std::is_same_v<T, raw_body>) {
    return {std::string{req.bytes()}, req.content_type()};
  } else if constexpr (std::is_same_v<T, nlohmann::json>) {
    expect_json(req);
    return req.json();
  } else {
    T result{};
    if (req.document != nullptr) {
      read_value(*req.document, result);
      return result;
    }
    if constexpr (has_fields<T>) {
      if (is_meant_as_form(req)) {
        read_value(read_form(req).document(), result);
        return result;
      }
    }
    expect_json(req, has_fields<T>);
    read_json(req.bytes(), result, req.limits_of_json());
    return result;
  }
}

} // namespace troupe
