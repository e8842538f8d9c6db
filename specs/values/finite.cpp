#include "troupe/specs/values/finite.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace troupe {

namespace {

// Depth is the model's own doing; clients have no say in what it answers.
// NOLINTNEXTLINE(misc-no-recursion)
bool is_finite(const nlohmann::json& x, std::string& path) {
  if (x.is_number_float())
    return std::isfinite(x.get<double>());
  if (x.is_array()) {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (!is_finite(x[i], path)) {
        path.insert(0, std::to_string(i)).insert(0, 1, '/');
        return false;
      }
  } else if (x.is_object()) {
    for (auto i = x.begin(); i != x.end(); ++i)
      if (!is_finite(i.value(), path)) {
        path.insert(0, i.key()).insert(0, 1, '/');
        return false;
      }
  }
  return true;
}

} // namespace

void expect_finite(const nlohmann::json& document) {
  std::string path;
  if (is_finite(document, path))
    return;
  std::string text{"the answer has a number that JSON cannot write (NaN or an "
                   "infinity) at "};
  throw std::domain_error(text.append(path.empty() ? "its root" : path));
}

} // namespace troupe
