#include "troupe/specs/values/finite.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace troupe {

namespace {

/// Far above what an answer has, and far below what overflows the stack here
/// and in `dump`.
constexpr std::size_t max_depth = 1000;

/// @param left how much deeper it may go
// NOLINTNEXTLINE(misc-no-recursion)
bool is_finite(const nlohmann::json& x, std::string& path, std::size_t left) {
  if (x.is_number_float())
    return std::isfinite(x.get<double>());
  if (x.is_structured() && left == 0)
    throw std::domain_error("the answer is nested deeper than "
                            + std::to_string(max_depth) + " levels");
  if (x.is_array()) {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (!is_finite(x[i], path, left - 1)) {
        path.insert(0, std::to_string(i)).insert(0, 1, '/');
        return false;
      }
  } else if (x.is_object()) {
    for (auto i = x.begin(); i != x.end(); ++i)
      if (!is_finite(i.value(), path, left - 1)) {
        path.insert(0, i.key()).insert(0, 1, '/');
        return false;
      }
  }
  return true;
}

} // namespace

void expect_finite(const nlohmann::json& document) {
  std::string path;
  if (is_finite(document, path, max_depth))
    return;
  std::string text{"the answer has a number that JSON cannot write (NaN or an "
                   "infinity) at "};
  throw std::domain_error(text.append(path.empty() ? "its root" : path));
}

} // namespace troupe
