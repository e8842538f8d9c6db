#pragma once

#include "troupe/models/registry.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/input/validation.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Reads an object of the config strictly, `options` of a model or spec entry
/// or one inside it: a key that nobody asked for is an error. A view of the
/// object.
class option_reader {
public:
  /// @param where the object's place in the entry, e.g. `options.tools.0`
  /// @throws model_config_error when it is not an object
  explicit option_reader(const nlohmann::json& options,
                         std::string where = "options")
    : options_(&options), where_(std::move(where)) {
    if (!options.is_object())
      throw model_config_error(where_, wrong_type("object", options).message());
  }

  /// Reads an option; a missing one leaves `out` as it is.
  /// @throws model_config_error
  template <class T>
  option_reader& read(const char* key, T& out) {
    known_.emplace_back(key);
    try {
      read_field_if(*options_, key, out);
    } catch (const validation_error& e) {
      refuse(key, e.message());
    }
    return *this;
  }

  /// As `read`, for a number with bounds.
  /// @throws model_config_error
  template <class T>
  option_reader& read_between(const char* key, T& out, T least, T most) {
    read(key, out);
    if (options_->contains(key) && (out < least || out > most))
      refuse(key, "expected " + std::to_string(least) + " to "
                    + std::to_string(most) + ", got " + std::to_string(out));
    return *this;
  }

  /// @throws model_config_error for a key that was not read
  void done() const {
    for (const auto& [key, value] : options_->items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        refuse(key, unknown_name("option", key, known_)
                      + (known_.empty() ? "; there are none here" : ""));
  }

  /// @throws model_config_error
  [[noreturn]] void refuse(const std::string& key,
                           const std::string& why) const {
    throw model_config_error(where_ + '.' + key, why);
  }

private:
  const nlohmann::json* options_;
  std::string where_;
  std::vector<std::string> known_;
};

} // namespace troupe
