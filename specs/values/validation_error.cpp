#include "troupe/specs/values/validation_error.hpp"

namespace troupe {

failure validation_error::to_failure() const {
  nlohmann::json::array_t loc{"body"};
  loc.insert(loc.end(), location_.begin(), location_.end());
  nlohmann::json item{
    {"loc", std::move(loc)}, {"msg", message_}, {"type", type_}};
  failure result;
  result.code = errc::unprocessable;
  result.detail = nlohmann::json::array({std::move(item)});
  return result;
}

} // namespace troupe
