#include "troupe/specs/model/context.hpp"

#include "troupe/specs/model/model.hpp"

namespace troupe {

std::uint32_t context::worker() const noexcept {
  return slot_ == nullptr ? 0 : slot_->index;
}

void context::log(std::string_view key, const nlohmann::json& value) const {
  if (slot_ != nullptr && slot_->values)
    slot_->values(slot_->model, key, value);
}

} // namespace troupe
