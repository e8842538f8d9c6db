#pragma once

#include "troupe/specs/values/error.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// JSON of the wrong shape: where, what, and what was expected. Becomes 422
/// with a body that FastAPI's clients know:
/// `{"detail":[{"loc":["body","input"],"msg":"...","type":"missing"}]}`.
class validation_error : public std::runtime_error {
public:
  /// @param type a stable word for programs: `missing`, `type_error`,
  ///             `value_error`.
  validation_error(std::string type, std::string message)
    : std::runtime_error(message),
      type_(std::move(type)),
      message_(std::move(message)) {
    // nop
  }

  /// Puts a key or an index before the location; used while unwinding.
  void prepend(nlohmann::json step) {
    location_.insert(location_.begin(), std::move(step));
  }

  /// Keys and indexes from the document's root.
  [[nodiscard]] const nlohmann::json::array_t& location() const noexcept {
    return location_;
  }

  [[nodiscard]] const std::string& type() const noexcept {
    return type_;
  }

  [[nodiscard]] const std::string& message() const noexcept {
    return message_;
  }

  [[nodiscard]] const char* what() const noexcept override {
    return message_.c_str();
  }

  [[nodiscard]] failure to_failure() const;

private:
  std::string type_;
  std::string message_;
  nlohmann::json::array_t location_;
};

/// Makes the error for a member that is not there.
validation_error missing_field(std::string_view name);

} // namespace troupe
