#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::openai {

/// The names under which one model is served, its own first. A value.
class catalog {
public:
  /// @param model its name in the server; "" for none
  /// @param any whether every name is one of its
  catalog(std::string model, const std::vector<std::string>& aliases,
          bool any = false);

  /// Checks the name that a client asks for; "" takes the model's own.
  /// @returns the name that the answer gives; perhaps `asked` itself
  /// @throws http_error 404 `model_not_found`
  [[nodiscard]] const std::string& resolve(const std::string& asked) const;

  [[nodiscard]] const std::string& model() const noexcept {
    return model_;
  }

  [[nodiscard]] const std::vector<std::string>& names() const noexcept {
    return names_;
  }

private:
  std::string model_;
  std::vector<std::string> names_;
  bool any_;
};

} // namespace troupe::openai
