#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::load {

/// Text with places that change from request to request:
///
///   {{n}}               the number of the request, from 0
///   {{uuid}}            a random UUID (RFC 9562, version 4)
///   {{int LOW HIGH}}    a random whole number, both ends included
///   {{float LOW HIGH}}  a random number
///   {{pick A B C}}      one of the words
///
/// All other text, single braces included, stays as it is. A value; the
/// generator that `render` takes is the caller's, one for each thread.
class body_template {
public:
  body_template() = default;

  /// @throws std::invalid_argument with the place that is wrong.
  explicit body_template(std::string_view text);

  /// Text without places.
  static body_template literal(std::string_view text);

  /// Appends the text for request `number`.
  void render(std::string& out, std::uint64_t number,
              std::mt19937_64& random) const;

  /// Whether there is no place that changes.
  [[nodiscard]] bool constant() const noexcept;

private:
  enum class kind { text, number, uuid, whole, real, pick };

  struct part {
    kind what = kind::text;
    /// The text, or the words to pick from.
    std::vector<std::string> words;
    double low = 0;
    double high = 0;
  };

  static part parse_place(std::string_view place);

  std::vector<part> parts_;
};

} // namespace troupe::load
