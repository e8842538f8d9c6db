#pragma once

#include "troupe/specs/pipeline/pipeline.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Returns the place of a member, for messages: `steps.0.if`.
[[nodiscard]] inline std::string place_of(std::string_view where,
                                          std::string_view key) {
  std::string result{where};
  return result.append(".").append(key);
}

/// What references may name where they stand.
struct pipeline_names {
  /// Named steps before this one.
  std::vector<std::string> steps = {};
  /// Whether there is a step before this one, or an item: `$last`.
  bool has_last = false;
  /// Whether this is inside a `map`: `$item` and `$index`.
  bool in_map = false;
};

/// A reference of a pipeline in a config: `$NAME` with a JSON pointer after it,
/// e.g. `$input/image`, `$boxes/0/left`, `$item`.
///
/// Names: `request` (the client's request as it came), `input` (its body as
/// JSON), `params` and `query` (of its path and its query), `last` (what the
/// step before gave), `item` and `index` in a `map`, and steps before this one.
class pipeline_reference {
public:
  /// @throws model_config_error at `where` for a name that is not known there,
  ///         or a broken pointer
  static pipeline_reference parse(std::string_view text,
                                  const pipeline_names& known,
                                  const std::string& where);

  /// Whether a text is one: it begins with one `$`.
  static bool is_one(std::string_view text) noexcept;

  /// @throws validation_error when the request has no such value; http_error
  ///         500 when a step gave no such value
  [[nodiscard]] pipeline_value read(const pipeline_scope& x) const;

  /// The same, or null where there is no such value.
  [[nodiscard]] nlohmann::json read_or_null(const pipeline_scope& x,
                                            bool& found) const;

  /// Reads a list. @throws as `read`, and when it is something else
  [[nodiscard]] pipeline_value read_list(const pipeline_scope& x) const;

private:
  /// Throws what is wrong with a value of the request.
  [[noreturn]] void blame_request(const char* type,
                                  const std::string& message) const;
  [[nodiscard]] bool is_of_request() const noexcept {
    return name_ == "input" || name_ == "query" || name_ == "params";
  }
  [[nodiscard]] pipeline_value root(const pipeline_scope& x) const;

  std::string text_;
  std::string name_;
  std::string pointer_;
};

/// Makes a function of a template: JSON in which each string that is a
/// reference stands for its value. `$$` begins a text with one `$`. A template
/// that is one reference and nothing else hands the value on as it is, bytes
/// included; inside, bytes become text in base64.
/// @throws model_config_error
pipeline_function make_template(const nlohmann::json& text,
                                const pipeline_names& known,
                                const std::string& where);

} // namespace troupe
