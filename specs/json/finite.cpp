#include "troupe/specs/json/finite.hpp"

#include "troupe/specs/json/json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace troupe {

namespace {

enum class fault { none, number, depth };

/// @param left how many levels may follow below this one; bounds the recursion
// NOLINTNEXTLINE(misc-no-recursion)
fault find_fault(const nlohmann::json& x, std::string& path, std::size_t left) {
  if (x.is_number_float())
    return std::isfinite(x.get<double>()) ? fault::none : fault::number;
  if (!x.is_structured())
    return fault::none;
  if (left == 0)
    return fault::depth;
  if (x.is_array()) {
    const auto& elements = x.get_ref<const nlohmann::json::array_t&>();
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (auto what = find_fault(elements[i], path, left - 1);
          what != fault::none) {
        if (what == fault::number)
          path.insert(0, std::to_string(i)).insert(0, 1, '/');
        return what;
      }
  } else {
    for (auto i = x.begin(); i != x.end(); ++i)
      if (auto what = find_fault(i.value(), path, left - 1);
          what != fault::none) {
        if (what == fault::number)
          path.insert(0, i.key()).insert(0, 1, '/');
        return what;
      }
  }
  return fault::none;
}

} // namespace

bool is_writable(const nlohmann::json& document, std::size_t depth) {
  std::string path;
  return depth <= max_answer_depth
         && find_fault(document, path, max_answer_depth - depth) == fault::none;
}

void expect_finite(const nlohmann::json& document) {
  std::string path;
  switch (find_fault(document, path, max_answer_depth)) {
    case fault::none:
      return;
    case fault::depth:
      throw std::domain_error("the answer is nested deeper than "
                              + std::to_string(max_answer_depth) + " levels");
    case fault::number:
      break;
  }
  std::string text{"the answer has a number that JSON cannot write (NaN or an "
                   "infinity) at "};
  throw std::domain_error(text.append(path.empty() ? "its root" : path));
}

} // namespace troupe
