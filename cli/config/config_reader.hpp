#pragma once

#include "troupe/cli/config/config_source.hpp"
#include "troupe/cli/options/draft.hpp"
#include "troupe/cli/options/option.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Collects the errors of one config.
class config_diagnostics {
public:
  explicit config_diagnostics(const config_source& source) : source_(&source) {
    // nop
  }

  void add(diagnostic x) {
    list_.push_back(std::move(x));
  }

  /// Reports a wrong or missing value.
  void value(const std::string& pointer, std::string message);

  /// Reports a key that should not be there.
  void key(const std::string& pointer, std::string message);

  /// Returns whether something at or inside `pointer` was reported.
  [[nodiscard]] bool any_within(std::string_view pointer) const;

  /// @throws config_error when there is an error; the file's come first, in
  ///         its order.
  void throw_if_any();

private:
  const config_source* source_;
  std::vector<diagnostic> list_;
};

/// Checks a document against the option table and takes its values over.
/// Values that are wrong are reported and left out.
config_draft read_config(const config_source& source,
                         config_diagnostics& errors);

} // namespace troupe
