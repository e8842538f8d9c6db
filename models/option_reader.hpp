#pragma once

#include "troupe/models/registry.hpp"
#include "troupe/specs/validation.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace troupe {

/// Reads the `options` of a model entry strictly: a key that nobody asked for
/// is an error. A view of the options.
class option_reader {
public:
  /// @throws model_config_error when the options are no object
  explicit option_reader(const nlohmann::json& options) : options_(&options) {
    if (!options.is_object())
      throw model_config_error("options", "expected object, got "
                                            + std::string{type_name(options)});
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

  /// As `read`, for an integer with bounds.
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
        refuse(key, unknown(key));
  }

  /// @throws model_config_error
  [[noreturn]] static void refuse(const std::string& key,
                                  const std::string& why) {
    throw model_config_error("options." + key, why);
  }

private:
  [[nodiscard]] std::string unknown(const std::string& key) const {
    auto text = "unknown option \"" + key + "\"";
    if (known_.empty())
      return text + "; this model has none";
    text += "; known are";
    for (const auto& name : known_)
      text += " \"" + name + '"';
    return text;
  }

  const nlohmann::json* options_;
  std::vector<std::string> known_;
};

} // namespace troupe
