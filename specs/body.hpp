#pragma once

#include "troupe/specs/json.hpp"
#include "troupe/specs/request.hpp"
#include "troupe/specs/validation.hpp"

#include <nlohmann/json.hpp>

#include <type_traits>

namespace troupe {

/// Reads the body into what a hook takes: JSON, or a value that `read_value`
/// knows.
/// @throws json_syntax_error, validation_error
template <class T>
T read_body(const request& req) {
  if constexpr (std::is_same_v<T, nlohmann::json>) {
    return req.json();
  } else {
    T result{};
    if (req.document != nullptr)
      read_value(*req.document, result);
    else
      read_value(parse_json(req.body), result);
    return result;
  }
}

} // namespace troupe
