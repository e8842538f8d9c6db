#include "troupe/specs/model/context.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/model/model.hpp"

#include <stdexcept>
#include <string>

namespace troupe {

std::uint32_t context::worker() const noexcept {
  return slot_ == nullptr ? 0 : slot_->index;
}

void context::log(std::string_view key, const nlohmann::json& value) const {
  if (nested_deeper(value, max_answer_depth))
    throw std::domain_error("log: the value is nested deeper than "
                            + std::to_string(max_answer_depth) + " levels");
  if (slot_ != nullptr && slot_->values)
    slot_->values(slot_->model, key, value);
}

} // namespace troupe
