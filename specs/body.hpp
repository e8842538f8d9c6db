#pragma once

#include "troupe/specs/form.hpp"
#include "troupe/specs/json.hpp"
#include "troupe/specs/request.hpp"
#include "troupe/specs/validation.hpp"

#include <nlohmann/json.hpp>

#include <type_traits>

namespace troupe {

/// Refuses a body that cannot be meant as JSON, by its `Content-Type`: forms,
/// images, audio, video. Everything else is parsed, also without a type and as
/// `text/plain`; so is a urlencoded body that begins as a JSON document does,
/// because that is how `curl -d` sends it.
/// @throws http_error 415 that names what is accepted
void expect_json(const request& req);

/// Reads the body into what a hook takes: a `form`, a `raw_body`, JSON, or a
/// value that `read_value` knows.
/// @throws json_syntax_error, validation_error, http_error 400 or 415
template <class T>
T read_body(const request& req) {
  if constexpr (std::is_same_v<T, form>) {
    return read_form(req);
  } else if constexpr (std::is_same_v<T, raw_body>) {
    return {req.body, req.content_type()};
  } else if constexpr (std::is_same_v<T, nlohmann::json>) {
    expect_json(req);
    return req.json();
  } else {
    expect_json(req);
    T result{};
    if (req.document != nullptr)
      read_value(*req.document, result);
    else
      read_value(parse_json(req.body), result);
    return result;
  }
}

} // namespace troupe
